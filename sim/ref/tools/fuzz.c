// SPDX-License-Identifier: Apache-2.0
/*
 * ref-fuzz: random programs, the same in the interpreter and in the kernel, until they differ.
 * usage: ref-fuzz [PROGRAMS [FIRST-SEED]]
 * A program fills registers and stack, does arithmetic, byte swaps, jumps, loads, stores, atomics
 * and a call, and folds everything it knows into r0. Seed N is the same program on every machine.
 * Exit 0: no difference; 1: a difference, whose program is printed; 3: no BPF permitted here.
 */
#include "../ref.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	EXIT_USAGE = 2,
	EXIT_NOT_PERMITTED = 3,
	MAX_INSNS = 512,
	BODY = 40,		/* random instructions of a program */
	MAX_BRANCHES = 8,	/* every branch may double what the verifier walks */
	STACK = 64,		/* bytes in use below r10 */
	MEMORY = 64
};

struct generator {
	uint64_t state;
	struct bpf_insn insns[MAX_INSNS];
	uint32_t count;
	uint32_t branches;
	bool glued[MAX_INSNS];	/* belongs to the instruction before: no jump may lead here */
};

static uint64_t draw(struct generator *gen)
{
	uint64_t z = gen->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint32_t below(struct generator *gen, uint32_t limit)
{
	return (uint32_t)(draw(gen) % limit);
}

/* Half of the numbers are next to the places where operators change their mind. */
static uint64_t draw_value(struct generator *gen)
{
	static const uint64_t edges[] = {
		0, 1, 0x7f, 0x80, 0x7fff, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		0x7fffffffffffffff, 0x8000000000000000, 0xffffffff80000000, 0xffffffffffffffff,
	};

	switch (below(gen, 4)) {
	case 0:
		return edges[below(gen, sizeof(edges) / sizeof(edges[0]))] + below(gen, 3) - 1;
	case 1:
		return below(gen, 70);
	default:
		return draw(gen);
	}
}

static void emit(struct generator *gen, unsigned int code, uint32_t dst, uint32_t src,
		 int32_t off, int32_t imm)
{
	gen->insns[gen->count++] = (struct bpf_insn){
		.code = (uint8_t)code,
		.dst_reg = dst & 15,
		.src_reg = src & 15,
		.off = (int16_t)off,
		.imm = imm,
	};
}

static void emit_constant(struct generator *gen, uint32_t dst, uint64_t value)
{
	emit(gen, BPF_LD | BPF_IMM | BPF_DW, dst, 0, 0, (int32_t)(uint32_t)value);
	gen->glued[gen->count] = true;
	emit(gen, 0, 0, 0, 0, (int32_t)(uint32_t)(value >> 32));
}

/* r9 keeps the memory; only r0 to r8 are arithmetic. */
static uint32_t draw_register(struct generator *gen)
{
	return below(gen, 9);
}

static void emit_arithmetic(struct generator *gen)
{
	static const uint8_t ops[] = {
		BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_MOD, BPF_OR, BPF_AND, BPF_XOR, BPF_LSH,
		BPF_RSH, BPF_ARSH, BPF_NEG, BPF_MOV,
	};
	static const int16_t widths[] = { 0, 8, 16, 32 };
	uint8_t op = ops[below(gen, sizeof(ops))];
	bool is_64 = below(gen, 2), from_register = op != BPF_NEG && below(gen, 2);
	unsigned int code = (is_64 ? BPF_ALU64 : BPF_ALU) | op | (from_register ? BPF_X : BPF_K);
	int32_t imm = (int32_t)draw_value(gen), off = 0;

	if (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)
		imm &= is_64 ? 63 : 31;
	if (op == BPF_DIV || op == BPF_MOD) {
		off = (int32_t)below(gen, 2);
		imm = imm ? imm : 1;	/* the kernel refuses a constant 0 */
	}
	if (op == BPF_MOV && from_register)
		off = widths[below(gen, is_64 ? 4 : 3)];
	if (from_register || op == BPF_NEG)
		imm = 0;
	emit(gen, code, draw_register(gen), from_register ? draw_register(gen) : 0, off, imm);
}

static void emit_byte_swap(struct generator *gen)
{
	static const unsigned int codes[] = {
		BPF_ALU | BPF_END | BPF_TO_LE, BPF_ALU | BPF_END | BPF_TO_BE, BPF_ALU64 | BPF_END,
	};

	emit(gen, codes[below(gen, 3)], draw_register(gen), 0, 0, 16 << below(gen, 3));
}

static const unsigned int sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };

