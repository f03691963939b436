// SPDX-License-Identifier: Apache-2.0
/* The host's reading of records: what a program leaves in the ring comes out once, in order, at every place of the ring; what is no record is found. */
#include <errno.h>
#include <stdlib.h>
#include "driver/common/nic_events.h"
#include "nic.h"

enum { RING = 4096, HEADER = 8 };

/* What a program does. */
struct writer {
	struct nic_table t;
	uint64_t producer;
};

static void open_ring(struct writer *w)
{
	static const struct prog_map shape = { .name = "ring", .type = MAP_TYPE_RINGBUF, .max_entries = RING };

	nic_open_table(&w->t, &shape, 64);
	assert_int_equal(w->t.layout.stride, RING);
	w->producer = 0;
}

static uint32_t at(const struct writer *w, uint32_t offset)
{
	return w->t.layout.values + offset;
}

static void put_word(const struct writer *w, uint32_t offset, uint64_t value)
{
	nic_maps_write_word(&w->t.nic.regs, at(w, offset), value);
}

static uint64_t get_word(const struct writer *w, uint32_t offset)
{
	return nic_maps_read_word(&w->t.nic.regs, at(w, offset));
}

static uint32_t room_of(uint32_t size)
{
	return (size + HEADER + 7) & ~7u;
}

static uint64_t header_of(uint32_t size)
{
	return 77ULL << 32 | size;
}

static uint8_t byte_of(uint64_t position, uint32_t n)
{
	return (uint8_t)(position / 8 * 3 + n);
}

/* Reserves, fills and submits; returns where it lies in the ring. */
static uint32_t put_record(struct writer *w, uint32_t size, uint64_t flags)
{
	uint32_t place = RING_RECORDS + (uint32_t)w->producer % RING;
	uint8_t bytes[256];

	for (uint32_t n = 0; n < size; n++)
		bytes[n] = byte_of(w->producer, n);
	nic_maps_write_bytes(&w->t.nic.regs, at(w, place + HEADER), bytes, size);
	put_word(w, place, header_of(size) | flags);
	w->producer += room_of(size);
	put_word(w, RING_PRODUCER, w->producer);
	return place;
}

static void assert_takes(struct writer *w, uint64_t position, uint32_t size)
{
	uint8_t bytes[RING] = { 0 };
	size_t got = 0;

	bytes[size] = 0x5a;
	assert_int_equal(nic_events_take(&w->t.map, bytes, &got), 0);
	assert_int_equal(got, size);
	assert_int_equal(bytes[size], 0x5a);
	for (uint32_t n = 0; n < size; n++)
		assert_int_equal(bytes[n], byte_of(position, n));
}

static void assert_empty(struct writer *w, int result)
{
	uint8_t bytes[RING];
	size_t got;

	assert_int_equal(nic_events_take(&w->t.map, bytes, &got), result);
}

/* Rounds of the ring, with each length; the room is 0 again when it has been read, as whoever reserves next relies on. */
static void records_come_once_and_in_order(void **state)
{
	struct writer w;

	(void)state;
	open_ring(&w);
	assert_empty(&w, -ENOENT);
	for (uint32_t n = 0; n < 120; n++) {
		uint64_t first = w.producer, second;
		uint32_t place = put_record(&w, n % 100, 0);

		second = w.producer;
		put_record(&w, 200, 0);
		assert_takes(&w, first, n % 100);
		assert_takes(&w, second, 200);
		assert_empty(&w, -ENOENT);
		assert_int_equal(get_word(&w, RING_CONSUMER), w.producer);
		for (uint32_t word = 0; word < room_of(n % 100); word += 8)
			assert_int_equal(get_word(&w, place + word), 0);
	}
	nic_close(&w.t.nic);
}

/* Those that were discarded are passed over; one that is being filled holds up those behind it. */
static void unfinished_ones_are_waited_for(void **state)
{
	struct writer w;
	uint64_t last;
	uint32_t busy;

	(void)state;
	open_ring(&w);
	put_record(&w, 24, RING_DISCARD);
	put_record(&w, 0, RING_DISCARD);
	busy = put_record(&w, 8, RING_BUSY);
	last = w.producer;
	put_record(&w, 40, 0);
	assert_empty(&w, -ENOENT);
	assert_int_equal(get_word(&w, RING_CONSUMER), room_of(24) + room_of(0));
	put_word(&w, busy, header_of(8) | RING_DISCARD);
	assert_takes(&w, last, 40);
	assert_empty(&w, -ENOENT);
	w.producer += 16; /* reserved, and nothing of it is there yet */
	put_word(&w, RING_PRODUCER, w.producer);
	assert_empty(&w, -ENOENT);
	nic_close(&w.t.nic);
}

/* A program can't write these words; a NIC that is broken can. */
static void what_is_no_record_is_found(void **state)
{
	static const uint32_t lengths[] = { 17, RING, 0x3fffffff - 8 };
	struct writer w;
	uint32_t place;

	(void)state;
	open_ring(&w);
	put_record(&w, 40, 0);
	assert_takes(&w, 0, 40);
	place = put_record(&w, 16, 0);
	for (size_t n = 0; n < sizeof(lengths) / sizeof(*lengths); n++) {
		put_word(&w, place, header_of(lengths[n]));
		assert_empty(&w, -EIO);
	}
	put_word(&w, place, header_of(16));
	put_word(&w, RING_CONSUMER, 52);
	put_word(&w, RING_RECORDS + 48, header_of(4) << 32 | header_of(4));
	assert_empty(&w, -EIO);
	nic_close(&w.t.nic);
}

static void what_a_map_holds(void **state)
{
	static const struct { uint32_t type; int events; } rows[] = {
		{ IMAGE_MAP_RINGBUF, 1 }, { IMAGE_MAP_PERF_EVENT_ARRAY, 1 }, { IMAGE_MAP_LOG, 1 }, { IMAGE_MAP_QUEUE, 0 }, { IMAGE_MAP_ARRAY, 0 },
	};
	struct writer w;

	(void)state;
	open_ring(&w);
	assert_int_equal(nic_events_room(&w.t.map), RING);
	nic_events_open(&w.t.map, 7);
	assert_int_equal(get_word(&w, RING_OPEN), 1);
	nic_events_open(&w.t.map, 0);
	assert_int_equal(get_word(&w, RING_OPEN), 0);
	put_word(&w, RING_LOST, 0x123456789);
	assert_int_equal(nic_events_lost(&w.t.map), 0x123456789);
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		w.t.layout.type = rows[n].type;
		assert_int_equal(nic_events_holds(&w.t.map) != 0, rows[n].events);
	}
	nic_close(&w.t.nic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_once_and_in_order),
		cmocka_unit_test(unfinished_ones_are_waited_for),
		cmocka_unit_test(what_is_no_record_is_found),
		cmocka_unit_test(what_a_map_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
