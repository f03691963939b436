// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Who needs a value; drops those that nothing needs. */
#include "opt.h"

void opt_count_uses(struct func *f)
{
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			v->uses = 0;
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v; v = v->next) {
			for (int k = 0; k < 3; k++) {
				v->arg[k] = ir_resolve(v->arg[k]);
				if (v->arg[k])
					v->arg[k]->uses++;
			}
			for (uint32_t k = 0; v->op == IR_PHI && k < v->block->n_pred; k++) {
				v->phi[k] = ir_resolve(v->phi[k]);
				v->phi[k]->uses++;
			}
		}
}

struct marks {
	struct value **todo;
	uint32_t n;
};

static void need(struct marks *m, struct value *v)
{
	if (!v || v->uses || ir_kinds[v->op] == KIND_LEAF)
		return;
	v->uses = 1;
	m->todo[m->n++] = v;
}

static void need_args(struct marks *m, struct value *v)
{
	for (int n = 0; n < 3; n++) {
		v->arg[n] = ir_resolve(v->arg[n]);
		need(m, v->arg[n]);
	}
	if (v->op != IR_PHI)
		return;
	for (uint32_t n = 0; n < v->block->n_pred; n++) {
		v->phi[n] = ir_resolve(v->phi[n]);
		need(m, v->phi[n]);
	}
}

int opt_dead_run(struct compile *c)
{
	struct func *f = c->func;
	struct arena mark = *c->arena;
	struct marks m = { arena_alloc(c->arena, (f->n_values + 1) * sizeof(*m.todo)), 0 };

	if (!m.todo)
		return -1;
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			v->uses = 0;
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			if (ir_kinds[v->op] == KIND_EFFECT || ir_kinds[v->op] == KIND_END)
				need(&m, v);
	while (m.n)
		need_args(&m, m.todo[--m.n]);
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			if (!v->uses)
				ir_remove(v);
	*c->arena = mark;
	return 0;
}
