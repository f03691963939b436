// SPDX-License-Identifier: Apache-2.0
/*
 * Maps in the layout of hw/spec/image.h. A hash map's links are changed under its lock and read without: an entry is written whole before it
 * is linked, and one that is taken out keeps its contents until it is used again, as in the kernel's preallocated maps.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "compile.h"
#include "driver/common/nic_prefix.h"
#include "hash.h"
#include "host_impl.h"

enum { ANY, NOEXIST, EXIST, LOCKED = 4 };
enum { LOCK_BYTES = 4 };
enum { HOST_READS_ONLY = 8, HOST_WRITES_ONLY = 0x10 }; /* BPF_F_RDONLY, BPF_F_WRONLY */
#define ALL_CPUS 0xffffffffu         /* values of all are given, as bpf(2) has it */
#define BY_HOST 0xffffffffu          /* holds a spin lock; programs have their CPU's number + 1 there */
#define LOW_MAX (1ULL << 30)

static uint64_t *word(const struct host_prog *p, uint32_t addr)
{
	return (uint64_t *)(p->memory + addr);
}

static uint32_t round_up(uint32_t n)
{
	return (n + 7) & ~7u;
}

static uint64_t pointer(uint32_t map, uint32_t addr)
{
	return (uint64_t)NIC_TAG_MAP << 60 | (uint64_t)map << 48 | addr;
}

static uint32_t hash(const struct image_map *m, const void *key)
{
	return host_hash_of(key, m->key_size, m->seed);
}

static uint32_t bucket(const struct image_map *m, uint32_t h)
{
	return m->buckets + 8 * (h & (m->n_buckets - 1));
}

static uint32_t find(const struct host_prog *p, const struct image_map *m, const void *key, uint32_t h, uint32_t *link)
{
	return host_hash_find(p->memory, m, key, m->key_size, h, link);
}

static void set_link(const struct host_prog *p, uint32_t link, uint32_t entry)
{
	__atomic_store_n(word(p, link), (*word(p, link) & ~0xffffffffull) | entry, __ATOMIC_RELEASE);
}

static uint32_t value_at(const struct image_map *m, uint32_t entry)
{
	return entry + 8 + round_up(m->key_size);
}

static uint32_t number_of(const struct image_map *m, uint32_t entry)
{
	return (entry - m->values) / m->stride;
}

static int is_trie(const struct host_prog *p, uint32_t map)
{
	return p->maps[map].type == IMAGE_MAP_LPM_TRIE;
}

static uint64_t look_in_hash(struct host_prog *p, uint32_t map, const void *key)
{
	const struct image_map *m = &p->maps[map];
	uint32_t link, entry = find(p, m, key, hash(m, key), &link);

	if (entry && p->hash[map].used)
		__atomic_store_n(&p->hash[map].used[number_of(m, entry)], 1, __ATOMIC_RELAXED);
	return entry ? pointer(map, value_at(m, entry)) : 0;
}

uint64_t host_call_look(struct host_prog *p, uint32_t map, const void *key)
{
	uint32_t at;

	if (!is_trie(p, map))
		return look_in_hash(p, map, key);
	at = host_lpm_find(p, map, key);
	return at ? pointer(map, at) : 0;
}

/* Takes an entry out of its bucket. */
static void unlink_entry(const struct host_prog *p, const struct image_map *m, uint32_t entry)
{
	uint32_t link = bucket(m, (uint32_t)(*word(p, entry) >> 32));

	while ((uint32_t)*word(p, link) != entry)
		link = (uint32_t)*word(p, link);
	set_link(p, link, (uint32_t)*word(p, entry));
}

/* Of a full LRU table, one entry that was not looked up since the hand came by last; it is taken out. */
static uint32_t evict(struct host_prog *p, uint32_t map, const struct image_map *m)
{
	struct host_hash *s = &p->hash[map];
	uint32_t entry;

	for (;;) {
		s->hand = (s->hand + 1) % (m->max_entries + 1);
		entry = m->values + m->stride * s->hand;
		if (entry == s->state[STATE_SPARE])
			continue;
		if (!__atomic_exchange_n(&s->used[s->hand], 0, __ATOMIC_RELAXED))
			break;
	}
	unlink_entry(p, m, entry);
	return entry;
}

