/* SPDX-License-Identifier: Apache-2.0
 *
 * State of the C model, to the clock of hw/spec/machine.md. One file per hardware block, named as
 * in hw/rtl; device_iss.c is the top and says in which order the blocks see a cycle. A bundle is
 * executed whole in its E1 cycle: everything it reads is its thread's own and stable by then, and
 * what others can see of it (queues, ready bits, ports) is handed over at its exact cycle.
 */
#ifndef SIM_ISS_ISS_H
#define SIM_ISS_ISS_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/spec/isa.h"
#include "hw/spec/regs.h"
#include "sim/device.h"

/* Parameters of the NIC; the Verilog has the same ones. */
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
#define ISS_IMEM 4096
#endif
#ifndef ISS_MAP_WORDS
#define ISS_MAP_WORDS 65536
#endif
#ifndef ISS_MAPS
#define ISS_MAPS 64
#endif

#define ISS_ALL_THREADS ((uint32_t)((1ull << ISS_THREADS) - 1))

enum { ISS_OPERANDS = 128, ISS_OFFERS = 64, ISS_STAGE_E1 = 6, ISS_NONE = 0xff, ISS_TYPE_HASH = 1 };

/* One lane word of a bundle that is not a nop, ready to run. */
struct iss_word {
	uint8_t op;
	uint8_t lane;
	uint8_t guard;
	uint8_t w32;
	uint8_t has_imm;
	uint8_t dst;          /* index into iss_thread.r */
	uint8_t a, b, c;      /* likewise */
	uint8_t width;        /* bytes */
	uint8_t swap, spec, shift, map, woff;
	uint8_t wait;         /* suspends the thread */
	int16_t off;
	uint16_t target;
	uint64_t imm;         /* extended as the form says; or what the window is compared with */
	uint64_t mask;        /* of the bit field, or of the window compare */
	uint64_t sign;        /* top bit of a bit field that is sign-extended, else 0 */
};

struct iss_bundle {
	uint8_t count;
	uint8_t illegal;
	struct iss_word word[ISS_LANES];
};

struct iss_thread {
	uint64_t r[ISS_OPERANDS];     /* by operand code: registers, x, constants of the packet */
	uint16_t pc;
	uint16_t len;
	uint32_t number;
	uint32_t bundles;
	uint64_t ready_cycle;         /* first cycle it was ready with this packet */
	bool fault;                   /* a map fault ends it at its next bundle */
	uint16_t fault_pc;
	uint64_t fault_addr;
	struct {                      /* division under way */
		const struct iss_word *word;
		uint64_t a, b;
	} div;
	uint8_t stack[NIC_STACK_BYTES];
	uint8_t pkt[NIC_PKT_BUFFER];
};

struct iss_done {             /* an ended packet on its way to the sender */
	uint8_t thread;
	uint8_t cause;
	uint32_t ret;
	uint32_t fault_pc;
	uint64_t fault_addr;
	uint32_t bundles, cycles;
};

struct iss_command {
	const struct iss_word *word;
	uint8_t thread;
	uint16_t pc;
	uint64_t addr, b, c;
};

enum iss_engine_state {
	ENGINE_IDLE, ENGINE_DESC, ENGINE_KEY, ENGINE_HASH, ENGINE_BUCKET, ENGINE_WALK,
	ENGINE_WALK_KEY, ENGINE_UNLINK, ENGINE_RELEASE, ENGINE_ALLOC, ENGINE_READ, ENGINE_WRITE,
	ENGINE_FILL_KEY, ENGINE_FILL_HEAD, ENGINE_FILL_LINK, ENGINE_DONE,
};

struct iss_desc {
	uint32_t word[8];     /* as the host wrote them */
	uint8_t type;
	uint32_t key_size, value_size, values, limit, buckets, mask, stride, seed;
	uint32_t free, next, spare;
};

struct iss_engine {
	enum iss_engine_state state;
	uint64_t start, end;  /* first and last cycle of the step; a write may wait longer */
	struct iss_command cmd;
	struct iss_desc *desc;
	uint64_t key[NIC_KEY_BYTES / 8];
	uint64_t read, before;/* word of the RD or RDK step; value: the raw word before it */
	uint32_t index;       /* word of the key */
	uint32_t count;       /* raw words of the operand */
	uint32_t have, out;   /* value: raw words read, words written */
	uint32_t to;          /* address of value word 0 */
	uint32_t hash, bucket, head;
	uint32_t entry, link; /* address of the entry looked at and of the word that points to it */
	uint64_t entry_word, link_word; /* word 0 of the entry; of the entry before it */
	uint32_t fresh;       /* entry that is being filled */
	uint32_t walked;
	bool found;
	bool fault;           /* the walk was too long: no result */
	int64_t result;
};

struct iss_value_unit {
	uint64_t free;        /* first cycle in which it can take a command */
	uint64_t write_cycle; /* of a write that is still to come */
	bool write;
	uint8_t mask;
	uint32_t addr;
	uint64_t value;
};

struct iss_x {                /* a write of x that is still to come */
	uint8_t thread;
	uint64_t value;
};

struct iss {
	struct device device;
	struct device_events events;

	uint64_t cycle;

