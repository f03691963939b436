// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Drops stores to stack bytes that are written again, or never read, before the packet ends. Backwards over the program with one bit per
 * byte of stack: read before it is written? */
#include "opt.h"

enum { WORDS = EBPF_STACK_BYTES / 64 };

struct bytes { uint64_t bit[WORDS]; }; /* byte n is at r10 - 512 + n */

struct span { int64_t first, size; };

static void set(struct bytes *s, struct span span, int value)
{
	for (int64_t n = span.first; n < span.first + span.size; n++) {
		uint64_t at = (uint64_t)(n + EBPF_STACK_BYTES);

		if (at >= EBPF_STACK_BYTES)
			continue;
		if (value)
			s->bit[at / 64] |= 1ULL << at % 64;
		else
			s->bit[at / 64] &= ~(1ULL << at % 64);
	}
}

static int any(const struct bytes *s, struct span span)
{
	for (int64_t n = span.first; n < span.first + span.size; n++) {
		uint64_t at = (uint64_t)(n + EBPF_STACK_BYTES);

		if (at < EBPF_STACK_BYTES && (s->bit[at / 64] >> at % 64 & 1))
			return 1;
	}
	return 0;
}

static const struct span everything = { -EBPF_STACK_BYTES, EBPF_STACK_BYTES };

/* Where a pointer into the stack points, with size bytes behind it; everything when that is not known. */
static struct span span_of(struct value *pointer, int64_t off, uint32_t size)
{
	pointer = ir_resolve(pointer);
	if (ir_is_special(pointer, SR_FP))
		return (struct span){ off, size };
	if (pointer->op == IR_ADD && !pointer->w && ir_is_special(ir_resolve(pointer->arg[0]), SR_FP) && ir_is_const(pointer->arg[1]))
		return (struct span){ off + pointer->arg[1]->imm, size };
	return everything;
}

static void read_operands(const struct compile *c, struct bytes *live, const struct value *v)
{
	const struct image_map *m = &c->maps[v->map];

	if (v->op != IR_CPY && v->region[0] == R_STACK)
		set(live, span_of(v->arg[0], 0, m->key_size), 1);
	if ((v->op == IR_UPD || v->op == IR_CPY) && v->region[1] == R_STACK)
		set(live, span_of(v->arg[1], 0, m->value_size), 1);
}

/* Backwards over one value. Returns 1 when it is a store nobody needs. */
static int step(const struct compile *c, struct bytes *live, const struct value *v)
{
	switch (v->op) {
	case IR_LD:
		if (v->region[0] == R_STACK)
			set(live, span_of(v->arg[0], v->imm, v->width), 1);
		return 0;
	case IR_ST:
		if (v->region[0] != R_STACK || span_of(v->arg[0], v->imm, v->width).size != v->width)
			return 0;
		if (!any(live, span_of(v->arg[0], v->imm, v->width)))
			return 1;
		set(live, span_of(v->arg[0], v->imm, v->width), 0);
		return 0;
	case IR_LOOK: case IR_LOOKS: case IR_UPD: case IR_DEL: case IR_CPY:
		read_operands(c, live, v);
		return 0;
	default:
		return 0;
	}
}

static struct bytes behind(const struct bytes *top, const struct block *b)
{
	struct bytes live = { { 0 } };

	for (int way = 0; way < 2; way++)
		for (int n = 0; b->succ[way] && n < WORDS; n++)
			live.bit[n] |= top[b->succ[way]->rpo].bit[n];
	return live;
}

int opt_stack_run(struct compile *c)
{
	struct func *f = c->func;
	struct arena mark = *c->arena;
	struct bytes *top = arena_alloc(c->arena, f->n_rpo * sizeof(*top));
	int changed = 1;

	if (!top)
		return -1;
	while (changed) {
		changed = 0;
		for (uint32_t n = f->n_rpo; n-- > 0;) {
			struct bytes live = behind(top, f->rpo[n]);

			for (struct value *v = f->rpo[n]->last; v; v = v->prev)
				step(c, &live, v);
			changed |= memcmp(&live, &top[n], sizeof(live)) != 0;
			top[n] = live;
		}
	}
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		struct bytes live = behind(top, f->rpo[n]);

		for (struct value *v = f->rpo[n]->last, *prev; v; v = prev) {
			prev = v->prev;
			if (step(c, &live, v))
				ir_remove(v);
		}
	}
	*c->arena = mark;
	return 0;
}
