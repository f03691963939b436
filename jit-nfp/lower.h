/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Inside lower: emitting operations (lower.c) and phis (lower_phi.c).
 */
#ifndef JIT_NFP_LOWER_H
#define JIT_NFP_LOWER_H

#include "ir.h"

enum { CACHED_CONSTS = 16 };

struct lower {
	struct compile *c;
	struct func *f;
	struct trace *t;
	struct value *v;
	struct { uint64_t imm; uint32_t vreg; } cached[CACHED_CONSTS]; /* constants in registers in this trace */
	uint32_t n_cached;
};

struct operand { uint32_t vreg; uint8_t code; };

struct mop *lower_emit(struct lower *l, enum isa_op op); /* for l->v, at the end of l->t */
uint8_t lower_lanes(const struct lower *l, enum isa_op op); /* that may do it */
uint32_t lower_vreg(struct lower *l, struct value *v); /* the register of v */
void lower_set_dst(struct lower *l, struct mop *m, uint32_t vreg);
void lower_set_b(struct mop *m, struct operand o);
/* to = imm. Two words when 32 bits do not say it. */
void lower_const(struct lower *l, uint32_t to, uint64_t imm);

/* lower_phi.c: the copies for the way from -> to */
void lower_phis(struct lower *l, struct block *from, struct block *to);
/* Gives the phis of a block their registers, and those arguments that can share them. Before anything is emitted. */
void lower_share(struct lower *l, struct block *to);

#endif
