// SPDX-License-Identifier: Apache-2.0
/*
 * Random microcode on two models in lock step: legal words with useful operands (and now and then
 * an illegal one), random packets, small maps, register accesses in between. Each seed is a machine
 * of its own, so that a seed can be run again alone.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/common/nic_maps.h"
#include "hw/spec/isa.h"
#include "hw/spec/regs.h"
#include "sim/cosim/cosim.h"

enum {
	ARRAY,
	HASH,
	HASH_ODD,
	MAPS,
	BUNDLES_MAX = 64,
	PACKETS = 40,
	CYCLES_MAX = 3000000,
	SETTLE = 200
};
enum {
	ARRAY_AT = 64,
	ARRAY_END = 320,
	HASH_BUCKETS = 320,
	HASH_AT = 384,
	HASH_END = 384 + 9 * 24,
	ODD_BUCKETS = 608,
	ODD_AT = 640,
	ODD_END = 640 + 4 * 40,
	MEMORY_END = 1024
};

struct test {
	struct device *device;
	struct nic_regs regs;
	uint64_t random;
	unsigned int lanes, registers, cores, bundles;
	unsigned int ports, offered, arrived, packets, completions;
};

static uint64_t next_random(struct test *t)
{
	uint64_t z = t->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static unsigned int below(struct test *t, unsigned int n)
{
	return next_random(t) % n;
}

static bool percent(struct test *t, unsigned int p)
{
	return below(t, 100) < p;
}

/* The two upper registers of each bank hold pointers, set by the prologue and seldom overwritten.
 */
static uint64_t pointer(struct test *t, unsigned int bank, unsigned int which)
{
	switch ((bank * 2 + which) % 6) {
	case 0: return ((uint64_t)NIC_TAG_STACK << 60) + 16 + below(t, 52) * 8;
	case 1:
		return ((uint64_t)NIC_TAG_MAP << 60 | (uint64_t)HASH << 48) + HASH_AT + 16 +
		       below(t, 16) * 8;
	case 2: return ((uint64_t)NIC_TAG_PKT << 60 | NIC_HEADROOM) + below(t, 50);
	case 3: return percent(t, 50) ? below(t, 4) : (uint64_t)below(t, 3) << 48 | below(t, 64);
	case 4:
		return ((uint64_t)NIC_TAG_MAP << 60 | (uint64_t)ARRAY << 48) + ARRAY_AT + 16 +
		       below(t, 12) * 8;
	default: return ((uint64_t)NIC_TAG_STACK << 60) + below(t, 480);
	}
}

static uint8_t pointer_register(struct test *t)
{
	return ISA_REG(below(t, t->lanes), t->registers - 1 - below(t, 2));
}

/* One that holds a pointer and no small number. */
static uint8_t key_register(struct test *t)
{
	uint8_t r;

	do
		r = pointer_register(t);
	while (r == ISA_REG(1, t->registers - 1) && percent(t, 95));
	return r;
}

static uint8_t operand(struct test *t)
{
	if (percent(t, 15))
		return SR_X;
	if (percent(t, 4))
		return SR_OWN0 + below(t, SR_MAP15 - SR_OWN0 + 1);
	if (percent(t, 20))
		return SR_ZERO + below(t, SR_WIN - SR_ZERO + 1);
	return ISA_REG(below(t, t->lanes), below(t, t->registers));
}

static uint32_t immediate(struct test *t)
{
	static const uint32_t edges[] = {0, 1,	0xffffffff, 0x80000000, 0x7fffffff,
					 2, 31, 32,	    63,		64};

	return percent(t, 50) ? edges[below(t, sizeof(edges) / sizeof(edges[0]))] : next_random(t);
}

static unsigned int target(struct test *t, unsigned int bundle)
{
	unsigned int to = percent(t, 88) ? bundle + 1 + below(t, 6) : below(t, t->bundles);

	return to < t->bundles ? to : t->bundles - 1;
}

/* Moves of all sizes, most of them possible. */
static void choose_move(struct test *t, struct isa_word *w)
{
	w->has_imm = percent(t, 90);
	w->b = w->has_imm ? 0 : operand(t);
	w->imm = 0;
	if (w->has_imm)
		w->imm = w->op == OP_ADJM && percent(t, 80) ? 0u - 4 * below(t, 20)
			 : percent(t, 80)		     ? below(t, 160) - 80
			 : percent(t, 80)		     ? below(t, 4096) - 2048
							     : immediate(t);
}

