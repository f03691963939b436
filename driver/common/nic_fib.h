/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * The host's routing for programs that call bpf_fib_lookup(): what the host knows, and how it gets into the NIC's tables (hw/spec/image.h,
 * "Routing"). Freestanding.
 */
#ifndef DRIVER_COMMON_NIC_FIB_H
#define DRIVER_COMMON_NIC_FIB_H

#include "nic_maps.h"

enum { NIC_FIB_INET = 2, NIC_FIB_INET6 = 10 };           /* AF_INET, AF_INET6 */
enum { NIC_FIB_DEFAULT = 253, NIC_FIB_MAIN = 254, NIC_FIB_LOCAL = 255 }; /* RT_TABLE_* */
enum nic_fib_type {
	NIC_FIB_UNICAST, NIC_FIB_HERE, /* local, broadcast, multicast, anycast: the host's own */
	NIC_FIB_BLACKHOLE, NIC_FIB_UNREACHABLE, NIC_FIB_PROHIBIT, NIC_FIB_THROW
};

/* Addresses are in network order; an IPv4 address is the first 4 bytes, the others are 0. */
struct nic_fib_link {
	uint32_t ifindex, mtu;
	uint8_t mac[6];
	uint8_t forwards4, forwards6;
	uint8_t one_neighbour; /* loopback and point to point: all IPv4 neighbours are 0.0.0.0 */
};

struct nic_fib_address {
	uint32_t ifindex;
	uint8_t family, bits, secondary, scope; /* scope as in Linux: 0 global, 253 link, 254 host */
	uint8_t addr[16];
};

struct nic_fib_route {
	uint8_t family, type, bits, gateway_family; /* gateway_family 0: on the link */
	uint8_t scope, has_source, encapsulated;
	uint32_t table, metric, ifindex;
	uint32_t mtu;                  /* locked; 0: the link's */
	uint8_t to[16], gateway[16], source[16];
};

struct nic_fib_neighbour {
	uint32_t ifindex;
	uint8_t family;
	uint8_t mac[6], addr[16];
};

struct nic_fib {
	const struct nic_fib_link *links;
	const struct nic_fib_address *addresses;
	const struct nic_fib_route *routes;
	const struct nic_fib_neighbour *neighbours; /* those with a valid address */
	uint32_t n_links, n_addresses, n_routes, n_neighbours;
};

/* What does not fit, and how many there are. */
struct nic_fib_refusal {
	const char *text;
	uint32_t need, have;
};

/* Does the image ask for routes or links? */
int nic_fib_wanted(const struct image *image);
/* Puts all of it into the tables of an image that has been loaded and holds no routes yet. 0, or -1 with why filled. */
int nic_fib_fill(const struct nic_regs *regs, const struct image *image, const struct nic_fib *fib, struct nic_fib_refusal *why);

#endif
