/* SPDX-License-Identifier: Apache-2.0
 *
 * The map memory outside the chip: bytes behind the NIC's second AXI4 master. Only pages that do not hold what they began with take
 * memory of ours. Both devices talk to this one, clock by clock.
 */
#ifndef SIM_BUS_EXT_MEMORY_H
#define SIM_BUS_EXT_MEMORY_H

#include "host_bus.h"

struct ext_memory {
	struct host_bus bus;
	uint8_t *bytes;
	uint64_t size;
	uint8_t first;        /* every byte begins as this, and lies in bytes xored with it */
	struct device_events events;
};

/* 0, or -1: no memory. */
int ext_memory_open(struct ext_memory *m, const struct device_ext *config, const struct device_events *events);
void ext_memory_close(struct ext_memory *m);
const struct host_bus_out *ext_memory_show(struct ext_memory *m, uint64_t cycle);
/* Ends the clock; what the master does is reported. */
void ext_memory_tick(struct ext_memory *m, const struct host_bus_in *in);

#endif
