// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* How likely a conditional jump is taken, guessed from what it asks: packets are long enough, lookups find something, a number is rarely just
 * this one unless most packets have it. A wrong guess costs time, not correctness. */
#include "build.h"

enum { RARE = 1, SELDOM = 3, EVEN = ODDS_ONE / 2 };

/* IPv4 as the type of a frame or VLAN tag in either byte order, TCP and UDP, length and version of an IPv4 header. */
static int is_common(int32_t k)
{
	enum { IPV4 = 0x0800, IPV4_SWAPPED = 0x0008, TCP = 6, UDP = 17, IHL = 5, VERSION = 4, VERSION_IHL = 0x45 };

	return k == IPV4 || k == IPV4_SWAPPED || k == TCP || k == UDP || k == IHL || k == VERSION || k == VERSION_IHL;
}

/* Other types that frames have: VLAN tags, IPv6. */
static int is_type(int32_t k)
{
	enum { VLAN = 0x8100, VLAN_SWAPPED = 0x0081, SERVICE = 0x88a8, SERVICE_SWAPPED = 0xa888, IPV6 = 0x86dd, IPV6_SWAPPED = 0xdd86 };

	return k == VLAN || k == VLAN_SWAPPED || k == SERVICE || k == SERVICE_SWAPPED || k == IPV6 || k == IPV6_SWAPPED;
}

/* Are these flags, cut out by the instruction before? Mostly none is set. */
static int is_masked(const struct ebpf_insn *i, uint32_t pc)
{
	return pc && (i[-1].code & ~EBPF_X) == (EC_ALU64 | EBPF_AND) && ebpf_dst(&i[-1]) == ebpf_dst(i);
}

static uint8_t equal(const struct ebpf_insn *i, const struct fact *f, uint32_t pc)
{
	if (i->code & EBPF_X)
		return EVEN;
	if (f->dst.region == R_MAP_VALUE_OR_NULL)
		return SELDOM;
	if (!i->imm)
		return is_masked(i, pc) ? ODDS_ONE - SELDOM : EVEN;
	return is_common(i->imm) ? ODDS_ONE - SELDOM : is_type(i->imm) ? SELDOM : RARE;
}

/* The packet is too short: x cc y with x or y the packet's end. */
static int asks_too_short(int op, const struct fact *f)
{
	int end_first = f->dst.region == R_PKT_END;

	if (op == EBPF_JGT || op == EBPF_JGE)
		return !end_first;
	return end_first;
}

/* x < k: below a small number is an error, from a larger one on as well: the end of a table. */
static uint8_t below(int32_t k)
{
	enum { SMALL = 32, TABLE = 512 };

	if (k < 0 || k > TABLE)
		return EVEN;
	return k < SMALL ? SELDOM : ODDS_ONE - SELDOM;
}

enum { UNKNOWN = -1, BACK_MAX = 4 };

/* A global variable mostly has what the program begins with, unless that is nothing. */
static int32_t global(const struct build *b, uint32_t pc)
{
	const struct arg_fact *at = &b->c->facts[pc].mem;
	const struct prog_map *m = at->map < b->c->prog->n_maps ? &b->c->prog->maps[at->map] : NULL;
	uint32_t size = insn_bytes(&b->c->insns[pc]);
	uint64_t x = 0;

	if (at->region != R_MAP_VALUE || !at->off_known || !m || !m->init || at->off < 0 || at->off + size > m->init_size)
		return UNKNOWN;
	for (uint32_t n = size; n-- > 0;)
		x = x << 8 | m->init[at->off + n];
	return x && x <= INT32_MAX ? (int32_t)x : UNKNOWN;
}

/* What one of the instructions right before has set the register to. */
static int32_t set_before(const struct build *b, uint32_t pc, unsigned int reg)
{
	for (uint32_t n = 1; n <= BACK_MAX && n <= pc; n++) {
		const struct ebpf_insn *i = &b->c->insns[pc - n];
		int class = ebpf_class(i);

		if (class == EC_JMP || class == EC_JMP32)
			break;
		if (class == EC_LDX && ebpf_dst(i) == reg)
			return global(b, pc - n);
		if ((class == EC_ALU || class == EC_ALU64) && ebpf_dst(i) == reg)
			return (i->code & ~7) == (EBPF_MOV | EBPF_K) ? i->imm : UNKNOWN;
	}
	return UNKNOWN;
}

/* Of x < y, where one of them is a number, or both are. */
static uint8_t less(const struct build *b, uint32_t pc)
{
	const struct ebpf_insn *i = &b->c->insns[pc];
	int32_t x = set_before(b, pc, ebpf_dst(i)), y = i->code & EBPF_X ? set_before(b, pc, ebpf_src(i)) : i->imm;

	if (x != UNKNOWN && y != UNKNOWN)
		return x < y ? ODDS_ONE - RARE : RARE;
	return x == UNKNOWN ? below(y) : (uint8_t)(ODDS_ONE - below(x));
}

/* Equal to a number: by which port it came is nobody's guess, for a NIC has few. */
static uint8_t equal_to(struct value *x, const struct ebpf_insn *i, const struct fact *f, uint32_t pc)
{
	return x && ir_is_special(ir_resolve(x), SR_IFINDEX) ? EVEN : equal(i, f, pc);
}

uint8_t odds_of(const struct build *b, uint32_t pc, struct value *x)
{
	const struct ebpf_insn *i = &b->c->insns[pc];
	const struct fact *f = &b->c->facts[pc];
	int op = EBPF_OP(i->code);

	if (!frame_of(b->c, pc)->depth && timer_is_code(b->c, insn_origin(b->c, pc))) /* a packet that is no tick */
		return ODDS_ONE;
	switch (op) {
	case EBPF_JEQ:
		return equal_to(x, i, f, pc);
	case EBPF_JNE:
		return (uint8_t)(ODDS_ONE - equal_to(x, i, f, pc));
	case EBPF_JGT: case EBPF_JGE: case EBPF_JLT: case EBPF_JLE:
		if (f->dst.region != R_PKT_END && f->src.region != R_PKT_END)
			return op == EBPF_JLT || op == EBPF_JLE ? less(b, pc) : (uint8_t)(ODDS_ONE - less(b, pc));
		return asks_too_short(op, f) ? RARE : ODDS_ONE - RARE;
	case EBPF_JSET:
		return SELDOM;
	default:
		return EVEN;
	}
}
