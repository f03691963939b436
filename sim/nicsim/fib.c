// SPDX-License-Identifier: Apache-2.0
/* The host's routes for programs that ask for them. Without any, the ports are there and do not forward. */
#include "nicsim.h"

#include "sim/device_regs.h"
#include "sim/io/fib_json.h"

enum { PORT_MTU = 1500 };

int fib_open(struct run *run, struct io_error *err)
{
	struct nic_fib_link ports[DEVICE_PORTS];

	for (uint32_t port = 0; port < run->ports; port++)
		ports[port] = (struct nic_fib_link){
			.ifindex = device_regs_read(run->device, REG_PORT + port * REG_PORT_STRIDE + 4 * NIC_PORT_IFINDEX), .mtu = PORT_MTU};
	return fib_load(&run->regs, &run->image, run->opt->fib, ports, run->ports, err);
}
