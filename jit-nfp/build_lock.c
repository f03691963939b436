// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Spin locks of programs: a word in a map value that is 0, or the hardware thread that holds it + 1. A thread has one packet at a time, so one that
 * finds itself as the holder has had a packet that ended with a fault, and may take the lock. Nobody else takes it from the dead. Who waits divides: a core
 * has one divider, so its threads try again one after another, and leave the memory to the holder.
 */
#include "build_bytes.h"
#include "build_lock.h"

enum { LOCK_BYTES = 4 };

/* The lock becomes `to` where it is `from`; the old value is known when that is asked for. */
static struct value *swap(struct build *b, const struct lock *l, struct value *from, struct value *to, int fetch)
{
	struct value *v = map_access(b, IR_MCAS, l->map, l->value, l->off, LOCK_BYTES, to);

	if (!v)
		return NULL;
	v->arg[2] = from;
	v->fetch = (uint8_t)fetch;
	v->fence = 1;
	return v;
}

static struct value *self(struct build *b)
{
	return emit(b, IR_ADD, ir_special(b->f, SR_CPU), konst(b, 1));
}

void lock_acquire(struct build *b, const struct lock *l)
{
	struct block *busy = ir_block(b->f, place(b)), *wait = ir_block(b->f, place(b)), *got = ir_block(b->f, place(b));
	struct value *was, *me = self(b), *none = loop_open(b, konst(b, 0));

	if (!busy || !wait || !got || !none)
		return;
	was = swap(b, l, none, me, 1);
	branch(b, OP_JNE, was, konst(b, 0), 1, busy, got);
	b->at = busy;
	branch(b, OP_JEQ, was, me, 1, got, wait);
	b->at = wait;
	loop_close(b, none, emit(b, IR_MODU, was, was));
	b->at = got;
}

void lock_release(struct build *b, const struct lock *l)
{
	swap(b, l, self(b), konst(b, 0), 0);
}

int build_lock(struct build *b)
{
	const struct arg_fact *at = &fact_at(b)->arg[0];
	struct lock l = { .map = at->map, .value = b->var[1] };

	if (insn_at(b)->imm == HELPER_SPIN_LOCK)
		lock_acquire(b, &l);
	else
		lock_release(b, &l);
	b->var[0] = konst(b, 0);
	return b->c->arena->failed ? -1 : 0;
}

/* ---- updates of values with a lock or a timer in them ---- */

enum { NOEXIST = 1, EXIST = 2, F_LOCK = 4 };
enum { E_NOENT = 2, E_2BIG = 7, E_EXIST = 17, E_INVAL = 22 };

/* Bytes first to end - 1 of the value. */
static void copy_part(struct build *b, const struct lock *to, uint32_t first, uint32_t end)
{
	struct arg_fact from = fact_at(b)->arg[2];
	struct copy c = { .from = &from, .source = b->var[3], .to = to->value, .off = (int)first, .map = to->map };

	if (first == end)
		return;
	from.off += first;
	from.size = end - first;
	from.size_known = 1;
	if (first)
		c.source = emit(b, IR_ADD, c.source, konst(b, first));
	copy_bytes(b, &c, NULL);
}

/* The map's values have a lock, a timer, or both. */
static const struct prog_map *shape(const struct build *b)
{
	return &b->c->prog->maps[fact_at(b)->arg[0].map];
}

static struct lock lock_of(struct build *b, struct value *value)
{
	return (struct lock){ .map = fact_at(b)->arg[0].map, .value = value, .off = (int)shape(b)->lock - 1 };
}

/* What programs do not see of a value. */
enum { HIDDEN_MAX = 2 };
struct hidden { uint32_t off, bytes; };

static uint32_t hidden_of(const struct prog_map *m, struct hidden *h)
{
	uint32_t n = 0;

	if (m->lock)
		h[n++] = (struct hidden){ m->lock - 1, LOCK_BYTES };
	if (m->timer)
		h[n++] = (struct hidden){ m->timer - 1, TIMER_BYTES };
	if (n == 2 && h[1].off < h[0].off) {
		struct hidden lock = h[0];

		h[0] = h[1];
		h[1] = lock;
	}
	return n;
}

static void copy_value(struct build *b, const struct lock *to)
{
	struct hidden hidden[HIDDEN_MAX];
	uint32_t n = hidden_of(shape(b), hidden), at = 0;

	for (uint32_t k = 0; k < n; k++) {
		copy_part(b, to, at, hidden[k].off);
		at = hidden[k].off + hidden[k].bytes;
	}
	copy_part(b, to, at, b->c->maps[to->map].value_size);
}

/* The timer of a value is not armed then and has no function; who runs it keeps its mark. */
static void clear_timer(struct build *b, unsigned int map, struct value *value)
{
	int at = (int)shape(b)->timer - 1;
	struct value *v = map_access(b, IR_MST, map, value, at + TIMER_STATE, 4, konst(b, 0));

	if (v)
		v->fence = 1;
	map_access(b, IR_MST, map, value, at + TIMER_EXPIRY, 8, konst(b, 0));
}

