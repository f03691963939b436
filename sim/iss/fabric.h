/* SPDX-License-Identifier: Apache-2.0
 *
 * State of the fabric: hw/spec/fabric.md. A frame is one buffer that goes from block to block; its rows are only counted, and the
 * bytes are moved when the last of them is.
 */
#ifndef SIM_ISS_FABRIC_H
#define SIM_ISS_FABRIC_H

#include "iss.h"
#include "round_robin.h"

enum {
	BEAT = NIC_BEAT_BYTES,
	FRAME_ROWS = NIC_FRAME_MAX / BEAT,
	OPEN_ROWS = NIC_STORE_ROWS - NIC_LEN_MAX / BEAT, /* rows used of a store that has room for a longest packet */
	CONTEXTS_MAX = ISS_CORES_MAX * ISS_THREADS,
	LEAVING_MAX = ISS_CORES_MAX * 2 * NIC_OUT_FIFO, /* packets in out fifos, and one of each context that waits for the sender */
	BUS_DELAY = 2,                        /* from taking a row at ingress to its cycle on the bus */
	INSPECT_CLOCKS = 5,                   /* from there until it is known what is in it */
	FLIGHTS = 16,
	TILE_FRAMES = 64,                     /* a power of two above what ROW_FIFO lets in */
	HOST = 1 << DEVICE_PORTS,             /* a destination that is no port */
	NOBODY = 0xff,                        /* the list of a context that has none */
};

struct iss_frame {
	struct iss_frame *next;
	uint32_t len;
	uint8_t port, queue, flags;
	uint8_t meta_len;                     /* bytes that count of meta, the last ones */
	bool redirect, bad;
	uint32_t number, hash;
	uint64_t time, at;
	uint8_t meta[NIC_META_HOST];          /* in front of data, without a gap */
	uint8_t data[DEVICE_FRAME_MAX];
};

/* It has waited so long that it's no longer in the cache; what pkt_inspect looks at will be. */
static inline void frame_fetch(const struct iss_frame *frame)
{
	__builtin_prefetch(frame);
	__builtin_prefetch(frame->data);
	__builtin_prefetch(frame->data + 63);
}

/* A tick, a frame of no bytes, takes one, too. */
static inline uint32_t frame_rows(uint32_t len)
{
	if (!len)
		return 1;
	return (len + BEAT - 1) / BEAT;
}

/* Indices count on; used and valid as the page says. A store needs a step where something was committed or taken, and once more behind a
 * commit: until seen is commit, and valid follows. */
struct iss_store {
	uint32_t wr, commit, rd;
	uint32_t seen;                        /* commit at the start of this cycle */
	bool valid;
	uint32_t row;                         /* rows of the first frame that were taken */
	uint32_t head, tail;                  /* frames */
	struct iss_frame *frame[NIC_STORE_ROWS];
};

static inline uint32_t store_used(const struct iss_store *s)
{
	return s->wr - s->rd;
}

static inline struct iss_frame *store_head(const struct iss_store *s)
{
	return s->frame[s->head % NIC_STORE_ROWS];
}

/* The frame whose rows were written is complete. */
static inline void store_commit(struct iss_store *s, struct iss_frame *f)
{
	s->commit = s->wr;
	s->frame[s->tail++ % NIC_STORE_ROWS] = f;
}

/* Takes the head row; true: it is its frame's last one, and the frame is the caller's. */
static inline bool store_take(struct iss_store *s)
{
	s->rd++;
	if (++s->row < frame_rows(store_head(s)->len))
		return false;
	s->row = 0;
	s->head++;
	if (s->head != s->tail)
		frame_fetch(store_head(s));
	return true;
}

/* The end of a cycle. */
static inline void store_step(struct iss_store *s)
{
	s->valid = s->rd != s->seen;
	s->seen = s->commit;
}

/* Frames that the world gives to a stream. */
struct iss_offers {
	struct iss_frame *frame[DEVICE_OFFERS];
	unsigned int head, count;
	uint32_t row;                         /* of the first one, that is offered or comes next */
	bool held;                            /* that row is on offer */
	bool taken;                           /* a row was taken in this cycle */
	uint64_t pattern;                     /* cycles in which a row's offer may begin */
};

