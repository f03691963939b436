// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Records for the host: bpf_ringbuf_* and bpf_perf_event_output. Room is taken by moving the producer on, which fails only when another
 * thread did so meanwhile; nobody waits for anybody. hw/spec/image.h says how rings and records lie in map memory. */
#include "build_ring.h"

enum { E_NOENT = 2, E_AGAIN = 11, E_FAULT = 14, E_INVAL = 22, E_2BIG = 7, E_NOSPC = 28, E_OPNOTSUPP = 95 };
enum { WAKEUP_FLAGS = 3, HEADER_BYTES = 8, RECORD_NUMBER = 1 };
enum { QUERY_AVAIL_DATA, QUERY_SIZE, QUERY_CONSUMER, QUERY_PRODUCER, N_QUERIES };
enum { CTX_LENGTH_SHIFT = 32, CTX_LENGTH_BITS = 20 };

/* ---- records ---- */

struct value *ring_reserve(struct build *b, unsigned int map, struct value *bytes, struct value *room, struct block *full)
{
	const struct image_map *m = &b->c->maps[map];
	struct block *again = ir_block(b->f, place(b)), *try = ir_block(b->f, place(b)), *got = ir_block(b->f, place(b));
	struct value *base = map_base(b, map), *first, *from, *end, *old, *record;

	if (!again || !try || !got)
		return NULL;
	first = map_access(b, IR_MLD, map, base, RING_PRODUCER, 8, NULL);
	jump(b, again);
	b->at = again;
	from = ir_new(b->f, IR_PHI, place(b));
	if (!from)
		return NULL;
	from->phi = arena_alloc(b->c->arena, again->cap_pred * sizeof(*from->phi));
	if (!from->phi)
		return NULL;
	from->phi[0] = first;
	ir_append(again, from);
	end = emit(b, IR_ADD, from, room);
	branch(b, OP_JGT, emit(b, IR_SUB, end, map_access(b, IR_MLD, map, base, RING_CONSUMER, 8, NULL)), konst(b, m->stride - 1), 1, full, try);
	b->at = try;
	old = map_access(b, IR_MCAS, map, base, RING_PRODUCER, 8, end);
	if (!old)
		return NULL;
	old->arg[2] = from;
	old->fetch = 1;
	branch(b, OP_JEQ, old, from, ODDS_ONE - 1, got, again);
	if (!b->c->arena->failed)
		from->phi[1] = old;
	b->at = got;
	record = emit(b, IR_ADD, emit(b, IR_AND, from, konst(b, m->stride - 1)), emit(b, IR_ADD, base, konst(b, RING_RECORDS + HEADER_BYTES)));
	map_access(b, IR_MST, map, record, -HEADER_BYTES, 8,
		   emit(b, IR_OR, bytes, konst(b, (uint64_t)RECORD_NUMBER << 32 | RING_BUSY)));
	return record;
}

/* Bytes that a record takes, with its header. */
struct value *ring_room(struct build *b, struct value *bytes)
{
	return emit(b, IR_AND, emit(b, IR_ADD, bytes, konst(b, HEADER_BYTES + 7)), konst(b, ~7ULL));
}

void ring_commit(struct build *b, unsigned int map, struct value *record, uint32_t flip)
{
	struct value *v = map_access(b, IR_MXOR, map, record, -HEADER_BYTES, 4, konst(b, flip));

	if (v)
		v->fence = 1;
}

/* ---- helpers ---- */

/* r1 ring, r2 data, r3 size, r4 flags */
static int output(struct build *b)
{
	const struct fact *fact = fact_at(b);
	unsigned int map = fact->arg[0].map;
	struct copy c = { .from = &fact->arg[1], .source = b->var[2], .map = map };
	struct value *size = b->var[3];
	struct fails f;

	if (fail_start(b, &f))
		return -1;
	check(b, OP_JSET, b->var[4], konst(b, ~(uint64_t)WAKEUP_FLAGS), fail(b, &f, E_INVAL));
	c.to = ring_reserve(b, map, size, ring_room(b, size), fail(b, &f, E_AGAIN));
	copy_bytes(b, &c, size);
	ring_commit(b, map, c.to, RING_BUSY);
	return fail_end(b, &f, konst(b, 0));
}

static int query(struct build *b)
{
	unsigned int map = fact_at(b)->arg[0].map;
	struct value *base = map_base(b, map), *flags = b->var[2], *result[N_QUERIES + 1];
	struct block *after = ir_block(b->f, place(b));

	for (int n = 0; n < N_QUERIES && after; n++) {
		struct block *next = ir_block(b->f, place(b));

		if (!next)
			return -1;
		check(b, OP_JNE, flags, konst(b, (uint64_t)n), next);
		if (b->c->arena->failed)
			return -1;
		result[n] = n == QUERY_SIZE ? konst(b, b->c->maps[map].stride) :
			    map_access(b, IR_MLD, map, base, n == QUERY_CONSUMER ? RING_CONSUMER : RING_PRODUCER, 8, NULL);
		if (n == QUERY_AVAIL_DATA)
			result[n] = emit(b, IR_SUB, result[n], map_access(b, IR_MLD, map, base, RING_CONSUMER, 8, NULL));
		jump(b, after);
		b->at = next;
	}
	if (b->c->arena->failed)
		return -1;
	result[N_QUERIES] = konst(b, 0);
	jump(b, after);
	join(b, after, result, N_QUERIES + 1);
	return 0;
}

