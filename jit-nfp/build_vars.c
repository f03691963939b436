// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Which variables each node reads before it writes them, and so which are live at its top. */
#include "build.h"
#include "helpers.h"

static uint64_t cell_bit(const struct build *b, const struct arg_fact *where, uint32_t size)
{
	int var = where->region == R_STACK && where->off_known ? cell_of(b, where->off, size) : -1;

	return var >= 0 ? bit((unsigned int)var) : 0;
}

static uint64_t call_uses(const struct build *b, uint32_t pc)
{
	const struct helper *h = helper_called(&b->c->insns[pc]);
	uint64_t use = 0;

	if (b->f->keeps_front && h && (moves_start(&b->c->insns[pc]) || b->c->insns[pc].imm == HELPER_TAIL_CALL))
		use = bit(VAR_FRONT);
	for (unsigned int n = 0; h && n < h->n_args; n++) {
		use |= bit(n + 1);
		if (ARG_KIND(h->arg[n]) == ARG_KEY)
			use |= cell_bit(b, &b->c->facts[pc].arg[n], 4);
	}
	return use;
}

static uint64_t reg_bit(const struct frame *f, unsigned int r)
{
	return bit(reg_var(f, r));
}

/* The registers r6 to r9 of the frame that is called have no values yet, nor has r0. */
static uint64_t enter_defs(const struct build *b, uint32_t pc)
{
	const struct frame *f = frame_of(b->c, insn_target(&b->c->insns[pc], pc));
	uint64_t def = bit(0);

	for (unsigned int r = 6; r < EBPF_REGS - 1; r++)
		def |= reg_bit(f, r);
	if (b->rounds[f->depth])
		def |= bit(b->rounds[f->depth]);
	return def;
}

static void memory_vars(const struct build *b, const struct frame *f, uint32_t pc, uint64_t *use, uint64_t *def)
{
	const struct ebpf_insn *i = &b->c->insns[pc];
	uint64_t cell = cell_bit(b, &b->c->facts[pc].mem, insn_bytes(i));

	if (ebpf_class(i) == EC_LDX) {
		*use = reg_bit(f, ebpf_src(i)) | cell;
		*def = reg_bit(f, ebpf_dst(i));
		return;
	}
	*use = reg_bit(f, ebpf_dst(i));
	*def = cell;
	if (EBPF_CLASS(i->code) == EC_STX)
		*use |= reg_bit(f, ebpf_src(i));
	if (!ebpf_is_atomic(i))
		return;
	*use |= cell;
	if (i->imm == EBPF_CMPXCHG)
		*use |= bit(0);
	if (i->imm & EBPF_FETCH)
		*def |= i->imm == EBPF_CMPXCHG ? bit(0) : reg_bit(f, ebpf_src(i));
}

static void insn_vars(const struct build *b, const struct frame *f, uint32_t pc, uint64_t *use, uint64_t *def)
{
	const struct ebpf_insn *i = &b->c->insns[pc];
	uint64_t src = i->code & EBPF_X ? reg_bit(f, ebpf_src(i)) : 0, dst = reg_bit(f, ebpf_dst(i));

	*use = *def = 0;
	switch (EBPF_CLASS(i->code)) {
	case EC_LD:
		*def = dst;
		break;
	case EC_ALU:
	case EC_ALU64:
		*use = EBPF_OP(i->code) == EBPF_END ? dst : EBPF_OP(i->code) == EBPF_MOV ? src : dst | src;
		*def = dst;
		break;
	case EC_JMP:
	case EC_JMP32:
		if (insn_is_exit(i) && f->depth)
			*def = 0x3e; /* r1 to r5 */
		else if (insn_is_exit(i))
			*use = bit(0);
		else if (insn_is_local_call(i))
			*def = enter_defs(b, pc);
		else if (EBPF_OP(i->code) == EBPF_CALL)
			*use = call_uses(b, pc), *def = 0x3f; /* r0 to r5 */
		else if (i->code == EBPF_MAY_GOTO)
			*use = *def = bit(b->rounds[f->depth]);
		else if (EBPF_OP(i->code) != EBPF_JA)
			*use = dst | src;
		break;
	default:
		memory_vars(b, f, pc, use, def);
	}
}

static void node_vars(const struct build *b, struct node *n)
{
	for (uint32_t pc = n->first; pc < n->end; pc = insn_next(&b->c->insns[pc], pc)) {
		uint64_t use, def;

		insn_vars(b, n->frame, pc, &use, &def);
		n->use |= use & ~n->def & ~bit(EBPF_REGS - 1); /* r10 is always there */
		n->def |= def;
	}
}

void vars_find(struct build *b)
{
	int changed = 1;

	for (uint32_t k = 0; k < b->n_order; k++)
		node_vars(b, &b->nodes[b->order[k]]);
	while (changed) {
		changed = 0;
		for (uint32_t k = b->n_order; k-- > 0;) {
			struct node *n = &b->nodes[b->order[k]];
			uint64_t out = 0;

			for (int way = 0; way < 2; way++)
				if (n->succ[way] != NO_NODE)
					out |= b->nodes[n->succ[way]].in;
			out = n->use | (out & ~n->def);
			changed |= out != n->in;
			n->in = out;
		}
	}
}

int result_is_read(const struct build *b)
{
	for (uint32_t pc = insn_next(insn_at(b), b->pc); pc < b->node->end; pc = insn_next(&b->c->insns[pc], pc)) {
		uint64_t use, def;

		insn_vars(b, b->node->frame, pc, &use, &def);
		if ((use | def) & bit(0))
			return (use & bit(0)) != 0;
	}
	for (int way = 0; way < 2; way++)
		if (b->node->succ[way] != NO_NODE && b->nodes[b->node->succ[way]].in & bit(0))
			return 1;
	return 0;
}
