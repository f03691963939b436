// SPDX-License-Identifier: Apache-2.0
/* Encoding, decoding and text of lane words, over every row of isa.def. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "hw/spec/isa.h"

enum { TEXT = 128, ROUNDS = 500 };

static const uint8_t specials[] = {
#define SPECIAL(NAME, code, text, doc) code,
#include "hw/spec/isa.def"
};

enum {
#define INSN(NAME, ...) ROW_##NAME,
#include "hw/spec/isa.def"
	ROWS
};

static uint64_t seed = 88172645463325252;

static uint64_t random_bits(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static unsigned int below(unsigned int n)
{
	return (unsigned int)(random_bits() >> 20) % n;
}

static uint8_t random_operand(void)
{
	return below(3) ? (uint8_t)below(64) : specials[below(sizeof(specials))];
}

static uint32_t random_imm(void)
{
	return (uint32_t)(random_bits() >> 16) >> below(32) ^ (below(2) ? ~0u : 0);
}

/* A legal word of this row, by the letters of its format. */
static struct isa_word random_word(const struct isa_info *info)
{
	struct isa_word w = { .op = info->op };

	for (const char *f = info->fields; *f; f++) {
		switch (*f) {
		case 'd': w.dst = (uint8_t)below(16); break;
		case 'a': w.a = random_operand(); break;
		case 'b':
			w.has_imm = (uint8_t)below(2);
			if (w.has_imm)
				w.imm = random_imm();
			else
				w.b = random_operand();
			break;
		case 'r': w.b = random_operand(); break;
		case 'c': w.c = random_operand(); break;
		case 'g': w.guard = (uint8_t)below(2); break;
		case 'w': w.w32 = (uint8_t)below(2); break;
		case 't': w.target = (uint16_t)below(8192); break;
		case 'k': w.woff = (uint8_t)below(128); break;
		case 'n': w.width = (uint8_t)(1 << below(4)); break;
		case 'h': w.width = (uint8_t)(1 + below(2)); break;
		case 'e': case 'x': w.swap = (uint8_t)below(2); break;
		case 'o': case 'O': w.off = (int16_t)(below(4) ? (int)below(2048) - 1024 : 0); break;
		case 'p': w.spec = (uint8_t)below(2); break;
		case 's': w.shift = (uint8_t)below(64); break;
		case 'l': w.len = (uint8_t)(1 + below(64)); break;
		case 'm': w.map = (uint8_t)below(256); break;
		case 'f': w.fetch = (uint8_t)below(2); break;
		case 'v': w.imm = below(65536); break;
		case 'M': w.mask = (uint16_t)below(65536); break;
		case 'C': case 'I': w.imm = random_imm(); break;
		default: fail_msg("the test does not know the letter %c", *f);
		}
	}
	return w;
}

static void same_word(const struct isa_word *x, const struct isa_word *y)
{
	assert_int_equal(isa_encode(x), isa_encode(y));
	assert_int_equal(x->op, y->op);
	assert_int_equal(x->guard, y->guard);
	assert_int_equal(x->w32, y->w32);
	assert_int_equal(x->has_imm, y->has_imm);
	assert_int_equal(x->dst, y->dst);
	assert_int_equal(x->a, y->a);
	assert_int_equal(x->b, y->b);
	assert_int_equal(x->c, y->c);
	assert_int_equal(x->width, y->width);
	assert_int_equal(x->swap, y->swap);
	assert_int_equal(x->spec, y->spec);
	assert_int_equal(x->fetch, y->fetch);
	assert_int_equal(x->shift, y->shift);
	assert_int_equal(x->len, y->len);
	assert_int_equal(x->map, y->map);
	assert_int_equal(x->woff, y->woff);
	assert_int_equal(x->off, y->off);
	assert_int_equal(x->target, y->target);
	assert_int_equal(x->mask, y->mask);
	assert_int_equal(x->imm, y->imm);
}

static void every_row_round_trips(void **state)
{
	size_t n;
	const struct isa_info *rows = isa_rows(&n);

	(void)state;
	assert_int_equal(n, ROWS);
	for (size_t i = 0; i < n * ROUNDS; i++) {
		struct isa_word w = random_word(&rows[i % n]), back;
		char text[TEXT], lane_text[TEXT];
		const char *at, *why;

		assert_null(isa_check(&w));
		assert_int_equal(isa_decode(isa_encode(&w), &back), 0);
		same_word(&w, &back);

		assert_in_range(isa_print(text, sizeof(text), &w), 3, TEXT - 1);
		why = isa_parse(text, &back, &at);
		if (why)
			fail_msg("%s: %s at '%s'", text, why, at);
		same_word(&w, &back);

		isa_print_lane(lane_text, sizeof(lane_text), &w, 2);
		assert_null(isa_parse_lane(lane_text, 2, &back, &at));
		assert_int_equal(*at, '\0');
		same_word(&w, &back);
	}
}

