// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The pass list. */
#include "helpers.h"
#include "ir.h"
#include "tc.h"
#include "hw/spec/regs.h"

const struct target target_default = {
	.lanes = 3, .regs = 8, .bundles = NIC_IMEM_DEPTH - NIC_IMEM_FIRST, .stack = IMAGE_STACK_BYTES, .maps = IMAGE_MAPS_MAX, .map_words = 1 << 16,
	.ext_words = IMAGE_EXT_WORDS_MAX, .key_bytes = NIC_KEY_BYTES, .cpus = 32,
	.queues = REG_QUEUE_COUNT, .frame_max = NIC_FRAME_MAX,
};

static void dump_ir(struct compile *c)
{
	ir_dump(c->func);
}

static void dump_sched(struct compile *c)
{
	mop_dump_bundles(c, 0);
}

static void dump_registers(struct compile *c)
{
	mop_dump_bundles(c, 1);
}

static int allocate(struct compile *c);

static const struct pass {
	const char *name;
	int (*run)(struct compile *c);
	void (*dump)(struct compile *c); /* NULL: the next one shows it */
} passes[] = {
	{ "verify",   verify_run,     verify_dump },
	{ "layout",   layout_run,     NULL },
	{ "build",    build_run,      dump_ir },
	{ "fold",     opt_fold_run,   dump_ir },
	{ "copy",     opt_copy_run,   dump_ir },
	{ "branch",   opt_branch_run, dump_ir },
	{ "reload",   opt_reload_run, NULL },
	{ "look",     opt_look_run,   NULL },
	{ "load",     opt_load_run,   dump_ir },
	{ "move",     opt_move_run,   dump_ir },
	{ "refold",   opt_fold_run,   dump_ir },
	{ "recopy",   opt_copy_run,   dump_ir },
	{ "first",    opt_first_run,  dump_ir },
	{ "needed",   opt_dead_run,   NULL },
	{ "rebranch", opt_branch_run, dump_ir },
	{ "loads",    opt_load_run,   NULL },
	{ "key",      opt_key_run,    dump_ir },
	{ "stack",    opt_stack_run,  dump_ir },
	{ "sum",      opt_sum_run,    dump_ir },
	{ "over",     opt_over_run,   NULL },
	{ "store",    opt_store_run,  dump_ir },
	{ "pack",     opt_pack_run,   NULL },
	{ "merge",    opt_copy_run,   NULL },
	{ "dead",     opt_dead_run,   dump_ir },
	{ "update",   opt_update_run, dump_ir },
	{ "address",  opt_address_run, dump_ir },
	{ "own",      opt_own_run,    dump_ir },
	{ "sink",     opt_sink_run,   dump_ir },
	{ "short",    opt_short_run,  NULL },
	{ "fuse",     opt_fuse_run,   dump_ir },
	{ "split",    opt_split_run,  dump_ir },
	{ "now",      opt_now_run,    dump_ir },
	{ "order",    opt_order_run,  dump_ir },
	{ "frame",    frame_run,      NULL },
	{ "trace",    trace_run,      NULL },
	{ "lower",    lower_run,      mop_dump },
	{ "wait",     wait_run,       mop_dump },
	{ "sched",    allocate,       dump_sched },
	{ "regalloc", NULL,           dump_registers },
	{ "squeeze",  squeeze_run,    dump_registers },
	{ "leave",    leave_run,      NULL },
	{ "encode",   encode_run,     encode_dump },
};
enum { N_PASSES = sizeof(passes) / sizeof(*passes), AHEAD = 96, AHEAD_CAREFUL = 8, ROUNDS_MAX = 48 };

/* Liveness, schedule, registers; again after each spill, looking less far ahead, in the end in program order. */
static int allocate(struct compile *c)
{
	c->func->mach.ahead = c->careful > 1 ? AHEAD_CAREFUL : AHEAD;
	for (int round = 0; round < ROUNDS_MAX; round++) {
		int result = live_run(c) || sched_run(c) ? -1 : regalloc_run(c);

		if (result <= 0)
			return result;
	}
	c->no_room = 1;
	error(c, -1, "the program keeps too many values at once for %u registers per bank", c->target->regs);
	return error_note(c, "keep fewer values across branches, or compile for a NIC with more registers");
}

