/* SPDX-License-Identifier: Apache-2.0
 *
 * DPDK's JIT for eBPF on an XDP program. It knows mbufs and has neither maps nor XDP's context, so loads from the context become loads from the stack,
 * where a prologue puts the packet's place, and calls for maps become calls of functions with typed arguments.
 */
#ifndef BENCH_HOST_RTE_H
#define BENCH_HOST_RTE_H

#include <stdint.h>

/* What the compiler's verifier knows of an instruction. */
struct rte_fact {
	uint8_t is_context;           /* a load from the context */
	uint8_t is_map;               /* map is set: a lookup, update or removal, or the map's address */
	uint32_t map;
};

struct rte_map {
	uint32_t key_size, value_size;
};

typedef uint64_t rte_helper(uint64_t map, uint64_t key, uint64_t value, uint64_t flags, uint64_t unused);

struct rte_code;

/* NULL with why: what it does not take. helpers: of lookup, update and delete. */
struct rte_code *rte_code_open(const uint64_t *insns, const struct rte_fact *facts, uint32_t n, const struct rte_map *maps, uint32_t n_maps,
			       rte_helper *const helpers[3], char why[256]);
void rte_code_close(struct rte_code *c);
/* Makes n mbufs of the packets, then runs them; verdicts. */
void rte_code_packets(struct rte_code *c, uint8_t *const *data, const uint32_t *len, uint32_t n);
void rte_code_burst(const struct rte_code *c, uint32_t *verdicts, uint32_t n);

#endif
