/* SPDX-License-Identifier: Apache-2.0
 *
 * State of the C model, to the clock of the pages in hw/spec. One file per hardware block, named as in hw/rtl; device_iss.c is the top
 * and says in which order the blocks see a cycle. A bundle is executed whole in its E1 cycle: everything it reads is its thread's own
 * and stable by then, and what others can see of it (queues, ready bits, ports) is handed over at its exact cycle.
 *
 * Three parts: struct iss_tile, one a core, with all that is the core's own (this file, fp_*.c); struct iss_map, the map subsystem
 * (map.h, map_*.c); struct iss_fabric, ports, dispatch, order, egress (fabric.h, pkt_*.c).
 */
#ifndef SIM_ISS_ISS_H
#define SIM_ISS_ISS_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/spec/isa.h"
#include "hw/spec/regs.h"
#include "sim/device.h"

/* Parameters of the NIC; the Verilog has the same ones. The number of cores is chosen when the device is opened. */
#ifndef ISS_LANES
#define ISS_LANES 3
#endif
#ifndef ISS_REGS
#define ISS_REGS 8
#endif
#ifndef ISS_THREADS
#define ISS_THREADS 16
#endif
#ifndef ISS_IMEM
#define ISS_IMEM NIC_IMEM_DEPTH
#endif
#ifndef ISS_MAPS
#define ISS_MAPS 64
#endif
#ifndef ISS_PORTS
#define ISS_PORTS 2
#endif
#ifndef ISS_QUEUES
#define ISS_QUEUES 4
#endif

#define ISS_ALL_THREADS ((uint32_t)((1ull << ISS_THREADS) - 1))

#define NEVER UINT64_MAX

enum { ISS_CORES_MAX = 16, ISS_CORES = 2, ISS_OPERANDS = 128, ISS_STAGE_E1 = 6, ISS_NONE = 0xff };

/* What a command takes of its word. */
struct iss_form {
	uint8_t op, w32;
	uint8_t width;        /* bytes */
	uint8_t swap, map;
	uint8_t wait;         /* suspends the thread */
};

/* One lane word of a bundle that is not a nop, ready to run. */
struct iss_word {
	union {
		struct iss_form form;
		struct {      /* the same */
			uint8_t op, w32, width, swap, map, wait;
		};
	};
	uint8_t lane;
	uint8_t guard;        /* ISS_TAKEN, or 0 */
	uint8_t dst;          /* index into iss_thread.r */
	uint8_t a, b, c;      /* likewise */
	uint8_t unaligned;    /* bits that a place on the stack must not have */
	uint8_t spec, shift, woff;
	uint16_t wend;        /* offset behind what it reads of the packet */
	int8_t use_b;         /* mask of register b: operand b is that or the immediate, which is 0 where there is none */
	int16_t off;
	uint16_t target;
	uint64_t imm;         /* extended as the form says; or what the window is compared with */
	uint64_t low;         /* mask of results */
	uint64_t bytes;       /* mask of width */
	uint64_t mask;        /* of the bit field, or of the window compare */
	uint64_t sign;        /* top bit of a bit field that is sign-extended, else 0 */
};

/* What a bundle has done. */
enum {
	ISS_TAKEN = 1,        /* a branch, jump or exit of a lower lane */
	ISS_EXIT = 2, ISS_STORE = 4, ISS_RND = 8, ISS_REDIRECT = 16, ISS_SELECT = 32, ISS_COMMAND = 64,
	ISS_FAULT = 128,      /* and nothing else */
};

struct iss_bundle {
	uint8_t count;
	uint8_t illegal;
	uint8_t takes;        /* its last word may read what the first two take of the packet */
	struct iss_word word[ISS_LANES];
	struct iss_word first[2]; /* when it takes: words of lanes 0 and 1 */
};

/* Codes of what is read as win: operands a and b of the last lane. */
enum { ISS_WIN_A = SR_WIN, ISS_WIN_B = SR_WIN + 1 };

struct iss_done {             /* how a packet ended */
	uint8_t thread;
	uint8_t cause;
	uint32_t ret;
	uint32_t fault_pc;
	uint64_t fault_addr;
	uint32_t bundles, cycles;
};

/* What the fabric knows of a packet. */
struct iss_meta {
	uint8_t port, queue, flags;
	uint32_t number, hash;
	uint64_t time;
};

