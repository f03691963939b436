// SPDX-License-Identifier: Apache-2.0
/* The meter on a NIC that is one core with one port; meter_nic.c has its place where there is a NIC around the cores. */
#include "meter.h"

#if !__has_include("sim/nicsim/feed.h")
static void on_tx(void *arg, const struct device_completion *of, const uint8_t *frame, size_t len)
{
	struct meter *m = arg;

	(void)of;
	(void)frame;
	meter_frame_out(m, m->device->ops->cycle(m->device), len);
}

static void on_retire(void *arg, const struct device_retire *r)
{
	meter_retire(arg, r->thread, r->pc, r);
}

static uint32_t reg_read(void *device, uint32_t offset)
{
	struct device *d = device;

	return d->ops->reg_read(d, offset);
}

static void reg_write(void *device, uint32_t offset, uint32_t value)
{
	struct device *d = device;

	d->ops->reg_write(d, offset, value);
}

int meter_nic_open(struct meter *m, struct io_error *err)
{
	const struct options *opt = m->run.opt;
	struct device_config config = {
		.events = {.tx = on_tx, .completion = meter_completion, .retire = on_retire, .arg = m},
	};
	struct nic_refusal why;
	const char *text = "";

	m->device = opt->model == MODEL_RTL ? device_rtl_open(&config, &text) : device_iss_open(&config, &text);
	if (!m->device)
		return io_fail(err, "the NIC can't be simulated: %s", text);
	m->run.regs = (struct nic_regs){.read = reg_read, .write = reg_write, .ctx = m->device};
	if (nic_load(&m->run.regs, &m->run.image, &why))
		return io_fail(err, "%s: %s", opt->fw, why.text);
	if (opt->maps_in && maps_read(&m->run, err))
		return -1;
	nic_load_run(&m->run.regs, 0);
	return 0;
}

int meter_nic_offer(struct meter *m, const struct meter_frame *frame)
{
	return m->device->ops->rx(m->device, frame->data, frame->len);
}

int meter_nic_count(struct meter *m, uint64_t values[METER_COUNTERS], struct io_error *err)
{
	static const unsigned int number[METER_COUNTERS] = {
		[METER_CLOCKS] = NIC_CNT_CYCLES, [METER_BUNDLES] = NIC_CNT_BUNDLES, [METER_STALL] = NIC_CNT_STALL,
		[METER_CMD_FULL] = NIC_CNT_CMD_FULL, [METER_IDLE] = NIC_CNT_IDLE,
	};

	(void)err;
	for (unsigned int i = 0; i < METER_COUNTERS; i++) {
		uint32_t offset = REG_COUNTER + 8 * number[i];

		meter_feed(m); /* an access takes clocks */
		values[i] = reg_read(m->device, offset);
		meter_feed(m);
		values[i] |= (uint64_t)reg_read(m->device, offset + 4) << 32;
	}
	return 0;
}

const char *meter_nic_source(const struct meter *m, unsigned int pc)
{
	return run_source(&m->run.image, pc);
}
#endif
