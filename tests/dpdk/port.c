// SPDX-License-Identifier: Apache-2.0
/*
 * An application of the public interface: EAL's arguments, --, which test.
 *   features    what the port really does, as lines of DPDK's features table
 *   sleep       receives by interrupts alone; prints how often it woke and what came
 *   life N S    after a packet, or S seconds: N times start, stop, set-up of port and queues in any order with packets under way; no mbuf may be missing at the end
 *   exhausted   no mbuf is left for a while
 *   sums        frames whose checksums the port is to make; those that it can't
 *   unsendable  frames that no NIC can send; none may stop the others, or take an mbuf with it
 *   dies        the device dies under traffic; how long calls take then
 *   turns       two threads turn the interrupts of their queues on and off
 *   told        waits until a secondary process takes the link away: whoever is told of it may wait for another thread, which the port makes wait for nobody
 *   look        a secondary process: it sees the counters and sets what it may; what it may not do is refused
 */
#include <pthread.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_malloc.h>
#include <rte_tcp.h>
#include <rte_time.h>
#include <rte_udp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hw/spec/regs.h"

enum { PORT = 0, QUEUES = 2, RING = 64, MBUFS = 2047, BURST = 32, ROOM = 2176, SECONDS = 20 };

static uint16_t ring = RING;
static struct rte_eth_dev_info info;
static uint8_t first_key[40] = {0x6d, 0x5a, 1, 2, 3};
static struct rte_mempool *pool;
static unsigned int events;

static int on_event(uint16_t port, enum rte_eth_event_type type, void *arg, void *more)
{
	(void)port;
	(void)type;
	(void)arg;
	(void)more;
	return events++, 0;
}

