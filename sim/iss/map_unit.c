// SPDX-License-Identifier: Apache-2.0
#include "map.h"

#include <stdlib.h>

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
	return n->map->desc[map].type && addr >= n->map->desc[map].values &&
	       (uint64_t)addr + bytes <= n->map->desc[map].limit;
}

bool map_unit_legal(const struct iss *n, const struct iss_command *cmd, uint64_t pointer, uint32_t bytes)
{
	uint64_t offset = pointer & 0x0fffffffffffffff;

	if (pointer >> 60 == NIC_TAG_PKT)
		return offset >= NIC_HEADROOM &&
		       offset + bytes <= (uint64_t)NIC_HEADROOM + n->tile[cmd->core].thread[cmd->thread].len;
	if (pointer >> 60 == NIC_TAG_STACK)
		return offset + bytes <= NIC_STACK_BYTES;
	return map_legal(n, pointer, bytes);
}

static void refuse(struct iss *n, const struct iss_command *cmd)
{
	struct iss_tile *c = &n->tile[cmd->core];

	if (cmd->word.wait)
		fp_core_map_fault(c, cmd->thread, cmd->pc, cmd->addr, n->cycle + NIC_MAP_LATENCY + 1);
	else
		csr_regs_posted_fault(c, cmd->thread, cmd->pc, cmd->addr);
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
	uint64_t *word = &n->map->mem[addr / 8 % ISS_MAP_WORDS];
	uint64_t m = mask == 0xff ? ~0ull : byte_mask(mask);

	*word = (*word & ~m) | (value & m);
	if (n->events.mapwrite) {
		struct device_mapwrite w = {.cycle = n->cycle, .addr = addr & ~7u, .mask = mask,
					    .engine = engine, .value = value & m};

		n->events.mapwrite(n->events.arg, &w);
	}
}

/* A write that the value unit makes some cycles from now. */
static void write_later(struct iss *n, unsigned int delay, uint32_t addr, uint8_t mask,
			uint64_t value)
{
	n->map->vu.write = true;
	n->map->vu.write_cycle = n->cycle + delay;
	n->map->vu.addr = addr;
	n->map->vu.mask = mask;
	n->map->vu.value = value;
}

/* The answer: x is written some cycles from now and the thread is ready one later. */
static void answer(struct iss *n, unsigned int delay, const struct iss_command *cmd, uint64_t value)
{
	unsigned int place = (n->cycle + delay) % 8;

	n->map->x[place] = (struct iss_x){.core = cmd->core, .thread = cmd->thread, .value = value};
	n->map->x_pending |= 1u << place;
	fp_core_wake(&n->tile[cmd->core], cmd->thread, n->cycle + delay + 1);
}

/* Both words are read here: nobody but this unit could write the second one before it is due. */
static void load(struct iss *n, const struct iss_command *cmd)
{
	const struct iss_word *w = &cmd->word;
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
	n->map->vu.free = n->cycle + 1 + across;
}

static void store(struct iss *n, const struct iss_command *cmd)
{
	const struct iss_word *w = &cmd->word;
	uint32_t addr = (uint32_t)cmd->addr;
	unsigned int at = addr % 8, across = at + w->width > 8;
	unsigned int mask = ((1u << w->width) - 1) << at;
	uint64_t v = low_bytes(w->swap ? reverse(cmd->b, w->width) : cmd->b, w->width);

	map_unit_write(n, addr, mask & 0xff, v << 8 * at, false);
	if (across)
		write_later(n, 1, addr + 8, mask >> 8, v >> (64 - 8 * at));
	n->map->vu.free = n->cycle + 1 + across;
}

