// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "ir.h"

enum { CONST_BUCKETS = 256 };

const uint8_t ir_kinds[] = {
	KIND_NONE,
#define IR(NAME, args, kind, doc) KIND_##kind,
#include "ir_ops.def"
};
const uint8_t ir_args[] = {
	0,
#define IR(NAME, args, kind, doc) args,
#include "ir_ops.def"
};

struct value *ir_new(struct func *f, enum ir_op op, uint32_t insn)
{
	struct value *v = arena_alloc(f->c->arena, sizeof(*v));

	if (!v)
		return NULL;
	v->op = (uint8_t)op;
	v->insn = insn;
	v->id = ++f->n_values;
	v->bits = 64;
	return v;
}

static uint8_t bits_of(uint64_t v)
{
	return (uint8_t)(v ? 64 - __builtin_clzll(v) : 0);
}

struct value *ir_const(struct func *f, uint64_t imm)
{
	struct value **bucket, *v;

	if (!f->consts)
		f->consts = arena_alloc(f->c->arena, CONST_BUCKETS * sizeof(*f->consts));
	if (!f->consts)
		return NULL;
	bucket = &f->consts[(imm ^ imm >> 16 ^ imm >> 40) % CONST_BUCKETS];
	for (v = *bucket; v; v = v->next)
		if (v->imm == (int64_t)imm)
			return v;
	v = ir_new(f, IR_CONST, 0);
	if (!v)
		return NULL;
	v->imm = (int64_t)imm;
	v->bits = bits_of(imm);
	v->next = *bucket;
	*bucket = v;
	return v;
}

/* Bits of the specials that are small numbers. */
static uint8_t special_bits(const struct func *f, enum isa_special code)
{
	uint32_t queues = f->c->target->queues;

	switch (code) {
	case SR_ZERO:
		return 0;
	case SR_LEN:
		return 16;
	case SR_RXQ:
		return queues ? (uint8_t)(32 - __builtin_clz(queues) - !(queues & (queues - 1))) : 32;
	case SR_IFINDEX:
	case SR_CPU:
		return 32;
	default:
		return 64;
	}
}

struct value *ir_special(struct func *f, enum isa_special code)
{
	struct value *v;

	for (v = f->specials; v; v = v->next)
		if (ir_is_special(v, code))
			return v;
	v = ir_new(f, IR_SPECIAL, 0);
	if (!v)
		return NULL;
	v->imm = (int64_t)code;
	v->bits = special_bits(f, code);
	v->next = f->specials;
	f->specials = v;
	return v;
}

struct value *ir_place(struct func *f, enum isa_special code, struct value *at)
{
	struct value *v;

	if (!f->moves)
		return ir_special(f, code);
	v = ir_new(f, IR_NOW, at->insn);
	if (!v)
		return NULL;
	v->imm = (int64_t)code;
	v->bits = special_bits(f, code);
	v->epoch = v->here = at->here;
	ir_insert_before(at, v);
	return v;
}

void ir_append(struct block *b, struct value *v)
{
	if (!v)
		return;
	v->block = b;
	v->prev = b->last;
	v->next = NULL;
	if (b->last)
		b->last->next = v;
	else
		b->first = v;
	b->last = v;
}

void ir_insert_before(struct value *at, struct value *v)
{
	v->block = at->block;
	v->prev = at->prev;
	v->next = at;
	if (at->prev)
		at->prev->next = v;
	else
		at->block->first = v;
	at->prev = v;
}

void ir_remove(struct value *v)
{
	if (v->prev)
		v->prev->next = v->next;
	else
		v->block->first = v->next;
	if (v->next)
		v->next->prev = v->prev;
	else
		v->block->last = v->prev;
}

void ir_replace(struct value *v, struct value *with)
{
	ir_remove(v);
	v->op = IR_COPY;
	v->arg[0] = with;
}

struct value *ir_resolve(struct value *v)
{
	struct value *end = v;

	while (end && end->op == IR_COPY)
		end = end->arg[0];
	while (v && v->op == IR_COPY) {
		struct value *next = v->arg[0];

		v->arg[0] = end;
		v = next;
	}
	return end;
}

struct block *ir_block(struct func *f, uint32_t insn)
{
	struct block *b = arena_alloc(f->c->arena, sizeof(*b));

	if (!b)
		return NULL;
	b->id = f->n_blocks++;
	b->insn = insn;
	if (f->last_block)
		f->last_block->list = b;
	else
		f->blocks = f->entry = b;
	f->last_block = b;
	return b;
}

static void *grow(struct arena *a, const void *old, uint32_t n, uint32_t cap, size_t size)
{
	void *p = arena_alloc(a, cap * size);

	if (p && n)
		memcpy(p, old, n * size);
	return p;
}

static int grow_preds(struct func *f, struct block *b)
{
	struct arena *a = f->c->arena;
	uint32_t cap = b->cap_pred ? 2 * b->cap_pred : 2;

	b->pred = grow(a, b->pred, b->n_pred, cap, sizeof(*b->pred));
	for (struct value *v = b->first; v && v->op == IR_PHI; v = v->next)
		v->phi = grow(a, v->phi, b->n_pred, cap, sizeof(*v->phi));
	b->cap_pred = cap;
	return a->failed ? -1 : 0;
}

int ir_edge(struct func *f, struct block *from, int way, struct block *to)
{
	if (f->c->arena->failed || (to->n_pred == to->cap_pred && grow_preds(f, to)))
		return -1;
	from->succ[way] = to;
	for (struct value *v = to->first; v && v->op == IR_PHI; v = v->next)
		v->phi[to->n_pred] = NULL;
	to->pred[to->n_pred++] = from;
	return 0;
}

void ir_remove_edge(struct block *from, int way)
{
	struct block *to = from->succ[way];
	uint32_t n = 0, last = --to->n_pred;

	while (to->pred[n] != from)
		n++;
	to->pred[n] = to->pred[last];
	for (struct value *v = to->first; v && v->op == IR_PHI; v = v->next)
		v->phi[n] = v->phi[last];
	from->succ[way] = NULL;
}

int ir_holds(int cc, int w, uint64_t x, uint64_t y)
{
	int64_t sx = w ? (int32_t)x : (int64_t)x, sy = w ? (int32_t)y : (int64_t)y;

	if (w) {
		x = (uint32_t)x;
		y = (uint32_t)y;
	}
	switch (cc) {
	case OP_JEQ:
		return x == y;
	case OP_JNE:
		return x != y;
	case OP_JGT:
		return x > y;
	case OP_JGE:
		return x >= y;
	case OP_JLT:
		return x < y;
	case OP_JLE:
		return x <= y;
	case OP_JSGT:
		return sx > sy;
	case OP_JSGE:
		return sx >= sy;
	case OP_JSLT:
		return sx < sy;
	case OP_JSLE:
		return sx <= sy;
	case OP_JSET:
		return (x & y) != 0;
	default:
		return (x & y) == 0;
	}
}
