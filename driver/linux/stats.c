// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Statistics, and what ethtool asks. */
#include <linux/ethtool.h>

#include "driver.h"

/* The NIC's counters of a port, and of all of it. */
static const struct counter {
	char name[ETH_GSTRING_LEN];
	u32 index;
	bool of_port;
} counters[] = {
	{"nic_rx_packets", NIC_CNT_P_RX, true},
	{"nic_rx_bytes", NIC_CNT_P_RX_BYTES, true},
	{"nic_rx_too_long", NIC_CNT_P_LONG, true},
	{"nic_rx_too_short", NIC_CNT_P_SHORT, true},
	{"nic_rx_damaged", NIC_CNT_P_BAD, true},
	{"nic_rx_no_room", NIC_CNT_P_FULL, true},
	{"nic_tx_packets", NIC_CNT_P_TX, true},
	{"nic_tx_bytes", NIC_CNT_P_TX_BYTES, true},
	{"nic_tx_no_room", NIC_CNT_P_TX_FULL, true},
	{"nic_tx_from_host", NIC_CNT_P_TX_HOST, true},
	{"xdp_offload_aborted", NIC_CNT_VERDICT + XDP_ABORTED, false},
	{"xdp_offload_drop", NIC_CNT_VERDICT + XDP_DROP, false},
	{"xdp_offload_pass", NIC_CNT_VERDICT + XDP_PASS, false},
	{"xdp_offload_tx", NIC_CNT_VERDICT + XDP_TX, false},
	{"xdp_offload_redirect", NIC_CNT_VERDICT + XDP_REDIRECT, false},
	{"xdp_offload_aborted_bytes", NIC_CNT_VERDICT_BYTES + XDP_ABORTED, false},
	{"xdp_offload_drop_bytes", NIC_CNT_VERDICT_BYTES + XDP_DROP, false},
	{"xdp_offload_pass_bytes", NIC_CNT_VERDICT_BYTES + XDP_PASS, false},
	{"xdp_offload_tx_bytes", NIC_CNT_VERDICT_BYTES + XDP_TX, false},
	{"xdp_offload_redirect_bytes", NIC_CNT_VERDICT_BYTES + XDP_REDIRECT, false},
	{"xdp_offload_fault_illegal", NIC_CNT_FAULT, false},
	{"xdp_offload_fault_region", NIC_CNT_FAULT + 1, false},
	{"xdp_offload_fault_watchdog", NIC_CNT_FAULT + 2, false},
	{"xdp_offload_fault_map", NIC_CNT_FAULT + 3, false},
	{"redirect_to_nobody", NIC_CNT_LOST, false},
	{"host_packets", NIC_CNT_HOST, false},
	{"host_no_room", NIC_CNT_HOST_FULL, false},
	{"host_no_buffer", NIC_CNT_HOST_SIDE + NIC_CNT_H_EMPTY, false},
	{"host_bus_errors", NIC_CNT_HOST_SIDE + NIC_CNT_H_BUS, false},
	{"host_bad_doorbells", NIC_CNT_HOST_SIDE + NIC_CNT_H_DOORBELL, false},
};
static const char native[][ETH_GSTRING_LEN] = {"xdp_native_aborted", "xdp_native_drop", "xdp_native_pass", "xdp_native_tx", "xdp_native_redirect"};
enum { PORT_COUNTERS = 16, SNAPSHOT_POLLS = 1000 };

static void add(const struct way_stats *s, u64 *packets, u64 *bytes, u64 *dropped)
{
	u64 p, b, d;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&s->sync);
		p = u64_stats_read(&s->packets);
		b = u64_stats_read(&s->bytes);
		d = u64_stats_read(&s->dropped);
	} while (u64_stats_fetch_retry(&s->sync, start));
	*packets += p;
	*bytes += b;
	*dropped += d;
}

