/* SPDX-License-Identifier: Apache-2.0
 *
 * The seam between a NIC and whatever drives it: nicsim, the drivers, the tests. Two devices stand behind it, the Verilated RTL and
 * the C model; the same calls give the same clocks on both.
 */
#ifndef SIM_DEVICE_H
#define SIM_DEVICE_H

#include <stddef.h>
#include <stdint.h>
#include "../hw/spec/isa.h"

enum { DEVICE_FRAME_MAX = 1536 };

struct device_completion {    /* one per packet, in the order they end */
	uint64_t cycle;       /* in which the sender took it */
	uint32_t number;      /* of the packet, from 0, in order of arrival */
	uint32_t ret;         /* verdict as the program gave it; 0 with a fault */
	uint16_t len;         /* bytes */
	uint8_t thread;
	uint8_t cause;        /* enum nic_cause */
	uint32_t fault_pc;
	uint64_t fault_addr;
	uint32_t bundles, cycles;
};

struct device_retire {        /* one per retired bundle, in the order of cycles */
	uint64_t cycle;       /* of WB */
	uint16_t pc;
	uint8_t thread;
	uint8_t cause;        /* fault of this bundle */
	uint8_t exit;         /* 1: ends the packet; next_pc is then 0 */
	uint8_t reg_we;       /* bit per lane */
	uint8_t reg[ISA_LANES_MAX];
	uint16_t next_pc;
	uint32_t ret;         /* verdict when exit */
	uint64_t value[ISA_LANES_MAX];
	uint8_t store;        /* 1: local store; address and bytes below */
	uint8_t store_width;
	uint16_t store_tag_offset; /* tag << 12 | offset in packet buffer or stack */
	uint64_t store_value; /* as it lies in memory, low store_width bytes */
	uint8_t command;      /* opcode of the map command or division put in a queue, 0 none */
	uint64_t cmd_addr, cmd_b, cmd_c; /* address (a + offset, or a), b, c operands; 0 where the format has none */
};

struct device_x {             /* x written by value unit, engine or division */
	uint64_t cycle;
	uint8_t thread;
	uint64_t value;
};

struct device_mapwrite {      /* a write to map memory by value unit or engine */
	uint64_t cycle;
	uint32_t addr;        /* byte address of the word */
	uint8_t mask;         /* byte enables */
	uint8_t engine;       /* 1 engine, 0 value unit */
	uint64_t value;       /* whole word; bytes that are not enabled are 0 */
};

/* Called while the device ticks; any may be NULL. Frames arrive in the order they leave the NIC. */
struct device_events {
	void (*tx)(void *arg, const struct device_completion *of, const uint8_t *frame, size_t len);
	void (*completion)(void *arg, const struct device_completion *c);
	void (*retire)(void *arg, const struct device_retire *r);
	void (*x)(void *arg, const struct device_x *x);
	void (*mapwrite)(void *arg, const struct device_mapwrite *w);
	void *arg;
};

struct device;

struct device_ops {
	const char *name;                          /* "rtl" or "iss" */
	void (*close)(struct device *d);
	uint32_t (*reg_read)(struct device *d, uint32_t offset);              /* 4 cycles */
	void (*reg_write)(struct device *d, uint32_t offset, uint32_t value); /* 4 cycles */
	/* Takes a frame to offer to the receive port back to back with those before it; the bytes are copied. 0, or -1 when
	 * the offer queue (64 frames) is full. A frame may be longer than FRAME_MAX; 0 bytes are not a frame: -1. */
	int (*rx)(struct device *d, const uint8_t *frame, size_t len);
	unsigned int (*rx_pending)(struct device *d);  /* frames offered and not wholly taken */
	void (*tick)(struct device *d);                /* one clock */
	uint64_t (*cycle)(struct device *d);           /* clocks since reset */
};

struct device {
	const struct device_ops *ops;
};

struct device_config {
	struct device_events events;
	const char *trace;    /* FST file to write, or NULL; the C model refuses it */
};

/* NULL with *why set when it can't be opened. */
struct device *device_rtl_open(const struct device_config *config, const char **why);
struct device *device_iss_open(const struct device_config *config, const char **why);

#endif
