/* SPDX-License-Identifier: Apache-2.0
 *
 * What value commands do with a word of map memory.
 */
#ifndef SIM_ISS_MAP_VALUE_H
#define SIM_ISS_MAP_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/spec/isa.h"

/* What an atomic makes of the old value; 32-bit: its low half counts. */
static inline uint64_t map_value_atomic(unsigned int op, bool w32, uint64_t old, uint64_t b, uint64_t c)
{
	switch (op) {
	case OP_MADD: return old + b;
	case OP_MAND: return old & b;
	case OP_MOR: return old | b;
	case OP_MXOR: return old ^ b;
	case OP_MXCHG: return b;
	default: return old == (w32 ? (uint32_t)c : c) ? b : old; /* MCAS */
	}
}

/* The low bytes of v, which has no others, swapped and extended. */
static inline uint64_t map_value_bytes(uint64_t v, unsigned int width, bool swap, bool sign)
{
	unsigned int rest = 64 - 8 * width;

	if (swap)
		v = __builtin_bswap64(v) >> rest;
	return sign ? (uint64_t)((int64_t)(v << rest) >> rest) : v;
}

#endif
