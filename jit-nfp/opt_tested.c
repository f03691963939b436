// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Packet bytes of which a test on the way has said what they are, also where the packet's start has moved since: headers put in front of others repeat
 * the frame's type. */
#include "opt.h"

enum { ANCESTORS_MAX = 24,    /* dominators looked at */
       MOVES_MAX = 4 };       /* of the packet, looked through */

struct place { uint32_t epoch; int64_t off; };

/* The condition that holds in b since the block before it has asked for it, which leads there alone; 0: none. */
static int entered_by(const struct block *b, const struct value **test)
{
	const struct block *from = b->n_pred == 1 ? b->pred[0] : NULL;

	*test = from ? from->last : NULL;
	if (!from || from->last->op != IR_BR || from->succ[0] == from->succ[1])
		return 0;
	if (from->succ[0] == b)
		return from->last->cc;
	return from->last->cc == OP_JEQ ? OP_JNE : from->last->cc == OP_JNE ? OP_JEQ : 0;
}

/* What x is in b, if tests on the way there say it; 0 or 1. */
static int equals(const struct block *b, const struct value *x, int64_t k)
{
	for (int n = 0; n < ANCESTORS_MAX && b->n_pred; n++, b = b->idom) {
		const struct value *test;

		if (entered_by(b, &test) == OP_JEQ && ir_resolve(test->arg[0]) == x && ir_is_const(ir_resolve(test->arg[1])) &&
		    ir_resolve(test->arg[1])->imm == k)
			return 1;
	}
	return 0;
}

/* Where the byte at off lay before the packet was moved, for a reader in b, who reads within the packet. */
static struct place place_of(const struct func *f, const struct block *b, uint32_t here, int64_t off)
{
	struct place p = { opt_mem_epoch(f, here, off, 1), off };

	for (int n = 0; n < MOVES_MAX; n++) {
		uint32_t before;
		const struct value *move = opt_mem_began(f, p.epoch, &before), *by;

		if (!move || move->op != IR_ADJ || !(move->sure || equals(b, move, 0)))
			break;
		by = ir_resolve(move->arg[0]);
		if (move->imm == OP_ADJH && ir_is_const(by))
			p.off += (int32_t)by->imm;
		else if (move->imm != OP_ADJT)
			break;
		p.epoch = opt_mem_epoch(f, before, p.off, 1);
	}
	return p;
}

/* The byte that p is of the constant which a test has found a read of the packet equal to, or -1. */
static int byte_of(const struct func *f, const struct value *test, struct place p)
{
	struct opt_byte first = { ir_resolve(test->arg[0]), 0 };
	const struct value *k = ir_resolve(test->arg[1]);
	int64_t off;

	if (!ir_is_const(k) || !opt_bytes_is_packet(&first) || (test->w && first.v->bits > 32))
		return -1;
	off = opt_bytes_offset(&first);
	for (unsigned int n = 0; n < first.v->len / 8U; n++) {
		struct place q = place_of(f, first.v->block, first.v->here, off + n);

		if (p.epoch == q.epoch && p.off == q.off)
			return (int)((uint64_t)k->imm >> 8 * n & 0xff);
	}
	return -1;
}

struct opt_byte opt_tested_byte(struct func *f, const struct block *b, struct opt_byte byte)
{
	struct place p;

	if (!opt_bytes_is_packet(&byte))
		return byte;
	p = place_of(f, byte.v->block, byte.v->here, opt_bytes_offset(&byte));
	for (int n = 0; n < ANCESTORS_MAX && b->n_pred; n++, b = b->idom) {
		const struct value *test;
		int found = entered_by(b, &test) == OP_JEQ ? byte_of(f, test, p) : -1;

		if (found >= 0)
			return (struct opt_byte){ ir_const(f, (uint64_t)found), 0 };
	}
	return byte;
}
