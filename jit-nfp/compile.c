// SPDX-License-Identifier: Apache-2.0
/* The pass list. */
#include "ir.h"

const struct target target_default = {
	.lanes = 3, .regs = 8, .bundles = 8192, .stack = IMAGE_STACK_BYTES, .maps = IMAGE_MAPS_MAX, .map_words = 1 << 20,
	.key_bytes = 128, .cpus = 32,
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
	{ "refold",   opt_fold_run,   dump_ir },
	{ "recopy",   opt_copy_run,   dump_ir },
	{ "first",    opt_first_run,  dump_ir },
	{ "rebranch", opt_branch_run, dump_ir },
	{ "key",      opt_key_run,    dump_ir },
	{ "stack",    opt_stack_run,  dump_ir },
	{ "store",    opt_store_run,  dump_ir },
	{ "dead",     opt_dead_run,   dump_ir },
	{ "update",   opt_update_run, dump_ir },
	{ "address",  opt_address_run, dump_ir },
	{ "fuse",     opt_fuse_run,   dump_ir },
	{ "split",    opt_split_run,  dump_ir },
	{ "frame",    frame_run,      NULL },
	{ "trace",    trace_run,      NULL },
	{ "lower",    lower_run,      mop_dump },
	{ "wait",     wait_run,       mop_dump },
	{ "sched",    allocate,       dump_sched },
	{ "regalloc", NULL,           dump_registers },
	{ "squeeze",  squeeze_run,    dump_registers },
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

/* Up to and with the one called last, or all of them. */
static int run_passes(struct compile *c, const char *last)
{
	for (size_t n = 0; n < N_PASSES; n++) {
		if (passes[n].run && passes[n].run(c))
			return -1;
		if (passes[n].dump && dump_wanted(c, passes[n].name))
			passes[n].dump(c);
		if (last && !strcmp(passes[n].name, last))
			break;
	}
	return 0;
}

int compile_values(struct compile *c)
{
	return run_passes(c, "dead");
}

/* Returns 1 when more care may help. */
static int compile(const struct prog *p, const struct target *t, struct arena arena, const struct dump *dump,
		   struct image_buf *out, struct diag *d, uint8_t careful)
{
	struct compile c = { .arena = &arena, .prog = p, .target = t, .diag = d, .dump = dump, .careful = careful };

	diag_clear(d);
	memset(out, 0, sizeof(*out));
	if (!run_passes(&c, NULL) && !image_run(&c, out) && !figures_run(&c, out))
		return 0;
	if (!d->text[0])
		error(&c, -1, "out of memory while compiling %u instructions", p->n_insns);
	return c.no_room || arena.failed ? 1 : -1;
}

int nicjit_compile(const struct prog *p, const struct target *t, void *mem, size_t mem_size, const struct dump *dump,
		   struct image_buf *out, struct diag *d)
{
	struct arena arena;
	int result = 1;

	arena_init(&arena, mem, mem_size);
	for (uint8_t careful = 0; careful < 3 && result == 1; careful++)
		result = compile(p, t, arena, dump, out, d, careful);
	if (!result)
		return 0;
	nicjit_survey(p, t, d);
	diag_sort(d);
	return -1;
}

/* What the passes after verification take per instruction, measured over programs of all sizes with room to spare. */
enum { BYTES_FIXED = 1 << 20, BYTES_PER_INSN = 8192, BYTES_PER_MAP = 4096 };

size_t nicjit_mem_size(uint32_t n_insns, uint32_t n_maps)
{
	return BYTES_FIXED + verify_mem_size(n_insns) + (size_t)n_insns * BYTES_PER_INSN + (size_t)n_maps * BYTES_PER_MAP;
}
