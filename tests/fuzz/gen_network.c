// SPDX-License-Identifier: Apache-2.0
/* What the host's network says: routes, MTUs, SYN cookies. */
#include <linux/bpf.h>
#include <string.h>
#include "gen.h"

static void store_bytes(struct gen *g, int32_t at, const void *bytes, uint32_t size)
{
	int32_t word;

	for (uint32_t n = 0; n + 4 <= size; n += 4) {
		memcpy(&word, (const uint8_t *)bytes + n, 4);
		put(g, EC_ST | EBPF_MEM | EBPF_W, 10, 0, (int16_t)(at + (int32_t)n), word);
	}
}

/* Of those that tests/fib/host.sh has routes to, or one beside it. */
static void destination(struct gen *g, struct bpf_fib_lookup *p)
{
	static const uint8_t four[][4] = { { 10, 1, 0, 2 }, { 10, 1, 0, 1 }, { 10, 2, 0, 2 }, { 10, 2, 0, 3 }, { 10, 7, 0, 5 }, { 192, 168, 1, 1 }, { 192, 168, 5, 7 },
		{ 192, 168, 6, 1 }, { 192, 168, 7, 1 }, { 192, 168, 8, 1 }, { 192, 168, 9, 1 }, { 172, 16, 0, 1 }, { 172, 16, 1, 1 }, { 172, 16, 2, 1 }, { 172, 16, 3, 1 },
		{ 172, 16, 5, 1 }, { 172, 16, 6, 1 }, { 172, 16, 7, 1 }, { 172, 20, 0, 1 }, { 8, 8, 8, 8 }, { 127, 0, 0, 1 }, { 10, 2, 0, 77 } };
	static const uint8_t six[][8] = { { 0, 1, 0, 0, 0, 0, 0, 2 }, { 0, 1, 0, 0, 0, 0, 0, 1 }, { 0, 2, 0, 0, 0, 0, 0, 2 }, { 0, 8, 0, 0, 0, 0, 0, 1 },
		{ 0, 8, 0, 1, 0, 0, 0, 1 }, { 0, 8, 0, 2, 0, 0, 0, 1 }, { 0, 8, 0, 3, 0, 0, 0, 1 }, { 0, 9, 0, 0, 0, 0, 0, 1 }, { 0, 9, 0, 3, 0, 0, 0, 1 },
		{ 0, 32, 0, 0, 0, 0, 0, 1 } }; /* of 2001:db8:: */
	static const uint8_t prefix[4] = { 0x20, 0x01, 0x0d, 0xb8 };
	uint8_t *to = p->family == 10 ? (uint8_t *)p->ipv6_dst : (uint8_t *)&p->ipv4_dst;

	if (p->family == 10) {
		const uint8_t *s = six[below(g, sizeof(six) / sizeof(*six))];

		memcpy(to, prefix, 4);
		memcpy(to + 4, s, 4);
		to[15] = s[7];
	} else {
		memcpy(to, four[below(g, sizeof(four) / sizeof(*four))], 4);
	}
	if (below(g, 6) == 0)
		to[below(g, 4)] ^= (uint8_t)(1 << below(g, 8));
}

static void gen_route(struct gen *g)
{
	static const uint8_t links[] = { 2, 2, 2, 3, 1, 7, 99, 0 }, families[] = { 2, 2, 2, 10, 10, 10, 0, 3 };
	static const uint16_t lengths[] = { 0, 60, 1280, 1281, 1300, 1301, 1400, 1500, 1501, 65535 };
	static const int32_t flags[] = { 0, 0, 0, 1, 4, 8 | 1, 8, 16, 16 | 4, 32, 1 | 4, 64, 1 | 8 | 16 };
	struct bpf_fib_lookup p = { .family = families[below(g, 8)], .l4_protocol = 6, .tot_len = lengths[below(g, below(g, 2) ? 2 : 10)], .ifindex = links[below(g, 8)] };
	uint8_t from[4] = { 10, 1, 0, 5 };

	_Static_assert(sizeof(p) == VALUE_MAX, "");
	memcpy(p.family == 10 ? (void *)p.ipv6_src : (void *)&p.ipv4_src, from, sizeof(from));
	destination(g, &p);
	p.tbid = below(g, 3) ? 100 : below(g, 256);
	store_bytes(g, -STACK_VALUE, &p, sizeof(p));
	if (below(g, 3) == 0) /* a part of it is not known */
		put(g, EC_STX | EBPF_MEM | EBPF_B, 10, scalar_reg(g), (int16_t)(-STACK_VALUE + (p.family == 10 ? 47 : 35)), 0);
	if (below(g, 4) == 0)
		put(g, EC_STX | EBPF_MEM | EBPF_H, 10, scalar_reg(g), -STACK_VALUE + 6, 0);
	if (below(g, 4) == 0) {
		small_number(g, 4, 3);
		put(g, EC_ALU64 | EBPF_AND | EBPF_K, 4, 0, 0, ~BPF_FIB_LOOKUP_OUTPUT);
	} else {
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, flags[below(g, sizeof(flags) / sizeof(*flags))]);
	}
	stack_address(g, 2, -STACK_VALUE);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, below(g, 12) ? (int32_t)sizeof(p) : 60);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	call(g, BPF_FUNC_fib_lookup);
	for (uint32_t r = 1; r <= 5; r++)
		put(g, EC_LDX | EBPF_MEM | EBPF_DW, r, 10, (int16_t)(-STACK_VALUE + 8 * (int32_t)below(g, VALUE_MAX / 8)), 0);
}

