// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Packets: rings of driver/common/nic_rings.h, buffers of a page each. */
#include <linux/dma-mapping.h>

#include "driver.h"
#include "hw/spec/inspect.h"

enum { REDIRECTED = 0x80, TX_ROOM = MAX_SKB_FRAGS + 2 };
enum { RX_ROOM = PAGE_SIZE - RX_HEADROOM - SKB_DATA_ALIGN(sizeof(struct skb_shared_info)) };

static_assert(RX_HEADROOM % 64 == 0 && RX_ROOM >= (int)NIC_LEN_MAX && TX_ROOM < (int)RING_MIN);

/* ---- Receive ---- */

void queue_give_page(struct queue *q, struct page *page)
{
	u32 slot = q->rx.tail & (q->rx.size - 1);

	q->page[slot] = page;
	nic_rx_give(&q->rx, page_pool_get_dma_addr(page) + RX_HEADROOM, RX_ROOM, slot);
}

/* Metadata goes in front of the packet, where XDP has it. */
static void prepare(struct queue *q, struct port *p, struct page *page, const struct nic_completion *c, struct xdp_buff *xdp)
{
	u8 meta = min_t(u8, c->meta_len, sizeof(c->meta));

	xdp_init_buff(xdp, PAGE_SIZE, &q->rxq[p->number]);
	xdp_prepare_buff(xdp, page_address(page), RX_HEADROOM, c->len, true);
	memcpy(xdp->data - meta, c->meta + sizeof(c->meta) - meta, meta);
	xdp->data_meta = xdp->data - meta;
}

/* changed: it may be another packet than the NIC has looked at. When it came holds all the same. */
static void describe(struct sk_buff *skb, const struct nic_completion *c, const struct net_device *dev, bool changed)
{
	bool l4 = c->checksum & (FOUND_TCP | FOUND_UDP);

	skb_hwtstamps(skb)->hwtstamp = ns_to_ktime(c->time);
	if (changed)
		return;
	if ((dev->features & NETIF_F_RXCSUM) && (c->checksum & FOUND_L4_GOOD) && (c->checksum & (FOUND_IP_GOOD | FOUND_IP6)))
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	if ((dev->features & NETIF_F_RXHASH) && (c->checksum & (FOUND_IP4 | FOUND_IP6)))
		skb_set_hash(skb, c->hash, l4 ? PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);
}

static bool pass(struct queue *q, struct port *p, struct page *page, const struct xdp_buff *xdp, const struct nic_completion *c, bool touched)
{
	struct sk_buff *skb = napi_build_skb(xdp->data_hard_start, PAGE_SIZE);
	u32 meta = xdp->data - xdp->data_meta;

	if (!skb)
		return false;
	skb_mark_for_recycle(skb);
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	__skb_put(skb, xdp->data_end - xdp->data);
	if (meta)
		skb_metadata_set(skb, meta);
	describe(skb, c, p->netdev, touched || c->time < READ_ONCE(p->sums_since));
	skb_record_rx_queue(skb, q->number);
	skb->protocol = eth_type_trans(skb, p->netdev);
	napi_gro_receive(&q->napi, skb);
	return true;
}

static void count_drop(struct queue *q, struct port *p)
{
	struct way_stats *s = &q->rx_stats[p->number];

	u64_stats_update_begin(&s->sync);
	u64_stats_inc(&s->dropped);
	u64_stats_update_end(&s->sync);
}

static void receive(struct queue *q, struct port *p, struct page *page, const struct nic_completion *c, bool *redirected)
{
	struct way_stats *s = &q->rx_stats[p->number];
	struct bpf_prog *prog = rcu_dereference(p->xdp);
	enum xdp_result result = XDP_OURS;
	struct xdp_buff xdp;

	dma_sync_single_range_for_cpu(&q->nic->pdev->dev, page_pool_get_dma_addr(page), RX_HEADROOM, c->len, page_pool_get_dma_dir(q->pool));
	prepare(q, p, page, c, &xdp);
	u64_stats_update_begin(&s->sync);
	u64_stats_inc(&s->packets);
	u64_stats_add(&s->bytes, c->len);
	u64_stats_update_end(&s->sync);
	if (prog)
		result = xdp_run(q, p, prog, &xdp, redirected);
	if (result == XDP_OURS && pass(q, p, page, &xdp, c, prog))
		return;
	if (result == XDP_OURS) {
		count_drop(q, p);
		page_pool_put_full_page(q->pool, page, true);
	}
}

/*
 * The buffer of a completion is replaced before the packet is handed on; without a new one the packet is dropped and its buffer used again,
 * so that the ring never runs dry.
 */
