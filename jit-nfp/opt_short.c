// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Bytes that a packet does not have read as 0. Where the next test sends 0 to the same place, it need not be asked first whether they are there:
 *   len < 14: to A; pkt[12..13] < 1536: to A -> pkt[12..13] < 1536: to A
 * A read that ends before the length asked for is made wider. This comes behind all passes that make reads narrower. */
#include "opt.h"

enum { WIDTH_MAX = 2 };       /* that a window compare takes a field of */

/* Is that the packet's length when v asks? */
static int is_length_at(const struct value *length, const struct value *v)
{
	if (length->op == IR_NOW && length->block != v->block)
		return 0;
	for (const struct value *x = length; length->op == IR_NOW && x != v; x = x->next)
		if (x->op == IR_ADJ)
			return 0;
	return ir_is_place(length, SR_LEN);
}

/* The length from which on a packet goes on by `way`, shorter ones by the other; 0: that is not what v asks. */
static uint64_t asked_for(const struct value *v, int way)
{
	const struct value *k;

	if (v->op != IR_BR || v->w || v->block->succ[0] == v->block->succ[1])
		return 0;
	k = ir_resolve(v->arg[1]);
	if (!ir_is_const(k) || k->imm <= 0 || k->imm > ISA_WINDOW_BYTES || !is_length_at(ir_resolve(v->arg[0]), v))
		return 0;
	switch (v->cc) {
	case OP_JLT:
		return way == 1 ? (uint64_t)k->imm : 0;
	case OP_JLE:
		return way == 1 ? (uint64_t)k->imm + 1 : 0;
	case OP_JGE:
		return way == 0 ? (uint64_t)k->imm : 0;
	case OP_JGT:
		return way == 0 ? (uint64_t)k->imm + 1 : 0;
	default:
		return 0;
	}
}

static uint8_t least_by(const struct block *from, const struct block *to)
{
	uint64_t bytes = from->succ[1] ? asked_for(from->last, opt_way_to(from, to)) : 0;

	return bytes > from->least ? (uint8_t)bytes : from->least;
}

/* From the most there could be downwards, until nothing changes. */
void opt_least_lengths(struct func *f)
{
	int changed = !f->moves;

	for (uint32_t n = 0; n < f->n_rpo; n++)
		f->rpo[n]->least = changed && n ? UINT8_MAX : 0;
	while (changed) {
		changed = 0;
		for (uint32_t n = 1; n < f->n_rpo; n++) {
			struct block *b = f->rpo[n];
			uint8_t was = b->least;

			for (uint32_t k = 0; k < b->n_pred; k++) {
				uint8_t least = least_by(b->pred[k], b);

				b->least = least < b->least ? least : b->least;
			}
			changed |= b->least != was;
		}
	}
}

/* Nothing before the block's test harms a packet that must not come to it. */
static int may_be_entered(const struct block *b)
{
	for (const struct value *v = b->first; v != b->last; v = v->next)
		if (v->op == IR_PHI || (ir_kinds[v->op] != KIND_PURE && v->op != IR_WIN && v->op != IR_NOW))
			return 0;
	return 1;
}

/* Is it one block, or do both do nothing but end the packet alike? */
static int ends_alike(const struct block *x, const struct block *y)
{
	if (x == y)
		return x->first->op != IR_PHI;
	return x->first->op == IR_EXIT && y->first->op == IR_EXIT && ir_resolve(x->first->arg[0]) == ir_resolve(y->first->arg[0]);
}

/* How wide a read of the same bytes must be to end where so many bytes do, or 0. */
static unsigned int width_to(const struct value *win, uint64_t bytes)
{
	uint64_t width = bytes - (uint64_t)win->imm;

	return width == win->width || (width == WIDTH_MAX && win->width < WIDTH_MAX) ? (unsigned int)width : 0;
}

/* Passes since the stores were numbered have left them as they were. */
static struct value *widened(struct func *f, struct value *test, const struct value *win, unsigned int width)
{
	struct value *v = opt_emit(f, test, IR_WIN, NULL, NULL);

	if (!v)
		return NULL;
	v->imm = win->imm;
	v->width = (uint8_t)width;
	v->swap = win->swap;
	v->sign = win->sign;
	v->shift = (uint8_t)(win->shift + (win->swap ? 8 * (width - win->width) : 0));
	v->len = win->len;
	v->region[0] = R_PKT;
	v->epoch = opt_mem_epoch(f, v->here, v->imm, width);
	opt_bits(v);
	return v;
}

/* Returns 1 when the test of the length goes. */
static int visit(struct func *f, struct value *v, int way)
{
	const struct block *next = v->block->succ[way], *out = v->block->succ[1 - way];
	struct value *test = next->last, *win, *k;
	uint64_t bytes = asked_for(v, way);
	unsigned int width;

	if (!bytes || next->n_pred != 1 || test->op != IR_BR || next->succ[0] == next->succ[1])
		return 0;
	win = ir_resolve(test->arg[0]);
	k = ir_resolve(test->arg[1]);
	if (win->op != IR_WIN || win->block != next || !ir_is_const(k) || (uint64_t)win->imm >= bytes || !may_be_entered(next) ||
	    !ends_alike(out, next->succ[!ir_holds(test->cc, test->w, 0, (uint64_t)k->imm)]))
		return 0;
	width = width_to(win, bytes);
	if (!width)
		return 0;
	if (width != win->width) {
		test->arg[0] = widened(f, test, win, width);
		if (!test->arg[0])
			return 0;
	}
	opt_decide(v, way == 0);
	return 1;
}

int opt_short_run(struct compile *c)
{
	struct func *f = c->func;
	int changed = 0;

	for (uint32_t n = f->n_rpo; n-- > 0;)
		for (int way = 0; way < 2 && f->rpo[n]->succ[1]; way++)
			if (visit(f, f->rpo[n]->last, way)) {
				changed = 1;
				break;
			}
	if (c->arena->failed || (changed && cfg_order(f)))
		return -1;
	return changed ? opt_join_blocks(f) : 0;
}