static int set_up(bool interrupts, uint16_t queues)
{
	struct rte_eth_conf conf = {.intr_conf = {.rxq = interrupts, .lsc = 1}, .rxmode = {.mq_mode = RTE_ETH_MQ_RX_RSS},
				    .rx_adv_conf.rss_conf = {.rss_key = first_key, .rss_key_len = sizeof(first_key), .rss_hf = info.flow_type_rss_offloads}};
	int error = rte_eth_dev_configure(PORT, queues, queues, &conf);

	for (uint16_t q = 0; !error && q < queues; q++) {
		error = rte_eth_rx_queue_setup(PORT, q, ring, SOCKET_ID_ANY, NULL, pool);
		if (!error)
			error = rte_eth_tx_queue_setup(PORT, q, ring, SOCKET_ID_ANY, NULL);
	}
	return error;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What comes in goes out again or is freed. */
static unsigned int turn(uint16_t queues, bool send)
{
	struct rte_mbuf *m[BURST];
	unsigned int all = 0;

	for (uint16_t q = 0; q < queues; q++) {
		uint16_t n = rte_eth_rx_burst(PORT, q, m, BURST), sent = send ? rte_eth_tx_burst(PORT, q, m, n) : 0;

		rte_pktmbuf_free_bulk(m + sent, n - sent);
		all += n;
	}
	return all;
}

/* ---- Features ---- */

static bool speed(void) { return info.speed_capa != 0; }
static bool runtime_rx(void)
{
	return info.dev_capa & RTE_ETH_DEV_CAPA_RUNTIME_RX_QUEUE_SETUP && !rte_eth_dev_rx_queue_stop(PORT, 1) &&
	       !rte_eth_rx_queue_setup(PORT, 1, 2 * RING, SOCKET_ID_ANY, NULL, pool) && !rte_eth_dev_rx_queue_start(PORT, 1);
}
static bool runtime_tx(void)
{
	return info.dev_capa & RTE_ETH_DEV_CAPA_RUNTIME_TX_QUEUE_SETUP && !rte_eth_dev_tx_queue_stop(PORT, 1) &&
	       !rte_eth_tx_queue_setup(PORT, 1, 2 * RING, SOCKET_ID_ANY, NULL) && !rte_eth_dev_tx_queue_start(PORT, 1);
}
/* Which queues wait for the application after a start, and stay what they are for those of the next one. */
static bool deferred(bool wait)
{
	const uint8_t state = wait ? RTE_ETH_QUEUE_STATE_STOPPED : RTE_ETH_QUEUE_STATE_STARTED;
	struct rte_eth_rxconf rx = {.rx_deferred_start = wait};
	struct rte_eth_txconf tx = {.tx_deferred_start = wait};
	struct rte_eth_rxq_info of_rx;
	struct rte_eth_txq_info of_tx;

	if (rte_eth_dev_stop(PORT) || rte_eth_rx_queue_setup(PORT, 1, RING, SOCKET_ID_ANY, &rx, pool) || rte_eth_tx_queue_setup(PORT, 1, RING, SOCKET_ID_ANY, &tx) ||
	    rte_eth_dev_start(PORT) || rte_eth_rx_queue_info_get(PORT, 1, &of_rx) || rte_eth_tx_queue_info_get(PORT, 1, &of_tx))
		return false;
	if (of_rx.queue_state != state || of_tx.queue_state != state || of_rx.conf.rx_deferred_start != wait || of_tx.conf.tx_deferred_start != wait)
		return false;
	return !rte_eth_dev_rx_queue_start(PORT, 1) && !rte_eth_dev_tx_queue_start(PORT, 1);
}
static bool queue_start(void)
{
	struct rte_eth_rxq_info q;

	if (rte_eth_dev_rx_queue_stop(PORT, 1) || rte_eth_rx_queue_info_get(PORT, 1, &q) || q.queue_state != RTE_ETH_QUEUE_STATE_STOPPED)
		return false;
	return !rte_eth_dev_rx_queue_start(PORT, 1) && !rte_eth_rx_queue_info_get(PORT, 1, &q) && q.queue_state == RTE_ETH_QUEUE_STATE_STARTED && deferred(true) &&
	       deferred(false);
}
static bool link_status(void)
{
	struct rte_eth_link link;

	return !rte_eth_link_get_nowait(PORT, &link) && link.link_status == RTE_ETH_LINK_UP && link.link_speed != 0;
}
static bool link_event(void)
{
	struct rte_eth_link link;
	unsigned int before = events;

	if (rte_eth_dev_set_link_down(PORT) || rte_eth_link_get_nowait(PORT, &link) || link.link_status != RTE_ETH_LINK_DOWN)
		return false;
	return !rte_eth_dev_set_link_up(PORT) && events == before + 2 && link_status();
}
static bool burst_mode(void)
{
	struct rte_eth_burst_mode mode;

	return !rte_eth_rx_burst_mode_get(PORT, 0, &mode) && !rte_eth_tx_burst_mode_get(PORT, 0, &mode) && mode.info[0];
}
static bool mtu(void) { return !rte_eth_dev_set_mtu(PORT, 1400) && rte_eth_dev_set_mtu(PORT, 9000) && !rte_eth_dev_set_mtu(PORT, 1500); }
static bool scattered(void) { return info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER; }
static bool lro(void) { return info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_TCP_LRO; }
static bool tso(void) { return info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_TCP_TSO; }
static bool lock_free(void) { return info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MT_LOCKFREE; }
static bool fast_free(void) { return info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE; }
static bool promiscuous(void) { return !rte_eth_promiscuous_disable(PORT) && !rte_eth_promiscuous_enable(PORT) && rte_eth_promiscuous_get(PORT) == 1; }
static bool allmulticast(void) { return !rte_eth_allmulticast_disable(PORT) && !rte_eth_allmulticast_enable(PORT) && rte_eth_allmulticast_get(PORT) == 1; }
static bool mac_filter(void)
{
	struct rte_ether_addr other = {{2, 0, 0, 0, 0, 9}};

	return !rte_eth_dev_mac_addr_add(PORT, &other, 0);
}
static bool multicast_filter(void)
{
	struct rte_ether_addr group = {{1, 0, 0x5e, 0, 0, 1}};

	return !rte_eth_dev_set_mc_addr_list(PORT, &group, 1);
}
static bool rss(void) { return info.flow_type_rss_offloads != 0 && info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_RSS_HASH; }
static bool rss_key(void)
{
	uint8_t key[64] = {0x12, 0x34}, back[64] = {0};
	struct rte_eth_rss_conf conf = {.rss_key = back, .rss_key_len = info.hash_key_size, .rss_hf = info.flow_type_rss_offloads};

	if (rte_eth_dev_rss_hash_conf_get(PORT, &conf) || memcmp(back, first_key, info.hash_key_size))
		return false; /* that of the configuration */
	conf.rss_key = key;
	if (rte_eth_dev_rss_hash_update(PORT, &conf))
		return false;
	conf.rss_key = back;
	return !rte_eth_dev_rss_hash_conf_get(PORT, &conf) && !memcmp(key, back, info.hash_key_size);
}
static bool reta(void)
{
	struct rte_eth_rss_reta_entry64 table[8] = {0}, back[8] = {0};

	for (unsigned int i = 0; i < info.reta_size; i++) {
		table[i / 64].mask = back[i / 64].mask = ~0ull;
		table[i / 64].reta[i % 64] = i / 3 % QUEUES;
	}
	return !rte_eth_dev_rss_reta_update(PORT, table, info.reta_size) && !rte_eth_dev_rss_reta_query(PORT, back, info.reta_size) &&
	       !memcmp(table, back, sizeof(table));
}
static bool vlan(void) { return info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_VLAN_STRIP; }
static bool vlan_filter(void) { return !rte_eth_dev_vlan_filter(PORT, 1, 1); }
static bool flow_control(void)
{
	struct rte_eth_fc_conf conf;

	return !rte_eth_dev_flow_ctrl_get(PORT, &conf);
}
static bool offers(uint64_t all, uint64_t these) { return (all & these) == these; }
static bool l3_checksum(void) { return info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM; }
static bool l4_checksum(void) { return offers(info.rx_offload_capa, RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM); }
static bool l3_made(void) { return info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM; }
static bool l4_made(void) { return offers(info.tx_offload_capa, RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM); }
static bool inner_l3(void) { return offers(info.tx_offload_capa, RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM); }
static bool inner_l3_checked(void) { return info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_OUTER_IPV4_CKSUM; }
static bool inner_l4_checked(void) { return info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_OUTER_UDP_CKSUM; }
static bool timestamps(void)
{
	uint64_t before, after;

	if (!(info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_TIMESTAMP) || rte_eth_read_clock(PORT, &before))
		return false;
	turn(QUEUES, false);
	return !rte_eth_read_clock(PORT, &after) && after > before && after - before < NSEC_PER_SEC;
}
static bool ptypes(void) { return rte_eth_dev_get_supported_ptypes(PORT, ~0u, NULL, 0) > 0; }
static bool timesync(void) { return !rte_eth_timesync_enable(PORT); }
static bool rx_status(void) { return rte_eth_rx_descriptor_status(PORT, 0, RING - 1) >= 0 && rte_eth_rx_queue_count(PORT, 0) >= 0; }
static bool tx_status(void) { return rte_eth_tx_descriptor_status(PORT, 0, 0) >= 0; }
static bool clean_up(void) { return rte_eth_tx_done_cleanup(PORT, 0, 0) >= 0; }
static bool stats(void)
{
	struct rte_eth_stats s;

	return !rte_eth_stats_get(PORT, &s) && s.ipackets > 0;
}
static bool stats_of_queue(void)
{
	struct rte_eth_stats s;

	return !rte_eth_stats_get(PORT, &s) && s.q_ipackets[0] > 0 && s.q_ipackets[0] + s.q_ipackets[1] == s.ipackets;
}
static bool xstats(void) { return rte_eth_xstats_get_names(PORT, NULL, 0) > 40; }
static bool firmware(void)
{
	char text[64];

	return !rte_eth_dev_fw_version_get(PORT, text, sizeof(text));
}
static bool registers(void)
{
	struct rte_dev_reg_info regs = {0};
	bool good;

	if (rte_eth_dev_get_reg_info(PORT, &regs) || !regs.length)
		return false;
	regs.data = calloc(regs.length, regs.width);
	good = regs.data && !rte_eth_dev_get_reg_info(PORT, &regs) && *(uint32_t *)regs.data;
	regs.length--;                /* no room for all */
	good = good && rte_eth_dev_get_reg_info(PORT, &regs) == -ENOTSUP;
	free(regs.data);
	return good;
}
static bool eeprom(void) { return rte_eth_dev_get_eeprom_length(PORT) > 0; }
static bool led(void) { return !rte_eth_led_on(PORT); }
static bool interrupt(void) { return !rte_eth_dev_rx_intr_enable(PORT, 0) && !rte_eth_dev_rx_intr_disable(PORT, 0); }

static const struct {
	const char *name;
	bool (*has)(void);
	bool (*wholly)(void);         /* else only partly, P */
} features[] = {
	{"Speed capabilities", speed, NULL}, {"Link status", link_status, NULL}, {"Link status event", link_event, NULL},
	{"Rx interrupt", interrupt, NULL}, {"Lock-free Tx queue", lock_free, NULL}, {"Fast mbuf free", fast_free, NULL},
	{"Free Tx mbuf on demand", clean_up, NULL}, {"Queue start/stop", queue_start, NULL}, {"Runtime Rx queue setup", runtime_rx, NULL},
	{"Runtime Tx queue setup", runtime_tx, NULL}, {"Burst mode info", burst_mode, NULL}, {"MTU update", mtu, NULL},
	{"Scattered Rx", scattered, NULL}, {"LRO", lro, NULL}, {"TSO", tso, NULL}, {"Promiscuous mode", promiscuous, NULL},
	{"Allmulticast mode", allmulticast, NULL}, {"Unicast MAC filter", mac_filter, NULL}, {"Multicast MAC filter", multicast_filter, NULL},
	{"RSS hash", rss, NULL}, {"RSS key update", rss_key, NULL}, {"RSS reta update", reta, NULL}, {"VLAN filter", vlan_filter, NULL},
	{"Flow control", flow_control, NULL}, {"VLAN offload", vlan, NULL}, {"L3 checksum offload", l3_checksum, l3_made},
	{"L4 checksum offload", l4_checksum, l4_made}, {"Inner L3 checksum", inner_l3, inner_l3_checked}, {"Inner L4 checksum", l4_made, inner_l4_checked},
	{"Timestamp offload", timestamps, NULL}, {"Packet type parsing", ptypes, NULL},
	{"Timesync", timesync, NULL}, {"Rx descriptor status", rx_status, NULL}, {"Tx descriptor status", tx_status, NULL},
	{"Basic stats", stats, NULL}, {"Extended stats", xstats, NULL}, {"Stats per queue", stats_of_queue, NULL}, {"FW version", firmware, NULL},
	{"EEPROM dump", eeprom, NULL}, {"Registers dump", registers, NULL}, {"LED", led, NULL},
};

static int test_features(void)
{
	if (set_up(true, QUEUES) || rte_eth_dev_start(PORT))
		return 1;
	rte_eth_dev_callback_register(PORT, RTE_ETH_EVENT_INTR_LSC, on_event, NULL);
	for (time_t end = time(NULL) + SECONDS, got = 0; time(NULL) < end && got < 200;)
		got += turn(QUEUES, false);
	for (size_t i = 0; i < RTE_DIM(features); i++)
		if (features[i].has())
			printf("feature %s = %c\n", features[i].name, !features[i].wholly || features[i].wholly() ? 'Y' : 'P');
	return rte_eth_dev_stop(PORT);
}

/* ---- Interrupts ---- */

/* Nothing polls the NIC while this sleeps. */
static int test_sleep(void)
{
	unsigned int woken = 0, got = 0, quiet = 0;
	struct rte_epoll_event event;

	if (set_up(true, 1) || rte_eth_dev_start(PORT) || rte_eth_dev_rx_intr_ctl_q(PORT, 0, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD, NULL)) {
		printf("the port can't be set up\n");
		return 1;
	}
	while (quiet < (got ? 4 : 2 * SECONDS)) {
		unsigned int n;

		rte_eth_dev_rx_intr_enable(PORT, 0);
		if (rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 500) == 1)
			woken++, quiet = 0;
		else
			quiet++;
		rte_eth_dev_rx_intr_disable(PORT, 0);
		while ((n = turn(1, false)))
			got += n;
	}
	printf("woken %u, received %u\n", woken, got);
	return rte_eth_dev_stop(PORT);
}

