/* SPDX-License-Identifier: Apache-2.0
 *
 * A simulated NIC in this process: the Verilated one or the C model, with wires. It runs when it is polled, `step` clocks each time, and
 * during register accesses; calls from several threads are taken one after the other.
 */
#ifndef DRIVER_DPDK_BUS_SIM_H
#define DRIVER_DPDK_BUS_SIM_H

#include "pmd.h"

enum { NICJIT_WIRES = 4 };

struct nicjit_sim_config {
	const char *model;            /* "iss" or "rtl" */
	const char *wire[NICJIT_WIRES]; /* see wire.h; NULL: nothing is there */
	unsigned int cores, ports;    /* 0: as built */
	unsigned int step;            /* clocks */
	/* Damage, for tests; 0: none. After so many accesses to registers the device is gone: all ones, and nothing moves. In every so
	 * manyth row that it writes to host memory a bit is wrong. */
	unsigned int gone_after, damage_every;
	unsigned int stuck_after;     /* nothing moves any more, its clock neither, and registers read what they read last */
};

/* NULL with one sentence in why. */
struct nicjit_bus *nicjit_sim_open(const struct nicjit_sim_config *config, char why[NICJIT_WHY]);

#endif
