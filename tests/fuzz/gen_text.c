// SPDX-License-Identifier: Apache-2.0
/* Constant data, and what looks at text: comparing and printing. Then helpers whose results each side has of its own: only what holds for all is kept. */
#include <linux/bpf.h>
#include <string.h>
#include "gen.h"
#include "jit-nfp/format.h"

enum { WORDS = 48 };            /* bytes of constants before the formats */

/* Short words of few letters, and formats. */
void gen_constants(struct gen *g)
{
	static const char *const formats[] = { "%d %u", "plain", "%x|%llx", "%ld,%5d", "%-9u|", "100%%", "%c%c", "%lli %lu", "%d %d %d %d", "%z", "%08x", "%", "%+d",
					       "%i %hu", "", "%lx%x%llu" };
	static const uint8_t letters[] = { 'a', 'a', 'b', 0, 0x80, 0xff };
	uint8_t *to = g->c->constants;

	for (uint32_t n = 0; n < WORDS; n++)
		to[n] = letters[below(g, sizeof(letters))];
	for (uint32_t at = WORDS; at < CASE_CONSTANTS - 16; at += (uint32_t)strlen((char *)to + at) + 1)
		strcpy((char *)to + at, formats[below(g, sizeof(formats) / sizeof(*formats))]);
}

bool is_constant(const struct prog_map *m)
{
	return m->flags & 0x80; /* BPF_F_RDONLY_PROG */
}

static void constant_address(struct gen *g, uint32_t reg, uint32_t map, uint32_t at)
{
	put(g, EC_LD | EBPF_IMM | EBPF_DW, reg, EBPF_PSEUDO_MAP_VALUE, 0, (int32_t)map);
	put(g, 0, 0, 0, 0, (int32_t)at);
}

static uint32_t length_at(struct gen *g, uint32_t at)
{
	return (uint32_t)strnlen((const char *)g->c->constants + at, CASE_CONSTANTS - at);
}

/* The stack mostly begins with the same bytes. */
static void gen_compare(struct gen *g, uint32_t map)
{
	uint32_t at = below(g, WORDS - 1), same = below(g, 5);

	for (uint32_t n = 0; n < same; n++)
		put(g, EC_ST | EBPF_MEM | EBPF_B, 10, 0, (int16_t)(-STACK_SCRATCH + (int32_t)n), g->c->constants[at + n]);
	small_number(g, 2, 3);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 2, 0, 0, 1);
	stack_address(g, 1, -STACK_SCRATCH + (below(g, 3) ? 0 : (int32_t)below(g, 50)));
	constant_address(g, 3, map, at);
	call(g, BPF_FUNC_strncmp);
	restore_after_call(g, false);
}

/* Where a number gets one digit more. */
static uint64_t edge_of_digits(struct gen *g)
{
	uint64_t n = 1, base = below(g, 3) ? 10 : 16;

	for (uint32_t digits = below(g, base == 10 ? 20 : 16); digits; digits--)
		n *= base;
	n -= below(g, 2);
	return below(g, 3) ? n : -n;
}

/* The length of what is printed is the result. */
static void gen_print(struct gen *g, uint32_t map)
{
	uint32_t at = WORDS + below(g, CASE_CONSTANTS - WORDS), size = length_at(g, at) + (below(g, 12) != 0);

	size = size && at + size <= CASE_CONSTANTS ? size : 1;
	if (below(g, 2)) {
		for (uint32_t r = 3; r <= 5; r++) {
			uint64_t edge = edge_of_digits(g);

			if (below(g, 2)) {
				put(g, EC_ALU64 | EBPF_MOV | EBPF_X, r, scalar_reg(g), 0, 0);
				continue;
			}
			put(g, EC_LD | EBPF_IMM | EBPF_DW, r, 0, 0, (int32_t)edge);
			put(g, 0, 0, 0, 0, (int32_t)(edge >> 32));
		}
		constant_address(g, 1, map, at);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, (int32_t)size);
		call(g, BPF_FUNC_trace_printk);
	} else {
		uint32_t numbers = below(g, 6);

		constant_address(g, 1, map, at);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, (int32_t)size);
		stack_address(g, 3, -STACK_SCRATCH + 8 * (int32_t)below(g, 3));
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, 8 * (int32_t)numbers);
		call(g, BPF_FUNC_trace_vprintk);
	}
	restore_after_call(g, false);
}

