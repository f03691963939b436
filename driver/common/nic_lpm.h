/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * LPM tries in a NIC's map memory, changed by the host while programs look up: hw/spec/maps.md, "LPM tries". Keys are those of bpf(2),
 * struct bpf_lpm_trie_key: prefix length, data. Results and order as nic_maps.h; -ENOSPC when the map is full. Between the end of an
 * update or delete and the next one a program may still read a value that it looked up before, whatever becomes of the entry.
 */
#ifndef DRIVER_COMMON_NIC_LPM_H
#define DRIVER_COMMON_NIC_LPM_H

#include "nic_maps.h"

/* Entries that the map's memory must have for max_entries prefixes: each may need a fork, and one is written aside. */
enum { NIC_LPM_NODES_PER_ENTRY = 2 };

int nic_lpm_lookup(const struct nic_map *map, const void *key, void *value);
int nic_lpm_update(const struct nic_map *map, const void *key, const void *value, uint64_t flags);
int nic_lpm_delete(const struct nic_map *map, const void *key);
int nic_lpm_next(const struct nic_map *map, const void *key, void *next_key);

#endif
