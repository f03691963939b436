// SPDX-License-Identifier: Apache-2.0
/*
 * The other oracle of the fuzzer, where it may be asked: the running kernel. All runs on CPU 0.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "fuzz.h"
#include "hw/spec/image.h"
#include "to_bpf.h"

enum { EVENT_PAGES = 64 };

struct records {
	struct fuzz_outcome *out;
	uint32_t map;
};

struct kernel {
	const struct fuzz_case *c;
	struct fuzz_outcome *out;
	int map[CASE_MAPS], prog[CASE_PROGRAMS];
	uint32_t n_maps, n_programs; /* that are there */
	struct perf_buffer *events[CASE_MAPS];
	struct records records[CASE_MAPS];
};

static int on_record(void *arg, void *bytes, size_t size)
{
	struct records *r = arg;

	outcome_record(r->out, r->map, bytes, (uint32_t)size);
	return 0;
}

static void on_event(void *arg, int cpu, void *bytes, __u32 size)
{
	(void)cpu;
	on_record(arg, bytes, size);
}

/* ---- maps ---- */

static int load_types(struct btf *btf)
{
	uint32_t size;
	const void *raw = btf__raw_data(btf, &size);
	int fd = bpf_btf_load(raw, size, NULL);

	btf__free(btf);
	return fd;
}

/* What a value with a timer or a lock in it is like: bytes, and at their end these. */
static int describe_value(const struct prog_map *m, struct bpf_map_create_opts *opts)
{
	struct btf *btf = btf__new_empty();
	uint32_t before = (m->timer ? m->timer : m->lock) - 1;
	int word = btf__add_int(btf, "int", 4, BTF_INT_SIGNED), byte = btf__add_int(btf, "char", 1, BTF_INT_CHAR), bytes;
	int wide = btf__add_int(btf, "long", 8, BTF_INT_SIGNED), words = btf__add_array(btf, word, wide, TIMER_BYTES / 8), timer, lock;

	opts->btf_key_type_id = (uint32_t)(m->key_size == 4 ? word : btf__add_array(btf, word, byte, m->key_size));
	bytes = btf__add_array(btf, word, byte, before);
	timer = btf__add_struct(btf, "bpf_timer", TIMER_BYTES);
	btf__add_field(btf, "words", words, 0, 0);
	lock = btf__add_struct(btf, "bpf_spin_lock", 4);
	btf__add_field(btf, "val", word, 0, 0);
	opts->btf_value_type_id = (uint32_t)btf__add_struct(btf, "value", m->value_size);
	btf__add_field(btf, "bytes", bytes, 0, 0);
	if (m->timer)
		btf__add_field(btf, "timer", timer, 8 * (m->timer - 1), 0);
	if (m->lock)
		btf__add_field(btf, "lock", lock, 8 * (m->lock - 1), 0);
	return load_types(btf);
}

/* What a map has from the begin on. */
static void fill_map(const struct kernel *k, uint32_t n, int fd)
{
	const struct prog_map *m = &k->c->maps[n];
	const uint32_t first = 0;

	if (m->flags & BPF_F_RDONLY_PROG) {
		bpf_map_update_elem(fd, &first, k->c->constants, BPF_ANY);
		bpf_map_freeze(fd);
	}
	for (uint32_t slot = 0; slot < CASE_SLOTS; slot++)
		if (case_inner(k->c, n, slot) != NO_MAP)
			bpf_map_update_elem(fd, &slot, &k->map[case_inner(k->c, n, slot)], BPF_ANY);
}

static int create_map(struct kernel *k, uint32_t n)
{
	const struct prog_map *m = &k->c->maps[n];
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = m->flags);
	int fd, types = m->lock || m->timer ? describe_value(m, &opts) : -1;

	if (types >= 0)
		opts.btf_fd = (uint32_t)types;
	if (m->model)
		opts.inner_map_fd = (uint32_t)k->map[m->model - 1];
	fd = bpf_map_create(image_map_linux_type(m->type), m->name, m->key_size, m->value_size, m->max_entries, &opts);
	if (fd < 0)
		snprintf(k->out->text, sizeof(k->out->text), errno == EPERM ? "not permitted" : "map: %s", strerror(errno));
	if (types >= 0)
		close(types);
	if (fd < 0)
		return -1;
	k->map[k->n_maps++] = fd;
	fill_map(k, n, fd);
	k->records[n] = (struct records){ k->out, n };
	if (m->type != MAP_TYPE_PERF_EVENT_ARRAY)
		return 0;
	k->events[n] = perf_buffer__new(fd, EVENT_PAGES, on_event, NULL, &k->records[n], NULL);
	if (!k->events[n])
		snprintf(k->out->text, sizeof(k->out->text), "not permitted");
	return k->events[n] ? 0 : -1;
}

