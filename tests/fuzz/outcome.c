// SPDX-License-Identifier: Apache-2.0
/*
 * Comparing what two runners made of the same case.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/common/nic_events.h"
#include "fuzz.h"
#include "hw/spec/image.h"
#include "sim/io/events.h"
#include "sim/ref/ref.h"

static uint32_t sort_key_size;

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, sort_key_size);
}

void outcome_sort_map(struct fuzz_outcome *o, uint32_t map, uint32_t key_size, uint32_t value_size)
{
	sort_key_size = key_size;
	qsort(o->map[map], o->map_bytes[map] / (key_size + value_size), key_size + value_size, compare_keys);
}

const void *outcome_value(const struct fuzz_case *c, const struct case_step *s, uint32_t cpus)
{
	static uint8_t all[CASE_CPUS * CASE_VALUE];
	uint32_t one = (c->maps[s->map].value_size + 7) & ~7u;

	memset(all, 0, sizeof(all));
	for (uint32_t i = 0; i < cpus && i < CASE_CPUS; i++)
		memcpy(all + i * one, s->value, c->maps[s->map].value_size);
	return all;
}

bool outcome_shows(const struct prog_map *m)
{
	return m->key_size && !image_map_is_slots(m->type) && m->type != MAP_TYPE_DEVMAP_HASH && m->type != MAP_TYPE_HASH_OF_MAPS &&
	       m->type != MAP_TYPE_PERF_EVENT_ARRAY;
}

uint32_t outcome_target(uint32_t target)
{
	if ((target & REF_TO_ALL) == REF_TO_ALL)
		return target & (REF_TO_ALL | REF_BUT_ITS_OWN);
	return target & REF_TO_QUEUE ? REF_TO_QUEUE : target;
}

void outcome_record(struct fuzz_outcome *o, uint32_t map, const void *bytes, uint32_t size)
{
	uint8_t *at = o->map[map] + o->map_bytes[map];

	if (o->map_bytes[map] + sizeof(size) + size > CASE_MAP_BYTES) /* those before it are enough */
		return;
	memcpy(at, &size, sizeof(size));
	memcpy(at + sizeof(size), bytes, size);
	o->map_bytes[map] += (uint32_t)sizeof(size) + size;
}

void outcome_take_records(struct fuzz_outcome *o, uint32_t map, const struct nic_map *from)
{
	enum { CPU_BYTES = 8, PADDING = 8 };
	static uint8_t record[CASE_MAP_BYTES + PADDING];
	bool is_event = from->layout->type == MAP_TYPE_PERF_EVENT_ARRAY;
	size_t size, skip = is_event ? CPU_BYTES : 0;

	while (nic_events_holds(from) && !nic_events_take(from, record, &size)) {
		memset(record + size, 0, PADDING);
		outcome_record(o, map, record + skip, (uint32_t)(is_event ? events_raw_size(size - CPU_BYTES) : size));
	}
}

const char *outcome_diff(const struct fuzz_case *c, const struct fuzz_outcome *a, const struct fuzz_outcome *b)
{
	static char text[1400];

	if (strcmp(a->text, b->text)) {
		snprintf(text, sizeof(text), "one says \"%s\", the other \"%s\"", a->text, b->text);
		return text;
	}
	for (uint32_t i = 0; i < c->n_packets; i++) {
		if (a->ret[i] != b->ret[i]) {
			snprintf(text, sizeof(text), "packet %u: verdict 0x%x and 0x%x", i, a->ret[i], b->ret[i]);
			return text;
		}
		if (a->has_targets && b->has_targets && a->ret[i] == XDP_REDIRECT && a->target[i] != b->target[i]) {
			snprintf(text, sizeof(text), "packet %u: redirected to 0x%x and 0x%x", i, a->target[i], b->target[i]);
			return text;
		}
		if (a->len[i] != b->len[i]) {
			snprintf(text, sizeof(text), "packet %u: length %u and %u", i, a->len[i], b->len[i]);
			return text;
		}
		for (uint32_t k = 0; k < a->len[i]; k++)
			if (a->data[i][k] != b->data[i][k]) {
				snprintf(text, sizeof(text), "packet %u: byte %u is %02x and %02x", i, k, a->data[i][k], b->data[i][k]);
				return text;
			}
	}
	for (uint32_t i = 0; i < c->n_maps; i++) {
		if (a->map_bytes[i] != b->map_bytes[i]) {
			snprintf(text, sizeof(text), "map %s: %u and %u bytes of entries", c->maps[i].name, a->map_bytes[i],
				 b->map_bytes[i]);
			return text;
		}
		for (uint32_t k = 0; k < a->map_bytes[i]; k++)
			if (a->map[i][k] != b->map[i][k]) {
				uint32_t entry = c->maps[i].key_size + c->maps[i].value_size;

				snprintf(text, sizeof(text), "map %s: entry %u byte %u is %02x and %02x", c->maps[i].name, entry ? k / entry : 0,
					 entry ? k % entry : k, a->map[i][k], b->map[i][k]);
				return text;
			}
	}
	return NULL;
}
