// SPDX-License-Identifier: Apache-2.0
/* Adjustments of the packet: the kernel's limits, written once more; what then is the packet to loads, stores, windows and map
 * keys; and what leaves, to a port and to the host. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

enum { MAP = 5, CASE_BUNDLES = 24, EINVAL_ = -22, EACCES_ = -13, ETH = 14, XDP_FRAME = 40, BUFFER = 2048, PASS = 2 };

/* The packet as it must be; known: bytes of the buffer whose value is known. */
static struct {
	int meta, data, end;
	uint8_t bytes[BUFFER];
	bool known[BUFFER];
} now;
static uint8_t packet[1536];
static unsigned int packet_len;

static void begin(struct machine *m, unsigned int len)
{
	code_clear(m);
	for (unsigned int i = 0; i < len; i++)
		packet[i] = harness_random();
	packet_len = len;
	memset(&now, 0, sizeof(now));
	now.meta = now.data = 256;
	now.end = 256 + len;
	memcpy(now.bytes + 256, packet, len);
	memset(now.known + 256, 1, len);
}

static int head(int n)
{
	int data = now.data + n;

	if (data < XDP_FRAME + (now.data - now.meta) || data > now.end - ETH || now.end - data > 1792)
		return EINVAL_;
	now.meta += n;
	now.data = data;
	return 0;
}

static int tail(int n)
{
	int end = now.end + n;

	if (end > BUFFER || end < now.data + ETH || end - now.data > 1792)
		return EINVAL_;
	now.end = end;
	return 0;
}

static int meta(int n)
{
	int start = now.meta + n, len = now.data - start;

	if (start < XDP_FRAME || start > now.data)
		return EINVAL_;
	if (len % 4 || len > 252)
		return EACCES_;
	now.meta = start;
	return 0;
}

/* Large numbers must not wrap in the test itself. */
static int expected(unsigned int op, int32_t n)
{
	if (abs(n / 2) > 4 * BUFFER)
		return EINVAL_;
	return op == OP_ADJH ? head(n) : op == OP_ADJT ? tail(n) : meta(n);
}

static void see_all(struct machine *m)
{
	const uint64_t tag = (uint64_t)NIC_TAG_PKT << 60;

	code_see(m, SR_META, tag | now.meta);
	code_see(m, SR_DATA, tag | now.data);
	code_see(m, SR_DATA_END, tag | now.end);
	code_see(m, SR_LEN, now.end - now.data);
}

static void adjust(struct machine *m, unsigned int op, int32_t n)
{
	unsigned int lane = m->lanes - 1, bundle;
	struct isa_word w = code_op(op);
	uint8_t operand = ISA_REG(harness_random() % m->lanes, 1);
	/* only the low half counts */
	uint64_t value = (uint32_t)n | harness_random() << 32;

	w.has_imm = harness_random() % 2;
	w.imm = w.has_imm ? n : 0;
	w.b = operand;
	w.dst = harness_random() % m->registers;
	if (!w.has_imm)
		code_constants(m, 1, &operand, &value);
	bundle = code_bundle(m);
	code_put(m, bundle, lane, &w);
	code_value(m, bundle, lane, (uint64_t)(int64_t)expected(op, n));
	see_all(m);
}

static void store(struct machine *m, int at, unsigned int width)
{
	struct isa_word w = code_op(OP_ST);
	uint8_t operand[2] = {ISA_REG(0, 2), ISA_REG(m->lanes - 1, 3)};
	uint64_t value[2] = {((uint64_t)NIC_TAG_PKT << 60) + at, harness_random()};
	struct expect *e;
	unsigned int b;

	if (width < 8)
		value[1] &= (1ull << 8 * width) - 1;
	code_constants(m, 2, operand, value);
	b = code_bundle(m);
	e = &m->code.expect[b];
	w.a = operand[0];
	w.b = operand[1];
	w.width = e->store_width = width;
	code_put(m, b, m->lanes - 1, &w);
	e->store = true;
	e->store_tag_offset = NIC_TAG_PKT << 12 | at;
	e->store_value = value[1];
	memcpy(now.bytes + at, &value[1], width);
	memset(now.known + at, 1, width);
}

/* Every byte between a and b gets a value. */
static void fill(struct machine *m, int a, int b)
{
	while (a < b) {
		unsigned int width = b - a >= 8 ? 8 : 1;

		store(m, a, width);
		a += width;
	}
}

static bool all_known(int at, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (!now.known[at + i])
			return false;
	return true;
}

/* A window load of n bytes; 0 behind the end. */
static void window(struct machine *m, unsigned int k, unsigned int n)
{
	struct isa_word w = code_op(OP_WUBFX);
	unsigned int lane = m->lanes < 2 ? 0 : harness_random() % 2, b;
	bool inside = (int)(k + n) <= now.end - now.data;
	uint64_t v = 0;

	if (inside && !all_known(now.data + k, n))
		return;
	if (inside)
		memcpy(&v, now.bytes + now.data + k, n);
	b = code_bundle(m);
	w.woff = k;
	w.width = n;
	code_put(m, b, lane, &w);
	code_value(m, b, lane, v);
}

