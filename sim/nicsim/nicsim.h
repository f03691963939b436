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

enum model { MODEL_RTL, MODEL_ISS, MODEL_BOTH };
enum { CLOCK_MHZ = 250, CAUSES = CAUSE_MAP + 1 };

struct options {
	const char *fw, *rx, *tx, *maps_in, *maps_out, *results, *trace;
	enum model model;
	bool results_data;
	bool json;
	bool clock_pcap;      /* time is the packets' capture time, one packet after the other */
	uint32_t threads;     /* 0: all */
	uint32_t watchdog;    /* bundles; 0: as the NIC is reset */
	uint64_t max_cycles;  /* without a packet coming out */
};

/* 0: go on; else *code is the exit code: --help was asked for, or the arguments are wrong and that
 * was said. */
int options_parse(struct options *opt, int argc, char **argv, int *code);

/* What a run was, for the report. */
struct run_stats {
	uint64_t packets, bytes;        /* processed */
	uint64_t refused;               /* empty or too long */
	uint64_t faults[CAUSES];
	uint64_t bundles, latency;      /* sums over the packets */
	uint64_t load_cycles;           /* until the NIC was ready to run */
	uint64_t first, last;           /* cycle of the first start, of the last end */
	uint64_t cycles;                /* simulated in all */
	uint64_t compared;              /* records, in lock step */
	uint64_t verdicts[RESULTS_VERDICTS];
	uint64_t sent;
	double seconds;
};

struct run {
	const struct options *opt;
	struct image image;
	struct device *device;
	struct nic_regs regs;
	struct run_stats stats;
	struct packets *packets;
	unsigned int faults_shown;
};

/* The whole simulation of an image that is already read: opens the device, loads, runs, writes the
 * output files. 0, or -1 with the sentence in *err. */
int run_simulation(struct run *run, struct io_error *err);

/* Where a bundle comes from, as "file:line: text", or NULL. Valid until the next call. */
const char *run_source(const struct image *image, unsigned int pc);

/* maps.c: the maps of the loaded image from and to files. */
int maps_read(struct run *run, struct io_error *err);
int maps_write(struct run *run, struct io_error *err);

void report_print(const struct run *run);

#endif
