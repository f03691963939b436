// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Which maps lie on the chip. */
#include "layout.h"

uint32_t *layout_uses(struct compile *c)
{
	uint32_t *uses = arena_alloc(c->arena, c->prog->n_maps * sizeof(*uses));

	for (const struct prog *p = c->prog; uses && p; p = p->next)
		for (uint32_t pc = 0; pc < p->n_insns; pc++) {
			const struct ebpf_insn *i = &p->insns[pc];

			if (i->code != EBPF_LDDW)
				continue;
			if ((ebpf_src(i) == EBPF_PSEUDO_MAP || ebpf_src(i) == EBPF_PSEUDO_MAP_VALUE) && (uint32_t)i->imm < p->n_maps)
				uses[i->imm]++; /* programs that tail calls lead to are not verified yet */
			pc++;
		}
	return uses;
}

/* Queues, as programs wait for each other there; then more uses for each byte; of those with as many the smaller one. */
static int comes_before(const struct compile *c, const uint32_t *uses, uint32_t x, uint32_t y)
{
	uint64_t size_x = layout_size(c, &c->prog->maps[x], 8), size_y = layout_size(c, &c->prog->maps[y], 8);
	uint64_t use_x = uses[x] * size_y, use_y = uses[y] * size_x;

	if (image_map_is_queue(c->prog->maps[x].type) != image_map_is_queue(c->prog->maps[y].type))
		return image_map_is_queue(c->prog->maps[x].type);
	return use_x != use_y ? use_x > use_y : size_x < size_y;
}

uint64_t layout_outside(const struct compile *c, const uint32_t *uses)
{
	const struct prog *p = c->prog;
	uint64_t all = p->n_maps < 64 ? (1ULL << p->n_maps) - 1 : UINT64_MAX, left, outside = 0, inside = 8;

	if (!c->target->ext_words)
		return 0;
	for (left = all; left;) {
		uint32_t best = p->n_maps;
		uint64_t size;

		for (uint32_t n = 0; n < p->n_maps; n++)
			if ((left >> n & 1) && (best == p->n_maps || comes_before(c, uses, n, best)))
				best = n;
		left &= ~(1ULL << best);
		size = layout_size(c, &p->maps[best], 8);
		if (inside + size > 8ULL * c->target->map_words)
			outside |= 1ULL << best;
		else
			inside += size;
	}
	return outside;
}
