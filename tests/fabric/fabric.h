/* SPDX-License-Identifier: Apache-2.0
 *
 * The whole NIC under random traffic, with a reference for each program of what must become of a packet.
 */
#ifndef TESTS_FABRIC_FABRIC_H
#define TESTS_FABRIC_FABRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "driver/common/nic_load.h"
#include "hw/spec/isa.h"
#include "hw/spec/regs.h"
#include "sim/device.h"

enum { LANES = 3, BUNDLES_MAX = 18, COUNTERS = 8, COUNTERS_AT = 64, HASH_ENTRIES = 16, HASH_AT = 256, PLANE = 512 /* as program percpu has it */, MAPS = 2, WATCHDOG = 200 };
enum { AT_KEY = 6, AT_TARGET = 8, AT_MARK = 12 }; /* places in a packet that programs look at: in the source address, behind it */

/* A packet as it is sent, and what the generator knows of it. */
struct packet {
	uint8_t bytes[2048];
	uint32_t len;
	unsigned int port;
	bool bad;
	uint32_t hash;
	uint8_t flags;
};

/* What a program makes of a packet. */
struct fate {
	uint32_t ret, target;
	uint8_t cause;
	uint8_t bytes[DEVICE_FRAME_MAX]; /* as it leaves */
	uint32_t len;                    /* as it leaves; at first as it came */
	uint32_t meta_len;               /* bytes of metadata that the host gets */
	uint8_t meta[8];                 /* the last ones, when there are any */
};

struct program {
	const char *name;
	const char *text[BUNDLES_MAX][LANES]; /* NULL: nop */
	unsigned int len_min; /* shorter packets are not for it */
	void (*fate)(struct fate *f, const struct packet *p);
};

extern const struct program programs[];
extern const unsigned int programs_count;
extern const struct program *const program_hash; /* the one that keeps a count per key in the hash map */
/* Two that mark packets, for replacing one by the other. */
extern const struct program mark_a, mark_b;

/* The program as an image that nic_load() takes; maps must have room for MAPS, text for BUNDLES_MAX * LANES words. */
void program_image(const struct program *p, struct image *image, struct image_header *header, struct image_map *maps, uint64_t *text);

/* Pseudo-random numbers. */
struct rnd {
	uint64_t state;
};
uint64_t rnd_next(struct rnd *r);
unsigned int rnd_below(struct rnd *r, unsigned int n);
bool rnd_percent(struct rnd *r, unsigned int p);

/* A packet of at least that length; key is the NIC's hash key. */
void packet_make(struct rnd *r, struct packet *p, unsigned int len_min, const uint32_t key[10]);

#endif
