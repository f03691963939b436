// SPDX-License-Identifier: Apache-2.0
/*
 * Runs packets through BPF_PROG_TEST_RUN, once each: with a higher repeat count the kernel would
 * run the program again on what it left of the packet. The process stays on CPU 0, so that per-CPU maps
 * and bpf_get_smp_processor_id() look like those of a machine with one CPU.
 */
#include "kernel_events.h"
#include "ref.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	LOG_SIZE = 1 << 20
};

struct kernel_map {
	int fd;
	size_t one;		/* bytes of one CPU's value */
	size_t all;		/* bytes that bpf(2) transfers */
	uint8_t *buffer;	/* of that size */
};

struct kernel_oracle {
	struct bpf_object *object;
	int program_fd;
	struct maps_json_map *maps;
	struct kernel_map *map_state;
	size_t map_count;
	struct kernel_events *events;
};

static int map_next(void *ctx, const void *key, void *next_key)
{
	const struct kernel_map *map = ctx;

	return bpf_map_get_next_key(map->fd, key, next_key);
}

static int map_lookup(void *ctx, const void *key, void *value)
{
	const struct kernel_map *map = ctx;
	int result = bpf_map_lookup_elem(map->fd, key, map->buffer);

	memcpy(value, map->buffer, map->one);
	return result;
}

static int map_update(void *ctx, const void *key, const void *value)
{
	const struct kernel_map *map = ctx;

	memset(map->buffer, 0, map->all);
	memcpy(map->buffer, value, map->one);
	return bpf_map_update_elem(map->fd, key, map->buffer, BPF_ANY);
}

bool kernel_is_permitted(void)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	uint8_t packet[64] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = 1);
	int fd, result;

	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "probe", "Apache-2.0", insns, 2, NULL);
	if (fd < 0)
		return false;
	result = bpf_prog_test_run_opts(fd, &run);
	close(fd);
	return !result;
}

static int stay_on_cpu_0(struct io_error *err)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return io_fail(err, "the process cannot stay on CPU 0: %s", strerror(errno));
	return 0;
}

static int load_object(struct kernel_oracle *kernel, struct bpf_program *chosen,
		       struct io_error *err)
{
	char *log = calloc(1, LOG_SIZE);
	struct bpf_program *program;
	const char *reason;
	int result;

	if (!log)
		return io_fail(err, "out of memory");
	bpf_object__for_each_program(program, kernel->object)
		bpf_program__set_autoload(program, program == chosen);
	bpf_program__set_type(chosen, BPF_PROG_TYPE_XDP);
	bpf_program__set_log_buf(chosen, log, LOG_SIZE);
	result = bpf_object__load(kernel->object);
	if (result) {
		reason = kernel_reason(log);
		io_fail(err, "the kernel does not load program %s: %s", bpf_program__name(chosen),
			reason ? reason : strerror(-result));
	}
	bpf_program__set_log_buf(chosen, NULL, 0);
	free(log);
	kernel->program_fd = bpf_program__fd(chosen);
	return result;
}

static int add_map(struct kernel_oracle *kernel, const struct bpf_map *map, struct io_error *err)
{
	struct maps_json_map *shown = &kernel->maps[kernel->map_count];
	struct kernel_map *state = &kernel->map_state[kernel->map_count];
	int cpus = libbpf_num_possible_cpus();

	*shown = (struct maps_json_map){
		.name = bpf_map__name(map),
		.type = bpf_map__type(map),
		.key_size = bpf_map__key_size(map),
		.value_size = bpf_map__value_size(map),
		.max_entries = bpf_map__max_entries(map),
		.copies = 1,
		.ctx = state,
		.next = map_next,
		.lookup = map_lookup,
		.update = map_update,
	};
	state->fd = bpf_map__fd(map);
	state->one = maps_json_value_bytes(shown);
	state->all = state->one;
	if (cpus > 1 && maps_json_is_percpu(shown->type))
		state->all *= (size_t)cpus;
	state->buffer = malloc(state->all);
	if (!state->buffer)
		return io_fail(err, "out of memory");
	kernel->map_count++;
	return 0;
}

static int describe_maps(struct kernel_oracle *kernel, struct io_error *err)
{
	struct bpf_map *map;
	size_t count = 0;

	bpf_object__for_each_map(map, kernel->object)
		count++;
	kernel->maps = calloc(count + 1, sizeof(*kernel->maps));
	kernel->map_state = calloc(count + 1, sizeof(*kernel->map_state));
	if (!kernel->maps || !kernel->map_state)
		return io_fail(err, "out of memory");
	bpf_object__for_each_map(map, kernel->object)
		if (ref_shows_map(map) && add_map(kernel, map, err))
			return -1;
	return 0;
}

struct kernel_oracle *kernel_open(const char *path, const struct ref_choice *choice,
				  enum kernel_status *status, struct io_error *err)
{
	struct kernel_oracle *kernel;
	struct bpf_program *chosen;

	*status = KERNEL_FAILED;
	kernel = calloc(1, sizeof(*kernel));
	if (!kernel) {
		io_fail(err, "out of memory");
		return NULL;
	}
	kernel->object = ref_open_object(path, err);
	if (!kernel->object) {
		free(kernel);
		return NULL;
	}
	if (!kernel_is_permitted()) {
		*status = KERNEL_NOT_PERMITTED;
		io_fail(err, "this kernel does not let this process run BPF programs (%s)",
			strerror(errno));
		kernel_close(kernel);
		return NULL;
	}
	chosen = ref_choose_program(kernel->object, choice, err);
	if (!chosen || stay_on_cpu_0(err) || load_object(kernel, chosen, err) ||
	    describe_maps(kernel, err)) {
		kernel_close(kernel);
		return NULL;
	}
	return kernel;
}

void kernel_close(struct kernel_oracle *kernel)
{
	if (!kernel)
		return;
	for (size_t i = 0; i < kernel->map_count; i++)
		free(kernel->map_state[i].buffer);
	kernel_events_close(kernel->events);
	free(kernel->map_state);
	free(kernel->maps);
	bpf_object__close(kernel->object);
	free(kernel);
}

int kernel_listen(struct kernel_oracle *kernel, struct events *out, struct io_error *err)
{
	kernel->events = kernel_events_open(kernel->object, out, err);
	return kernel->events ? 0 : -1;
}

int kernel_run(struct kernel_oracle *kernel, uint8_t *packet, uint32_t *len, uint32_t room,
	       uint32_t *ret, struct io_error *err)
{
	uint8_t *input = malloc(*len);
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = input, .data_size_in = *len,
		    .data_out = packet, .data_size_out = room, .repeat = 1);
	int result;

	if (!input)
		return io_fail(err, "out of memory");
	memcpy(input, packet, *len);
	result = bpf_prog_test_run_opts(kernel->program_fd, &run);
	free(input);
	if (result)
		return io_fail(err, "the kernel does not run a packet of %u bytes: %s", *len,
			       strerror(-result));
	*len = run.data_size_out;
	*ret = run.retval;
	kernel_events_take(kernel->events);
	return 0;
}

const struct maps_json_map *kernel_maps(const struct kernel_oracle *kernel, size_t *count)
{
	*count = kernel->map_count;
	return kernel->maps;
}
