// SPDX-License-Identifier: Apache-2.0
/*
 * Runs packets through BPF_PROG_TEST_RUN, once each: with a higher repeat count the kernel would
 * run the program again on what it left of the packet. The process stays on CPU 0, so that per-CPU maps
 * and bpf_get_smp_processor_id() look like those of a machine with one CPU.
 */
#include "kernel_events.h"
#include "ref.h"
#include "tc.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LOG_SIZE = 1 << 20
};

struct kernel_program {
	int fd;
	uint32_t id;
};

struct kernel_map {
	int fd;
	size_t one;		/* bytes of one CPU's value */
	size_t all;		/* bytes that bpf(2) transfers */
	uint8_t *buffer;	/* of that size */
	const struct kernel_oracle *kernel;
	uint32_t type;
	uint32_t id;
	char *spare;		/* the name of one that is not of the object */
	uint32_t *shadow;	/* XSKMAP */
};

/* What a map of maps holds; libbpf forgets it when it loads the object. */
struct kernel_inner {
	const struct bpf_map *outer;
	uint32_t type, key_size, value_size, max_entries;
	struct bpf_map_create_opts opts;
};

struct kernel_oracle {
	struct bpf_object *object;
	struct kernel_inner *inner;
	size_t inner_count;
	int program_fd;
	bool tc;
	struct maps_json_map *maps;
	struct kernel_map *map_state;
	size_t map_count;
	struct kernel_events *events;
	struct kernel_program *programs;
	const char **names, **map_names;
	uint32_t program_count;
};

/* The kernel does not show sockets, and takes any that could get packets. What stands for them is kept
 * here: a number + 1 per slot. */
static int shadow_lookup(const struct kernel_map *map, const void *key, void *value)
{
	uint32_t index, number;

	memcpy(&index, key, sizeof(index));
	if (!map->shadow[index])
		return -ENOENT;
	number = map->shadow[index] - 1;
	memcpy(value, &number, sizeof(number));
	return 0;
}

static int shadow_update(const struct kernel_map *map, const void *key, const void *value)
{
	int fd = socket(AF_XDP, SOCK_RAW, 0), result = fd < 0 ? -errno : 0;
	uint32_t index;

	if (!result)
		result = bpf_map_update_elem(map->fd, key, &fd, BPF_ANY);
	if (result)
		return result;
	memcpy(&index, key, sizeof(index));
	memcpy(&map->shadow[index], value, sizeof(*map->shadow));
	map->shadow[index]++;
	return 0; /* the socket stays open: closing it would empty the slot */
}

/* The kernel tells a program's id. */
static void program_number(const struct kernel_map *map)
{
	uint32_t id;

	memcpy(&id, map->buffer, sizeof(id));
	for (uint32_t i = 0; i < map->kernel->program_count; i++)
		if (map->kernel->programs[i].id == id)
			memcpy(map->buffer, &i, sizeof(i));
}

static bool has_maps(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

/* Likewise a map's. */
static void map_number(const struct kernel_map *map)
{
	uint32_t id;

	memcpy(&id, map->buffer, sizeof(id));
	for (uint32_t i = 0; i < map->kernel->map_count; i++)
		if (map->kernel->map_state[i].id == id)
			memcpy(map->buffer, &i, sizeof(i));
}

static int map_next(void *ctx, const void *key, void *next_key)
{
	const struct kernel_map *map = ctx;

	return bpf_map_get_next_key(map->fd, key, next_key);
}

static int map_lookup(void *ctx, const void *key, void *value)
{
	const struct kernel_map *map = ctx;
	int result = bpf_map_lookup_elem(map->fd, key, map->buffer);

	if (map->type == BPF_MAP_TYPE_XSKMAP)
		return shadow_lookup(map, key, value);
	if (!result && map->type == BPF_MAP_TYPE_PROG_ARRAY)
		program_number(map);
	if (!result && has_maps(map->type))
		map_number(map);
	memcpy(value, map->buffer, map->one);
	return result;
}

static int map_update(void *ctx, const void *key, const void *value)
{
	const struct kernel_map *map = ctx;
	uint32_t number;

	memset(map->buffer, 0, map->all);
	memcpy(map->buffer, value, map->one);
	if (map->type == BPF_MAP_TYPE_PROG_ARRAY) {
		memcpy(&number, value, sizeof(number));
		memcpy(map->buffer, &map->kernel->programs[number].fd, sizeof(int));
	}
	if (has_maps(map->type)) {
		memcpy(&number, value, sizeof(number));
		memcpy(map->buffer, &map->kernel->map_state[number].fd, sizeof(int));
	}
	if (map->type == BPF_MAP_TYPE_XSKMAP)
		return shadow_update(map, key, value);
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

static bool has_prog_array(const struct kernel_oracle *kernel)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, kernel->object)
		if (bpf_map__type(map) == BPF_MAP_TYPE_PROG_ARRAY)
			return true;
	return false;
}

