// SPDX-License-Identifier: Apache-2.0
/* What the value of a map holds that is more than bytes, by its type in BTF: a spin lock, a timer. */
#include <string.h>
#include "load_impl.h"

enum { NESTED_MAX = 16 };

struct search {
	const struct btf *btf;
	const char *name;     /* of the structure that is looked for */
	uint32_t n, off;      /* how many there are; bytes, where the last one is */
};

static void look(struct search *s, uint32_t type, uint32_t off, int depth);

static void look_into(struct search *s, const struct btf_type *t, uint32_t off, int depth)
{
	for (uint32_t n = 0; n < btf_vlen(t); n++)
		if (btf_is_datasec(t))
			look(s, btf_var_secinfos(t)[n].type, off + btf_var_secinfos(t)[n].offset, depth);
		else
			look(s, btf_members(t)[n].type, off + btf_member_bit_offset(t, n) / 8, depth);
}

static void look(struct search *s, uint32_t type, uint32_t off, int depth)
{
	const struct btf_type *t = load_plain_type(s->btf, type);
	uint32_t before;

	if (t && btf_is_var(t))
		t = load_plain_type(s->btf, t->type);
	if (t && btf_is_array(t) && btf_array(t)->nelems && depth < NESTED_MAX) {
		before = s->n;
		look(s, btf_array(t)->type, off, depth + 1);
		s->n += (s->n - before) * (btf_array(t)->nelems > 1);
		return;
	}
	if (!t || depth == NESTED_MAX || (!btf_is_struct(t) && !btf_is_datasec(t)))
		return;
	if (btf_is_struct(t) && !strcmp(btf__name_by_offset(s->btf, t->name_off), s->name)) {
		s->n++;
		s->off = off;
		return;
	}
	look_into(s, t, off, depth + 1);
}

struct kind {
	const char *structure, *name;
	uint32_t align;
};

/* *at: its offset + 1, or 0. */
static int find(struct load *l, const struct bpf_map *m, const struct prog_map *to, const struct kind *k, uint32_t *at)
{
	struct search s = { .btf = bpf_object__btf(l->obj), .name = k->structure };

	if (!s.btf || !bpf_map__btf_value_type_id(m))
		return 0;
	look(&s, bpf_map__btf_value_type_id(m), 0, 0);
	if (s.n > 1)
		return load_refuse(l, -1, "the value of map %s holds %u %ss, and may hold one", to->name, s.n, k->name);
	if (s.n && s.off % k->align)
		return load_refuse(l, -1, "the %s in the value of map %s is at offset %u, which is not a multiple of %u", k->name, to->name, s.off, k->align);
	*at = s.n ? s.off + 1 : 0;
	return 0;
}

int load_fields(struct load *l, const struct bpf_map *m, struct prog_map *to)
{
	return find(l, m, to, &(struct kind){ "bpf_spin_lock", "spin lock", 4 }, &to->lock) || find(l, m, to, &(struct kind){ "bpf_timer", "timer", 8 }, &to->timer) ? -1 : 0;
}
