/* SPDX-License-Identifier: Apache-2.0
 *
 * Host memory as the NIC's AXI4 master sees it: a slave of 512 bits with a latency, in order. Both devices talk to this one, clock by
 * clock, so their DMA is equal when their pins are. Bursts are INCR, whole rows, one ID (hw/spec/host.md).
 */
#ifndef SIM_BUS_HOST_BUS_H
#define SIM_BUS_HOST_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/device.h"

enum { HOST_BUS_ROW = 64, HOST_BUS_BURSTS = 64 };

/* What the master drives in a clock. */
struct host_bus_in {
	bool ar_valid, r_ready, aw_valid, w_valid, w_last;
	uint8_t ar_len, aw_len;       /* rows - 1 */
	uint64_t ar_addr, aw_addr, w_strb;
	const uint8_t *w_data;        /* a row */
};

/* What the slave drives in a clock; depends on clocks before only. */
struct host_bus_out {
	bool ar_ready, r_valid, aw_ready, w_ready, b_valid;
	uint8_t r_resp, b_resp;       /* 0 OKAY, 2 SLVERR */
	uint8_t r_data[HOST_BUS_ROW];
};

struct host_bus_burst {
	uint64_t addr;
	uint64_t due;                 /* clock from which it answers */
	uint16_t rows;
	uint8_t resp;
};

struct host_bus {
	struct device_host host;
	unsigned int read_latency, write_latency; /* clocks, at least 1 */
	unsigned int jitter;          /* a burst's latency is up to this much longer */
	uint32_t random;
	uint64_t read_flow, write_flow; /* bit c modulo 64: requests and rows may move in clock c */
	uint64_t clock;
	struct host_bus_burst read[HOST_BUS_BURSTS], write[HOST_BUS_BURSTS], answer[HOST_BUS_BURSTS];
	unsigned int read_head, read_count, write_head, write_count, answer_head, answer_count;
	struct host_bus_out out;
	bool fetched;                 /* out.r_data is the row of the first read */
};

void host_bus_init(struct host_bus *bus, const struct device_host *host);
/* The slave's pins in the clock that begins. */
const struct host_bus_out *host_bus_show(struct host_bus *bus);
/* Ends the clock. */
void host_bus_tick(struct host_bus *bus, const struct host_bus_in *in);

#endif
