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

/* So many of at most that many clocks, and of more than the group before has. */
struct latency_group {
	uint64_t most, count;
};
enum { LATENCY_GROUPS = 8 * 64 };

void latency_add(struct latency *l, uint64_t clocks);
/* The smallest value that at least that part of all are not above; 0 when there are none. */
uint64_t latency_percentile(const struct latency *l, double part);
/* The histogram with eight groups to a power of two, those that are not empty; returns how many. */
unsigned int latency_groups(const struct latency *l, struct latency_group out[LATENCY_GROUPS]);

#endif
