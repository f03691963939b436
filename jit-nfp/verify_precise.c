// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * A number of which nothing depended needs no comparing: paths that differ in it alone are one. When a value decides (a branch that can go
 * one way only, where a pointer goes), the path is walked back to what the value was made of, and every checkpoint on the way is marked.
 * Everything in the verifier that looks at the value of a number, and not only at its being one, must say so here.
 */
#include "verify.h"

static void through_alu(const struct ebpf_insn *i, unsigned int depth, struct want *w)
{
	uint64_t dst = var_of(ebpf_dst(i), depth);
	int op = EBPF_OP(i->code);

	if (!(w->vars & dst))
		return;
	if (op == EBPF_MOV)
		w->vars &= ~dst;
	if ((i->code & EBPF_X) && op != EBPF_NEG && op != EBPF_END)
		w->vars |= var_of(ebpf_src(i), depth);
}

static void through_load(const struct ebpf_insn *i, const struct step *s, unsigned int depth, struct want *w)
{
	uint64_t dst = var_of(ebpf_dst(i), depth);

	if ((w->vars & dst) && s->slot != NO_SLOT)
		w->slots |= 1ULL << s->slot;
	w->vars &= ~dst;
}

static void through_store(const struct ebpf_insn *i, const struct step *s, unsigned int depth, struct want *w)
{
	if (ebpf_is_atomic(i)) {
		if (s->slot != NO_SLOT)
			w->slots &= ~(1ULL << s->slot);
		if (i->imm == EBPF_CMPXCHG)
			w->vars &= ~var_of(0, depth);
		else if (i->imm & EBPF_FETCH)
			w->vars &= ~var_of(ebpf_src(i), depth);
	} else if (s->slot != NO_SLOT && w->slots >> s->slot & 1) {
		w->slots &= ~(1ULL << s->slot);
		if (EBPF_CLASS(i->code) == EC_STX)
			w->vars |= var_of(ebpf_src(i), depth);
	}
}

static void through_jump(const struct ebpf_insn *i, unsigned int depth, struct want *w)
{
	uint64_t both;

	if (i->code == (EC_JMP | EBPF_CALL)) {
		if (!insn_is_local_call(i))
			w->vars &= ~var_of(0, depth);
	} else if (insn_is_jump(i) && EBPF_OP(i->code) != EBPF_JA && (i->code & EBPF_X)) {
		both = var_of(ebpf_dst(i), depth) | var_of(ebpf_src(i), depth);
		if (w->vars & both) /* each learnt from the other */
			w->vars |= both;
	}
}

/* What is wanted after the step becomes what is wanted before it. */
static void through(const struct verify *v, const struct step *s, struct want *w)
{
	const struct ebpf_insn *i = &v->insns[s->pc];
	unsigned int depth = v->depth[s->pc];

	switch (ebpf_class(i)) {
	case EC_LD:
		w->vars &= ~var_of(ebpf_dst(i), depth);
		break;
	case EC_LDX:
		through_load(i, s, depth, w);
		break;
	case EC_ST:
	case EC_STX:
		through_store(i, s, depth, w);
		break;
	case EC_ALU:
	case EC_ALU64:
		through_alu(i, depth, w);
		break;
	default:
		through_jump(i, depth, w);
	}
}

/* Every so many steps it is noted what has been wanted there: that has been followed upwards and need not be again. Checkpoints do the same, but
 * a long path may have no room for more of them, and each of its branches would be walked back from as far as the last one. */
static void drop_followed(struct verify *v, uint32_t n, struct want *w)
{
	struct want *followed = &v->followed[n / FOLLOWED_EVERY];

	if (n % FOLLOWED_EVERY)
		return;
	w->vars &= ~followed->vars;
	w->slots &= ~followed->slots;
	followed->vars |= w->vars;
	followed->slots |= w->slots;
	if (v->n_followed <= n / FOLLOWED_EVERY)
		v->n_followed = n / FOLLOWED_EVERY + 1;
}

void precise_cut(struct verify *v)
{
	while (v->n_followed > v->n_path / FOLLOWED_EVERY + 1)
		v->followed[--v->n_followed] = (struct want){ 0, 0 };
}

void precise(struct verify *v, uint64_t vars, uint64_t slots)
{
	struct want w = { vars, slots };
	uint32_t n = v->n_path;

	for (struct checkpoint *p = v->cur->last; w.vars | w.slots; p = p->parent) {
		uint32_t start = p ? p->n_path : 0;

		for (; n > start && (w.vars | w.slots); through(v, &v->path[--n], &w))
			drop_followed(v, n, &w);
		if (!p)
			return;
		n = start;
		w.vars &= ~p->precise_vars; /* what is marked here is marked above too */
		w.slots &= ~p->precise_slots;
		p->precise_vars |= w.vars;
		p->precise_slots |= w.slots;
	}
}

void precise_reg(struct verify *v, unsigned int r)
{
	if (v->cur->reg[r].kind == R_SCALAR)
		precise(v, var_of(r, v->frame->depth), 0);
}
