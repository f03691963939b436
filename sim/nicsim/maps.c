// SPDX-License-Identifier: Apache-2.0
#include "nicsim.h"

#include <linux/bpf.h>
#include <string.h>

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

/* The file's view of the image's maps. */
struct view {
	uint32_t count;
	struct maps_json_map maps[IMAGE_MAPS_MAX];
	struct nic_map nic[IMAGE_MAPS_MAX];
	const char *programs[IMAGE_PROGRAMS_MAX], *names[IMAGE_MAPS_MAX];
};

/* Records are no entries, constant data is part of the program, and routes and keys are the host's. */
static bool is_hidden(const struct image_map *m, const char *name)
{
	return !strncmp(name, ".fib_", 5) || !strcmp(name, COOKIE_KEYS) || !strcmp(name, TICKS) || image_map_is_ring(m->type) || image_map_is_queue(m->type) || (m->data_size && (m->flags & BPF_F_RDONLY_PROG));
}

static void make_view(struct run *run, struct view *v)
{
	for (uint32_t i = 0; i < run->image.header->n_programs; i++)
		v->programs[i] = image_string(&run->image, run->image.programs[i].name);
	for (uint32_t i = 0; i < run->image.header->n_maps; i++)
		v->names[i] = image_string(&run->image, run->image.maps[i].name);
	v->count = 0;
	for (uint32_t i = 0; i < run->image.header->n_maps; i++) {
		const struct image_map *layout = &run->image.maps[i];

		if (is_hidden(layout, image_string(&run->image, layout->name)))
			continue;
		v->nic[v->count] = (struct nic_map){.regs = &run->regs, .layout = layout, .index = i, .image = &run->image, .base = run->place.base};
		v->maps[v->count] = (struct maps_json_map){
			.name = image_string(&run->image, layout->name),
			.type = layout->type,
			.key_size = layout->key_size,
			.value_size = image_map_has_maps(layout->type) ? 4 : layout->value_size,
			.max_entries = layout->max_entries,
			.copies = layout->cpus,
			.programs = image_map_has_maps(layout->type) ? v->names : v->programs,
			.program_count = image_map_has_maps(layout->type) ? run->image.header->n_maps : run->image.header->n_programs,
			.ctx = &v->nic[v->count],
			.next = map_next,
			.lookup = map_lookup,
			.update = map_update,
		};
		v->count++;
	}
}

int maps_read(struct run *run, struct io_error *err)
{
	struct view v;

	make_view(run, &v);
	return maps_json_read(run->opt->maps_in, v.maps, v.count, err);
}

int maps_write(struct run *run, struct io_error *err)
{
	struct view v;

	make_view(run, &v);
	return maps_json_write(run->opt->maps_out, v.maps, v.count, err);
}
