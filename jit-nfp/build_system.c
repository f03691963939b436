// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Helpers that ask the NIC for a number: time, chance, the thread. The NIC has one clock. */
#include "build.h"

enum { JIFFIES_HZ = 250, NS_PER_JIFFY = 1000000000 / JIFFIES_HZ }; /* as Debian's kernels */
enum { JIFFIES_BEFORE_WRAP = 300 * JIFFIES_HZ }; /* a kernel starts counting so many before 2^32 */

static struct value *jiffies(struct build *b)
{
	struct value *count = emit(b, IR_DIVU, emit(b, IR_RDT, NULL, NULL), konst(b, NS_PER_JIFFY));

	return emit(b, IR_ADD, count, konst(b, (1ULL << 32) - JIFFIES_BEFORE_WRAP));
}

struct value *cookie_count(struct build *b)
{
	struct value *since = emit(b, IR_ADD, emit(b, IR_RDT, NULL, NULL), konst(b, ((1ULL << 32) - JIFFIES_BEFORE_WRAP) * NS_PER_JIFFY));

	return emit_field(b, IR_UBFX, emit(b, IR_DIVU, since, konst(b, 60000000000ULL)), 0, 32);
}

int build_system(struct build *b)
{
	switch (insn_at(b)->imm) {
	case HELPER_KTIME_GET_NS: case HELPER_KTIME_GET_BOOT_NS: case HELPER_KTIME_GET_COARSE_NS: case HELPER_KTIME_GET_TAI_NS:
		b->var[0] = emit(b, IR_RDT, NULL, NULL);
		return 0;
	case HELPER_JIFFIES64:
		b->var[0] = jiffies(b);
		return 0;
	case HELPER_GET_PRANDOM_U32:
		b->var[0] = emit(b, IR_RND, NULL, NULL);
		return 0;
	default:
		b->var[0] = ir_special(b->f, SR_CPU);
		return 0;
	}
}
