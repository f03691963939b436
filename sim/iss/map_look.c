// SPDX-License-Identifier: Apache-2.0
#include "map.h"

enum { HASH_CYCLES = 10 }; /* from the grant to the bucket's request */

static void put(struct iss_map *m, struct iss_queue *q, unsigned int slot, uint64_t from)
{
	m->slot[slot].from = from;
	q->slot[(q->head + q->count++) % SLOTS] = (uint8_t)slot;
}

static unsigned int pop(struct iss_queue *q)
{
	unsigned int slot = q->slot[q->head];

	q->head = (q->head + 1) % SLOTS;
	q->count--;
	return slot;
}

static bool has(const struct iss *n, const struct iss_queue *q)
{
	return q->count && n->cycle >= n->map->slot[q->slot[q->head]].from;
}

static void trim(uint64_t *key, uint32_t size)
{
	if (size % 8)
		key[size / 8] &= (1ull << 8 * (size % 8)) - 1;
}

enum { TRIE_BITS = 8 * (NIC_LOOK_BYTES - 4) };

/* Bit i of a prefix's data: the highest of each byte comes first. */
static unsigned int data_bit(const uint64_t *key, uint32_t i)
{
	return i < TRIE_BITS ? ((const uint8_t *)key)[4 + i / 8] >> (7 - i % 8) & 1 : 0;
}

static uint32_t prefix(const uint64_t *key)
{
	return (uint32_t)key[0];
}

/* Number of its root word. */
static uint32_t trie_root(const struct iss_desc *d, const uint64_t *key)
{
	uint32_t number = 0;

	if (prefix(key) < d->seed)
		return d->mask + 1;
	for (uint32_t i = 0; i < 32; i++)
		number |= (uint32_t)data_bit(key, i) << i;
	return number & d->mask;
}

static bool too_long(const struct iss_desc *d, const uint64_t *key)
{
	return prefix(key) > 8 * (d->key_size - 4);
}

static void start(struct iss *n, const struct iss_look *from)
{
	struct iss_map *m = n->map;
	unsigned int slot = __builtin_ctz(~m->slots_used);
	struct iss_look *l = &m->slot[slot];
	const struct iss_desc *d = &m->known[from->cmd.word.map];

	*l = *from;
	l->words = (d->key_size + 7) / 8;
	trim(l->key, d->key_size);
	l->word = d->buckets / 8 + ((map_desc_is_trie(d) ? trie_root(d, l->key) : map_desc_hash(d, l->key) & d->mask) & 0x1fffffff);
	m->slots_used |= 1u << slot;
	put(m, l->word & EXT_BIT ? &m->far_buckets : &m->buckets, slot, n->cycle + HASH_CYCLES);
}

/* `used`: slots at the cycle's start. */
void map_look_grant(struct iss *n, unsigned int used)
{
	struct iss_map *m = n->map;
	uint32_t want = 0;
	struct iss_issue *i;

	if (used == SLOTS)
		return;
	for (unsigned int core = 0; core < n->cores; core++) {
		i = &m->issue[core];
		if (i->look_count && n->cycle >= i->look[i->look_head].from)
			want |= 1u << core;
	}
	if (!want)
		return;
	i = &m->issue[map_turn(want, &m->look_after)];
	start(n, &i->look[i->look_head]);
	i->look_head = (i->look_head + 1) % LOOKS;
	i->look_count--;
	i->looks--;
}

/* The first bucket read that waits is granted. */
void map_look_bucket(struct iss *n, uint64_t word)
{
	struct iss_map *m = n->map;
	unsigned int slot = pop(&m->buckets);
	struct iss_look *l = &m->slot[slot];
	const struct iss_desc *d = &m->known[l->cmd.word.map];
	bool trie = map_desc_is_trie(d);

	l->entry = (uint32_t)word;
	l->best = trie ? word >> 32 : 0;
	if (trie && too_long(d, l->key))
		l->entry = l->best = 0;
	l->walked = 0;
	m->walking++;
	put(m, &m->fresh, slot, n->cycle + LATENCY + 3);
}

static uint64_t result(const struct iss_look *l, uint32_t entry)
{
	return entry ? (uint64_t)NIC_TAG_MAP << 60 | (uint64_t)l->cmd.word.map << 48 | (entry + 8 + 8 * l->words) : 0;
}

/* Is it 0, or no entry at all? Then the walk is over. */
static bool leads_nowhere(struct iss *n, struct iss_look *l)
{
	l->fault = l->entry && !map_desc_entry(&n->map->known[l->cmd.word.map], l->entry);
	return !l->entry || l->fault;
}

/* Goes on, unless there is nothing; true: decided. */
static bool go_on(struct iss_look *l, uint32_t next)
{
	if (!next)
		return true;
	l->fault = ++l->walked == NIC_HASH_WALK_MAX;
	l->entry = next;
	return l->fault;
}

static bool holds(const struct iss_look *l, const uint64_t *node)
{
	uint32_t n = prefix(node) & 0x1ff;

	if (n > (prefix(l->key) & 0x1ff))
		return false;
	for (uint32_t i = 0; i < n && 32 + i < 64 * l->words; i++)
		if (data_bit(node, i) != data_bit(l->key, i))
			return false;
	return true;
}

static bool decide_trie(struct iss *n, struct iss_look *l)
{
	uint32_t word = l->entry / 8, next;
	uint64_t head, node[NIC_LOOK_BYTES / 8];

	l->result = result(l, l->best);
	if (leads_nowhere(n, l))
		return true;
	head = map_bank_seen(n->map, n->cycle, word);
	for (uint32_t i = 0; i < NIC_LOOK_BYTES / 8; i++)
		node[i] = map_bank_seen(n->map, n->cycle, word + 1 + i);
	if (!holds(l, node))
		return true;
	if (!(head & 1))
		l->best = l->entry;
	l->result = result(l, l->best);
	next = data_bit(l->key, prefix(node) & 0x1ff) ? head >> 32 : (uint32_t)head & ~1u;
	return go_on(l, next);
}

