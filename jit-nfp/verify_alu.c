// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* ALU instructions: numbers through ranges, pointers by the few operations that keep them pointers.
 */
#include "verify.h"

static struct reg immediate(const struct ebpf_insn *i)
{
	struct reg r;

	reg_scalar(&r);
	range_const(&r.var, (uint64_t)(int64_t)i->imm);
	return r;
}

static int refuse_pointer(struct verify *v, unsigned int n, const struct reg *r)
{
	refuse(v, "r%u is %s, and this operation would turn it into a number", n, reg_describe(r));
	return way_out(v, "only adding, subtracting and comparing work on pointers");
}

static int move(struct verify *v, const struct ebpf_insn *i, int is64)
{
	unsigned int dst = ebpf_dst(i), src = ebpf_src(i);
	struct reg r = immediate(i), *from;

	if (i->code & EBPF_X) {
		if (!reg_read(v, src))
			return -1;
		from = &v->cur->reg[src];
		if (!i->off && (is64 || from->var.umax <= UINT32_MAX))
			reg_share_id(v, from);
		r = *from;
	}
	fact_add(v, &v->c->facts[v->pc].src, reg_fact(&r));
	if (r.kind == R_SCALAR) {
		int same = is64 || r.var.umax <= UINT32_MAX;

		if (i->off) {
			range_sign_extend(&r.var, (unsigned int)i->off);
			same = 0;
		}
		if (!is64)
			range_low32(&r.var);
		if (!same)
			r.id = 0;
	} else if (i->off || (!is64 && !reg_is_packet(&r) && r.kind != R_PKT_LOW)) {
		return refuse_pointer(v, src, &r);
	} else if (!is64) {
		reg_scalar(&r);
		r.kind = R_PKT_LOW;
		range_bits(&r.var, 32);
	}
	state_write_reg(v, dst, &r);
	return 0;
}

static int unary(struct verify *v, const struct ebpf_insn *i, int is64)
{
	unsigned int dst = ebpf_dst(i);
	struct reg r;

	if (!reg_read(v, dst))
		return -1;
	r = v->cur->reg[dst];
	fact_add(v, &v->c->facts[v->pc].dst, reg_fact(&r));
	if (r.kind != R_SCALAR)
		return refuse_pointer(v, dst, &r);
	r.id = 0;
	if (EBPF_OP(i->code) == EBPF_NEG)
		range_alu(&r.var, &r.var, EBPF_NEG, is64, 0);
	else
		range_swap(&r.var, (unsigned int)i->imm, is64 || (i->code & EBPF_X));
	state_write_reg(v, dst, &r);
	return 0;
}

static int moves_with_numbers(const struct reg *r)
{
	return r->kind == R_PKT || r->kind == R_PKT_META || r->kind == R_STACK ||
	       r->kind == R_MAP_VALUE;
}

static int move_const(struct verify *v, struct reg *p, int64_t by, int op)
{
	if (by > -MAX_OFFSET && by < MAX_OFFSET) {
		by = op == EBPF_ADD ? p->off + by : p->off - by;
		if (by > -MAX_OFFSET && by < MAX_OFFSET) {
			p->off = (int32_t)by;
			return 0;
		}
	}
	return refuse(v, "the constant takes %s too far away from it", reg_describe(p));
}

static int move_variable(struct verify *v, struct reg *p, const struct range *by, int op)
{
	uint64_t most = by->umax;

	if (by->smin <= -MAX_OFFSET || by->smin >= MAX_OFFSET) {
		refuse(v, "%s is moved by a number that could be negative without bound",
		       reg_describe(p));
		return way_out(v, "make the number unsigned, or compare it with its limits first");
	}
	range_alu(&p->var, by, op, 1, 0);
	if (p->var.smin <= -MAX_OFFSET || p->var.smin >= MAX_OFFSET) {
		refuse(v, "%s is moved by a number without bounds", reg_describe(p));
		return way_out(v, "compare the number with its limits first");
	}
	if (p->kind != R_PKT && p->kind != R_PKT_META)
		return 0;
	p->id = ++v->last_id;
	if (by->smin < 0)
		p->range = 0;
	else if (op == EBPF_ADD)
		p->range = most < p->range ? p->range - (uint32_t)most : 0;
	return 0;
}

