/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Bloom filters (hw/spec/image.h) from the host's side; who calls has taken care that no program changes them meanwhile. Freestanding.
 */
#ifndef DRIVER_COMMON_NIC_BLOOM_H
#define DRIVER_COMMON_NIC_BLOOM_H

#include "nic_maps.h"

void nic_bloom_add(const struct nic_map *map, const void *value);
/* Whether it may have been added. */
int nic_bloom_has(const struct nic_map *map, const void *value);

#endif