enum { TURNS = 40, AT_ONCE = 100 };

static bool is_on(uint16_t queue)
{
	static _Thread_local uint32_t words[REG_MAPDESC / 4];
	struct rte_dev_reg_info regs = {.data = words, .length = RTE_DIM(words)};

	return !rte_eth_dev_get_reg_info(PORT, &regs) && words[REG_IRQ_ENABLE / 4] >> queue & 1;
}

/* How often its own interrupt was not what it had been set to. */
static int turn_on_and_off(void *arg)
{
	uint16_t queue = (uint16_t)(uintptr_t)arg;
	int wrong = 0;

	for (int i = 0; i < TURNS; i++) {
		for (int j = 0; j < AT_ONCE; j++) {
			rte_eth_dev_rx_intr_disable(PORT, queue);
			rte_eth_dev_rx_intr_enable(PORT, queue);
		}
		wrong += !is_on(queue);
		rte_eth_dev_rx_intr_disable(PORT, queue);
		wrong += is_on(queue);
	}
	return wrong;
}

static int test_turns(void)
{
	unsigned int other = rte_get_next_lcore(-1, 1, 0);
	int wrong;

	if (set_up(false, QUEUES) || rte_eth_dev_start(PORT) || rte_eal_remote_launch(turn_on_and_off, (void *)1, other))
		return 1;
	wrong = turn_on_and_off((void *)0);
	wrong += rte_eal_wait_lcore(other);
	printf("wrong %d\n", wrong);
	return rte_eth_dev_stop(PORT) || wrong;
}

