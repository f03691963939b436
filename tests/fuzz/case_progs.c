// SPDX-License-Identifier: Apache-2.0
/* What a case says, as nicjit takes it. */
#include "fuzz.h"
#include "hw/spec/image.h"
#include "jit-nfp/load.h"
#include "jit-nfp/routine.h"

_Static_assert((int)CASE_OWN_MAPS == (int)OWN_MAPS, "");

const char *case_kfunc(const struct ebpf_insn *i)
{
	static const char *const names[KFUNC_COUNT] = {
		[KFUNC_NUM_NEW] = "bpf_iter_num_new", [KFUNC_NUM_NEXT] = "bpf_iter_num_next", [KFUNC_NUM_DESTROY] = "bpf_iter_num_destroy",
		[KFUNC_FROM_XDP] = "bpf_dynptr_from_xdp", [KFUNC_SLICE] = "bpf_dynptr_slice", [KFUNC_SLICE_RDWR] = "bpf_dynptr_slice_rdwr",
		[KFUNC_SIZE] = "bpf_dynptr_size", [KFUNC_ADJUST] = "bpf_dynptr_adjust",
	};
	bool calls = i->code == (EC_JMP | EBPF_CALL) && ebpf_src(i) == EBPF_CALL_KFUNC;

	return calls && i->imm >= 0 && i->imm < KFUNC_COUNT ? names[i->imm] : NULL;
}

bool case_has(const struct fuzz_case *c, uint32_t type)
{
	for (uint32_t n = 0; n < c->n_maps; n++)
		if (c->maps[n].type == type)
			return true;
	return false;
}

bool case_has_timers(const struct fuzz_case *c)
{
	for (uint32_t n = 0; n < c->n_maps; n++)
		if (c->maps[n].timer)
			return true;
	return false;
}

bool case_calls(const struct fuzz_case *c, int32_t helper)
{
	for (uint32_t i = 0; i < c->n_insns; i++)
		if (c->insns[i].code == (EC_JMP | EBPF_CALL) && !ebpf_src(&c->insns[i]) && c->insns[i].imm == helper)
			return true;
	return false;
}

uint32_t case_inner(const struct fuzz_case *c, uint32_t outer, uint32_t slot)
{
	const struct prog_map *m = &c->maps[outer];

	return image_map_has_maps(m->type) && m->key_size == 4 && slot < m->max_entries && slot != 1 ? m->model - 1 : NO_MAP;
}

static void put_slots(const struct fuzz_case *c, struct case_progs *p, uint32_t map)
{
	bool any = false;

	if (c->maps[map].type == MAP_TYPE_PROG_ARRAY)
		p->slots[map] = p->programs;
	for (uint32_t slot = 0; slot < CASE_SLOTS; slot++) {
		uint32_t inner = case_inner(c, map, slot);

		p->inner[map][slot] = inner == NO_MAP ? 0 : inner + 1;
		any |= inner != NO_MAP;
	}
	if (any)
		p->slots[map] = p->inner[map];
}

/* Templates are behind all other maps. */
static void put_maps(const struct fuzz_case *c, struct case_progs *p)
{
	uint32_t n_maps, n_templates = 0;

	for (uint32_t n = 0; n < c->n_maps; n++) {
		p->maps[n] = c->maps[n];
		if (c->maps[n].flags & 0x80) { /* BPF_F_RDONLY_PROG */
			p->maps[n].init = c->constants;
			p->maps[n].init_size = CASE_CONSTANTS;
		}
	}
	n_maps = load_own_maps(p->prog, p->maps, c->n_maps);
	for (uint32_t n = 0; n < c->n_maps; n++)
		if (c->maps[n].model) {
			p->maps[n_maps + n_templates] = c->maps[c->maps[n].model - 1];
			p->maps[n].inner = n_maps + ++n_templates;
		}
	for (uint32_t n = 0; n < c->n_programs; n++) {
		p->prog[n].n_maps = n_maps;
		p->prog[n].n_templates = n_templates;
	}
}

void case_progs(const struct fuzz_case *c, struct case_progs *p)
{
	static struct ebpf_insn insns[CASE_INSNS];

	for (uint32_t i = 0; i < c->n_insns; i++) {
		insns[i] = c->insns[i];
		if (case_kfunc(&insns[i]))
			insns[i].imm = routine_kfunc(case_kfunc(&insns[i]));
	}
	*p = (struct case_progs){ 0 };
	for (uint32_t slot = 0; slot < CASE_SLOTS; slot++)
		p->programs[slot] = case_slot(c, slot) == NO_PROGRAM ? 0 : case_slot(c, slot) + 1;
	for (uint32_t n = 0; n < c->n_maps; n++)
		put_slots(c, p, n);
	for (uint32_t n = 0; n < c->n_programs; n++)
		p->prog[n] = (struct prog){ .name = n ? "fuzz_next" : "fuzz", .section = "xdp", .insns = insns + c->start[n],
					    .n_insns = case_end(c, n) - c->start[n], .maps = p->maps, .slots = p->slots,
					    .next = n + 1 < c->n_programs ? &p->prog[n + 1] : NULL };
	put_maps(c, p);
}
