// SPDX-License-Identifier: Apache-2.0
/* The ethdev: what it can do, configuration, start and stop. */
#include <rte_mbuf_dyn.h>

#include "driver/common/nic_wait.h"
#include "pmd.h"

enum { RING_DEFAULT = 256, BURST = 32, DRAIN_POLLS = 100000 };

static pthread_mutex_t of_ports = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void nicjit_lock(void)
{
	pthread_mutex_lock(&of_ports);
}

void nicjit_unlock(void)
{
	pthread_mutex_unlock(&of_ports);
}

static uint32_t field(uint32_t word, int msb, int lsb)
{
	return word >> lsb & (0xffffffffu >> (31 - (msb - lsb)));
}

#define FIELD(d, REGISTER, NAME) field(nicjit_get(d, REG_##REGISTER), REGISTER##_##NAME##_MSB, REGISTER##_##NAME##_LSB)

int nicjit_infos_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	const struct nicjit_dev *d = nicjit_dev(dev);

	info->max_rx_queues = info->max_tx_queues = d->queues;
	info->max_mac_addrs = 1;
	info->min_rx_bufsize = NICJIT_ROOM_MIN - RTE_PKTMBUF_HEADROOM;
	info->max_rx_pktlen = NIC_FRAME_MAX;
	info->min_mtu = RTE_ETHER_MIN_MTU;
	info->max_mtu = NIC_FRAME_MAX - RTE_ETHER_HDR_LEN;
	info->speed_capa = rte_eth_speed_bitflag(d->speed, RTE_ETH_LINK_FULL_DUPLEX);
	info->reta_size = REG_RSS_TABLE_COUNT;
	info->hash_key_size = NICJIT_RSS_KEY_BYTES;
	info->flow_type_rss_offloads = NICJIT_RSS_TYPES;
	info->rx_offload_capa = RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_RSS_HASH | RTE_ETH_RX_OFFLOAD_TIMESTAMP;
	info->rx_queue_offload_capa = 0;
	info->tx_offload_capa = RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM;
	if (d->sums)
		info->tx_offload_capa |= RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM;
	info->rx_desc_lim = info->tx_desc_lim = (struct rte_eth_desc_lim){
		.nb_max = NICJIT_RING_MAX, .nb_min = NICJIT_RING_MIN, .nb_align = 1, .nb_seg_max = NIC_TX_SEGMENTS, .nb_mtu_seg_max = NIC_TX_SEGMENTS,
	};
	info->default_rxportconf = info->default_txportconf = (struct rte_eth_dev_portconf){BURST, RING_DEFAULT, 1};
	info->dev_capa = RTE_ETH_DEV_CAPA_RUNTIME_RX_QUEUE_SETUP | RTE_ETH_DEV_CAPA_RUNTIME_TX_QUEUE_SETUP;
	return 0;
}

static int configure(struct rte_eth_dev *dev)
{
	struct nicjit_dev *d = nicjit_dev(dev);
	int error = 0;

	nicjit_rss_spread(d, dev->data->nb_rx_queues);
	if (dev->data->dev_conf.rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG)
		error = nicjit_rss_hash_update(dev, &dev->data->dev_conf.rx_adv_conf.rss_conf);
	d->timestamp_offset = -1;
	if (error || !(dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_TIMESTAMP))
		return error;
	return rte_mbuf_dyn_rx_timestamp_register(&d->timestamp_offset, &d->timestamp_flag) ? -rte_errno : 0;
}

int nicjit_link_update(struct rte_eth_dev *dev, int wait)
{
	const struct rte_eth_link link = {
		.link_speed = nicjit_dev(dev)->speed, .link_duplex = RTE_ETH_LINK_FULL_DUPLEX, .link_autoneg = RTE_ETH_LINK_FIXED,
		.link_status = nicjit_dev(dev)->started && !nicjit_dev(dev)->link_off ? RTE_ETH_LINK_UP : RTE_ETH_LINK_DOWN,
	};

	(void)wait;
	return rte_eth_linkstatus_set(dev, &link);
}

