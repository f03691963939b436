// SPDX-License-Identifier: Apache-2.0
#include "harness.h"

#include <stdio.h>
#include <string.h>

static const struct group {
	const char *name;
	void (*run)(struct machine *m);
} groups[] = {
	{"alu", test_alu},	     {"window", test_window},	      {"branch", test_branch},
	{"control", test_control},   {"memory", test_memory},	      {"special", test_special},
	{"division", test_division}, {"map-access", test_map_access}, {"map-calls", test_map_calls},
	{"faults", test_faults},     {"adjust", test_adjust},
};
enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

/* Runs the groups that are named, or all of them; only then the coverage is asked for. */
int main(int argc, char **argv)
{
	struct machine *m;

	if (argc < 2) {
		fprintf(stderr, "usage: isa-test iss|rtl|both [group...]\n");
		return 2;
	}
	m = machine_open(argv[1]);
	for (int i = 0; i < GROUPS; i++) {
		bool wanted = argc == 2;

		for (int a = 2; a < argc; a++)
			wanted |= strcmp(argv[a], groups[i].name) == 0;
		if (!wanted)
			continue;
		harness_seed(1);
		groups[i].run(m);
	}
	if (argc == 2)
		harness_uncovered(m);
	machine_close(m);
	printf("%lu passed, %lu failed\n", harness_passed, harness_failed);
	return harness_failed != 0;
}
