// SPDX-License-Identifier: Apache-2.0
/* LPM_TRIEs that the NIC keeps as PREFIXES (hw/spec/image.h): those whose keys are long, and those that programs change. The trie's own form, which is
 * quicker, takes changes from the host alone. */
#include "compile.h"
#include "hw/spec/image.h"
#include "hw/spec/regs.h"
#include "load_impl.h"

static int is_change(const struct ebpf_insn *i)
{
	return i->code == (EC_JMP | EBPF_CALL) && ebpf_src(i) == EBPF_CALL_HELPER && (i->imm == HELPER_MAP_UPDATE_ELEM || i->imm == HELPER_MAP_DELETE_ELEM);
}

/* Routes are the host's. */
static int is_trie(const struct prog_map *m)
{
	return m->type == MAP_TYPE_LPM_TRIE && m->name[0] != '.';
}

static void keep(struct prog_map *m)
{
	if (is_trie(m))
		m->type = MAP_TYPE_PREFIXES;
}

/* The map that the call at pc changes, as the instructions right before it say; -1: they don't. */
static int64_t map_of(const struct prog *p, uint32_t pc)
{
	while (pc-- > 0) {
		const struct ebpf_insn *i = &p->insns[pc];
		int class = EBPF_CLASS(i->code);

		if (class == EC_JMP || class == EC_JMP32)
			return -1;
		if (ebpf_dst(i) == 1 && (class == EC_LD ? i->code == EBPF_LDDW : class != EC_ST && class != EC_STX))
			return i->code == EBPF_LDDW && ebpf_src(i) == EBPF_PSEUDO_MAP ? (int64_t)i->imm : -1;
	}
	return -1;
}

void load_prefixes(const struct prog *p, struct prog_map *maps)
{
	for (uint32_t n = 0; n < p->n_templates; n++)
		if (maps[p->n_maps + n].type == MAP_TYPE_LPM_TRIE)
			return; /* those that are in maps stay as they are */
	for (uint32_t n = 0; n < p->n_maps; n++)
		if (maps[n].key_size > NIC_LOOK_BYTES)
			keep(&maps[n]);
	for (; p; p = p->next)
		for (uint32_t pc = 0; pc < p->n_insns; pc++) {
			int64_t map = is_change(&p->insns[pc]) ? map_of(p, pc) : p->n_maps;

			for (uint32_t n = 0; map < 0 && n < p->n_maps; n++)
				keep(&maps[n]);
			if (map >= 0 && map < p->n_maps)
				keep(&maps[map]);
		}
}
