// SPDX-License-Identifier: Apache-2.0
/* The host's routes for programs that ask for them. Without any, the ports are there and do not forward. */
#include "nicsim.h"

#include <inttypes.h>

#include "sim/device_regs.h"
#include "sim/io/fib_json.h"

enum { PORT_MTU = 1500 };

static int fill(struct run *run, const struct nic_fib *fib, struct io_error *err)
{
	struct nic_fib_refusal why = {0};

	if (!nic_fib_fill(&run->regs, &run->image, fib, &why))
		return 0;
	if (why.need)
		return io_fail(err, "%s: %s (%" PRIu32 ", there is room for %" PRIu32 ")", run->opt->fib, why.text, why.need, why.have);
	return io_fail(err, "%s: %s", run->opt->fib, why.text);
}

int fib_load(struct run *run, struct io_error *err)
{
	struct nic_fib_link ports[DEVICE_PORTS];
	struct nic_fib alone = {.links = ports, .n_links = run->ports}, *fib;
	int result;

	if (!run->opt->fib && !nic_fib_wanted(&run->image))
		return 0;
	if (!run->opt->fib) {
		for (uint32_t port = 0; port < run->ports; port++)
			ports[port] = (struct nic_fib_link){
				.ifindex = device_regs_read(run->device, REG_PORT + port * REG_PORT_STRIDE + 4 * NIC_PORT_IFINDEX), .mtu = PORT_MTU};
		return fill(run, &alone, err);
	}
	fib = fib_json_read(run->opt->fib, err);
	if (!fib)
		return -1;
	result = fill(run, fib, err);
	fib_json_free(fib);
	return result;
}