/* How many numbers the format takes; -1: Linux refuses it. */
static int numbers_of(const uint8_t *format)
{
	struct conversion c;
	uint32_t length;
	int n = 0;

	for (; *format; format++) {
		if (!format_takes(*format))
			return -1;
		if (*format != '%')
			continue;
		if (*++format == '%')
			continue;
		memset(&c, 0, sizeof(c));
		length = format_conversion(format, &c);
		if (!length || c.kind > CONV_CHAR)
			return -1;
		format += length - 1;
		n++;
	}
	return n;
}

/* Over the numbers that it makes text of. */
static void gen_format(struct gen *g, uint32_t map)
{
	uint32_t at = WORDS + below(g, CASE_CONSTANTS - WORDS);
	int numbers = length_at(g, at) + at < CASE_CONSTANTS ? numbers_of(g->c->constants + at) : -1;

	if (numbers < 0 || numbers >= STACK_SCRATCH / 8) {
		gen_compare(g, map);
		return;
	}
	small_number(g, 2, 5);
	stack_address(g, 1, -STACK_SCRATCH + (int32_t)below(g, STACK_SCRATCH - 31));
	constant_address(g, 3, map, at);
	stack_address(g, 4, -8 * (numbers ? numbers : 1) - 8 * (int32_t)below(g, STACK_SCRATCH / 8 - (uint32_t)numbers));
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 5, 0, 0, 8 * numbers);
	call(g, BPF_FUNC_snprintf);
	restore_after_call(g, false);
}

/* Loads that are known, and some at places that are not. */
static void gen_constant_load(struct gen *g, uint32_t map)
{
	uint32_t bytes;
	uint8_t size = size_of(g, &bytes);

	small_number(g, 2, 4);
	constant_address(g, 1, map, below(g, CASE_CONSTANTS - 24));
	if (below(g, 3) == 0)
		put(g, EC_ALU64 | EBPF_ADD | EBPF_X, 1, 2, 0, 0);
	put(g, EC_LDX | EBPF_MEM | size, 2 + below(g, 4), 1, (int16_t)below(g, 9 - bytes), 0);
	set_scalar(g, 1);
}

void gen_constant(struct gen *g, uint32_t map)
{
	switch (below(g, 6)) {
	case 0:
	case 2:
		gen_print(g, map);
		break;
	case 3:
		gen_format(g, map);
		break;
	case 1:
		gen_constant_load(g, map);
		break;
	default:
		gen_compare(g, map);
	}
}

/* Clocks do not go back, nor far in so short a time; chance has 32 bits. */
void gen_clock(struct gen *g)
{
	static const int32_t clocks[] = { BPF_FUNC_ktime_get_ns, BPF_FUNC_ktime_get_boot_ns, BPF_FUNC_ktime_get_coarse_ns, BPF_FUNC_jiffies64, BPF_FUNC_ktime_get_tai_ns };
	int32_t clock = clocks[below(g, sizeof(clocks) / sizeof(*clocks))];

	if (below(g, 3) == 0) {
		call(g, BPF_FUNC_get_prandom_u32);
		put(g, EC_ALU64 | EBPF_RSH | EBPF_K, 0, 0, 0, 32);
		restore_after_call(g, false);
		return;
	}
	call(g, clock);
	put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 0, -STACK_OLD, 0);
	restore_after_call(g, true);
	if (below(g, 2))
		gen_alu(g);
	call(g, clock);
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, -STACK_OLD, 0);
	put(g, EC_ALU64 | EBPF_SUB | EBPF_X, 0, 1, 0, 0);
	put(g, EC_ALU64 | EBPF_RSH | EBPF_K, 0, 0, 0, 44);
	restore_after_call(g, false);
}
