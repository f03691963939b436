// SPDX-License-Identifier: Apache-2.0
#include "map.h"

#include <string.h>

/* Errors as eBPF helpers give them. */
enum { NO_ENTRY = -2, TOO_BIG = -7, EXISTS = -17, INVALID = -22 };
enum { FLAG_NOEXIST = 1, FLAG_EXIST = 2 };
enum { REFERENCED = 1 };      /* bit of an entry's word 0 */
enum { PASSES_MAX = 31 };
enum { FETCH_CYCLES = 4, DESC_CYCLES = 2 };

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

/* Its word is asked for when the request register is free; the end is known when it is granted. */
static void step_read(struct iss *n, enum iss_engine_state state)
{
	step(n, state, 0);
	n->map->engine.end = NEVER;
	n->map->engine.asked = false;
	n->map->engine.read_error = false;
}

static bool is_local(uint64_t pointer)
{
	return pointer >> 60 != NIC_TAG_MAP;
}

/* A word of packet or stack: the request is out, and given, in the step's second cycle. */
static void step_operand(struct iss *n, enum iss_engine_state state, uint64_t pointer)
{
	if (!is_local(pointer)) {
		step_read(n, state);
		return;
	}
	step(n, state, 5);
	n->map->engine.read_error = false;
	n->map->engine.lm_cycle = n->cycle + 2;
}

static void done(struct iss *n, int64_t result)
{
	n->map->engine.result = result;
	step(n, ENGINE_DONE, 1);
}

static uint64_t value_pointer(const struct iss_engine *e)
{
	return e->cmd.b;
}

static bool is_host(const struct iss *n)
{
	return n->map->engine.source == CALL_HOST;
}

/* Do all bytes of an operand lie inside the region of their pointer? */
static bool in_region(const struct iss *n, uint64_t pointer, uint32_t bytes)
{
	const struct iss_command *cmd = &n->map->engine.cmd;
	const struct iss_thread *t = is_host(n) ? NULL : &n->tile[cmd->core].thread[cmd->thread];
	uint64_t offset = pointer & 0x0fffffffffffffff, end = (uint64_t)(uint32_t)pointer + bytes;

	switch (pointer >> 60) {
	case NIC_TAG_PKT:
		return offset >= (t ? t->front : NIC_HEADROOM) && offset <= 0xffff &&
		       end <= (t ? t->end : NIC_HEADROOM + (uint64_t)REG_MAPBUF_COUNT * REG_MAPBUF_STRIDE);
	case NIC_TAG_STACK: return offset <= 0xffff && end <= NIC_STACK_BYTES;
	case NIC_TAG_MAP: return map_desc_range(n->map->desc, pointer, bytes, t ? t->program : 0, !t);
	default: return false;
	}
}

static bool may_use(const struct iss *n, const struct iss_desc *d)
{
	const struct iss_command *cmd = &n->map->engine.cmd;

	return is_host(n) || d->programs >> n->tile[cmd->core].thread[cmd->thread].program & 1;
}

static bool is_legal(const struct iss *n)
{
	const struct iss_command *cmd = &n->map->engine.cmd;
	const struct iss_desc *d;

	if (cmd->word.map >= ISS_MAPS || (cmd->word.op == OP_MLOOKR && !is_host(n)))
		return false;
	d = &n->map->desc[cmd->word.map];
	if (cmd->word.op == OP_MLOOKR)
		return true;
	if (cmd->word.op == OP_MCPY)
		return cmd->addr >> 60 == NIC_TAG_MAP && cmd->addr % 8 == 0 && (cmd->addr >> 48 & 0xff) == cmd->word.map &&
		       d->value_size && in_region(n, cmd->addr, d->value_size) && in_region(n, cmd->b, d->value_size);
	if (!map_desc_hashes(d) || !may_use(n, d) || !d->key_size || d->key_size > NIC_KEY_BYTES)
		return false;
	return in_region(n, cmd->addr, d->key_size) &&
	       (cmd->word.op != OP_MUPD || (d->value_size && in_region(n, cmd->b, d->value_size)));
}