static uint32_t take_entry(struct host_prog *p, uint32_t map, const struct image_map *m)
{
	struct host_hash *s = &p->hash[map];
	uint32_t entry = s->state[STATE_FREE];

	if (entry) {
		s->state[STATE_FREE] = (uint32_t)*word(p, entry);
		return entry;
	}
	if (s->state[STATE_NEXT] == m->values + m->stride * m->max_entries)
		return s->used ? evict(p, map, m) : 0;
	entry = s->state[STATE_NEXT];
	s->state[STATE_NEXT] += m->stride;
	return entry;
}

static void give_entry(struct host_prog *p, uint32_t map, uint32_t entry)
{
	*word(p, entry) = p->hash[map].state[STATE_FREE];
	p->hash[map].state[STATE_FREE] = entry;
}

static int is_percpu(const struct image_map *m)
{
	return image_map_is_percpu(m->type);
}

/* All but its spin lock, which reads as 0 and is not written. */
static void copy_bytes(const struct image_map *m, uint8_t *to, const uint8_t *from, uint32_t size)
{
	uint32_t lock = m->lock ? m->lock - 1 : size, behind = m->lock ? lock + LOCK_BYTES : size;

	memcpy(to, from, lock);
	memcpy(to + behind, from + behind, size - behind);
}

/* Values of all CPUs, each padded to 8 bytes, as bpf(2) has them. */
static void copy_value(struct host_prog *p, const struct image_map *m, uint32_t at, uint8_t *value, int out)
{
	uint32_t size = is_percpu(m) ? round_up(m->value_size) : m->value_size;

	for (uint32_t cpu = 0; cpu < m->cpus; cpu++, at += m->plane, value += size) {
		if (out && m->lock)
			memset(value + m->lock - 1, 0, LOCK_BYTES);
		if (out)
			copy_bytes(m, value, p->memory + at, size);
		else
			copy_bytes(m, p->memory + at, value, size);
	}
}

/* A program gives its own CPU's value; the others of a new entry are 0. */
static void put_own(struct host_prog *p, const struct image_map *m, uint32_t at, const void *value, uint32_t cpu, int is_new)
{
	for (uint32_t other = 0; is_new && other < m->cpus; other++)
		memset(p->memory + at + (size_t)other * m->plane, 0, round_up(m->value_size));
	memmove(p->memory + at + (size_t)cpu * m->plane, value, m->value_size);
}

static void put_value(struct host_prog *p, const struct image_map *m, uint32_t at, const void *value, uint32_t cpu, int is_new)
{
	if (!is_percpu(m))
		memcpy(p->memory + at, value, m->value_size);
	else if (cpu == ALL_CPUS)
		copy_value(p, m, at, (void *)(uintptr_t)value, 0);
	else
		put_own(p, m, at, value, cpu, is_new);
	if (m->lock)
		memset(p->memory + at + m->lock - 1, 0, LOCK_BYTES);
}

static void fill(struct host_prog *p, const struct image_map *m, uint32_t entry, const void *key, uint32_t h, uint32_t next)
{
	*word(p, entry) = (uint64_t)h << 32 | next;
	memcpy(p->memory + entry + 8, key, m->key_size);
}

/* A value that exists is replaced by a new entry, so that a reader of the old one sees no mix; the one it was in is the next to be used. Values per
 * CPU, which nobody else reads, stay where they are. */
static int update_locked(struct host_prog *p, uint32_t map, const void *key, const void *value, uint64_t flags, uint32_t cpu)
{
	const struct image_map *m = &p->maps[map];
	uint32_t h = hash(m, key), link, old = find(p, m, key, h, &link), fresh;

	if (old && flags == NOEXIST)
		return -EEXIST;
	if (!old && flags == EXIST)
		return -ENOENT;
	if (old && is_percpu(m))
		return put_value(p, m, value_at(m, old), value, cpu, 0), 0;
	fresh = old ? p->hash[map].state[STATE_SPARE] : take_entry(p, map, m);
	if (!fresh)
		return -E2BIG;
	fill(p, m, fresh, key, h, (uint32_t)*word(p, old ? old : link));
	put_value(p, m, value_at(m, fresh), value, cpu, 1);
	set_link(p, link, fresh);
	if (old)
		p->hash[map].state[STATE_SPARE] = old;
	return 0;
}

