/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Waiting for a NIC, and for no longer than there is one: a register of a board that is gone reads all ones, and of one that hangs the clock stands still.
 */
#ifndef DRIVER_COMMON_NIC_WAIT_H
#define DRIVER_COMMON_NIC_WAIT_H

#include "hw/spec/regs.h"
#include "nic_maps.h"

#define NIC_GONE 0xffffffffu          /* no register that is waited for can have that value */

struct nic_wait {
	const struct nic_regs *regs;
	uint32_t polls;               /* reads, at most, while the NIC's clock goes on */
	uint32_t looked, clock;
};

/* Whether to look again after a register had that value. */
static inline int nic_wait_more(struct nic_wait *w, uint32_t value)
{
	enum { LOOK_AT_CLOCK = 1 << 12 };
	uint32_t before = w->clock;

	if (value == NIC_GONE || ++w->looked >= w->polls)
		return 0;
	if (w->looked % LOOK_AT_CLOCK)
		return 1;
	w->clock = w->regs->read(w->regs->ctx, REG_TIME_LO);
	return w->looked == LOOK_AT_CLOCK || w->clock != before;
}

/* Whether the NIC's clock goes on: where it stands still nothing happens, whatever other registers say. */
static inline int nic_wait_runs(const struct nic_regs *regs)
{
	enum { LOOKS = 1 << 12 };
	uint32_t first = regs->read(regs->ctx, REG_TIME_LO);

	for (int n = 0; n < LOOKS; n++) {
		uint32_t now = regs->read(regs->ctx, REG_TIME_LO);

		if (now != first && now != NIC_GONE)
			return 1;
	}
	return 0;
}

#define NIC_HANGS "the NIC hangs: its clock stands still; reset it, or take its power"

#endif
