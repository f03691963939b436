// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Sleep of the machine. A NIC that was without power meanwhile gets its programs again, and what its maps held. */
#include <linux/pm.h>
#include <linux/rtnetlink.h>

#include "driver.h"

enum { IRQ_PACKETS = 8, IRQ_CLOCKS = 5000 /* 20 us at 250 MHz */ };

static u32 queue_reg(unsigned int queue, u32 word)
{
	return REG_QUEUE + queue * REG_QUEUE_STRIDE + 4 * word;
}

void interrupts_on(struct nicjit *n)
{
	for (unsigned int i = 0; i < n->n_queues; i++) {
		put_reg(n, queue_reg(i, NIC_Q_IRQ_COUNT), IRQ_PACKETS);
		put_reg(n, queue_reg(i, NIC_Q_IRQ_TIME), IRQ_CLOCKS);
	}
	put_reg(n, REG_IRQ_ENABLE, BIT(n->n_queues) - 1);
}

/* What maps hold is read from the NIC, which may lose it. Where the host has no room for it, or the NIC doesn't come to rest, it is not kept. */
static void keep_maps(struct nicjit *n)
{
	struct nic_map any = {.regs = &n->bus.calm};
	u32 ctrl;

	mutex_lock(&n->lock);
	if (!nic_maps_rest(&any, &ctrl))
		for (unsigned int i = 0; i < MAPS_MAX; i++)
			if (n->map[i])
				map_keep(n->map[i]);
	mutex_unlock(&n->lock);
}

static void forget_maps(struct nicjit *n)
{
	mutex_lock(&n->lock);
	for (unsigned int i = 0; i < MAPS_MAX; i++)
		if (n->map[i])
			map_forget(n->map[i]);
	mutex_unlock(&n->lock);
}

static void tell_lost(struct nicjit *n)
{
	for (unsigned int i = 0; i < MAPS_MAX; i++)
		if (n->map[i] && !n->map[i]->kept && !n->map[i]->events)
			dev_warn(&n->pdev->dev, "map %s is empty: it could not be kept\n", n->map[i]->map->name);
}

static int suspend(struct device *dev)
{
	struct nicjit *n = dev_get_drvdata(dev);

	rtnl_lock();
	ports_pause(n);
	keep_maps(n);
	rss_read(n, n->rss_table, n->rss_key);
	put_reg(n, REG_IRQ_ENABLE, 0);
	rtnl_unlock();
	return 0;
}

/* What the driver has written is not there any more. */
static bool forgot(struct nicjit *n)
{
	return get_reg(n, queue_reg(0, NIC_Q_IRQ_COUNT)) != IRQ_PACKETS;
}

static int rebuild(struct nicjit *n)
{
	struct nic_refusal why;

	if (nic_load_pass(&n->bus.calm, &why)) {
		dev_err(&n->pdev->dev, "%s\n", why.text);
		return -EIO;
	}
	dev_info(&n->pdev->dev, "the NIC was without power: it gets its programs and maps again\n");
	tell_lost(n);
	rss_write(n, n->rss_table, n->rss_key);
	for (unsigned int i = 0; i < n->n_ports; i++)
		put_reg(n, REG_PORT + i * REG_PORT_STRIDE + 4 * NIC_PORT_IFINDEX, n->port[i]->netdev->ifindex);
	return offload_again(n);
}

static int resume(struct device *dev)
{
	struct nicjit *n = dev_get_drvdata(dev);
	int error;

	rtnl_lock();
	error = forgot(n) ? rebuild(n) : 0;
	forget_maps(n);
	interrupts_on(n);
	if (!error)
		error = ports_go_on(n);
	rtnl_unlock();
	return error;
}

DEFINE_SIMPLE_DEV_PM_OPS(power_ops, suspend, resume);
