// SPDX-License-Identifier: Apache-2.0
/*
 * The two oracles of the fuzzer: the reference interpreter and, where it may be asked, the running kernel.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fuzz.h"
#include "hw/spec/image.h"
#include "sim/ref/ref.h"

/* EBPF_PSEUDO_MAP or EBPF_PSEUDO_MAP_VALUE when the instruction refers to a map, else 0. */
static unsigned int map_reference(const struct ebpf_insn *i)
{
	return i->code == EBPF_LDDW && ebpf_src(i) != EBPF_PSEUDO_FUNC ? ebpf_src(i) : 0;
}

static void to_bpf(struct bpf_insn *out, const struct ebpf_insn *in)
{
	out->code = in->code;
	out->dst_reg = ebpf_dst(in) & 15;
	out->src_reg = ebpf_src(in) & 15;
	out->off = in->off;
	out->imm = in->imm;
}

static void ref_take_records(struct fuzz_outcome *o, uint32_t i, struct ref_ring *ring)
{
	while (ring->consumer < ring->producer) {
		uint64_t at = ring->consumer & ring->mask;
		uint32_t header;

		memcpy(&header, ring->bytes + at, sizeof(header));
		if (!(header & RING_DISCARD))
			outcome_record(o, i, ring->bytes + at + 8, header & (RING_DISCARD - 1));
		ring->consumer += ((header & (RING_DISCARD - 1)) + 8 + 7) & ~7u;
	}
}

static void ref_dump_map(struct fuzz_outcome *o, uint32_t i, struct ref_map *map)
{
	const struct ref_map_spec *s = ref_map_spec(map);
	uint8_t key[512];
	uint8_t *at = o->map[i];
	int more;

	if (ref_map_ring(map))
		ref_take_records(o, i, ref_map_ring(map));
	if (!outcome_shows(&(struct prog_map){ .type = s->type, .key_size = s->key_size })) /* what is in a queue comes out through programs */
		return;
	more = ref_map_next(map, NULL, key);

	while (!more) {
		memcpy(at, key, s->key_size);
		memcpy(at + s->key_size, ref_map_lookup(map, key), s->value_size);
		at += s->key_size + s->value_size;
		more = ref_map_next(map, key, key);
	}
	o->map_bytes[i] = (uint32_t)(at - o->map[i]);
	outcome_sort_map(o, i, s->key_size, s->value_size);
}

static bool used_again(struct ref_map **maps, uint32_t n)
{
	bool any = false;

	while (n--)
		any |= ref_map_used_again(maps[n]);
	return any;
}

static void interpret(const struct fuzz_case *c, uint8_t stack_fill, struct fuzz_outcome *o)
{
	static struct bpf_insn insns[CASE_INSNS];
	struct ref_map *maps[CASE_MAPS] = { 0 };
	struct ref_program p = { .insns = insns, .count = c->n_insns, .maps = maps, .map_count = c->n_maps };
	struct ref_machine *machine;
	struct io_error err;

	memset(o, 0, sizeof(*o));
	for (uint32_t i = 0; i < c->n_maps; i++) {
		struct ref_map_spec s = { .name = c->maps[i].name, .type = c->maps[i].type, .key_size = c->maps[i].key_size,
					  .value_size = c->maps[i].value_size, .max_entries = c->maps[i].max_entries };

		maps[i] = ref_map_create(&s, &err);
		if (!maps[i]) {
			snprintf(o->text, sizeof(o->text), "%s", err.text);
			return;
		}
	}
	for (uint32_t i = 0; i < c->n_insns; i++) {
		to_bpf(&insns[i], &c->insns[i]);
		if (map_reference(&c->insns[i])) {
			uint32_t map = (uint32_t)c->insns[i].imm;
			uint64_t address = map_reference(&c->insns[i]) == EBPF_PSEUDO_MAP ?
					   ref_map_address(map) : ref_value_address(map, (uint32_t)c->insns[i + 1].imm);

			insns[i].src_reg = 0;
			insns[i].imm = (int32_t)address;
			insns[i + 1] = (struct bpf_insn){ .imm = (int32_t)(address >> 32) };
			i++;
		} else if (c->insns[i].code == EBPF_LDDW && ebpf_src(&c->insns[i]) == EBPF_PSEUDO_FUNC) {
			uint64_t address = ref_code_address((uint32_t)((int32_t)i + 1 + c->insns[i].imm));

			insns[i].src_reg = 0;
			insns[i].imm = (int32_t)address;
			insns[++i] = (struct bpf_insn){ .imm = (int32_t)(address >> 32) };
		}
	}
	machine = ref_machine_create(&p);
	machine->stack_fill = stack_fill;
	for (uint32_t i = 0, step = 0; i < c->n_packets && !o->text[0]; i++) {
		struct ref_outcome r;

		for (; step < c->n_steps && c->steps[step].before <= i; step++)
			if (c->steps[step].deletes)
				ref_map_delete(maps[c->steps[step].map], c->steps[step].key);
			else
				ref_map_update(maps[c->steps[step].map], c->steps[step].key, c->steps[step].value, 0);
		memcpy(o->data[i], c->packets[i], c->packet_len[i]);
		o->len[i] = c->packet_len[i];
		used_again(maps, c->n_maps);
		ref_run_packet(machine, o->data[i], &o->len[i], CASE_FRAME, &r);
		o->used_again |= used_again(maps, c->n_maps);
		o->ret[i] = (uint32_t)r.r0;
		if (r.fault[0])
			snprintf(o->text, sizeof(o->text), "packet %u: %s", i, r.fault);
	}
	for (uint32_t i = 0; i < c->n_maps; i++) {
		ref_dump_map(o, i, maps[i]);
		ref_map_free(maps[i]);
	}
	ref_machine_free(machine);
}

