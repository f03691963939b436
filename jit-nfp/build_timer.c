// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Timers in map values, 16 bytes (hw/spec/image.h, TIMER_*): programs arm them, and a tick disarms those that are due and calls their functions (timer.c). */
#include "build_lock.h"

enum { ABS = 1, CPU_PIN = 2, CLOCKS = 1 << 0 | 1 << 1 | 1 << 7 /* CLOCK_REALTIME, MONOTONIC, BOOTTIME */, CLOCK_LAST = 7 };
enum { E_BUSY = 16, E_INVAL = 22, E_DEADLK = 35 };

static struct value *timer_word(struct build *b, enum ir_op op, int off, uint32_t width, struct value *data)
{
	struct value *v = map_access(b, op, fact_at(b)->arg[0].map, b->var[1], off, width, data);

	if (v && op != IR_MLD)
		v->fence = op != IR_MST || off != TIMER_EXPIRY;
	return v;
}

/* Becomes `to` where it is `from`; what it was. */
static struct value *timer_swap(struct build *b, int off, uint32_t width, struct value *from, struct value *to)
{
	struct value *v = timer_word(b, IR_MCAS, off, width, to);

	if (!v)
		return NULL;
	v->arg[2] = from;
	v->fetch = 1;
	return v;
}

/* As it is now, whatever was read before. */
static struct value *timer_now(struct build *b, int off, uint32_t width)
{
	return timer_swap(b, off, width, konst(b, 0), konst(b, 0));
}

static struct value *self(struct build *b)
{
	return emit(b, IR_ADD, ir_special(b->f, SR_CPU), konst(b, 1));
}

static int timer_init(struct build *b)
{
	struct value *flags = b->var[3];
	struct fails f;

	if (fail_start(b, &f))
		return -1;
	check(b, OP_JGT, flags, konst(b, CLOCK_LAST), fail(b, &f, E_INVAL));
	check(b, OP_JEQ, emit(b, IR_AND, emit(b, IR_RSH, konst(b, CLOCKS), flags), konst(b, 1)), konst(b, 0), fail(b, &f, E_INVAL));
	check(b, OP_JNE, timer_swap(b, TIMER_STATE, 4, konst(b, 0), konst(b, TIMER_INIT)), konst(b, 0), fail(b, &f, E_BUSY));
	return fail_end(b, &f, konst(b, 0));
}

static int set_callback(struct build *b)
{
	struct fails f;

	if (fail_start(b, &f))
		return -1;
	check(b, OP_JEQ, timer_now(b, TIMER_STATE, 4), konst(b, 0), fail(b, &f, E_INVAL));
	timer_word(b, IR_MST, TIMER_STATE, 4, emit(b, IR_ADD, b->var[2], konst(b, TIMER_SET)));
	return fail_end(b, &f, konst(b, 0));
}

/* When it is due, never 0: numbers below 0 are long ago, and by far too many to wait for. */
static struct value *expiry(struct build *b)
{
	struct value *ns = b->var[2], *absolute = emit(b, IR_AND, b->var[3], konst(b, ABS)), *negative = emit(b, IR_RSH, ns, konst(b, 63)), *at;

	at = emit(b, IR_ADD, pick(b, absolute, konst(b, 0), emit(b, IR_RDT, NULL, NULL)), ns);
	at = pick(b, negative, pick(b, absolute, konst(b, 1), konst(b, INT64_MAX)), at);
	return emit(b, IR_OR, at, equals(b, at, 0));
}

static int start(struct build *b)
{
	struct fails f;

	if (fail_start(b, &f))
		return -1;
	check(b, OP_JGT, b->var[3], konst(b, ABS | CPU_PIN), fail(b, &f, E_INVAL));
	check(b, OP_JLT, timer_now(b, TIMER_STATE, 4), konst(b, TIMER_SET), fail(b, &f, E_INVAL));
	timer_word(b, IR_MST, TIMER_EXPIRY, 8, expiry(b));
	return fail_end(b, &f, konst(b, 0));
}

/* Its function has ended then, wherever it runs. */
static void wait(struct build *b)
{
	struct value *round = loop_open(b, konst(b, 0)), *runs;
	struct block *busy = ir_block(b->f, place(b)), *ended = ir_block(b->f, place(b));

	if (!round || !busy || !ended)
		return;
	runs = timer_now(b, TIMER_RUNS, 4);
	branch(b, OP_JNE, runs, konst(b, 0), 1, busy, ended);
	b->at = busy;
	loop_close(b, round, emit(b, IR_MODU, runs, runs));
	b->at = ended;
}

