// SPDX-License-Identifier: Apache-2.0
#include "iss.h"

#include <stddef.h>
#include <string.h>

/* What a bundle does, until it is known that it does not fault. */
struct effects {
	/* 0 at first */
	uint8_t did;                    /* ISS_TAKEN... */
	const struct iss_word *adjust;  /* NULL: none */
	/* set at first, too */
	struct iss_thread *t;
	uint16_t next;                  /* bundle */
	uint8_t dst[ISS_LANES];         /* operand code of each lane's result, or ISS_OPERANDS */
	/* by what it did */
	uint64_t value[ISS_LANES];
	uint8_t cause;                  /* of ISS_FAULT */
	uint8_t map;                    /* that msel selects */
	uint32_t redirect_to;
	uint64_t fault_addr;
	uint8_t *store;
	uint64_t store_value, store_mask;
	uint8_t store_width;
	uint16_t store_tag_offset;
	const struct iss_word *rnd;
	const struct iss_word *command; /* map command or division */
	uint64_t addr, b, c;            /* of the command */
	uint32_t ret;
	int32_t by;                     /* what adjust moves */
};

static uint64_t reverse(uint64_t v, unsigned int width)
{
	return __builtin_bswap64(v) >> (64 - 8 * width);
}

static int64_t sign_extend(uint64_t v, unsigned int width)
{
	return (int64_t)(v << (64 - 8 * width)) >> (64 - 8 * width);
}

/* The bytes of packet or stack that the word reads. */
static uint64_t fetch(const struct iss_word *w, const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return w->swap ? reverse(v, w->width) : v & w->bytes;
}

static uint64_t bit_field(const struct iss_word *w, uint64_t v)
{
	v = v >> w->shift & w->mask;
	return (v ^ w->sign) - w->sign;
}

static uint64_t window(const struct iss_word *w, const struct iss_thread *t)
{
	return w->wend <= iss_thread_len(t) ? fetch(w, t->pkt + t->start + w->woff) : 0;
}

/* What a word takes of the packet, for another one. */
static uint64_t taken(const struct iss_word *w, const struct iss_thread *t)
{
	if (w->op == OP_WUBFX || w->op == OP_WSBFX)
		return window(w, t);
	return w->op >= OP_WJEQ && w->op <= OP_WJNE4 ? window(w, t) & w->mask : 0;
}

/* The bytes of a packet or stack access, or NULL when it is not legal. */
static uint8_t *local(struct iss_thread *t, uint64_t addr, const struct iss_word *w)
{
	unsigned int width = w->width;
	uint64_t offset = addr & 0x0fffffffffffffff;

	if (addr >> 60 == NIC_TAG_PKT && offset >= t->front && offset + width <= t->end)
		return t->pkt + offset;
	if (addr >> 60 == NIC_TAG_STACK && offset + width <= NIC_STACK_BYTES &&
	    (offset & w->unaligned) == 0)
		return t->stack + offset;
	return NULL;
}

static void fault(struct effects *e, unsigned int cause, uint64_t addr)
{
	e->did |= ISS_FAULT;
	e->cause = (uint8_t)cause;
	e->fault_addr = addr;
}

static uint64_t load(struct effects *e, const struct iss_word *w)
{
	uint64_t addr = e->t->r[w->a] + (uint64_t)(int64_t)w->off;
	const uint8_t *p = local(e->t, addr, w);
	uint64_t v;

	if (!p) {
		if (!w->spec)
			fault(e, CAUSE_REGION, addr);
		return 0;
	}
	v = fetch(w, p);
	return w->op == OP_LDS ? (uint64_t)sign_extend(v, w->width) : v;
}

static void store(struct effects *e, const struct iss_word *w, uint64_t b)
{
	uint64_t addr = e->t->r[w->a] + (uint64_t)(int64_t)w->off;

	e->store = local(e->t, addr, w);
	if (!e->store) {
		fault(e, CAUSE_REGION, addr);
		return;
	}
	e->did |= ISS_STORE;
	e->store_width = w->width;
	e->store_tag_offset = addr >> 60 << 12 | (addr & 0xfff);
	e->store_mask = w->bytes;
	e->store_value = (w->swap ? reverse(b, w->width) : b) & w->bytes;
}

