// SPDX-License-Identifier: Apache-2.0
/* Which stack bytes become variables: those that every access with a known offset takes as one whole. One access with an unknown
 * offset makes all of them memory. Helpers only read the stack, so a value they read by address may live in both. */
#include "build.h"

static uint32_t index_of(int64_t off)
{
	return (uint32_t)(off + EBPF_STACK_BYTES);
}

static void spoil(struct cells *s, int64_t off, uint32_t size)
{
	for (uint32_t n = index_of(off); n < index_of(off) + size; n++)
		if (s->at[n] != NO_CELL)
			s->cell[s->at[n]].bad = 1;
}

static void note_access(struct cells *s, int64_t off, uint32_t size)
{
	uint32_t first = index_of(off), owned = 0;
	struct cell *cell;

	for (uint32_t n = first; n < first + size; n++)
		owned += s->at[n] != NO_CELL;
	if (owned == size && s->cell[s->at[first]].off == off && s->cell[s->at[first]].size == size)
		return;
	if (owned)
		spoil(s, off, size);
	if (s->n == s->max || owned == size)
		return;
	cell = &s->cell[s->n];
	cell->off = (int16_t)off;
	cell->size = (uint8_t)size;
	cell->bad = owned != 0;
	for (uint32_t n = first; n < first + size; n++)
		if (s->at[n] == NO_CELL)
			s->at[n] = (uint8_t)s->n;
	s->n++;
}

static void note_read(struct cells *s, const struct arg_fact *a, uint32_t size)
{
	for (uint32_t n = 0; n < s->n; n++) {
		struct cell *cell = &s->cell[n];

		if (!a->off_known || (cell->off < a->off + size && a->off < cell->off + cell->size))
			cell->by_address = 1;
	}
}

static int is_array_key(const struct build *b, const struct fact *f, int arg)
{
	return arg == 1 && b->c->prog->maps[f->arg[0].map].type == MAP_TYPE_ARRAY && f->arg[1].off_known &&
	       f->arg[1].off % 4 == 0;
}

static uint32_t arg_bytes(const struct build *b, const struct fact *f, int arg)
{
	const struct prog_map *m = &b->c->prog->maps[f->arg[0].map];

	return arg == 1 ? m->key_size : m->value_size;
}

static int takes_pointers(const struct ebpf_insn *i)
{
	return i->code == (EC_JMP | EBPF_CALL) && !insn_is_local_call(i) && i->imm >= HELPER_MAP_LOOKUP_ELEM && i->imm <= HELPER_MAP_DELETE_ELEM;
}

static int is_access(const struct ebpf_insn *i)
{
	return EBPF_CLASS(i->code) == EC_LDX || EBPF_CLASS(i->code) == EC_ST || EBPF_CLASS(i->code) == EC_STX;
}

/* All accesses first: 0 when one has no known offset. */
static int note_accesses(struct build *b)
{
	for (uint32_t pc = 0; pc < b->c->n_insns; pc++) {
		const struct ebpf_insn *i = &b->c->insns[pc];
		const struct fact *f = &b->c->facts[pc];

		if (!f->reachable)
			continue;
		if (is_access(i) && f->mem.region == R_STACK) {
			if (!f->mem.off_known)
				return 0;
			note_access(&b->cells, f->mem.off, insn_bytes(i));
		}
		if (takes_pointers(i) && f->arg[1].region == R_STACK && is_array_key(b, f, 1))
			note_access(&b->cells, f->arg[1].off, 4);
	}
	return 1;
}

static void note_reads(struct build *b)
{
	for (uint32_t pc = 0; pc < b->c->n_insns; pc++) {
		const struct ebpf_insn *i = &b->c->insns[pc];
		const struct fact *f = &b->c->facts[pc];

		if (!f->reachable || !takes_pointers(i))
			continue;
		for (int arg = 1; arg <= 2; arg++)
			if (f->arg[arg].region == R_STACK && !is_array_key(b, f, arg))
				note_read(&b->cells, &f->arg[arg], arg_bytes(b, f, arg));
	}
}

int cells_find(struct build *b)
{
	uint32_t depth = 0;

	for (uint32_t n = 0; n < b->c->n_frames; n++)
		depth = b->c->frames[n].depth > depth ? b->c->frames[n].depth : depth;
	b->cells.first = EBPF_REGS + N_SAVED * depth;
	b->cells.max = N_VARS - b->cells.first;
	memset(b->cells.at, NO_CELL, sizeof(b->cells.at));
	if (b->c->careful > 1 || !note_accesses(b))
		b->cells.n = 0;
	note_reads(b);
	return 0;
}

int cell_of(const struct build *b, int64_t off, uint32_t size)
{
	for (uint32_t n = 0; n < b->cells.n; n++) {
		const struct cell *cell = &b->cells.cell[n];

		if (cell->off == off && cell->size == size && !cell->bad)
			return (int)(b->cells.first + n);
	}
	return -1;
}
