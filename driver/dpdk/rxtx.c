// SPDX-License-Identifier: Apache-2.0
/* Packets between rings and mbufs. */
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include "hw/spec/inspect.h"
#include "pmd.h"

/* ---- Receive ---- */

/* Where the NIC may begin to write: behind the room that XDP programs have in front of a packet, at a whole row. */
static uint16_t data_offset(const struct rte_mbuf *m)
{
	return RTE_ALIGN_CEIL(rte_mbuf_iova_get(m) + NICJIT_HEADROOM, NICJIT_ROW) - rte_mbuf_iova_get(m);
}

static int give(struct nicjit_rxq *q, struct rte_mbuf *m)
{
	uint16_t entry = q->ring.tail & (q->size - 1), offset = data_offset(m);
	int error = nic_rx_give(&q->ring, rte_mbuf_iova_get(m) + offset, m->buf_len - offset, entry);

	if (!error)
		q->buffers[entry] = m;
	return error;
}

int nicjit_rx_start(struct nicjit_rxq *q)
{
	struct nic_memory desc = {q->zone->addr, q->zone->iova};
	size_t desc_bytes = RTE_ALIGN_CEIL(q->size * sizeof(struct nic_rx_desc), NICJIT_ROW);
	struct nic_memory done = {(uint8_t *)q->zone->addr + desc_bytes, q->zone->iova + desc_bytes};
	int error = nic_rx_open(&q->ring, &q->dev->bus->regs, q->id, q->size, &desc, &done, q->lossless);

	for (uint16_t i = 0; !error && i < q->size; i++) {
		struct rte_mbuf *m = rte_mbuf_raw_alloc(q->pool);

		error = m ? give(q, m) : -ENOMEM;
	}
	if (error)
		nicjit_rx_stop(q);
	else
		nic_rx_kick(&q->ring);
	return error;
}

/* Whether its buffers are the driver's again: a board that is gone writes nothing any more, one that hangs may. */
static bool at_rest(const struct nicjit_dev *d, int error, const char *kind, uint16_t id)
{
	if (error == -ENODEV)
		PORT_LOG(ERR, d, "%s queue %u: the NIC is gone", kind, id);
	else if (error)
		PORT_LOG(ERR, d, "%s queue %u does not come to rest; its buffers stay the NIC's", kind, id);
	return !error || error == -ENODEV;
}

void nicjit_rx_drain(struct nicjit_rxq *q)
{
	for (struct rte_mbuf *m; !rte_ring_dequeue(q->arrived, (void **)&m);)
		rte_pktmbuf_free(m);
}

void nicjit_rx_stop(struct nicjit_rxq *q)
{
	if (!q->ring.regs || !at_rest(q->dev, nic_rx_close(&q->ring), "receive", q->id))
		return;
	while (nic_rx_take(&q->ring))
		q->unread++;
	nicjit_rx_drain(q);
	for (uint16_t i = 0; i < q->size; i++) {
		rte_pktmbuf_free(q->buffers[i]);
		q->buffers[i] = NULL;
	}
	q->ring.regs = NULL;
}

static uint32_t packet_type(uint8_t flags)
{
	uint32_t l4 = flags & FOUND_TCP ? RTE_PTYPE_L4_TCP : flags & FOUND_UDP ? RTE_PTYPE_L4_UDP : 0;
	uint32_t l3 = flags & FOUND_IP4 ? RTE_PTYPE_L3_IPV4_EXT_UNKNOWN : flags & FOUND_IP6 ? RTE_PTYPE_L3_IPV6_EXT_UNKNOWN : 0;

	return RTE_PTYPE_L2_ETHER | l3 | l4;
}

static uint64_t offload_flags(uint8_t flags)
{
	uint64_t ip = flags & FOUND_IP_GOOD ? RTE_MBUF_F_RX_IP_CKSUM_GOOD : flags & FOUND_IP_BAD ? RTE_MBUF_F_RX_IP_CKSUM_BAD : 0;
	uint64_t l4 = flags & FOUND_L4_GOOD ? RTE_MBUF_F_RX_L4_CKSUM_GOOD : flags & FOUND_L4_BAD ? RTE_MBUF_F_RX_L4_CKSUM_BAD : 0;

	return ip | l4 | (flags & (FOUND_IP4 | FOUND_IP6) ? RTE_MBUF_F_RX_RSS_HASH : 0);
}