/* Stack below r10, or memory at r9. */
static void draw_place(struct generator *gen, uint32_t bytes, uint32_t *base, int32_t *off)
{
	uint32_t slot = below(gen, STACK / bytes) * bytes;

	*base = below(gen, 2) ? 10 : 9;
	*off = *base == 10 ? (int32_t)slot - STACK : (int32_t)slot;
}

static void emit_load(struct generator *gen)
{
	uint32_t log = below(gen, 4), base;
	bool sign = log < 3 && below(gen, 2);
	int32_t off;

	draw_place(gen, 1u << log, &base, &off);
	emit(gen, BPF_LDX | sizes[log] | (sign ? 0x80 : BPF_MEM), draw_register(gen), base, off,
	     0);
}

static void emit_store(struct generator *gen)
{
	uint32_t log = below(gen, 4), base;
	int32_t off;

	draw_place(gen, 1u << log, &base, &off);
	if (below(gen, 2))
		emit(gen, BPF_ST | sizes[log] | BPF_MEM, base, 0, off, (int32_t)draw_value(gen));
	else
		emit(gen, BPF_STX | sizes[log] | BPF_MEM, base, draw_register(gen), off, 0);
}

/*
 * On the stack only: the kernel has no atomics on packets. The byte stored first makes the slot's
 * number unknown to the verifier. Linux 6.18 forgets to mark a slot as precise when the number
 * comes back through a fetching atomic, takes paths with different numbers for alike, and removes code.
 */
static void emit_atomic(struct generator *gen)
{
	static const int32_t ops[] = {
		BPF_ADD, BPF_OR, BPF_AND, BPF_XOR, BPF_ADD | BPF_FETCH, BPF_OR | BPF_FETCH,
		BPF_AND | BPF_FETCH, BPF_XOR | BPF_FETCH, BPF_XCHG, BPF_CMPXCHG,
	};
	uint32_t log = 2 + below(gen, 2);
	int32_t off = -(int32_t)((below(gen, STACK >> log) + 1) << log);
	int32_t op = ops[below(gen, sizeof(ops) / sizeof(ops[0]))];

	emit(gen, BPF_ST | BPF_B | BPF_MEM, 10, 0, off + 1, 1 + (int32_t)below(gen, 255));
	gen->glued[gen->count] = true;
	/* Now and then the comparison has to succeed. */
	if (op == BPF_CMPXCHG && below(gen, 2))
		emit(gen, BPF_LDX | sizes[log] | BPF_MEM, 0, 10, off, 0);
	gen->glued[gen->count] = true;
	emit(gen, BPF_STX | sizes[log] | BPF_ATOMIC, 10, draw_register(gen), off, op);
}

/*
 * `if ... goto +n`, or `if ... goto +1; goto +n` so that the code behind the plain jump can be
 * reached. The targets are set when the body is complete: see fix_jumps().
 */
static void emit_branch(struct generator *gen)
{
	static const uint8_t ops[] = {
		BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT, BPF_JSGE, BPF_JLT, BPF_JLE,
		BPF_JSLT, BPF_JSLE,
	};
	bool from_register = below(gen, 2), plain = below(gen, 4) == 0;
	unsigned int code = (below(gen, 2) ? BPF_JMP : BPF_JMP32) | ops[below(gen, sizeof(ops))] |
			    (from_register ? BPF_X : BPF_K);

	if (gen->branches == MAX_BRANCHES)
		return;
	gen->branches++;
	emit(gen, code, draw_register(gen), from_register ? draw_register(gen) : 0, plain ? 1 : -1,
	     from_register ? 0 : (int32_t)draw_value(gen));
	if (plain && below(gen, 2))
		emit(gen, BPF_JMP | BPF_JA, 0, 0, -1, 0);
	else if (plain)
		emit(gen, BPF_JMP32 | BPF_JA, 0, 0, 0, -1);
}

