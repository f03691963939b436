// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Which stack bytes become variables: those that every access with a known offset takes as one whole. One access with an unknown
 * offset makes all of them memory. What helpers read by address may live in both; what they write
 * stays memory. */
#include "build.h"
#include "helpers.h"

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

static int overlaps(const struct cell *cell, const struct arg_fact *a)
{
	return !a->off_known || (cell->off < a->off + a->size && a->off < cell->off + cell->size);
}

static void note_read(struct cells *s, const struct arg_fact *a)
{
	for (uint32_t n = 0; n < s->n; n++)
		s->cell[n].by_address |= (uint8_t)overlaps(&s->cell[n], a);
}

static void note_write(struct cells *s, const struct arg_fact *a)
{
	for (uint32_t n = 0; n < s->n; n++)
		s->cell[n].bad |= (uint8_t)overlaps(&s->cell[n], a);
}

/* Such a key is read as a number, and so may be a variable. */
static int is_array_key(const struct build *b, const struct helper *h, const struct fact *f, unsigned int arg)
{
	return arg == 1 && ARG_KIND(h->arg[0]) == ARG_MAP && ARG_KIND(h->arg[1]) == ARG_KEY && f->arg[1].region == R_STACK &&
	       image_map_is_array(b->c->prog->maps[f->arg[0].map].type) && f->arg[1].off_known &&
	       f->arg[1].off % 4 == 0;
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
		const struct helper *h;

		if (!f->reachable)
			continue;
		if (is_access(i) && f->mem.region == R_STACK) {
			if (!f->mem.off_known)
				return 0;
			note_access(&b->cells, f->mem.off, insn_bytes(i));
		}
		h = helper_called(i);
		if (h && is_array_key(b, h, f, 1))
			note_access(&b->cells, f->arg[1].off, 4);
	}
	return 1;
}

static void note_args(struct build *b, const struct helper *h, const struct fact *f)
{
	for (unsigned int n = 0; n < h->n_args; n++) {
		const struct arg_fact *a = &f->arg[n];

		if (a->region != R_STACK || is_array_key(b, h, f, n))
			continue;
		if (arg_is_read(h->arg[n]))
			note_read(&b->cells, a);
		if (arg_is_written(h->arg[n]))
			note_write(&b->cells, a);
	}
}

/* What helpers read and write by address. */
static void note_calls(struct build *b)
{
	for (uint32_t pc = 0; pc < b->c->n_insns; pc++) {
		const struct helper *h = helper_called(&b->c->insns[pc]);

		if (h && b->c->facts[pc].reachable)
			note_args(b, h, &b->c->facts[pc]);
	}
}

/* At most MAX_FRAMES of the DEEPEST frames are the program's, so there are variables enough. */
static void count_rounds(struct build *b)
{
	for (uint32_t pc = 0; pc < b->c->n_insns; pc++) {
		uint8_t *var = &b->rounds[frame_of(b->c, pc)->depth];

		if (b->c->insns[pc].code == EBPF_MAY_GOTO && !*var)
			*var = (uint8_t)b->cells.first++;
	}
}

int cells_find(struct build *b)
{
	uint32_t depth = 0;

	for (uint32_t n = 0; n < b->c->n_frames; n++)
		depth = b->c->frames[n].depth > depth ? b->c->frames[n].depth : depth;
	b->cells.first = EBPF_REGS + N_SAVED * depth;
	count_rounds(b);
	b->cells.max = VAR_FRONT - b->cells.first;
	memset(b->cells.at, NO_CELL, sizeof(b->cells.at));
	if (b->c->careful > 1 || !note_accesses(b))
		b->cells.n = 0;
	note_calls(b);
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
