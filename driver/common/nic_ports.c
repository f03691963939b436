// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "nic_ports.h"

#include "hw/spec/regs.h"

enum { NO_ENTRY = -2, VALUE_BYTES = 8 };

static uint32_t get(const struct nic_map *map, uint32_t offset)
{
	return map->regs->read(map->regs->ctx, offset);
}

/* Its bit, or 0: it is not a port's. */
static uint32_t port_of(const struct nic_map *map, uint32_t ifindex)
{
	uint32_t ports = get(map, REG_CAP_NIC) >> CAP_NIC_PORTS_LSB & 0xf;

	for (uint32_t port = 0; ifindex && port < ports; port++)
		if (get(map, REG_PORT + port * REG_PORT_STRIDE + 4 * NIC_PORT_IFINDEX) == ifindex)
			return 1u << port;
	return 0;
}

static uint32_t ifindex_in(const uint8_t value[VALUE_BYTES])
{
	return value[0] | (uint32_t)value[1] << 8 | (uint32_t)value[2] << 16 | (uint32_t)value[3] << 24;
}

/* Whatever the host may read of it. */
static int of_all(const struct nic_map *map, uint32_t *set)
{
	struct image_map layout = *map->layout;
	struct nic_map open = *map;
	uint8_t key[2][4], value[VALUE_BYTES];
	int result, n = 0;

	layout.flags = 0;
	open.layout = &layout;
	*set = 0;
	for (result = nic_maps_next(&open, NULL, key[0]); !result; n = !n, result = nic_maps_next(&open, key[!n], key[n])) {
		if (!nic_maps_lookup(&open, key[n], value))
			*set |= port_of(map, ifindex_in(value));
	}
	return result == NO_ENTRY ? 0 : result;
}

int nic_ports_change(const struct nic_map *map, uint32_t had, uint32_t has)
{
	uint32_t at = image_map_set(map->layout), lost = port_of(map, had), won = port_of(map, has), set;
	int result;

	if (lost == won)
		return 0;
	set = (uint32_t)nic_maps_read_word(map->regs, at) | won;
	if (lost) {
		result = of_all(map, &set);
		if (result)
			return result;
	}
	nic_maps_write_word(map->regs, at, set);
	return 0;
}
