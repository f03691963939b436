/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * What the compiler is to compile for, for drivers that have it in them: what the NIC's capability registers say. Freestanding.
 */
#ifndef DRIVER_COMMON_NIC_TARGET_H
#define DRIVER_COMMON_NIC_TARGET_H

#include "hw/spec/regs.h"
#include "jit-nfp/nicjit.h"
#include "nic_load.h"

static inline struct target nic_target(const struct nic_regs *regs)
{
	struct target t = target_default;
	uint32_t core = regs->read(regs->ctx, REG_CAP_CORE);

	t.lanes = core >> CAP_CORE_LANES_LSB & 0xf;
	t.regs = core >> CAP_CORE_REGS_LSB & 0xff;
	t.bundles = regs->read(regs->ctx, REG_CAP_IMEM) - NIC_IMEM_FIRST;
	t.maps = regs->read(regs->ctx, REG_CAP_MAPS);
	t.map_words = regs->read(regs->ctx, REG_CAP_MAP);
	t.ext_words = nic_load_ext_words(regs);
	t.cpus = nic_load_contexts(regs);
	return t;
}

#endif
