// SPDX-License-Identifier: Apache-2.0
/* Hash and copy calls: many on a small table, so that chains, the free list and a full table occur;
 * keys and values in packet, stack and map at any alignment; key and value sizes that are not
 * multiples of 8. The table is afterwards read by the host's own walk, edited by it, and found so
 * by the NIC. */
#include "harness.h"

#include <errno.h>
#include <string.h>

enum {
	MAP = 2,
	ARRAY = 3,
	KEYS = 12,
	ENTRIES = 7,
	BUCKETS = 8,
	PART = NIC_KEY_BYTES + 8,     /* packet and array have room for two operands */
	STACK_PART = 200,             /* the stack for two short ones */
	PACKET = 2 * PART,
	SCRATCH = 1024,
	SCRATCH_SIZE = 2 * PART + 112,
	CASE_BUNDLES = 36
};

struct model {
	struct image_map layout;
	struct nic_map nic;
	uint8_t key[KEYS][NIC_KEY_BYTES];
	uint8_t value[KEYS][64];
	bool present[KEYS];
	unsigned int count;
};

static uint32_t origin; /* of the map memory that the maps lie in */
static uint8_t packet[PACKET];
static uint8_t scratch[SCRATCH_SIZE]; /* the array map's memory: keys and values lie there too */

static uint32_t round8(uint32_t n)
{
	return (n + 7) & ~7u;
}

static void describe(struct machine *m, unsigned int index, const struct image_map *map)
{
	const uint32_t words[] = {map->type | map->key_size << 16,
				  map->value_size,
				  map->values,
				  map->limit,
				  map->buckets,
				  map->n_buckets - 1,
				  map->stride,
				  map->seed};

	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		machine_put(m, REG_MAPDESC + index * REG_MAPDESC_STRIDE + 4 * i, words[i]);
}

static void make_model(struct machine *m, struct model *t, uint32_t key_size, uint32_t value_size)
{
	struct image_map array = {.type = 2, .cpus = 1,
				  .key_size = 4,
				  .value_size = value_size,
				  .values = origin + SCRATCH,
				  .limit = origin + SCRATCH + SCRATCH_SIZE,
				  .stride = round8(value_size),
				  .n_buckets = 1};

	memset(t, 0, sizeof(*t));
	t->layout = (struct image_map){
		.type = 1, .cpus = 1,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = ENTRIES,
		.buckets = origin + 8,
		.n_buckets = BUCKETS,
		.values = origin + 4096,
		.stride = 8 + round8(key_size) + round8(value_size),
		.seed = harness_random(),
	};
	if (origin)
		t->layout.stride = (t->layout.stride + IMAGE_EXT_ENTRY - 1) / IMAGE_EXT_ENTRY * IMAGE_EXT_ENTRY;
	t->layout.limit = t->layout.values + (ENTRIES + 1) * t->layout.stride;
	t->nic = (struct nic_map){.regs = &m->regs, .layout = &t->layout, .index = MAP};
	for (unsigned int i = 0; i < KEYS; i++)
		for (unsigned int j = 0; j < key_size; j++)
			t->key[i][j] = harness_random() % (i < 2 ? 2 : 256);
	describe(m, MAP, &t->layout);
	describe(m, ARRAY, &array);
	for (unsigned int i = 0; i < BUCKETS; i++)
		nic_maps_write_word(&m->regs, t->layout.buckets + 8 * i, 0);
	nic_maps_write_bytes(&m->regs, origin + SCRATCH, scratch, SCRATCH_SIZE);
}

/* Equal keys would make the model count twice. */
static bool keys_differ(const struct model *t)
{
	for (unsigned int i = 0; i < KEYS; i++)
		for (unsigned int j = 0; j < i; j++)
			if (memcmp(t->key[i], t->key[j], t->layout.key_size) == 0)
				return false;
	return true;
}

