// SPDX-License-Identifier: Apache-2.0
/* Statistics: those of the queues, and the NIC's own counters as of a snapshot. */
#include <inttypes.h>

#include "driver/common/nic_wait.h"
#include "pmd.h"

struct counter {
	const char *name;
	uint16_t index;
};

/* Of the NIC. */
static const struct counter nic[] = {
	{"cycles", NIC_CNT_CYCLES},
	{"xdp_offload_aborted_packets", NIC_CNT_VERDICT + 0},
	{"xdp_offload_drop_packets", NIC_CNT_VERDICT + 1},
	{"xdp_offload_pass_packets", NIC_CNT_VERDICT + 2},
	{"xdp_offload_tx_packets", NIC_CNT_VERDICT + 3},
	{"xdp_offload_redirect_packets", NIC_CNT_VERDICT + 4},
	{"xdp_offload_aborted_bytes", NIC_CNT_VERDICT_BYTES + 0},
	{"xdp_offload_drop_bytes", NIC_CNT_VERDICT_BYTES + 1},
	{"xdp_offload_pass_bytes", NIC_CNT_VERDICT_BYTES + 2},
	{"xdp_offload_tx_bytes", NIC_CNT_VERDICT_BYTES + 3},
	{"xdp_offload_redirect_bytes", NIC_CNT_VERDICT_BYTES + 4},
	{"xdp_fault_illegal_packets", NIC_CNT_FAULT + 0},
	{"xdp_fault_region_packets", NIC_CNT_FAULT + 1},
	{"xdp_fault_watchdog_packets", NIC_CNT_FAULT + 2},
	{"xdp_fault_map_packets", NIC_CNT_FAULT + 3},
	{"xdp_redirect_nowhere_packets", NIC_CNT_LOST},
	{"host_packets", NIC_CNT_HOST},
	{"host_bytes", NIC_CNT_HOST_BYTES},
	{"host_full_packets", NIC_CNT_HOST_FULL},
	{"host_queue_off_packets", NIC_CNT_HOST_SIDE + NIC_CNT_H_OFF},
	{"host_no_buffer_packets", NIC_CNT_HOST_SIDE + NIC_CNT_H_EMPTY},
	{"host_completions_full_packets", NIC_CNT_HOST_SIDE + NIC_CNT_H_CQ},
	{"host_small_buffer_packets", NIC_CNT_HOST_SIDE + NIC_CNT_H_SMALL},
	{"host_tx_bad_descriptors", NIC_CNT_HOST_SIDE + NIC_CNT_H_TX_BAD},
	{"host_bus_errors", NIC_CNT_HOST_SIDE + NIC_CNT_H_BUS},
	{"host_bad_doorbells", NIC_CNT_HOST_SIDE + NIC_CNT_H_DOORBELL},
};
/* Of a wire. */
static const struct counter wire[] = {
	{"rx_packets", NIC_CNT_P_RX}, {"rx_bytes", NIC_CNT_P_RX_BYTES}, {"rx_long_packets", NIC_CNT_P_LONG},
	{"rx_short_packets", NIC_CNT_P_SHORT}, {"rx_bad_packets", NIC_CNT_P_BAD}, {"rx_full_packets", NIC_CNT_P_FULL},
	{"tx_packets", NIC_CNT_P_TX}, {"tx_bytes", NIC_CNT_P_TX_BYTES}, {"tx_full_packets", NIC_CNT_P_TX_FULL},
	{"tx_host_packets", NIC_CNT_P_TX_HOST},
};
/* Of a core. */
static const struct counter core[] = {
	{"bundles", NIC_CNT_T_BUNDLES}, {"idle_cycles", NIC_CNT_T_IDLE}, {"stall_cycles", NIC_CNT_T_STALL},
	{"command_stall_cycles", NIC_CNT_T_CMD_FULL}, {"packets", NIC_CNT_T_PACKETS}, {"posted_faults", NIC_CNT_T_POSTED_FAULT},
};

/* Of a host queue. */
static const struct counter host_queue[] = {
	{"packets", NIC_CNT_H_PUT}, {"queue_off_packets", NIC_CNT_H_OFF}, {"no_buffer_packets", NIC_CNT_H_EMPTY},
	{"completions_full_packets", NIC_CNT_H_CQ}, {"small_buffer_packets", NIC_CNT_H_SMALL},
};

enum { PER_QUEUE = 8, PER_WIRE = 16, PER_CORE = 16, SNAPSHOT_POLLS = 10000 };