static void result(struct effects *e, const struct iss_word *w, uint64_t v)
{
	e->dst[w->lane] = w->dst;
	e->value[w->lane] = v & w->low;
}

static void control(struct effects *e, const struct iss_word *w, bool taken)
{
	if (!taken || e->did & ISS_TAKEN)
		return;
	e->did |= ISS_TAKEN;
	e->next = w->target;
}

/* The kernel's fold of csum_from32to16() after that of 64 bits to 32. */
static uint64_t fold(uint64_t a)
{
	uint32_t sum = (a + (a >> 32 | a << 32)) >> 32;

	return (sum + (sum >> 16 | sum << 16)) >> 16;
}

static uint64_t ones_sum(uint64_t a, uint64_t b)
{
	return a + b + (a + b < a);
}

static void command(struct effects *e, const struct iss_word *w, uint64_t a, uint64_t b)
{
	e->did |= ISS_COMMAND;
	e->command = w;
	e->addr = a + (uint64_t)(int64_t)w->off;
	e->b = b;
	e->c = e->t->r[w->c] & w->low;
}

static unsigned int shift_bits(const struct iss_word *w)
{
	return w->w32 ? 31 : 63;
}

static int64_t as_signed(const struct iss_word *w, uint64_t v)
{
	return w->w32 ? (int32_t)v : (int64_t)v;
}

/* Operands a and b; most words that read the packet have none. */
static inline uint64_t op_a(const struct effects *e, const struct iss_word *w)
{
	return e->t->r[w->a];
}

static inline uint64_t op_b(const struct effects *e, const struct iss_word *w)
{
	return ((e->t->r[w->b] & (uint64_t)w->use_b) | w->imm) & w->low;
}

