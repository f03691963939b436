/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs of several shapes and any length, for measuring the compiler.
 */
#ifndef TESTS_BENCH_COMPILE_SHAPES_H
#define TESTS_BENCH_COMPILE_SHAPES_H

#include "nicjit.h"

enum { SHAPE_INSNS_MAX = 16384 };

struct shape_program {
	struct ebpf_insn insns[SHAPE_INSNS_MAX];
	uint32_t n, seed;
};

struct shape {
	const char *name;
	const char *what;
	void (*part)(struct shape_program *p); /* some instructions more, at most 100 */
};
extern const struct shape shapes[]; /* the last one has no name */
extern const struct prog_map shape_maps[];
enum { SHAPE_MAPS = 2 };

/* A program that the verifier takes, of n instructions or a part less. */
void shape_make(struct shape_program *p, const struct shape *s, uint32_t n);

#endif