static bool is_tail_target(const struct kernel_oracle *kernel, const struct bpf_program *program)
{
	return bpf_program__type(program) == BPF_PROG_TYPE_XDP && has_prog_array(kernel);
}

/* What PROG_ARRAYs may hold: their names, descriptors and the kernel's numbers. */
static int describe_programs(struct kernel_oracle *kernel, struct io_error *err)
{
	struct bpf_program *program;
	uint32_t count = 0;

	bpf_object__for_each_program(program, kernel->object)
		count++;
	kernel->names = calloc((size_t)count + 1, sizeof(*kernel->names));
	kernel->programs = calloc((size_t)count + 1, sizeof(*kernel->programs));
	if (!kernel->names || !kernel->programs)
		return io_fail(err, "out of memory");
	bpf_object__for_each_program(program, kernel->object) {
		struct kernel_program *each = &kernel->programs[kernel->program_count];
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);

		each->fd = bpf_program__fd(program);
		if (each->fd < 0 || bpf_obj_get_info_by_fd(each->fd, &info, &size))
			continue;
		each->id = info.id;
		kernel->names[kernel->program_count++] = bpf_program__name(program);
	}
	return 0;
}

static int load_object(struct kernel_oracle *kernel, struct bpf_program *chosen,
		       struct io_error *err)
{
	char *log = calloc(1, LOG_SIZE);
	struct bpf_program *program;
	struct bpf_map *map;
	const char *reason;
	int result;

