// SPDX-License-Identifier: Apache-2.0
/* LPM_TRIEs that the NIC keeps as PREFIXES (hw/spec/image.h): those whose keys are long, and those that programs change. The trie's own form, which is
 * quicker, takes changes from the host alone. */
#include <stdlib.h>
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

static int is_like(const struct prog_map *a, const struct prog_map *b)
{
	return is_trie(a) && a->key_size == b->key_size && a->value_size == b->value_size && a->flags == b->flags;
}

/* Map or template n; if a map may hold it, with all that may stand in its place. */
static void keep(const struct prog *p, struct prog_map *maps, uint32_t n)
{
	const struct prog_map trie = maps[n];
	uint32_t all = p->n_maps + p->n_templates;
	int in_maps = 0;

	if (!is_trie(&trie))
		return;
	for (uint32_t k = p->n_maps; k < all; k++)
		in_maps |= is_like(&maps[k], &trie);
	for (uint32_t k = 0; k < all; k++)
		if (k == n || (in_maps && is_like(&maps[k], &trie)))
			maps[k].type = MAP_TYPE_PREFIXES;
}

/* ---- which maps programs change: the calls' r1 is followed back on all ways that lead to them ---- */

/* A number of r0 to r9, or of a stack word that is stored and loaded as compilers do, through r10 (who does otherwise is told that the trie can't be changed). */
enum { FRAME_POINTER = EBPF_REGS - 1, STACK_WORDS = EBPF_STACK_BYTES / 8, HOLDERS = EBPF_REGS + STACK_WORDS, NOT_KNOWN = -1 };

struct trail {
	const struct prog *p;
	struct prog_map *maps;
	uint32_t *jump;       /* per instruction: one that leads to it, + 1 */
	uint32_t *other;      /* per such: another one to the same place, + 1 */
	uint8_t *seen;        /* per place */
	uint32_t *places, n;  /* to go on from */
};

/* What is held before an instruction; or, of a map that comes from a map of maps, that one. */
static void add_place(struct trail *t, uint32_t pc, unsigned int holder, unsigned int in_map)
{
	uint32_t place = 2 * (pc * HOLDERS + holder) + in_map;

	if (t->seen[place])
		return;
	t->seen[place] = 1;
	t->places[t->n++] = place;
}

/* Of a map of maps, its maps' template; 0: it has none, or the number is wrong. Counted from 1. */
static uint32_t map_loaded(const struct trail *t, const struct ebpf_insn *i, unsigned int in_map)
{
	if (ebpf_src(i) != EBPF_PSEUDO_MAP || (uint32_t)i->imm >= t->p->n_maps)
		return 0;
	return in_map ? t->maps[i->imm].inner : (uint32_t)i->imm + 1;
}

static int is_lookup(const struct ebpf_insn *i)
{
	return i->code == (EC_JMP | EBPF_CALL) && ebpf_src(i) == EBPF_CALL_HELPER && i->imm == HELPER_MAP_LOOKUP_ELEM;
}

static int word_at(int off)
{
	return off % 8 || off >= 0 || off < -EBPF_STACK_BYTES ? NOT_KNOWN : EBPF_REGS - 1 - off / 8;
}

/* What has before the instruction what the holder has behind it, or NOT_KNOWN. */
static int before(const struct ebpf_insn *i, unsigned int holder)
{
	int class = ebpf_class(i);

	if (i->code == (EC_STX | EBPF_MEM | EBPF_DW) && ebpf_dst(i) == FRAME_POINTER && word_at(i->off) == (int)holder)
		return (int)ebpf_src(i);
	if (holder >= EBPF_REGS || insn_is_jump(i) || (class == EC_LD && !i->code)) /* the second half of an LDDW */
		return (int)holder;
	if (class == EC_JMP || (class == EC_LD && i->code != EBPF_LDDW)) /* calls, and LD_ABS */
		return holder > 5 ? (int)holder : NOT_KNOWN;
	if (ebpf_is_atomic(i))
		return holder && holder != ebpf_src(i) ? (int)holder : NOT_KNOWN;
	if (class == EC_ST || class == EC_STX || ebpf_dst(i) != holder)
		return (int)holder;
	if (i->code == (EC_LDX | EBPF_MEM | EBPF_DW) && ebpf_src(i) == FRAME_POINTER)
		return word_at(i->off);
	return i->code == (EC_ALU64 | EBPF_MOV | EBPF_X) && !i->off ? (int)ebpf_src(i) : NOT_KNOWN;
}

