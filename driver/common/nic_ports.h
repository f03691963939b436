/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Inside nic_maps: the set of ports that the interfaces in a DEVMAP or DEVMAP_HASH are (hw/spec/image.h), which a program sends to all at once.
 * Interfaces that are no ports are in no set, and one that two entries name is in it once.
 */
#ifndef DRIVER_COMMON_NIC_PORTS_H
#define DRIVER_COMMON_NIC_PORTS_H

#include "nic_maps.h"

/* An entry had one interface index and has another; 0: none. 0, or what walking the map gives. */
int nic_ports_change(const struct nic_map *map, uint32_t had, uint32_t has);

#endif