/* Whatever decodes must encode to the same bits, and print and parse. */
static void random_bits_decode_exactly_or_not(void **state)
{
	int legal = 0;
	size_t n;
	const struct isa_info *rows = isa_rows(&n);

	(void)state;
	for (int i = 0; i < 400000; i++) {
		uint64_t bits = random_bits() & random_bits();
		struct isa_word w, back;
		char text[TEXT];
		const char *at;

		if (i & 1)
			bits = bits >> 8 | (uint64_t)rows[below((unsigned int)n)].op << 56;
		if (isa_decode(bits, &w))
			continue;
		legal++;
		assert_int_equal(isa_encode(&w), bits);
		isa_print(text, sizeof(text), &w);
		assert_null(isa_parse(text, &back, &at));
		same_word(&w, &back);
	}
	assert_true(legal > 1000);
}

static void no_bit_is_ignored(void **state)
{
	size_t n;
	const struct isa_info *rows = isa_rows(&n);

	(void)state;
	for (size_t i = 0; i < n * 20; i++) {
		struct isa_word w = random_word(&rows[i % n]), other;
		uint64_t bits = isa_encode(&w);

		for (int bit = 0; bit < 64; bit++) {
			uint64_t flipped = bits ^ UINT64_C(1) << bit;

			if (!isa_decode(flipped, &other))
				assert_int_equal(isa_encode(&other), flipped);
		}
	}
}

static void unknown_words_are_refused(void **state)
{
	struct isa_word w;

	(void)state;
	assert_int_equal(isa_decode(0, &w), -1);
	assert_int_equal(isa_decode(~0ull, &w), -1);
	assert_null(isa_lookup(0));
	assert_null(isa_lookup(0xff));
	assert_null(isa_lookup(256));
	w = (struct isa_word){ .op = OP_MOV, .b = SR_WIN };
	assert_int_equal(isa_decode(isa_encode(&w), &w), 0);
	assert_int_equal(isa_decode(isa_encode(&w) + 1, &w), -1);
	assert_int_equal(isa_decode((uint64_t)OP_NOP << 56 | 1, &w), -1);
	assert_int_equal(isa_decode((uint64_t)OP_NOP << 56, &w), 0);
}

