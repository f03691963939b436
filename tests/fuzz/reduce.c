// SPDX-License-Identifier: Apache-2.0
/*
 * Makes a failing case small: replaces ever smaller runs of instructions by jumps to the next one as long as the case still fails,
 * then drops packets. Jumps keep their distance, so every candidate is well formed; whether it is valid is for the predicate.
 */
#include "reduce.h"
#include <string.h>

static const struct ebpf_insn nop = { EC_JMP | EBPF_JA, 0, 0, 0 };

static bool is_nop(const struct ebpf_insn *i)
{
	return !memcmp(i, &nop, sizeof(nop));
}

/* Blanks [at, end), widened so that no LDDW is cut in half. Returns false when nothing changed. */
static bool blank(struct fuzz_case *c, uint32_t at, uint32_t end)
{
	bool changed = false;

	if (at && c->insns[at - 1].code == EBPF_LDDW)
		at--;
	if (c->insns[end - 1].code == EBPF_LDDW)
		end++;
	for (; at < end; at++) {
		changed |= !is_nop(&c->insns[at]);
		c->insns[at] = nop;
	}
	return changed;
}

static void drop_packet(struct fuzz_case *c, uint32_t at)
{
	c->n_packets--;
	memmove(c->packets[at], c->packets[at + 1], (c->n_packets - at) * sizeof(c->packets[0]));
	memmove(&c->packet_len[at], &c->packet_len[at + 1], (c->n_packets - at) * sizeof(c->packet_len[0]));
}

void reduce_case(struct fuzz_case *c, bool (*fails)(const struct fuzz_case *c))
{
	static struct fuzz_case candidate;

	for (uint32_t i = c->n_packets; i-- > 0 && c->n_packets > 1;) {
		candidate = *c;
		drop_packet(&candidate, i);
		if (fails(&candidate))
			*c = candidate;
	}
	for (uint32_t run = c->n_insns / 2; run; run /= 2)
		for (uint32_t at = 0; at + run <= c->n_insns; at += run) {
			candidate = *c;
			if (blank(&candidate, at, at + run) && fails(&candidate))
				*c = candidate;
		}
}