static uint64_t atomic_result(const struct iss_command *cmd, uint64_t old)
{
	switch (cmd->word.op) {
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
	unsigned int width = cmd->word.w32 ? 4 : 8;
	uint32_t addr = (uint32_t)cmd->addr;
	unsigned int at = addr % 8;
	uint64_t old = low_bytes(map_unit_read(n, addr) >> 8 * at, width);

	write_later(n, NIC_MAP_LATENCY, addr, ((1u << width) - 1) << at,
		    low_bytes(atomic_result(cmd, old), width) << 8 * at);
	if (cmd->word.wait)
		answer(n, NIC_MAP_LATENCY, cmd, old);
	n->map->vu.free = n->cycle + NIC_MAP_LATENCY + 1;
}

static bool value_access_legal(const struct iss *n, const struct iss_command *cmd)
{
	const struct iss_word *w = &cmd->word;
	unsigned int width = w->width;

	if (w->op >= OP_MADD) {
		width = w->w32 ? 4 : 8;
		if (cmd->addr % width)
			return false;
	}
	return map_legal(n, cmd->addr, width);
}

/* Takes the head of a queue, unless it is for an engine that is busy. */
static void take_head(struct iss *n, struct iss_tile *c)
{
	const struct iss_command *cmd = &c->queue[c->queue_head];

	if (cmd->word.op >= OP_MLOOK) {
		if (n->map->engine.state != ENGINE_IDLE)
			return;
		map_engine_start(n, cmd);
		n->map->vu.free = n->cycle + 1;
	} else if (!value_access_legal(n, cmd)) {
		refuse(n, cmd);
		n->map->vu.free = n->cycle + 1;
	} else if (cmd->word.op == OP_MST) {
		store(n, cmd);
	} else if (cmd->word.op == OP_MLD || cmd->word.op == OP_MLDS) {
		load(n, cmd);
	} else {
		atomic(n, cmd);
	}
	c->queue_head = (c->queue_head + 1) % NIC_CMD_FIFO;
	c->queue_count--;
}

/* The core whose turn it is: the first with a command after the one served last. */
static struct iss_tile *turn(struct iss *n)
{
	for (unsigned int i = 1; i <= n->cores; i++) {
		struct iss_tile *c = &n->tile[(n->map->last + i) % n->cores];

		if (c->queue_count) {
			n->map->last = c->core;
			return c;
		}
	}
	return NULL;
}

/* The engine's reads come first, as a memory gives the old word to who reads it in the cycle of a
 * write. */
void map_cycle(struct iss *n)
{
	struct iss_map *m = n->map;
	unsigned int place = n->cycle % 8;
	bool engine_writes;
	struct iss_tile *c;

	engine_writes = m->engine.state != ENGINE_IDLE && map_engine_read(n);
	if (m->x_pending >> place & 1) {
		m->x_pending &= ~(1u << place);
		fp_core_x(&n->tile[m->x[place].core], m->x[place].thread, m->x[place].value);
	}
	if (m->vu.write && m->vu.write_cycle == n->cycle) {
		map_unit_write(n, m->vu.addr, m->vu.mask, m->vu.value, false);
		m->vu.write = false;
		engine_writes = false;
	}
	c = n->cycle >= m->vu.free && !engine_writes ? turn(n) : NULL;
	if (c)
		take_head(n, c);
	if (m->engine.state != ENGINE_IDLE)
		map_engine_finish(n, engine_writes);
}

bool map_is_idle(const struct iss *n)
{
	for (unsigned int i = 0; i < n->cores; i++)
		if (n->tile[i].queue_count)
			return false;
	return n->map->engine.state == ENGINE_IDLE && n->cycle >= n->map->vu.free;
}

bool map_active(const struct iss *n)
{
	for (unsigned int i = 0; i < n->cores; i++)
		if (n->tile[i].queue_count)
			return true;
	return n->map->x_pending || n->map->vu.write || n->map->engine.state != ENGINE_IDLE;
}

int map_open(struct iss *n)
{
	n->map = calloc(1, sizeof(*n->map));
	if (!n->map)
		return -1;
	n->map->mem = calloc(ISS_MAP_WORDS, sizeof(*n->map->mem));
	return n->map->mem ? 0 : -1;
}

void map_close(struct iss *n)
{
	if (n->map)
		free(n->map->mem);
	free(n->map);
}