/* A load that gives 0 when it is not legal. */
static void load(struct machine *m, int at, unsigned int n)
{
	struct isa_word w = code_op(OP_LD);
	uint8_t operand = ISA_REG(0, 2);
	uint64_t address = ((uint64_t)NIC_TAG_PKT << 60) + at, v = 0;
	bool inside = at >= now.meta && at + (int)n <= now.end;
	unsigned int b;

	if (inside && !all_known(at, n))
		return;
	if (inside)
		memcpy(&v, now.bytes + at, n);
	code_constants(m, 1, &operand, &address);
	b = code_bundle(m);
	w.a = operand;
	w.width = n;
	w.spec = 1;
	code_put(m, b, m->lanes - 1, &w);
	code_value(m, b, m->lanes - 1, v);
}

static void looks(struct machine *m)
{
	for (unsigned int i = 0; i < 3; i++)
		window(m, harness_random() % 128, 1 << harness_random() % 4);
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int n = 1 << harness_random() % 4;

		load(m, now.meta - 2 + harness_random() % 5, n);
		load(m, now.end - (int)n - 2 + harness_random() % 5, n);
		load(m, now.data + harness_random() % (now.end - now.data), n);
	}
}

/* What left is the packet, in front of it the metadata. */
static void compare(struct machine *m)
{
	int len = now.end - now.data, meta_len = now.data - now.meta;
	unsigned int wrong = 0;

	if (!harness_check((int)m->frame_len == len, "%zu bytes left, not %d", m->frame_len, len))
		return;
	for (int i = 0; i < len; i++)
		wrong += now.known[now.data + i] && m->frame[i] != now.bytes[now.data + i];
	harness_check(!wrong, "%u bytes of %d are wrong; the start was at %d", wrong, len, now.data);
	harness_check((int)m->completion.len == len, "length %u in the record, not %d", m->completion.len, len);
	if (!m->verdict)
		return;
	meta_len = meta_len < 32 ? meta_len : 32;
	if (!harness_check((int)m->meta_len == meta_len, "%u bytes of metadata, not %d", m->meta_len, meta_len))
		return;
	for (int i = 1; i <= meta_len; i++)
		wrong += now.known[now.data - i] && m->meta[sizeof(m->meta) - i] != now.bytes[now.data - i];
	harness_check(!wrong, "%u bytes of metadata are wrong", wrong);
}

static void finish(struct machine *m)
{
	code_run(m, packet, packet_len);
	compare(m);
}

