// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Conditional jumps: which ways are possible, and what each way teaches. */
#include "verify.h"

enum { FALLS = 1, JUMPS = 2, BOTH = FALLS | JUMPS };

/* The comparison with its operands exchanged. */
static int mirror(int op)
{
	switch (op) {
	case EBPF_JGT:
		return EBPF_JLT;
	case EBPF_JGE:
		return EBPF_JLE;
	case EBPF_JLT:
		return EBPF_JGT;
	case EBPF_JLE:
		return EBPF_JGE;
	default:
		return op;
	}
}

enum { N_REGS = EBPF_REGS + (DEEPEST - 1) * N_SAVED };

/* Each register of all frames, and each spill; NULL where there is none. */
static struct reg *numbered(struct state *s, unsigned int depth, unsigned int n)
{
	if (n < EBPF_REGS)
		return &s->reg[n];
	if (n >= N_REGS)
		return s->slot[n - N_REGS].size ? &s->spill[n - N_REGS] : NULL;
	n -= EBPF_REGS;
	return n / N_SAVED < depth ? &s->saved[n / N_SAVED][n % N_SAVED] : NULL;
}

#define for_each_reg(s, depth, r, n) \
	for (unsigned int n = 0; n < N_REGS + (s)->slots; n = n + 1 == EBPF_REGS && !(depth) ? N_REGS : n + 1) \
		if (((r) = numbered(s, depth, n)))

static void set_number(struct state *s, unsigned int depth, struct reg *r, const struct range *value)
{
	uint32_t id = r->id;

	r->var = *value;
	if (!id)
		return;
	for_each_reg(s, depth, r, n)
		if (r->kind == R_SCALAR && r->id == id)
			r->var = *value;
}

/* What is learnt of one bearer of an identity, all learn; so the value of each may come to matter through another. */
static void precise_bearers(struct verify *v, uint32_t id)
{
	const struct state *s = v->cur;
	unsigned int depth = v->frame->depth, bearers = 0;
	uint64_t vars = 0, slots = 0;

	if (!id)
		return;
	for (unsigned int r = 0; r < EBPF_REGS - 1; r++)
		if (s->reg[r].kind == R_SCALAR && s->reg[r].id == id)
			vars |= var_of(r, depth), bearers++;
	for (unsigned int d = 0; d < depth; d++)
		for (unsigned int n = 0; n < N_SAVED; n++)
			if (s->saved[d][n].kind == R_SCALAR && s->saved[d][n].id == id)
				vars |= var_of(6 + n, d), bearers++;
	for (unsigned int n = 0; n < s->slots; n++)
		if (s->slot[n].size && s->spill[n].kind == R_SCALAR && s->spill[n].id == id)
			slots |= 1ULL << n, bearers++;
	if (bearers > 1)
		precise(v, vars, slots);
}

/* What s learnt of the copy, it learns of its origin. */
static void learn_origin(struct state *s, unsigned int depth, const struct origin *o, const struct range *copy)
{
	struct range origin = s->reg[o->reg].var;

	if (origin_learn(o, copy, &origin))
		set_number(s, depth, &s->reg[o->reg], &origin);
}

/* Compares numbers; b is a scratch register when i has an immediate. */
static int jump_numbers(struct verify *v, const struct ebpf_insn *i, const struct reg *a, const struct reg *b)
{
	int op = EBPF_OP(i->code), is64 = EBPF_CLASS(i->code) == EC_JMP;
	unsigned int dst = ebpf_dst(i), src = ebpf_src(i), depth = v->frame->depth;
	struct range x = a->var, y = b->var, x_not = x, y_not = y;
	int jumps = range_assume(&x, &y, op, 0, is64), falls = range_assume(&x_not, &y_not, op, 1, is64);
	struct origin o;
	int has_origin;

	if (!jumps || !falls) {
		precise_reg(v, dst);
		if (i->code & EBPF_X)
			precise_reg(v, src);
		return jumps ? JUMPS : falls ? FALLS : 0;
	}
	has_origin = !(i->code & EBPF_X) && origin_find(v, dst, &o);
	precise_bearers(v, a->id);
	if (i->code & EBPF_X)
		precise_bearers(v, b->id);
	if (has_origin)
		precise_bearers(v, v->cur->reg[o.reg].id);
	state_copy(v, v->other, v->cur);
	set_number(v->other, depth, &v->other->reg[dst], &x);
	set_number(v->cur, depth, &v->cur->reg[dst], &x_not);
	if (i->code & EBPF_X) {
		set_number(v->other, depth, &v->other->reg[src], &y);
		set_number(v->cur, depth, &v->cur->reg[src], &y_not);
	}
	if (has_origin) {
		learn_origin(v->other, depth, &o, &x);
		learn_origin(v->cur, depth, &o, &x_not);
	}
	return BOTH;
}

