// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* What was stored to the stack and is loaded again need not be loaded, where the same stores have written its bytes last on all ways that lead
 * there; nor does a lookup read its key there (opt_look.c). Only stores change the stack.
 *   st [fp - 8], x, 8; y = ld [fp - 6], 2 -> y = x[31:16] */
#include "opt.h"

enum { NONE = 0, ANY = UINT16_MAX, STORES_MAX = UINT16_MAX - 1, BYTES = 8,
       COST_MAX = 6,          /* operations for a load */
       FAR = 128,             /* values between store and load of what must be kept for it */
       TOO_FAR = 512 };       /* of any: code that is told more about the packet grows */

struct reload {
	struct func *f;
	struct value **store; /* by number, from 1 */
	uint32_t *place;      /* of each in the program */
	uint32_t n_stores, size; /* bytes of stack below fp */
	uint16_t *out;        /* per block and byte: the store that wrote it last; NONE: more than one, or none; ANY: not looked at yet */
	uint16_t *now;        /* the same at a place */
};

static int is_of_stack(const struct value *v, int op)
{
	return v->op == op && v->region[0] == R_STACK;
}

static int is_known(const struct value *v)
{
	return ir_is_special(ir_resolve(v->arg[0]), SR_FP);
}

static uint16_t *out_of(const struct reload *r, const struct block *b)
{
	return r->out + (size_t)b->rpo * r->size;
}

static void meet(struct reload *r, const struct block *b)
{
	memcpy(r->now, out_of(r, b->pred[0]), r->size * sizeof(*r->now));
	for (uint32_t n = 1; n < b->n_pred; n++) {
		const uint16_t *more = out_of(r, b->pred[n]);

		for (uint32_t at = 0; at < r->size; at++)
			if (r->now[at] != more[at] && more[at] != ANY)
				r->now[at] = r->now[at] == ANY ? more[at] : NONE;
	}
}

static void start(struct reload *r, const struct block *b)
{
	if (b->n_pred)
		meet(r, b);
	else
		memset(r->now, 0, r->size * sizeof(*r->now));
}

static void step(struct reload *r, const struct value *v)
{
	if (!is_of_stack(v, IR_ST))
		return;
	if (!is_known(v))
		memset(r->now, 0, r->size * sizeof(*r->now));
	else
		for (uint32_t n = 0; n < v->width; n++)
			r->now[v->imm + n + r->size] = (uint16_t)v->order;
}

static int has_way_back(const struct func *f)
{
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (uint32_t k = 0; k < f->rpo[n]->n_pred; k++)
			if (f->rpo[n]->pred[k]->rpo >= n)
				return 1;
	return 0;
}

static void spread(struct reload *r)
{
	int again = has_way_back(r->f), changed = 1;

	memset(r->out, 0xff, (size_t)r->f->n_rpo * r->size * sizeof(*r->out));
	while (changed) {
		changed = 0;
		for (uint32_t n = 0; n < r->f->n_rpo; n++) {
			struct block *b = r->f->rpo[n];
			uint16_t *out = out_of(r, b);

			start(r, b);
			for (const struct value *v = b->first; v; v = v->next)
				step(r, v);
			changed |= again && memcmp(out, r->now, r->size * sizeof(*out));
			memcpy(out, r->now, r->size * sizeof(*out));
		}
	}
}

/* ---- the loads ---- */

struct span { int64_t first; uint32_t size, place; }; /* bytes of stack, and where in the program they are read */

/* The bytes read, from the stores that wrote them. What can't be read or made again must not have to be kept for long. */
static int find_bytes(const struct reload *r, const struct value *reader, struct span s, struct opt_byte *bytes)
{
	if (s.first < -(int64_t)r->size || s.first + s.size > 0)
		return 0;
	for (uint32_t n = 0; n < s.size; n++) {
		uint16_t number = r->now[s.first + n + r->size];
		const struct value *store;
		unsigned int from;

		if (number == NONE || number == ANY)
			return 0;
		store = r->store[number];
		from = (unsigned int)(s.first + n - store->imm);
		bytes[n] = opt_byte_of(r->f, store->arg[1], store->swap ? store->width - 1 - from : from);
		if (s.place - r->place[number] > TOO_FAR)
			return 0;
		if (s.place - r->place[number] > FAR && !ir_is_const(bytes[n].v) && !opt_bytes_again(r->f, reader, &bytes[n], 1))
			return 0;
	}
	return 1;
}