/* Stores bytes to a place in packet, stack or map by the program itself and gives the pointer. The second part often ends with the packet. */
static uint64_t place(struct machine *m, const uint8_t *bytes, uint32_t size, unsigned int part)
{
	unsigned int kind = size < STACK_PART ? harness_random() % 3 : 2 * (harness_random() % 2), parts = kind == 1 ? STACK_PART : PART,
		     room = parts - size, at = part * parts + (harness_random() % 3 ? harness_random() % room : room);
	uint64_t base = kind == 0   ? DATA_POINTER
			: kind == 1 ? STACK_POINTER
				    : (uint64_t)NIC_TAG_MAP << 60 | (uint64_t)ARRAY << 48 | (origin + SCRATCH);
	uint8_t operand[2] = {ISA_REG(0, 0), ISA_REG(m->lanes - 1, 1)};

	for (uint32_t i = 0; i < size;) {
		uint32_t n = size - i >= 8 && (at + i) % 8 == 0 ? 8 : 1;
		uint64_t value[2] = {base + at + i, 0};
		struct isa_word w = code_op(kind == 2 ? OP_MST : OP_ST);
		unsigned int b;

		memcpy(&value[1], bytes + i, n);
		code_constants(m, 2, operand, value);
		b = code_bundle(m);
		w.a = operand[0];
		w.b = operand[1];
		w.width = n;
		code_put(m, b, m->lanes - 1, &w);
		if (kind == 2) {
			m->code.expect[b].command = OP_MST;
			memcpy(scratch + at + i, bytes + i, n);
		} else {
			m->code.expect[b].store = true;
			m->code.expect[b].store_width = n;
			m->code.expect[b].store_tag_offset = base >> 60 << 12 |
							     ((base + at + i) & 0xfff);
			m->code.expect[b].store_value = value[1];
			if (kind == 0)
				memcpy(packet + at + i, bytes + i, n);
		}
		i += n;
	}
	return base + at;
}

/* Only eight bits of the operand count, and only when the word is not cancelled. */
static void select_map(struct machine *m, unsigned int map, bool cancelled)
{
	struct isa_word w = code_op(OP_MSEL), jump = code_op(OP_JMP);
	uint8_t operand = ISA_REG(0, 5);
	uint64_t value = (harness_random() & 0xff00ffffffffffff) | (uint64_t)map << 48;
	unsigned int bundle;

	code_constants(m, 1, &operand, &value);
	bundle = code_bundle(m);
	w.b = operand;
	w.guard = cancelled;
	code_put(m, bundle, m->lanes - 1, &w);
	jump.target = bundle + 1;
	if (cancelled)
		code_put(m, bundle, 0, &jump);
}

static void call(struct machine *m, unsigned int op, unsigned int map, uint64_t a, uint64_t b,
		 uint64_t c)
{
	uint8_t operand[3] = {ISA_REG(0, 2), ISA_REG(m->lanes - 1, 3), ISA_REG(m->lanes / 2, 4)};
	uint64_t value[3] = {a, b, c};
	struct isa_word w = code_op(op);
	bool select = harness_random() % 2;
	unsigned int bundle;

	if (select || harness_random() % 4 == 0)
		select_map(m, select ? map : 77, false);
	if (m->lanes > 1 && harness_random() % 4 == 0)
		select_map(m, 78, true);
	code_constants(m, 3, operand, value);
	bundle = code_bundle(m);
	w.map = select ? NIC_MAP_SELECTED : map;
	w.a = operand[0];
	w.b = operand[1];
	w.c = operand[2];
	code_put(m, bundle, m->lanes - 1, &w);
	m->code.expect[bundle].command = op;
}

/* The key in registers; what lies behind it there does not count. */
static void look_by_registers(struct machine *m, const struct model *t, unsigned int k)
{
	uint64_t key[2] = {harness_random(), harness_random()};

	memcpy(key, t->key[k], t->layout.key_size);
	call(m, OP_MLOOKR, MAP, key[0], key[1], 0);
}