static int receive_some(struct queue *q, int budget)
{
	const struct nic_completion *c;
	bool redirected = false;
	int work = 0;

	rcu_read_lock();
	while (work < budget && (c = nic_rx_take(&q->rx))) {
		struct page *page = q->page[c->cookie & (q->rx.size - 1)];
		struct port *p = q->nic->port[c->port & (PORTS_MAX - 1)];
		bool good = !(c->status & NIC_COMPLETION_ERROR) && p && netif_running(p->netdev) && c->len <= RX_ROOM;
		struct page *fresh = good ? page_pool_dev_alloc_pages(q->pool) : NULL;

		work++;
		if (!fresh) {
			if (p)
				count_drop(q, p);
			queue_give_page(q, page);
			continue;
		}
		queue_give_page(q, fresh);
		receive(q, p, page, c, &redirected);
	}
	rcu_read_unlock();
	if (work) {
		nic_rx_free(&q->rx);
		nic_rx_kick(&q->rx);
	}
	if (redirected)
		xdp_do_flush();
	return work;
}

/* ---- Transmit ---- */

static u16 tx_free(const struct queue *q)
{
	return q->tx.size - (u16)(q->tx.tail - q->tx.head);
}

void queue_release(struct queue *q, struct tx_buf *b, int budget)
{
	struct device *dev = &q->nic->pdev->dev;

	if (b->mapped && b->is_page)
		dma_unmap_page(dev, b->dma, b->len, DMA_TO_DEVICE);
	else if (b->mapped)
		dma_unmap_single(dev, b->dma, b->len, DMA_TO_DEVICE);
	if (b->kind == TX_SKB)
		napi_consume_skb(b->skb, budget);
	else if (b->kind == TX_FRAME)
		xdp_return_frame(b->frame);
	b->kind = TX_NONE;
	b->mapped = false;
}

static void wake_ports(struct queue *q)
{
	for (unsigned int i = 0; i < q->nic->n_ports; i++) {
		struct port *p = q->nic->port[i];

		if (p && netif_running(p->netdev) && __netif_subqueue_stopped(p->netdev, q->number))
			netif_wake_subqueue(p->netdev, q->number);
	}
}

static void reclaim(struct queue *q, int budget)
{
	u16 at;
	u32 done;

	spin_lock(&q->tx_lock);
	at = q->tx.head;
	done = nic_tx_reclaim(&q->tx);
	for (u32 i = 0; i < done; i++)
		queue_release(q, &q->tx_buf[(u16)(at + i) & (q->tx.size - 1)], budget);
	if (done && tx_free(q) >= TX_ROOM)
		wake_ports(q);
	spin_unlock(&q->tx_lock);
}

/* Takes back what was put into the ring since tail was `to`; the NIC has not seen it. */
static void take_back(struct queue *q, u16 to)
{
	while (q->tx.tail != to) {
		struct tx_buf *b = &q->tx_buf[--q->tx.tail & (q->tx.size - 1)];

		b->kind = TX_NONE;
		queue_release(q, b, 0);
	}
}

static int put_part(struct queue *q, struct port *p, dma_addr_t dma, u32 len, bool end, struct tx_buf what)
{
	struct tx_buf *b = &q->tx_buf[q->tx.tail & (q->tx.size - 1)];

	what.dma = dma;
	what.len = len;
	*b = what;
	return nic_tx_give(&q->tx, dma, len, p->number, end);
}

static int put_skb(struct queue *q, struct port *p, struct sk_buff *skb)
{
	struct device *dev = &q->nic->pdev->dev;
	u32 parts = skb_shinfo(skb)->nr_frags;
	dma_addr_t dma = dma_map_single(dev, skb->data, skb_headlen(skb), DMA_TO_DEVICE);

	if (dma_mapping_error(dev, dma))
		return -ENOMEM;
	put_part(q, p, dma, skb_headlen(skb), !parts, (struct tx_buf){.kind = parts ? TX_NONE : TX_SKB, .skb = skb, .mapped = true});
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		nic_tx_sum(&q->tx, skb_checksum_start_offset(skb), skb_checksum_start_offset(skb) + skb->csum_offset);
	for (u32 i = 0; i < parts; i++) {
		const skb_frag_t *f = &skb_shinfo(skb)->frags[i];
		bool end = i + 1 == parts;

		dma = skb_frag_dma_map(dev, f, 0, skb_frag_size(f), DMA_TO_DEVICE);
		if (dma_mapping_error(dev, dma))
			return -ENOMEM;
		put_part(q, p, dma, skb_frag_size(f), end,
			 (struct tx_buf){.kind = end ? TX_SKB : TX_NONE, .skb = skb, .mapped = true, .is_page = true});
	}
	return 0;
}