void run_ref(const struct fuzz_case *c, struct fuzz_outcome *o)
{
	interpret(c, 0, o);
}

bool reads_unwritten_stack(const struct fuzz_case *c)
{
	static struct fuzz_outcome zeros, others;

	interpret(c, 0, &zeros);
	interpret(c, 0xa5, &others);
	return outcome_diff(c, &zeros, &others);
}

struct records {
	struct fuzz_outcome *out;
	uint32_t map;
};

static int on_record(void *arg, void *bytes, size_t size)
{
	struct records *r = arg;

	outcome_record(r->out, r->map, bytes, (uint32_t)size);
	return 0;
}

static void kernel_take_records(struct fuzz_outcome *o, uint32_t i, int fd)
{
	struct records r = { o, i };
	struct ring_buffer *ring = ring_buffer__new(fd, on_record, &r, NULL);

	ring_buffer__consume(ring);
	ring_buffer__free(ring);
}

static void kernel_dump_map(struct fuzz_outcome *o, uint32_t i, const struct prog_map *m, int fd)
{
	static uint8_t all[CASE_CPUS * CASE_VALUE];
	uint8_t key[512], *at = o->map[i];
	int more;

	if (m->type == MAP_TYPE_RINGBUF)
		kernel_take_records(o, i, fd);
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
	o->map_bytes[i] = (uint32_t)(at - o->map[i]);
	outcome_sort_map(o, i, m->key_size, m->value_size);
}

static void stay_on_first_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void kernel_take_step(const struct fuzz_case *c, const struct case_step *s, int fd)
{
	if (s->deletes)
		bpf_map_delete_elem(fd, s->key);
	else
		bpf_map_update_elem(fd, s->key, outcome_value(c, s, (uint32_t)libbpf_num_possible_cpus()), BPF_ANY);
}

/* A callback is one because type information says so: every function is "int f()". */
static int function_types(uint32_t *f)
{
	static int fd = -1;
	static int type;
	struct btf *btf;
	uint32_t size;
	const void *raw;

	if (fd < 0) {
		btf = btf__new_empty();
		type = btf__add_func(btf, "f", BTF_FUNC_STATIC, btf__add_func_proto(btf, btf__add_int(btf, "int", 4, BTF_INT_SIGNED)));
		raw = btf__raw_data(btf, &size);
		fd = bpf_btf_load(raw, size, NULL);
		btf__free(btf);
	}
	*f = (uint32_t)type;
	return fd;
}

static int compare_starts(const void *a, const void *b)
{
	return (int)((const struct bpf_func_info *)a)->insn_off - (int)((const struct bpf_func_info *)b)->insn_off;
}

