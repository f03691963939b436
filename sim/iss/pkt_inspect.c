// SPDX-License-Identifier: Apache-2.0
#include "fabric.h"

#include <string.h>

#include "hw/spec/inspect.h"

enum {
	TYPE_VLAN = 0x8100, TYPE_QINQ = 0x88a8, TYPE_IP4 = 0x0800, TYPE_IP6 = 0x86dd,
	IP_TCP = 6, IP_UDP = 17,
	HASH_KNOWN = 3, QUEUE_KNOWN = 1, /* from the lookups of a frame's hash and queue until it is known what is in it */
};

/* What is found in a frame; offsets from its start. */
struct layers {
	const uint8_t *data;
	uint32_t len, l3, l4, end;
	uint8_t flags;
};

static uint32_t get16(const struct layers *l, uint32_t at)
{
	uint16_t v;

	memcpy(&v, l->data + at, sizeof(v));
	return __builtin_bswap16(v);
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return a + b + (a + b < a);
}

/* The upper half of a word to which its own halves were added the other way round is their sum with its carry. */
static uint32_t fold(uint64_t s)
{
	uint32_t half = (s + (s >> 32 | s << 32)) >> 32;

	return (half + (half >> 16 | half << 16)) >> 16;
}

/* The ones' complement sum of bytes, folded to 16 bits: of any width of word, as the ends of a sum may be turned afterwards. */
static uint32_t sum(const struct layers *l, uint32_t from, uint32_t to, uint32_t more)
{
	uint64_t s = 0, word;

	for (; from + 8 <= to; from += 8) {
		memcpy(&word, l->data + from, 8);
		s = add(s, word);
	}
	word = 0;
	memcpy(&word, l->data + from, to - from);
	return fold(__builtin_bswap16((uint16_t)fold(add(s, word))) + more);
}

/* Is the checksum of an IPv4 header without options good? */
static bool header_is_good(const uint8_t *header)
{
	uint64_t word[2];
	uint32_t last;

	memcpy(word, header, sizeof(word));
	memcpy(&last, header + sizeof(word), sizeof(last));
	return fold(add(add(word[0], word[1]), last)) == 0xffff;
}

static void find_l3(struct layers *l)
{
	l->l3 = 14;
	for (int tag = 0; tag < 2 && l->len >= l->l3; tag++) {
		uint32_t type = get16(l, l->l3 - 2);

		if (type != TYPE_VLAN && type != TYPE_QINQ)
			break;
		l->l3 += 4;
	}
	if (l->len < l->l3 + 1)
		return;
	if (get16(l, l->l3 - 2) == TYPE_IP4) {
		uint32_t ihl = l->data[l->l3] & 15;

		if (l->data[l->l3] >> 4 == 4 && ihl >= 5 && l->len >= l->l3 + 4 * ihl) {
			l->flags |= FOUND_IP4;
			l->end = l->l3 + get16(l, l->l3 + 2);
			l->l4 = l->l3 + 4 * ihl;
		}
	} else if (get16(l, l->l3 - 2) == TYPE_IP6 && l->data[l->l3] >> 4 == 6 && l->len >= l->l3 + 40) {
		l->flags |= FOUND_IP6;
		l->end = l->l3 + 40 + get16(l, l->l3 + 4);
		l->l4 = l->l3 + 40;
	}
}

static uint8_t protocol(const struct layers *l)
{
	return l->data[l->l3 + (l->flags & FOUND_IP4 ? 9 : 6)];
}

static void find_l4(struct layers *l)
{
	uint8_t p;

	if (!(l->flags & (FOUND_IP4 | FOUND_IP6)) || l->end > l->len)
		return;
	if ((l->flags & FOUND_IP4) && (get16(l, l->l3 + 6) & 0x3fff))
		return;
	p = protocol(l);
	if (p == IP_TCP && l->l4 + 20 <= l->end)
		l->flags |= FOUND_TCP;
	else if (p == IP_UDP && l->l4 + 8 <= l->end)
		l->flags |= FOUND_UDP;
}

static void check(struct layers *l)
{
	bool ip4 = l->flags & FOUND_IP4;
	uint32_t pseudo;

	if (ip4 && (l->data[l->l3] & 15) == 5)
		l->flags |= header_is_good(l->data + l->l3) ? FOUND_IP_GOOD : FOUND_IP_BAD;
	if ((l->flags & FOUND_UDP) && (get16(l, l->l4 + 4) != l->end - l->l4 || !get16(l, l->l4 + 6)))
		return;
	if (!(l->flags & (FOUND_TCP | FOUND_UDP)))
		return;
	pseudo = sum(l, l->l3 + (ip4 ? 12 : 8), l->l3 + (ip4 ? 20 : 40), protocol(l) + l->end - l->l4);
	l->flags |= sum(l, l->l4, l->end, pseudo) == 0xffff ? FOUND_L4_GOOD : FOUND_L4_BAD;
}