/* ---- Lives ---- */

static uint32_t seed = 1;

static uint32_t draw(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 16) % n;
}

/* What is not allowed now is refused with an error; nothing may crash or get lost. */
static bool started = true;

static void step(unsigned int *received)
{
	uint16_t q = (uint16_t)draw(QUEUES);

	switch (draw(10)) {
	case 0: rte_eth_dev_stop(PORT); started = false; break;
	case 1: started |= !rte_eth_dev_start(PORT); break;
	case 2: rte_eth_dev_rx_queue_stop(PORT, q); break;
	case 3: rte_eth_dev_rx_queue_start(PORT, q); break;
	case 4: rte_eth_dev_tx_queue_stop(PORT, q); break;
	case 5: rte_eth_dev_tx_queue_start(PORT, q); break;
	case 6: rte_eth_dev_stop(PORT); started = !set_up(draw(2), QUEUES) && !rte_eth_dev_start(PORT); break;
	case 8: started = !rte_eth_dev_reset(PORT) && !set_up(false, QUEUES) && !rte_eth_dev_start(PORT); break;
	case 7: draw(2) ? rte_eth_dev_set_link_down(PORT) : rte_eth_dev_set_link_up(PORT); break;
	default:
		break;
	}
	for (int i = 0; started && i < 4; i++)
		*received += turn(QUEUES, draw(2));
}

static int test_life(unsigned int steps, unsigned int patience)
{
	unsigned int received = 0, missing;
	double from = now();

	if (set_up(false, QUEUES) || rte_eth_dev_start(PORT))
		return 1;
	while (!received && now() - from < patience)
		received += turn(QUEUES, true);
	for (unsigned int i = 0; i < steps; i++)
		step(&received);
	rte_eth_dev_stop(PORT);
	rte_eth_dev_close(PORT);
	missing = rte_mempool_in_use_count(pool);
	printf("received %u, mbufs missing %u\n", received, missing);
	return missing != 0;
}

