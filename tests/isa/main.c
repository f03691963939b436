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

/* Cases are groups, and instructions in slots; a group that compares one value wrongly has failed. */
static unsigned long passed, failed;

static void run_group(struct machine *m, const struct group *g)
{
	unsigned long before = harness_failed;

	harness_seed(1);
	g->run(m);
	if (harness_failed == before)
		passed++;
	else
		failed++;
}

static void ask_coverage(const struct machine *m)
{
	unsigned long before = harness_passed;

	failed += harness_uncovered(m);
	passed += harness_passed - before;
}

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
		if (wanted)
			run_group(m, &groups[i]);
	}
	if (argc == 2)
		ask_coverage(m);
	machine_close(m);
	printf("note: %lu values were compared, %lu of them wrong\n", harness_passed + harness_failed, harness_failed);
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed != 0;
}
