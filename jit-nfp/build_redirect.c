// SPDX-License-Identifier: Apache-2.0
/* Where a packet with verdict XDP_REDIRECT goes: to the port with that interface index. */
#include "build.h"

enum { XDP_ABORTED = 0, XDP_REDIRECT = 4 };

/* Bit 31 of the NIC's target selects a host queue, and no interface has a negative index: 0 is nobody's. */
static struct value *as_ifindex(struct build *b, struct value *x)
{
	struct value *sign = emit_w(b, IR_ARSH, 1, x, konst(b, 31));

	return emit_w(b, IR_AND, 1, x, emit_w(b, IR_XOR, 1, sign, konst(b, (uint64_t)-1)));
}

/* No flag is known to the kernel. */
static int redirect(struct build *b)
{
	struct block *bad = ir_block(b->f, place(b)), *after = ir_block(b->f, place(b)), *good;
	struct value *result[2] = { konst(b, XDP_REDIRECT), konst(b, XDP_ABORTED) };

	if (!bad || !after)
		return -1;
	check(b, OP_JNE, b->var[2], konst(b, 0), bad);
	emit(b, IR_RDIR, as_ifindex(b, b->var[1]), NULL);
	good = b->at;
	jump(b, after);
	b->at = bad;
	jump(b, after);
	b->at = good;
	join(b, after, result, 2);
	return 0;
}

int build_redirect(struct build *b)
{
	return redirect(b);
}