	/* fp_sched, fp_core */
	uint32_t ready;
	uint32_t idle;                /* contexts without a packet */
	uint32_t wake[16];            /* threads that become ready, by cycle */
	uint8_t last;                 /* thread issued last */
	uint8_t pipe[16];             /* thread issued, by cycle */
	uint32_t store_m1;            /* bit per cycle modulo 32 */
	bool e2_command, e2_done, e2_div;
	uint64_t *e2_rnd;             /* register that takes the next random number */
	uint32_t rnd;
	struct device_retire retire[16]; /* by cycle of issue */
	uint16_t retire_valid;

	/* fp_div */
	uint8_t div_queue[ISS_THREADS];
	uint8_t div_head, div_count;
	bool div_busy;
	uint8_t div_thread;
	uint64_t div_end;             /* cycle in which x is written */

	/* map_unit, map_engine */
	struct iss_command queue[NIC_CMD_FIFO];
	uint8_t queue_head, queue_count;
	struct iss_value_unit vu;
	struct iss_engine engine;
	struct iss_x x[8];            /* of the value unit, by cycle */
	uint8_t x_pending;            /* bit per place of x */
	bool port_b;                  /* the engine reads packet or stack in this cycle */

	/* pkt_rx */
	struct {
		uint32_t len;
		uint8_t data[DEVICE_FRAME_MAX];
	} offer[ISS_OFFERS];
	uint8_t offer_head, offer_count;
	uint32_t rx_beat;             /* beats taken of the frame at the head */
	uint8_t rx_thread;

	/* pkt_tx */
	struct iss_done done[ISS_THREADS];
	uint8_t done_head, done_count;
	uint32_t tx_rows;             /* still to read; 0: the sender is free */
	struct device_completion tx_of;

	/* csr_regs */
	uint32_t ctrl, threads, entry, watchdog, ifindex, rxq;
	uint32_t time_inc, time_lo, time_latch;
	uint64_t time_base_cycle;
	unsigned __int128 time_base;  /* ns with 24 fraction bits in the base cycle */
	bool host_err;
	uint8_t fault_cause, fault_thread;
	uint16_t fault_pc;
	uint64_t fault_addr;
	uint64_t counter[24];
	uint32_t counter_latch, mapmem_latch_r, mapmem_latch_w, imem_latch;
	bool host_valid, host_we;
	bool host_idle;               /* the NIC was idle when the cycle of the access began */
	uint32_t host_addr, host_wdata, host_rdata;

	struct iss_thread thread[ISS_THREADS];
	struct iss_desc desc[ISS_MAPS];
	struct iss_bundle *imem;
	uint64_t (*imem_raw)[ISS_LANES];
	uint64_t *mem;                /* map memory */
};

/* fp_decode.c: sets bundle from the lane words. */
void fp_decode_bundle(struct iss_bundle *bundle, const uint64_t *lanes);

/* fp_core.c */
void fp_core_issue(struct iss *n);
void fp_core_e2(struct iss *n);
void fp_core_execute(struct iss *n, unsigned int thread);
void fp_core_retire(struct iss *n);
/* The thread can be issued from that cycle on, which is at most 15 cycles ahead. */
static inline void fp_core_wake(struct iss *n, unsigned int thread, uint64_t from)
{
	n->wake[from % 16] |= 1u << thread;
}

/* fp_div.c */
void fp_div_cycle(struct iss *n);

/* map_unit.c: command queue, value unit, engine. */
static inline bool map_unit_active(const struct iss *n)
{
	return n->queue_count || n->x_pending || n->vu.write || n->engine.state != ENGINE_IDLE;
}
void map_unit_cycle(struct iss *n);
/* Do all bytes of an operand of the engine lie inside the region of their pointer? */
bool map_unit_legal(const struct iss *n, unsigned int thread, uint64_t pointer, uint32_t bytes);
void map_unit_write(struct iss *n, uint32_t addr, uint8_t mask, uint64_t value, bool engine);
void map_unit_x(struct iss *n, unsigned int thread, uint64_t value);
/* A refused command of a waiting thread: it is ready from that cycle on, and its next bundle ends
 * its packet with cause MAP. */
void map_unit_fault(struct iss *n, const struct iss_command *cmd, uint64_t from);
static inline uint64_t map_unit_read(const struct iss *n, uint32_t addr)
{
	return n->mem[addr / 8 % ISS_MAP_WORDS];
}

/* map_engine.c: read() starts the reads of this cycle and says whether the engine is ready to
 * write; finish() ends the steps whose last cycle this is, writing when write is set. */
void map_engine_start(struct iss *n, const struct iss_command *cmd);
bool map_engine_read(struct iss *n);
void map_engine_finish(struct iss *n, bool write);

/* pkt_rx.c, pkt_tx.c */
void pkt_rx_cycle(struct iss *n, uint32_t idle, bool port_used);
bool pkt_tx_cycle(struct iss *n);     /* true when it used port B */

/* csr_regs.c */
void csr_regs_reset(struct iss *n);
bool csr_regs_is_idle(const struct iss *n);
uint32_t csr_regs_read(struct iss *n, uint32_t addr);
void csr_regs_write(struct iss *n, uint32_t addr, uint32_t value);
uint64_t csr_regs_time(const struct iss *n, uint64_t cycle);
void csr_regs_fault(struct iss *n, const struct iss_done *done);

#endif
