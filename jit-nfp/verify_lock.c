// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Spin locks: where one is, on every path one is held at a time and given back, and nobody touches its bytes. */
#include "verify.h"

enum { LOCK_BYTES = 4 };

int lock_check_map(struct compile *c, const struct prog_map *m)
{
	if (!m->lock)
		return 0;
	if (m->type != MAP_TYPE_HASH && m->type != MAP_TYPE_ARRAY) {
		error(c, -1, "the value of map %s holds a spin lock, and only those of a HASH or ARRAY can", m->name);
		return error_note(c, "use BPF_MAP_TYPE_HASH or BPF_MAP_TYPE_ARRAY");
	}
	if (m->flags & (MAP_RDONLY_PROG | MAP_WRONLY_PROG))
		return error(c, -1, "map %s holds a spin lock, and programs may not %s it", m->name,
			     m->flags & MAP_RDONLY_PROG ? "write" : "read");
	return 0;
}

int lock_check_access(struct verify *v, const struct prog_map *m, int64_t lo, int64_t hi)
{
	int64_t lock = (int64_t)m->lock - 1;

	if (!m->lock || hi <= lock || lo >= lock + LOCK_BYTES)
		return 0;
	refuse(v, "the access touches the spin lock in the value of map %s", m->name);
	return way_out(v, "only bpf_spin_lock() and bpf_spin_unlock() may");
}

int lock_check_arg(struct verify *v, const struct reg *r, const char *what)
{
	const struct prog_map *m = r->kind == R_MAP_VALUE ? &v->c->prog->maps[r->map] : NULL;

	if (!m || r->range) {
		refuse(v, "%s must be the spin lock in a map value, and is %s", what, reg_describe(r));
		return way_out(v, r->kind == R_MAP_VALUE_OR_NULL ? "test the result of bpf_map_lookup_elem() first" :
								   "put a struct bpf_spin_lock into the value of the map");
	}
	if (!m->lock) {
		refuse(v, "the value of map %s holds no spin lock", m->name);
		return way_out(v, "put a struct bpf_spin_lock into it, and compile with -g");
	}
	precise_reg(v, 1);
	if (range_is_const(&r->var) && r->off + (int64_t)r->var.value == (int64_t)m->lock - 1)
		return 0;
	return refuse(v, "%s does not point to the spin lock of map %s, which is at offset %u of the value", what, m->name, m->lock - 1);
}

void lock_take(struct verify *v)
{
	const struct reg *r = &v->cur->reg[1];

	v->cur->lock = (struct held){ r->map + 1U, r->id };
}

int lock_may_release(struct verify *v)
{
	const struct reg *r = &v->cur->reg[1];
	struct held *held = &v->cur->lock;

	if (!held->map)
		return refuse(v, "a spin lock is released that is not held");
	if (held->map != r->map + 1U || held->id != r->id) {
		refuse(v, "another spin lock is released than the one that is held");
		return way_out(v, "pass the pointer that bpf_spin_lock() got");
	}
	held->map = 0;
	return 0;
}

int lock_none_held(struct verify *v, const char *what)
{
	if (!v->cur->lock.map)
		return 0;
	refuse(v, "%s while a spin lock is held", what);
	return way_out(v, "call bpf_spin_unlock() first");
}
