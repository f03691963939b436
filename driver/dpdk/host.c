// SPDX-License-Identifier: Apache-2.0
/* A program that the NIC can't run, run over the packets that it hands to the host. */
#include <rte_pause.h>
#include <rte_ring.h>

#include "pmd.h"

enum verdict { ABORTED, DROP, PASS, TX, REDIRECT };

/* Whose queue it came by sends it, and whose wire it came from or the program names. */
static bool leave(struct nicjit_rxq *q, struct rte_mbuf *m, uint32_t wire)
{
	const struct rte_eth_dev_data *data = q->dev->data;

	if (wire >= q->dev->wires || q->id >= data->nb_tx_queues || !data->tx_queues[q->id])
		return false;
	return nicjit_tx_one(data->tx_queues[q->id], m, (uint8_t)wire);
}

/* To each wire of a set; all share the packet's bytes. False: the last one's is still the caller's, or there was none. */
static bool leave_by_all(struct nicjit_rxq *q, struct rte_mbuf *m, uint32_t set, uint8_t wire)
{
	uint32_t left = set & (RTE_BIT32(q->dev->wires) - 1) & (set & HOST_BUT_OWN ? ~RTE_BIT32(wire) : UINT32_MAX);
	bool sent = false;

	while (left) {
		uint32_t to = rte_bsf32(left);
		struct rte_mbuf *copy;

		left &= left - 1;
		copy = left ? rte_pktmbuf_clone(m, q->pool) : m;
		sent = copy && leave(q, copy, to);
		if (left && !sent) {
			rte_pktmbuf_free(copy);
			q->host_lost++;
		}
	}
	return sent;
}

/* To a queue: its own packets stay, others wait until the application looks there. */
static bool hand_over(struct nicjit_rxq *q, struct rte_mbuf *m, uint32_t to)
{
	const struct rte_eth_dev_data *data = q->dev->data;
	const struct nicjit_rxq *other = to < data->nb_rx_queues ? data->rx_queues[to] : NULL;

	return other && other->ring.regs && !rte_ring_enqueue(other->arrived, m);
}

static void describe(const struct nicjit_rxq *q, struct rte_mbuf **pkts, uint16_t n, struct host_packet *packets)
{
	for (uint16_t i = 0; i < n; i++)
		packets[i] = (struct host_packet){.data = rte_pktmbuf_mtod(pkts[i], uint8_t *), .len = pkts[i]->data_len, .ifindex = q->wire[i] + HOST_IFINDEX,
						  .queue = q->id, .cpu = q->id, .time = q->time[i]};
}

static void take_over(struct rte_mbuf *m, const struct host_packet *packet)
{
	m->data_off = (uint16_t)(packet->data - (uint8_t *)m->buf_addr);
	m->data_len = (uint16_t)packet->len;
	m->pkt_len = packet->len;
}

/* Whether the packet went somewhere. */
static bool go(struct nicjit_rxq *q, struct rte_mbuf *m, enum verdict verdict, uint32_t target, uint8_t wire)
{
	if (verdict == REDIRECT && (target & HOST_TO_SET) == HOST_TO_SET)
		return leave_by_all(q, m, target, wire);
	if (verdict == REDIRECT && target & HOST_TO_QUEUE)
		return hand_over(q, m, target & ~HOST_TO_QUEUE);
	return leave(q, m, verdict == TX ? wire : target - HOST_IFINDEX);
}

uint16_t nicjit_host_burst(struct nicjit_rxq *q, struct host_prog *prog, struct rte_mbuf **pkts, uint16_t n)
{
	struct host_packet *packets = q->host_burst;
	uint32_t verdicts[NICJIT_BURST] __rte_cache_aligned;
	bool rewrites = host_rewrites(prog);
	uint16_t stay = 0;

	describe(q, pkts, n, packets);
	host_burst(prog, packets, verdicts, n);
	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];
		enum verdict verdict = verdicts[i] <= REDIRECT ? (enum verdict)verdicts[i] : ABORTED;
		bool gone = false;

		take_over(m, &packets[i]);
		if (rewrites)
			nicjit_rx_changed(m);
		q->host_packets[verdict]++;
		q->host_bytes[verdict] += m->data_len;
		if (verdict == PASS || (verdict == REDIRECT && packets[i].target == (HOST_TO_QUEUE | q->id))) {
			pkts[stay++] = m;
			continue;
		}
		if (verdict == TX || verdict == REDIRECT) {
			gone = go(q, m, verdict, packets[i].target, q->wire[i]);
			q->host_lost += !gone;
		}
		if (!gone)
			rte_pktmbuf_free(m);
	}
	return stay;
}

void nicjit_host_wait(const struct nicjit_dev *d)
{
	for (uint16_t i = 0; i < d->data->nb_rx_queues; i++) {
		const struct nicjit_rxq *q = d->data->rx_queues[i];

		while (q && __atomic_load_n(&q->in_burst, __ATOMIC_SEQ_CST))
			rte_pause();
	}
}

void nicjit_host_set(struct nicjit_dev *d, struct host_prog *prog)
{
	__atomic_store_n(&d->host, prog, __ATOMIC_SEQ_CST);
	nicjit_host_wait(d);
}
