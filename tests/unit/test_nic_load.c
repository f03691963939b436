// SPDX-License-Identifier: Apache-2.0
/* Loading images into the C model: what gets there, what is refused, and NICs that are at work or misbehave. */
#include "nic.h"
#include "driver/common/nic_target.h"

/* Bundle 0 is plain pass; programs come behind it. */
#define ENTRY_OF_PORT_0 (REG_PORT + 4 * NIC_PORT_ENTRY)

enum { LANES = 3, BUNDLES = 4, ARRAY_VALUES = 8, ARRAY_LIMIT = 32, BUCKETS = 32, HASH_VALUES = 64, HASH_LIMIT = HASH_VALUES + 4 * 32 };

/* Bundle 0 ends with 1, bundle 2 with 2; bundle 1 goes round for ever. */
struct program {
	struct image_header header;
	uint64_t text[BUNDLES * LANES];
	struct image_map maps[2];
	uint8_t data[16];
	struct image image;
};

static void make(struct program *p, uint32_t entry)
{
	memset(p, 0, sizeof(*p));
	p->header = (struct image_header){ .lanes = LANES, .caps = IMAGE_CAPS, .n_bundles = BUNDLES, .entry = entry, .n_maps = 2,
					   .map_words = HASH_LIMIT / 8, .regs = 2 };
	for (int i = 0; i < BUNDLES * LANES; i++)
		p->text[i] = nic_word("nop", i % LANES);
	p->text[0] = nic_word("exit 1", 0);
	p->text[1 * LANES] = nic_word("jmp @1", 0);
	p->text[2 * LANES + 1] = nic_word("exit 2", 1);
	p->text[3 * LANES + 2] = nic_word("exit 2", 2);
	p->maps[0] = (struct image_map){ .type = IMAGE_MAP_ARRAY, .cpus = 1, .key_size = 4, .value_size = 5, .max_entries = 3,
					 .values = ARRAY_VALUES, .limit = ARRAY_LIMIT, .stride = 8, .data_off = 2, .data_size = 13 };
	p->maps[1] = (struct image_map){ .type = IMAGE_MAP_HASH, .cpus = 1, .key_size = 6, .value_size = 12, .max_entries = 3, .buckets = BUCKETS,
					 .n_buckets = 4, .values = HASH_VALUES, .limit = HASH_LIMIT, .stride = 32, .seed = 0xabcd };
	for (unsigned int i = 0; i < sizeof(p->data); i++)
		p->data[i] = (uint8_t)(0xa0 + i);
	p->image = (struct image){ .header = &p->header, .text = p->text, .maps = p->maps, .names = "", .data = p->data, .data_size = sizeof(p->data) };
}

static void load(struct nic *n, uint32_t entry)
{
	struct nic_refusal why;
	struct nic_place place;
	struct program p;

	make(&p, entry);
	if (nic_load(&n->regs, &p.image, &place, &why))
		fail_msg("%s", why.text);
}

static void tick(struct nic *n, unsigned int clocks)
{
	while (clocks--)
		n->device->ops->tick(n->device);
}

static void assert_registers(struct nic *n, uint32_t at, const uint32_t *want, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(nic_read(n, at + 4 * i), want[i]);
}