/* An address that is often legal. */
static void choose_address(struct test *t, struct isa_word *w)
{
	bool is_map = w->op >= OP_MLD && w->op <= OP_MCAS;
	unsigned int width = w->width ? w->width : 8;

	w->a = pointer_register(t);
	w->off = below(t, 64) - 16;
	if (percent(t, w->op >= OP_MADD ? 98 : 60))
		w->off = w->off / 8 * 8;
	if (percent(t, 2)) {
		w->a = operand(t);
		w->off = (int)below(t, 2048) - 1024;
	} else if (is_map && percent(t, 97)) {
		w->a = t->lanes > 2 ? ISA_REG(2, t->registers - 2) : ISA_REG(0, t->registers - 1);
	} else if (!is_map && percent(t, 40)) {
		w->a = SR_FP;
		w->off = -(int)(8 * (1 + below(t, 64))) + (int)(below(t, 8) / width * width);
	} else if (!is_map && percent(t, 70)) {
		w->a = SR_DATA;
		w->off = below(t, 100);
	}
}

static void set_field(struct test *t, struct isa_word *w, char letter, unsigned int bundle)
{
	switch (letter) {
	case 'd': w->dst = below(t, percent(t, 96) ? t->registers - 2 : t->registers); break;
	case 'a': w->a = operand(t); break;
	case 'b':
		w->has_imm = percent(t, 40);
		if (w->has_imm)
			w->imm = immediate(t);
		else
			w->b = operand(t);
		break;
	case 'r': w->b = operand(t); break;
	case 'c': w->c = operand(t); break;
	case 'g': w->guard = percent(t, 50); break;
	case 'w': w->w32 = percent(t, 50); break;
	case 't': w->target = target(t, bundle); break;
	case 'k': w->woff = below(t, ISA_WINDOW_BYTES); break;
	case 'n': w->width = 1 << below(t, 4); break;
	case 'e':
	case 'x': w->swap = percent(t, 50); break;
	case 'p': w->spec = percent(t, 80); break;
	case 's': w->shift = below(t, 64); break;
	case 'l': w->len = 1 + below(t, 64); break;
	case 'm': w->map = percent(t, 97) ? below(t, MAPS) : percent(t, 50) ? NIC_MAP_SELECTED : next_random(t) & 0xff; break;
	case 'f': w->fetch = percent(t, 50); break;
	case 'h': w->width = 1 + below(t, 2); break;
	case 'v': w->imm = percent(t, 50) ? 0 : next_random(t) & 0xffff; break;
	case 'M': w->mask = percent(t, 50) ? 0xffff : next_random(t); break;
	case 'C':
	case 'I': w->imm = immediate(t); break;
	}
}

static void set_call_operands(struct test *t, struct isa_word *w)
{
	static const uint8_t flags[] = {SR_ZERO, SR_CPU, SR_ZERO, SR_ZERO};

	if (percent(t, 90))
		w->map = w->op == OP_MCPY ? ARRAY : HASH + below(t, 2);
	else if (percent(t, 80))
		w->map = NIC_MAP_SELECTED;
	w->a = key_register(t);
	if (w->op == OP_MUPD || w->op == OP_MCPY)
		w->b = percent(t, 90) ? key_register(t) : SR_DATA;
	if (w->op == OP_MUPD)
		w->c = percent(t, 80) ? flags[below(t, sizeof(flags))] : pointer_register(t);
	if (w->op == OP_MCPY && t->lanes > 2 && percent(t, 95))
		w->a = ISA_REG(2, t->registers - 2);
}

static uint64_t random_word(struct test *t, unsigned int bundle, unsigned int lane)
{
	size_t n;
	const struct isa_info *rows = isa_rows(&n), *row;
	struct isa_word w = {0};
	const char *why;

	if (below(t, 3000) == 0)
		return (uint64_t)below(t, 256) << 56;
	do
		row = percent(t, 20) ? &rows[0] : &rows[below(t, n)];
	while (!isa_slot_allows(row->slot, lane, t->lanes) ||
	       (row->op == OP_EXIT && percent(t, 70)));
	w.op = row->op;
	for (const char *f = row->fields; *f; f++)
		set_field(t, &w, *f, bundle);
	if (w.op >= OP_LD && w.op <= OP_MCAS && strpbrk(row->fields, "oO"))
		choose_address(t, &w);
	if (w.op >= OP_ADJH && w.op <= OP_ADJM)
		choose_move(t, &w);
	if (w.op == OP_MSEL) {
		w.has_imm = w.imm = 0;
		w.b = pointer_register(t);
	}
	if (w.op == OP_JMPR && percent(t, 80))
		w.a = percent(t, 50) ? SR_CPU : ISA_REG(t->lanes > 1, t->registers - 1);
	if (w.op >= OP_MLOOK)
		set_call_operands(t, &w);
	why = isa_check(&w);
	if (why) {
		fprintf(stderr, "the test made a word that is not legal: %s: %s\n", row->name, why);
		exit(1);
	}
	return isa_encode(&w);
}

