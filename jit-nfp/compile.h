/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * What the passes share: the compile context, the facts the verifier finds, diagnostics. The IR is in ir.h.
 */
#ifndef JIT_NFP_COMPILE_H
#define JIT_NFP_COMPILE_H

#include <stdarg.h>
#include "nicjit.h"
#include "util.h"

/* What a register or a memory access refers to. */
enum region { R_NONE, R_SCALAR, R_CTX, R_PKT, R_PKT_END, R_PKT_META, R_STACK, R_MAP_PTR, R_MAP_VALUE, R_MAP_VALUE_OR_NULL };

struct arg_fact {             /* a helper argument, or the base pointer of a memory access */
	uint8_t region;       /* enum region */
	uint8_t off_known;    /* off is the same on every path */
	uint8_t of_context;   /* R_STACK: a field of the context lies there, and the base is the context */
	uint16_t map;         /* R_MAP_*: map index, the same on every path; R_MAP_VALUE: MAP_ANY when it is not */
	int64_t off;          /* bytes: CTX from its start, STACK from the program's r10 (negative), PKT from data, MAP_VALUE from
	                       * the value's start, SCALAR not known; for memory accesses insn->off is included */
	uint32_t size;        /* call arguments that are memory: bytes, at most when not size_known */
	uint8_t size_known;
	uint8_t there;        /* what is printed: bytes of the packet that may be copied, if another format on another path needs more */
};

enum { NO_INSN = 0xffffffffu };
enum { MAP_ANY = 0xff };      /* maps are fewer; their pointers carry the number */

struct timer_use { uint32_t map, function; }; /* timers of this map can have this function, by its first instruction in prog */
enum { TIMERS_MAX = 32 };

struct split {                /* the instruction at `at` of the program finds this in the register, among others: verify_split.c */
	uint32_t at, off;
	uint16_t map;         /* R_MAP_PTR, and where it is exact: which; 0 else */
	uint8_t reg, region : 7;
	uint8_t is_exact : 1; /* R_MAP_VALUE: the byte `off` of this map, which is constant data; else any value of any map */
};

enum { LOOP_NO_MAP = 0xffff };
enum { MAX_FRAMES = 8, DEEPEST = 12 /* with those made for bpf_loop() */ };
struct frame {                /* a copy of a function for one place that calls it; frame 0 is the program itself */
	uint32_t first, end;  /* its instructions in c->insns */
	uint32_t body;        /* end of those that the program has; the others are made by verify_split.c */
	uint32_t call, caller; /* the instruction that calls it, and that one's frame */
	uint32_t function;    /* by order in the program */
	uint32_t depth;       /* callers above it */
	uint32_t callback;    /* is_loop: the function that it is to call, in prog->insns */
	uint32_t map;         /* is_loop: that it goes over, or LOOP_NO_MAP */
	uint8_t is_loop;      /* made for bpf_loop() or bpf_for_each_map_elem() */
	const struct routine *routine; /* it is a copy of this one; NULL: of none */
	int32_t fp;           /* its r10, in bytes from the program's: 0 or less */
};

struct fact {                 /* one per instruction slot; the second slot of LDDW is not reachable */
	uint8_t reachable;
	uint8_t taken_never, taken_always; /* conditional jumps decided on every path */
	struct arg_fact mem;  /* LDX, ST, STX: the accessed address */
	struct arg_fact arg[5]; /* CALL: r1..r5 */
	struct arg_fact dst, src; /* ALU and JMP: the operands before the instruction (src of a K form: the scalar) */
};

struct func;                  /* ir.h */
struct image_map;             /* hw/spec/image.h */

struct compile_image {        /* what the programs of an image share */
	uint32_t n_programs;
	uint8_t tail_calls;   /* one of them has some */
	uint8_t moves;        /* then, what all of them do to the packet's start: MOVES_* */
	uint8_t has_metadata; /* then, one of them gives packets some */
	const struct compile *placed; /* the first one, when layout_run() has been through */
	uint32_t n_ticks;     /* programs behind the first one that a tick goes on to, so far */
	uint64_t n_timed;     /* elements that it goes through in all of them */
};

struct compile {
	struct arena *arena;
	const struct prog *prog;
	const struct prog *source; /* the caller's; prog is another one when tc.c has written it */
	const uint32_t *of_source; /* then, per instruction of prog: which one of source it stands for, or NO_INSN; else NULL */
	const struct target *target;
	struct diag *diag;
	const struct dump *dump;
	const struct ebpf_insn *insns; /* the program with a copy of each function for each call of it, set by verify_run() */
	uint32_t n_insns;
	const uint32_t *origin; /* per instruction: where it is in prog->insns; NULL: nothing was copied */
	struct timer_use timers[TIMERS_MAX]; /* of verify_timer.c */
	uint32_t n_timers;
	uint8_t follows;      /* not the first program of the image */
	uint8_t ticks;        /* it goes through timers when there is a tick */
	struct split *splits; /* of verify_split.c */
	uint32_t n_splits;
	struct frame *frames; /* by first */
	uint32_t n_frames;
	struct fact *facts;   /* n_insns of them, set by verify_run() */
	uint32_t stack_used;  /* bytes below r10 the program uses, set by verify_run(), lowered by frame_run() */
	struct image_map *maps; /* prog->n_maps of them, set by layout_run(); names are set by image_run() */
	uint32_t map_words, ext_words; /* map memory in use, on the chip and outside, set by layout_run() */
	const uint32_t *map_uses; /* layout_uses() */
	struct func *func;    /* set by build_run() */
	struct compile_image *image;
	uint32_t base;        /* its first bundle in the image */
	uint8_t no_room;      /* values or code did not fit: an error that more care may cure */
	uint8_t careful;      /* 1: make no copies of code; 2: also keep no more values at once than the program does */
};

