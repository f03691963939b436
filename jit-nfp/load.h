/* SPDX-License-Identifier: Apache-2.0
 *
 * From an ELF object to struct prog, through libbpf and libelf. Not freestanding: for the command line and tests.
 */
#ifndef JIT_NFP_LOAD_H
#define JIT_NFP_LOAD_H

#include "nicjit.h"

/* A program that tail calls could have gone to, if the host put it into a slot. */
struct left_out {
	const char *name, *why;
	const struct left_out *next;
};

struct loaded {
	struct prog prog;
	const struct left_out *left_out; /* what of the object's programs is not in prog.next */
	struct load_block *blocks; /* all memory prog points into */
};

/* Loads the XDP program called `select` (by function or by section; NULL takes the only one) from the object at path.
 * Takes any bytes: what is not a fitting object is refused with a sentence. prog.maps holds the maps the program refers
 * to, in libbpf's order; a global data section is an array map of one entry with its contents in init, read-only
 * for the program when it is .rodata. Maps declared the old way come behind the others. Returns 0 or one of the two below with d filled; d->insn counts in out->prog, whose lines are then valid.
 * Call load_free() in any case. */
enum { LOAD_REFUSED = -1, LOAD_FAILED = -2 }; /* the program asks for what the NIC does not have; the file is no use */
int load_object(const char *path, const char *select, struct loaded *out, struct diag *d);
void load_free(struct loaded *l);
/* nicjit_compile() refused l->prog, as d says. Leaves out the programs that it refuses, where these are others and no slot is declared to hold them;
 * where it is the room, the one that has none and those behind it, too, and where one that must come along has none, the last one in front of it. Returns 1 when trying again
 * may help. */
int load_leave_out(struct loaded *l, const struct diag *d);
/* As bpf_map__set_max_entries(), for each of "MAP=NUMBER:MAP=NUMBER..", or with colons for '=' as DPDK's arguments need it; NULL: for none. 0, or -1 with d filled: the text is something else, or the program has no such
 * map, or what lies in its slots comes from the object. */
int load_set_entries(struct loaded *l, const char *sizes, struct diag *d);
/* Links several objects to one, as bpftool does; its path goes to result, and the file is the caller's to remove. 0, or -1 with d filled. */
int load_link(const char *const *paths, size_t n, char *result, size_t size, struct diag *d);
/* load_own.c: puts the maps that the NIC needs for helpers which these programs call behind the n that are there, OWN_MAPS at most; how many there are then. */
enum { OWN_MAPS = 7 };
uint32_t load_own_maps(const struct prog *first, struct prog_map *maps, uint32_t n);
/* nicjit_compile() of l->prog, again without what load_leave_out() takes out of it. The image is in *mem, as is what d refers to: free() it in any case.
 * 0, or -1 with d filled. */
int load_compile(struct loaded *l, const struct target *t, const struct dump *dump, void **mem, struct image_buf *image, struct diag *d);
/* load_memory.c: room for nicjit_compile(). free() it. NULL: there is none. */
void *load_memory(size_t size);

#endif