static void everything_gets_there(void **state)
{
	static const uint32_t array[] = { 4u << 16 | 2, 5, ARRAY_VALUES, ARRAY_LIMIT, 0, UINT32_MAX, 8, 0 };
	static const uint32_t hash[] = { 6u << 16 | 1, 12, HASH_VALUES, HASH_LIMIT, BUCKETS, 3, 32, 0xabcd };
	static const uint32_t hash_state[] = { 0, HASH_VALUES, HASH_LIMIT - 32 }, none[8];
	struct nic n;

	(void)state;
	nic_open(&n);
	for (uint32_t at = 0; at < HASH_LIMIT + 8; at += 8)
		nic_maps_write_word(&n.regs, at, 0xeeeeeeeeeeeeeeee);
	for (uint32_t word = 0; word < 8; word++) /* left by a program before */
		nic_write(&n, REG_MAPDESC + 5 * REG_MAPDESC_STRIDE + 4 * word, 0x40002);
	load(&n, 2);
	assert_registers(&n, REG_MAPDESC, array, 8);
	assert_registers(&n, REG_MAPDESC + REG_MAPDESC_STRIDE, hash, 8);
	assert_registers(&n, REG_MAPSTATE + REG_MAPSTATE_STRIDE, hash_state, 3);
	for (uint32_t map = 2; map < REG_MAPDESC_COUNT; map++)
		assert_registers(&n, REG_MAPDESC + map * REG_MAPDESC_STRIDE, none, 8);
	assert_int_equal(nic_maps_read_word(&n.regs, 0), 0xeeeeeeeeeeeeeeee);
	assert_int_equal(nic_maps_read_word(&n.regs, ARRAY_VALUES), 0xa9a8a7a6a5a4a3a2);
	assert_int_equal(nic_maps_read_word(&n.regs, ARRAY_VALUES + 8), 0xaeadacabaa);
	for (uint32_t at = ARRAY_VALUES + 16; at < HASH_VALUES; at += 8)
		assert_int_equal(nic_maps_read_word(&n.regs, at), 0);
	assert_int_equal(nic_maps_read_word(&n.regs, HASH_LIMIT), 0xeeeeeeeeeeeeeeee);
	assert_int_equal(nic_read(&n, ENTRY_OF_PORT_0), 1 + 2);
	assert_int_equal(nic_read(&n, REG_CTRL), 0);
	assert_int_equal(nic_read(&n, REG_THREADS), REG_THREADS_RESET);
	nic_close(&n);
}

static void it_runs_when_told_to(void **state)
{
	struct nic n;

	(void)state;
	nic_open(&n);
	assert_int_equal(nic_load_threads(&n.regs), 16);
	for (uint32_t entry = 0; entry <= 3; entry += 3) {
		load(&n, entry);
		n.packets = n.sent = 0;
		nic_offer(&n, 60);
		tick(&n, 1000);
		assert_int_equal(n.packets, 0);
		nic_load_run(&n.regs, 0);
		tick(&n, 1000);
		assert_int_equal(n.packets, 1);
		assert_int_equal(n.ret[0], entry ? 2 : 1);
		assert_int_equal(n.sent, entry ? 1 : 0); /* 1 is XDP_DROP */
	}
	load(&n, 0);
	nic_load_run(&n.regs, 1);
	nic_offer(&n, 60);
	tick(&n, 1000);
	assert_int_equal(n.sent, 2);
	nic_close(&n);
}

static void unfit_images_are_refused(void **state)
{
#define CHANGE(member, value, text, has_numbers, have) \
	{ offsetof(struct image_header, member), sizeof(((struct image_header *)0)->member), value, { text, has_numbers, value, have } }
	static const struct {
		size_t offset, size;
		uint32_t value;
		struct nic_refusal why;
	} changes[] = {
		CHANGE(lanes, 2, "the image is for another number of lanes than the NIC has", 1, 3),
		CHANGE(lanes, 4, "the image is for another number of lanes than the NIC has", 1, 3),
		CHANGE(regs, 9, "the image needs more registers per lane than the NIC has", 1, 8),
		CHANGE(n_bundles, 4097, "the program is too long for the microcode memory of the NIC", 1, 4095),
		CHANGE(n_maps, 65, "the program has more maps than the NIC can have", 1, 64),
		CHANGE(map_words, 65537, "the maps are too large for the map memory of the NIC, in 8-byte words; compile for it with --map-mem", 1, 65536),
		CHANGE(ext_words, 131073, "the maps are too large for the memory outside the chip of the NIC, in 8-byte words; compile for it with --ext-mem", 1, 131072),
		CHANGE(caps, IMAGE_CAPS + 1, "the image needs an ability that the NIC does not have", 0, 0),
	};
	struct nic_refusal why;
	struct nic_place place;
	struct program p;
	struct nic n;

	(void)state;
	nic_open(&n);
	load(&n, 0);
	nic_load_run(&n.regs, 0);
	n.writes = 0;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		make(&p, 2);
		memcpy((char *)&p.header + changes[i].offset, &changes[i].value, changes[i].size);
		assert_int_equal(nic_load(&n.regs, &p.image, &place, &why), -1);
		assert_string_equal(why.text, changes[i].why.text);
		assert_int_equal(why.has_numbers, changes[i].why.has_numbers);
		if (why.has_numbers) {
			assert_int_equal(why.need, changes[i].why.need);
			assert_int_equal(why.have, changes[i].why.have);
		}
	}
	assert_int_equal(n.writes, 0); /* the program before goes on */
	nic_offer(&n, 60);
	tick(&n, 1000);
	assert_int_equal(n.packets, 1);
	assert_int_equal(n.ret[0], 1);
	nic_close(&n);
}

