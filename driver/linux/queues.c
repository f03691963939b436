// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* A queue's memory: its rings, and the pages that packets come in. */
#include <linux/dma-mapping.h>

#include "driver.h"

enum { TX_DONE_BYTES = 64 };

/* Of the receive ring, its completions, the transmit ring, and how far it is done. */
static u32 ring_bytes(const struct queue *q, u32 bytes[4])
{
	const struct shape *s = &q->nic->shape;

	bytes[0] = s->rx_size * sizeof(struct nic_rx_desc);
	bytes[1] = s->rx_size * sizeof(struct nic_completion);
	bytes[2] = s->tx_size * sizeof(struct nic_tx_desc);
	bytes[3] = TX_DONE_BYTES;
	return bytes[0] + bytes[1] + bytes[2] + bytes[3];
}

static void close_rings(struct queue *q)
{
	int error = 0;

	spin_lock_bh(&q->tx_lock); /* frames may come at any time */
	q->sends = false;
	spin_unlock_bh(&q->tx_lock);
	if (q->rx.regs)
		error = nic_rx_close(&q->rx);
	if (q->tx.regs && nic_tx_close(&q->tx))
		error = -EIO;
	if (error) { /* it may still write to what is given back here */
		pci_clear_master(q->nic->pdev);
		bus_die(&q->nic->bus);
	}
	local_bh_disable(); /* buffers of packets go back to what this processor keeps for its softirqs */
	for (u16 at = q->tx.head; at != q->tx.tail; at++)
		queue_release(q, &q->tx_buf[at & (q->tx.size - 1)], 0);
	local_bh_enable();
	for (unsigned int i = 0; i < q->rx.size; i++)
		if (q->page[i])
			page_pool_put_full_page(q->pool, q->page[i], false);
	q->rx = (struct nic_rx_ring){};
	q->tx = (struct nic_tx_ring){};
}

static void queue_close(struct queue *q)
{
	struct device *dev = &q->nic->pdev->dev;
	u32 bytes[4];

	close_rings(q);
	for (unsigned int i = 0; i < q->nic->n_ports; i++)
		if (xdp_rxq_info_is_reg(&q->rxq[i]))
			xdp_rxq_info_unreg(&q->rxq[i]);
	if (q->pool)
		page_pool_destroy(q->pool);
	q->pool = NULL;
	kvfree(q->page);
	kvfree(q->tx_buf);
	if (q->memory)
		dma_free_coherent(dev, ring_bytes(q, bytes), q->memory, q->dma);
	q->page = NULL;
	q->tx_buf = NULL;
	q->memory = NULL;
}

static int open_rings(struct queue *q)
{
	const struct nic_regs *regs = &q->nic->bus.regs;
	const struct shape *s = &q->nic->shape;
	struct nic_memory at[4];
	u32 bytes[4], offset = 0;

	ring_bytes(q, bytes);
	for (int i = 0; i < 4; i++) {
		at[i] = (struct nic_memory){q->memory + offset, q->dma + offset};
		offset += bytes[i];
	}
	if (nic_rx_open(&q->rx, regs, q->number, s->rx_size, &at[0], &at[1], 0) || nic_tx_open(&q->tx, regs, q->number, s->tx_size, &at[2], &at[3]))
		return -EIO;
	for (unsigned int i = 0; i < s->rx_size; i++) {
		struct page *page = page_pool_alloc_pages(q->pool, GFP_KERNEL);

		if (!page)
			return -ENOMEM;
		queue_give_page(q, page);
	}
	nic_rx_kick(&q->rx);
	spin_lock_bh(&q->tx_lock);
	q->sends = true;
	spin_unlock_bh(&q->tx_lock);
	return 0;
}

static int open_rxq(struct queue *q, struct port *p)
{
	struct xdp_rxq_info *rxq = &q->rxq[p->number];
	int error = xdp_rxq_info_reg(rxq, p->netdev, q->number, q->napi.napi_id);

	return error ? error : xdp_rxq_info_reg_mem_model(rxq, MEM_TYPE_PAGE_POOL, q->pool);
}

static int queue_open(struct queue *q)
{
	struct page_pool_params params = {
		.flags = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV, .pool_size = 2 * q->nic->shape.rx_size, .nid = NUMA_NO_NODE, .dev = &q->nic->pdev->dev,
		.dma_dir = DMA_BIDIRECTIONAL, .offset = 0, .max_len = PAGE_SIZE,
	};
	u32 bytes[4];
	int error = 0;

	q->page = kvcalloc(q->nic->shape.rx_size, sizeof(*q->page), GFP_KERNEL);
	q->tx_buf = kvcalloc(q->nic->shape.tx_size, sizeof(*q->tx_buf), GFP_KERNEL);
	q->memory = dma_alloc_coherent(&q->nic->pdev->dev, ring_bytes(q, bytes), &q->dma, GFP_KERNEL);
	if (!q->memory || !q->page || !q->tx_buf)
		return -ENOMEM;
	q->pool = page_pool_create(&params);
	if (IS_ERR(q->pool)) {
		error = PTR_ERR(q->pool);
		q->pool = NULL;
		return error;
	}
	for (unsigned int i = 0; !error && i < q->nic->n_ports; i++)
		error = open_rxq(q, q->nic->port[i]);
	return error ? error : open_rings(q);
}

/* An interrupt that came before was for nobody, and the NIC sends no other until it is answered: frames of other devices may have been sent since. */
static void begin_to_poll(struct queue *q)
{
	napi_enable(&q->napi);
	local_bh_disable();
	napi_schedule(&q->napi);
	local_bh_enable();
}

int queues_open(struct nicjit *n)
{
	int error = 0;

	for (unsigned int i = 0; !error && i < n->shape.queues; i++)
		error = queue_open(n->queue[i]);
	for (unsigned int i = 0; i < n->shape.queues; i++) {
		if (error)
			queue_close(n->queue[i]);
		else
			begin_to_poll(n->queue[i]);
	}
	n->queues_open = !error;
	return error;
}

void queues_close(struct nicjit *n)
{
	if (!n->queues_open)
		return;
	n->queues_open = false;
	put_reg(n, REG_CTRL, get_reg(n, REG_CTRL) & ~BIT(CTRL_RUN_LSB));
	for (unsigned int i = 0; i < n->shape.queues; i++) {
		napi_disable(&n->queue[i]->napi);
		queue_close(n->queue[i]);
	}
}
