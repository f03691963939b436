// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Nothing reaches the NIC that could read what it should not, hang, or confuse a pointer with a
 * number.
 *
 * Every path through the program is followed with what is known of each register and stack byte,
 * round by round where it loops. At a conditional jump the other way is put aside and followed
 * later. What every visit to an instruction agreed on becomes its fact.
 */
#include "timer.h"
#include "verify.h"

enum {
	POOL_BYTES = 32 << 20,/* for states: this much, and more for each instruction */
	POOL_LEAST = 1 << 20,
	POOL_BYTES_PER_INSN = 1 << 10,
	STARTS_MAX = 64,
	LOOP_ROUNDS = 1000,   /* so many are no accident */
};

size_t verify_mem_size(uint32_t n_insns)
{
	size_t per_insn = sizeof(struct fact) + sizeof(uint64_t) + sizeof(struct meeting) + 4 * sizeof(uint32_t) +
			  3 * sizeof(uint8_t) + POOL_BYTES_PER_INSN;

	if (n_insns > MAX_INSNS)
		n_insns = MAX_INSNS;
	return n_insns * per_insn + POOL_BYTES + MAX_STEPS * sizeof(struct step) + MAX_STEPS / FOLLOWED_EVERY * sizeof(struct want) +
	       2 * sizeof(struct state) + sizeof(struct pairs) + sizeof(struct verify) + 512;
}

void reg_scalar(struct reg *r)
{
	memset(r, 0, sizeof(*r));
	r->kind = R_SCALAR;
	range_unknown(&r->var);
}

void reg_share_id(struct verify *v, struct reg *r)
{
	if (r->kind == R_SCALAR && !r->id && !range_is_const(&r->var))
		r->id = ++v->last_id;
}

int reg_is_packet(const struct reg *r)
{
	return r->kind == R_PKT || r->kind == R_PKT_END || r->kind == R_PKT_META;
}

const char *reg_describe(const struct reg *r)
{
	static const char *const former[] = {
		[WAS_NUMBER] = "a number",
		[WAS_PACKET] = "a packet pointer from before the packet was moved",
		[WAS_RECORD] = "a record that was submitted or discarded",
	};

	switch (r->kind) {
	case R_SCALAR:
		return former[r->range];
	case R_CTX:
		return "the context pointer";
	case R_PKT:
		return "a packet pointer";
	case R_PKT_END:
		return "the end-of-packet pointer";
	case R_PKT_META:
		return "a packet metadata pointer";
	case R_STACK:
		return "a stack pointer";
	case R_MAP_PTR:
		return "a map";
	case R_MAP_VALUE:
		return "a map value pointer";
	case R_MAP_VALUE_OR_NULL:
		return "a map value pointer that may be NULL";
	case R_FUNC:
		return "a function";
	case R_PKT_LOW:
		return "half of a packet pointer";
	default:
		return "nothing";
	}
}

const struct reg *reg_read(struct verify *v, unsigned int r)
{
	if (v->cur->reg[r].kind != R_NONE)
		return &v->cur->reg[r];
	refuse(v, "r%u is read before it is written", r);
	way_out(v, r && r <= 5 ? "a call leaves no value in r1 to r5"
			       : "initialise the variable on every path");
	return NULL;
}

struct arg_fact reg_fact(const struct reg *r)
{
	struct arg_fact f = { .region = r->kind };

	if (r->kind == R_SCALAR || r->kind == R_PKT_LOW) { /* paths that differ in numbers may not be followed */
		f.region = R_SCALAR;
		return f;
	}
	f.map = r->kind == R_STACK ? 0 : r->map;
	f.off_known = (uint8_t)range_is_const(&r->var);
	if (f.off_known)
		f.off = r->off + (int64_t)r->var.value;
	return f;
}

void fact_add(struct verify *v, struct arg_fact *f, struct arg_fact seen)
{
	if (seen.region == R_MAP_VALUE && map_is_template(v->c->prog, seen.map)) {
		seen.map = MAP_ANY;
		seen.off_known = 0;
		seen.off = 0;
	}
	if (!v->c->facts[v->pc].reachable) {
		*f = seen;
	} else if (f->region == R_MAP_VALUE && seen.region == R_MAP_VALUE && f->map != seen.map) {
		f->map = MAP_ANY;
		f->off_known = 0;
		f->off = 0;
	} else if (f->region != seen.region || f->map != seen.map) {
		memset(f, 0, sizeof(*f));
	} else if (f->off_known && (!seen.off_known || f->off != seen.off)) {
		f->off_known = 0;
		f->off = 0;
	}
}

