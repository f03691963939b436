// SPDX-License-Identifier: Apache-2.0
/* --explain: what the program uses, whether the NIC has it, and what of the NIC it takes. */
#include <string.h>
#include "cli.h"
#include "driver/common/image.h"
#include "helpers.h"
#include "routine.h"

enum feature { LOOPS, MAY_GOTO, FUNCTIONS, CALLBACKS, GLOBAL_DATA, ATOMICS, FETCHING, ORDERED, DIVISION, SIGNED_DIVISION, JUMPS_32, PACKET_WRITES, N_FEATURES };
static const char *const feature_names[N_FEATURES] = {
	"jumps backwards", "tests of may_goto", "calls of functions", "callbacks", "uses of global data", "atomic operations", "atomic operations that fetch",
	"loads that acquire, stores that release", "divisions", "signed divisions", "32-bit jumps", "stores",
};

struct uses {
	uint32_t feature[N_FEATURES];
	uint32_t helper[HELPERS_MAX]; /* calls */
	uint32_t kfunc[HELPERS_MAX];  /* likewise, by routine_at() */
};

static void look_at_jump(struct uses *u, const struct ebpf_insn *i, int32_t by)
{
	if (i->code == (EC_JMP | EBPF_CALL)) {
		if (ebpf_src(i) == EBPF_CALL_LOCAL)
			u->feature[FUNCTIONS]++;
		else if (ebpf_src(i) == EBPF_CALL_KFUNC && routine_called(i))
			u->kfunc[i->imm - ROUTINE_BASE]++;
		else if (!ebpf_src(i) && i->imm > 0 && i->imm < HELPERS_MAX)
			u->helper[i->imm]++;
	} else if (EBPF_OP(i->code) != EBPF_EXIT) {
		u->feature[LOOPS] += by < 0;
		u->feature[MAY_GOTO] += i->code == EBPF_MAY_GOTO;
		u->feature[JUMPS_32] += EBPF_CLASS(i->code) == EC_JMP32 && EBPF_OP(i->code) != EBPF_JA;
	}
}

static void look_at(struct uses *u, const struct ebpf_insn *i)
{
	int op = EBPF_OP(i->code), class = EBPF_CLASS(i->code);

	switch (class) {
	case EC_LD:
		u->feature[GLOBAL_DATA] += ebpf_src(i) == EBPF_PSEUDO_MAP_VALUE;
		u->feature[CALLBACKS] += ebpf_src(i) == EBPF_PSEUDO_FUNC;
		break;
	case EC_STX:
		if (EBPF_MODE(i->code) == EBPF_ATOMIC)
			u->feature[ebpf_is_ordered(i) ? ORDERED : i->imm & EBPF_FETCH ? FETCHING : ATOMICS]++;
		else
			u->feature[PACKET_WRITES]++;
		break;
	case EC_ST:
		u->feature[PACKET_WRITES]++;
		break;
	case EC_ALU:
	case EC_ALU64:
		if (op == EBPF_DIV || op == EBPF_MOD)
			u->feature[i->off ? SIGNED_DIVISION : DIVISION]++;
		break;
	case EC_JMP:
	case EC_JMP32:
		look_at_jump(u, i, i->code == (EC_JMP32 | EBPF_JA) ? i->imm : i->off);
		break;
	default:
		break;
	}
}

/* Of the program, and of those that tail calls lead to. */
static void gather(const struct prog *p, struct uses *u)
{
	memset(u, 0, sizeof(*u));
	for (; p; p = p->next)
		for (uint32_t pc = 0; pc < p->n_insns; pc += 1 + (p->insns[pc].code == EBPF_LDDW))
			look_at(u, &p->insns[pc]);
}

static const char *answer(int yes)
{
	return yes ? "yes" : "NO";
}

