// SPDX-License-Identifier: Apache-2.0
#include "latency.h"

enum { HALF = LATENCY_EXACT / 2 };

/* Above LATENCY_EXACT every power of two has HALF bins. */
static unsigned int bin_of(uint64_t v)
{
	unsigned int shift;

	if (v < LATENCY_EXACT)
		return v;
	shift = 63 - __builtin_clzll(v) - __builtin_ctz(HALF);
	return HALF * shift + (v >> shift);
}

/* The largest value that the bin holds. */
static uint64_t top_of(unsigned int bin)
{
	unsigned int shift = bin / HALF - 1;

	if (bin < LATENCY_EXACT)
		return bin;
	return ((uint64_t)(bin - HALF * shift + 1) << shift) - 1;
}

void latency_add(struct latency *l, uint64_t clocks)
{
	l->bin[bin_of(clocks)]++;
	if (!l->count || clocks < l->min)
		l->min = clocks;
	if (clocks > l->max)
		l->max = clocks;
	l->count++;
	l->sum += clocks;
}

uint64_t latency_percentile(const struct latency *l, double part)
{
	double wanted = part * l->count;
	uint64_t seen = 0;

	for (unsigned int bin = 0; bin < LATENCY_BINS; bin++) {
		seen += l->bin[bin];
		if (l->bin[bin] && seen >= wanted)
			return top_of(bin) < l->max ? top_of(bin) : l->max;
	}
	return l->max;
}

/* The largest value of the group that v is in. */
static uint64_t group_of(uint64_t v)
{
	unsigned int shift = v < 16 ? 0 : 60 - __builtin_clzll(v);

	return (((v >> shift) + 1) << shift) - 1;
}

unsigned int latency_groups(const struct latency *l, struct latency_group out[LATENCY_GROUPS])
{
	unsigned int n = 0;

	for (unsigned int bin = 0; bin < LATENCY_BINS; bin++) {
		uint64_t most = group_of(top_of(bin));

		if (!l->bin[bin])
			continue;
		if (!n || out[n - 1].most != most)
			out[n++] = (struct latency_group){.most = most};
		out[n - 1].count += l->bin[bin];
	}
	return n;
}