/* The one that there is goes: pointers to it may still be about. */
static void clear_found(struct build *b, struct value *key)
{
	struct value *found = emit_call(b, IR_LOOK, key, NULL);
	struct block *after = when(b, OP_JNE, found, konst(b, 0));

	clear_timer(b, fact_at(b)->arg[0].map, found);
	end_when(b, after);
}

/* What array_map_update_elem() refuses, whatever the value holds. */
static int array_update_start(struct build *b, struct value *index, struct fails *f)
{
	struct value *flags = b->var[4];

	if (fail_start(b, f))
		return -1;
	check(b, OP_JGT, emit(b, IR_AND, flags, konst(b, ~(uint64_t)F_LOCK)), konst(b, EXIST), fail(b, f, E_INVAL));
	check(b, OP_JGE, index, konst(b, b->c->maps[fact_at(b)->arg[0].map].max_entries), fail(b, f, E_2BIG));
	check(b, OP_JSET, flags, konst(b, NOEXIST), fail(b, f, E_EXIST));
	return 0;
}

int hidden_update_array(struct build *b, struct value *index, struct value *(*element)(struct build *b, struct value *index))
{
	struct value *locked = emit(b, IR_AND, b->var[4], konst(b, F_LOCK));
	struct block *after;
	struct lock l;
	struct fails f;

	if (array_update_start(b, index, &f))
		return -1;
	if (!shape(b)->lock)
		check(b, OP_JNE, locked, konst(b, 0), fail(b, &f, E_INVAL));
	if (b->c->arena->failed)
		return -1;
	l = lock_of(b, element(b, index));
	if (shape(b)->lock) {
		after = when(b, OP_JNE, locked, konst(b, 0));
		lock_acquire(b, &l);
		end_when(b, after);
	}
	copy_value(b, &l);
	if (shape(b)->lock) {
		after = when(b, OP_JNE, locked, konst(b, 0));
		lock_release(b, &l);
		end_when(b, after);
	}
	if (shape(b)->timer)
		clear_timer(b, l.map, l.value);
	return fail_end(b, &f, konst(b, 0));
}

/* Bytes of the caller's value that lie where something is that programs do not see, which must be 0 in a new entry: kept here meanwhile. */
struct kept {
	struct arg_fact at;
	uint32_t bytes, width; /* of one piece */
	struct value *piece[TIMER_BYTES], *source;
};

static void put_piece(struct build *b, const struct kept *k, int n, struct value *piece)
{
	int known = k->at.region == R_STACK && k->at.off_known;
	struct value *v = emit(b, IR_ST, known ? ir_special(b->f, SR_FP) : k->source, piece);

	if (!v)
		return;
	v->imm = known ? k->at.off + n : n;
	v->width = (uint8_t)k->width;
	v->region[0] = k->at.region == R_PKT_META ? R_PKT : k->at.region;
}

static struct value *get_piece(struct build *b, const struct kept *k, int n)
{
	int known = k->at.region == R_STACK && k->at.off_known;
	struct value *v = emit(b, IR_LD, known ? ir_special(b->f, SR_FP) : k->source, NULL);

	if (!v)
		return NULL;
	v->imm = known ? k->at.off + n : n;
	v->width = (uint8_t)k->width;
	v->region[0] = k->at.region == R_PKT_META ? R_PKT : k->at.region;
	return v;
}

/* Whether the key may lie there, too, which is 0 while the map takes both. */
static int key_meets(const struct arg_fact *key, const struct kept *k, uint32_t key_size)
{
	int same = key->region == k->at.region || (key->region != R_STACK && k->at.region != R_STACK && key->region != R_MAP_VALUE);

	if (!same || !key->off_known || !k->at.off_known)
		return same;
	return key->off < k->at.off + (int64_t)k->bytes && k->at.off < key->off + (int64_t)key_size;
}

/* A copy of the key below the stack that the program uses. */
static struct value *copy_key(struct build *b, uint32_t size)
{
	struct buffer from = buffer_of(b, 1);

	if (key_reserve(b, (size + 7) / 8 * 8, "may lie where the value's lock or timer does"))
		return NULL;
	for (uint32_t at = 0, width; at < size; at += width) {
		struct value *v;

		for (width = 8; width > size - at;)
			width /= 2;
		v = emit(b, IR_ST, ir_special(b->f, SR_FP), read_bytes(b, &from, at, width));
		if (!v)
			return NULL;
		v->imm = (int)at - b->key_at;
		v->width = (uint8_t)width;
		v->region[0] = R_STACK;
	}
	return emit(b, IR_ADD, ir_special(b->f, SR_FP), konst(b, (uint64_t)(int64_t)-b->key_at));
}

