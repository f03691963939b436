// SPDX-License-Identifier: Apache-2.0
/* Interrupts of receive queues: a line of the NIC becomes an event of a descriptor that the application sleeps on. */
#include <errno.h>
#include <rte_interrupts.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "pmd.h"

static void wake(const struct nicjit_dev *d, unsigned int queue)
{
	const uint64_t one = 1;

	/* A full counter is awake already. */
	if (d->intr_fd && queue < d->data->nb_rx_queues && write(d->intr_fd[queue], &one, sizeof(one)) < 0)
		return;
}

static void on_irq(void *arg, unsigned int vector)
{
	wake(arg, vector);
}

static int make_handle(struct rte_eth_dev *dev)
{
	const struct nicjit_dev *d = nicjit_dev(dev);
	uint16_t n = dev->data->nb_rx_queues;
	struct rte_intr_handle *h = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	int error = !h || rte_intr_vec_list_alloc(h, NULL, n) || rte_intr_type_set(h, RTE_INTR_HANDLE_VDEV) || rte_intr_nb_efd_set(h, n) ||
		    rte_intr_max_intr_set(h, n + 1) || rte_intr_efd_counter_size_set(h, sizeof(uint64_t));

	dev->intr_handle = h;
	for (uint16_t i = 0; !error && i < n; i++)
		error = rte_intr_vec_list_index_set(h, i, RTE_INTR_VEC_RXTX_OFFSET + i) || rte_intr_efds_index_set(h, i, d->intr_fd[i]);
	return error ? -ENOMEM : 0;
}

int nicjit_intr_open(struct rte_eth_dev *dev)
{
	struct nicjit_dev *d = nicjit_dev(dev);
	int error;

	if (!dev->data->dev_conf.intr_conf.rxq)
		return 0;
	d->intr_fd = calloc(dev->data->nb_rx_queues, sizeof(*d->intr_fd));
	if (!d->intr_fd)
		return -ENOMEM;
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++)
		d->intr_fd[i] = -1;
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++) {
		d->intr_fd[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (d->intr_fd[i] < 0)
			return -errno;
	}
	d->bus->irq_arg = d;
	d->bus->irq = on_irq;
	error = make_handle(dev);
	return error || !d->bus->irq_open ? error : d->bus->irq_open(d->bus, d->intr_fd, dev->data->nb_rx_queues);
}

void nicjit_intr_close(struct rte_eth_dev *dev)
{
	struct nicjit_dev *d = nicjit_dev(dev);

	if (!d->intr_fd)
		return;
	nicjit_put(d, REG_IRQ_ENABLE, 0);
	d->bus->irq = NULL;
	if (d->bus->irq_close)
		d->bus->irq_close(d->bus);
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++)
		if (d->intr_fd[i] >= 0)
			close(d->intr_fd[i]);
	free(d->intr_fd);
	d->intr_fd = NULL;
	if (dev->intr_handle)
		rte_intr_vec_list_free(dev->intr_handle);
	rte_intr_instance_free(dev->intr_handle);
	dev->intr_handle = NULL;
}

/* Queues are of different threads, and share the register. */
static void turn(struct nicjit_dev *d, uint32_t off, uint32_t on)
{
	rte_spinlock_lock(&d->intr_lock);
	nicjit_put(d, REG_IRQ_ENABLE, (nicjit_get(d, REG_IRQ_ENABLE) & ~off) | on);
	rte_spinlock_unlock(&d->intr_lock);
}

/* What came before it was turned on wakes, too. */
int nicjit_intr_enable(struct rte_eth_dev *dev, uint16_t queue)
{
	struct nicjit_dev *d = nicjit_dev(dev);

	nicjit_put(d, REG_IRQ_STATUS, 1u << queue);
	turn(d, 0, 1u << queue);
	if (dev->rx_descriptor_status(dev->data->rx_queues[queue], 0) == RTE_ETH_RX_DESC_DONE)
		wake(d, queue);
	return 0;
}

int nicjit_intr_disable(struct rte_eth_dev *dev, uint16_t queue)
{
	turn(nicjit_dev(dev), 1u << queue, 0);
	return 0;
}