static void run_word(struct iss_tile *c, struct effects *e, const struct iss_word *w)
{
	switch (w->op) {
	case OP_ADD: result(e, w, op_a(e, w) + op_b(e, w)); break;
	case OP_SUB: result(e, w, op_a(e, w) - op_b(e, w)); break;
	case OP_AND: result(e, w, op_a(e, w) & op_b(e, w)); break;
	case OP_OR: result(e, w, op_a(e, w) | op_b(e, w)); break;
	case OP_XOR: result(e, w, op_a(e, w) ^ op_b(e, w)); break;
	case OP_LSH: result(e, w, op_a(e, w) << (op_b(e, w) & shift_bits(w))); break;
	case OP_RSH: result(e, w, (op_a(e, w) & w->low) >> (op_b(e, w) & shift_bits(w))); break;
	case OP_ARSH:
		result(e, w, (uint64_t)(as_signed(w, op_a(e, w)) >> (op_b(e, w) & shift_bits(w))));
		break;
	case OP_MUL: result(e, w, op_a(e, w) * op_b(e, w)); break;
	case OP_MOV: result(e, w, op_b(e, w)); break;
	case OP_MOVH: result(e, w, w->imm << 32 | (uint32_t)op_a(e, w)); break;
	case OP_UBFX:
	case OP_SBFX: result(e, w, bit_field(w, op_a(e, w))); break;
	case OP_BSWAP: result(e, w, reverse(op_a(e, w), w->width)); break;
	case OP_WUBFX:
	case OP_WSBFX: result(e, w, bit_field(w, window(w, e->t))); break;

	case OP_JEQ: control(e, w, (op_a(e, w) & w->low) == op_b(e, w)); break;
	case OP_JNE: control(e, w, (op_a(e, w) & w->low) != op_b(e, w)); break;
	case OP_JGT: control(e, w, (op_a(e, w) & w->low) > op_b(e, w)); break;
	case OP_JGE: control(e, w, (op_a(e, w) & w->low) >= op_b(e, w)); break;
	case OP_JLT: control(e, w, (op_a(e, w) & w->low) < op_b(e, w)); break;
	case OP_JLE: control(e, w, (op_a(e, w) & w->low) <= op_b(e, w)); break;
	case OP_JSGT: control(e, w, as_signed(w, op_a(e, w)) > as_signed(w, op_b(e, w))); break;
	case OP_JSGE: control(e, w, as_signed(w, op_a(e, w)) >= as_signed(w, op_b(e, w))); break;
	case OP_JSLT: control(e, w, as_signed(w, op_a(e, w)) < as_signed(w, op_b(e, w))); break;
	case OP_JSLE: control(e, w, as_signed(w, op_a(e, w)) <= as_signed(w, op_b(e, w))); break;
	case OP_JSET: control(e, w, op_a(e, w) & op_b(e, w)); break;
	case OP_JNSET: control(e, w, !(op_a(e, w) & op_b(e, w))); break;
	case OP_WJEQ:
	case OP_WJEQ4: control(e, w, (window(w, e->t) & w->mask) == w->imm); break;
	case OP_WJNE:
	case OP_WJNE4: control(e, w, (window(w, e->t) & w->mask) != w->imm); break;
	case OP_WJGT: control(e, w, (window(w, e->t) & w->mask) > w->imm); break;
	case OP_WJLT: control(e, w, (window(w, e->t) & w->mask) < w->imm); break;
	case OP_JMP: control(e, w, true); break;
	case OP_JMPR:
		if (!(e->did & ISS_TAKEN))
			e->next = op_a(e, w) & 0x1fff;
		e->did |= ISS_TAKEN;
		break;
	case OP_EXIT:
		if (!(e->did & ISS_TAKEN)) {
			e->did |= ISS_TAKEN | ISS_EXIT;
			e->ret = (uint32_t)op_b(e, w);
		}
		break;

	case OP_LD:
	case OP_LDS: result(e, w, load(e, w)); break;
	case OP_ST:
	case OP_ST6: store(e, w, op_b(e, w)); break;
	case OP_RDT: result(e, w, csr_regs_time(c->nic, c->cycle)); break;
	case OP_RND:
		e->did |= ISS_RND;
		e->rnd = w;
		break;
	case OP_RDIR:
		e->did |= ISS_REDIRECT;
		e->redirect_to = (uint32_t)op_b(e, w);
		break;
	case OP_MSEL:
		e->did |= ISS_SELECT;
		e->map = op_b(e, w) >> 48;
		break;
	case OP_OADD: result(e, w, ones_sum(op_a(e, w), op_b(e, w))); break;
	case OP_FOLD: result(e, w, fold(op_a(e, w))); break;
	case OP_ADJH ... OP_ADJM:
		e->adjust = w;
		e->by = (int32_t)op_b(e, w);
		break;

	case OP_DIVU ... OP_MODS: command(e, w, op_a(e, w) & w->low, op_b(e, w)); break;
	case OP_MLD ... OP_MCAS:
	case OP_MLOOK ... OP_MLOOKR: command(e, w, op_a(e, w), op_b(e, w)); break;
	default: __builtin_unreachable(); /* such a bundle is illegal */
	}
}

static void run_bundle(struct iss_tile *c, struct effects *e, const struct iss_bundle *bundle)
{
	struct iss_thread *t = e->t;

	if (bundle->illegal | t->fault) {
		fault(e, bundle->illegal ? CAUSE_ILLEGAL : CAUSE_MAP, bundle->illegal ? 0 : t->fault_addr);
		return;
	}
	if (bundle->takes) {
		t->r[ISS_WIN_A] = taken(&bundle->first[0], t);
		t->r[ISS_WIN_B] = taken(&bundle->first[1], t);
	}
	for (const struct iss_word *w = bundle->word, *end = w + bundle->count; w != end; w++)
		if (!(w->guard & e->did))
			run_word(c, e, w);
	if (!(e->did & ISS_EXIT)) {
		if (t->bundles >= c->nic->watchdog && !(e->did & ISS_FAULT))
			fault(e, CAUSE_WATCHDOG, 0);
	} else if ((e->did & ISS_COMMAND) && e->command->wait) {
		e->did &= ~ISS_COMMAND; /* a packet that ends has nobody to wait for an answer */
	}
}