/* Bytes of raw word i that are outside the operand become 0. */
static uint64_t trim(uint64_t v, uint64_t pointer, uint32_t bytes, uint32_t i)
{
	uint32_t at = ((uint32_t)pointer & ~7u) + 8 * i, before = i == 0 ? pointer & 7 : 0, end = (uint32_t)pointer + bytes;

	v = v >> 8 * before << 8 * before;
	if (end - at < 8)
		v &= (1ull << 8 * (end - at)) - 1;
	return v;
}

static uint64_t local_word(const struct iss *n, uint64_t pointer, uint32_t i)
{
	const struct iss_command *cmd = &n->map->engine.cmd;
	uint32_t at = ((uint32_t)pointer & 0xffff & ~7u) + 8 * i;
	const struct iss_thread *t;
	uint64_t v;

	if (is_host(n))
		return n->map->host.operands[at / 8];
	t = &n->tile[cmd->core].thread[cmd->thread];
	memcpy(&v, (pointer >> 60 == NIC_TAG_PKT ? t->pkt : t->stack) + at, sizeof(v));
	return v;
}

static uint32_t raw_address(uint64_t pointer, uint32_t i)
{
	return (uint32_t)pointer + 8 * i;
}

/* Address of the word of map memory that the step reads. */
static uint32_t read_address(const struct iss_engine *e)
{
	switch (e->state) {
	case ENGINE_KEY: return raw_address(e->cmd.addr, e->index);
	case ENGINE_BUCKET: return e->bucket;
	case ENGINE_WALK: return e->entry;
	case ENGINE_SCAN: return e->desc->hand;
	case ENGINE_WALK_KEY: return e->entry + 8 + 8 * e->index;
	case ENGINE_ALLOC: return e->desc->free;
	default: return raw_address(value_pointer(e), e->have); /* ENGINE_READ */
	}
}

static void ask(struct iss *n, uint32_t addr, bool we, uint64_t value)
{
	n->map->port = (struct iss_port){.from = n->cycle + 1, .valid = true, .we = we, .word = addr / 8, .value = value};
}

static void write(struct iss *n, uint32_t addr, uint64_t value)
{
	ask(n, addr, true, value);
}

