// SPDX-License-Identifier: Apache-2.0
#include "dma_host.h"
#include "fabric.h"
#include "map.h"

#include <stdlib.h>
#include <string.h>

enum { HOST_CYCLES = 4 };

static struct iss *self(struct device *d)
{
	return (struct iss *)d;
}

/* What a host access reads is what was there when the cycle began. */
static void host_begin(struct iss *n)
{
	if (map_host_is(n->host_addr))
		map_host_start(n, n->host_we, n->host_addr, n->host_wdata);
	else if (!n->host_we)
		n->host_rdata = csr_regs_read(n, n->host_addr);
	else if (n->host_addr == REG_SNAPSHOT)
		csr_counters_copy(n);
}

/* A data path reset: what is shown in its first cycle was there before. */
static void clear_path(struct iss *n)
{
	fabric_clear(n);
	for (unsigned int core = 0; core < n->cores; core++)
		fp_core_clear(&n->tile[core], n->cycle + 1);
}

/*
 * One clock. Every block sees the others as they stood at the cycle's start: a block that hands something over marks it with the
 * cycle from which it counts, or is called behind the one that would see it too early.
 */
static void cycle(struct iss *n)
{
	if (n->cycle <= n->fabric->stir)
		pkt_ingress_begin(n);
	if (n->host_valid)
		host_begin(n);
	fp_core_cycle(n);
	if (map_active(n))
		map_cycle(n);
	fabric_cycle(n);
	if (csr_regs_in_reset(n))
		clear_path(n);
	if (n->host_valid && n->host_we && !map_host_is(n->host_addr))
		csr_regs_write(n, n->host_addr, n->host_wdata);
	n->host_valid = false;
	n->cycle++;
}

static void iss_tick(struct device *d)
{
	cycle(self(d));
}

/* AXI4-Lite: asked for in the first cycle, answered in the cycle after it is done, which takes two more. */
static void host_access(struct iss *n, bool we, uint32_t addr, uint32_t wdata)
{
	bool done, answered = false;

	n->host_valid = true;
	n->host_we = we;
	n->host_addr = addr & 0xfffffc;
	n->host_wdata = wdata;
	n->host_done = false;
	done = !map_host_is(n->host_addr);
	for (int i = 0; i < HOST_CYCLES || !answered; i++) {
		answered = done;
		cycle(n);
		done |= n->host_done;
	}
}

static uint32_t iss_reg_read(struct device *d, uint32_t offset)
{
	host_access(self(d), false, offset, 0);
	return self(d)->host_rdata;
}

static void iss_reg_write(struct device *d, uint32_t offset, uint32_t value)
{
	host_access(self(d), true, offset, value);
}

static int iss_rx(struct device *d, const struct device_offer *o)
{
	struct iss_fabric *f = self(d)->fabric;

	if (o->port >= f->ports)
		return -1;
	f->at_in |= 1u << o->port;
	return offers_add(f, &f->in[o->port].offers, o->frame, o->len, o->at, o->bad);
}

static unsigned int iss_rx_pending(struct device *d, unsigned int port)
{
	return port < self(d)->fabric->ports ? self(d)->fabric->in[port].offers.count : 0;
}

static int iss_host_tx(struct device *d, unsigned int port, const uint8_t *frame, size_t len)
{
	struct iss_fabric *f = self(d)->fabric;

	if (port >= f->ports || len > NIC_FRAME_MAX || self(d)->dma)
		return -1;
	f->at_out |= 1u << port;
	return offers_add(f, &f->out[port].host, frame, len, 0, false);
}

static unsigned int iss_host_tx_pending(struct device *d, unsigned int port)
{
	return port < self(d)->fabric->ports ? self(d)->fabric->out[port].host.count : 0;
}

