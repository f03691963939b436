// SPDX-License-Identifier: Apache-2.0
/* What is never generated: helpers, types of maps, functions of the kernel, instructions, and what else programs have. */
#include <stdio.h>
#include <string.h>
#include "census.h"
#include "hw/spec/image.h"
#include "jit-nfp/helpers.h"

static unsigned long passed, failed;

static void want(unsigned long count, const char *name)
{
	if (!count)
		printf("FAIL never generated: %s\n", name);
	passed += count != 0;
	failed += count == 0;
}

/* ---- instructions of RFC 9669, one of each form ---- */

enum { FORMS_MAX = 400, ATOMICS = 10 };
static const int32_t atomics[ATOMICS] = { EBPF_ADD, EBPF_OR, EBPF_AND, EBPF_XOR, EBPF_ADD | EBPF_FETCH, EBPF_OR | EBPF_FETCH, EBPF_AND | EBPF_FETCH,
					  EBPF_XOR | EBPF_FETCH, EBPF_XCHG, EBPF_CMPXCHG };
static struct form {
	struct ebpf_insn insn;
	unsigned long count;
} forms[FORMS_MAX];
static uint32_t n_forms;

static bool is_alu(uint8_t code)
{
	return EBPF_CLASS(code) == EC_ALU || EBPF_CLASS(code) == EC_ALU64;
}

static bool is_goto(uint8_t code)
{
	return code == (EC_JMP | EBPF_JA) || code == (EC_JMP32 | EBPF_JA);
}

static bool says_more(uint8_t code) /* by its immediate */
{
	return (EBPF_CLASS(code) == EC_STX && EBPF_MODE(code) == EBPF_ATOMIC) || (is_alu(code) && EBPF_OP(code) == EBPF_END);
}

static bool goes_back(const struct ebpf_insn *i)
{
	return (EBPF_CLASS(i->code) == EC_JMP ? i->off : i->imm) < 0;
}

static bool same_form(const struct ebpf_insn *a, const struct ebpf_insn *b)
{
	if (a->code != b->code)
		return false;
	if (is_goto(a->code))
		return goes_back(a) == goes_back(b);
	if (a->code == EBPF_LDDW || a->code == (EC_JMP | EBPF_CALL))
		return ebpf_src(a) == ebpf_src(b);
	return (!says_more(a->code) || a->imm == b->imm) && (!is_alu(a->code) || a->off == b->off);
}

static void form(unsigned int code, unsigned int src, int16_t off, int32_t imm)
{
	forms[n_forms++].insn = (struct ebpf_insn){ (uint8_t)code, (uint8_t)(src << 4), off, imm };
}

static void forms_of_alu(unsigned int class)
{
	for (unsigned int op = EBPF_ADD; op <= EBPF_ARSH; op += 16)
		for (unsigned int source = EBPF_K; source <= (op == EBPF_NEG ? EBPF_K : EBPF_X); source += EBPF_X) {
			form(class | op | source, 0, 0, 0);
			if (op == EBPF_DIV || op == EBPF_MOD)
				form(class | op | source, 0, 1, 0);
			for (int16_t bits = 8; op == EBPF_MOV && source == EBPF_X && bits <= (class == EC_ALU64 ? 32 : 16); bits *= 2)
				form(class | op | source, 0, bits, 0);
		}
	for (int32_t bits = 16; bits <= 64; bits *= 2)
		for (unsigned int source = EBPF_K; source <= (class == EC_ALU64 ? EBPF_K : EBPF_X); source += EBPF_X)
			form(class | EBPF_END | source, 0, 0, bits);
}

static void forms_of_jumps(unsigned int class)
{
	for (unsigned int op = EBPF_JEQ; op <= EBPF_JSLE; op += 16)
		for (unsigned int source = EBPF_K; source <= EBPF_X && op != EBPF_CALL && op != EBPF_EXIT; source += EBPF_X)
			form(class | op | source, 0, 0, 0);
	form(class | EBPF_JA, 0, 1, 1);
	form(class | EBPF_JA, 0, -1, -1);
}

