// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The NIC has no return addresses: a function of the program is copied to each place that calls it. A copy is a frame; in it a call leads
 * to the copy that was made for it, and an exit to what follows its own call. Copies lie one after the other in the order of calls. */
#include "timer.h"
#include "verify.h"

struct inliner {
	struct compile *c;
	const struct ebpf_insn *insns;
	uint32_t n_insns;
	uint32_t *starts;     /* per instruction: it starts function starts[]-1; 0 else */
	uint32_t *function;   /* start of each, and n_insns at the end */
	uint32_t total;
	struct loops loops;
};

enum { MAX_COPIES = 4096 };

static int too_much(struct inliner *l, uint32_t call)
{
	error(l->c, (int)call, "with its functions copied to where they are called the program has more than %d instructions",
	      (int)MAX_INSNS);
	return error_note(l->c, "call large functions from fewer places");
}

static int names_function(const struct ebpf_insn *i)
{
	return insn_is_local_call(i) || insn_is_function(i);
}

/* The instruction of the program that stands for this one. */
static int origin_of(const struct inliner *l, uint32_t pc)
{
	uint32_t n = l->c->prog->n_insns;

	return (int)(pc < n ? pc : l->loops.made[l->loops.made_at[pc - n]].call);
}

static int check_target(struct inliner *l, uint32_t pc)
{
	uint32_t to = pc + 1 + (uint32_t)l->insns[pc].imm;

	if (to >= l->n_insns)
		return error(l->c, origin_of(l, pc), "the call leads outside the program");
	if (to && insn_is_wide(&l->insns[to - 1]))
		return error(l->c, origin_of(l, pc), "the call leads into the middle of a 64-bit immediate load");
	l->starts[to] = 1;
	return 0;
}

/* How many functions there are; 0 is the program. */
static uint32_t find_functions(struct inliner *l)
{
	uint32_t n = 0;

	l->starts[0] = 1;
	for (uint32_t pc = 0; pc < l->n_insns; pc += 1 + insn_is_wide(&l->insns[pc]))
		if (names_function(&l->insns[pc]) && check_target(l, pc))
			return 0;
	for (uint32_t pc = 0; pc < l->n_insns; pc++)
		if (l->starts[pc]) {
			l->function[n++] = pc;
			l->starts[pc] = n;
		}
	l->function[n] = l->n_insns;
	return n;
}

static int check_depth(struct inliner *l, uint32_t caller, uint32_t function, uint32_t call)
{
	const struct frame *f = &l->c->frames[caller];
	uint32_t loops = 0, around = l->c->prog->tc; /* what is around a classifier is a frame, too */

	for (const struct frame *g = f; g->depth; g = &l->c->frames[g->caller])
		loops += g->is_loop || timer_is_code(l->c, l->function[g->function]);
	loops += l->function[function] >= l->c->prog->n_insns || timer_is_code(l->c, l->function[function]);
	if (f->depth + 1 - loops == MAX_FRAMES + around || f->depth + 1 == DEEPEST) {
		error(l->c, origin_of(l, call), "calls are nested more than %d deep", (int)MAX_FRAMES);
		return error_note(l->c, "the kernel does not allow more either; declare a function static __always_inline");
	}
	for (;; f = &l->c->frames[f->caller]) {
		if (f->function == function) {
			error(l->c, origin_of(l, call), "the program calls a function from within itself");
			return error_note(l->c, "write the recursion as a loop with a limit");
		}
		if (!f->depth)
			return 0;
	}
}

static int add_frame(struct inliner *l, uint32_t caller, uint32_t function, uint32_t call, uint32_t origin)
{
	struct compile *c = l->c;
	uint32_t body = l->function[function + 1] - l->function[function];
	uint32_t size = body + split_size(c, l->function[function], l->function[function + 1]);

	if (c->n_frames == MAX_COPIES || size > MAX_INSNS - l->total)
		return too_much(l, origin);
	c->frames[c->n_frames++] = (struct frame){
		.first = l->total, .end = l->total + size, .body = l->total + body, .call = call, .caller = caller, .function = function,
		.depth = c->frames[caller].depth + 1,
	};
	if (l->function[function] >= c->prog->n_insns) {
		const struct made *m = &l->loops.made[l->loops.made_at[l->function[function] - c->prog->n_insns]];
		struct frame *f = &c->frames[c->n_frames - 1];

		f->is_loop = !m->routine;
		f->routine = m->routine;
		f->callback = m->callback;
		f->map = m->map;
	}
	l->total += size;
	return 0;
}