static void lookup(struct machine *m, const struct model *t, unsigned int k)
{
	unsigned int b;
	struct isa_word w = code_op(OP_MLD);
	uint8_t x = SR_X;

	if (t->layout.key_size <= NIC_LOOK_BYTES && harness_random() % 2)
		look_by_registers(m, t, k);
	else
		call(m, OP_MLOOK, MAP, place(m, t->key[k], t->layout.key_size, harness_random() % 2), 0, 0);
	if (!t->present[k]) {
		code_see(m, x, 0);
		return;
	}
	code_see(m, x, 0);
	m->code.expect[m->code.n - 1].any = (1u << m->lanes) -
					    1; /* where it lies is the NIC's affair */
	for (uint32_t i = 0; i < t->layout.value_size; i++) {
		if (i) /* x is now a value, so the pointer is kept in a register */
			w.a = ISA_REG(0, m->registers - 1);
		else
			w.a = SR_X;
		b = code_bundle(m);
		w.off = i;
		code_put(m, b, m->lanes - 1, &w);
		m->code.expect[b].command = OP_MLD;
		b = code_bundle(m);
		for (unsigned int lane = m->lanes > 1; lane < m->lanes; lane++) {
			struct isa_word mov = code_op(OP_MOV);

			mov.b = SR_X;
			code_put(m, b, lane, &mov);
			code_value(m, b, lane, t->value[k][i]);
		}
	}
}

static void update(struct machine *m, struct model *t, unsigned int k, uint64_t flags)
{
	uint8_t value[64];
	unsigned int part = harness_random() % 2;
	uint64_t key = place(m, t->key[k], t->layout.key_size, part), from;
	int64_t result = 0;

	for (uint32_t i = 0; i < t->layout.value_size; i++)
		value[i] = harness_random();
	from = place(m, value, t->layout.value_size, !part);
	call(m, OP_MUPD, MAP, key, from, flags);
	if (flags > 2)
		result = -EINVAL;
	else if (t->present[k] && flags == 1)
		result = -EEXIST;
	else if (!t->present[k] && flags == 2)
		result = -ENOENT;
	else if (!t->present[k] && t->count == ENTRIES)
		result = -E2BIG;
	if (result == 0) {
		t->count += !t->present[k];
		t->present[k] = true;
		memcpy(t->value[k], value, t->layout.value_size);
	}
	code_see(m, SR_X, (uint64_t)result);
}

static void delete(struct machine *m, struct model *t, unsigned int k)
{
	uint64_t key = place(m, t->key[k], t->layout.key_size, harness_random() % 2);

	call(m, OP_MDEL, MAP, key, 0, 0);
	code_see(m, SR_X, t->present[k] ? 0 : (uint64_t)-ENOENT);
	t->count -= t->present[k];
	t->present[k] = false;
}

static void copy(struct machine *m, const struct model *t)
{
	uint32_t size = t->layout.value_size, stride = round8(size);
	uint32_t element = harness_random() % ((SCRATCH_SIZE - 2 * PART) / stride) * stride + 2 * PART;
	uint8_t value[64];
	uint64_t from;

	for (uint32_t i = 0; i < size; i++)
		value[i] = harness_random();
	from = place(m, value, size, 1);
	call(m, OP_MCPY, ARRAY,
	     (uint64_t)NIC_TAG_MAP << 60 | (uint64_t)ARRAY << 48 | (origin + SCRATCH + element), from, 0);
	code_see(m, SR_X, 0);
	memset(scratch + element, 0, stride);
	memcpy(scratch + element, value, size);
}

static void run(struct machine *m)
{
	static uint8_t sent[PACKET];

	code_run(m, sent, PACKET);
	for (unsigned int i = 0; i < SCRATCH_SIZE; i += 8) {
		uint64_t v;

		memcpy(&v, scratch + i, 8);
		harness_check(nic_maps_read_word(&m->regs, origin + SCRATCH + i) == v,
			      "word %u of the array", i);
	}
}

