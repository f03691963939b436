// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Helper calls: build_<family>.c translates them, as helpers.def says; here is what the families share. */
#include "build.h"
#include "helpers.h"

struct value *emit_call(struct build *b, enum ir_op op, struct value *x, struct value *y)
{
	const struct fact *fact = fact_at(b);
	struct value *v;

	if (map_is_template(b->c->prog, fact->arg[0].map)) {
		emit(b, IR_MSEL, b->var[1], NULL);
		op = op == IR_LOOK ? IR_LOOKS : op;
	}
	v = emit(b, op, x, y);
	if (!v)
		return NULL;
	v->map = (uint8_t)fact->arg[0].map;
	v->region[0] = fact->arg[1].region;
	v->region[1] = y ? fact->arg[2].region : R_NONE;
	return v;
}

/* Fails with errno where `x cc y`, and goes on in a new block. */
struct value *load_map_word(struct build *b, unsigned int arg, struct value *at, uint32_t size)
{
	struct value *v = emit(b, IR_MLD, at, NULL);

	if (!v)
		return NULL;
	v->width = (uint8_t)size;
	v->region[0] = R_MAP_VALUE;
	v->map = (uint8_t)fact_at(b)->arg[arg].map;
	return v;
}

struct value *slot_of(struct build *b, unsigned int arg, struct value *index)
{
	const struct image_map *m = &b->c->maps[fact_at(b)->arg[arg].map];
	uint64_t base = 3ULL << 60 | (uint64_t)fact_at(b)->arg[arg].map << 48 | m->values;

	return emit(b, IR_ADD, emit(b, IR_MUL, index, konst(b, m->stride)), konst(b, base));
}

void check(struct build *b, int cc, struct value *x, struct value *y, struct block *fail)
{
	struct block *on = ir_block(b->f, place(b));

	if (!on)
		return;
	branch(b, cc, x, y, 1, fail, on);
	b->at = on;
}

void join(struct build *b, struct block *to, struct value **result, int n)
{
	struct value *phi = ir_new(b->f, IR_PHI, place(b));

	b->at = to;
	if (!phi)
		return;
	phi->phi = arena_alloc(b->c->arena, to->cap_pred * sizeof(*phi->phi));
	if (!phi->phi)
		return;
	for (int k = 0; k < n; k++)
		phi->phi[k] = result[k];
	ir_append(to, phi);
	b->var[0] = phi;
}

int two_ways(struct build *b, struct value *r0, struct block *other, struct value *other_r0)
{
	struct value *result[2] = { r0, other_r0 };
	struct block *at[2] = { b->at, other }, *after;

	if (rest_is_zero_test(b)) {
		for (int n = 0; n < 2; n++) {
			b->not_null = result[n];
			if (translate_rest(b, at[n], result[n]))
				return -1;
		}
		return 1;
	}
	after = ir_block(b->f, place(b));
	if (!after)
		return -1;
	jump(b, after);
	b->at = other;
	jump(b, after);
	join(b, after, result, 2);
	return 0;
}

/* ---- answers that are 0 or 1 ---- */

struct value *at_least(struct build *b, struct value *x, uint64_t n)
{
	return emit(b, IR_RSH, emit(b, IR_SUB, konst(b, n - 1), x), konst(b, 63));
}

struct value *equals(struct build *b, struct value *x, uint64_t n)
{
	return emit(b, IR_XOR, at_least(b, n ? emit(b, IR_XOR, x, konst(b, n)) : x, 1), konst(b, 1));
}

struct value *pick(struct build *b, struct value *which, struct value *x, struct value *y)
{
	struct value *mask = emit(b, IR_SUB, konst(b, 0), which);

	return emit(b, IR_XOR, y, emit(b, IR_AND, mask, emit(b, IR_XOR, x, y)));
}

/* ---- structured code ---- */

struct block *when(struct build *b, int cc, struct value *x, struct value *y)
{
	struct block *then = ir_block(b->f, place(b)), *after = ir_block(b->f, place(b));

	if (then && after)
		branch(b, cc, x, y, ODDS_ONE / 2, then, after);
	b->at = then;
	return after;
}

void end_when(struct build *b, struct block *after)
{
	if (b->c->arena->failed)
		return;
	jump(b, after);
	b->at = after;
}

struct value *loop_value(struct build *b, struct value *init)
{
	struct value *phi = ir_new(b->f, IR_PHI, place(b));

	if (!phi)
		return NULL;
	phi->phi = arena_alloc(b->c->arena, b->at->cap_pred * sizeof(*phi->phi));
	if (!phi->phi)
		return NULL;
	phi->phi[0] = init;
	ir_append(b->at, phi);
	return phi;
}

struct value *loop_open(struct build *b, struct value *init)
{
	struct block *head = ir_block(b->f, place(b));

	if (!head)
		return NULL;
	jump(b, head);
	b->at = head;
	return loop_value(b, init);
}

void loop_next(struct value *phi, struct value *next)
{
	if (phi)
		phi->arg[0] = next;
}

void loop_end(struct value *phi)
{
	if (!phi)
		return;
	phi->phi[phi->block->n_pred - 1] = phi->arg[0];
	phi->arg[0] = NULL;
}

void loop_close(struct build *b, struct value *phi, struct value *next)
{
	if (b->c->arena->failed)
		return;
	jump(b, phi->block);
	phi->phi[phi->block->n_pred - 1] = next;
}

int build_call(struct build *b)
{
	const struct helper *h = helper_called(insn_at(b));

	return h ? h->build(b) : error(b->c, (int)place(b), "the program calls helper %d, which the NIC does not have", insn_at(b)->imm);
}
