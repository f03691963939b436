/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVER_DPDK_XDP_IMPL_H
#define DRIVER_DPDK_XDP_IMPL_H

#include <pthread.h>

#include "driver/common/image.h"
#include "pmd.h"

struct nicjit_btf;

/* A program, and all that is known of it: either an image in the NIC, or native code. */
struct program {
	char *path, *name, *section;
	int64_t loaded;               /* s since the epoch */
	struct nicjit_btf *btf;       /* types of its maps' keys and values; NULL: the object does not say */
	struct host_prog *host;       /* NULL: it is in the NIC */
	void *memory;              /* the compiler's; the image lies in it */
	struct image image;
	struct nic_place place;
};

struct nicjit_xdp {
	pthread_mutex_t lock;
	struct program *program;      /* NULL: none */
	char why[NICJIT_WHY];         /* why nothing runs, or not in the NIC; empty: it does */
	char *routes;                 /* file with the host's routing (sim/io/fib_json.h), or NULL: the wires alone */
	char *trace;                  /* what it told and nobody has read yet */
	size_t trace_size;
};

/* xdp_maps.c: map number index of the program, which may be NULL; the lock is held */
int nicjit_program_map(const struct program *p, unsigned int index, struct nicjit_map *m);

/* btf.c: the object's BTF. NULL: it has none. */
struct nicjit_btf *nicjit_btf_read(const char *path);
void nicjit_btf_free(struct nicjit_btf *btf);
/* Sets the ids of key and value type, by the map's name; 0: not known. btf may be NULL. */
void nicjit_btf_types(const struct nicjit_btf *btf, struct nicjit_map *m);
/* Its bytes. */
const void *nicjit_btf_bytes(const struct nicjit_btf *btf, size_t *size);

#endif
