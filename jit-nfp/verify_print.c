// SPDX-License-Identifier: Apache-2.0
/* bpf_trace_printk and bpf_trace_vprintk: what the NIC can print are numbers, after a format that the host reads. */
#include "verify.h"

enum { WORD = 8, NUMBERS_MAX = 12 };

/* The byte of a format that is constant data; -1 when it is none. */
static int format_byte(const struct verify *v, const struct reg *r, uint32_t n)
{
	const struct prog_map *m = &v->c->prog->maps[r->map];

	if (r->kind != R_MAP_VALUE || !map_is_constant(m) || !range_is_const(&r->var) || r->off < 0 || (uint64_t)r->off + n >= m->init_size)
		return -1;
	return m->init[r->off + n];
}

/* Conversions that take a pointer to be followed. */
static int check_format(struct verify *v, const struct reg *r, uint32_t size)
{
	int in_conversion = 0;

	for (uint32_t n = 0; n < size; n++) {
		int ch = format_byte(v, r, n);

		if (ch <= 0)
			return 0;
		if (ch == '%')
			in_conversion = !in_conversion;
		else if (in_conversion && (ch == 's' || ch == 'p')) {
			refuse(v, "the program prints with %%%s, and the NIC prints numbers only", ch == 's' ? "s" : "p");
			return way_out(v, "print what it points to as numbers");
		} else if (in_conversion && ch != 'l' && ch != 'h' && ch != '-' && ch != '+' && ch != ' ' && !(ch >= '0' && ch <= '9')) {
			in_conversion = 0;
		}
	}
	return 0;
}

int verify_print(struct verify *v, int helper)
{
	const struct reg *r = v->cur->reg;
	const struct arg_fact *numbers = &v->c->facts[v->pc].arg[2];

	if (log_map(v->c->prog) == NO_LOG)
		return refuse(v, "the program prints, and its maps have no log");
	if (helper == HELPER_TRACE_VPRINTK && (!numbers->size_known || numbers->size % WORD || numbers->size > WORD * NUMBERS_MAX))
		return refuse(v, "bpf_trace_vprintk takes up to %d numbers of 8 bytes, and their size here is %s", (int)NUMBERS_MAX,
			      numbers->size_known ? "another" : "not known");
	return check_format(v, &r[1], (uint32_t)r[2].var.umax);
}
