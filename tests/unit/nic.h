/* SPDX-License-Identifier: Apache-2.0
 *
 * For the tests of the driver's common part: the C model of the NIC behind its registers, with a place to lie about what is read
 * and a look at what is written.
 */
#ifndef TESTS_UNIT_NIC_H
#define TESTS_UNIT_NIC_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "driver/common/nic_load.h"
#include "hw/spec/isa.h"
#include "hw/spec/regs.h"
#include "jit-nfp/nicjit.h"
#include "sim/device.h"

struct nic {
	struct device *device;
	struct nic_regs regs;
	uint32_t (*lie)(uint32_t offset, uint32_t value); /* what a read gives instead, or NULL */
	int traffic;                                      /* frames come in without end */
	uint32_t writes, writes_outside; /* outside: of a map, and neither memory from .. to nor own_state */
	uint32_t from, to, own_state;
	unsigned int packets, ret[256], sent; /* sent: to a port or to the host */
};

static inline void nic_offer_frame(struct nic *n, const uint8_t *frame, size_t len)
{
	struct device_offer offer = { .frame = frame, .len = len };

	assert_int_equal(n->device->ops->rx(n->device, &offer), 0);
}

/* One of zeros. */
static inline void nic_offer(struct nic *n, size_t len)
{
	const uint8_t frame[DEVICE_FRAME_MAX] = { 0 };

	nic_offer_frame(n, frame, len);
}

static inline uint32_t nic_read(void *ctx, uint32_t offset)
{
	struct nic *n = ctx;
	uint32_t value;

	if (n->traffic && n->device->ops->rx_pending(n->device, 0) < 2)
		nic_offer(n, 60);
	value = n->device->ops->reg_read(n->device, offset);
	return n->lie ? n->lie(offset, value) : value;
}

static inline void nic_write(void *ctx, uint32_t offset, uint32_t value)
{
	struct nic *n = ctx;

	n->writes++;
	if ((offset >= REG_MAPMEM || (offset >= REG_MAPDESC && offset < REG_MAPSTATE + REG_MAPSTATE_COUNT * REG_MAPSTATE_STRIDE)) &&
	    (offset < REG_MAPMEM + n->from || offset >= REG_MAPMEM + n->to) &&
	    (offset < n->own_state || offset >= n->own_state + REG_MAPSTATE_STRIDE))
		n->writes_outside++;
	n->device->ops->reg_write(n->device, offset, value);
}

static inline void nic_completion(void *arg, const struct device_completion *c)
{
	struct nic *n = arg;

	n->ret[n->packets++ % 256] = c->ret;
}

static inline void nic_tx(void *arg, const struct device_tx *of, const uint8_t *frame, size_t len)
{
	struct nic *n = arg;

	(void)of;
	(void)frame;
	(void)len;
	n->sent++;
}

static inline void nic_host_rx(void *arg, const struct device_host_rx *of, const uint8_t *frame, size_t len)
{
	struct nic *n = arg;

	(void)of;
	(void)frame;
	(void)len;
	n->sent++;
}

static inline void nic_open(struct nic *n)
{
	struct device_config config = { .ext = { .mib = 1, .latency = 5, .dirty = true }, .events = { .tx = nic_tx, .host_rx = nic_host_rx, .completion = nic_completion, .arg = n } };
	const char *why = NULL;

	memset(n, 0, sizeof(*n));
	n->device = device_iss_open(&config, &why);
	if (!n->device)
		fail_msg("%s", why);
	n->regs = (struct nic_regs){ .read = nic_read, .write = nic_write, .ctx = n };
}

static inline void nic_close(struct nic *n)
{
	n->device->ops->close(n->device);
}

/* A NIC whose map 1 is such a map, placed by the compiler; no program. */
struct nic_table {
	struct nic nic;
	struct image_map layout;
	struct nic_map map;
};

static inline void nic_open_table(struct nic_table *t, const struct prog_map *shape, uint64_t at)
{
	nic_open(&t->nic);
	assert_true(nicjit_place_map(shape, &target_default, at, &t->layout));
	assert_int_equal(nic_map_open(&t->nic.regs, &t->layout, 1), 0);
	t->map = (struct nic_map){ .regs = &t->nic.regs, .layout = &t->layout, .index = 1 };
}

static inline uint64_t nic_word(const char *text, int lane)
{
	struct isa_word w;
	const char *at;

	assert_null(isa_parse_lane(text, lane, &w, &at));
	return isa_encode(&w);
}

#endif