struct iss_in {
	struct iss_offers offers;
	struct iss_store store;
	bool beat;                            /* the beat register has a row */
	struct iss_frame *last;               /* the frame of which it is the last, or NULL */
	uint32_t rows;                        /* of the frame that came before the beat */
	uint8_t cause;
};

struct iss_ticks {                            /* pkt_tick */
	uint32_t period;
	bool inside;                          /* one is on its way */
	uint64_t from;                        /* cycle in which the period that runs began */
	uint64_t due;                         /* cycle from which a tick is on offer, NEVER */
};

struct iss_out {
	struct iss_store store;
	struct iss_offers host;
	struct iss_frame *reg;                /* frame of the row in the output register, or NULL */
	uint32_t reg_row;                     /* of those that went there, from 0 */
	bool reg_last;                        /* it is the frame's last row, and the frame is its own */
	bool reg_kept;                        /* not its last row, but the frame is its own */
	bool cut;                             /* the frame in progress was cut off: one more row, aborted */
	bool abort;                           /* that row is in the output register */
	bool reg_host;                        /* it is the host's */
	bool middle;                          /* in the middle of a frame */
	bool from_host;                       /* source of that frame, or of the last one */
	uint32_t row;                         /* of it, next into the register */
	uint64_t first;                       /* cycle in which its first row left */
	uint64_t pattern;
};

/* A frame on its way to a tile, and in its row fifo. */
struct iss_flight {
	struct iss_frame *frame;
	uint64_t bus;                         /* cycle of its first row on the bus */
	uint64_t known;                       /* and in which it's known what is in it */
	uint16_t context;
	uint32_t hash;
};

struct iss_entry {                            /* of a tile's out fifo */
	uint64_t from;                        /* cycle from which it is there */
	uint8_t rows;                         /* of the packet that it makes */
	bool first, begins;                   /* the packet's first one; the first that makes rows, or none is to */
	bool report, last;
	struct device_completion of;          /* of the packet, when it is first or begins */
	struct iss_frame *frame;              /* with its last one, when it is to be sent */
};

/* What the fabric knows of a tile. */
struct iss_end {
	uint32_t idle, old;                   /* contexts */
	uint8_t last_thread;                  /* taken last */
	uint32_t rows;                        /* sent to it and not known to have left its fifo */
	struct iss_flight fifo[TILE_FRAMES];
	unsigned int fifo_head, fifo_tail;
	uint32_t left;                        /* bytes of the first frame, from the first row that is not written whole; 0: none of it is */
	bool lower;                           /* the lower half of that row is */
	uint64_t due;                         /* cycle before which there is nothing to write or start */
	struct iss_flight late;               /* written, and its thread starts in the next cycle */
	uint8_t ended[ISS_THREADS];           /* queue of pkt_order */
	unsigned int ended_head, ended_tail;
	uint8_t request[ISS_THREADS];         /* queue of the sender */
	unsigned int request_head, request_tail;
	uint32_t asked;                       /* threads in it: their rows are not yet read */
	uint32_t row;                         /* of the packet that is being sent */
	bool report;                          /* CTRL.REPORT at its first row */
	struct iss_entry out[NIC_OUT_FIFO];
	unsigned int out_head, out_tail;
	uint64_t made;                        /* cycle in which the last entry was begun, plus 1 */
	uint64_t packets, rx_wait, out_wait;
};

struct iss_order {                            /* of a context */
	uint8_t list;                         /* NOBODY: none */
	bool head, done, more;
	uint16_t next;
};

struct iss_pipe {                             /* collect, turn and route register */
	bool valid, first, last;
	uint8_t rows;                         /* of the packet that it makes */
	bool begins;                          /* the first such, or there are to be none */
	bool report;                          /* goes back to its port, whatever the verdict */
	bool lost;                            /* redirected to nobody */
	uint8_t dest;                         /* ports by bit, or HOST */
	struct device_completion of;          /* with the first row; its cycle is set when it is shown */
	struct iss_frame *frame;              /* with the last row of a packet to be sent */
};

