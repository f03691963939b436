// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Values to operations, trace by trace: one callback per value operation, in the table below. Constants and specials become operands where
 * a word has room for them. Phis become copies at the end of the blocks that lead to them; where an argument is needed by the phi only, the
 * operation that makes it writes the phi's register itself. */
#include "lower.h"
#include "hw/spec/regs.h"
#include "opt.h"

/* ---- emitting ---- */

struct mop *lower_emit(struct lower *l, enum isa_op op)
{
	return mop_append(l->c, l->t, op, l->v->insn);
}

uint8_t lower_lanes(const struct lower *l, enum isa_op op)
{
	uint8_t lanes = 0;

	for (uint32_t lane = 0; lane < l->c->target->lanes; lane++)
		if (isa_slot_allows(isa_lookup(op)->slot, (int)lane, (int)l->c->target->lanes))
			lanes |= (uint8_t)(1U << lane);
	return lanes;
}

void lower_set_dst(struct lower *l, struct mop *m, uint32_t vreg)
{
	struct vreg *v = &l->f->mach.vreg[vreg];

	if (!m || !vreg)
		return;
	m->dst = vreg;
	if (isa_lookup(m->w.op)->result == RESULT_NEXT)
		v->lanes &= lower_lanes(l, (enum isa_op)m->w.op) | (mop_may_load(m) ? lower_lanes(l, OP_LD) : 0);
	else
		v->waits = 1;
}

uint32_t lower_vreg(struct lower *l, struct value *v)
{
	if (!v->vreg)
		v->vreg = mop_vreg(l->c);
	return v->vreg;
}

/* A word that writes a register has one of its own even when nobody reads it. */
static void result(struct lower *l, struct mop *m)
{
	if (m && (l->v->uses || isa_lookup(m->w.op)->result == RESULT_NEXT))
		lower_set_dst(l, m, lower_vreg(l, l->v));
}

static void set_a(struct mop *m, struct operand o)
{
	if (!m)
		return;
	m->a = o.vreg;
	m->w.a = o.code;
}

void lower_set_b(struct mop *m, struct operand o)
{
	if (!m)
		return;
	m->b = o.vreg;
	m->w.b = o.code;
}

static void set_imm(struct mop *m, uint64_t imm)
{
	if (!m)
		return;
	m->w.has_imm = 1;
	m->w.b = 0;
	m->w.imm = (uint32_t)imm;
}

/* ---- operands ---- */

static int is_int32(int64_t n)
{
	return n >= INT32_MIN && n <= INT32_MAX;
}

/* An address in a map that has an operand of its own. */
static int is_map_address(uint64_t imm)
{
	return imm >> 60 == NIC_TAG_MAP && imm << 4 >> 52 <= SR_MAP15 - SR_MAP0 && !(imm << 16 >> 47);
}

static uint8_t map_base(uint64_t imm)
{
	return (uint8_t)(SR_MAP0 + (imm >> 48 & 15));
}

void lower_const(struct lower *l, uint32_t to, uint64_t imm)
{
	struct mop *m;
	uint32_t low;

	if (is_int32((int64_t)imm) || imm <= UINT32_MAX) {
		m = lower_emit(l, OP_MOV);
		set_imm(m, imm);
		if (m) {
			m->w.w32 = !is_int32((int64_t)imm);
			m->again = 1;
		}
		lower_set_dst(l, m, to);
		return;
	}
	if (is_map_address(imm)) {
		m = lower_emit(l, OP_ADD);
		set_a(m, (struct operand){ 0, map_base(imm) });
		set_imm(m, (uint32_t)imm);
		if (m)
			m->again = 1;
		lower_set_dst(l, m, to);
		return;
	}
	low = (uint32_t)imm ? mop_vreg(l->c) : 0;
	if (low)
		lower_const(l, low, (uint32_t)imm);
	m = lower_emit(l, OP_MOVH);
	set_a(m, (struct operand){ low, low ? 0 : SR_ZERO });
	if (m) {
		m->w.imm = (uint32_t)(imm >> 32);
		m->again = !low;
	}
	lower_set_dst(l, m, to);
}

static uint32_t const_vreg(struct lower *l, uint64_t imm)
{
	uint32_t vreg;

	for (uint32_t n = 0; n < l->n_cached; n++)
		if (l->cached[n].imm == imm)
			return l->cached[n].vreg;
	vreg = mop_vreg(l->c);
	if (!vreg)
		return 0;
	lower_const(l, vreg, imm);
	if (l->n_cached < CACHED_CONSTS) {
		l->cached[l->n_cached].imm = imm;
		l->cached[l->n_cached++].vreg = vreg;
	}
	return vreg;
}

