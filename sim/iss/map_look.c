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

static void start(struct iss *n, const struct iss_look *from)
{
	struct iss_map *m = n->map;
	unsigned int slot = __builtin_ctz(~m->slots_used);
	struct iss_look *l = &m->slot[slot];
	const struct iss_desc *d = &m->known[from->cmd.word.map];

	*l = *from;
	l->words = (d->key_size + 7) / 8;
	trim(l->key, d->key_size);
	l->word = d->buckets / 8 + (map_desc_hash(d, l->key) & d->mask & 0x1fffffff);
	m->slots_used |= 1u << slot;
	put(m, &m->buckets, slot, n->cycle + HASH_CYCLES);
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

	m->slot[slot].entry = (uint32_t)word;
	m->slot[slot].walked = 0;
	m->walking++;
	put(m, &m->fresh, slot, n->cycle + LATENCY + 3);
}

/* Its entry is read and compared; false: it goes on to the next one. */
static bool decide(struct iss *n, struct iss_look *l)
{
	const struct iss_desc *d = &n->map->known[l->cmd.word.map];
	uint32_t word = l->entry / 8, next;
	bool same = true;

	l->result = 0;
	l->fault = l->entry && !map_desc_entry(d, l->entry);
	if (!l->entry || l->fault)
		return true;
	for (uint32_t i = 0; i < l->words && same; i++)
		same = map_bank_seen(n->map, n->cycle, word + 1 + i) == l->key[i];
	next = (uint32_t)map_bank_seen(n->map, n->cycle, word);
	if (same) {
		if (map_desc_evicts(d) && !(next & 1))
			n->map->touched[(n->cycle + LATENCY + 2) % RING] = l->entry;
		l->result = (uint64_t)NIC_TAG_MAP << 60 | (uint64_t)l->cmd.word.map << 48 | (l->entry + 8 + 8 * l->words);
		return true;
	}
	next &= ~1u;
	if (!next)
		return true;
	l->fault = ++l->walked == NIC_HASH_WALK_MAX;
	l->entry = next;
	return l->fault;
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

/* The first result goes to the response bus. */
void map_look_answer(struct iss *n)
{
	struct iss_map *m = n->map;
	unsigned int slot;

	if (!has(n, &m->results))
		return;
	slot = pop(&m->results);
	m->slots_used &= ~(1u << slot);
	map_respond(n, &m->slot[slot].cmd, m->slot[slot].fault, m->slot[slot].result);
}
