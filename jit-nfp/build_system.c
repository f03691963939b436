// SPDX-License-Identifier: Apache-2.0
/* Helpers that ask the NIC for a number: time, chance, the thread. */
#include "build.h"

int build_system(struct build *b)
{
	switch (insn_at(b)->imm) {
	case HELPER_KTIME_GET_NS:
		b->var[0] = emit(b, IR_RDT, NULL, NULL);
		return 0;
	case HELPER_GET_PRANDOM_U32:
		b->var[0] = emit(b, IR_RND, NULL, NULL);
		return 0;
	default:
		b->var[0] = ir_special(b->f, SR_CPU);
		return 0;
	}
}
