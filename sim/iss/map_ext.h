/* SPDX-License-Identifier: Apache-2.0
 *
 * The unit for map memory outside the chip, to the clock of hw/spec/ext.md, pin by pin.
 */
#ifndef SIM_ISS_MAP_EXT_H
#define SIM_ISS_MAP_EXT_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/spec/regs.h"
#include "sim/bus/host_bus.h"

enum { EXT_TILES = 16, EXT_REQUESTERS = EXT_TILES + 3, EXT_PLACES = 128, EXT_ANSWERS = 8 };
#define EXT_BIT (1u << 28)            /* of word addresses: map memory outside the chip */

struct ext_request {
	uint32_t word;
	uint8_t op;           /* of an atomic */
	bool atomic, w32, whole; /* whole: 0 for its line */
	uint8_t mask;         /* of a store: bytes of the word */
	uint64_t b, c;
	/* what the answer needs */
	bool respond, second, swap, sign; /* second: the lower word's is the tile's last one */
	uint8_t off, width, thread;  /* width: bytes */
};

struct ext_read {
	struct ext_request r;
	uint8_t source;
	bool none;            /* no such line */
};

struct ext_row {
	uint8_t at, mask;
	bool whole;
	uint64_t word;
};

struct ext_answer {
	uint8_t tile, thread;
	bool fault;
	uint64_t value;
};

struct ext_in {
	bool stop;            /* data path reset */
	bool pop;             /* the first answer is taken */
	const struct ext_request *head[EXT_REQUESTERS]; /* tiles, lookup units, engine and host; NULL: none */
};

struct ext_out {
	int granted;          /* requester, or -1 */
	bool port_done, port_error;
	uint8_t port_thread;  /* of the request: who asked */
	uint64_t port_word;
	bool look_done, look_error; /* of a lookup unit: its half line */
	unsigned int look_unit;
	struct ext_request look;
	uint64_t half[4];
	bool read_error, write_error;
};

struct map_ext {
	unsigned int cores, units, mib;
	uint32_t after;       /* requesters behind the last winner */
	bool changing[EXT_PLACES];
	bool taken;           /* the request granted in the cycle before */
	struct ext_read take;
	struct ext_read ring[NIC_EXT_READS];
	unsigned int ring_head, ring_count, drop;
	uint32_t ar[NIC_EXT_FIFO], aw[NIC_EXT_FIFO];
	struct ext_row w[NIC_EXT_FIFO];
	unsigned int ar_head, ar_count, aw_head, aw_count, w_head, w_count;
	uint8_t tag[NIC_EXT_WRITES];
	unsigned int tag_head, tag_count;
	bool back, back_error, back_drop; /* a line has come */
	struct ext_read back_read;
	uint64_t half[4];
	uint64_t before[EXT_TILES];
	bool before_error[EXT_TILES];
	struct ext_answer answer[EXT_ANSWERS];
	unsigned int answer_head, answer_count;
	uint8_t row[HOST_BUS_ROW]; /* data on the bus */
};

void map_ext_reset(struct map_ext *x, unsigned int cores, unsigned int units, unsigned int mib);
static inline bool map_ext_is_idle(const struct map_ext *x)
{
	return !x->taken && !x->ring_count && !x->back && !x->tag_count && !x->answer_count;
}
static inline const struct ext_answer *map_ext_answer(const struct map_ext *x)
{
	return x->answer_count ? &x->answer[x->answer_head % EXT_ANSWERS] : NULL;
}
/* What it drives on the bus in this cycle. */
void map_ext_pins(struct map_ext *x, const struct ext_in *in, struct host_bus_in *pins);
/* The cycle ends; bus is what the memory has driven in it. */
void map_ext_cycle(struct map_ext *x, const struct ext_in *in, const struct host_bus_out *bus, struct ext_out *out);

#endif
