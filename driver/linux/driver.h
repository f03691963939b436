/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What the files of the module share. One struct nicjit is one NIC: queues that all ports share, and a net_device for each port.
 */
#ifndef NICJIT_DRIVER_H
#define NICJIT_DRIVER_H

#include <linux/bpf.h>
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/version.h>
#include <net/xdp.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

#include "nic_load.h"
#include "nic_rings.h"
#include "nicjit.h"
#include "regs.h"

#ifndef __LITTLE_ENDIAN
#error "rings, maps and instructions are shared with the NIC, which is little-endian"
#endif

enum {
	PORTS_MAX = 4, QUEUES_MAX = 16, MAPS_MAX = 64,
	RING_MIN = 32, RING_DEFAULT = 256, RING_MAX = 4096,
	RX_HEADROOM = XDP_PACKET_HEADROOM, /* a multiple of the NIC's 64 bytes */
};

struct nicjit;
struct window;
struct gen_pool;

/* Registers, wherever they are. */
struct bus {
	struct nic_regs regs;         /* from anywhere */
	struct nic_regs calm;         /* from where one may sleep: others have their turn between accesses */
	u8 __iomem *bar;              /* a board's registers */
	struct window *window;        /* or the window of a simulated one, and its doorbell */
	u32 __iomem *doorbell;
	spinlock_t lock;              /* the window's */
	bool dead;                    /* it has stopped answering */
	struct work_struct died;      /* done then */
};

int bus_open(struct bus *b, struct pci_dev *pdev);
void bus_die(struct bus *b);

struct tx_buf {
	enum { TX_NONE, TX_SKB, TX_FRAME, TX_PAGE } kind; /* what the descriptor ends: NONE, a part of something longer */
	union {
		struct sk_buff *skb;
		struct xdp_frame *frame;
	};
	dma_addr_t dma;
	u32 len;
	bool mapped, is_page;
};

/* One way of a port by a queue, so that there is one writer at a time: NAPI, or who has the tx_lock. */
struct way_stats {
	u64_stats_t packets, bytes, dropped;
	u64_stats_t xdp[XDP_REDIRECT + 1]; /* verdicts of native programs on what was received */
	struct u64_stats_sync sync;
};

struct queue {
	struct nicjit *nic;
	unsigned int number;
	char name[40];                /* of its interrupt */
	struct napi_struct napi;
	struct page_pool *pool;
	struct page **page;           /* for each entry of the receive ring */
	struct nic_rx_ring rx;
	struct nic_tx_ring tx;
	spinlock_t tx_lock;           /* ports and XDP share the ring */
	bool sends;                   /* there is one */
	struct tx_buf *tx_buf;        /* for each entry of it */
	struct xdp_rxq_info rxq[PORTS_MAX];
	void *memory;                 /* of both rings */
	dma_addr_t dma;
	struct way_stats rx_stats[PORTS_MAX], tx_stats[PORTS_MAX];
};

struct nicjit_program;

struct port {
	struct nicjit *nic;
	struct net_device *netdev;
	unsigned int number;
	struct bpf_prog __rcu *xdp;   /* native */
	struct xdp_attachment_info xdp_hw;
	struct nicjit_program *program; /* in the NIC */
	struct bpf_prog *tc_prog;     /* it is that of this classifier, and not of xdp_hw */
	u64 sums_since;               /* NIC time: what it found out of frames that came earlier may be of others than the host got */
};

/* A map of the kernel in the NIC, or an area for the events of one that stays with the host. */
struct nicjit_map {
	struct nicjit *nic;
	struct image_map place;
	u32 number;
	const struct bpf_map *map;
	struct bpf_map *events;       /* the same, where it stays */
	unsigned int users;           /* programs that put events in */
	void *record;                 /* room for one */
	unsigned long at;             /* of its memory in the pool */
	size_t size;
	void *kept;                   /* keys and values that it held before sleep */
	u32 n_kept;
};

/* What ethtool can change. */
struct shape {
	u32 rx_size, tx_size;         /* entries of the rings */
	u32 queues;                   /* in use */
};

struct nicjit {
	struct pci_dev *pdev;
	struct bus bus;
	struct target target;
	unsigned int n_queues, n_ports, up;
	bool queues_open;
	struct shape shape;
	struct work_struct restart;
	struct queue *queue[QUEUES_MAX];
	struct port *port[PORTS_MAX];
	struct net_device napi_dev;   /* the queues belong to no port */
	struct bpf_offload_dev *offload;
	struct mutex lock;            /* programs, maps and counters in the NIC */
	struct gen_pool *code, *memory; /* bundles; bytes of map memory */
	struct nicjit_map *map[MAPS_MAX];
	struct delayed_work events;
	struct dentry *debugfs;
	char last_error[512];         /* the latest refusal; some have no other way to the user */
	unsigned int n_irqs;          /* asked for */
	u32 rss_table[REG_RSS_TABLE_COUNT]; /* as they were set */
	u8 rss_key[REG_RSS_KEY_COUNT * sizeof(u32)];
};

