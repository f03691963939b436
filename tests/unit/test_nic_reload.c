// SPDX-License-Identifier: Apache-2.0
/* Replacing a program under way and taking it away, on the C model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "driver/common/nic_load.h"
#include "hw/spec/isa.h"
#include "hw/spec/regs.h"
#include "sim/device.h"

enum { LANES = 3, BUNDLES_MAX = 4200 };
#define NAMES "\0mine\0a.data\0b.data"
enum { NAME_MINE = 1, NAME_DATA = 6, NAME_OTHER_DATA = 13 };

static struct device *device;
static uint32_t last_verdict;
static unsigned int ended;
static uint64_t text[BUNDLES_MAX * LANES];
static struct image_header header;
static struct image_map map;
static struct image image;
static struct image_map old_map; /* of the program that runs */
static const uint8_t *old_data;
static struct nic_refusal why;
static struct nic_place place;

static uint32_t read(void *ctx, uint32_t offset)
{
	(void)ctx;
	return device->ops->reg_read(device, offset);
}

static void write(void *ctx, uint32_t offset, uint32_t value)
{
	(void)ctx;
	device->ops->reg_write(device, offset, value);
}

static const struct nic_regs regs = {.read = read, .write = write};

static void on_completion(void *arg, const struct device_completion *c)
{
	(void)arg;
	last_verdict = c->ret;
	ended++;
}

static int open_device(void **state)
{
	struct device_config config = {.events = {.completion = on_completion}};
	const char *reason;

	(void)state;
	device = device_iss_open(&config, &reason);
	return !device;
}

static int close_device(void **state)
{
	(void)state;
	device->ops->close(device);
	return 0;
}

/* So many bundles that jump to the last one, which exits. */
static void make(unsigned int bundles, uint32_t verdict)
{
	struct isa_word nop = {.op = OP_NOP}, jmp = {.op = OP_JMP, .target = bundles - 1},
			end = {.op = OP_EXIT, .has_imm = 1, .imm = verdict};

	for (unsigned int i = 0; i < bundles * LANES; i++)
		text[i] = isa_encode(&nop);
	text[0] = isa_encode(&jmp);
	text[(bundles - 1) * LANES] = isa_encode(&end);
	map = (struct image_map){.type = 2, .cpus = 1, .key_size = 4, .value_size = 8, .max_entries = 4, .values = 64, .limit = 96, .stride = 8};
	header = (struct image_header){.lanes = LANES, .n_bundles = bundles, .n_maps = 1, .map_words = 12, .regs = 1};
	image = (struct image){.header = &header, .text = text, .maps = &map, .names = NAMES};
}

static uint32_t run_packet(void)
{
	static const uint8_t frame[60];
	unsigned int before = ended;

	device->ops->rx(device, &(struct device_offer){.frame = frame, .len = sizeof(frame)});
	for (int i = 0; i < 1000 && ended == before; i++)
		device->ops->tick(device);
	assert_int_equal(ended, before + 1);
	return last_verdict;
}

static int reload(const struct nic_regs *to)
{
	struct image_header old_header = {.n_maps = 1};
	struct image old = {.header = &old_header, .maps = &old_map, .data = old_data, .names = NAMES};
	int error = nic_reload(to, &old, &image, &place, &why);

	old_map = error ? old_map : map;
	return error;
}

static void load(unsigned int bundles, uint32_t verdict)
{
	make(bundles, verdict);
	assert_int_equal(nic_load(&regs, &image, &place, &why), 0);
	old_map = map;
	nic_load_run(&regs, 0);
}

static void loads_and_runs(void **state)
{
	(void)state;
	load(10, 7);
	assert_int_equal(place.base, 1);
	assert_int_equal(place.bundles, 10);
	assert_int_equal(run_packet(), 7);
}

static void refuses(const char *words)
{
	assert_int_equal(nic_load(&regs, &image, &place, &why), -1);
	assert_non_null(strstr(why.text, words));
}

static void refuses_what_does_not_fit(void **state)
{
	(void)state;
	make(10, 1);
	header.lanes = 2;
	refuses("lanes");
	make(10, 1);
	header.regs = 9;
	refuses("registers");
	make(4096, 1);
	refuses("too long");
	assert_int_equal(why.have, 4095);
	make(10, 1);
	header.map_words = 65537;
	refuses("too large");
}

/* Behind the one that runs, then in front of it, then nowhere. */
static void replaces_beside(void **state)
{
	(void)state;
	load(1500, 1);
	make(2000, 3);
	assert_int_equal(reload(&regs), 0);
	assert_int_equal(place.base, 1501);
	assert_int_equal(run_packet(), 3);
	make(1500, 5);
	assert_int_equal(reload(&regs), 0);
	assert_int_equal(place.base, 1);
	assert_int_equal(run_packet(), 5);
	make(2600, 6);
	assert_int_equal(reload(&regs), -1);
	assert_non_null(strstr(why.text, "no room beside"));
	assert_int_equal(run_packet(), 5);
}