/* Every mbuf is taken: packets are dropped and counted, and when they are back packets come again. */
static int test_exhausted(void)
{
	struct rte_mbuf *held[MBUFS];
	struct rte_eth_stats before, during;
	unsigned int n = 0, got = 0, missing;

	if (set_up(false, 1) || rte_eth_dev_start(PORT))
		return 1;
	for (unsigned int i = 0; i < 200 || !got; i++)
		got += turn(1, false);
	while (n < MBUFS && (held[n] = rte_pktmbuf_alloc(pool)))
		n++;
	rte_eth_stats_get(PORT, &before);
	for (unsigned int i = 0; i < 2000; i++)
		turn(1, false);
	rte_eth_stats_get(PORT, &during);
	rte_pktmbuf_free_bulk(held, n);
	got = 0;
	for (unsigned int i = 0; i < 2000 && got < 500; i++)
		got += turn(1, false);
	rte_eth_dev_stop(PORT);
	rte_eth_dev_close(PORT);
	missing = rte_mempool_in_use_count(pool);
	printf("held %u, without mbuf %" PRIu64 ", afterwards received %u, mbufs missing %u\n", n, during.rx_nombuf - before.rx_nombuf, got, missing);
	return missing || during.rx_nombuf == before.rx_nombuf || got < 500;
}

/* ---- Frames that can't be sent ---- */

static struct rte_mbuf *frame(unsigned int parts, uint16_t bytes)
{
	struct rte_mbuf *first = NULL;

	for (unsigned int i = 0; i < parts; i++) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

		if (!m || (bytes && !rte_pktmbuf_append(m, bytes)) || (first && rte_pktmbuf_chain(first, m)))
			return NULL;
		first = first ? first : m;
	}
	return first;
}

/* Between those that are wrong is one that is not. */
static int test_unsendable(void)
{
	struct rte_mbuf *m[] = {frame(1, 0), frame(1, 60), frame(1, 1600), frame(40, 10), frame(5, 20), frame(1, 60)}; /* the ring has room for 4 parts */
	struct rte_eth_stats s;
	unsigned int sent, missing;

	ring = 4;
	if (set_up(false, 1) || rte_eth_dev_start(PORT))
		return 1;
	for (size_t i = 0; i < RTE_DIM(m); i++)
		if (!m[i])
			return 1;
	sent = rte_eth_tx_burst(PORT, 0, m, RTE_DIM(m));
	for (unsigned int i = 0; i < 100; i++)
		rte_eth_tx_burst(PORT, 0, m, 0);
	rte_eth_stats_get(PORT, &s);
	rte_eth_dev_stop(PORT);
	rte_eth_dev_close(PORT);
	missing = rte_mempool_in_use_count(pool);
	printf("taken %u, sent %" PRIu64 ", errors %" PRIu64 ", mbufs missing %u\n", sent, s.opackets, s.oerrors, missing);
	return sent != RTE_DIM(m) || s.opackets != 2 || s.oerrors != 4 || missing;
}

/* ---- Checksums of frames that are sent ---- */

#define OF_TUNNEL (RTE_MBUF_F_TX_OUTER_IPV4 | RTE_MBUF_F_TX_OUTER_IP_CKSUM | RTE_MBUF_F_TX_TUNNEL_VXLAN)
#define OF_UDP (RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_UDP_CKSUM)
enum { TAIL = 5, EXTENSION = 8, TUNNEL = 50 }; /* bytes behind the packet; an IPv6 header without content; outer headers and VXLAN's */

/* Headers, then bytes that are not zero. */
struct wanted {
	const char *name;
	uint64_t flags;
	uint16_t payload, head;       /* head: bytes in the first segment, 0: all */
	uint16_t part, tail;          /* of the others; behind the packet */
	bool extension;
	int error;                    /* that tx_prepare gives */
};

