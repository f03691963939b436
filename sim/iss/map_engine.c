// SPDX-License-Identifier: Apache-2.0
#include "map.h"

#include <string.h>

/* Errors as eBPF helpers give them. */
enum { NO_ENTRY = -2, TOO_BIG = -7, EXISTS = -17, INVALID = -22 };
enum { FLAG_NOEXIST = 1, FLAG_EXIST = 2 };

static uint32_t words(uint32_t bytes)
{
	return (bytes + 7) / 8;
}

static uint32_t raw_words(uint64_t pointer, uint32_t bytes)
{
	return ((pointer & 7) + bytes + 7) / 8;
}

static uint64_t with_hash(uint32_t next, uint64_t hash)
{
	return hash << 32 | next;
}

/* The next step begins in the next cycle. */
static void step(struct iss *n, enum iss_engine_state state, unsigned int cycles)
{
	n->map->engine.state = state;
	n->map->engine.start = n->cycle + 1;
	n->map->engine.end = n->cycle + cycles;
}

static void step_read(struct iss *n, enum iss_engine_state state)
{
	step(n, state, NIC_MAP_LATENCY + 1);
}

static void step_operand(struct iss *n, enum iss_engine_state state, uint64_t pointer)
{
	step(n, state, pointer >> 60 == NIC_TAG_MAP ? NIC_MAP_LATENCY + 1 : NIC_LMEM_READ);
}

static void done(struct iss *n, int64_t result)
{
	n->map->engine.result = result;
	step(n, ENGINE_DONE, 1);
}

void map_engine_start(struct iss *n, const struct iss_command *cmd)
{
	n->map->engine.cmd = *cmd;
	step(n, ENGINE_DESC, 1);
}

static uint64_t value_pointer(const struct iss_engine *e)
{
	return e->cmd.b;
}

static bool is_legal(const struct iss *n)
{
	const struct iss_command *cmd = &n->map->engine.cmd;
	const struct iss_desc *d;

	if (cmd->word.map >= ISS_MAPS)
		return false;
	d = &n->map->desc[cmd->word.map];
	if (cmd->word.op == OP_MCPY)
		return d->type && d->value_size && cmd->addr >> 60 == NIC_TAG_MAP &&
		       cmd->addr % 8 == 0 && (cmd->addr >> 48 & 0xff) == cmd->word.map &&
		       map_unit_legal(n, cmd, cmd->addr, d->value_size) &&
		       map_unit_legal(n, cmd, cmd->b, d->value_size);
	if (d->type != ISS_TYPE_HASH || !d->key_size || d->key_size > NIC_KEY_BYTES)
		return false;
	return map_unit_legal(n, cmd, cmd->addr, d->key_size) &&
	       (cmd->word.op != OP_MUPD ||
		(d->value_size && map_unit_legal(n, cmd, cmd->b, d->value_size)));
}

/* Raw word i of the operand; bytes outside the operand are 0. */
static uint64_t operand_word(struct iss *n, uint64_t pointer, uint32_t bytes, uint32_t i)
{
	const struct iss_tile *c = &n->tile[n->map->engine.cmd.core];
	const struct iss_thread *t = &c->thread[n->map->engine.cmd.thread];
	uint32_t at = ((uint32_t)pointer & ~7u) + 8 * i;
	uint32_t before = i == 0 ? pointer & 7 : 0;
	uint32_t end = (uint32_t)pointer + bytes;
	uint64_t v;

	if (pointer >> 60 == NIC_TAG_MAP) {
		v = map_unit_read(n, at);
	} else {
		memcpy(&v, (pointer >> 60 == NIC_TAG_PKT ? t->pkt : t->stack) + at, sizeof(v));
	}
	v = v >> 8 * before << 8 * before;
	if (end - at < 8)
		v &= (1ull << 8 * (end - at)) - 1;
	return v;
}

bool map_engine_read(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;

	if (n->cycle < e->start)
		return false;
	switch (e->state) {
	case ENGINE_UNLINK:
	case ENGINE_RELEASE:
	case ENGINE_WRITE:
	case ENGINE_FILL_KEY:
	case ENGINE_FILL_HEAD:
	case ENGINE_FILL_LINK:
		return true;
	default:
		break;
	}
	if (n->cycle != e->start)
		return false;
	switch (e->state) {
	case ENGINE_KEY:
		e->read = operand_word(n, e->cmd.addr, e->desc->key_size, e->index);
		break;
	case ENGINE_BUCKET:
		e->read = map_unit_read(n, e->bucket);
		break;
	case ENGINE_WALK:
		e->read = map_unit_read(n, e->entry);
		break;
	case ENGINE_WALK_KEY:
		e->read = map_unit_read(n, e->entry + 8 + 8 * e->index);
		break;
	case ENGINE_ALLOC:
		e->read = map_unit_read(n, e->desc->free);
		break;
	case ENGINE_READ:
		e->before = e->read;
		e->read = operand_word(n, value_pointer(e), e->desc->value_size, e->have);
		break;
	default:
		break;
	}
	return false;
}

