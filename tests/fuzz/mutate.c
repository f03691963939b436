// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"

static uint32_t below(uint64_t *state, uint32_t n)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((*state >> 33) % n);
}

static void mutate_insn(struct ebpf_insn *i, uint64_t *state)
{
	static const struct ebpf_insn nothing = { EC_JMP | EBPF_JA, 0, 0, 0 };

	switch (below(state, 8)) {
	case 0:
		i->regs = (uint8_t)((i->regs & 0xf0) | below(state, EBPF_REGS));
		break;
	case 1:
		i->regs = (uint8_t)((i->regs & 15) | below(state, EBPF_REGS) << 4);
		break;
	case 2:
		i->off = (int16_t)(i->off + (int)below(state, 33) - 16);
		break;
	case 3:
		i->imm += (int32_t)below(state, 65) - 32;
		break;
	case 4:
		i->imm = (int32_t)(below(state, 2) ? below(state, 1 << 16) : below(state, UINT32_MAX));
		break;
	case 5:
		i->off = (int16_t)(50 - (int)below(state, 200));
		break;
	case 6:
		*i = nothing;
		break;
	default:
		i->code ^= (uint8_t)(1 << below(state, 8));
	}
}

void mutate_case(struct fuzz_case *c)
{
	uint64_t state = c->seed * 77777;

	for (uint32_t n = 1 + below(&state, 3); n; n--) {
		struct ebpf_insn *i = &c->insns[below(&state, c->n_insns)];

		if (i->code) /* not the second half of a 64-bit immediate */
			mutate_insn(i, &state);
	}
}