static void iss_flow(struct device *d, enum device_stream stream, unsigned int port, uint64_t pattern)
{
	struct iss_fabric *f = self(d)->fabric;

	if (stream == DEVICE_DMA_READ || stream == DEVICE_DMA_WRITE) {
		if (self(d)->bus)
			*(stream == DEVICE_DMA_READ ? &self(d)->bus->read_flow : &self(d)->bus->write_flow) = pattern;
		return;
	}
	if (stream == DEVICE_EXT_READ || stream == DEVICE_EXT_WRITE) {
		struct host_bus *bus = &self(d)->map->ext_memory.bus;

		*(stream == DEVICE_EXT_READ ? &bus->read_flow : &bus->write_flow) = pattern;
		return;
	}
	if (stream == DEVICE_HOST_RX) {
		f->host_pattern = pattern;
		return;
	}
	if (port >= f->ports)
		return;
	switch (stream) {
	case DEVICE_RX: f->in[port].offers.pattern = pattern; break;
	case DEVICE_TX: f->out[port].pattern = pattern; break;
	default: f->out[port].host.pattern = pattern; break;
	}
}

static uint64_t iss_cycle(struct device *d)
{
	return self(d)->cycle;
}

static void iss_close(struct device *d)
{
	struct iss *n = self(d);

	fabric_close(n);
	map_close(n);
	free(n->dma);
	free(n->bus);
	free(n->tile);
	free(n->imem);
	free(n->imem_raw);
	free(n);
}

static const struct device_ops iss_ops = {
	.name = "iss", .close = iss_close, .reg_read = iss_reg_read, .reg_write = iss_reg_write,
	.rx = iss_rx, .rx_pending = iss_rx_pending, .host_tx = iss_host_tx, .host_tx_pending = iss_host_tx_pending,
	.flow = iss_flow, .tick = iss_tick, .cycle = iss_cycle,
};

static int allocate(struct iss *n, unsigned int ports, const struct device_config *config)
{
	n->tile = aligned_alloc(_Alignof(struct iss_tile), n->cores * sizeof(*n->tile));
	if (n->tile)
		memset(n->tile, 0, n->cores * sizeof(*n->tile));
	n->imem = calloc(ISS_IMEM, sizeof(*n->imem));
	n->imem_raw = calloc(ISS_IMEM, sizeof(*n->imem_raw));
	if (config->rings) {
		n->dma = calloc(1, sizeof(*n->dma));
		n->bus = calloc(1, sizeof(*n->bus));
		if (!n->dma || !n->bus)
			return -1;
		dma_host_reset(n->dma, ISS_QUEUES, ports);
		host_bus_init(n->bus, &n->host);
	}
	if (!n->tile || !n->imem || !n->imem_raw || map_open(n, &config->ext) || fabric_open(n, ports))
		return -1;
	for (unsigned int core = 0; core < n->cores; core++)
		fp_core_reset(&n->tile[core], n, core);
	for (int bundle = 0; bundle < ISS_IMEM; bundle++)
		fp_decode_bundle(&n->imem[bundle], n->imem_raw[bundle]);
	return 0;
}

static const char *refuse(const struct device_config *config)
{
	if (config->trace)
		return "the C model writes no waveform; use the RTL for that";
	if (config->cores > ISS_CORES_MAX)
		return "the C model has at most 16 cores";
	if (config->ports > DEVICE_PORTS)
		return "the C model has at most 4 ports";
	return NULL;
}

struct device *device_iss_open(const struct device_config *config, const char **why)
{
	struct iss *n;

	*why = refuse(config);
	if (*why)
		return NULL;
	n = calloc(1, sizeof(*n));
	if (!n) {
		*why = "out of memory";
		return NULL;
	}
	n->device.ops = &iss_ops;
	n->events = config->events;
	n->host = config->host;
	n->cores = n->device.cores = config->cores ? config->cores : ISS_CORES;
	n->device.ports = config->ports ? config->ports : ISS_PORTS;
	csr_regs_reset(n);
	if (allocate(n, n->device.ports, config)) {
		iss_close(&n->device);
		*why = "out of memory";
		return NULL;
	}
	return &n->device;
}