static void forms_of_memory(void)
{
	for (unsigned int size = EBPF_W; size <= EBPF_DW; size += EBPF_H) {
		form(EC_LDX | EBPF_MEM | size, 0, 0, 0);
		if (size != EBPF_DW)
			form(EC_LDX | EBPF_MEMSX | size, 0, 0, 0);
		form(EC_ST | EBPF_MEM | size, 0, 0, 0);
		form(EC_STX | EBPF_MEM | size, 0, 0, 0);
		form(EC_STX | EBPF_ATOMIC | size, 0, 0, EBPF_LOAD_ACQUIRE);
		form(EC_STX | EBPF_ATOMIC | size, 0, 0, EBPF_STORE_RELEASE);
		for (uint32_t n = 0; n < ATOMICS && (size == EBPF_W || size == EBPF_DW); n++)
			form(EC_STX | EBPF_ATOMIC | size, 0, 0, atomics[n]);
	}
	for (unsigned int src = 0; src <= EBPF_PSEUDO_FUNC; src++)
		if (src != 3) /* nobody has a BTF id of a variable here */
			form(EBPF_LDDW, src, 0, 0);
}

static void make_forms(void)
{
	forms_of_alu(EC_ALU);
	forms_of_alu(EC_ALU64);
	forms_of_jumps(EC_JMP);
	forms_of_jumps(EC_JMP32);
	forms_of_memory();
	for (unsigned int src = EBPF_CALL_HELPER; src <= EBPF_CALL_KFUNC; src++)
		form(EC_JMP | EBPF_CALL, src, 0, 0);
	form(EC_JMP | EBPF_EXIT, 0, 0, 0);
	form(EBPF_MAY_GOTO, 0, 0, 0);
}

static void want_forms(void)
{
	char name[64];

	for (uint32_t n = 0; n < n_forms; n++) {
		const struct ebpf_insn *i = &forms[n].insn;

		snprintf(name, sizeof(name), "instruction 0x%02x, source %u, offset %d, immediate %d", i->code, ebpf_src(i), i->off, i->imm);
		want(forms[n].count, name);
	}
}

/* ---- what programs have ---- */

enum { DEEP = 5, SCRATCH = 64 };

static bool has_map(const struct fuzz_case *c, bool (*is)(const struct prog_map *))
{
	for (uint32_t n = 0; n < c->n_maps; n++)
		if (is(&c->maps[n]))
			return true;
	return false;
}

static bool is_hash(const struct prog_map *m)
{
	return m->type == MAP_TYPE_HASH || m->type == MAP_TYPE_PERCPU_HASH || m->type == MAP_TYPE_LRU_HASH || m->type == MAP_TYPE_LRU_PERCPU_HASH;
}

static bool is_allocated_late(const struct prog_map *m)
{
	return is_hash(m) && m->flags & 1;
}

static bool is_long_prefix(const struct prog_map *m)
{
	return m->type == MAP_TYPE_PREFIXES && m->key_size > 32;
}

static bool is_longest_prefix(const struct prog_map *m)
{
	return m->type == MAP_TYPE_PREFIXES && m->key_size == 260;
}

static bool has_long_key(const struct prog_map *m)
{
	return is_hash(m) && m->key_size > 32;
}

static bool has_long_value(const struct prog_map *m)
{
	return is_hash(m) && m->value_size > SCRATCH;
}

static bool has_late_hash(const struct fuzz_case *c)
{
	return has_map(c, is_allocated_late);
}

static bool has_long_prefix(const struct fuzz_case *c)
{
	return has_map(c, is_long_prefix);
}

static bool has_hash_of_long_keys(const struct fuzz_case *c)
{
	return has_map(c, has_long_key);
}

static bool has_hash_of_long_values(const struct fuzz_case *c)
{
	return has_map(c, has_long_value);
}

static bool has_longest_prefix(const struct fuzz_case *c)
{
	return has_map(c, is_longest_prefix);
}

/* Of the stack there is no more for programs that tail calls lead to. */
static bool has_deep_stack(const struct fuzz_case *c)
{
	enum { DEEPEST = 504 };

	for (uint32_t i = 0; i < c->n_insns; i++)
		if (c->insns[i].off == -DEEPEST && ebpf_dst(&c->insns[i]) == 10)
			return true;
	return false;
}

/* A helper works on a value that was looked up: its pointer, from where it is kept, is an argument. */
static bool has_helper_on_value(const struct fuzz_case *c)
{
	enum { KEPT = -176, ARGUMENTS = 5 };

	for (uint32_t i = 0; i + 2 < c->n_insns; i++)
		if (c->insns[i].code == (EC_LDX | EBPF_MEM | EBPF_DW) && ebpf_src(&c->insns[i]) == 10 && c->insns[i].off == KEPT &&
		    ebpf_dst(&c->insns[i]) >= 3 && ebpf_dst(&c->insns[i]) <= ARGUMENTS && c->insns[i + 1].code == (EC_ALU64 | EBPF_ADD))
			return true;
	return false;
}

