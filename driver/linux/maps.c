// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The kernel's maps in the NIC's own memory: made before any program is known, used by all programs in the NIC. */
#include <linux/genalloc.h>

#include "driver.h"

static struct nicjit_map *map_of(struct bpf_offloaded_map *offmap)
{
	return offmap->dev_priv;
}

static struct nic_map view(struct nicjit_map *m)
{
	return (struct nic_map){.regs = &m->nic->bus.calm, .layout = &m->place, .index = m->number};
}

static int map_lookup(struct bpf_offloaded_map *offmap, void *key, void *value)
{
	struct nicjit_map *m = map_of(offmap);
	struct nic_map v = view(m);
	int error;

	mutex_lock(&m->nic->lock);
	error = nic_maps_lookup(&v, key, value);
	mutex_unlock(&m->nic->lock);
	return error;
}

static int map_update(struct bpf_offloaded_map *offmap, void *key, void *value, u64 flags)
{
	struct nicjit_map *m = map_of(offmap);
	struct nic_map v = view(m);
	int error;

	mutex_lock(&m->nic->lock);
	error = nic_maps_update(&v, key, value, flags);
	mutex_unlock(&m->nic->lock);
	return error;
}

static int map_delete(struct bpf_offloaded_map *offmap, void *key)
{
	struct nicjit_map *m = map_of(offmap);
	struct nic_map v = view(m);
	int error;

	mutex_lock(&m->nic->lock);
	error = nic_maps_delete(&v, key);
	mutex_unlock(&m->nic->lock);
	return error;
}

static int map_next(struct bpf_offloaded_map *offmap, void *key, void *next)
{
	struct nicjit_map *m = map_of(offmap);
	struct nic_map v = view(m);
	int error;

	mutex_lock(&m->nic->lock);
	error = nic_maps_next(&v, key, next);
	mutex_unlock(&m->nic->lock);
	return error;
}

static const struct bpf_map_dev_ops map_ops = {
	.map_get_next_key = map_next, .map_lookup_elem = map_lookup, .map_update_elem = map_update, .map_delete_elem = map_delete,
};

/* The kernel has no way to tell the user why a map was refused: it is in the log, and in debugfs. */
static int refuse(struct nicjit *n, const struct bpf_map *map, int error, const char *why)
{
	snprintf(n->last_error, sizeof(n->last_error), "map (%u bytes of key, %u of value, %u entries): %s", map->key_size, map->value_size,
		 map->max_entries, why); /* it has no name yet */
	dev_info(&n->pdev->dev, "%s\n", n->last_error);
	return error;
}

static int place(struct nicjit *n, struct nicjit_map *m, const struct bpf_map *map)
{
	struct prog_map what = {
		.name = map->name, .type = map->map_type, .key_size = map->key_size, .value_size = map->value_size, .max_entries = map->max_entries,
		.flags = map->map_flags,
	};
	u64 end = nicjit_place_map(&what, &n->target, 0, &m->place);

	if (!end || end > gen_pool_size(n->memory))
		return refuse(n, map, -E2BIG, "it is larger than the NIC's map memory");
	m->size = end;
	m->at = gen_pool_alloc(n->memory, end);
	if (!m->at)
		return refuse(n, map, -ENOSPC, "the NIC's map memory is full");
	nicjit_place_map(&what, &n->target, m->at, &m->place);
	return 0;
}

static int number(struct nicjit *n)
{
	for (u32 i = 0; i < min_t(u32, n->target.maps, MAPS_MAX); i++)
		if (!n->map[i])
			return i;
	return -ENOSPC;
}

int map_alloc(struct nicjit *n, struct bpf_offloaded_map *offmap)
{
	struct bpf_map *map = &offmap->map;
	struct nicjit_map *m;
	int error, index;

	if (map->map_flags & ~(u32)(BPF_F_NO_PREALLOC | BPF_F_ZERO_SEED))
		return refuse(n, map, -EOPNOTSUPP, "it has flags that the NIC does not honour");
	if (map->map_type == BPF_MAP_TYPE_HASH && map->key_size > n->target.key_bytes)
		return refuse(n, map, -E2BIG, "its keys are longer than those of the NIC");
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	mutex_lock(&n->lock);
	m->nic = n;
	index = number(n);
	error = index < 0 ? refuse(n, map, index, "the NIC has no descriptor left") : place(n, m, map);
	if (!error && nic_map_open(&n->bus.calm, &m->place, index)) {
		gen_pool_free(n->memory, m->at, m->size);
		error = refuse(n, map, -EIO, "the NIC did not clear its memory");
	}
	if (!error) {
		m->number = index;
		n->map[index] = m;
		offmap->dev_ops = &map_ops;
		offmap->dev_priv = m;
	}
	mutex_unlock(&n->lock);
	if (error)
		kfree(m);
	return error;
}

/* No program that uses it is left in the NIC. */
void map_free(struct nicjit *n, struct bpf_offloaded_map *offmap)
{
	struct nicjit_map *m = map_of(offmap);

	mutex_lock(&n->lock);
	nic_map_close(&n->bus.calm, m->number);
	n->map[m->number] = NULL;
	gen_pool_free(n->memory, m->at, m->size);
	mutex_unlock(&n->lock);
	kfree(m);
}
