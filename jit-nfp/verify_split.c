// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * An instruction that reaches the packet on one path and the stack or a map value on another, or calls a helper with one of several maps or constant
 * strings (compilers merge the ends of branches that differ in nothing else), becomes several: which of them runs is asked of the pointer, whose upper
 * bits name its memory, or which is that of the string. They stand behind the code of their function:
 *
 *         r0 = *(u8 *)(r1 + 0)              goto A
 *         next                         B:   next
 *                                           ...
 *                                      A:   if r1 is no pointer to the stack goto C
 *                                           r0 = *(u8 *)(r1 + 0)
 *                                           goto B
 *                                      C:   r0 = *(u8 *)(r1 + 0)
 *                                           goto B
 *
 * The verifier notes what it met (split_by), and begins again with the longer code: then each of them has one memory.
 */
#include "verify.h"

enum { LEAVES_MAX = 32, SPLITS_MAX = 256 };

int split_start(struct compile *c)
{
	c->splits = arena_alloc(c->arena, SPLITS_MAX * sizeof(*c->splits));
	return c->splits ? 0 : -1;
}

/* What can be told apart by its value alone. */
static int has_mark(int region)
{
	return region == R_PKT || region == R_STACK || region == R_MAP_VALUE || region == R_MAP_PTR || region == R_SCALAR;
}

static int is_same(const struct split *s, uint32_t at, unsigned int reg)
{
	return s->at == at && s->reg == reg;
}

static uint32_t count(const struct compile *c, uint32_t at, unsigned int reg)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < c->n_splits; k++)
		n += (uint32_t)is_same(&c->splits[k], at, reg);
	return n;
}

/* Ways through the instruction: for each register one of the kinds noted, or any other. */
static uint32_t leaves(const struct compile *c, uint32_t at)
{
	uint32_t n = 1;

	for (unsigned int r = 0; r < EBPF_REGS && n <= LEAVES_MAX; r++)
		n *= 1 + count(c, at, r);
	return n;
}

/* Maps that another map holds differ from all others in their value, but not from each other. */
static int two_templates(const struct compile *c, const struct split *s, const struct arg_fact *former)
{
	if (s->region != R_MAP_PTR || !map_is_template(c->prog, s->map))
		return 0;
	if (former->region == R_MAP_PTR && map_is_template(c->prog, former->map))
		return 1;
	for (uint32_t k = 0; k < c->n_splits; k++)
		if (is_same(&c->splits[k], s->at, s->reg) && c->splits[k].region == R_MAP_PTR && map_is_template(c->prog, c->splits[k].map))
			return 1;
	return 0;
}

static int note(struct verify *v, const struct split *s)
{
	struct compile *c = v->c;

	for (uint32_t k = 0; k < c->n_splits; k++) {
		const struct split *known = &c->splits[k];

		if (is_same(known, s->at, s->reg) && known->region == s->region && known->map == s->map && known->is_exact == s->is_exact && known->off == s->off)
			return k >= v->n_splits ? 0 : -1;
	}
	if (c->n_splits == SPLITS_MAX)
		return -1;
	c->splits[c->n_splits++] = *s;
	if (leaves(c, s->at) <= LEAVES_MAX)
		return 0;
	c->n_splits--;
	return -1;
}

int split_by(struct verify *v, unsigned int reg, const struct arg_fact *former, const struct arg_fact *seen)
{
	struct split s = { .at = insn_origin(v->c, v->pc), .map = seen->region == R_MAP_PTR ? seen->map : 0, .reg = (uint8_t)reg, .region = seen->region };

	if (!has_mark(former->region) || !has_mark(seen->region) || two_templates(v->c, &s, former))
		return -1;
	return note(v, &s);
}

int split_by_address(struct verify *v, unsigned int reg)
{
	const struct reg *r = &v->cur->reg[reg];
	const struct prog_map *m = &v->c->prog->maps[r->map];
	struct split s = { .at = insn_origin(v->c, v->pc), .map = r->map, .reg = (uint8_t)reg, .region = R_MAP_VALUE, .is_exact = 1 };

	if (r->kind != R_MAP_VALUE || !range_is_const(&r->var) || !map_is_constant(m) || m->max_entries != 1)
		return -1;
	s.off = (uint32_t)(r->off + (int64_t)r->var.value);
	return note(v, &s);
}

