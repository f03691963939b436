// SPDX-License-Identifier: Apache-2.0
#include "map.h"

enum { HASH_CYCLES = 8 }; /* from the grant to the bucket's request */

static void put(struct iss_unit *u, struct iss_queue *q, unsigned int slot, uint64_t from)
{
	u->slot[slot].from = from;
	q->slot[(q->head + q->count++) % SLOTS] = (uint8_t)slot;
}

static unsigned int pop(struct iss_queue *q)
{
	unsigned int slot = q->slot[q->head];

	q->head = (q->head + 1) % SLOTS;
	q->count--;
	return slot;
}

/* Zeros behind the key: of a command's it is what else was in its register, and what an earlier lookup left. */
static void trim(uint64_t key[NIC_LOOK_BYTES / 8], uint32_t size)
{
	if (size % 8)
		key[size / 8] &= (1ull << 8 * (size % 8)) - 1;
	for (uint32_t i = (size + 7) / 8; i < NIC_LOOK_BYTES / 8; i++)
		key[i] = 0;
}

enum { TRIE_BITS = 8 * (NIC_LOOK_BYTES - 4) };

/* Bit i of a prefix's data: the highest of each byte comes first. */
static unsigned int data_bit(const uint64_t *key, uint32_t i)
{
	return i < TRIE_BITS ? ((const uint8_t *)key)[4 + i / 8] >> (7 - i % 8) & 1 : 0;
}

/* The first 32 bits of data as a number, bit 0 the first one. */
static uint32_t first_bits(const uint64_t *key)
{
	uint32_t v = (uint32_t)(key[0] >> 32);

	v = (v & 0x0f0f0f0f) << 4 | (v >> 4 & 0x0f0f0f0f);
	v = (v & 0x33333333) << 2 | (v >> 2 & 0x33333333);
	return (v & 0x55555555) << 1 | (v >> 1 & 0x55555555);
}

/* Bits of data before the first one in which two keys of so many words differ. */
static uint32_t common_bits(const uint64_t *a, const uint64_t *b, uint32_t words)
{
	uint64_t differ = (a[0] ^ b[0]) & ~(uint64_t)UINT32_MAX;

	for (uint32_t i = 0;; differ = a[i] ^ b[i]) {
		if (differ)
			return 64 * i + (uint32_t)__builtin_clzll(__builtin_bswap64(differ)) - 32;
		if (++i == words)
			return 64 * words - 32;
	}
}

static uint32_t prefix(const uint64_t *key)
{
	return (uint32_t)key[0];
}

/* Number of its root word. */
static uint32_t trie_root(const struct iss_desc *d, const uint64_t *key)
{
	return prefix(key) < d->seed ? d->mask + 1 : first_bits(key) & d->mask;
}

static bool too_long(const struct iss_desc *d, const uint64_t *key)
{
	return prefix(key) > 8 * (d->key_size - 4);
}

static void start(struct iss *n, struct iss_unit *u, const struct iss_look *from)
{
	unsigned int slot = __builtin_ctzll(~u->slots_used);
	struct iss_look *l = &u->slot[slot];
	const struct iss_desc *d = &n->map->known[from->cmd.word.map];

	*l = *from;
	l->words = (d->key_size + 7) / 8;
	trim(l->key, d->key_size);
	l->word = d->buckets / 8 + ((map_desc_is_trie(d) ? trie_root(d, l->key) : map_desc_hash(d, l->key) & d->mask) & 0x1fffffff);
	u->slots_used |= 1ull << slot;
	n->map->works |= (l->word & EXT_BIT) != 0;
	put(u, l->word & EXT_BIT ? &u->far_buckets : &u->buckets, slot, n->cycle + HASH_CYCLES);
}

void map_look_grant(struct iss *n, struct iss_unit *u)
{
	struct iss_map *m = n->map;
	uint32_t want = 0;
	unsigned int core;
	struct iss_issue *i;

	if (u->used == ALL_SLOTS)
		return;
	for (uint32_t rest = m->looks & u->tiles; rest; rest &= rest - 1) {
		core = (unsigned int)__builtin_ctz(rest);
		i = &m->issue[core];
		if (n->cycle >= i->look[i->look_head].from)
			want |= 1u << core;
	}
	if (!want)
		return;
	core = map_turn(want, &u->after);
	i = &m->issue[core];
	start(n, u, &i->look[i->look_head]);
	i->look_head = (i->look_head + 1) % LOOKS;
	i->looks--;
	if (!--i->look_count)
		m->looks &= ~(1u << core);
}

