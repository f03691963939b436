/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Inside nic_maps: PROG_ARRAY, of which a value is the number of a program of the image; XSKMAP, the number of a host queue; DEVMAP, an interface
 * index; CPUMAP, any number but 0; the file of a program in a value is refused. Results as of nic_maps_*().
 */
#ifndef DRIVER_COMMON_NIC_SLOTS_H
#define DRIVER_COMMON_NIC_SLOTS_H

#include "nic_maps.h"

/* Maps of maps: a value of the host is the number of a map of the image; the word that stands for it, or 0: it is not as those that the map holds. */
int64_t nic_slots_map_word(const struct nic_map *map, const void *value);
void nic_slots_map_number(uint64_t word, void *value);
/* The place that a value of a DEVMAP, DEVMAP_HASH or CPUMAP names; -EINVAL: and a program that is to run there, which a NIC does not. */
int nic_slots_place(const struct nic_map *map, const void *value, uint64_t *word);
int nic_slots_lookup(const struct nic_map *map, const void *key, void *value);
int nic_slots_update(const struct nic_map *map, const void *key, const void *value, uint64_t flags);
int nic_slots_delete(const struct nic_map *map, const void *key);

#endif
