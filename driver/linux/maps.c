// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The kernel's maps in the NIC's own memory: made before any program is known, used by all programs in the NIC. */
#include <linux/genalloc.h>

#include "driver.h"
#include "nic_events.h"

enum { STATE_NEXT = 4 /* of MAPSTATE */, EVENTS_MS = 10, EVENTS_AT_ONCE = 256, EVENT_HEADER = 8 };

static struct nicjit_map *map_of(struct bpf_offloaded_map *offmap)
{
	return offmap->dev_priv;
}

static struct nic_map view(struct nicjit_map *m)
{
	return (struct nic_map){.regs = &m->nic->bus.calm, .layout = &m->place, .index = m->number};
}

/* Gives up the lock. What a NIC that does not answer seems to have said is worth nothing. */
static int done_with(struct nicjit *n, int error)
{
	if (READ_ONCE(n->bus.dead))
		error = -EIO;
	mutex_unlock(&n->lock);
	return error;
}

static int map_lookup(struct bpf_offloaded_map *offmap, void *key, void *value)
{
	struct nicjit_map *m = map_of(offmap);
	struct nic_map v = view(m);
	int error;

	mutex_lock(&m->nic->lock);
	error = nic_maps_lookup(&v, key, value);
	return done_with(m->nic, error);
}

static int map_update(struct bpf_offloaded_map *offmap, void *key, void *value, u64 flags)
{
	struct nicjit_map *m = map_of(offmap);
	struct nic_map v = view(m);
	int error;

	mutex_lock(&m->nic->lock);
	error = nic_maps_update(&v, key, value, flags);
	return done_with(m->nic, error);
}

static int map_delete(struct bpf_offloaded_map *offmap, void *key)
{
	struct nicjit_map *m = map_of(offmap);
	struct nic_map v = view(m);
	int error;

	mutex_lock(&m->nic->lock);
	error = nic_maps_delete(&v, key);
	return done_with(m->nic, error);
}

static int map_next(struct bpf_offloaded_map *offmap, void *key, void *next)
{
	struct nicjit_map *m = map_of(offmap);
	struct nic_map v = view(m);
	int error;

	mutex_lock(&m->nic->lock);
	error = nic_maps_next(&v, key, next);
	return done_with(m->nic, error);
}

static const struct bpf_map_dev_ops map_ops = {
	.map_get_next_key = map_next, .map_lookup_elem = map_lookup, .map_update_elem = map_update, .map_delete_elem = map_delete,
};

/* The kernel has no way to tell the user why a map was refused: it is in the log, and in debugfs. With the lock held. */
static int refuse(struct nicjit *n, const struct bpf_map *map, int error, const char *why)
{
	keep_error(n, "map (%u bytes of key, %u of value, %u entries): %s", map->key_size, map->value_size, map->max_entries, why); /* it has no name yet */
	dev_info(&n->pdev->dev, "%s\n", n->last_error);
	return error;
}

