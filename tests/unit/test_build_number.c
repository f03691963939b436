// SPDX-License-Identifier: Apache-2.0
/* bpf_strtol() and bpf_strtoul(): chosen texts with the results of Linux, random ones against the same reading in C. */
#include <limits.h>

#include "calls.h"

enum { TEXTS, MAPS };
enum { TEXT_MOST = 88, RESULT_AT = -24, TEXT_AT = -112, E_INVAL = -22, E_RANGE = -34 };

static uint8_t text[TEXT_MOST]; /* that is read */
static const struct prog_map all_maps[MAPS] = {
	[TEXTS] = { .name = "texts", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = TEXT_MOST, .max_entries = 1, .init = text, .init_size = TEXT_MOST },
};

struct reading {
	const char *text;
	uint32_t size;        /* 0: that of the text */
	int base;
	int result;           /* characters, or what is wrong with it */
	uint64_t number;
};

/* ---- what the program is made of ---- */

enum where { STACK, UNALIGNED, VALUE, SIZE_NOT_KNOWN, PLACES };

static struct {
	struct reading r;
	int is_signed;
	enum where where;
} now;

/* r1 = the text, r2 = its size */
static void put_text(void)
{
	uint8_t shifted[TEXT_MOST + 4] = { 0 };

	switch (now.where) {
	case VALUE:
		put_value(TEXTS, 0);
		put_copy(1, 7);
		break;
	case UNALIGNED:
		memcpy(shifted + 3, text, now.r.size);
		put_bytes_at(TEXT_AT - 4, shifted, now.r.size + 3);
		put_at(1, TEXT_AT - 1);
		break;
	default:
		put_bytes_at(TEXT_AT, text, now.r.size + 1);
		put_at(1, TEXT_AT);
	}
	put_mov(2, (int)now.r.size);
	if (now.where == SIZE_NOT_KNOWN) { /* the packet's first byte is 0 */
		put_place(DATA, 1, DATA_END);
		jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, 3, 7, 0, 0);
		jit_put(&j, EC_ALU64 | EBPF_AND, 3, 0, 0, 1);
		jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 2, 3, 0, 0);
	}
}

/* Notes: the result, its upper bytes' sign, whether the number is the one that is wanted. */
static void put_reading(void)
{
	put_bytes_at(RESULT_AT, "\5\5\5\5\5\5\5", 8);
	put_text();
	put_mov(3, now.r.base);
	put_at(4, RESULT_AT);
	put_call(now.is_signed ? HELPER_STRTOL : HELPER_STRTOUL);
	put_copy(8, 0);
	put_note();
	put_copy(0, 8);
	jit_put(&j, EC_ALU64 | EBPF_ARSH, 0, 0, 0, 63);
	put_note();
	jit_put(&j, EBPF_LDDW, 7, 0, 0, (int64_t)(int32_t)now.r.number);
	jit_put(&j, 0, 0, 0, 0, (int64_t)(now.r.number >> 32));
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_DW, 8, 10, RESULT_AT, 0);
	put_mov(0, 1);
	jit_put(&j, EC_JMP | EBPF_JEQ | EBPF_X, 7, 8, 1, 0);
	put_mov(0, 0);
	put_note();
}

static int reads_so(const struct reading *r, int is_signed, enum where where, int careful)
{
	const struct calls c = { .maps = all_maps, .n_maps = MAPS, .put = put_reading, .careful = careful };
	uint32_t want = (uint32_t)(r->result & 0xff) << 16 | (r->result < 0 ? 0xff00u : 0) | 1, got;

	now.r = *r;
	now.is_signed = is_signed;
	now.where = where;
	if (!now.r.size)
		now.r.size = (uint32_t)strlen(r->text);
	if (now.r.result < 0)
		now.r.number = 0;
	memset(text, 0, sizeof(text));
	memcpy(text, r->text, now.r.size);
	got = calls_result(&c);
	if (got != want)
		print_error("%s of \"%s\", base %d, place %d: %06x, not %06x\n", is_signed ? "strtol" : "strtoul", r->text, r->base, (int)where, got, want);
	return got == want;
}

/* ---- chosen ---- */

static const struct reading either_sign[] = {
	{ "17", 0, 0, 2, 17 }, { "017", 0, 0, 3, 15 }, { "0x17", 0, 0, 4, 23 }, { "0X1fg", 0, 16, 4, 31 }, { "FfF;", 0, 16, 3, 0xfff },
	{ "0", 0, 0, 1, 0 }, { "08", 0, 0, 1, 0 }, { "0778", 0, 0, 3, 63 }, { "0778", 0, 8, 3, 63 }, { "0778", 0, 10, 4, 778 },
	{ " \t\n\v\f\r\xa0" "5", 0, 10, 8, 5 }, { "12 34", 0, 10, 2, 12 }, { "12\0" "34", 5, 10, 2, 12 }, { "1234", 2, 10, 2, 12 },
	{ "0x", 0, 0, 1, 0 }, { "0xg", 0, 0, 1, 0 }, { "0x", 0, 16, E_INVAL, 0 }, { "0x0x1", 0, 0, 3, 0 },
	{ "", 1, 10, E_INVAL, 0 }, { "    ", 0, 10, E_INVAL, 0 }, { "-", 0, 10, E_INVAL, 0 }, { "- 1", 0, 10, E_INVAL, 0 }, { "--1", 0, 10, E_INVAL, 0 },
	{ "+5", 0, 10, E_INVAL, 0 }, { "abc", 0, 10, E_INVAL, 0 }, { "8", 0, 8, E_INVAL, 0 },
	{ "1", 0, 2, E_INVAL, 0 }, { "1", 0, 24, E_INVAL, 0 }, { "1", 0, 32, E_INVAL, 0 }, { "1", 0, 1 << 16, E_INVAL, 0 }, { "1", 0, -1, E_INVAL, 0 },
	{ "9223372036854775807", 0, 10, 19, INT64_MAX }, { "18446744073709551616", 0, 10, E_RANGE, 0 }, { "0x10000000000000000", 0, 0, E_RANGE, 0 },
	{ "02000000000000000000000", 0, 0, E_RANGE, 0 }, { "184467440737095516150", 0, 10, E_RANGE, 0 },
	/* behind 63 characters nobody looks */
	{ "000000000000000000000000000000000000000000000000000000000000000", 0, 10, 63, 0 },
	{ "0000000000000000000000000000000000000000000000000000000000000012", 0, 10, 63, 1 },
	{ "   0000000000000000000000000000000000000000000000000000000000000012", 0, 10, 66, 1 },
};

