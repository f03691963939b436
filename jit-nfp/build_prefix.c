// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* PREFIXES, LPM tries that programs change (hw/spec/image.h): a hash table of prefixes, and sets of the lengths that there are. A lookup asks for its key cut
 * to each length, the longest first. Keys are made on the stack. */
#include "build_prefix.h"
#include "build_bytes.h"
#include "build_ring.h"

enum { LENGTH_BYTES = 4, E_INVAL = 22, E_2BIG = 7, E_NOSPC = 28 };

struct prefixes {
	const struct image_map *m;
	unsigned int map;
	struct buffer key;
	struct value *length; /* of the key's prefix */
	struct value *sets;   /* pointer to the sets of lengths */
};

static uint32_t longest(const struct image_map *m)
{
	return 8 * (m->key_size - LENGTH_BYTES);
}

/* 0, or -1: there is no stack left. */
static int open_key(struct build *b, struct prefixes *p)
{
	p->map = fact_at(b)->arg[0].map;
	p->m = &b->c->maps[p->map];
	p->key = buffer_of(b, 1);
	p->sets = map_is_template(b->c->prog, p->map) ? b->var[1] : konst(b, 3ULL << 60 | (uint64_t)p->map << 48 | image_map_stands_at(p->m));
	if (key_reserve(b, (p->m->key_size + 7) / 8 * 8, "is a prefix"))
		return -1;
	p->length = read_bytes(b, &p->key, 0, LENGTH_BYTES);
	return 0;
}

/* Up to 8 bytes. */
static struct value *read_part(struct build *b, const struct buffer *from, uint32_t at, uint32_t bytes)
{
	struct value *all = NULL;

	for (uint32_t width = 8, n = 0; width; width /= 2)
		for (; bytes - n >= width; n += width) {
			struct value *part = read_bytes(b, from, at + n, width);

			part = n ? emit(b, IR_LSH, part, konst(b, 8 * n)) : part;
			all = all ? emit(b, IR_OR, all, part) : part;
		}
	return all;
}

/* Ones for the first bits, in the order of a key, of those 64 that are left when so many are not wanted; none: a number with a sign. */
static struct value *first_bits(struct build *b, struct value *unwanted)
{
	struct value *some = emit(b, IR_AND, unwanted, emit(b, IR_XOR, emit(b, IR_ARSH, unwanted, konst(b, 63)), konst(b, ~0ULL)));
	struct value *all_gone = emit(b, IR_RSH, emit(b, IR_SUB, konst(b, 63), unwanted), konst(b, 63));
	struct value *mask = emit(b, IR_BSWAP, emit(b, IR_LSH, konst(b, ~0ULL), some), NULL);

	if (mask)
		mask->width = 8;
	return emit(b, IR_AND, mask, emit(b, IR_SUB, all_gone, konst(b, 1)));
}

static struct value *key_place(struct build *b)
{
	return emit(b, IR_ADD, ir_special(b->f, SR_FP), konst(b, (uint64_t)(int64_t)-b->key_at));
}

/* The key, cut to so many bits, on the stack. */
static void put_key(struct build *b, const struct prefixes *p, struct value *length)
{
	for (uint32_t at = 0; at < p->m->key_size; at += 8) {
		struct value *part = read_part(b, &p->key, at, p->m->key_size - at < 8 ? p->m->key_size - at : 8), *v;

		if (!at)
			part = emit(b, IR_OR, emit(b, IR_AND, part, konst(b, ~0ULL << 32)), length);
		part = emit(b, IR_AND, part, first_bits(b, emit(b, IR_SUB, konst(b, 8 * at + 64 - 8 * LENGTH_BYTES), length)));
		v = emit(b, IR_ST, ir_special(b->f, SR_FP), part);
		if (!v)
			return;
		v->imm = (int)at - b->key_at;
		v->width = 8;
		v->region[0] = R_STACK;
	}
}

static struct value *with_key(struct value *call)
{
	if (call)
		call->region[0] = R_STACK;
	return call;
}

/* ---- sets of lengths ---- */

static struct value *set_word(struct build *b, const struct prefixes *p, struct value *number)
{
	return emit(b, IR_ADD, p->sets, emit(b, IR_LSH, number, konst(b, 3)));
}

static struct value *lengths(struct build *b, const struct prefixes *p, struct value *number)
{
	struct value *at = set_word(b, p, number), *own = map_access(b, IR_MLD, p->map, at, 0, 8, NULL);

