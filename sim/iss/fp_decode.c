// SPDX-License-Identifier: Apache-2.0
#include "iss.h"

#include <string.h>

enum field {
#define FIELD(name, msb, lsb, doc) FIELD_##name##_MSB = msb, FIELD_##name##_LSB = lsb,
#include "hw/spec/isa.def"
};

#define GET(bits, name) get(bits, FIELD_##name##_MSB, FIELD_##name##_LSB)
#define GET_SIGNED(bits, name) get_signed(bits, FIELD_##name##_MSB, FIELD_##name##_LSB)

#define FORMAT(NAME, fields, doc) static const char format_##NAME[] = fields;
#include "hw/spec/isa.def"

static const struct row {
	const char *fields;   /* NULL: no such opcode */
	enum isa_slot slot;
	enum isa_result result;
} rows[256] = {
#define INSN(NAME, opcode, format, slot, result, syntax, doc) [opcode] = \
	{format_##format, SLOT_##slot, RESULT_##result},
#include "hw/spec/isa.def"
};

static uint64_t get(uint64_t bits, int msb, int lsb)
{
	return bits >> lsb & (~0ull >> (63 - (msb - lsb)));
}

static int64_t get_signed(uint64_t bits, int msb, int lsb)
{
	return (int64_t)(bits << (63 - msb)) >> (63 - (msb - lsb));
}

static bool slot_allows(enum isa_slot slot, int lane)
{
	if (ISS_LANES == 1 || slot == SLOT_A)
		return true;
	if (slot == SLOT_M)
		return lane == ISS_LANES - 1;
	return slot == SLOT_W ? lane < ISA_WINDOW_LANES : lane < ISA_BRANCH_LANES;
}

static void decode_field(struct iss_word *w, uint64_t bits, char letter)
{
	switch (letter) {
	case 'd': w->dst = ISA_REG(w->lane, GET(bits, dst)); break;
	case 'a': w->a = GET(bits, a); break;
	case 'b': /* behind w */
		w->use_b = (int8_t)(GET(bits, i) - 1);
		w->b = GET(bits, b);
		if (w->use_b)
			break;
		/* fall through */
	case 'I': w->imm = w->w32 ? GET(bits, imm) : (uint64_t)GET_SIGNED(bits, imm); break;
	case 'r':
		w->use_b = -1;
		w->b = GET(bits, b);
		break;
	case 'c': w->c = GET(bits, c); break;
	case 'g': w->guard = GET(bits, g); break;
	case 'w': w->w32 = GET(bits, w); break;
	case 't': w->target = GET(bits, target); break;
	case 'k': w->woff = GET(bits, woff); break;
	case 'n': w->width = 1 << GET(bits, width); break;
	case 'e': w->swap = GET(bits, swap); break;
	case 'o': w->off = GET_SIGNED(bits, off); break;
	case 'O': w->off = GET_SIGNED(bits, loff); break;
	case 'p': w->spec = GET(bits, spec); break;
	case 's': w->shift = GET(bits, shift); break;
	case 'l': w->mask = ~0ull >> (64 - (GET(bits, len) ? GET(bits, len) : 64)); break;
	case 'm': w->map = GET(bits, map); break;
	case 'f': w->wait = GET(bits, fetch); break;
	case 'h': w->width = 1 << GET(bits, half); break;
	case 'x': w->swap = GET(bits, wswap); break;
	case 'v': w->imm = GET(bits, cmp); break;
	case 'M': w->mask = GET(bits, mask); break;
	case 'C':
		w->width = 4;
		w->mask = ~0u;
		w->imm = GET(bits, imm);
		break;
	}
}

static bool decode_word(struct iss_word *w, uint64_t bits, int lane)
{
	const struct row *row = &rows[GET(bits, op)];

	memset(w, 0, sizeof(*w));
	w->op = GET(bits, op);
	w->lane = lane;
	w->a = w->b = w->c = SR_ZERO;
	if (!row->fields || !slot_allows(row->slot, lane))
		return false;
	for (const char *f = row->fields; *f; f++)
		decode_field(w, bits, *f);
	if (w->op == OP_ST6)
		w->width = 6;
	if (w->op >= OP_MADD && w->op <= OP_MCAS)
		w->width = w->w32 ? 4 : 8;
	w->unaligned = w->op == OP_ST6 ? 7 : w->width - 1;
	w->low = w->w32 ? UINT32_MAX : UINT64_MAX;
	w->wend = w->woff + w->width;
	w->bytes = w->width ? ~0ull >> (64 - 8 * w->width) : 0;
	if (row->result == RESULT_WAIT)
		w->wait = 1;
	if (w->op == OP_SBFX || w->op == OP_WSBFX)
		w->sign = w->mask ^ w->mask >> 1;
	return true;
}

/* Where nothing can be taken, win is 0. */
static void decode_win(struct iss_bundle *b, struct iss_word *w)
{
	bool last = w->lane == ISS_LANES - 1 && ISS_LANES > 2;

	if (w->c == SR_WIN)
		w->c = SR_ZERO;
	if (w->b == SR_WIN)
		w->b = last ? ISS_WIN_B : SR_ZERO;
	if (w->a == SR_WIN && !last)
		w->a = SR_ZERO;
	b->takes |= w->a == ISS_WIN_A || w->b == ISS_WIN_B;
}

void fp_decode_bundle(struct iss_bundle *bundle, const uint64_t *lanes)
{
	memset(bundle, 0, sizeof(*bundle));
	for (int lane = 0; lane < ISS_LANES; lane++) {
		struct iss_word w;

		if (!decode_word(&w, lanes[lane], lane))
			bundle->illegal = 1;
		else if (w.op != OP_NOP) {
			decode_win(bundle, &w);
			bundle->word[bundle->count++] = w;
		}
		if (lane < 2)
			bundle->first[lane] = w;
	}
}
