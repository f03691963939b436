// SPDX-License-Identifier: Apache-2.0
#include "probe.h"

struct rte_kvargs *nicjit_args_parse(const char *device, const char *text, const char *const names[], const char *all)
{
	struct rte_kvargs *list = rte_kvargs_parse(text, names);
	bool good = list != NULL;

	for (unsigned int i = 0; good && names[i]; i++)
		good = rte_kvargs_count(list, names[i]) < 2;
	if (good)
		return list;
	LOG(ERR, "%s: arguments are %s, each once", device, all);
	rte_kvargs_free(list);
	return NULL;
}

int nicjit_args_bad(const char *key, const char *value, const char *what)
{
	LOG(ERR, "%s=%s: %s", key, value, what);
	return -EINVAL;
}

int nicjit_args_take(const char *key, const char *value, struct nicjit_args *a)
{
	if (strcmp(key, "mac") == 0)
		return rte_ether_unformat_addr(value, &a->mac) || !rte_is_valid_assigned_ether_addr(&a->mac) ?
			       nicjit_args_bad(key, value, "it takes an address as 02:00:00:00:00:01, of no group") : 0;
	if (strcmp(key, "xdp_mode") == 0)
		return nicjit_xdp_want(value, &a->xdp_mode) ? nicjit_args_bad(key, value, "a mode is auto, offload or host") : 0;
	if (strcmp(key, "xdp_prog") == 0)
		a->xdp_prog = value;
	else if (strcmp(key, "xdp_sec") == 0)
		a->xdp_sec = value;
	else if (strcmp(key, "xdp_entries") == 0)
		a->xdp_entries = value;
	else if (strcmp(key, "xdp_fib") == 0)
		a->xdp_fib = value;
	return 0;
}

/* What can't be offloaded runs on the host, what can't run there either leaves the port without a program; why is said once here, and shown
 * wherever the state is. */
static void load(struct nicjit_dev *d, const struct nicjit_args *a)
{
	char why[NICJIT_WHY] = "";

	if (a->xdp_fib && nicjit_xdp_routes(d, a->xdp_fib, why))
		PORT_LOG(WARNING, d, "%s", why);
	if (!a->xdp_prog)
		return;
	if (nicjit_xdp_load(d, a->xdp_prog, a->xdp_sec, a->xdp_entries, a->xdp_mode, why))
		PORT_LOG(WARNING, d, "%s does not run: %s", a->xdp_prog, why);
	else if (why[0])
		PORT_LOG(WARNING, d, "%s runs on the host, the NIC can't: %s", a->xdp_prog, why);
}

int nicjit_probe_port(struct rte_eth_dev *dev, struct nicjit_bus *bus, const struct nicjit_args *a)
{
	int error = dev ? 0 : -ENOMEM;

	if (!error && a->xdp_sec && !a->xdp_prog)
		error = nicjit_args_bad("xdp_sec", a->xdp_sec, "it says which program of xdp_prog=, which is missing");
	if (!error && a->xdp_entries && !a->xdp_prog)
		error = nicjit_args_bad("xdp_entries", a->xdp_entries, "it sizes maps of xdp_prog=, which is missing");
	if (!error)
		error = nicjit_ethdev_init(dev, bus, &a->mac);
	if (error)
		bus->close(bus);
	if (error && dev) {
		nicjit_dev(dev)->bus = NULL;
		dev->data->mac_addrs = NULL;
		rte_eth_dev_release_port(dev);
	}
	if (error)
		return error;
	nicjit_dev(dev)->threaded = a->threaded;
	if (a->speed)
		nicjit_dev(dev)->speed = a->speed;
	load(nicjit_dev(dev), a);
	rte_eth_dev_probing_finish(dev);
	return 0;
}

int nicjit_probe_attach(struct rte_device *device)
{
	struct rte_eth_dev *dev = rte_eth_dev_attach_secondary(device->name);

	if (!dev) {
		LOG(ERR, "the primary process has no port %s", device->name);
		return -ENODEV;
	}
	dev->device = device;
	nicjit_secondary_attach(dev);
	rte_eth_dev_probing_finish(dev);
	return 0;
}

int nicjit_probe_remove(const char *name)
{
	struct rte_eth_dev *dev = rte_eth_dev_allocated(name);

	if (!dev)
		return 0;
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		nicjit_ethdev_close(dev);
	return rte_eth_dev_release_port(dev);
}
