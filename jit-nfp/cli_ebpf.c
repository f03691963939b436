// SPDX-License-Identifier: Apache-2.0
/* An eBPF instruction as text, in the notation of clang's assembler. */
#include <string.h>
#include "cli.h"
#include "helpers.h"
#include "routine.h"

static const char *const widths[] = { "u32", "u16", "u8", "u64" }, *const signed_widths[] = { "s32", "s16", "s8", "s64" };

static char half(const struct ebpf_insn *i)
{
	int class = EBPF_CLASS(i->code);

	return class == EC_ALU || class == EC_JMP32 ? 'w' : 'r';
}

static void operand(char *text, size_t size, const struct ebpf_insn *i)
{
	if (i->code & EBPF_X)
		snprintf(text, size, "%c%u", half(i), ebpf_src(i));
	else
		snprintf(text, size, "%d", i->imm);
}

static void alu(char *text, size_t size, const struct ebpf_insn *i)
{
	static const char *const ops[] = { "+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "", "%=", "^=", "=", "s>>=", "" };
	int op = EBPF_OP(i->code);
	unsigned int dst = ebpf_dst(i);
	char by[16], r = half(i);

	operand(by, sizeof(by), i);
	if (op == EBPF_NEG)
		snprintf(text, size, "%c%u = -%c%u", r, dst, r, dst);
	else if (op == EBPF_END)
		snprintf(text, size, "r%u = %s%d r%u", dst, EBPF_CLASS(i->code) == EC_ALU64 ? "bswap" : i->code & EBPF_X ? "be" : "le", i->imm, dst);
	else if (op == EBPF_MOV && i->off)
		snprintf(text, size, "%c%u = (s%d)%s", r, dst, i->off, by);
	else if (op <= EBPF_ARSH)
		snprintf(text, size, "%c%u %s%s %s", r, dst, i->off == 1 ? "s" : "", ops[op >> 4], by);
}

static void jump(char *text, size_t size, const struct ebpf_insn *i)
{
	static const char *const ops[] = { "", "==", ">", ">=", "&", "!=", "s>", "s>=", "", "", "<", "<=", "s<", "s<=" };
	int op = EBPF_OP(i->code);
	const struct helper *h = i->code == (EC_JMP | EBPF_CALL) && !ebpf_src(i) ? helper_find(i->imm) : NULL;
	const struct routine *routine = routine_called(i);
	char by[16];

	operand(by, sizeof(by), i);
	if (op == EBPF_EXIT)
		snprintf(text, size, "exit");
	else if (routine)
		snprintf(text, size, "call bpf_%s", routine->name);
	else if (h)
		snprintf(text, size, "call bpf_%s", h->name);
	else if (op == EBPF_CALL)
		snprintf(text, size, ebpf_src(i) ? "call %+d" : "call %d", i->imm);
	else if (i->code == EBPF_MAY_GOTO)
		snprintf(text, size, "may_goto %+d", i->off);
	else if (op == EBPF_JA)
		snprintf(text, size, "goto %+d", EBPF_CLASS(i->code) == EC_JMP32 ? i->imm : i->off);
	else if (op <= EBPF_JSLE)
		snprintf(text, size, "if %c%u %s %s goto %+d", half(i), ebpf_dst(i), ops[op >> 4], by, i->off);
}

static void atomic(char *text, size_t size, const struct ebpf_insn *i)
{
	static const char *const ops[] = { "+=", "", "", "", "|=", "&=", "", "", "", "", "^=", "" };
	const char *width = widths[EBPF_SIZE(i->code) >> 3];
	int op = i->imm & 0xf0;

	if (i->imm == EBPF_LOAD_ACQUIRE)
		snprintf(text, size, "%c%u = load_acquire((%s *)(r%u %+d))", EBPF_SIZE(i->code) == EBPF_DW ? 'r' : 'w', ebpf_dst(i), width, ebpf_src(i), i->off);
	else if (i->imm == EBPF_STORE_RELEASE)
		snprintf(text, size, "store_release((%s *)(r%u %+d), %c%u)", width, ebpf_dst(i), i->off, EBPF_SIZE(i->code) == EBPF_DW ? 'r' : 'w', ebpf_src(i));
	else if (i->imm == EBPF_CMPXCHG)
		snprintf(text, size, "r0 = cmpxchg(%s *(r%u %+d), r0, r%u)", width, ebpf_dst(i), i->off, ebpf_src(i));
	else if (i->imm == EBPF_XCHG)
		snprintf(text, size, "r%u = xchg(%s *(r%u %+d), r%u)", ebpf_src(i), width, ebpf_dst(i), i->off, ebpf_src(i));
	else
		snprintf(text, size, "lock%s *(%s *)(r%u %+d) %s r%u", i->imm & EBPF_FETCH ? " fetch" : "", width, ebpf_dst(i), i->off,
			 op <= EBPF_XOR ? ops[op >> 4] : "?", ebpf_src(i));
}

void ebpf_text(char *text, size_t size, const struct prog *p, uint32_t pc)
{
	const struct ebpf_insn *i = &p->insns[pc];
	unsigned int width = EBPF_SIZE(i->code) >> 3;

	snprintf(text, size, "0x%02x", i->code);
	switch (EBPF_CLASS(i->code)) {
	case EC_LD:
		if (i->code != EBPF_LDDW || pc + 1 == p->n_insns)
			break;
		if ((ebpf_src(i) == EBPF_PSEUDO_MAP || ebpf_src(i) == EBPF_PSEUDO_MAP_VALUE) && (uint32_t)i->imm < p->n_maps)
			snprintf(text, size, "r%u = %s%+d", ebpf_dst(i), p->maps[i->imm].name, i[1].imm);
		else
			snprintf(text, size, "r%u = 0x%llx ll", ebpf_dst(i), (unsigned long long)(uint32_t)i[1].imm << 32 | (uint32_t)i->imm);
		break;
	case EC_LDX:
		snprintf(text, size, "r%u = *(%s *)(r%u %+d)", ebpf_dst(i), (EBPF_MODE(i->code) == EBPF_MEMSX ? signed_widths : widths)[width],
			 ebpf_src(i), i->off);
		break;
	case EC_ST:
		snprintf(text, size, "*(%s *)(r%u %+d) = %d", widths[width], ebpf_dst(i), i->off, i->imm);
		break;
	case EC_STX:
		if (EBPF_MODE(i->code) == EBPF_ATOMIC)
			atomic(text, size, i);
		else
			snprintf(text, size, "*(%s *)(r%u %+d) = r%u", widths[width], ebpf_dst(i), i->off, ebpf_src(i));
		break;
	case EC_ALU:
	case EC_ALU64:
		alu(text, size, i);
		break;
	default:
		jump(text, size, i);
	}
}
