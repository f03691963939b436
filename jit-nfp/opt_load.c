// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Loads from one aligned word of a map value become one load of the word, where nothing on the way from one to the other may change what is
 * read: a load waits, and there is room for one in a bundle, while fields of a register are free of both. Values begin at words and are laid
 * out in whole words, so the word is the value's. What other threads store in between is not seen: the program could not rely on it.
 *   x = mld [p + 4], 4; y = mld [p + 2], 1 -> w = mld [p], 8; x = w[63:32]; y = w[23:16] */
#include "opt.h"

enum { WORD = 8, BACK_MAX = 128 }; /* values looked back over */
enum { UPDATED = UINT32_MAX };    /* order of a load that opt_update.c may want */

/* The words in front of rings and queues change without the program. */
static int is_plain_map(const struct func *f, unsigned int map)
{
	const struct prog *p = f->c->prog;

	return map >= p->n_maps || !(image_map_is_ring(p->maps[map].type) || image_map_is_queue(p->maps[map].type));
}

static int is_load(const struct func *f, const struct value *v)
{
	return v->op == IR_MLD && !v->swap && !v->fence && v->order != UPDATED && is_plain_map(f, v->map);
}

static int64_t word_of(const struct value *v)
{
	return v->imm & ~(int64_t)(WORD - 1);
}

static int in_word(const struct value *v)
{
	return v->imm + v->width <= word_of(v) + WORD && opt_low_zeros(v->arg[0]) >= 3;
}

/* A load of the same word on the only way that leads to v. */
static struct value *earlier_load(const struct func *f, const struct value *v)
{
	const struct block *b = v->block;
	struct value *x = v->prev;

	for (int n = 0; n < BACK_MAX; n++) {
		while (!x && b->n_pred == 1) {
			b = b->pred[0];
			x = b->last;
		}
		if (!x)
			return NULL;
		if (is_load(f, x) && x->arg[0] == v->arg[0] && x->map == v->map && word_of(x) == word_of(v) && in_word(x))
			return x;
		if (opt_mem_changes_map(x, v))
			return NULL;
		x = x->prev;
	}
	return NULL;
}

static void become_field(struct value *v, struct value *word)
{
	v->op = v->sign ? IR_SBFX : IR_UBFX;
	v->shift = (uint8_t)(8 * (v->imm - word->imm));
	v->len = (uint8_t)(8 * v->width);
	v->imm = 0;
	v->width = v->sign = v->map = 0;
	v->region[0] = R_NONE;
	v->arg[0] = word;
	opt_bits(v);
}

static struct value *word_at(struct func *f, struct value *load)
{
	struct value *word = ir_new(f, IR_MLD, load->insn);

	if (!word)
		return NULL;
	word->arg[0] = load->arg[0];
	word->imm = word_of(load);
	word->width = WORD;
	word->map = load->map;
	word->region[0] = load->region[0];
	ir_insert_before(load, word);
	opt_bits(word);
	return word;
}

static void visit(struct func *f, struct value *v)
{
	struct value *with, *word;

	if (!is_load(f, v) || !in_word(v))
		return;
	with = earlier_load(f, v);
	if (!with)
		return;
	if (with->width == v->width && with->imm == v->imm && with->sign == v->sign) {
		ir_replace(v, with);
		return;
	}
	word = with->width == WORD ? with : word_at(f, with);
	if (!word)
		return;
	if (word != with)
		become_field(with, word);
	become_field(v, word);
}

/* Loads that are changed and stored back: one atomic operation does without them. */
static void mark_updates(struct block *b)
{
	for (struct value *v = b->first; v; v = v->next) {
		v->order = 0;
		for (int n = 0; n < 3; n++)
			v->arg[n] = ir_resolve(v->arg[n]);
		if (v->op != IR_MST || !ir_args[v->arg[1]->op])
			continue;
		for (int n = 0; n < 2; n++) {
			struct value *load = ir_resolve(v->arg[1]->arg[n]);

			if (load && load->op == IR_MLD && load->arg[0] == v->arg[0] && load->imm == v->imm && load->width == v->width)
				load->order = UPDATED;
		}
	}
}

int opt_load_run(struct compile *c)
{
	struct func *f = c->func;

	if (c->careful > 1)
		return 0;
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		mark_updates(f->rpo[n]);
		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			visit(f, v);
	}
	return c->arena->failed ? -1 : 0;
}
