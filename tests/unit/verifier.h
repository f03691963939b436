/* SPDX-License-Identifier: Apache-2.0
 *
 * For the tests of the verifier: programs as arrays of instructions, and what it says of them.
 */
#ifndef TESTS_UNIT_VERIFIER_H
#define TESTS_UNIT_VERIFIER_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>
#include "compile.h"

#define INSN(c, d, s, o, i) { .code = (c), .regs = (uint8_t)((s) << 4 | (d)), .off = (o), .imm = (i) }
#define ALU(op, d, i) INSN(EC_ALU64 | (op), d, 0, 0, i)
#define ALUX(op, d, s) INSN(EC_ALU64 | (op) | EBPF_X, d, s, 0, 0)
#define ALU32(op, d, i) INSN(EC_ALU | (op), d, 0, 0, i)
#define ALU32X(op, d, s) INSN(EC_ALU | (op) | EBPF_X, d, s, 0, 0)
#define MOV(d, i) ALU(EBPF_MOV, d, i)
#define MOVX(d, s) ALUX(EBPF_MOV, d, s)
#define ADD(d, i) ALU(EBPF_ADD, d, i)
#define ADDX(d, s) ALUX(EBPF_ADD, d, s)
#define SUBX(d, s) ALUX(EBPF_SUB, d, s)
#define J(op, d, i, o) INSN(EC_JMP | (op), d, 0, o, i)
#define JX(op, d, s, o) INSN(EC_JMP | (op) | EBPF_X, d, s, o, 0)
#define JA(o) INSN(EC_JMP | EBPF_JA, 0, 0, o, 0)
#define LDX(size, d, s, o) INSN(EC_LDX | EBPF_MEM | (size), d, s, o, 0)
#define STX(size, d, s, o) INSN(EC_STX | EBPF_MEM | (size), d, s, o, 0)
#define ST(size, d, o, i) INSN(EC_ST | EBPF_MEM | (size), d, 0, o, i)
#define ATOMIC(size, d, s, o, op) INSN(EC_STX | EBPF_ATOMIC | (size), d, s, o, op)
#define CALL(i) INSN(EC_JMP | EBPF_CALL, 0, 0, 0, i)
#define EXIT INSN(EC_JMP | EBPF_EXIT, 0, 0, 0, 0)
#define LDDW(d, kind, i, i2) INSN(EBPF_LDDW, d, kind, 0, i), INSN(0, 0, 0, 0, i2)
#define MAP(d, n) LDDW(d, EBPF_PSEUDO_MAP, n, 0)
#define W EBPF_W
#define H EBPF_H
#define B EBPF_B
#define DW EBPF_DW

/* r2 = data, r3 = data_end */
#define PACKET LDX(W, 2, 1, 0), LDX(W, 3, 1, 4)
/* leaves with verdict 1 unless the packet has n bytes; 5 instructions */
#define PASS MOV(0, 2), EXIT
#define NEEDS(n) MOVX(4, 2), ADD(4, n), JX(EBPF_JLE, 4, 3, 2), PASS
/* r0 = lookup in map n, with a key of 4 bytes at r10-4, of which two are not known; 6 slots */
#define LOOKUP(n) ST(H, 10, -4, 0), MOVX(2, 10), ADD(2, -4), MAP(1, n), CALL(HELPER_MAP_LOOKUP_ELEM)

static const struct target target = {
	.lanes = 3, .regs = 8, .bundles = 4096, .stack = 1024, .maps = 16, .map_words = 65536, .key_bytes = 64,
};

struct run {
	struct diag diag;
	struct prog prog;
	struct arena arena;
	struct compile c;
	void *mem;
	int result;
};

static inline void run_prog(struct run *r, const struct ebpf_insn *insns, uint32_t n, const struct prog_map *m, uint32_t n_maps)
{
	size_t size = verify_mem_size(n);

	memset(r, 0, sizeof(*r));
	r->prog = (struct prog){ .name = "t", .section = "xdp", .insns = insns, .n_insns = n, .maps = m, .n_maps = n_maps };
	r->mem = malloc(size);
	arena_init(&r->arena, r->mem, size);
	r->c = (struct compile){ .arena = &r->arena, .prog = &r->prog, .target = &target, .diag = &r->diag };
	r->result = verify_run(&r->c);
}

static inline void expect(const struct ebpf_insn *insns, uint32_t n, const struct prog_map *m, uint32_t n_maps, int insn, const char *sentence)
{
	struct run r;

	run_prog(&r, insns, n, m, n_maps);
	assert_string_equal(r.diag.text, sentence);
	assert_int_equal(r.result, *sentence ? -1 : 0);
	if (*sentence)
		assert_int_equal(r.diag.insn < 0 ? r.diag.insn : (int)insn_source(&r.c, (uint32_t)r.diag.insn), insn);
	free(r.mem);
}

/* For the programs below: the test has an array `maps`. */
#define ACCEPT(...) do { \
	const struct ebpf_insn insns[] = { __VA_ARGS__ }; \
	expect(insns, sizeof(insns) / sizeof(*insns), maps, sizeof(maps) / sizeof(*maps), 0, ""); \
} while (0)
#define REFUSE(insn, sentence, ...) do { \
	const struct ebpf_insn insns[] = { __VA_ARGS__ }; \
	expect(insns, sizeof(insns) / sizeof(*insns), maps, sizeof(maps) / sizeof(*maps), insn, sentence); \
} while (0)
#define FACTS(r, ...) \
	const struct ebpf_insn insns[] = { __VA_ARGS__ }; \
	struct run r; \
	run_prog(&r, insns, sizeof(insns) / sizeof(*insns), maps, sizeof(maps) / sizeof(*maps)); \
	assert_string_equal(r.diag.text, "")

#endif