static void record(struct iss_tile *c, const struct effects *e)
{
	struct device_retire *r = &c->retire[c->cycle % 16];

	*r = (struct device_retire){
		.cycle = c->cycle - ISS_STAGE_E1 + NIC_RETIRE, .pc = e->t->pc, .core = c->core,
		.thread = e->t->number, .cause = e->did & ISS_FAULT ? e->cause : 0, .exit = (e->did & (ISS_FAULT | ISS_EXIT)) != 0,
	};
	c->retire_valid |= 1u << c->cycle % 16;
	if (e->did & ISS_FAULT)
		return;
	if (e->did & ISS_EXIT)
		r->ret = e->ret;
	else
		r->next_pc = e->next;
	for (unsigned int lane = 0; lane < ISS_LANES; lane++)
		if (e->dst[lane] != ISS_OPERANDS) {
			r->reg_we |= 1u << lane;
			r->reg[lane] = e->dst[lane] & 15;
			r->value[lane] = e->value[lane];
		}
	if (e->did & ISS_RND) {
		r->reg_we |= 1u << e->rnd->lane;
		r->reg[e->rnd->lane] = e->rnd->dst & 15;
	}
	if (e->did & ISS_STORE) {
		r->store = 1;
		r->store_width = e->store_width;
		r->store_tag_offset = e->store_tag_offset;
		r->store_value = e->store_value;
	}
	if (e->did & ISS_COMMAND) {
		r->command = e->command->op;
		r->cmd_addr = e->addr;
		r->cmd_b = e->b;
		r->cmd_c = e->c;
	}
}

static bool is_division(const struct iss_word *w)
{
	return w->op >= OP_DIVU && w->op <= OP_MODS;
}

/* The command can be seen in its queue from c+8 on, when those executed before it are there too. */
static void send_command(struct iss_tile *c, const struct effects *e)
{
	const struct iss_word *w = e->command;
	unsigned int place;

	c->e1.any = true;
	if (is_division(w)) {
		e->t->div.op = w->op;
		e->t->div.w32 = w->w32;
		e->t->div.a = e->addr;
		e->t->div.b = e->b;
		place = (c->div_head + c->div_count + c->e2.div) % ISS_THREADS;
		c->div_queue[place] = e->t->number;
		c->e1.div = true;
		return;
	}
	place = (c->queue_head + c->queue_count + c->e2.command) % NIC_CMD_FIFO;
	c->queue[place] = (struct iss_command){
		.word = w->form,
		.core = c->core, .thread = e->t->number, .pc = e->t->pc, .addr = e->addr, .b = e->b, .c = e->c,
	};
	if (w->op >= OP_MLOOK && w->map == NIC_MAP_SELECTED)
		c->queue[place].word.map = e->t->selected;
	c->e1.command = true;
}

static void write(struct iss_tile *c, const struct effects *e)
{
	uint64_t v;

	c->stored = e->store;
	c->stored_width = e->store_width;
	c->stored_cycle = c->cycle;
	memcpy(&c->stored_over, e->store, sizeof(v));
	v = (c->stored_over & ~e->store_mask) | e->store_value;
	memcpy(e->store, &v, sizeof(v));
	c->store_m1 |= 1u << 2;
}

/* What few bundles do. */
static void commit_more(struct iss_tile *c, const struct effects *e)
{
	if (e->did & ISS_REDIRECT)
		e->t->target = e->redirect_to;
	if (e->did & ISS_SELECT)
		e->t->selected = e->map;
	if (e->did & ISS_RND) {
		c->e1.any = true;
		c->e1.rnd = &e->t->r[e->rnd->dst];
	}
	if (e->did & ISS_COMMAND)
		send_command(c, e);
}

static void commit(struct iss_tile *c, const struct effects *e)
{
	struct iss_thread *t = e->t;
	unsigned int did = e->did;

	for (unsigned int lane = 0; lane < ISS_LANES; lane++)
		t->r[e->dst[lane]] = e->value[lane];
	if (did & ISS_STORE)
		write(c, e);
	if (did & (ISS_REDIRECT | ISS_SELECT | ISS_RND | ISS_COMMAND))
		commit_more(c, e);
	if (did & ISS_EXIT)
		return;
	if (!(did & ISS_COMMAND) || !e->command->wait)
		c->wake[(c->cycle + 2) % 16] |= 1u << t->number;
	t->pc = e->next;
}

