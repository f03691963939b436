// SPDX-License-Identifier: Apache-2.0
/* bpf_trace_printk() and bpf_trace_vprintk(): the result is the length of the text that the host makes of the record, and for numbers that text is printf's. */
#include <stdio.h>

#include "calls.h"
#include "driver/common/nic_events.h"
#include "sim/io/events.h"

enum { TEXT, ADDRESSES, LOG, MAPS };
enum { FORMAT_MOST = 96, WORD_AT = FORMAT_MOST, TEXT_SIZE = 128, NUMBERS_AT = -112, NUMBERS = 12, PRINTS = 4, INVALID = 0xea };

/* The format, and behind it a string. */
static uint8_t text[TEXT_SIZE];
static const uint8_t addresses[16] = { 10, 200, 99, 100, 0, 7, 0xab, [15] = 1 };
static const struct prog_map all_maps[MAPS] = {
	[TEXT] = { .name = "t.rodata", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = TEXT_SIZE, .max_entries = 1, .flags = MAP_RDONLY_PROG,
		   .init = text, .init_size = TEXT_SIZE },
	[ADDRESSES] = { .name = "addresses", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 1, .init = addresses, .init_size = 16 },
	[LOG] = { .name = ".printk", .type = MAP_TYPE_LOG },
};
static struct calls calls = { .maps = all_maps, .n_maps = MAPS };

static void be(const char *format)
{
	memset(text, 0, sizeof(text));
	strcpy((char *)text, format);
	strcpy((char *)text + WORD_AT, "a string");
}

/* ---- the calls ---- */

static void put_number(unsigned int r, uint64_t x)
{
	jit_put(&j, EBPF_LDDW, r, 0, 0, (int64_t)(int32_t)x);
	jit_put(&j, 0, 0, 0, 0, (int64_t)(x >> 32));
}

static void put_text(unsigned int r, int at)
{
	jit_put(&j, EBPF_LDDW, r, EBPF_PSEUDO_MAP_VALUE, 0, TEXT);
	jit_put(&j, 0, 0, 0, 0, at);
}

/* r3 to r5 are set, as far as the format wants them */
static void put_print(void)
{
	put_text(1, 0);
	put_mov(2, (int)strlen((char *)text) + 1);
	put_call(HELPER_TRACE_PRINTK);
	put_note();
}

/* ---- what the host makes of the records ---- */

static char printed[PRINTS][EVENTS_TEXT];
static size_t printed_length[PRINTS];
static unsigned int n_printed;

static void host_reads(struct nic *n, const struct image *image)
{
	const struct nic_map log = calls_map(n, image, LOG);
	uint64_t *record = malloc(nic_events_room(&log));
	size_t size;

	for (n_printed = 0; n_printed < PRINTS && !nic_events_take(&log, record, &size); n_printed++) {
		const uint32_t length = (uint32_t)record[0], count = (uint32_t)(record[0] >> 32);

		assert_true(size >= 8 + 8 * (size_t)count + length);
		if (!events_format_length(printed[n_printed], &printed_length[n_printed], (const char *)&record[1 + count], length, &record[1], count))
			printed_length[n_printed] = (size_t)-22;
	}
	assert_int_equal(nic_events_lost(&log), 0);
	free(record);
}

/* Each note is the length of its text. */
static void check_lengths(const char *format)
{
	uint32_t want = 0, got;

	for (calls.careful = 0; calls.careful < 2; calls.careful++, want = 0) {
		calls.after = host_reads;
		got = calls_result(&calls);
		for (unsigned int n = 0; n < n_printed; n++)
			want = want << 8 | (printed_length[n] & 0xff);
		if (got != want || n_printed != PRINTS)
			fail_msg("\"%s\": %08x, not %08x, of %u texts", format, got, want, n_printed);
	}
}

/* ---- numbers ---- */

static const uint64_t numbers[] = {
	0, 1, 9, 10, 15, 16, 99, 100, 255, 256, 999, 1000, 9999, 10000, 65535, 65536, 99999, 100000, 999999, 1000000, 9999999, 10000000, 99999999, 100000000,
	999999999, 1000000000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 9999999999, 10000000000, 0xfffffffffffffff, 0x1000000000000000,
	999999999999999999, 1000000000000000000, 0x7fffffffffffffff, 0x8000000000000000, 9999999999999999999u, 10000000000000000000u,
	0xffffffffffffffff, -9ull, -10ull, -1000000000ull,
};
enum { ALL_NUMBERS = sizeof(numbers) / sizeof(*numbers) };
static size_t first_number;

/* Three numbers each, or as many as the format wants. */
static void print_numbers(void)
{
	for (size_t n = 0; n < PRINTS; n++) {
		for (unsigned int k = 0; k < 3; k++)
			put_number(3 + k, numbers[(first_number + n + 7 * k) % ALL_NUMBERS]);
		put_print();
	}
}