/* The engine's read is granted in this cycle. */
void map_engine_read(struct iss *n, uint64_t word, bool error, uint64_t end)
{
	struct iss_engine *e = &n->map->engine;

	e->end = end;
	e->read_error = error;
	if (e->state == ENGINE_READ)
		e->before = e->read;
	e->read = word;
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
		if (e->in_place)
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

static uint32_t value_at(const struct iss_engine *e, uint32_t entry)
{
	return entry + 8 + 8 * words(e->desc->key_size);
}

static void fill_entry(struct iss *n, uint32_t entry)
{
	struct iss_engine *e = &n->map->engine;

	e->fresh = entry;
	fill_start(n, value_at(e, entry) + e->plane);
}

/* The other CPUs begin with zeroes. */
static void fill_new(struct iss *n, uint32_t entry)
{
	struct iss_engine *e = &n->map->engine;

	if (!map_desc_has_planes(e->desc)) {
		fill_entry(n, entry);
		return;
	}
	e->fresh = e->to = entry;
	e->out = 0;
	step(n, ENGINE_ZERO, 1);
}

static void zero(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;
	const struct iss_desc *d = e->desc;

	write(n, value_at(e, e->to) + 8 * e->out, 0);
	step(n, ENGINE_ZERO, 1);
	if (++e->out < words(d->value_size))
		return;
	e->out = 0;
	if (d->plane && (uint64_t)e->to + d->plane < d->limit)
		e->to += d->plane;
	else
		fill_entry(n, e->fresh);
}

/* No result: a link or MAPSTATE led to what is no entry of the map, or on and on. */
static void broken(struct iss *n)
{
	n->map->engine.fault = true;
	done(n, 0);
}

/* The CPU's plane, if there are any, is in the map. */
static bool has_plane(const struct iss *n)
{
	const struct iss_engine *e = &n->map->engine;
	const struct iss_desc *d = e->desc;

	return !map_desc_has_planes(d) || (uint64_t)d->values + e->plane + d->plane <= d->limit;
}

static void scan(struct iss *n)
{
	step_read(n, ENGINE_SCAN);
}

static void allocate(struct iss *n)
{
	struct iss_desc *d = n->map->engine.desc;
	uint32_t entry = d->free ? d->free : d->next;

	if (!d->free && d->next >= d->end - d->stride && map_desc_evicts(d)) {
		n->map->engine.passes = 0;
		scan(n);
	} else if (!d->free && d->next >= d->end - d->stride) {
		done(n, TOO_BIG);
	} else if (!map_desc_entry(d, entry) || !has_plane(n)) {
		broken(n);
	} else if (d->free) {
		step_read(n, ENGINE_ALLOC);
	} else {
		d->next += d->stride;
		fill_new(n, entry);
	}
}

static int64_t found_pointer(const struct iss_engine *e)
{
	return (int64_t)((uint64_t)NIC_TAG_MAP << 60 | (uint64_t)e->cmd.word.map << 48 | value_at(e, e->entry));
}

/* The walk is over. */
static void decide(struct iss *n, bool found)
{
	struct iss_engine *e = &n->map->engine;
	uint64_t flags = e->cmd.c;

	e->found = found;
	if (e->cmd.word.op == OP_MLOOK && found && map_desc_evicts(e->desc) && !is_host(n) && !(e->entry_word & REFERENCED)) {
		step(n, ENGINE_TOUCH, 1);
	} else if (e->cmd.word.op == OP_MLOOK) {
		done(n, found ? found_pointer(e) : 0);
	} else if (e->cmd.word.op == OP_MDEL) {
		if (found)
			step(n, ENGINE_HOLD, 1);
		else
			done(n, NO_ENTRY);
	} else if (found) {
		uint32_t entry = e->desc->spare;

		if (flags == FLAG_NOEXIST) {
			done(n, EXISTS);
		} else if (!map_desc_entry(e->desc, entry) || !has_plane(n)) {
			broken(n);
		} else if (map_desc_has_planes(e->desc)) {
			e->in_place = true;
			fill_entry(n, e->entry);
		} else {
			e->desc->spare = e->entry;
			fill_entry(n, entry);
		}
	} else if (flags == FLAG_EXIST) {
		done(n, NO_ENTRY);
	} else {
		allocate(n);
	}
}

static uint32_t next_of(uint64_t entry_word)
{
	return (uint32_t)entry_word & ~(uint32_t)REFERENCED;
}

static void walk(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;

	if (e->entry == 0 && e->evicting)
		broken(n);
	else if (e->entry == 0)
		decide(n, false);
	else if (++e->walked > NIC_HASH_WALK_MAX)
		broken(n);
	else
		step_read(n, ENGINE_WALK);
}

static void walk_on(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;

	e->link = e->entry;
	e->link_word = e->entry_word;
	e->entry = next_of(e->entry_word);
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
	uint64_t keep = e->link == e->bucket ? 0 : e->link_word;

	write(n, e->link, with_hash(to | (keep & REFERENCED), keep >> 32));
}

static uint32_t cpu(const struct iss *n)
{
	const struct iss_command *cmd = &n->map->engine.cmd;

	return is_host(n) ? 0 : cmd->core * ISS_THREADS + cmd->thread;
}

static void end_desc(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;

	e->fault = !is_legal(n);
	if (e->fault) {
		done(n, 0);
		return;
	}
	e->desc = &n->map->desc[e->cmd.word.map];
	e->index = e->walked = 0;
	e->plane = e->cmd.word.op == OP_MUPD && map_desc_has_planes(e->desc) ? cpu(n) * e->desc->plane : 0;
	e->in_place = e->cmd.word.op == OP_MCPY;
	memset(e->key, 0, sizeof(e->key));
	if (e->cmd.word.op == OP_MCPY) {
		fill_start(n, (uint32_t)e->cmd.addr);
	} else if (e->cmd.word.op == OP_MLOOKR) {
		step(n, ENGINE_HOLD, 1);
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

	e->read = trim(e->read, e->cmd.addr, e->desc->key_size, e->index);
	if (shift && e->index)
		e->key[e->index - 1] |= e->read << (64 - shift);
	if (e->index < words(e->desc->key_size))
		e->key[e->index] = e->read >> shift;
	if (++e->index < e->count)
		step_operand(n, ENGINE_KEY, e->cmd.addr);
	else
		step(n, ENGINE_HASH, 2 * words(e->desc->key_size) + 6);
}

static void start_walk(struct iss *n, uint32_t hash, bool evicting)
{
	struct iss_engine *e = &n->map->engine;

	e->evicting = evicting;
	e->walked = 0;
	e->bucket = e->desc->buckets + 8 * (hash & e->desc->mask);
	step_read(n, ENGINE_BUCKET);
}

/* The entry at the hand: may it stay? */
static void end_scan(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;
	struct iss_desc *d = e->desc;
	bool used = e->read & REFERENCED && e->passes < NIC_LRU_PASSES, spare = d->hand == d->spare;

	e->victim = d->hand;
	if (!map_desc_entry(d, e->victim) || (spare && e->passes == PASSES_MAX)) {
		broken(n);
		return;
	}
	d->hand = e->victim == d->end - d->stride ? d->values : e->victim + d->stride;
	e->passes++;
	if (spare)
		scan(n);
	else if (used)
		step(n, ENGINE_CLEAR, 1);
	else
		start_walk(n, e->read >> 32, true);
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
		if (!map_desc_entry(e->desc, e->entry))
			broken(n);
		else if (e->evicting && e->entry == e->victim)
			step(n, ENGINE_HOLD, 1);
		else if (!e->evicting && e->read >> 32 == e->hash)
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

		e->desc->free = next_of(e->read);
		fill_new(n, entry);
		break;
	}
	case ENGINE_SCAN:
		end_scan(n);
		break;
	default: /* ENGINE_READ */
		e->read = trim(e->read, value_pointer(e), e->desc->value_size, e->have);
		e->have++;
		fill(n);
		break;
	}
}

