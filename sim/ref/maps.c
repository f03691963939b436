// SPDX-License-Identifier: Apache-2.0
#include "ref.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Arrays use only `values`. A hash map has max_entries slots and, like the kernel's preallocated
 * maps, a spare one that an update of an existing entry fills before it lets go of the old slot.
 * Maps of programs, devices, CPUs and sockets are arrays of which `live` says which slots are in use.
 * Slot numbers in the lists are one higher than the slot, so that zeroed memory means "none".
 */
struct ref_map {
	struct ref_map_spec spec;
	uint8_t *values;
	uint64_t stride;
	uint64_t slots;
	uint8_t *keys;
	uint32_t *heads;	/* per bucket: first slot */
	uint32_t *links;	/* per slot: next slot of the bucket or of the free list */
	bool *live;
	uint32_t bucket_mask;
	uint32_t free_list;	/* last freed first, as the kernel does */
	uint32_t touched;	/* slots from here on were never used */
	uint32_t spare;
	uint32_t *let_go;	/* LRU forms: per slot, in which turn */
	uint32_t turn;
	bool used_again;
	struct ref_queue queue;
	struct ref_ring ring;	/* its bytes are values */
};

static bool has_slots(const struct ref_map *map)
{
	return map->spec.type == BPF_MAP_TYPE_PROG_ARRAY || map->spec.type == BPF_MAP_TYPE_DEVMAP ||
	       map->spec.type == BPF_MAP_TYPE_CPUMAP || map->spec.type == BPF_MAP_TYPE_XSKMAP ||
	       map->spec.type == BPF_MAP_TYPE_ARRAY_OF_MAPS;
}

bool ref_map_has_devices(const struct ref_map *map)
{
	return map->spec.type == BPF_MAP_TYPE_DEVMAP || map->spec.type == BPF_MAP_TYPE_DEVMAP_HASH;
}

static bool has_places(const struct ref_map *map)
{
	return ref_map_has_devices(map) || map->spec.type == BPF_MAP_TYPE_CPUMAP;
}

static bool is_array(const struct ref_map *map)
{
	return map->spec.type == BPF_MAP_TYPE_ARRAY ||
	       map->spec.type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       has_slots(map);
}