static void keeps_maps_when_it_replaces(void **state)
{
	(void)state;
	load(10, 1);
	nic_maps_write_word(&regs, 72, 0x1234567890);
	make(12, 4);
	assert_int_equal(reload(&regs), 0);
	assert_true(nic_maps_read_word(&regs, 72) == 0x1234567890);
	make(12, 4);
	map.value_size = 4;
	assert_int_equal(reload(&regs), -1);
	assert_non_null(strstr(why.text, "must be stopped"));
}

static uint32_t period(void)
{
	return read(NULL, REG_PORT + 4 * NIC_PORT_TICK);
}

/* Where the one that ran had no timers, something else may lie in their places. */
static void ticks_come_and_go_with_timers(void **state)
{
	(void)state;
	load(10, 1);
	assert_int_equal(period(), 0);
	make(12, 4);
	map.value_size = map.stride = 16;
	map.timer = 1;
	map.max_entries = 2;
	assert_int_equal(reload(&regs), -1);
	assert_non_null(strstr(why.text, "must be stopped"));
	assert_int_equal(nic_load(&regs, &image, &place, &why), 0);
	old_map = map;
	assert_int_not_equal(period(), 0);
	nic_load_run(&regs, 0);
	assert_int_equal(reload(&regs), 0);
	assert_int_not_equal(period(), 0);
	header.n_maps = 0;
	assert_int_equal(reload(&regs), 0);
	assert_int_equal(period(), 0);
}

static void locks_and_timers_stay_where_they_are(void **state)
{
	(void)state;
	load(10, 1);
	make(12, 4);
	map.lock = 1;
	assert_int_equal(reload(&regs), -1);
	assert_non_null(strstr(why.text, "must be stopped"));
	old_map.lock = 5;
	assert_int_equal(reload(&regs), -1);
	old_map.lock = 1;
	assert_int_equal(reload(&regs), 0);
	old_map.timer = 9;
	assert_int_equal(reload(&regs), -1);
	assert_int_equal(run_packet(), 4);
}

/* What the NIC cannot tell from what it has: it would go on with numbers that mean something else. */
static void maps_of_others_do_not_stay(void **state)
{
	static const struct image_map others[] = {
		{.type = IMAGE_MAP_CPUMAP}, {.max_entries = 1}, {.flags = 1}, {.inner = 1}, {.name = NAME_MINE}, {.name = NAME_DATA},
	};

	(void)state;
	load(10, 1);
	for (size_t n = 0; n < sizeof(others) / sizeof(*others); n++) {
		make(12, 4);
		map.type = others[n].type ? others[n].type : map.type;
		map.max_entries -= others[n].max_entries;
		map.flags = others[n].flags;
		map.inner = others[n].inner;
		map.name = others[n].name;
		assert_int_equal(reload(&regs), -1);
		assert_non_null(strstr(why.text, "must be stopped"));
	}
	old_map.name = NAME_DATA;
	make(12, 4);
	map.name = NAME_OTHER_DATA; /* of another object's file */
	assert_int_equal(reload(&regs), 0);
}

static void constants_are_those_of_the_program(void **state)
{
	static const uint8_t two[2] = {5, 6}, other[2] = {5, 7};

	(void)state;
	load(10, 1);
	old_map.flags = 1 << 7;
	old_map.data_size = 2;
	old_data = two;
	nic_maps_write_word(&regs, 72, 1);
	make(12, 4);
	map.flags = old_map.flags;
	map.data_size = 2;
	image.data = two;
	assert_int_equal(reload(&regs), 0);
	assert_int_equal(nic_maps_read_word(&regs, 72), 1); /* as the host left it */
	make(12, 6);
	map.flags = old_map.flags;
	map.data_size = 2;
	image.data = other;
	assert_int_equal(reload(&regs), 0);
	assert_int_equal(nic_maps_read_word(&regs, 64), 5 | 7 << 8);
	assert_int_equal(nic_maps_read_word(&regs, 72), 0);
	assert_int_equal(run_packet(), 6);
}

/* A main program that calls the one in slot 0, as bundles 0 and 1; only the slot's word is of interest here. */
static void make_calling(unsigned int bundles, uint32_t verdict)
{
	static uint64_t slots[4];
	static struct image_program program;

	make(bundles, verdict);
	program.entry = bundles - 1;
	slots[0] = program.entry + 1;
	map.type = IMAGE_MAP_PROG_ARRAY;
	map.data_size = sizeof(slots);
	header.n_programs = 1;
	image.programs = &program;
	image.data = (const uint8_t *)slots;
}