static void take_events(struct kernel *k)
{
	for (uint32_t n = 0; n < k->n_maps; n++)
		if (k->events[n])
			perf_buffer__consume(k->events[n]);
}

static void take_records(struct kernel *k, uint32_t n)
{
	struct ring_buffer *ring = ring_buffer__new(k->map[n], on_record, &k->records[n], NULL);

	ring_buffer__consume(ring);
	ring_buffer__free(ring);
}

static void dump_map(struct kernel *k, uint32_t n)
{
	static uint8_t all[CASE_CPUS * CASE_VALUE];
	const struct prog_map *m = &k->c->maps[n];
	uint8_t key[512], *at = k->out->map[n];
	int more, fd = k->map[n];

	if (m->type == MAP_TYPE_RINGBUF)
		take_records(k, n);
	if (!outcome_shows(m))
		return;
	more = bpf_map_get_next_key(fd, NULL, key);
	while (!more) {
		memcpy(at, key, m->key_size);
		bpf_map_lookup_elem(fd, key, all);
		memcpy(at + m->key_size, all, m->value_size);
		at += m->key_size + m->value_size;
		more = bpf_map_get_next_key(fd, key, key);
	}
	k->out->map_bytes[n] = (uint32_t)(at - k->out->map[n]);
	outcome_sort_map(k->out, n, m->key_size, m->value_size);
}

static void take_step(const struct kernel *k, const struct case_step *s)
{
	uint32_t inner;

	memcpy(&inner, s->value, sizeof(inner));
	if (s->deletes)
		bpf_map_delete_elem(k->map[s->map], s->key);
	else if (k->c->maps[s->map].model)
		bpf_map_update_elem(k->map[s->map], s->key, &k->map[inner], BPF_ANY);
	else
		bpf_map_update_elem(k->map[s->map], s->key, outcome_value(k->c, s, (uint32_t)libbpf_num_possible_cpus()), BPF_ANY);
}

/* ---- programs ---- */

/* A callback is one because type information says so: every function is "int f()". */
static int function_types(uint32_t *f)
{
	static int fd = -1;
	static int type;
	struct btf *btf;

	if (fd < 0) {
		btf = btf__new_empty();
		type = btf__add_func(btf, "f", BTF_FUNC_STATIC, btf__add_func_proto(btf, btf__add_int(btf, "int", 4, BTF_INT_SIGNED)));
		fd = load_types(btf);
	}
	*f = (uint32_t)type;
	return fd;
}

static int compare_starts(const void *a, const void *b)
{
	return (int)((const struct bpf_func_info *)a)->insn_off - (int)((const struct bpf_func_info *)b)->insn_off;
}

/* Where functions begin, for a program that has some; else there is nothing to tell. */
static void tell_functions(const struct ebpf_insn *insns, uint32_t n_insns, struct bpf_prog_load_opts *load)
{
	static struct bpf_func_info starts[1 + CASE_INSNS];
	uint32_t n = 1, kept = 1, type;

	starts[0].insn_off = 0;
	for (uint32_t i = 0; i < n_insns; i++) {
		bool name = insns[i].code == EBPF_LDDW && ebpf_src(&insns[i]) == EBPF_PSEUDO_FUNC;

		if (name || (insns[i].code == (EC_JMP | EBPF_CALL) && ebpf_src(&insns[i]) == EBPF_CALL_LOCAL))
			starts[n++].insn_off = (uint32_t)((int32_t)i + 1 + insns[i].imm);
	}
	if (n == 1)
		return;
	load->prog_btf_fd = (uint32_t)function_types(&type);
	qsort(starts, n, sizeof(*starts), compare_starts);
	for (uint32_t i = 1; i < n; i++)
		if (starts[i].insn_off != starts[kept - 1].insn_off)
			starts[kept++] = starts[i];
	for (uint32_t i = 0; i < kept; i++)
		starts[i].type_id = type;
	load->func_info = starts;
	load->func_info_cnt = kept;
	load->func_info_rec_size = sizeof(*starts);
}

static int kernel_function(const char *name)
{
	static struct btf *btf;

	if (!btf)
		btf = btf__load_vmlinux_btf();
	return btf ? btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) : -1;
}