static uint32_t rotl(uint32_t v, int by)
{
	return v << by | v >> (32 - by);
}

static uint32_t hash(const struct iss_engine *e)
{
	uint32_t h = e->desc->seed;

	for (uint32_t i = 0; i < 2 * words(e->desc->key_size); i++) {
		h ^= (uint32_t)(e->key[i / 2] >> 32 * (i % 2));
		h += h << 12;
		h = rotl(h, 15);
	}
	h = (h + 0x7ed55d16) + (h << 12);
	h = (h ^ 0xc761c23c) ^ (h >> 19);
	h = (h + 0x165667b1) + (h << 5);
	h = (h + 0xd3a2646c) ^ (h << 9);
	h = (h + 0xfd7046c5) + (h << 3);
	return (h ^ 0xb55a4f09) ^ (h >> 16);
}

/* The next value word: reads what it still needs, then writes; behind the last one the key or the
 * end. */
static void fill(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;
	uint32_t ahead = value_pointer(e) % 8 ? 1 : 0;
	uint32_t need = e->out + 1 + ahead < e->count ? e->out + 1 + ahead : e->count;

	if (e->out == words(e->desc->value_size)) {
		e->index = 0;
		if (e->cmd.word.op == OP_MCPY)
			done(n, 0);
		else
			step(n, ENGINE_FILL_KEY, 1);
	} else if (e->have < need) {
		step_operand(n, ENGINE_READ, value_pointer(e));
	} else {
		step(n, ENGINE_WRITE, 1);
	}
}

static void fill_start(struct iss *n, uint32_t to)
{
	struct iss_engine *e = &n->map->engine;

	e->to = to;
	e->out = e->have = 0;
	e->count = raw_words(value_pointer(e), e->desc->value_size);
	fill(n);
}

static uint64_t fill_word(const struct iss_engine *e)
{
	unsigned int shift = value_pointer(e) % 8 * 8;

	if (shift == 0 || e->out + 1 >= e->count)
		return e->read >> shift;
	return e->before >> shift | e->read << (64 - shift);
}

static void fill_entry(struct iss *n, uint32_t entry)
{
	n->map->engine.fresh = entry;
	fill_start(n, entry + 8 + 8 * words(n->map->engine.desc->key_size));
}

static void allocate(struct iss *n)
{
	struct iss_desc *d = n->map->engine.desc;

	if (d->free) {
		step_read(n, ENGINE_ALLOC);
	} else if (d->next < d->limit - d->stride) {
		uint32_t entry = d->next;

		d->next += d->stride;
		fill_entry(n, entry);
	} else {
		done(n, TOO_BIG);
	}
}

/* The walk is over. */
static void decide(struct iss *n, bool found)
{
	struct iss_engine *e = &n->map->engine;
	uint64_t flags = e->cmd.c;

	e->found = found;
	if (e->cmd.word.op == OP_MLOOK) {
		uint32_t at = e->entry + 8 + 8 * words(e->desc->key_size);

		done(n, found ? (int64_t)((uint64_t)NIC_TAG_MAP << 60 |
					  (uint64_t)e->cmd.word.map << 48 | at)
			      : 0);
	} else if (e->cmd.word.op == OP_MDEL) {
		if (found)
			step(n, ENGINE_UNLINK, 1);
		else
			done(n, NO_ENTRY);
	} else if (found) {
		uint32_t entry = e->desc->spare;

		if (flags == FLAG_NOEXIST) {
			done(n, EXISTS);
			return;
		}
		e->desc->spare = e->entry;
		fill_entry(n, entry);
	} else if (flags == FLAG_EXIST) {
		done(n, NO_ENTRY);
	} else {
		allocate(n);
	}
}

static void walk_fault(struct iss *n)
{
	n->map->engine.fault = true;
	done(n, 0);
}

static void walk(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;

	if (e->entry == 0)
		decide(n, false);
	else if (++e->walked > NIC_HASH_WALK_MAX)
		walk_fault(n);
	else
		step_read(n, ENGINE_WALK);
}

static void walk_on(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;

	e->link = e->entry;
	e->link_word = e->entry_word;
	e->entry = (uint32_t)e->entry_word;
	walk(n);
}

static void compare_key(struct iss *n)
{
	if (n->map->engine.index == words(n->map->engine.desc->key_size))
		decide(n, true);
	else
		step_read(n, ENGINE_WALK_KEY);
}

/* The link that pointed to the found entry points to another one; a bucket word has no hash to
 * keep. */
static void write_link(struct iss *n, uint32_t to)
{
	struct iss_engine *e = &n->map->engine;
	uint64_t keep = e->link == e->bucket ? 0 : e->link_word >> 32;

	map_unit_write(n, e->link, 0xff, with_hash(to, keep), true);
}

