// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* bpf_trace_printk and bpf_trace_vprintk: numbers, and for bpf_trace_printk strings and addresses, behind them a format that the host reads. */
#include "format.h"
#include "verify.h"

enum { WORD = 8, STRING_MOST = 128, STRING = -1, ADDRESS4 = 4, ADDRESS6 = 16, FIRST = 2, LAST = 4 };

/* The byte of a format that is constant data; -1 when it is none. */
static int format_byte(const struct verify *v, const struct reg *r, uint32_t n)
{
	const struct prog_map *m = &v->c->prog->maps[r->map];

	if (r->kind != R_MAP_VALUE || !map_is_constant(m) || !range_is_const(&r->var) || r->off < 0 || (uint64_t)r->off + n >= m->init_size)
		return -1;
	return m->init[r->off + n];
}

struct format {
	const struct reg *at;
	uint32_t n, size;
};

static int peek(const struct verify *v, const struct format *f, uint32_t ahead)
{
	return f->n + ahead < f->size ? format_byte(v, f->at, f->n + ahead) : 0;
}

static int is_one_of(int ch, const char *set)
{
	while (*set && *set != ch)
		set++;
	return *set;
}

/* Of data in a map, what is left of it, up to so many bytes. */
static uint32_t left_in_map(const struct verify *v, const struct reg *r)
{
	const struct prog_map *m = &v->c->prog->maps[r->map];
	int64_t left;

	if (r->kind != R_MAP_VALUE || !range_is_const(&r->var))
		return 0;
	left = (int64_t)m->value_size - r->off - (int64_t)r->var.value;
	return left < 1 ? 1 : left < STRING_MOST ? (uint32_t)left : STRING_MOST;
}

/* Of a packet, what the program has checked for; of the stack, what holds no pointer. */
static uint32_t left_at(const struct verify *v, const struct reg *r)
{
	int64_t left = r->kind == R_PKT ? (int64_t)r->range - r->off : 0;

	if (r->kind == R_STACK)
		return stack_string(v, r, STRING_MOST);
	if (r->kind == R_PKT)
		return left < 0 ? 0 : left < STRING_MOST ? (uint32_t)left : STRING_MOST;
	return left_in_map(v, r);
}

/* Of constant data, the string with its end, as others may be printed by the same call; else that is known when the program runs. */
static uint32_t string_needs(const struct verify *v, const struct reg *r, uint32_t left)
{
	for (uint32_t n = 0; n < left; n++) {
		int ch = format_byte(v, r, (uint32_t)r->var.value + n);

		if (ch <= 0)
			return ch < 0 ? 1 : n + 1;
	}
	return left;
}

static int refuse_string(struct verify *v)
{
	refuse(v, "the program prints a string (%%s) of which nothing is known to be there");
	return way_out(v, "of a packet, check its length first; else print a local copy, or its bytes as numbers");
}

/* A number where an address should be points nowhere: Linux then prints an empty string, or zeros. */
static int check_value(struct verify *v, unsigned int arg, int bytes)
{
	const struct reg *r = &v->cur->reg[arg + 1];
	uint32_t left = bytes ? left_in_map(v, r) : 0, size = (uint32_t)bytes;

	if (bytes && r->kind == R_SCALAR)
		return arg_printed(v, arg, 1, bytes == STRING ? 1 : size, 0);
	if (bytes != STRING)
		return arg_printed(v, arg, size, left > size ? left : size, bytes && r->kind == R_PKT ? left_at(v, r) : 0);
	left = left_at(v, r);
	return left ? arg_printed(v, arg, string_needs(v, r, left), left, left) : refuse_string(v);
}

/* The bytes of memory that the conversion behind % prints, or STRING; 0: it prints a number. The format is at its letter then. */
static int conversion_bytes(const struct verify *v, struct format *f)
{
	while (is_one_of(peek(v, f, 0), "0123456789+- "))
		f->n++;
	if (peek(v, f, 0) == 's')
		return STRING;
	if (peek(v, f, 0) != 'p' || !is_one_of(peek(v, f, 1), "iI") || !is_one_of(peek(v, f, 2), "46"))
		return 0;
	f->n += 2;
	return peek(v, f, 0) == '4' ? ADDRESS4 : ADDRESS6;
}