static int take_snapshot(const struct nicjit_dev *d)
{
	struct nic_wait wait = {.regs = &d->bus->regs, .polls = SNAPSHOT_POLLS};
	uint32_t left;

	nicjit_put(d, REG_SNAPSHOT, 1);
	do {
		left = nicjit_get(d, REG_SNAPSHOT);
		if (!left)
			return 0;
	} while (nic_wait_more(&wait, left));
	PORT_LOG(ERR, d, "the NIC does not copy its counters: it is gone or hangs; reset the port");
	return -EIO;
}

/* Nobody takes another one until end_snapshot(). */
static int snapshot(struct nicjit_dev *d)
{
	int error;

	rte_spinlock_lock(&d->stats_lock);
	error = take_snapshot(d);
	if (error)
		rte_spinlock_unlock(&d->stats_lock);
	return error;
}

static void end_snapshot(struct nicjit_dev *d)
{
	rte_spinlock_unlock(&d->stats_lock);
}

static uint64_t raw(const struct nicjit_dev *d, uint32_t index)
{
	uint32_t low = nicjit_get(d, REG_COUNTER + index * REG_COUNTER_STRIDE);

	return (uint64_t)nicjit_get(d, REG_COUNTER + index * REG_COUNTER_STRIDE + 4) << 32 | low;
}

static uint64_t count(const struct nicjit_dev *d, uint32_t index)
{
	return raw(d, index) - d->base[index];
}

static void queue_stats(const struct rte_eth_dev *dev, struct rte_eth_stats *s)
{
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++) {
		const struct nicjit_rxq *q = dev->data->rx_queues[i];

		if (!q)
			continue;
		s->ipackets += q->packets;
		s->ibytes += q->bytes;
		s->rx_nombuf += q->no_mbuf;
		s->ierrors += q->errors;
		s->imissed += q->unread;
		if (i < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
			s->q_ipackets[i] = q->packets;
			s->q_ibytes[i] = q->bytes;
			s->q_errors[i] = q->errors;
		}
	}
	for (uint16_t i = 0; i < dev->data->nb_tx_queues; i++) {
		const struct nicjit_txq *q = dev->data->tx_queues[i];

		if (!q)
			continue;
		s->opackets += q->packets;
		s->obytes += q->bytes;
		s->oerrors += q->errors;
		if (i < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
			s->q_opackets[i] = q->packets;
			s->q_obytes[i] = q->bytes;
		}
	}
}

/* Missed are packets that were for the host and found no room on the way; what a program drops is no loss. */
int nicjit_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *s)
{
	static const uint16_t missed[] = {NIC_CNT_HOST_FULL, NIC_CNT_HOST_SIDE + NIC_CNT_H_OFF, NIC_CNT_HOST_SIDE + NIC_CNT_H_EMPTY,
					  NIC_CNT_HOST_SIDE + NIC_CNT_H_CQ};
	static const uint16_t errors[] = {NIC_CNT_P_LONG, NIC_CNT_P_SHORT, NIC_CNT_P_BAD};
	struct nicjit_dev *d = nicjit_dev(dev);

	if (snapshot(d))
		return -EIO;
	queue_stats(dev, s);
	for (unsigned int i = 0; i < RTE_DIM(missed); i++)
		s->imissed += count(d, missed[i]);
	for (uint32_t w = 0; w < d->wires; w++) {
		s->imissed += count(d, NIC_CNT_PORT + PER_WIRE * w + NIC_CNT_P_FULL);
		for (unsigned int i = 0; i < RTE_DIM(errors); i++)
			s->ierrors += count(d, NIC_CNT_PORT + PER_WIRE * w + errors[i]);
	}
	end_snapshot(d);
	return 0;
}

int nicjit_stats_reset(struct rte_eth_dev *dev)
{
	struct nicjit_dev *d = nicjit_dev(dev);

	if (snapshot(d))
		return -EIO;
	for (uint32_t i = 0; i < RTE_DIM(d->base); i++)
		d->base[i] = raw(d, i);
	end_snapshot(d);
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++) {
		struct nicjit_rxq *q = dev->data->rx_queues[i];

		if (!q)
			continue;
		q->packets = q->bytes = q->no_mbuf = q->errors = q->unread = q->others = q->host_lost = 0;
		memset(q->host_packets, 0, sizeof(q->host_packets));
		memset(q->host_bytes, 0, sizeof(q->host_bytes));
	}
	for (uint16_t i = 0; i < dev->data->nb_tx_queues; i++) {
		struct nicjit_txq *q = dev->data->tx_queues[i];

		if (q)
			q->packets = q->bytes = q->errors = 0;
	}
	return 0;
}

