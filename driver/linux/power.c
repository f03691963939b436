// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Sleep of the machine, and resets by it. A NIC that has forgotten everything gets its programs again, and what its maps held. */
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
	put_reg(n, REG_RX_MIN, ETH_HLEN);
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
	pci_save_state(n->pdev); /* the kernel has used up what was saved: it is for the next slot_reset() */
	return error;
}

/* ---- A reset of the device by the kernel, asked for or after an error of the bus: it forgets everything, as without power ---- */

/* Whoever has a map, and the work that takes events, would read all ones meanwhile, and take it for gone. */
static void leave_alone(struct nicjit *n)
{
	mutex_lock(&n->lock);
	WRITE_ONCE(n->bus.dead, true);
	mutex_unlock(&n->lock);
}

/* Also one that had stopped answering before. */
static void ask_again(struct nicjit *n)
{
	pci_set_master(n->pdev);
	flush_work(&n->bus.died);
	WRITE_ONCE(n->bus.dead, false);
}

static void reset_prepare(struct pci_dev *pdev)
{
	suspend(&pdev->dev);
	leave_alone(pci_get_drvdata(pdev));
}

static void reset_done(struct pci_dev *pdev)
{
	int error;

	ask_again(pci_get_drvdata(pdev));
	error = resume(&pdev->dev);

	if (error)
		dev_err(&pdev->dev, "it does not work any more after a reset (error %d)\n", error);
}

/* It can't be reached, so nothing that its maps hold is kept. */
static pci_ers_result_t error_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	struct nicjit *n = pci_get_drvdata(pdev);

	rtnl_lock();
	ports_pause(n);
	rtnl_unlock();
	leave_alone(n);
	return state == pci_channel_io_perm_failure ? PCI_ERS_RESULT_DISCONNECT : PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t slot_reset(struct pci_dev *pdev)
{
	struct nicjit *n = pci_get_drvdata(pdev);

	pci_restore_state(pdev);
	ask_again(n);
	return get_reg(n, REG_ID) == REG_ID_RESET ? PCI_ERS_RESULT_RECOVERED : PCI_ERS_RESULT_DISCONNECT;
}

const struct pci_error_handlers error_handlers = {
	.reset_prepare = reset_prepare, .reset_done = reset_done, .error_detected = error_detected, .slot_reset = slot_reset, .resume = reset_done,
};

DEFINE_SIMPLE_DEV_PM_OPS(power_ops, suspend, resume);
