// SPDX-License-Identifier: Apache-2.0
#include "nicsim.h"

#include <stdlib.h>

static int map_next(void *ctx, const void *key, void *next_key)
{
	return nic_maps_next(ctx, key, next_key);
}

static int map_lookup(void *ctx, const void *key, void *value)
{
	return nic_maps_lookup(ctx, key, value);
}

static int map_update(void *ctx, const void *key, const void *value)
{
	return nic_maps_update(ctx, key, value, 0);
}

/* The file's view of the image's maps; free() it. The nic_map of each is behind the array. */
static struct maps_json_map *view(struct run *run)
{
	uint32_t n = run->image.header->n_maps;
	struct maps_json_map *maps = calloc(n + 1, sizeof(*maps) + sizeof(struct nic_map));
	struct nic_map *nic = (struct nic_map *)(maps + n + 1);

	if (!maps)
		abort();
	for (uint32_t i = 0; i < n; i++) {
		const struct image_map *layout = &run->image.maps[i];

		nic[i] = (struct nic_map){.regs = &run->regs, .layout = layout, .index = i};
		maps[i] = (struct maps_json_map){
			.name = image_string(&run->image, layout->name),
			.type = layout->type,
			.key_size = layout->key_size,
			.value_size = layout->value_size,
			.max_entries = layout->max_entries,
			.copies = 1,
			.ctx = &nic[i],
			.next = map_next,
			.lookup = map_lookup,
			.update = map_update,
		};
	}
	return maps;
}

int maps_read(struct run *run, struct io_error *err)
{
	struct maps_json_map *maps = view(run);
	int result = maps_json_read(run->opt->maps_in, maps, run->image.header->n_maps, err);

	free(maps);
	return result;
}

int maps_write(struct run *run, struct io_error *err)
{
	struct maps_json_map *maps = view(run);
	int result = maps_json_write(run->opt->maps_out, maps, run->image.header->n_maps, err);

	free(maps);
	return result;
}
