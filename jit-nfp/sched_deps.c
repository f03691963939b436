// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* What must come before what in a trace. All lanes of a bundle read before any of them writes, so a write may share its bundle with a read
 * of the old value; a result can be used from the next bundle on. */
#include "schedule.h"

enum { RECENT_MAX = 48 };

struct recent {               /* operations a later one may have to wait for */
	uint32_t op[RECENT_MAX];
	uint32_t n;
	uint8_t stands;       /* the first one for more that came before it */
};

struct deps {
	struct sched *s;
	struct recent reads[3], writes[3]; /* packet, stack, map values */
	struct recent puts;   /* STAYS_PUT since the last branch */
	struct recent x_reads;
	struct recent branches;
	uint32_t x, branch;   /* last WAIT and branch */
	uint32_t redirect;    /* last RDIR */
	uint32_t time;        /* last RDT: time does not go back */
	struct recent places; /* operations that read where the packet lies, since it moved last */
	uint32_t moved;       /* it did so by */
	uint32_t forgotten;   /* last branch that is no longer in branches */
};

struct seen *sched_seen(struct sched *s, uint32_t vreg)
{
	struct seen *v = &s->seen[vreg];

	if (v->run != s->run) {
		v->run = s->run;
		v->def = v->read = NONE;
		v->uses = 0;
	}
	return v;
}

static void depend(struct deps *d, uint32_t from, uint32_t to, int late)
{
	struct edge *e;

	if (from == NONE || from == to)
		return;
	e = arena_take(d->s->c->arena, sizeof(*e));
	if (!e)
		return;
	*e = (struct edge){ to, (uint8_t)late, d->s->node[from].succ };
	d->s->node[from].succ = e;
	d->s->node[to].n_preds++;
}

/* When the list is full, the newest comes after all of them and stands for them. */
static void remember(struct deps *d, struct recent *list, uint32_t op)
{
	if (list->n == RECENT_MAX) {
		for (uint32_t n = 0; n < list->n; n++)
			depend(d, list->op[n], op, 1);
		list->n = 0;
		list->stands = 1;
	}
	list->op[list->n++] = op;
}

static void after_all(struct deps *d, const struct recent *list, uint32_t op, int late)
{
	for (uint32_t n = 0; n < list->n; n++)
		depend(d, list->op[n], op, late);
}

/* ---- registers ---- */

static int is_last(const struct mop *m)
{
	return isa_lookup(m->w.op)->slot == SLOT_M;
}

/* An operand that is packet bytes may be taken from the word that reads them, in its bundle: by what any lane does in the orders that try that. */
static int is_late(const struct deps *d, uint32_t def, uint32_t op)
{
	const struct mop *ops = d->s->t->ops;

	if (def == NONE || !mop_may_take(d->s->c, &ops[def], &ops[op]))
		return 1;
	if (is_last(&ops[op]))
		return 0;
	d->s->could_take = 1;
	return !d->s->takes;
}

static void read_vreg(struct deps *d, uint32_t vreg, uint32_t op)
{
	struct seen *v;
	int late;

	if (!vreg)
		return;
	v = sched_seen(d->s, vreg);
	v->uses++;
	late = is_late(d, v->def, op);
	depend(d, v->def, op, late);
	if (!late && is_last(&d->s->t->ops[op]) && d->s->m->vreg[vreg].lanes & d->s->slot_lanes[SLOT_W])
		d->s->node[v->def].lanes = d->s->slot_lanes[SLOT_W]; /* the last lane may have room for an exit then (leave.c) */
	if (!d->s->m->vreg[vreg].many)
		return;
	depend(d, v->read, op, 0); /* a chain, so that a later write waits for the last reader only */
	v->read = op;
}

static void write_vreg(struct deps *d, uint32_t vreg, uint32_t op)
{
	struct seen *v;

	if (!vreg)
		return;
	v = sched_seen(d->s, vreg);
	depend(d, v->def, op, 1);
	depend(d, v->read, op, 0);
	v->def = op;
	v->read = NONE;
}

static void use_x(struct deps *d, const struct mop *m, uint32_t op)
{
	if (mop_reads_x(m)) {
		depend(d, d->x, op, 1);
		remember(d, &d->x_reads, op);
	}
	if (isa_result_of(&m->w) != RESULT_WAIT)
		return;
	after_all(d, &d->x_reads, op, 0);
	d->x_reads.n = 0;
	depend(d, d->x, op, 1);
	d->x = op;
}

/* ---- memory ---- */

static int space_of(uint8_t region)
{
	switch (region) {
	case R_PKT:
	case R_PKT_META:
		return 0;
	case R_STACK:
		return 1;
	case R_MAP_VALUE:
		return 2;
	default:
		return -1;
	}
}

