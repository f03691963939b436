// SPDX-License-Identifier: Apache-2.0
/*
 * SYN cookies: bpf_tcp_raw_gen_syncookie_ipv4() and so on. As in Linux, a cookie is
 *     hash(0, connection, 0) + sequence number + (minutes << 24) + (hash(1, connection, minutes) + number of the segment size) % 2^24
 * The keys are those of a simulated NIC.
 */
#include "interp.h"

#include <errno.h>
#include <string.h>

enum { GEN4 = 204, GEN6, CHECK4, CHECK6 };
enum { IP4_BYTES = 20, IP6_BYTES = 40, TCP_BYTES = 20, MINUTES_VALID = 2, N_SIZES = 4 };

static const uint16_t sizes[2][N_SIZES] = { { 536, 1300, 1440, 1460 }, { 1220, 1420, 1440, 8940 } };

struct packet {
	bool six;
	const uint8_t *ip, *tcp;
};

bool cookie_is_helper(int32_t helper)
{
	return helper >= GEN4 && helper <= CHECK6;
}

static uint64_t left(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static void sip_rounds(uint64_t v[4], int n)
{
	while (n--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = left(v[1], 13) ^ v[0];
		v[3] = left(v[3], 16) ^ v[2];
		v[0] = left(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = left(v[1], 17) ^ v[2];
		v[3] = left(v[3], 21) ^ v[0];
		v[2] = left(v[2], 32);
	}
}

uint64_t cookie_siphash(const uint8_t key[16], const uint8_t *bytes, uint32_t size)
{
	uint64_t k[2], v[4];

	memcpy(k, key, sizeof(k));
	v[0] = k[0] ^ 0x736f6d6570736575;
	v[1] = k[1] ^ 0x646f72616e646f6d;
	v[2] = k[0] ^ 0x6c7967656e657261;
	v[3] = k[1] ^ 0x7465646279746573;
	for (uint32_t at = 0; at <= size; at += 8) {
		uint64_t word = 0;

		memcpy(&word, bytes + at, size - at < 8 ? size - at : 8);
		if (size - at < 8)
			word |= (uint64_t)size << 56;
		v[3] ^= word;
		sip_rounds(v, 2);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Addresses, ports and minute; where the minute stands follows from what the NIC can read at once. */
static uint32_t hash(const struct packet *p, uint8_t which, uint32_t minute)
{
	uint8_t key[16], bytes[40];
	uint32_t n = p->six ? 32 : 8;

	for (uint8_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(16 * which + i);
	memcpy(bytes, p->ip + (p->six ? 8 : 12), n);
	memcpy(bytes + n, p->tcp, 4);
	memcpy(bytes + n + 4, &minute, sizeof(minute));
	return (uint32_t)cookie_siphash(key, bytes, n + 8);
}

static uint32_t big32(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint32_t minute_of(const struct ref_machine *machine)
{
	return (uint32_t)(helper_jiffies(machine) / (60 * JIFFIES_HZ));
}

/* What the last option says that is there whole; 0: none says anything. */
static uint32_t segment_size(const uint8_t *tcp, uint32_t length)
{
	uint32_t size = 0, at = TCP_BYTES;

	while (at < length && tcp[at] != 0) {
		uint32_t kind = tcp[at], bytes;

		if (kind == 1) {
			at++;
			continue;
		}
		if (at + 2 > length)
			break;
		bytes = tcp[at + 1];
		if (bytes < 2 || at + bytes > length)
			break;
		if (kind == 2 && bytes == 4 && (tcp[at + 2] || tcp[at + 3]))
			size = (uint32_t)tcp[at + 2] << 8 | tcp[at + 3];
		at += bytes;
	}
	return size;
}

static uint64_t generate(const struct ref_machine *machine, const struct packet *p, uint32_t length)
{
	const uint16_t *table = sizes[p->six];
	uint32_t size, n = N_SIZES - 1, minute = minute_of(machine), cookie;

	if (length < TCP_BYTES || length != (uint32_t)(p->tcp[12] >> 4) * 4)
		return (uint64_t)-EINVAL;
	size = segment_size(p->tcp, length);
	while (n && (size ? size : table[0]) < table[n])
		n--;
	cookie = hash(p, 0, 0) + big32(p->tcp + 4) + (minute << 24) + ((hash(p, 1, minute) + n) & 0xffffff);
	return cookie | (uint64_t)table[n] << 32;
}

static uint64_t check(const struct ref_machine *machine, const struct packet *p)
{
	uint32_t cookie = big32(p->tcp + 8) - 1 - hash(p, 0, 0) - (big32(p->tcp + 4) - 1);
	uint32_t minute = minute_of(machine), age = (minute - (cookie >> 24)) & 0xff;

	if (age >= MINUTES_VALID || ((cookie - hash(p, 1, minute - age)) & 0xffffff) >= N_SIZES)
		return (uint64_t)-EACCES;
	return 0;
}

bool cookie_call(struct ref_machine *machine, int32_t helper)
{
	uint64_t *reg = machine->run->reg;
	bool generates = helper == GEN4 || helper == GEN6;
	struct packet p = { .six = helper == GEN6 || helper == CHECK6 };
	uint32_t length = generates ? (uint32_t)reg[3] : TCP_BYTES;

	p.ip = memory_bytes(machine, reg[1], p.six ? IP6_BYTES : IP4_BYTES, false);
	p.tcp = p.ip ? memory_bytes(machine, reg[2], length, false) : NULL;
	if (!p.tcp)
		return false;
	reg[0] = generates ? generate(machine, &p, length) : check(machine, &p);
	return true;
}
