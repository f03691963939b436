/* SPDX-License-Identifier: Apache-2.0
 *
 * The poll-mode driver's own view of a NIC: one ethdev is one NIC, its queues are the NIC's host queues, and frames of all its wires
 * arrive there. How registers are reached and who lets the NIC run is the bus's matter (struct nicjit_bus); everything else is the same
 * for a simulated NIC and for a board.
 */
#ifndef DRIVER_DPDK_PMD_H
#define DRIVER_DPDK_PMD_H

#include <ethdev_driver.h>
#include <rte_ethdev.h>
#include <rte_ring.h>
#include <rte_spinlock.h>
#include <sys/random.h>

#include "driver/common/nic_load.h"
#include "driver/common/nic_rings.h"
#include "driver/host/host.h"
#include "hw/spec/regs.h"

extern int nicjit_logtype;
#define LOG(level, fmt, ...) rte_log(RTE_LOG_##level, nicjit_logtype, "nicjit: " fmt "\n", ##__VA_ARGS__)

enum { NICJIT_WHY = 2048 };           /* bytes of a sentence */

/* Of a port. */
#define PORT_LOG(level, d, fmt, ...) LOG(level, "%s: " fmt, (d)->data->name, ##__VA_ARGS__)

struct nicjit_bus {
	struct nic_regs regs;
	/* Lets a simulated NIC run for a while; called with every burst. NULL for hardware. */
	void (*poll)(struct nicjit_bus *bus);
	/* Lets it run in a thread of its own, or no longer. NULL for hardware. */
	int (*thread)(struct nicjit_bus *bus, bool on);
	/* Have interrupts signal the receive queues' descriptors, and no longer. NULL for a simulated NIC, which calls irq. */
	int (*irq_open)(struct nicjit_bus *bus, const int *fd, unsigned int queues);
	void (*irq_close)(struct nicjit_bus *bus);
	void (*close)(struct nicjit_bus *bus);
	/* Set by the driver: an interrupt line went up. */
	void (*irq)(void *arg, unsigned int vector);
	void *irq_arg;
	const char *name;             /* "iss", "rtl", "pci", "window" */
};

/* Keys of SYN cookies, new with every port. 0, or -1 with one sentence in why. */
static inline int nicjit_cookie_keys(uint8_t keys[COOKIE_KEYS_BYTES], char *why)
{
	if (getrandom(keys, COOKIE_KEYS_BYTES, 0) == COOKIE_KEYS_BYTES)
		return 0;
	snprintf(why, NICJIT_WHY, "the system has no random numbers to make keys of");
	return -1;
}

/* What runs, and why. */
enum nicjit_xdp_mode { NICJIT_XDP_NONE, NICJIT_XDP_OFFLOAD, NICJIT_XDP_HOST };
/* What may run: the NIC if it can and else the host, or only one of them. */
enum nicjit_xdp_want { NICJIT_WANT_AUTO, NICJIT_WANT_OFFLOAD, NICJIT_WANT_HOST };
enum { NICJIT_HEADROOM = RTE_PKTMBUF_HEADROOM > HOST_HEADROOM ? RTE_PKTMBUF_HEADROOM : HOST_HEADROOM };
enum { NICJIT_WIRES_MAX = 16, NICJIT_VERDICTS = 5, NICJIT_BURST = 256 };

struct nicjit_xdp;

struct nicjit_dev {
	struct nicjit_bus *bus;
	uint16_t port_id;
	uint16_t queues;
	uint32_t wires, cores, threads, bundles;
	struct rte_ether_addr mac;
	char model[8];                /* bus->name, also for other processes */
	uint32_t speed;               /* of the link, Mbit/s */
	bool started, link_off;       /* link_off: by the application */
	bool sums;                    /* it makes checksums of TCP and UDP */
	bool threaded;                /* asked for, also without interrupts */
	int *intr_fd;                 /* by queue; NULL: no interrupts */
	rte_spinlock_t intr_lock;     /* over the register that turns them on: queues are of different threads */
	bool rss_off;
	uint8_t rss_table[REG_RSS_TABLE_COUNT]; /* queue of a hash's low bits, also while it is off */
	int timestamp_offset;         /* in the mbuf; -1: not asked for */
	uint64_t timestamp_flag;
	rte_spinlock_t stats_lock;    /* over the NIC's snapshot of its counters */
	uint64_t base[512];           /* counters at the last reset of statistics */
	uint64_t sums_since;          /* NIC time: what it says of frames that came before may be of others than the host gets */
	struct nicjit_xdp *xdp;
	struct host_prog *host;       /* what runs on received packets, or NULL; see nicjit_host_set() */
	struct rte_eth_dev_data *data;
};

