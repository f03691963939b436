// SPDX-License-Identifier: Apache-2.0
/* Where in the values of a map the kernel's own structures lie, by BTF. */
#include "ref.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <string.h>

enum { DEEPEST = 16 };

static uint32_t find(const struct btf *btf, uint32_t id, const char *name, int depth)
{
	const struct btf_type *type = btf__type_by_id(btf, (uint32_t)btf__resolve_type(btf, id));
	uint32_t at = 0;

	if (type && btf_is_array(type) && btf_array(type)->nelems && depth < DEEPEST)
		return find(btf, btf_array(type)->type, name, depth + 1);
	if (!type || depth == DEEPEST || (!btf_is_struct(type) && !btf_is_datasec(type)))
		return 0;
	if (btf_is_struct(type) && !strcmp(btf__name_by_offset(btf, type->name_off), name))
		return 1;
	for (uint32_t i = 0; i < btf_vlen(type) && !at; i++) {
		bool section = btf_is_datasec(type);

		at = find(btf, section ? btf_var_secinfos(type)[i].type : btf_members(type)[i].type, name, depth + 1);
		if (at)
			at += section ? btf_var_secinfos(type)[i].offset : btf_member_bit_offset(type, i) / 8;
	}
	return at;
}

uint32_t ref_field_of(const struct bpf_object *object, const struct bpf_map *map, const char *name)
{
	const struct btf *btf = bpf_object__btf(object);
	uint32_t type = bpf_map__btf_value_type_id(map);

	return btf && type ? find(btf, type, name, 0) : 0;
}