	if (!log)
		return io_fail(err, "out of memory");
	bpf_object__for_each_program(program, kernel->object)
		bpf_program__set_autoload(program, program == chosen || is_tail_target(kernel, program));
	bpf_object__for_each_map(map, kernel->object)
		bpf_map__set_pin_path(map, NULL); /* each run has maps of its own */
	kernel->tc = ref_is_classifier(chosen);
	if (!kernel->tc)
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

static int add_map(struct kernel_oracle *kernel, const struct kernel_inner *map, int fd, const char *name, char *spare, struct io_error *err)
{
	struct bpf_map_info info = { 0 };
	uint32_t info_size = sizeof(info);
	struct maps_json_map *shown = &kernel->maps[kernel->map_count];
	struct kernel_map *state = &kernel->map_state[kernel->map_count];
	int cpus = libbpf_num_possible_cpus();

	*shown = (struct maps_json_map){
		.name = name,
		.type = map->type,
		.key_size = map->key_size,
		.value_size = map->value_size,
		.max_entries = map->max_entries,
		.copies = 1,
		.programs = has_maps(map->type) ? kernel->map_names : kernel->names,
		.program_count = kernel->program_count,
		.ctx = state,
		.next = map_next,
		.lookup = map_lookup,
		.update = map_update,
	};
	state->fd = fd;
	state->spare = spare;
	if (bpf_obj_get_info_by_fd(fd, &info, &info_size))
		return io_fail(err, "map %s: %s", shown->name, strerror(errno));
	state->id = info.id;
	kernel->map_names[kernel->map_count] = shown->name;
	state->kernel = kernel;
	state->type = shown->type;
	state->one = maps_json_value_bytes(shown);
	state->all = state->one;
	if (cpus > 1 && maps_json_is_percpu(shown->type))
		state->all *= (size_t)cpus;
	state->buffer = malloc(state->all);
	if (shown->type == BPF_MAP_TYPE_XSKMAP)
		state->shadow = calloc(shown->max_entries, sizeof(*state->shadow));
	if (!state->buffer || (shown->type == BPF_MAP_TYPE_XSKMAP && !state->shadow))
		return io_fail(err, "out of memory");
	kernel->map_count++;
	return 0;
}

static struct kernel_inner shape_of(const struct bpf_map *map)
{
	return (struct kernel_inner){ .type = bpf_map__type(map), .key_size = bpf_map__key_size(map), .value_size = bpf_map__value_size(map),
				      .max_entries = bpf_map__max_entries(map) };
}

static int note_inner(struct kernel_oracle *kernel, struct io_error *err)
{
	struct bpf_map *map, *inner;
	size_t count = 0;

	bpf_object__for_each_map(map, kernel->object)
		count++;
	kernel->inner = calloc(count + 1, sizeof(*kernel->inner));
	if (!kernel->inner)
		return io_fail(err, "out of memory");
	bpf_object__for_each_map(map, kernel->object) {
		struct kernel_inner *shape = &kernel->inner[kernel->inner_count];

		inner = ref_is_outer(map) ? bpf_map__inner_map(map) : NULL;
		if (!inner)
			continue;
		*shape = shape_of(inner);
		shape->outer = map;
		shape->opts = (struct bpf_map_create_opts){ .sz = sizeof(shape->opts), .map_flags = bpf_map__map_flags(inner),
							    .btf_key_type_id = bpf_map__btf_key_type_id(inner),
							    .btf_value_type_id = bpf_map__btf_value_type_id(inner) };
		kernel->inner_count++;
	}
	return 0;
}

/* Whether the map began without any. */
static bool is_empty(const struct bpf_map *outer)
{
	uint8_t key[512];
	uint32_t id;

	if (bpf_map__key_size(outer) > sizeof(key))
		return false;
	for (int more = bpf_map_get_next_key(bpf_map__fd(outer), NULL, key); !more; more = bpf_map_get_next_key(bpf_map__fd(outer), key, key))
		if (!bpf_map_lookup_elem(bpf_map__fd(outer), key, &id))
			return false;
	return true;
}

/* Beside a map of maps that begins empty, as the interpreter has them. */
static int add_spare(struct kernel_oracle *kernel, struct kernel_inner *inner, struct io_error *err)
{
	if (!is_empty(inner->outer))
		return 0;
	if (inner->opts.btf_key_type_id && inner->opts.btf_value_type_id)
		inner->opts.btf_fd = (uint32_t)bpf_object__btf_fd(kernel->object);
	else
		inner->opts.btf_key_type_id = inner->opts.btf_value_type_id = 0;
	for (uint32_t n = 0; n < ref_spare_maps(inner->outer); n++) {
		char *name = malloc(64);
		int fd;

		if (!name)
			return io_fail(err, "out of memory");
		ref_spare_name(name, 64, inner->outer, n);
		fd = bpf_map_create(inner->type, NULL, inner->key_size, inner->value_size, inner->max_entries, &inner->opts);
		if (fd < 0) {
			io_fail(err, "map %s cannot be created: %s", name, strerror(errno));
			free(name);
			return -1;
		}
		if (add_map(kernel, inner, fd, name, name, err))
			return -1;
	}
	return 0;
}

static int describe_maps(struct kernel_oracle *kernel, struct io_error *err)
{
	struct bpf_map *map;
	size_t count = 0;

	bpf_object__for_each_map(map, kernel->object)
		count += ref_is_outer(map) ? 1 + ref_spare_maps(map) : 1;
	kernel->map_names = calloc(count + 1, sizeof(*kernel->map_names));
	kernel->maps = calloc(count + 1, sizeof(*kernel->maps));
	kernel->map_state = calloc(count + 1, sizeof(*kernel->map_state));
	if (!kernel->maps || !kernel->map_state || !kernel->map_names)
		return io_fail(err, "out of memory");
	bpf_object__for_each_map(map, kernel->object) {
		struct kernel_inner shape = shape_of(map);

		if (ref_shows_map(map) && add_map(kernel, &shape, bpf_map__fd(map), bpf_map__name(map), NULL, err))
			return -1;
	}
	for (size_t i = 0; i < kernel->inner_count; i++)
		if (add_spare(kernel, &kernel->inner[i], err))
			return -1;
	for (size_t i = 0; i < kernel->map_count; i++)
		if (has_maps(kernel->maps[i].type))
			kernel->maps[i].program_count = (uint32_t)kernel->map_count;
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
	kernel->object = ref_open_object(path, choice->entries, err);
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
	if (!chosen || stay_on_cpu_0(err) || note_inner(kernel, err) || load_object(kernel, chosen, err) ||
	    describe_programs(kernel, err) || describe_maps(kernel, err)) {
		kernel_close(kernel);
		return NULL;
	}
	return kernel;
}

void kernel_close(struct kernel_oracle *kernel)
{
	if (!kernel)
		return;
	for (size_t i = 0; i < kernel->map_count; i++) {
		free(kernel->map_state[i].buffer);
		free(kernel->map_state[i].shadow);
		if (kernel->map_state[i].spare)
			close(kernel->map_state[i].fd);
		free(kernel->map_state[i].spare);
	}
	kernel_events_close(kernel->events);
	free(kernel->map_state);
	free(kernel->programs);
	free(kernel->names);
	free(kernel->map_names);
	free(kernel->inner);
	free(kernel->maps);
	bpf_object__close(kernel->object);
	free(kernel);
}

int kernel_listen(struct kernel_oracle *kernel, struct events *out, struct io_error *err)
{
	kernel->events = kernel_events_open(kernel->object, out, err);
	return kernel->events ? 0 : -1;
}

/* A test run begins behind what takes the VLAN tag out of a packet; what it does not set in the context is 0, but for the interface, 1. */
static int run_classifier(struct kernel_oracle *kernel, uint8_t *packet, uint32_t *len, uint32_t room, uint32_t *ret, struct io_error *err)
{
	uint8_t *input = malloc(*len);
	struct __sk_buff in = { .ifindex = 1, .ingress_ifindex = 1 };
	struct tc_tag tag = tc_take_tag(packet, len);
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = input, .data_size_in = *len, .data_out = packet, .data_size_out = room, .repeat = 1,
		    .ctx_in = &in, .ctx_size_in = sizeof(in));
	int result;