static int hash_update(struct host_prog *p, uint32_t map, const void *key, const void *value, uint64_t flags, uint32_t cpu)
{
	int result;

	if (flags > EXIST)
		return -EINVAL;
	pthread_mutex_lock(&p->hash[map].lock);
	result = update_locked(p, map, key, value, flags, cpu);
	pthread_mutex_unlock(&p->hash[map].lock);
	return result;
}

static int hash_delete(struct host_prog *p, uint32_t map, const void *key)
{
	const struct image_map *m = &p->maps[map];
	uint32_t link, entry;

	pthread_mutex_lock(&p->hash[map].lock);
	entry = find(p, m, key, hash(m, key), &link);
	if (entry) {
		set_link(p, link, (uint32_t)*word(p, entry));
		give_entry(p, map, entry);
	}
	pthread_mutex_unlock(&p->hash[map].lock);
	return entry ? 0 : -ENOENT;
}

uint64_t host_call_update(struct host_prog *p, uint32_t map, const void *key, const void *value, uint64_t flags, uint64_t cpu)
{
	return (uint64_t)(int64_t)(is_trie(p, map) ? host_lpm_update(p, map, key, value, flags) : hash_update(p, map, key, value, flags, (uint32_t)cpu));
}

uint64_t host_call_delete(struct host_prog *p, uint32_t map, const void *key)
{
	return (uint64_t)(int64_t)(is_trie(p, map) ? host_lpm_delete(p, map, key) : hash_delete(p, map, key));
}

/* ---- The host's side ---- */