static uint32_t referenced(const struct iss *n)
{
	return map_desc_evicts(n->map->engine.desc) && !is_host(n) ? REFERENCED : 0;
}

static void end_write(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;
	struct iss_desc *d = e->desc;

	switch (e->state) {
	case ENGINE_UNLINK:
		write_link(n, next_of(e->entry_word));
		step(n, ENGINE_RELEASE, 1);
		break;
	case ENGINE_RELEASE:
		write(n, e->entry, with_hash(d->free, e->entry_word >> 32));
		d->free = e->entry;
		if (e->evicting) {
			e->held = false;
			start_walk(n, e->hash, false);
		} else {
			done(n, 0);
		}
		break;
	case ENGINE_TOUCH:
		write(n, e->entry, e->entry_word | REFERENCED);
		done(n, found_pointer(e));
		break;
	case ENGINE_CLEAR:
		write(n, e->victim, e->read & ~(uint64_t)REFERENCED);
		scan(n);
		break;
	case ENGINE_ZERO:
		zero(n);
		break;
	case ENGINE_WRITE:
		write(n, e->to + 8 * e->out++, fill_word(e));
		fill(n);
		break;
	case ENGINE_FILL_KEY:
		write(n, e->fresh + 8 + 8 * e->index, e->key[e->index]);
		if (++e->index == words(d->key_size))
			step(n, ENGINE_FILL_HEAD, 1);
		else
			step(n, ENGINE_FILL_KEY, 1);
		break;
	case ENGINE_FILL_HEAD:
		write(n, e->fresh, with_hash(e->found ? next_of(e->entry_word) | referenced(n) : e->head, e->hash));
		step(n, ENGINE_HOLD, 1);
		break;
	default: /* ENGINE_FILL_LINK */
		if (e->found)
			write_link(n, e->fresh);
		else
			write(n, e->bucket, e->fresh);
		done(n, 0);
		break;
	}
}

