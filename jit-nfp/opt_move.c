// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Moves of the packet by constants, while it is known how far it has been moved in all: those that can't fail give 0, and tests of the length are
 * decided by what has been asked of it before, in front of the move or behind it.
 *   len >= 38; r = adjh -20; r != 0: to A; len < 54: to A -> len >= 38; adjh -20 */
#include "opt.h"
#include "hw/spec/regs.h"

enum { ANCESTORS_MAX = 24 };  /* dominators looked at */

struct moved { uint8_t known; int32_t front, end; }; /* the packet's start and end, by how many bytes */

struct lengths { int64_t least, most; }; /* of the packet as it came */

struct moves {
	struct func *f;
	struct moved *at;     /* by epoch of the packet's place */
	struct value *zero;
	int changed;          /* ways */
};

static int64_t growth(const struct moved *m)
{
	return (int64_t)m->end - m->front;
}

/* ---- how long it is ---- */

/* What is left of s where x cc k holds of the packet's length x when it had grown so much. */
static void narrow(struct lengths *s, int cc, int64_t k, int64_t grown)
{
	int64_t least = 0, most = INT32_MAX;

	switch (cc) {
	case OP_JEQ:
		least = most = k;
		break;
	case OP_JGT:
		least = k + 1;
		break;
	case OP_JGE:
		least = k;
		break;
	case OP_JLT:
		most = k - 1;
		break;
	case OP_JLE:
		most = k;
		break;
	default:
		return;
	}
	s->least = least - grown > s->least ? least - grown : s->least;
	s->most = most - grown < s->most ? most - grown : s->most;
}

/* The number that v, a branch, compares a length with which the packet had when it had grown by *grown; -1: it does something else. */
static int64_t compared(const struct moves *m, const struct value *v, int64_t *grown)
{
	const struct value *length, *k;

	if (v->op != IR_BR || v->w)
		return -1;
	length = ir_resolve(v->arg[0]);
	k = ir_resolve(v->arg[1]);
	if (length->op != IR_NOW || length->imm != SR_LEN || !m->at[length->epoch].known || !ir_is_const(k) || k->imm < 0 || k->imm > INT32_MAX)
		return -1;
	*grown = growth(&m->at[length->epoch]);
	return k->imm;
}

static int opposite(int cc)
{
	switch (cc) {
	case OP_JLT:
		return OP_JGE;
	case OP_JGE:
		return OP_JLT;
	case OP_JGT:
		return OP_JLE;
	case OP_JLE:
		return OP_JGT;
	default:
		return cc == OP_JNE ? OP_JEQ : 0;
	}
}

static struct lengths lengths_in(const struct moves *m, const struct block *b)
{
	struct lengths s = { 0, m->f->c->target->frame_max };

	for (int n = 0; n < ANCESTORS_MAX && b->n_pred; n++, b = b->idom) {
		const struct block *from = b->n_pred == 1 ? b->pred[0] : NULL;
		int64_t grown, k = from ? compared(m, from->last, &grown) : -1;

		if (k >= 0 && from->succ[0] != from->succ[1])
			narrow(&s, from->succ[0] == b ? from->last->cc : opposite(from->last->cc), k, grown);
	}
	return s;
}

/* ---- moves ---- */

/* hw/spec/machine.md, "Where the packet lies" */
static int is_sure(const struct moves *m, const struct value *v, const struct moved *to)
{
	struct lengths s = lengths_in(m, v->block);

	if (NIC_HEADROOM + to->front < NIC_HEAD_MIN || NIC_HEADROOM + s.most + to->end > NIC_PKT_BUFFER)
		return 0;
	return s.least + growth(to) >= NIC_LEN_MIN && s.most + growth(to) <= NIC_LEN_MAX;
}

static void visit_move(struct moves *m, struct value *v)
{
	struct moved to = m->at[v->here];
	const struct value *k = ir_resolve(v->arg[0]);
	int32_t by = (int32_t)k->imm; /* what counts of it */

	if (!to.known || !ir_is_const(k) || by < -NIC_PKT_BUFFER || by > NIC_PKT_BUFFER || v->imm == OP_ADJM)
		return;
	if (v->imm == OP_ADJH)
		to.front += by;
	else
		to.end += by;
	if (!is_sure(m, v, &to))
		return;
	v->sure = 1;
	m->at[v->epoch] = to;
}

static void visit_branch(struct moves *m, struct value *v)
{
	struct lengths s = lengths_in(m, v->block), taken = s, not = s;
	int64_t grown, k = compared(m, v, &grown);

	if (k < 0 || !opposite(v->cc))
		return;
	narrow(&taken, v->cc, k, grown);
	narrow(&not, opposite(v->cc), k, grown);
	if (taken.least <= taken.most && not.least <= not.most)
		return;
	opt_decide(v, not.least > not.most);
	m->changed = 1;
}

static struct value *known(struct moves *m, struct value *v)
{
	v = ir_resolve(v);
	return v && v->op == IR_ADJ && v->sure ? m->zero : v;
}

/* What an earlier move gives is known before anyone asks for it: blocks come in the order of reverse post-order. */
static void visit(struct moves *m, struct value *v, uint32_t here)
{
	for (int n = 0; n < 3; n++)
		v->arg[n] = known(m, v->arg[n]);
	if (v->op == IR_ADJ) {
		v->here = here;
		visit_move(m, v);
	} else if (v->op == IR_BR) {
		visit_branch(m, v);
	}
}

int opt_move_run(struct compile *c)
{
	struct func *f = c->func;
	struct moves m = { .f = f, .zero = ir_const(f, 0) };

	if (!f->moves || !c->target->frame_max || has_tail_calls(c))
		return 0;
	opt_mem_number_places(f);
	m.at = arena_alloc(c->arena, (f->n_epochs + 1) * sizeof(*m.at));
	if (!m.at || !m.zero)
		return -1;
	m.at[1].known = 1;
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		uint32_t here = f->rpo[n]->epoch_in;

		for (struct value *v = f->rpo[n]->first; v; v = v->next) {
			visit(&m, v, here);
			here = v->op == IR_ADJ ? v->epoch : here;
		}
	}
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v && v->op == IR_PHI; v = v->next)
			for (uint32_t k = 0; k < v->block->n_pred; k++)
				v->phi[k] = known(&m, v->phi[k]);
	if (c->arena->failed)
		return -1;
	return m.changed ? cfg_order(f) : 0;
}