static int load_program(struct kernel *k, uint32_t n)
{
	static struct bpf_insn insns[CASE_INSNS];
	enum { WHY = 4 }; /* the sentence alone: the way to it takes seconds where it is long */
	static char log[65536];
	LIBBPF_OPTS(bpf_prog_load_opts, load, .log_buf = log, .log_size = sizeof(log), .log_level = WHY);
	const struct ebpf_insn *from = k->c->insns + k->c->start[n];
	uint32_t n_insns = case_end(k->c, n) - k->c->start[n];
	int fd;

	for (uint32_t i = 0; i < n_insns; i++) {
		to_bpf(&insns[i], &from[i]);
		if (case_kfunc(&from[i]))
			insns[i].imm = kernel_function(case_kfunc(&from[i]));
		if (map_reference(&from[i])) /* the numbers of the two kinds are the kernel's own */
			insns[i].imm = (uint32_t)from[i].imm < k->n_maps ? k->map[from[i].imm] : -1;
	}
	log[0] = 0;
	tell_functions(from, n_insns, &load);
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "fuzz", "GPL", insns, n_insns, &load);
	if (fd >= 0) {
		k->prog[k->n_programs++] = fd;
		return 0;
	}
	k->out->refused = true;
	snprintf(k->out->text, sizeof(k->out->text), "%.500s", strlen(log) > 500 ? log + strlen(log) - 500 : log);
	return -1;
}

static void fill_slots(const struct kernel *k)
{
	for (uint32_t n = 0; n < k->n_maps; n++)
		for (uint32_t slot = 0; k->c->maps[n].type == MAP_TYPE_PROG_ARRAY && slot < CASE_SLOTS; slot++)
			if (case_slot(k->c, slot) != NO_PROGRAM)
				bpf_map_update_elem(k->map[n], &slot, &k->prog[case_slot(k->c, slot)], BPF_ANY);
}

static int open_all(struct kernel *k)
{
	for (uint32_t n = 0; n < k->c->n_maps; n++)
		if (create_map(k, n))
			return -1;
	for (uint32_t n = 0; n < k->c->n_programs; n++)
		if (load_program(k, n))
			return -1;
	fill_slots(k);
	return 0;
}

static void close_all(struct kernel *k)
{
	for (uint32_t n = 0; n < k->n_maps; n++)
		perf_buffer__free(k->events[n]);
	while (k->n_programs)
		close(k->prog[--k->n_programs]);
	while (k->n_maps)
		close(k->map[--k->n_maps]);
}

static int run_packet(struct kernel *k, uint32_t i)
{
	uint8_t out[4096];
	struct xdp_md before = { .data_end = k->c->packet_len[i] }, after; /* .data: bytes of metadata in front of the packet */
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = k->c->packets[i], .data_size_in = k->c->packet_len[i], .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = &before, .ctx_size_in = sizeof(before), .ctx_out = &after,
		    .ctx_size_out = sizeof(after), .repeat = 1);

	if (bpf_prog_test_run_opts(k->prog[0], &run)) {
		snprintf(k->out->text, sizeof(k->out->text), "packet %u: %s", i, strerror(errno));
		return -1;
	}
	k->out->ret[i] = run.retval;
	k->out->len[i] = run.data_size_out - after.data;
	memcpy(k->out->data[i], out + after.data, k->out->len[i] < CASE_FRAME ? k->out->len[i] : CASE_FRAME);
	return 0;
}

static void stay_on_first_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Than the first whose results are those of the NIC: tests/tools/kernel.sh. */
static bool is_older(void)
{
	enum { MAJOR = 6, MINOR = 15 };
	struct utsname u;
	int major, minor;

	return uname(&u) || sscanf(u.release, "%d.%d", &major, &minor) != 2 || major < MAJOR || (major == MAJOR && minor < MINOR);
}

/* text is "not permitted" when the kernel may not be asked at all, or is an older one. */
void run_kernel(const struct fuzz_case *c, struct fuzz_outcome *o)
{
	struct kernel k = { .c = c, .out = o };
	uint64_t start;
	bool asked;
	int failed;

	memset(o, 0, sizeof(*o));
	if (is_older()) {
		snprintf(o->text, sizeof(o->text), "not permitted");
		return;
	}
	routes_open(&asked);
	stay_on_first_cpu();
	failed = open_all(&k);
	start = now();
	for (uint32_t i = 0, step = 0; i < c->n_packets && !failed; i++) {
		for (; step < c->n_steps && c->steps[step].before <= i; step++)
			take_step(&k, &c->steps[step]);
		failed = run_packet(&k, i);
		if (case_has_timers(c))
			usleep(CASE_SOON_NS / 1000);
		take_events(&k);
	}
	o->late = case_has_timers(c) && now() - start > CASE_TIMER_NS / 4 * 3;
	if (case_has_timers(c) && !failed)
		usleep((CASE_TIMER_NS + CASE_TIMER_NS / 2) / 1000);
	for (uint32_t n = 0; n < c->n_maps && !failed; n++)
		dump_map(&k, n);
	close_all(&k);
}