static void put(struct test *t, uint32_t offset, uint32_t value)
{
	t->device->ops->reg_write(t->device, offset, value);
}

static uint32_t get(struct test *t, uint32_t offset)
{
	return t->device->ops->reg_read(t->device, offset);
}

static void put_word(struct test *t, unsigned int bundle, unsigned int lane, uint64_t bits)
{
	uint32_t at = REG_IMEM + bundle * REG_IMEM_STRIDE + 8 * lane;

	put(t, at, (uint32_t)bits);
	put(t, at + 4, (uint32_t)(bits >> 32));
}

/* mov and movh of the pointers, then a random start for the other registers. */
static unsigned int prologue(struct test *t)
{
	unsigned int bundle = 0;

	for (unsigned int which = 0; which < 2; which++, bundle += 2)
		for (unsigned int lane = 0; lane < t->lanes; lane++) {
			uint64_t value = pointer(t, lane, which);
			uint8_t dst = t->registers - 2 + which;
			struct isa_word mov = {
				.op = OP_MOV, .has_imm = 1, .dst = dst, .imm = (uint32_t)value};
			struct isa_word movh = {.op = OP_MOVH,
						.dst = dst,
						.a = ISA_REG(lane, dst),
						.imm = value >> 32};

			put_word(t, bundle, lane, isa_encode(&mov));
			put_word(t, bundle + 1, lane, isa_encode(&movh));
		}
	return bundle;
}

static void load_code(struct test *t)
{
	struct isa_word nop = {.op = OP_NOP},
			end = {.op = OP_EXIT, .has_imm = 1, .imm = below(t, 6)};
	unsigned int bundle;

	t->bundles = 12 + below(t, BUNDLES_MAX - 12);
	for (bundle = prologue(t); bundle + 1 < t->bundles; bundle++)
		for (unsigned int lane = 0; lane < t->lanes; lane++)
			put_word(t, bundle, lane, random_word(t, bundle, lane));
	for (unsigned int lane = 0; lane < t->lanes; lane++)
		put_word(t, bundle, lane, isa_encode(lane ? &nop : &end));
}

static void load_maps(struct test *t)
{
	const uint32_t desc[MAPS][8] = {
		[ARRAY] = {2 | 4 << 16, 1 + below(t, 24), ARRAY_AT, ARRAY_END, 0, 0, 8, 0},
		[HASH] = {1 | (1 + below(t, 8)) << 16, 1 + below(t, 8), HASH_AT, HASH_END,
			  HASH_BUCKETS, below(t, 4) * 2 + 1, 24, next_random(t)},
		[HASH_ODD] = {1 | (9 + below(t, 8)) << 16, 9 + below(t, 8), ODD_AT, ODD_END,
			      ODD_BUCKETS, below(t, 2), 40, 0},
	};

	for (unsigned int at = 0; at < MEMORY_END; at += 8)
		nic_maps_write_word(&t->regs, at, at >= HASH_BUCKETS ? 0 : next_random(t));
	for (unsigned int map = 0; map < MAPS; map++)
		for (unsigned int i = 0; i < 8; i++)
			put(t, REG_MAPDESC + map * REG_MAPDESC_STRIDE + 4 * i, desc[map][i]);
}

static void set_port(struct test *t, uint32_t at)
{
	put(t, at + 4 * NIC_PORT_PROG, next_random(t));
	put(t, at + 4 * NIC_PORT_IFINDEX, below(t, 4));
	put(t, at + 4 * NIC_PORT_CTRL, next_random(t));
}

static void set_registers(struct test *t)
{
	put(t, REG_WATCHDOG, 20 + below(t, 300));
	put(t, REG_RND, next_random(t));
	put(t, REG_TIME_LO, next_random(t));
	put(t, REG_TIME_HI, next_random(t));
	put(t, REG_TIME_INC, next_random(t));
	put(t, REG_ORDER, below(t, 3));
	if (percent(t, 30))
		put(t, REG_THREADS, 1 + below(t, 20));
	if (percent(t, 30))
		put(t, REG_CORES, 1 + below(t, 4));
	if (percent(t, 20))
		put(t, REG_RX_MIN, below(t, 100));
	for (unsigned int i = 0; i < REG_RSS_KEY_COUNT && percent(t, 90); i++)
		put(t, REG_RSS_KEY + 4 * i, next_random(t));
	for (unsigned int i = 0; i < REG_RSS_TABLE_COUNT; i++)
		put(t, REG_RSS_TABLE + 4 * i, next_random(t));
	for (unsigned int port = 0; port < t->ports; port++)
		set_port(t, REG_PORT + port * REG_PORT_STRIDE);
	put(t, REG_CTRL, 1u << CTRL_RUN_LSB | (uint32_t)percent(t, 50) << CTRL_REPORT_LSB |
				 (uint32_t)percent(t, 50) << CTRL_HOST_LOSSLESS_LSB);
}

