// SPDX-License-Identifier: Apache-2.0
/* Maps of maps. */
#include <string.h>
#include "gen.h"
#include "jit-nfp/helpers.h"

static bool may_be_inner(const struct prog_map *m)
{
	return map_may_be_inner(m->type) && !m->timer && !(m->flags & 0x80);
}

bool has_maps(const struct prog_map *m)
{
	return m->type == MAP_TYPE_ARRAY_OF_MAPS || m->type == MAP_TYPE_HASH_OF_MAPS;
}

/* Of those before map, one that it can hold, + 1; 0: there is none. */
uint32_t inner_of(struct gen *g, uint32_t map)
{
	uint32_t first = below(g, map);

	for (uint32_t n = 0; n < map; n++)
		if ((first + n) % map != MAP_OUT && may_be_inner(&g->c->maps[(first + n) % map]))
			return (first + n) % map + 1;
	return 0;
}

/* A map that outer can hold. */
uint32_t any_inner(struct gen *g, uint32_t outer)
{
	const struct prog_map *model = &g->c->maps[g->c->maps[outer].model - 1];
	uint32_t map = below(g, g->c->n_maps);
	struct prog_map alike = g->c->maps[map];

	alike.name = model->name;
	return memcmp(&alike, model, sizeof(alike)) ? g->c->maps[outer].model - 1 : map;
}

/* The pointer to the map is kept on the stack while it is used; what is done with the model is done with what it points to. */
void gen_inner(struct gen *g, uint32_t outer)
{
	uint32_t inner = g->c->maps[outer].model - 1, skip;

	gen_key(g, outer);
	call(g, HELPER_MAP_LOOKUP_ELEM);
	restore_after_call(g, false);
	skip = put(g, EC_JMP | EBPF_JEQ | EBPF_K, 0, 0, 0, 0);
	put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 0, -STACK_PTR, 0);
	set_scalar(g, 0);
	g->branches++;
	g->inner = inner + 1;
	for (uint32_t n = 1 + below(g, 3); n && g->branches < BRANCH_MAX; n--)
		gen_map_use(g, inner);
	g->inner = 0;
	land(g, skip);
	set_scalar(g, 0);
}
