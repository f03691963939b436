// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Bloom filters: bits behind the three words of a queue (hw/spec/image.h). A push holds the lock, for the host's sake; a peek looks only. The hash is that
 * of driver/common/nic_bloom.c. */
#include "build_bytes.h"
#include "build_ring.h"

enum { E_NOENT = 2, E_INVAL = 22, BLOCK = 12 };

struct bloom {
	const struct image_map *m;
	unsigned int map;
	struct buffer value;
	struct value *base;
};

static struct value *turn(struct build *b, struct value *x, uint64_t by)
{
	return emit_w(b, IR_OR, 1, emit_w(b, IR_LSH, 1, x, konst(b, by)), emit_w(b, IR_RSH, 1, x, konst(b, 32 - by)));
}

/* Up to 4 bytes of the value. */
static struct value *word_at(struct build *b, const struct bloom *f, uint32_t at)
{
	uint32_t left = at < f->m->value_size ? f->m->value_size - at : 0;
	struct value *word = konst(b, 0);

	if (left >= 4)
		return read_bytes(b, &f->value, at, 4);
	for (uint32_t n = 0; n < left; n++)
		word = emit(b, IR_OR, word, emit(b, IR_LSH, read_bytes(b, &f->value, at + n, 1), konst(b, 8 * n)));
	return word;
}

static struct value *hash(struct build *b, const struct bloom *f, struct value *seed)
{
	static const uint8_t mix[6] = { 4, 6, 8, 16, 19, 4 }, last[7] = { 14, 11, 25, 16, 4, 14, 24 };
	struct value *x[3];

	x[0] = x[1] = x[2] = emit_w(b, IR_ADD, 1, seed, konst(b, (uint32_t)(0xdeadbeef + f->m->value_size)));
	for (uint32_t at = 0; ; at += BLOCK) {
		for (uint32_t n = 0; n < 3; n++)
			x[n] = emit_w(b, IR_ADD, 1, x[n], word_at(b, f, at + 4 * n));
		if (f->m->value_size - at <= BLOCK)
			break;
		for (uint32_t n = 0; n < 6; n++) {
			struct value **a = &x[n % 3], **y = &x[(n + 1) % 3], **c = &x[(n + 2) % 3];

			*a = emit_w(b, IR_XOR, 1, emit_w(b, IR_SUB, 1, *a, *c), turn(b, *c, mix[n]));
			*c = emit_w(b, IR_ADD, 1, *c, *y);
		}
	}
	for (uint32_t n = 0; n < 7; n++) {
		struct value **to = &x[(n + 2) % 3], *from = x[(n + 1) % 3];

		*to = emit_w(b, IR_SUB, 1, emit_w(b, IR_XOR, 1, *to, from), turn(b, from, last[n]));
	}
	return x[2];
}

/* One of the value's bits; where it is in its word goes to *bit. */
static struct value *place_of(struct build *b, const struct bloom *f, struct value *number, struct value **bit)
{
	uint64_t mask = 64 * (uint64_t)image_map_bloom_words(f->m) - 1;
	struct value *h = emit(b, IR_AND, hash(b, f, emit_w(b, IR_ADD, 1, number, konst(b, f->m->seed))), konst(b, mask));

	*bit = emit(b, IR_LSH, konst(b, 1), emit(b, IR_AND, h, konst(b, 63)));
	return emit(b, IR_ADD, f->base, emit(b, IR_LSH, emit(b, IR_RSH, h, konst(b, 6)), konst(b, 3)));
}

/* r1 map, r2 value, r3 flags of a push */
int build_bloom(struct build *b, int adds)
{
	unsigned int map = fact_at(b)->arg[0].map;
	struct bloom filter = { .m = &b->c->maps[map], .map = map, .value = buffer_of(b, 1), .base = map_base(b, map) };
	struct block *more = ir_block(b->f, place(b)), *done = ir_block(b->f, place(b));
	struct value *number, *next, *at, *bit;
	struct fails f;

	if (fail_start(b, &f) || !more || !done)
		return -1;
	if (adds) {
		check(b, OP_JNE, b->var[3], konst(b, 0), fail(b, &f, E_INVAL));
		map_lock(b, map, filter.base, QUEUE_LOCK, 8);
	}
	number = loop_open(b, konst(b, 0));
	if (!number)
		return -1;
	at = place_of(b, &filter, number, &bit);
	if (adds)
		map_access(b, IR_MOR, map, at, QUEUE_ELEMENTS, 8, bit);
	else
		check(b, OP_JNSET, map_access(b, IR_MLD, map, at, QUEUE_ELEMENTS, 8, NULL), bit, fail(b, &f, E_NOENT));
	next = emit(b, IR_ADD, number, konst(b, 1));
	branch(b, OP_JLT, next, konst(b, filter.m->stride), ODDS_ONE - 2, more, done);
	b->at = more;
	loop_close(b, number, next);
	b->at = done;
	if (adds)
		map_unlock(b, map, filter.base, QUEUE_LOCK, 8);
	return fail_end(b, &f, konst(b, 0));
}