void reg_not_null(const struct verify *v, struct reg *r)
{
	const struct prog_map *m = &v->c->prog->maps[r->map];

	if (m->inner) {
		r->kind = R_MAP_PTR;
		r->map = (uint16_t)(m->inner - 1);
		r->id = 0;
		return;
	}
	r->kind = R_MAP_VALUE;
	if (!r->range && !m->lock) /* records, and values with a lock, keep it */
		r->id = 0;
}

static void learn_null(const struct verify *v, struct state *s, uint32_t id, int is_null)
{
	unsigned int depth = v->frame->depth;
	struct reg *r;

	for_each_reg(s, depth, r, n) {
		if (r->kind != R_MAP_VALUE_OR_NULL || r->id != id)
			continue;
		if (is_null) {
			ref_drop(s, id);
			reg_scalar(r);
			range_const(&r->var, 0);
		} else {
			reg_not_null(v, r);
		}
	}
}

static int jump_null(struct verify *v, const struct ebpf_insn *i, const struct reg *p)
{
	int op = EBPF_OP(i->code);

	if (op != EBPF_JEQ && op != EBPF_JNE)
		return -1;
	if (p->kind != R_MAP_VALUE_OR_NULL)
		return op == EBPF_JEQ ? FALLS : JUMPS;
	state_copy(v, v->other, v->cur);
	learn_null(v, v->other, p->id, op == EBPF_JEQ);
	learn_null(v, v->cur, p->id, op == EBPF_JNE);
	return BOTH;
}

/* The comparison teaches nothing. */
static int both_ways(struct verify *v)
{
	state_copy(v, v->other, v->cur);
	return BOTH;
}

static int is_plain(const struct reg *p)
{
	return p->kind == R_PKT && !p->id;
}

/* start + var + bytes <= end now holds for the pointer p and those that share its variable part. */
static void learn_length(struct state *s, unsigned int depth, const struct reg *p, int64_t bytes)
{
	int kind = p->kind;
	uint32_t id = p->id;
	struct reg *r;

	if (bytes <= 0 || p->var.umax > MAX_PACKET || p->var.umax + (uint64_t)bytes > MAX_PACKET)
		return;
	for_each_reg(s, depth, r, n)
		if (r->kind == kind && r->id == id && r->range < bytes)
			r->range = (uint32_t)bytes;
	if (is_plain(p) && s->packet < bytes)
		s->packet = (uint32_t)bytes;
}

/* In search of more that is wrong: the pointer counts as compared with NULL, or with the end of the packet. 0: that teaches nothing new. */
int jump_presume(struct verify *v, const struct reg *p)
{
	uint32_t known = p->range;

	if (p->kind == R_MAP_VALUE_OR_NULL) {
		learn_null(v, v->cur, p->id, 0);
		return 1;
	}
	if (p->kind != R_PKT && p->kind != R_PKT_META)
		return 0;
	learn_length(v->cur, v->frame->depth, p, MAX_PACKET - (int64_t)p->var.umax);
	return p->range > known;
}

/* start + bytes > end now holds. */
static void learn_beyond(struct state *s, const struct reg *p, int64_t bytes)
{
	if (is_plain(p) && bytes >= 0 && bytes < s->beyond)
		s->beyond = (uint32_t)bytes;
}

/* Whether p lies past the end, or, when not strict, at the end or past it: 1 yes, 0 no, -1 open. */
static int past_end(struct verify *v, const struct reg *p, int strict)
{
	if (p->range && p->off < (int64_t)p->range + strict)
		return 0;
	if (!is_plain(p))
		return -1;
	state_read_length(v);
	return v->cur->beyond != BEYOND_UNKNOWN && p->off + !strict >= (int64_t)v->cur->beyond ? 1
											       : -1;
}

/* p op end, where end is the end of the packet, or its start when p points into the metadata. */
static int jump_end(struct verify *v, int op, const struct reg *pointer)
{
	const struct reg p = *pointer;
	int strict = op == EBPF_JGT || op == EBPF_JLE,
	    when_past = op == EBPF_JGT || op == EBPF_JGE ? JUMPS : FALLS;
	struct state *inside = when_past == JUMPS ? v->cur : v->other;
	struct state *outside = when_past == JUMPS ? v->other : v->cur;
	int past;

	if (op != EBPF_JGT && op != EBPF_JGE && op != EBPF_JLT && op != EBPF_JLE)
		return both_ways(v);
	past = past_end(v, &p, strict);
	if (past >= 0)
		return past ? when_past : BOTH & ~when_past;
	state_copy(v, v->other, v->cur);
	learn_length(inside, v->frame->depth, &p, (int64_t)p.off + !strict);
	learn_beyond(outside, &p, (int64_t)p.off + !strict);
	return BOTH;
}

