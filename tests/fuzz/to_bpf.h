/* SPDX-License-Identifier: Apache-2.0
 *
 * Instructions of a case as the oracles take them.
 */
#ifndef TESTS_FUZZ_TO_BPF_H
#define TESTS_FUZZ_TO_BPF_H

#include <linux/bpf.h>
#include "jit-nfp/ebpf.h"

/* EBPF_PSEUDO_MAP or EBPF_PSEUDO_MAP_VALUE when the instruction refers to a map, else 0. */
static inline unsigned int map_reference(const struct ebpf_insn *i)
{
	return i->code == EBPF_LDDW && ebpf_src(i) != EBPF_PSEUDO_FUNC ? ebpf_src(i) : 0;
}

static inline void to_bpf(struct bpf_insn *out, const struct ebpf_insn *in)
{
	out->code = in->code;
	out->dst_reg = ebpf_dst(in) & 15;
	out->src_reg = ebpf_src(in) & 15;
	out->off = in->off;
	out->imm = in->imm;
}

#endif
