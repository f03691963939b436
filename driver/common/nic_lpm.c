// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "nic_lpm.h"

#include "hw/spec/isa.h"
#include "hw/spec/regs.h"
#include "nic_wait.h"

enum { FLAG_NOEXIST = 1, FLAG_EXIST = 2 };
enum { NO_ENTRY = -2, IO = -5, BUSY = -16, EXISTS = -17, INVALID = -22, NO_SPACE = -28 };
enum { KEY_WORDS = NIC_LOOK_BYTES / 8, DATA = 4, FORK = 1, DEPTH_MAX = 8 * (NIC_LOOK_BYTES - DATA) + 1 };
enum { BARRIER_POLLS = 1 << 23 };
/* MAPSTATE: free list, next unused entry, and how many prefixes there are, counted down from where SEED's write puts the spare entry. */
enum { STATE_FREE = 0, STATE_NEXT = 4, STATE_COUNT = 8 };

/* A node as it is in memory; address 0 when there is none. */
struct node {
	uint32_t at;
	uint32_t child[2];
	int fork;
	uint8_t key[NIC_LOOK_BYTES];
};

/* Where a node hangs: a child of another node, or the root word's first node. */
struct place {
	struct node parent;   /* at 0: the root */
	unsigned int side;
};

static uint32_t words(uint32_t bytes)
{
	return (bytes + 7) / 8;
}

static uint32_t length(const uint8_t *key)
{
	return key[0] | (uint32_t)key[1] << 8 | (uint32_t)key[2] << 16 | (uint32_t)key[3] << 24;
}

static unsigned int bit(const uint8_t *key, uint32_t i)
{
	return key[DATA + i / 8] >> (7 - i % 8) & 1;
}

static uint32_t length_max(const struct nic_map *map)
{
	return 8 * (map->layout->key_size - DATA);
}

/* How many first bits two prefixes have in common. */
static uint32_t common(const uint8_t *a, const uint8_t *b)
{
	uint32_t end = length(a) < length(b) ? length(a) : length(b), i = 0;

	while (i < end && bit(a, i) == bit(b, i))
		i++;
	return i;
}

static uint32_t get_state(const struct nic_map *map, uint32_t word)
{
	return map->regs->read(map->regs->ctx, REG_MAPSTATE + map->index * REG_MAPSTATE_STRIDE + word);
}

static void put_state(const struct nic_map *map, uint32_t word, uint32_t value)
{
	map->regs->write(map->regs->ctx, REG_MAPSTATE + map->index * REG_MAPSTATE_STRIDE + word, value);
}

static uint32_t last_entry(const struct nic_map *map)
{
	return map->layout->limit - map->layout->stride;
}

/* Of the whole trie; the words before it save lookups the way down. */
static uint32_t root(const struct nic_map *map)
{
	return map->layout->buckets + 8 * map->layout->n_buckets;
}

static int read_node(const struct nic_map *map, uint32_t at, struct node *n)
{
	uint64_t word;

	*n = (struct node){.at = at};
	if (!at)
		return 0;
	if (at < map->layout->values || at > last_entry(map) || (at - map->layout->values) % map->layout->stride)
		return IO;
	word = nic_maps_read_word(map->regs, at);
	n->fork = word & FORK;
	n->child[0] = (uint32_t)word & ~(uint32_t)FORK;
	n->child[1] = (uint32_t)(word >> 32);
	for (uint32_t i = 0; i < words(map->layout->key_size); i++) {
		word = nic_maps_read_word(map->regs, at + 8 + 8 * i);
		for (int j = 0; j < 8; j++)
			n->key[8 * i + j] = (uint8_t)(word >> 8 * j);
	}
	return length(n->key) > length_max(map) ? IO : 0;
}

/* What changes a trie under the eyes of programs is one write. */
static void write_links(const struct nic_map *map, const struct node *n)
{
	nic_maps_write_word(map->regs, n->at, (uint64_t)n->child[1] << 32 | n->child[0] | (n->fork ? FORK : 0));
}

static void link_to(const struct nic_map *map, struct place *p, uint32_t at)
{
	if (!p->parent.at) {
		nic_maps_write_word(map->regs, root(map), at);
		return;
	}
	p->parent.child[p->side] = at;
	write_links(map, &p->parent);
}

static void write_node(const struct nic_map *map, const struct node *n)
{
	nic_maps_write_bytes(map->regs, n->at + 8, n->key, map->layout->key_size);
	write_links(map, n);
}

static uint32_t value_at(const struct nic_map *map, uint32_t at)
{
	return at + 8 + 8 * words(map->layout->key_size);
}

/* Behind it no lookup stands on a node that was unlinked before. */
static int barrier(const struct nic_map *map)
{
	struct nic_wait wait = {.regs = map->regs, .polls = BARRIER_POLLS};
	uint32_t state;

	map->regs->write(map->regs->ctx, REG_MAPCMD, (uint32_t)OP_MLOOKR << MAPCMD_OP_LSB | map->index << MAPCMD_MAP_LSB);
	do
		state = map->regs->read(map->regs->ctx, REG_MAPCMD);
	while (state >> MAPCMD_BUSY_LSB & 1 && nic_wait_more(&wait, state));
	if (state >> MAPCMD_BUSY_LSB & 1)
		return BUSY;
	return state >> MAPCMD_FAULT_LSB & 1 ? IO : 0;
}