/* Without a link nothing comes in, and the driver sends nothing. Telemetry may have the NIC at rest just now, and let it run again: hence the lock. */
bool nicjit_set_link(struct rte_eth_dev *dev, bool up)
{
	struct nicjit_dev *d = nicjit_dev(dev);
	uint32_t control = nicjit_get(d, REG_CTRL), run = 1u << CTRL_RUN_LSB;

	__atomic_store_n(&d->link_off, !up, __ATOMIC_RELAXED);
	if (d->started)
		nicjit_put(d, REG_CTRL, up ? control | run : control & ~run);
	return !nicjit_link_update(dev, 0);
}

static int set_link(struct rte_eth_dev *dev, bool up)
{
	bool changed;

	nicjit_lock();
	changed = nicjit_set_link(dev, up);
	nicjit_unlock();
	if (changed)
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_LSC, NULL);
	return 0;
}

static int set_link_up(struct rte_eth_dev *dev)
{
	return set_link(dev, true);
}

static int set_link_down(struct rte_eth_dev *dev)
{
	return set_link(dev, false);
}

/* What the NIC still holds is counted when this is over, and nothing of it waits for the next start. */
static void drain(const struct nicjit_dev *d)
{
	uint32_t control = nicjit_get(d, REG_CTRL), run = 1u << CTRL_RUN_LSB, status;
	struct nic_wait wait = {.regs = &d->bus->regs, .polls = DRAIN_POLLS};
	bool empty;

	nicjit_put(d, REG_CTRL, control | run);
	do {
		status = nicjit_get(d, REG_STATUS);
		empty = status != NIC_GONE && status >> STATUS_EMPTY_LSB & 1;
	} while (!empty && nic_wait_more(&wait, status));
	nicjit_put(d, REG_CTRL, control & ~run);
	if (!empty)
		PORT_LOG(WARNING, d, "the NIC does not come to rest; what is on its way is lost");
}

static int stop(struct rte_eth_dev *dev)
{
	struct nicjit_dev *d = nicjit_dev(dev);

	nicjit_lock();
	if (d->bus->thread)
		d->bus->thread(d->bus, false);
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++)
		nicjit_rx_queue_stop(dev, i);
	for (uint16_t i = 0; i < dev->data->nb_tx_queues; i++)
		nicjit_tx_queue_stop(dev, i);
	drain(d);
	nicjit_intr_close(dev);
	d->started = false;
	dev->data->dev_started = 0;
	nicjit_link_update(dev, 0);
	nicjit_unlock();
	return 0;
}

/* Without rx_drop_en on all queues packets wait, back to the wire, where there is no buffer for them. */
void nicjit_run(struct nicjit_dev *d)
{
	bool lossless = d->data->nb_rx_queues > 0;

	for (uint16_t i = 0; i < d->data->nb_rx_queues; i++)
		lossless &= !d->data->rx_queues[i] || ((struct nicjit_rxq *)d->data->rx_queues[i])->lossless;
	for (uint32_t wire = 0; wire < d->wires; wire++)
		nicjit_put(d, REG_PORT + wire * REG_PORT_STRIDE + 4 * NIC_PORT_CTRL, lossless ? 3 : 0);
	nic_load_run(&d->bus->regs, 0);
	if (lossless)
		nicjit_put(d, REG_CTRL, nicjit_get(d, REG_CTRL) | 1u << CTRL_HOST_LOSSLESS_LSB);
	if (d->link_off)
		nicjit_put(d, REG_CTRL, nicjit_get(d, REG_CTRL) & ~(1u << CTRL_RUN_LSB));
}

