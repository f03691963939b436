/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the command line: nicjit.c reads the options, each cli_*.c answers one kind of question.
 */
#ifndef JIT_NFP_CLI_H
#define JIT_NFP_CLI_H

#include <stdio.h>
#include "load.h"

enum { EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_IO = 3 };
enum { ENTRIES_MAX = 64 };
enum mode { COMPILE, DISASSEMBLE, ASSEMBLE };

struct options {
	enum mode mode;
	const char *const *inputs; /* input is the first one */
	size_t n_inputs;
	const char *input, *output, *select, *dump;
	struct target target;
	const char *entries[ENTRIES_MAX]; /* NAME=NUMBER: of a map, as a loader sets them */
	size_t n_entries;
	int text, stats, json, json_diagnostics, check_kernel, explain, annotate;
	const char *profile;
	const char *filter;           /* compile this instead of an object; its matches are passed, or dropped */
	int drop_matches, ebpf;       /* ebpf: an object for Linux instead of firmware */
};

/* cli_diag.c: everything that is wrong, on stderr: as sentences with their source lines, or as JSON. p may be NULL. */
void diag_print(const struct options *o, const struct prog *p, const struct diag *d);
/* The array of problems; empty when d is. */
void diag_print_json(FILE *f, const struct options *o, const struct prog *p, const struct diag *d);
void json_string(FILE *f, const char *s);
/* cli_explain.c: what the program uses and takes; b is NULL when it was refused. */
void explain_program(const struct options *o, const struct prog *p, const struct image_buf *b);
/* cli_annotate.c: source, eBPF and microcode side by side, with what nicsim --profile counted if o->profile names it. An exit code. */
int annotate(const struct options *o, const struct prog *p, const struct image_buf *b);
/* cli_ebpf.c: an instruction as clang writes it. */
void ebpf_text(char *text, size_t size, const struct prog *p, uint32_t pc);
/* cli_kernel.c: prints what the running kernel says of the program. */
void kernel_check(const struct options *o, const struct prog *p);
/* cli_filter.c: makes a program of o->filter and hands it to compile, or writes it as an object. An exit code. */
typedef int filter_compiler(const struct options *o, struct loaded *loaded);
int filter_compile(const struct options *o, filter_compiler *compile);
/* cli_object.c: an eBPF object with one program in each section, without maps or BTF. An exit code, after a sentence. */
struct object_program {
	const char *section, *name;
	const struct ebpf_insn *insns;
	uint32_t n;
};
int object_write(const char *path, const struct object_program *programs, unsigned int n);
/* cli_file.c */
char *read_file(const char *name, size_t *size); /* whole, with a 0 behind it; NULL: errno says why */
int write_file(const char *name, const void *bytes, size_t size); /* whole or not at all; 0, or -1 with errno */
int no_file(const char *name); /* says why, and gives the exit code */
const struct prog_line *line_of(const struct prog *p, int insn); /* NULL: not known */

#endif