static void check_names_the_member(void **state)
{
	static const struct {
		struct isa_word w;
		const char *name;
	} cases[] = {
		{ { .op = 0 }, "operation" },
		{ { .op = OP_ADD, .dst = 16 }, "destination" },
		{ { .op = OP_ADD, .a = 0x4c }, "first source" },
		{ { .op = OP_ADD, .b = 0x80 }, "second source" },
		{ { .op = OP_ADD, .has_imm = 1, .b = 1 }, "second source" },
		{ { .op = OP_ADD, .imm = 1 }, "immediate" },
		{ { .op = OP_ADD, .guard = 2 }, "guard" },
		{ { .op = OP_ADD, .w32 = 2 }, "32-bit flag" },
		{ { .op = OP_ADD, .has_imm = 2 }, "immediate flag" },
		{ { .op = OP_ADD, .swap = 1 }, "byte swap" },
		{ { .op = OP_JMP, .target = 8192 }, "branch target" },
		{ { .op = OP_UBFX, .shift = 64, .len = 1 }, "shift" },
		{ { .op = OP_UBFX, .shift = 63, .len = 65 }, "length" },
		{ { .op = OP_UBFX, .shift = 63, .len = 0 }, "length" },
		{ { .op = OP_BSWAP, .width = 3 }, "width" },
		{ { .op = OP_BSWAP, .width = 16 }, "width" },
		{ { .op = OP_LD, .width = 1, .off = 1024 }, "offset" },
		{ { .op = OP_ST, .width = 1, .off = -1025 }, "offset" },
		{ { .op = OP_LD, .width = 1, .spec = 2 }, "speculative flag" },
		{ { .op = OP_MADD, .fetch = 2 }, "fetch flag" },
		{ { .op = OP_MCAS, .c = 0x7f }, "third source" },
		{ { .op = OP_MLOOK, .a = SR_FP, .off = 8 }, "offset" },
		{ { .op = OP_WUBFX, .width = 1, .len = 1, .woff = 128 }, "window offset" },
		{ { .op = OP_WJEQ, .width = 4 }, "width" },
		{ { .op = OP_WJEQ, .width = 1, .imm = 0x10000 }, "immediate" },
		{ { .op = OP_WJEQ4, .mask = 1 }, "mask" },
		{ { .op = OP_NOP, .map = 1 }, "map index" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *name = isa_check(&cases[i].w);

		if (!name)
			fail_msg("case %zu: nothing found, want %s", i, cases[i].name);
		assert_string_equal(name, cases[i].name);
	}
}

static void text_reads_well(void **state)
{
	static const struct {
		int lane;
		const char *in, *out; /* out NULL: prints as it was read */
	} cases[] = {
		{ 0, "nop", NULL },
		{ 0, "add a0, a1, 4", NULL },
		{ 1, "?add.w b15, zero, -1", NULL },
		{ 1, " ? add.w\tr15,zero , 4294967295 ", "?add.w b15, zero, -1" },
		{ 0, "and.w a0, a0, 0xffff0000", NULL },
		{ 0, "and a0, a0, -0x10000", NULL },
		{ 0, "and a0, a0, -65536", "and a0, a0, -0x10000" },
		{ 0, "mov a0, 4096", NULL },
		{ 0, "mov a0, 4097", "mov a0, 0x1001" },
		{ 0, "movh a0, x, 0x10000000", NULL },
		{ 0, "ubfx a0, d3, 4, 64", NULL },
		{ 2, "bswap8 c1, b2", NULL },
		{ 1, "wubfx2.be b0, pkt[12], 0, 16", NULL },
		{ 0, "jeq.w a0, -1, @8191", NULL },
		{ 0, "wjeq2.be pkt[12] & 0xffff, 0x800, @3", NULL },
		{ 0, "wjeq1 pkt[14]&0xf0,0x40,@3", "wjeq1 pkt[14] & 0xf0, 0x40, @3" },
		{ 0, "wjne4.be pkt[26], 0xa000001, @0", NULL },
		{ 2, "ld4.be.s c0, [a1-1024]", NULL },
		{ 2, "ld8 c0, [ fp + 8 ]", "ld8 c0, [fp+8]" },
		{ 2, "lds1 c0, [data]", NULL },
		{ 2, "?st4 [fp-8], b2", NULL },
		{ 2, "st8 [fp], -2147483648", "st8 [fp], -0x80000000" },
		{ 2, "mst2.be [a0+1023], data_end", NULL },
		{ 2, "madd.w.f [x], a0", NULL },
		{ 2, "mcas.f [x+8], a0, a1", NULL },
		{ 2, "mupd m255, fp, x, zero", NULL },
		{ 0, "exit 2", NULL },
		{ 0, "exit cpu", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *want = cases[i].out ? cases[i].out : cases[i].in, *at, *why;
		struct isa_word w;
		char text[TEXT];

		why = isa_parse_lane(cases[i].in, cases[i].lane, &w, &at);
		if (why)
			fail_msg("%s: %s at '%s'", cases[i].in, why, at);
		assert_int_equal(isa_print_lane(text, sizeof(text), &w, cases[i].lane), strlen(want));
		assert_string_equal(text, want);
	}
}

static void bad_text_is_refused(void **state)
{
	static const struct {
		const char *in, *why, *at;
	} cases[] = {
		{ "", "there is no such instruction", "" },
		{ "frob a0", "there is no such instruction", "frob a0" },
		{ "addx a0, a1, a2", "there is no such instruction", "addx a0, a1, a2" },
		{ "add.f a0, a1, a2", "there is no such instruction", "add.f a0, a1, a2" },
		{ "bswap3 a0, a1", "there is no such instruction", "bswap3 a0, a1" },
		{ "wjeq8 pkt[0] & 1, 1, @1", "there is no such instruction", "wjeq8 pkt[0] & 1, 1, @1" },
		{ "?jeq a0, a1, @1", "this instruction has no guard", "jeq a0, a1, @1" },
		{ "add", "a destination register is expected", "" },
		{ "add a16, a1, a2", "a destination register is expected", "a16, a1, a2" },
		{ "add zero, a1, a2", "a destination register is expected", "zero, a1, a2" },
		{ "add a0 a1, a2", "a comma is expected", "a1, a2" },
		{ "add a0, e1, a2", "a register or the name of an operand is expected", "e1, a2" },
		{ "add a0, 1, a2", "a register or the name of an operand is expected", "1, a2" },
		{ "add a0, a1, datum", "a register or the name of an operand is expected", "datum" },
		{ "add a0, a1, 2147483648", "the number is out of range", "2147483648" },
		{ "add.w a0, a1, 4294967296", "the number is out of range", "4294967296" },
		{ "add a0, a1, 99999999999999999999999", "the number is out of range",
		  "99999999999999999999999" },
		{ "add a0, a1, 0x", "a number is expected", "0x" },
		{ "add a0, a1, 12z", "a number is expected", "12z" },
		{ "add a0, a1, -", "a number is expected", "-" },
		{ "add a0, a1, a2 a3", "the end of the line is expected", "a3" },
		{ "jmp 3", "a branch target such as @12 is expected", "3" },
		{ "jmp @8192", "the number is out of range", "8192" },
		{ "ld4 a0, fp", "[ is expected", "fp" },
		{ "ld4 a0, [fp-1025]", "the number is out of range", "1025]" },
		{ "ld4 a0, [fp+1024]", "the number is out of range", "1024]" },
		{ "ld4 a0, [fp+-1]", "a number is expected", "-1]" },
		{ "ld4 a0, [fp 8]", "] is expected", "8]" },
		{ "ubfx a0, a1, 0, 0", "the number is out of range", "0" },
		{ "ubfx a0, a1, 0, 65", "the number is out of range", "65" },
		{ "ubfx a0, a1, 64, 1", "the number is out of range", "64, 1" },
		{ "wjeq4 mem[0], 1, @1", "pkt[ is expected", "mem[0], 1, @1" },
		{ "wjeq1 pkt[0], 1, @1", "& is expected", ", 1, @1" },
		{ "wubfx1 a0, pkt[128], 0, 8", "the number is out of range", "128], 0, 8" },
		{ "mlook 3, fp", "a map such as m0 is expected", "3, fp" },
		{ "mlook m256, fp", "the number is out of range", "256, fp" },
	};
	struct isa_word w;
	const char *at;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = isa_parse(cases[i].in, &w, &at);

		if (!why)
			fail_msg("'%s' was accepted", cases[i].in);
		assert_string_equal(why, cases[i].why);
		assert_string_equal(at, cases[i].at);
	}
	assert_string_equal(isa_parse_lane("add b0, a1, a2", 0, &w, &at),
			    "a lane writes its own bank only");
}

static void printing_stays_in_the_buffer(void **state)
{
	struct isa_word w = { .op = OP_ADD, .a = ISA_REG(1, 2), .b = SR_DATA_END };
	char text[8];

	(void)state;
	memset(text, '#', sizeof(text));
	assert_int_equal(isa_print(text, 5, &w), strlen("add r0, b2, data_end"));
	assert_memory_equal(text, "add \0###", 8);
	assert_int_equal(isa_print(NULL, 0, &w), strlen("add r0, b2, data_end"));
}

static void sources_and_results(void **state)
{
	struct isa_word w = { .op = OP_MCAS, .a = 1, .b = 2, .c = 3 };
	uint8_t src[3];

	(void)state;
	assert_int_equal(isa_sources(&w, src), 3);
	assert_int_equal(src[0], 1);
	assert_int_equal(src[1], 2);
	assert_int_equal(src[2], 3);
	assert_int_equal(isa_result_of(&w), RESULT_POST);
	w.fetch = 1;
	assert_int_equal(isa_result_of(&w), RESULT_WAIT);
	w = (struct isa_word){ .op = OP_ADD, .a = 1, .has_imm = 1 };
	assert_int_equal(isa_sources(&w, src), 1);
	assert_int_equal(isa_result_of(&w), RESULT_NEXT);
	w = (struct isa_word){ .op = OP_WJEQ4 };
	assert_int_equal(isa_sources(&w, src), 0);
	assert_int_equal(isa_result_of(&w), RESULT_NONE);
}

static void slots_by_lane(void **state)
{
	/* Bit l: the slot stands in lane l. */
	static const struct {
		int lanes, a, w, b, m;
	} cases[] = {
		{ 1, 1, 1, 1, 1 }, { 2, 3, 3, 3, 2 }, { 3, 7, 3, 3, 4 }, { 4, 15, 3, 3, 8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int lane = -1; lane <= 4; lane++) {
			int lanes = cases[i].lanes, bit = lane < 0 ? 0 : 1 << lane;

			assert_int_equal(isa_slot_allows(SLOT_A, lane, lanes), (cases[i].a & bit) != 0);
			assert_int_equal(isa_slot_allows(SLOT_W, lane, lanes), (cases[i].w & bit) != 0);
			assert_int_equal(isa_slot_allows(SLOT_B, lane, lanes), (cases[i].b & bit) != 0);
			assert_int_equal(isa_slot_allows(SLOT_M, lane, lanes), (cases[i].m & bit) != 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_round_trips),
		cmocka_unit_test(random_bits_decode_exactly_or_not),
		cmocka_unit_test(no_bit_is_ignored),
		cmocka_unit_test(unknown_words_are_refused),
		cmocka_unit_test(check_names_the_member),
		cmocka_unit_test(text_reads_well),
		cmocka_unit_test(bad_text_is_refused),
		cmocka_unit_test(printing_stays_in_the_buffer),
		cmocka_unit_test(sources_and_results),
		cmocka_unit_test(slots_by_lane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