struct nicjit_rxq {
	struct nic_rx_ring ring;
	struct nicjit_dev *dev;
	struct rte_mempool *pool;
	struct rte_mbuf **buffers;    /* by entry of the ring */
	const struct rte_memzone *zone;
	uint16_t port_id, id, size;
	bool lossless, deferred;
	uint8_t wire[NICJIT_BURST];   /* of the packets of the burst that is under way: where they came from, when */
	uint64_t time[NICJIT_BURST];
	struct host_packet host_burst[NICJIT_BURST];
	struct rte_ring *arrived;     /* packets that a program on the host sent here from other queues */
	uint32_t in_burst;            /* 1 while a burst may use dev->host */
	uint64_t host_packets[NICJIT_VERDICTS], host_bytes[NICJIT_VERDICTS], host_lost;
	uint64_t packets, bytes, no_mbuf, errors, unread; /* unread: in the ring when it was turned off */
	uint64_t others;              /* for an address that the port does not take */
};

struct nicjit_txq {
	struct nic_tx_ring ring;
	rte_spinlock_t lock;          /* programs on the host send, too */
	struct nicjit_dev *dev;
	struct rte_mbuf **segments;   /* by entry of the ring */
	const struct rte_memzone *zone;
	uint16_t id, size, clean;     /* entry from which on segments are to be freed */
	bool deferred;
	uint64_t packets, bytes, errors;
};

static inline struct nicjit_dev *nicjit_dev(const struct rte_eth_dev *dev)
{
	return dev->data->dev_private;
}

static inline uint32_t nicjit_get(const struct nicjit_dev *d, uint32_t offset)
{
	return d->bus->regs.read(d->bus->regs.ctx, offset);
}

static inline void nicjit_put(const struct nicjit_dev *d, uint32_t offset, uint32_t value)
{
	d->bus->regs.write(d->bus->regs.ctx, offset, value);
}

/* Control of ports by the application and by telemetry's threads takes turns, so that no port goes while somebody looks at it. */
void nicjit_lock(void);
void nicjit_unlock(void);
/* Whether a board was pulled out: it reads all ones. */
bool nicjit_gone(const struct nicjit_dev *d);
/* Whether an ethdev is of this driver. */
bool nicjit_is(const struct rte_eth_dev *dev);
int nicjit_infos_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info);
/* The NIC's time, ns; UINT64_MAX: it is gone. */
uint64_t nicjit_now(const struct nicjit_dev *d);
int nicjit_link_update(struct rte_eth_dev *dev, int wait);
int nicjit_promiscuous(struct rte_eth_dev *dev);
int nicjit_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *mac);
int nicjit_mtu_set(struct rte_eth_dev *dev, uint16_t mtu);
bool nicjit_set_link(struct rte_eth_dev *dev, bool up); /* with the lock; whether the link has changed, which the application is told of without it */
/* ethdev.c: makes the NIC behind the bus an ethdev's private part, and takes it apart. 0 or a negative errno value. */
int nicjit_ethdev_init(struct rte_eth_dev *dev, struct nicjit_bus *bus, const struct rte_ether_addr *mac);
void nicjit_ethdev_close(struct rte_eth_dev *dev);
/* Lets the NIC take packets. */
void nicjit_run(struct nicjit_dev *d);

