// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Places on the stack for spilled registers: two share one when, in program order, they are never live at once. The scheduler keeps the order
 * of accesses to a place, so program order is what counts. */
#include "regalloc.h"

struct near { uint32_t vreg; struct near *next; };

struct slots {
	struct compile *c;
	const uint8_t *wanted;
	int16_t *slot;
	struct near **near;   /* per vreg */
	uint32_t *at;         /* per vreg: place in live plus one */
	uint32_t *live, n_live;
};

static void add_live(struct slots *s, uint32_t vreg)
{
	if (!vreg || !s->wanted[vreg] || s->at[vreg])
		return;
	s->live[s->n_live++] = vreg;
	s->at[vreg] = s->n_live;
}

static void drop_live(struct slots *s, uint32_t vreg)
{
	uint32_t n = s->at[vreg], last;

	if (!n)
		return;
	last = s->live[--s->n_live];
	s->live[n - 1] = last;
	s->at[last] = n;
	s->at[vreg] = 0;
}

static void add_list(struct slots *s, const struct trace *t)
{
	for (const struct live_in *in = t ? t->live : NULL; in; in = in->next)
		add_live(s, in->vreg);
}

static void add_near(struct slots *s, uint32_t x, uint32_t y)
{
	struct near *n = arena_take(s->c->arena, sizeof(*n));

	if (!n)
		return;
	*n = (struct near){ y, s->near[x] };
	s->near[x] = n;
}

static void write(struct slots *s, uint32_t vreg)
{
	for (uint32_t n = 0; n < s->n_live; n++)
		if (s->live[n] != vreg) {
			add_near(s, vreg, s->live[n]);
			add_near(s, s->live[n], vreg);
		}
	drop_live(s, vreg);
}

static void walk(struct slots *s, const struct trace *t)
{
	while (s->n_live)
		drop_live(s, s->live[0]);
	add_list(s, t->next);
	for (uint32_t n = t->n_ops; n-- > 0;) {
		const struct mop *m = &t->ops[n];

		add_list(s, m->target);
		if (m->dst && s->wanted[m->dst])
			write(s, m->dst);
		add_live(s, m->a);
		add_live(s, m->b);
		add_live(s, m->c);
	}
}

/* Below the program's own stack and what earlier rounds took. Returns the bytes taken, so that it starts where they end. */
static uint32_t place(struct slots *s, uint32_t vreg, uint32_t base)
{
	uint32_t k = 0;
	int clash = 1;

	while (clash) {
		clash = 0;
		k++;
		for (const struct near *n = s->near[vreg]; n && !clash; n = n->next)
			clash = s->slot[n->vreg] == (int16_t)-(int32_t)(base + 8 * k);
	}
	s->slot[vreg] = (int16_t)-(int32_t)(base + 8 * k);
	return 8 * k;
}

int spill_slots(struct compile *c, const uint8_t *wanted, int16_t *slot)
{
	struct mach *m = &c->func->mach;
	struct slots s = { .c = c, .wanted = wanted, .slot = slot };
	uint32_t base = (c->stack_used + 7) / 8 * 8 + m->spill_bytes, taken = 0;

	s.near = arena_alloc(c->arena, m->n_vregs * sizeof(*s.near));
	s.at = arena_alloc(c->arena, m->n_vregs * sizeof(*s.at));
	s.live = arena_alloc(c->arena, m->n_vregs * sizeof(*s.live));
	if (c->arena->failed)
		return -1;
	for (uint32_t n = 0; n < m->n_traces; n++)
		walk(&s, m->trace[n]);
	for (uint32_t v = 1; v < m->n_vregs && !c->arena->failed; v++) {
		uint32_t bytes = wanted[v] ? place(&s, v, base) : 0;

		taken = bytes > taken ? bytes : taken;
	}
	m->spill_bytes += taken;
	if (base + taken <= c->target->stack - (has_tail_calls(c) ? TAIL_CALL_BYTES : 0U))
		return c->arena->failed ? -1 : 0;
	c->no_room = 1;
	error(c, -1, "the program keeps too many values at once: with %u bytes of stack there is no room for them", c->stack_used);
	return error_note(c, "use less stack, or keep fewer values across branches");
}
