// SPDX-License-Identifier: Apache-2.0
/* A program that the NIC can't run, run over the packets that it hands to the host. */
#include <rte_pause.h>

#include "hw/spec/regs.h"
#include "pmd.h"

enum verdict { ABORTED, DROP, PASS, TX, REDIRECT };
enum { IFINDEX_FIRST = 1 };           /* of wire 0; the others follow */

/* Whose queue it came by sends it, and whose wire it came from or the program names. */
static bool leave(struct nicjit_rxq *q, struct rte_mbuf *m, uint32_t wire)
{
	const struct rte_eth_dev_data *data = q->dev->data;

	if (wire >= q->dev->wires || q->id >= data->nb_tx_queues || !data->tx_queues[q->id])
		return false;
	return nicjit_tx_one(data->tx_queues[q->id], m, (uint8_t)wire);
}

static enum verdict run(struct nicjit_rxq *q, struct host_prog *prog, struct rte_mbuf *m, uint16_t n, struct host_packet *packet)
{
	uint32_t verdict;

	*packet = (struct host_packet){.data = rte_pktmbuf_mtod(m, uint8_t *), .len = m->data_len, .ifindex = q->wire[n] + IFINDEX_FIRST,
				       .queue = q->id, .cpu = q->id, .time = q->time[n]};
	verdict = host_run(prog, packet);
	m->data_off = (uint16_t)(packet->data - (uint8_t *)m->buf_addr);
	m->data_len = (uint16_t)packet->len;
	m->pkt_len = packet->len;
	return verdict <= REDIRECT ? (enum verdict)verdict : ABORTED;
}

uint16_t nicjit_host_burst(struct nicjit_rxq *q, struct host_prog *prog, struct rte_mbuf **pkts, uint16_t n)
{
	struct host_packet packet;
	uint16_t stay = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];
		enum verdict verdict = run(q, prog, m, i, &packet);
		bool sent = false;

		q->host_packets[verdict]++;
		q->host_bytes[verdict] += m->data_len;
		if (verdict == PASS) {
			pkts[stay++] = m;
			continue;
		}
		if (verdict == TX || verdict == REDIRECT) {
			sent = leave(q, m, verdict == TX ? q->wire[i] : packet.target - IFINDEX_FIRST);
			q->host_lost += !sent;
		}
		if (!sent)
			rte_pktmbuf_free(m);
	}
	return stay;
}

void nicjit_host_set(struct nicjit_dev *d, struct host_prog *prog)
{
	__atomic_store_n(&d->host, prog, __ATOMIC_SEQ_CST);
	for (uint16_t i = 0; i < d->data->nb_rx_queues; i++) {
		const struct nicjit_rxq *q = d->data->rx_queues[i];

		while (q && __atomic_load_n(&q->in_burst, __ATOMIC_SEQ_CST))
			rte_pause();
	}
}
