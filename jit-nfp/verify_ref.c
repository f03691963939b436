// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Records of ring buffers that are reserved: on every path each is submitted or discarded once, and not used after that. */
#include "verify.h"

int ref_add(struct verify *v, uint32_t id)
{
	struct state *s = v->cur;

	if (s->n_refs == MAX_REFS) {
		refuse(v, "more than %d records are reserved at once", (int)MAX_REFS);
		return way_out(v, "submit one before the next is reserved");
	}
	s->ref[s->n_refs++] = id;
	return 0;
}

void ref_drop(struct state *s, uint32_t id)
{
	for (uint32_t n = 0; n < s->n_refs; n++)
		if (s->ref[n] == id) {
			memmove(&s->ref[n], &s->ref[n + 1], sizeof(*s->ref) * (s->n_refs - n - 1));
			s->n_refs--;
			return;
		}
}

/* A number like any other, as in Linux. */
static void forget(struct reg *r, uint32_t id)
{
	if ((r->kind != R_MAP_VALUE && r->kind != R_MAP_VALUE_OR_NULL) || r->id != id)
		return;
	reg_scalar(r);
	r->range = WAS_RECORD;
}

void ref_release(struct verify *v, uint32_t id)
{
	struct state *s = v->cur;

	ref_drop(s, id);
	for (unsigned int r = 0; r < EBPF_REGS; r++)
		forget(&s->reg[r], id);
	for (unsigned int d = 0; d < v->frame->depth; d++)
		for (unsigned int n = 0; n < N_SAVED; n++)
			forget(&s->saved[d][n], id);
	for (unsigned int n = 0; n < s->slots; n++) {
		if (s->slot[n].size)
			forget(&s->spill[n], id);
	}
}

int ref_none_left(struct verify *v, const char *where)
{
	if (!v->cur->n_refs)
		return 0;
	refuse(v, "a record that was reserved is neither submitted nor discarded %s", where);
	return way_out(v, "call bpf_ringbuf_submit() or bpf_ringbuf_discard() on every path");
}

int ref_check_size(struct verify *v, unsigned int r)
{
	precise_reg(v, r);
	if (range_is_const(&v->cur->reg[r].var) && v->cur->reg[r].var.value < MAX_OFFSET)
		return 0;
	refuse(v, "the size of a record must be a constant");
	return way_out(v, "reserve the most it can be, or build it on the stack and call bpf_ringbuf_output()");
}

int ref_check_record(struct verify *v, const struct reg *r, const char *what)
{
	if (r->kind == R_MAP_VALUE && r->range && !r->off && range_is_const(&r->var) && !r->var.value)
		return 0;
	refuse(v, "%s must be a record as it was reserved, and is %s", what,
	       r->kind == R_MAP_VALUE && r->range ? "moved" : reg_describe(r));
	return way_out(v, r->kind == R_MAP_VALUE_OR_NULL ? "test the result of bpf_ringbuf_reserve() first" :
		       "pass what bpf_ringbuf_reserve() gave");
}
