/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
#ifndef JIT_NFP_LAYOUT_H
#define JIT_NFP_LAYOUT_H

#include "ir.h"

/* Bytes of map memory that the map takes from an address on; much more than there can be counts as such. */
uint64_t layout_size(const struct compile *c, const struct prog_map *p, uint64_t at);
/* In how many places the programs of the image use each map; NULL when memory ran out. */
uint32_t *layout_uses(struct compile *c);
/* The maps, by bit, that lie in the memory outside the chip: those that find no room on it when queues go first, then the ones with the most uses for each byte. */
uint64_t layout_outside(const struct compile *c, const uint32_t *uses);

#endif
