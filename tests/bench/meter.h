/* SPDX-License-Identifier: Apache-2.0
 *
 * One program on one NIC, measured.
 */
#ifndef TESTS_BENCH_METER_H
#define TESTS_BENCH_METER_H

#include "sim/nicsim/nicsim.h"

enum { METER_IMAGE_MAX = 1 << 20, METER_PCS = 1 << 16, METER_THREADS = 256, METER_BEHIND = 64, METER_QUIET = 100000 };

/* What a core has counted: clocks, and clocks in which it issued, had no thread ready, only the queue of commands in its way, or no packet. */
enum { METER_CLOCKS, METER_BUNDLES, METER_STALL, METER_CMD_FULL, METER_IDLE, METER_COUNTERS };

struct meter_frame {
	uint8_t *data;
	uint32_t len;
};

struct meter_thread {
	bool running;
	uint16_t pc;
	uint64_t cycle;
};

struct meter_pc {
	uint64_t times, clocks;
	uint8_t command;      /* opcode of the command it gives, 0 none */
};

struct meter {
	struct device *device;
	struct run run;       /* image, registers and options, as nicsim's own files take them */
	uint8_t *image_bytes;
	struct meter_frame *frames;
	unsigned int frame_count;

	uint64_t offered, completed, sent;
	uint64_t last_event;  /* cycle of the last completion or frame */
	uint32_t last_ret;

	/* At full load: from the completion of packet `first` to that of packet `last`. */
	uint64_t first, last, at[2];
	uint64_t bundles, rows_sent;
	uint64_t before[METER_COUNTERS], after[METER_COUNTERS];
	uint64_t verdicts[RESULTS_VERDICTS], faults;

	/* One packet at a time. */
	bool profiling;
	uint64_t latency;     /* clocks, summed over frame_count packets */
	uint64_t stores;      /* to packet and stack */
	struct meter_pc *pcs;
	struct meter_thread threads[METER_THREADS];
};

/* Rows of the packet buffer that a frame takes. */
uint32_t meter_rows(size_t len);

/* Each returns 0, or -1 with the sentence in *err. */
int meter_open(struct meter *m, const struct options *opt, const char *rx, struct io_error *err);
int meter_idle(struct meter *m, struct io_error *err);
int meter_full(struct meter *m, uint64_t warm, uint64_t count, struct io_error *err);
void meter_close(struct meter *m);

/* Offers frames until the NIC takes no more, or enough are offered. */
void meter_feed(struct meter *m);

/* meter_nic.c, on this meter's NIC: open it with the image of m->run and its maps; offer a frame, -1 when there is no room; read the
 * counters of its core; where a bundle of the program comes from. */
int meter_nic_open(struct meter *m, struct io_error *err);
int meter_nic_offer(struct meter *m, const struct meter_frame *frame);
int meter_nic_count(struct meter *m, uint64_t values[METER_COUNTERS], struct io_error *err);
const char *meter_nic_source(const struct meter *m, unsigned int pc);

/* What the NIC did: packets that ended, frames that left, bundles that retired. */
void meter_completion(void *meter, const struct device_completion *c);
void meter_frame_out(struct meter *m, uint64_t cycle, size_t len);
void meter_retire(struct meter *m, unsigned int thread, unsigned int pc, const struct device_retire *r);

#endif
