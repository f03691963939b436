// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Registers that hold a constant along the one way that leads to a node, and so which way the node's own question goes: clang keeps answers in
 * registers and asks them again. It is a guess about how often ways are taken, nothing more. */
#include "build.h"

static int is_known(const struct consts *k, unsigned int r)
{
	return k->regs >> r & 1;
}

static void know(struct consts *k, unsigned int r, uint64_t value)
{
	k->regs |= (uint16_t)(1U << r);
	k->value[r] = value;
}

static void forget(struct consts *k, unsigned int regs)
{
	k->regs &= (uint16_t)~regs;
}

static int source(const struct consts *k, const struct ebpf_insn *i, uint64_t *value)
{
	*value = i->code & EBPF_X ? k->value[ebpf_src(i)] : (uint64_t)(int64_t)i->imm;
	return !(i->code & EBPF_X) || is_known(k, ebpf_src(i));
}

static void alu(struct consts *k, const struct ebpf_insn *i)
{
	unsigned int dst = ebpf_dst(i);
	uint64_t x = k->value[dst], y;
	int known = source(k, i, &y) && !i->off && (EBPF_OP(i->code) == EBPF_MOV || is_known(k, dst));

	switch (EBPF_OP(i->code)) {
	case EBPF_MOV:
		x = y;
		break;
	case EBPF_ADD:
		x += y;
		break;
	case EBPF_AND:
		x &= y;
		break;
	case EBPF_OR:
		x |= y;
		break;
	case EBPF_XOR:
		x ^= y;
		break;
	default:
		known = 0;
	}
	forget(k, 1U << dst);
	if (known)
		know(k, dst, EBPF_CLASS(i->code) == EC_ALU ? (uint32_t)x : x);
}

enum { ALL = 0x7ff, OF_CALL = 0x3f };

static void step(struct consts *k, const struct ebpf_insn *i)
{
	switch (ebpf_class(i)) {
	case EC_ALU:
	case EC_ALU64:
		alu(k, i);
		return;
	case EC_LD:
	case EC_LDX:
		forget(k, 1U << ebpf_dst(i));
		return;
	case EC_STX:
		if (ebpf_is_atomic(i))
			forget(k, 1U << ebpf_src(i) | 1);
		return;
	case EC_JMP:
		if (insn_is_local_call(i) || insn_is_exit(i)) /* other registers with the same names */
			forget(k, ALL);
		else if (EBPF_OP(i->code) == EBPF_CALL)
			forget(k, OF_CALL);
		return;
	default:
		return;
	}
}

static const struct ebpf_insn *last_of(const struct build *b, const struct node *n)
{
	uint32_t last = n->first;

	for (uint32_t pc = last; pc < n->end; pc = insn_next(&b->c->insns[pc], pc))
		last = pc;
	return &b->c->insns[last];
}

/* Which way the node goes, or -1. */
static int way_of(const struct build *b, const struct node *n)
{
	const struct ebpf_insn *end = last_of(b, n);
	struct consts k = n->known;
	unsigned int r = ebpf_dst(end);
	uint64_t y;

	if (n->need || EBPF_CLASS(end->code) != EC_JMP || (EBPF_OP(end->code) != EBPF_JEQ && EBPF_OP(end->code) != EBPF_JNE))
		return -1;
	for (uint32_t pc = n->first; pc < n->end; pc = insn_next(&b->c->insns[pc], pc))
		step(&k, &b->c->insns[pc]);
	if (!is_known(&k, r) || !source(&k, end, &y))
		return -1;
	return (k.value[r] == y) == (EBPF_OP(end->code) == EBPF_JEQ) ? 0 : 1;
}

void known_along(const struct build *b, struct node *n, const struct node *from, int way)
{
	const struct ebpf_insn *end = last_of(b, from);

	n->known = from->known;
	for (uint32_t pc = from->first; pc < from->end && !from->need; pc = insn_next(&b->c->insns[pc], pc))
		step(&n->known, &b->c->insns[pc]);
	/* x == k has been answered with yes */
	if (!from->need && EBPF_CLASS(end->code) == EC_JMP && !(end->code & EBPF_X) && EBPF_OP(end->code) == (way ? EBPF_JNE : EBPF_JEQ))
		know(&n->known, ebpf_dst(end), (uint64_t)(int64_t)end->imm);
	n->sure = (int8_t)way_of(b, n);
}