/* Who sleeps until an interrupt comes does not poll: the NIC has to run by itself. */
static int start_thread(struct rte_eth_dev *dev)
{
	struct nicjit_dev *d = nicjit_dev(dev);

	if (!d->bus->thread || (!d->threaded && !dev->data->dev_conf.intr_conf.rxq))
		return 0;
	return d->bus->thread(d->bus, true);
}

/* But for those that the application starts itself. */
static int start_queues(struct rte_eth_dev *dev)
{
	int error = 0;

	for (uint16_t i = 0; !error && i < dev->data->nb_rx_queues; i++) {
		const struct nicjit_rxq *q = dev->data->rx_queues[i];

		if (!q || !q->deferred)
			error = nicjit_rx_queue_start(dev, i);
	}
	for (uint16_t i = 0; !error && i < dev->data->nb_tx_queues; i++) {
		const struct nicjit_txq *q = dev->data->tx_queues[i];

		if (!q || !q->deferred)
			error = nicjit_tx_queue_start(dev, i);
	}
	return error;
}

static int start_locked(struct rte_eth_dev *dev)
{
	struct nicjit_dev *d = nicjit_dev(dev);
	int error = start_queues(dev);

	if (!error)
		error = nicjit_intr_open(dev);
	if (!error)
		error = start_thread(dev);
	if (error) {
		PORT_LOG(ERR, nicjit_dev(dev), "the queues can't be started: %s", strerror(-error));
		stop(dev);
		return error;
	}
	nicjit_run(d);
	d->started = true;
	return nicjit_link_update(dev, 0), 0;
}

static int start(struct rte_eth_dev *dev)
{
	int error;

	nicjit_lock();
	error = start_locked(dev);
	nicjit_unlock();
	return error;
}

static const uint32_t *ptypes_get(struct rte_eth_dev *dev)
{
	static const uint32_t types[] = {
		RTE_PTYPE_L2_ETHER, RTE_PTYPE_L3_IPV4_EXT_UNKNOWN, RTE_PTYPE_L3_IPV6_EXT_UNKNOWN, RTE_PTYPE_L4_TCP, RTE_PTYPE_L4_UDP,
		RTE_PTYPE_UNKNOWN,
	};

	(void)dev;
	return types;
}

static int fw_version_get(struct rte_eth_dev *dev, char *text, size_t size)
{
	const struct nicjit_dev *d = nicjit_dev(dev);
	int n = snprintf(text, size, "%s v%u, %u x %u threads", d->model, nicjit_get(d, REG_VERSION), d->cores, d->threads);

	return n >= (int)size ? n + 1 : 0;
}

static int burst_mode_get(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_burst_mode *mode)
{
	(void)queue;
	nicjit_xdp_describe(nicjit_dev(dev), mode->info, sizeof(mode->info));
	return 0;
}

static int priv_dump(struct rte_eth_dev *dev, FILE *f)
{
	const struct nicjit_dev *d = nicjit_dev(dev);
	char text[128];

	fw_version_get(dev, text, sizeof(text));
	fprintf(f, "NIC: %s, %u host queues, %u wires\n", text, d->queues, d->wires);
	nicjit_xdp_dump(d, f);
	return 0;
}

/* Reading the low half takes the high one, also for somebody else who reads it meanwhile. */
uint64_t nicjit_now(const struct nicjit_dev *d)
{
	uint32_t low, high;

	do {
		low = nicjit_get(d, REG_TIME_LO);
		high = nicjit_get(d, REG_TIME_HI);
	} while (nicjit_get(d, REG_TIME_LO) < low);
	return (uint64_t)high << 32 | low;
}

/* In ns, as receive time stamps are. */
static int read_clock(struct rte_eth_dev *dev, uint64_t *now)
{
	*now = nicjit_now(nicjit_dev(dev));
	return *now == UINT64_MAX ? -EIO : 0;
}