/* Large maps cost no register writes, and are 0 whatever was there. */
/* What the compiler takes for the NIC as it comes loads into it. */
static void the_compiler_knows_the_nic(void **state)
{
	const struct target *t = &target_default;
	struct target has;
	struct nic n;

	(void)state;
	nic_open(&n);
	has = nic_target(&n.regs);
	assert_int_equal(t->lanes, has.lanes);
	assert_int_equal(t->regs, has.regs);
	assert_int_equal(t->bundles, has.bundles);
	assert_int_equal(t->maps, has.maps);
	assert_int_equal(t->map_words, has.map_words);
	assert_int_equal(t->cpus, has.cpus);
	nic_close(&n);
}

static void large_maps_are_cleared_by_the_nic(void **state)
{
	static const uint32_t values[] = { 8, IMAGE_EXT };
	struct nic_refusal why;
	struct nic_place place;
	struct program p;
	uint32_t writes[3];
	struct nic n;

	(void)state;
	nic_open(&n);
	for (size_t i = 0; i < 3; i++) {
		make(&p, 2);
		if (i) {
			p.header.n_maps = 1;
			p.maps[0].max_entries = 60000;
			p.maps[0].values = values[i - 1];
			p.maps[0].limit = values[i - 1] + 60000 * 8;
			p.header.map_words = p.header.ext_words = 60001;
			for (uint32_t word = 0; word < 60000; word += 997)
				nic_maps_write_word(&n.regs, values[i - 1] + 8 * word, UINT64_MAX);
		}
		n.writes = 0;
		if (nic_load(&n.regs, &p.image, &place, &why))
			fail_msg("%s", why.text);
		writes[i] = n.writes;
		for (uint32_t word = 2; i && word < 60000; word++)
			if (nic_maps_read_word(&n.regs, values[i - 1] + 8 * word))
				fail_msg("word %u of map %zu is not 0", word, i);
	}
	assert_true(writes[1] < writes[0] + 40 && writes[2] < writes[0] + 40);
	nic_close(&n);
}

/* What is known to be zero outside the chip is not cleared, and what maps had before is. The memory here is not zero, so what is left alone shows. */
static void only_what_was_used_is_cleared(void **state)
{
	const uint32_t at = IMAGE_EXT + 64, words = 1000;
	uint32_t used = 0;
	struct nic_refusal why;
	struct nic_place place;
	struct program p;
	struct nic n;

	(void)state;
	nic_open(&n);
	n.regs.ext_used = &used;
	for (uint32_t known = 0; known < 2; known++) {
		make(&p, 2);
		p.header.n_maps = 1;
		p.maps[0].max_entries = words;
		p.maps[0].values = at;
		p.maps[0].limit = at + 8 * words;
		p.header.ext_words = (at - IMAGE_EXT) / 8 + words;
		if (nic_load(&n.regs, &p.image, &place, &why))
			fail_msg("%s", why.text);
		assert_int_equal(nic_maps_read_word(&n.regs, at + 8 * (words - 1)) == 0, known);
		assert_int_equal(used, p.header.ext_words);
	}
	nic_close(&n);
}

static uint32_t nothing_there(uint32_t offset, uint32_t value)
{
	(void)offset;
	(void)value;
	return UINT32_MAX;
}

static uint32_t newer(uint32_t offset, uint32_t value)
{
	return offset == REG_VERSION ? value + 1 : value;
}

static void other_devices_are_refused(void **state)
{
	struct nic_refusal why;
	struct nic_place place;
	struct program p;
	struct nic n;

	(void)state;
	nic_open(&n);
	make(&p, 0);
	n.lie = nothing_there;
	assert_int_equal(nic_load(&n.regs, &p.image, &place, &why), -1);
	assert_string_equal(why.text, "the device is not a NIC of this kind: its ID register differs");
	assert_int_equal(why.need, 0x4e494a43);
	assert_int_equal(why.have, UINT32_MAX);
	n.lie = newer;
	assert_int_equal(nic_load(&n.regs, &p.image, &place, &why), -1);
	assert_string_equal(why.text, "the NIC has another version of registers and instructions");
	assert_int_equal(why.need, REG_VERSION_RESET);
	assert_int_equal(why.have, REG_VERSION_RESET + 1);
	assert_int_equal(n.writes, 0);
	nic_close(&n);
}