static int place(struct nicjit *n, struct nicjit_map *m, const struct bpf_map *map)
{
	struct prog_map what = {
		.name = map->name, .type = map->map_type, .key_size = map->key_size, .value_size = map->value_size,
		.max_entries = m->events ? 0 : map->max_entries, .flags = map->map_flags, /* 0: an event for each hardware thread */
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

static int add(struct nicjit *n, struct nicjit_map *m, const struct bpf_map *map)
{
	int index = number(n), error;

	if (index < 0)
		return refuse(n, map, index, "the NIC has no descriptor left");
	error = place(n, m, map);
	if (error)
		return error;
	m->nic = n;
	m->map = map;
	m->number = index;
	if (map_begin(m)) {
		gen_pool_free(n->memory, m->at, m->size);
		return refuse(n, map, -EIO, "the NIC did not clear its memory");
	}
	n->map[index] = m;
	return 0;
}

static u8 *kept(const struct nicjit_map *m, u32 i)
{
	return m->kept + (size_t)i * (m->place.key_size + m->place.value_size);
}

static int put_back(struct nicjit_map *m)
{
	struct nic_map v = view(m);
	int error = 0;

	for (u32 i = 0; !error && i < m->n_kept; i++)
		error = nic_maps_update(&v, kept(m, i), kept(m, i) + m->place.key_size, BPF_ANY);
	return error;
}

int map_begin(struct nicjit_map *m)
{
	struct nic_map v = view(m);
	int error = nic_map_open(&m->nic->bus.calm, &m->place, m->number);

	if (!error && m->events)
		nic_events_open(&v, 1);
	return error ? error : put_back(m);
}

int map_alloc(struct nicjit *n, struct bpf_offloaded_map *offmap)
{
	struct bpf_map *map = &offmap->map;
	struct nicjit_map *m;
	int error;

	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	mutex_lock(&n->lock);
	if (map->map_flags & ~(u32)(BPF_F_NO_PREALLOC | BPF_F_ZERO_SEED))
		error = refuse(n, map, -EOPNOTSUPP, "it has flags that the NIC does not honour");
	else if (map->map_type == BPF_MAP_TYPE_HASH && map->key_size > n->target.key_bytes)
		error = refuse(n, map, -E2BIG, "its keys are longer than those of the NIC");
	else
		error = add(n, m, map);
	mutex_unlock(&n->lock);
	if (error) {
		kfree(m);
		return error;
	}
	offmap->dev_ops = &map_ops;
	offmap->dev_priv = m;
	return 0;
}

static void drop(struct nicjit_map *m)
{
	struct nicjit *n = m->nic;

	nic_map_close(&n->bus.calm, m->number);
	n->map[m->number] = NULL;
	gen_pool_free(n->memory, m->at, m->size);
}

/* No program that uses it is left in the NIC. */
void map_free(struct nicjit *n, struct bpf_offloaded_map *offmap)
{
	struct nicjit_map *m = map_of(offmap);

	mutex_lock(&n->lock);
	drop(m);
	mutex_unlock(&n->lock);
	kfree(m);
}

/* ---- Perf event arrays stay with the host: the NIC has an area for the events of each, and the driver hands them on ---- */

static struct nicjit_map *events_of(const struct nicjit *n, const struct bpf_map *map)
{
	for (u32 i = 0; i < MAPS_MAX; i++)
		if (n->map[i] && n->map[i]->events == map)
			return n->map[i];
	return NULL;
}

int events_get(struct nicjit *n, struct bpf_map *map)
{
	struct nicjit_map *m = events_of(n, map);
	int error;

	if (m) {
		m->users++;
		return m->number;
	}
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	m->events = map;
	error = add(n, m, map);
	if (!error) {
		m->record = kvmalloc(m->place.stride, GFP_KERNEL);
		error = m->record ? 0 : -ENOMEM;
		if (error)
			drop(m);
	}
	if (error) {
		kfree(m);
		return error;
	}
	m->users = 1;
	bpf_map_inc(map);
	queue_delayed_work(system_freezable_wq, &n->events, 0);
	return m->number;
}

void events_put(struct nicjit *n, u32 number)
{
	struct nicjit_map *m = n->map[number];

	if (--m->users)
		return;
	drop(m);
	bpf_map_put(m->events);
	kvfree(m->record);
	kfree(m);
}

/* They go to the perf buffer of the CPU that does this; if nobody has opened it, they are lost as they are from programs of the host. */
static void hand_on(struct nicjit_map *m)
{
	struct nic_map v = view(m);
	size_t size;

	for (int i = 0; i < EVENTS_AT_ONCE && !nic_events_take(&v, m->record, &size); i++) {
		if (size < EVENT_HEADER)
			continue;
		rcu_read_lock();
		preempt_disable();
		bpf_event_output(m->events, BPF_F_CURRENT_CPU, m->record + EVENT_HEADER, size - EVENT_HEADER, NULL, 0, NULL);
		preempt_enable();
		rcu_read_unlock();
	}
}

/* ---- Sleep ---- */

void map_forget(struct nicjit_map *m)
{
	kvfree(m->kept);
	m->kept = NULL;
	m->n_kept = 0;
}

/* How many entries it can have; those of a hash table are handed out one after the other. */
static u32 entries(struct nicjit_map *m)
{
	u32 next = get_reg(m->nic, REG_MAPSTATE + m->number * REG_MAPSTATE_STRIDE + STATE_NEXT);

	return m->place.type == BPF_MAP_TYPE_HASH ? (next - m->place.values) / m->place.stride : m->place.max_entries;
}

int map_keep(struct nicjit_map *m)
{
	struct nic_map v = view(m);
	u32 n = entries(m);
	int error;

	m->n_kept = 0;
	if (m->events) {
		hand_on(m);
		return 0;
	}
	m->kept = kvmalloc_array(n + 1, m->place.key_size + m->place.value_size, GFP_KERNEL | __GFP_NOWARN); /* the last one's next is not there */
	if (!m->kept)
		return -ENOMEM;
	error = nic_maps_next(&v, NULL, m->kept);
	while (!error && m->n_kept < n) {
		u8 *key = kept(m, m->n_kept);

		error = nic_maps_lookup(&v, key, key + m->place.key_size);
		if (error)
			break;
		error = nic_maps_next(&v, key, kept(m, ++m->n_kept));
	}
	if (error == -ENOENT)
		return 0;
	map_forget(m);
	return -EIO;
}

void events_work(struct work_struct *work)
{
	struct nicjit *n = container_of(to_delayed_work(work), struct nicjit, events);
	bool any = false;

	mutex_lock(&n->lock);
	for (u32 i = 0; i < MAPS_MAX; i++)
		if (n->map[i] && n->map[i]->events) {
			hand_on(n->map[i]);
			any = true;
		}
	mutex_unlock(&n->lock);
	if (any)
		queue_delayed_work(system_freezable_wq, &n->events, msecs_to_jiffies(EVENTS_MS));
}
