// SPDX-License-Identifier: Apache-2.0
/* Packets of some flows, with and without tags, checksums good, bad and missing; hash and flags reckoned bit by bit. */
#include "fabric.h"

#include <string.h>

enum { IP4 = 1, IP6 = 2, IP_GOOD = 4, IP_BAD = 8, TCP = 16, UDP = 32, L4_GOOD = 64, L4_BAD = 128, FLOWS = 6 };

uint64_t rnd_next(struct rnd *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

unsigned int rnd_below(struct rnd *r, unsigned int n)
{
	return rnd_next(r) % n;
}

bool rnd_percent(struct rnd *r, unsigned int p)
{
	return rnd_below(r, 100) < p;
}

static void put16(uint8_t *at, unsigned int v)
{
	at[0] = v >> 8;
	at[1] = v;
}

static uint32_t add(uint32_t sum, const uint8_t *bytes, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++)
		sum += i % 2 ? bytes[i] : bytes[i] << 8;
	return sum;
}

static unsigned int folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* Toeplitz as its inventors describe it: for each bit set in the input, the key shifted by as much. */
static uint32_t toeplitz(const uint32_t key[10], const uint8_t *input, unsigned int len)
{
	uint32_t hash = 0;

	for (unsigned int bit = 0; bit < 8 * len; bit++) {
		uint64_t window = (uint64_t)key[bit / 32] << 32 | (bit / 32 < 9 ? key[bit / 32 + 1] : 0);

		if (input[bit / 8] >> (7 - bit % 8) & 1)
			hash ^= (uint32_t)(window >> (32 - bit % 32));
	}
	return hash;
}

static unsigned int tags(struct rnd *r, uint8_t *bytes)
{
	unsigned int at = 12;

	for (unsigned int n = rnd_percent(r, 70) ? 0 : 1 + rnd_below(r, 2); n; n--, at += 4) {
		put16(bytes + at, rnd_percent(r, 50) ? 0x8100 : 0x88a8);
		put16(bytes + at + 2, rnd_next(r));
	}
	return at;
}

static void l4(struct rnd *r, struct packet *p, unsigned int at, unsigned int end, bool tcp, uint32_t pseudo, unsigned int flow)
{
	unsigned int check = at + (tcp ? 16 : 6), sum;

	put16(p->bytes + at, 1000 + flow);
	put16(p->bytes + at + 2, tcp ? 80 : 53);
	if (!tcp)
		put16(p->bytes + at + 4, end - at);
	put16(p->bytes + check, 0);
	p->flags |= tcp ? TCP : UDP;
	if (!tcp && rnd_percent(r, 20))
		return; /* the sender made no checksum */
	sum = folded(add(pseudo, p->bytes + at, end - at));
	if (!tcp && !sum)
		sum = 0xffff;
	if (rnd_percent(r, 20)) {
		put16(p->bytes + check, sum ^ 0x0100);
		p->flags |= !tcp && !(sum ^ 0x0100) ? 0 : L4_BAD;
		return;
	}
	put16(p->bytes + check, sum);
	p->flags |= L4_GOOD;
}

static void ip4(struct rnd *r, struct packet *p, unsigned int at, unsigned int flow)
{
	bool tcp = flow % 2, fragment = rnd_percent(r, 10), options = rnd_percent(r, 10);
	unsigned int header = options ? 24 : 20, sum, end = p->len;
	uint8_t *ip = p->bytes + at;

	if (end > at + header + 21 && rnd_percent(r, 20))
		end--; /* the frame is longer than the packet in it */
	ip[0] = options ? 0x46 : 0x45;
	put16(ip + 2, end - at);
	put16(ip + 6, fragment ? (rnd_percent(r, 50) ? 0x2000 : 0x0010) : rnd_percent(r, 50) ? 0x4000 : 0);
	ip[9] = tcp ? 6 : 17;
	put16(ip + 10, 0);
	memcpy(ip + 12, (uint8_t[8]){10, 0, 0, flow, 10, 0, 1, 1}, 8);
	sum = folded(add(0, ip, header));
	p->flags = IP4;
	if (rnd_percent(r, 10))
		sum ^= 1;
	put16(ip + 10, sum);
	if (!options)
		p->flags |= folded(add(0, ip, 20)) ? IP_BAD : IP_GOOD;
	if (!fragment && end >= at + header + (tcp ? 20 : 8))
		l4(r, p, at + header, end, tcp, add(ip[9] + end - at - header, ip + 12, 8), flow);
}

static void ip6(struct rnd *r, struct packet *p, unsigned int at, unsigned int flow)
{
	bool tcp = flow % 2;
	uint8_t *ip = p->bytes + at;

	memset(ip, 0, 40);
	ip[0] = 0x60;
	put16(ip + 4, p->len - at - 40);
	ip[6] = rnd_percent(r, 10) ? 44 : tcp ? 6 : 17;
	ip[8] = 0x20;
	ip[23] = flow;
	ip[39] = 1;
	p->flags = IP6;
	if (ip[6] != 44 && p->len >= at + 40 + (tcp ? 20 : 8))
		l4(r, p, at + 40, p->len, tcp, add(ip[6] + p->len - at - 40, ip + 8, 32), flow);
}

static uint32_t hash_of(const struct packet *p, unsigned int l3, const uint32_t key[10])
{
	const uint8_t *ip = p->bytes + l3;
	unsigned int addresses = p->flags & IP4 ? 8 : 32, header = p->flags & IP4 ? 4 * (ip[0] & 15) : 40;
	uint8_t input[36];

	if (!(p->flags & (IP4 | IP6)))
		return 0;
	memcpy(input, ip + (p->flags & IP4 ? 12 : 8), addresses);
	memcpy(input + addresses, ip + header, 4);
	return toeplitz(key, input, addresses + (p->flags & (TCP | UDP) ? 4 : 0));
}

static unsigned int length(struct rnd *r, unsigned int len_min)
{
	unsigned int most = rnd_percent(r, 70) ? 130 : rnd_percent(r, 90) ? NIC_FRAME_MAX : 1800;

	return len_min + rnd_below(r, most - len_min + 1);
}

/* Ports, host queues that exist and one that does not, nobody. */
static const uint32_t targets[] = {1, 2, 0x80000000, 0x80000003, 0x80000009, 0, 99, 0xc0000003, 0xdffffff2, 0xe0000003, 0xe0000001, 0xc000000c};

void packet_make(struct rnd *r, struct packet *p, unsigned int len_min, const uint32_t key[10])
{
	unsigned int flow = rnd_below(r, FLOWS), at;

	memset(p, 0, sizeof(*p));
	p->len = length(r, len_min);
	p->bad = rnd_percent(r, 3);
	for (unsigned int i = 0; i < p->len; i++)
		p->bytes[i] = rnd_next(r);
	if (p->len >= AT_TARGET + 4)
		memcpy(p->bytes + AT_TARGET, &targets[rnd_below(r, sizeof(targets) / sizeof(targets[0]))], 4);
	if (p->len < 22 || rnd_percent(r, 10)) {
		if (p->len >= 14)
			put16(p->bytes + 12, 0x88b5);
		return;
	}
	at = tags(r, p->bytes);
	if (flow >= FLOWS / 2 && p->len >= at + 2 + 40) {
		put16(p->bytes + at, 0x86dd);
		ip6(r, p, at + 2, flow);
	} else if (p->len >= at + 2 + 24) {
		put16(p->bytes + at, 0x0800);
		ip4(r, p, at + 2, flow);
	} else {
		put16(p->bytes + at, 0x88b5);
	}
	p->hash = hash_of(p, at + 2, key);
}
