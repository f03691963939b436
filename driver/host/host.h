/* SPDX-License-Identifier: Apache-2.0
 *
 * XDP programs on the host: the program that nicjit's front end verified and optimised, as native code by LLVM, with maps in the host's
 * memory laid out as the NIC's. For what a NIC can't take.
 *
 * A program may run on several threads at once, each with its own CPU number. Map functions may be called meanwhile.
 */
#ifndef DRIVER_HOST_HOST_H
#define DRIVER_HOST_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "jit-nfp/nicjit.h"

struct host_prog;

/* A packet in a buffer with at least HOST_HEADROOM bytes before it and room for HOST_LEN_MAX bytes from its start on, or for its own and
 * HOST_TAILROOM. */
enum { HOST_HEADROOM = 256, HOST_TAILROOM = 64, HOST_LEN_MAX = 1792 };

struct host_packet {
	uint8_t *data;                /* first byte; this and the next two are set anew if the program moves them */
	uint32_t len;
	uint32_t meta_len;            /* bytes of metadata in front of it, 0 before */
	uint32_t ifindex, queue;
	uint32_t cpu;                 /* below the number given to host_compile() */
	uint32_t target;              /* set by a redirect: where it leads, see below; 0, none, before */
	uint64_t time;                /* ns, what the clocks show */
};

/* An interface index; a queue, or what a CPUMAP has; all wires in a set, bit by bit, perhaps but the one that the packet came by. */
#define HOST_TO_QUEUE 0x80000000u
#define HOST_TO_SET   0xc0000000u
#define HOST_BUT_OWN  0x20000000u
enum { HOST_IFINDEX = 1 };            /* of wire 0; the others follow */

enum { HOST_WHY = 2048, HOST_MAPS = 254 };

/* Compiles what a loader filled in (jit-nfp/nicjit.h) for that many CPUs and wires. NULL with a sentence in why. */
struct host_prog *host_compile(const struct prog *prog, uint32_t cpus, uint32_t wires, char why[HOST_WHY]);
void host_free(struct host_prog *p);

/* The keys of its SYN cookies (hw/spec/image.h), where it makes some, instead of random ones. */
void host_cookie_keys(struct host_prog *p, const uint8_t *keys);

/* May it change packets? */
int host_rewrites(const struct host_prog *p);

/* What LLVM made of it, as text of LLVM. */
const char *host_text(const struct host_prog *p);

/* Runs it over packets, one after the other, and puts their verdicts. */
static inline void host_burst(const struct host_prog *p, struct host_packet *packets, uint32_t *verdicts, uint32_t n);
/* Over one, and gives the verdict. */
static inline uint32_t host_run(const struct host_prog *p, struct host_packet *packet);

/* The program's maps as bpf(2) has them; 0 or a negative errno value. */
struct host_map_info {
	const char *name;
	uint32_t type, key_size, value_size, max_entries;
	uint32_t constant;            /* its contents are part of the program */
	uint32_t cpus;                /* per-CPU forms: values in one, each padded to 8 bytes; else 1 */
};
uint32_t host_maps(const struct host_prog *p);
struct host_map_info host_map_info(const struct host_prog *p, uint32_t map);
int host_map_lookup(struct host_prog *p, uint32_t map, const void *key, void *value);
int host_map_update(struct host_prog *p, uint32_t map, const void *key, const void *value, uint64_t flags);
int host_map_delete(struct host_prog *p, uint32_t map, const void *key);
/* Of a queue or stack, which takes no keys, an update pushes, a lookup peeks, and this removes. */
int host_map_pop(struct host_prog *p, uint32_t map, void *value);
/* The key after key, in any order; the first one when key is NULL or gone. */
int host_map_next(struct host_prog *p, uint32_t map, const void *key, void *next);

/* The map as the drivers' code for a NIC's maps sees it (driver/common/): slots, records, routes. One caller at a time. */
struct nic_map;
struct image;
void host_nic_map(struct host_prog *p, uint32_t map, struct nic_map *m);
const struct image *host_image(const struct host_prog *p);
const struct nic_regs *host_regs(const struct host_prog *p);

/* ---- inside ---- */

typedef void host_code(struct host_packet *packets, uint32_t *verdicts, uint32_t n);

struct host_head {                    /* what a struct host_prog begins with */
	host_code *code;
};

static inline void host_burst(const struct host_prog *p, struct host_packet *packets, uint32_t *verdicts, uint32_t n)
{
	((const struct host_head *)p)->code(packets, verdicts, n);
}

static inline uint32_t host_run(const struct host_prog *p, struct host_packet *packet)
{
	uint32_t verdict;

	host_burst(p, packet, &verdict, 1);
	return verdict;
}

#endif