static const struct wanted wanted[] = {
	{"UDP", OF_UDP, 11, 0, 0, 0, false, 0},
	{"TCP", RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_TCP_CKSUM, 1001, 0, 0, 0, false, 0},
	{"UDP alone", RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_UDP_CKSUM, 64, 0, 0, 0, false, 0},
	{"header alone", RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM, 64, 0, 0, 0, false, 0},
	{"of odd parts", OF_UDP, 700, 43, 101, 0, false, 0},
	{"of parts, UDP over IPv6", RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_UDP_CKSUM, 333, 62, 77, 0, false, 0},
	{"behind an IPv6 extension", RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_TCP_CKSUM, 90, 0, 0, 0, true, 0},
	{"and something behind it", OF_UDP, 60, 0, 0, TAIL, false, 0},
	{"and something behind an odd end", OF_UDP, 61, 60, 37, TAIL, false, 0},
	{"in a tunnel", OF_UDP | OF_TUNNEL, 75, 0, 0, 0, false, 0},
	{"tunnel alone", OF_TUNNEL, 75, 0, 0, 0, false, 0},
	{"header in two parts", OF_UDP, 64, 40, 100, 0, false, EINVAL},
	{"of no IP", RTE_MBUF_F_TX_UDP_CKSUM, 64, 0, 0, 0, false, EINVAL},
	{"SCTP", RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_SCTP_CKSUM, 64, 0, 0, 0, false, ENOTSUP},
	{"segmentation", OF_UDP | RTE_MBUF_F_TX_TCP_SEG, 64, 0, 0, 0, false, ENOTSUP},
	{"VLAN tag", OF_UDP | RTE_MBUF_F_TX_VLAN, 64, 0, 0, 0, false, ENOTSUP},
	{"outer UDP", OF_UDP | OF_TUNNEL | RTE_MBUF_F_TX_OUTER_UDP_CKSUM, 64, 0, 0, 0, false, ENOTSUP},
};