static int is_call(const struct mop *m)
{
	return m->w.op >= OP_MLOOK && m->w.op <= OP_MLOOKR;
}

static int is_window(const struct mop *m)
{
	return m->w.op == OP_WUBFX || m->w.op == OP_WSBFX || (m->w.op >= OP_WJEQ && m->w.op <= OP_WJNE4);
}

static int moves_packet(const struct mop *m)
{
	return m->w.op >= OP_ADJH && m->w.op <= OP_ADJM;
}

static int64_t offset_of(const struct mop *m)
{
	return is_window(m) ? m->w.woff : m->w.off;
}

static int width_of(const struct mop *m)
{
	if (m->w.op >= OP_MADD && m->w.op <= OP_MCAS)
		return m->w.w32 ? 4 : 8;
	if (m->w.op == OP_WJEQ4 || m->w.op == OP_WJNE4)
		return 4;
	return m->w.width;
}

static int same_base(const struct mop *x, const struct mop *y)
{
	uint8_t cx = is_window(x) ? SR_DATA : x->w.a, cy = is_window(y) ? SR_DATA : y->w.a;

	return x->a == y->a && (x->a || cx == cy);
}

/* Both in the same space. The base register of a kind that is written again may have changed between them. */
static int may_overlap(const struct deps *d, const struct mop *x, const struct mop *y)
{
	if (is_call(x) || is_call(y) || moves_packet(x) || moves_packet(y) || x->fence || y->fence)
		return 1;
	if (x->region[0] == R_MAP_VALUE && !maps_meet(x->map, y->map))
		return 0;
	if (!same_base(x, y) || (x->a ? d->s->m->vreg[x->a].many : x->w.a == SR_X))
		return 1;
	return offset_of(x) < offset_of(y) + width_of(y) && offset_of(y) < offset_of(x) + width_of(x);
}

static void after_conflicts(struct deps *d, const struct recent *list, uint32_t op, int late)
{
	const struct mop *ops = d->s->t->ops;

	for (uint32_t n = 0; n < list->n; n++)
		if ((!n && list->stands) || may_overlap(d, &ops[list->op[n]], &ops[op]))
			depend(d, list->op[n], op, late);
}

static int writes_memory(const struct mop *m)
{
	return m->w.op == OP_ST || m->w.op == OP_ST6 || m->w.op == OP_MSEL || moves_packet(m) || (m->w.op >= OP_MST && m->w.op <= OP_MCAS);
}

static void use_memory(struct deps *d, const struct mop *m, uint32_t op)
{
	int space = space_of(m->region[0]), second = space_of(m->region[1]);
	int updates = m->w.op == OP_MUPD || m->w.op == OP_MDEL || m->w.op == OP_MCPY, orders = writes_memory(m) || m->fence;

	if (space >= 0) {
		after_conflicts(d, &d->writes[space], op, 1);
		if (orders)
			after_conflicts(d, &d->reads[space], op, 0);
		remember(d, orders ? &d->writes[space] : &d->reads[space], op);
	}
	if (second >= 0) {
		after_conflicts(d, &d->writes[second], op, 1);
		remember(d, &d->reads[second], op);
	}
	if (!is_call(m))
		return;
	after_all(d, &d->writes[2], op, 1); /* the table itself */
	if (updates)
		after_all(d, &d->reads[2], op, 1);
	remember(d, updates ? &d->writes[2] : &d->reads[2], op);
}

static int is_place(uint32_t vreg, uint8_t code)
{
	return !vreg && (code == SR_DATA || code == SR_DATA_END || code == SR_META || code == SR_LEN);
}

static void use_place(struct deps *d, const struct mop *m, uint32_t op)
{
	if (is_place(m->a, m->w.a) || is_place(m->b, m->w.b) || is_place(m->c, m->w.c)) {
		depend(d, d->moved, op, 1);
		remember(d, &d->places, op);
	}
	if (!moves_packet(m))
		return;
	after_all(d, &d->places, op, 0);
	d->places.n = 0;
	d->moved = op;
}

/* After the last one of its kind. */
static void keep_order(struct deps *d, uint32_t *last, uint32_t op)
{
	depend(d, *last, op, 1);
	*last = op;
}

/* ---- branches ---- */

static int is_live(const struct trace *t, uint32_t vreg)
{
	for (const struct live_in *in = t->live; in; in = in->next)
		if (in->vreg == vreg)
			return 1;
	return 0;
}

/* The last branch on whose way the register's old value is needed. */
static uint32_t last_reader_branch(const struct deps *d, uint32_t vreg)
{
	const struct mop *ops = d->s->t->ops;

	for (uint32_t n = d->branches.n; n-- > 0;)
		if (is_live(ops[d->branches.op[n]].target, vreg))
			return d->branches.op[n];
	return d->forgotten;
}

