// SPDX-License-Identifier: Apache-2.0
/* net_nicjit: a simulated NIC as a virtual device. */
#include <bus_vdev_driver.h>
#include <ethdev_vdev.h>
#include <limits.h>
#include <rte_kvargs.h>
#include <rte_version.h>
#include <stdlib.h>

#include "bus_sim.h"
#include "probe.h"

/* The driver headers' structures change with every release; the two must be one. */
#if RTE_VERSION < RTE_VERSION_NUM(22, 11, 0, 0) || RTE_VERSION >= RTE_VERSION_NUM(22, 12, 0, 0)
#error "this driver is for DPDK 22.11"
#endif

RTE_LOG_REGISTER(nicjit_logtype, pmd.net.nicjit, NOTICE);

enum { STEP = 128, STEP_MAX = 1 << 20, CORES_MAX = 16 };

static const char *const names[] = {"model", "cores", "ports", "step", "thread", "gone_after", "stuck_after", "damage_every", "speed", "wire", "wire1", "wire2", "wire3", NICJIT_ARGS_NAMES, NULL};

struct args {
	struct nicjit_sim_config sim;
	struct nicjit_args port;
	unsigned int thread;
};

static int number(const char *key, const char *value, unsigned int max, unsigned int *n)
{
	char *end;
	unsigned long v = strtoul(value, &end, 10);

	if (!*value || *end || v < 1 || v > max) {
		LOG(ERR, "%s=%s: it takes a number from 1 to %u", key, value, max);
		return -EINVAL;
	}
	*n = v;
	return 0;
}

/* What the link says it is: applications take it for what there is to be done. Frames come as fast as the model can. */
static int speed(const char *value, uint32_t *mbits)
{
	char *end;

	*mbits = strtoul(value, &end, 10);
	if (*value && !*end && rte_eth_speed_bitflag(*mbits, RTE_ETH_LINK_FULL_DUPLEX))
		return 0;
	return nicjit_args_bad("speed", value, "it is that of a link in Mbit/s: 10, 100, 1000, 10000, 25000, 100000, ..");
}

static int take(const char *key, const char *value, void *arg)
{
	struct args *a = arg;

	if (!value || !*value)
		return nicjit_args_bad(key, "", "it needs a value");
	if (strcmp(key, "model") == 0)
		a->sim.model = value;
	else if (strcmp(key, "cores") == 0)
		return number(key, value, CORES_MAX, &a->sim.cores);
	else if (strcmp(key, "ports") == 0)
		return number(key, value, NICJIT_WIRES, &a->sim.ports);
	else if (strcmp(key, "step") == 0)
		return number(key, value, STEP_MAX, &a->sim.step);
	else if (strcmp(key, "gone_after") == 0)
		return number(key, value, INT_MAX, &a->sim.gone_after);
	else if (strcmp(key, "stuck_after") == 0)
		return number(key, value, INT_MAX, &a->sim.stuck_after);
	else if (strcmp(key, "damage_every") == 0)
		return number(key, value, INT_MAX, &a->sim.damage_every);
	else if (strcmp(key, "speed") == 0)
		return speed(value, &a->port.speed);
	else if (strcmp(key, "thread") == 0)
		return number(key, value, 1, &a->thread);
	else if (strncmp(key, "wire", 4) == 0)
		a->sim.wire[key[4] ? key[4] - '0' : 0] = value;
	else
		return nicjit_args_take(key, value, &a->port);
	return 0;
}

static int open_port(struct rte_vdev_device *vdev, const struct args *a)
{
	char why[NICJIT_WHY];
	struct nicjit_bus *bus = nicjit_sim_open(&a->sim, why);

	if (!bus) {
		LOG(ERR, "%s: %s", rte_vdev_device_name(vdev), why);
		return -ENODEV;
	}
	return nicjit_probe_port(rte_eth_vdev_allocate(vdev, sizeof(struct nicjit_dev)), bus, &a->port);
}

static int probe(struct rte_vdev_device *vdev)
{
	struct args a = {.sim = {.model = "iss", .step = STEP}};
	struct rte_kvargs *list;
	int error;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return nicjit_probe_attach(&vdev->device);
	rte_eth_random_addr(a.port.mac.addr_bytes);
	list = nicjit_args_parse(rte_vdev_device_name(vdev), rte_vdev_device_args(vdev), names,
				 "model= cores= ports= step= thread= speed= wire= wire1= wire2= wire3= mac= xdp_prog= xdp_sec= xdp_entries= xdp_mode= xdp_fib=");
	if (!list)
		return -EINVAL;
	error = rte_kvargs_process(list, NULL, take, &a);
	a.port.threaded = a.thread;
	if (!error)
		error = open_port(vdev, &a);
	rte_kvargs_free(list);
	return error;
}

static int remove_port(struct rte_vdev_device *vdev)
{
	return nicjit_probe_remove(rte_vdev_device_name(vdev));
}

static struct rte_vdev_driver driver = {.probe = probe, .remove = remove_port, .drv_flags = RTE_VDEV_DRV_NEED_IOVA_AS_VA};

RTE_PMD_REGISTER_VDEV(net_nicjit, driver);
#define PARAMS "model=iss|rtl cores=<n> ports=<n> step=<clocks> thread=1 speed=<Mbit/s> wire=pcap:<in>[:<out>]|tap:<name>|if:<name>|sock:<path>|link:<path>|loop|gen[:<bytes>] " \
	"wire1=.. wire2=.. wire3=.. " NICJIT_ARGS_PARAMS

RTE_PMD_REGISTER_PARAM_STRING(net_nicjit, PARAMS);
/* For dpdk-pmdinfo.py; in DPDK's own tree a tool makes it out of the line above. */
const char nicjit_pmd_info[] __rte_used = "PMD_INFO_STRING= {\"name\": \"net_nicjit\", \"params\": \"" PARAMS "\", \"pci_ids\": []}";
