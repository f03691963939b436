// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Queues and stacks: a ring of elements in map memory behind three words, one of which is a lock (hw/spec/image.h). Who holds the lock waits for nobody. */
#include "build_ring.h"

enum { E_NOENT = 2, E_2BIG = 7, E_INVAL = 22, FLAG_NOEXIST = 1, FLAG_EXIST = 2 };

struct queue {
	const struct image_map *layout;
	unsigned int map;
	struct value *base;
};

static struct queue queue_of(struct build *b)
{
	unsigned int map = fact_at(b)->arg[0].map;

	return (struct queue){ &b->c->maps[map], map, map_base(b, map) };
}

void map_lock(struct build *b, unsigned int map, struct value *at, int off, uint32_t width)
{
	struct block *again = ir_block(b->f, place(b)), *got = ir_block(b->f, place(b));
	struct value *was;

	if (!again || !got)
		return;
	jump(b, again);
	b->at = again;
	was = map_access(b, IR_MXCHG, map, at, off, width, konst(b, 1));
	if (!was)
		return;
	was->fetch = 1;
	was->fence = 1;
	branch(b, OP_JNE, was, konst(b, 0), 1, again, got);
	b->at = got;
}

void map_unlock(struct build *b, unsigned int map, struct value *at, int off, uint32_t width)
{
	struct value *v = map_access(b, IR_MXCHG, map, at, off, width, konst(b, 0));

	if (v)
		v->fence = 1;
}

static struct value *word_of(struct build *b, const struct queue *q, int off)
{
	return map_access(b, IR_MLD, q->map, q->base, off, 8, NULL);
}

/* The place behind or before, going round; slots are one more than entries. */
static struct value *neighbour(struct build *b, const struct queue *q, struct value *at, int behind)
{
	struct block *round = ir_block(b->f, place(b)), *plain = ir_block(b->f, place(b)), *after = ir_block(b->f, place(b));
	struct value *kept = b->var[0], *way[2], *result;

	if (!round || !plain || !after)
		return NULL;
	way[0] = konst(b, behind ? 0 : q->layout->max_entries);
	branch(b, OP_JEQ, at, konst(b, behind ? q->layout->max_entries : 0), 1, round, plain);
	b->at = round;
	jump(b, after);
	b->at = plain;
	way[1] = emit(b, behind ? IR_ADD : IR_SUB, at, konst(b, 1));
	jump(b, after);
	join(b, after, way, 2);
	result = b->var[0];
	b->var[0] = kept;
	return result;
}

static struct value *slot(struct build *b, const struct queue *q, struct value *index)
{
	struct value *offset = emit_w(b, IR_MUL, 1, index, konst(b, q->layout->stride));

	return emit(b, IR_ADD, offset, emit(b, IR_ADD, q->base, konst(b, QUEUE_ELEMENTS)));
}

static void unlock(struct build *b, const struct queue *q)
{
	map_unlock(b, q->map, q->base, QUEUE_LOCK, 8);
}

/* r1 map, r2 value, r3 flags */
static int push(struct build *b)
{
	struct queue q = queue_of(b);
	struct copy c = { .from = &fact_at(b)->arg[1], .source = b->var[2], .map = q.map };
	struct block *full = ir_block(b->f, place(b)), *drop = ir_block(b->f, place(b)), *room = ir_block(b->f, place(b)), *refuse;
	struct value *flags = b->var[3], *head, *next;
	struct fails f;

	if (fail_start(b, &f) || !full || !drop || !room)
		return -1;
	check(b, OP_JGT, flags, konst(b, FLAG_EXIST), fail(b, &f, E_INVAL));
	check(b, OP_JEQ, flags, konst(b, FLAG_NOEXIST), fail(b, &f, E_INVAL));
	map_lock(b, q.map, q.base, QUEUE_LOCK, 8);
	head = word_of(b, &q, QUEUE_HEAD);
	next = neighbour(b, &q, head, 1);
	branch(b, OP_JEQ, next, word_of(b, &q, QUEUE_TAIL), 1, full, room);
	b->at = full;
	refuse = ir_block(b->f, place(b));
	if (!refuse)
		return -1;
	branch(b, OP_JEQ, flags, konst(b, 0), ODDS_ONE / 2, refuse, drop);
	b->at = refuse;
	unlock(b, &q);
	jump(b, fail(b, &f, E_2BIG));
	b->at = drop;
	map_access(b, IR_MST, q.map, q.base, QUEUE_TAIL, 8, neighbour(b, &q, next, 1));
	jump(b, room);
	b->at = room;
	c.to = slot(b, &q, head);
	copy_bytes(b, &c, NULL);
	map_access(b, IR_MST, q.map, q.base, QUEUE_HEAD, 8, next);
	unlock(b, &q);
	return fail_end(b, &f, konst(b, 0));
}

/* r1 map, r2 where the value goes. Of an empty one it becomes 0. */
static int take(struct build *b, int removes)
{
	struct queue q = queue_of(b);
	int is_stack = q.layout->type == MAP_TYPE_STACK;
	const struct arg_fact *to = &fact_at(b)->arg[1];
	struct block *empty = ir_block(b->f, place(b)), *some = ir_block(b->f, place(b));
	struct value *head, *tail, *index, *target = b->var[2];
	struct fails f;

	if (fail_start(b, &f) || !empty || !some)
		return -1;
	map_lock(b, q.map, q.base, QUEUE_LOCK, 8);
	head = word_of(b, &q, QUEUE_HEAD);
	tail = word_of(b, &q, QUEUE_TAIL);
	branch(b, OP_JEQ, head, tail, ODDS_ONE / 4, empty, some);
	b->at = empty;
	unlock(b, &q);
	copy_out(b, to, target, NULL, q.map, q.layout->value_size);
	jump(b, fail(b, &f, E_NOENT));
	b->at = some;
	index = is_stack ? neighbour(b, &q, head, 0) : tail;
	copy_out(b, to, target, slot(b, &q, index), q.map, q.layout->value_size);
	if (removes)
		map_access(b, IR_MST, q.map, q.base, is_stack ? QUEUE_HEAD : QUEUE_TAIL, 8, is_stack ? index : neighbour(b, &q, tail, 1));
	unlock(b, &q);
	return fail_end(b, &f, konst(b, 0));
}

int build_queue(struct build *b)
{
	if (b->c->maps[fact_at(b)->arg[0].map].type == MAP_TYPE_BLOOM_FILTER)
		return build_bloom(b, insn_at(b)->imm == HELPER_MAP_PUSH_ELEM);
	switch (insn_at(b)->imm) {
	case HELPER_MAP_PUSH_ELEM:
		return push(b);
	case HELPER_MAP_POP_ELEM:
		return take(b, 1);
	default:
		return take(b, 0);
	}
}