struct iss_fabric {
	unsigned int ports;
	struct iss_in in[DEVICE_PORTS];
	struct iss_ticks ticks[DEVICE_PORTS];
	uint32_t ticking;                     /* ports whose next tick is known */
	struct iss_out out[DEVICE_PORTS];
	struct iss_store host;
	uint64_t host_pattern, host_first;
	struct iss_frame *pool;

	/* ports whose pkt_in, pkt_out might have something to do; whose stores need a step; whose input shows a row */
	uint32_t at_in, at_out, step_in, step_out, showing;

	/* pkt_ingress; masks are of tiles */
	uint32_t open;                        /* in this cycle */
	uint64_t stir;                        /* cycle up to which something below changes by itself */
	uint32_t old_mask;                    /* with an old context */
	uint32_t idle_mask, rows_mask;        /* with an idle context below THREADS; with room for a frame */
	uint32_t left[4];                     /* a row left the fifo, by cycle */
	uint8_t last_port, last_tile;
	struct iss_frame *frame;              /* in progress */
	bool tick;                            /* it is one */
	uint32_t row, rows;
	uint8_t tile;
	uint8_t took;                         /* tile a row was taken for in the cycle before, plus 1 */
	uint16_t alloc;                       /* context taken in the cycle before, plus 1 */
	uint16_t freed;                       /* context freed in the cycle before, plus 1 */
	bool old_seen[2];                     /* a context was old at the start of the cycle before, of this one */
	uint32_t below;                       /* THREADS of the cycle before, as a mask */
	uint32_t number;

	struct iss_flight flight[FLIGHTS];    /* on the way to the bus */
	unsigned int flight_head, flight_tail;
	uint64_t known;                       /* of the first one, or NEVER */
	uint32_t writing, sending;            /* tiles with frames in their row fifo; with requests */

	/* pkt_order */
	struct iss_order order[CONTEXTS_MAX];
	uint16_t list_tail[NIC_ORDER_LISTS];
	bool list_used[NIC_ORDER_LISTS];
	uint32_t ended;                       /* tiles whose queue is not empty */
	uint8_t last_ended;
	bool event_valid, leave_valid;
	uint16_t event, leave;

	/* pkt_collect */
	uint16_t queue[LEAVING_MAX];
	unsigned int queue_head, queue_tail;
	struct iss_pipe pipe[3], *collect, *turn, *route;
	uint8_t dest;                         /* of the packet whose rows go into route */
	uint8_t accepted;                     /* where the frame in route is */

	struct iss_end end[ISS_CORES_MAX];

	/* registers */
	uint32_t cores_mask, threads_mask;    /* CORES and THREADS as masks */
	uint32_t entry[DEVICE_PORTS], prog[DEVICE_PORTS], ifindex[DEVICE_PORTS], port_ctrl[DEVICE_PORTS];
	uint32_t order_mode, rx_min, cores;
	uint32_t rss_key[10], old_key[10];
	uint64_t key_due;                     /* when frames are hashed with it, and no longer with the old one */
	bool key_used;                        /* the tables below are of it */
	uint8_t rss_table[128];
	uint32_t toeplitz[36][256];           /* what a byte at a place adds to the hash */

	uint64_t queue_counter[REG_COUNTER_COUNT - NIC_CNT_QUEUE];
	uint64_t counter[NIC_CNT_TILE];       /* the NIC's and the ports'; some are kept elsewhere */
};

enum { PORT_LOSSLESS_IN = 1, PORT_LOSSLESS_OUT = 2 };

static inline uint64_t *port_counter(struct iss_fabric *f, unsigned int port, unsigned int index)
{
	return &f->counter[NIC_CNT_PORT + 16 * port + index];
}

/* Contexts or rows of tiles have changed: what follows from it shows within three cycles. */
static inline void fabric_stir(struct iss *n)
{
	n->fabric->stir = n->cycle + 3;
}

/* frame.c */
struct iss_frame *frame_new(struct iss_fabric *f);
static inline void frame_free(struct iss_fabric *f, struct iss_frame *frame)
{
	frame->next = f->pool;
	f->pool = frame;
}
/* -1: no room, or no bytes. */
int offers_add(struct iss_fabric *f, struct iss_offers *o, const uint8_t *bytes, size_t len, uint64_t at, bool bad);
/* A row is on offer in this cycle. */
bool offers_row(struct iss_offers *o, uint64_t cycle);
/* The row on offer is taken; true: it was its frame's last, which is the caller's. */
bool offers_take(struct iss_offers *o, struct iss_frame **frame);

