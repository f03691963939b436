/* SPDX-License-Identifier: Apache-2.0
 *
 * A histogram of clocks: exact below LATENCY_EXACT, above it to a part in LATENCY_EXACT / 2.
 */
#ifndef SIM_NICSIM_LATENCY_H
#define SIM_NICSIM_LATENCY_H

#include <stdint.h>

enum { LATENCY_EXACT = 2048, LATENCY_BINS = LATENCY_EXACT / 2 * (64 - 11 + 2) };

struct latency {
	uint64_t bin[LATENCY_BINS];
	uint64_t count, sum, min, max;
};

void latency_add(struct latency *l, uint64_t clocks);
/* The smallest value that at least that part of all are not above; 0 when there are none. */
uint64_t latency_percentile(const struct latency *l, double part);

#endif