void port_stats(struct net_device *dev, struct rtnl_link_stats64 *s)
{
	struct port *p = port_of(dev);

	for (unsigned int i = 0; i < p->nic->n_queues; i++) {
		add(&p->nic->queue[i]->rx_stats[p->number], &s->rx_packets, &s->rx_bytes, &s->rx_dropped);
		add(&p->nic->queue[i]->tx_stats[p->number], &s->tx_packets, &s->tx_bytes, &s->tx_dropped);
	}
}

/* How often native programs gave this verdict. */
static u64 verdicts(struct port *p, int verdict)
{
	u64 total = 0;

	for (unsigned int i = 0; i < p->nic->n_queues; i++) {
		const struct way_stats *s = &p->nic->queue[i]->rx_stats[p->number];
		unsigned int start;
		u64 one;

		do {
			start = u64_stats_fetch_begin(&s->sync);
			one = u64_stats_read(&s->xdp[verdict]);
		} while (u64_stats_fetch_retry(&s->sync, start));
		total += one;
	}
	return total;
}

static u64 counter(struct nicjit *n, u32 index)
{
	u64 low = get_reg(n, REG_COUNTER + index * REG_COUNTER_STRIDE);

	return low | (u64)get_reg(n, REG_COUNTER + index * REG_COUNTER_STRIDE + 4) << 32;
}

static void get_values(struct net_device *dev, struct ethtool_stats *what, u64 *values)
{
	struct port *p = port_of(dev);
	struct nicjit *n = p->nic;

	mutex_lock(&n->lock);
	put_reg(n, REG_SNAPSHOT, 1);
	for (int i = 0; i < SNAPSHOT_POLLS && get_reg(n, REG_SNAPSHOT); i++)
		cpu_relax();
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		*values++ = counter(n, counters[i].index + (counters[i].of_port ? NIC_CNT_PORT + p->number * PORT_COUNTERS : 0));
	mutex_unlock(&n->lock);
	for (size_t i = 0; i < ARRAY_SIZE(native); i++)
		*values++ = verdicts(p, i);
}

static void get_names(struct net_device *dev, u32 set, u8 *names)
{
	if (set != ETH_SS_STATS)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++, names += ETH_GSTRING_LEN)
		memcpy(names, counters[i].name, ETH_GSTRING_LEN);
	memcpy(names, native, sizeof(native));
}

static int get_count(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? ARRAY_SIZE(counters) + ARRAY_SIZE(native) : -EOPNOTSUPP;
}

static void get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	struct nicjit *n = port_of(dev)->nic;

	strscpy(info->driver, "nicjit", sizeof(info->driver));
	strscpy(info->bus_info, pci_name(n->pdev), sizeof(info->bus_info));
	snprintf(info->fw_version, sizeof(info->fw_version), "registers %u", get_reg(n, REG_VERSION));
}

static void get_ring(struct net_device *dev, struct ethtool_ringparam *r, struct kernel_ethtool_ringparam *k, struct netlink_ext_ack *extack)
{
	struct nicjit *n = port_of(dev)->nic;

	r->rx_max_pending = r->tx_max_pending = min_t(u32, RING_MAX, 1 << FIELD(n, CAP_HOST, RING_LOG));
	r->rx_pending = n->shape.rx_size;
	r->tx_pending = n->shape.tx_size;
}

/* A ring's size is a power of two. */
static int set_ring(struct net_device *dev, struct ethtool_ringparam *r, struct kernel_ethtool_ringparam *k, struct netlink_ext_ack *extack)
{
	struct nicjit *n = port_of(dev)->nic;
	struct shape shape = n->shape;

	shape.rx_size = roundup_pow_of_two(max_t(u32, r->rx_pending, RING_MIN));
	shape.tx_size = roundup_pow_of_two(max_t(u32, r->tx_pending, RING_MIN));
	return queues_reshape(n, shape);
}

static void get_channels(struct net_device *dev, struct ethtool_channels *c)
{
	c->max_combined = port_of(dev)->nic->n_queues;
	c->combined_count = port_of(dev)->nic->shape.queues;
}

