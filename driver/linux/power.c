// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Sleep of the machine. A NIC that was without power meanwhile gets its programs again; what its maps held is gone. */
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

static int suspend(struct device *dev)
{
	struct nicjit *n = dev_get_drvdata(dev);

	rtnl_lock();
	for (unsigned int i = 0; i < n->n_ports; i++)
		netif_device_detach(n->port[i]->netdev);
	queues_close(n);
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
	dev_warn(&n->pdev->dev, "the NIC was without power: its maps are empty\n");
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
	interrupts_on(n);
	if (!error && n->up)
		error = queues_open(n);
	if (!error && n->up)
		nic_load_run(&n->bus.regs, 0);
	for (unsigned int i = 0; !error && i < n->n_ports; i++)
		netif_device_attach(n->port[i]->netdev);
	rtnl_unlock();
	return error;
}

DEFINE_SIMPLE_DEV_PM_OPS(power_ops, suspend, resume);
