// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <string.h>

#include "fib_json.h"

enum { KEY_MAX = 64 };

static int fill(const struct nic_regs *regs, const struct image *image, const char *path, const struct nic_fib *fib, struct io_error *err)
{
	struct nic_fib_refusal why = {0};

	if (!nic_fib_fill(regs, image, fib, &why))
		return 0;
	if (why.need)
		return io_fail(err, "%s: %s (%" PRIu32 ", there is room for %" PRIu32 ")", path, why.text, why.need, why.have);
	return io_fail(err, "%s: %s", path, why.text);
}

/* Lookups meanwhile find nothing. */
static void clear_map(const struct nic_map *map)
{
	uint8_t key[KEY_MAX];

	while (!nic_maps_next(map, NULL, key) && !nic_maps_delete(map, key))
		;
}

void fib_clear(const struct nic_regs *regs, const struct image *image)
{
	for (uint32_t n = 0; n < image->header->n_maps; n++) {
		const struct nic_map map = {.regs = regs, .layout = &image->maps[n], .index = n, .image = image};
		const char *name = image_string(image, map.layout->name);

		if (!strcmp(name, FIB_LINKS) || !strcmp(name, FIB_ROUTES4) || !strcmp(name, FIB_ROUTES6))
			clear_map(&map);
	}
}

int fib_load(const struct nic_regs *regs, const struct image *image, const char *path, const struct nic_fib_link *ports, uint32_t n_ports, struct io_error *err)
{
	const struct nic_fib alone = {.links = ports, .n_links = n_ports};
	struct nic_fib *fib;
	int result;

	if (!path)
		return nic_fib_wanted(image) ? fill(regs, image, "without routes", &alone, err) : 0;
	fib = fib_json_read(path, err);
	if (!fib)
		return -1;
	result = fill(regs, image, path, fib, err);
	fib_json_free(fib);
	return result;
}
