// SPDX-License-Identifier: Apache-2.0
#include "host_bus.h"

#include <string.h>

enum { OKAY = 0, SLVERR = 2, READ_LATENCY = 64, WRITE_LATENCY = 16 };

void host_bus_init(struct host_bus *bus, const struct device_host *host)
{
	memset(bus, 0, sizeof(*bus));
	bus->host = *host;
	bus->read_latency = READ_LATENCY;
	bus->write_latency = WRITE_LATENCY;
	bus->read_flow = bus->write_flow = UINT64_MAX;
}

static struct host_bus_burst *at(struct host_bus_burst *queue, unsigned int place)
{
	return &queue[place % HOST_BUS_BURSTS];
}

static void fetch(struct host_bus *bus, const struct host_bus_burst *burst)
{
	int failed = !bus->host.dma_read ||
		     bus->host.dma_read(bus->host.arg, burst->addr, bus->out.r_data, HOST_BUS_ROW);

	if (failed)
		memset(bus->out.r_data, 0, HOST_BUS_ROW);
	bus->out.r_resp = failed ? SLVERR : OKAY;
	bus->fetched = true;
}

const struct host_bus_out *host_bus_show(struct host_bus *bus)
{
	bool read_flows = bus->read_flow >> bus->clock % 64 & 1;
	bool write_flows = bus->write_flow >> bus->clock % 64 & 1;
	struct host_bus_burst *first = at(bus->read, bus->read_head);

	bus->out.ar_ready = read_flows && bus->read_count < HOST_BUS_BURSTS;
	bus->out.aw_ready = write_flows && bus->write_count + bus->answer_count < HOST_BUS_BURSTS;
	bus->out.w_ready = write_flows && bus->write_count;
	if (!bus->fetched && bus->read_count && first->due <= bus->clock && read_flows)
		fetch(bus, first);
	bus->out.r_valid = bus->fetched;  /* stays until taken */
	bus->out.b_valid = bus->answer_count && at(bus->answer, bus->answer_head)->due <= bus->clock;
	bus->out.b_resp = at(bus->answer, bus->answer_head)->resp;
	return &bus->out;
}

/* A row of the first burst, run by run of enabled bytes. */
static int store(struct host_bus *bus, uint64_t addr, const uint8_t *row, uint64_t strb)
{
	unsigned int from = 0;

	if (!bus->host.dma_write)
		return -1;
	while (from < HOST_BUS_ROW) {
		unsigned int to = from;

		while (to < HOST_BUS_ROW && strb >> to & 1)
			to++;
		if (to > from && bus->host.dma_write(bus->host.arg, addr + from, row + from, to - from))
			return -1;
		from = to + 1;
	}
	return 0;
}

static uint64_t due(struct host_bus *bus, unsigned int latency)
{
	if (!bus->jitter)
		return bus->clock + latency;
	bus->random = bus->random * 1664525 + 1013904223;
	return bus->clock + latency + (bus->random >> 8) % (bus->jitter + 1);
}

static void take_row(struct host_bus *bus, const struct host_bus_in *in)
{
	struct host_bus_burst *burst = at(bus->write, bus->write_head);

	if (store(bus, burst->addr, in->w_data, in->w_strb))
		burst->resp = SLVERR;
	burst->addr += HOST_BUS_ROW;
	if (--burst->rows)
		return;
	burst->due = due(bus, bus->write_latency);
	*at(bus->answer, bus->answer_head + bus->answer_count++) = *burst;
	bus->write_head++;
	bus->write_count--;
}

void host_bus_tick(struct host_bus *bus, const struct host_bus_in *in)
{
	const struct host_bus_out *out = &bus->out;

	if (out->r_valid && in->r_ready) {
		struct host_bus_burst *burst = at(bus->read, bus->read_head);

		bus->fetched = false;
		burst->addr += HOST_BUS_ROW;
		if (!--burst->rows) {
			bus->read_head++;
			bus->read_count--;
		}
	}
	if (in->ar_valid && out->ar_ready)
		*at(bus->read, bus->read_head + bus->read_count++) = (struct host_bus_burst){
			in->ar_addr, due(bus, bus->read_latency), in->ar_len + 1, OKAY };
	if (out->b_valid) {
		bus->answer_head++;
		bus->answer_count--;
	}
	if (in->w_valid && out->w_ready)
		take_row(bus, in);
	if (in->aw_valid && out->aw_ready)
		*at(bus->write, bus->write_head + bus->write_count++) =
			(struct host_bus_burst){ in->aw_addr, 0, in->aw_len + 1, OKAY };
	bus->clock++;
}