/* Queues that a user has named for the hash are not taken away. */
static int set_channels(struct net_device *dev, struct ethtool_channels *c)
{
	struct nicjit *n = port_of(dev)->nic;
	struct shape shape = n->shape;
	u32 table[REG_RSS_TABLE_COUNT], highest = 0;
	bool named = false;
	int error;

	for (unsigned int i = 0; i < n->n_ports; i++)
		named |= netif_is_rxfh_configured(n->port[i]->netdev);
	rss_read(n, table, NULL);
	for (u32 i = 0; i < REG_RSS_TABLE_COUNT; i++)
		highest = max(highest, table[i]);
	if (named && highest >= c->combined_count) {
		netdev_err(dev, "the table of the hash names queue %u: ethtool -X first\n", highest);
		return -EINVAL;
	}
	shape.queues = c->combined_count;
	error = queues_reshape(n, shape);
	if (!error && !named)
		rss_spread(n);
	return error;
}

/* ethtool --reset dev dma: the queues begin anew. */
static int reset(struct net_device *dev, u32 *what)
{
	struct nicjit *n = port_of(dev)->nic;
	int error;

	if (!(*what & ETH_RESET_DMA))
		return -EOPNOTSUPP;
	error = queues_reshape(n, n->shape);
	if (!error)
		*what &= ~ETH_RESET_DMA;
	return error;
}

/* ---- Registers: those below DUMP_REGS at their own offsets, then the block of each queue ---- */

enum { DUMP_REGS = 0x100 };

static const u32 dumped[] = {
#define REG(NAME, offset, access, reset, doc) offset,
#include "regs.def"
};

static int regs_len(struct net_device *dev)
{
	return DUMP_REGS + port_of(dev)->nic->n_queues * REG_QUEUE_STRIDE;
}

static void get_regs(struct net_device *dev, struct ethtool_regs *what, void *to)
{
	struct nicjit *n = port_of(dev)->nic;
	u32 *words = to;

	memset(to, 0, what->len);
	what->version = get_reg(n, REG_VERSION);
	mutex_lock(&n->lock); /* a read of STATUS clears an error that others look for */
	for (size_t i = 0; i < ARRAY_SIZE(dumped); i++)
		if (dumped[i] < DUMP_REGS)
			words[dumped[i] / sizeof(u32)] = get_reg(n, dumped[i]);
	for (u32 i = 0; i < n->n_queues * REG_QUEUE_STRIDE; i += sizeof(u32))
		words[(DUMP_REGS + i) / sizeof(u32)] = get_reg(n, REG_QUEUE + i);
	mutex_unlock(&n->lock);
}

static int get_link(struct net_device *dev, struct ethtool_link_ksettings *s)
{
	s->base.speed = SPEED_100000;
	s->base.duplex = DUPLEX_FULL;
	s->base.port = PORT_OTHER;
	s->base.autoneg = AUTONEG_DISABLE;
	return 0;
}

/* ---- RSS ---- */

static u32 key_size(struct net_device *dev)
{
	return REG_RSS_KEY_COUNT * sizeof(u32);
}

static u32 table_size(struct net_device *dev)
{
	return REG_RSS_TABLE_COUNT;
}

void rss_read(struct nicjit *n, u32 *table, u8 *key)
{
	for (u32 i = 0; table && i < REG_RSS_TABLE_COUNT; i++)
		table[i] = get_reg(n, REG_RSS_TABLE + 4 * i);
	for (u32 i = 0; key && i < REG_RSS_KEY_COUNT; i++)
		put_unaligned_be32(get_reg(n, REG_RSS_KEY + 4 * i), key + 4 * i);
}