static inline struct port *port_of(struct net_device *dev)
{
	return *(struct port **)netdev_priv(dev);
}

static inline u32 get_reg(struct nicjit *n, u32 offset)
{
	return n->bus.regs.read(n->bus.regs.ctx, offset);
}

static inline void put_reg(struct nicjit *n, u32 offset, u32 value)
{
	n->bus.regs.write(n->bus.regs.ctx, offset, value);
}

static inline u32 get_field(struct nicjit *n, u32 offset, int msb, int lsb)
{
	return get_reg(n, offset) >> lsb & (~0U >> (31 - (msb - lsb)));
}

#define FIELD(n, REGISTER, NAME) get_field(n, REG_##REGISTER, REGISTER##_##NAME##_MSB, REGISTER##_##NAME##_LSB)

/* queues.c */
int queues_open(struct nicjit *n);
void queues_close(struct nicjit *n); /* those that are open */

/* rxtx.c */
void queue_give_page(struct queue *q, struct page *page); /* to the NIC */
void queue_release(struct queue *q, struct tx_buf *b, int budget); /* of NAPI, or 0 */
int queue_poll(struct napi_struct *napi, int budget);
netdev_tx_t port_xmit(struct sk_buff *skb, struct net_device *dev);
/* Gives a frame to a port; 0, or an error, and the frame is still the caller's. With the queue's tx_lock. */
int queue_send_frame(struct queue *q, struct port *p, struct xdp_frame *frame, bool of_pool);
void queue_kick(struct queue *q);

/* restart.c: with the RTNL */
void ports_pause(struct nicjit *n);
int ports_go_on(struct nicjit *n); /* those that were up */
/* Packets rest while the queues get this shape; or they go on with the one that they had, and an error. */
int queues_reshape(struct nicjit *n, struct shape shape);
void restart_work(struct work_struct *work);
void died_work(struct work_struct *work);

/* xdp.c */
enum xdp_result { XDP_OURS, XDP_GONE };  /* the packet goes on; it has been used */
enum xdp_result xdp_run(struct queue *q, struct port *p, struct bpf_prog *prog, struct xdp_buff *xdp, bool *redirected);
int port_bpf(struct net_device *dev, struct netdev_bpf *bpf);
int port_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames, u32 flags);

/* offload.c: programs in the NIC */
/* With the lock held: the latest refusal. */
__printf(2, 3) void keep_error(struct nicjit *n, const char *format, ...);
int offload_open(struct nicjit *n);
void offload_close(struct nicjit *n);
int offload_attach(struct port *p, struct netdev_bpf *bpf);
/* From now on the port's packets go through this program in the NIC, which was loaded for it; NULL: through none. */
int offload_run(struct port *p, struct bpf_prog *prog, struct netlink_ext_ack *extack);
/* Programs and maps are put into a NIC that has forgotten them. */
int offload_again(struct nicjit *n);

/* tc.c */
int port_setup_tc(struct net_device *dev, enum tc_setup_type type, void *data);
int port_set_features(struct net_device *dev, netdev_features_t features);

/* maps.c: maps in the NIC */
int map_alloc(struct nicjit *n, struct bpf_offloaded_map *offmap);
void map_free(struct nicjit *n, struct bpf_offloaded_map *offmap);
/* With the lock held: the NIC knows it from now on, with what was kept of it, or empty. */
int map_begin(struct nicjit_map *m);
/* With the lock held, and no packet in the NIC: takes what it holds into the host's memory; that is given back. */
int map_keep(struct nicjit_map *m);
void map_forget(struct nicjit_map *m);
/* With the lock held: the number of the NIC's area for the events of a perf event array, which is made for the first program; or an error. */
int events_get(struct nicjit *n, struct bpf_map *map);
void events_put(struct nicjit *n, u32 number);
void events_work(struct work_struct *work);

/* power.c */
void interrupts_on(struct nicjit *n);
extern const struct dev_pm_ops power_ops;
extern const struct pci_error_handlers error_handlers;

/* stats.c */
void port_stats(struct net_device *dev, struct rtnl_link_stats64 *s);
extern const struct ethtool_ops nicjit_ethtool_ops;
void rss_read(struct nicjit *n, u32 *table, u8 *key);
void rss_write(struct nicjit *n, const u32 *table, const u8 *key);
void rss_spread(struct nicjit *n); /* evenly over all queues in use */

#endif
