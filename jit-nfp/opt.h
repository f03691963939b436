/* SPDX-License-Identifier: Apache-2.0
 *
 * What the optimisations share.
 */
#ifndef JIT_NFP_OPT_H
#define JIT_NFP_OPT_H

#include "ir.h"

/* Sets v->bits from the arguments. */
void opt_bits(struct value *v);
/* opt_branch.c: a BR whose outcome is known becomes a JMP. cfg_order() is due afterwards. */
void opt_decide(struct value *v, int taken);
/* opt_mem.c: sets the epochs of values and blocks. Needs cfg_order(). */
void opt_mem_number(struct func *f);

#endif