/* All registers below the windows of memory, or none; where there are no registers it has zeros. */
static int get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *info)
{
	const struct {
		uint32_t first, words;
	} blocks[] = {{0, REG_MAPWIN / 4}, {REG_MAPWIN, 2}, {REG_PORT, nicjit_dev(dev)->wires * REG_PORT_STRIDE / 4}, {REG_RSS_KEY, REG_RSS_KEY_COUNT},
		      {REG_IRQ_STATUS, 2}, {REG_RSS_TABLE, REG_RSS_TABLE_COUNT}};
	uint32_t n = REG_MAPDESC / 4, *word = info->data;

	if (word && info->length && info->length != n)
		return -ENOTSUP;
	info->length = n;
	info->width = 4;
	info->version = nicjit_get(nicjit_dev(dev), REG_VERSION);
	if (!word)
		return 0;
	memset(word, 0, n * sizeof(*word));
	for (unsigned int b = 0; b < RTE_DIM(blocks); b++)
		for (uint32_t at = blocks[b].first; at < blocks[b].first + 4 * blocks[b].words; at += 4)
			word[at / 4] = at == REG_STATUS ? 0 : nicjit_get(nicjit_dev(dev), at); /* reading that one clears it */
	return 0;
}

/* The NIC takes every frame, whatever its address; what is not wanted ends in nicjit_rx_burst(). */
int nicjit_promiscuous(struct rte_eth_dev *dev)
{
	(void)dev;
	return 0;
}

int nicjit_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *mac)
{
	nicjit_dev(dev)->mac = *mac;
	return 0;
}

/* Frames of any length up to the NIC's own limit always pass. */
int nicjit_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	(void)dev;
	return mtu > NIC_FRAME_MAX - RTE_ETHER_HDR_LEN ? -EINVAL : 0;
}

bool nicjit_gone(const struct nicjit_dev *d)
{
	return nicjit_get(d, REG_ID) == NIC_GONE;
}

static int is_removed(struct rte_eth_dev *dev)
{
	return nicjit_gone(nicjit_dev(dev));
}

static int dev_close(struct rte_eth_dev *dev)
{
	nicjit_ethdev_close(dev);
	return 0;
}

/* Stopped, and without queues. */
static void let_go(struct rte_eth_dev *dev)
{
	if (nicjit_dev(dev)->started)
		stop(dev);
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++)
		nicjit_rx_queue_release(dev, i);
	for (uint16_t i = 0; i < dev->data->nb_tx_queues; i++)
		nicjit_tx_queue_release(dev, i);
}

/* What a new port is: no queues, no program, a NIC that has been stopped and made plain. The MAC address stays. */
static int dev_reset(struct rte_eth_dev *dev)
{
	struct nicjit_dev *d = nicjit_dev(dev);
	struct nic_refusal refusal;
	char why[NICJIT_WHY] = "";

	nicjit_lock();
	let_go(dev);
	d->link_off = false;
	if (!nicjit_xdp_unload(d, why) && nic_load_pass(&d->bus->regs, &refusal))
		snprintf(why, sizeof(why), "%s", refusal.text);
	nicjit_unlock();
	if (why[0]) {
		PORT_LOG(ERR, d, "it can't be reset: %s", why);
		return -EIO;
	}
	return nicjit_stats_reset(dev);
}