static int move_pointer(struct verify *v, struct reg *p, unsigned int n, const struct reg *by,
			int op)
{
	if (range_is_const(&by->var) && (moves_with_numbers(p) || p->kind == R_CTX))
		return move_const(v, p, by->var.smin, op);
	if (moves_with_numbers(p))
		return move_variable(v, p, &by->var, op);
	if (p->kind == R_MAP_VALUE_OR_NULL) {
		refuse(v, "r%u may be NULL here, and is moved before it was compared with NULL", n);
		return way_out(v, "test the result of bpf_map_lookup_elem() first");
	}
	return refuse(v, "r%u is %s, which can't be moved", n, reg_describe(p));
}

/* Difference of two pointers: a number when both point into the same thing. */
static int difference(struct verify *v, struct reg *a, const struct reg *b)
{
	int packet = reg_is_packet(a) && reg_is_packet(b);
	int same = a->kind == b->kind && a->map == b->map &&
		   (a->kind == R_STACK || a->kind == R_MAP_VALUE);

	if (packet || same) {
		reg_scalar(a);
		return 0;
	}
	refuse(v, "%s is subtracted from %s", reg_describe(b), reg_describe(a));
	return way_out(v, "a difference needs two pointers into the same memory");
}

/* 32-bit arithmetic that may end in a difference of packet addresses. */
static int packet_low(struct verify *v, const struct ebpf_insn *i, struct reg *a,
		      const struct reg *b)
{
	int op = EBPF_OP(i->code);

	if (op == EBPF_SUB && (reg_is_packet(a) || a->kind == R_PKT_LOW) &&
	    (reg_is_packet(b) || b->kind == R_PKT_LOW)) {
		reg_scalar(a);
		range_bits(&a->var, 32);
		return 0;
	}
	if (op == EBPF_ADD && a->kind == R_SCALAR && b->kind == R_PKT_LOW) {
		*a = *b;
		return 0;
	}
	if ((op == EBPF_ADD || op == EBPF_SUB) && a->kind == R_PKT_LOW && b->kind == R_SCALAR)
		return 0;
	return a->kind != R_SCALAR ? refuse_pointer(v, ebpf_dst(i), a)
				   : refuse_pointer(v, ebpf_src(i), b);
}

/* Where a pointer goes depends on the number. */
static void precise_operands(struct verify *v, const struct ebpf_insn *i)
{
	precise_reg(v, ebpf_dst(i));
	if (i->code & EBPF_X)
		precise_reg(v, ebpf_src(i));
}

static int pointer_alu(struct verify *v, const struct ebpf_insn *i, struct reg *a,
		       const struct reg *b, int is64)
{
	int op = EBPF_OP(i->code);
	struct reg number;

	if (!is64)
		return packet_low(v, i, a, b);
	precise_operands(v, i);
	if (a->kind != R_SCALAR && b->kind != R_SCALAR && op == EBPF_SUB)
		return difference(v, a, b);
	if (a->kind != R_SCALAR && b->kind == R_SCALAR && (op == EBPF_ADD || op == EBPF_SUB))
		return move_pointer(v, a, ebpf_dst(i), b, op);
	if (a->kind == R_SCALAR && op == EBPF_ADD) {
		number = *a;
		*a = *b;
		return move_pointer(v, a, ebpf_src(i), &number, op);
	}
	return a->kind != R_SCALAR ? refuse_pointer(v, ebpf_dst(i), a)
				   : refuse_pointer(v, ebpf_src(i), b);
}

int verify_alu(struct verify *v, const struct ebpf_insn *i)
{
	struct fact *f = &v->c->facts[v->pc];
	int op = EBPF_OP(i->code), is64 = EBPF_CLASS(i->code) == EC_ALU64;
	unsigned int dst = ebpf_dst(i);
	struct reg a, b = immediate(i);

	if (op == EBPF_MOV)
		return move(v, i, is64);
	if (op == EBPF_NEG || op == EBPF_END)
		return unary(v, i, is64);
	if (!reg_read(v, dst) || ((i->code & EBPF_X) && !reg_read(v, ebpf_src(i))))
		return -1;
	a = v->cur->reg[dst];
	if (i->code & EBPF_X)
		b = v->cur->reg[ebpf_src(i)];
	fact_add(v, &f->dst, reg_fact(&a));
	fact_add(v, &f->src, reg_fact(&b));
	if (a.kind == R_SCALAR && b.kind == R_SCALAR) {
		range_alu(&a.var, &b.var, op, is64, i->off);
		a.id = 0;
	} else if (pointer_alu(v, i, &a, &b, is64)) {
		return -1;
	}
	state_write_reg(v, dst, &a);
	return 0;
}