static void print_helpers(const struct prog *p, const struct uses *u)
{
	for (int id = 1; id < HELPERS_MAX; id++) {
		char name[64];

		if (!u->helper[id])
			continue;
		snprintf(name, sizeof(name), helper_find(id) ? "bpf_%s" : "helper %.0s%d", helper_find(id) ? helper_find(id)->name : "", id);
		printf("  helper    %-40s %-4s %u call%s\n", name, answer(helper_runs(id)), u->helper[id], u->helper[id] > 1 ? "s" : "");
	}
	for (unsigned int n = 0; routine_at(n); n++)
		if (u->kfunc[n])
			printf("  kfunc     bpf_%-36s yes  %u call%s\n", routine_at(n)->name, u->kfunc[n], u->kfunc[n] > 1 ? "s" : "");
	for (; p; p = p->next)
		for (uint32_t n = 0; n < p->n_absent; n++)
			printf("  %-9s %-40s NO   %s\n", p->absent[n].is_layout ? "type" : "kfunc", p->absent[n].name,
			       p->absent[n].is_layout ? "of the kernel: to the program it does not exist" : "declared __weak: to the program it does not exist");
}

/* Where the map lies, if the program was compiled, and why. */
static void print_place(const struct image_map *m, uint32_t uses)
{
	uint64_t bytes = 8 * (uint64_t)m->n_buckets + (m->limit - m->values);

	printf("            %s, %llu bytes", m->values < IMAGE_EXT ? "on the chip" : "outside the chip", (unsigned long long)bytes);
	if (m->cpus > 1)
		printf(", values for each of %u hardware threads", m->cpus);
	printf("; used in %u place%s\n", uses, uses == 1 ? "" : "s");
}

static void print_maps(const struct target *t, const struct prog *p, const struct image_buf *b)
{
	struct image image;

	if (b && image_parse(b->bytes, b->size, &image))
		b = NULL;
	for (uint32_t n = 0; n < p->n_maps; n++) {
		const struct prog_map *m = &p->maps[n];
		char name[64];

		snprintf(name, sizeof(name), "%s, %s", m->name, map_type_name(m->type));
		printf("  map       %-40s %-4s %u entries%s, key %u, value %u bytes", name, answer(map_type_exists(m->type)), map_entries(t, m),
		       m->max_entries == map_entries(t, m) ? "" : ", one for each hardware thread, as its loader would set", m->key_size, m->value_size);
		printf(m->flags ? ", flags 0x%x\n" : "\n", m->flags);
		if (b)
			print_place(&image.maps[n], b->map_uses[n]);
	}
}

static void print_features(const struct uses *u)
{
	for (int k = 0; k < N_FEATURES; k++)
		if (u->feature[k])
			printf("  code      %-40s %-4s %u\n", feature_names[k], "yes", u->feature[k]);
}

static void print_part(const char *name, uint32_t used, uint32_t room, const char *unit)
{
	printf("  takes     %-40s %u of %u%s\n", name, used, room, unit);
}

static void print_costs(const struct options *o, const struct image_buf *b)
{
	print_part("bundles of microcode", b->bundles, o->target.bundles, "");
	print_part("registers per lane", b->regs, o->target.regs, "");
	print_part("stack", b->stack, o->target.stack, " bytes");
	print_part("maps", b->maps, o->target.maps, "");
	print_part("map memory on the chip", (b->map_words + 127) / 128, o->target.map_words / 128, " KiB");
	print_part("map memory outside the chip", (b->ext_words + 127) / 128, (o->target.ext_words + 127) / 128, " KiB");
	printf("  a packet  bundles on the likeliest path            %u\n", b->likely);
	printf("            on the average, as far as can be guessed %u.%02u\n", b->expected / 100, b->expected % 100);
	printf("            on the longest path%s %u\n", b->loops ? ", each loop once   " : "                     ", b->longest);
}

void explain_program(const struct options *o, const struct prog *p, const struct image_buf *b)
{
	struct uses u;

	gather(p, &u);
	printf("%s (section %s), %u instructions: %s\n", p->name, p->section, p->n_insns, b ? "runs on the NIC" : "does not run on the NIC, see the errors");
	for (const struct prog *called = p->next; called; called = called->next)
		printf("  called    %-40s      %u instructions\n", called->name, called->n_insns);
	print_helpers(p, &u);
	print_maps(&o->target, p, b);
	print_features(&u);
	if (b)
		print_costs(o, b);
}