	return emit(b, IR_OR, own, map_access(b, IR_MLD, p->map, at, 8 * (int)image_map_length_words(p->m), 8, NULL));
}

/* Before the prefix is in the table, so that nobody finds it too late. */
static void add_length(struct build *b, const struct prefixes *p)
{
	struct value *at = set_word(b, p, emit(b, IR_RSH, p->length, konst(b, 6))), *one = emit(b, IR_LSH, konst(b, 1), emit(b, IR_AND, p->length, konst(b, 63)));
	struct block *after = when(b, OP_JNSET, map_access(b, IR_MLD, p->map, at, 0, 8, NULL), one);

	map_access(b, IR_MOR, p->map, at, 0, 8, one);
	end_when(b, after);
}

/* The number of the highest bit of x, which is not 0. */
static struct value *highest(struct build *b, struct value *x)
{
	struct value *n = konst(b, 0);

	for (uint64_t shift = 32; shift; shift /= 2) {
		struct value *high = emit(b, IR_RSH, x, konst(b, shift)), *some = at_least(b, high, 1);

		n = emit(b, IR_OR, n, emit(b, IR_MUL, some, konst(b, shift)));
		x = pick(b, some, high, x);
	}
	return n;
}

/* ---- helpers ---- */

/* A value that is x on the first way to a block and y on the second. */
static struct value *either(struct build *b, struct value *x, struct value *y)
{
	struct value *phi = loop_value(b, x);

	if (phi)
		phi->phi[1] = y;
	return phi;
}

/* Goes on where something was found. */
struct value *prefix_look(struct build *b, struct block *miss)
{
	struct block *none = ir_block(b->f, place(b)), *some = ir_block(b->f, place(b)), *next = ir_block(b->f, place(b)), *hit = ir_block(b->f, place(b));
	struct value *number, *bits, *bit, *n, *value, *fewer, *more, *before;
	struct prefixes p;

	if (!none || !some || !next || !hit || open_key(b, &p))
		return NULL;
	check(b, OP_JGT, p.length, konst(b, longest(p.m)), miss);
	number = emit(b, IR_RSH, p.length, konst(b, 6));
	bits = emit(b, IR_SUB, emit(b, IR_LSH, konst(b, 2), emit(b, IR_AND, p.length, konst(b, 63))), konst(b, 1));
	bits = emit(b, IR_AND, lengths(b, &p, number), bits);
	number = loop_open(b, number);
	bits = number ? loop_value(b, bits) : NULL;
	if (!bits)
		return NULL;
	branch(b, OP_JEQ, bits, konst(b, 0), ODDS_ONE / 4, none, some);
	b->at = some;
	n = highest(b, bits);
	bit = emit(b, IR_LSH, konst(b, 1), n);
	fewer = emit(b, IR_XOR, bits, bit);
	put_key(b, &p, emit(b, IR_OR, emit(b, IR_LSH, number, konst(b, 6)), n));
	value = with_key(emit_call(b, IR_LOOK, key_place(b), NULL));
	branch(b, OP_JNE, value, konst(b, 0), ODDS_ONE / 2, hit, next);
	b->at = none;
	check(b, OP_JEQ, number, konst(b, 0), miss);
	before = emit(b, IR_SUB, number, konst(b, 1));
	more = lengths(b, &p, before);
	jump(b, next);
	if (b->c->arena->failed)
		return NULL;
	b->at = next;
	loop_next(bits, either(b, fewer, more));
	loop_close(b, number, either(b, number, before));
	loop_end(bits);
	b->at = hit;
	return value;
}

int prefix_change(struct build *b)
{
	struct prefixes p;
	struct value *v;
	struct fails f;

	if (fail_start(b, &f) || open_key(b, &p))
		return -1;
	check(b, OP_JGT, p.length, konst(b, longest(p.m)), fail(b, &f, E_INVAL));
	if (insn_at(b)->imm == HELPER_MAP_UPDATE_ELEM)
		add_length(b, &p);
	put_key(b, &p, p.length);
	if (insn_at(b)->imm == HELPER_MAP_DELETE_ELEM)
		return fail_end(b, &f, with_key(emit_call(b, IR_DEL, key_place(b), NULL)));
	v = with_key(emit_call(b, IR_UPD, key_place(b), b->var[3]));
	if (!v)
		return -1;
	v->arg[2] = b->var[4];
	check(b, OP_JEQ, v, konst(b, (uint64_t)-E_2BIG), fail(b, &f, E_NOSPC));
	return fail_end(b, &f, v);
}