static void end_desc(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;

	if (!is_legal(n)) {
		fp_core_map_fault(&n->tile[e->cmd.core], e->cmd.thread, e->cmd.pc, e->cmd.addr, n->cycle + 2);
		e->state = ENGINE_IDLE;
		return;
	}
	e->fault = false;
	e->desc = &n->map->desc[e->cmd.word.map];
	e->index = e->walked = 0;
	memset(e->key, 0, sizeof(e->key));
	if (e->cmd.word.op == OP_MCPY) {
		fill_start(n, (uint32_t)e->cmd.addr);
	} else if (e->cmd.word.op == OP_MUPD && e->cmd.c > FLAG_EXIST) {
		done(n, INVALID);
	} else {
		e->count = raw_words(e->cmd.addr, e->desc->key_size);
		step_operand(n, ENGINE_KEY, e->cmd.addr);
	}
}

static void end_key(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;
	unsigned int shift = e->cmd.addr % 8 * 8;

	if (shift && e->index)
		e->key[e->index - 1] |= e->read << (64 - shift);
	if (e->index < words(e->desc->key_size))
		e->key[e->index] = e->read >> shift;
	if (++e->index < e->count)
		step_operand(n, ENGINE_KEY, e->cmd.addr);
	else
		step(n, ENGINE_HASH, 2 * words(e->desc->key_size) + 6);
}

static void end_read(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;

	switch (e->state) {
	case ENGINE_BUCKET:
		e->link = e->bucket;
		e->head = e->entry = (uint32_t)e->read;
		walk(n);
		break;
	case ENGINE_WALK:
		e->entry_word = e->read;
		e->index = 0;
		if (e->read >> 32 == e->hash)
			compare_key(n);
		else
			walk_on(n);
		break;
	case ENGINE_WALK_KEY:
		if (e->read == e->key[e->index++])
			compare_key(n);
		else
			walk_on(n);
		break;
	case ENGINE_ALLOC: {
		uint32_t entry = e->desc->free;

		e->desc->free = (uint32_t)e->read;
		fill_entry(n, entry);
		break;
	}
	default: /* ENGINE_READ */
		e->have++;
		fill(n);
		break;
	}
}

static void end_write(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;
	struct iss_desc *d = e->desc;

	switch (e->state) {
	case ENGINE_UNLINK:
		write_link(n, (uint32_t)e->entry_word);
		step(n, ENGINE_RELEASE, 1);
		break;
	case ENGINE_RELEASE:
		map_unit_write(n, e->entry, 0xff, with_hash(d->free, e->hash), true);
		d->free = e->entry;
		done(n, 0);
		break;
	case ENGINE_WRITE:
		map_unit_write(n, e->to + 8 * e->out++, 0xff, fill_word(e), true);
		fill(n);
		break;
	case ENGINE_FILL_KEY:
		map_unit_write(n, e->fresh + 8 + 8 * e->index, 0xff, e->key[e->index], true);
		if (++e->index == words(d->key_size))
			step(n, ENGINE_FILL_HEAD, 1);
		else
			step(n, ENGINE_FILL_KEY, 1);
		break;
	case ENGINE_FILL_HEAD:
		map_unit_write(n, e->fresh, 0xff,
			       with_hash(e->found ? (uint32_t)e->entry_word : e->head, e->hash),
			       true);
		step(n, ENGINE_FILL_LINK, 1);
		break;
	default: /* ENGINE_FILL_LINK */
		if (e->found)
			write_link(n, e->fresh);
		else
			map_unit_write(n, e->bucket, 0xff, e->fresh, true);
		done(n, 0);
		break;
	}
}

static void end_done(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;
	struct iss_tile *c = &n->tile[e->cmd.core];

	e->state = ENGINE_IDLE;
	if (e->fault) {
		fp_core_map_fault(c, e->cmd.thread, e->cmd.pc, e->cmd.addr, n->cycle + 1);
		return;
	}
	fp_core_x(c, e->cmd.thread, (uint64_t)e->result);
	fp_core_wake(c, e->cmd.thread, n->cycle + 1);
}

void map_engine_finish(struct iss *n, bool write)
{
	struct iss_engine *e = &n->map->engine;

	if (write) {
		end_write(n);
		return;
	}
	if (n->cycle != e->end)
		return;
	switch (e->state) {
	case ENGINE_DESC:
		end_desc(n);
		break;
	case ENGINE_KEY:
		end_key(n);
		break;
	case ENGINE_HASH:
		e->hash = hash(e);
		e->bucket = e->desc->buckets + 8 * (e->hash & e->desc->mask);
		step_read(n, ENGINE_BUCKET);
		break;
	case ENGINE_BUCKET:
	case ENGINE_WALK:
	case ENGINE_WALK_KEY:
	case ENGINE_ALLOC:
	case ENGINE_READ:
		end_read(n);
		break;
	case ENGINE_DONE:
		end_done(n);
		break;
	default: /* a write that has to wait */
		break;
	}
}