static struct operand operand(struct lower *l, struct value *v)
{
	v = ir_resolve(v);
	if (v->op == IR_SPECIAL)
		return (struct operand){ 0, (uint8_t)v->imm };
	if (v->op != IR_CONST)
		return (struct operand){ lower_vreg(l, v), 0 };
	if (!v->imm)
		return (struct operand){ 0, SR_ZERO };
	if (is_map_address((uint64_t)v->imm) && !(uint32_t)v->imm)
		return (struct operand){ 0, map_base((uint64_t)v->imm) };
	return (struct operand){ const_vreg(l, (uint64_t)v->imm), 0 };
}

/* Does imm32 stand for k as the second source? */
static int fits_imm(int w, int64_t k)
{
	return w || is_int32(k);
}

/* The operand that may be an immediate is fetched first: fetching may emit. */
struct source { int is_imm; uint64_t imm; struct operand o; };

static struct source source(struct lower *l, struct value *v, int w)
{
	struct source s = { 0, 0, { 0, 0 } };

	v = ir_resolve(v);
	s.is_imm = v->op == IR_CONST && v->imm && fits_imm(w, v->imm);
	if (s.is_imm)
		s.imm = (uint64_t)v->imm;
	else
		s.o = operand(l, v);
	return s;
}

static void set_source(struct mop *m, struct source s)
{
	if (s.is_imm)
		set_imm(m, s.imm);
	else
		lower_set_b(m, s.o);
}

/* ---- callbacks ---- */

static void lower_binary(struct lower *l, enum isa_op op)
{
	struct operand a = operand(l, l->v->arg[0]);
	struct source b = source(l, l->v->arg[1], l->v->w);
	struct mop *m = lower_emit(l, op);

	if (!m)
		return;
	m->w.w32 = l->v->w;
	set_a(m, a);
	set_source(m, b);
	result(l, m);
}

static void lower_alu(struct lower *l)
{
	lower_binary(l, (enum isa_op)(OP_ADD + (l->v->op - IR_ADD)));
}

static void lower_div(struct lower *l)
{
	lower_binary(l, (enum isa_op)(OP_DIVU + (l->v->op - IR_DIVU)));
	if (l->t->n_ops)
		l->t->ops[l->t->n_ops - 1].stays = STAYS_BELOW;
}

static void lower_field(struct lower *l)
{
	struct operand a = operand(l, l->v->arg[0]);
	struct mop *m = lower_emit(l, l->v->op == IR_UBFX ? OP_UBFX : OP_SBFX);

	if (!m)
		return;
	set_a(m, a);
	m->w.shift = l->v->shift;
	m->w.len = l->v->len;
	result(l, m);
}

static void lower_bswap(struct lower *l)
{
	struct operand a = operand(l, l->v->arg[0]);
	struct mop *m = lower_emit(l, OP_BSWAP);

	if (!m)
		return;
	set_a(m, a);
	m->w.width = l->v->width;
	result(l, m);
}

static void lower_upper(struct lower *l)
{
	struct operand a = operand(l, l->v->arg[0]);
	struct mop *m = lower_emit(l, OP_MOVH);

	if (!m)
		return;
	set_a(m, a);
	m->w.imm = (uint32_t)l->v->imm;
	result(l, m);
}

static void lower_sum(struct lower *l)
{
	struct operand a = operand(l, l->v->arg[0]);
	struct source b = { 0, 0, { 0, 0 } };
	struct mop *m;

	if (l->v->op == IR_OADD)
		b = source(l, l->v->arg[1], 0);
	m = lower_emit(l, l->v->op == IR_OADD ? OP_OADD : OP_FOLD);
	if (!m)
		return;
	set_a(m, a);
	if (l->v->op == IR_OADD)
		set_source(m, b);
	result(l, m);
}

static void lower_win(struct lower *l)
{
	struct mop *m = lower_emit(l, l->v->sign ? OP_WSBFX : OP_WUBFX);

	if (!m)
		return;
	m->w.woff = (uint8_t)l->v->imm;
	m->w.width = l->v->width;
	m->w.swap = l->v->swap;
	m->w.shift = l->v->shift;
	m->w.len = l->v->len;
	m->region[0] = R_PKT;
	m->again = l->f->n_epochs == 1; /* no store changes the packet */
	result(l, m);
}

static struct mop *lower_access(struct lower *l, enum isa_op op, struct operand a)
{
	struct mop *m = lower_emit(l, op);

