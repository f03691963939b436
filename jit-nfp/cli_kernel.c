// SPDX-License-Identifier: Apache-2.0
/* --check-kernel: what the verifier of the running kernel says of the same program. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "cli.h"
#include "helpers.h"

enum { LOG_BYTES = 8 << 20, TEXT = 512 };

struct answer {
	int taken, asked;
	int insn;             /* where the verifier stopped, or -1 */
	char text[TEXT];      /* why not, or what it took */
};

static char warning[TEXT]; /* the first one of libbpf about a map, which the verifier is not asked behind */

static int keep_quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	static const char said[] = "libbpf: map '";

	if (level == LIBBPF_WARN && !strncmp(fmt, said, sizeof(said) - 1) && !*warning)
		vsnprintf(warning, sizeof(warning), fmt + strlen("libbpf: "), ap);
	warning[strcspn(warning, "\n")] = 0;
	return 0;
}

static int is_statistics(const char *line)
{
	return !strncmp(line, "processed ", 10) || !strncmp(line, "verification time", 17) || !strncmp(line, "stack depth", 11) ||
	       !strncmp(line, "cur state:", 10) || !strncmp(line, "old state:", 10) || !*line;
}

/* Instructions come as "12: (b7) r0 = 0"; the last line that is none of them and no statistics is the reason. */
static void read_log(char *log, struct answer *a)
{
	for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n")) {
		char *end;
		long insn = strtol(line, &end, 10);

		if (!strncmp(line, "processed ", 10) && a->taken)
			snprintf(a->text, sizeof(a->text), "%.*s", (int)strcspn(line, "("), line);
		if (end != line && !strncmp(end, ": (", 3))
			a->insn = (int)insn;
		else if (!a->taken && !is_statistics(line) && end == line && line[0] != ';')
			snprintf(a->text, sizeof(a->text), "%s", line);
	}
}

static const struct prog_map *map_of(const struct prog *p, const char *name)
{
	for (uint32_t n = 0; n < p->n_maps; n++)
		if (!strcmp(p->maps[n].name, name))
			return &p->maps[n];
	return NULL;
}

/* Its maps as large as here. */
static void ask_object(struct bpf_object *obj, const struct target *t, const struct prog *p, char *log, struct answer *a)
{
	struct bpf_program *prog, *chosen = bpf_object__find_program_by_name(obj, p->name);
	struct bpf_map *map;
	int result;

	if (!chosen)
		return;
	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, prog == chosen);
	bpf_object__for_each_map(map, obj) {
		struct prog_map other = { .type = bpf_map__type(map), .max_entries = bpf_map__max_entries(map) };
		const struct prog_map *m = map_of(p, bpf_map__name(map));
		uint32_t entries = map_entries(t, m ? m : &other);

		bpf_map__set_pin_path(map, NULL); /* asking leaves nothing behind, and takes nothing that lies there */
		if (other.max_entries != entries)
			bpf_map__set_max_entries(map, entries);
		if (other.type == BPF_MAP_TYPE_PERF_EVENT_ARRAY && !bpf_map__key_size(map) && !bpf_map__value_size(map)) {
			bpf_map__set_key_size(map, sizeof(int));
			bpf_map__set_value_size(map, sizeof(int));
		}
	}
	bpf_program__set_type(chosen, BPF_PROG_TYPE_XDP);
	bpf_program__set_log_buf(chosen, log, LOG_BYTES);
	bpf_program__set_log_level(chosen, 1);
	result = bpf_object__load(obj);
	a->asked = 1;
	a->taken = !result || result == -EBADF; /* a program array names programs that were not loaded; it is filled when the verifier is through */
	snprintf(a->text, sizeof(a->text), "%s", a->taken ? "" : *warning ? warning : strerror(-result));
	read_log(log, a);
}