/* r1 ring, r2 size, r3 flags. The pointer is good for the size that the verifier knows. */
static int reserve(struct build *b)
{
	unsigned int map = fact_at(b)->arg[0].map;
	struct value *size = b->var[2];
	struct fails f;

	if (fail_start(b, &f))
		return -1;
	check(b, OP_JNE, b->var[3], konst(b, 0), fail(b, &f, 0));
	return fail_end(b, &f, ring_reserve(b, map, size, ring_room(b, size), fail(b, &f, 0)));
}

/* r1 ctx, r2 map, r3 flags, r4 data, r5 size. The checks in Linux's order. A hardware thread's own event is open when the host listens. */
static int perf_output(struct build *b)
{
	const struct fact *fact = fact_at(b);
	unsigned int map = fact->arg[1].map;
	const struct image_map *m = &b->c->maps[map];
	const struct arg_fact packet = { .region = R_PKT };
	struct copy data = { .from = &fact->arg[3], .source = b->var[4], .map = map, .off = 8 };
	struct copy bytes = { .from = &packet, .source = emit_place(b, SR_DATA), .map = map, .off = 8 };
	struct value *flags = b->var[3], *size = b->var[5], *cpu = ir_special(b->f, SR_CPU), *length, *index, *whole;
	struct block *any = ir_block(b->f, place(b)), *own = ir_block(b->f, place(b)), *inside = ir_block(b->f, place(b));
	struct fails f;

	if (fail_start(b, &f) || !any || !own || !inside)
		return -1;
	check(b, OP_JSET, flags, konst(b, ~((1ULL << (CTX_LENGTH_SHIFT + CTX_LENGTH_BITS)) - 1)), fail(b, &f, E_INVAL));
	length = ir_is_const(flags) ? konst(b, (uint64_t)flags->imm >> CTX_LENGTH_SHIFT & ((1U << CTX_LENGTH_BITS) - 1)) :
				      emit_field(b, IR_UBFX, flags, CTX_LENGTH_SHIFT, CTX_LENGTH_BITS);
	check(b, OP_JGT, length, emit_place(b, SR_LEN), fail(b, &f, E_FAULT));
	index = ir_is_const(flags) ? konst(b, (uint32_t)flags->imm) : emit_field(b, IR_UBFX, flags, 0, 32);
	branch(b, OP_JEQ, index, konst(b, UINT32_MAX), ODDS_ONE - 1, own, any);
	b->at = any;
	check(b, OP_JGE, index, konst(b, m->max_entries), fail(b, &f, E_2BIG));
	check(b, OP_JGE, index, konst(b, b->c->target->cpus), fail(b, &f, E_NOENT));
	check(b, OP_JEQ, map_access(b, IR_MLD, map, map_base(b, map), RING_OPEN, 8, NULL), konst(b, 0), fail(b, &f, E_NOENT));
	check(b, OP_JNE, index, cpu, fail(b, &f, E_OPNOTSUPP));
	jump(b, inside);
	b->at = own;
	check(b, OP_JGE, cpu, konst(b, m->max_entries), fail(b, &f, E_2BIG));
	check(b, OP_JEQ, map_access(b, IR_MLD, map, map_base(b, map), RING_OPEN, 8, NULL), konst(b, 0), fail(b, &f, E_NOENT));
	jump(b, inside);
	b->at = inside;
	whole = emit(b, IR_ADD, emit(b, IR_ADD, size, length), konst(b, 8));
	data.to = ring_reserve(b, map, whole, ring_room(b, whole), fail(b, &f, E_NOSPC));
	map_access(b, IR_MST, map, data.to, 0, 8, cpu);
	copy_bytes(b, &data, size);
	if (!ir_is_const(length) || length->imm) {
		bytes.to = emit(b, IR_ADD, data.to, size);
		copy_bytes(b, &bytes, length);
	}
	ring_commit(b, map, data.to, RING_BUSY);
	return fail_end(b, &f, konst(b, 0));
}

int build_ring(struct build *b)
{
	switch (insn_at(b)->imm) {
	case HELPER_PERF_EVENT_OUTPUT:
		return perf_output(b);
	case HELPER_RINGBUF_OUTPUT:
		return output(b);
	case HELPER_RINGBUF_RESERVE:
		return reserve(b);
	case HELPER_RINGBUF_SUBMIT:
		ring_commit(b, fact_at(b)->arg[0].map, b->var[1], RING_BUSY);
		return 0;
	case HELPER_RINGBUF_DISCARD:
		ring_commit(b, fact_at(b)->arg[0].map, b->var[1], RING_BUSY | RING_DISCARD);
		return 0;
	default:
		return query(b);
	}
}