	if (!m)
		return NULL;
	set_a(m, a);
	m->w.off = (int16_t)l->v->imm;
	m->w.width = l->v->width;
	m->w.swap = l->v->swap;
	m->region[0] = l->v->region[0];
	m->map = l->v->map;
	m->fence = l->v->fence;
	return m;
}

static void lower_load(struct lower *l)
{
	int map = l->v->op == IR_MLD, sign = l->v->sign && l->v->width < 8;
	struct mop *m = lower_access(l, map ? (sign ? OP_MLDS : OP_MLD) : (sign ? OP_LDS : OP_LD), operand(l, l->v->arg[0]));

	if (m && map)
		m->stays = STAYS_BELOW;
	result(l, m);
}

static uint64_t swapped(uint64_t n, unsigned int bytes)
{
	return __builtin_bswap64(n) >> (64 - 8 * bytes);
}

/* A store of a constant: its low bytes as an imm32 that is sign-extended, if they can be one. */
static int stored_imm(const struct value *v, uint64_t *imm)
{
	const struct value *data = v->arg[1];
	unsigned int unused = 64 - 8U * v->width;

	if (data->op != IR_CONST)
		return 0;
	*imm = v->swap ? swapped((uint64_t)data->imm, v->width) : (uint64_t)data->imm;
	*imm = (uint64_t)((int64_t)(*imm << unused) >> unused);
	return is_int32((int64_t)*imm);
}

static void lower_store(struct lower *l)
{
	enum { SIX = 6 };
	struct operand a = operand(l, l->v->arg[0]), b = { 0, SR_ZERO };
	struct mop *m;
	uint64_t imm = 0;
	int is_imm;

	l->v->arg[1] = ir_resolve(l->v->arg[1]);
	is_imm = stored_imm(l->v, &imm);
	if (!is_imm)
		b = operand(l, l->v->arg[1]);
	m = lower_access(l, l->v->op == IR_MST ? OP_MST : l->v->width == SIX ? OP_ST6 : OP_ST, a);
	if (!m)
		return;
	m->stays = STAYS_PUT;
	if (is_imm) {
		m->w.swap = 0;
		set_imm(m, imm);
	} else {
		lower_set_b(m, b);
	}
}

static void lower_atomic(struct lower *l)
{
	struct operand a = operand(l, l->v->arg[0]), c = { 0, SR_ZERO };
	struct source b = { 0, 0, { 0, 0 } };
	struct mop *m;

	if (l->v->op == IR_MCAS)
		b.o = operand(l, l->v->arg[1]);
	else
		b = source(l, l->v->arg[1], l->v->w);
	if (l->v->op == IR_MCAS)
		c = operand(l, l->v->arg[2]);
	m = lower_access(l, (enum isa_op)(OP_MADD + (l->v->op - IR_MADD)), a);
	if (!m)
		return;
	set_source(m, b);
	m->c = c.vreg;
	m->w.c = c.code;
	m->w.w32 = l->v->w;
	m->w.fetch = l->v->uses != 0;
	m->stays = STAYS_PUT;
	result(l, m);
}

/* Looking up in vain costs a packet that is too short a wait, and leaves no trace but in tables that make room: there a lookup counts. */
static enum stays lookup_stays(const struct lower *l)
{
	uint32_t type = map_is_template(l->c->prog, l->v->map) ? 0 : l->c->maps[l->v->map].type;

	return type == MAP_TYPE_HASH || type == MAP_TYPE_PERCPU_HASH || type == MAP_TYPE_LPM_TRIE ? STAYS_LONG : STAYS_BELOW;
}

static void lower_call(struct lower *l)
{
	static const uint8_t ops[] = { OP_MLOOK, OP_MLOOKR, OP_MUPD, OP_MDEL, OP_MCPY, OP_MLOOK };
	struct operand arg[3] = { { 0, 0 }, { 0, 0 }, { 0, 0 } };
	struct mop *m;

	for (int n = 0; n < ir_args[l->v->op]; n++)
		arg[n] = operand(l, l->v->arg[n]);
	m = lower_emit(l, (enum isa_op)ops[l->v->op - IR_LOOK]);
	if (!m)
		return;
	set_a(m, arg[0]);
	lower_set_b(m, arg[1]);
	m->c = arg[2].vreg;
	m->w.c = arg[2].code;
	m->w.map = m->map = map_is_template(l->c->prog, l->v->map) ? MAP_ANY : l->v->map; /* which is the number for the map that is selected */
	m->region[0] = l->v->region[0];
	m->region[1] = l->v->region[1];
	m->stays = l->v->op == IR_LOOK ? STAYS_BELOW : l->v->op == IR_LOOKR ? lookup_stays(l) : STAYS_PUT;
	result(l, m);
}