static bool is6(const struct wanted *w) { return w->flags & RTE_MBUF_F_TX_IPV6; }
static bool is_tcp(const struct wanted *w) { return (w->flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_TCP_CKSUM; }
static uint32_t l3_at(const struct wanted *w) { return RTE_ETHER_HDR_LEN + (w->flags & OF_TUNNEL ? TUNNEL : 0); }
static uint32_t l3_bytes(const struct wanted *w) { return (is6(w) ? sizeof(struct rte_ipv6_hdr) : sizeof(struct rte_ipv4_hdr)) + (w->extension ? EXTENSION : 0); }
static uint32_t l4_bytes(const struct wanted *w) { return (is_tcp(w) ? sizeof(struct rte_tcp_hdr) : sizeof(struct rte_udp_hdr)) + w->payload; }

static void put_ip4(uint8_t *at, uint8_t protocol, uint32_t bytes)
{
	const struct rte_ipv4_hdr ip = {.version_ihl = RTE_IPV4_VHL_DEF, .total_length = rte_cpu_to_be_16(bytes), .time_to_live = 64, .next_proto_id = protocol,
					.hdr_checksum = 0x1234, .src_addr = RTE_BE32(0x0a000001), .dst_addr = RTE_BE32(0x0a000002)};

	memcpy(at, &ip, sizeof(ip));
}

/* Its bytes, with wrong checksums; how many. */
static uint32_t write_frame(const struct wanted *w, uint8_t *bytes)
{
	uint32_t l3 = l3_at(w), l4 = l3 + l3_bytes(w), end = l4 + l4_bytes(w);
	uint8_t protocol = is_tcp(w) ? IPPROTO_TCP : IPPROTO_UDP;

	for (uint32_t n = 0; n < end + w->tail; n++)
		bytes[n] = (uint8_t)(7 * n + 3);
	memset(bytes, 2, RTE_ETHER_ADDR_LEN * 2);
	memcpy(bytes + RTE_ETHER_HDR_LEN - 2, is6(w) ? "\x86\xdd" : "\x08\0", 2);
	if (w->flags & OF_TUNNEL) {
		put_ip4(bytes + RTE_ETHER_HDR_LEN, IPPROTO_UDP, end - RTE_ETHER_HDR_LEN);
		memcpy(bytes + l3 - 2, "\x08\0", 2);
	}
	if (is6(w)) {
		bytes[l3] = 0x60;
		*(uint16_t *)(bytes + l3 + 4) = rte_cpu_to_be_16(end - l3 - sizeof(struct rte_ipv6_hdr));
		bytes[l3 + 6] = w->extension ? IPPROTO_HOPOPTS : protocol;
		if (w->extension)
			memcpy(bytes + l4 - EXTENSION, (uint8_t[EXTENSION]){protocol, 0, 1, 4}, EXTENSION);
	} else {
		put_ip4(bytes + l3, protocol, end - l3);
	}
	return end + w->tail;
}

static struct rte_mbuf *unsummed(const struct wanted *w)
{
	uint8_t bytes[RTE_ETHER_MAX_LEN];
	uint32_t all = write_frame(w, bytes), put = 0;
	struct rte_mbuf *first = NULL;

	while (put < all) {
		uint16_t n = !w->head ? all : put ? RTE_MIN(w->part, all - put) : w->head;
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

		if (!m || (first && rte_pktmbuf_chain(first, m)))
			return NULL;
		first = first ? first : m;
		memcpy(rte_pktmbuf_mtod(m, uint8_t *), bytes + put, n);
		m->data_len = n;
		put += n;
		first->pkt_len = put;
	}
	first->ol_flags = w->flags;
	first->l2_len = w->flags & OF_TUNNEL ? TUNNEL - sizeof(struct rte_ipv4_hdr) : RTE_ETHER_HDR_LEN;
	first->outer_l2_len = RTE_ETHER_HDR_LEN;
	first->outer_l3_len = sizeof(struct rte_ipv4_hdr);
	first->l3_len = w->flags & (RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6) ? l3_bytes(w) : 0;
	return first;
}

/* By the definition: the words add up to all ones. */
static bool adds_up(const void *bytes, uint32_t n, uint32_t more)
{
	return __rte_raw_cksum_reduce(__rte_raw_cksum(bytes, n, more)) == 0xffff;
}

static bool is_summed(const struct wanted *w, const struct rte_mbuf *m)
{
	const uint8_t *bytes = rte_pktmbuf_mtod(m, const uint8_t *), *l3 = bytes + l3_at(w);
	uint32_t pseudo = rte_cpu_to_be_16(is_tcp(w) ? IPPROTO_TCP : IPPROTO_UDP) + rte_cpu_to_be_16(l4_bytes(w));

	pseudo = is6(w) ? __rte_raw_cksum(l3 + 8, 32, pseudo) : __rte_raw_cksum(l3 + 12, 8, pseudo);
	return m->pkt_len == l3_at(w) + l3_bytes(w) + l4_bytes(w) + w->tail && adds_up(l3, l3_bytes(w), 0) == !!(w->flags & RTE_MBUF_F_TX_IP_CKSUM) &&
	       adds_up(l3 + l3_bytes(w), l4_bytes(w), pseudo) == !!(w->flags & RTE_MBUF_F_TX_L4_MASK) &&
	       (!(w->flags & RTE_MBUF_F_TX_OUTER_IP_CKSUM) || adds_up(bytes + RTE_ETHER_HDR_LEN, sizeof(struct rte_ipv4_hdr), 0));
}

/* One by one over a wire that is a loop. What can't be is refused, and sent all the same it is an error that is counted. */
static int test_sums(void)
{
	unsigned int wrong = 0, refused = 0;
	struct rte_eth_stats s;

	if (set_up(false, 1) || rte_eth_dev_start(PORT))
		return 1;
	for (size_t i = 0; i < RTE_DIM(wanted); i++) {
		struct rte_mbuf *m = unsummed(&wanted[i]), *back = NULL;
		uint16_t ready = m ? rte_eth_tx_prepare(PORT, 0, &m, 1) : 0;
		bool good = m && ready == !wanted[i].error && (ready || rte_errno == wanted[i].error) && rte_eth_tx_burst(PORT, 0, &m, 1) == 1;

		for (double from = now(); good && ready && !back && now() - from < SECONDS;)
			rte_eth_rx_burst(PORT, 0, &back, 1);
		if (!good || (ready && (!back || !is_summed(&wanted[i], back))))
			printf("wrong: %s\n", wanted[i].name), wrong++;
		refused += wanted[i].error != 0;
		rte_pktmbuf_free(back);
	}
	rte_eth_stats_get(PORT, &s);
	rte_eth_dev_stop(PORT);
	rte_eth_dev_close(PORT);
	printf("wrong %u, errors %" PRIu64 ", mbufs missing %u\n", wrong, s.oerrors, rte_mempool_in_use_count(pool));
	return wrong || s.oerrors != refused || rte_mempool_in_use_count(pool);
}

/* ---- A device that dies ---- */

static int call_stats(void)
{
	struct rte_eth_stats s;

	return rte_eth_stats_get(PORT, &s);
}

static int call_xstats(void)
{
	static struct rte_eth_xstat x[512];

	return rte_eth_xstats_get(PORT, x, RTE_DIM(x)) < 0;
}

static int call_registers(void) { return !registers(); }
static int call_queue_stop(void) { return rte_eth_dev_rx_queue_stop(PORT, 0) || rte_eth_dev_tx_queue_stop(PORT, 0); }
static int call_queue_start(void) { return rte_eth_dev_rx_queue_start(PORT, 0); }
static int call_link(void) { return rte_eth_dev_set_link_down(PORT); }
static int call_stop(void) { return rte_eth_dev_stop(PORT); }
static int call_start(void) { return rte_eth_dev_start(PORT); }
static int call_reset(void) { return rte_eth_dev_reset(PORT); }
static int call_close(void) { return rte_eth_dev_close(PORT); }

static const struct {
	const char *name;
	int (*call)(void);
} calls[] = {
	{"stats", call_stats}, {"xstats", call_xstats}, {"registers", call_registers}, {"queue stop", call_queue_stop}, {"queue start", call_queue_start},
	{"link down", call_link}, {"stop", call_stop}, {"start", call_start}, {"reset", call_reset}, {"close", call_close},
};

static int test_dies(void)
{
	const double quiet = 1;       /* s without a packet, and so many looks, once one has come */
	unsigned int got = 0, looks = 0;
	double last;

	if (set_up(false, QUEUES) || rte_eth_dev_start(PORT))
		return 1;
	for (last = now(); now() - last < (got ? quiet : SECONDS) || looks < 10000; looks++) {
		unsigned int n = turn(QUEUES, true);

		got += n;
		if (n)
			last = now(), looks = 0;
	}
	printf("received %u, removed %d\n", got, rte_eth_dev_is_removed(PORT));
	for (size_t i = 0; i < RTE_DIM(calls); i++) {
		double from = now();
		int result = calls[i].call();

		printf("%s: %d, %.0f ms\n", calls[i].name, result, (now() - from) * 1e3);
	}
	printf("mbufs missing %u\n", rte_mempool_in_use_count(pool));
	return 0;
}

/* ---- Told of by another process ---- */

static void *set_link_up(void *arg)
{
	(void)arg;
	return rte_eth_dev_set_link_up(PORT) ? NULL : &pool;
}

static int on_far_event(uint16_t port, enum rte_eth_event_type type, void *arg, void *more)
{
	struct rte_eth_link link;
	struct timespec until;
	pthread_t thread;
	void *done = NULL;

	(void)port;
	(void)type;
	(void)more;
	if (rte_eth_link_get_nowait(PORT, &link) || link.link_status != RTE_ETH_LINK_DOWN)
		return 0;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += SECONDS / 2;
	if (!pthread_create(&thread, NULL, set_link_up, NULL) && !pthread_timedjoin_np(thread, &done, &until) && done)
		__atomic_store_n((int *)arg, 1, __ATOMIC_RELEASE);
	else
		__atomic_store_n((int *)arg, -1, __ATOMIC_RELEASE);
	return 0;
}

static int test_told(void)
{
	int told = 0;

	if (set_up(false, 1) || rte_eth_dev_start(PORT) || rte_eth_dev_callback_register(PORT, RTE_ETH_EVENT_INTR_LSC, on_far_event, &told))
		return 1;
	printf("ready\n");
	fflush(stdout);
	for (double from = now(); !__atomic_load_n(&told, __ATOMIC_ACQUIRE) && now() - from < 10 * SECONDS;)
		turn(1, false);
	printf("told %d\n", told);
	fflush(stdout);
	return told != 1;
}

/* ---- A secondary process ---- */

static int test_look(void)
{
	struct rte_ether_addr mac = {{2, 0, 0, 0, 0, 9}};
	struct rte_eth_stats before, after;
	struct rte_mbuf *m[BURST];
	unsigned int got = 0, refused, set;

	if (rte_eth_stats_get(PORT, &before) || call_xstats())
		return 1;
	for (unsigned int i = 0; i < 100; i++)
		got += rte_eth_rx_burst(PORT, 0, m, BURST) + rte_eth_tx_burst(PORT, 0, m, 0);
	refused = (rte_eth_dev_stop(PORT) == -ENOTSUP) + (rte_eth_dev_rx_queue_stop(PORT, 0) == -ENOTSUP) + (rte_eth_dev_close(PORT) == -ENOTSUP);
	set = !rte_eth_dev_set_mtu(PORT, 1400) + !rte_eth_promiscuous_disable(PORT) + !rte_eth_allmulticast_disable(PORT) + !rte_eth_dev_default_mac_addr_set(PORT, &mac) +
	      !rte_eth_dev_set_link_down(PORT);
	if (rte_eth_stats_reset(PORT) || rte_eth_stats_get(PORT, &after))
		return 1;
	printf("saw %" PRIu64 ", got %u, refused %u of 3, set %u of 5, after a reset %" PRIu64 "\n", before.ipackets, got, refused, set, after.ipackets);
	return !before.ipackets || got || refused != 3 || set != 5 || after.ipackets >= before.ipackets;
}

int main(int argc, char **argv)
{
	int used = rte_eal_init(argc, argv), result = 2;
	const char *test = used > 0 && used + 1 < argc ? argv[used + 1] : "";

	if (used < 0)
		return 2;
	if (rte_eal_process_type() == RTE_PROC_SECONDARY)
		return strcmp(test, "look") || test_look();
	pool = rte_pktmbuf_pool_create("mbufs", MBUFS, 0, 0, ROOM, SOCKET_ID_ANY);
	if (!pool || rte_eth_dev_info_get(PORT, &info))
		return 2;
	if (strcmp(test, "features") == 0)
		result = test_features();
	else if (strcmp(test, "sleep") == 0)
		result = test_sleep();
	else if (strcmp(test, "life") == 0)
		result = test_life(used + 2 < argc ? (unsigned int)atoi(argv[used + 2]) : 200, used + 3 < argc ? (unsigned int)atoi(argv[used + 3]) : 1);
	else if (strcmp(test, "exhausted") == 0)
		result = test_exhausted();
	else if (strcmp(test, "sums") == 0)
		result = test_sums();
	else if (strcmp(test, "unsendable") == 0)
		result = test_unsendable();
	else if (strcmp(test, "dies") == 0)
		result = test_dies();
	else if (strcmp(test, "turns") == 0)
		result = test_turns();
	else if (strcmp(test, "told") == 0)
		result = test_told();
	fflush(stdout);
	rte_eal_cleanup();
	return result;
}