void reg_frame_pointer(struct reg *r, const struct frame *f)
{
	reg_scalar(r);
	range_const(&r->var, 0);
	r->kind = R_STACK;
	r->map = (uint16_t)f->depth;
	r->off = f->fp;
}

/* The path ends. */
static int leave(struct verify *v)
{
	const struct reg *r = &v->cur->reg[0];

	if (r->kind == R_NONE) {
		refuse(v, "the program ends without a verdict in r0");
		return way_out(v, "return one of the XDP_ values on every path");
	}
	if (r->kind == R_SCALAR)
		return 0;
	refuse(v, "the verdict is %s", reg_describe(r));
	return way_out(v, "return one of the XDP_ values");
}

static int too_complex(struct verify *v, const char *what)
{
	v->gave_up = 1;
	error(v->c, -1, "the program is too complex to check: %s", what);
	return way_out(v, "split it, use fewer branches that depend on each other, or loops with fewer rounds");
}

/* The instruction that the path came by most often. */
static uint32_t busiest(struct verify *v)
{
	uint32_t *times = v->order, most = 0; /* the order is not needed any more */

	memset(times, 0, sizeof(*times) * v->n_insns);
	for (const struct checkpoint *p = v->cur->last; p; p = p->parent)
		if (++times[p->pc] > times[most])
			most = p->pc;
	return times[most] >= LOOP_ROUNDS ? most : v->n_insns;
}

static int too_many_steps(struct verify *v)
{
	uint32_t pc = busiest(v);

	if (pc == v->n_insns)
		return too_complex(v, "more than four million steps over all paths");
	v->pc = pc;
	v->gave_up = 1;
	refuse(v, "the loop does not come to an end within a million steps of checking");
	return way_out(v, "count the rounds in a variable, and leave the loop at a constant limit");
}

static int refuse_loop(struct verify *v)
{
	refuse(v, "the program has a loop that can go round for ever: nothing it depends on changes from one round to the next");
	return way_out(v, "count the rounds in a variable, and leave the loop at a constant limit");
}

enum { STEP_ENDS = -2 }; /* other values: -1 refused, or the next instruction */

static void note_step(struct verify *v, uint32_t pc)
{
	v->path[v->n_path].pc = pc & 0xffffff;
	v->path[v->n_path++].slot = v->slot;
}

static int64_t step_jump(struct verify *v, const struct ebpf_insn *i)
{
	struct fact *f = &v->c->facts[v->pc];
	int counted = i->code == EBPF_MAY_GOTO, ways; /* the way out of the loop first: it tells what matters */

	if (EBPF_OP(i->code) == EBPF_JA) {
		note_step(v, v->pc);
		return insn_target(i, v->pc);
	}
	if (!f->reachable)
		f->taken_never = f->taken_always = 1;
	ways = verify_jump(v, i);
	note_step(v, v->pc);
	if (ways > 1)
		timer_begin(v, ways == 2 ? v->cur : v->other);
	if (ways == 2)
		return insn_target(i, v->pc);
	if (ways == 3 && state_push(v, v->other, counted ? v->pc + 1 : insn_target(i, v->pc)))
		return too_complex(v, "more branches than there is memory for");
	if (ways <= 0)
		return ways < 0 ? -1 : STEP_ENDS;
	return counted ? insn_target(i, v->pc) : v->pc + 1;
}

static int64_t step_exit(struct verify *v)
{
	uint32_t next = v->frame->call + 1;

	if (!v->frame->depth)
		return lock_none_held(v, "the program ends") || ref_none_left(v, "when the program ends") || routine_all_destroyed(v, 0) || leave(v) ? -1 : STEP_ENDS;
	if (verify_return(v))
		return -1;
	note_step(v, v->pc);
	return next;
}

