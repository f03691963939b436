// SPDX-License-Identifier: Apache-2.0
#include "iss.h"

#include <string.h>

static void start_thread(struct iss *n, const uint8_t *frame, uint32_t len)
{
	struct iss_thread *t = &n->thread[n->rx_thread];

	memcpy(t->pkt + NIC_HEADROOM, frame, len);
	t->pc = n->entry;
	t->len = len;
	t->number = n->counter[NIC_CNT_RX];
	t->bundles = 0;
	t->ready_cycle = n->cycle + 1;
	t->fault = false;
	t->r[SR_DATA] = (uint64_t)NIC_TAG_PKT << 60 | NIC_HEADROOM;
	t->r[SR_META] = t->r[SR_DATA];
	t->r[SR_DATA_END] = t->r[SR_DATA] + len;
	t->r[SR_LEN] = len;
	t->r[SR_IFINDEX] = n->ifindex;
	t->r[SR_RXQ] = n->rxq;
	fp_core_wake(n, n->rx_thread, n->cycle + 1);
	n->counter[NIC_CNT_RX]++;
	n->counter[NIC_CNT_RX_BYTES] += len;
}

/* The packet is put into its buffer with its last beat: nobody looks at it before. */
static void take_last_beat(struct iss *n)
{
	uint32_t len = n->offer[n->offer_head].len;

	if (len > NIC_FRAME_MAX) {
		n->counter[NIC_CNT_OVERSIZE]++;
		n->idle |= 1u << n->rx_thread;
	} else {
		start_thread(n, n->offer[n->offer_head].data, len);
	}
	n->offer_head = (n->offer_head + 1) % ISS_OFFERS;
	n->offer_count--;
	n->rx_beat = 0;
}

/* idle is the set of contexts that were idle when the cycle began. */
void pkt_rx_cycle(struct iss *n, uint32_t idle, bool port_used)
{
	uint32_t below = n->threads >= ISS_THREADS ? ISS_ALL_THREADS : (1u << n->threads) - 1;

	if (!(n->ctrl >> CTRL_RUN_LSB & 1) || port_used || (n->store_m1 >> n->cycle % 32 & 1))
		return;
	if (n->rx_beat == 0) {
		if (!(idle & below))
			return;
		n->rx_thread = __builtin_ctz(idle & below);
		n->idle &= ~(1u << n->rx_thread);
	}
	if (++n->rx_beat * NIC_ROW_BYTES >= n->offer[n->offer_head].len)
		take_last_beat(n);
}
