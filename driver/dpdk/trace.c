// SPDX-License-Identifier: Apache-2.0
/* What a program tells the host: prints, records of ring buffers, perf events; as lines of JSON, sim/io/events.h. */
#include <jansson.h>
#include <stdlib.h>

#include "driver/common/nic_events.h"
#include "sim/io/events.h"
#include "sim/io/io.h"
#include "xdp_impl.h"

enum { CPU_BYTES = 8, PENDING_MAX = 1 << 20 };

static uint32_t word(const uint8_t *bytes)
{
	uint32_t w;

	memcpy(&w, bytes, sizeof(w));
	return w;
}

static void add(struct nicjit_xdp *x, json_t *line)
{
	char *text = line ? json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL, *all;

	if (text) {
		all = realloc(x->trace, x->trace_size + strlen(text) + 2);
		if (all) {
			x->trace = all;
			x->trace_size += sprintf(all + x->trace_size, "%s\n", text);
		}
	}
	free(text);
	json_decref(line);
}

/* How a print is laid out says jit-nfp/build_ring.h: lengths, numbers, format. */
static json_t *print(const uint8_t *bytes, size_t size)
{
	uint32_t length = word(bytes), count = word(bytes + 4);
	uint64_t numbers[EVENTS_NUMBERS];
	char text[EVENTS_TEXT];

	if (size < 8 || count > EVENTS_NUMBERS || size < 8 + 8 * (size_t)count + length)
		return NULL;
	memcpy(numbers, bytes + 8, 8 * count);
	if (!events_format(text, (const char *)bytes + 8 + 8 * count, length, numbers, count))
		return NULL;
	return json_pack("{s:s}", "printk", text);
}

static json_t *record(const char *map, int cpu, const uint8_t *bytes, size_t size)
{
	char *hex = malloc(2 * size + 1);
	json_t *line;

	if (!hex)
		return NULL;
	io_hex_print(hex, bytes, size);
	line = json_object();
	json_object_set_new(line, "map", json_string(map));
	if (cpu != EVENTS_NO_CPU)
		json_object_set_new(line, "cpu", json_integer(cpu));
	json_object_set_new(line, "data", json_string(hex));
	free(hex);
	return line;
}

static void tell(struct nicjit_xdp *x, const char *name, uint32_t type, uint8_t *bytes, size_t size)
{
	if (type == IMAGE_MAP_LOG)
		add(x, print(bytes, size));
	else if (type == IMAGE_MAP_RINGBUF)
		add(x, record(name, EVENTS_NO_CPU, bytes, size));
	else if (size >= CPU_BYTES)
		add(x, record(name, (int)word(bytes), bytes + CPU_BYTES, events_raw_size(size - CPU_BYTES)));
}

static void take_all(const struct nicjit_dev *d, const struct program *p, uint32_t n, bool listen)
{
	const struct image *image = p->host ? host_image(p->host) : &p->image;
	const char *name = image_string(image, image->maps[n].name);
	struct nic_map map = {.regs = p->host ? host_regs(p->host) : &d->bus->regs, .layout = &image->maps[n], .index = n};
	uint8_t *bytes;
	size_t size;

	if (!nic_events_holds(&map))
		return;
	nic_events_open(&map, listen);
	bytes = calloc(1, nic_events_room(&map) + CPU_BYTES);
	while (bytes && listen && d->xdp->trace_size < PENDING_MAX && !nic_events_take(&map, bytes, &size))
		tell(d->xdp, name, map.layout->type, bytes, size);
	free(bytes);
}

size_t nicjit_xdp_trace(const struct nicjit_dev *d, bool listen, char *text, size_t size)
{
	struct nicjit_xdp *x = d->xdp;
	const struct program *p;
	size_t n;

	pthread_mutex_lock(&x->lock);
	p = x->program;
	for (uint32_t i = 0; p && i < (p->host ? host_maps(p->host) : p->image.header->n_maps); i++)
		take_all(d, p, i, listen);
	n = RTE_MIN(x->trace_size, size);
	if (n) {
		memcpy(text, x->trace, n);
		memmove(x->trace, x->trace + n, x->trace_size - n);
	}
	x->trace_size = listen ? x->trace_size - n : 0;
	pthread_mutex_unlock(&x->lock);
	return n;
}
