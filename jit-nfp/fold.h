/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Inside opt_fold: the rules. A rule gives the value that replaces o->v, or NULL after it has changed it in place or left it. New values go
 * right before it. Comments show before -> after.
 */
#ifndef JIT_NFP_FOLD_H
#define JIT_NFP_FOLD_H

#include "opt.h"
#include "hw/spec/regs.h"

struct fold {
	struct func *f;
	struct value *v;
	uint32_t here;        /* state of the packet at v */
};

static inline uint64_t ones(unsigned int n)
{
	return n < 64 ? (1ULL << n) - 1 : UINT64_MAX;
}

static inline unsigned int width_of(const struct value *v)
{
	return v->w ? 32 : 64;
}

static inline uint64_t imm_u(const struct value *v)
{
	return (uint64_t)v->imm;
}

/* fold_alu.c */
struct value *fold_alu(struct fold *o); /* ADD .. MODS */
/* Is it a place in the packet, with the packet where it is in that epoch: data + len * times + off? Or one in the stack: fp + off? */
struct packet_sum { int stack, times; int64_t off; uint32_t epoch; struct value *place; };
int fold_is_packet_sum(struct value *v, struct packet_sum *s);
/* Are both arguments of v? */
int fold_packet_sums(const struct value *v, struct packet_sum *x, struct packet_sum *y);
/* How long the packet was when the place was asked for: it may have been moved since. */
struct value *fold_length(struct fold *o, const struct packet_sum *s);
struct value *fold_emit(struct fold *o, enum ir_op op, struct value *x, struct value *y);
/* v turns into a field of x. Always NULL. */
struct value *fold_become_field(struct value *v, enum ir_op op, struct value *x, unsigned int shift, unsigned int len);

/* fold_field.c */
struct value *fold_field(struct fold *o); /* UBFX SBFX */
/* Is v what a pointer says in its upper bits of what it points into? */
int fold_is_tag(const struct value *v);
struct value *fold_swap(struct fold *o);  /* BSWAP */
struct value *fold_window(struct fold *o); /* WIN */
/* pkt[k + n] << 8 n | pkt[k] -> one window; also big-endian when the parts lie the other way around */
/* x[s + l + m - 1 : s + l] << l | x[s + l - 1 : s] -> x[s + l + m - 1 : s] */
struct value *fold_parts(struct fold *o);

/* fold_sum.c */
struct value *fold_sum(struct fold *o);   /* OADD FOLD */
/* x, of at most 32 bits, if the low 16 bits of v are its two halves added up, and those of the sum again; or NULL */
struct value *fold_twice(struct value *v);

/* fold_mem.c */
struct value *fold_load(struct fold *o);  /* LD MLD */
struct value *fold_store(struct fold *o); /* ST MST and atomics */

/* fold_branch.c: BR. Gives v itself when it was decided, and the ways between blocks have changed. */
struct value *fold_branch(struct fold *o);

#endif