/* queues.c: what struct eth_dev_ops has of them */
enum { NICJIT_RING_MIN = 4, NICJIT_RING_MAX = 1 << NIC_RING_LOG_MAX, NICJIT_ROW = 64 };
/* A received packet has to fit into one buffer, behind headroom and what aligning it costs, and a program may make it longer. */
enum { NICJIT_ROOM_MIN = NICJIT_HEADROOM + NICJIT_ROW + HOST_LEN_MAX };
void nicjit_rx_queue_release(struct rte_eth_dev *dev, uint16_t id);
int nicjit_rx_queue_setup(struct rte_eth_dev *dev, uint16_t id, uint16_t n, unsigned int socket, const struct rte_eth_rxconf *conf, struct rte_mempool *pool);
void nicjit_tx_queue_release(struct rte_eth_dev *dev, uint16_t id);
int nicjit_tx_queue_setup(struct rte_eth_dev *dev, uint16_t id, uint16_t n, unsigned int socket, const struct rte_eth_txconf *conf);
int nicjit_rx_queue_start(struct rte_eth_dev *dev, uint16_t id);
int nicjit_rx_queue_stop(struct rte_eth_dev *dev, uint16_t id);
int nicjit_tx_queue_start(struct rte_eth_dev *dev, uint16_t id);
int nicjit_tx_queue_stop(struct rte_eth_dev *dev, uint16_t id);
void nicjit_rxq_info_get(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_rxq_info *info);
void nicjit_txq_info_get(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_txq_info *info);
int nicjit_rx_descriptor_status(void *queue, uint16_t offset);
uint32_t nicjit_rx_queue_count(void *queue);
int nicjit_tx_descriptor_status(void *queue, uint16_t offset);

/* rxtx.c */
/* Of a packet that is another than the NIC has looked at: nothing is known of its headers and checksums. */
static inline void nicjit_rx_changed(struct rte_mbuf *m)
{
	m->packet_type = RTE_PTYPE_UNKNOWN;
	m->ol_flags &= ~(RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK);
}
uint16_t nicjit_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t nicjit_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
/* Rings on and filled, or off and empty. 0 or a negative errno value. */
int nicjit_rx_start(struct nicjit_rxq *q);
void nicjit_rx_stop(struct nicjit_rxq *q);
/* Frees what other queues' programs have sent to one. */
void nicjit_rx_drain(struct nicjit_rxq *q);
int nicjit_tx_start(struct nicjit_txq *q);
void nicjit_tx_stop(struct nicjit_txq *q);
void nicjit_tx_free_done(struct nicjit_txq *q);
/* Sends one packet by a wire; false: no room, and the packet is still the caller's. */
bool nicjit_tx_one(struct nicjit_txq *q, struct rte_mbuf *m, uint8_t wire);

/* Whether it can be sent. 0, or an errno value. */
int nicjit_tx_check(const struct nicjit_txq *q, const struct rte_mbuf *m);

/* sums.c: checksums of packets that are sent */
#define NICJIT_TX_SUMS (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_OUTER_IP_CKSUM)
uint16_t nicjit_tx_prepare(void *queue, struct rte_mbuf **pkts, uint16_t n);
/* Of a packet with flags for sending: whether all that they ask for can be done. 0, or an errno value. */
int nicjit_sums_check(const struct nicjit_dev *d, const struct rte_mbuf *m);
/* Of one with these flags whose first segment was given last. */
void nicjit_sums_make(struct nic_tx_ring *ring, const struct rte_mbuf *m);

/* stats.c: counters of the NIC and of the queues */
int nicjit_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats);
int nicjit_stats_reset(struct rte_eth_dev *dev);
int nicjit_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n);
int nicjit_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names, unsigned int n);

/* intr.c: interrupts of receive queues, where the application's configuration asks for them. 0 or a negative errno value. */
int nicjit_intr_open(struct rte_eth_dev *dev);
void nicjit_intr_close(struct rte_eth_dev *dev);
int nicjit_intr_enable(struct rte_eth_dev *dev, uint16_t queue);
int nicjit_intr_disable(struct rte_eth_dev *dev, uint16_t queue);

/* secondary.c: another process looks at the port; what it asks for, this one reads. */
int nicjit_secondary_attach(struct rte_eth_dev *dev);
void nicjit_secondary_serve(void);

/* rss.c */
enum { NICJIT_RSS_KEY_BYTES = 40 };
#define NICJIT_RSS_TYPES (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP)
void nicjit_rss_spread(struct nicjit_dev *d, uint16_t queues);
int nicjit_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int nicjit_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int nicjit_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta, uint16_t n);
int nicjit_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta, uint16_t n);

