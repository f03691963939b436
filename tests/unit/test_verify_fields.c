// SPDX-License-Identifier: Apache-2.0
/* Which bits an instruction may have, asked of the running kernel: every opcode, with every field zero and not (verify_insn.c). */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "verifier.h"

enum { AT = 6 };

static const struct prog_map maps[1];

static int kernel_takes(const struct ebpf_insn *insns, uint32_t n)
{
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_XDP, .insns = (uintptr_t)insns, .insn_cnt = n, .license = (uintptr_t)"GPL" };
	int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));

	return fd >= 0 && !close(fd);
}

static int nicjit_takes(const struct ebpf_insn *insns, uint32_t n)
{
	struct run r;

	run_prog(&r, insns, n, maps, 0);
	free(r.mem);
	return !r.result;
}

/* What jit-nfp/README.md lists, and what the NIC does not have: 1 if nicjit alone takes it, -1 if the kernel alone does, else 0. */
static int known(const struct ebpf_insn *i)
{
	int class = EBPF_CLASS(i->code), op = EBPF_OP(i->code), alu = class == EC_ALU || class == EC_ALU64;

	if (alu && !(i->code & EBPF_X) && (op == EBPF_DIV || op == EBPF_MOD) && !i->imm)
		return 1;
	if (alu && !(i->code & EBPF_X) && (op == EBPF_LSH || op == EBPF_RSH || op == EBPF_ARSH) &&
	    (uint32_t)i->imm >= (class == EC_ALU ? 32 : 64))
		return 1;
	if (class == EC_STX && EBPF_MODE(i->code) == EBPF_ATOMIC && ebpf_src(i) == 2 && ebpf_class(i) != EC_LDX)
		return -1; /* r2 itself is stored */
	return 0;
}

/* r2 points to the stack where memory is accessed through it, else it is a number, as r3 is. */
static void ask(int code, int dst, int src, int off, int imm)
{
	int class = EBPF_CLASS(code), memory = class == EC_LDX || class == EC_ST || class == EC_STX, wide = code == EBPF_LDDW;
	struct ebpf_insn insns[AT + 8] = {
		LDX(W, 3, 1, offsetof(struct xdp_md, rx_queue_index)), ST(DW, 10, -8, 0), ST(DW, 10, -16, 0),
		memory ? (struct ebpf_insn)MOVX(2, 10) : (struct ebpf_insn)MOVX(2, 3), memory ? (struct ebpf_insn)ADD(2, -16) : (struct ebpf_insn)MOV(0, 1),
		J(EBPF_JGT, 3, 7, 1 + wide), INSN((uint8_t)code, dst, src, (int16_t)off, imm),
	};
	uint32_t n = AT + 1 + wide;
	int kernel, nicjit, why;

	for (int pad = 0; pad < 4; pad++)
		insns[n++] = (struct ebpf_insn)MOV(0, 1);
	insns[n++] = (struct ebpf_insn)EXIT;
	kernel = kernel_takes(insns, n);
	nicjit = nicjit_takes(insns, n);
	why = known(&insns[AT]);
	if (kernel == nicjit || (why && why == nicjit - kernel))
		return;
	fail_msg("opcode 0x%02x, dst %d, src %d, off %d, imm 0x%x: Linux %s it, nicjit %s it", (unsigned int)code, dst, src, off,
		 (unsigned int)imm, kernel ? "takes" : "refuses", nicjit ? "takes" : "refuses");
}

static void fields_are_as_in_the_kernel(void **state)
{
	static const int regs[] = { 0, 2, 3 }, offs[] = { 0, 1, 8 }, imms[] = { 0, 1, 32, EBPF_XCHG, EBPF_LOAD_ACQUIRE };
	const struct ebpf_insn newest[] = { ST(DW, 10, -8, 0), ATOMIC(DW, 0, 10, -8, EBPF_LOAD_ACQUIRE), MOV(0, 1), EXIT };

	(void)state;
	if (!kernel_takes(newest, sizeof(newest) / sizeof(*newest))) {
		printf("the running kernel may not be asked, or is older than these instructions\n");
		skip();
	}
	for (int code = 0; code < 256; code++) {
		for (int n = 0; n < 3 * 3 * 3 * 5; n++)
			ask(code, regs[n % 3], regs[n / 3 % 3], offs[n / 9 % 3], imms[n / 27]);
		ask(code, 11, 0, 0, 0);
		ask(code, 0, 11, 0, 0);
	}
}

/* Behind a jump that is always taken. */
static void some_are_looked_at_in_dead_code(void **state)
{
	const struct ebpf_insn newest[] = { ST(DW, 10, -8, 0), ATOMIC(DW, 0, 10, -8, EBPF_LOAD_ACQUIRE), MOV(0, 1), EXIT };

	(void)state;
	if (!kernel_takes(newest, sizeof(newest) / sizeof(*newest)))
		skip();
	for (int code = 0; code < 256; code++) {
		struct ebpf_insn insns[] = { MOV(0, 1), J(EBPF_JEQ, 0, 1, 1), INSN((uint8_t)code, 2, 2, 0, 1), EXIT };

		int kernel = EBPF_CLASS(code) == EC_LDX || EBPF_CLASS(code) == EC_ALU64 ? kernel_takes(insns, 4) : -1;

		if (kernel >= 0 && kernel != nicjit_takes(insns, 4))
			fail_msg("opcode 0x%02x with an immediate: Linux %s it", (unsigned int)code, kernel ? "takes" : "refuses");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_as_in_the_kernel),
		cmocka_unit_test(some_are_looked_at_in_dead_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
