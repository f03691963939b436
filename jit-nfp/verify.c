// SPDX-License-Identifier: Apache-2.0
/*
 * Nothing reaches the NIC that could read what it should not, hang, or confuse a pointer with a
 * number.
 *
 * Every path through the program is followed with what is known of each register and stack byte. At
 * a conditional jump the other way is put aside and followed later. What every visit to an
 * instruction agreed on becomes its fact.
 */
#include "verify.h"

enum {
	MAX_INSNS = 65536,
	MAX_VISITS = 1000000,
	POOL_BYTES = 4 << 20, /* for states: this much, and more for each instruction */
	POOL_BYTES_PER_INSN = 1 << 10,
};

static uint32_t pool_bytes(uint32_t n_insns)
{
	return POOL_BYTES + POOL_BYTES_PER_INSN * n_insns;
}

size_t verify_mem_size(uint32_t n_insns)
{
	size_t per_insn = sizeof(struct fact) + sizeof(struct checkpoint *) + sizeof(uint32_t) +
			  sizeof(uint8_t);

	if (n_insns > MAX_INSNS)
		n_insns = MAX_INSNS;
	return n_insns * per_insn + pool_bytes(n_insns) + 2 * sizeof(struct state) +
	       sizeof(struct pairs) + sizeof(struct verify) + 256;
}

void reg_scalar(struct reg *r)
{
	memset(r, 0, sizeof(*r));
	r->kind = R_SCALAR;
	range_unknown(&r->var);
}

void reg_share_id(struct verify *v, struct reg *r)
{
	if (r->kind == R_SCALAR && !r->id && !range_is_const(&r->var))
		r->id = ++v->last_id;
}

int reg_is_packet(const struct reg *r)
{
	return r->kind == R_PKT || r->kind == R_PKT_END || r->kind == R_PKT_META;
}

const char *reg_describe(const struct reg *r)
{
	switch (r->kind) {
	case R_SCALAR:
		return "a number";
	case R_CTX:
		return "the context pointer";
	case R_PKT:
		return "a packet pointer";
	case R_PKT_END:
		return "the end-of-packet pointer";
	case R_PKT_META:
		return "a packet metadata pointer";
	case R_STACK:
		return "a stack pointer";
	case R_MAP_PTR:
		return "a map";
	case R_MAP_VALUE:
		return "a map value pointer";
	case R_MAP_VALUE_OR_NULL:
		return "a map value pointer that may be NULL";
	case R_PKT_LOW:
		return "half of a packet pointer";
	default:
		return "nothing";
	}
}

const struct reg *reg_read(struct verify *v, unsigned int r)
{
	state_read(v, 1U << r, 0);
	if (v->cur->reg[r].kind != R_NONE)
		return &v->cur->reg[r];
	refuse(v, "r%u is read before it is written", r);
	way_out(v, r && r <= 5 ? "a call leaves no value in r1 to r5"
			       : "initialise the variable on every path");
	return NULL;
}

struct arg_fact reg_fact(const struct reg *r)
{
	struct arg_fact f = { .region = r->kind, .map = r->map };

	if (r->kind == R_PKT_LOW)
		f.region = R_SCALAR;
	f.off_known = (uint8_t)(r->kind != R_PKT_LOW && range_is_const(&r->var));
	if (f.off_known)
		f.off = r->off + (int64_t)r->var.value;
	return f;
}

void fact_add(struct verify *v, struct arg_fact *f, struct arg_fact seen)
{
	if (!v->c->facts[v->pc].reachable) {
		*f = seen;
	} else if (f->region != seen.region || f->map != seen.map) {
		memset(f, 0, sizeof(*f));
	} else if (f->off_known && (!seen.off_known || f->off != seen.off)) {
		f->off_known = 0;
		f->off = 0;
	}
}

/* The path ends. */
static int leave(struct verify *v)
{
	const struct reg *r = &v->cur->reg[0];

	state_read(v, 1, 0);
	if (r->kind == R_NONE) {
		refuse(v, "the program ends without a verdict in r0");
		return way_out(v, "return one of the XDP_ values on every path");
	}
	if (r->kind == R_SCALAR)
		return 0;
	refuse(v, "the verdict is %s", reg_describe(r));
	return way_out(v, "return one of the XDP_ values");
}

static int too_complex(struct verify *v, const char *what)
{
	error(v->c, -1, "the program is too complex to check: %s", what);
	return way_out(v, "split it, or use fewer branches that depend on each other");
}

enum { STEP_ENDS = -2 }; /* other values: -1 refused, or the next instruction */

