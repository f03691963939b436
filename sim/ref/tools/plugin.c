// SPDX-License-Identifier: Apache-2.0
/*
 * ref-plugin [MEMORY] [--xdp | --kernel]: the interpreter behind the common conformance contract.
 * The program comes as hex bytes on standard input, the memory as an argument; r0 goes to standard
 * output in hex. --xdp: the memory is a packet, r1 the context. --kernel: the kernel runs it; exit
 * 3 says that it refuses the program and so has no opinion.
 */
#include "../ref.h"

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

enum mode {
	MODE_MEMORY,
	MODE_XDP,
	MODE_KERNEL
};

struct job {
	enum mode mode;
	struct bpf_insn *insns;
	uint32_t count;
	uint8_t *memory;
	uint32_t len;
};

static int interpret(const struct job *job, uint64_t *r0)
{
	struct ref_program program = { .insns = job->insns, .count = job->count };
	struct ref_machine *machine = ref_machine_create(&program);
	struct ref_outcome outcome;
	uint32_t len = job->len;

	if (!machine) {
		fprintf(stderr, "ref-plugin: out of memory\n");
		return EXIT_FAILURE;
	}
	if (job->mode == MODE_XDP)
		ref_run_packet(machine, job->memory, &len, len, &outcome);
	else
		ref_run_memory(machine, job->memory, job->len, &outcome);
	ref_machine_free(machine);
	if (outcome.fault[0]) {
		fprintf(stderr, "ref-plugin: %s\n", outcome.fault);
		return EXIT_FAILURE;
	}
	*r0 = outcome.r0;
	return EXIT_SUCCESS;
}

static int run(const struct job *job)
{
	struct io_error err;
	uint64_t r0;
	int status;

	if (job->mode != MODE_KERNEL) {
		status = interpret(job, &r0);
		if (status)
			return status;
	} else if (kernel_run_code(job->insns, job->count, job->memory, job->len, &r0, &err)) {
		fprintf(stderr, "ref-plugin: %s\n", err.text);
		return EXIT_REFUSED;
	}
	printf("%" PRIx64 "\n", r0);
	return EXIT_SUCCESS;
}

static bool parse_arguments(struct job *job, int argc, char **argv)
{
	long size;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--xdp")) {
			job->mode = MODE_XDP;
		} else if (!strcmp(argv[i], "--kernel")) {
			job->mode = MODE_KERNEL;
		} else {
			size = job->memory ? -1 : compact_hex(argv[i]);
			if (size < 0)
				return false;
			job->memory = (uint8_t *)argv[i];
			job->len = (uint32_t)size;
		}
	}
	return true;
}

static bool parse_program(struct job *job, char *text)
{
	long size = compact_hex(text);

	if (size <= 0 || size % (long)sizeof(*job->insns))
		return false;
	job->insns = malloc((size_t)size);
	if (!job->insns)
		return false;
	memcpy(job->insns, text, (size_t)size);
	job->count = (uint32_t)((size_t)size / sizeof(*job->insns));
	return true;
}

int main(int argc, char **argv)
{
	struct job job = { 0 };
	char *text = read_all(stdin);
	int status = EXIT_USAGE;

	if (text && parse_arguments(&job, argc, argv) && parse_program(&job, text))
		status = run(&job);
	else
		fprintf(stderr, "usage: ref-plugin [MEMORY] [--xdp | --kernel] < PROGRAM\n"
			"with memory and program as hex bytes, 8 bytes for an instruction\n");
	free(job.insns);
	free(text);
	return status;
}