static void visit_look(struct reload *r, struct value *look, uint32_t place)
{
	struct span s = { .size = r->f->c->maps[look->map].key_size, .place = place };
	struct opt_byte bytes[2 * BYTES];

	if (look->region[0] != R_STACK || !ir_is_near(look->arg[0], SR_FP, &s.first) || !find_bytes(r, look, s, bytes))
		return;
	for (unsigned int n = 0; n < s.size; n += BYTES)
		if (opt_bytes_cost(r->f, bytes + n, s.size - n < BYTES ? s.size - n : BYTES) > COST_MAX)
			return;
	opt_look_with(r->f, look, bytes, s.size);
}

static void visit(struct reload *r, struct value *load, uint32_t place)
{
	struct span s = { load->imm, load->width, place };
	struct opt_byte bytes[BYTES];
	struct value *v;

	if (!is_known(load) || !find_bytes(r, load, s, bytes) || opt_bytes_cost(r->f, bytes, load->width) > COST_MAX)
		return;
	v = opt_bytes_value(r->f, load, bytes, load->width, 1);
	if (v && load->swap) {
		struct value *x = v;

		v = ir_new(r->f, IR_BSWAP, load->insn);
		if (!v)
			return;
		v->arg[0] = x;
		v->width = load->width;
		ir_insert_before(load, v);
		opt_bits(v);
	}
	if (v && load->sign && load->width < BYTES) {
		struct value *x = v;

		v = ir_new(r->f, IR_SBFX, load->insn);
		if (!v)
			return;
		v->arg[0] = x;
		v->len = (uint8_t)(8 * load->width);
		ir_insert_before(load, v);
		opt_bits(v);
	}
	if (v)
		ir_replace(load, v);
}

/* How much of the stack is stored to by its offset, and is anything read? */
static int survey(struct reload *r)
{
	int reads = 0;

	for (uint32_t n = 0; n < r->f->n_rpo; n++)
		for (struct value *v = r->f->rpo[n]->first; v; v = v->next) {
			reads |= (is_of_stack(v, IR_LD) && is_known(v)) || opt_look_takes(r->f->c, v);
			if (!is_of_stack(v, IR_ST) || !is_known(v))
				continue;
			v->order = ++r->n_stores;
			r->size = -v->imm > (int64_t)r->size ? (uint32_t)-v->imm : r->size;
		}
	return reads && r->n_stores && r->n_stores <= STORES_MAX;
}

int opt_reload_run(struct compile *c)
{
	struct reload *r = arena_alloc(c->arena, sizeof(*r));
	struct func *f = c->func;

	if (!r || c->careful) /* values live longer */
		return r ? 0 : -1;
	r->f = f;
	if (!survey(r))
		return 0;
	if (opt_mem_number(f))
		return -1;
	r->store = arena_alloc(c->arena, (r->n_stores + 1) * sizeof(*r->store));
	r->place = arena_alloc(c->arena, (r->n_stores + 1) * sizeof(*r->place));
	r->now = arena_alloc(c->arena, r->size * sizeof(*r->now));
	r->out = arena_alloc(c->arena, (size_t)f->n_rpo * r->size * sizeof(*r->out));
	if (!r->store || !r->place || !r->now || !r->out)
		return -1;
	for (uint32_t n = 0, place = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v; v = v->next, place++)
			if (is_of_stack(v, IR_ST) && is_known(v)) {
				r->store[v->order] = v;
				r->place[v->order] = place;
			}
	spread(r);
	for (uint32_t n = 0, place = 0; n < f->n_rpo; n++) {
		start(r, f->rpo[n]);
		for (struct value *v = f->rpo[n]->first, *next; v; v = next, place++) {
			next = v->next;
			step(r, v);
			if (is_of_stack(v, IR_LD))
				visit(r, v, place);
			else if (opt_look_takes(c, v))
				visit_look(r, v, place);
		}
	}
	return c->arena->failed ? -1 : 0;
}
