/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Between register allocation and spilling.
 */
#ifndef JIT_NFP_REGALLOC_H
#define JIT_NFP_REGALLOC_H

#include "ir.h"

enum spill_kind { SPILL_NOT, SPILL_BANK, SPILL_MEMORY }; /* BANK: another bank may do */

/* spill.c: deals with the registers that found no number; spilled holds an enum spill_kind per vreg. 0 or -1. */
int spill_run(struct compile *c, const uint8_t *spilled);

/* spill_slots.c: offsets from fp for the registers with wanted[vreg] set, which still stand in the operations. 0 or -1. */
int spill_slots(struct compile *c, const uint8_t *wanted, int16_t *slot);

#endif
