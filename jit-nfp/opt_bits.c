// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* How large a value can be, as a number of bits. */
#include "opt.h"

static unsigned int at_most(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static unsigned int at_least(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

static unsigned int phi_bits(const struct value *v)
{
	unsigned int bits = 0;

	for (uint32_t n = 0; n < v->block->n_pred; n++)
		bits = at_least(bits, v->phi[n] ? v->phi[n]->bits : 64);
	return bits;
}

static unsigned int result_bits(const struct value *v)
{
	unsigned int x = v->arg[0] ? v->arg[0]->bits : 64, y = v->arg[1] ? v->arg[1]->bits : 64;
	int by_const = v->arg[1] && v->arg[1]->op == IR_CONST;

	if (v->w) {
		x = at_most(x, 32);
		y = at_most(y, 32);
	}
	switch (v->op) {
	case IR_PHI:
		return phi_bits(v);
	case IR_ADD:
	case IR_OADD:
		return at_least(x, y) + 1;
	case IR_AND:
		return at_most(x, y);
	case IR_OR:
	case IR_XOR:
		return at_least(x, y);
	case IR_LSH:
		return by_const ? x + (unsigned int)(v->arg[1]->imm & 63) : 64;
	case IR_MUL:
		return x + y;
	case IR_RSH:
	case IR_DIVU:
	case IR_MODU:
		return x;
	case IR_UBFX:
		return v->shift >= x ? 0 : at_most(v->len, x - v->shift);
	case IR_BSWAP:
		return 8U * v->width;
	case IR_WIN:
		return v->sign ? 64 : v->len;
	case IR_LD:
	case IR_MLD:
		return v->sign ? 64 : 8U * v->width;
	case IR_FOLD:
		return 16;
	case IR_NOW:
		return v->imm == SR_LEN ? 16 : 64;
	case IR_CALLS:
	case IR_RND:
		return 32;
	default:
		return 64;
	}
}

void opt_bits(struct value *v)
{
	v->bits = (uint8_t)at_most(result_bits(v), v->w ? 32 : 64);
}