static void texts_are_those_of_printf(const char *format)
{
	for (size_t n = 0; n < PRINTS; n++) {
		const uint64_t *x = numbers;
		char want[EVENTS_TEXT];
		size_t at = first_number + n;

		snprintf(want, sizeof(want), format, x[at % ALL_NUMBERS], x[(at + 7) % ALL_NUMBERS], x[(at + 14) % ALL_NUMBERS]);
		assert_string_equal(printed[n], want);
	}
}

static void numbers_are_printed_as_by_printf(void **state)
{
	static const char *const formats[] = {
		"%d", "%i of", "%u", "%x", "%X.", "%lld", "%li%%", "%llu", "%lu", "%llx", "%lX", "%+d|%+lld|% d", "%7d|%-7u|%07x", "%30llu", "%-30lld!", "%016llx",
		"%d %u %x", "100%% of %llu: %lld, %llx",
	};

	(void)state;
	calls.put = print_numbers;
	for (size_t n = 0; n < sizeof(formats) / sizeof(*formats); n++) {
		be(formats[n]);
		for (first_number = n % PRINTS; first_number < ALL_NUMBERS; first_number += PRINTS) {
			check_lengths(formats[n]);
			texts_are_those_of_printf(formats[n]);
		}
	}
}

/* Those of a vector: r3 points to them. */
static void print_vectors(void)
{
	for (size_t n = 0; n < PRINTS; n++) {
		for (size_t k = 0; k < NUMBERS; k++) {
			put_number(3, numbers[(first_number + 5 * n + k) % ALL_NUMBERS]);
			jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 10, 3, (int16_t)(NUMBERS_AT + 8 * (int)k), 0);
		}
		put_text(1, 0);
		put_mov(2, (int)strlen((char *)text) + 1);
		put_at(3, NUMBERS_AT);
		put_mov(4, 8 * NUMBERS);
		put_call(HELPER_TRACE_VPRINTK);
		put_note();
	}
}

static void vectors_are_printed(void **state)
{
	static const char format[] = "%d %u %x %lld %llu %llx %i %lu %lx %c %5d %-9u";

	(void)state;
	calls.put = print_vectors;
	be(format);
	for (first_number = 0; first_number < ALL_NUMBERS; first_number += 11)
		check_lengths(format);
}

static void print_no_vector(void)
{
	for (int n = 0; n < PRINTS; n++) {
		put_text(1, 0);
		put_mov(2, (int)strlen((char *)text) + 1);
		put_mov(3, 0);
		put_mov(4, 0);
		put_call(HELPER_TRACE_VPRINTK);
		put_note();
	}
}

static void vectors_may_be_empty(void **state)
{
	(void)state;
	calls.put = print_no_vector;
	be("nothing but text");
	check_lengths((char *)text);
	assert_string_equal(printed[0], "nothing but text");
	be("one %d");
	check_lengths((char *)text); /* Linux prints none, and neither does the host */
	assert_int_equal((int)printed_length[0], -22);
}

/* ---- memory ---- */

static void print_strings(void)
{
	put_text(3, WORD_AT);
	put_print();
	put_text(3, WORD_AT + 2);
	put_print();
	put_bytes_at(-24, "on the stack", 13);
	put_at(3, -24);
	put_print();
	put_mov(3, 0); /* of nowhere */
	put_print();
}

static void strings_end_at_their_0(void **state)
{
	static const char *const formats[] = { "%s", "%s.", "%9s|", "%-20s|" };

	(void)state;
	calls.put = print_strings;
	for (size_t n = 0; n < sizeof(formats) / sizeof(*formats); n++) {
		be(formats[n]);
		check_lengths(formats[n]);
	}
	be("%s");
	check_lengths("%s");
	assert_string_equal(printed[0], "a string");
	assert_string_equal(printed[1], "string");
	assert_string_equal(printed[2], "on the stack");
	assert_string_equal(printed[3], "");
}

/* Without a 0 the whole of it, up to its end. */
static void print_without_an_end(void)
{
	for (int n = 0; n < PRINTS; n++) {
		put_value(ADDRESSES, 0);
		jit_put(&j, EBPF_LDDW, 3, 0, 0, 0x78787878);
		jit_put(&j, 0, 0, 0, 0, 0x78787878);
		jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 7, 3, 0, 0);
		jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 7, 3, 8, 0);
		put_copy(3, 7);
		jit_put(&j, EC_ALU64 | EBPF_ADD, 3, 0, 0, 3 * n);
		put_print();
	}
}

static void strings_end_with_their_map(void **state)
{
	(void)state;
	calls.put = print_without_an_end;
	be("<%s>");
	check_lengths("<%s>");
	assert_string_equal(printed[1], "<xxxxxxxxxxxxx>");
}

static void print_addresses(void)
{
	for (int n = 0; n < PRINTS; n++) {
		put_value(ADDRESSES, 0);
		put_copy(3, 7);
		put_copy(4, 7);
		put_mov(5, 0);
		put_print();
	}
}

