// SPDX-License-Identifier: Apache-2.0
#include "fabric.h"

enum { PER_PORT = 16, PER_TILE = 16, PER_TILE_USED = 8, PER_QUEUE = 8, COUNTERS = NIC_CNT_QUEUE + PER_QUEUE * ISS_QUEUES };

/* Those that there are; the host sees gaps between them. */
static unsigned int counters_used(const struct iss *n)
{
	return NIC_CNT_PORT + PER_PORT * n->fabric->ports + PER_TILE_USED * n->cores + PER_QUEUE * ISS_QUEUES;
}

static uint64_t tile_counter(const struct iss *n, unsigned int tile, unsigned int index)
{
	const struct iss_tile *c = &n->tile[tile];
	const struct iss_end *end = &n->fabric->end[tile];

	switch (index) {
	case NIC_CNT_T_BUNDLES: return c->count_bundles;
	case NIC_CNT_T_IDLE: return c->count_idle + (c->running ? 0 : fp_core_slept(c, n->cycle));
	case NIC_CNT_T_STALL: return c->count_stall + (c->running ? fp_core_slept(c, n->cycle) : 0);
	case NIC_CNT_T_CMD_FULL: return c->count_cmd_full;
	case NIC_CNT_T_PACKETS: return end->packets;
	case NIC_CNT_T_RX_WAIT: return end->rx_wait;
	case NIC_CNT_T_OUT_WAIT: return end->out_wait;
	case NIC_CNT_T_POSTED_FAULT: return c->count_posted_fault;
	default: return 0;
	}
}

void csr_counters_copy(struct iss *n)
{
	for (unsigned int i = 0; i < COUNTERS; i++) {
		if (i == NIC_CNT_CYCLES)
			n->snapshot[i] = n->cycle;
		else if (i < NIC_CNT_TILE)
			n->snapshot[i] = n->fabric->counter[i];
		else if (i >= NIC_CNT_QUEUE)
			n->snapshot[i] = n->fabric->queue_counter[i - NIC_CNT_QUEUE];
		else if (i < NIC_CNT_TILE + PER_TILE * n->cores)
			n->snapshot[i] = tile_counter(n, (i - NIC_CNT_TILE) / PER_TILE, i % PER_TILE);
	}
	n->snapshot_until = n->cycle + counters_used(n) + 1;
}

bool csr_counters_busy(const struct iss *n)
{
	return n->cycle <= n->snapshot_until;
}

uint32_t csr_counters_read(const struct iss *n, uint32_t addr)
{
	unsigned int i = (addr - REG_COUNTER) / REG_COUNTER_STRIDE;

	if (csr_counters_busy(n) || i >= COUNTERS)
		return 0;
	return addr & 4 ? n->snapshot[i] >> 32 : (uint32_t)n->snapshot[i];
}
