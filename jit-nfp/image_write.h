/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Writing firmware images: of compiled programs, and of assembled text.
 */
#ifndef JIT_NFP_IMAGE_WRITE_H
#define JIT_NFP_IMAGE_WRITE_H

#include "ir.h"

struct source_line {
	uint32_t bundle, insn, line, col;
	const char *file, *text; /* NULL: not known */
};

struct source_program { const char *name, *section; uint32_t entry; };

struct image_source {
	const char *name, *section;
	const uint64_t *words; /* n_bundles times lanes */
	uint32_t lanes, n_bundles, entry, map_words, ext_words, n_insns, regs, stack;
	struct image_map *maps; /* name, data_off and data_size are set here */
	const char *const *map_names;
	const uint8_t *const *map_init; /* or NULL per map */
	const uint32_t *map_init_size;
	uint32_t n_maps;
	const struct source_line *lines; /* sorted by bundle */
	uint32_t n_lines;
	const struct source_program *programs; /* that a PROG_ARRAY may hold */
	uint32_t n_programs;
};

/* Fills bytes and size of out. 0, or -1 when the arena is exhausted. */
int image_write(struct arena *a, const struct image_source *i, struct image_buf *out);

#endif
