/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the verifier: abstract values, the state of one path, and what the verify_*.c files call of each other.
 *
 * The program is explored path by path (verify.c). Where paths meet, the state is remembered as a checkpoint; a path
 * that arrives with nothing new in any register or stack slot the rest of the program reads ends there
 * (verify_state.c).
 */
#ifndef JIT_NFP_VERIFY_H
#define JIT_NFP_VERIFY_H

#include "compile.h"

/* A 64-bit number about which something is known. Every concrete value v satisfies all of: (v & ~mask) == value,
 * umin <= v <= umax unsigned, smin <= v <= smax signed. */
struct range {
	uint64_t value, mask; /* bits known, bits not known; disjoint */
	uint64_t umin, umax;
	int64_t smin, smax;
};

/* Besides enum region a register can hold the low half of a packet address, good for 32-bit differences only. */
enum { R_PKT_LOW = 32 };

struct reg {
	uint8_t kind;         /* enum region or R_PKT_LOW; R_NONE is unreadable */
	uint16_t map;         /* R_MAP_*: map index */
	uint32_t id;          /* SCALAR: registers of equal value share it, 0 is none. PKT, PKT_META: which variable
			       * part, 0 when var is zero. MAP_VALUE_OR_NULL: which lookup. */
	int32_t off;          /* pointers: bytes from the region's start (stack: from r10), constant part */
	uint32_t range;       /* PKT, PKT_META: bytes proven to exist after start + var, whatever off */
	struct range var;     /* SCALAR: the number; pointers: the variable part, zero when there is none */
};

enum { SLOTS = EBPF_STACK_BYTES / 8, MAX_OFFSET = 1 << 29, MAX_PACKET = 0xffff };

/* Eight aligned bytes of stack; slot 0 is at r10 - 8. */
struct slot {
	uint8_t init, zero;   /* one bit per byte: written; known to be zero */
	uint8_t at, size;     /* bytes that hold spill[slot]; size 0: none. A pointer takes all eight. */
};

/* What the rest of a path reads, or what was overwritten. MARK_LEN is the packet length. */
struct marks {
	uint16_t regs;
	uint64_t slots;
};
enum { MARK_LEN = 1 << EBPF_REGS };
#define BEYOND_UNKNOWN UINT32_MAX

struct state {
	struct reg reg[EBPF_REGS];
	struct slot slot[SLOTS];
	struct reg spill[SLOTS];
	uint32_t packet;      /* data + packet <= data_end */
	uint32_t beyond;      /* data + beyond > data_end; BEYOND_UNKNOWN: nothing known */
	struct checkpoint *last; /* the checkpoint this path passed last */
	struct marks written; /* since then */
};

/* Identities of one state matched with those of another. delta: how much further the second one's base lies. */
struct pairs {
	struct {
		uint32_t a, b, merged;
		int64_t delta;
	} pair[EBPF_REGS + SLOTS];
	unsigned int n;
};

struct verify {
	struct compile *c;
	const struct ebpf_insn *insns;
	uint32_t n_insns;
	uint32_t pc;          /* of the instruction being looked at */
	uint8_t *meets;       /* per instruction: more than one way leads here */
	struct checkpoint **seen; /* per instruction */
	uint8_t *low, *high;  /* free part of the pool: checkpoints grow from below, pending branches from above */
	uint8_t *pool_end;
	uint32_t pool_size;
	struct state *cur, *other; /* the path being followed; scratch */
	struct pairs *pairs;  /* scratch */
	uint32_t last_id;
};

/* The sentence about the instruction at v->pc, and the way out. Both give -1. */
#define refuse(v, ...)  error((v)->c, (int)(v)->pc, __VA_ARGS__)
#define way_out(v, ...) error_note((v)->c, __VA_ARGS__)

