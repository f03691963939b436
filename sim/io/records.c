// SPDX-License-Identifier: Apache-2.0
#include "records.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/common/nic_events.h"
#include "events.h"

enum { CPU_BYTES = 8 };

struct records {
	const struct nic_regs *regs;
	const struct image *image;
	struct events *out;   /* NULL: nobody listens but to what is printed */
	uint8_t *bytes;
};

static struct nic_map map_of(const struct records *r, uint32_t n)
{
	return (struct nic_map){.regs = r->regs, .layout = &r->image->maps[n], .index = n};
}

struct records *records_open(const struct nic_regs *regs, const struct image *image, const char *path, struct io_error *err)
{
	struct records *r = calloc(1, sizeof(*r));
	size_t room = 0;

	if (!r)
		return io_fail(err, "out of memory"), NULL;
	*r = (struct records){.regs = regs, .image = image};
	for (uint32_t n = 0; n < image->header->n_maps; n++) {
		struct nic_map map = map_of(r, n);

		if (!nic_events_holds(&map))
			continue;
		if (nic_events_room(&map) > room)
			room = nic_events_room(&map);
		nic_events_open(&map, path != NULL);
	}
	r->bytes = calloc(1, room + CPU_BYTES);
	if (!r->bytes)
		io_fail(err, "out of memory");
	r->out = r->bytes && path ? events_create(path, err) : NULL;
	if (r->bytes && (r->out || !path))
		return r;
	free(r->bytes);
	free(r);
	return NULL;
}

static uint32_t half(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void print(struct records *e, size_t size)
{
	uint32_t length = half(e->bytes), count = half(e->bytes + 4);
	uint64_t numbers[EVENTS_NUMBERS];
	char text[EVENTS_TEXT];

	if (count > EVENTS_NUMBERS || size < 8 + 8 * (size_t)count + length)
		return;
	memcpy(numbers, e->bytes + 8, 8 * count);
	if (!events_format(text, (const char *)e->bytes + 8 + 8 * count, length, numbers, count))
		return;
	if (e->out)
		events_print(e->out, text);
	else
		fprintf(stderr, "printk: %s%s", text, *text && text[strlen(text) - 1] == '\n' ? "" : "\n");
}

static void tell(struct records *e, const struct image_map *m, size_t size)
{
	const char *name = image_string(e->image, m->name);

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

int records_take(struct records *e, struct io_error *err)
{
	for (uint32_t n = 0; e && n < e->image->header->n_maps; n++) {
		struct nic_map map = map_of(e, n);
		size_t size;
		int result = 0;

		if (!nic_events_holds(&map) || (!e->out && map.layout->type != IMAGE_MAP_LOG))
			continue;
		while (!(result = nic_events_take(&map, e->bytes, &size)))
			tell(e, map.layout, size);
		if (result != -ENOENT)
			return io_fail(err, "map %s: what is in it is no record", image_string(e->image, map.layout->name));
	}
	return 0;
}

int records_close(struct records *e, struct io_error *err)
{
	int result;

	if (!e)
		return 0;
	for (uint32_t n = 0; n < e->image->header->n_maps; n++) {
		struct nic_map map = map_of(e, n);
		uint64_t lost = map.layout->type == IMAGE_MAP_LOG ? nic_events_lost(&map) : 0;

		if (lost)
			fprintf(stderr, "printk: %llu more were lost, as they came too fast\n", (unsigned long long)lost);
	}
	result = events_finish(e->out, err);
	free(e->bytes);
	free(e);
	return result;
}
