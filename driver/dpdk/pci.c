// SPDX-License-Identifier: Apache-2.0
/* net_nicjit_pci: a NIC on PCI, a board or one that a guest of QEMU is given. */
#include <ethdev_pci.h>
#include <rte_kvargs.h>

#include "bus_pci.h"
#include "hw/spec/pci.h"
#include "hw/spec/window.h"
#include "probe.h"

static const char *const names[] = {NICJIT_ARGS_NAMES, NULL};

static int take(const char *key, const char *value, void *args)
{
	return value && *value ? nicjit_args_take(key, value, args) : nicjit_args_bad(key, "", "it needs a value");
}

static int open_port(struct rte_pci_device *pci, const struct nicjit_args *args)
{
	char why[NICJIT_WHY];
	struct nicjit_bus *bus = pci->id.vendor_id == IVSHMEM_VENDOR ? nicjit_window_open(pci, why) : nicjit_pci_open(pci, why);

	if (!bus) {
		LOG(ERR, "%s: %s", pci->name, why);
		return -ENODEV;
	}
	return nicjit_probe_port(rte_eth_dev_pci_allocate(pci, sizeof(struct nicjit_dev)), bus, args);
}

static int probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	const char *given = pci->device.devargs && pci->device.devargs->args ? pci->device.devargs->args : "";
	struct nicjit_args args = {0};
	struct rte_kvargs *list;
	int error;

	(void)driver;
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return nicjit_probe_attach(&pci->device);
	rte_eth_random_addr(args.mac.addr_bytes);
	list = nicjit_args_parse(pci->name, given, names, "mac= xdp_prog= xdp_sec= xdp_entries= xdp_mode= xdp_fib=");
	if (!list)
		return -EINVAL;
	error = rte_kvargs_process(list, NULL, take, &args);
	if (!error)
		error = open_port(pci, &args);
	rte_kvargs_free(list);
	return error;
}

static int remove_port(struct rte_pci_device *pci)
{
	return nicjit_probe_remove(pci->device.name);
}

static const struct rte_pci_id ids[] = {
	{RTE_PCI_DEVICE(NIC_PCI_VENDOR, NIC_PCI_DEVICE)}, {RTE_PCI_DEVICE(IVSHMEM_VENDOR, IVSHMEM_DEVICE)}, {.vendor_id = 0},
};

static struct rte_pci_driver driver = {.id_table = ids, .drv_flags = RTE_PCI_DRV_NEED_MAPPING | RTE_PCI_DRV_INTR_LSC, .probe = probe, .remove = remove_port};

#define KMOD "vfio-pci | igb_uio | uio_pci_generic"

RTE_PMD_REGISTER_PCI(net_nicjit_pci, driver);
RTE_PMD_REGISTER_PCI_TABLE(net_nicjit_pci, ids);
RTE_PMD_REGISTER_KMOD_DEP(net_nicjit_pci, KMOD);
RTE_PMD_REGISTER_PARAM_STRING(net_nicjit_pci, NICJIT_ARGS_PARAMS);
/* For dpdk-pmdinfo.py; in DPDK's own tree a tool makes it out of the lines above. 65535: any subsystem. */
const char nicjit_pci_pmd_info[] __rte_used = "PMD_INFO_STRING= {\"name\": \"net_nicjit_pci\", \"params\": \"" NICJIT_ARGS_PARAMS "\", \"kmod\": \"" KMOD
	"\", \"pci_ids\": [[" RTE_STR(NIC_PCI_VENDOR) ", " RTE_STR(NIC_PCI_DEVICE) ", 65535, 65535], [" RTE_STR(IVSHMEM_VENDOR) ", " RTE_STR(IVSHMEM_DEVICE) ", 65535, 65535]]}";
