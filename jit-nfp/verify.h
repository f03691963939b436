/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Inside the verifier: abstract values, the state of one path, and what the verify_*.c files call of each other.
 *
 * The program is explored path by path, loops round by round (verify.c), over c->insns, where every function stands once for each call of
 * it. Where ways meet, the state is remembered as a checkpoint. When everything that can follow a checkpoint has been explored it is done,
 * and a path that arrives there with nothing new in what the rest of the program reads ends (verify_state.c). Of numbers only those are
 * compared whose value has decided something (verify_precise.c).
 */
#ifndef JIT_NFP_VERIFY_H
#define JIT_NFP_VERIFY_H

#include "compile.h"
#include "helpers.h"

/* A 64-bit number about which something is known. Every concrete value v satisfies all of: (v & ~mask) == value,
 * umin <= v <= umax unsigned, smin <= v <= smax signed, wmin <= (int32_t)v <= wmax. */
struct range {
	uint64_t value, mask; /* bits known, bits not known; disjoint */
	uint64_t umin, umax;
	int64_t smin, smax;
	int32_t wmin, wmax;
};

/* Besides enum region a register can hold the low half of a packet address, good for 32-bit differences only, and a function, of which off
 * is the first instruction. */
enum { R_PKT_LOW = 32, R_FUNC = 33 };

enum former { WAS_NUMBER, WAS_PACKET, WAS_RECORD }; /* what a number was before a helper took its meaning: for messages */

struct reg {
	uint8_t kind;         /* enum region or R_PKT_LOW; R_NONE is unreadable */
	uint16_t map;         /* R_MAP_*: map index; STACK: depth of the frame */
	uint32_t id;          /* SCALAR: registers of equal value share it, 0 is none. PKT, PKT_META: which variable
			       * part, 0 when var is zero. MAP_VALUE_OR_NULL: which lookup. */
	int32_t off;          /* pointers: bytes from the region's start (stack: from the program's r10), constant part */
	uint32_t range;       /* PKT, PKT_META: bytes proven to exist after start + var, whatever off; records of a ring: their size + RECORD_MARK.
			       * SCALAR: enum former */
	struct range var;     /* SCALAR: the number; pointers: the variable part, zero when there is none */
};

enum { SLOTS = EBPF_STACK_BYTES / 8, MAX_OFFSET = 1 << 29, MAX_PACKET = 0xffff };
enum { MAX_REFS = 7, RECORD_MARK = 1 }; /* a record's range is its size and RECORD_MARK, and so never 0 */
enum { MAX_INSNS = 65536, MAX_STEPS = 1000000 /* of one path */, MAX_VISITS = 4000000 /* of all paths */ };
enum { N_SAVED = 4 };

/* Eight aligned bytes of stack; slot 0 is at the program's r10 - 8. */
struct slot {
	_Alignas(4) uint8_t zero; /* one bit per byte: known to be zero, though no spill says so */
	uint8_t at, size;     /* bytes that hold spill[slot]; size 0: none. A pointer takes all eight. */
	uint8_t owner;        /* enum owner, routine.h */
};
#define BEYOND_UNKNOWN UINT32_MAX

/* The spin lock that is held: of which map's value, by its lookup. */
struct held {
	uint32_t map, id;     /* map: its index + 1; 0: none is held */
};

struct state {
	struct reg reg[EBPF_REGS];
	struct reg saved[DEEPEST - 1][N_SAVED]; /* r6 to r9 of the callers, by depth */
	struct slot slot[SLOTS];
	struct reg spill[SLOTS];
	uint32_t slots;       /* slot[slots] and those behind hold nothing */
	uint32_t n_refs, ref[MAX_REFS]; /* identities of records that are reserved */
	struct held lock;
	uint32_t packet;      /* data + packet <= data_end */
	uint32_t beyond;      /* data + beyond > data_end; BEYOND_UNKNOWN: nothing known */
	uint32_t rounds;      /* times that a may_goto went on */
	struct checkpoint *last; /* the checkpoint this path passed last */
	uint64_t written;     /* slots, since then */
};

/* Identities of one state matched with those of another. delta: how much further the second one's base lies. */
struct pairs {
	struct {
		uint32_t a, b, merged;
		int64_t delta;
	} pair[EBPF_REGS + (DEEPEST - 1) * N_SAVED + SLOTS + MAX_REFS + 1];
	unsigned int n;
};

/* An instruction of the path being followed, and the stack slot whose number it took or gave. */
struct step {
	uint32_t pc : 24, slot : 8;
};
enum { NO_SLOT = 0xff };

