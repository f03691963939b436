/* SPDX-License-Identifier: Apache-2.0
 *
 * Between register allocation and spilling.
 */
#ifndef JIT_NFP_REGALLOC_H
#define JIT_NFP_REGALLOC_H

#include "ir.h"

/* spill.c: takes the registers with spilled[vreg] set out of the operations. 0 or -1. */
int spill_run(struct compile *c, const uint8_t *spilled);

#endif