static const struct eth_dev_ops ops = {
	.dev_configure = configure, .dev_start = start, .dev_stop = stop, .dev_close = dev_close, .dev_reset = dev_reset, .is_removed = is_removed, .dev_infos_get = nicjit_infos_get,
	.rx_queue_setup = nicjit_rx_queue_setup, .rx_queue_release = nicjit_rx_queue_release, .rx_queue_start = nicjit_rx_queue_start, .rx_queue_stop = nicjit_rx_queue_stop,
	.tx_queue_setup = nicjit_tx_queue_setup, .tx_queue_release = nicjit_tx_queue_release, .tx_queue_start = nicjit_tx_queue_start, .tx_queue_stop = nicjit_tx_queue_stop,
	.rxq_info_get = nicjit_rxq_info_get, .txq_info_get = nicjit_txq_info_get,
	.rx_queue_intr_enable = nicjit_intr_enable, .rx_queue_intr_disable = nicjit_intr_disable,
	.dev_set_link_up = set_link_up, .dev_set_link_down = set_link_down,
	.link_update = nicjit_link_update, .promiscuous_enable = nicjit_promiscuous, .promiscuous_disable = nicjit_promiscuous, .allmulticast_enable = nicjit_promiscuous,
	.allmulticast_disable = nicjit_promiscuous, .mac_addr_set = nicjit_mac_addr_set, .mtu_set = nicjit_mtu_set, .stats_get = nicjit_stats_get,
	.stats_reset = nicjit_stats_reset, .xstats_get = nicjit_xstats_get, .xstats_get_names = nicjit_xstats_get_names,
	.xstats_reset = nicjit_stats_reset, .rss_hash_update = nicjit_rss_hash_update, .rss_hash_conf_get = nicjit_rss_hash_conf_get,
	.reta_update = nicjit_reta_update, .reta_query = nicjit_reta_query, .dev_supported_ptypes_get = ptypes_get,
	.fw_version_get = fw_version_get, .rx_burst_mode_get = burst_mode_get, .tx_burst_mode_get = burst_mode_get,
	.eth_dev_priv_dump = priv_dump, .get_reg = get_reg, .read_clock = read_clock,
};

bool nicjit_is(const struct rte_eth_dev *dev)
{
	return dev->dev_ops == &ops;
}

int nicjit_ethdev_init(struct rte_eth_dev *dev, struct nicjit_bus *bus, const struct rte_ether_addr *mac)
{
	struct nicjit_dev *d = nicjit_dev(dev);
	struct nic_refusal why;

	*d = (struct nicjit_dev){.bus = bus, .port_id = dev->data->port_id, .mac = *mac, .timestamp_offset = -1, .data = dev->data, .speed = RTE_ETH_SPEED_NUM_100G,
				  .intr_lock = RTE_SPINLOCK_INITIALIZER, .stats_lock = RTE_SPINLOCK_INITIALIZER};
	if (nic_load_pass(&bus->regs, &why)) {
		PORT_LOG(ERR, d, "%s", why.text);
		return -ENODEV;
	}
	d->queues = nic_rings_queues(&bus->regs);
	d->sums = nic_rings_sums(&bus->regs);
	d->wires = FIELD(d, CAP_NIC, PORTS);
	d->cores = FIELD(d, CAP_NIC, CORES);
	d->threads = FIELD(d, CAP_CORE, THREADS);
	d->bundles = nicjit_get(d, REG_CAP_IMEM);
	dev->dev_ops = &ops;
	dev->rx_pkt_burst = nicjit_rx_burst;
	dev->tx_pkt_burst = nicjit_tx_burst;
	dev->tx_pkt_prepare = nicjit_tx_prepare;
	dev->rx_queue_count = nicjit_rx_queue_count;
	dev->rx_descriptor_status = nicjit_rx_descriptor_status;
	dev->tx_descriptor_status = nicjit_tx_descriptor_status;
	dev->data->mac_addrs = &d->mac;
	dev->data->promiscuous = dev->data->all_multicast = 1;
	dev->data->dev_flags |= RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS | RTE_ETH_DEV_INTR_LSC;
	snprintf(d->model, sizeof(d->model), "%s", bus->name);
	nicjit_secondary_serve();
	return nicjit_xdp_init(d);
}

void nicjit_ethdev_close(struct rte_eth_dev *dev)
{
	struct nicjit_dev *d = nicjit_dev(dev);

	if (!d->bus)
		return;
	nicjit_lock();
	let_go(dev);
	nicjit_xdp_fini(d);
	d->bus->close(d->bus);
	d->bus = NULL;
	nicjit_unlock();
	dev->data->mac_addrs = NULL; /* part of the private data */
}
