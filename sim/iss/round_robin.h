/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_ISS_ROUND_ROBIN_H
#define SIM_ISS_ROUND_ROBIN_H

#include <stdint.h>

/* The first set bit after `last`, cyclically; mask is not 0. With last 31, as after reset, the lowest one. */
static inline unsigned int round_robin(uint32_t mask, unsigned int last)
{
	uint32_t after = mask & ~((2u << last) - 1);

	return __builtin_ctz(after ? after : mask);
}

#endif