/* Where functions begin, for a program that names one; else there is nothing to tell. */
static void tell_functions(const struct fuzz_case *c, struct bpf_prog_load_opts *load)
{
	static struct bpf_func_info starts[1 + CASE_INSNS];
	uint32_t n = 1, kept = 1, type;
	bool names = false;

	starts[0].insn_off = 0;
	for (uint32_t i = 0; i < c->n_insns; i++) {
		bool name = c->insns[i].code == EBPF_LDDW && ebpf_src(&c->insns[i]) == EBPF_PSEUDO_FUNC;

		names |= name;
		if (name || (c->insns[i].code == (EC_JMP | EBPF_CALL) && ebpf_src(&c->insns[i]) == EBPF_CALL_LOCAL))
			starts[n++].insn_off = (uint32_t)((int32_t)i + 1 + c->insns[i].imm);
	}
	if (!names)
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

/* text is "not permitted" when the kernel may not be asked at all. */
void run_kernel(const struct fuzz_case *c, struct fuzz_outcome *o)
{
	static struct bpf_insn insns[CASE_INSNS];
	static char log[65536];
	LIBBPF_OPTS(bpf_prog_load_opts, load, .log_buf = log, .log_size = sizeof(log), .log_level = 0);
	int map_fd[CASE_MAPS], fd = -1;
	uint32_t n_maps = 0;

	stay_on_first_cpu();
	memset(o, 0, sizeof(*o));
	for (; n_maps < c->n_maps; n_maps++) {
		const struct prog_map *m = &c->maps[n_maps];

		map_fd[n_maps] = bpf_map_create(m->type, m->name, m->key_size, m->value_size, m->max_entries,
						&(struct bpf_map_create_opts){ .sz = sizeof(struct bpf_map_create_opts), .map_flags = m->flags });
		if (map_fd[n_maps] < 0) {
			snprintf(o->text, sizeof(o->text), errno == EPERM ? "not permitted" : "map: %s", strerror(errno));
			goto out;
		}
	}
	for (uint32_t i = 0; i < c->n_insns; i++) {
		to_bpf(&insns[i], &c->insns[i]);
		if (map_reference(&c->insns[i])) {
			/* the numbers of the two kinds are the kernel's own */
			insns[i].imm = (uint32_t)c->insns[i].imm < n_maps ? map_fd[c->insns[i].imm] : -1;
		}
	}
	tell_functions(c, &load);
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "fuzz", "GPL", insns, c->n_insns, &load);
	if (fd < 0) {
		load.log_level = 1;
		fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "fuzz", "GPL", insns, c->n_insns, &load);
		o->refused = true;
		snprintf(o->text, sizeof(o->text), "%.500s", strlen(log) > 500 ? log + strlen(log) - 500 : log);
		goto out;
	}
	for (uint32_t i = 0, step = 0; i < c->n_packets; i++) {
		uint8_t out[4096];
		struct xdp_md before = { .data_end = c->packet_len[i] }, after; /* .data: bytes of metadata in front of the packet */
		LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = c->packets[i], .data_size_in = c->packet_len[i], .data_out = out,
			    .data_size_out = sizeof(out), .ctx_in = &before, .ctx_size_in = sizeof(before), .ctx_out = &after,
			    .ctx_size_out = sizeof(after), .repeat = 1);

		for (; step < c->n_steps && c->steps[step].before <= i; step++)
			kernel_take_step(c, &c->steps[step], map_fd[c->steps[step].map]);
		if (bpf_prog_test_run_opts(fd, &run)) {
			snprintf(o->text, sizeof(o->text), "packet %u: %s", i, strerror(errno));
			goto out;
		}
		o->ret[i] = run.retval;
		o->len[i] = run.data_size_out - after.data;
		memcpy(o->data[i], out + after.data, o->len[i] < CASE_FRAME ? o->len[i] : CASE_FRAME);
	}
	for (uint32_t i = 0; i < c->n_maps; i++)
		kernel_dump_map(o, i, &c->maps[i], map_fd[i]);
out:
	if (fd >= 0)
		close(fd);
	while (n_maps--)
		close(map_fd[n_maps]);
}