/* Each frame brings those of the functions it calls. */
static int find_frames(struct inliner *l)
{
	struct compile *c = l->c;

	for (uint32_t n = 0; n < c->n_frames; n++) {
		uint32_t first = l->function[c->frames[n].function], end = l->function[c->frames[n].function + 1];

		for (uint32_t pc = first; pc < end; pc += 1 + insn_is_wide(&l->insns[pc])) {
			uint32_t function;

			if (!insn_is_local_call(&l->insns[pc]))
				continue;
			function = l->starts[insn_target(&l->insns[pc], pc)] - 1;
			if (check_depth(l, n, function, pc) || add_frame(l, n, function, c->frames[n].first + pc - first, pc))
				return -1;
		}
	}
	return 0;
}

static int copy_code(struct inliner *l)
{
	struct compile *c = l->c;
	struct ebpf_insn *insns = arena_alloc(c->arena, l->total * sizeof(*insns));
	uint32_t *origin = arena_alloc(c->arena, l->total * sizeof(*origin));

	if (!insns || !origin)
		return -1;
	for (uint32_t n = 0; n < c->n_frames; n++) {
		const struct frame *f = &c->frames[n];

		memcpy(&insns[f->first], &l->insns[l->function[f->function]], (f->body - f->first) * sizeof(*insns));
		for (uint32_t pc = f->first; pc < f->body; pc++)
			origin[pc] = (uint32_t)origin_of(l, l->function[f->function] + pc - f->first);
		if (n)
			insns[f->call].imm = (int32_t)(f->first - f->call - 1);
		split_code(c, l->function[f->function], l->function[f->function + 1], insns, origin, f->first);
	}
	c->insns = insns;
	c->n_insns = l->total;
	c->origin = origin;
	return 0;
}

static int has_calls(const struct prog *p)
{
	for (uint32_t pc = 0; pc < p->n_insns; pc += 1 + insn_is_wide(&p->insns[pc]))
		if (names_function(&p->insns[pc]))
			return 1;
	return 0;
}

int inline_calls(struct compile *c)
{
	const struct prog *p = c->prog;
	struct inliner l = { .c = c };
	int calls;

	if (loop_expand(c, &l.loops))
		return -1;
	l.insns = l.loops.insns;
	l.n_insns = l.loops.n_insns;
	calls = l.loops.n_made || has_calls(p) || c->n_splits;

	c->insns = p->insns;
	c->n_insns = p->n_insns;
	c->origin = NULL;
	c->n_frames = 1;
	c->frames = arena_alloc(c->arena, (calls ? MAX_COPIES : 1) * sizeof(*c->frames));
	if (!c->frames)
		return -1;
	c->frames[0].end = c->frames[0].body = p->n_insns;
	if (!calls)
		return 0;
	l.starts = arena_alloc(c->arena, l.n_insns * sizeof(*l.starts));
	l.function = arena_alloc(c->arena, (l.n_insns + 1) * sizeof(*l.function));
	if (!l.starts || !l.function || !find_functions(&l))
		return -1;
	c->frames[0].body = l.function[1];
	l.total = c->frames[0].end = l.function[1] + split_size(c, 0, l.function[1]);
	return find_frames(&l) || copy_code(&l) ? -1 : 0;
}

const struct frame *frame_of(const struct compile *c, uint32_t pc)
{
	uint32_t low = 0, high = c->n_frames;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (c->frames[middle].first <= pc)
			low = middle;
		else
			high = middle;
	}
	return &c->frames[low];
}