/* What its bucket holds leads to. */
static void begin(struct iss *n, struct iss_look *l, uint64_t word)
{
	const struct iss_desc *d = &n->map->known[l->cmd.word.map];
	bool trie = map_desc_is_trie(d);

	l->entry = (uint32_t)word;
	l->best = trie ? word >> 32 : 0;
	if (trie && too_long(d, l->key))
		l->entry = l->best = 0;
	l->walked = 0;
}

/* The first bucket read that waits is granted. */
void map_look_bucket(struct iss *n, struct iss_unit *u, uint64_t word)
{
	unsigned int slot = pop(&u->buckets);

	begin(n, &u->slot[slot], word);
	u->walking++;
	put(u, &u->fresh, slot, n->cycle + LATENCY + 2);
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
	uint32_t n = prefix(node) & 0x1ff, data = 64 * l->words - 32;

	return n <= (prefix(l->key) & 0x1ff) && common_bits(node, l->key, l->words) >= (n < data ? n : data);
}

enum { ENTRY_WORDS = 1 + NIC_LOOK_BYTES / 8 }; /* that are read at once: the head, the longest key */

static bool decide_trie(struct iss_look *l, const uint64_t *entry)
{
	uint64_t head = entry[0];
	const uint64_t *node = entry + 1;

	if (!holds(l, node))
		return true;
	if (!(head & 1))
		l->best = l->entry;
	l->result = result(l, l->best);
	return go_on(l, data_bit(l->key, prefix(node) & 0x1ff) ? head >> 32 : (uint32_t)head & ~1u);
}

static bool decide_hash(struct iss_look *l, const uint64_t *entry, uint32_t *touch)
{
	for (uint32_t i = 0; i < l->words; i++)
		if (entry[1 + i] != l->key[i])
			return go_on(l, (uint32_t)entry[0] & ~1u);
	if (!(entry[0] & 1))
		*touch = l->entry;
	l->result = result(l, l->entry);
	return true;
}

/* An entry has been read, and is compared; false: the lookup goes on to the next one. */
static bool decide(struct iss *n, struct iss_look *l, const uint64_t *entry, uint32_t *touch)
{
	const struct iss_desc *d = &n->map->known[l->cmd.word.map];
	uint32_t unused;

	return map_desc_is_trie(d) ? decide_trie(l, entry) : decide_hash(l, entry, map_desc_evicts(d) ? touch : &unused);
}

/* On the chip its words are those that port B will see. */
static bool decide_near(struct iss *n, struct iss_unit *u, struct iss_look *l)
{
	uint64_t entry[ENTRY_WORDS];

	l->result = result(l, l->best);
	if (leads_nowhere(n, l))
		return true;
	for (uint32_t i = 0; i < ENTRY_WORDS; i++)
		entry[i] = map_bank_seen(n->map, l->entry / 8 + i);
	return decide(n, l, entry, &u->touches.decided[(n->cycle + LATENCY + 2) % RING]);
}

uint32_t map_look_touch(const struct iss *n, const struct iss_touches *t)
{
	return t->count > 1 || (t->count && n->cycle >= t->from) ? t->entry[t->head] : 0;
}

void map_look_pop_touch(struct iss_touches *t)
{
	t->head = (t->head + 1) % NIC_LOOK_TOUCHES;
	t->count--;
}

/* A reference bit that finds no room in the queue is not set. */
static void touched(const struct iss *n, struct iss_touches *t)
{
	uint32_t *entry = &t->decided[n->cycle % RING];

	if (*entry && t->count < NIC_LOOK_TOUCHES) {
		t->entry[(t->head + t->count++) % NIC_LOOK_TOUCHES] = *entry;
		t->from = n->cycle + 1;
	}
	*entry = 0;
}

void map_look_touched(const struct iss *n, struct iss_unit *u)
{
	touched(n, &u->touches);
	touched(n, &u->far_touches);
	n->map->works |= u->far_touches.count != 0; /* nothing else may be under way outside the chip */
}

/* The walk queue whose turn it is, or none. */
static struct iss_queue *next_walk(const struct iss *n, struct iss_unit *u)
{
	bool fresh = map_look_has(n, u, &u->fresh), again = map_look_has(n, u, &u->again);

	if (fresh && (!again || !u->served_fresh))
		return &u->fresh;
	return again ? &u->again : NULL;
}