const char *const *nicjit_stages(void)
{
	static const char *names[N_PASSES + 1];
	size_t n = 0;

	for (size_t k = 0; k < N_PASSES; k++)
		if (passes[k].dump)
			names[n++] = passes[k].name;
	return names;
}

/* Several programs, and further tries with more care, are told apart. */
static void dump_pass(struct compile *c, const struct pass *pass)
{
	if (!pass->dump || !dump_wanted(c, pass->name))
		return;
	if (c->image && c->image->n_programs > 1)
		dump_text(c, "; program %s\n", c->prog->name);
	if (c->careful)
		dump_text(c, "; try %u\n", c->careful + 1U);
	pass->dump(c);
}

/* Up to and with the one called last, or all of them. */
static int run_passes(struct compile *c, const char *last)
{
	for (size_t n = 0; n < N_PASSES; n++) {
		if (passes[n].run && passes[n].run(c))
			return -1;
		dump_pass(c, &passes[n]);
		if (last && !strcmp(passes[n].name, last))
			break;
	}
	return 0;
}

int compile_values(struct compile *c)
{
	if (c->prog->tc && !c->of_source && tc_run(c, c->prog))
		return -1;
	return run_passes(c, "dead");
}

int compile_note_calls(struct compile *c)
{
	struct compile_image *image = c->image;
	const struct prog *p = c->prog;
	uint8_t *target = arena_alloc(c->arena, p->n_insns + 1);

	if (!target)
		return -1;
	memset(target, 0, p->n_insns + 1);
	for (uint32_t pc = 0; pc < p->n_insns; pc++)
		if (insn_is_jump(&p->insns[pc]) && insn_target(&p->insns[pc], pc) < p->n_insns)
			target[insn_target(&p->insns[pc], pc)] = 1;
	for (uint32_t pc = 0, first = 0; pc < p->n_insns; pc++) {
		first = target[pc] ? pc : first;
		if (!helper_called(&p->insns[pc]))
			continue;
		image->tail_calls |= p->insns[pc].imm == HELPER_TAIL_CALL;
		image->has_metadata |= p->insns[pc].imm == HELPER_XDP_ADJUST_META;
		image->moves |= (uint8_t)start_moves(p->insns, first, pc);
	}
	return 0;
}

/* What is wrong is wrong with the caller's program. */
static void blame_source(const struct compile *c, struct diag *d)
{
	uint32_t insn = d->insn < 0 ? NO_INSN : insn_source(c, (uint32_t)d->insn);

	d->insn = insn == NO_INSN ? -1 : (int)insn;
}

static uint32_t total_insns(const struct prog *p)
{
	uint32_t n = 0;

	for (; p; p = p->next)
		n += p->n_insns;
	return n;
}

static uint32_t count_programs(const struct prog *p)
{
	uint32_t n = 0;

	for (; p; p = p->next)
		n++;
	return n;
}

static void blame(const struct compile *c)
{
	c->diag->prog = c->source;
	blame_source(c, c->diag);
	for (uint32_t n = 0; n < c->diag->n_more; n++)
		blame_source(c, &c->diag->more[n]);
}

/* The image can do without it: who compiles may leave it out, and must not need a try for each such program. -1: it can't. */
static int note_refused(const struct compile *c, const struct refused_prog ***last)
{
	const struct diag *d = c->diag;
	const char *text = d->text[0] || !d->n_more ? d->text : d->more[0].text;
	size_t size = strlen(text) + 1;
	struct refused_prog *r;
	char *copy;

	if (!c->follows || c->source->declared || d->full || c->arena->failed)
		return -1;
	r = arena_alloc(c->arena, sizeof(*r));
	copy = arena_alloc(c->arena, size);
	if (!r || !copy)
		return -1;
	*r = (struct refused_prog){ .prog = c->source, .text = memcpy(copy, text, size) };
	**last = r;
	*last = &r->next;
	return 0;
}

