// SPDX-License-Identifier: Apache-2.0
/* The meter on the NIC: one of its cores takes the packets, all from port 0. */
#include "meter.h"

static void on_tx(void *arg, const struct device_tx *t, const uint8_t *frame, size_t len)
{
	(void)frame;
	meter_frame_out(arg, t->cycle, len);
}

static void on_host_rx(void *arg, const struct device_host_rx *h, const uint8_t *frame, size_t len)
{
	(void)frame;
	meter_frame_out(arg, h->cycle, len);
}

static void on_retire(void *arg, const struct device_retire *r)
{
	struct meter *m = arg;

	meter_retire(m, r->thread, r->pc - m->run.place.base, r);
}

int meter_nic_open(struct meter *m, struct io_error *err)
{
	struct device_events events = {
		.tx = on_tx, .host_rx = on_host_rx, .completion = meter_completion, .retire = on_retire, .arg = m,
	};
	struct device *d;

	if (setup_open(&m->run, &events, err))
		return -1;
	m->device = d = m->run.device;
	if (setup_load(&m->run, err))
		return -1;
	d->ops->reg_write(d, REG_CORES, 1);
	return 0;
}

int meter_nic_offer(struct meter *m, const struct meter_frame *frame)
{
	return m->device->ops->rx(m->device, &(struct device_offer){.frame = frame->data, .len = frame->len});
}

static uint32_t reg_read(struct meter *m, uint32_t offset)
{
	meter_feed(m); /* an access takes clocks */
	return m->device->ops->reg_read(m->device, offset);
}

int meter_nic_count(struct meter *m, uint64_t values[METER_COUNTERS], struct io_error *err)
{
	static const unsigned int number[METER_COUNTERS] = {
		[METER_CLOCKS] = NIC_CNT_CYCLES, [METER_BUNDLES] = NIC_CNT_TILE + NIC_CNT_T_BUNDLES,
		[METER_STALL] = NIC_CNT_TILE + NIC_CNT_T_STALL, [METER_CMD_FULL] = NIC_CNT_TILE + NIC_CNT_T_CMD_FULL,
		[METER_IDLE] = NIC_CNT_TILE + NIC_CNT_T_IDLE,
	};
	unsigned int n;

	m->device->ops->reg_write(m->device, REG_SNAPSHOT, 1);
	for (n = 0; n < METER_QUIET && reg_read(m, REG_SNAPSHOT); n++)
		;
	if (n == METER_QUIET)
		return io_fail(err, "the NIC's counters can't be read");
	for (unsigned int i = 0; i < METER_COUNTERS; i++) {
		uint32_t offset = REG_COUNTER + 8 * number[i];

		values[i] = reg_read(m, offset);
		values[i] |= (uint64_t)reg_read(m, offset + 4) << 32;
	}
	return 0;
}

const char *meter_nic_source(const struct meter *m, unsigned int pc)
{
	return run_source(&m->run, pc + m->run.place.base);
}
