/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Library interface of the compiler, used by the command line, the drivers and the tests. Freestanding.
 *
 * Life of a compile: a loader fills struct prog (nicjit uses libbpf in load.c; the kernel module fills it from
 * the kernel's own objects), nicjit_compile() turns it into an image or a sentence, and further sentences if there is room. All memory of a compile comes
 * from the caller's buffer through one arena; nothing is freed before the whole.
 */
#ifndef JIT_NFP_NICJIT_H
#define JIT_NFP_NICJIT_H

#include <stddef.h>
#include <stdint.h>
#include "ebpf.h"

struct image_map;             /* hw/spec/image.h */

struct prog_map {
	const char *name;
	uint32_t type;        /* enum bpf_map_type */
	uint32_t key_size, value_size, max_entries; /* bytes, bytes, count */
	uint32_t flags;       /* BPF_F_* of map creation */
	uint64_t extra;       /* map_extra: BLOOM_FILTER: hash functions, 0: as many as Linux takes */
	const uint8_t *init;  /* initial contents of entry 0 (global data), or NULL */
	uint32_t init_size;
	uint32_t lock;        /* of struct bpf_spin_lock in a value: offset + 1; 0: there is none */
	uint32_t timer;       /* likewise of struct bpf_timer */
	uint32_t inner;       /* maps of maps: which template, behind the maps, its maps are like, + 1 */
	uint32_t model;       /* and a map that is so, + 1; 0: there is none */
	const struct image_map *place; /* where it lies in the NIC already, or NULL; all maps of a program or none. Type 0: a number not in use */
};

struct prog_line {            /* source position of insn and those after it, up to the next row; sorted by insn */
	uint32_t insn;
	uint32_t line, col;
	const char *file;
	const char *text;     /* the source line, "" when not known */
};

struct prog_function { uint32_t insn; const char *name; }; /* its first instruction; no other function of the object has the name */

/* Something of the kernel that the NIC does not have: a function, or the layout of a type. */
struct prog_absent {
	const char *name;
	int is_layout;
	int is_asked;         /* the program asks whether it exists: what uses it may be behind that */
};

struct prog {
	const char *name;     /* function name */
	const char *section;
	const struct ebpf_insn *insns; /* LDDW takes two; map references carry the map index in imm, src = EBPF_PSEUDO_*. The program
	                                * comes first, then the functions it calls, with relative calls as the kernel has them. */
	uint32_t n_insns;
	const struct prog_map *maps;
	uint32_t n_maps, n_templates; /* templates come behind the maps: what they hold is not known, and takes no room */
	const struct prog_line *lines;
	uint32_t n_lines;
	const uint32_t *const *slots; /* per map; of a PROG_ARRAY per slot, which program of the image it holds, counted from 1, or 0. NULLs: none */
	const struct prog_absent *absent; /* what of the kernel the NIC does not have, and the program may ask for first: a call's imm is the place here, or beyond */
	uint32_t n_absent;
	const struct prog_function *functions; /* that it calls or gives to helpers; NULL: their names are not known */
	uint32_t n_functions;
	uint8_t not_gpl;      /* its license is not compatible with the GPL */
	uint8_t tc;           /* a classifier of tc, with struct __sk_buff for struct xdp_md */
	uint8_t declared;     /* the object puts it into a slot of a PROG_ARRAY: where it is not the first, the image must have it */
	const struct prog *next; /* the other programs of the image, which tail calls go to; they have the same maps */
};

/* The NIC to compile for: what its capability registers say. */
struct target {
	uint32_t lanes;       /* 1..4 */
	uint32_t regs;        /* per bank, 1..16 */
	uint32_t bundles;     /* that programs find room for in microcode memory: IMEM_FIRST fewer than it has */
	uint32_t stack;       /* bytes per thread, program and spill together */
	uint32_t maps;        /* map descriptors */
	uint32_t map_words;   /* 8-byte words of map memory on the chip */
	uint32_t ext_words;   /* and outside */
	uint32_t key_bytes;   /* longest hash key */
	uint32_t cpus;        /* hardware threads, each of which has its own value in per-CPU maps */
	uint32_t queues;      /* receive queues that packets may come by; 0: not known */
	uint32_t frame_max;   /* bytes of the longest packet that comes; 0: not known */
	const char *no_timers; /* why there are none, as a clause; NULL: there are */
};
extern const struct target target_default;

/* A program of the image that is refused, and that the image need not have. */
struct refused_prog {
	const struct prog *prog;
	const char *text;
	const struct refused_prog *next;
};

enum { DIAG_TEXT = 512 };
struct diag {                 /* first error of a compile; text is empty when there is none */
	int insn;             /* eBPF instruction it is about, or -1 */
	const struct prog *prog; /* of which program of the image; NULL: the first */
	char text[DIAG_TEXT]; /* one sentence, without position */
	char note[DIAG_TEXT]; /* the way out, or empty */
	struct diag *more;    /* the caller's room for problems that stand beside the first one, or NULL */
	uint32_t room, n_more;
	uint8_t full;         /* it is the programs before it that leave it no room */
	uint32_t bundles;     /* that the program would take, and the NIC has no room for; 0: it is about something else */
	const struct refused_prog *refused; /* the one that it is about and all behind it, in the compile's memory; NULL: it is about one that the image must have */
};
/* Empties it, but for the room. */
void diag_clear(struct diag *d);
/* Takes back what it says; the further problems stay. */
void diag_forget(struct diag *d);
/* Puts what d says among the further problems unless it stands there, and leaves d empty. -1: no room. */
int diag_keep(struct diag *d);
/* Drops what is said twice and makes the problem that comes first in the program the first one. */
void diag_sort(struct diag *d);

/* Text dumps: called with pieces of text in order. NULL function: no dump. */
struct dump {
	void (*write)(void *arg, const char *text, size_t n);
	void *arg;
	const char *stage;    /* one of nicjit_stages() */
};
const char *const *nicjit_stages(void); /* names in pass order, NULL-terminated */

struct image_buf {
	uint8_t *bytes;       /* inside the caller's buffer */
	size_t size;
	uint32_t bundles;     /* static figures for reports */
	uint32_t ops;         /* lane words that are not nop */
	uint32_t regs, stack; /* registers per bank and stack bytes in use */
	uint32_t maps, map_words, ext_words; /* descriptors and 8-byte words of map memory in use, on the chip and outside */
	const uint32_t *map_uses; /* per map: places in the programs that use it; in the caller's buffer */
	uint32_t expected, likely, longest; /* bundles per packet, by guess: the average times 100; on the likeliest path; on the longest, each
	                                     * loop once */
	uint8_t loops;        /* there are any */
};

/* Compiles p for t into out, using mem[0..mem_size) for everything. Returns 0, or -1 with d filled (out of memory is such
 * an error too: its text starts with "out of memory"). dump may be NULL. Deterministic: same input, same bytes. */
int nicjit_compile(const struct prog *p, const struct target *t, void *mem, size_t mem_size,
		   const struct dump *dump, struct image_buf *out, struct diag *d);
/* Where a map lies that begins at byte address at of map memory, for drivers that place maps before programs; returns the address behind it, or 0
 * when that is beyond all memory. The NIC's own limits are the caller's to check. */
uint64_t nicjit_place_map(const struct prog_map *m, const struct target *t, uint64_t at, struct image_map *place);
/* Adds to d what the NIC does not have of what p asks for, without following any path: for programs that were refused for another reason. */
void nicjit_survey(const struct prog *p, const struct target *t, struct diag *d);
/* Bytes of mem that suffice for a program of this many instructions and maps that has no functions, or small ones: each is copied to where it
 * is called. When the text starts with "out of memory", more may do. */
size_t nicjit_mem_size(uint32_t n_insns, uint32_t n_maps);
/* What to ask it for: instructions of p, and of what is written around it. */
uint32_t nicjit_insns(const struct prog *p);

#endif