/* Each block's work in a cycle, in the order in which they are called. */
void pkt_in_cycle(struct iss *n, unsigned int port);
/* The port takes no row in this cycle. */
static inline bool pkt_in_full(const struct iss_fabric *f, unsigned int port)
{
	return (f->port_ctrl[port] & PORT_LOSSLESS_IN) && store_used(&f->in[port].store) >= NIC_STORE_ROWS - 1;
}
void pkt_ingress_begin(struct iss *n);        /* idle, rows as they stand at the start of the cycle */
/* The tile of a context that is freed in this cycle and may be taken from the next one on. */
static inline uint32_t freed_mask(const struct iss_fabric *f)
{
	return f->leave_valid && f->threads_mask >> f->leave % ISS_THREADS & 1 ? 1u << f->leave / ISS_THREADS : 0;
}

/* Tiles that will be open in the next cycle. */
static inline void pkt_ingress_open(struct iss *n)
{
	struct iss_fabric *f = n->fabric;

	f->open = (f->idle_mask | freed_mask(f)) & f->rows_mask & f->cores_mask;
	f->below = f->threads_mask;
}
/* A frame is in progress, or may begin at one of these ports. */
void pkt_ingress_cycle(struct iss *n, uint32_t ports);
static inline uint32_t ports_showing(const struct iss *n)
{
	const struct iss_fabric *f = n->fabric;
	uint32_t ports = f->showing;

	for (uint32_t m = f->ticking; m; m &= m - 1)
		if (f->ticks[__builtin_ctz(m)].due <= n->cycle)
			ports |= m & -m;
	return ports;
}
void pkt_tick_set(struct iss *n, unsigned int port, uint32_t period); /* a write in this cycle */
struct iss_frame *pkt_tick_take(struct iss *n, unsigned int port);
void pkt_tick_done(struct iss *n, unsigned int port); /* it ends in this cycle */
void pkt_tick_clear(struct iss *n);           /* the end of a cycle of a data path reset */
void pkt_ingress_masks(struct iss *n);        /* after a change of THREADS or CORES */
void pkt_ingress_old(struct iss *n);          /* contexts with a packet are old from now on */
void pkt_inspect(struct iss_fabric *f, struct iss_flight *flight);
void pkt_inspect_key(struct iss_fabric *f, uint64_t cycle, unsigned int word, uint32_t value);
void pkt_inspect_table(struct iss *n, unsigned int entry, uint32_t value);
/* The first cycle in which a row of the first frame of its fifo can be written; there is one. */
static inline uint64_t fp_tile_row(const struct iss_end *end)
{
	return end->fifo[end->fifo_head % TILE_FRAMES].bus + 1;
}
void fp_tile_write(struct iss_tile *c);       /* from the tile's due on */
void fp_tile_send(struct iss_tile *c);
/* The completion record of a context's packet, and the packet as the program left it, as long as it has it. */
void pkt_collect_record(const struct iss_tile *c, unsigned int thread, struct device_completion *of);
struct iss_frame *pkt_collect_frame(const struct iss_tile *c, unsigned int thread);
void pkt_collect_cycle(struct iss *n);
void pkt_order_cycle(struct iss *n);
void pkt_out_cycle(struct iss *n, unsigned int port);
void pkt_host_cycle(struct iss *n);

/* host.c: the host side, when the device has rings. offer() comes before the ports' outputs, cycle() behind them. */
void host_offer(struct iss *n);
void host_cycle(struct iss *n);
bool host_is_register(uint32_t addr);
uint32_t host_read(const struct iss *n, uint32_t addr);

int fabric_open(struct iss *n, unsigned int ports);
void fabric_close(struct iss *n);
void fabric_cycle(struct iss *n);
void fabric_clear(struct iss *n);             /* the end of a cycle of a data path reset */
bool fabric_is_idle(const struct iss *n);     /* all contexts idle, no packet on its way to pkt_collect */
bool fabric_is_empty(const struct iss *n);    /* and no row anywhere */

#endif
