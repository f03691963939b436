// SPDX-License-Identifier: Apache-2.0
/* What a program in the kernel tells its host, read through libbpf. The process stays on CPU 0, where all packets run. */
#include "kernel_events.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PAGES = 256, SOURCES_MAX = 64 };

struct source {
	struct kernel_events *of;
	const char *name;
	struct ring_buffer *ring;
	struct perf_buffer *perf;
};

struct kernel_events {
	struct events *out;
	struct source source[SOURCES_MAX];
	size_t count;
};

static int on_record(void *ctx, void *data, size_t size)
{
	struct source *s = ctx;

	events_add(s->of->out, s->name, EVENTS_NO_CPU, data, size);
	return 0;
}

static void on_sample(void *ctx, int cpu, void *data, __u32 size)
{
	struct source *s = ctx;

	events_add(s->of->out, s->name, cpu, data, size);
}

struct kernel_events *kernel_events_open(struct bpf_object *object, struct events *out, struct io_error *err)
{
	struct kernel_events *k = calloc(1, sizeof(*k));
	struct bpf_map *map;

	if (!k) {
		io_fail(err, "out of memory");
		return NULL;
	}
	k->out = out;
	bpf_object__for_each_map(map, object) {
		struct source *s = &k->source[k->count];
		enum bpf_map_type type = bpf_map__type(map);

		if ((type != BPF_MAP_TYPE_RINGBUF && type != BPF_MAP_TYPE_PERF_EVENT_ARRAY) || k->count == SOURCES_MAX)
			continue;
		*s = (struct source){ .of = k, .name = bpf_map__name(map) };
		k->count++;
		if (type == BPF_MAP_TYPE_RINGBUF)
			s->ring = ring_buffer__new(bpf_map__fd(map), on_record, s, NULL);
		else
			s->perf = perf_buffer__new(bpf_map__fd(map), PAGES, on_sample, NULL, s, NULL);
		if (s->ring || s->perf)
			continue;
		io_fail(err, "the kernel does not open map %s for reading: %s", s->name, strerror(errno));
		kernel_events_close(k);
		return NULL;
	}
	return k;
}

void kernel_events_take(struct kernel_events *k)
{
	for (size_t i = 0; k && i < k->count; i++) {
		if (k->source[i].ring)
			ring_buffer__consume(k->source[i].ring);
		else
			perf_buffer__consume(k->source[i].perf);
	}
}

void kernel_events_close(struct kernel_events *k)
{
	for (size_t i = 0; k && i < k->count; i++) {
		ring_buffer__free(k->source[i].ring);
		perf_buffer__free(k->source[i].perf);
	}
	free(k);
}
