// SPDX-License-Identifier: Apache-2.0
#include "iss.h"

#include <stdlib.h>
#include <string.h>

enum { HOST_CYCLES = 4 };

static struct iss *self(struct device *d)
{
	return (struct iss *)d;
}

/*
 * One clock. Every block sees the others as they stood at the cycle's start: a block that hands
 * something over marks it with the cycle from which it counts, or is called before the one that
 * would see it too early.
 */
static void cycle(struct iss *n)
{
	uint32_t idle = n->idle;
	unsigned int thread;
	bool port_used = false;

	if (n->host_valid)
		n->host_idle = csr_regs_is_idle(n);
	if (n->host_valid && !n->host_we)
		n->host_rdata = csr_regs_read(n, n->host_addr);
	fp_core_issue(n);
	n->port_b = false;
	if (map_unit_active(n))
		map_unit_cycle(n);
	if (n->div_busy || n->div_count)
		fp_div_cycle(n);
	if (n->tx_rows || n->done_count)
		port_used = pkt_tx_cycle(n);
	if (n->offer_count)
		pkt_rx_cycle(n, idle, port_used || n->port_b);
	fp_core_e2(n);
	n->store_m1 &= ~(1u << n->cycle % 32);
	thread = n->pipe[(n->cycle - ISS_STAGE_E1) % 16];
	if (thread != ISS_NONE)
		fp_core_execute(n, thread);
	if (n->retire_valid)
		fp_core_retire(n);
	if (n->host_valid && n->host_we)
		csr_regs_write(n, n->host_addr, n->host_wdata);
	n->host_valid = false;
	n->cycle++;
}

static void iss_tick(struct device *d)
{
	cycle(self(d));
}

static void host_access(struct iss *n, bool we, uint32_t addr, uint32_t wdata)
{
	n->host_valid = true;
	n->host_we = we;
	n->host_addr = addr;
	n->host_wdata = wdata;
	for (int i = 0; i < HOST_CYCLES; i++)
		cycle(n);
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

static int iss_rx(struct device *d, const uint8_t *frame, size_t len)
{
	struct iss *n = self(d);
	unsigned int place = (n->offer_head + n->offer_count) % ISS_OFFERS;

	if (n->offer_count == ISS_OFFERS || len == 0 || len > UINT32_MAX)
		return -1;
	n->offer[place].len = len;
	memcpy(n->offer[place].data, frame, len < DEVICE_FRAME_MAX ? len : DEVICE_FRAME_MAX);
	n->offer_count++;
	return 0;
}

static unsigned int iss_rx_pending(struct device *d)
{
	return self(d)->offer_count;
}

static uint64_t iss_cycle(struct device *d)
{
	return self(d)->cycle;
}

static void iss_close(struct device *d)
{
	struct iss *n = self(d);

	free(n->imem);
	free(n->imem_raw);
	free(n->mem);
	free(n);
}

static const struct device_ops iss_ops = {
	.name = "iss", .close = iss_close, .reg_read = iss_reg_read, .reg_write = iss_reg_write,
	.rx = iss_rx, .rx_pending = iss_rx_pending, .tick = iss_tick, .cycle = iss_cycle,
};

static void reset(struct iss *n)
{
	csr_regs_reset(n);
	n->idle = ISS_ALL_THREADS;
	memset(n->pipe, ISS_NONE, sizeof(n->pipe));
	for (int bundle = 0; bundle < ISS_IMEM; bundle++)
		fp_decode_bundle(&n->imem[bundle], n->imem_raw[bundle]);
	for (int i = 0; i < ISS_THREADS; i++) {
		uint64_t *r = n->thread[i].r;

		r[SR_FP] = (uint64_t)NIC_TAG_STACK << 60 | NIC_STACK_BYTES;
		r[SR_CTX] = (uint64_t)NIC_TAG_CTX << 60;
		r[SR_CPU] = i;
	}
}

struct device *device_iss_open(const struct device_config *config, const char **why)
{
	struct iss *n;

	if (config->trace) {
		*why = "the C model writes no waveform; use the RTL for that";
		return NULL;
	}
	n = calloc(1, sizeof(*n));
	if (n) {
		n->imem = calloc(ISS_IMEM, sizeof(*n->imem));
		n->imem_raw = calloc(ISS_IMEM, sizeof(*n->imem_raw));
		n->mem = calloc(ISS_MAP_WORDS, sizeof(*n->mem));
	}
	if (!n || !n->imem || !n->imem_raw || !n->mem) {
		if (n)
			iss_close(&n->device);
		*why = "out of memory";
		return NULL;
	}
	n->device.ops = &iss_ops;
	n->events = config->events;
	reset(n);
	return &n->device;
}