static int64_t step_jump(struct verify *v, const struct ebpf_insn *i)
{
	struct fact *f = &v->c->facts[v->pc];
	int ways;

	if (EBPF_OP(i->code) == EBPF_JA)
		return insn_target(i, v->pc);
	if (!f->reachable)
		f->taken_never = f->taken_always = 1;
	ways = verify_jump(v, i);
	if (ways == 2) {
		*v->cur = *v->other;
		return insn_target(i, v->pc);
	}
	if (ways == 3 && state_push(v, v->other, insn_target(i, v->pc)))
		return too_complex(v, "more branches than there is memory for");
	if (ways <= 0)
		return ways < 0 ? -1 : STEP_ENDS;
	return v->pc + 1;
}

static int64_t step(struct verify *v)
{
	const struct ebpf_insn *i = &v->insns[v->pc];
	int result;

	switch (EBPF_CLASS(i->code)) {
	case EC_LD:
		if (verify_wide(v, i))
			return -1;
		return v->pc + 2;
	case EC_LDX:
		result = verify_load(v, i);
		break;
	case EC_ST:
		result = verify_store(v, i);
		break;
	case EC_STX:
		result = EBPF_MODE(i->code) == EBPF_ATOMIC ? verify_atomic(v, i)
							   : verify_store(v, i);
		break;
	case EC_ALU:
	case EC_ALU64:
		result = verify_alu(v, i);
		break;
	default:
		if (i->code == (EC_JMP | EBPF_EXIT))
			return leave(v) ? -1 : STEP_ENDS;
		if (i->code != (EC_JMP | EBPF_CALL))
			return step_jump(v, i);
		result = verify_call(v, i);
	}
	if (result)
		return -1;
	return v->pc + 1;
}

static void start(struct verify *v)
{
	struct reg r;

	reg_scalar(&r);
	range_const(&r.var, 0);
	r.kind = R_CTX;
	v->cur->reg[1] = r;
	r.kind = R_STACK;
	v->cur->reg[EBPF_REGS - 1] = r;
	v->cur->beyond = BEYOND_UNKNOWN;
	v->pc = 0;
}

static int explore(struct verify *v)
{
	uint32_t visits = 0;
	int64_t next;

	for (start(v);; v->pc = (uint32_t)next) {
		enum visit visit = v->meets[v->pc] ? state_visit(v) : VISIT_NEW;

		if (visit == VISIT_FULL)
			return too_complex(v, "more states than there is memory for");
		if (++visits > MAX_VISITS)
			return too_complex(v, "more than a million steps over all paths");
		next = STEP_ENDS;
		if (visit == VISIT_NEW) {
			next = step(v);
			if (next == -1)
				return -1;
			v->c->facts[v->pc].reachable = 1;
		}
		if (next != STEP_ENDS)
			continue;
		if (!state_pop(v))
			return 0;
		next = v->pc;
	}
}

static int prepare(struct verify *v)
{
	struct arena *a = v->c->arena;

	v->pool_size = pool_bytes(v->n_insns);
	v->seen = arena_alloc(a, sizeof(*v->seen) * v->n_insns);
	v->cur = arena_alloc(a, sizeof(*v->cur));
	v->other = arena_alloc(a, sizeof(*v->other));
	v->pairs = arena_alloc(a, sizeof(*v->pairs));
	v->low = arena_alloc(a, v->pool_size);
	if (!v->low || a->failed)
		return error(v->c, -1, "out of memory while checking %u instructions", v->n_insns);
	v->high = v->pool_end = v->low + v->pool_size;
	return 0;
}

int verify_run(struct compile *c)
{
	struct arena *a = c->arena, mark;
	struct verify *v;
	int result;

	if (!c->prog->n_insns)
		return error(c, -1, "the program has no instructions");
	if (c->prog->n_insns > MAX_INSNS)
		return error(c, -1, "the program has %u instructions, and at most %d are taken",
			     c->prog->n_insns, (int)MAX_INSNS);
	c->stack_used = 0;
	c->facts = arena_alloc(a, sizeof(*c->facts) * c->prog->n_insns);
	mark = *a;
	v = arena_alloc(a, sizeof(*v));
	if (!v || !c->facts)
		return error(c, -1, "out of memory while checking %u instructions",
			     c->prog->n_insns);
	v->c = c;
	v->insns = c->prog->insns;
	v->n_insns = c->prog->n_insns;
	v->meets = arena_alloc(a, v->n_insns);
	if (!v->meets)
		return error(c, -1, "out of memory while checking %u instructions",
			     c->prog->n_insns);
	result = verify_maps(c) || verify_insns(v) || prepare(v) || explore(v) ? -1 : 0;
	*a = mark;
	return result;
}