static uint32_t entry_banks(const struct iss_map *m, uint32_t entry)
{
	uint32_t banks = ((1u << ENTRY_WORDS) - 1) << (entry / 8 & (m->banks - 1));

	return banks | banks >> m->banks;
}

/* Takes an entry to read, unless there is a pause; it is decided LATENCY + 2 cycles from now, and answered then when the walk is over. */
void map_look_walk(struct iss *n, struct iss_unit *u, bool pause)
{
	struct iss_queue *q = next_walk(n, u);
	uint64_t decided = n->cycle + LATENCY + 2;
	unsigned int slot;

	if (!q)
		return;
	u->reads = entry_banks(n->map, u->slot[q->slot[q->head]].entry);
	if (pause)
		return;
	u->served_fresh = q == &u->fresh;
	slot = pop(q);
	if (!decide_near(n, u, &u->slot[slot])) {
		put(u, &u->again, slot, decided + 1);
		return;
	}
	put(u, &u->results, slot, decided);
	u->walked[(decided + 1) % RING]++;
}

enum { FAR_ENTRY, FAR_BUCKET, FAR_TOUCH };

/* Entries go first, reference bits last. */
bool map_look_far(const struct iss *n, const struct iss_unit *u, bool hold, struct ext_request *r)
{
	uint32_t touch = map_look_touch(n, &u->far_touches);
	unsigned int slot;

	if (map_look_has(n, u, &u->far_entries)) {
		slot = u->far_entries.slot[u->far_entries.head];
		*r = (struct ext_request){.word = u->slot[slot].entry / 8, .thread = (uint8_t)slot, .off = FAR_ENTRY};
	} else if (map_look_has(n, u, &u->far_buckets) && !hold) {
		slot = u->far_buckets.slot[u->far_buckets.head];
		*r = (struct ext_request){.word = u->slot[slot].word, .thread = (uint8_t)slot, .off = FAR_BUCKET};
	} else {
		*r = (struct ext_request){.word = touch / 8, .atomic = true, .op = OP_MOR, .b = 1, .off = FAR_TOUCH};
		return touch;
	}
	return true;
}

static void start_far(struct iss_unit *u)
{
	pop(&u->far_buckets);
	u->walking++;
}

void map_look_far_granted(struct iss_unit *u, const struct ext_request *r)
{
	if (r->off == FAR_TOUCH)
		map_look_pop_touch(&u->far_touches);
	else if (r->off == FAR_ENTRY)
		pop(&u->far_entries);
	else
		start_far(u);
}

/* An entry that can be read at once: the head and the longest key are in half a line. */
static bool far_entry(const struct iss_desc *d, uint32_t entry)
{
	return entry % 32 == 0 && map_desc_entry(d, entry);
}

/* True: it has come to its end. */
static bool decide_far(struct iss *n, struct iss_unit *u, struct iss_look *l, const struct ext_out *back)
{
	bool bucket = back->look.off == FAR_BUCKET;

	l->fault = back->look_error;
	l->result = 0;
	if (l->fault)
		return true;
	if (bucket)
		begin(n, l, back->half[back->look.word % 4]);
	l->result = result(l, l->best);
	if (bucket ? !l->entry : decide(n, l, back->half, &u->far_touches.decided[(n->cycle + 1) % RING]))
		return true;
	l->fault = !far_entry(&n->map->known[l->cmd.word.map], l->entry);
	return l->fault;
}

/* It is decided in the next cycle. */
void map_look_far_word(struct iss *n, struct iss_unit *u, const struct ext_out *back)
{
	unsigned int slot = back->look.thread;

	if (!decide_far(n, u, &u->slot[slot], back)) {
		put(u, &u->far_entries, slot, n->cycle + 2);
		return;
	}
	put(u, &u->far_results, slot, n->cycle + 2);
	u->walked[(n->cycle + 2) % RING]++;
}

bool map_look_decided(const struct iss *n, const struct iss_unit *u)
{
	return map_look_has(n, u, &u->results);
}

static bool answer(struct iss *n, struct iss_unit *u, struct iss_queue *q)
{
	unsigned int slot;

	if (!map_look_has(n, u, q))
		return false;
	slot = pop(q);
	u->slots_used &= ~(1ull << slot);
	map_respond(n, &u->slot[slot].cmd, u->slot[slot].fault, u->slot[slot].result);
	return true;
}

bool map_look_answer(struct iss *n, struct iss_unit *u)
{
	return answer(n, u, &u->results);
}

bool map_look_far_answer(struct iss *n, struct iss_unit *u)
{
	return answer(n, u, &u->far_results);
}
