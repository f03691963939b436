/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Inside nic_maps: tables that the map engine walks and changes, asked with the commands that programs have. Results as of nic_maps_*().
 */
#ifndef DRIVER_COMMON_NIC_HASH_H
#define DRIVER_COMMON_NIC_HASH_H

#include "nic_maps.h"

/* Address of the key's value, 0 when it is not in the map. */
int nic_hash_find(const struct nic_map *map, const void *key, uint32_t *value);
int nic_hash_lookup(const struct nic_map *map, const void *key, void *value);
/* Its values are longer than the engine's buffer: an entry comes with its beginning, then all of it, and no program may see that. */
int nic_hash_is_long(const struct nic_map *map);
/* Of such a map, while the NIC rests. */
int nic_hash_update(const struct nic_map *map, const void *key, const void *value, uint64_t flags);
int nic_hash_delete(const struct nic_map *map, const void *key);
int nic_hash_next(const struct nic_map *map, const void *key, void *next_key);

#endif