static bool has_three_programs(const struct fuzz_case *c)
{
	return c->n_programs > 2;
}

/* Functions lie behind those that call them. */
static bool has_deep_calls(const struct fuzz_case *c)
{
	static uint8_t depth[CASE_INSNS];
	uint8_t at = 0;

	memset(depth, 0, sizeof(depth));
	for (uint32_t i = 0; i < c->n_insns; i++) {
		uint32_t to = (uint32_t)((int32_t)i + 1 + c->insns[i].imm);

		for (uint32_t n = 0; n < c->n_programs; n++)
			at = c->start[n] == i ? 0 : at;
		at = depth[i] ? depth[i] : at;
		if (c->insns[i].code == (EC_JMP | EBPF_CALL) && ebpf_src(&c->insns[i]) == EBPF_CALL_LOCAL && to > i && depth[to] <= at)
			depth[to] = at + 1;
		if (at >= DEEP)
			return true;
	}
	return false;
}

static struct {
	const char *name;
	bool (*has)(const struct fuzz_case *c);
	unsigned long count;
} features[] = {
	{ "a hash with BPF_F_NO_PREALLOC", has_late_hash, 0 },
	{ "an LPM_TRIE with a key of more than 32 bytes", has_long_prefix, 0 },
	{ "a hash with a key of more than 32 bytes", has_hash_of_long_keys, 0 },
	{ "a hash with a value of more than 64 bytes", has_hash_of_long_values, 0 },
	{ "an LPM_TRIE with a key of 260 bytes", has_longest_prefix, 0 },
	{ "504 bytes of stack", has_deep_stack, 0 },
	{ "a helper that works on a value", has_helper_on_value, 0 },
	{ "three programs", has_three_programs, 0 },
	{ "calls five deep", has_deep_calls, 0 },
};

static void want_features(void)
{
	for (size_t n = 0; n < sizeof(features) / sizeof(*features); n++)
		want(features[n].count, features[n].name);
}

/* ---- helpers, functions of the kernel, types of maps ---- */

static unsigned long helpers[HELPERS_MAX], kfuncs[KFUNC_COUNT], types[MAP_TYPES_MAX];

void census_count(const struct fuzz_case *c)
{
	if (!n_forms)
		make_forms();
	for (uint32_t i = 0; i < c->n_maps; i++)
		types[c->maps[i].type]++;
	for (uint32_t i = 0; i < c->n_insns; i += 1 + (c->insns[i].code == EBPF_LDDW)) {
		if (case_kfunc(&c->insns[i]))
			kfuncs[c->insns[i].imm]++;
		else if (c->insns[i].code == (EC_JMP | EBPF_CALL) && !ebpf_src(&c->insns[i]))
			helpers[c->insns[i].imm]++;
		for (uint32_t n = 0; n < n_forms; n++)
			forms[n].count += same_form(&forms[n].insn, &c->insns[i]);
	}
	for (size_t n = 0; n < sizeof(features) / sizeof(*features); n++)
		features[n].count += features[n].has(c);
}

static void want_helpers(void)
{
	char number[24];

	for (int id = 1; id < HELPERS_MAX; id++) {
		const struct helper *h = helper_find(id);

		snprintf(number, sizeof(number), "helper %d", id);
		if (helper_runs(id) && !(h && h->flags & HELPER_TC)) /* classifiers of tc are not generated */
			want(helpers[id], h ? h->name : number);
	}
	for (uint32_t f = 0; f < KFUNC_COUNT; f++)
		want(kfuncs[f], case_kfunc(&(struct ebpf_insn){ EC_JMP | EBPF_CALL, EBPF_CALL_KFUNC << 4, 0, (int32_t)f }));
}

int census_end(void)
{
	want_helpers();
	for (uint32_t type = 1; type < MAP_TYPES_MAX; type++)
		if (map_type_exists(type) && type != MAP_TYPE_LOG) /* what the compiler prints and puts in is its own */
			want(types[type], map_type_name(type));
	want_forms();
	want_features();
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed != 0;
}