static void addresses_are_printed(void **state)
{
	static const char *const formats[] = { "%pI4", "%pi4", "%pI6", "%pi6", "%pI4 %pI6", "%20pI4|%-20pi6", "%pI4 %pI4 %pI4" };

	(void)state;
	calls.put = print_addresses;
	for (size_t n = 0; n < sizeof(formats) / sizeof(*formats); n++) {
		be(formats[n]);
		check_lengths(formats[n]);
	}
	assert_string_equal(printed[0], "10.200.99.100 10.200.99.100 0.0.0.0");
}

static void print_characters(void)
{
	put_mov(3, 'x');
	put_mov(4, 0);
	put_print();
	put_mov(3, 1);
	put_mov(4, -1);
	put_print();
	put_mov(3, 'z' + 256);
	put_mov(4, 7);
	put_print();
	put_mov(3, 0);
	put_mov(4, 0);
	put_print();
}

static void characters_and_pointers(void **state)
{
	static const char *const formats[] = { "%c%c", "%3c|%-4c", "%p", "%px %pK" };

	(void)state;
	calls.put = print_characters;
	for (size_t n = 0; n < sizeof(formats) / sizeof(*formats); n++) {
		be(formats[n]);
		check_lengths(formats[n]);
	}
}

/* ---- what is not printed ---- */

static void linux_prints_none_of_these(void **state)
{
	static const char *const formats[] = { "%h", "%", "%#x", "%.3d", "%sx", "%pI5", "%lc", "%llld", "a\1b", "%d %d %d %d", "%-" };

	(void)state;
	calls.put = print_characters;
	for (size_t n = 0; n < sizeof(formats) / sizeof(*formats); n++) {
		be(formats[n]);
		if (strchr(formats[n], 's'))
			calls.put = print_strings;
		check_lengths(formats[n]);
		assert_int_equal(printed_length[0] & 0xff, INVALID);
	}
}

static void print_from_the_stack(void)
{
	put_bytes_at(-16, "%d", 3);
	put_at(1, -16);
	put_mov(2, 3);
	put_mov(3, 1);
	put_call(HELPER_TRACE_PRINTK);
	put_note();
}

static void refuse(const char *sentence)
{
	struct image_buf out;

	calls.careful = 0;
	assert_int_equal(calls_compile(&calls, &out), -1);
	assert_string_equal(j.diag.text, sentence);
	assert_string_equal(j.diag.note, "print constant text with numbers, strings and IP addresses, or leave the result");
	free(j.mem);
}

static void lengths_that_nobody_knows_are_refused(void **state)
{
	static const char *const formats[] = { "%20p", "%ps", "%pks" };

	(void)state;
	calls.put = print_from_the_stack;
	refuse("the program looks at the result of printing, and how long the text becomes is not known: its format is no constant string");
	calls.put = print_characters;
	for (size_t n = 0; n < sizeof(formats) / sizeof(*formats); n++) {
		be(formats[n]);
		refuse("the program looks at the result of printing, and one of its conversions depends on the kernel's memory");
	}
}

/* ---- a log that is full ---- */

enum { MANY = 600 };
static unsigned int kept;
static uint64_t lost;

static void print_many(void)
{
	uint32_t start;

	put_mov(7, 0);
	start = j.n;
	put_copy(3, 7);
	put_mov(4, 0);
	put_mov(5, 0);
	put_text(1, 0);
	put_mov(2, (int)strlen((char *)text) + 1);
	put_call(HELPER_TRACE_PRINTK);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 7, 0, 0, 1);
	jit_put(&j, EC_JMP | EBPF_JLT, 7, 0, (int)(start - j.n) - 1, MANY);
	put_copy(0, 7);
	jit_put(&j, EC_ALU64 | EBPF_RSH, 0, 0, 0, 2);
	put_note();
}

static void host_counts(struct nic *n, const struct image *image)
{
	const struct nic_map log = calls_map(n, image, LOG);
	uint64_t *record = malloc(nic_events_room(&log));
	size_t size;

	for (kept = 0; !nic_events_take(&log, record, &size); kept++)
		assert_int_equal(record[1], kept);
	lost = nic_events_lost(&log);
	free(record);
}

static void what_does_not_fit_is_counted(void **state)
{
	(void)state;
	calls.put = print_many;
	calls.after = host_counts;
	be("%d");
	for (calls.careful = 0; calls.careful < 2; calls.careful++) {
		assert_int_equal(calls_result(&calls), MANY / 4);
		assert_in_range(kept, 1, MANY - 1);
		assert_int_equal(kept + lost, MANY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_printed_as_by_printf),
		cmocka_unit_test(vectors_are_printed),
		cmocka_unit_test(vectors_may_be_empty),
		cmocka_unit_test(strings_end_at_their_0),
		cmocka_unit_test(strings_end_with_their_map),
		cmocka_unit_test(addresses_are_printed),
		cmocka_unit_test(characters_and_pointers),
		cmocka_unit_test(linux_prints_none_of_these),
		cmocka_unit_test(lengths_that_nobody_knows_are_refused),
		cmocka_unit_test(what_does_not_fit_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