static int make_map(const struct prog_map *m)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = m->flags);
	uint32_t zero = 0, entries = m->max_entries;
	int fd;

	if (m->type == MAP_TYPE_PERF_EVENT_ARRAY && !entries) /* loaders take the number of processors */
		entries = (uint32_t)libbpf_num_possible_cpus();
	fd = bpf_map_create(m->type, "nicjit", m->key_size, m->value_size, entries, &opts);

	if (fd >= 0 && m->init && !bpf_map_update_elem(fd, &zero, m->init, BPF_ANY) && m->flags & BPF_F_RDONLY_PROG)
		bpf_map_freeze(fd);
	return fd;
}

static int names_map(const struct prog *p, uint32_t n)
{
	const struct ebpf_insn *i = &p->insns[n];

	return i->code == EBPF_LDDW && (ebpf_src(i) == EBPF_PSEUDO_MAP || ebpf_src(i) == EBPF_PSEUDO_MAP_VALUE) && (uint32_t)i->imm < p->n_maps;
}

/* Those that the instructions name: what the loader adds for the NIC's sake, as .printk, they do not. */
static int make_maps(const struct prog *p, int *fd, struct answer *a)
{
	for (uint32_t n = 0; n < p->n_insns; n++) {
		uint32_t map = (uint32_t)p->insns[n].imm;

		if (!names_map(p, n) || fd[map])
			continue;
		fd[map] = make_map(&p->maps[map]);
		if (fd[map] >= 0)
			continue;
		snprintf(a->text, sizeof(a->text), "it does not take map %s: %s", p->maps[map].name, strerror(errno));
		return -1;
	}
	return 0;
}

/* As the loader left it, where libbpf does not take the object: maps without types, functions without signatures. */
static void ask_instructions(const struct prog *p, char *log, struct answer *a)
{
	struct bpf_insn *insns = malloc(sizeof(*insns) * p->n_insns);
	int *fd = calloc(p->n_maps + 1, sizeof(*fd)), result;
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = LOG_BYTES, .log_level = 1);

	if (!insns || !fd)
		exit(EXIT_IO);
	memcpy(insns, p->insns, sizeof(*insns) * p->n_insns);
	a->asked = !make_maps(p, fd, a);
	for (uint32_t n = 0; n < p->n_insns && a->asked; n++)
		if (names_map(p, n))
			insns[n].imm = fd[insns[n].imm];
	result = a->asked ? bpf_prog_load(BPF_PROG_TYPE_XDP, "nicjit", "GPL", insns, p->n_insns, &opts) : -1;
	a->taken = result >= 0;
	if (a->asked) {
		snprintf(a->text, sizeof(a->text), "%s", a->taken ? "" : strerror(errno));
		read_log(log, a);
	}
	for (uint32_t n = 0; n < p->n_maps; n++)
		if (fd[n] > 0)
			close(fd[n]);
	if (result >= 0)
		close(result);
	free(insns);
	free(fd);
}

void kernel_check(const struct options *o, const struct prog *p)
{
	struct answer a = { .insn = -1 };
	const struct prog_line *line;
	struct bpf_object *obj;
	struct utsname kernel;
	char *log = calloc(1, LOG_BYTES);

	if (!log)
		exit(EXIT_IO);
	uname(&kernel);
	libbpf_set_print(keep_quiet);
	obj = o->n_inputs == 1 ? bpf_object__open_file(o->input, NULL) : NULL;
	if (obj)
		ask_object(obj, &o->target, p, log, &a);
	else
		ask_instructions(p, log, &a);
	bpf_object__close(obj);
	free(log);
	line = a.taken ? NULL : line_of(p, a.insn);
	if (line)
		printf("%s:%u:%u: ", line->file, line->line, line->col);
	else
		printf("%s: ", o->input);
	printf("Linux %s %s %s: %s\n", kernel.release, !a.asked ? "was not asked about" : a.taken ? "accepts" : "refuses", p->name, a.text);
	if (line && line->text[0])
		printf("%5u | %s\n", line->line, line->text);
}
