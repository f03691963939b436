/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVER_HOST_HOST_IMPL_H
#define DRIVER_HOST_HOST_IMPL_H

#include <pthread.h>

#include "host.h"
#include "hw/spec/image.h"
#include "hw/spec/regs.h"

struct func;                          /* jit-nfp/ir.h */

/* What the code knows of the packet it runs for; offsets are built into the code. */
struct host_frame {
	uint8_t *buffer;              /* of the packet: an offset of a packet pointer counts from here */
	uint8_t *memory;              /* map memory: a map pointer's address counts from here */
	struct host_prog *prog;
	uint64_t time;
	uint32_t ifindex, queue, cpu, target, random;
	uint32_t len;                 /* at first */
	uint32_t head, meta;          /* with len, set at the end: where packet and metadata begin in the buffer */
};

typedef uint32_t host_code(struct host_frame *frame);

/* A hash map's allocator, as the NIC's. */
struct host_hash {
	pthread_mutex_t lock;
	uint32_t free, next, spare;
	uint32_t hand;                /* LRU: the entry at which the search for one to drop goes on */
	pthread_rwlock_t walk;        /* LPM: read by programs; and the state that a NIC has of it */
	uint32_t trie[3];
	uint8_t *used;                /* LRU, by entry: looked up since the hand came by; else NULL */
};

struct host_prog {
	host_code *code;
	void *jit;                    /* LLVM's */
	char *text;                   /* likewise */
	uint8_t *memory;
	size_t memory_size;
	uint32_t n_maps;
	struct image_map *maps;
	char **names;
	struct host_hash *hash;       /* by map */
	uint32_t random;
};

/* jit.c: native code of the function. 0, or -1 with why. */
int host_translate(struct host_prog *p, struct func *f, char why[HOST_WHY]);
void host_jit_free(struct host_prog *p);

/* maps.c */
int host_maps_open(struct host_prog *p, const struct prog *prog, const struct image_map *maps, uint32_t words, char why[HOST_WHY]);
void host_maps_close(struct host_prog *p);
/* What the code calls; key and value are native pointers, results the machine's: a map pointer or 0, or 0 or -errno. */
uint64_t host_call_look(struct host_prog *p, uint32_t map, const void *key);
uint64_t host_call_update(struct host_prog *p, uint32_t map, const void *key, const void *value, uint64_t flags);
uint64_t host_call_delete(struct host_prog *p, uint32_t map, const void *key);

/* lpm.c: host_map_* and, for programs, where the value of the longest prefix is; 0: there is none */
void host_lpm_open(struct host_prog *p, uint32_t map);
void host_lpm_close(struct host_prog *p, uint32_t map);
uint32_t host_lpm_find(struct host_prog *p, uint32_t map, const void *key);
int host_lpm_lookup(struct host_prog *p, uint32_t map, const void *key, void *value);
int host_lpm_update(struct host_prog *p, uint32_t map, const void *key, const void *value, uint64_t flags);
int host_lpm_delete(struct host_prog *p, uint32_t map, const void *key);
int host_lpm_next(struct host_prog *p, uint32_t map, const void *key, void *next);

#endif
