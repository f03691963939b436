/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * The two forms of a program inside the compiler, and the passes over them.
 *
 * 1. Values (struct value) in blocks, in SSA form: build.c makes them, the opt_*.c passes work on them.
 * 2. Operations (struct mop) in traces, on virtual registers: lower.c makes them from the values, sched.c puts them into bundles and
 *    lanes, regalloc.c gives them registers, encode.c turns them into words.
 */
#ifndef JIT_NFP_IR_H
#define JIT_NFP_IR_H

#include "compile.h"
#include "hw/spec/image.h"
#include "hw/spec/isa.h"

enum ir_op {
	IR_NONE,
#define IR(NAME, args, kind, doc) IR_##NAME,
#include "ir_ops.def"
};
enum { ODDS_ONE = 16 };
enum ir_kind { KIND_NONE, KIND_LEAF, KIND_PURE, KIND_READ, KIND_EFFECT, KIND_END };

struct value {
	uint8_t op;           /* enum ir_op */
	uint8_t w;            /* 32-bit form */
	uint8_t width;        /* bytes: WIN LD ST MLD MST BSWAP atomics WBR */
	uint8_t swap, sign, fetch;
	uint8_t shift, len;   /* bits: UBFX SBFX WIN */
	uint8_t bits;         /* the value is below 2^bits */
	uint8_t cc;           /* BR: OP_JEQ .. OP_JNSET; WBR: OP_WJEQ .. OP_WJNE4 */
	uint8_t map;          /* LOOK UPD DEL CPY, MLD MST and atomics: map index */
	uint8_t region[2];    /* LD ST: enum region of a; calls: of key and value pointer */
	uint8_t fence;        /* MLD, MST, atomics: all other accesses to maps stay on their side of it */
	uint8_t odds;         /* BR WBR: of ODDS_ONE times, how often it goes to succ[0], roughly */
	uint8_t sure;         /* ADJ: gives 0 */
	uint16_t mask;        /* WBR */
	uint32_t epoch;       /* reads of the packet: equal numbers see equal bytes. Others: here */
	uint32_t here;        /* state of the whole packet at this place; behind it for a store */
	uint32_t id;          /* for dumps; from 1 */
	uint32_t insn;        /* eBPF instruction it comes from */
	uint32_t uses;        /* scratch of the passes */
	uint32_t vreg;        /* virtual register, 0 when it needs none */
	uint32_t order;       /* scratch: position in the block */
	int64_t imm;
	struct value *arg[3];
	struct value **phi;   /* PHI: one per way into the block, in the order of block.pred */
	struct block *block;
	struct value *prev, *next;
};

struct block {
	uint32_t id;          /* for dumps */
	uint32_t n_pred, cap_pred;
	struct block **pred;  /* a block that goes here on both ways of a branch is there twice */
	struct block *succ[2];
	struct value *first, *last; /* phis come first; last is the END */
	uint32_t insn;        /* eBPF instruction it starts with */
	uint32_t rpo;         /* place in func.rpo, from 0 */
	struct block *idom;
	uint32_t dom_in, dom_out; /* a dominates b when a.dom_in <= b.dom_in and b.dom_out <= a.dom_out */
	uint32_t epoch_in, epoch_out; /* see value.epoch */
	struct trace *trace;  /* it is in */
	struct block *list;   /* all blocks of the function */
	struct block *in_trace; /* the next one of its trace */
	uint8_t reached;
	uint8_t least;        /* bytes that the packet has for certain, set by opt_least_lengths() */
};

/* One microcode operation. Where dst, a, b, c are 0 the operand is the code in w. */
struct mop {
	struct isa_word w;
	uint32_t dst, a, b, c; /* virtual registers */
	uint32_t insn;
	struct trace *target; /* branches and jumps */
	uint8_t region[2];    /* memory it reads or writes, calls also by their second pointer; R_NONE: none */
	uint8_t map;          /* R_MAP_VALUE: whose */
	uint8_t stays;        /* enum stays */
	uint8_t fence;        /* stays in order with all accesses to maps */
	uint8_t again;        /* gives the same wherever it is done */
	uint8_t odds;         /* branches: of ODDS_ONE times, how often it is taken */
	uint8_t keeps_x;      /* branches: the target reads x as it is here, set by wait.c */
	uint8_t goes_on;      /* branches: taken, it goes on to the next bundle, else the packet leaves by an exit beside it. Set by leave.c */
	uint8_t lane;         /* set by sched.c, with the next two */
	uint8_t placed;
	uint32_t bundle;      /* in its trace */
};
enum stays {
	STAYS_NOT,            /* may be done earlier than the branches before it, when nobody reads its result on their ways */
	STAYS_LONG,           /* not above a branch that comes before it, but for those that ask how long the packet is */
	STAYS_BELOW,          /* not above a branch that comes before it */
	STAYS_PUT             /* nor after a branch that comes behind it */
};

/* Blocks of which each but the first is entered from the one before only. It is entered at the top and left by branches, and at the end
 * by a jump, an exit or falling into the next trace. */