static int ends(const struct reg *p, const struct reg *end)
{
	if (p->kind == R_PKT)
		return end->kind == R_PKT_END;
	return p->kind == R_PKT_META && end->kind == R_PKT && !end->id && !end->off;
}

static int is_memory(const struct reg *r)
{
	return r->kind == R_PKT || r->kind == R_STACK || r->kind == R_MAP_VALUE;
}

/* A value of a map and one that may be NULL: where they are equal, it is not. */
static int jump_maybe(struct verify *v, int op, uint32_t id)
{
	both_ways(v);
	learn_null(v, op == EBPF_JEQ ? v->other : v->cur, id, 0);
	return BOTH;
}

static int may_be_null(const struct reg *r)
{
	return r->kind == R_MAP_VALUE_OR_NULL;
}

static int jump_pointers(struct verify *v, const struct ebpf_insn *i, const struct reg *a,
			 const struct reg *b)
{
	int op = EBPF_OP(i->code), equality = op == EBPF_JEQ || op == EBPF_JNE;
	int zero_a = a->kind == R_SCALAR && range_is_const(&a->var) && !a->var.value;
	int zero_b = b->kind == R_SCALAR && range_is_const(&b->var) && !b->var.value;
	int ways = -1;

	precise_reg(v, ebpf_dst(i)); /* one of them may be the number 0 */
	if (i->code & EBPF_X)
		precise_reg(v, ebpf_src(i));
	if (EBPF_CLASS(i->code) == EC_JMP32 && reg_is_packet(a) && zero_b)
		ways = jump_null(v, i, a); /* nor is its lower half 0: there is headroom */
	else if (EBPF_CLASS(i->code) == EC_JMP32 && equality && reg_is_packet(a) && reg_is_packet(b))
		ways = both_ways(v); /* no packet has 4 GiB: lower halves are equal where pointers are; clang asks so whether a difference is 0 */
	else if (EBPF_CLASS(i->code) == EC_JMP32 || op == EBPF_JSET || a->kind == R_PKT_LOW ||
	    b->kind == R_PKT_LOW)
		ways = -1;
	else if (zero_b)
		ways = jump_null(v, i, a);
	else if (zero_a)
		ways = jump_null(v, i, b);
	else if (ends(a, b))
		ways = jump_end(v, op, a);
	else if (ends(b, a))
		ways = jump_end(v, mirror(op), b);
	else if ((reg_is_packet(a) && reg_is_packet(b)) ||
		 (a->kind == b->kind && a->kind != R_MAP_PTR && (equality || a->kind == R_STACK)))
		ways = both_ways(v);
	else if (equality && may_be_null(a) && b->kind == R_MAP_VALUE)
		ways = jump_maybe(v, op, a->id);
	else if (equality && may_be_null(b) && a->kind == R_MAP_VALUE)
		ways = jump_maybe(v, op, b->id);
	else if (equality && (is_memory(a) || may_be_null(a)) && (is_memory(b) || may_be_null(b))) /* of different kinds: they never meet */
		ways = op == EBPF_JEQ ? FALLS : JUMPS;
	if (ways >= 0)
		return ways;
	refuse(v, "%s is compared with %s", reg_describe(a), reg_describe(b));
	return way_out(v, "pointers can be compared with NULL and with pointers into the same memory");
}

/* Where it jumps is followed first, see verify.c. */
static int may_go_on(struct verify *v)
{
	both_ways(v);
	v->other->rounds++;
	return BOTH;
}

int verify_jump(struct verify *v, const struct ebpf_insn *i)
{
	struct fact *f = &v->c->facts[v->pc];
	unsigned int dst = ebpf_dst(i);
	struct reg a, b;
	int ways;

	reg_scalar(&b);
	range_const(&b.var, (uint64_t)(int64_t)i->imm);
	if (EBPF_OP(i->code) == EBPF_JCOND) {
		ways = i->code == EBPF_JKIND ? split_jump(v, i) : may_go_on(v);
		f->taken_never &= !(ways & JUMPS);
		f->taken_always &= !(ways & FALLS);
		return ways;
	}
	if (!reg_read(v, dst) || ((i->code & EBPF_X) && !reg_read(v, ebpf_src(i))))
		return -1;
	a = v->cur->reg[dst];
	if (i->code & EBPF_X)
		b = v->cur->reg[ebpf_src(i)];
	fact_add(v, &f->dst, reg_fact(&a));
	fact_add(v, &f->src, reg_fact(&b));
	if (a.kind == R_SCALAR && b.kind == R_SCALAR)
		ways = jump_numbers(v, i, &a, &b);
	else
		ways = jump_pointers(v, i, &a, &b);
	if (ways < 0)
		return -1;
	f->taken_never &= !(ways & JUMPS);
	f->taken_always &= !(ways & FALLS);
	return ways;
}
