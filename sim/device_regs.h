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

static inline struct nic_regs device_regs(struct device *d)
{
	return (struct nic_regs){.read = device_regs_read, .write = device_regs_write, .ctx = d};
}

#endif