static void give_back(const struct nic_map *map, uint32_t at)
{
	nic_maps_write_word(map->regs, at, get_state(map, STATE_FREE));
	put_state(map, STATE_FREE, at);
}

/* 0: no entry is left. */
static uint32_t take_entry(const struct nic_map *map)
{
	uint32_t at = get_state(map, STATE_FREE);

	if (at) {
		put_state(map, STATE_FREE, (uint32_t)nic_maps_read_word(map->regs, at));
		return at;
	}
	at = get_state(map, STATE_NEXT);
	if (at > last_entry(map))
		return 0;
	put_state(map, STATE_NEXT, at + map->layout->stride);
	return at;
}

static uint32_t count(const struct nic_map *map)
{
	return last_entry(map) - get_state(map, STATE_COUNT);
}

static void put_count(const struct nic_map *map, uint32_t entries)
{
	put_state(map, STATE_COUNT, last_entry(map) - entries);
}

static int first_node(const struct nic_map *map, struct node *n)
{
	return read_node(map, (uint32_t)nic_maps_read_word(map->regs, root(map)), n);
}

/* Goes down as far as nodes hold the key's own prefix; n is the first that does not, or has its length, or none; above is the place of its
 * parent. */
static int descend(const struct nic_map *map, const uint8_t *key, struct place *above, struct place *p, struct node *n)
{
	int result = first_node(map, n);

	*p = (struct place){0};
	*above = *p;
	for (uint32_t depth = 0; !result && n->at; depth++) {
		uint32_t end = length(n->key);

		if (depth > DEPTH_MAX)
			return IO;
		if (common(n->key, key) != end || end == length(key))
			return 0;
		*above = *p;
		*p = (struct place){.parent = *n, .side = bit(key, end)};
		result = read_node(map, n->child[p->side], n);
	}
	return result;
}

/* The root word of a number: what of the trie's upper part is known from as many first bits. */
static int refresh(const struct nic_map *map, uint32_t number, uint32_t bits)
{
	uint8_t key[NIC_LOOK_BYTES] = {(uint8_t)bits};
	uint32_t best = 0;
	struct node n;
	int result = first_node(map, &n);

	for (uint32_t i = 0; i < bits; i++)
		key[DATA + i / 8] |= (uint8_t)((number >> i & 1) << (7 - i % 8));
	while (!result && n.at && length(n.key) < bits) {
		if (common(n.key, key) != length(n.key)) {
			n.at = 0;
			break;
		}
		if (!n.fork)
			best = n.at;
		result = read_node(map, n.child[bit(key, length(n.key))], &n);
	}
	if (!result)
		nic_maps_write_word(map->regs, map->layout->buckets + 8 * number, (uint64_t)best << 32 | n.at);
	return result;
}

/* All root words whose bits begin as those of the key, where the trie has changed below the place. */
static int refresh_below(const struct nic_map *map, const uint8_t *key, const struct place *p)
{
	uint32_t bits = map->layout->seed, same = p->parent.at ? length(p->parent.key) + 1 : 0, first = 0;
	int result = 0;

	if (same > bits)
		return 0;
	for (uint32_t i = 0; i < same; i++)
		first |= bit(key, i) << i;
	for (uint32_t rest = 0; rest < 1u << (bits - same) && !result; rest++)
		result = refresh(map, first | rest << same, bits);
	return result;
}

/* A prefix more: may there be one? */
static int check_new(const struct nic_map *map, uint64_t flags)
{
	if (flags == FLAG_EXIST)
		return NO_ENTRY;
	return count(map) >= map->layout->max_entries ? NO_SPACE : 0;
}

static void copy(uint8_t *to, const uint8_t *from, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		to[i] = from[i];
}

/* The new node takes the old one's place. */
static int replace(const struct nic_map *map, struct place *p, struct node *n, const struct node *old)
{
	int result;

	n->child[0] = old->child[0];
	n->child[1] = old->child[1];
	write_node(map, n);
	link_to(map, p, n->at);
	if (old->fork)
		put_count(map, count(map) + 1);
	result = refresh_below(map, n->key, p);
	if (!result)
		result = barrier(map);
	if (!result)
		give_back(map, old->at);
	return result;
}

/* The new node is hung above what was there, or beside it under a fork. */
static int insert(const struct nic_map *map, struct place *p, struct node *n, const struct node *old)
{
	uint32_t same = old->at ? common(n->key, old->key) : 0, top = n->at;
	struct node fork = {.fork = 1};

	if (old->at && same == length(n->key)) {
		n->child[bit(old->key, same)] = old->at;
	} else if (old->at) {
		fork.at = top = take_entry(map);
		if (!top)
			return NO_SPACE;
		copy(fork.key, old->key, map->layout->key_size);
		fork.key[0] = (uint8_t)same;
		fork.key[1] = fork.key[2] = fork.key[3] = 0;
		fork.child[bit(n->key, same)] = n->at;
		fork.child[bit(old->key, same)] = old->at;
		write_node(map, &fork);
	}
	write_node(map, n);
	link_to(map, p, top);
	put_count(map, count(map) + 1);
	return refresh_below(map, n->key, p);
}

