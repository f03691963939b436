/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVER_HOST_HOST_IMPL_H
#define DRIVER_HOST_HOST_IMPL_H

#include <pthread.h>

#include "driver/common/nic_maps.h"
#include "host.h"
#include "hw/spec/regs.h"

struct compile;                       /* jit-nfp/compile.h */

/* The allocator of a hash map or trie, as the NIC's (MAPSTATE). */
enum { STATE_FREE, STATE_NEXT, STATE_SPARE, STATES };
struct host_hash {
	pthread_mutex_t lock;
	uint32_t state[STATES];
	uint32_t hand;                /* LRU: the entry at which the search for one to drop goes on */
	pthread_rwlock_t walk;        /* LPM: read by programs */
	uint8_t *used;                /* LRU, by entry: looked up since the hand came by; else NULL */
};

struct host_shim {                     /* the registers of driver/common's code; see regs.c */
	struct host_prog *prog;
	uint32_t part;
	uint64_t result;
	uint32_t operand[REG_MAPBUF_COUNT * REG_MAPBUF_STRIDE / 4];
	uint32_t other;               /* stands for all registers that don't matter here */
};

struct host_prog {
	struct host_head head;
	pthread_mutex_t control;      /* over shim, for host_map_*() */
	struct host_shim shim;
	struct nic_regs regs;
	struct image image;           /* maps and programs, as far as driver/common looks at them */
	struct image_header header;
	struct image_program *programs;
	void **entry;                 /* native code by program, for tail calls */
	void *jit;                    /* LLVM's */
	char *text;                   /* likewise */
	uint8_t *memory;
	size_t memory_size;
	uint32_t n_maps;
	struct image_map *maps;
	char *names;
	struct host_hash *hash;       /* by map */
	uint32_t random;
	uint32_t wires;
	int rewrites;                 /* it may change packets */
};

/* jit.c: native code of n programs, the first of which packets come to. 0, or -1 with why. */
int host_translate(struct host_prog *p, const struct compile *programs, uint32_t n, char why[HOST_WHY]);
void host_jit_free(struct host_prog *p);

enum { HOST_PROGRAMS = 1 };           /* the word of a PROG_ARRAY is the program's number and this */

/* regs.c: the registers that show the map memory of the program. */
void host_shim_open(struct host_prog *p, struct host_shim *shim, struct nic_regs *regs);

/* maps.c */
int host_maps_open(struct host_prog *p, const struct prog *prog, const struct image_map *maps, uint32_t words, char why[HOST_WHY]);
void host_maps_close(struct host_prog *p);
/* What the code calls; key and value are native pointers, results the machine's: a map pointer or 0, or 0 or -errno. cpu: whose value an update is. */
uint64_t host_call_look(struct host_prog *p, uint32_t map, const void *key);
uint64_t host_call_update(struct host_prog *p, uint32_t map, const void *key, const void *value, uint64_t flags, uint64_t cpu);
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
