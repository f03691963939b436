// SPDX-License-Identifier: Apache-2.0
#include "iss.h"

static uint64_t low_bytes(uint64_t v, unsigned int width)
{
	return width == 8 ? v : v & ((1ull << 8 * width) - 1);
}

static uint64_t reverse(uint64_t v, unsigned int width)
{
	return __builtin_bswap64(v) >> (64 - 8 * width);
}

static bool map_legal(const struct iss *n, uint64_t pointer, uint32_t bytes)
{
	unsigned int map = pointer >> 48 & 0xff;
	uint32_t addr = (uint32_t)pointer;

	if (pointer >> 60 != NIC_TAG_MAP || (pointer & 0x0f00ffff00000000) || map >= ISS_MAPS)
		return false;
	return n->desc[map].type && addr >= n->desc[map].values &&
	       (uint64_t)addr + bytes <= n->desc[map].limit;
}

bool map_unit_legal(const struct iss *n, unsigned int thread, uint64_t pointer, uint32_t bytes)
{
	uint64_t offset = pointer & 0x0fffffffffffffff;

	if (pointer >> 60 == NIC_TAG_PKT)
		return offset >= NIC_HEADROOM &&
		       offset + bytes <= (uint64_t)NIC_HEADROOM + n->thread[thread].len;
	if (pointer >> 60 == NIC_TAG_STACK)
		return offset + bytes <= NIC_STACK_BYTES;
	return map_legal(n, pointer, bytes);
}

void map_unit_x(struct iss *n, unsigned int thread, uint64_t value)
{
	n->thread[thread].r[SR_X] = value;
	if (n->events.x) {
		struct device_x x = {.cycle = n->cycle, .thread = thread, .value = value};

		n->events.x(n->events.arg, &x);
	}
}

void map_unit_fault(struct iss *n, const struct iss_command *cmd, uint64_t from)
{
	struct iss_thread *t = &n->thread[cmd->thread];

	t->fault = true;
	t->fault_pc = cmd->pc;
	t->fault_addr = cmd->addr;
	fp_core_wake(n, cmd->thread, from);
}

static void refuse(struct iss *n, const struct iss_command *cmd)
{
	struct iss_done fault = {.thread = cmd->thread, .cause = CAUSE_MAP, .fault_pc = cmd->pc,
				 .fault_addr = cmd->addr};

	if (cmd->word->wait) {
		map_unit_fault(n, cmd, n->cycle + NIC_MAP_LATENCY + 1);
		return;
	}
	csr_regs_fault(n, &fault);
	n->counter[NIC_CNT_POSTED_FAULT]++;
}

/* Each bit of the byte mask becomes a byte of ones. */
static uint64_t byte_mask(uint8_t mask)
{
	uint64_t m = 0;

	for (unsigned int i = 0; i < 8; i++)
		if (mask >> i & 1)
			m |= 0xffull << 8 * i;
	return m;
}

void map_unit_write(struct iss *n, uint32_t addr, uint8_t mask, uint64_t value, bool engine)
{
	uint32_t at = addr / 8 % ISS_MAP_WORDS;
	uint64_t *word = &n->mem[at];
	uint64_t m = mask == 0xff ? ~0ull : byte_mask(mask);

	*word = (*word & ~m) | (value & m);
	if (n->events.mapwrite) {
		struct device_mapwrite w = {.cycle = n->cycle, .addr = 8 * at, .mask = mask,
					    .engine = engine, .value = value & m};

		n->events.mapwrite(n->events.arg, &w);
	}
}

/* A write that the value unit makes some cycles from now. */
static void write_later(struct iss *n, unsigned int delay, uint32_t addr, uint8_t mask,
			uint64_t value)
{
	n->vu.write = true;
	n->vu.write_cycle = n->cycle + delay;
	n->vu.addr = addr;
	n->vu.mask = mask;
	n->vu.value = value;
}

/* The answer: x is written some cycles from now and the thread is ready one later. */
static void answer(struct iss *n, unsigned int delay, const struct iss_command *cmd, uint64_t value)
{
	unsigned int place = (n->cycle + delay) % 8;

	n->x[place] = (struct iss_x){.thread = cmd->thread, .value = value};
	n->x_pending |= 1u << place;
	fp_core_wake(n, cmd->thread, n->cycle + delay + 1);
}