struct trace {
	uint32_t id;          /* place in mach.trace, which is the place in the image */
	struct block *blocks;
	struct mop *ops;      /* in program order; a final JMP, EXIT or JMPR is the last */
	uint32_t n_ops, cap_ops;
	struct trace *next;   /* the one it falls or jumps into at the end, NULL after an exit or tail call */
	uint32_t *slots;      /* n_bundles times lanes: operation plus one, 0 for none. Set by sched.c */
	uint32_t n_bundles;
	uint32_t start;       /* its first bundle in the image, set by encode.c */
	struct live_in *live; /* virtual registers live at the top, set by live.c */
	uint8_t variant;      /* of the order of urgency that gave the shortest schedule */
};

struct live_in {
	uint32_t vreg;
	struct live_in *next;
};

struct vreg {
	uint8_t lanes;        /* bit per lane that may write it */
	uint8_t lane;         /* its bank, or LANE_ANY: not chosen yet. Set by sched.c */
	uint8_t reg;          /* in the bank, set by regalloc.c */
	uint8_t many;         /* written in several places */
	uint8_t waits;        /* result of a WAIT word: stands in x first */
	uint8_t moved;        /* out of the only bank its operation can write, by a move */
	uint8_t spill;        /* lives for one operation, to carry a value to or from its place: not spilled again */
};
enum { LANE_ANY = 0xff };

struct mach {
	struct trace **trace; /* in image order; 0 is the entry */
	uint32_t n_traces;
	struct vreg *vreg;    /* index 0 is unused */
	uint32_t n_vregs, cap_vregs;
	uint32_t spill_bytes; /* below the program's own stack */
	uint32_t ahead;       /* operations the scheduler looks ahead; less after each round of spilling */
	uint32_t regs;        /* registers per bank in use */
	uint8_t tried;        /* the variants of traces have been chosen */
	uint64_t *words;      /* lanes words per bundle, set by encode.c */
	uint32_t *insn;       /* per bundle: the first eBPF instruction in it, or NO_INSN */
	uint32_t n_bundles;
};

struct func {
	struct compile *c;
	struct block *entry;
	struct block *blocks; /* by list, entry first */
	struct block *last_block;
	struct block **rpo;   /* reachable blocks in reverse post-order, set by cfg_order() */
	uint32_t n_rpo;
	uint8_t moves;        /* the program moves start or end of the packet: what depends on them is a NOW, not a special */
	uint8_t has_metadata; /* may lie in front of the packet */
	uint8_t keeps_front;  /* the packet may grow into bytes that it has had and given back: it is kept where that begins */
	uint8_t least;        /* bytes that the packet has for certain where numbers are put together (opt_bytes.c) */
	uint32_t n_blocks, n_values, n_epochs;
	struct epoch *epochs; /* by number, see opt_mem.c */
	struct value *specials; /* leaves, by next */
	struct value **consts;  /* leaves, hashed */
	struct mach mach;
};

/* ir.c: making and changing values. Results are NULL, and arguments may be, once the arena is exhausted; a pass checks
 * c->arena->failed at its end. */
extern const uint8_t ir_kinds[];
extern const uint8_t ir_args[];
struct value *ir_const(struct func *f, uint64_t imm);
struct value *ir_special(struct func *f, enum isa_special code);
/* A place of the packet, or its length, where `at` is or at the end of it: a special, or a NOW in programs that move the packet. */
struct value *ir_place(struct func *f, enum isa_special code, struct value *at);
struct value *ir_new(struct func *f, enum ir_op op, uint32_t insn); /* in no block yet */
void ir_append(struct block *b, struct value *v);
void ir_insert_before(struct value *at, struct value *v);
void ir_remove(struct value *v);
void ir_replace(struct value *v, struct value *with); /* v becomes a COPY; its readers see `with` after ir_resolve() */
struct value *ir_resolve(struct value *v);
struct block *ir_block(struct func *f, uint32_t insn);
int ir_edge(struct func *f, struct block *from, int way, struct block *to); /* 0 or -1; phis of `to` get a NULL argument */
void ir_remove_edge(struct block *from, int way); /* drops the pred of succ[way] and its phi arguments */
int ir_holds(int cc, int w, uint64_t x, uint64_t y); /* cc is OP_JEQ .. OP_JNSET */
void ir_dump(struct func *f);
static inline int ir_is_const(const struct value *v)
{
	return v->op == IR_CONST;
}
static inline int ir_is_special(const struct value *v, enum isa_special code)
{
	return v->op == IR_SPECIAL && v->imm == (int64_t)code;
}

/* Is v this place, as it is where v is used? The verifier lets a program use places of the packet only until the packet moves. */
static inline int ir_is_place(const struct value *v, enum isa_special code)
{
	return ir_is_special(v, code) || (v->op == IR_NOW && v->imm == (int64_t)code);
}

