/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Inside build: the program's variables are the eBPF registers of all frames and the stack cells (build_stack.c). build.c finds the basic blocks and
 * joins the variables where ways meet; build_insn.c, build_mem.c and build_call.c translate one instruction each.
 */
#ifndef JIT_NFP_BUILD_H
#define JIT_NFP_BUILD_H

#include "ir.h"

/* Variables: r0 to r10, r6 to r9 of each further depth of frames, a count for each depth that has may_goto, cells; and how far in front of where it started the packet has been, with its
 * metadata, where f->keeps_front. */
enum { N_VARS = 64, VAR_FRONT = N_VARS - 1, MAX_CELLS = VAR_FRONT - EBPF_REGS, N_SAVED = 4, NO_CELL = 0xff, NO_NODE = -1 };

/* What has been done to the packet's start, each more than the one before: moved it, also in front of where it was, and behind that away from there. */
enum { START_MOVED = 1, START_GREW, START_GAVE };

/* Stack bytes that are always accessed as one number: a variable like a register. */
struct cell {
	int16_t off;          /* from r10 */
	uint8_t size;
	uint8_t bad;          /* overlaps another access, so it stays memory */
	uint8_t by_address;   /* also read through a pointer by a helper: stores stay in memory too */
};

struct cells {
	uint8_t at[EBPF_STACK_BYTES]; /* cell of a byte, from r10 - 512 on; NO_CELL: none */
	struct cell cell[MAX_CELLS];
	uint32_t n, max;
	uint32_t first;       /* variable */
};

struct way_in {               /* an edge that was translated */
	struct block *from;
	int way;
	struct value **var;
	struct way_in *next;
};

struct consts { uint64_t value[EBPF_REGS]; uint16_t regs; }; /* registers that hold a constant, a bit for each */

struct node {                 /* a basic block of the eBPF program */
	uint32_t first, end;  /* instructions of c->insns */
	const struct frame *frame;
	int32_t succ[2];      /* taken, fall through; NO_NODE */
	uint64_t use, def, in; /* variables */
	struct block *block;  /* once translated */
	struct way_in *ways;  /* before that, the last one first */
	uint32_t rpo;
	uint32_t need;        /* no instructions, but a question: is the packet shorter? then succ[0] */
	uint32_t often;       /* of OFTEN_ONE packets, how many come here, roughly */
	uint8_t loop;         /* a way in comes from a later node */
	uint8_t moved;        /* START_*, what may have been done before */
	uint8_t mark;
	int8_t sure;          /* the way it goes, or -1 */
	struct consts known;  /* at its top */
};

struct build {
	struct compile *c;
	struct func *f;
	struct cells cells;
	struct node *nodes;
	uint32_t n_nodes, cap_nodes;
	int32_t *node_of;     /* per instruction: the node it starts, or NO_NODE */
	uint32_t *order;      /* nodes in reverse post-order */
	uint32_t n_order;

	/* the place of translation */
	struct node *node;
	struct block *at;
	uint32_t pc;
	struct value *var[N_VARS];
	struct value *not_null; /* known to differ from 0 here */
	uint8_t moved;        /* as in the node */
	uint8_t rounds[DEEPEST]; /* by the depth of frames: the variable that says how often their may_goto still go on, or 0 */
	int key_at;           /* build_trie.c: where keys are copied to, in bytes below r10; 0: nowhere yet */
	uint32_t key_room;    /* bytes there */
};

static inline uint64_t bit(unsigned int var)
{
	return 1ULL << var;
}

/* The variable of a register in a frame. */
static inline unsigned int reg_var(const struct frame *f, unsigned int r)
{
	return f->depth && r >= 6 && r < EBPF_REGS - 1 ? EBPF_REGS + N_SAVED * (f->depth - 1) + r - 6 : r;
}

/* What is being translated, as an instruction of the program. */
static inline uint32_t place(const struct build *b)
{
	return insn_origin(b->c, b->pc);
}

static inline uint32_t insn_next(const struct ebpf_insn *i, uint32_t pc)
{
	return pc + (i->code == EBPF_LDDW ? 2 : 1);
}

/* build_insn.c: the register's value, in the frame of what is being translated */
struct value **reg_at(struct build *b, unsigned int r);

/* build_known.c: n->known and n->sure, when the one way in comes from there */
void known_along(const struct build *b, struct node *n, const struct node *from, int way);

/* build_vars.c: sets use, def and in of the nodes in b->order */
void vars_find(struct build *b);
int result_is_read(const struct build *b); /* r0, as the call that is being translated leaves it */

/* build_stack.c */
int cells_find(struct build *b);
int cell_of(const struct build *b, int64_t off, uint32_t size); /* variable number, or -1 when the bytes stay memory */

/* build_path.c: needs an order; b->order must be made anew afterwards. 0 or -1 */
int shorten_path(struct build *b);

/* build_copy.c: needs an order; b->order must be made anew afterwards. 0 or -1 */
int copy_nodes(struct build *b);
uint32_t copies_max(const struct build *b); /* instructions, so also nodes */

