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

int survey_presume(struct verify *v)
{
	const struct ebpf_insn *i = &v->insns[v->pc];
	unsigned int first, last;
	int learned = 0;

	if (ebpf_class(i) == EC_LDX)
		first = last = ebpf_src(i);
	else if (EBPF_CLASS(i->code) == EC_ST || EBPF_CLASS(i->code) == EC_STX || EBPF_CLASS(i->code) == EC_ALU64)
		first = last = ebpf_dst(i);
	else if (i->code == (EC_JMP | EBPF_CALL))
		first = 1, last = 5;
	else
		return 0;
	for (unsigned int n = first; n <= last; n++)
		learned |= jump_presume(v, &v->cur->reg[n]);
	return learned;
}

/* It may have written to the stack, as much as the number behind the address says. */
static int fill_arguments(struct verify *v)
{
	for (unsigned int n = 1; n <= 5; n++) {
		const struct reg *r = &v->cur->reg[n], *size = r + 1;

		if (r->kind != R_STACK)
			continue;
		if (n == 5 || size->kind != R_SCALAR || !range_is_const(&size->var) || !size->var.value || size->var.value > EBPF_STACK_BYTES)
			return -1;
		if (stack_check(v, r, 0, (uint32_t)size->var.value, 0) || stack_fill(v, r, (uint32_t)size->var.value)) {
			diag_forget(v->c->diag);
			return -1;
		}
	}
	return 0;
}

/* A function that the NIC does not have; not what stands for a layout that it does not have, which was another instruction. */
static int calls_absent(const struct prog *p, const struct ebpf_insn *i)
{
	if (i->code != (EC_JMP | EBPF_CALL))
		return 0;
	if (ebpf_src(i) == EBPF_CALL_HELPER)
		return !helper_runs(i->imm);
	return ebpf_src(i) == EBPF_CALL_KFUNC && ((uint32_t)i->imm >= p->n_absent || !p->absent[i->imm].is_layout);
}

static int pass_call(struct verify *v, const struct ebpf_insn *i)
{
	struct reg none, zero;

	if (!calls_absent(v->c->prog, i) || fill_arguments(v))
		return 0;
	reg_scalar(&zero);
	range_const(&zero.var, 0);
	reg_scalar(&none);
	none.kind = R_NONE;
	for (unsigned int n = 1; n <= 5; n++)
		state_write_reg(v, n, &none);
	state_write_reg(v, 0, &zero);
	return 1;
}

int survey_pass(struct verify *v)
{
	const struct ebpf_insn *i = &v->insns[v->pc];
	int loads = EBPF_CLASS(i->code) == EC_LDX;
	struct reg unknown;
	uint8_t kind;

	if (!loads && EBPF_CLASS(i->code) != EC_ST && (EBPF_CLASS(i->code) != EC_STX || EBPF_MODE(i->code) == EBPF_ATOMIC))
		return pass_call(v, i);
	kind = v->cur->reg[loads ? ebpf_src(i) : ebpf_dst(i)].kind;
	if (kind != R_MAP_VALUE && kind != R_CTX)
		return 0;
	reg_scalar(&unknown);
	if (loads && ebpf_dst(i) != EBPF_REGS - 1) /* r10 stays what it is */
		state_write_reg(v, ebpf_dst(i), &unknown);
	return 1;
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