static uint32_t never_idle(uint32_t offset, uint32_t value)
{
	return offset == REG_STATUS ? value & ~(1u << STATUS_IDLE_LSB) : value;
}

static uint32_t host_error(uint32_t offset, uint32_t value)
{
	return offset == REG_STATUS ? value | 1u << STATUS_HOST_ERR_LSB : value;
}

static void a_nic_that_never_rests_is_given_up(void **state)
{
	struct nic_refusal why;
	struct nic_place place;
	struct program p;
	struct nic n;

	(void)state;
	nic_open(&n);
	load(&n, 0);
	nic_load_run(&n.regs, 0);
	make(&p, 2);
	n.writes = 0;
	n.lie = never_idle;
	assert_int_equal(nic_load(&n.regs, &p.image, &place, &why), -1);
	assert_string_equal(why.text, "the NIC did not come to rest");
	assert_in_range(n.writes, 1, 4); /* it is stopped, nothing else */
	assert_int_equal(nic_read(&n, ENTRY_OF_PORT_0), 1 + 0);
	assert_int_equal(nic_read(&n, REG_CTRL), 0);
	assert_int_equal(nic_read(&n, REG_THREADS), REG_THREADS_RESET);
	n.lie = host_error;
	assert_int_equal(nic_load(&n.regs, &p.image, &place, &why), -1);
	assert_string_equal(why.text, "the NIC has not got all registers that it should have");
	nic_close(&n);
}

static void a_packet_that_runs_for_ever_is_waited_for(void **state)
{
	struct nic n;

	(void)state;
	nic_open(&n);
	load(&n, 1);
	nic_write(&n, REG_WATCHDOG, 5000);
	nic_offer(&n, 60);
	nic_load_run(&n.regs, 0);
	tick(&n, 100);
	assert_int_equal(n.packets, 0);
	load(&n, 2);
	assert_int_equal(n.packets, 1);
	assert_int_equal(n.ret[0], 0);
	nic_close(&n);
}

/* Every place in a frame, and between frames, at which the NIC can be asked to stop: no packet is lost, and each sees one program. */
static void loading_between_packets_loses_none(void **state)
{
	enum { FRAMES = 6 };

	(void)state;
	for (unsigned int clocks = 0; clocks < 150; clocks += 3) {
		unsigned int old;
		struct nic n;

		nic_open(&n);
		load(&n, 0);
		nic_load_run(&n.regs, 1);
		for (int i = 0; i < FRAMES; i++)
			nic_offer(&n, i % 2 ? 1514 : 60);
		tick(&n, clocks);
		load(&n, 2);
		old = n.packets;
		nic_load_run(&n.regs, 1);
		tick(&n, 2000);
		assert_int_equal(n.packets, FRAMES);
		assert_int_equal(n.sent, FRAMES);
		for (unsigned int i = 0; i < FRAMES; i++)
			assert_int_equal(n.ret[i], i < old ? 1 : 2);
		nic_close(&n);
	}
}

static void traffic_does_not_keep_it_from_stopping(void **state)
{
	unsigned int old;
	struct nic n;

	(void)state;
	nic_open(&n);
	load(&n, 0);
	nic_load_run(&n.regs, 0);
	n.traffic = 1;
	tick(&n, 20);
	load(&n, 2);
	old = n.packets;
	assert_in_range(old, 1, 16);
	nic_load_run(&n.regs, 0);
	tick(&n, 100);
	assert_true(n.packets > old);
	assert_int_equal(n.ret[old - 1], 1);
	assert_int_equal(n.ret[old], 2);
	nic_close(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_gets_there),
		cmocka_unit_test(it_runs_when_told_to),
		cmocka_unit_test(unfit_images_are_refused),
		cmocka_unit_test(the_compiler_knows_the_nic),
		cmocka_unit_test(large_maps_are_cleared_by_the_nic),
		cmocka_unit_test(only_what_was_used_is_cleared),
		cmocka_unit_test(other_devices_are_refused),
		cmocka_unit_test(a_nic_that_never_rests_is_given_up),
		cmocka_unit_test(a_packet_that_runs_for_ever_is_waited_for),
		cmocka_unit_test(loading_between_packets_loses_none),
		cmocka_unit_test(traffic_does_not_keep_it_from_stopping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
