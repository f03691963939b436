// SPDX-License-Identifier: Apache-2.0
/* Packet bytes as operands: every width, both byte orders, bit fields, and packets that end before
 * or in the bytes. */
#include "harness.h"

enum { LEN_MAX = 200 };

static uint8_t packet[LEN_MAX];

static uint64_t bytes_of(unsigned int k, unsigned int n, bool swap, unsigned int len)
{
	uint64_t v = 0;

	if (k + n > len)
		return 0;
	for (unsigned int i = 0; i < n; i++)
		v |= (uint64_t)packet[k + i] << 8 * (swap ? n - 1 - i : i);
	return v;
}

static uint64_t field_of(uint64_t v, unsigned int shift, unsigned int len, bool sign)
{
	uint64_t top = shift + len <= 64 ? v >> (shift + len - 1) & 1 : 0;

	v >>= shift;
	if (len == 64)
		return v;
	v %= 1ull << len;
	return sign && top ? v - (1ull << len) : v;
}

static void extract(struct machine *m, unsigned int lane, struct isa_word w, unsigned int len)
{
	uint64_t v = field_of(bytes_of(w.woff, w.width, w.swap, len), w.shift, w.len,
			      w.op == OP_WSBFX);
	unsigned int bundle;

	if (!code_has_room(m, 4))
		code_run(m, packet, len);
	bundle = code_bundle(m);
	code_put(m, bundle, lane, &w);
	code_value(m, bundle, lane, v);
	code_see(m, ISA_REG(lane, w.dst), v);
}

static void compare(struct machine *m, unsigned int lane, struct isa_word w, unsigned int len,
		    uint64_t mask, uint64_t value)
{
	uint64_t v = bytes_of(w.woff, w.width, w.swap, len) & mask;
	bool taken;
	unsigned int bundle;

	if (!code_has_room(m, 4))
		code_run(m, packet, len);
	bundle = code_bundle(m);
	switch (w.op) {
	case OP_WJEQ:
	case OP_WJEQ4: taken = v == value; break;
	case OP_WJNE:
	case OP_WJNE4: taken = v != value; break;
	case OP_WJGT: taken = v > value; break;
	default: taken = v < value; break;
	}
	w.target = bundle + 2;
	w.mask = mask;
	w.imm = value;
	code_put(m, bundle, lane, &w);
	m->code.expect[bundle].next = taken ? bundle + 2 : bundle + 1;
	m->code.expect[code_bundle(m)].never = taken;
}

static void extracts(struct machine *m, unsigned int lane, unsigned int len)
{
	for (unsigned int k = 0; k < ISA_WINDOW_BYTES; k++)
		for (unsigned int n = 1; n <= 8; n *= 2)
			for (unsigned int e = 0; e < 2; e++) {
				struct isa_word w = code_op(harness_random() & 1 ? OP_WUBFX
										 : OP_WSBFX);

				w.dst = k % m->registers;
				w.woff = k;
				w.width = n;
				w.swap = e;
				extract(m, lane, w, len);
				w.shift = harness_random() % (8 * n);
				w.len = 1 + harness_random() % (8 * n);
				extract(m, lane, w, len);
			}
}

static void compares(struct machine *m, unsigned int lane, unsigned int len)
{
	for (unsigned int k = 0; k < ISA_WINDOW_BYTES; k += 1 + k % 3)
		for (unsigned int op = OP_WJEQ; op <= OP_WJNE4; op++) {
			struct isa_word w = code_op(op);
			uint64_t mask, v;

			w.woff = k;
			w.swap = harness_random() & 1;
			w.width = op >= OP_WJEQ4 ? 4 : 1 + (harness_random() & 1);
			mask = op >= OP_WJEQ4	      ? UINT32_MAX
			       : harness_random() & 1 ? 0xffff
						      : harness_random() & 0xffff;
			v = bytes_of(k, w.width, w.swap, len) & mask;
			if (w.op < OP_WJEQ4 && w.width == 1 && !(v >> 8))
				mask &= 0xffff;
			if (op >= OP_WJEQ4)
				w.width = 4;
			compare(m, lane, w, len, mask, v);
			compare(m, lane, w, len, mask, v ? v - 1 : 0);
			if (v < mask)
				compare(m, lane, w, len, mask, v + 1);
			compare(m, lane, w, len, mask,
				harness_random() & (op >= OP_WJEQ4 ? UINT32_MAX : 0xffff));
		}
}

/* The last lane adds what the first two take: bytes as they are, whatever field of them goes to a register; nothing of words that take none. */
static void take(struct machine *m, unsigned int len)
{
	struct isa_word use = code_op(OP_ADD);
	uint64_t sum = 0;
	unsigned int bundle;

	if (!code_has_room(m, 6))
		code_run(m, packet, len);
	bundle = code_bundle(m);
	for (unsigned int lane = 0; lane < 2; lane++) {
		struct isa_word w = code_op(harness_random() & 1 ? OP_WUBFX : OP_WSBFX);

		w.dst = 1;
		w.woff = harness_random() % ISA_WINDOW_BYTES;
		w.width = 1u << harness_random() % 4;
		w.swap = harness_random() & 1;
		w.len = 8;
		if (harness_random() % 8 == 0) {
			w = code_op(OP_MOV);
			w.dst = 1;
			w.b = SR_LEN;
		} else {
			sum += bytes_of(w.woff, w.width, w.swap, len);
		}
		code_put(m, bundle, lane, &w);
		code_value(m, bundle, lane, w.op == OP_MOV ? len : field_of(bytes_of(w.woff, w.width, w.swap, len), 0, 8, w.op == OP_WSBFX));
	}
	use.dst = 2;
	use.a = use.b = SR_WIN;
	code_put(m, bundle, m->lanes - 1, &use);
	code_value(m, bundle, m->lanes - 1, sum);
}

void test_window(struct machine *m)
{
	static const unsigned int lens[] = {1, 14, 60, 127, 128, 131, LEN_MAX};

	harness_group = "window";
	for (unsigned int i = 0; i < LEN_MAX; i++)
		packet[i] = harness_random();
	code_clear(m);
	for (unsigned int i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		for (unsigned int lane = 0; lane < m->lanes && lane < ISA_WINDOW_LANES; lane++)
			extracts(m, lane, lens[i]);
		for (unsigned int lane = 0; lane < m->lanes && lane < ISA_BRANCH_LANES; lane++)
			compares(m, lane, lens[i]);
		for (unsigned int n = 0; n < 100 && m->lanes > ISA_WINDOW_LANES; n++)
			take(m, lens[i]);
		code_run(m, packet, lens[i]);
	}
}
