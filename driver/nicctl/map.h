/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVER_NICCTL_MAP_H
#define DRIVER_NICCTL_MAP_H

#include "nicctl.h"

struct map {
	const json_t *info;           /* in all */
	json_t *all;
	const char *name;
	uint32_t id, type, key_size, value_size, cpus, key_type, value_type;
	size_t one, value_bytes;      /* of one CPU, padded; of all */
};

/* By name or number; all is the caller's to release. */
int map_find(struct ctl *c, const char *name, struct map *m);
/* The value of a key's digits: value_bytes of it. */
int map_read(struct ctl *c, const struct map *m, const char *key, uint8_t *value);
/* Sets the value of a key as text says; of a queue, which takes no keys, it is put in. */
int map_change(struct ctl *c, const struct map *m, const char *key, const char *text, unsigned int flags);

#endif