static inline int has_tail_calls(const struct compile *c)
{
	return c->image && c->image->tail_calls;
}

enum { TAIL_CALL_BYTES = 8 };  /* of stack, the lowest, for the count of tail calls */

/* Records the first error; later ones are dropped. insn is -1 when it is about the whole program. fmt knows %s %d %u %x
 * %lld %llu %llx %%. Returns -1 so that a pass can `return error(...)`. */
int error(struct compile *c, int insn, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Adds the way out to the error just recorded. Returns -1. */
int error_note(struct compile *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

enum { /* the BPF_F_* of maps that are honoured */
	MAP_NO_PREALLOC = 1, MAP_NO_COMMON_LRU = 2, MAP_NUMA_NODE = 4, MAP_RDONLY = 8, MAP_WRONLY = 0x10, MAP_ZERO_SEED = 0x40, MAP_RDONLY_PROG = 0x80,
	MAP_WRONLY_PROG = 0x100, MAP_MMAPABLE = 0x400, MAP_PRESERVE_ELEMS = 0x800
};

enum { NO_LOG = -1 };
/* The map that the program prints to. */
static inline int log_map(const struct prog *p)
{
	for (uint32_t n = 0; n < p->n_maps; n++)
		if (p->maps[n].type == MAP_TYPE_LOG)
			return (int)n;
	return NO_LOG;
}

/* A map that no program names: its number, or -1. */
static inline int map_named(const struct prog *p, const char *name)
{
	for (uint32_t n = 0; n < p->n_maps; n++)
		if (p->maps[n].name && !strcmp(p->maps[n].name, name))
			return (int)n;
	return -1;
}

/* Whether accesses to values of these maps can be to the same memory. */
static inline int maps_meet(unsigned int a, unsigned int b)
{
	return a == b || a == MAP_ANY || b == MAP_ANY;
}

/* Which map it is, is known to the program only when it runs. */
static inline int map_is_template(const struct prog *p, unsigned int map)
{
	return map >= p->n_maps && map != MAP_ANY;
}

/* Its contents are part of the program. */
static inline int map_is_constant(const struct prog_map *m)
{
	return (m->flags & MAP_RDONLY_PROG) && m->init && m->max_entries == 1;
}

/* The instruction of the caller's program that stands for this one of c->prog, or NO_INSN. */
static inline uint32_t insn_source(const struct compile *c, uint32_t insn)
{
	return c->of_source && insn != NO_INSN ? c->of_source[insn] : insn;
}

static inline uint32_t insn_origin(const struct compile *c, uint32_t pc)
{
	return c->origin ? c->origin[pc] : pc;
}

static inline int insn_is_local_call(const struct ebpf_insn *i)
{
	return i->code == (EC_JMP | EBPF_CALL) && ebpf_src(i) == EBPF_CALL_LOCAL;
}

/* Loads a function that helpers call. */
static inline int insn_is_function(const struct ebpf_insn *i)
{
	return i->code == EBPF_LDDW && ebpf_src(i) == EBPF_PSEUDO_FUNC;
}

static inline int insn_is_exit(const struct ebpf_insn *i)
{
	return i->code == (EC_JMP | EBPF_EXIT);
}

/* Jumps, and calls of the program's own functions: where they lead. */
static inline uint32_t insn_target(const struct ebpf_insn *i, uint32_t pc)
{
	return pc + 1 + (uint32_t)(insn_is_local_call(i) || i->code == (EC_JMP32 | EBPF_JA) ? i->imm : i->off);
}

/* verify_insn.c: where control can go after the instruction at pc of c->insns: 0, 1 or 2 places. The fall through comes first. */
int insn_successors(const struct compile *c, uint32_t pc, uint32_t to[2]);
int insn_is_jump(const struct ebpf_insn *i); /* neither call nor exit */

/* verify_inline.c: sets c->insns, c->origin and c->frames; refuses recursion and what grows too large. 0 or -1. */
int inline_calls(struct compile *c);
/* The frame that instruction pc of c->insns belongs to. */
const struct frame *frame_of(const struct compile *c, uint32_t pc);

/* verify.c: refuses what the NIC can't run or what could misbehave; fills c->facts. 0 or -1. */
int verify_run(struct compile *c);
/* Arena bytes verify_run() needs for n_insns instructions of c->insns; it uses all there are. What is set in c stays; the rest is given
 * back before it returns 0. */
size_t verify_mem_size(uint32_t n_insns);
/* verify_dump.c: the facts as text. */
void verify_dump(struct compile *c);

/* encode.c: the program takes so many, which are too many. Returns -1. */
int encode_no_room(struct compile *c, uint32_t bundles);

/* timer.c: whether the instruction of c->prog is around the program, for its timers. */
int timer_is_code(const struct compile *c, uint32_t insn);
/* The program gives timers functions. */
int timer_has_functions(const struct prog *p);
/* What stands for the function in a timer: by its name, so that it is the same one in all programs of an image, and in the image that replaces this one. */
uint32_t timer_number(const struct compile *c, uint32_t function);
/* The first bundles of the programs that a tick goes on to from the first one of the image, c, as the slots of its map TICKS. */
void timer_slots(const struct compile *c, uint64_t *slot, uint32_t n_slots);

/* compile.c: adds what c->prog does to what the programs of the image do together, which they have to know before any is compiled. 0 or -1 */
int compile_note_calls(struct compile *c);

/* compile.c: the passes that know nothing of microcode, for those who want the program's values (c->func) and not its image: c has arena, prog,
 * target and diag set. 0, or -1 with c->diag filled, or with nothing in it when memory ran out. */
int compile_values(struct compile *c);

#endif