	if (!input)
		return io_fail(err, "out of memory");
	memcpy(input, packet, *len);
	result = bpf_prog_test_run_opts(kernel->program_fd, &run);
	free(input);
	if (result)
		return io_fail(err, "the kernel does not run a packet of %u bytes: %s", *len, strerror(-result));
	*len = run.data_size_out;
	tc_give_tag(packet, len, room, &tag);
	*ret = tc_verdict(run.retval);
	kernel_events_take(kernel->events);
	return 0;
}

int kernel_run(struct kernel_oracle *kernel, uint8_t *packet, uint32_t *len, uint32_t room,
	       uint32_t *ret, struct io_error *err)
{
	uint8_t *input = malloc(*len);
	struct xdp_md in = { .data_end = *len }, out = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = input, .data_size_in = *len,
		    .data_out = packet, .data_size_out = room, .repeat = 1, .ctx_in = &in,
		    .ctx_size_in = sizeof(in), .ctx_out = &out, .ctx_size_out = sizeof(out));
	int result;

	if (kernel->tc) {
		free(input);
		return run_classifier(kernel, packet, len, room, ret, err);
	}
	if (!input)
		return io_fail(err, "out of memory");
	memcpy(input, packet, *len);
	result = bpf_prog_test_run_opts(kernel->program_fd, &run);
	free(input);
	if (result)
		return io_fail(err, "the kernel does not run a packet of %u bytes: %s", *len,
			       strerror(-result));
	*len = run.data_size_out - out.data; /* metadata comes first */
	memmove(packet, packet + out.data, *len);
	*ret = run.retval;
	kernel_events_take(kernel->events);
	return 0;
}

const struct maps_json_map *kernel_maps(const struct kernel_oracle *kernel, size_t *count)
{
	*count = kernel->map_count;
	return kernel->maps;
}
