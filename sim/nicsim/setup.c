// SPDX-License-Identifier: Apache-2.0
#include "nicsim.h"

#include <inttypes.h>

#include "host_side.h"
#include "sim/cosim/cosim.h"
#include "sim/device_regs.h"

static const char *source(void *arg, unsigned int pc)
{
	const struct run *run = arg;

	return run_source(run, pc);
}

int setup_open(struct run *run, const struct device_events *events, struct io_error *err)
{
	const struct options *opt = run->opt;
	struct device_config config = {.events = *events, .cores = opt->cores, .ports = opt->ports, .ext = opt->ext, .trace = opt->trace,
				       .host = host_side_memory(run->host), .rings = opt->rings};
	struct cosim_config both = {
		.open = {device_rtl_open, device_iss_open},
		.events = *events,
		.cores = opt->cores,
		.ports = opt->ports,
		.ext = opt->ext,
		.host = host_side_memory(run->host),
		.rings = opt->rings,
		.trace = opt->trace,
		.source = source,
		.source_arg = run,
	};
	const char *why = "";

	switch (opt->model) {
	case MODEL_RTL: run->device = device_rtl_open(&config, &why); break;
	case MODEL_ISS: run->device = device_iss_open(&config, &why); break;
	case MODEL_BOTH: run->device = cosim_open(&both, &why); break;
	}
	return run->device ? 0 : io_fail(err, "the NIC can't be simulated: %s", why);
}

static uint32_t read_field(struct run *run, uint32_t offset, int msb, int lsb)
{
	return device_regs_read(run->device, offset) >> lsb & (0xffffffffu >> (31 - (msb - lsb)));
}

#define CAP(run, REGISTER, FIELD) \
	read_field(run, REG_##REGISTER, REGISTER##_##FIELD##_MSB, REGISTER##_##FIELD##_LSB)

static bool lossless(const struct run *run)
{
	return run->opt->lossless || run->opt->load.kind == LOAD_BACK_TO_BACK;
}

static void set_ports(struct run *run)
{
	for (uint32_t port = 0; port < run->ports && lossless(run); port++)
		device_regs_write(run->device, REG_PORT + port * REG_PORT_STRIDE + 4 * NIC_PORT_CTRL, 3);
}

/* Ports, order and what else the options ask for. */
static int set_registers(struct run *run, struct io_error *err)
{
	const struct options *opt = run->opt;
	uint32_t threads = CAP(run, CAP_CORE, THREADS);

	if (opt->threads > threads)
		return io_fail(err, "--threads %" PRIu32 " is more than the %" PRIu32 " threads of a core", opt->threads, threads);
	if (opt->active > run->cores)
		return io_fail(err, "--active %" PRIu32 " is more than the %" PRIu32 " cores of the NIC", opt->active, run->cores);
	for (unsigned int port = run->ports; port < DEVICE_PORTS; port++)
		if (opt->rx[port] || opt->tx[port] || opt->wire[port] || opt->from_host[port])
			return io_fail(err, "there is no port %u: the NIC has %" PRIu32 " (--ports)", port, run->ports);
	set_ports(run);
	if (opt->order)
		device_regs_write(run->device, REG_ORDER, opt->order - ORDER_OFF);
	if (opt->active)
		device_regs_write(run->device, REG_CORES, opt->active);
	if (opt->threads)
		device_regs_write(run->device, REG_THREADS, opt->threads);
	if (opt->watchdog)
		device_regs_write(run->device, REG_WATCHDOG, opt->watchdog);
	if (opt->clock_pcap)
		device_regs_write(run->device, REG_TIME_INC, 0);
	return 0;
}

int setup_load(struct run *run, struct io_error *err)
{
	const struct options *opt = run->opt;
	struct nic_refusal why;

	run->regs = device_regs(run->device);
	run->regs.ext_used = &run->ext_used;
	if (nic_load(&run->regs, &run->image, &run->place, &why)) {
		if (why.has_numbers)
			return io_fail(err, "%s: %s (needed %" PRIu32 ", there is %" PRIu32 ")",
				       opt->fw, why.text, why.need, why.have);
		return io_fail(err, "%s: %s", opt->fw, why.text);
	}
	run->cores = CAP(run, CAP_NIC, CORES);
	run->ports = CAP(run, CAP_NIC, PORTS);
	if (set_registers(run, err))
		return -1;
	if (opt->maps_in && maps_read(run, err))
		return -1;
	if (fib_open(run, err))
		return -1;
	run->events = records_open(&run->regs, &run->image, run->opt->events, err);
	if (!run->events || host_side_start(run->host, err))
		return -1;
	nic_load_run(&run->regs, opt->results_data);
	if (opt->rings && lossless(run))
		device_regs_write(run->device, REG_CTRL, device_regs_read(run->device, REG_CTRL) | 1u << CTRL_HOST_LOSSLESS_LSB);
	run->stats.load_cycles = run->device->ops->cycle(run->device);
	return 0;
}
