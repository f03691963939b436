// SPDX-License-Identifier: Apache-2.0
/* Helper calls: build_<family>.c translates them, as helpers.def says; here is what the families share. */
#include "build.h"
#include "helpers.h"

struct value *emit_call(struct build *b, enum ir_op op, struct value *x, struct value *y)
{
	const struct fact *fact = fact_at(b);
	struct value *v = emit(b, op, x, y);

	if (!v)
		return NULL;
	v->map = (uint8_t)fact->arg[0].map;
	v->region[0] = fact->arg[1].region;
	v->region[1] = y ? fact->arg[2].region : R_NONE;
	return v;
}

/* Fails with errno where `x cc y`, and goes on in a new block. */
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

int build_call(struct build *b)
{
	const struct helper *h = helper_called(insn_at(b));

	return h ? h->build(b) : error(b->c, (int)place(b), "the program calls helper %d, which the NIC does not have", insn_at(b)->imm);
}
