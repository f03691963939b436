// SPDX-License-Identifier: Apache-2.0
/* Queues of a port: set up, started and stopped one by one, described. Their packets are in rxtx.c. */
#include <rte_malloc.h>

#include "pmd.h"

enum { ARRIVED = 512 };

static const struct rte_memzone *ring_memory(struct rte_eth_dev *dev, const char *name, uint16_t queue, size_t bytes, unsigned int socket)
{
	/* A zone of the queue's life before may be smaller. */
	rte_eth_dma_zone_free(dev, name, queue);
	return rte_eth_dma_zone_reserve(dev, name, queue, bytes, NICJIT_ROW, socket);
}

void nicjit_rx_queue_release(struct rte_eth_dev *dev, uint16_t id)
{
	struct nicjit_rxq *q = dev->data->rx_queues[id];

	if (!q)
		return;
	nicjit_lock();
	nicjit_rx_stop(q);
	dev->data->rx_queues[id] = NULL;
	nicjit_host_wait(nicjit_dev(dev)); /* for programs of other queues that send here */
	if (q->arrived)
		nicjit_rx_drain(q);
	rte_memzone_free(q->zone);
	rte_ring_free(q->arrived);
	rte_free(q->buffers);
	rte_free(q);
	nicjit_unlock();
}

int nicjit_rx_queue_setup(struct rte_eth_dev *dev, uint16_t id, uint16_t n, unsigned int socket, const struct rte_eth_rxconf *conf,
			  struct rte_mempool *pool)
{
	struct nicjit_rxq *q;
	char name[RTE_RING_NAMESIZE];

	if (rte_pktmbuf_data_room_size(pool) < NICJIT_ROOM_MIN) {
		PORT_LOG(ERR, nicjit_dev(dev), "receive queue %u: buffers of %u bytes; the NIC needs at least %u", id, rte_pktmbuf_data_room_size(pool), NICJIT_ROOM_MIN);
		return -EINVAL;
	}
	n = rte_align32pow2(n);
	nicjit_rx_queue_release(dev, id);
	q = rte_zmalloc_socket("nicjit rxq", sizeof(*q), RTE_CACHE_LINE_SIZE, socket);
	if (!q)
		return -ENOMEM;
	q->dev = nicjit_dev(dev);
	q->pool = pool;
	q->port_id = dev->data->port_id;
	q->id = id;
	q->size = n;
	q->lossless = !conf->rx_drop_en;
	q->deferred = conf->rx_deferred_start;
	q->buffers = rte_zmalloc_socket("nicjit buffers", n * sizeof(*q->buffers), RTE_CACHE_LINE_SIZE, socket);
	snprintf(name, sizeof(name), "nicjit_%u_%u", q->port_id, id);
	q->arrived = rte_ring_create(name, ARRIVED, socket, RING_F_SC_DEQ);
	q->zone = ring_memory(dev, "rx", id, n * (sizeof(struct nic_rx_desc) + sizeof(struct nic_completion)) + NICJIT_ROW, socket);
	dev->data->rx_queues[id] = q;
	if (q->buffers && q->arrived && q->zone)
		return 0;
	nicjit_rx_queue_release(dev, id);
	return -ENOMEM;
}

void nicjit_tx_queue_release(struct rte_eth_dev *dev, uint16_t id)
{
	struct nicjit_txq *q = dev->data->tx_queues[id];

	if (!q)
		return;
	nicjit_lock();
	nicjit_tx_stop(q);
	dev->data->tx_queues[id] = NULL;
	nicjit_host_wait(nicjit_dev(dev)); /* for programs that send by it */
	rte_memzone_free(q->zone);
	rte_free(q->segments);
	rte_free(q);
	nicjit_unlock();
}

int nicjit_tx_queue_setup(struct rte_eth_dev *dev, uint16_t id, uint16_t n, unsigned int socket, const struct rte_eth_txconf *conf)
{
	struct nicjit_txq *q;

	n = rte_align32pow2(n);
	nicjit_tx_queue_release(dev, id);
	q = rte_zmalloc_socket("nicjit txq", sizeof(*q), RTE_CACHE_LINE_SIZE, socket);
	if (!q)
		return -ENOMEM;
	q->dev = nicjit_dev(dev);
	q->id = id;
	q->size = n;
	q->deferred = conf->tx_deferred_start;
	rte_spinlock_init(&q->lock);
	q->segments = rte_zmalloc_socket("nicjit segments", n * sizeof(*q->segments), RTE_CACHE_LINE_SIZE, socket);
	q->zone = ring_memory(dev, "tx", id, n * sizeof(struct nic_tx_desc) + 2 * NICJIT_ROW, socket);
	dev->data->tx_queues[id] = q;
	if (q->segments && q->zone)
		return 0;
	nicjit_tx_queue_release(dev, id);
	return -ENOMEM;
}