static int64_t step(struct verify *v)
{
	const struct ebpf_insn *i = &v->insns[v->pc];
	int result;

	v->slot = NO_SLOT;
	if ((v->collects || !v->c->facts[v->pc].reachable) && insn_check(v, i)) /* what is refused is marked reachable, too, while problems are collected */
		return -1;
	switch (EBPF_CLASS(i->code)) {
	case EC_LD:
		result = verify_wide(v, i);
		break;
	case EC_LDX:
		result = verify_load(v, i);
		break;
	case EC_ST:
		result = verify_store(v, i);
		break;
	case EC_STX:
		result = EBPF_MODE(i->code) == EBPF_ATOMIC ? verify_atomic(v, i)
							   : verify_store(v, i);
		break;
	case EC_ALU:
	case EC_ALU64:
		result = verify_alu(v, i);
		break;
	default:
		if (insn_is_exit(i))
			return step_exit(v);
		if (insn_is_jump(i))
			return step_jump(v, i);
		result = insn_is_local_call(i) ? verify_enter(v) : verify_call(v, i);
	}
	if (result)
		return -1;
	note_step(v, v->pc);
	if (insn_is_local_call(i))
		return insn_target(i, v->pc);
	return v->pc + 1 + insn_is_wide(i);
}

static void start(struct verify *v)
{
	struct reg *ctx = &v->cur->reg[1];

	memset(v->cur, 0, sizeof(*v->cur));
	memset(v->at, 0, sizeof(*v->at) * v->n_insns);
	memset(v->c->facts, 0, sizeof(*v->c->facts) * v->n_insns);
	v->c->stack_used = 0;
	v->high = v->pool_end;
	v->spare = NULL;
	v->n_path = v->n_followed = 0;
	memset(v->followed, 0, (MAX_STEPS / FOLLOWED_EVERY + 1) * sizeof(*v->followed));
	v->last_id = 0;
	v->grown = v->merged = v->widened = v->gave_up = 0;
	v->pc = 0;
	v->frame = v->c->frames;
	reg_scalar(ctx);
	range_const(&ctx->var, 0);
	ctx->kind = R_CTX;
	reg_frame_pointer(&v->cur->reg[EBPF_REGS - 1], v->frame);
	v->cur->beyond = BEYOND_UNKNOWN;
}

/* A program that is refused is looked through once more for what else is wrong with it: then the path ends where it is refused, or goes on behind it. */
static int go_on_behind(struct verify *v)
{
	return v->collects && v->c->diag->text[0] && !diag_keep(v->c->diag);
}

/* Where the path goes on behind what was refused, if it does. */
static int64_t step_behind(struct verify *v)
{
	if (survey_pass(v)) {
		note_step(v, v->pc);
		return v->pc + 1;
	}
	return survey_presume(v) ? step(v) : STEP_ENDS;
}

static int explore(struct verify *v)
{
	uint32_t visits = 0;
	int64_t next;

	for (start(v);; v->pc = (uint32_t)next) {
		enum visit visit = v->meets[v->pc] ? state_visit(v) : VISIT_NEW;

		if (visit == VISIT_LOOPS)
			return refuse_loop(v);
		if (++visits > MAX_VISITS || v->n_path >= MAX_STEPS)
			return too_many_steps(v);
		next = STEP_ENDS;
		if (visit == VISIT_NEW) {
			next = step(v);
			if (next == -1 && go_on_behind(v))
				next = step_behind(v);
			if (next == -1 && go_on_behind(v))
				next = STEP_ENDS;
			if (next == -1)
				return -1;
			v->c->facts[v->pc].reachable = 1;
		}
		if (next != STEP_ENDS)
			continue;
		if (!state_pop(v))
			return 0;
		next = v->pc;
	}
}

/* Where the program has not begun: nothing of it is on the stack yet. */
static int is_tick(const struct compile *c, const struct frame *f)
{
	return !f->caller && timer_is_code(c, insn_origin(c, f->call));
}

/* The walk over a map that the frame is part of; NULL: none. */
static const struct frame *walk_around(const struct compile *c, const struct frame *f)
{
	for (; f->depth; f = &c->frames[f->caller])
		if (f->is_loop && f->map != LOOP_NO_MAP)
			return f;
	return NULL;
}

