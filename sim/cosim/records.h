/* SPDX-License-Identifier: Apache-2.0
 *
 * What the lock step knows of the records that devices show: their members, and in which streams their order is fixed.
 */
#ifndef SIM_COSIM_RECORDS_H
#define SIM_COSIM_RECORDS_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/device.h"

enum {
	RECORDS_CORES = 16,
	RECORDS_THREADS = 32,
	RECORDS_META = 64,    /* bytes of metadata in front of a frame */
};

enum record_kind { RECORD_RETIRE, RECORD_X, RECORD_MAPWRITE, RECORD_RX, RECORD_TAKE, RECORD_COMPLETION, RECORD_LOST, RECORD_TX,
		   RECORD_HOST_RX, RECORD_DMA, RECORD_IRQ, RECORD_EXT, RECORD_KINDS };

struct device_dma {           /* a write to host memory; its bytes are the record's */
	uint64_t cycle;
	uint64_t addr;
};

struct device_irq {           /* an interrupt line went up */
	uint64_t cycle;
	uint8_t vector;
};

/* A record as it is kept: the device's struct, and of a frame its bytes. */
struct record {
	union {
		uint64_t cycle;       /* every kind has it in front */
		struct device_retire retire;
		struct device_x x;
		struct device_mapwrite mapwrite;
		struct device_rx rx;
		struct device_take take;
		struct device_completion completion;
		struct device_lost lost;
		struct device_tx tx;
		struct device_host_rx host_rx;
		struct device_dma dma;
		struct device_irq irq;
		struct device_ext_beat ext;
	};
	uint32_t len;                 /* of bytes; metadata included */
	uint8_t bytes[DEVICE_FRAME_MAX + RECORDS_META];
};

enum { RECORDS_STREAMS = RECORDS_CORES * RECORDS_THREADS + 16 + 2 * DEVICE_PORTS + 8 + 9 };

const char *record_kind_name(enum record_kind kind);
/* Bytes of a struct record that are in use. */
size_t record_size(enum record_kind kind);
/* Records of one stream come in the same order from both devices; streams of all kinds are numbered through. */
unsigned int record_stream(enum record_kind kind, const struct record *r);
enum record_kind record_stream_kind(unsigned int stream);
bool record_equal(enum record_kind kind, const struct record *a, const struct record *b);
void record_print(FILE *out, enum record_kind kind, const struct record *r);
/* The core and thread a record is about; false: none. */
bool record_thread(enum record_kind kind, const struct record *r, unsigned int *core, unsigned int *thread);

#endif
