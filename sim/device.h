/* SPDX-License-Identifier: Apache-2.0
 *
 * The seam between a NIC and whatever drives it: nicsim, the drivers, the tests. Two devices stand behind it, the Verilated RTL and
 * the C model; the same calls give the same clocks on both. Numbers of cycles count from the first one after reset, 0.
 */
#ifndef SIM_DEVICE_H
#define SIM_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../hw/spec/isa.h"

enum {
	DEVICE_FRAME_MAX = 1792,  /* longest frame that a NIC lets out */
	DEVICE_PORTS = 4,         /* no NIC has more ports */
	DEVICE_OFFERS = 64,       /* frames a port's offer queue holds */
};

/* ---- Records of what the device does. Every one has its cycle in front. ---- */

struct device_rx {            /* a frame's last row was taken from the wire, one per frame, in order per port */
	uint64_t cycle;
	uint8_t port;
	uint8_t drop;         /* 0: stored, it will get a number; else the drop counter that stepped, DEVICE_DROP_* */
};

enum device_drop {            /* causes; each has a counter */
	DEVICE_DROP_NONE, DEVICE_DROP_LONG, DEVICE_DROP_SHORT, DEVICE_DROP_BAD, DEVICE_DROP_FULL, /* at a port's input */
	DEVICE_DROP_TARGET,   /* redirected to nobody */
	DEVICE_DROP_PORT,     /* the output port was full */
	DEVICE_DROP_HOST,     /* the host queue had no room */
};

struct device_take {          /* ingress gave a stored frame its number and context; in order per port */
	uint64_t cycle;
	uint32_t number;      /* from 0, all ports together */
	uint8_t port, core, thread;
};

struct device_completion {    /* one per packet, in the order they leave the cores */
	uint64_t cycle;       /* in which egress took it */
	uint32_t number;
	uint32_t ret;         /* verdict as the program gave it; 0 with a fault */
	uint32_t target;      /* of a redirect; 0: none */
	uint16_t len;         /* bytes */
	uint8_t port;         /* it came from */
	uint8_t core, thread;
	uint8_t queue;        /* of the host, by its hash */
	uint8_t cause;        /* enum nic_cause */
	uint32_t hash;
	uint32_t fault_pc;
	uint64_t fault_addr;
	uint32_t bundles, cycles;
};

struct device_lost {          /* a packet that was to leave and was dropped on its way out */
	uint64_t cycle;
	uint32_t number;
	uint8_t drop;         /* DEVICE_DROP_* */
};

struct device_tx {            /* a frame left by a port */
	uint64_t cycle;       /* of its last row */
	uint64_t first;       /* of its first row */
	uint8_t port;
	uint8_t from_host;    /* 1: given by host_tx; number is 0 */
	uint32_t number;      /* of the packet */
};

struct device_host_rx {       /* a frame for the host; not with DMA rings, there it is in host memory */
	uint64_t cycle;       /* of its last row */
	uint64_t first;       /* of its first row */
	uint32_t number;
	uint32_t hash;
	uint64_t time;        /* receive time stamp, ns */
	uint16_t meta_len;    /* bytes of metadata in front of the frame */
	uint8_t port, queue;
	uint8_t checksum;     /* flags as in hw/spec/fabric.md */
	uint8_t redirected;   /* 1: to this queue by the program */
};