/* Around every limit, one after the other from where the last one left it. */
static void limits(struct machine *m, unsigned int len)
{
	static const int edges[] = {0, 1, -1, 2047, 2048, -2048, -2049, INT32_MAX, INT32_MIN, 4096, -4096, 65536, 1 << 30};

	for (unsigned int op = OP_ADJH; op <= OP_ADJM; op++) {
		begin(m, len);
		for (unsigned int i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
			adjust(m, op, edges[i]);
		for (int d = -2; d <= 2; d++) {
			adjust(m, OP_ADJH, XDP_FRAME - now.meta + d);
			adjust(m, OP_ADJH, now.end - ETH - now.data + d);
			adjust(m, OP_ADJT, BUFFER - now.end + d);
			adjust(m, OP_ADJH, now.end - 1792 - now.data + d);
			adjust(m, OP_ADJT, now.data + ETH - now.end + d);
			adjust(m, OP_ADJT, BUFFER - now.end + d);
			adjust(m, OP_ADJT, now.data + 1792 - now.end + d);
			adjust(m, OP_ADJM, -4 * d);
		}
		finish(m);
	}
}

/* Metadata of every length, and one byte more or less than allowed. */
static void metadata(struct machine *m)
{
	begin(m, 400);
	adjust(m, OP_ADJH, 100);
	for (int n = -260; n <= 8; n++) {
		if (!code_has_room(m, 4 * CASE_BUNDLES)) {
			finish(m);
			begin(m, 400);
			adjust(m, OP_ADJH, 100);
		}
		adjust(m, OP_ADJM, n);
		if (now.meta != now.data && n % 3)
			adjust(m, OP_ADJM, now.data - now.meta);
	}
	finish(m);
}

/* Starts at every byte of a row, to a port and to the host with metadata of any length. */
static void offsets(struct machine *m, unsigned int verdict)
{
	for (int d = 0; d < 64; d++) {
		begin(m, 60 + harness_random() % 200);
		m->verdict = verdict;
		adjust(m, OP_ADJH, d % 2 ? d - 32 : -d);
		adjust(m, OP_ADJT, (int)(harness_random() % 150) - 40);
		adjust(m, OP_ADJM, -4 * (int)(harness_random() % 16));
		if (harness_random() % 2)
			adjust(m, OP_ADJH, (int)(harness_random() % 40) - 30);
		fill(m, now.meta, now.data + 8);
		store(m, now.end - 8, 8);
		looks(m);
		finish(m);
	}
	m->verdict = 0;
}

/* Anything, many times in one packet. */
static void mixed(struct machine *m)
{
	for (unsigned int run = 0; run < 60; run++) {
		unsigned int len = harness_random() % 4 ? 14 + harness_random() % 200 : 14 + harness_random() % (sizeof(packet) - 14);

		begin(m, len);
		m->verdict = harness_random() % 2 ? PASS : 0;
		for (unsigned int i = 0; i < 12; i++) {
			unsigned int op = OP_ADJH + harness_random() % 3;
			int range = harness_random() % 4 ? 64 : 600;
			int n = (int)(harness_random() % range) - range / 2;

			adjust(m, op, op == OP_ADJM ? n / 16 * 4 : n);
			if (harness_random() % 2)
				store(m, now.meta + harness_random() % (now.end - now.meta - 8), 8);
			looks(m);
		}
		finish(m);
	}
	m->verdict = 0;
}

/* Cancelled: nothing. In the bundle of an exit that does not cancel it: the packet leaves as adjusted. */
static void beside_control(struct machine *m)
{
	struct isa_word jump = code_op(OP_JMP), leave = code_op(OP_EXIT), w = code_op(OP_ADJH);
	unsigned int b;

	if (m->lanes < 2)
		return;
	begin(m, 100);
	w.has_imm = w.guard = 1;
	w.imm = -20;
	b = code_bundle(m);
	jump.target = b + 1;
	code_put(m, b, 0, &jump);
	code_put(m, b, m->lanes - 1, &w);
	see_all(m);
	finish(m);

	begin(m, 100);
	b = code_bundle(m);
	leave.has_imm = leave.imm = 1;
	w.guard = 0;
	code_put(m, b, 0, &leave);
	code_put(m, b, m->lanes - 1, &w);
	code_value(m, b, m->lanes - 1, 0);
	m->code.expect[b].next = -1;
	head(-20);
	finish(m);
}

/* A bundle that faults adjusts nothing. */
static void beside_fault(struct machine *m)
{
	struct isa_word w = code_op(OP_ADJT);
	uint32_t most = machine_get(m, REG_WATCHDOG);
	unsigned int b;

	begin(m, 100);
	b = code_bundle(m);
	w.has_imm = 1;
	w.imm = 30;
	code_put(m, b, m->lanes - 1, &w);
	m->code.expect[b].cause = CAUSE_WATCHDOG;
	machine_put(m, REG_WATCHDOG, 1);
	finish(m);
	machine_put(m, REG_WATCHDOG, most);
}

/* An empty hash table; keys of a few bytes go to the lookup unit, long ones to the engine. */
static void describe(struct machine *m, uint32_t key_size)
{
	const uint32_t stride = 8 + key_size + 8;
	const uint32_t words[] = {1 | key_size << 16, 8, 64, 64 + 2 * stride, 8, 0, stride, 0};

	nic_maps_write_word(&m->regs, 8, 0);
	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		machine_put(m, REG_MAPDESC + MAP * REG_MAPDESC_STRIDE + 4 * i, words[i]);
}

/* A key at the beginning of the metadata, at the packet's end, and one byte further. */
static void key_at(struct machine *m, bool at_end, bool outside)
{
	static const uint8_t sizes[] = {8, 40};

	for (unsigned int i = 0; i < sizeof(sizes); i++) {
		struct isa_word w = code_op(OP_MLOOK);
		uint8_t operand = ISA_REG(0, 2);
		uint64_t value;
		unsigned int b;

		describe(m, sizes[i]);
		begin(m, 200);
		adjust(m, OP_ADJH, 33);
		adjust(m, OP_ADJT, -20);
		adjust(m, OP_ADJM, -8);
		value = ((uint64_t)NIC_TAG_PKT << 60) + (at_end ? now.end - sizes[i] + outside : now.meta - outside);
		code_constants(m, 1, &operand, &value);
		b = code_bundle(m);
		w.a = operand;
		w.map = MAP;
		code_put(m, b, m->lanes - 1, &w);
		m->code.expect[b].command = OP_MLOOK;
		if (outside)
			m->code.expect[b + 1].cause = CAUSE_MAP;
		else
			code_see(m, SR_X, 0);
		finish(m);
		harness_check(m->completion.cause == (outside ? CAUSE_MAP : CAUSE_NONE), "a key of %u bytes at %x: cause %u", sizes[i],
			      (unsigned int)value, m->completion.cause);
	}
}

void test_adjust(struct machine *m)
{
	static const unsigned int lens[] = {1, 13, 14, 15, 60, 77, 256, 1500, 1536};

	harness_group = "adjustments";
	for (unsigned int i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		limits(m, lens[i]);
	metadata(m);
	offsets(m, 0);
	offsets(m, PASS);
	mixed(m);
	beside_control(m);
	beside_fault(m);
	for (unsigned int i = 0; i < 4; i++)
		key_at(m, i & 1, i & 2);
	code_clear(m);
}