static void hold(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;

	e->held = true;
	if (map_walking(n->map))
		return;
	if (e->cmd.word.op == OP_MLOOKR)
		done(n, 0);
	else
		step(n, e->cmd.word.op == OP_MDEL || e->evicting ? ENGINE_UNLINK : ENGINE_FILL_LINK, 1);
}

static void end_done(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;

	e->state = ENGINE_IDLE;
	e->held = false;
	map_respond(n, &e->cmd, e->fault, (uint64_t)e->result);
}

static void begin_read(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;
	uint64_t pointer = e->state == ENGINE_KEY ? e->cmd.addr : value_pointer(e);

	if ((e->state == ENGINE_KEY || e->state == ENGINE_READ) && is_local(pointer)) {
		if (n->cycle != e->start)
			return;
		if (e->state == ENGINE_READ)
			e->before = e->read;
		e->read = local_word(n, pointer, e->state == ENGINE_KEY ? e->index : e->have);
	} else if (!e->asked && !n->map->port.valid) {
		ask(n, read_address(e), false, 0);
		e->asked = true;
	}
}

/* A call waits and nothing is done with the tables: the source's turn. */
static void pick(struct iss *n)
{
	struct iss_map *m = n->map;
	struct iss_engine *e = &m->engine;
	uint32_t want = (uint32_t)(m->host.waits && n->cycle >= m->host.cmd_from) << CALL_HOST;

	for (uint32_t rest = m->calls; rest; rest &= rest - 1) {
		unsigned int core = (unsigned int)__builtin_ctz(rest);
		const struct iss_issue *i = &m->issue[core];

		if (n->cycle >= i->call_from[i->call_head])
			want |= 1u << core;
	}
	if (!want || map_host_table(n))
		return;
	e->source = map_turn(want, &e->after);
	if (e->source == CALL_HOST) {
		map_host_call(&m->host, &e->cmd);
	} else {
		struct iss_issue *i = &m->issue[e->source];

		e->cmd = i->call[i->call_head];
		i->call_head = (i->call_head + 1) % ISS_THREADS;
		if (!--i->call_count)
			m->calls &= ~(1u << e->source);
	}
	step(n, ENGINE_DESC, FETCH_CYCLES + DESC_CYCLES);
}

void map_engine_cycle(struct iss *n)
{
	struct iss_engine *e = &n->map->engine;

	if (e->lm_cycle == n->cycle && !is_host(n))
		n->tile[e->source].lm_cycle = n->cycle + 1;
	if (e->state == ENGINE_IDLE) {
		pick(n);
		return;
	}
	if (n->cycle < e->start)
		return;
	switch (e->state) {
	case ENGINE_DESC:
		if (n->cycle == e->end)
			end_desc(n);
		break;
	case ENGINE_HASH:
		if (n->cycle != e->end)
			break;
		e->hash = map_desc_hash(e->desc, e->key);
		start_walk(n, e->hash, false);
		break;
	case ENGINE_HOLD:
		hold(n);
		break;
	case ENGINE_KEY:
	case ENGINE_BUCKET:
	case ENGINE_WALK:
	case ENGINE_WALK_KEY:
	case ENGINE_ALLOC:
	case ENGINE_SCAN:
	case ENGINE_READ:
		begin_read(n);
		if (n->cycle != e->end)
			break;
		if (e->read_error)
			broken(n);
		else if (e->state == ENGINE_KEY)
			end_key(n);
		else
			end_read(n);
		break;
	case ENGINE_DONE:
		if (!n->map->port.valid && !e->waits)
			end_done(n);
		break;
	default: /* a write */
		if (!n->map->port.valid)
			end_write(n);
		break;
	}
}
