// SPDX-License-Identifier: Apache-2.0
/* What the value of a map holds that is more than bytes, by its type in BTF: a spin lock. */
#include <string.h>
#include "load_impl.h"

enum { NESTED_MAX = 16, LOCK_ALIGN = 4 };

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

int load_fields(struct load *l, const struct bpf_map *m, struct prog_map *to)
{
	struct search s = { .btf = bpf_object__btf(l->obj), .name = "bpf_spin_lock" };

	if (!s.btf || !bpf_map__btf_value_type_id(m))
		return 0;
	look(&s, bpf_map__btf_value_type_id(m), 0, 0);
	if (s.n > 1)
		return load_refuse(l, -1, "the value of map %s holds %u spin locks, and may hold one", to->name, s.n);
	if (s.n && s.off % LOCK_ALIGN)
		return load_refuse(l, -1, "the spin lock in the value of map %s is at offset %u, which is not a multiple of 4", to->name, s.off);
	to->lock = s.n ? s.off + 1 : 0;
	return 0;
}
