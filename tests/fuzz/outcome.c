// SPDX-License-Identifier: Apache-2.0
/*
 * Comparing what two runners made of the same case.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"

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
				snprintf(text, sizeof(text), "map %s: entry %u byte %u is %02x and %02x", c->maps[i].name,
					 k / (c->maps[i].key_size + c->maps[i].value_size),
					 k % (c->maps[i].key_size + c->maps[i].value_size), a->map[i][k], b->map[i][k]);
				return text;
			}
	}
	return NULL;
}