/* The last branch that asks something else than how long the packet is, or leads to where x is read. */
static uint32_t last_other_branch(const struct deps *d)
{
	const struct mop *ops = d->s->t->ops;

	for (uint32_t n = d->branches.n; n-- > 0;) {
		const struct mop *m = &ops[d->branches.op[n]];

		if (m->keeps_x || m->a || m->w.a != SR_LEN || m->w.op < OP_JEQ || m->w.op > OP_JSLE)
			return d->branches.op[n];
	}
	return d->forgotten;
}

/* Where a packet is redirected to matters to none that ends with another verdict. */
static int is_other_end(const struct trace *t)
{
	enum { XDP_REDIRECT = 4 };
	const struct isa_word *w = &t->ops[0].w;

	return t->n_ops && w->op == OP_EXIT && w->has_imm && w->imm != XDP_REDIRECT;
}

/* The last branch on whose way the packet may be redirected. */
static uint32_t last_redirecting_branch(const struct deps *d)
{
	const struct mop *ops = d->s->t->ops;

	for (uint32_t n = d->branches.n; n-- > 0;)
		if (!is_other_end(ops[d->branches.op[n]].target))
			return d->branches.op[n];
	return d->forgotten;
}

static void stay_below(struct deps *d, const struct mop *m, uint32_t op)
{
	struct node *node = &d->s->node[op];

	node->branch = d->branch;
	if (m->stays == STAYS_LONG)
		node->guard = last_other_branch(d);
	else if (m->w.op == OP_RDIR)
		node->guard = last_redirecting_branch(d);
	else if (m->stays != STAYS_NOT)
		node->guard = d->branch;
	else if (m->dst && d->s->m->vreg[m->dst].many)
		node->guard = last_reader_branch(d, m->dst);
	depend(d, node->guard, op, 0);
	if (m->stays == STAYS_PUT)
		remember(d, &d->puts, op);
}

static void branch_off(struct deps *d, const struct mop *m, uint32_t op)
{
	depend(d, d->branch, op, 0);
	after_all(d, &d->puts, op, 0);
	d->puts.n = 0;
	for (const struct live_in *in = m->target->live; in; in = in->next) {
		struct seen *v = sched_seen(d->s, in->vreg);

		v->uses++;
		depend(d, v->def, op, 0);
	}
	if (d->branches.n == RECENT_MAX) {
		d->forgotten = d->branch;
		d->branches.n = 0;
	}
	d->branches.op[d->branches.n++] = op;
	d->branch = op;
}

/* ---- the graph ---- */

int sched_deps(struct sched *s)
{
	struct deps *d = arena_alloc(s->c->arena, sizeof(*d));
	struct trace *t = s->t;

	s->n_nodes = t->n_ops;
	if (t->n_ops && mop_ends(&t->ops[t->n_ops - 1]))
		s->n_nodes--;
	s->node = arena_alloc(s->c->arena, (s->n_nodes + 1) * sizeof(*s->node));
	if (!d || !s->node)
		return -1;
	d->s = s;
	for (uint32_t n = 0; n < t->n_ops; n++) {
		s->node[n].control = (uint8_t)mop_is_control(&t->ops[n]);
		s->node[n].lanes = s->slot_lanes[isa_lookup(t->ops[n].w.op)->slot] | (mop_may_load(&t->ops[n]) ? s->slot_lanes[SLOT_M] : 0);
	}
	d->x = d->branch = d->redirect = d->time = d->moved = d->forgotten = NONE;
	for (uint32_t n = 0; n < s->n_nodes; n++) {
		const struct mop *m = &t->ops[n];

		s->node[n].guard = s->node[n].branch = NONE;
		read_vreg(d, m->a, n);
		read_vreg(d, m->b, n);
		read_vreg(d, m->c, n);
		use_x(d, m, n);
		use_memory(d, m, n);
		use_place(d, m, n);
		if (m->w.op == OP_RDIR)
			keep_order(d, &d->redirect, n);
		if (m->w.op == OP_RDT)
			keep_order(d, &d->time, n);
		if (mop_is_control(m))
			branch_off(d, m, n);
		else
			stay_below(d, m, n);
		write_vreg(d, m->dst, n);
	}
	for (const struct live_in *in = t->next ? t->next->live : NULL; in; in = in->next)
		sched_seen(s, in->vreg)->uses++;
	if (s->n_nodes < t->n_ops && t->ops[s->n_nodes].b)
		sched_seen(s, t->ops[s->n_nodes].b)->uses++;
	if (s->n_nodes < t->n_ops && t->ops[s->n_nodes].a)
		sched_seen(s, t->ops[s->n_nodes].a)->uses++;
	return s->c->arena->failed ? -1 : 0;
}
