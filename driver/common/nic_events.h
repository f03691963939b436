/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * A host's reading of what programs tell it: records of ring buffers, events of perf event arrays, and what they print. Programs may run
 * meanwhile, and put records in. One reader at a time. Freestanding.
 */
#ifndef DRIVER_COMMON_NIC_EVENTS_H
#define DRIVER_COMMON_NIC_EVENTS_H

#include "nic_maps.h"

/* Does the map hold records? */
int nic_events_holds(const struct nic_map *map);

/* From now on the events of a perf event array are kept (1), or not (0): programs see that nobody listens. */
void nic_events_open(const struct nic_map *map, int open);

/* Bytes that room must have for any record of the map. */
size_t nic_events_room(const struct nic_map *map);

/* Takes the oldest record; those that programs have discarded are passed over. Returns 0 and its bytes, -ENOENT when there is none (or
 * it is not complete yet), or -EIO when what the NIC's memory holds is no record. */
int nic_events_take(const struct nic_map *map, void *bytes, size_t *size);

/* What programs have printed in vain, because nobody read it in time. */
uint64_t nic_events_lost(const struct nic_map *map);

#endif