static int cancel(struct build *b)
{
	struct value *was;
	struct fails f;

	if (fail_start(b, &f))
		return -1;
	check(b, OP_JEQ, timer_now(b, TIMER_STATE, 4), konst(b, 0), fail(b, &f, E_INVAL));
	check(b, OP_JEQ, timer_now(b, TIMER_RUNS, 4), self(b), fail(b, &f, E_DEADLK));
	timer_word(b, IR_MST, TIMER_STATE, 4, konst(b, TIMER_INIT));
	wait(b);
	was = timer_word(b, IR_MXCHG, TIMER_EXPIRY, 8, konst(b, 0));
	if (!was)
		return -1;
	was->fetch = 1;
	return fail_end(b, &f, emit(b, IR_RSH, emit(b, IR_OR, was, emit(b, IR_SUB, konst(b, 0), was)), konst(b, 63)));
}

/* There is one tick at a time (driver/common/nic_load.c), so a mark of one is left of a tick that ended with a fault: nobody waits for that function. */
static void forget_dead(struct build *b)
{
	struct block *after = when(b, OP_JNE, timer_word(b, IR_MLD, TIMER_RUNS, 4, NULL), konst(b, 0));

	timer_word(b, IR_MST, TIMER_RUNS, 4, konst(b, 0));
	end_when(b, after);
}

/* When it was due, where it is; else to `no`. */
static struct value *past(struct build *b, struct block *no)
{
	struct value *at = timer_word(b, IR_MLD, TIMER_EXPIRY, 8, NULL);

	check(b, OP_JEQ, at, konst(b, 0), no);
	check(b, OP_JGT, at, emit(b, IR_RDT, NULL, NULL), no);
	return at;
}

/* r0 as one of both. */
static int answer(struct build *b, struct value *yes, struct block *no)
{
	struct block *after = ir_block(b->f, place(b));
	struct value *result[2] = { yes, NULL };

	if (!after)
		return -1;
	jump(b, after);
	b->at = no;
	result[1] = konst(b, 0);
	jump(b, after);
	join(b, after, result, 2);
	return b->c->arena->failed ? -1 : 0;
}

/* The state of one that is due and has a function, which another program of the image may have to call; else 0. */
static int due(struct build *b)
{
	struct block *no = ir_block(b->f, place(b));
	struct value *state;

	forget_dead(b);
	if (!no)
		return -1;
	past(b, no);
	state = timer_now(b, TIMER_STATE, 4);
	check(b, OP_JLT, state, konst(b, TIMER_SET), no);
	return answer(b, state, no);
}

/* 1, and it is no longer armed; 0 where it is not due any more. It is marked as running before it is disarmed, so that who finds it disarmed waits for the
 * function. */
static int begin(struct build *b)
{
	struct block *no = ir_block(b->f, place(b)), *lost = ir_block(b->f, place(b)), *begun = ir_block(b->f, place(b));
	struct value *at;

	if (!no || !lost || !begun)
		return -1;
	at = past(b, no);
	timer_word(b, IR_MST, TIMER_RUNS, 4, self(b));
	branch(b, OP_JNE, timer_swap(b, TIMER_EXPIRY, 8, at, konst(b, 0)), at, 1, lost, begun);
	b->at = lost;
	timer_word(b, IR_MST, TIMER_RUNS, 4, konst(b, 0));
	jump(b, no);
	b->at = begun;
	return answer(b, konst(b, 1), no);
}

int build_timer(struct build *b)
{
	switch (insn_at(b)->imm) {
	case HELPER_TIMER_INIT:
		return timer_init(b);
	case HELPER_TIMER_SET_CALLBACK:
		return set_callback(b);
	case HELPER_TIMER_START:
		return start(b);
	case HELPER_TIMER_CANCEL:
		return cancel(b);
	case HELPER_TIMER_DUE:
		return due(b);
	case HELPER_TIMER_BEGIN:
		return begin(b);
	default:
		timer_word(b, IR_MST, TIMER_RUNS, 4, konst(b, 0));
		b->var[0] = konst(b, 0);
		return b->c->arena->failed ? -1 : 0;
	}
}
