// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The ports pause, and go on: when rings and channels change, when a transmit queue hangs, when the machine sleeps, and when the NIC has died. */
#include <linux/rtnetlink.h>

#include "driver.h"

void ports_pause(struct nicjit *n)
{
	for (unsigned int i = 0; i < n->n_ports; i++) {
		netif_device_detach(n->port[i]->netdev);
		netif_tx_disable(n->port[i]->netdev);
	}
	queues_close(n);
}

static int begin(struct nicjit *n)
{
	int error = n->up ? queues_open(n) : 0;

	if (error)
		return error;
	if (n->up)
		nic_load_run(&n->bus.regs, 0);
	for (unsigned int i = 0; i < n->n_ports; i++) {
		netif_device_attach(n->port[i]->netdev);
		if (netif_running(n->port[i]->netdev)) /* it may have been without: a NIC that did not answer is back */
			netif_carrier_on(n->port[i]->netdev);
	}
	return 0;
}

/* They can be set up again. */
static void ports_down(struct nicjit *n, int error)
{
	dev_err(&n->pdev->dev, "its queues can't be opened again (error %d): its ports go down\n", error);
	for (unsigned int i = 0; i < n->n_ports; i++) {
		dev_close(n->port[i]->netdev);
		netif_device_attach(n->port[i]->netdev);
	}
}

int ports_go_on(struct nicjit *n)
{
	int error = begin(n);

	if (error)
		ports_down(n, error);
	return error;
}

static int set_queues(struct nicjit *n, u32 count)
{
	int error = 0;

	for (unsigned int i = 0; !error && i < n->n_ports; i++)
		error = netif_set_real_num_queues(n->port[i]->netdev, count, count);
	return error;
}

int queues_reshape(struct nicjit *n, struct shape shape)
{
	struct shape old = n->shape;
	int error, again;

	ports_pause(n);
	n->shape = shape;
	error = set_queues(n, shape.queues);
	if (!error)
		error = begin(n);
	if (!error)
		return 0;
	n->shape = old;
	again = set_queues(n, old.queues);
	if (!again)
		again = begin(n);
	if (again)
		ports_down(n, again);
	return error;
}

void restart_work(struct work_struct *work)
{
	struct nicjit *n = container_of(work, struct nicjit, restart);

	rtnl_lock();
	if (n->port[0] && netif_device_present(n->port[0]->netdev) && !READ_ONCE(n->bus.dead) && !queues_reshape(n, n->shape))
		dev_warn(&n->pdev->dev, "a transmit queue did not go on: all queues began anew\n");
	rtnl_unlock();
}

/* A NIC that is gone has no links. */
void died_work(struct work_struct *work)
{
	struct nicjit *n = container_of(work, struct nicjit, bus.died);

	dev_err(&n->pdev->dev, "the NIC does not answer any more\n");
	rtnl_lock();
	for (unsigned int i = 0; i < n->n_ports; i++)
		if (n->port[i])
			netif_carrier_off(n->port[i]->netdev);
	rtnl_unlock();
}