/* Back over one instruction. 0, or NOT_KNOWN */
static int go_back(struct trail *t, uint32_t pc, unsigned int holder, unsigned int in_map)
{
	const struct ebpf_insn *i = &t->p->insns[pc];
	int from;

	if (i->code == EBPF_LDDW && ebpf_dst(i) == holder) {
		uint32_t map = map_loaded(t, i, in_map);

		if (map)
			keep(t->p, t->maps, map - 1);
		return map ? 0 : NOT_KNOWN;
	}
	if (!holder && !in_map && is_lookup(i)) {
		add_place(t, pc, 1, 1);
		return 0;
	}
	from = before(i, holder);
	if (from == NOT_KNOWN)
		return NOT_KNOWN;
	add_place(t, pc, (unsigned int)from, in_map);
	return 0;
}

static int falls_through(const struct ebpf_insn *i)
{
	return !insn_is_exit(i) && !(insn_is_jump(i) && EBPF_OP(i->code) == EBPF_JA);
}

/* Over all instructions that lead here; what a function is given is not known, even where a loop begins with it. */
static int follow_place(struct trail *t, uint32_t place)
{
	uint32_t pc = place / 2 / HOLDERS, ways = 0;
	unsigned int holder = place / 2 % HOLDERS, in_map = place % 2;

	if (pc && falls_through(&t->p->insns[pc - 1])) {
		ways++;
		if (go_back(t, pc - 1, holder, in_map))
			return NOT_KNOWN;
	}
	for (uint32_t from = t->jump[pc]; from; from = t->other[from - 1]) {
		ways++;
		if (!insn_is_jump(&t->p->insns[from - 1]) || go_back(t, from - 1, holder, in_map))
			return NOT_KNOWN;
	}
	return ways ? 0 : NOT_KNOWN;
}

/* Where a jump leads, or what begins the function that is called or named; else behind the program. */
static uint32_t leads_to(const struct prog *p, uint32_t pc)
{
	const struct ebpf_insn *i = &p->insns[pc];

	if (insn_is_function(i))
		return pc + 1 + (uint32_t)i->imm;
	return insn_is_jump(i) || insn_is_local_call(i) ? insn_target(i, pc) : p->n_insns;
}

static void begin(struct trail *t)
{
	for (uint32_t pc = 0; pc < t->p->n_insns; pc++) {
		const struct ebpf_insn *i = &t->p->insns[pc];
		uint32_t to = leads_to(t->p, pc);

		if (is_change(i))
			add_place(t, pc, 1, 0);
		if (to >= t->p->n_insns)
			continue;
		t->other[pc] = t->jump[to];
		t->jump[to] = pc + 1;
	}
}

static void follow(struct trail *t)
{
	begin(t);
	while (t->n)
		if (follow_place(t, t->places[--t->n])) {
			for (uint32_t n = 0; n < t->p->n_maps + t->p->n_templates; n++)
				keep(t->p, t->maps, n);
			return;
		}
}

static int keep_changed(const struct prog *p, struct prog_map *maps)
{
	uint32_t n = p->n_insns, all = 2 * n * HOLDERS;
	struct trail t = {
		.p = p, .maps = maps, .jump = calloc(n, sizeof(*t.jump)), .other = calloc(n, sizeof(*t.other)), .seen = calloc(all, 1),
		.places = malloc(all * sizeof(*t.places)),
	};
	int result = t.jump && t.other && t.seen && t.places ? 0 : -1;

	if (!result)
		follow(&t);
	free(t.jump);
	free(t.other);
	free(t.seen);
	free(t.places);
	return result;
}

static int has_tries(const struct prog *p, const struct prog_map *maps)
{
	for (uint32_t n = 0; n < p->n_maps + p->n_templates; n++)
		if (is_trie(&maps[n]))
			return 1;
	return 0;
}

int load_prefixes(const struct prog *p, struct prog_map *maps)
{
	for (uint32_t n = 0; n < p->n_maps + p->n_templates; n++)
		if (maps[n].key_size > NIC_LOOK_BYTES)
			keep(p, maps, n);
	for (; p && has_tries(p, maps); p = p->next)
		if (keep_changed(p, maps))
			return -1;
	return 0;
}
