// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Map memory by hand: accesses, copies, and the ways on which a helper fails. */
#include "build_ring.h"

struct value *map_access(struct build *b, enum ir_op op, unsigned int map, struct value *at, int off, uint32_t width, struct value *data)
{
	struct value *v = emit(b, op, at, data);

	if (!v)
		return NULL;
	v->imm = off;
	v->width = (uint8_t)width;
	v->w = width == 4 && op >= IR_MADD && op <= IR_MCAS;
	v->region[0] = R_MAP_VALUE;
	v->map = map_is_template(b->c->prog, map) ? MAP_ANY : (uint8_t)map;
	return v;
}

struct value *map_base(struct build *b, unsigned int map)
{
	return map_byte(b, map, 0);
}

/* ---- copies ---- */

enum { UNROLLED_MAX = 128, OFFSETS = 512 };

/* Stack is read whole where it is aligned; other memory anywhere. */
static uint32_t piece(const struct arg_fact *from, int64_t at, uint32_t left)
{
	uint32_t width = 8;

	while (width > left || (width > 1 && from->region == R_STACK && (!from->off_known || (from->off + at) % width)))
		width /= 2;
	return width;
}

static struct value *load_any(struct build *b, const struct arg_fact *from, struct value *at, uint32_t width)
{
	struct value *v = emit(b, from->region == R_MAP_VALUE ? IR_MLD : IR_LD, at, NULL);

	if (!v)
		return NULL;
	v->width = (uint8_t)width;
	v->region[0] = from->region == R_PKT_META ? R_PKT : from->region;
	v->map = (uint8_t)from->map;
	return v;
}

/* Stack bytes that are a variable are in memory, too, when a helper reads them. */
static struct value *from_memory(struct build *b, const struct arg_fact *at, struct value *source, int off, uint32_t width)
{
	int known = at->region == R_STACK && at->off_known;
	struct value *v;

	if (at->region != R_STACK)
		return load(b, at, source, off, width, 0);
	v = load_any(b, at, known ? ir_special(b->f, SR_FP) : source, width);
	if (v)
		v->imm = known ? at->off : off;
	return v;
}

static void copy_known(struct build *b, struct copy *c, uint32_t size)
{
	for (uint32_t n = 0, width; n < size; n += width) {
		struct arg_fact at = *c->from;

		width = piece(c->from, n, size - n);
		at.off += n;
		map_access(b, IR_MST, c->map, c->to, c->off + (int)n, width, from_memory(b, &at, c->source, (int)n, width));
	}
}

/* From offset *at on, while whole pieces are left; *at becomes where they end. */
static void copy_loop(struct build *b, struct copy *c, struct value **at, struct value *end, uint32_t width)
{
	struct block *head = ir_block(b->f, place(b)), *body = ir_block(b->f, place(b)), *after = ir_block(b->f, place(b));
	struct value *n, *next;

	if (!head || !body || !after)
		return;
	jump(b, head);
	b->at = head;
	n = ir_new(b->f, IR_PHI, place(b));
	if (!n)
		return;
	n->phi = arena_alloc(b->c->arena, head->cap_pred * sizeof(*n->phi));
	if (!n->phi)
		return;
	n->phi[0] = *at;
	ir_append(head, n);
	branch(b, OP_JLT, n, end, ODDS_ONE - 2, body, after);
	b->at = body;
	map_access(b, IR_MST, c->map, emit(b, IR_ADD, c->to, n), c->off, width, load_any(b, c->from, emit(b, IR_ADD, c->source, n), width));
	next = emit(b, IR_ADD, n, konst(b, width));
	jump(b, head);
	if (!b->c->arena->failed)
		n->phi[1] = next;
	b->at = after;
	*at = n;
}

void copy_bytes(struct build *b, struct copy *c, struct value *size)
{
	struct value *at = konst(b, 0);

	if (!size)
		size = konst(b, c->from->size);

	if (c->from->size_known && c->from->size <= UNROLLED_MAX) {
		copy_known(b, c, c->from->size);
		return;
	}
	if (piece(c->from, 0, 8) == 8)
		copy_loop(b, c, &at, emit(b, IR_AND, size, konst(b, ~7ULL)), 8);
	copy_loop(b, c, &at, size, 1);
}

static void store_any(struct build *b, const struct arg_fact *to, struct value *target, int off, uint32_t width, struct value *data)
{
	int known = to->region == R_STACK && to->off_known;
	struct value *v = emit(b, to->region == R_MAP_VALUE ? IR_MST : IR_ST, known ? ir_special(b->f, SR_FP) : target, data);

	if (!v)
		return;
	v->imm = known ? to->off + off : off;
	v->width = (uint8_t)width;
	v->region[0] = to->region == R_PKT_META ? R_PKT : to->region;
	v->map = (uint8_t)to->map;
}

void copy_out(struct build *b, const struct arg_fact *to, struct value *target, struct value *value, unsigned int map, uint32_t size)
{
	for (uint32_t n = 0, width; n < size; n += width) {
		if (n && n % OFFSETS == 0) { /* what a word's offset reaches */
			target = emit(b, IR_ADD, target, konst(b, OFFSETS));
			value = value ? emit(b, IR_ADD, value, konst(b, OFFSETS)) : NULL;
		}
		width = piece(to, n, size - n);
		store_any(b, to, target, (int)(to->region == R_STACK && to->off_known ? n : n % OFFSETS), width,
			  value ? map_access(b, IR_MLD, map, value, (int)(n % OFFSETS), width, NULL) : konst(b, 0));
	}
}

/* ---- failing ---- */

enum { NO_ERROR = 4096 };

int fail_start(struct build *b, struct fails *f)
{
	f->n = 0;
	f->after = ir_block(b->f, place(b));
	return f->after ? 0 : -1;
}

struct block *fail(struct build *b, struct fails *f, int error_number)
{
	int n = 0;

	while (n < f->n && f->error[n] != error_number)
		n++;
	if (n < f->n || n == FAILS_MAX)
		return n < f->n ? f->way[n] : NULL;
	f->n++;
	f->way[n] = ir_block(b->f, place(b));
	f->error[n] = error_number;
	f->result[n] = konst(b, (uint64_t)-error_number);
	return f->way[n];
}

void fail_here(struct build *b, struct fails *f, struct value *result)
{
	f->way[f->n] = b->at;
	f->error[f->n] = NO_ERROR;
	f->result[f->n++] = result;
}

int fail_end(struct build *b, struct fails *f, struct value *good)
{
	struct block *ok = b->at;

	if (b->c->arena->failed)
		return -1;
	for (int n = 0; n < f->n; n++) {
		b->at = f->way[n];
		jump(b, f->after);
	}
	b->at = ok;
	if (good) {
		jump(b, f->after);
		f->result[f->n++] = good;
	}
	join(b, f->after, f->result, f->n);
	return 0;
}