static void lower_source(struct lower *l)
{
	struct mop *m = lower_emit(l, l->v->op == IR_RDT ? OP_RDT : OP_RND);

	if (!m)
		return;
	m->stays = l->v->op == IR_RDT ? STAYS_BELOW : STAYS_PUT;
	result(l, m);
}

static void lower_now(struct lower *l)
{
	struct mop *m = lower_emit(l, OP_MOV);

	lower_set_b(m, (struct operand){ 0, (uint8_t)l->v->imm });
	result(l, m);
}

/* The word has a destination even when nobody asks how it went. */
static void lower_adjust(struct lower *l)
{
	struct source b = source(l, l->v->arg[0], 1);
	struct mop *m = lower_emit(l, (enum isa_op)l->v->imm);

	set_source(m, b);
	if (!m)
		return;
	m->region[0] = R_PKT;
	m->stays = STAYS_PUT;
	lower_set_dst(l, m, lower_vreg(l, l->v));
}

static void lower_redirect(struct lower *l)
{
	struct source b = source(l, l->v->arg[0], 1);
	struct mop *m = lower_emit(l, OP_RDIR);

	set_source(m, b);
	if (m)
		m->stays = STAYS_PUT;
}

static void lower_select(struct lower *l)
{
	struct source b = source(l, l->v->arg[0], 1);
	struct mop *m = lower_emit(l, OP_MSEL);

	set_source(m, b);
	if (!m)
		return;
	m->region[0] = R_MAP_VALUE;
	m->map = MAP_ANY;
	m->fence = 1;
	m->stays = STAYS_PUT;
}

/* ---- branches ---- */

static struct mop *emit_condition(struct lower *l, int invert)
{
	struct value *v = l->v;
	int op = invert ? mop_inverse(v->cc) : v->cc;
	struct operand a;
	struct source b;
	struct mop *m;

	if (v->op == IR_WBR) {
		m = lower_emit(l, (enum isa_op)op);
		if (!m)
			return NULL;
		m->w.woff = v->shift;
		m->w.width = v->width;
		m->w.swap = v->swap;
		m->w.mask = v->mask;
		m->w.imm = (uint32_t)v->imm;
		if (invert && v->cc == OP_WJGT) /* not x > k: x < k + 1 */
			m->w.imm++;
		if (invert && v->cc == OP_WJLT)
			m->w.imm--;
		m->region[0] = R_PKT;
		return m;
	}
	a = operand(l, v->arg[0]);
	b = source(l, v->arg[1], v->w);
	m = lower_emit(l, (enum isa_op)op);
	set_a(m, a);
	set_source(m, b);
	if (m)
		m->w.w32 = v->w;
	return m;
}

static int is_bare_exit(const struct block *b)
{
	return b->first->op == IR_EXIT && (b->first->arg[0]->op == IR_CONST || b->first->arg[0]->op == IR_SPECIAL);
}

static void emit_exit(struct lower *l, struct value *verdict)
{
	struct source b = source(l, verdict, 1);
	struct mop *m = lower_emit(l, OP_EXIT);

	set_source(m, b);
	if (m)
		if (m && !m->w.has_imm && !m->b && m->w.b == SR_ZERO)
		set_imm(m, 0);
}

/* The end of the trace: into another trace, or out by a copy of its exit. */
static void emit_end(struct lower *l, struct block *to)
{
	struct mop *m;

	if (is_bare_exit(to)) {
		emit_exit(l, to->first->arg[0]);
		return;
	}
	l->t->next = to->trace;
	if (to->trace->id == l->t->id + 1) /* falls into it */
		return;
	m = lower_emit(l, OP_JMP);
	if (!m)
		return;
	m->target = to->trace;
}

static void lower_branch(struct lower *l)
{
	struct block *b = l->v->block, *taken = b->succ[0], *other = b->succ[1];
	int invert = b->in_trace ? b->in_trace == taken : taken->trace->id == l->t->id + 1;
	struct mop *m = emit_condition(l, invert);

	if (m) {
		m->target = (invert ? other : taken)->trace;
		m->odds = (uint8_t)(invert ? ODDS_ONE - l->v->odds : l->v->odds);
	}
	if (!b->in_trace)
		emit_end(l, invert ? taken : other);
}

static void lower_exit(struct lower *l)
{
	emit_exit(l, l->v->arg[0]);
}

