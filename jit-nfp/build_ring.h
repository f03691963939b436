/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Inside build: map memory by hand, for the families of helpers whose maps the NIC's map engine does not know.
 */
#ifndef JIT_NFP_BUILD_RING_H
#define JIT_NFP_BUILD_RING_H

#include "build.h"

enum { PRINT_NUMBERS = 3 };   /* of bpf_trace_printk */

/* An access of width bytes at + off; data is what a store or atomic operation brings. */
struct value *map_access(struct build *b, enum ir_op op, unsigned int map, struct value *at, int off, uint32_t width, struct value *data);
/* Pointer to the map's first byte. */
struct value *map_base(struct build *b, unsigned int map);

/* Ways that give -errno, and where they meet with the good one. */
enum { FAILS_MAX = 16 };
struct fails {
	struct block *way[FAILS_MAX], *after;
	struct value *result[FAILS_MAX + 1];
	int error[FAILS_MAX];
	int n;
};
int fail_start(struct build *b, struct fails *f); /* 0 or -1 */
struct block *fail(struct build *b, struct fails *f, int error_number);
/* What is being translated ends here, with this result. */
void fail_here(struct build *b, struct fails *f, struct value *result);
int fail_end(struct build *b, struct fails *f, struct value *good); /* b->at is the good way's end; NULL: there is none besides those of
							  * fail_here(). r0 is set; 0 or -1 */

/* Bytes from memory that a helper reads, to a map. */
struct copy {
	const struct arg_fact *from;
	struct value *source; /* pointer */
	struct value *to;     /* pointer; aligned to 8 */
	int off;              /* from there on */
	unsigned int map;     /* which it points to */
};
void copy_bytes(struct build *b, struct copy *c, struct value *size); /* when from->size is known, so many */

/* The other way: so many bytes of a map to where a helper writes; value NULL: zeroes. */
void copy_out(struct build *b, const struct arg_fact *to, struct value *target, struct value *value, unsigned int map, uint32_t size);

/* build_trie.c: so many bytes of stack at -b->key_at, which the program does not use; why: what is copied there. 0 or -1 */
int key_reserve(struct build *b, uint32_t bytes, const char *why);

/* build_queue.c: a lock of width bytes in map memory, 0 when nobody has it. What the program does with maps behind the lock stays behind it,
 * and what it does before the unlocking stays before. */
void map_lock(struct build *b, unsigned int map, struct value *at, int off, uint32_t width);
void map_unlock(struct build *b, unsigned int map, struct value *at, int off, uint32_t width);

/* Takes room bytes of the ring for a record of so many bytes and gives the address of its first byte; goes to full when there is no room. */
struct value *ring_reserve(struct build *b, unsigned int map, struct value *bytes, struct value *room, struct block *full);
struct value *ring_room(struct build *b, struct value *bytes);
/* The record is the host's from now on; flip: bits of its first word. */
void ring_commit(struct build *b, unsigned int map, struct value *record, uint32_t flip);

#endif
