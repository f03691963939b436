// SPDX-License-Identifier: Apache-2.0
#include "ext_memory.h"

#include <string.h>
#include <sys/mman.h>

enum { LATENCY = 60, DIRT = 0xa5, WORDS = HOST_BUS_ROW / 8 };

static int read_row(void *arg, uint64_t addr, void *to, size_t len)
{
	const struct ext_memory *m = arg;
	uint8_t *out = to;

	if (addr >= m->size || len > m->size - addr)
		return -1;
	for (size_t i = 0; i < len; i++)
		out[i] = m->bytes[addr + i] ^ m->first;
	return 0;
}

/* A write that changes nothing is not done: so a page of zeros stays the system's. */
static int write_row(void *arg, uint64_t addr, const void *from, size_t len)
{
	struct ext_memory *m = arg;
	const uint8_t *in = from;

	if (addr >= m->size || len > m->size - addr)
		return -1;
	for (size_t i = 0; i < len; i++)
		if (m->bytes[addr + i] != (in[i] ^ m->first))
			m->bytes[addr + i] = in[i] ^ m->first;
	return 0;
}

int ext_memory_open(struct ext_memory *m, const struct device_ext *config, const struct device_events *events)
{
	const struct device_host host = {.dma_read = read_row, .dma_write = write_row, .arg = m};

	memset(m, 0, sizeof(*m));
	host_bus_init(&m->bus, &host);
	m->events = *events;
	m->size = (uint64_t)config->mib << 20;
	if (!m->size)
		return 0;
	m->first = config->dirty ? DIRT : 0;
	m->bus.read_latency = m->bus.write_latency = config->latency ? config->latency : LATENCY;
	m->bus.jitter = config->jitter;
	m->bytes = mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (m->bytes != MAP_FAILED)
		return 0;
	m->bytes = NULL;
	return -1;
}

void ext_memory_close(struct ext_memory *m)
{
	if (m->bytes)
		munmap(m->bytes, m->size);
}

/* Nothing was under way in the clocks in which nobody called. */
const struct host_bus_out *ext_memory_show(struct ext_memory *m, uint64_t cycle)
{
	m->bus.clock = cycle;
	return host_bus_show(&m->bus);
}

static uint64_t digest(const struct host_bus_in *in)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < HOST_BUS_ROW; i++)
		if (in->w_strb >> i & 1)
			sum ^= (uint64_t)in->w_data[i] << i % 8 * 8;
	return sum;
}

static void report(const struct ext_memory *m, const struct host_bus_in *in)
{
	const struct host_bus_out *out = &m->bus.out;
	struct device_ext_beat b = {.cycle = m->bus.clock};

	if (in->ar_valid && out->ar_ready) {
		b.addr = (uint32_t)in->ar_addr;
		m->events.ext_beat(m->events.arg, &b);
	}
	if (in->aw_valid && out->aw_ready) {
		b.kind = 1;
		b.addr = (uint32_t)in->aw_addr;
		m->events.ext_beat(m->events.arg, &b);
	}
	if (in->w_valid && out->w_ready) {
		b.kind = 2;
		b.addr = 0;
		b.strobes = in->w_strb;
		b.value = digest(in);
		m->events.ext_beat(m->events.arg, &b);
	}
}

void ext_memory_tick(struct ext_memory *m, const struct host_bus_in *in)
{
	if (m->events.ext_beat)
		report(m, in);
	host_bus_tick(&m->bus, in);
}
