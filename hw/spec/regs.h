/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * C view of regs.def: NIC_<CONST>, REG_<NAME> offsets, REG_<NAME>_RESET values, <REG>_<FIELD>_MSB/_LSB, CAUSE_<NAME>.
 */
#ifndef HW_SPEC_REGS_H
#define HW_SPEC_REGS_H

enum nic_const {
#define CONST(NAME, value, doc) NIC_##NAME = value,
#include "regs.def"
};

enum nic_reg {
#define REG(NAME, offset, access, reset, doc) REG_##NAME = offset,
#include "regs.def"
#define REGARRAY(NAME, offset, count, stride, doc) REG_##NAME = offset,
#include "regs.def"
};

enum nic_reg_reset {
#define REG(NAME, offset, access, reset, doc) REG_##NAME##_RESET = reset,
#include "regs.def"
};

enum nic_reg_stride {
#define REGARRAY(NAME, offset, count, stride, doc) REG_##NAME##_STRIDE = stride, REG_##NAME##_COUNT = count,
#include "regs.def"
};

enum nic_reg_field {
#define REGFIELD(REG, NAME, msb, lsb, doc) REG##_##NAME##_MSB = msb, REG##_##NAME##_LSB = lsb,
#include "regs.def"
};

enum nic_cause {
#define CAUSE(NAME, code, doc) CAUSE_##NAME = code,
#include "regs.def"
};

#endif