/* What is used together shares lines of the cache: the threads of a few cores would not fit otherwise. */
struct iss_thread {
	_Alignas(64) uint64_t r[ISS_OPERANDS + 1]; /* by operand code: registers, x, constants of the packet; a place that nobody reads */
	uint16_t pc;
	uint16_t front, start, end;   /* of metadata, packet, and its end: offsets in pkt */
	uint8_t number;
	uint8_t selected;             /* map of msel */
	uint8_t program;              /* PROG of its port */
	bool fault;                   /* a map fault ends it at its next bundle */
	uint16_t fault_pc;
	uint32_t target;              /* of a redirect */
	uint32_t bundles;
	uint64_t ready_cycle;         /* first cycle it was ready with this packet */
	struct iss_meta meta;
	_Alignas(64) struct iss_done done; /* when the packet has ended */
	uint64_t fault_addr;
	struct {                      /* division under way */
		uint8_t op, w32;
		uint64_t a, b;
	} div;
	/* eight bytes can be read and written wherever one may be */
	_Alignas(64) uint8_t pkt[NIC_PKT_BUFFER + 7];
	uint8_t stack[NIC_STACK_BYTES + 7];
};

struct iss_command {
	struct iss_form word; /* as it was when the bundle ran: microcode may be written while packets run */
	uint8_t core, thread;
	uint16_t pc;
	uint64_t addr, b, c;
};

/* What the bundle in a stage of the pipeline does to others. */
struct iss_stage {
	bool any;                     /* of what follows */
	bool command, div;            /* put into its queue */
	const struct iss_done *done;  /* the packet ends; else NULL */
	uint64_t *rnd;                /* register that takes the next random number, or NULL */
};

/* One core and what is its alone. What is looked at in every cycle comes first. */
struct iss_tile {
	struct iss *nic;
	uint64_t cycle;               /* the NIC's, when the tile's blocks run */
	uint64_t until;               /* last cycle in which something is known to happen in the pipeline */
	uint64_t asleep;              /* first cycle it slept through */

	/* fp_sched, fp_core */
	uint32_t ready;
	uint32_t after;               /* threads behind the one issued last */
	uint8_t core;
	uint8_t queue_head, queue_count;
	uint8_t store_m1;             /* a bit for each cycle from this one on */
	uint16_t retire_valid;
	uint8_t ended;                /* thread whose packet is in the done register, plus 1 */
	uint8_t stored_width;         /* of the last store */
	uint64_t stored_cycle;        /* its E1 */
	uint8_t *stored;              /* where */
	uint64_t stored_over;         /* bytes that were there */
	uint32_t running;             /* threads between start and end of their packet */
	uint64_t lm_cycle;            /* cycle of the last read of packet or stack by the map subsystem, plus 1 */
	uint32_t wake[16];            /* threads that become ready, by cycle */
	uint8_t pipe[16];             /* thread issued, by cycle */
	struct iss_stage e1, e2;      /* at the end of a cycle: the bundles that were in E1 and E2 */
	uint32_t rnd;
	uint64_t count_idle, count_stall, count_cmd_full, count_bundles, count_posted_fault;

	/* fp_div */
	uint8_t div_queue[ISS_THREADS];
	uint8_t div_head, div_count;
	bool div_busy;
	uint8_t div_thread;
	uint64_t div_end;             /* cycle in which x is written */

	/* the core's command queue: the map subsystem takes its head */
	struct iss_command queue[NIC_CMD_FIFO];

	struct device_retire retire[16]; /* by cycle of issue */
	struct iss_thread thread[ISS_THREADS];
};

struct iss {
	struct device device;
	struct device_events events;
	struct device_host host;

	uint64_t cycle;
	unsigned int cores;
	struct iss_tile *tile;
	struct iss_fabric *fabric;
	struct iss_map *map;
	struct dma_host *dma;         /* the host side, or NULL when frames go by streams */
	struct host_bus *bus;
	uint32_t irq;                 /* lines that were up in the cycle before */
	struct iss_bundle *imem;
	uint64_t (*imem_raw)[ISS_LANES];

	/* csr_regs */
	uint32_t awake;               /* tiles whose pipeline may have something to do */
	uint32_t ended;               /* tiles with a packet in the done register */
	uint32_t commands;            /* tiles with something in their command queue */
	uint32_t ctrl, threads, watchdog;
	uint32_t time_inc, time_lo, time_latch;
	uint64_t time_base_cycle;
	unsigned __int128 time_base;  /* ns with 24 fraction bits in the base cycle */
	bool host_err;
	uint8_t fault_cause;
	uint64_t fault_posted;        /* cycle of the last posted one, plus 1 */
	uint16_t fault_context;
	uint16_t fault_pc;
	uint64_t fault_addr;
	uint32_t imem_latch;
	uint64_t reset_end;           /* first cycle behind a data path reset */
	bool cutting;                 /* the host side has not been at rest since */
	bool host_valid, host_we;
	bool host_done;               /* the map's access was done in this cycle */
	uint32_t host_addr, host_wdata, host_rdata;