/* Is the pointer that place, or so many bytes from it? */
static inline int ir_is_near(struct value *pointer, enum isa_special place, int64_t *off)
{
	pointer = ir_resolve(pointer);
	*off = 0;
	if (ir_is_place(pointer, place))
		return 1;
	if (pointer->op != IR_ADD || pointer->w || !ir_is_place(ir_resolve(pointer->arg[0]), place) || !ir_is_const(ir_resolve(pointer->arg[1])))
		return 0;
	*off = ir_resolve(pointer->arg[1])->imm;
	return 1;
}

/* The way out of b that is an exit and goes with a lookup's most likely answer, or -1. */
static inline int ir_answer_exit(const struct block *b)
{
	const struct value *v = b->last, *look = v->op == IR_BR ? ir_resolve(v->arg[0]) : v;
	int way = v->odds > ODDS_ONE / 2 ? 0 : 1;

	if ((look->op != IR_LOOK && look->op != IR_LOOKR) || v->odds == ODDS_ONE / 2 || !b->succ[way] || b->succ[way]->first->op != IR_EXIT)
		return -1;
	return way;
}

/* cfg.c */
int cfg_order(struct func *f);      /* rpo, preds, idom, numbers of the dominator tree; drops unreachable blocks */
int cfg_dominates(const struct block *a, const struct block *b);

/* mop.c: operations of a trace. NULL and 0 once the arena is exhausted. */
int mop_start(struct compile *c);        /* room for virtual registers, though there may come none. 0 or -1 */
struct mop *mop_append(struct compile *c, struct trace *t, enum isa_op op, uint32_t insn);
uint32_t mop_vreg(struct compile *c);
int mop_is_control(const struct mop *m); /* branch, jump or exit */
int mop_ends(const struct mop *m);       /* nothing of its trace comes behind it */
int mop_inverse(int op);                 /* the branch that is taken when this one is not; WJGT and WJLT need another constant, too */
int mop_reads_x(const struct mop *m);
int mop_may_load(const struct mop *m);   /* a read of the packet that the last lane can do, too, as a load (encode.c) */
/* May use, in the last lane, stand in the bundle of def, whose result is its operand? It reads it as win then, which are the packet bytes that
 * the words of lane 0 (operand a) and lane 1 (operand b) take. */
int mop_may_take(const struct compile *c, const struct mop *def, const struct mop *use);
/* Does an operation of the bundle take this operand of its so? */
int mop_takes(const struct compile *c, const struct trace *t, uint32_t bundle, const struct mop *use, uint32_t vreg);
void mop_dump(struct compile *c);        /* traces in program order */
void mop_dump_bundles(struct compile *c, int registers);

/* dump.c: text of the stage that was asked for. */
void dump_text(struct compile *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int dump_wanted(struct compile *c, const char *stage);

/* Passes in the order of compile.c; 0 or -1 with c->diag filled. */
int layout_run(struct compile *c);
int build_run(struct compile *c);
/* What the instruction at pc may do to the packet's start, or that of its metadata; 0: nothing. From first on all instructions have been done before. */
enum { MOVES_FRONT = 1, MOVES_BACK = 2 };
unsigned int start_moves(const struct ebpf_insn *insns, uint32_t first, uint32_t pc);
int opt_fold_run(struct compile *c);
int opt_copy_run(struct compile *c);
int opt_branch_run(struct compile *c);
int opt_load_run(struct compile *c);
int opt_reload_run(struct compile *c);
int opt_look_run(struct compile *c);
int opt_move_run(struct compile *c);
int opt_first_run(struct compile *c);
int opt_key_run(struct compile *c);
int opt_stack_run(struct compile *c);
int opt_sum_run(struct compile *c);
int opt_over_run(struct compile *c);
int opt_store_run(struct compile *c);
int opt_pack_run(struct compile *c);
int opt_dead_run(struct compile *c);
int opt_update_run(struct compile *c);
int opt_address_run(struct compile *c);
int opt_own_run(struct compile *c);
int opt_short_run(struct compile *c);
int opt_fuse_run(struct compile *c);
int opt_order_run(struct compile *c);
int opt_sink_run(struct compile *c);
int opt_now_run(struct compile *c);   /* NOW becomes an operand where the packet has not moved since */
int opt_split_run(struct compile *c); /* every block with phis is entered from blocks with one way out */
int frame_run(struct compile *c);  /* lowers c->stack_used to what is still memory */
int trace_run(struct compile *c);  /* chains the blocks into traces */
int lower_run(struct compile *c);
int wait_run(struct compile *c);   /* results of WAIT words: read from x, or copied from it */
int live_run(struct compile *c);
int sched_run(struct compile *c);
int regalloc_run(struct compile *c);
int squeeze_run(struct compile *c);
int leave_run(struct compile *c);
int encode_run(struct compile *c);
void encode_dump(struct compile *c);
int image_run(struct compile *c, struct image_buf *out); /* c: all programs of the image, the one that packets come to first */
int figures_run(struct compile *c, struct image_buf *out); /* what out says of the time a packet takes */

#endif
