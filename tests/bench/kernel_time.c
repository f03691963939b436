// SPDX-License-Identifier: Apache-2.0
/*
 * bench-kernel: nanoseconds a packet takes in the running kernel, by BPF_PROG_TEST_RUN on one CPU.
 * A program that does with a packet what it did before when it is given what it left of it is run many times in one call. Any other
 * gets each packet anew, in a call of its own, and what a program that does nothing takes in such a call is taken off.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/ref/ref.h"

enum {
	EXIT_USAGE = 2, EXIT_NOT_PERMITTED = 3,
	REPEAT = 1000000, CHECKED = 1000, SINGLES = 20000, TURNS = 5, ROOM = 1 << 12,
};

struct sample {
	uint8_t data[ROOM];
	uint32_t len, ret, ns;
};

static int update(void *ctx, const void *key, const void *value)
{
	return bpf_map_update_elem(*(const int *)ctx, key, value, BPF_ANY) ? -errno : 0;
}

static int not_asked(void *ctx, const void *key, void *value)
{
	(void)ctx;
	(void)key;
	(void)value;
	return -ENOENT;
}

static int fill_maps(struct bpf_object *object, const char *path, struct io_error *err)
{
	struct maps_json_map maps[64];
	int fds[64];
	struct bpf_map *map;
	size_t n = 0;

	bpf_object__for_each_map(map, object) {
		if (n == 64)
			return io_fail(err, "the object has more than 64 maps");
		fds[n] = bpf_map__fd(map);
		maps[n] = (struct maps_json_map){
			.name = bpf_map__name(map), .type = bpf_map__type(map), .key_size = bpf_map__key_size(map),
			.value_size = bpf_map__value_size(map), .max_entries = bpf_map__max_entries(map), .copies = 1,
			.ctx = &fds[n], .next = not_asked, .lookup = not_asked, .update = update,
		};
		n++;
	}
	return maps_json_read(path, maps, n, err);
}

static int load(const char *path, const struct ref_choice *choice, const char *maps, struct io_error *err)
{
	struct bpf_object *object = ref_open_object(path, NULL, err);
	struct bpf_program *program, *chosen;
	int result;

	if (!object)
		return -1;
	chosen = ref_choose_program(object, choice, err);
	if (!chosen)
		return -1;
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, program == chosen);
	bpf_program__set_type(chosen, BPF_PROG_TYPE_XDP);
	result = bpf_object__load(object);
	if (result)
		return io_fail(err, "the kernel does not load %s: %s", path, strerror(-result));
	if (maps && fill_maps(object, maps, err))
		return -1;
	return bpf_program__fd(chosen);
}

static int load_nothing(void)
{
	static const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_DROP},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "nothing", "Apache-2.0", insns, 2, NULL);
}

static int run(int fd, const struct pcap_io_packet *in, uint32_t repeat, struct sample *out)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in->data, .data_size_in = in->len, .data_out = out->data,
		    .data_size_out = ROOM, .repeat = (int)repeat);

	if (bpf_prog_test_run_opts(fd, &opts))
		return -1;
	out->len = opts.data_size_out;
	out->ret = opts.retval;
	out->ns = opts.duration;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The median of runs of one packet each; -1 when one fails. */
static double median_single(int fd, const struct pcap_io_packet *in)
{
	static uint32_t ns[SINGLES];
	struct sample s = {0};

	for (int i = 0; i < SINGLES; i++) {
		if (run(fd, in, 1, &s))
			return -1;
		ns[i] = s.ns;
	}
	qsort(ns, SINGLES, sizeof(ns[0]), by_number);
	return ns[SINGLES / 2];
}

/* The least of some long runs: whatever disturbs a run makes it longer. */
static double least_repeated(int fd, const struct pcap_io_packet *in)
{
	double least = -1;
	struct sample s = {0};

	for (int i = 0; i < TURNS; i++) {
		if (run(fd, in, REPEAT, &s))
			return -1;
		if (least < 0 || s.ns < least)
			least = s.ns;
	}
	return least;
}

static int measure(int fd, const struct pcap_io_packet *in, struct io_error *err)
{
	struct sample once = {0}, often = {0};
	int nothing = load_nothing();
	double ns, ground;
	bool same;

	if (nothing < 0 || run(fd, in, 1, &once) || run(fd, in, CHECKED, &often))
		return io_fail(err, "the kernel does not run the packet: %s", strerror(errno));
	same = once.len == often.len && once.ret == often.ret;
	ground = same ? 0 : median_single(nothing, in) - least_repeated(nothing, in);
	ns = same ? least_repeated(fd, in) : median_single(fd, in);
	if (ns < 0)
		return io_fail(err, "the kernel does not run the packet: %s", strerror(errno));
	printf("{\"ns\":%.1f,\"verdict\":\"%s\",\"method\":\"%s\"}\n", ns - ground, results_verdict_name(once.ret),
	       same ? "repeated" : "single");
	return 0;
}

static int time_object(const char *path, const struct ref_choice *choice, const char *maps, const char *rx,
		       struct io_error *err)
{
	struct pcap_io_reader *reader = pcap_io_open(rx, err);
	struct pcap_io_packet in;
	cpu_set_t set;
	int fd;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return io_fail(err, "the process cannot stay on CPU 0: %s", strerror(errno));
	if (!reader)
		return -1;
	if (pcap_io_read(reader, &in, err) != 1 || in.len > ROOM)
		return io_fail(err, "%s has no packet of a size that can be run", rx);
	fd = load(path, choice, maps, err);
	return fd < 0 ? -1 : measure(fd, &in, err);
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{"obj", required_argument, NULL, 'o'}, {"prog", required_argument, NULL, 'p'},
		{"rx", required_argument, NULL, 'r'}, {"maps-in", required_argument, NULL, 'i'},
		{NULL, 0, NULL, 0},
	};
	const char *object = NULL, *rx = NULL, *maps = NULL;
	struct ref_choice choice = {0};
	struct io_error err;
	int option;

	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (option) {
		case 'o': object = optarg; break;
		case 'p': choice.program = optarg; break;
		case 'r': rx = optarg; break;
		case 'i': maps = optarg; break;
		default: object = NULL; optind = argc; break;
		}
	}
	if (!object || !rx) {
		fputs("usage: bench-kernel --obj PROG.o --rx IN.pcap [--prog NAME] [--maps-in FILE]\n", stderr);
		return EXIT_USAGE;
	}
	if (!kernel_is_permitted()) {
		fputs("bench-kernel: this kernel does not let this process run BPF programs\n", stderr);
		return EXIT_NOT_PERMITTED;
	}
	if (time_object(object, &choice, maps, rx, &err)) {
		fprintf(stderr, "bench-kernel: %s\n", err.text);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
