// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The PCI device, its interrupts, and the net_devices of its ports. */
#include <linux/module.h>

#include "driver.h"
#include "hw/spec/pci.h"

/* ---- Ports ---- */

/* The queues run as long as a port is up. */
static int port_open(struct net_device *dev)
{
	struct nicjit *n = port_of(dev)->nic;
	int error = 0;

	if (!n->up)
		error = queues_open(n);
	if (error)
		return error;
	if (!n->up++)
		nic_load_run(&n->bus.regs, 0);
	put_reg(n, REG_PORT + port_of(dev)->number * REG_PORT_STRIDE + 4 * NIC_PORT_IFINDEX, dev->ifindex); /* another namespace may give another */
	netif_tx_start_all_queues(dev);
	netif_carrier_on(dev);
	return 0;
}

static int port_stop(struct net_device *dev)
{
	struct nicjit *n = port_of(dev)->nic;

	netif_carrier_off(dev);
	netif_tx_disable(dev);
	if (!--n->up)
		queues_close(n);
	return 0;
}

static int port_init(struct net_device *dev)
{
	return bpf_offload_dev_netdev_register(port_of(dev)->nic->offload, dev);
}

static void port_uninit(struct net_device *dev)
{
	bpf_offload_dev_netdev_unregister(port_of(dev)->nic->offload, dev);
}

static void port_tx_timeout(struct net_device *dev, unsigned int queue)
{
	schedule_work(&port_of(dev)->nic->restart);
}

static const struct net_device_ops port_ops = {
	.ndo_init = port_init,
	.ndo_uninit = port_uninit,
	.ndo_open = port_open,
	.ndo_stop = port_stop,
	.ndo_start_xmit = port_xmit,
	.ndo_tx_timeout = port_tx_timeout,
	.ndo_get_stats64 = port_stats,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_bpf = port_bpf,
	.ndo_xdp_xmit = port_xdp_xmit,
	.ndo_setup_tc = port_setup_tc,
	.ndo_set_features = port_set_features,
};

static void port_free(struct port *p)
{
	free_netdev(p->netdev);
	kfree(p);
}

/* All at once: queues are those of all ports. */
static void ports_remove(struct nicjit *n)
{
	struct port *gone[PORTS_MAX];
	LIST_HEAD(list);

	rtnl_lock();
	memcpy(gone, n->port, sizeof(gone));
	for (unsigned int i = 0; i < PORTS_MAX; i++)
		if (gone[i])
			unregister_netdevice_queue(gone[i]->netdev, &list);
	unregister_netdevice_many(&list);
	memset(n->port, 0, sizeof(n->port));
	rtnl_unlock();
	for (unsigned int i = 0; i < PORTS_MAX; i++)
		if (gone[i])
			port_free(gone[i]);
}

static struct port *port_make(struct nicjit *n, unsigned int number)
{
	struct net_device *dev = alloc_etherdev_mqs(sizeof(struct port *), n->n_queues, n->n_queues);
	struct port *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!dev || !p) {
		if (dev)
			free_netdev(dev);
		kfree(p);
		return NULL;
	}
	*p = (struct port){.nic = n, .netdev = dev, .number = number};
	*(struct port **)netdev_priv(dev) = p;
	SET_NETDEV_DEV(dev, &n->pdev->dev);
	dev->dev_port = number;
	dev->netdev_ops = &port_ops;
	dev->ethtool_ops = &nicjit_ethtool_ops;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = NIC_FRAME_MAX - ETH_HLEN - VLAN_HLEN;
	dev->hw_features = NETIF_F_RXCSUM | NETIF_F_RXHASH | NETIF_F_SG | NETIF_F_HW_TC;
	if (nic_rings_sums(&n->bus.regs))
		dev->hw_features |= NETIF_F_HW_CSUM;
	dev->features = dev->hw_features | NETIF_F_HIGHDMA;
	dev->vlan_features = dev->hw_enc_features = dev->features & (NETIF_F_SG | NETIF_F_HW_CSUM);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	dev->xdp_features = NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_REDIRECT | NETDEV_XDP_ACT_NDO_XMIT | NETDEV_XDP_ACT_HW_OFFLOAD;
#endif
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE; /* the NIC passes on what is for whomever */
	dev->priv_flags |= IFF_DISABLE_NETPOLL; /* it would come with interrupts off, and meet who has the tx_lock */
	eth_hw_addr_random(dev);
	netif_carrier_off(dev);
	return p;
}

/* All at once, or none: whoever sets one up finds all. */
static int ports_add(struct nicjit *n)
{
	unsigned int made = 0, there = 0;
	struct port *p[PORTS_MAX];
	int error = 0;

	while (made < n->n_ports && (p[made] = port_make(n, made)))
		made++;
	if (made < n->n_ports)
		error = -ENOMEM;
	rtnl_lock();
	while (!error && there < made) {
		error = register_netdevice(p[there]->netdev);
		there += !error;
	}
	if (!error)
		memcpy(n->port, p, made * sizeof(p[0]));
	while (error && there)
		unregister_netdevice(p[--there]->netdev);
	rtnl_unlock();
	while (error && made)
		port_free(p[--made]);
	return error;
}

/* ---- The NIC ---- */

static irqreturn_t on_interrupt(int irq, void *arg)
{
	struct queue *q = arg;

	napi_schedule_irqoff(&q->napi);
	return IRQ_HANDLED;
}

