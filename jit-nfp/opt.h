/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * What the optimisations share.
 */
#ifndef JIT_NFP_OPT_H
#define JIT_NFP_OPT_H

#include "ir.h"

/* Sets v->bits from the arguments. */
void opt_bits(struct value *v);
/* opt_dead.c: resolves all arguments and sets uses to how many arguments a value is. */
void opt_count_uses(struct func *f);
/* opt_branch.c: a BR whose outcome is known becomes a JMP. cfg_order() is due afterwards. */
void opt_decide(struct value *v, int taken);
/* Pieces of opt_branch_run(); 1 when ways have changed, 0, or -1. Need cfg_order(). */
int opt_thread_jumps(struct func *f); /* opt_thread.c */
int opt_copy_exits(struct func *f);   /* opt_exit.c */
int opt_own_exits(struct func *f);    /* opt_exit.c, before the program is cut into traces: 0 or -1 */
/* opt_branch.c: blocks that are entered by a jump alone become one with what jumps there. 0 or -1. */
int opt_join_blocks(struct func *f);
/* The block that way leads to, one of its own if others lead there as well. NULL: no memory. */
struct block *opt_own_way(struct func *f, struct block *from, int way);
static inline int opt_way_to(const struct block *from, const struct block *to)
{
	return from->succ[0] == to ? 0 : 1;
}

/* opt_mem.c: sets the epochs of values and blocks. Needs cfg_order(). 0 or -1. */
int opt_mem_number(struct func *f);
/* The epoch of width bytes at off of the packet where the whole packet is in epoch `here`. */
uint32_t opt_mem_epoch(const struct func *f, uint32_t here, int64_t off, uint32_t width);
/* Does a store to a known place of the packet find there what win has read? */
int opt_mem_is_there(const struct func *f, const struct value *store, const struct value *win);
/* The store to a known place that has written this byte of the packet last, where the whole packet is in epoch `here`; NULL: none is known. */
const struct value *opt_mem_written(const struct func *f, uint32_t here, int64_t off);
/* What started the epoch, a store or a move, and the one before it; NULL: a block, or the packet as it came. */
const struct value *opt_mem_began(const struct func *f, uint32_t epoch, uint32_t *before);
/* Does v change bytes of the packet, or move it? */
int opt_mem_writes_packet(const struct value *v);
/* Numbers the states of the packet's place instead: v->here of every value. */
void opt_mem_number_places(struct func *f);
/* opt_update.c: how many low bits of v are certainly 0. */
unsigned int opt_low_zeros(struct value *v);
/* Could x and y, accesses to packet, stack or map values, touch a common byte? */
int opt_mem_overlap(const struct value *x, const struct value *y);
/* May the store be done as late as `to`, behind it in its block? */
int opt_mem_can_sink(const struct value *store, const struct value *to);
/* What the store did is done by `to` now, which it may be done as late as: what is between them is in an earlier epoch. Before it is removed. */
void opt_mem_moved(struct func *f, const struct value *store, const struct value *to);
/* Could v change what a load from a map reads? */
int opt_mem_changes_map(const struct value *v, const struct value *load);

/* opt_bytes.c: byte n of a value. */
struct opt_byte { struct value *v; unsigned int n; };
struct opt_byte opt_byte_of(struct func *f, struct value *v, unsigned int n);
int opt_bytes_is_packet(const struct opt_byte *b); /* read by a WIN, */
/* Could `at` read n of them from the packet by itself? */
int opt_bytes_again(const struct func *f, const struct value *at, const struct opt_byte *b, unsigned int n);
int64_t opt_bytes_offset(const struct opt_byte *b); /* from here */
/* Up to eight bytes, the lowest first, as one number. What is above them is 0 when exact, else anything. Needs opt_mem_number(); operations
 * go right before `at`, reads of the packet to where these bytes are read already. cost: how many operations. */
struct value *opt_bytes_value(struct func *f, struct value *at, const struct opt_byte *b, unsigned int n, int exact);
/* When the values are there that it is made of in bundle v->uses, in which is it? */
unsigned int opt_bytes_ready(const struct func *f, const struct opt_byte *b, unsigned int n);
unsigned int opt_bytes_cost(const struct func *f, const struct opt_byte *b, unsigned int n);
/* opt_tested.c: the byte, or the constant that tests on the way to b have said it is, if it is one of the packet. Needs opt_mem_number(). */
struct opt_byte opt_tested_byte(struct func *f, const struct block *b, struct opt_byte byte);
/* A new value right before `at`. */
struct value *opt_emit(struct func *f, struct value *at, enum ir_op op, struct value *x, struct value *y);

/* One's complement sums, of 64 bits and of 16: 0 only if all is 0. */
static inline uint64_t opt_sum_add(uint64_t x, uint64_t y)
{
	return x + y + (x + y < x);
}

static inline uint64_t opt_sum_fold(uint64_t x)
{
	while (x >> 16)
		x = (x & 0xffff) + (x >> 16);
	return x;
}

/* fold_sum.c: is v such a sum of its arguments? */
int opt_is_sum(const struct value *v);
/* opt_short.c: sets the bytes that a packet has for certain which comes to a block, as far as tests say so. Needs cfg_order(). */
void opt_least_lengths(struct func *f);
/* opt_pack.c: does v take the last lane, which does one of them a bundle? */
int opt_takes_last_lane(const struct value *v);

/* opt_look.c: may the key of v, a lookup, be in registers? Then it takes these bytes instead of what it points at. */
int opt_look_takes(const struct compile *c, const struct value *v);
void opt_look_with(struct func *f, struct value *look, const struct opt_byte *bytes, unsigned int size);

#endif
