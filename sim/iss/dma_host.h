/* SPDX-License-Identifier: Apache-2.0
 *
 * The host side of the C model: hw/spec/host.md to the clock. Named as hw/rtl/dma: one struct per module, one function for what the
 * module does in a cycle. Nothing here knows the rest of the NIC.
 */
#ifndef SIM_ISS_DMA_HOST_H
#define SIM_ISS_DMA_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/spec/regs.h"
#include "sim/bus/host_bus.h"

enum { DMA_QUEUES = 16, DMA_PORTS = 8, DMA_CACHE = 8, DMA_PENDING = 32, DMA_STORE_ROWS = 128, DMA_ROW = NIC_BEAT_BYTES };

struct dma_desc {
	uint64_t addr;
	uint32_t len;                 /* transmit: length, flags, port */
	uint32_t cookie;              /* transmit: first byte of the sum, place of the checksum */
};

struct dma_queue {
	bool rx_on, tx_on, lossless, wb;
	uint32_t error;          /* Q_STATUS_* */
	uint8_t rx_log, cq_log, tx_log;
	uint64_t rx_base, cq_base, tx_base, wb_addr;
	uint16_t rx_tail, rx_head, cq_head, cq_tail, tx_tail, tx_head;
	uint16_t irq_count, events;
	uint32_t irq_time, age, drops;
	bool irq;
};

struct dma_ring {                     /* dma_fetch: what is prefetched of one ring */
	uint16_t taken, fetched, filled;
	bool busy, stale;
	struct dma_desc cache[DMA_CACHE];
};

struct dma_fetch {
	struct dma_ring ring[DMA_QUEUES];
	unsigned int last;            /* winner */
};

/* A frame's row for the host; all but row and last is the same in all its rows. */
struct dma_row {
	bool last, redirected;
	uint16_t len;
	uint8_t queue, port, csum, meta_len;
	uint32_t hash, number;
	uint64_t time;
	uint8_t row[DMA_ROW];
	uint8_t meta[32];
};

enum dma_write_state { DMA_IDLE, DMA_ROWS, DMA_SPLIT, DMA_SWALLOW, DMA_ENTRY, DMA_CUT };
enum dma_write_kind { DMA_DATA, DMA_COMPLETION, DMA_HEAD };

struct dma_write {
	enum dma_write_state state;
	unsigned int queue, last_wb;
	uint64_t line;                /* address of the next row */
	unsigned int left, burst;     /* rows to come, of the burst */
	bool error, wb_turn;
	uint64_t entry;               /* address of the completion */
	bool phase;
	uint32_t cookie;
	uint16_t index;
	struct dma_row of;            /* what describes the frame */
	bool aw_valid, w_valid, w_last;
	uint64_t aw_addr, w_strb;
	uint8_t aw_len;
	uint8_t w_data[DMA_ROW];
	struct { uint8_t kind, queue; } tag[DMA_PENDING];
	unsigned int tag_head, tag_count;
	uint8_t out[DMA_QUEUES];      /* bursts without answer */
};

/* What the host wants of a frame that it sends. */
struct dma_csum {
	bool wanted;
	uint16_t from, at;
};

enum dma_tx_state { DMA_SEEK, DMA_LOOK, DMA_SECOND, DMA_SKIP };

struct dma_tx {
	enum dma_tx_state state;
	unsigned int queue, port, total, segments, promised;
	struct dma_csum csum;
	bool middle;
};

enum dma_read_kind { DMA_RX_LINE, DMA_TX_LINE, DMA_READ_ROWS, DMA_NOTE };

struct dma_tag {
	uint8_t kind, queue, port, start, promised;
	uint16_t bytes;
	struct dma_csum csum;
	bool eop, abort, done;
};

struct dma_read {
	struct dma_tag tag[DMA_PENDING];
	unsigned int head, count;
	bool middle;
	uint16_t bytes;
	bool ar_valid;
	uint64_t ar_addr;
	uint8_t ar_len;
	uint8_t out[DMA_QUEUES];      /* of frames: bursts and notes under way */
};

struct dma_put {                      /* a row on its way to a store */
	bool valid, forget, end;
	uint8_t port, promised, count;
	struct dma_csum csum;
	uint8_t row[DMA_ROW];
};

struct dma_pack {
	bool flush, bad;
	uint8_t fill;
	struct {                      /* stage B */
		bool valid, forget, full, end, flush;
		uint8_t fill, turn, count;
		uint8_t row[DMA_ROW];
	} b;
	uint8_t kept[DMA_ROW];
	struct dma_put put;           /* output register */
	uint8_t port, promised;       /* of the row in stage B */
	struct dma_csum csum;
};

enum { DMA_SUM_CLOCKS = 4 };

struct dma_word {                     /* of a whole frame: what is written where */
	bool there, wanted;
	uint8_t port;
	uint16_t at, csum;
};

struct dma_sum {
	uint16_t bytes;               /* of the frame so far */
	uint32_t sum;
	struct dma_word word[DMA_SUM_CLOCKS]; /* on their way; the last one arrives */
};

struct dma_store {
	uint16_t write, whole, read;
	uint8_t room;
	bool valid;                   /* the head is on show, or skipped */
	bool middle, skip;            /* in the middle of a frame; its rest goes nowhere */
	bool inside;                  /* the next row to be shown does not begin a frame */
	uint16_t word_put, word_taken;
	struct dma_word word[DMA_STORE_ROWS];
	struct { bool last; uint8_t count; uint8_t row[DMA_ROW]; } at[DMA_STORE_ROWS], head;
};

struct dma_host {
	unsigned int queues, ports;
	uint32_t irq_enable;
	struct dma_queue queue[DMA_QUEUES];
	struct dma_fetch rx_fetch, tx_fetch;
	struct dma_write write;
	struct dma_tx tx;
	struct dma_read read;
	struct dma_pack pack;
	struct dma_sum sum;
	struct dma_store store[DMA_PORTS];
};

/* What comes into the host side in a cycle. */
struct dma_in {
	bool stop;                    /* data path in reset */
	const struct dma_row *h;      /* head of the store for the host, or NULL */
	uint32_t t_ready;             /* bit per port */
	bool reg_we;
	uint8_t reg_queue, reg_word;
	uint32_t reg_wdata;
	uint32_t irq_clear;
};

struct dma_events {
	bool h_ready;                 /* the row at h is taken */
	bool drop_off, drop_empty, drop_cq, drop_small, put, tx_bad, bus_error, bad_doorbell;
	uint8_t drop_queue, put_queue;
};

void dma_host_reset(struct dma_host *d, unsigned int queues, unsigned int ports);
/* One clock: looks at the pins of the bus, drives them, and says what happened. */
void dma_host_cycle(struct dma_host *d, const struct dma_in *in, struct host_bus *bus, struct dma_events *events);
bool dma_host_idle(const struct dma_host *d);
uint32_t dma_host_read(const struct dma_host *d, unsigned int queue, unsigned int word);
/* Interrupt lines that are up, before and behind IRQ_ENABLE. */
uint32_t dma_host_irq_status(const struct dma_host *d);

#endif