/* Metadata of the program goes in front of the packet, where XDP has it. */
static void put_meta(struct rte_mbuf *m, const struct nic_completion *c)
{
	uint8_t n = RTE_MIN(c->meta_len, sizeof(c->meta));

	memcpy(rte_pktmbuf_mtod(m, uint8_t *) - n, c->meta + sizeof(c->meta) - n, n);
}

static void fill(const struct nicjit_rxq *q, struct rte_mbuf *m, const struct nic_completion *c)
{
	m->data_off = data_offset(m);
	m->data_len = c->len;
	m->pkt_len = c->len;
	m->port = q->port_id;
	m->nb_segs = 1;
	m->next = NULL;
	m->hash.rss = c->hash;
	m->packet_type = packet_type(c->checksum);
	m->ol_flags = offload_flags(c->checksum);
	if (unlikely(c->time < __atomic_load_n(&q->dev->sums_since, __ATOMIC_RELAXED)))
		nicjit_rx_changed(m);
	if (c->meta_len)
		put_meta(m, c);
	if (q->dev->timestamp_offset < 0)
		return;
	*RTE_MBUF_DYNFIELD(m, q->dev->timestamp_offset, rte_mbuf_timestamp_t *) = c->time;
	m->ol_flags |= q->dev->timestamp_flag;
}

/* Buffers come back in the order in which they were given; what says something else is damaged. */
static bool sound(const struct nicjit_rxq *q, const struct nic_completion *c, uint16_t entry)
{
	return !(c->status & NIC_COMPLETION_ERROR) && c->cookie == entry && c->len && c->len <= q->buffers[entry]->buf_len - data_offset(q->buffers[entry]);
}

/* The buffer of a completion is replaced by a new one before the packet is handed out; without one the packet is dropped and its buffer used
 * again, so the ring never runs dry. */
static uint16_t take(struct nicjit_rxq *q, struct rte_mbuf **pkts, uint16_t n)
{
	const struct nic_completion *c;
	uint16_t got = 0, taken = 0;

	while (got < n && (c = nic_rx_take(&q->ring))) {
		uint16_t entry = (uint16_t)(q->ring.head - 1) & (q->size - 1);
		bool good = sound(q, c, entry);
		struct rte_mbuf *m = q->buffers[entry], *fresh = good ? rte_mbuf_raw_alloc(q->pool) : NULL;

		taken++;
		if (!fresh) {
			q->errors += !good;
			q->no_mbuf += good;
			give(q, m);
			continue;
		}
		give(q, fresh);
		fill(q, m, c);
		q->wire[got] = c->port & 0x7f; /* bit 7: by redirect */
		q->time[got] = c->time;
		q->packets++;
		q->bytes += c->len;
		pkts[got++] = m;
	}
	if (taken) {
		nic_rx_free(&q->ring);
		nic_rx_kick(&q->ring);
	}
	return got;
}

/* The NIC takes frames for all addresses; here those end that the application does not want. */
static uint16_t ours(struct nicjit_rxq *q, struct rte_mbuf **pkts, uint16_t n)
{
	const struct nicjit_dev *d = q->dev;
	uint16_t stay = 0;

	for (uint16_t i = 0; i < n; i++) {
		const struct rte_ether_addr *to = rte_pktmbuf_mtod(pkts[i], const struct rte_ether_addr *);
		bool wanted = rte_is_multicast_ether_addr(to) ? d->data->all_multicast || rte_is_broadcast_ether_addr(to) : rte_is_same_ether_addr(to, &d->mac);

		if (wanted) {
			pkts[stay++] = pkts[i];
			continue;
		}
		rte_pktmbuf_free(pkts[i]);
		q->others++;
	}
	return stay;
}

uint16_t nicjit_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct nicjit_rxq *q = queue;
	struct host_prog *prog;
	uint16_t got, before;

	if (q->dev->bus->poll)
		q->dev->bus->poll(q->dev->bus);
	if (unlikely(!q->ring.regs)) /* stopped */
		return 0;
	before = (uint16_t)rte_ring_dequeue_burst(q->arrived, (void **)pkts, n, NULL);
	pkts += before;
	got = take(q, pkts, RTE_MIN(n - before, NICJIT_BURST));
	__atomic_store_n(&q->in_burst, 1, __ATOMIC_SEQ_CST);
	prog = __atomic_load_n(&q->dev->host, __ATOMIC_SEQ_CST);
	if (prog && got)
		got = nicjit_host_burst(q, prog, pkts, got);
	__atomic_store_n(&q->in_burst, 0, __ATOMIC_RELEASE);
	if (unlikely(!q->dev->data->promiscuous))
		got = ours(q, pkts, got);
	return before + got;
}

