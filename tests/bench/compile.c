// SPDX-License-Identifier: Apache-2.0
/*
 * bench-compile [SHAPE [INSTRUCTIONS]]: processor time of the compiler, in ms per 1,000 eBPF instructions, for programs of several shapes and
 * lengths. bench-work is the same with a compiler that counts the blocks of its own code that it goes through, in thousands per instruction: the
 * same on every machine. With --check LIMIT it fails where that count grows faster than n log n, or is above the limit.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile_shapes.h"
#include "effort.h"
#include "load.h"

enum { SIZES = 6, MIDDLE = 4000 };

static const uint32_t sizes[SIZES] = { 100, 1000, 2000, 4000, 8000, 14000 };

/* What one compile takes, the least of some; it does not return when the program is refused. */
static double effort_of(const struct shape *s, uint32_t n)
{
	static struct shape_program p;
	struct prog prog = { .name = s->name, .section = "xdp", .insns = p.insns, .maps = shape_maps, .n_maps = SHAPE_MAPS };
	struct target target = target_default;
	double least = INFINITY;

	shape_make(&p, s, n);
	prog.n_insns = p.n;
	target.bundles = 1 << 16;     /* it is the compiler that is measured */
	for (int run = 0; run < effort_runs; run++) {
		size_t size = nicjit_mem_size(p.n, SHAPE_MAPS);
		void *mem = load_memory(size);
		struct image_buf out;
		struct diag diag = { .insn = -1 };
		double start, took;

		if (!mem) {
			fprintf(stderr, "bench-compile: no memory for %u instructions\n", p.n);
			exit(1);
		}
		start = effort_now();
		if (nicjit_compile(&prog, &target, mem, size, NULL, &out, &diag)) {
			fprintf(stderr, "bench-compile: %s of %u instructions: instruction %d: %s\n", s->name, p.n, diag.insn, diag.text);
			exit(1);
		}
		took = effort_now() - start;
		least = took < least ? took : least;
		free(mem);
	}
	return least / p.n;
}

static void print_table(const char *only)
{
	printf("| %s | %7s |", effort_unit, "");
	for (int k = 0; k < SIZES; k++)
		printf(" %6u |", sizes[k]);
	printf("\n|---|---|---|---|---|---|---|---|\n");
	for (const struct shape *s = shapes; s->name; s++) {
		if (only && strcmp(only, s->name))
			continue;
		printf("| %-8s | %s |", s->name, s->what);
		for (int k = 0; k < SIZES; k++)
			printf(" %6.2f |", effort_of(s, sizes[k]));
		printf("\n");
		fflush(stdout);
	}
}

/* Of long programs an instruction takes no more than n log n allows after the dearest of the shorter ones, and no more than the limit. How often
 * registers are allocated anew differs from length to length: hence the dearest. */
static int check_shape(const struct shape *s, double limit)
{
	double dearest = 0, last = 0, most;

	for (int k = 1; k < SIZES; k++) {
		last = effort_of(s, sizes[k]);
		if (sizes[k] <= MIDDLE && last > dearest)
			dearest = last;
	}
	most = dearest * log(sizes[SIZES - 1]) / log(MIDDLE);
	if (last <= most && last <= limit && dearest <= limit)
		return 0;
	printf("FAIL %s: an instruction of %u takes %.2f, up to %d %.2f; allowed are %.2f and %.2f\n", s->name, sizes[SIZES - 1], last, MIDDLE,
	       dearest, most, limit);
	return 1;
}

static int check(double limit)
{
	int passed = 0, failed = 0;

	for (const struct shape *s = shapes; s->name; s++) {
		int wrong = check_shape(s, limit);

		failed += wrong;
		passed += !wrong;
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--check"))
		return check(atof(argv[2]));
	for (const struct shape *s = shapes; argc == 3 && s->name; s++)
		if (!strcmp(s->name, argv[1])) {
			printf("%.3f %s\n", effort_of(s, (uint32_t)atoi(argv[2])), effort_unit);
			return 0;
		}
	if (argc > 2) {
		fprintf(stderr, "usage: bench-compile [SHAPE [INSTRUCTIONS] | --check LIMIT]\n");
		return 2;
	}
	print_table(argv[1]);
	return 0;
}
