// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* A key or value that the program copies from the packet to the stack for a map helper is taken from the packet itself, if all its bytes are
 * still there in the same order: the NIC's map calls read any memory. The copy then often has no reader left (opt_stack.c). */
#include "opt.h"

enum { BYTES_MAX = 128, BACK_MAX = 128 };

struct copied {               /* stack bytes of the operand, from its first one on */
	uint32_t size, found;
	int16_t from[BYTES_MAX]; /* packet offset of the byte, or UNKNOWN */
};
enum { UNKNOWN = -1 };

static int is_plain_window(const struct value *v)
{
	return v->op == IR_WIN && !v->sign && !v->swap && !(v->shift % 8) && !(v->len % 8);
}

/* Notes the bytes of a store that lie in the operand and are not known from a later store. 0 when one of them is not from the packet. */
static int note_store(const struct func *f, struct copied *c, const struct value *store, int64_t start, uint32_t here)
{
	const struct value *data = ir_resolve(store->arg[1]);

	for (uint32_t n = 0; n < store->width; n++) {
		int64_t at = store->imm + n - start, from;

		if (at < 0 || at >= c->size || c->from[at] != UNKNOWN)
			continue;
		if (store->swap || !is_plain_window(data) || n >= data->len / 8U)
			return 0;
		from = data->imm + data->shift / 8 + n;
		if (data->epoch != opt_mem_epoch(f, here, data->imm, data->width))
			return 0;
		c->from[at] = (int16_t)from;
		c->found++;
	}
	return 1;
}

/* Looks back over what comes before the call, through blocks with one way in. */
static int find_stores(const struct func *f, struct copied *c, const struct value *call, int64_t start)
{
	const struct block *b = call->block;
	const struct value *v = call->prev;

	for (int n = 0; n < BACK_MAX && c->found < c->size; n++) {
		while (!v && b->n_pred == 1) {
			b = b->pred[0];
			v = b->last;
		}
		if (!v)
			return 0;
		if (v->op == IR_ST && v->region[0] == R_STACK) {
			if (!ir_is_special(ir_resolve(v->arg[0]), SR_FP) || !note_store(f, c, v, start, call->here))
				return 0;
		}
		v = v->prev;
	}
	return c->found == c->size;
}

static int in_a_row(const struct copied *c)
{
	for (uint32_t n = 1; n < c->size; n++)
		if (c->from[n] != c->from[n - 1] + 1)
			return 0;
	return 1;
}

static void try_operand(struct func *f, struct value *call, int arg, uint32_t size)
{
	struct copied c = { .size = size };
	struct value *v;
	int64_t off;

	if (call->region[arg] != R_STACK || size > BYTES_MAX || !ir_is_near(call->arg[arg], SR_FP, &off))
		return;
	for (uint32_t n = 0; n < size; n++)
		c.from[n] = UNKNOWN;
	if (!find_stores(f, &c, call, off) || !in_a_row(&c))
		return;
	v = ir_new(f, IR_ADD, call->insn);
	if (!v)
		return;
	v->arg[0] = ir_place(f, SR_DATA, call);
	v->arg[1] = ir_const(f, (uint64_t)c.from[0]);
	ir_insert_before(call, v);
	call->arg[arg] = v;
	call->region[arg] = R_PKT;
}

int opt_key_run(struct compile *c)
{
	struct func *f = c->func;

	if (opt_mem_number(f))
		return -1;
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v; v = v->next) {
			if (v->op == IR_LOOK || v->op == IR_UPD || v->op == IR_DEL)
				try_operand(f, v, 0, c->maps[v->map].key_size);
			if (v->op == IR_UPD || v->op == IR_CPY)
				try_operand(f, v, 1, c->maps[v->map].value_size);
		}
	return c->arena->failed ? -1 : 0;
}
