// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "build.h"
#include "helpers.h"
#include "routine.h"

#define MAPS(type) (1ULL << MAP_TYPE_##type)

static const struct helper helpers[HELPERS_MAX] = {
#define HELPER(id, name, family, result, maps, flags, a1, a2, a3, a4, a5) \
	[id] = { #name, build_##family, maps, { a1, a2, a3, a4, a5 }, result, flags, !!(a1) + !!(a2) + !!(a3) + !!(a4) + !!(a5), NULL },
#define ABSENT(id, helper, way_out) [id] = { .name = #helper, .instead = way_out },
#include "helpers.def"
};

const struct helper *helper_find(int id)
{
	return id > 0 && id < HELPERS_MAX && helpers[id].name ? &helpers[id] : NULL;
}

const struct helper *helper_called(const struct ebpf_insn *i)
{
	const struct helper *h = i->code == (EC_JMP | EBPF_CALL) && ebpf_src(i) == EBPF_CALL_HELPER ? helper_find(i->imm) : NULL;

	return h && h->build ? h : NULL;
}

int moves_start(const struct ebpf_insn *i)
{
	return helper_called(i) && (i->imm == HELPER_XDP_ADJUST_HEAD || i->imm == HELPER_XDP_ADJUST_META);
}

int helper_runs(int id)
{
	const struct ebpf_insn call = { .code = EC_JMP | EBPF_CALL, .imm = id };

	if (helper_find(id) && (helper_find(id)->flags & HELPER_OWN) == HELPER_OWN)
		return 0;
	return id == HELPER_LOOP || helper_called(&call) || routine_called(&call);
}