	/* csr_counters */
	uint64_t snapshot[REG_COUNTER_COUNT];
	uint64_t snapshot_until;      /* cycle up to which it is busy */
};

/* fp_decode.c: sets bundle from the lane words. */
void fp_decode_bundle(struct iss_bundle *bundle, const uint64_t *lanes);

static inline uint32_t iss_thread_len(const struct iss_thread *t)
{
	return t->end - t->start;
}

/* fp_adjust.c: where a packet lies in its buffer. */
void fp_adjust_set(struct iss_thread *t, unsigned int front, unsigned int start, unsigned int end);
/* What adjh, adjt or adjm by n gives; t moves when that is 0. */
int fp_adjust(struct iss_thread *t, unsigned int op, int32_t n);

/* fp_core.c */
void fp_core_reset(struct iss_tile *c, struct iss *nic, unsigned int core);
/* A reset of the data path: registers, counters and memories stay. next is the first cycle behind it. */
void fp_core_clear(struct iss_tile *c, uint64_t next);
void fp_core_seed(struct iss_tile *c, uint32_t seed);
/* One cycle of the tiles that are awake; they may fall asleep. */
void fp_core_cycle(struct iss *n);
/* Counts the cycles in which it slept, up to the one before `end`. */
void fp_core_rouse(struct iss_tile *c, uint64_t end);
/* Cycles without a ready thread that it has slept through before `end` and not counted. */
uint64_t fp_core_slept(const struct iss_tile *c, uint64_t end);
/* The thread can be issued from that cycle on, which is at least the next one and at most 15 ahead. */
static inline void fp_core_wake(struct iss_tile *c, unsigned int thread, uint64_t from)
{
	c->wake[from % 16] |= 1u << thread;
	if (from > c->until)
		c->until = from;
	if (!(c->nic->awake >> c->core & 1))
		fp_core_rouse(c, c->nic->cycle + 1);
}
/* x of the thread is written in this cycle. */
void fp_core_x(struct iss_tile *c, unsigned int thread, uint64_t value);
/* A refused command of a waiting thread: it is ready from that cycle on, and its next bundle ends its packet with cause MAP. */
void fp_core_map_fault(struct iss_tile *c, unsigned int thread, uint16_t pc, uint64_t addr, uint64_t from);

/* fp_div.c */
void fp_div_cycle(struct iss_tile *c);

/* map_*.c: the map subsystem; the struct is its own. map_cycle() runs behind the tiles' pipelines in each cycle in which map_active()
 * holds: it takes commands from the heads of the tiles' queues (queue_head, queue_count as they stand at the cycle's start), answers by
 * fp_core_x(), fp_core_wake() and fp_core_map_fault(), and tells a posted command that it refuses by csr_regs_posted_fault(), tiles in
 * order. In a cycle in which it reads a word of packet or stack it sets the tile's lm_cycle. */
int map_open(struct iss *n, const struct device_ext *ext); /* allocates n->map and resets it; 0, or -1: no memory */
void map_close(struct iss *n);
bool map_is_idle(const struct iss *n); /* queues of the tiles included */
void map_cycle(struct iss *n);
/* Host access. Is the address one of the map's registers? Then map_host_start() is called in cycle r before map_cycle(), and in cycle d
 * the map code sets host_done and host_rdata. */
bool map_host_is(uint32_t addr);
void map_host_start(struct iss *n, bool we, uint32_t addr, uint32_t value);

/* csr_counters.c */
void csr_counters_copy(struct iss *n);
bool csr_counters_busy(const struct iss *n);
uint32_t csr_counters_read(const struct iss *n, uint32_t addr);

/* csr_regs.c */
static inline bool csr_regs_in_reset(const struct iss *n)
{
	return n->cycle < n->reset_end;
}
void csr_regs_reset(struct iss *n);
bool csr_regs_is_idle(const struct iss *n);
uint32_t csr_regs_read(struct iss *n, uint32_t addr);
void csr_regs_write(struct iss *n, uint32_t addr, uint32_t value);
uint64_t csr_regs_time(const struct iss *n, uint64_t cycle);
/* FAULT_*: of a packet when egress takes it; of a posted map command in its cycle, counted here. */
void csr_regs_fault(struct iss *n, const struct device_completion *c);
void csr_regs_posted_fault(struct iss_tile *c, unsigned int thread, uint16_t pc, uint64_t addr);

#endif
