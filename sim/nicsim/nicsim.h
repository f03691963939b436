/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulator program: options, the run, the report.
 */
#ifndef SIM_NICSIM_NICSIM_H
#define SIM_NICSIM_NICSIM_H

#include <stdbool.h>
#include <stdint.h>

#include "driver/common/image.h"
#include "driver/common/nic_load.h"
#include "hw/spec/regs.h"
#include "sim/device.h"
#include "sim/io/io.h"
#include "sim/io/records.h"

#include "latency.h"

enum model { MODEL_RTL, MODEL_ISS, MODEL_BOTH };
enum order { ORDER_RESET, ORDER_OFF, ORDER_FLOW, ORDER_STRICT };
enum load_kind { LOAD_BACK_TO_BACK, LOAD_LINE, LOAD_POISSON, LOAD_BURST };
enum { CLOCK_MHZ = 250, CAUSES = CAUSE_MAP + 1, DROPS = DEVICE_DROP_HOST + 1 };

/* How packets arrive at each port. */
struct load {
	enum load_kind kind;
	double rate;          /* line: Gbit/s; Poisson: packets a microsecond */
	uint32_t frames, gap; /* burst: so many frames, then so many clocks without one */
};

struct options {
	const char *fw, *maps_in, *maps_out, *results, *trace, *timeline, *events, *profile, *fib;
	const char *rx[DEVICE_PORTS]; /* captures in, by port */
	const char *tx[DEVICE_PORTS]; /* captures out, by port */
	const char *wire[DEVICE_PORTS]; /* live interfaces, by port */
	const char *host;     /* capture of what the host gets */
	const char *from_host[DEVICE_PORTS]; /* captures of what it sends, by port */
	bool rings;           /* the host's frames go through rings in its memory */
	const char *tx_all;   /* all that goes on, wherever */
	enum model model;
	enum order order;
	struct load load;
	bool lossless;        /* ports hold packets up instead of dropping them */
	bool results_data;
	bool json;
	bool progress;
	bool clock_pcap;      /* time is the packets' capture time, one packet after the other */
	uint32_t cores, ports;/* 0: as built */
	struct device_ext ext;
	uint32_t active;      /* cores that take packets; 0: all */
	uint32_t threads;     /* 0: all */
	uint32_t watchdog;    /* bundles; 0: as the NIC is reset */
	uint32_t repeat;      /* times that the captures are sent */
	uint32_t seconds;     /* of a live run; 0: until a signal */
	uint64_t seed;        /* of random arrivals */
	uint64_t wait_ns;     /* behind the last packet the clock is set ahead by that */
	uint64_t max_cycles;  /* without a packet coming out */
};

/* 0: go on; else *code is the exit code: --help was asked for, or the arguments are wrong and that was said. */
int options_parse(struct options *opt, int argc, char **argv, int *code);

/* What a run was, for the report. */
struct run_stats {
	uint64_t packets, bytes;        /* processed */
	uint64_t refused;               /* not taken because of their size */
	uint64_t drops[DROPS];          /* packets lost, by where */
	uint64_t faults[CAUSES];
	uint64_t bundles, latency;      /* sums over the packets; clocks on the core */
	uint64_t load_cycles;           /* until the NIC was ready to run */
	uint64_t first, last;           /* cycle of the first start, of the last end */
	uint64_t cycles;                /* simulated in all */
	uint64_t compared;              /* records, in lock step */
	uint64_t verdicts[RESULTS_VERDICTS];
	uint64_t sent, to_host, from_host;
	struct latency wire;            /* from a frame's last row in to its first row out */
	double seconds, cpu_seconds;    /* of the clocks: on the wall, and of the processor */
};

struct run {
	const struct options *opt;
	struct image image;
	struct device *device;
	struct nic_regs regs;
	uint32_t ext_used;              /* of the map memory outside the chip, which begins as zeros */
	struct nic_place place;         /* of the program */
	uint32_t cores, ports;          /* that the NIC has */
	struct run_stats stats;
	struct packets *packets;
	struct feed *feed;
	struct live *live;
	struct host_side *host;
	struct timeline *timeline;
	struct records *events;
	struct profile *profile;    /* NULL: not wanted */
	unsigned int faults_shown;
};

/* The whole simulation of an image that is already read: opens the device, loads, runs, writes the output files. 0, or -1 with the
 * sentence in *err. */
int run_simulation(struct run *run, struct io_error *err);

/* Where a bundle of the NIC comes from, as "file:line: text", or NULL. Valid until the next call. */
const char *run_source(const struct run *run, unsigned int pc);

/* setup.c: opens the device, loads the image, sets the registers that the options ask for. */
int setup_open(struct run *run, const struct device_events *events, struct io_error *err);
int setup_load(struct run *run, struct io_error *err);

/* maps.c: the maps of the loaded image from and to files. */
int maps_read(struct run *run, struct io_error *err);
int maps_write(struct run *run, struct io_error *err);

/* fib.c: what programs look routes up in, from --fib. */
int fib_open(struct run *run, struct io_error *err);

void report_print(const struct run *run);

#endif