static void gen_mtu(struct gen *g)
{
	static const uint8_t links[] = { 0, 1, 2, 2, 3, 3, 7, 99 };
	static const int32_t mtus[] = { 1500, 1500, 1400, 65536 };
	int32_t change = (int32_t)below(g, 3) - 1;

	if (below(g, 4))
		put(g, EC_ST | EBPF_MEM | EBPF_W, 10, 0, -STACK_SCRATCH, below(g, 3) ? 1399 + 100 * (int32_t)below(g, 2) + (int32_t)below(g, 3) : 0);
	else
		put(g, EC_STX | EBPF_MEM | EBPF_W, 10, scalar_reg(g), -STACK_SCRATCH, 0);
	if (below(g, 2)) /* the packet that is there then just fits, or just not */
		change = 14 + mtus[below(g, 4)] - (int32_t)g->c->packet_len[below(g, g->c->n_packets)] + change;
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, below(g, 6) ? change : imm(g));
	if (below(g, 3) == 0)
		small_number(g, 2, 3);
	else
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, links[below(g, 8)]);
	if (below(g, 4))
		stack_address(g, 3, -STACK_SCRATCH);
	else
		data_address(g, 3, -STACK_SCRATCH, 4);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 5, 0, 0, below(g, 8) == 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	call(g, BPF_FUNC_check_mtu);
	restore_after_call(g, false);
}

/* r1, r2: the two headers, on the stack. */
static void cookie_headers(struct gen *g)
{
	stack_address(g, 1, -STACK_VALUE);
	stack_address(g, 2, -STACK_SCRATCH);
}

static void add_to_number(struct gen *g, uint32_t reg, int16_t at)
{
	put(g, EC_ALU | EBPF_ADD | EBPF_K, reg, 0, 0, 1);
	put(g, EC_ALU | EBPF_END | EBPF_X, reg, 0, 0, 32);
	put(g, EC_STX | EBPF_MEM | EBPF_W, 10, reg, (int16_t)(-STACK_SCRATCH + at), 0);
}

/* Which cookie it is, each side has of its own; what comes of it is compared: the size of segments, and whether it is good, or another would be. */
static void gen_cookie(struct gen *g)
{
	enum { SEQ = 4, ACK = 8, LENGTH = 12, OPTIONS = 20 };
	uint32_t six = below(g, 2), options = 4 * below(g, 6);
	int32_t size = OPTIONS + (int32_t)options;

	for (uint32_t n = 0; n < 40; n += 8)
		put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, scalar_reg(g), (int16_t)(-STACK_VALUE + (int32_t)n), 0);
	put(g, EC_ST | EBPF_MEM | EBPF_B, 10, 0, -STACK_SCRATCH + LENGTH, below(g, 12) ? size << 2 : imm(g));
	if (options >= 4 && below(g, 2))
		put(g, EC_ST | EBPF_MEM | EBPF_W, 10, 0, (int16_t)(-STACK_SCRATCH + OPTIONS + 4 * (int32_t)below(g, options / 4)),
		    below(g, 2) ? 0x0402 | (int32_t)below(g, 65536) << 16 : 0x04020101);
	cookie_headers(g);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, below(g, 12) ? size : 4 * (int32_t)below(g, 10));
	call(g, six ? BPF_FUNC_tcp_raw_gen_syncookie_ipv6 : BPF_FUNC_tcp_raw_gen_syncookie_ipv4);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 0, 0, 0);
	add_to_number(g, 2, ACK);
	put(g, EC_ALU64 | EBPF_ARSH | EBPF_K, 0, 0, 0, 32);
	put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 0, -STACK_OLD, 0);
	put(g, EC_LDX | EBPF_MEM | EBPF_W, 2, 10, -STACK_SCRATCH + SEQ, 0);
	put(g, EC_ALU | EBPF_END | EBPF_X, 2, 0, 0, 32);
	add_to_number(g, 2, SEQ);
	if (below(g, 4) == 0) { /* beyond the sizes of segments, which are its lowest bits */
		put(g, EC_LDX | EBPF_MEM | EBPF_W, 2, 10, -STACK_SCRATCH + ACK, 0);
		put(g, EC_ALU64 | EBPF_XOR | EBPF_K, 2, 0, 0, 1 << (8 + 8 * below(g, 2) + below(g, 6)));
		put(g, EC_STX | EBPF_MEM | EBPF_W, 10, 2, -STACK_SCRATCH + ACK, 0);
	}
	cookie_headers(g);
	call(g, six ? BPF_FUNC_tcp_raw_check_syncookie_ipv6 : BPF_FUNC_tcp_raw_check_syncookie_ipv4);
	put(g, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, -STACK_SCRATCH + ACK, imm(g));
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, -STACK_OLD, 0);
	for (uint32_t r = 2; r <= 5; r++)
		set_scalar(g, r);
}

void gen_network(struct gen *g)
{
	switch (below(g, 3)) {
	case 0:
		gen_route(g);
		break;
	case 1:
		gen_mtu(g);
		break;
	default:
		gen_cookie(g);
	}
}
