// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* What each hardware thread has its own of in map memory begins at an operand, as far as maps have one:
 *   [map : cpu << 3]          -> own                  16 bytes each: pair
 *   [map : cpu * 72]          -> own + (cpu << 6)     no multiplication, which the last lane alone does
 *   [map : x] + (cpu << 3)    -> own + x              for x below 2^32 */
#include "opt.h"
#include "hw/spec/regs.h"

enum { OWN_BYTES = 8, PAIR_BYTES = 16, APART_MAX = 1 << 20 };

/* The value is cpu times this, or 0. */
static uint32_t times_cpu(const struct value *v)
{
	const struct value *by = v->arg[1] ? ir_resolve(v->arg[1]) : NULL;

	if ((v->op != IR_LSH && v->op != IR_MUL) || !v->w || !ir_is_special(ir_resolve(v->arg[0]), SR_CPU) || !ir_is_const(by))
		return 0;
	return v->op == IR_LSH ? 1U << (by->imm & 31) : (uint32_t)by->imm;
}

/* The map's address + bytes * cpu, or NULL. */
static struct value *operand(struct func *f, uint32_t upper, uint32_t bytes)
{
	uint32_t map = upper >> 16 & 0xff;

	if (upper != ((uint32_t)NIC_TAG_MAP << 28 | map << 16) || map > SR_OWN7 - SR_OWN0 || (bytes != OWN_BYTES && bytes != PAIR_BYTES))
		return NULL;
	return ir_special(f, (enum isa_special)((bytes == OWN_BYTES ? SR_OWN0 : SR_PAIR0) + map));
}

static struct value *before(struct func *f, struct value *at, enum ir_op op, struct value *x, struct value *y)
{
	struct value *v = ir_new(f, op, at->insn);

	if (!v)
		return NULL;
	v->arg[0] = x;
	v->arg[1] = y;
	v->w = op == IR_LSH;
	ir_insert_before(at, v);
	opt_bits(v);
	return v;
}

static struct value *in_two(struct func *f, struct value *v, uint32_t upper, uint32_t bytes)
{
	static const uint32_t first[] = { OWN_BYTES, PAIR_BYTES };

	for (unsigned int n = 0; n < sizeof(first) / sizeof(*first); n++) {
		uint32_t rest = bytes - first[n];
		struct value *base;

		if (bytes > APART_MAX || bytes <= first[n] || rest & (rest - 1))
			continue;
		base = operand(f, upper, first[n]);
		if (base)
			return before(f, v, IR_ADD, base, before(f, v, IR_LSH, ir_special(f, SR_CPU), ir_const(f, (uint64_t)__builtin_ctz(rest))));
	}
	return NULL;
}

static void visit(struct func *f, struct value *v)
{
	struct value *x = ir_resolve(v->arg[0]), *y = v->arg[1] ? ir_resolve(v->arg[1]) : NULL, *with = NULL;

	if (v->op == IR_MOVH) {
		with = operand(f, (uint32_t)v->imm, times_cpu(x));
		if (!with)
			with = in_two(f, v, (uint32_t)v->imm, times_cpu(x));
	} else if (y) {
		struct value *top = x->op == IR_MOVH ? x : y, *other = top == x ? y : x, *base = NULL, *low;

		if (top->op == IR_MOVH)
			base = operand(f, (uint32_t)top->imm, times_cpu(other));
		low = base ? ir_resolve(top->arg[0]) : NULL;
		if (low && low->bits <= 32)
			with = before(f, v, IR_ADD, base, low);
	}
	if (with)
		ir_replace(v, with);
}

int opt_own_run(struct compile *c)
{
	struct func *f = c->func;

	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			if (v->op == IR_MOVH || (v->op == IR_ADD && !v->w))
				visit(f, v);
	return opt_dead_run(c);
}
