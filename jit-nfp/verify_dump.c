// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The facts as text, one line per instruction: its fields in hex, then what is known. */
#include "compile.h"
#include "ir.h"

static const char *const regions[] = {
	"any", "number", "ctx", "packet", "end", "meta", "stack", "map", "value", "value?",
};

static void dump_fact(struct compile *c, const char *name, const struct arg_fact *f)
{
	if (f->region == R_NONE)
		return;
	dump_text(c, " %s=%s", name, regions[f->region]);
	if (f->region == R_MAP_VALUE && f->map == MAP_ANY)
		dump_text(c, ":any");
	else if (f->region >= R_MAP_PTR)
		dump_text(c, ":%s", c->prog->maps[f->map].name);
	if (f->off_known && f->region != R_PKT_END && f->region != R_MAP_PTR)
		dump_text(c, "%s%lld", f->off < 0 ? "" : "+", (long long)f->off);
}

void verify_dump(struct compile *c)
{
	static const char *const args[] = { "r1", "r2", "r3", "r4", "r5" };

	for (uint32_t n = 0; n < c->n_insns; n++) {
		const struct ebpf_insn *i = &c->insns[n];
		const struct fact *f = &c->facts[n];

		dump_text(c, "%5u: %02x %02x %04x %08x", n, i->code, i->regs, (uint16_t)i->off, (uint32_t)i->imm);
		if (!f->reachable)
			dump_text(c, " never");
		dump_fact(c, "mem", &f->mem);
		dump_fact(c, "dst", &f->dst);
		dump_fact(c, "src", &f->src);
		for (int a = 0; a < 5; a++)
			dump_fact(c, args[a], &f->arg[a]);
		dump_text(c, "%s%s\n", f->taken_never ? " falls" : "", f->taken_always ? " jumps" : "");
	}
	dump_text(c, "stack %u\n", c->stack_used);
}