/* A queue may never have been set up, or not since a reset. */
int nicjit_rx_queue_start(struct rte_eth_dev *dev, uint16_t id)
{
	int error = dev->data->rx_queues[id] ? nicjit_rx_start(dev->data->rx_queues[id]) : -EINVAL;

	if (!error)
		dev->data->rx_queue_state[id] = RTE_ETH_QUEUE_STATE_STARTED;
	return error;
}

int nicjit_rx_queue_stop(struct rte_eth_dev *dev, uint16_t id)
{
	if (dev->data->rx_queues[id])
		nicjit_rx_stop(dev->data->rx_queues[id]);
	dev->data->rx_queue_state[id] = RTE_ETH_QUEUE_STATE_STOPPED;
	return 0;
}

int nicjit_tx_queue_start(struct rte_eth_dev *dev, uint16_t id)
{
	int error = dev->data->tx_queues[id] ? nicjit_tx_start(dev->data->tx_queues[id]) : -EINVAL;

	if (!error)
		dev->data->tx_queue_state[id] = RTE_ETH_QUEUE_STATE_STARTED;
	return error;
}

int nicjit_tx_queue_stop(struct rte_eth_dev *dev, uint16_t id)
{
	if (dev->data->tx_queues[id])
		nicjit_tx_stop(dev->data->tx_queues[id]);
	dev->data->tx_queue_state[id] = RTE_ETH_QUEUE_STATE_STOPPED;
	return 0;
}

void nicjit_rxq_info_get(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_rxq_info *info)
{
	const struct nicjit_rxq *q = dev->data->rx_queues[id];

	info->mp = q->pool;
	info->nb_desc = q->size;
	info->conf.rx_drop_en = !q->lossless;
	info->conf.rx_deferred_start = q->deferred;
	info->conf.offloads = dev->data->dev_conf.rxmode.offloads;
	info->rx_buf_size = rte_pktmbuf_data_room_size(q->pool) - RTE_PKTMBUF_HEADROOM;
}

void nicjit_txq_info_get(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_txq_info *info)
{
	const struct nicjit_txq *q = dev->data->tx_queues[id];

	info->nb_desc = q->size;
	info->conf.tx_deferred_start = q->deferred;
	info->conf.offloads = dev->data->dev_conf.txmode.offloads;
}

int nicjit_rx_descriptor_status(void *queue, uint16_t offset)
{
	const struct nicjit_rxq *q = queue;
	uint16_t at = q->ring.head + offset;

	if (offset >= q->size)
		return -EINVAL;
	if (!q->ring.regs)
		return RTE_ETH_RX_DESC_UNAVAIL;
	if ((q->ring.done[at & (q->size - 1)].status & NIC_COMPLETION_PHASE) == (at & q->size ? 0 : NIC_COMPLETION_PHASE))
		return RTE_ETH_RX_DESC_DONE;
	return (uint16_t)(q->ring.tail - q->ring.head) > offset ? RTE_ETH_RX_DESC_AVAIL : RTE_ETH_RX_DESC_UNAVAIL;
}

uint32_t nicjit_rx_queue_count(void *queue)
{
	const struct nicjit_rxq *q = queue;
	uint32_t n = 0;

	while (n < q->size && nicjit_rx_descriptor_status(queue, n) == RTE_ETH_RX_DESC_DONE)
		n++;
	return n;
}

int nicjit_tx_descriptor_status(void *queue, uint16_t offset)
{
	struct nicjit_txq *q = queue;

	if (offset >= q->size)
		return -EINVAL;
	if (!q->ring.regs)
		return RTE_ETH_TX_DESC_UNAVAIL;
	rte_spinlock_lock(&q->lock);
	nicjit_tx_free_done(q);
	rte_spinlock_unlock(&q->lock);
	return (uint16_t)(q->ring.tail - q->ring.head) + offset >= q->size ? RTE_ETH_TX_DESC_FULL : RTE_ETH_TX_DESC_DONE;
}