/* A format that is not constant prints numbers; what else it asks for, the host leaves out. */
static int check_format(struct verify *v, const struct reg *at, uint32_t size, int vector)
{
	struct format f = { .at = at, .size = size };
	unsigned int arg = FIRST;
	int bytes;

	for (; peek(v, &f, 0) > 0; f.n++) {
		if (peek(v, &f, 0) != '%')
			continue;
		f.n++;
		if (peek(v, &f, 0) == '%')
			continue;
		bytes = conversion_bytes(v, &f);
		if (vector && bytes) {
			refuse(v, "the program prints a string or an address (%%s, %%pI4) among more than 3 values");
			return way_out(v, "print it with a bpf_printk of its own");
		}
		if (!vector && arg <= LAST && check_value(v, arg++, bytes))
			return -1;
	}
	while (!vector && arg <= LAST)
		if (arg_printed(v, arg++, 0, 0, 0))
			return -1;
	return 0;
}

int verify_print_format(struct verify *v)
{
	const struct reg *r = v->cur->reg;

	return check_format(v, &r[1], (uint32_t)r[2].var.umax, 1);
}

/* Paths that share the call differ in theirs, and more than the kinds of values follows from it: how many there are, the length of the text. */
static int needs_one_format(const struct verify *v, int helper)
{
	const struct fact *f = &v->c->facts[v->pc];

	return !f->arg[0].off_known && ((helper == HELPER_TRACE_VPRINTK && !f->arg[2].size_known) || v->live[v->pc + 1] & var_of(0, v->frame->depth));
}

int verify_print(struct verify *v, int helper)
{
	const struct reg *r = v->cur->reg;
	const struct arg_fact *numbers = &v->c->facts[v->pc].arg[2];

	if (log_map(v->c->prog) == NO_LOG)
		return refuse(v, "the program prints, and its maps have no log");
	if (needs_one_format(v, helper) && !split_by_address(v, 1))
		return 0;
	if (helper == HELPER_TRACE_VPRINTK && (!numbers->size_known || numbers->size % WORD || numbers->size > WORD * PRINT_VALUES_MAX))
		return refuse(v, "bpf_trace_vprintk takes up to %d numbers of 8 bytes, and their size here is %s", (int)PRINT_VALUES_MAX,
			      numbers->size_known ? "another" : "not known");
	return helper == HELPER_TRACE_VPRINTK ? 0 : check_format(v, &r[1], (uint32_t)r[2].var.umax, 0);
}

enum { CONVERSION_CHARS = 16 };

static int refuse_conversion(struct verify *v, const uint8_t *at, uint32_t length, const char *why)
{
	char text[CONVERSION_CHARS];
	uint32_t n;

	for (n = 0; n < length && n + 1 < sizeof(text) && format_takes(at[n]); n++)
		text[n] = (char)at[n];
	text[n] = 0;
	return refuse(v, "the format of bpf_snprintf asks for %s, %s", text, why);
}

/* Each conversion has a number, and is one that the NIC makes text of. */
static int check_text(struct verify *v, const uint8_t *at, uint64_t left)
{
	struct conversion c;
	uint32_t n;

	for (; *at; at += n) {
		if (!format_takes(*at))
			return refuse(v, "the format of bpf_snprintf has a character that Linux does not take");
		n = *at == '%' && at[1] == '%' ? 2 : 1;
		if (*at != '%' || n == 2)
			continue;
		n += format_conversion(at + 1, &c);
		if (n == 1)
			return refuse_conversion(v, at, CONVERSION_CHARS, "which Linux does not take");
		if (!left--)
			return refuse_conversion(v, at, n, "and has no number for it");
		if (c.width >= WIDTH_MOST)
			return refuse_conversion(v, at, n, "which is too wide");
		if (c.kind == CONV_DECIMAL || c.kind == CONV_HEX || c.kind == CONV_CHAR)
			continue;
		refuse_conversion(v, at, n, "and the NIC makes text of numbers and characters only");
		return way_out(v, "send what is to become text in a record, and let the host do it");
	}
	return 0;
}

/* Whether there is a format with an end is asked of the arguments. */
int verify_text(struct verify *v)
{
	const struct reg *r = v->cur->reg, *size = &r[5];
	uint32_t n = 0;

	if (size->kind != R_SCALAR || !range_is_const(&size->var)) {
		refuse(v, "how many numbers bpf_snprintf gets is not known");
		return way_out(v, "call it once for each format, as BPF_SNPRINTF() does");
	}
	precise_reg(v, 5);
	if (size->var.value % WORD)
		return refuse(v, "bpf_snprintf takes numbers of 8 bytes each, and their size here is %llu", (unsigned long long)size->var.value);
	while (format_byte(v, &r[3], n) > 0)
		n++;
	if (format_byte(v, &r[3], n))
		return 0;
	return check_text(v, v->c->prog->maps[r[3].map].init + r[3].off, size->var.value / WORD);
}
