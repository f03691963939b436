// SPDX-License-Identifier: Apache-2.0
/* Maps of maps: the template of what they hold, the maps that the declaration puts into them, and spare ones, named NAME.0 and so on, which
 * the host fills where it would create maps on Linux. */
#include <stdio.h>
#include <string.h>
#include "compile.h"
#include "helpers.h"
#include "load_impl.h"

static int is_outer(const struct bpf_map *m)
{
	return bpf_map__type(m) == BPF_MAP_TYPE_ARRAY_OF_MAPS || bpf_map__type(m) == BPF_MAP_TYPE_HASH_OF_MAPS;
}

/* Among all maps of the object, from 1. */
static uint32_t number_in_object(struct load *l, const char *name)
{
	const struct bpf_map *m;
	uint32_t n = 0;

	bpf_object__for_each_map(m, l->obj) {
		n++;
		if (!strcmp(bpf_map__name(m), name))
			return n;
	}
	return 0;
}

int load_wants_inner(struct load *l, int *wanted)
{
	const struct bpf_map *m;
	size_t all = 0;

	bpf_object__for_each_map(m, l->obj) {
		struct prog_map outer = { .name = bpf_map__name(m), .max_entries = bpf_map__max_entries(m) };
		const uint32_t *slots;

		if (!wanted[all++] || !is_outer(m))
			continue;
		if (load_slots_by(l, &outer, number_in_object, &slots))
			return -1;
		for (uint32_t n = 0; n < outer.max_entries; n++)
			if (slots[n])
				wanted[slots[n] - 1] = 1;
	}
	return 0;
}

/* Where the map of that number in the object is among those that were taken, from 1. */
static uint32_t place_of(struct load *l, const struct taken *t, uint32_t number)
{
	struct bpf_map *m;

	bpf_object__for_each_map(m, l->obj)
		if (!--number)
			break;
	for (uint32_t n = 0; n < t->n; n++)
		if (t->from[n] == m)
			return n + 1;
	return 0;
}

static int find_slots(struct load *l, struct taken *t, uint32_t outer)
{
	struct prog_map *m = &t->maps[outer];
	uint32_t *slots;

	if (load_slots_by(l, m, number_in_object, &t->slots[outer]))
		return -1;
	slots = (uint32_t *)t->slots[outer];
	for (uint32_t n = 0; n < m->max_entries; n++) {
		if (!slots[n])
			continue;
		slots[n] = place_of(l, t, slots[n]);
		m->model = m->model ? m->model : slots[n];
	}
	if (!m->model)
		t->slots[outer] = NULL;
	return 0;
}

static int add_spare(struct load *l, struct taken *t, uint32_t outer, const struct prog_map *like)
{
	uint32_t number = t->maps[outer].max_entries < INNER_SPARE ? t->maps[outer].max_entries : INNER_SPARE;

	for (uint32_t n = 0; n < number; n++) {
		char name[64];

		snprintf(name, sizeof(name), "%.50s.%u", t->maps[outer].name, n);
		t->maps[t->n] = *like;
		t->maps[t->n].name = load_keep_string(l->out, name);
		t->maps[outer].model = ++t->n;
	}
	return 0;
}

int load_inner(struct load *l, struct taken *t)
{
	struct prog_map template[INNER_MAX];
	uint32_t n_outer = 0, taken = t->n, of[INNER_MAX];

	for (uint32_t n = 0; n < taken; n++) {
		struct bpf_map *inner = t->from[n] && is_outer(t->from[n]) ? bpf_map__inner_map(t->from[n]) : NULL;

		if (!inner)
			continue;
		if (n_outer == INNER_MAX)
			return load_refuse(l, -1, "the object has more than %d maps of maps", (int)INNER_MAX);
		memset(&template[n_outer], 0, sizeof(*template));
		if (load_one_map(l, &template[n_outer], inner) || find_slots(l, t, n) ||
		    (!t->maps[n].model && map_may_be_inner(template[n_outer].type) && add_spare(l, t, n, &template[n_outer])))
			return -1;
		of[n_outer++] = n;
	}
	for (uint32_t n = 0; n < n_outer; n++) {
		t->maps[t->n + n] = template[n];
		t->maps[of[n]].inner = t->n + n + 1;
	}
	t->n_templates = n_outer;
	return 0;
}