int nic_lpm_update(const struct nic_map *map, const void *key, const void *value, uint64_t flags)
{
	struct place above, p;
	struct node old, n = {0};
	int result, there;

	if (flags > FLAG_EXIST || length(key) > length_max(map))
		return INVALID;
	result = descend(map, key, &above, &p, &old);
	if (result)
		return result;
	there = old.at && length(old.key) == length(key) && common(old.key, key) == length(key);
	if (there && !old.fork)
		result = flags == FLAG_NOEXIST ? EXISTS : 0;
	else
		result = check_new(map, flags);
	if (result)
		return result;
	n.at = take_entry(map);
	if (!n.at)
		return NO_SPACE;
	copy(n.key, key, map->layout->key_size);
	nic_maps_write_bytes(map->regs, value_at(map, n.at), value, map->layout->value_size);
	result = there ? replace(map, &p, &n, &old) : insert(map, &p, &n, &old);
	if (result == NO_SPACE)
		give_back(map, n.at);
	return result;
}

int nic_lpm_delete(const struct nic_map *map, const void *key)
{
	struct place above, p, changed;
	struct node n;
	int result, lone;

	if (length(key) > length_max(map))
		return INVALID;
	result = descend(map, key, &above, &p, &n);
	if (result)
		return result;
	if (!n.at || n.fork || length(n.key) != length(key) || common(n.key, key) != length(key))
		return NO_ENTRY;
	changed = p;
	lone = !n.child[0] && !n.child[1] && p.parent.at && p.parent.fork;
	if (n.child[0] && n.child[1]) {
		n.fork = 1;
		write_links(map, &n);
	} else if (lone) {
		changed = above;
		link_to(map, &above, p.parent.child[!p.side]); /* the fork has but one branch left */
	} else {
		link_to(map, &p, n.child[0] ? n.child[0] : n.child[1]);
	}
	put_count(map, count(map) - 1);
	result = refresh_below(map, key, &changed);
	if (result || n.fork)
		return result;
	result = barrier(map);
	if (result)
		return result;
	give_back(map, n.at);
	if (lone)
		give_back(map, p.parent.at);
	return 0;
}

int nic_lpm_lookup(const struct nic_map *map, const void *key, void *value)
{
	uint32_t best = 0;
	uint8_t *out = value;
	struct node n;
	int result;

	if (length(key) > length_max(map))
		return NO_ENTRY;
	for (result = first_node(map, &n); !result && n.at && common(n.key, key) == length(n.key);) {
		if (!n.fork)
			best = n.at;
		if (length(n.key) == length_max(map))
			break;
		result = read_node(map, n.child[bit(key, length(n.key))], &n);
	}
	if (result || !best)
		return result ? result : NO_ENTRY;
	for (uint32_t i = 0; i < map->layout->value_size; i++) {
		uint64_t word = i % 8 ? 0 : nic_maps_read_word(map->regs, value_at(map, best) + i);

		for (uint32_t j = i; i % 8 == 0 && j < map->layout->value_size && j < i + 8; j++)
			out[j] = (uint8_t)(word >> 8 * (j - i));
	}
	return 0;
}

/* The first prefix of the order below a node: the most specific ones first, those with a 0 before those with a 1. */
static int leftmost(const struct nic_map *map, struct node *n)
{
	int result = 0;

	while (!result && (n->child[0] || n->child[1]))
		result = read_node(map, n->child[0] ? n->child[0] : n->child[1], n);
	return result;
}

/* The prefix behind the key's: first of the other branch of a node above it, or that node. */
static int behind(const struct nic_map *map, const uint8_t *key, struct node *next)
{
	struct node n;
	uint32_t other = 0;
	int result = first_node(map, &n);

	*next = (struct node){0};
	for (uint32_t end; !result && n.at && (end = length(n.key)) < length(key); ) {
		unsigned int side = bit(key, end);

		if (side == 0 && n.child[1]) {
			other = n.child[1];
		} else if (!n.fork) {
			*next = n;
			other = 0;
		}
		result = read_node(map, n.child[side], &n);
	}
	if (result || !other)
		return result;
	result = read_node(map, other, next);
	return result ? result : leftmost(map, next);
}

int nic_lpm_next(const struct nic_map *map, const void *key, void *next_key)
{
	struct place above, p;
	struct node n = {0};
	int result = 0, known = 0;

	if (key && length(key) <= length_max(map)) {
		result = descend(map, key, &above, &p, &n);
		known = !result && n.at && !n.fork && length(n.key) == length(key) && common(n.key, key) == length(key);
	}
	if (!result && known)
		result = behind(map, key, &n);
	else if (!result)
		result = first_node(map, &n);
	if (!result && !known && n.at)
		result = leftmost(map, &n);
	if (result || !n.at)
		return result ? result : NO_ENTRY;
	copy(next_key, n.key, map->layout->key_size);
	return 0;
}