static bool is_lru(const struct ref_map *map)
{
	return map->spec.type == BPF_MAP_TYPE_LRU_HASH || map->spec.type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static int check_spec(const struct ref_map_spec *spec, struct io_error *err)
{
	switch (spec->type) {
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_PROG_ARRAY:
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_CPUMAP:
	case BPF_MAP_TYPE_XSKMAP:
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
		if (spec->key_size != 4)
			return io_fail(err, "map %s: the key of an array has 4 bytes, not %u",
				       spec->name, spec->key_size);
		break;
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_DEVMAP_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		break;
	case BPF_MAP_TYPE_LPM_TRIE:
		if (spec->key_size <= sizeof(uint32_t))
			return io_fail(err, "map %s: the key of a trie has more than 4 bytes", spec->name);
		break;
	case BPF_MAP_TYPE_RINGBUF:
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
		return 0;
	case BPF_MAP_TYPE_QUEUE:
	case BPF_MAP_TYPE_STACK:
	case BPF_MAP_TYPE_BLOOM_FILTER:
		if (!spec->value_size || spec->value_size > 1 << 20 || !spec->max_entries || spec->max_entries > 1 << 20)
			return io_fail(err, "map %s: value or entry count is zero or too large", spec->name);
		return 0;
	default:
		return io_fail(err, "map %s is of type %u, only arrays and hashes are interpreted",
			       spec->name, spec->type);
	}
	if (!spec->key_size || !spec->value_size || !spec->max_entries ||
	    spec->key_size > 1 << 20 || spec->value_size > 1 << 28 || spec->max_entries > 1u << 30)
		return io_fail(err, "map %s: key, value or entry count is zero or too large",
			       spec->name);
	return 0;
}

enum {
	PAGE = 4096,		/* a ring buffer has a power of two of them; libbpf rounds up */
	ANY_INDEX = 1024	/* entries of a perf event array that is as large as there are CPUs */
};

/* One byte for each bit; hashes begin with 0, as with BPF_F_ZERO_SEED. */
static bool allocate_bloom(struct ref_map *map)
{
	uint64_t want = map->spec.max_entries * (map->spec.extra ? map->spec.extra : 5) / 5 * 7;

	for (map->slots = 64; map->slots < want;)
		map->slots *= 2;
	map->stride = 1;
	map->values = calloc(map->slots, 1);
	return map->values;
}

uint8_t *ref_map_bits(struct ref_map *map, uint64_t *number)
{
	*number = map->slots;
	return map->spec.type == BPF_MAP_TYPE_BLOOM_FILTER ? map->values : NULL;
}

static bool is_queue(const struct ref_map *map)
{
	return map->spec.type == BPF_MAP_TYPE_QUEUE || map->spec.type == BPF_MAP_TYPE_STACK;
}

struct ref_queue *ref_map_queue(struct ref_map *map)
{
	return is_queue(map) ? &map->queue : NULL;
}

static bool allocate_ring(struct ref_map *map)
{
	uint64_t size = PAGE;

	map->slots = 1;
	if (map->spec.type == BPF_MAP_TYPE_PERF_EVENT_ARRAY) {
		map->spec.max_entries = map->spec.max_entries ? map->spec.max_entries : ANY_INDEX;
		return true;
	}
	while (size < map->spec.max_entries && size < 1u << 30)
		size *= 2;
	map->stride = map->spec.value_size = (uint32_t)(2 * size);
	map->values = calloc(1, map->stride);
	map->ring = (struct ref_ring){ .mask = size - 1, .bytes = map->values };
	return map->values;
}

static bool is_ring(const struct ref_map *map)
{
	return map->spec.type == BPF_MAP_TYPE_RINGBUF || map->spec.type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
}

struct ref_ring *ref_map_ring(struct ref_map *map)
{
	return map->ring.bytes ? &map->ring : NULL;
}

static bool allocate_hash(struct ref_map *map)
{
	uint32_t buckets = 1;

	while (buckets < map->spec.max_entries)
		buckets *= 2;
	map->bucket_mask = buckets - 1;
	map->keys = calloc(map->slots, map->spec.key_size);
	map->heads = calloc(buckets, sizeof(*map->heads));
	map->links = calloc(map->slots, sizeof(*map->links));
	map->live = calloc(map->slots, sizeof(*map->live));
	map->spare = map->spec.max_entries;
	if (is_lru(map)) {
		map->let_go = calloc(map->slots, sizeof(*map->let_go));
		map->turn = 1;
	}
	return map->keys && map->heads && map->links && map->live && (map->let_go || !is_lru(map));
}

struct ref_map *ref_map_create(const struct ref_map_spec *spec, struct io_error *err)
{
	struct ref_map *map;

	if (check_spec(spec, err))
		return NULL;
	map = calloc(1, sizeof(*map));
	if (!map) {
		io_fail(err, "out of memory");
		return NULL;
	}
	map->spec = *spec;
	map->spec.name = strdup(spec->name);
	if (is_ring(map) || spec->type == BPF_MAP_TYPE_BLOOM_FILTER) {
		if (map->spec.name && (is_ring(map) ? allocate_ring(map) : allocate_bloom(map)))
			return map;
		io_fail(err, "map %s: there is not enough memory for it", spec->name);
		ref_map_free(map);
		return NULL;
	}
	map->stride = ((uint64_t)spec->value_size + 7) & ~(uint64_t)7;
	map->slots = is_array(map) ? spec->max_entries : (uint64_t)spec->max_entries + 1;
	if (map->slots * map->stride < (uint64_t)1 << 39)
		map->values = calloc(map->slots, map->stride);
	if (has_slots(map))
		map->live = calloc(map->slots, sizeof(*map->live));
	if (!map->spec.name || !map->values || (has_slots(map) && !map->live) ||
	    (!is_array(map) && !is_queue(map) && !allocate_hash(map))) {
		io_fail(err, "map %s: there is not enough memory for its %u entries", spec->name,
			spec->max_entries);
		ref_map_free(map);
		return NULL;
	}
	return map;
}

void ref_map_free(struct ref_map *map)
{
	if (!map)
		return;
	free((char *)map->spec.name);
	free(map->values);
	free(map->keys);
	free(map->heads);
	free(map->links);
	free(map->live);
	free(map->let_go);
	free(map);
}

const struct ref_map_spec *ref_map_spec(const struct ref_map *map)
{
	return &map->spec;
}

static uint32_t array_index(const void *key)
{
	uint32_t index;

	memcpy(&index, key, sizeof(index));
	return index;
}

static uint8_t *slot_value(const struct ref_map *map, uint32_t slot)
{
	return map->values + slot * map->stride;
}

uint8_t *ref_map_slot(struct ref_map *map, uint32_t slot)
{
	return slot_value(map, slot);
}

/* What lies in a value and is not shown. */
static void blank(const struct ref_map *map, uint8_t *value)
{
	if (map->spec.lock)
		memset(value + map->spec.lock - 1, 0, sizeof(uint32_t));
	if (map->spec.timer)
		memset(value + map->spec.timer - 1, 0, sizeof(struct bpf_timer));
}

/* All of a value but its lock, which is always free here, and its timer, which is cancelled. */
static void set_value(struct ref_map *map, uint32_t slot, const void *value)
{
	memmove(slot_value(map, slot), value, map->spec.value_size);
	blank(map, slot_value(map, slot));
}

/* In its place, where the timer stays. */
static void change_value(struct ref_map *map, uint32_t slot, const void *value)
{
	uint8_t timer[sizeof(struct bpf_timer)], *at = map->spec.timer ? slot_value(map, slot) + map->spec.timer - 1 : NULL;

	if (at)
		memcpy(timer, at, sizeof(timer));
	set_value(map, slot, value);
	if (at)
		memcpy(at, timer, sizeof(timer));
}

static uint8_t *slot_key(const struct ref_map *map, uint32_t slot)
{
	return map->keys + (size_t)slot * map->spec.key_size;
}

/* FNV-1a; the order of a map is not visible to a program. */
static uint32_t *bucket_of(const struct ref_map *map, const void *key)
{
	const uint8_t *byte = key;
	uint32_t hash = 0x811c9dc5;

	for (uint32_t i = 0; i < map->spec.key_size; i++)
		hash = (hash ^ byte[i]) * 0x01000193;
	return &map->heads[map->spec.type == BPF_MAP_TYPE_LPM_TRIE ? 0 : hash & map->bucket_mask];
}

/* Tries: all keys hang in one list. Bits of the data, the highest of a byte first. */
static bool is_trie(const struct ref_map *map)
{
	return map->spec.type == BPF_MAP_TYPE_LPM_TRIE;
}

static bool begins_with(const void *key, const void *prefix)
{
	const uint8_t *a = (const uint8_t *)key + 4, *b = (const uint8_t *)prefix + 4;
	uint32_t bits = array_index(prefix), whole = bits / 8;

	return array_index(key) >= bits && !memcmp(a, b, whole) &&
	       (bits % 8 == 0 || (a[whole] ^ b[whole]) >> (8 - bits % 8) == 0);
}

static uint8_t *longest_prefix(struct ref_map *map, const void *key)
{
	uint32_t best = 0;

	if (array_index(key) > 8 * (map->spec.key_size - 4))
		return NULL;
	for (uint32_t slot = map->heads[0]; slot; slot = map->links[slot - 1])
		if (begins_with(key, slot_key(map, slot - 1)) &&
		    (!best || array_index(slot_key(map, slot - 1)) > array_index(slot_key(map, best - 1))))
			best = slot;
	return best ? slot_value(map, best - 1) : NULL;
}

static bool same_key(const struct ref_map *map, const void *a, const void *b)
{
	return is_trie(map) ? array_index(a) == array_index(b) && begins_with(a, b) : !memcmp(a, b, map->spec.key_size);
}

/* The link that holds the slot of this key, or the link that ends the bucket's list. */
static uint32_t *find_link(const struct ref_map *map, const void *key)
{
	uint32_t *link = bucket_of(map, key);

	while (*link && !same_key(map, slot_key(map, *link - 1), key))
		link = &map->links[*link - 1];
	return link;
}

uint8_t *ref_map_lookup(struct ref_map *map, const void *key)
{
	uint32_t slot;

	if (is_array(map)) {
		slot = array_index(key);
		if (slot >= map->spec.max_entries || (has_slots(map) && !map->live[slot]))
			return NULL;
		return slot_value(map, slot);
	}
	if (is_trie(map))
		return longest_prefix(map, key);
	slot = *find_link(map, key);
	return slot ? slot_value(map, slot - 1) : NULL;
}

static int update_array(struct ref_map *map, const void *key, const void *value, uint64_t flags)
{
	uint32_t index = array_index(key);

	if (index >= map->spec.max_entries)
		return -E2BIG;
	if (flags & BPF_NOEXIST)
		return -EEXIST;
	if (flags & BPF_F_LOCK && !map->spec.lock)
		return -EINVAL;
	set_value(map, index, value);
	if (has_slots(map))
		map->live[index] = !has_places(map) || array_index(value);
	return 0;
}

int64_t ref_map_program(const struct ref_map *map, uint32_t slot)
{
	uint32_t number;

	if (map->spec.type != BPF_MAP_TYPE_PROG_ARRAY || slot >= map->spec.max_entries ||
	    !map->live[slot])
		return -1;
	memcpy(&number, slot_value(map, slot), sizeof(number));
	return number;
}

static void let_go(struct ref_map *map, uint32_t slot)
{
	map->live[slot] = false;
	blank(map, slot_value(map, slot));
	if (map->let_go)
		map->let_go[slot] = map->turn;
}

bool ref_map_used_again(struct ref_map *map)
{
	bool result = map->used_again;

	map->used_again = false;
	map->turn++;
	return result;
}

static bool take_slot(struct ref_map *map, uint32_t *slot)
{
	if (map->free_list) {
		*slot = map->free_list - 1;
		map->free_list = map->links[*slot];
		return true;
	}
	*slot = map->touched;
	if (*slot == map->spec.max_entries)
		return false;
	map->touched++;
	return true;
}

/* Which one goes nobody knows; here the first. */
static void evict(struct ref_map *map)
{
	uint32_t slot = 0;

	while (!map->live[slot])
		slot++;
	ref_map_delete(map, slot_key(map, slot));
}

static int insert(struct ref_map *map, const void *key, const void *value)
{
	uint32_t *bucket = bucket_of(map, key), slot;

	if (is_lru(map) && !map->free_list && map->touched == map->spec.max_entries)
		evict(map);
	if (!take_slot(map, &slot))
		return is_trie(map) ? -ENOSPC : -E2BIG;
	memcpy(slot_key(map, slot), key, map->spec.key_size);
	set_value(map, slot, value);
	map->links[slot] = *bucket;
	map->live[slot] = true;
	*bucket = slot + 1;
	return 0;
}

/* The key may differ in the bits behind a prefix: the last one stays. */
static void replace(struct ref_map *map, uint32_t *link, const void *key, const void *value)
{
	uint32_t old = *link - 1, slot = map->spare;

	if (map->spec.type == BPF_MAP_TYPE_PERCPU_HASH || map->spec.type == BPF_MAP_TYPE_LRU_PERCPU_HASH) {
		memmove(slot_value(map, old), value, map->spec.value_size);
		return;
	}
	memcpy(slot_key(map, slot), key, map->spec.key_size);
	set_value(map, slot, value);
	map->links[slot] = map->links[old];
	map->live[slot] = true;
	let_go(map, old);
	map->spare = old;
	*link = slot + 1;
}

/* A prefix longer than the data of a trie's key. */
static bool is_beyond(const struct ref_map *map, const void *key)
{
	return is_trie(map) && array_index(key) > 8 * (map->spec.key_size - 4);
}

static int update_hash(struct ref_map *map, const void *key, const void *value, uint64_t flags)
{
	bool locked = flags & BPF_F_LOCK;
	uint32_t *link;

	if (is_beyond(map, key))
		return -EINVAL;
	link = find_link(map, key);
	if (locked && !map->spec.lock)
		return -EINVAL;
	flags &= ~(uint64_t)BPF_F_LOCK;
	if (*link && flags == BPF_NOEXIST)
		return -EEXIST;
	if (!*link && flags == BPF_EXIST)
		return -ENOENT;
	if (!*link)
		return insert(map, key, value);
	if (locked)
		change_value(map, *link - 1, value);
	else
		replace(map, link, key, value);
	return 0;
}

/* Behind an interface or a processor may stand the file of a program to run there, which is not interpreted; 0 and less are no file's. */
static int take_place(const struct ref_map *map, const void *value, uint32_t place[2])
{
	memcpy(place, value, map->spec.value_size < 8 ? 4 : 8);
	if (map->spec.value_size > 8 || (int32_t)place[1] > 0 || (!is_array(map) && !place[0]))
		return -EINVAL;
	if (ref_map_has_devices(map) && (int32_t)place[0] < 0)
		return -EINVAL;
	place[1] = 0;
	return 0;
}

/* BPF_F_LOCK without a lock is wrong, but the index is judged first. */
int ref_map_update(struct ref_map *map, const void *key, const void *value, uint64_t flags)
{
	uint32_t place[2] = { 0 };

	if ((flags & ~(uint64_t)BPF_F_LOCK) > BPF_EXIST)
		return -EINVAL;
	if (has_places(map) && take_place(map, value, place))
		return -EINVAL;
	if (has_places(map))
		value = place;
	if (is_array(map))
		return update_array(map, key, value, flags);
	return update_hash(map, key, value, flags);
}

int ref_map_delete(struct ref_map *map, const void *key)
{
	uint32_t *link, slot;

	if (has_slots(map) && array_index(key) < map->spec.max_entries) {
		map->live[array_index(key)] = false;
		return 0;
	}
	if (is_array(map) || is_beyond(map, key))
		return -EINVAL;
	link = find_link(map, key);
	if (!*link)
		return -ENOENT;
	slot = *link - 1;
	*link = map->links[slot];
	map->links[slot] = map->free_list;
	let_go(map, slot);
	map->free_list = slot + 1;
	return 0;
}

static int next_index(const struct ref_map *map, const void *key, void *next_key)
{
	uint32_t index = key ? array_index(key) : UINT32_MAX;

	index = index < map->spec.max_entries ? index + 1 : 0;
	if (index == map->spec.max_entries)
		return -ENOENT;
	memcpy(next_key, &index, sizeof(index));
	return 0;
}

int ref_map_next(struct ref_map *map, const void *key, void *next_key)
{
	uint64_t slot = 0;

	if (is_array(map))
		return next_index(map, key, next_key);
	if (key)
		slot = *find_link(map, key);
	while (slot < map->slots && !map->live[slot])
		slot++;
	if (slot == map->slots)
		return -ENOENT;
	memcpy(next_key, slot_key(map, (uint32_t)slot), map->spec.key_size);
	return 0;
}

bool ref_map_has_maps(const struct ref_map *map)
{
	return map->spec.type == BPF_MAP_TYPE_ARRAY_OF_MAPS || map->spec.type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

uint64_t ref_map_slots(const struct ref_map *map)
{
	return map->slots;
}

uint8_t *ref_map_element(struct ref_map *map, uint32_t slot, void *key)
{
	if (map->live && !map->live[slot])
		return NULL;
	if (is_array(map))
		memcpy(key, &slot, sizeof(slot));
	else
		memcpy(key, slot_key(map, slot), map->spec.key_size);
	return slot_value(map, slot);
}

uint64_t ref_map_offset(const struct ref_map *map, const uint8_t *value)
{
	return (uint64_t)(value - map->values);
}

uint8_t *ref_map_bytes(struct ref_map *map, uint64_t offset, uint32_t size)
{
	if (offset >= map->slots * map->stride ||
	    offset % map->stride + size > map->spec.value_size)
		return NULL;
	if (map->let_go && map->let_go[offset / map->stride] == map->turn)
		map->used_again = true;
	return map->values + offset;
}

static int json_next(void *ctx, const void *key, void *next_key)
{
	return ref_map_next(ctx, key, next_key);
}

static int json_lookup(void *ctx, const void *key, void *value)
{
	struct ref_map *map = ctx;
	const uint8_t *found = ref_map_lookup(map, key);

	if (!found)
		return -ENOENT;
	memcpy(value, found, map->spec.value_size);
	blank(map, value);
	return 0;
}

static int json_update(void *ctx, const void *key, const void *value)
{
	return ref_map_update(ctx, key, value, BPF_ANY);
}

struct maps_json_map ref_map_json(struct ref_map *map)
{
	return (struct maps_json_map){
		.name = map->spec.name,
		.type = map->spec.type,
		.key_size = map->spec.key_size,
		.value_size = map->spec.value_size,
		.max_entries = map->spec.max_entries,
		.copies = 1,
		.ctx = map,
		.next = json_next,
		.lookup = json_lookup,
		.update = json_update,
	};
}