static void end_packet(struct iss_tile *c, const struct effects *e)
{
	struct iss_thread *t = e->t;

	bool fault = e->did & ISS_FAULT;

	t->done = (struct iss_done){
		.thread = e->t->number, .cause = fault ? e->cause : 0, .ret = fault ? 0 : e->ret,
		.bundles = t->bundles, .cycles = c->cycle + 2 - t->ready_cycle,
	};
	if (fault) {
		t->done.fault_pc = e->cause == CAUSE_MAP ? t->fault_pc : t->pc;
		t->done.fault_addr = e->fault_addr;
	}
	c->e1.any = true;
	c->e1.done = &t->done;
}

/* The E1 cycle of the thread's bundle. */
static void execute(struct iss_tile *c, struct iss_thread *t)
{
	struct effects e;
	unsigned int did;

	memset(&e, 0, offsetof(struct effects, t));
	e.next = (t->pc + 1) & 0x1fff;
	memset(e.dst, ISS_OPERANDS, sizeof(e.dst));
	e.t = t;
	t->bundles++;
	run_bundle(c, &e, &c->nic->imem[t->pc % ISS_IMEM]);
	did = e.did;
	/* at last, as it changes what other words of the bundle read */
	if (e.adjust && !(did & ISS_FAULT))
		result(&e, e.adjust, (uint64_t)fp_adjust(t, e.adjust->op, e.by));
	if (c->nic->events.retire)
		record(c, &e);
	if (did & (ISS_FAULT | ISS_EXIT))
		end_packet(c, &e);
	if (!(did & ISS_FAULT))
		commit(c, &e);
}

/* The S cycle: the first ready thread after the last one issued. */
static void issue(struct iss_tile *c)
{
	uint32_t after;
	unsigned int thread;

	if (!c->ready) {
		++*(c->running ? &c->count_stall : &c->count_idle);
		return;
	}
	if (c->queue_count > NIC_CMD_FIFO - NIC_CMD_RESERVE) {
		c->count_cmd_full++;
		return;
	}
	after = c->ready & c->after;
	thread = (unsigned int)__builtin_ctz(after ? after : c->ready);
	c->after = ~1u << thread;
	c->ready &= ~(1u << thread);
	c->pipe[c->cycle % 16] = (uint8_t)thread;
	__builtin_prefetch(&c->thread[thread].pc);
	__builtin_prefetch(&c->thread[thread].r[SR_LEN]);
	c->until = c->cycle + 15;
	c->count_bundles++;
}

/* Only in E2 is it known that the bundle does not fault, and the generator steps. */
static void step_random(struct iss_tile *c)
{
	uint32_t s = c->rnd;

	s ^= s << 13;
	s ^= s >> 17;
	s ^= s << 5;
	c->rnd = s;
	*c->e2.rnd = s;
	c->retire[(c->cycle - 1) % 16].value[ISS_LANES - 1] = s;
}

/* What was in E2 in the cycle before can be seen now. */
static void arrive(struct iss_tile *c)
{
	if (c->e2.command) {
		c->queue_count++;
		c->nic->commands |= 1u << c->core;
	}
	c->div_count += c->e2.div;
	if (c->e2.done) {
		c->ended = c->e2.done->thread + 1;
		c->nic->ended |= 1u << c->core;
		c->running &= ~(1u << c->e2.done->thread);
	}
}

/* What was in E1 is in E2. */
static void shift(struct iss_tile *c)
{
	if (c->e2.any)
		arrive(c);
	c->e2 = c->e1;
	c->e1 = (struct iss_stage){0};
	if (c->e2.rnd)
		step_random(c);
}

/* The WB cycle: shows the record of the bundle executed NIC_RETIRE - ISS_STAGE_E1 cycles ago. */
static void retire(struct iss_tile *c)
{
	unsigned int place = (c->cycle - (NIC_RETIRE - ISS_STAGE_E1)) % 16;

	if (c->retire_valid >> place & 1) {
		c->retire_valid &= ~(1u << place);
		c->nic->events.retire(c->nic->events.arg, &c->retire[place]);
	}
}

uint64_t fp_core_slept(const struct iss_tile *c, uint64_t end)
{
	return c->nic->awake >> c->core & 1 ? 0 : end - c->asleep;
}

void fp_core_rouse(struct iss_tile *c, uint64_t end)
{
	*(c->running ? &c->count_stall : &c->count_idle) += end - c->asleep;
	c->nic->awake |= 1u << c->core;
}

