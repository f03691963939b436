// SPDX-License-Identifier: Apache-2.0
/* The types of an object, kept for those who want to read keys and values. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>

#include "xdp_impl.h"

struct types {
	char name[64];
	uint32_t key, value;
};

struct nicjit_btf {
	uint32_t size, n_maps;
	void *bytes;
	struct types *maps;
};

static struct nicjit_btf *copy(struct bpf_object *object, const struct btf *from)
{
	struct nicjit_btf *btf = calloc(1, sizeof(*btf));
	const void *bytes = btf__raw_data(from, &btf->size);
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
		btf->n_maps++;
	btf->bytes = malloc(btf->size);
	btf->maps = calloc(btf->n_maps + 1, sizeof(*btf->maps));
	if (!bytes || !btf->bytes || !btf->maps)
		return nicjit_btf_free(btf), NULL;
	memcpy(btf->bytes, bytes, btf->size);
	btf->n_maps = 0;
	bpf_object__for_each_map(map, object) {
		struct types *t = &btf->maps[btf->n_maps++];

		snprintf(t->name, sizeof(t->name), "%s", bpf_map__name(map));
		t->key = bpf_map__btf_key_type_id(map);
		t->value = bpf_map__btf_value_type_id(map);
	}
	return btf;
}

struct nicjit_btf *nicjit_btf_read(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct nicjit_btf *btf = NULL;

	if (object && bpf_object__btf(object))
		btf = copy(object, bpf_object__btf(object));
	bpf_object__close(object);
	return btf;
}

void nicjit_btf_free(struct nicjit_btf *btf)
{
	if (!btf)
		return;
	free(btf->bytes);
	free(btf->maps);
	free(btf);
}

void nicjit_btf_types(const struct nicjit_btf *btf, struct nicjit_map *m)
{
	for (uint32_t i = 0; btf && i < btf->n_maps; i++) {
		if (strcmp(btf->maps[i].name, m->name))
			continue;
		m->key_type = btf->maps[i].key;
		m->value_type = btf->maps[i].value;
	}
}

const void *nicjit_btf_bytes(const struct nicjit_btf *btf, size_t *size)
{
	*size = btf ? btf->size : 0;
	return btf ? btf->bytes : NULL;
}