/* Of whole words of four bytes. */
static inline uint32_t hash_bytes(const struct iss_fabric *f, const uint8_t *bytes, unsigned int count, unsigned int place)
{
	const uint32_t(*of)[256] = &f->toeplitz[place];
	uint32_t h = 0;

	for (; count; count -= 4, bytes += 4, of += 4)
		h ^= of[0][bytes[0]] ^ of[1][bytes[1]] ^ of[2][bytes[2]] ^ of[3][bytes[3]];
	return h;
}

static uint32_t hash(const struct iss_fabric *f, const struct layers *l)
{
	unsigned int addresses = l->flags & FOUND_IP4 ? 8 : 32;
	uint32_t h;

	if (!(l->flags & (FOUND_IP4 | FOUND_IP6)))
		return 0;
	h = hash_bytes(f, l->data + l->l3 + (l->flags & FOUND_IP4 ? 12 : 8), addresses, 0);
	if (l->flags & (FOUND_TCP | FOUND_UDP))
		h ^= hash_bytes(f, l->data + l->l4, 4, addresses);
	return h;
}

/* Bits 32 + from .. from of a key, counted from its first one. */
static uint32_t key_at(const uint32_t *key, unsigned int from)
{
	uint64_t two = (uint64_t)key[from / 32] << 32 | (from / 32 + 1 < 10 ? key[from / 32 + 1] : 0);

	return (uint32_t)(two << from % 32 >> 32);
}

static void make_tables(struct iss_fabric *f, const uint32_t *key)
{
	for (unsigned int place = 0; place < 36; place++)
		for (unsigned int byte = 0; byte < 256; byte++) {
			uint32_t h = 0;

			for (unsigned int bit = 0; bit < 8; bit++)
				if (byte << bit & 0x80)
					h ^= key_at(key, 8 * place + bit);
			f->toeplitz[place][byte] = h;
		}
}

/* Those that are in use in cycle. */
static inline void use_tables(struct iss_fabric *f, uint64_t cycle)
{
	bool due = cycle >= f->key_due;

	if (due == f->key_used)
		return;
	make_tables(f, due ? f->rss_key : f->old_key);
	f->key_used = due;
}

void pkt_inspect(struct iss_fabric *f, struct iss_flight *flight)
{
	struct iss_frame *frame = flight->frame;
	struct layers l = {.data = frame->data, .len = frame->len};

	find_l3(&l);
	find_l4(&l);
	check(&l);
	use_tables(f, flight->known - HASH_KNOWN);
	frame->hash = flight->hash = hash(f, &l);
	frame->flags = l.flags;
	frame->queue = f->rss_table[frame->hash & 127];
}

/* Frames are looked into when they begin: those whose hash is looked up later than now may have it of a key that does not come to be used. */
void pkt_inspect_key(struct iss_fabric *f, uint64_t cycle, unsigned int word, uint32_t value)
{
	use_tables(f, cycle + 1);
	if (f->key_used)
		memcpy(f->old_key, f->rss_key, sizeof(f->old_key));
	f->key_used = false;
	f->rss_key[word] = value;
	f->key_due = cycle + NIC_RSS_CLOCKS;
	for (unsigned int i = f->flight_head; i != f->flight_tail; i++)
		if (f->flight[i % FLIGHTS].known > cycle + HASH_KNOWN)
			pkt_inspect(f, &f->flight[i % FLIGHTS]);
}

/* A frame's queue is looked up with its last row, when its thread may have started. */
void pkt_inspect_table(struct iss *n, unsigned int entry, uint32_t value)
{
	struct iss_fabric *f = n->fabric;

	f->rss_table[entry] = value & (ISS_QUEUES - 1);
	for (unsigned int i = f->flight_head; i != f->flight_tail; i++) {
		struct iss_flight *flight = &f->flight[i % FLIGHTS];
		struct iss_tile *c = &n->tile[flight->context / ISS_THREADS];
		unsigned int thread = flight->context % ISS_THREADS;

		if (flight->known <= n->cycle + QUEUE_KNOWN)
			continue;
		if (c->running >> thread & 1)
			c->thread[thread].meta.queue = c->thread[thread].r[SR_RXQ] = f->rss_table[flight->hash & 127];
		else
			flight->frame->queue = f->rss_table[flight->hash & 127];
	}
}