void rss_write(struct nicjit *n, const u32 *table, const u8 *key)
{
	if (table)
		memmove(n->rss_table, table, sizeof(n->rss_table));
	if (key)
		memmove(n->rss_key, key, sizeof(n->rss_key));
	for (u32 i = 0; table && i < REG_RSS_TABLE_COUNT; i++)
		put_reg(n, REG_RSS_TABLE + 4 * i, table[i]);
	for (u32 i = 0; key && i < REG_RSS_KEY_COUNT; i++)
		put_reg(n, REG_RSS_KEY + 4 * i, get_unaligned_be32(key + 4 * i));
}

void rss_spread(struct nicjit *n)
{
	u32 table[REG_RSS_TABLE_COUNT];

	for (u32 i = 0; i < REG_RSS_TABLE_COUNT; i++)
		table[i] = i % n->shape.queues;
	rss_write(n, table, NULL);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
static int get_rxfh(struct net_device *dev, struct ethtool_rxfh_param *r)
{
	r->hfunc = ETH_RSS_HASH_TOP;
	rss_read(port_of(dev)->nic, r->indir, r->key);
	return 0;
}

static int set_rxfh(struct net_device *dev, struct ethtool_rxfh_param *r, struct netlink_ext_ack *extack)
{
	if (r->hfunc != ETH_RSS_HASH_NO_CHANGE && r->hfunc != ETH_RSS_HASH_TOP)
		return -EOPNOTSUPP;
	rss_write(port_of(dev)->nic, r->indir, r->key);
	return 0;
}
#else
static int get_rxfh(struct net_device *dev, u32 *table, u8 *key, u8 *function)
{
	if (function)
		*function = ETH_RSS_HASH_TOP;
	rss_read(port_of(dev)->nic, table, key);
	return 0;
}

static int set_rxfh(struct net_device *dev, const u32 *table, const u8 *key, const u8 function)
{
	if (function != ETH_RSS_HASH_NO_CHANGE && function != ETH_RSS_HASH_TOP)
		return -EOPNOTSUPP;
	rss_write(port_of(dev)->nic, table, key);
	return 0;
}
#endif

/* What pkt_inspect hashes of a flow: addresses, and ports of TCP and UDP; nothing of what is not IP. */
static u64 hashed_of(u32 flow)
{
	switch (flow) {
	case TCP_V4_FLOW:
	case TCP_V6_FLOW:
	case UDP_V4_FLOW:
	case UDP_V6_FLOW:
		return RXH_IP_SRC | RXH_IP_DST | RXH_L4_B_0_1 | RXH_L4_B_2_3;
	case ETHER_FLOW:
		return 0;
	default:
		return RXH_IP_SRC | RXH_IP_DST;
	}
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
static int get_rxfh_fields(struct net_device *dev, struct ethtool_rxfh_fields *what)
{
	what->data = hashed_of(what->flow_type);
	return 0;
}
#endif

static int get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *what, u32 *rules)
{
	switch (what->cmd) {
	case ETHTOOL_GRXRINGS:
		what->data = port_of(dev)->nic->shape.queues;
		return 0;
	case ETHTOOL_GRXFH: /* before Linux 6.17 */
		if (what->flow_type & FLOW_RSS) /* of a context, and there are none */
			return -EINVAL;
		what->data = hashed_of(what->flow_type);
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

const struct ethtool_ops nicjit_ethtool_ops = {
	.get_drvinfo = get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = get_link,
	.get_regs_len = regs_len,
	.get_regs = get_regs,
	.get_ringparam = get_ring,
	.set_ringparam = set_ring,
	.get_channels = get_channels,
	.set_channels = set_channels,
	.reset = reset,
	.get_sset_count = get_count,
	.get_strings = get_names,
	.get_ethtool_stats = get_values,
	.get_rxfh_key_size = key_size,
	.get_rxfh_indir_size = table_size,
	.get_rxfh = get_rxfh,
	.set_rxfh = set_rxfh,
	.get_rxnfc = get_rxnfc,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
	.get_rxfh_fields = get_rxfh_fields,
#endif
	.get_ts_info = ethtool_op_get_ts_info,
};