/* At an instruction where ways meet. */
struct meeting {
	struct checkpoint *done, *open; /* the latest first; the open ones are on the current path */
	struct checkpoint *anchor; /* an open one, or NULL: moves up whenever their number doubles */
	uint32_t n_done, n_open, n_merged, n_dropped, n_hits;
};

struct want {                 /* whose values matter: registers and spills, by bit */
	uint64_t vars, slots;
};
enum { FOLLOWED_EVERY = 1024 };

enum merges { MERGES_NOT, MERGES_JOIN /* ranges */, MERGES_FORGET /* numbers but those that are the same constant */ };

struct verify {
	struct compile *c;
	const struct ebpf_insn *insns;
	uint32_t n_insns;
	uint32_t pc;          /* of the instruction being looked at */
	const struct frame *frame; /* that it is in */
	uint8_t *meets;       /* per instruction: more than one way leads here */
	uint8_t *loops;       /* per instruction: it may be in a loop */
	uint8_t *depth;       /* per instruction: of its frame */
	uint32_t *order, n_order; /* instructions, each behind those it leads to */
	uint64_t *live;       /* per instruction: variables read from here on */
	struct meeting *at;   /* per instruction */
	uint32_t *stack_bytes; /* per function: of its frame */
	uint8_t merges;       /* enum merges: many states that meet become one, which may know too little */
	uint8_t merged;       /* it has happened */
	uint8_t widens;       /* what changes from round to round of bpf_loop() is taken as unknown */
	uint8_t widened;      /* it has happened */
	uint8_t gave_up;      /* the last error was that it would take too long */
	uint8_t shape_only;   /* fields that do not change where control goes are not looked at */
	uint8_t collects;     /* what a path is refused for is noted, and the next path followed */
	uint8_t grown;        /* one of them was too small: start again */
	uint32_t n_splits;    /* when it began; more now: start again */
	struct step *path;
	uint32_t n_path;
	struct want *followed; /* by verify_precise.c: per FOLLOWED_EVERY steps of the path */
	uint32_t n_followed;  /* those behind it are empty */
	uint8_t slot;         /* for path, of the instruction being looked at */
	struct checkpoint *spare; /* not needed any more */
	uint8_t *low, *high;  /* free part of the pool: checkpoints grow from below, pending branches from above */
	uint8_t *pool_end;
	struct state *cur, *other; /* the path being followed; the other way at a branch */
	struct pairs *pairs;  /* scratch */
	uint32_t last_id;
};

/* The sentence about the instruction at v->pc, and the way out. Both give -1. */
#define refuse(v, ...)  error((v)->c, (int)insn_origin((v)->c, (v)->pc), __VA_ARGS__)
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

/* verify_insn.c: encodings, reserved fields and control flow, before any value is looked at. Fills meets, loops and order. 0 or -1. */
int verify_insns(struct verify *v);
int insn_check(struct verify *v, const struct ebpf_insn *i); /* the one at v->pc, by itself. 0 or -1 */
/* The caller's instruction that the one at pc stands for; NO_INSN: what nicjit put around the program. */
static inline uint32_t source_of(const struct verify *v, uint32_t pc)
{
	return insn_source(v->c, insn_origin(v->c, pc));
}

static inline int insn_is_wide(const struct ebpf_insn *i)
{
	return i->code == EBPF_LDDW;
}

/* verify_loop.c: helpers that call functions. insns is the program with a function behind it for each call, and the calls lead there. 0 or -1 */
enum { LOOP_HEAD = 5 };
struct made {
	uint32_t first, size; /* its instructions */
	uint32_t call;        /* the instruction that it is made for */
	uint32_t callback, map; /* that it calls, and goes over; LOOP_NO_MAP */
	const struct routine *routine; /* that it is a copy of, or NULL */
};
struct loops {
	const struct ebpf_insn *insns;
	uint32_t n_insns;
	struct made *made;
	uint32_t *made_at, n_made; /* made_at: per instruction behind the program, which it belongs to */
};
int loop_expand(struct compile *c, struct loops *l);
int loop_is_head(const struct compile *c, uint32_t pc); /* where a round begins; the rounds come to an end by themselves */

/* verify_call.c: pointers to the packet are not valid any more, wherever they are kept, and nothing is known of its length */
void forget_packet(struct verify *v);

/* verify_routine.c: calls of routines. 0 or -1. */
int routine_enter(struct verify *v, const struct routine *r); /* its arguments are in r1 to r5 of its caller */
int routine_all_destroyed(struct verify *v, uint32_t slot); /* no iterator is left in this slot or behind it */