/* Gives every jump that waits for one a target behind it, at most at `end`. */
static void fix_jumps(struct generator *gen, uint32_t start, uint32_t end)
{
	for (uint32_t i = start; i < end; i++) {
		struct bpf_insn *insn = &gen->insns[i];
		uint8_t class = BPF_CLASS(insn->code);
		bool is_long = insn->code == (BPF_JMP32 | BPF_JA);
		uint32_t span = end - i, skip = below(gen, span < 8 ? span : 8);

		if ((class != BPF_JMP && class != BPF_JMP32) || insn->code == (BPF_JMP | BPF_CALL) ||
		    (is_long ? insn->imm : insn->off) != -1)
			continue;
		while (i + 1 + skip < end && gen->glued[i + 1 + skip])
			skip++;
		if (is_long)
			insn->imm = (int32_t)skip;
		else
			insn->off = (int16_t)skip;
	}
}

static void emit_body(struct generator *gen, uint32_t length)
{
	uint32_t start = gen->count;

	while (gen->count < start + length) {
		switch (below(gen, 12)) {
		case 0:
			emit_byte_swap(gen);
			break;
		case 1:
			emit_load(gen);
			break;
		case 2:
			emit_store(gen);
			break;
		case 3:
			emit_atomic(gen);
			break;
		case 4:
		case 5:
			emit_branch(gen);
			break;
		case 6:
			emit_constant(gen, draw_register(gen), draw_value(gen));
			break;
		default:
			emit_arithmetic(gen);
		}
	}
	fix_jumps(gen, start, gen->count);
}

/* r0 = r0 * 31 + r, which keeps apart what a plain sum would not. */
static void emit_fold(struct generator *gen, uint32_t reg)
{
	emit(gen, BPF_ALU64 | BPF_MUL | BPF_K, 0, 0, 0, 31);
	emit(gen, BPF_ALU64 | BPF_ADD | BPF_X, 0, reg, 0, 0);
}