static void keep(struct build *b, struct kept *k, const struct hidden *h)
{
	*k = (struct kept){ .at = fact_at(b)->arg[2], .bytes = h->bytes, .width = 1 };
	k->at.off += h->off;
	if (k->at.region != R_STACK || (k->at.off_known && k->at.off % 8 == 0))
		k->width = h->bytes < 8 ? h->bytes : 8;
	k->source = emit(b, IR_ADD, b->var[3], konst(b, h->off));
}

static void blank(struct build *b, struct kept *k)
{
	for (uint32_t n = 0; n < k->bytes; n += k->width)
		k->piece[n] = get_piece(b, k, (int)n);
	for (uint32_t n = 0; n < k->bytes; n += k->width)
		put_piece(b, k, (int)n, konst(b, 0));
}

static void put_back(struct build *b, const struct kept *k)
{
	for (uint32_t n = 0; n < k->bytes; n += k->width)
		put_piece(b, k, (int)n, k->piece[n]);
}

static struct value *put_entry(struct build *b, struct value *flags)
{
	struct hidden hidden[HIDDEN_MAX];
	struct kept kept[HIDDEN_MAX];
	uint32_t n = hidden_of(shape(b), hidden), key_size = shape(b)->key_size;
	struct value *v, *key = b->var[2];
	int apart = 0;

	for (uint32_t k = 0; k < n; k++) {
		keep(b, &kept[k], &hidden[k]);
		apart |= key_meets(&fact_at(b)->arg[1], &kept[k], key_size);
	}
	if (apart)
		key = copy_key(b, key_size);
	if (!key)
		return NULL;
	for (uint32_t k = 0; k < n; k++)
		blank(b, &kept[k]);
	v = emit_call(b, IR_UPD, key, b->var[3]);
	if (!v)
		return NULL;
	v->arg[2] = flags;
	if (apart)
		v->region[0] = R_STACK;
	for (uint32_t k = 0; k < n; k++)
		put_back(b, &kept[k]);
	return v;
}

/* As htab_map_update_elem() without BPF_F_LOCK. */
static struct value *replace_entry(struct build *b)
{
	struct value *flags = b->var[4];
	struct block *after;

	if (shape(b)->timer) {
		after = when(b, OP_JNE, flags, konst(b, NOEXIST));
		clear_found(b, b->var[2]);
		end_when(b, after);
	}
	return put_entry(b, flags);
}

static int update_hash(struct build *b)
{
	struct value *result;
	struct fails f;

	if (fail_start(b, &f))
		return -1;
	check(b, OP_JGT, b->var[4], konst(b, EXIST), fail(b, &f, E_INVAL));
	result = replace_entry(b);
	return result ? fail_end(b, &f, result) : -1;
}

/* And with it, which changes an entry that is there in its place. */
static int lock_update_hash(struct build *b)
{
	struct block *plain = ir_block(b->f, place(b)), *again = ir_block(b->f, place(b)), *there = ir_block(b->f, place(b)),
		     *fresh = ir_block(b->f, place(b)), *done = ir_block(b->f, place(b)), *kept = ir_block(b->f, place(b)),
		     *failed = ir_block(b->f, place(b)), *changed;
	struct value *flags = b->var[4], *found, *result[3];
	struct lock l = lock_of(b, NULL);
	struct fails f;

	if (fail_start(b, &f) || !plain || !again || !there || !fresh || !done || !kept || !failed)
		return -1;
	check(b, OP_JGT, emit(b, IR_AND, flags, konst(b, ~(uint64_t)F_LOCK)), konst(b, EXIST), fail(b, &f, E_INVAL));
	branch(b, OP_JSET, flags, konst(b, F_LOCK), ODDS_ONE / 2, again, plain);
	b->at = again;
	found = emit_call(b, IR_LOOK, b->var[2], NULL);
	branch(b, OP_JNE, found, konst(b, 0), ODDS_ONE - 1, there, fresh);
	b->at = there;
	check(b, OP_JSET, flags, konst(b, NOEXIST), fail(b, &f, E_EXIST));
	l.value = found;
	lock_acquire(b, &l);
	copy_value(b, &l);
	lock_release(b, &l);
	changed = b->at;
	b->at = fresh;
	check(b, OP_JSET, flags, konst(b, EXIST), fail(b, &f, E_NOENT));
	result[0] = put_entry(b, konst(b, NOEXIST));
	if (!result[0])
		return -1;
	branch(b, OP_JEQ, result[0], konst(b, (uint64_t)-E_EXIST), 1, again, kept);
	b->at = kept;
	jump(b, done);
	b->at = changed;
	result[1] = konst(b, 0);
	jump(b, done);
	b->at = plain;
	result[2] = replace_entry(b);
	if (!result[2])
		return -1;
	jump(b, done);
	join(b, done, result, 3);
	return fail_end(b, &f, b->var[0]);
}

int hidden_update_hash(struct build *b)
{
	return shape(b)->lock ? lock_update_hash(b) : update_hash(b);
}

int timer_delete(struct build *b)
{
	clear_found(b, b->var[2]);
	b->var[0] = emit_call(b, IR_DEL, b->var[2], NULL);
	return b->c->arena->failed ? -1 : 0;
}