struct device_retire {        /* one per retired bundle, in the order of cycles; in one cycle by core */
	uint64_t cycle;       /* of WB */
	uint16_t pc;
	uint8_t core, thread;
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

struct device_x {             /* x written by a map answer or a division */
	uint64_t cycle;
	uint8_t core, thread;
	uint64_t value;
};

struct device_mapwrite {      /* a write to map memory */
	uint64_t cycle;
	uint32_t addr;        /* byte address of the word */
	uint8_t bank;
	uint8_t mask;         /* byte enables */
	uint8_t engine;       /* 1 an engine, 0 the bank's own unit */
	uint64_t value;       /* whole word; bytes that are not enabled are 0 */
};

struct device_ext_beat {      /* a handshake on the bus of the map memory outside the chip */
	uint64_t cycle;
	uint32_t addr;        /* of the line; 0 with a row */
	uint8_t kind;         /* 0 read address, 1 write address, 2 row written */
	uint64_t strobes;     /* of the row */
	uint64_t value;       /* its words xored; bytes that are not enabled are 0 */
};

/* Called while the device ticks; any may be NULL. */
struct device_events {
	void (*rx)(void *arg, const struct device_rx *r);
	void (*take)(void *arg, const struct device_take *t);
	void (*completion)(void *arg, const struct device_completion *c);
	void (*lost)(void *arg, const struct device_lost *l);
	void (*tx)(void *arg, const struct device_tx *t, const uint8_t *frame, size_t len);
	/* The metadata, if any, lies in front of frame[0] and is not counted in len. */
	void (*host_rx)(void *arg, const struct device_host_rx *h, const uint8_t *frame, size_t len);
	void (*retire)(void *arg, const struct device_retire *r);
	void (*x)(void *arg, const struct device_x *x);
	void (*mapwrite)(void *arg, const struct device_mapwrite *w);
	void (*ext_beat)(void *arg, const struct device_ext_beat *b);
	void *arg;
};

/* The host's memory, for the NIC's DMA; called while the device ticks. All NULL: there is none, every access is a bus error. */
struct device_host {
	int (*dma_read)(void *arg, uint64_t addr, void *bytes, size_t len);        /* 0, or -1: bus error */
	int (*dma_write)(void *arg, uint64_t addr, const void *bytes, size_t len);
	void (*irq)(void *arg, unsigned int vector);
	void *arg;
};

/* The map memory outside the chip. */
enum { DEVICE_EXT_MIB = 2048 }; /* as NICs have it, unless somebody asks for less */
struct device_ext {
	unsigned int mib;     /* its size; 0: there is none */
	unsigned int latency; /* clocks from an address to its row, or from a row to its answer; 0: 60 */
	unsigned int jitter;  /* clocks by which that may be longer, at random */
	bool dirty;           /* it does not begin as zeros */
};

/* ---- What is done to the device ---- */

struct device_offer {         /* a frame for a receive port */
	unsigned int port;
	const uint8_t *frame;
	size_t len;           /* may be more than the NIC takes; 0 bytes are not a frame */
	uint64_t at;          /* its first row is offered in this cycle or later */
	bool bad;             /* marked as damaged by the wire, in its last row */
};

/* Streams that a test can slow down. */
enum device_stream { DEVICE_RX, DEVICE_TX, DEVICE_HOST_RX, DEVICE_HOST_TX, DEVICE_DMA_READ, DEVICE_DMA_WRITE, DEVICE_EXT_READ, DEVICE_EXT_WRITE };

struct device;

struct device_ops {
	const char *name;                          /* "rtl" or "iss" */
	void (*close)(struct device *d);
	uint32_t (*reg_read)(struct device *d, uint32_t offset);              /* 4 cycles */
	void (*reg_write)(struct device *d, uint32_t offset, uint32_t value); /* 4 cycles */
	/* Takes a frame to offer to the receive port, behind those before it; the bytes are copied. 0, or -1 when
	 * the port's offer queue is full, there is no such port, or there are no bytes. */
	int (*rx)(struct device *d, const struct device_offer *offer);
	unsigned int (*rx_pending)(struct device *d, unsigned int port);      /* frames offered and not wholly taken */
	/* A frame from the host to a port, at most FRAME_MAX bytes; likewise. Not with DMA rings. */
	int (*host_tx)(struct device *d, unsigned int port, const uint8_t *frame, size_t len);
	unsigned int (*host_tx_pending)(struct device *d, unsigned int port);
	/* From now on the stream of the port (0 for DEVICE_HOST_RX) moves in cycle c only when bit c modulo 64 of the pattern
	 * is set: a source (RX, HOST_TX) begins to offer a row only then and keeps it until it is taken; a sink (TX, HOST_RX) is
	 * ready only then. All ones at first. */
	void (*flow)(struct device *d, enum device_stream stream, unsigned int port, uint64_t pattern);
	void (*tick)(struct device *d);                /* one clock */
	uint64_t (*cycle)(struct device *d);           /* clocks since reset */
};

struct device {
	const struct device_ops *ops;
	unsigned int cores, ports;
};

struct device_config {
	struct device_events events;
	struct device_host host;
	struct device_ext ext;
	bool rings;           /* frames for and from the host go by DMA through rings in `host`; else by host_rx events and host_tx */
	unsigned int cores, ports; /* 0: as the RTL is built; 2 of the C model */
	const char *trace;    /* FST file to write, or NULL; the C model refuses it */
};

/* NULL with *why set when it can't be opened. The RTL has the cores and ports it was built with; *why tells how to build another. */
struct device *device_rtl_open(const struct device_config *config, const char **why);
struct device *device_iss_open(const struct device_config *config, const char **why);

#endif
