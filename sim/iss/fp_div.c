// SPDX-License-Identifier: Apache-2.0
#include "iss.h"

static uint64_t divide_signed(const struct iss_thread *t, int64_t a, int64_t b)
{
	bool quotient = t->div.op == OP_DIVS;

	if (b == 0)
		return quotient ? 0 : (uint64_t)a;
	if (b == -1) /* where the quotient overflows, it is a */
		return quotient ? -(uint64_t)a : 0;
	return (uint64_t)(quotient ? a / b : a % b);
}

static uint64_t divide(const struct iss_thread *t)
{
	uint64_t a = t->div.a, b = t->div.b;

	switch (t->div.op) {
	case OP_DIVU: return b ? a / b : 0;
	case OP_MODU: return b ? a % b : a;
	default:
		if (t->div.w32)
			return divide_signed(t, (int32_t)a, (int32_t)b);
		return divide_signed(t, (int64_t)a, (int64_t)b);
	}
}

void fp_div_cycle(struct iss_tile *c)
{
	if (c->div_busy) {
		const struct iss_thread *t = &c->thread[c->div_thread];
		uint64_t v;

		if (c->cycle != c->div_end)
			return;
		v = divide(t);
		fp_core_x(c, c->div_thread, t->div.w32 ? (uint32_t)v : v);
		fp_core_wake(c, c->div_thread, c->cycle + 1);
		c->div_busy = false;
		return;
	}
	c->div_thread = c->div_queue[c->div_head];
	c->div_head = (c->div_head + 1) % ISS_THREADS;
	c->div_count--;
	c->div_busy = true;
	c->div_end = c->cycle + (c->thread[c->div_thread].div.w32 ? 34 : 66);
}
