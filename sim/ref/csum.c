// SPDX-License-Identifier: Apache-2.0
/* bpf_csum_diff(): one's complement sums of 32-bit words, the last one filled up with zeroes, in 32 bits; folded to 16 at the end. */
#include "interp.h"

#include <string.h>

static uint32_t add(uint32_t a, uint32_t b)
{
	uint64_t sum = (uint64_t)a + b;

	return (uint32_t)(sum + (sum >> 32));
}

static uint32_t sum_words(const uint8_t *bytes, uint32_t size, uint32_t seed)
{
	uint32_t word;

	for (uint32_t i = 0; i < size; i += 4) {
		word = 0;
		memcpy(&word, bytes + i, size - i < 4 ? size - i : 4);
		seed = add(seed, word);
	}
	return seed;
}

static uint32_t fold16(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

bool csum_diff(struct ref_machine *machine)
{
	struct ref_run *run = machine->run;
	uint32_t from_size = (uint32_t)run->reg[2], to_size = (uint32_t)run->reg[4];
	uint32_t seed = (uint32_t)run->reg[5], result = seed;
	const uint8_t *from = NULL, *to = NULL;

	if (from_size)
		from = memory_bytes(machine, run->reg[1], from_size, false);
	if (to_size)
		to = memory_bytes(machine, run->reg[3], to_size, false);
	if ((from_size && !from) || (to_size && !to))
		return false;
	if (from_size && to_size)
		result = add(sum_words(to, to_size, seed), ~sum_words(from, from_size, 0));
	else if (to_size)
		result = sum_words(to, to_size, seed);
	else if (from_size)
		result = ~sum_words(from, from_size, ~seed);
	run->reg[0] = fold16(result);
	return true;
}
