/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Keys of LPM tries that the NIC keeps as a hash table of prefixes (hw/spec/image.h, PREFIXES). Freestanding.
 */
#ifndef DRIVER_COMMON_NIC_PREFIX_H
#define DRIVER_COMMON_NIC_PREFIX_H

#include "nic_maps.h"

/* The prefix length in a key, and the most that keys of the map can have. */
uint32_t nic_prefix_length(const void *key);
uint32_t nic_prefix_longest(const struct image_map *m);
/* The key with so many bits of its data, and zeroes behind them. */
void nic_prefix_cut(const struct image_map *m, const void *key, uint32_t length, void *cut);
/* Where the word lies that has the bit of this length: among those that programs have put in, or those that the host has. */
uint32_t nic_prefix_word(const struct image_map *m, uint32_t length, int of_host);
/* Inside nic_maps; results as of nic_maps_*(). */
int nic_prefix_lookup(const struct nic_map *map, const void *key, void *value);
int nic_prefix_update(const struct nic_map *map, const void *key, const void *value, uint64_t flags);
int nic_prefix_delete(const struct nic_map *map, const void *key);
int nic_prefix_next(const struct nic_map *map, const void *key, void *next_key);

#endif
