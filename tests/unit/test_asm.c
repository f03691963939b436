// SPDX-License-Identifier: Apache-2.0
/* Microcode programs as text.
 * Also of disasm.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "hw/spec/isa.h"
#include "jit-nfp/asm.h"

enum { MAX_BUNDLES = 64, PROGRAM_TEXT = 8192 };

static uint64_t words[MAX_BUNDLES * ISA_LANES_MAX];

static void print_program(char *text, const uint64_t *program, int bundles, int lanes)
{
	int at = 0;

	for (int n = 0; n < bundles; n++) {
		at += disasm_bundle(text + at, PROGRAM_TEXT - (size_t)at, (unsigned int)n,
				    program + n * lanes, lanes);
		assert_in_range(at, 1, PROGRAM_TEXT - 2);
		text[at++] = '\n';
	}
	text[at] = '\0';
}

static void same_text(const char *in, int lanes, const char *out)
{
	char text[PROGRAM_TEXT];
	struct asm_error e;
	int n = asm_read(in, lanes, words, MAX_BUNDLES, &e);

	if (n < 0)
		fail_msg("line %d: %s", e.line, e.text);
	print_program(text, words, n, lanes);
	assert_string_equal(text, out);
}

static void printed_text_reads_back(void **state)
{
	static const char program[] =
		"0: { wjne2.be pkt[12] & 0xffff, 0x800, @3 | wubfx1 b0, pkt[14], 0, 4 | nop }\n"
		"1: { jgt.w b0, 5, @0 | add b1, a0, -1 | ?st4 [fp-8], b0 }\n"
		"2: { exit 2 | ?mov b7, data_end | mlook m3, fp }\n"
		"3: { .word 0x0000000000000000 | .word 0xffffffffffffffff | exit 1 }\n";

	(void)state;
	same_text(program, 3, program);
}

static void short_bundles_comments_and_labels(void **state)
{
	(void)state;
	same_text("; nothing here but a } and a {\n"
		  "start: again_2:\n"
		  "  { jeq a0, 0, @done ; leave { | }\n"
		  "  | jmp @again_2 }\r\n"
		  "1: {jmp @start}{nop}\n"
		  "done: { exit 1 }", 2,
		  "0: { jeq a0, 0, @3 | jmp @0 }\n"
		  "1: { jmp @0 | nop }\n"
		  "2: { nop | nop }\n"
		  "3: { exit 1 | nop }\n");
	same_text("", 3, "");
	same_text("{ ld4 a0, [data+2] }", 1, "0: { ld4 a0, [data+2] }\n");
}

/* Any words at all print, and read back to the same bits. */
static void random_words_read_back(void **state)
{
	uint64_t seed = 12345, program[MAX_BUNDLES * ISA_LANES_MAX];
	char text[PROGRAM_TEXT * 2];

	(void)state;
	for (int round = 0; round < 300; round++) {
		int lanes = round % ISA_LANES_MAX + 1, bundles = 16;
		struct asm_error e;

		for (int i = 0; i < bundles * lanes; i++) {
			struct isa_word w;

			seed = seed * 6364136223846793005u + 1442695040888963407u;
			program[i] = seed ^ seed >> 29;
			if (i & 1)
				program[i] &= seed << 32 | 0x2a0000000f0fu;
			/* Legal words in a lane they may not stand in do not read back. */
			if (!isa_decode(program[i], &w) &&
			    !isa_slot_allows(isa_lookup(w.op)->slot, i % lanes, lanes))
				program[i] = 0;
		}
		print_program(text, program, bundles, lanes);
		if (asm_read(text, lanes, words, MAX_BUNDLES, &e) != bundles)
			fail_msg("line %d: %s", e.line, e.text);
		assert_memory_equal(words, program, (size_t)(bundles * lanes) * sizeof(words[0]));
	}
}

static void errors_name_line_and_reason(void **state)
{
	static const struct {
		const char *in;
		int line;
		const char *text;
	} cases[] = {
		{ "\n\nfrob", 3, "a colon is expected behind frob" },
		{ "}", 1, "a label or { is expected, not '}'" },
		{ "1: {nop}", 1, "this is bundle 0, not 1" },
		{ "{nop}\nx:{nop}\nx:{nop}", 3, "the label x is used twice" },
		{ "{jmp @y}", 1, "there is no label y" },
		{ "{nop\n|nop|nop|nop}", 2, "the bundle has more than 3 words" },
		{ "{nop", 1, "| or } is expected" },
		{ "{nop\nnop}", 2, "| or } is expected" },
		{ "{", 1, "lane 0: there is no such instruction at ''" },
		{ "{nop | add b0, a0}", 1, "lane 1: a comma is expected at ''" },
		{ "{nop | add a0, a0, a0}", 1,
		  "lane 1: a lane writes its own bank only at 'a0, a0, a0'" },
		{ "{nop nop}", 1, "lane 0: the end of the word is expected at ' nop'" },
		{ "{nop|nop|jeq a0, 0, @0}", 1, "'jeq a0, 0, @0' can't stand in lane 2 of 3" },
		{ "{rdt a0}", 1, "'rdt a0' can't stand in lane 0 of 3" },
		{ "{.word 12}", 1, ".word and a number in hexadecimal are expected" },
		{ "{.word 0x}", 1, ".word and a number in hexadecimal are expected" },
		{ "{.word 0x00112233445566778}", 1,
		  "'0x00112233445566778' is not a number of up to 16 hexadecimal digits" },
		{ "{.word 0xg}", 1, "'0xg' is not a number of up to 16 hexadecimal digits" },
	};
	struct asm_error e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (asm_read(cases[i].in, 3, words, MAX_BUNDLES, &e) != -1)
			fail_msg("'%s' was accepted", cases[i].in);
		assert_string_equal(e.text, cases[i].text);
		assert_int_equal(e.line, cases[i].line);
	}
	assert_int_equal(asm_read("{nop}{nop}{nop}", 1, words, 2, &e), -1);
	assert_string_equal(e.text, "the program has more than 2 bundles");
}

static void long_text_is_refused(void **state)
{
	char text[400] = "{";
	struct asm_error e;

	(void)state;
	memset(text + 1, 'a', 300);
	assert_int_equal(asm_read(text, 3, words, MAX_BUNDLES, &e), -1);
	assert_string_equal(e.text, "the word is too long");
	assert_int_equal(asm_read(text + 1, 3, words, MAX_BUNDLES, &e), -1);
	assert_string_equal(e.text, "the name is longer than 63 characters");
	memcpy(text, "{jmp @", 6);
	assert_int_equal(asm_read(text, 3, words, MAX_BUNDLES, &e), -1);
	assert_string_equal(e.text, "the name is longer than 63 characters");
}

static void printing_stays_in_the_buffer(void **state)
{
	const uint64_t nops[3] = { UINT64_C(1) << 56, UINT64_C(1) << 56, UINT64_C(1) << 56 };
	char text[16];

	(void)state;
	memset(text, '#', sizeof(text));
	assert_int_equal(disasm_bundle(text, 8, 7, nops, 3), strlen("7: { nop | nop | nop }"));
	assert_memory_equal(text, "7: { no\0########", 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printed_text_reads_back),
		cmocka_unit_test(short_bundles_comments_and_labels),
		cmocka_unit_test(random_words_read_back),
		cmocka_unit_test(errors_name_line_and_reason),
		cmocka_unit_test(long_text_is_refused),
		cmocka_unit_test(printing_stays_in_the_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