/* host.c: the program on the host */
/* Runs it over received packets: those that pass stay, in order; the rest is sent or freed. Returns how many stay. */
uint16_t nicjit_host_burst(struct nicjit_rxq *q, struct host_prog *prog, struct rte_mbuf **pkts, uint16_t n);
/* Replaces the program, or takes it away; when it returns no burst uses the one before. */
void nicjit_host_set(struct nicjit_dev *d, struct host_prog *prog);
/* Waits until no burst runs a program that began before: what was taken out of the port's tables is nobody's then. */
void nicjit_host_wait(const struct nicjit_dev *d);

/* xdp.c: the program. Functions give 0, or a negative errno value with the reason in why[]. */
int nicjit_xdp_init(struct nicjit_dev *d);
void nicjit_xdp_fini(struct nicjit_dev *d);
/* Compiles and loads the program called section (NULL: the only one) of the object; under traffic the one before runs until then. 0 with a
 * sentence in why: it runs on the host, because the NIC can't. */
int nicjit_xdp_load(struct nicjit_dev *d, const char *path, const char *section, const char *entries, enum nicjit_xdp_want want, char why[NICJIT_WHY]);
/* auto, offload or host. */
int nicjit_xdp_want(const char *text, enum nicjit_xdp_want *want);
/* Routing for programs that look up routes, from a file of what `ip -j` prints: for the one that runs, and those to come. */
int nicjit_xdp_routes(struct nicjit_dev *d, const char *path, char why[NICJIT_WHY]);
int nicjit_xdp_unload(struct nicjit_dev *d, char why[NICJIT_WHY]);
enum nicjit_xdp_mode nicjit_xdp_mode(const struct nicjit_dev *d);
/* One line: what runs where, and why not elsewhere. */
void nicjit_xdp_describe(const struct nicjit_dev *d, char *text, size_t size);
void nicjit_xdp_dump(const struct nicjit_dev *d, FILE *f);

/* What else there is to know of a program; -ENOENT: there is none. */
struct nicjit_xdp_info {
	enum nicjit_xdp_mode mode;
	char name[64], section[64], object[1024], why[NICJIT_WHY];
	int64_t loaded;               /* s since the epoch */
	uint32_t bundles, base;       /* in the NIC's microcode memory */
	uint32_t btf_bytes;
};
int nicjit_xdp_info(const struct nicjit_dev *d, struct nicjit_xdp_info *info);
/* Copies up to size bytes of its BTF from offset on, and says how many. */
size_t nicjit_xdp_btf(const struct nicjit_dev *d, size_t offset, void *bytes, size_t size);
/* Its code: the NIC's microcode, or what LLVM made the host's of. The caller frees it; NULL: there is none. */
char *nicjit_xdp_text(const struct nicjit_dev *d);
/* What the program has told since the last call: lines of JSON (sim/io/events.h), whole text in pieces of less than size. listen: 0 ends it,
 * and programs see that nobody is there. Bytes put into text. */
size_t nicjit_xdp_trace(const struct nicjit_dev *d, bool listen, char *text, size_t size);

/* Its maps, as bpf(2) has them; a map is known by its number or name until the program is replaced. Functions give 0 or a negative errno
 * value. */
struct nicjit_map {
	char name[64];
	uint32_t index, type, key_size, value_size, max_entries;
	uint32_t value_bytes;         /* that lookup and update transfer: more for values per CPU */
	uint32_t cpus;                /* values in one */
	bool frozen;                  /* nobody may change it */
	uint32_t key_type, value_type; /* in the object's BTF; 0: not known */
};
unsigned int nicjit_xdp_maps(const struct nicjit_dev *d);
int nicjit_map_info(const struct nicjit_dev *d, unsigned int index, struct nicjit_map *m);
int nicjit_map_find(const struct nicjit_dev *d, const char *name, struct nicjit_map *m);
int nicjit_map_lookup(const struct nicjit_dev *d, const struct nicjit_map *m, const void *key, void *value);
int nicjit_map_update(const struct nicjit_dev *d, const struct nicjit_map *m, const void *key, const void *value, uint64_t flags);
int nicjit_map_delete(const struct nicjit_dev *d, const struct nicjit_map *m, const void *key);
int nicjit_map_pop(const struct nicjit_dev *d, const struct nicjit_map *m, void *value);
int nicjit_map_next(const struct nicjit_dev *d, const struct nicjit_map *m, const void *key, void *next);

#endif