/* build_insn.c: emitting, and arithmetic */
struct value *emit(struct build *b, enum ir_op op, struct value *x, struct value *y);
struct value *emit_w(struct build *b, enum ir_op op, int w, struct value *x, struct value *y);
struct value *emit_field(struct build *b, enum ir_op op, struct value *x, uint32_t shift, uint32_t len);
struct value *emit_place(struct build *b, enum isa_special code); /* of the packet, as it is now */
struct value *konst(struct build *b, uint64_t imm);
struct value *map_byte(struct build *b, unsigned int map, uint32_t off); /* a pointer to it, counted from the first entry */
struct value *imm_of(struct build *b, const struct ebpf_insn *i); /* sign-extended */
const struct ebpf_insn *insn_at(const struct build *b);
const struct fact *fact_at(const struct build *b);
int build_alu(struct build *b);
int build_wide(struct build *b);

/* build_mem.c */
uint32_t insn_bytes(const struct ebpf_insn *i);
struct value *load(struct build *b, const struct arg_fact *where, struct value *base, int32_t off, uint32_t size, int sign);
void store(struct build *b, const struct arg_fact *where, struct value *base, int32_t off, uint32_t size, struct value *data);
int build_load(struct build *b);
int build_store(struct build *b);
/* build_trie.c */
int build_trie_lookup(struct build *b);
int build_atomic(struct build *b);

/* build_odds.c: of ODDS_ONE times, how often the conditional jump at pc is taken; x: the number it compares, or NULL: not made yet */
uint8_t odds_of(const struct build *b, uint32_t pc, struct value *x);

/* build_call.c. 0, -1, or 1 when the rest of the node has been translated already, as the families */
int build_call(struct build *b);
struct value *emit_call(struct build *b, enum ir_op op, struct value *x, struct value *y); /* of the map in r1 */
struct value *load_map_word(struct build *b, unsigned int arg, struct value *at, uint32_t size); /* of the map in that argument */
struct value *slot_of(struct build *b, unsigned int arg, struct value *index); /* its address; index is below 2^32 */
void check(struct build *b, int cc, struct value *x, struct value *y, struct block *fail); /* goes to fail where `x cc y`, else on in a new block */
struct value *at_least(struct build *b, struct value *x, uint64_t n); /* 1 where x >= n, else 0; both below 2^63 */
struct value *equals(struct build *b, struct value *x, uint64_t n); /* 1 where x == n, else 0; both below 2^63 */
struct value *pick(struct build *b, struct value *which, struct value *x, struct value *y); /* x where which is 1, y where it is 0 */
struct block *when(struct build *b, int cc, struct value *x, struct value *y); /* what follows is done if `x cc y`, up to end_when() */
void end_when(struct build *b, struct block *after);
struct value *loop_open(struct build *b, struct value *init); /* a loop's head, with a value that begins as init */
void loop_close(struct build *b, struct value *phi, struct value *next); /* back to its head, with the next value */
struct value *loop_value(struct build *b, struct value *init); /* a value of the block, init on the first way to it: another one of the loop that has just been opened */
void loop_next(struct value *phi, struct value *next); /* its next one, before loop_close(); loop_end() after that */
void loop_end(struct value *phi);
void join(struct build *b, struct block *to, struct value **result, int n); /* goes on in `to` with r0 as each of its n ways in brings it */
/* Goes on with one r0 from here and another in `other`, of which none is 0 that is not constant. Where the program goes on to compare it with 0, what follows
 * is translated once for each. 0, -1, or 1 then. */
int two_ways(struct build *b, struct value *r0, struct block *other, struct value *other_r0);

/* The families of helpers.def: each in build_<family>.c */
int build_map(struct build *b);
int build_bytes(struct build *b);
int build_cookie(struct build *b);
int build_each(struct build *b);
int build_fib(struct build *b);
int build_mtu(struct build *b);
int build_string(struct build *b);
int build_text(struct build *b);
int build_number(struct build *b);
int build_packet(struct build *b);
int build_redirect(struct build *b);
int build_print(struct build *b);
int build_queue(struct build *b);
int build_bloom(struct build *b, int adds); /* of a bloom filter */
int build_lock(struct build *b);
int build_ring(struct build *b);
int build_system(struct build *b);
int build_tail(struct build *b);
int build_timer(struct build *b);

/* build_system.c: minutes, as SYN cookies count them; below 2^32 */
struct value *cookie_count(struct build *b);

/* build.c: control flow in the middle of a node */
void branch(struct build *b, int cc, struct value *x, struct value *y, uint8_t odds, struct block *taken, struct block *other);
void jump(struct build *b, struct block *to);
struct value *front_so_far(struct build *b); /* build_tail.c: as the program that has called this one left it */
int translate_rest(struct build *b, struct block *at, struct value *r0); /* the node's instructions after b->pc, with this r0 */
int rest_is_zero_test(const struct build *b); /* of what a lookup or a move of the start gives */

#endif