static int refuse_stacks(struct verify *v, const struct frame *f)
{
	const struct compile *c = v->c;
	const struct frame *walk = walk_around(c, f);
	uint32_t call = insn_origin(c, f->call), at = insn_source(c, call) == NO_INSN ? insn_origin(c, f->first) : call; /* a timer's function: nobody calls it */

	error(v->c, (int)at, "the stacks of the functions that call each other here take more than %d bytes", (int)EBPF_STACK_BYTES);
	if (!walk)
		return way_out(v, "keep large variables in a map, for example in an array of one entry");
	return way_out(v, "%u of them are a copy of the key of map %s; keep large variables in a map, for example in an array of one entry",
		       (c->prog->maps[walk->map].key_size + 7) / 8 * 8, c->prog->maps[walk->map].name);
}

/* Each frame lies below its caller's. */
static int place_frames(struct verify *v)
{
	struct compile *c = v->c;

	for (uint32_t n = 1; n < c->n_frames; n++) {
		struct frame *f = &c->frames[n];
		const struct frame *caller = &c->frames[f->caller];

		f->fp = is_tick(c, f) ? 0 : caller->fp - (int32_t)v->stack_bytes[caller->function];
		if (v->stack_bytes[f->function] > (uint32_t)(EBPF_STACK_BYTES + f->fp))
			return refuse_stacks(v, f);
	}
	return 0;
}

/* What the instructions say directly; the rest comes to light while exploring. */
static void guess_frames(struct verify *v)
{
	const struct compile *c = v->c;

	for (uint32_t n = 0; n < c->n_frames; n++)
		for (uint32_t pc = c->frames[n].first; pc < c->frames[n].end; pc++) {
			const struct ebpf_insn *i = &v->insns[pc];
			int class = ebpf_class(i);
			int64_t off = 0;

			if ((class == EC_LDX && ebpf_src(i) == EBPF_REGS - 1) ||
			    ((class == EC_ST || class == EC_STX) && ebpf_dst(i) == EBPF_REGS - 1))
				off = i->off;
			if (i->code == (EC_ALU64 | EBPF_ADD) && pc > c->frames[n].first &&
			    i[-1].code == (EC_ALU64 | EBPF_MOV | EBPF_X) && ebpf_src(&i[-1]) == EBPF_REGS - 1)
				off = i->imm;
			off = (-off + 7) & ~7;
			if (off > v->stack_bytes[c->frames[n].function] && off <= EBPF_STACK_BYTES)
				v->stack_bytes[c->frames[n].function] = (uint32_t)off;
		}
	if (c->n_frames == 1)
		v->stack_bytes[0] = EBPF_STACK_BYTES;
}

static void collect(struct verify *v, uint8_t *pool)
{
	struct diag *d = v->c->diag;

	if (!d->room || d->insn < 0)
		return;
	v->collects = 1;
	v->low = pool;
	if (diag_keep(d))
		return;
	explore(v);
	diag_forget(d); /* what ended it */
	diag_sort(d);
}

/* Again while frames turn out larger than was thought, and with more care when merged states know too little. */
static int explore_all(struct verify *v)
{
	uint8_t *pool = v->low;
	struct diag first = { .insn = -1 }; /* what was wrong before the rounds of bpf_loop() were followed one by one */

	guess_frames(v);
	v->merges = MERGES_FORGET;
	v->widens = 1;
	for (int n = 0; n < STARTS_MAX; n++) {
		if (place_frames(v))
			return -1;
		v->low = pool;
		if (!explore(v) || v->c->n_splits > v->n_splits)
			return 0;
		if (v->grown)
			continue;
		if (!(v->merges && v->merged) && !(v->widens && v->widened)) {
			if (v->gave_up && first.text[0])
				*v->c->diag = first;
			else
				collect(v, pool);
			return -1;
		}
		if (v->widens && v->widened && !(v->merges && v->merged)) {
			v->widens = 0;
			first = *v->c->diag;
		}
		if (v->merges && v->merged)
			v->merges--;
		diag_forget(v->c->diag); /* what is wrong with the maps stays */
	}
	return too_complex(v, "where its stack is used depends on too much");
}

static int no_memory(struct compile *c)
{
	return error(c, -1, "out of memory while checking %u instructions", c->prog->n_insns);
}

/* Up to the last one that is called: those before it need not all be. */
static uint32_t functions(const struct compile *c)
{
	uint32_t last = 0;

	for (uint32_t n = 0; n < c->n_frames; n++)
		if (c->frames[n].function > last)
			last = c->frames[n].function;
	return last + 1;
}