/* Its entry is read and compared; false: it goes on to the next one. */
static bool decide(struct iss *n, struct iss_look *l)
{
	const struct iss_desc *d = &n->map->known[l->cmd.word.map];
	uint32_t word = l->entry / 8, next;
	bool same = true;

	if (map_desc_is_trie(d))
		return decide_trie(n, l);
	l->result = 0;
	if (leads_nowhere(n, l))
		return true;
	for (uint32_t i = 0; i < l->words && same; i++)
		same = map_bank_seen(n->map, n->cycle, word + 1 + i) == l->key[i];
	next = (uint32_t)map_bank_seen(n->map, n->cycle, word);
	if (!same)
		return go_on(l, next & ~1u);
	if (map_desc_evicts(d) && !(next & 1))
		n->map->touched[(n->cycle + LATENCY + 2) % RING] = l->entry;
	l->result = result(l, l->entry);
	return true;
}

/* A reference bit that finds no room in the queue is not set. */
void map_look_touched(struct iss *n)
{
	struct iss_map *m = n->map;
	uint32_t *entry = &m->touched[n->cycle % RING];

	if (*entry && m->touches < NIC_LOOK_TOUCHES) {
		m->touch[(m->touch_head + m->touches++) % NIC_LOOK_TOUCHES] = *entry;
		m->touch_from = n->cycle + 1;
	}
	*entry = 0;
}

/* Takes an entry to read; it is decided LATENCY + 2 cycles from now. */
void map_look_walk(struct iss *n)
{
	struct iss_map *m = n->map;
	bool fresh = has(n, &m->fresh), again = has(n, &m->again);
	uint64_t decided = n->cycle + LATENCY + 3;
	unsigned int slot;

	if (!fresh && !again)
		return;
	m->served_fresh = fresh && (!again || !m->served_fresh);
	slot = pop(m->served_fresh ? &m->fresh : &m->again);
	if (!decide(n, &m->slot[slot])) {
		put(m, &m->again, slot, decided);
		return;
	}
	put(m, &m->results, slot, decided);
	m->walked[decided % RING]++;
}

static struct iss_queue *far_queue(struct iss_map *m, bool bucket)
{
	return bucket ? &m->far_buckets : &m->far_entries;
}

/* Entries go first. */
bool map_look_far(const struct iss *n, bool hold, struct ext_request *r)
{
	const struct iss_map *m = n->map;
	bool bucket = !has(n, &m->far_entries);
	const struct iss_queue *q = bucket ? &m->far_buckets : &m->far_entries;
	unsigned int slot = q->slot[q->head];

	if (bucket && (hold || !has(n, q)))
		return false;
	*r = (struct ext_request){
		.word = bucket ? m->slot[slot].word : m->slot[slot].entry / 8, .thread = (uint8_t)slot, .second = bucket,
	};
	return true;
}

void map_look_far_granted(struct iss *n, const struct ext_request *r)
{
	pop(far_queue(n->map, r->second));
	if (!r->second)
		return;
	n->map->slot[r->thread].walked = 0;
	n->map->walking++;
}

static bool far_equal(const struct iss_look *l, const uint64_t *half)
{
	for (uint32_t i = 0; i < l->words; i++)
		if (half[1 + i] != l->key[i])
			return false;
	return true;
}

/* An entry that can be read at once: the head and the longest key are in half a line. */
static bool far_entry(const struct iss_desc *d, uint32_t entry)
{
	return entry % 32 == 0 && map_desc_entry(d, entry);
}

void map_look_far_word(struct iss *n, const struct ext_out *back)
{
	struct iss_map *m = n->map;
	bool bucket = back->look.second, found = false, fault = back->look_error;
	unsigned int slot = back->look.thread;
	struct iss_look *l = &m->slot[slot];
	uint32_t link = (uint32_t)back->half[bucket ? back->look.word % 4 : 0];
	struct ext_answer a = {.tile = l->cmd.core, .thread = l->cmd.thread};

	if (!fault && !bucket) {
		l->walked++;
		found = far_equal(l, back->half);
	}
	if (!fault && !found && link) {
		fault = !far_entry(&m->known[l->cmd.word.map], link) || l->walked == NIC_HASH_WALK_MAX;
		if (!fault) {
			l->entry = link;
			put(m, &m->far_entries, slot, n->cycle + 1);
			return;
		}
	}
	if (found)
		a.value = (uint64_t)NIC_TAG_MAP << 60 | (uint64_t)l->cmd.word.map << 48 | (l->entry + 8 + 8 * l->words);
	a.fault = fault;
	m->ext_at[a.tile][a.thread].pc = l->cmd.pc;
	m->ext_at[a.tile][a.thread].addr = l->cmd.addr;
	map_ext_put_answer(&m->ext, &a);
	m->slots_used &= ~(1u << slot);
	m->walking--;
}

/* The first result goes to the response bus; false: there is none. */
bool map_look_answer(struct iss *n)
{
	struct iss_map *m = n->map;
	unsigned int slot;

	if (!has(n, &m->results))
		return false;
	slot = pop(&m->results);
	m->slots_used &= ~(1u << slot);
	map_respond(n, &m->slot[slot].cmd, m->slot[slot].fault, m->slot[slot].result);
	return true;
}
