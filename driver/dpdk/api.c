// SPDX-License-Identifier: Apache-2.0
#include "pmd.h"
#include "rte_pmd_nicjit.h"

static struct nicjit_dev *port_of(uint16_t port)
{
	return rte_eth_dev_is_valid_port(port) && nicjit_is(&rte_eth_devices[port]) && nicjit_dev(&rte_eth_devices[port])->bus ?
		       nicjit_dev(&rte_eth_devices[port]) : NULL;
}

int rte_pmd_nicjit_load(uint16_t port, const char *object, const char *section, const char *entries, enum rte_pmd_nicjit_where where, char *why, size_t size)
{
	static const enum nicjit_xdp_want want[] = {
		[RTE_PMD_NICJIT_AUTO] = NICJIT_WANT_AUTO, [RTE_PMD_NICJIT_NIC] = NICJIT_WANT_OFFLOAD, [RTE_PMD_NICJIT_HOST] = NICJIT_WANT_HOST,
	};
	struct nicjit_dev *d = port_of(port);
	char text[NICJIT_WHY] = "";
	int error;

	if (!d)
		return -ENODEV;
	if (!object || (unsigned int)where >= RTE_DIM(want))
		return -EINVAL;
	error = nicjit_xdp_load(d, object, section, entries, want[where], text);
	if (why && size)
		snprintf(why, size, "%s", text);
	return error;
}

int rte_pmd_nicjit_unload(uint16_t port)
{
	struct nicjit_dev *d = port_of(port);
	char why[NICJIT_WHY];

	return d ? nicjit_xdp_unload(d, why) : -ENODEV;
}

int rte_pmd_nicjit_status(uint16_t port, struct rte_pmd_nicjit_status *status)
{
	static const enum rte_pmd_nicjit_where where[] = {
		[NICJIT_XDP_NONE] = RTE_PMD_NICJIT_AUTO, [NICJIT_XDP_OFFLOAD] = RTE_PMD_NICJIT_NIC, [NICJIT_XDP_HOST] = RTE_PMD_NICJIT_HOST,
	};
	const struct nicjit_dev *d = port_of(port);
	struct nicjit_xdp_info info;

	if (!d)
		return -ENODEV;
	nicjit_xdp_info(d, &info);
	memset(status, 0, sizeof(*status));
	status->where = where[info.mode];
	status->maps = nicjit_xdp_maps(d);
	status->bundles = info.bundles;
	snprintf(status->name, sizeof(status->name), "%s", info.name);
	snprintf(status->section, sizeof(status->section), "%s", info.section);
	snprintf(status->object, sizeof(status->object), "%.255s", info.object);
	snprintf(status->why, sizeof(status->why), "%.255s", info.why);
	return 0;
}

/* ---- Maps ---- */

static int tell(const struct nicjit_map *m, struct rte_pmd_nicjit_map *map)
{
	*map = (struct rte_pmd_nicjit_map){.id = m->index, .type = image_map_linux_type(m->type), .key_size = m->key_size, .value_size = m->value_size, .max_entries = m->max_entries,
					   .value_bytes = m->value_bytes};
	memcpy(map->name, m->name, sizeof(map->name));
	return 0;
}

int rte_pmd_nicjit_map_find(uint16_t port, const char *name, struct rte_pmd_nicjit_map *map)
{
	const struct nicjit_dev *d = port_of(port);
	struct nicjit_map m;

	if (!d)
		return -ENODEV;
	for (unsigned int n = 0; !nicjit_map_info(d, n, &m); n++)
		if (strcmp(m.name, name) == 0)
			return tell(&m, map);
	return -ENOENT;
}

int rte_pmd_nicjit_map_get(uint16_t port, uint32_t id, struct rte_pmd_nicjit_map *map)
{
	const struct nicjit_dev *d = port_of(port);
	struct nicjit_map m;

	if (!d)
		return -ENODEV;
	return nicjit_map_info(d, id, &m) ? -ENOENT : tell(&m, map);
}

/* The map of the program that runs now, when it is the one that the caller means. */
static int open_map(const struct nicjit_dev *d, const struct rte_pmd_nicjit_map *map, struct nicjit_map *m)
{
	if (!d)
		return -ENODEV;
	if (nicjit_map_info(d, map->id, m) || strcmp(m->name, map->name) || m->key_size != map->key_size || m->value_bytes != map->value_bytes)
		return -ESTALE;
	return 0;
}

#define MAP_CALL(call, ...)                                                                                                            \
	const struct nicjit_dev *d = port_of(port);                                                                                    \
	struct nicjit_map m;                                                                                                           \
	int error = open_map(d, map, &m);                                                                                              \
                                                                                                                                       \
	return error ? error : nicjit_map_##call(d, &m, __VA_ARGS__)

int rte_pmd_nicjit_map_lookup(uint16_t port, const struct rte_pmd_nicjit_map *map, const void *key, void *value)
{
	MAP_CALL(lookup, key, value);
}

int rte_pmd_nicjit_map_update(uint16_t port, const struct rte_pmd_nicjit_map *map, const void *key, const void *value, uint64_t flags)
{
	MAP_CALL(update, key, value, flags);
}

int rte_pmd_nicjit_map_delete(uint16_t port, const struct rte_pmd_nicjit_map *map, const void *key)
{
	MAP_CALL(delete, key);
}

int rte_pmd_nicjit_map_next(uint16_t port, const struct rte_pmd_nicjit_map *map, const void *key, void *next)
{
	MAP_CALL(next, key, next);
}

int rte_pmd_nicjit_map_pop(uint16_t port, const struct rte_pmd_nicjit_map *map, void *value)
{
	MAP_CALL(pop, value);
}