static void count_tx(struct queue *q, struct port *p, u32 len, bool good)
{
	struct way_stats *s = &q->tx_stats[p->number];

	u64_stats_update_begin(&s->sync);
	u64_stats_add(&s->packets, good);
	u64_stats_add(&s->bytes, good ? len : 0);
	u64_stats_add(&s->dropped, !good);
	u64_stats_update_end(&s->sync);
}

/* A packet that is gone before it got here; those before it may wait for the doorbell. */
static void lose(struct queue *q, struct port *p, bool more)
{
	spin_lock_bh(&q->tx_lock);
	count_tx(q, p, 0, false);
	if (!more && q->sends)
		nic_tx_kick(&q->tx);
	spin_unlock_bh(&q->tx_lock);
}

netdev_tx_t port_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct port *p = port_of(dev);
	struct queue *q = p->nic->queue[skb_get_queue_mapping(skb)];
	bool more = netdev_xmit_more(), bad;
	u32 len;
	u16 tail;

	if (skb_put_padto(skb, ETH_ZLEN)) {
		lose(q, p, more);
		return NETDEV_TX_OK;
	}
	len = skb->len;
	bad = len > NIC_FRAME_MAX || (skb_shinfo(skb)->nr_frags >= NIC_TX_SEGMENTS && skb_linearize(skb));
	spin_lock_bh(&q->tx_lock);
	if (!q->sends || tx_free(q) < TX_ROOM) { /* it may be closed at any time: what NAPI reclaims last wakes the ports again */
		netif_stop_subqueue(dev, q->number);
		if (q->sends)
			nic_tx_kick(&q->tx);
		spin_unlock_bh(&q->tx_lock);
		return NETDEV_TX_BUSY;
	}
	tail = q->tx.tail;
	if (bad || put_skb(q, p, skb)) {
		take_back(q, tail);
		dev_kfree_skb_any(skb);
		bad = true;
	} else {
		skb_tx_timestamp(skb);
	}
	count_tx(q, p, len, !bad);
	if (tx_free(q) < TX_ROOM)
		netif_stop_subqueue(dev, q->number);
	if (!more || tx_free(q) < TX_ROOM)
		nic_tx_kick(&q->tx);
	spin_unlock_bh(&q->tx_lock);
	return NETDEV_TX_OK;
}

int queue_send_frame(struct queue *q, struct port *p, struct xdp_frame *frame, bool of_pool)
{
	struct device *dev = &q->nic->pdev->dev;
	dma_addr_t dma;

	if (!q->sends)
		return -ENETDOWN;
	if (xdp_frame_has_frags(frame)) /* kernels before 6.3 hand them on to whoever is there */
		return -EOPNOTSUPP;
	if (frame->len > NIC_FRAME_MAX || tx_free(q) < 1)
		return -ENOSPC;
	if (of_pool) { /* mapped as long as its page is the pool's */
		struct page *page = virt_to_page(frame->data);

		dma = page_pool_get_dma_addr(page) + (frame->data - page_address(page));
		dma_sync_single_for_device(dev, dma, frame->len, DMA_BIDIRECTIONAL);
	} else {
		dma = dma_map_single(dev, frame->data, frame->len, DMA_TO_DEVICE);
		if (dma_mapping_error(dev, dma))
			return -ENOMEM;
	}
	count_tx(q, p, frame->len, true);
	return put_part(q, p, dma, frame->len, true, (struct tx_buf){.kind = TX_FRAME, .frame = frame, .mapped = !of_pool});
}

void queue_kick(struct queue *q)
{
	nic_tx_kick(&q->tx);
}

/* ---- Both ---- */

/*
 * A completion that comes while the interrupt is taken down does not raise a new one: look again when the NIC has surely seen it. All this before
 * NAPI is told of the end, behind which the rings may go; an interrupt that comes meanwhile makes it poll again.
 */
int queue_poll(struct napi_struct *napi, int budget)
{
	struct queue *q = container_of(napi, struct queue, napi);
	int work;

	reclaim(q, budget);
	work = receive_some(q, budget);
	if (work >= budget)
		return work;
	put_reg(q->nic, REG_IRQ_STATUS, BIT(q->number));
	get_reg(q->nic, REG_IRQ_STATUS);
	if (nic_rx_waits(&q->rx) || nic_tx_waits(&q->tx))
		return budget;
	napi_complete_done(napi, work);
	return work;
}