/* Where no program holds the value's spin lock. */
static void put_locked(struct host_prog *p, const struct image_map *m, uint32_t at, const void *value)
{
	uint32_t *lock = (uint32_t *)(void *)(p->memory + at + m->lock - 1), nobody = 0;

	while (!__atomic_compare_exchange_n(lock, &nobody, BY_HOST, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		nobody = 0;
	copy_value(p, m, at, (void *)(uintptr_t)value, 0);
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

/* An entry that is there is changed in its place. */
static int hash_update_locked(struct host_prog *p, uint32_t map, const void *key, const void *value, uint64_t flags)
{
	const struct image_map *m = &p->maps[map];
	uint32_t link, entry;
	int result = 0;

	pthread_mutex_lock(&p->hash[map].lock);
	entry = find(p, m, key, hash(m, key), &link);
	if (entry && !(flags & NOEXIST))
		put_locked(p, m, value_at(m, entry), value);
	else
		result = update_locked(p, map, key, value, flags & ~(uint64_t)LOCKED, ALL_CPUS);
	pthread_mutex_unlock(&p->hash[map].lock);
	return result;
}

static uint32_t index_of(const void *key)
{
	uint32_t index;

	memcpy(&index, key, sizeof(index));
	return index;
}

/* Where the key's value is; 0: nowhere. */
static uint32_t place(struct host_prog *p, uint32_t map, const void *key)
{
	const struct image_map *m = &p->maps[map];
	uint32_t entry, link;

	if (!image_map_is_array(m->type)) {
		entry = find(p, m, key, hash(m, key), &link);
		return entry ? value_at(m, entry) : 0;
	}
	return index_of(key) < m->max_entries ? m->values + m->stride * index_of(key) : 0;
}

/* ---- prefixes in a table (hw/spec/image.h) ---- */

enum { KEY_MOST = 512 };

static int is_prefixes(const struct host_prog *p, uint32_t map)
{
	return p->maps[map].type == IMAGE_MAP_PREFIXES;
}

static int prefix_lookup(struct host_prog *p, uint32_t map, const void *key, void *value)
{
	const struct image_map *m = &p->maps[map];
	uint32_t length = nic_prefix_length(key), at = 0;
	uint8_t cut[KEY_MOST];

	for (uint32_t n = length > nic_prefix_longest(m) ? 0 : length + 1; n-- > 0 && !at;) {
		uint64_t set = *word(p, nic_prefix_word(m, n, 0)) | *word(p, nic_prefix_word(m, n, 1));

		if (!(set >> n % 64 & 1))
			continue;
		nic_prefix_cut(m, key, n, cut);
		at = place(p, map, cut);
	}
	if (!at)
		return -ENOENT;
	copy_value(p, m, at, value, 1);
	return 0;
}

static int prefix_update(struct host_prog *p, uint32_t map, const void *key, const void *value, uint64_t flags)
{
	const struct image_map *m = &p->maps[map];
	uint32_t length = nic_prefix_length(key);
	uint8_t cut[KEY_MOST];
	int result;

	if (flags > EXIST || length > nic_prefix_longest(m))
		return -EINVAL;
	__atomic_fetch_or(word(p, nic_prefix_word(m, length, 1)), 1ull << length % 64, __ATOMIC_SEQ_CST);
	nic_prefix_cut(m, key, length, cut);
	result = hash_update(p, map, cut, value, flags, ALL_CPUS);
	return result == -E2BIG ? -ENOSPC : result;
}

/* The key as it is in the table; NULL: it can't be there. */
static const void *prefix_key(const struct host_prog *p, uint32_t map, const void *key, uint8_t cut[KEY_MOST])
{
	const struct image_map *m = &p->maps[map];

	if (!key || nic_prefix_length(key) > nic_prefix_longest(m))
		return NULL;
	nic_prefix_cut(m, key, nic_prefix_length(key), cut);
	return cut;
}

/* Those whose values mean something, and those without keys. */
static int is_drivers(const struct image_map *m)
{
	return image_map_is_slots(m->type) || image_map_has_maps(m->type) || image_map_is_queue(m->type) || image_map_is_ring(m->type) || m->type == IMAGE_MAP_DEVMAP_HASH;
}

void host_nic_map(struct host_prog *p, uint32_t map, struct nic_map *m)
{
	*m = (struct nic_map){.regs = &p->regs, .layout = &p->maps[map], .index = map, .image = &p->image, .base = HOST_PROGRAMS};
}

/* One caller at a time, and of a queue, whose programs take a lock, no program. */
static void enter(struct host_prog *p, uint32_t map)
{
	pthread_mutex_lock(&p->control);
	while (image_map_is_queue(p->maps[map].type) && __atomic_exchange_n(word(p, p->maps[map].values + QUEUE_LOCK), 1, __ATOMIC_ACQUIRE))
		;
}

static void leave(struct host_prog *p, uint32_t map)
{
	if (image_map_is_queue(p->maps[map].type))
		__atomic_store_n(word(p, p->maps[map].values + QUEUE_LOCK), 0, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&p->control);
}

#define DRIVERS_CALL(call, ...)                                                                                                        \
	do {                                                                                                                           \
		struct nic_map of;                                                                                                     \
		int done;                                                                                                              \
                                                                                                                                       \
		host_nic_map(p, map, &of);                                                                                             \
		enter(p, map);                                                                                                         \
		done = nic_maps_##call(&of, __VA_ARGS__);                                                                              \
		leave(p, map);                                                                                                         \
		return done;                                                                                                           \
	} while (0)

int host_map_lookup(struct host_prog *p, uint32_t map, const void *key, void *value)
{
	uint32_t at;

	if (is_drivers(&p->maps[map]))
		DRIVERS_CALL(lookup, key, value);
	if (p->maps[map].flags & HOST_WRITES_ONLY)
		return -EPERM;
	if (is_trie(p, map))
		return host_lpm_lookup(p, map, key, value);
	if (is_prefixes(p, map))
		return prefix_lookup(p, map, key, value);
	at = place(p, map, key);
	if (!at)
		return -ENOENT;
	copy_value(p, &p->maps[map], at, value, 1);
	return 0;
}

static int array_update(struct host_prog *p, uint32_t map, const void *key, const void *value, uint64_t flags)
{
	uint32_t at = place(p, map, key);

	if ((flags & ~(uint64_t)LOCKED) > EXIST)
		return -EINVAL;
	if (!at)
		return -E2BIG;
	if (flags & NOEXIST)
		return -EEXIST;
	if (flags & LOCKED)
		return put_locked(p, &p->maps[map], at, value), 0;
	copy_value(p, &p->maps[map], at, (void *)(uintptr_t)value, 0);
	return 0;
}

int host_map_update(struct host_prog *p, uint32_t map, const void *key, const void *value, uint64_t flags)
{
	if (is_drivers(&p->maps[map]))
		DRIVERS_CALL(update, key, value, flags);
	if (p->maps[map].flags & HOST_READS_ONLY)
		return -EPERM;
	if (flags & LOCKED && !p->maps[map].lock)
		return -EINVAL;
	if (image_map_is_array(p->maps[map].type))
		return array_update(p, map, key, value, flags);
	if (is_trie(p, map))
		return host_lpm_update(p, map, key, value, flags);
	if (is_prefixes(p, map))
		return prefix_update(p, map, key, value, flags);
	if (flags & LOCKED && (flags & ~(uint64_t)LOCKED) <= EXIST)
		return hash_update_locked(p, map, key, value, flags);
	return hash_update(p, map, key, value, flags, ALL_CPUS);
}

int host_map_delete(struct host_prog *p, uint32_t map, const void *key)
{
	uint8_t cut[KEY_MOST];

	if (is_drivers(&p->maps[map]))
		DRIVERS_CALL(delete, key);
	if (p->maps[map].flags & HOST_READS_ONLY)
		return -EPERM;
	if (is_trie(p, map))
		return host_lpm_delete(p, map, key);
	if (is_prefixes(p, map) && !(key = prefix_key(p, map, key, cut)))
		return -EINVAL;
	return image_map_is_array(p->maps[map].type) ? -EINVAL : hash_delete(p, map, key);
}

int host_map_pop(struct host_prog *p, uint32_t map, void *value)
{
	DRIVERS_CALL(pop, value);
}

static int array_next(const struct image_map *m, const void *key, void *next)
{
	uint32_t index = key && index_of(key) < m->max_entries ? index_of(key) + 1 : 0;

	if (index >= m->max_entries)
		return -ENOENT;
	memcpy(next, &index, sizeof(index));
	return 0;
}

static int hash_next(struct host_prog *p, uint32_t map, const void *key, void *next)
{
	const struct image_map *m = &p->maps[map];
	uint32_t link, entry, b = m->buckets, h;

	pthread_mutex_lock(&p->hash[map].lock);
	h = key ? hash(m, key) : 0;
	entry = key ? find(p, m, key, h, &link) : 0;
	if (entry) {
		b = bucket(m, h) + 8;
		entry = (uint32_t)*word(p, entry);
	}
	for (; !entry && b < m->buckets + 8 * m->n_buckets; b += 8)
		entry = (uint32_t)*word(p, b);
	if (entry)
		memcpy(next, p->memory + entry + 8, m->key_size);
	pthread_mutex_unlock(&p->hash[map].lock);
	return entry ? 0 : -ENOENT;
}

int host_map_next(struct host_prog *p, uint32_t map, const void *key, void *next)
{
	uint8_t cut[KEY_MOST];

	if (is_drivers(&p->maps[map]))
		DRIVERS_CALL(next, key, next);
	if (p->maps[map].flags & HOST_WRITES_ONLY)
		return -EPERM;
	if (is_trie(p, map))
		return host_lpm_next(p, map, key, next);
	if (is_prefixes(p, map))
		key = prefix_key(p, map, key, cut);
	return image_map_is_array(p->maps[map].type) ? array_next(&p->maps[map], key, next) : hash_next(p, map, key, next);
}

const struct image *host_image(const struct host_prog *p)
{
	return &p->image;
}

const struct nic_regs *host_regs(const struct host_prog *p)
{
	return &p->regs;
}

uint32_t host_maps(const struct host_prog *p)
{
	return p->n_maps;
}

struct host_map_info host_map_info(const struct host_prog *p, uint32_t map)
{
	const struct image_map *m = &p->maps[map];

	return (struct host_map_info){image_string(&p->image, m->name), m->type, m->key_size, m->value_size, m->max_entries, m->data_size != 0, m->cpus};
}

/* ---- Made and taken down ---- */

static int is_lru(uint32_t type)
{
	return type == IMAGE_MAP_LRU_HASH || type == IMAGE_MAP_LRU_PERCPU_HASH;
}

static int out_of_memory(char why[HOST_WHY], const char *what)
{
	snprintf(why, HOST_WHY, "out of memory for %s", what);
	return -1;
}

/* What a PROG_ARRAY or a map of maps begins with: numbers, counted from 1. */
static int fill_slots(struct host_prog *p, uint32_t map, const uint32_t *slots, char why[HOST_WHY])
{
	const struct image_map *m = &p->maps[map];

	for (uint32_t i = 0; slots && i < m->max_entries; i++) {
		uint32_t number = slots[i] - 1;

		if (slots[i] && host_map_update(p, map, &i, &number, 0))
			return snprintf(why, HOST_WHY, "what map %s begins with does not fit into it", image_string(&p->image, m->name)), -1;
	}
	return 0;
}

static int is_cookie_keys(const char *name)
{
	return !strcmp(name, COOKIE_KEYS);
}

void host_cookie_keys(struct host_prog *p, const uint8_t *keys)
{
	for (uint32_t i = 0; i < p->n_maps; i++)
		if (is_cookie_keys(image_string(&p->image, p->maps[i].name)))
			memcpy(p->memory + p->maps[i].values, keys, COOKIE_KEYS_BYTES);
}

static int open_map(struct host_prog *p, uint32_t i, const struct prog_map *from, char why[HOST_WHY])
{
	const struct image_map *m = &p->maps[i];

	p->maps[i].data_size = map_is_constant(from) ? from->init_size : is_cookie_keys(from->name) ? COOKIE_KEYS_BYTES : 0;
	pthread_mutex_init(&p->hash[i].lock, NULL);
	host_lpm_open(p, i);
	p->hash[i].state[STATE_NEXT] = m->values;
	p->hash[i].state[STATE_SPARE] = image_map_end(m) - m->stride;
	if (is_lru(m->type) && !(p->hash[i].used = calloc(1, m->max_entries + 1)))
		return out_of_memory(why, from->name);
	if (is_cookie_keys(from->name) && getrandom(word(p, m->values), COOKIE_KEYS_BYTES, 0) != COOKIE_KEYS_BYTES)
		return snprintf(why, HOST_WHY, "the system has no random numbers to make the keys of SYN cookies of"), -1;
	for (uint32_t cpu = 0; from->init && cpu < m->cpus; cpu++)
		memcpy(p->memory + m->values + (size_t)cpu * m->plane, from->init, from->init_size);
	return 0;
}

/* Low addresses fit into an instruction, where the system has some. What is never touched takes no memory. */
static uint8_t *take_memory(size_t size)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	void *at = MAP_FAILED;

#ifdef MAP_32BIT
	if (size < LOW_MAX)
		at = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_32BIT, -1, 0);
#endif
	if (at == MAP_FAILED)
		at = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	return at == MAP_FAILED ? NULL : at;
}

/* One behind the other, as an image has them. */
static int keep_names(struct host_prog *p, const struct prog *prog)
{
	size_t size = 0;
	FILE *f = open_memstream(&p->names, &size);

	for (uint32_t i = 0; f && i < p->n_maps; i++) {
		p->maps[i].name = (uint32_t)ftell(f);
		fprintf(f, "%s%c", prog->maps[i].name, '\0');
	}
	for (uint32_t i = 0; f && prog; i++, prog = prog->next) {
		p->programs[i].name = (uint32_t)ftell(f);
		fprintf(f, "%s%c", prog->name, '\0');
	}
	if (!f || fclose(f))
		return -1;
	p->image.names = p->names;
	p->image.names_size = size;
	return 0;
}

int host_maps_open(struct host_prog *p, const struct prog *prog, const struct image_map *maps, uint32_t words, char why[HOST_WHY])
{
	uint32_t all = prog->n_maps + prog->n_templates;

	p->n_maps = prog->n_maps;
	p->memory_size = 8 * (size_t)words + 8;
	p->maps = calloc(all + 1, sizeof(*p->maps));
	p->hash = calloc(p->n_maps + 1, sizeof(*p->hash));
	p->memory = take_memory(p->memory_size);
	if (!p->maps || !p->hash || !p->memory)
		return out_of_memory(why, "the maps");
	memcpy(p->maps, maps, all * sizeof(*maps));
	if (keep_names(p, prog))
		return out_of_memory(why, "the names of the maps");
	p->header.n_maps = p->n_maps;
	p->image.header = &p->header;
	p->image.maps = p->maps;
	host_shim_open(p, &p->shim, &p->regs);
	for (uint32_t i = 0; i < p->n_maps; i++)
		if (open_map(p, i, &prog->maps[i], why))
			return -1;
	for (uint32_t i = 0; i < p->n_maps && prog->slots; i++)
		if (fill_slots(p, i, prog->slots[i], why))
			return -1;
	return 0;
}

void host_maps_close(struct host_prog *p)
{
	for (uint32_t i = 0; p->hash && i < p->n_maps; i++) {
		pthread_mutex_destroy(&p->hash[i].lock);
		host_lpm_close(p, i);
		free(p->hash[i].used);
	}
	if (p->memory)
		munmap(p->memory, p->memory_size);
	free(p->maps);
	free(p->hash);
}