/* Some are real enough to have a hash and checksums. */
static void headers(struct test *t, uint8_t *frame)
{
	static const uint8_t types[][2] = {{0x08, 0x00}, {0x86, 0xdd}, {0x81, 0x00}, {0x88, 0xa8}};
	unsigned int l3 = 14;

	for (unsigned int tag = below(t, 4); tag; tag--, l3 += 4)
		memcpy(frame + l3 - 2, types[2 + below(t, 2)], 2);
	memcpy(frame + l3 - 2, types[below(t, 2)], 2);
	frame[l3] = percent(t, 50) ? 0x45 : percent(t, 80) ? 0x60 : 0x47;
	if (percent(t, 90)) {
		frame[l3 + 2] = frame[l3 + 4] = 0;
		frame[l3 + 6] = percent(t, 50) ? 0 : frame[l3] == 0x60 ? 6 : 0x40;
		frame[l3 + 7] = 0;
		frame[l3 + 9] = percent(t, 50) ? 6 : 17;
	}
}

static void offer(struct test *t)
{
	uint8_t frame[2 * DEVICE_FRAME_MAX];
	unsigned int len = 1 + below(t, percent(t, 90) ? 200 : percent(t, 80) ? DEVICE_FRAME_MAX : sizeof(frame));
	struct device_offer o = {.port = below(t, t->ports), .frame = frame, .len = len, .bad = percent(t, 5)};

	for (unsigned int i = 0; i < len; i++)
		frame[i] = next_random(t);
	if (percent(t, 70))
		headers(t, frame);
	o.at = t->device->ops->cycle(t->device) + (percent(t, 50) ? below(t, 200) : 0);
	if (t->device->ops->rx(t->device, &o) == 0)
		t->offered++;
	if (percent(t, 10))
		t->device->ops->host_tx(t->device, below(t, t->ports), frame, 1 + below(t, 200));
}

/* Streams stand, crawl and run. */
static void stall(struct test *t)
{
	enum device_stream stream = below(t, 4);
	uint64_t pattern = ~0ull;

	if (percent(t, 60))
		pattern = next_random(t) & next_random(t);
	else if (percent(t, 10))
		pattern = 0;
	t->device->ops->flow(t->device, stream, below(t, t->ports), pattern);
}

static void peek(struct test *t)
{
	static const uint32_t offsets[] = {
		REG_STATUS,	   REG_TIME_LO,
		REG_TIME_HI,	   REG_RND,
		REG_FAULT_INFO,	   REG_FAULT_PC,
		REG_FAULT_ADDR_LO, REG_MAPMEM + 64,
		REG_MAPMEM + 68,   REG_MAPSTATE + REG_MAPSTATE_STRIDE,
		REG_MAPDESC + 4,   REG_IMEM,
		REG_CAP_CORE,	   0x80,
		REG_SNAPSHOT,	   REG_CAP_NIC,
		REG_RSS_TABLE,	   REG_PORT + REG_PORT_STRIDE,
	};

	if (percent(t, 50))
		get(t, offsets[below(t, sizeof(offsets) / sizeof(offsets[0]))]);
	else
		get(t, REG_COUNTER + below(t, 2 * REG_COUNTER_COUNT) * 4);
	if (percent(t, 5))
		put(t, REG_SNAPSHOT, 1);
	if (percent(t, 5))
		put(t, REG_MAPMEM + 4, 1);
	if (percent(t, 5))
		put(t, REG_PORT + 4 * NIC_PORT_ENTRY, 0);
	if (percent(t, 2))
		put(t, REG_ORDER, below(t, 3));
}

/* Everything that was offered has come in or was dropped, and nothing is on its way. */
static bool at_rest(struct test *t)
{
	return t->arrived == t->offered && t->completions == t->packets && (get(t, REG_STATUS) >> STATUS_EMPTY_LSB & 1);
}

static void let_go(struct test *t)
{
	for (unsigned int port = 0; port < t->ports; port++)
		for (unsigned int stream = 0; stream < 4; stream++)
			t->device->ops->flow(t->device, stream, port, ~0ull);
}

