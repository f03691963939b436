// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* What is missing, whichever way the program goes: the answer to "what else?" for a program that was refused. */
#include "verify.h"

static int calls_missing_helper(struct verify *v, const struct ebpf_insn *i)
{
	return i->code == (EC_JMP | EBPF_CALL) && ebpf_src(i) == EBPF_CALL_HELPER && !helper_runs(i->imm) && helper_check(v, i->imm);
}

static int asks_for_layout(struct verify *v, const struct ebpf_insn *i)
{
	const struct prog *p = v->c->prog;

	return i->code == (EC_JMP | EBPF_CALL) && ebpf_src(i) == EBPF_CALL_KFUNC && (uint32_t)i->imm < p->n_absent && p->absent[i->imm].is_layout &&
	       !p->absent[i->imm].is_asked && kernel_function_check(v, (uint32_t)i->imm);
}

/* Another call of the same missing helper is no other problem. */
static void keep_new(struct diag *d)
{
	for (uint32_t n = 0; n < d->n_more; n++)
		if (!strcmp(d->more[n].text, d->text)) {
			diag_forget(d);
			return;
		}
	diag_keep(d);
}

void nicjit_survey(const struct prog *p, const struct target *t, struct diag *d)
{
	struct compile c = { .prog = p, .source = p, .target = t, .diag = d };
	struct verify v = { .c = &c, .insns = p->insns, .n_insns = p->n_insns };

	if (!d->room || diag_keep(d))
		return;
	for (uint32_t n = 0; n < p->n_maps; n++)
		if (map_check(&c, n))
			keep_new(d);
	for (v.pc = 0; v.pc < v.n_insns; v.pc += 1 + insn_is_wide(&v.insns[v.pc]))
		if (insn_check(&v, &v.insns[v.pc]) || calls_missing_helper(&v, &v.insns[v.pc]) || asks_for_layout(&v, &v.insns[v.pc]))
			keep_new(d);
}