/* The count of tail calls lies at the lowest place of the stack, in all programs of the image. */
enum { CALLS_AT = -EBPF_STACK_BYTES, CALLS_BYTES = 4 };

static struct mop *lower_count(struct lower *l, enum isa_op op)
{
	struct mop *m = lower_emit(l, op);

	if (!m)
		return NULL;
	m->w.a = SR_FP;
	m->w.off = CALLS_AT;
	m->w.width = CALLS_BYTES;
	m->region[0] = R_STACK;
	return m;
}

static void lower_calls(struct lower *l)
{
	result(l, lower_count(l, OP_LD));
}

static void lower_tail(struct lower *l)
{
	struct operand a = operand(l, l->v->arg[0]), b = operand(l, l->v->arg[1]);
	struct mop *m = lower_count(l, OP_ST);

	lower_set_b(m, b);
	if (m)
		m->stays = STAYS_PUT;
	set_a(lower_emit(l, OP_JMPR), a);
}

static void lower_jump(struct lower *l)
{
	struct block *b = l->v->block, *to = b->succ[0];

	lower_phis(l, b, to);
	if (!b->in_trace)
		emit_end(l, to);
}

static void lower_nothing(struct lower *l)
{
	(void)l;
}

static void (*const callbacks[])(struct lower *l) = {
	[IR_PHI] = lower_nothing,
	[IR_ADD] = lower_alu, [IR_SUB] = lower_alu, [IR_AND] = lower_alu, [IR_OR] = lower_alu, [IR_XOR] = lower_alu,
	[IR_LSH] = lower_alu, [IR_RSH] = lower_alu, [IR_ARSH] = lower_alu, [IR_MUL] = lower_alu,
	[IR_DIVU] = lower_div, [IR_MODU] = lower_div, [IR_DIVS] = lower_div, [IR_MODS] = lower_div,
	[IR_OADD] = lower_sum, [IR_FOLD] = lower_sum,
	[IR_UBFX] = lower_field, [IR_SBFX] = lower_field, [IR_BSWAP] = lower_bswap, [IR_MOVH] = lower_upper,
	[IR_WIN] = lower_win, [IR_LD] = lower_load, [IR_MLD] = lower_load,
	[IR_RDT] = lower_source, [IR_RND] = lower_source, [IR_RDIR] = lower_redirect,
	[IR_NOW] = lower_now, [IR_ADJ] = lower_adjust,
	[IR_ST] = lower_store, [IR_MST] = lower_store,
	[IR_MADD] = lower_atomic, [IR_MAND] = lower_atomic, [IR_MOR] = lower_atomic, [IR_MXOR] = lower_atomic,
	[IR_MXCHG] = lower_atomic, [IR_MCAS] = lower_atomic,
	[IR_LOOK] = lower_call, [IR_LOOKR] = lower_call, [IR_UPD] = lower_call, [IR_DEL] = lower_call, [IR_CPY] = lower_call,
	[IR_LOOKS] = lower_call, [IR_MSEL] = lower_select,
	[IR_BR] = lower_branch, [IR_WBR] = lower_branch, [IR_JMP] = lower_jump, [IR_EXIT] = lower_exit,
	[IR_CALLS] = lower_calls, [IR_TAIL] = lower_tail,
};
/* ORDER: ADD..MUL, DIVU..MODS, MADD..MCAS stand in the same order in ir_ops.def and isa.def. */
_Static_assert(OP_MUL - OP_ADD == IR_MUL - IR_ADD && OP_MODS - OP_DIVU == IR_MODS - IR_DIVU &&
	       OP_MCAS - OP_MADD == IR_MCAS - IR_MADD, "same order");

static void number_values(struct func *f)
{
	opt_count_uses(f);
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		uint32_t order = 0;

		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			v->order = order++;
	}
}

int lower_run(struct compile *c)
{
	struct lower l = { .c = c, .f = c->func };
	struct mach *m = &c->func->mach;

	if (mop_start(c))
		return -1;
	number_values(c->func);
	for (uint32_t n = 0; n < l.f->n_rpo && !c->arena->failed; n++)
		lower_share(&l, l.f->rpo[n]);
	for (uint32_t n = 0; n < m->n_traces; n++) {
		l.t = m->trace[n];
		l.n_cached = 0;
		for (struct block *b = l.t->blocks; b; b = b->in_trace)
			for (l.v = b->first; l.v && !c->arena->failed; l.v = l.v->next)
				callbacks[l.v->op](&l);
	}
	return c->arena->failed || c->diag->text[0] ? -1 : 0;
}