/* ---- the code ---- */

/* The kind with this number of those noted for the register. */
static const struct split *kind_of(const struct compile *c, uint32_t at, unsigned int reg, uint32_t number)
{
	for (uint32_t k = 0; k < c->n_splits; k++)
		if (is_same(&c->splits[k], at, reg) && !number--)
			return &c->splits[k];
	return NULL;
}

static struct ebpf_insn go_to(uint32_t from, uint32_t to)
{
	return (struct ebpf_insn){ EC_JMP32 | EBPF_JA, 0, 0, (int32_t)(to - from - 1) };
}

/* One way through: tests that lead to the next one, then the instruction. Gives its length; out may be NULL. */
static uint32_t emit_leaf(const struct compile *c, uint32_t at, uint32_t leaf, const struct ebpf_insn *insn, struct ebpf_insn *out)
{
	const struct split *test[EBPF_REGS];
	uint32_t tests = 0;

	for (unsigned int r = EBPF_REGS; r-- > 0;) {
		uint32_t kinds = count(c, at, r), number = leaf % (kinds + 1);

		leaf /= kinds + 1;
		if (number < kinds)
			test[tests++] = kind_of(c, at, r, number);
	}
	for (uint32_t n = 0; n < tests && out; n++)
		out[n] = (struct ebpf_insn){ EBPF_JKIND, test[n]->reg, (int16_t)(tests - n + 1), (int32_t)(test[n] - c->splits) };
	if (out)
		out[tests] = *insn;
	return tests + 2;
}

/* All of it, for the instruction that now stands at pc; the code begins at start. */
static uint32_t emit(const struct compile *c, uint32_t at, struct ebpf_insn *insns, uint32_t pc, uint32_t start)
{
	uint32_t n = leaves(c, at), size = 0;

	for (uint32_t leaf = 0; leaf < n; leaf++) {
		size += emit_leaf(c, at, leaf, insns ? &insns[pc] : NULL, insns ? &insns[start + size] : NULL);
		if (insns)
			insns[start + size - 1] = go_to(start + size - 1, pc + 1);
	}
	if (insns)
		insns[pc] = go_to(pc, start);
	return size;
}

static int is_first(const struct compile *c, uint32_t k)
{
	for (uint32_t n = 0; n < k; n++)
		if (c->splits[n].at == c->splits[k].at)
			return 0;
	return 1;
}

uint32_t split_size(const struct compile *c, uint32_t first, uint32_t end)
{
	uint32_t size = 0;

	for (uint32_t k = 0; k < c->n_splits; k++)
		if (c->splits[k].at >= first && c->splits[k].at < end && is_first(c, k))
			size += emit(c, c->splits[k].at, NULL, 0, 0);
	return size;
}

void split_code(const struct compile *c, uint32_t first, uint32_t end, struct ebpf_insn *insns, uint32_t *origin, uint32_t to)
{
	uint32_t start = to + end - first;

	for (uint32_t k = 0; k < c->n_splits; k++) {
		uint32_t at = c->splits[k].at, size;

		if (at < first || at >= end || !is_first(c, k))
			continue;
		size = emit(c, at, insns, to + at - first, start);
		while (size--)
			origin[start++] = at;
	}
}

/* ---- the test, when a path comes by ---- */

int split_jump(struct verify *v, const struct ebpf_insn *i)
{
	const struct split *s = &v->c->splits[i->imm];
	struct reg *r = &v->cur->reg[ebpf_dst(i)];
	int is_kind = r->kind == s->region && ((r->kind != R_MAP_PTR && !s->is_exact) || r->map == s->map);

	if (!is_kind || !s->is_exact)
		return is_kind ? 1 : 2;
	if (range_is_const(&r->var))
		return r->off + (int64_t)r->var.value == s->off ? 1 : 2;
	state_copy(v, v->other, v->cur); /* paths have been merged */
	r->off = (int32_t)s->off;
	range_const(&r->var, 0);
	return 3;
}