static void tile_cycle(struct iss_tile *c)
{
	unsigned int now = c->cycle % 16, e1 = (c->cycle - ISS_STAGE_E1) % 16, thread = c->pipe[e1];

	if (!c->ready && c->cycle > c->until && !c->div_busy && !c->div_count) {
		c->nic->awake &= ~(1u << c->core);
		c->asleep = c->cycle;
		return;
	}
	c->store_m1 >>= 1;
	if (c->e1.any | c->e2.any)
		shift(c);
	c->ready |= c->wake[now];
	c->wake[now] = 0;
	issue(c);
	if (c->div_busy | c->div_count)
		fp_div_cycle(c);
	if (thread != ISS_NONE) {
		c->pipe[e1] = ISS_NONE;
		execute(c, &c->thread[thread]);
	}
	if (c->retire_valid)
		retire(c);
}

void fp_core_cycle(struct iss *n)
{
	struct iss_tile *c = n->tile;

	for (uint32_t m = n->awake; m; m >>= 1, c++)
		if (m & 1) {
			c->cycle = n->cycle;
			tile_cycle(c);
		}
}

void fp_core_x(struct iss_tile *c, unsigned int thread, uint64_t value)
{
	const struct iss *n = c->nic;

	c->thread[thread].r[SR_X] = value;
	if (n->events.x) {
		struct device_x x = {.cycle = n->cycle, .core = c->core, .thread = thread, .value = value};

		n->events.x(n->events.arg, &x);
	}
}

void fp_core_map_fault(struct iss_tile *c, unsigned int thread, uint16_t pc, uint64_t addr, uint64_t from)
{
	struct iss_thread *t = &c->thread[thread];

	t->fault = true;
	t->fault_pc = pc;
	t->fault_addr = addr;
	fp_core_wake(c, thread, from);
}

void fp_core_seed(struct iss_tile *c, uint32_t seed)
{
	c->rnd = seed ^ c->core * (uint32_t)NIC_RND_SPREAD;
	if (!c->rnd)
		c->rnd = NIC_RND_SEED;
}

void fp_core_clear(struct iss_tile *c, uint64_t next)
{
	/* A bundle that is in E1 does not reach E2, where its store would be let into the memory. */
	if (c->stored && c->stored_cycle + 1 == next)
		memcpy(c->stored, &c->stored_over, c->stored_width);
	if (fp_core_slept(c, next))
		fp_core_rouse(c, next);
	c->until = 0;
	c->ready = c->running = c->store_m1 = 0;
	c->after = ~1u;
	c->queue_head = c->queue_count = c->ended = 0;
	c->retire_valid = 0;
	memset(c->wake, 0, sizeof(c->wake));
	memset(c->pipe, ISS_NONE, sizeof(c->pipe));
	c->e1 = c->e2 = (struct iss_stage){0};
	c->div_head = c->div_count = 0;
	c->div_busy = false;
	fp_core_seed(c, NIC_RND_SEED);
	c->nic->awake &= ~(1u << c->core);
	c->nic->commands &= ~(1u << c->core);
	c->asleep = next;
}

void fp_core_reset(struct iss_tile *c, struct iss *nic, unsigned int core)
{
	c->nic = nic;
	c->core = core;
	fp_core_clear(c, 0);
	for (int i = 0; i < ISS_THREADS; i++) {
		uint64_t *r = c->thread[i].r;

		c->thread[i].number = (uint8_t)i;
		r[SR_FP] = (uint64_t)NIC_TAG_STACK << 60 | NIC_STACK_BYTES;
		r[SR_CTX] = (uint64_t)NIC_TAG_CTX << 60;
		r[SR_CPU] = core * ISS_THREADS + i;
		for (uint64_t map = 0; map <= SR_MAP15 - SR_MAP0; map++)
			r[SR_MAP0 + map] = (uint64_t)NIC_TAG_MAP << 60 | map << 48;
		for (uint64_t map = 0; map <= SR_OWN7 - SR_OWN0; map++) {
			r[SR_OWN0 + map] = r[SR_MAP0 + map] + 8 * r[SR_CPU];
			r[SR_PAIR0 + map] = r[SR_MAP0 + map] + 16 * r[SR_CPU];
		}
	}
}