/* Sums over the receive queues, by the offset of the counter in the queue. */
static const struct {
	const char *name;
	size_t offset;
} queue[] = {
	{"host_unread_packets", offsetof(struct nicjit_rxq, unread)}, /* nobody took them from the ring before it was turned off */
	{"rx_others_packets", offsetof(struct nicjit_rxq, others)},
	{"xdp_host_aborted_packets", offsetof(struct nicjit_rxq, host_packets[0])},
	{"xdp_host_drop_packets", offsetof(struct nicjit_rxq, host_packets[1])},
	{"xdp_host_pass_packets", offsetof(struct nicjit_rxq, host_packets[2])},
	{"xdp_host_tx_packets", offsetof(struct nicjit_rxq, host_packets[3])},
	{"xdp_host_redirect_packets", offsetof(struct nicjit_rxq, host_packets[4])},
	{"xdp_host_aborted_bytes", offsetof(struct nicjit_rxq, host_bytes[0])},
	{"xdp_host_drop_bytes", offsetof(struct nicjit_rxq, host_bytes[1])},
	{"xdp_host_pass_bytes", offsetof(struct nicjit_rxq, host_bytes[2])},
	{"xdp_host_tx_bytes", offsetof(struct nicjit_rxq, host_bytes[3])},
	{"xdp_host_redirect_bytes", offsetof(struct nicjit_rxq, host_bytes[4])},
	{"xdp_host_lost_packets", offsetof(struct nicjit_rxq, host_lost)}, /* to be sent, and there was no room or nowhere to */
};

static uint64_t sum(const struct rte_eth_dev *dev, unsigned int n)
{
	uint64_t all = 0, one;

	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++) {
		if (!dev->data->rx_queues[i])
			continue;
		memcpy(&one, (const uint8_t *)dev->data->rx_queues[i] + queue[n].offset, sizeof(one));
		all += one;
	}
	return all;
}

/* All of the NIC's, and the sums behind them. */
static unsigned int xstats_count(const struct nicjit_dev *d)
{
	return RTE_DIM(nic) + d->wires * RTE_DIM(wire) + d->cores * RTE_DIM(core) + d->queues * RTE_DIM(host_queue) + RTE_DIM(queue);
}

/* The n-th: its name, when asked for, and its index among the NIC's counters. */
static uint32_t xstat(const struct nicjit_dev *d, unsigned int n, char *name, size_t size)
{
	const struct counter *c;
	unsigned int of;

	if (n < RTE_DIM(nic)) {
		snprintf(name, size, "%s", nic[n].name);
		return nic[n].index;
	}
	n -= RTE_DIM(nic);
	if (n < d->wires * RTE_DIM(wire)) {
		of = n / RTE_DIM(wire);
		c = &wire[n % RTE_DIM(wire)];
		snprintf(name, size, "wire%u_%s", of, c->name);
		return NIC_CNT_PORT + PER_WIRE * of + c->index;
	}
	n -= d->wires * RTE_DIM(wire);
	if (n >= d->cores * RTE_DIM(core)) {
		n -= d->cores * RTE_DIM(core);
		of = n / RTE_DIM(host_queue);
		c = &host_queue[n % RTE_DIM(host_queue)];
		snprintf(name, size, "host_q%u_%s", of, c->name);
		return NIC_CNT_QUEUE + PER_QUEUE * of + c->index;
	}
	of = n / RTE_DIM(core);
	c = &core[n % RTE_DIM(core)];
	snprintf(name, size, "core%u_%s", of, c->name);
	return NIC_CNT_TILE + PER_CORE * of + c->index;
}

int nicjit_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n)
{
	struct nicjit_dev *d = nicjit_dev(dev);
	unsigned int all = xstats_count(d);

	if (!xstats || n < all)
		return all;
	if (snapshot(d))
		return -EIO;
	for (unsigned int i = 0, at = all - RTE_DIM(queue); i < RTE_DIM(queue); i++, at++)
		xstats[at] = (struct rte_eth_xstat){.id = at, .value = sum(dev, i)};
	for (unsigned int i = 0; i < all - RTE_DIM(queue); i++)
		xstats[i] = (struct rte_eth_xstat){.id = i, .value = count(d, xstat(d, i, NULL, 0))};
	end_snapshot(d);
	return all;
}

int nicjit_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names, unsigned int n)
{
	const struct nicjit_dev *d = nicjit_dev(dev);
	unsigned int all = xstats_count(d);

	if (!names || n < all)
		return all;
	for (unsigned int i = 0; i < all - RTE_DIM(queue); i++)
		xstat(d, i, names[i].name, sizeof(names[i].name));
	for (unsigned int i = 0, at = all - RTE_DIM(queue); i < RTE_DIM(queue); i++, at++)
		snprintf(names[at].name, sizeof(names[at].name), "%s", queue[i].name);
	return all;
}
