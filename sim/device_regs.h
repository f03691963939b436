/* SPDX-License-Identifier: Apache-2.0
 *
 * A simulated NIC's registers as drivers see them.
 */
#ifndef SIM_DEVICE_REGS_H
#define SIM_DEVICE_REGS_H

#include "device.h"
#include "driver/common/nic_maps.h"

static inline uint32_t device_regs_read(void *ctx, uint32_t offset)
{
	struct device *d = ctx;

	return d->ops->reg_read(d, offset);
}

static inline void device_regs_write(void *ctx, uint32_t offset, uint32_t value)
{
	struct device *d = ctx;

	d->ops->reg_write(d, offset, value);
}

/* The same ones every time, so that runs can be compared: keys of simulated NICs keep nobody out. */
static const uint8_t device_cookie_keys[COOKIE_KEYS_BYTES] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
};

static inline struct nic_regs device_regs(struct device *d)
{
	return (struct nic_regs){.read = device_regs_read, .write = device_regs_write, .ctx = d, .cookie_keys = device_cookie_keys};
}

#endif