/* ---- Transmit ---- */

int nicjit_tx_start(struct nicjit_txq *q)
{
	struct nic_memory desc = {q->zone->addr, q->zone->iova};
	size_t desc_bytes = RTE_ALIGN_CEIL(q->size * sizeof(struct nic_tx_desc), NICJIT_ROW);
	struct nic_memory done = {(uint8_t *)q->zone->addr + desc_bytes, q->zone->iova + desc_bytes};

	q->clean = 0;
	return nic_tx_open(&q->ring, &q->dev->bus->regs, q->id, q->size, &desc, &done);
}

void nicjit_tx_free_done(struct nicjit_txq *q)
{
	for (uint32_t n = nic_tx_reclaim(&q->ring); n; n--) {
		uint16_t entry = q->clean++ & (q->size - 1);

		rte_pktmbuf_free_seg(q->segments[entry]);
		q->segments[entry] = NULL;
	}
}

void nicjit_tx_stop(struct nicjit_txq *q)
{
	if (!q->ring.regs || !at_rest(q->dev, nic_tx_close(&q->ring), "transmit", q->id))
		return;
	for (uint16_t i = 0; i < q->size; i++) {
		if (q->segments[i])
			rte_pktmbuf_free_seg(q->segments[i]);
		q->segments[i] = NULL;
	}
	q->ring.regs = NULL;
}

int nicjit_tx_check(const struct nicjit_txq *q, const struct rte_mbuf *m)
{
	if (m->pkt_len == 0 || m->pkt_len > NIC_FRAME_MAX || m->nb_segs > RTE_MIN(q->size, (uint16_t)NIC_TX_SEGMENTS))
		return EINVAL;
	for (const struct rte_mbuf *part = m; part; part = part->next)
		if (!part->data_len)
			return EINVAL;
	return m->ol_flags & RTE_MBUF_F_TX_OFFLOAD_MASK ? nicjit_sums_check(q->dev, m) : 0;
}

/* The descriptors are given whole or not at all. */
static bool put(struct nicjit_txq *q, struct rte_mbuf *m, uint8_t wire)
{
	const struct rte_mbuf *first = m;

	if (m->nb_segs > q->size - (uint16_t)(q->ring.tail - q->ring.head))
		return false;
	q->packets++;
	q->bytes += m->pkt_len;
	while (m) {
		struct rte_mbuf *next = m->next;

		q->segments[q->ring.tail & (q->size - 1)] = m;
		nic_tx_give(&q->ring, rte_pktmbuf_iova(m), m->data_len, wire, !next);
		if (m == first && m->ol_flags & NICJIT_TX_SUMS)
			nicjit_sums_make(&q->ring, m);
		m = next;
	}
	return true;
}

uint16_t nicjit_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct nicjit_txq *q = queue;
	uint16_t sent;

	rte_spinlock_lock(&q->lock);
	if (unlikely(q->dev->link_off || !q->ring.regs))
		n = 0;
	else
		nicjit_tx_free_done(q);
	for (sent = 0; sent < n; sent++) {
		if (nicjit_tx_check(q, pkts[sent])) {
			rte_pktmbuf_free(pkts[sent]);
			q->errors++;
		} else if (!put(q, pkts[sent], 0)) {
			break;
		}
	}
	if (sent)
		nic_tx_kick(&q->ring);
	rte_spinlock_unlock(&q->lock);
	if (q->dev->bus->poll)
		q->dev->bus->poll(q->dev->bus);
	return sent;
}

bool nicjit_tx_one(struct nicjit_txq *q, struct rte_mbuf *m, uint8_t wire)
{
	bool sent = false;

	rte_spinlock_lock(&q->lock);
	if (q->ring.regs) {
		nicjit_tx_free_done(q);
		sent = !nicjit_tx_check(q, m) && put(q, m, wire);
	}
	if (sent)
		nic_tx_kick(&q->ring);
	rte_spinlock_unlock(&q->lock);
	return sent;
}