static void emit_epilogue(struct generator *gen)
{
	for (uint32_t reg = 1; reg < 9; reg++)
		emit_fold(gen, reg);
	for (int32_t off = -STACK; off < 0; off += 8) {
		emit(gen, BPF_LDX | BPF_DW | BPF_MEM, 1, 10, off, 0);
		emit_fold(gen, 1);
	}
	emit(gen, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void emit_prologue(struct generator *gen)
{
	for (int32_t off = -STACK; off < 0; off += 8) {
		emit_constant(gen, 0, draw_value(gen));
		emit(gen, BPF_STX | BPF_DW | BPF_MEM, 10, 0, off, 0);
	}
	for (uint32_t reg = 0; reg < 9; reg++)
		emit_constant(gen, reg, draw_value(gen));
}

/* Calls the function behind the epilogue with r1 to r5; afterwards only r0 and r6 to r9 count. */
static uint32_t emit_call(struct generator *gen)
{
	uint32_t at = gen->count;

	emit(gen, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 0);
	for (uint32_t reg = 1; reg < 6; reg++)
		emit_constant(gen, reg, draw_value(gen));
	return at;
}

static void generate(struct generator *gen, uint64_t seed)
{
	uint32_t call;

	memset(gen, 0, sizeof(*gen));
	gen->state = seed;
	emit(gen, BPF_ALU64 | BPF_MOV | BPF_X, 9, 1, 0, 0);
	emit_prologue(gen);
	emit_body(gen, BODY / 2);
	call = emit_call(gen);
	emit_body(gen, BODY / 2);
	emit_epilogue(gen);
	gen->insns[call].imm = (int32_t)(gen->count - call - 1);
	for (uint32_t reg = 2; reg < 6; reg++) {
		emit(gen, BPF_ALU64 | BPF_MUL | BPF_K, reg, 0, 0, (int32_t)draw_value(gen));
		emit(gen, BPF_ALU64 | BPF_XOR | BPF_X, 1, reg, 0, 0);
	}
	emit(gen, BPF_ALU64 | BPF_MOV | BPF_X, 0, 1, 0, 0);
	emit(gen, BPF_ALU64 | BPF_MOV | BPF_K, 6, 0, 0, 7);
	emit(gen, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void print_program(const struct generator *gen, const uint8_t *memory)
{
	char bytes[2 * MEMORY + 1];

	io_hex_print(bytes, memory, MEMORY);
	fprintf(stderr, "memory %s\n", bytes);
	for (uint32_t i = 0; i < gen->count; i++) {
		char text[2 * sizeof(struct bpf_insn) + 1];

		io_hex_print(text, &gen->insns[i], sizeof(gen->insns[i]));
		fprintf(stderr, "%4" PRIu32 " %s\n", i, text);
	}
}

struct totals {
	uint64_t equal, refused, different;
};

static void compare(struct generator *gen, uint64_t seed, struct totals *totals)
{
	struct ref_program program = { .insns = gen->insns, .count = gen->count };
	struct ref_machine *machine = ref_machine_create(&program);
	uint8_t memory[3][MEMORY];	/* as given, after ref, after the kernel */
	struct ref_outcome outcome;
	struct io_error err;
	uint64_t r0 = 0;

	for (uint32_t i = 0; i < MEMORY; i++)
		memory[0][i] = memory[1][i] = memory[2][i] = (uint8_t)draw(gen);
	if (!machine || kernel_run_code(gen->insns, gen->count, memory[2], MEMORY, &r0, &err)) {
		if (!totals->refused++)
			fprintf(stderr, "ref-fuzz: seed %" PRIu64 ": %s\n", seed, err.text);
		ref_machine_free(machine);
		return;
	}
	ref_run_memory(machine, memory[1], MEMORY, &outcome);
	ref_machine_free(machine);
	if (!outcome.fault[0] && outcome.r0 == r0 && !memcmp(memory[1], memory[2], MEMORY)) {
		totals->equal++;
		return;
	}
	totals->different++;
	fprintf(stderr, "ref-fuzz: seed %" PRIu64 ": ref r0 0x%" PRIx64 " %s, kernel r0 0x%" PRIx64
		"%s\n", seed, outcome.r0, outcome.fault, r0,
		memcmp(memory[1], memory[2], MEMORY) ? ", memory differs" : "");
	print_program(gen, memory[0]);
}

static bool parse_number(const char *text, uint64_t *value)
{
	char *end;

	*value = strtoull(text, &end, 0);
	return *text && !*end;
}

int main(int argc, char **argv)
{
	uint64_t programs = 1000, seed = 1;
	static struct generator generator;
	struct generator *gen = &generator;
	struct totals totals = { 0 };

	if (argc > 3 || (argc > 1 && !parse_number(argv[1], &programs)) ||
	    (argc > 2 && !parse_number(argv[2], &seed))) {
		fprintf(stderr, "usage: ref-fuzz [PROGRAMS [FIRST-SEED]]\n");
		return EXIT_USAGE;
	}
	if (!kernel_is_permitted()) {
		fprintf(stderr, "ref-fuzz: BPF programs are not permitted here\n");
		return EXIT_NOT_PERMITTED;
	}
	for (uint64_t i = 0; i < programs && totals.different < 3; i++) {
		generate(gen, seed + i);
		compare(gen, seed + i, &totals);
	}
	printf("%" PRIu64 " equal, %" PRIu64 " not run by the kernel, %" PRIu64 " different\n",
	       totals.equal, totals.refused, totals.different);
	return totals.different || !totals.equal ? EXIT_FAILURE : EXIT_SUCCESS;
}
