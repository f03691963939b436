/* SPDX-License-Identifier: Apache-2.0
 *
 * For the tests of one pass over values: a program by hand, all passes up to that one, and what is left afterwards.
 */
#ifndef TESTS_UNIT_PASS_H
#define TESTS_UNIT_PASS_H

#include "jit.h"
#include "opt.h"

/* Runs the passes up to the first time this one has run. */
static inline void pass_until(struct jit *j, jit_pass last)
{
	for (size_t n = 0; n < JIT_PASSES; n++) {
		assert_int_equal(jit_passes[n](&j->c), 0);
		if (jit_passes[n] == last)
			return;
	}
	fail_msg("no such pass");
}

static inline unsigned int pass_count(const struct jit *j, int op)
{
	unsigned int found = 0;

	for (uint32_t n = 0; n < j->c.func->n_rpo; n++)
		for (const struct value *v = j->c.func->rpo[n]->first; v; v = v->next)
			found += v->op == op;
	return found;
}

/* ---- a program ---- */

static inline void pass_load(struct jit *j, int size, unsigned int dst, unsigned int src, int off)
{
	jit_put(j, EC_LDX | EBPF_MEM | size, dst, src, off, 0);
}

static inline void pass_store(struct jit *j, int size, unsigned int dst, int off, unsigned int src)
{
	jit_put(j, EC_STX | EBPF_MEM | size, dst, src, off, 0);
}

/* Skips some instructions where `r cc k`. */
static inline void pass_skip(struct jit *j, int cc, unsigned int r, int64_t k, int skipped)
{
	jit_put(j, EC_JMP | cc, r, 0, skipped, k);
}

static inline void pass_exit(struct jit *j, int verdict)
{
	jit_put(j, EC_ALU64 | EBPF_MOV, 0, 0, 0, verdict);
	jit_put(j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* r1 = the map, r2 = fp + off */
static inline void pass_map_and_key(struct jit *j, int map, int off)
{
	jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 10, 0, 0);
	jit_put(j, EC_ALU64 | EBPF_ADD, 2, 0, 0, off);
	jit_put(j, EBPF_LDDW, 1, EBPF_PSEUDO_MAP, 0, map);
	jit_put(j, 0, 0, 0, 0, 0);
}

/* r6 = data, r7 and r8 numbers, 64 bytes of packet: jit_start() */
static inline void pass_program(struct jit *j)
{
	memset(j, 0, sizeof(*j));
	jit_start(j);
}

static inline void pass_open(struct jit *j)
{
	pass_exit(j, 2);
	jit_finish(j);
	jit_open(j);
}

/* No copies of code, so that ways meet where they do in the program. */
static inline void pass_open_carefully(struct jit *j)
{
	pass_open(j);
	j->c.careful = 1;
}

/* The program that is put so far, after the passes up to this one. */
static inline void pass_open_until(struct jit *j, jit_pass last)
{
	pass_open(j);
	pass_until(j, last);
}

/* r0 = element 1 of the array, which is there */
static inline void pass_element(struct jit *j)
{
	jit_put(j, EC_ALU64 | EBPF_MOV, 3, 0, 0, 1);
	pass_store(j, EBPF_W, 10, -20, 3);
	pass_map_and_key(j, ARRAY, -20);
	jit_put(j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	jit_put(j, EC_JMP | EBPF_JNE, 0, 0, 1, 0);
	jit_put(j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* ---- what it does ---- */

struct packet { uint64_t x, len; }; /* what every packet byte and context field reads as; bytes */

static inline uint64_t pass_value(const struct value *v, const struct packet *p)
{
	uint64_t x[2] = { 0, 0 };

	v = ir_resolve((struct value *)v);
	for (int n = 0; n < 2 && n < ir_args[v->op]; n++)
		x[n] = pass_value(v->arg[n], p);
	switch (v->op) {
	case IR_CONST: case IR_PHI:
		return (uint64_t)v->imm;
	case IR_SPECIAL:
		return v->imm == SR_LEN ? p->len : v->imm == SR_DATA_END ? p->len : v->imm == SR_DATA ? 0 : p->x;
	case IR_WIN:
		return (uint64_t)v->imm + v->width > p->len ? 0 : p->x & (v->len < 64 ? (1ULL << v->len) - 1 : UINT64_MAX);
	case IR_ADD:
		return v->w ? (uint32_t)(x[0] + x[1]) : x[0] + x[1];
	case IR_LSH:
		return v->w ? (uint32_t)((uint32_t)x[0] << (x[1] & 31)) : x[0] << (x[1] & 63);
	default:
		fail_msg("the test does not know %d", v->op);
		return 0;
	}
}

/* The phis of b, which from leads to: all at once. Their imm is free. */
static inline void pass_enter(const struct block *b, const struct block *from, const struct packet *p)
{
	uint32_t way = 0;

	while (b->first->op == IR_PHI && b->pred[way] != from)
		way++;
	for (struct value *v = b->first; v->op == IR_PHI; v = v->next)
		v->here = (uint32_t)pass_value(v->phi[way], p);
	for (struct value *v = b->first; v->op == IR_PHI; v = v->next)
		v->imm = v->here;
}

/* The verdict for such a packet; asked: how many branches it took. */
static inline int pass_verdict(const struct jit *j, struct packet p, unsigned int *asked)
{
	const struct block *b = j->c.func->entry;

	for (*asked = 0; b->last->op != IR_EXIT;) {
		const struct value *v = b->last;
		const struct block *to = b->succ[0];

		if (v->op == IR_BR) {
			++*asked;
			to = b->succ[!ir_holds(v->cc, v->w, pass_value(v->arg[0], &p), pass_value(v->arg[1], &p))];
		}
		pass_enter(to, b, &p);
		b = to;
	}
	return (int)pass_value(b->last->arg[0], &p);
}

#endif