static void swaps_programs_that_are_called(void **state)
{
	static const uint8_t frame[60];
	enum { FRAMES = 40 };

	(void)state;
	make_calling(10, 1);
	assert_int_equal(nic_load(&regs, &image, &place, &why), 0);
	old_map = map;
	nic_load_run(&regs, 1);
	assert_int_equal(nic_maps_read_word(&regs, 64), 10);
	ended = 0;
	for (int i = 0; i < FRAMES; i++)
		assert_int_equal(device->ops->rx(device, &(struct device_offer){.frame = frame, .len = sizeof(frame)}), 0);
	make_calling(20, 4);
	assert_int_equal(reload(&regs), 0);
	assert_int_equal(place.base, 11);
	assert_int_equal(nic_maps_read_word(&regs, 64), 11 + 19);
	for (int i = 0; i < 1000 && ended < FRAMES; i++)
		device->ops->tick(device);
	assert_int_equal(ended, FRAMES);
	assert_int_equal(run_packet(), 4);
	/* Still runs, and reports as before. */
	assert_int_equal(read(NULL, REG_CTRL), 1u << CTRL_RUN_LSB | 1u << CTRL_REPORT_LSB);
}

static void detached_is_pass(void **state)
{
	(void)state;
	load(10, 1);
	assert_int_equal(nic_detach(&regs, &why), 0);
	assert_int_equal(run_packet(), 2);
}

/* A NIC that hangs reads as it did, and what is written to it is lost; one that is half broken does not take an ENTRY. */
static enum { WELL, HANGS, DEAF } health;
static uint32_t still;

static uint32_t ill_read(void *ctx, uint32_t offset)
{
	return health == HANGS && offset == REG_TIME_LO ? still : read(ctx, offset);
}

static void ill_write(void *ctx, uint32_t offset, uint32_t value)
{
	if (health == WELL || (health == DEAF && offset != REG_PORT + 4 * NIC_PORT_ENTRY))
		write(ctx, offset, value);
}

static const struct nic_regs ill = {.read = ill_read, .write = ill_write};

static void does_not_believe_a_nic_that_hangs(void **state)
{
	static const char *const says[] = {[HANGS] = "hangs", [DEAF] = "does not take a program"};

	(void)state;
	for (int how = HANGS; how <= DEAF; how++) {
		health = WELL;
		load(10, 7);
		make(12, 4);
		health = how;
		assert_int_equal(reload(&ill), -1);
		assert_non_null(strstr(why.text, says[how]));
		assert_int_equal(place.base, 1);
		assert_int_equal(nic_program_enter(&ill, 0, 50, &why), -1);
		assert_non_null(strstr(why.text, says[how]));
		assert_int_equal(nic_detach(&ill, &why), -1);
		assert_non_null(strstr(why.text, says[how]));
		assert_int_equal(run_packet(), 7);
	}
}

/* As drivers do that have a program for each port, and maps of their own. */
static void programs_and_maps_one_by_one(void **state)
{
	const struct nic_map view = {.regs = &regs, .layout = &map, .index = 5};
	uint32_t key = 2;
	uint64_t value = 0x1122334455667788, got = 1;

	(void)state;
	assert_int_equal(nic_load_pass(&regs, &why), 0);
	nic_load_run(&regs, 0);
	assert_int_equal(run_packet(), 2);
	make(10, 7);
	nic_program_write(&regs, &image, 100);
	assert_int_equal(run_packet(), 2);
	assert_int_equal(nic_program_enter(&regs, 1, 100, &why), 0);
	assert_int_equal(run_packet(), 2); /* by port 0 */
	assert_int_equal(nic_program_enter(&regs, 0, 100, &why), 0);
	assert_int_equal(run_packet(), 7);
	assert_int_equal(nic_program_enter(&regs, 0, 0, &why), 0);
	assert_int_equal(run_packet(), 2);

	nic_maps_write_word(&regs, map.values + 16, 99);
	assert_int_equal(nic_map_open(&regs, &map, 5), 0);
	assert_int_equal(nic_maps_lookup(&view, &key, &got), 0);
	assert_int_equal(got, 0);
	assert_int_equal(nic_maps_update(&view, &key, &value, 0), 0);
	assert_int_equal(nic_maps_read_word(&regs, map.values + 16), value);
	assert_int_equal(read(NULL, REG_MAPDESC + 5 * REG_MAPDESC_STRIDE + 4 * NIC_DESC_LIMIT), map.limit);
	nic_map_close(&regs, 5);
	assert_int_equal(read(NULL, REG_MAPDESC + 5 * REG_MAPDESC_STRIDE + 4 * NIC_DESC_LIMIT), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)
	const struct CMUnitTest tests[] = {
		TEST(loads_and_runs), TEST(refuses_what_does_not_fit), TEST(replaces_beside), TEST(keeps_maps_when_it_replaces),
		TEST(ticks_come_and_go_with_timers), TEST(locks_and_timers_stay_where_they_are),
		TEST(maps_of_others_do_not_stay), TEST(constants_are_those_of_the_program), TEST(swaps_programs_that_are_called), TEST(detached_is_pass), TEST(does_not_believe_a_nic_that_hangs),
		TEST(programs_and_maps_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