static int interrupts_open(struct nicjit *n)
{
	int got = pci_alloc_irq_vectors(n->pdev, n->n_queues, n->n_queues, PCI_IRQ_MSIX | PCI_IRQ_MSI), error;

	if (got < 0)
		return got;
	for (unsigned int i = 0; i < n->n_queues; i++) {
		error = devm_request_irq(&n->pdev->dev, pci_irq_vector(n->pdev, i), on_interrupt, 0, n->queue[i]->name, n->queue[i]);
		if (error)
			return error;
		n->n_irqs++;
	}
	interrupts_on(n);
	return 0;
}

static void interrupts_close(struct nicjit *n)
{
	put_reg(n, REG_IRQ_ENABLE, 0);
	for (unsigned int i = 0; i < n->n_irqs; i++)
		devm_free_irq(&n->pdev->dev, pci_irq_vector(n->pdev, i), n->queue[i]);
	pci_free_irq_vectors(n->pdev);
}

/* More queues than CPUs would only spread interrupts thinner. */
static int discover(struct nicjit *n)
{
	struct nic_refusal why = {};

	if (nic_load_pass(&n->bus.calm, &why)) {
		dev_err(&n->pdev->dev, "%s\n", why.text);
		return -ENODEV;
	}
	n->n_ports = min_t(u32, FIELD(n, CAP_NIC, PORTS), PORTS_MAX);
	n->n_queues = min3(FIELD(n, CAP_HOST, QUEUES), (u32)QUEUES_MAX, (u32)num_online_cpus());
	if (!n->n_queues || !n->n_ports) {
		dev_err(&n->pdev->dev, "the NIC has no host queues or no ports\n");
		return -ENODEV;
	}
	n->shape = (struct shape){.rx_size = RING_DEFAULT, .tx_size = RING_DEFAULT, .queues = n->n_queues};
	put_reg(n, REG_RX_MIN, ETH_HLEN);
	rss_read(n, NULL, n->rss_key);
	rss_spread(n);
	return 0;
}

static int queues_add(struct nicjit *n)
{
	init_dummy_netdev(&n->napi_dev);
	for (unsigned int i = 0; i < n->n_queues; i++) {
		struct queue *q = kvzalloc(sizeof(*q), GFP_KERNEL);

		if (!q)
			return -ENOMEM;
		n->queue[i] = q;
		q->nic = n;
		q->number = i;
		snprintf(q->name, sizeof(q->name), "nicjit-%s-%u", pci_name(n->pdev), i);
		spin_lock_init(&q->tx_lock);
		for (unsigned int p = 0; p < PORTS_MAX; p++) {
			u64_stats_init(&q->rx_stats[p].sync);
			u64_stats_init(&q->tx_stats[p].sync);
		}
		netif_napi_add(&n->napi_dev, &q->napi, queue_poll);
	}
	return 0;
}

static void queues_remove(struct nicjit *n)
{
	for (unsigned int i = 0; i < n->n_queues && n->queue[i]; i++) {
		netif_napi_del(&n->queue[i]->napi);
		kvfree(n->queue[i]);
	}
}

static void remove(struct pci_dev *pdev)
{
	struct nicjit *n = pci_get_drvdata(pdev);

	ports_remove(n);
	interrupts_close(n);
	offload_close(n);
	queues_remove(n);
	cancel_work_sync(&n->restart);
	flush_work(&n->bus.died);
	pci_release_mem_regions(pdev);
	kvfree(n);
}

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct nicjit *n = kvzalloc(sizeof(*n), GFP_KERNEL);
	int error;

	if (!n)
		return -ENOMEM;
	n->pdev = pdev;
	mutex_init(&n->lock);
	INIT_WORK(&n->restart, restart_work);
	INIT_WORK(&n->bus.died, died_work);
	pci_set_drvdata(pdev, n);
	error = pcim_enable_device(pdev);
	if (!error)
		error = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (!error)
		error = pci_request_mem_regions(pdev, KBUILD_MODNAME);
	if (error)
		goto fail;
	error = bus_open(&n->bus, pdev);
	if (error)
		goto fail_queues;
	pci_set_master(pdev);
	error = discover(n);
	if (!error)
		error = queues_add(n);
	if (error)
		goto fail_queues;
	error = offload_open(n);
	if (error)
		goto fail_queues;
	error = interrupts_open(n);
	if (!error)
		error = ports_add(n);
	if (error) {
		remove(pdev);
		return error;
	}
	pci_save_state(pdev); /* for slot_reset() */
	dev_info(&pdev->dev, "%u ports, %u queues, %u hardware threads\n", n->n_ports, n->n_queues, nic_load_contexts(&n->bus.regs));
	return 0;
fail_queues:
	queues_remove(n);
	flush_work(&n->bus.died);
	pci_release_mem_regions(pdev);
fail:
	kvfree(n);
	return error;
}

/* The simulated NIC, and a board; one with other numbers is bound through sysfs, new_id. */
static const struct pci_device_id ids[] = { { PCI_DEVICE(0x1af4, 0x1110) }, { PCI_DEVICE(NIC_PCI_VENDOR, NIC_PCI_DEVICE) }, { } };
MODULE_DEVICE_TABLE(pci, ids);

static struct pci_driver nicjit_driver = { .name = "nicjit", .id_table = ids, .probe = probe, .remove = remove,
					   .driver.pm = pm_sleep_ptr(&power_ops), .err_handler = &error_handlers };
module_pci_driver(nicjit_driver);

MODULE_DESCRIPTION("nicjit: a NIC that runs XDP programs");
MODULE_LICENSE("GPL");
