// SPDX-License-Identifier: Apache-2.0
#include "iss.h"

static uint64_t divide_signed(const struct iss_word *w, int64_t a, int64_t b)
{
	bool quotient = w->op == OP_DIVS;

	if (b == 0)
		return quotient ? 0 : (uint64_t)a;
	if (b == -1) /* where the quotient overflows, it is a */
		return quotient ? -(uint64_t)a : 0;
	return (uint64_t)(quotient ? a / b : a % b);
}

static uint64_t divide(const struct iss_word *w, uint64_t a, uint64_t b)
{
	switch (w->op) {
	case OP_DIVU: return b ? a / b : 0;
	case OP_MODU: return b ? a % b : a;
	default:
		if (w->w32)
			return divide_signed(w, (int32_t)a, (int32_t)b);
		return divide_signed(w, (int64_t)a, (int64_t)b);
	}
}

void fp_div_cycle(struct iss *n)
{
	if (n->div_busy) {
		const struct iss_thread *t = &n->thread[n->div_thread];
		uint64_t v;

		if (n->cycle != n->div_end)
			return;
		v = divide(t->div.word, t->div.a, t->div.b);
		map_unit_x(n, n->div_thread, t->div.word->w32 ? (uint32_t)v : v);
		fp_core_wake(n, n->div_thread, n->cycle + 1);
		n->div_busy = false;
		return;
	}
	n->div_thread = n->div_queue[n->div_head];
	n->div_head = (n->div_head + 1) % ISS_THREADS;
	n->div_count--;
	n->div_busy = true;
	n->div_end = n->cycle + (n->thread[n->div_thread].div.word->w32 ? 34 : 66);
}
