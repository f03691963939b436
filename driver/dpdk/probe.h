/* SPDX-License-Identifier: Apache-2.0
 *
 * What finding a NIC has in common, whatever bus it is on: arguments, the port, another process that attaches, removal.
 */
#ifndef DRIVER_DPDK_PROBE_H
#define DRIVER_DPDK_PROBE_H

#include <rte_kvargs.h>

#include "pmd.h"

struct nicjit_args {
	struct rte_ether_addr mac;
	const char *xdp_prog, *xdp_sec, *xdp_entries, *xdp_fib;
	enum nicjit_xdp_want xdp_mode;
	uint32_t speed;               /* Mbit/s; 0: what the NIC is made for */
	bool threaded;
};

#define NICJIT_ARGS_NAMES "mac", "xdp_prog", "xdp_sec", "xdp_entries", "xdp_mode", "xdp_fib"
#define NICJIT_ARGS_PARAMS "mac=<address> xdp_prog=<object> xdp_sec=<section> xdp_entries=<map>:<number>:.. xdp_mode=auto|offload|host xdp_fib=<file>"

/* NULL with a sentence in the log, which lists them, when there are others than the names or one stands there twice. */
struct rte_kvargs *nicjit_args_parse(const char *device, const char *text, const char *const names[], const char *all);
int nicjit_args_bad(const char *key, const char *value, const char *what);
/* One of the names above. 0, or -EINVAL with a sentence in the log. */
int nicjit_args_take(const char *key, const char *value, struct nicjit_args *args);

/* A port of a NIC; closes the bus and frees the port (NULL: there was no memory for it) when it can't be. 0 or a negative errno value. */
int nicjit_probe_port(struct rte_eth_dev *dev, struct nicjit_bus *bus, const struct nicjit_args *args);
/* In a secondary process: the NIC belongs to the primary one, here its port can be looked at. */
int nicjit_probe_attach(struct rte_device *device);
int nicjit_probe_remove(const char *name);

#endif
