// SPDX-License-Identifier: Apache-2.0
/*
 * A secondary process sees the port and its counters, and sets what is not its queues'. The NIC lives in the primary one, so what needs it is asked for there; an
 * answer comes in pieces, as a message has 256 bytes.
 */
#include <rte_eal.h>
#include <stdlib.h>

#include "pmd.h"

static const char action[] = "nicjit_counters";
enum { SECONDS = 5, VALUES = (RTE_MP_MAX_PARAM_LEN - 16) / 8 };

enum what { STATS, XSTATS, RESET, LINK_DOWN, LINK_UP };

struct question {
	uint16_t port, what;
	uint32_t from;                /* first value */
};

struct answer {
	int32_t result;
	uint32_t n, all;              /* values here, and altogether */
	uint32_t reserved;
	uint64_t value[VALUES];
};

/* ---- In the primary process ---- */

static uint32_t all_values(struct rte_eth_dev *dev, uint16_t what, uint64_t **values)
{
	struct rte_eth_stats stats = {0};
	int n = what == XSTATS ? nicjit_xstats_get(dev, NULL, 0) : (int)(sizeof(stats) / 8);
	struct rte_eth_xstat *x;

	*values = calloc(n, sizeof(**values));
	if (!*values || (what == STATS && nicjit_stats_get(dev, &stats)))
		return 0;
	if (what == STATS)
		return memcpy(*values, &stats, sizeof(stats)), n;
	x = calloc(n, sizeof(*x));
	if (!x || nicjit_xstats_get(dev, x, n) != n)
		n = 0;
	for (int i = 0; i < n; i++)
		(*values)[i] = x[i].value;
	free(x);
	return n;
}

/* Returns the device whose link has changed, if one has. */
static struct rte_eth_dev *answer(const struct question *q, struct answer *a)
{
	struct rte_eth_dev *dev = rte_eth_dev_is_valid_port(q->port) ? &rte_eth_devices[q->port] : NULL;
	uint64_t *values = NULL;

	if (!dev || !nicjit_is(dev) || !nicjit_dev(dev)->bus) {
		a->result = -ENODEV;
		return NULL;
	}
	if (q->what == RESET) {
		a->result = nicjit_stats_reset(dev);
		return NULL;
	}
	if (q->what == LINK_DOWN || q->what == LINK_UP)
		return nicjit_set_link(dev, q->what == LINK_UP) ? dev : NULL;
	a->all = all_values(dev, q->what, &values);
	a->n = q->from < a->all ? RTE_MIN(a->all - q->from, (uint32_t)VALUES) : 0;
	if (a->n)
		memcpy(a->value, values + q->from, a->n * sizeof(*values));
	a->result = a->all ? 0 : -EIO;
	free(values);
	return NULL;
}

static int serve(const struct rte_mp_msg *msg, const void *peer)
{
	struct rte_mp_msg reply = {.len_param = sizeof(struct answer)};
	struct rte_eth_dev *changed;
	struct question q;
	struct answer a = {0};

	if (msg->len_param != sizeof(q))
		return -EINVAL;
	memcpy(&q, msg->param, sizeof(q));
	nicjit_lock();
	changed = answer(&q, &a);
	nicjit_unlock();
	if (changed) /* what the application does about it may wait for another thread, which may wait for the lock */
		rte_eth_dev_callback_process(changed, RTE_ETH_EVENT_INTR_LSC, NULL);
	memcpy(reply.param, &a, sizeof(a));
	snprintf(reply.name, sizeof(reply.name), "%s", action);
	return rte_mp_reply(&reply, peer);
}

/* Without shared memory (--no-huge, --in-memory) there are no secondary processes; the registration of a second port finds the first's. */
void nicjit_secondary_serve(void)
{
	_Static_assert(sizeof(struct answer) <= RTE_MP_MAX_PARAM_LEN, "a message");
	rte_mp_action_register(action, serve);
}

/* ---- In the secondary one ---- */

static int ask(const struct question *q, struct answer *a)
{
	struct rte_mp_msg msg = {.len_param = sizeof(*q)};
	struct timespec limit = {.tv_sec = SECONDS};
	struct rte_mp_reply reply;
	int error;

	snprintf(msg.name, sizeof(msg.name), "%s", action);
	memcpy(msg.param, q, sizeof(*q));
	if (rte_mp_request_sync(&msg, &reply, &limit))
		return -EIO;
	error = reply.nb_received == 1 && reply.msgs[0].len_param == sizeof(*a) ? 0 : -EIO;
	if (!error)
		memcpy(a, reply.msgs[0].param, sizeof(*a));
	free(reply.msgs);
	return error ? error : a->result;
}

static int get(struct rte_eth_dev *dev, enum what what, uint64_t *values, uint32_t n)
{
	struct answer a;
	uint32_t at = 0;

	while (at < n) {
		struct question q = {dev->data->port_id, what, at};
		int error = ask(&q, &a);

		if (error || a.all != n || !a.n)
			return error ? error : -EIO;
		memcpy(values + at, a.value, a.n * sizeof(*values));
		at += a.n;
	}
	return 0;
}

static int stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats)
{
	return get(dev, STATS, (uint64_t *)stats, sizeof(*stats) / 8);
}

static int xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n)
{
	unsigned int all = nicjit_xstats_get(dev, NULL, 0);
	uint64_t *values;
	int error;

	if (!xstats || n < all)
		return all;
	values = calloc(all, sizeof(*values));
	error = values ? get(dev, XSTATS, values, all) : -ENOMEM;
	for (unsigned int i = 0; !error && i < all; i++)
		xstats[i] = (struct rte_eth_xstat){.id = i, .value = values[i]};
	free(values);
	return error ? error : (int)all;
}

static int tell(const struct rte_eth_dev *dev, enum what what)
{
	struct question q = {dev->data->port_id, what, 0};
	struct answer a;

	return ask(&q, &a);
}

static int stats_reset(struct rte_eth_dev *dev)
{
	return tell(dev, RESET);
}

static int set_link_up(struct rte_eth_dev *dev)
{
	return tell(dev, LINK_UP);
}

static int set_link_down(struct rte_eth_dev *dev)
{
	return tell(dev, LINK_DOWN);
}

static const struct eth_dev_ops ops = {
	.dev_infos_get = nicjit_infos_get, .link_update = nicjit_link_update, .stats_get = stats_get, .stats_reset = stats_reset, .xstats_get = xstats_get,
	.xstats_get_names = nicjit_xstats_get_names, .xstats_reset = stats_reset, .dev_set_link_up = set_link_up, .dev_set_link_down = set_link_down,
	.promiscuous_enable = nicjit_promiscuous, .promiscuous_disable = nicjit_promiscuous, .allmulticast_enable = nicjit_promiscuous,
	.allmulticast_disable = nicjit_promiscuous, .mac_addr_set = nicjit_mac_addr_set, .mtu_set = nicjit_mtu_set,
};

int nicjit_secondary_attach(struct rte_eth_dev *dev)
{
	dev->dev_ops = &ops;
	dev->rx_pkt_burst = dev->tx_pkt_burst = rte_eth_pkt_burst_dummy;
	return 0;
}