/* What the host finds in the table must be the model. */
static void compare_by_host(struct machine *m, const struct model *t)
{
	uint8_t key[NIC_KEY_BYTES], next[NIC_KEY_BYTES], value[64];
	unsigned int found = 0;
	int result = nic_maps_next(&t->nic, NULL, next);

	(void)m;
	for (unsigned int k = 0; k < KEYS; k++) {
		int got = nic_maps_lookup(&t->nic, t->key[k], value);

		harness_check(got == (t->present[k] ? 0 : -ENOENT), "the host's lookup gives %d",
			      got);
		if (got == 0)
			harness_check(memcmp(value, t->value[k], t->layout.value_size) == 0,
				      "the host reads another value");
	}
	while (result == 0 && found <= ENTRIES) {
		unsigned int k = 0;

		found++;
		memcpy(key, next, t->layout.key_size);
		while (k < KEYS && memcmp(key, t->key[k], t->layout.key_size))
			k++;
		harness_check(k < KEYS && t->present[k],
			      "the host finds a key that was never put in");
		result = nic_maps_next(&t->nic, key, next);
	}
	harness_check(result == -ENOENT && found == t->count, "the host finds %u keys, not %u",
		      found, t->count);
}

static void edit_by_host(struct model *t)
{
	for (unsigned int i = 0; i < 40; i++) {
		unsigned int k = harness_random() % KEYS;
		int want, got;

		if (harness_random() % 3) {
			uint8_t value[64];
			unsigned int flags = harness_random() % 4;

			for (uint32_t j = 0; j < t->layout.value_size; j++)
				value[j] = harness_random();
			got = nic_maps_update(&t->nic, t->key[k], value, flags);
			want = flags > 2	     ? -EINVAL
			       : t->present[k]	     ? (flags == 1 ? -EEXIST : 0)
			       : flags == 2	     ? -ENOENT
			       : t->count == ENTRIES ? -E2BIG
						     : 0;
			if (want == 0) {
				t->count += !t->present[k];
				t->present[k] = true;
				memcpy(t->value[k], value, t->layout.value_size);
			}
		} else {
			got = nic_maps_delete(&t->nic, t->key[k]);
			want = t->present[k] ? 0 : -ENOENT;
			t->count -= t->present[k];
			t->present[k] = false;
		}
		harness_check(got == want, "the host's edit gives %d, not %d", got, want);
	}
}

static void one_table(struct machine *m, uint32_t key_size, uint32_t value_size)
{
	struct model t;

	do
		make_model(m, &t, key_size, value_size);
	while (!keys_differ(&t));
	for (unsigned int i = 0; i < 90; i++) {
		unsigned int k = harness_random() % KEYS;

		if (!code_has_room(m, (key_size + value_size) * 6 + 3 * value_size + CASE_BUNDLES))
			run(m);
		switch (harness_random() % 8) {
		case 0:
		case 1: lookup(m, &t, k); break;
		case 2: delete(m, &t, k); break;
		case 3: copy(m, &t); break;
		case 4:
			update(m, &t, k,
			       harness_random() % 4 + (harness_random() % 8 == 0 ? 1ull << 32 : 0));
			break;
		default: update(m, &t, k, 0); break;
		}
		if (i % 30 == 29) {
			run(m);
			compare_by_host(m, &t);
			edit_by_host(&t);
			compare_by_host(m, &t);
		}
	}
	run(m);
	compare_by_host(m, &t);
}

void test_map_calls(struct machine *m)
{
	static const uint16_t sizes[][2] = {{4, 8},  {1, 1},   {8, 16},	{13, 20},
					   {16, 4}, {40, 64}, {128, 3}, {512, 11}, {6, 9}};

	for (unsigned int i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		harness_group = i % 2 ? "map calls outside the chip" : "map calls";
		origin = i % 2 ? IMAGE_EXT : 0;
		code_clear(m);
		one_table(m, sizes[i / 2][0], sizes[i / 2][1]);
	}
}