/* Both words are read here: nobody but this unit could write the second one before it is due. */
static void load(struct iss *n, const struct iss_command *cmd)
{
	const struct iss_word *w = cmd->word;
	uint32_t addr = (uint32_t)cmd->addr;
	unsigned int shift = addr % 8 * 8, across = addr % 8 + w->width > 8;
	uint64_t v = map_unit_read(n, addr) >> shift;

	if (across)
		v |= map_unit_read(n, addr + 8) << (64 - shift);
	v = low_bytes(v, w->width);
	if (w->swap)
		v = reverse(v, w->width);
	if (w->op == OP_MLDS)
		v = (uint64_t)((int64_t)(v << (64 - 8 * w->width)) >> (64 - 8 * w->width));
	answer(n, NIC_MAP_LATENCY + across, cmd, v);
	n->vu.free = n->cycle + 1 + across;
}

static void store(struct iss *n, const struct iss_command *cmd)
{
	const struct iss_word *w = cmd->word;
	uint32_t addr = (uint32_t)cmd->addr;
	unsigned int at = addr % 8, across = at + w->width > 8;
	unsigned int mask = ((1u << w->width) - 1) << at;
	uint64_t v = low_bytes(w->swap ? reverse(cmd->b, w->width) : cmd->b, w->width);

	map_unit_write(n, addr, mask & 0xff, v << 8 * at, false);
	if (across)
		write_later(n, 1, addr + 8, mask >> 8, v >> (64 - 8 * at));
	n->vu.free = n->cycle + 1 + across;
}

static uint64_t atomic_result(const struct iss_command *cmd, uint64_t old)
{
	switch (cmd->word->op) {
	case OP_MADD: return old + cmd->b;
	case OP_MAND: return old & cmd->b;
	case OP_MOR: return old | cmd->b;
	case OP_MXOR: return old ^ cmd->b;
	case OP_MXCHG: return cmd->b;
	default: return old == cmd->c ? cmd->b : old; /* MCAS */
	}
}

static void atomic(struct iss *n, const struct iss_command *cmd)
{
	unsigned int width = cmd->word->w32 ? 4 : 8;
	uint32_t addr = (uint32_t)cmd->addr;
	unsigned int at = addr % 8;
	uint64_t old = low_bytes(map_unit_read(n, addr) >> 8 * at, width);

	write_later(n, NIC_MAP_LATENCY, addr, ((1u << width) - 1) << at,
		    low_bytes(atomic_result(cmd, old), width) << 8 * at);
	if (cmd->word->wait)
		answer(n, NIC_MAP_LATENCY, cmd, old);
	n->vu.free = n->cycle + NIC_MAP_LATENCY + 1;
}

static bool value_access_legal(const struct iss *n, const struct iss_command *cmd)
{
	const struct iss_word *w = cmd->word;
	unsigned int width = w->width;

	if (w->op >= OP_MADD) {
		width = w->w32 ? 4 : 8;
		if (cmd->addr % width)
			return false;
	}
	return map_legal(n, cmd->addr, width);
}

/* Takes the head of the queue, unless it is for an engine that is busy. */
static void take_head(struct iss *n)
{
	const struct iss_command *cmd = &n->queue[n->queue_head];

	if (cmd->word->op >= OP_MLOOK) {
		if (n->engine.state != ENGINE_IDLE)
			return;
		map_engine_start(n, cmd);
		n->vu.free = n->cycle + 1;
	} else if (!value_access_legal(n, cmd)) {
		refuse(n, cmd);
		n->vu.free = n->cycle + 1;
	} else if (cmd->word->op == OP_MST) {
		store(n, cmd);
	} else if (cmd->word->op == OP_MLD || cmd->word->op == OP_MLDS) {
		load(n, cmd);
	} else {
		atomic(n, cmd);
	}
	n->queue_head = (n->queue_head + 1) % NIC_CMD_FIFO;
	n->queue_count--;
}

/* The engine's reads come first, as a memory gives the old word to who reads it in the cycle of a
 * write. */
void map_unit_cycle(struct iss *n)
{
	unsigned int place = n->cycle % 8;
	bool engine_writes = n->engine.state != ENGINE_IDLE && map_engine_read(n);

	if (n->x_pending >> place & 1) {
		n->x_pending &= ~(1u << place);
		map_unit_x(n, n->x[place].thread, n->x[place].value);
	}
	if (n->vu.write && n->vu.write_cycle == n->cycle) {
		map_unit_write(n, n->vu.addr, n->vu.mask, n->vu.value, false);
		n->vu.write = false;
		engine_writes = false;
	}
	if (n->cycle >= n->vu.free && !engine_writes && n->queue_count)
		take_head(n);
	if (n->engine.state != ENGINE_IDLE)
		map_engine_finish(n, engine_writes);
}