static int prepare(struct verify *v)
{
	struct arena *a = v->c->arena;

	v->meets = arena_alloc(a, v->n_insns);
	v->loops = arena_alloc(a, v->n_insns);
	v->depth = arena_alloc(a, v->n_insns);
	v->at = arena_alloc(a, sizeof(*v->at) * v->n_insns);
	v->stack_bytes = arena_alloc(a, sizeof(*v->stack_bytes) * functions(v->c));
	v->cur = arena_alloc(a, sizeof(*v->cur));
	v->other = arena_alloc(a, sizeof(*v->other));
	v->pairs = arena_alloc(a, sizeof(*v->pairs));
	v->followed = arena_alloc(a, (MAX_STEPS / FOLLOWED_EVERY + 1) * sizeof(*v->followed));
	if (a->failed)
		return no_memory(v->c);
	for (uint32_t n = 0; n < v->c->n_frames; n++)
		for (uint32_t pc = v->c->frames[n].first; pc < v->c->frames[n].end; pc++)
			v->depth[pc] = (uint8_t)v->c->frames[n].depth;
	return 0;
}

/* The path and the pool take what is left of the arena; nothing of it needs to be zero. */
static int take_rest(struct verify *v)
{
	struct arena *a = v->c->arena;
	size_t path = (MAX_STEPS + 1) * sizeof(*v->path), left = (size_t)(a->end - a->at) & ~(size_t)15;

	if (left < path + POOL_LEAST)
		return no_memory(v->c);
	v->path = (struct step *)(void *)a->at;
	v->low = a->at + ((path + 15) & ~(size_t)15);
	v->high = v->pool_end = a->at + left;
	return 0;
}

/* What is wrong with the maps is said together with what is wrong with the code, if there is room. */
static int check_maps(struct compile *c)
{
	if (!verify_maps(c))
		return 0;
	return c->diag->room ? diag_keep(c->diag) : -1;
}

static int is_refused(struct compile *c)
{
	if (c->diag->n_more)
		diag_sort(c->diag);
	return c->diag->text[0] != 0;
}

enum { CHECK_AGAIN = 1, CHECK_WITH_TIMERS };

/* 0 or -1, or CHECK_AGAIN when instructions are to be split first, CHECK_WITH_TIMERS when timers have functions that the code around the program does not call. */
static int check(struct compile *c)
{
	struct arena *a = c->arena, mark;
	struct verify *v;
	uint32_t timers;
	int result;

	if (inline_calls(c))
		return a->failed ? no_memory(c) : -1;
	c->facts = arena_alloc(a, sizeof(*c->facts) * c->n_insns);
	mark = *a;
	v = arena_alloc(a, sizeof(*v));
	if (!v || !c->facts)
		return no_memory(c);
	v->c = c;
	v->insns = c->insns;
	v->n_insns = c->n_insns;
	v->n_splits = c->n_splits;
	timers = c->n_timers;
	result = check_maps(c) || prepare(v) || verify_insns(v) || verify_live(v) || take_rest(v) || explore_all(v) || is_refused(c) ? -1 : 0;
	if (c->n_splits > v->n_splits && !a->failed) {
		diag_clear(c->diag);
		result = CHECK_AGAIN;
	}
	if (!result && c->n_timers > timers)
		result = CHECK_WITH_TIMERS;
	if (result && a->failed)
		no_memory(c);
	*a = mark;
	return result;
}

int verify_run(struct compile *c)
{
	struct arena first = *c->arena, mark;
	int result;

	if (!c->prog->n_insns)
		return error(c, -1, "the program has no instructions");
	if (c->prog->n_insns > MAX_INSNS)
		return error(c, -1, "the program has %u instructions, and at most %d are taken",
			     c->prog->n_insns, (int)MAX_INSNS);
	do {
		*c->arena = first;
		c->n_splits = 0;
		if (timer_write(c) || split_start(c))
			return no_memory(c);
		mark = *c->arena;
		while ((result = check(c)) == CHECK_AGAIN)
			*c->arena = mark;
	} while (result == CHECK_WITH_TIMERS);
	if (!result)
		timer_done(c);
	return result;
}
