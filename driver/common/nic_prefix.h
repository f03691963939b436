/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Keys of LPM tries that the NIC keeps as a hash table of prefixes (hw/spec/image.h, PREFIXES). Freestanding.
 */
#ifndef DRIVER_COMMON_NIC_PREFIX_H
#define DRIVER_COMMON_NIC_PREFIX_H

#include <stdint.h>

#include "hw/spec/image.h"

/* The prefix length in a key, and the most that keys of the map can have. */
uint32_t nic_prefix_length(const void *key);
uint32_t nic_prefix_longest(const struct image_map *m);
/* The key with so many bits of its data, and zeroes behind them. */
void nic_prefix_cut(const struct image_map *m, const void *key, uint32_t length, void *cut);
/* Where the word lies that has the bit of this length: among those that programs have put in, or those that the host has. */
uint32_t nic_prefix_word(const struct image_map *m, uint32_t length, int of_host);

#endif