/* verify_range.c: arithmetic on ranges. Results cover every pair of concrete operands. */
void range_const(struct range *r, uint64_t value);
void range_unknown(struct range *r);
void range_bits(struct range *r, unsigned int bits); /* 0 .. 2^bits - 1 */
int range_is_const(const struct range *r);
int range_covers(const struct range *outer, const struct range *inner);
void range_join(struct range *r, const struct range *with);
void range_low32(struct range *r); /* zero-extended low half */
void range_sign_extend(struct range *r, unsigned int bits);
void range_swap(struct range *r, unsigned int bits, int swap); /* BPF_END; swap 0 only truncates */
/* Lets bits, unsigned and signed bounds sharpen each other. 0 when they contradict: no such number exists. */
int range_settle(struct range *r);
/* r = r op by; op is EBPF_ADD..EBPF_ARSH but not MOV and END; off 1 selects the signed forms of DIV and MOD. */
void range_alu(struct range *r, const struct range *by, int op, int is64, int off);
/* verify_assume.c. Assumes `a op b` holds (op is a conditional EBPF_J*, negate assumes it does not). 0 when that can't be. */
int range_assume(struct range *a, struct range *b, int op, int negate, int is64);

/* verify_insn.c: encodings, reserved fields and control flow, before any value is looked at. Fills meets. 0 or -1. */
int verify_insns(struct verify *v);
static inline int insn_is_wide(const struct ebpf_insn *i)
{
	return i->code == EBPF_LDDW;
}
/* JMP and JMP32 without CALL and EXIT: where it goes. */
static inline uint32_t insn_target(const struct ebpf_insn *i, uint32_t pc)
{
	return pc + 1 + (uint32_t)(i->code == (EC_JMP32 | EBPF_JA) ? i->imm : i->off);
}

/* verify_map.c: map definitions. 0 or -1. */
int verify_maps(struct compile *c);
enum { MAP_NO_PREALLOC = 1, MAP_RDONLY_PROG = 0x80 }; /* the BPF_F_* that are honoured */

/* verify_state.c: states of paths. */
enum visit { VISIT_NEW, VISIT_SEEN, VISIT_FULL };
enum visit state_visit(struct verify *v); /* the current path reaches v->pc, where paths meet */
int state_push(struct verify *v, const struct state *s, uint32_t pc); /* to explore later; 0, or -1 when full */
int state_pop(struct verify *v); /* into v->cur and v->pc; 0 when there is none */
void state_read(struct verify *v, unsigned int regs, uint64_t slots);
void state_write_reg(struct verify *v, unsigned int r, const struct reg *value);

/* verify_alu.c, verify_jump.c, verify_mem.c, verify_call.c: one instruction on v->cur. 0 or -1. */
int verify_alu(struct verify *v, const struct ebpf_insn *i);
int verify_load(struct verify *v, const struct ebpf_insn *i);
int verify_store(struct verify *v, const struct ebpf_insn *i);
int verify_atomic(struct verify *v, const struct ebpf_insn *i);
int verify_wide(struct verify *v, const struct ebpf_insn *i);
int verify_call(struct verify *v, const struct ebpf_insn *i);
/* Gives the ways on: bit 0 falls through (v->cur), bit 1 jumps (v->other); -1 when refused. */
int verify_jump(struct verify *v, const struct ebpf_insn *i);

/* An access of size bytes that all lie in the region r points into, aligned where it must be. Fills the fact. */
int mem_check(struct verify *v, const struct reg *r, int off, uint32_t size, int write, struct arg_fact *f);

/* verify_stack.c: accesses at r + off, r a stack pointer. 0 or -1. */
int stack_check(struct verify *v, const struct reg *r, int off, uint32_t size, int aligned);
int stack_load(struct verify *v, const struct reg *r, int off, uint32_t size, struct reg *value);
int stack_store(struct verify *v, const struct reg *r, int off, uint32_t size, const struct reg *value);
int stack_readable(struct verify *v, const struct reg *r, int off, uint32_t size);

/* size bytes readable through reg, for the sentence "what must point to ...". 0 or -1. */
int mem_check_readable(struct verify *v, const struct reg *r, uint32_t size, const char *what);

/* verify.c: shared pieces. */
const struct reg *reg_read(struct verify *v, unsigned int r); /* NULL when refused */
const char *reg_describe(const struct reg *r); /* "a pointer to the packet" */
int reg_is_packet(const struct reg *r); /* points into or at the end of the packet or its metadata */
void reg_share_id(struct verify *v, struct reg *r); /* before it is copied: equal numbers are refined together */
void reg_scalar(struct reg *r); /* a number about which nothing is known */
struct arg_fact reg_fact(const struct reg *r);
void fact_add(struct verify *v, struct arg_fact *f, struct arg_fact seen);

#endif
