// SPDX-License-Identifier: Apache-2.0
#include "ref.h"

#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>

bool ref_is_outer(const struct bpf_map *map)
{
	return bpf_map__type(map) == BPF_MAP_TYPE_ARRAY_OF_MAPS || bpf_map__type(map) == BPF_MAP_TYPE_HASH_OF_MAPS;
}

uint32_t ref_spare_maps(const struct bpf_map *outer)
{
	return bpf_map__max_entries(outer) < REF_SPARE_MAPS ? bpf_map__max_entries(outer) : REF_SPARE_MAPS;
}

void ref_spare_name(char *name, size_t size, const struct bpf_map *outer, uint32_t number)
{
	snprintf(name, size, "%.50s.%u", bpf_map__name(outer), number);
}

static int add(struct ref_program *program, struct bpf_object *object, struct bpf_map *outer, struct io_error *err)
{
	struct bpf_map *inner = bpf_map__inner_map(outer);
	struct ref_map **more;
	char name[64];

	if (!inner)
		return 0;
	more = realloc(program->maps, (program->map_count + ref_spare_maps(outer) + 1) * sizeof(*more));
	if (!more)
		return io_fail(err, "out of memory");
	program->maps = more;
	for (uint32_t n = 0; n < ref_spare_maps(outer); n++) {
		struct ref_map_spec spec = {
			.name = name,
			.type = bpf_map__type(inner),
			.key_size = bpf_map__key_size(inner),
			.value_size = bpf_map__value_size(inner),
			.max_entries = bpf_map__max_entries(inner),
			.lock = ref_field_of(object, inner, "bpf_spin_lock"),
		};

		ref_spare_name(name, sizeof(name), outer, n);
		program->maps[program->map_count] = ref_map_create(&spec, err);
		if (!program->maps[program->map_count++])
			return -1;
	}
	return 0;
}

int ref_add_spare(struct ref_program *program, struct bpf_object *object, struct io_error *err)
{
	struct bpf_map *map;
	uint32_t number = 0;

	bpf_object__for_each_map(map, object) {
		struct ref_map *outer = program->maps[number++];
		uint64_t slots = outer ? ref_map_slots(outer) : 0;
		uint8_t key[512];
		bool empty = true;

		if (!ref_is_outer(map))
			continue;
		for (uint64_t slot = 0; slot < slots && empty; slot++)
			empty = bpf_map__key_size(map) > sizeof(key) || !ref_map_element(outer, (uint32_t)slot, key);
		if (empty && add(program, object, map, err))
			return -1;
	}
	return 0;
}
