// SPDX-License-Identifier: Apache-2.0
/*
 * ref-plugin [MEMORY] [--kernel]: the interpreter, or the kernel, behind the common conformance
 * contract. The program comes as hex bytes on standard input, the memory as the first argument; r0
 * goes to standard output in hex. Exit 3: the kernel refuses the program, so it has no opinion.
 */
#include "ref.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	EXIT_USAGE = 2,
	EXIT_REFUSED = 3
};

/* Bytes in hex with any blanks between them, into text's own memory; -1 when it is not that. */
static long compact_hex(char *text)
{
	size_t digits = 0, count;

	for (const char *at = text; *at; at++)
		if (!strchr(" \t\r\n", *at))
			text[digits++] = *at;
	text[digits] = '\0';
	count = digits / 2;
	if (!io_hex_parse(text, count, text))
		return -1;
	return (long)count;
}

static char *read_all(FILE *file)
{
	size_t room = 0, used = 0, got;
	char *text = NULL;

	do {
		char *more = realloc(text, room + 4096 + 1);

		if (!more) {
			free(text);
			return NULL;
		}
		text = more;
		got = fread(text + used, 1, 4096, file);
		used += got;
		room += 4096;
	} while (got == 4096);
	text[used] = '\0';
	return text;
}

static int interpret(struct bpf_insn *insns, uint32_t count, uint8_t *memory, uint32_t len,
		     uint64_t *r0)
{
	struct ref_program program = { .insns = insns, .count = count };
	struct ref_machine *machine = ref_machine_create(&program);
	struct ref_outcome outcome;

	if (!machine) {
		fprintf(stderr, "ref-plugin: out of memory\n");
		return EXIT_FAILURE;
	}
	ref_run_memory(machine, memory, len, &outcome);
	ref_machine_free(machine);
	if (outcome.fault[0]) {
		fprintf(stderr, "ref-plugin: %s\n", outcome.fault);
		return EXIT_FAILURE;
	}
	*r0 = outcome.r0;
	return EXIT_SUCCESS;
}

static int run(struct bpf_insn *insns, uint32_t count, uint8_t *memory, uint32_t len,
	       bool in_kernel)
{
	struct io_error err;
	uint64_t r0;
	int status;

	if (!in_kernel) {
		status = interpret(insns, count, memory, len, &r0);
		if (status)
			return status;
	} else if (kernel_run_code(insns, count, memory, len, &r0, &err)) {
		fprintf(stderr, "ref-plugin: %s\n", err.text);
		return EXIT_REFUSED;
	}
	printf("%" PRIx64 "\n", r0);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	bool in_kernel = argc > 1 && !strcmp(argv[argc - 1], "--kernel");
	char *program = read_all(stdin), *memory = argc - in_kernel > 1 ? argv[1] : NULL;
	long program_size = program ? compact_hex(program) : -1;
	long memory_size = memory ? compact_hex(memory) : 0;
	struct bpf_insn *insns;
	int status;

	if (argc - in_kernel > 2 || program_size <= 0 ||
	    program_size % (long)sizeof(*insns) || memory_size < 0) {
		fprintf(stderr, "ref-plugin: expected a program of 8-byte instructions in hex on "
			"standard input and memory in hex as the argument\n");
		free(program);
		return EXIT_USAGE;
	}
	insns = malloc((size_t)program_size);
	if (!insns) {
		free(program);
		return EXIT_FAILURE;
	}
	memcpy(insns, program, (size_t)program_size);
	status = run(insns, (uint32_t)((size_t)program_size / sizeof(*insns)), (uint8_t *)memory,
		     (uint32_t)memory_size, in_kernel);
	free(insns);
	free(program);
	return status;
}