/* All programs of the image, one after the other. Where there are tail calls, the program begins with a bundle that has made none. The diagnosis is of the
 * first one that is refused. */
static int compile_programs(struct compile *c, uint32_t n)
{
	const struct refused_prog **last = &c->diag->refused;
	struct diag *others = NULL;
	uint32_t at = 0;

	for (uint32_t k = 0; k < n; k++)
		if (compile_note_calls(&c[k]))
			return -1;
	at += c->image->tail_calls;
	for (uint32_t k = 0; k < n; k++) {
		c[k].base = at;
		if (others)
			c[k].diag = others;
		if (!run_passes(&c[k], NULL)) {
			at += c[k].func->mach.n_bundles;
			continue;
		}
		if (!others)
			blame(&c[k]);
		if (note_refused(&c[k], &last) || (!others && !(others = arena_alloc(c->arena, sizeof(*others)))))
			return -1;
		diag_clear(others);
	}
	return others ? -1 : 0;
}

/* Returns 1 when more care may help. */
static int compile(const struct prog *p, const struct target *t, struct arena arena, const struct dump *dump,
		   struct image_buf *out, struct diag *d, uint8_t careful)
{
	uint32_t n = count_programs(p);
	struct compile *c = arena_alloc(&arena, n * sizeof(*c));
	struct compile_image image = { .n_programs = n };
	int no_room = 0, done = 0, bad = 0;

	diag_clear(d);
	memset(out, 0, sizeof(*out));
	for (uint32_t k = 0; c && k < n; k++, p = p->next) {
		c[k] = (struct compile){ .arena = &arena, .prog = p, .source = p, .target = t, .diag = d, .dump = dump, .careful = careful,
					 .image = &image, .follows = k > 0 };
		bad |= p->tc && tc_run(&c[k], p);
	}
	if (c && !bad)
		done = !compile_programs(c, n) && !image_run(c, out) && !figures_run(c, out);
	if (done)
		return 0;
	for (uint32_t k = 0; c && k < n; k++)
		no_room |= c[k].no_room;
	if (!d->text[0]) {
		struct compile whole = { .diag = d };

		error(&whole, -1, "out of memory while compiling %u instructions", total_insns(c ? c->prog : NULL));
	}
	return no_room || arena.failed ? 1 : -1;
}

/* Of several tries that find no room for a program, the one that came nearest is the one to tell of. */
struct fewest {
	const struct prog *prog;
	uint32_t bundles;
};

static void note_fewest(struct fewest *f, const struct target *t, struct diag *d)
{
	struct compile about = { .target = t, .diag = d };

	if (!d->bundles)
		return;
	if (f->prog != d->prog || d->bundles < f->bundles) {
		*f = (struct fewest){ d->prog, d->bundles };
	} else {
		diag_forget(d);
		encode_no_room(&about, f->bundles);
	}
}

int nicjit_compile(const struct prog *p, const struct target *t, void *mem, size_t mem_size, const struct dump *dump,
		   struct image_buf *out, struct diag *d)
{
	struct fewest fewest = { 0 };
	struct arena arena;
	int result = 1;

	arena_init(&arena, mem, mem_size);
	for (uint8_t careful = 0; careful < 3 && result == 1; careful++) {
		result = compile(p, t, arena, dump, out, d, careful);
		if (result)
			note_fewest(&fewest, t, d);
	}
	if (!result)
		return 0;
	nicjit_survey(d->prog ? d->prog : p, t, d);
	diag_sort(d);
	return -1;
}

/* What the passes after verification take per instruction, measured over programs of all sizes with room to spare. */
enum { BYTES_FIXED = 1 << 20, BYTES_PER_INSN = 8192, BYTES_PER_MAP = 4096 };

uint32_t nicjit_insns(const struct prog *p)
{
	return p->tc ? tc_insns(p) : p->n_insns;
}

size_t nicjit_mem_size(uint32_t n_insns, uint32_t n_maps)
{
	return BYTES_FIXED + verify_mem_size(n_insns) + (size_t)n_insns * BYTES_PER_INSN + (size_t)n_maps * BYTES_PER_MAP;
}
