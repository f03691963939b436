// SPDX-License-Identifier: Apache-2.0
/* What programs tell the host: taken out of the NIC while it runs, written to a file, and what they print to the screen. */
#include "sim/io/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/common/nic_events.h"
#include "nicsim.h"

enum { CPU_BYTES = 8, NUMBERS_MAX = 12 };

struct host_events {
	struct events *out;   /* NULL: nobody listens but to what is printed */
	uint8_t *bytes;
};

static struct nic_map map_of(struct run *run, uint32_t n)
{
	return (struct nic_map){.regs = &run->regs, .layout = &run->image.maps[n], .index = n};
}

int host_events_open(struct run *run, struct io_error *err)
{
	struct host_events *e = calloc(1, sizeof(*e));
	size_t room = 0;

	run->events = e;
	if (!e)
		return io_fail(err, "out of memory");
	for (uint32_t n = 0; n < run->image.header->n_maps; n++) {
		struct nic_map map = map_of(run, n);

		if (!nic_events_holds(&map))
			continue;
		if (nic_events_room(&map) > room)
			room = nic_events_room(&map);
		nic_events_open(&map, run->opt->events != NULL);
	}
	e->bytes = calloc(1, room + CPU_BYTES);
	if (!e->bytes)
		return io_fail(err, "out of memory");
	if (!run->opt->events)
		return 0;
	e->out = events_create(run->opt->events, err);
	return e->out ? 0 : -1;
}

static uint32_t half(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void print(struct host_events *e, size_t size)
{
	uint32_t length = half(e->bytes), count = half(e->bytes + 4);
	uint64_t numbers[NUMBERS_MAX];
	char text[EVENTS_TEXT];

	if (count > NUMBERS_MAX || size < 8 + 8 * (size_t)count + length)
		return;
	memcpy(numbers, e->bytes + 8, 8 * count);
	if (!events_format(text, (const char *)e->bytes + 8 + 8 * count, length, numbers, count))
		return;
	if (e->out)
		events_print(e->out, text);
	else
		fprintf(stderr, "printk: %s%s", text, *text && text[strlen(text) - 1] == '\n' ? "" : "\n");
}

static void tell(struct run *run, const struct image_map *m, size_t size)
{
	struct host_events *e = run->events;
	const char *name = image_string(&run->image, m->name);

	if (m->type == IMAGE_MAP_LOG) {
		print(e, size);
	} else if (m->type == IMAGE_MAP_RINGBUF) {
		events_add(e->out, name, EVENTS_NO_CPU, e->bytes, size);
	} else if (size >= CPU_BYTES) {
		size_t raw = events_raw_size(size - CPU_BYTES);

		memset(e->bytes + size, 0, raw + CPU_BYTES - size);
		events_add(e->out, name, (int)half(e->bytes), e->bytes + CPU_BYTES, raw);
	}
}

int host_events_take(struct run *run, struct io_error *err)
{
	for (uint32_t n = 0; run->events && n < run->image.header->n_maps; n++) {
		struct nic_map map = map_of(run, n);
		size_t size;
		int result = 0;

		if (!nic_events_holds(&map) || (!run->events->out && map.layout->type != IMAGE_MAP_LOG))
			continue;
		while (!(result = nic_events_take(&map, run->events->bytes, &size)))
			tell(run, map.layout, size);
		if (result != -ENOENT)
			return io_fail(err, "map %s: what is in it is no record", image_string(&run->image, map.layout->name));
	}
	return 0;
}

int host_events_close(struct run *run, struct io_error *err)
{
	int result;

	if (!run->events)
		return 0;
	for (uint32_t n = 0; n < run->image.header->n_maps; n++) {
		struct nic_map map = map_of(run, n);
		uint64_t lost = map.layout->type == IMAGE_MAP_LOG ? nic_events_lost(&map) : 0;

		if (lost)
			fprintf(stderr, "printk: %llu more were lost, as they came too fast\n", (unsigned long long)lost);
	}
	result = events_finish(run->events->out, err);
	free(run->events->bytes);
	free(run->events);
	run->events = NULL;
	return result;
}
