// SPDX-License-Identifier: Apache-2.0
#include "interp.h"

uint64_t alu_sign_extend(uint64_t value, uint32_t bits)
{
	uint64_t sign = (uint64_t)1 << (bits - 1);

	if (bits < 64)
		value &= ((uint64_t)1 << bits) - 1;
	return (value ^ sign) - sign;
}

static uint64_t swap_bytes(uint64_t value, uint32_t bits)
{
	uint64_t result = 0;

	for (uint32_t i = 0; i < bits; i += 8)
		result |= (value >> i & 0xff) << (bits - 8 - i);
	return result;
}

static bool do_byte_swap(struct ref_run *run, const struct bpf_insn *insn)
{
	bool is_64 = BPF_CLASS(insn->code) == BPF_ALU64, swap = is_64 || BPF_SRC(insn->code);
	uint64_t *dst = &run->reg[insn->dst_reg];

	if (insn->off || insn->src_reg || (is_64 && BPF_SRC(insn->code)) ||
	    (insn->imm != 16 && insn->imm != 32 && insn->imm != 64))
		return interp_fault(run, "the byte swap is malformed");
	if (swap)
		*dst = swap_bytes(*dst, (uint32_t)insn->imm);
	else if (insn->imm < 64)
		*dst &= ((uint64_t)1 << insn->imm) - 1;
	return true;
}

/*
 * Operands of 32-bit operations arrive zero-extended for unsigned and sign-extended for signed
 * operators. The most negative number divided by -1 is itself, remainder 0; C leaves that open.
 */
static uint64_t divide(uint64_t a, uint64_t b, bool sign)
{
	if (!b)
		return 0;
	if (!sign)
		return a / b;
	return b == UINT64_MAX ? -a : (uint64_t)((int64_t)a / (int64_t)b);
}

static uint64_t modulo(uint64_t a, uint64_t b, bool sign)
{
	if (!b)
		return a;
	if (!sign)
		return a % b;
	return b == UINT64_MAX ? 0 : (uint64_t)((int64_t)a % (int64_t)b);
}

/* Fields that an operation does not use must be zero, section 3.1. */
static bool arithmetic_is_valid(const struct bpf_insn *insn)
{
	bool from_register = BPF_SRC(insn->code), is_64 = BPF_CLASS(insn->code) == BPF_ALU64;

	if (from_register ? insn->imm : insn->src_reg)
		return false;
	switch (BPF_OP(insn->code)) {
	case BPF_DIV:
	case BPF_MOD:
		return insn->off == 0 || insn->off == 1;
	case BPF_MOV:
		return !insn->off || (from_register && (insn->off == 8 || insn->off == 16 ||
							(insn->off == 32 && is_64)));
	case BPF_NEG:
		return !insn->off && !insn->imm && !from_register;
	default:
		return !insn->off;
	}
}

bool alu_run(struct ref_run *run, const struct bpf_insn *insn)
{
	bool is_64 = BPF_CLASS(insn->code) == BPF_ALU64, sign = insn->off == 1;
	uint32_t bits = is_64 ? 64 : 32;
	uint64_t a = run->reg[insn->dst_reg], b = run->reg[insn->src_reg];

	if (BPF_OP(insn->code) == BPF_END)
		return do_byte_swap(run, insn);
	if (!arithmetic_is_valid(insn))
		return interp_fault(run, "opcode 0x%02x is malformed", insn->code);
	if (!BPF_SRC(insn->code))
		b = (uint64_t)(int64_t)insn->imm;
	if (!is_64) {
		a = sign ? alu_sign_extend(a, 32) : (uint32_t)a;
		b = sign ? alu_sign_extend(b, 32) : (uint32_t)b;
	}
	switch (BPF_OP(insn->code)) {
	case BPF_ADD:
		a += b;
		break;
	case BPF_SUB:
		a -= b;
		break;
	case BPF_MUL:
		a *= b;
		break;
	case BPF_DIV:
		a = divide(a, b, sign);
		break;
	case BPF_MOD:
		a = modulo(a, b, sign);
		break;
	case BPF_OR:
		a |= b;
		break;
	case BPF_AND:
		a &= b;
		break;
	case BPF_XOR:
		a ^= b;
		break;
	case BPF_LSH:
		a <<= b & (bits - 1);
		break;
	case BPF_RSH:
		a >>= b & (bits - 1);
		break;
	case BPF_ARSH:
		a = (uint64_t)((int64_t)alu_sign_extend(a, bits) >> (b & (bits - 1)));
		break;
	case BPF_NEG:
		a = -a;
		break;
	case BPF_MOV:
		a = insn->off ? alu_sign_extend(b, (uint32_t)insn->off) : b;
		break;
	default:
		return interp_fault(run, "opcode 0x%02x is unknown", insn->code);
	}
	run->reg[insn->dst_reg] = is_64 ? a : (uint32_t)a;
	return true;
}