/* verify_live.c: fills live. 0 or -1. */
int verify_live(struct verify *v);
enum { REGS_FRAMELESS = 0x3f, REGS_SAVED = 0x3c0 };
static inline uint64_t vars_of(uint32_t regs, unsigned int depth) /* registers (bits) of a frame as variables; r10 is none */
{
	return (regs & REGS_FRAMELESS) | (uint64_t)(regs & REGS_SAVED) << 4 * depth;
}
static inline uint64_t var_of(unsigned int r, unsigned int depth)
{
	return vars_of(1U << r, depth);
}

uint32_t insn_gives(const struct ebpf_insn *i); /* registers, by bit, that it writes; it is no exit */

/* verify_origin.c: a register that was copied and had a constant added before it is compared. */
struct origin {
	unsigned int reg;     /* that it was copied from */
	int64_t added;
	uint8_t moves64, adds64; /* or the lower halves */
};
int origin_find(const struct verify *v, unsigned int r, struct origin *o); /* of r at v->pc; 0 where there is none */
int origin_learn(const struct origin *o, const struct range *copy, struct range *origin); /* 0 when that can't be */

/* verify_split.c: instructions that find different memories, maps or constant strings on different paths. */
int split_start(struct compile *c); /* none so far. 0 or -1 */
/* The register of the instruction at v->pc held something else before. 0: noted, and checking goes on; -1: that can't be asked of the register. */
int split_by(struct verify *v, unsigned int reg, const struct arg_fact *former, const struct arg_fact *seen);
/* Likewise, where it is not always the same constant data that it points to. */
int split_by_address(struct verify *v, unsigned int reg);
uint32_t split_size(const struct compile *c, uint32_t first, uint32_t end); /* what these instructions of the program become more */
/* They have been copied to insns[to..], with room for the rest behind them. */
void split_code(const struct compile *c, uint32_t first, uint32_t end, struct ebpf_insn *insns, uint32_t *origin, uint32_t to);
int split_jump(struct verify *v, const struct ebpf_insn *i); /* like verify_jump() */

/* verify_print.c: a call of bpf_trace_printk or bpf_trace_vprintk, whose arguments are checked. 0 or -1. */
int verify_print(struct verify *v, int helper);
int verify_text(struct verify *v); /* the format of bpf_snprintf, before its arguments are checked */
int verify_print_format(struct verify *v); /* of bpf_trace_vprintk, before its arguments are checked: its numbers would be a pointer where it prints a string */

/* verify_ref.c: records of ring buffers, which have an identity while they are reserved. int: 0 or -1. */
int ref_add(struct verify *v, uint32_t id);
void ref_drop(struct state *s, uint32_t id); /* it was NULL */
void ref_release(struct verify *v, uint32_t id);
int ref_none_left(struct verify *v, const char *where);
int ref_check_size(struct verify *v, unsigned int r);
int ref_check_record(struct verify *v, const struct reg *r, const char *what);

/* verify_lock.c: spin locks. 0 or -1. */
int lock_check_map(struct compile *c, const struct prog_map *m);
int lock_check_arg(struct verify *v, const struct reg *r, const char *what);
int lock_check_access(struct verify *v, const struct prog_map *m, int64_t lo, int64_t hi); /* of a value: bytes lo .. hi - 1 */
void lock_take(struct verify *v); /* the one in r1 */
int lock_may_release(struct verify *v); /* and does */
int lock_none_held(struct verify *v, const char *what); /* so that this may be done */

/* verify_map.c: map definitions. 0 or -1. */
int verify_maps(struct compile *c);
int map_check(struct compile *c, uint32_t n); /* one of them */

/* verify_state.c: states of paths. */
enum visit { VISIT_NEW, VISIT_SEEN, VISIT_LOOPS };
enum visit state_visit(struct verify *v); /* the current path reaches v->pc, where paths meet */
void state_copy(const struct verify *v, struct state *to, const struct state *from);
int state_push(struct verify *v, const struct state *s, uint32_t pc); /* to explore later; 0, or -1 when full */
int state_pop(struct verify *v); /* into v->cur, v->pc and v->frame; 0 when there is none */
void state_read_slots(struct verify *v, uint64_t slots);
void state_read_length(struct verify *v); /* what is known of the packet's length has an effect */
void state_write_reg(struct verify *v, unsigned int r, const struct reg *value);

/* verify_precise.c: the values of these numbers decide something now, so they matter at every checkpoint the path passed. */
void precise(struct verify *v, uint64_t vars, uint64_t slots);
void precise_cut(struct verify *v); /* the path has become shorter */
void precise_reg(struct verify *v, unsigned int r); /* of the current frame, before the instruction at v->pc */