static const struct reading with_a_sign[] = {
	{ "-17", 0, 10, 3, (uint64_t)-17 }, { " -0x1fG", 0, 0, 6, (uint64_t)-31 }, { "-0", 0, 10, 2, 0 }, { "-9223372036854775808", 0, 10, 20, (uint64_t)INT64_MIN },
	{ "-9223372036854775809", 0, 10, E_RANGE, 0 }, { "9223372036854775808", 0, 10, E_RANGE, 0 }, { "18446744073709551615", 0, 10, E_RANGE, 0 },
	{ "-0000000000000000000000000000000000000000000000000000000000000012", 0, 10, 64, (uint64_t)-1 },
};

static const struct reading without_a_sign[] = {
	{ "-17", 0, 10, E_INVAL, 0 }, { "-0", 0, 10, E_INVAL, 0 }, { "-18446744073709551616", 0, 10, E_RANGE, 0 }, { "-x", 0, 10, E_INVAL, 0 },
	{ "9223372036854775808", 0, 10, 19, 1ull << 63 }, { "18446744073709551615", 0, 10, 20, UINT64_MAX }, { "0xffffffffffffffff", 0, 0, 18, UINT64_MAX },
	{ "01777777777777777777777", 0, 0, 23, UINT64_MAX },
};

#define ALL(readings) readings, sizeof(readings) / sizeof(*(readings))
static int wrong_ones(const struct reading *r, size_t n, int is_signed)
{
	int wrong = 0;

	for (size_t k = 0; k < n; k++)
		for (enum where where = STACK; where < PLACES; where++)
			wrong += !reads_so(&r[k], is_signed, where, (int)(k + where) % 2);
	return wrong;
}

static void numbers_are_read_as_in_linux(void **state)
{
	(void)state;
	assert_int_equal(wrong_ones(ALL(either_sign), 0), 0);
	assert_int_equal(wrong_ones(ALL(either_sign), 1), 0);
	assert_int_equal(wrong_ones(ALL(with_a_sign), 1), 0);
	assert_int_equal(wrong_ones(ALL(without_a_sign), 0), 0);
}

/* ---- random ---- */

static int digit_of(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : 99;
}

/* The rules, written for text that has a 0 behind it: r->result and r->number from the rest of it. */
static void read_text(struct reading *r, int is_signed)
{
	const char *at = r->text + strspn(r->text, " \t"), *digits;
	int minus = *at == '-', base = r->base, over = 0;
	uint64_t n = 0;

	at += minus;
	if (!base)
		base = *at != '0' ? 10 : (at[1] | 0x20) == 'x' && digit_of(at[2]) < 16 ? 16 : 8;
	if (base == 16 && *at == '0' && (at[1] | 0x20) == 'x')
		at += 2;
	for (digits = at; digit_of(*at) < base; at++) {
		over |= __builtin_mul_overflow(n, (uint64_t)base, &n);
		over |= __builtin_add_overflow(n, (uint64_t)digit_of(*at), &n);
	}
	r->result = at == digits || (minus && !is_signed) ? E_INVAL : (int)(at - r->text);
	if (over || (is_signed && at != digits && n > (uint64_t)INT64_MAX + (uint64_t)minus))
		r->result = E_RANGE;
	r->number = minus ? -n : n;
}

static void random_texts_are_read_as_in_c(void **state)
{
	enum { TEXTS_READ = 600, LONGEST = 30 };
	static const char starts[][6] = { "", " ", "-", "\t-", "0x", "-0X", "0", "  -0", "922", "-922" }, chars[] = "0123456789abcdefABCDEFx- g";
	static const int bases[] = { 0, 8, 10, 16 };
	struct jit random = { .seed = 5 };
	int wrong = 0, read = 0, large = 0;

	(void)state;
	for (int n = 0; n < TEXTS_READ; n++) {
		char line[LONGEST + 1] = "";
		struct reading r = { .text = line, .base = bases[jit_random(&random, 4)] };
		uint32_t length, kinds = jit_random(&random, 3) ? 10 : sizeof(chars) - 1;

		strcpy(line, starts[jit_random(&random, sizeof(starts) / sizeof(*starts))]);
		length = (uint32_t)strlen(line) + jit_random(&random, 21);
		for (size_t k = strlen(line); k < length || !k; k++)
			line[k] = chars[jit_random(&random, kinds)];
		read_text(&r, n % 2);
		wrong += !reads_so(&r, n % 2, n % PLACES, n / 2 % 2);
		read += r.result > 0;
		large += r.result == E_RANGE;
	}
	assert_int_equal(wrong, 0);
	assert_true(read > TEXTS_READ / 4 && large > TEXTS_READ / 50); /* all kinds came */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_as_in_linux),
		cmocka_unit_test(random_texts_are_read_as_in_c),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