static const char *traffic(struct test *t)
{
	unsigned int offered = 0;
	bool bursts = percent(t, 50);

	for (unsigned int cycle = 0; cycle < CYCLES_MAX; cycle++) {
		if (offered < PACKETS && (bursts || below(t, 64) == 0)) {
			offer(t);
			if (++offered == PACKETS)
				let_go(t);
		}
		if (below(t, 256) == 0)
			peek(t);
		if (offered < PACKETS && below(t, 256) == 0)
			stall(t);
		t->device->ops->tick(t->device);
		if (cosim_difference(t->device))
			return cosim_difference(t->device);
		if (offered == PACKETS && cycle % 64 == 0 && at_rest(t))
			return NULL;
	}
	return "the packets did not come out in time\n";
}

/* The reads are compared by the lock step. */
static void read_all(struct test *t)
{
	for (unsigned int i = 0; i < SETTLE; i++)
		t->device->ops->tick(t->device);
	put(t, REG_SNAPSHOT, 1);
	while (get(t, REG_SNAPSHOT))
		;
	for (unsigned int i = 0; i < 2 * (NIC_CNT_TILE + 16 * t->cores); i++)
		get(t, REG_COUNTER + 4 * i);
	for (uint32_t at = REG_ID; at <= REG_FAULT_ADDR_HI; at += 4)
		get(t, at);
	for (unsigned int i = 0; i < MAPS * 4; i++)
		get(t, REG_MAPSTATE + 4 * i);
	for (uint32_t at = 0; at < MEMORY_END; at += 4)
		get(t, REG_MAPMEM + at);
}

static void on_completion(void *arg, const struct device_completion *c)
{
	struct test *t = arg;

	(void)c;
	t->completions++;
}

static void on_rx(void *arg, const struct device_rx *r)
{
	struct test *t = arg;

	t->arrived++;
	t->packets += !r->drop;
}

static uint32_t regs_read(void *ctx, uint32_t offset)
{
	return get(ctx, offset);
}

static void regs_write(void *ctx, uint32_t offset, uint32_t value)
{
	put(ctx, offset, value);
}

/* false when the models differ. */
static bool run_seed(uint64_t seed, cosim_opener *first, unsigned long *compared)
{
	struct test t = {.random = seed};
	struct cosim_config config = {.open = {first, device_iss_open},
				      .events = {.rx = on_rx, .completion = on_completion, .arg = &t}};
	const char *difference, *why = "";
	uint32_t core;

	/* neighbouring seeds would give the same numbers, one place apart */
	t.random = next_random(&t) ^ seed << 32;
	t.device = cosim_open(&config, &why);
	if (!t.device) {
		fprintf(stderr, "the models can't be opened: %s\n", why);
		exit(1);
	}
	t.regs = (struct nic_regs){.read = regs_read, .write = regs_write, .ctx = &t};
	core = get(&t, REG_CAP_CORE);
	t.lanes = core >> CAP_CORE_LANES_LSB & 0xf;
	t.cores = get(&t, REG_CAP_NIC) >> CAP_NIC_CORES_LSB & 0xff;
	t.ports = get(&t, REG_CAP_NIC) >> CAP_NIC_PORTS_LSB & 0xff;
	t.registers = core >> CAP_CORE_REGS_LSB & 0xff;
	load_maps(&t);
	load_code(&t);
	set_registers(&t);
	difference = traffic(&t);
	if (!difference) {
		read_all(&t);
		difference = cosim_finish(t.device);
	}
	if (difference)
		printf("FAIL seed %" PRIu64 ": %s", seed, difference);
	*compared += cosim_compared(t.device);
	t.device->ops->close(t.device);
	return !difference;
}

int main(int argc, char **argv)
{
	cosim_opener *first = device_rtl_open;
	uint64_t from, count;
	unsigned long passed = 0, failed = 0, compared = 0;

	if (argc == 4 && strcmp(argv[3], "iss") == 0)
		first = device_iss_open;
	else if (argc != 3) {
		fprintf(stderr, "usage: isa-random FIRST_SEED COUNT [iss]\n"
				"the RTL (iss: the C model itself) against the C model\n");
		return 2;
	}
	from = strtoull(argv[1], NULL, 0);
	count = strtoull(argv[2], NULL, 0);
	for (uint64_t seed = from; seed < from + count; seed++) {
		if (run_seed(seed, first, &compared))
			passed++;
		else
			failed++;
	}
	printf("note: %lu records were equal on both models\n", compared);
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed != 0;
}
