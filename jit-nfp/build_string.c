// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* bpf_strncmp(): the second string is constant data, so each of its bytes is a test. */
#include "build_bytes.h"
#include "build_ring.h"

/* r1 bytes, r2 how many of them, r3 the string */
int build_string(struct build *b)
{
	const struct arg_fact *bytes = &fact_at(b)->arg[0], *string = &fact_at(b)->arg[2];
	const uint8_t *text = b->c->prog->maps[string->map].init + string->off;

	struct buffer m = buffer_of(b, 0);
	struct fails f;

	if (fail_start(b, &f))
		return -1;
	for (uint32_t n = 0; n < bytes->size; n++) {
		struct value *byte;

		if (!bytes->size_known)
			check(b, OP_JLE, b->var[2], konst(b, n), fail(b, &f, 0));
		byte = read_bytes(b, &m, n, 1);
		check(b, OP_JLT, byte, konst(b, text[n]), fail(b, &f, 1));
		check(b, OP_JNE, byte, konst(b, text[n]), fail(b, &f, -1));
		if (!text[n])
			break;
	}
	return fail_end(b, &f, konst(b, 0));
}