/* A checkpoint as verify_precise.c sees it. */
struct checkpoint {
	struct checkpoint *parent, *next; /* on the path; in its list */
	uint32_t pc, size;    /* size: bytes it may take */
	uint32_t n_path;      /* length of the path when it was made */
	uint32_t hash;        /* of all that is in the state */
	uint64_t written;     /* slots, between the parent and here */
	uint64_t read;        /* slots, from here on, before being written */
	uint64_t precise_vars, precise_slots; /* their values matter from here on */
	uint8_t reads_length;
	uint8_t all_matters;  /* not all paths from here on were followed to their end: they come back to where one that is followed was */
};

/* verify_alu.c, verify_jump.c, verify_mem.c, verify_call.c: one instruction on v->cur. 0 or -1. */
int verify_alu(struct verify *v, const struct ebpf_insn *i);
int verify_load(struct verify *v, const struct ebpf_insn *i);
int verify_store(struct verify *v, const struct ebpf_insn *i);
int verify_atomic(struct verify *v, const struct ebpf_insn *i);
int verify_wide(struct verify *v, const struct ebpf_insn *i);
int verify_call(struct verify *v, const struct ebpf_insn *i);
/* Gives the ways on: bit 0 falls through, bit 1 jumps; -1 when refused. One way goes on in v->cur; of two, the jump is in v->other. */
int verify_jump(struct verify *v, const struct ebpf_insn *i);
/* It was R_MAP_VALUE_OR_NULL, and is not NULL. */
void reg_not_null(const struct verify *v, struct reg *r);
int jump_presume(struct verify *v, const struct reg *p);
/* verify_survey.c: how a program that is refused is looked through for what else is wrong with it. 1 when the path goes on. */
int survey_presume(struct verify *v); /* the instruction may only lack a comparison: then that counts as made, and it is to be looked at again */
int survey_pass(struct verify *v);    /* the instruction counts as done: a load gave any number, what the NIC does not have 0 */
int verify_args(struct verify *v, const struct helper *h); /* verify_arg.c */
/* Argument n of bpf_trace_printk: up to size bytes of memory, need at least, where there are so many there; 0: a number. 0 or -1. */
int arg_printed(struct verify *v, unsigned int n, uint32_t need, uint32_t size, uint32_t there);
int call_args(int helper); /* registers it takes, from r1 on; 5 when it is not known */
int check_license(struct verify *v, const char *name); /* of a helper for programs under the GPL. 0 or -1 */
int helper_check(struct verify *v, int id); /* whether the NIC has it. 0, or -1 with the sentence */
int kernel_function_check(struct verify *v, uint32_t number); /* the NIC does not have it: -1, with the sentence */
/* Calls of the program's own functions, and returns from them: v->cur and v->frame change. 0 or -1. */
int verify_enter(struct verify *v);
int verify_return(struct verify *v);

/* An access of size bytes that all lie in the region r points into, aligned where it must be. Fills the fact. */
int mem_check(struct verify *v, const struct reg *r, int off, uint32_t size, int write, struct arg_fact *f);

/* verify_stack.c: accesses at r + off, r a stack pointer. 0 or -1. */
int stack_check(struct verify *v, const struct reg *r, int off, uint32_t size, int aligned);
int stack_load(struct verify *v, const struct reg *r, int off, uint32_t size, struct reg *value);
int stack_store(struct verify *v, const struct reg *r, int off, uint32_t size, const struct reg *value);
int stack_readable(struct verify *v, const struct reg *r, int off, uint32_t size);
/* Whether these bytes hold a number that is known: that, and it matters from here on. */
int stack_number(struct verify *v, const struct reg *r, uint32_t size, uint64_t *number);
/* Bytes from where r points on, at most so many, that are in its frame and hold no pointer. */
uint32_t stack_string(const struct verify *v, const struct reg *r, uint32_t most);
int stack_fill(struct verify *v, const struct reg *r, uint32_t size); /* a helper writes up to so many bytes */
void stack_leave(struct verify *v, const struct frame *f); /* the frame's bytes are forgotten */

/* verify.c: shared pieces. */
const struct reg *reg_read(struct verify *v, unsigned int r); /* NULL when refused */
int reg_is_packet(const struct reg *r); /* points into or at the end of the packet or its metadata */
const char *reg_describe(const struct reg *r); /* "a pointer to the packet" */
void reg_frame_pointer(struct reg *r, const struct frame *f);
void reg_share_id(struct verify *v, struct reg *r); /* before it is copied: equal numbers are refined together */
void reg_scalar(struct reg *r); /* a number about which nothing is known */
struct arg_fact reg_fact(const struct reg *r);
void fact_add(struct verify *v, struct arg_fact *f, struct arg_fact seen);

#endif
