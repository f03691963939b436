// SPDX-License-Identifier: Apache-2.0
#include "interp.h"
#include "tc.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A NIC that was told nothing has two ports that do not forward. */
static const struct nic_fib_link ports[] = { { .ifindex = 1, .mtu = 1500 }, { .ifindex = 2, .mtu = 1500 } };
static const struct nic_fib no_routes = { .links = ports, .n_links = 2 };

struct ref_machine *ref_machine_create(struct ref_program *program)
{
	struct ref_machine *machine = calloc(1, sizeof(*machine));

	if (!machine)
		return NULL;
	machine->run = calloc(1, sizeof(*machine->run));
	if (!machine->run) {
		free(machine);
		return NULL;
	}
	machine->program = program;
	machine->fib = &no_routes;
	machine->prandom = REF_PRANDOM_SEED;
	return machine;
}

void ref_machine_free(struct ref_machine *machine)
{
	if (!machine)
		return;
	free(machine->run);
	free(machine);
}

bool interp_fault(struct ref_run *run, const char *fmt, ...)
{
	va_list ap;
	int used;

	if (run->fault[0])
		return false;
	used = snprintf(run->fault, sizeof(((struct ref_outcome *)0)->fault), "insn %" PRIu32 ": ",
			run->pc);
	va_start(ap, fmt);
	vsnprintf(run->fault + used, sizeof(((struct ref_outcome *)0)->fault) - (size_t)used, fmt,
		  ap);
	va_end(ap);
	return false;
}

static void set_frame_pointer(struct ref_run *run)
{
	run->reg[FRAME_POINTER] =
		memory_base(REGION_STACK) + (uint64_t)run->depth * FRAME_STRIDE + REF_STACK_SIZE;
}

/* The target is checked when it is fetched; wrapping below 0 lands far above any program. */
static void jump_by(struct ref_run *run, int32_t offset)
{
	run->pc += (uint32_t)offset;
}

bool interp_redirect(struct ref_run *run)
{
	if (run->reg[2])
		return false;
	run->target = (int32_t)run->reg[1] < 0 ? 0 : (uint32_t)run->reg[1];
	return true;
}

bool interp_enter(struct ref_run *run, int32_t offset)
{
	struct frame *frame;

	if (run->depth + 1 == run->first + REF_MAX_FRAMES)
		return interp_fault(run, "more than %d frames", REF_MAX_FRAMES);
	frame = &run->frames[++run->depth];
	frame->return_pc = run->pc;
	memcpy(frame->saved, &run->reg[6], sizeof(frame->saved));
	memset(frame->stack, run->stack_fill, sizeof(frame->stack));
	frame->rounds.active = false;
	set_frame_pointer(run);
	jump_by(run, offset);
	return true;
}

static bool leave_function(struct ref_machine *machine)
{
	struct ref_run *run = machine->run;
	const struct frame *frame = &run->frames[run->depth];

	if (!run->depth) {
		run->done = true;
		return true;
	}
	run->pc = frame->return_pc;
	memcpy(&run->reg[6], frame->saved, sizeof(frame->saved));
	run->depth--;
	set_frame_pointer(run);
	return !frame->rounds.active || callback_returned(machine, frame->rounds);
}

static bool do_call(struct ref_machine *machine, const struct bpf_insn *insn)
{
	if (insn->dst_reg || insn->off)
		return interp_fault(machine->run, "the call is malformed");
	switch (insn->src_reg) {
	case 0:
		return helper_call(machine, insn->imm);
	case BPF_PSEUDO_CALL:
		return interp_enter(machine->run, insn->imm);
	default:
		return kfunc_call(machine, insn->imm);
	}
}

static bool is_taken(uint8_t op, uint64_t a, uint64_t b)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	case BPF_JSET:
		return a & b;
	case BPF_JSGT:
		return (int64_t)a > (int64_t)b;
	case BPF_JSGE:
		return (int64_t)a >= (int64_t)b;
	case BPF_JSLT:
		return (int64_t)a < (int64_t)b;
	default:
		return (int64_t)a <= (int64_t)b;
	}
}

static bool do_branch(struct ref_run *run, const struct bpf_insn *insn)
{
	uint64_t a = run->reg[insn->dst_reg], b = run->reg[insn->src_reg];

	if (BPF_SRC(insn->code) ? insn->imm : insn->src_reg)
		return interp_fault(run, "opcode 0x%02x is malformed", insn->code);
	if (!BPF_SRC(insn->code))
		b = (uint64_t)(int64_t)insn->imm;
	/* Sign extension keeps the unsigned order of 32-bit numbers too. */
	if (BPF_CLASS(insn->code) == BPF_JMP32) {
		a = alu_sign_extend(a, 32);
		b = alu_sign_extend(b, 32);
	}
	if (is_taken(BPF_OP(insn->code), a, b))
		jump_by(run, insn->off);
	return true;
}

/* It jumps when it has gone on 2^23 times, which is more than the instructions a packet has (REF_MAX_INSNS). */
static bool may_goto(struct ref_run *run, const struct bpf_insn *insn)
{
	if (insn->dst_reg || insn->src_reg || insn->imm)
		return interp_fault(run, "may_goto is malformed");
	return true;
}

static bool do_jump(struct ref_machine *machine, const struct bpf_insn *insn)
{
	struct ref_run *run = machine->run;
	bool is_64 = BPF_CLASS(insn->code) == BPF_JMP;

	switch (insn->code) {
	case BPF_JMP | BPF_JA:
	case BPF_JMP32 | BPF_JA:
		if (insn->dst_reg || insn->src_reg || (is_64 ? insn->imm : insn->off))
			return interp_fault(run, "the jump is malformed");
		jump_by(run, is_64 ? insn->off : insn->imm);
		return true;
	case BPF_JMP | BPF_CALL:
		return do_call(machine, insn);
	case BPF_JMP | BPF_EXIT:
		if (insn->dst_reg || insn->src_reg || insn->imm) /* as in Linux, which does not look at the offset */
			return interp_fault(run, "the exit is malformed");
		return leave_function(machine);
	case REF_MAY_GOTO:
		return may_goto(run, insn);
	}
	switch (BPF_OP(insn->code)) {
	case BPF_JA:
	case BPF_CALL:
	case BPF_EXIT:
	case 0xe0:
	case 0xf0:
		return interp_fault(run, "opcode 0x%02x is unknown", insn->code);
	default:
		return do_branch(run, insn);
	}
}

static bool writes_dst(uint8_t code)
{
	return BPF_CLASS(code) == BPF_ALU || BPF_CLASS(code) == BPF_ALU64 ||
	       BPF_CLASS(code) == BPF_LDX || BPF_CLASS(code) == BPF_LD;
}

static bool do_classic_load(struct ref_machine *machine, const struct bpf_insn *insn)
{
	bool fails;

	if (BPF_MODE(insn->code) != BPF_ABS && BPF_MODE(insn->code) != BPF_IND)
		return interp_fault(machine->run, "opcode 0x%02x is unknown", insn->code);
	if (!tc_classic_load(machine->run, insn, &fails))
		return false;
	return !fails || leave_function(machine);
}

static bool do_insn(struct ref_machine *machine, const struct bpf_insn *insn)
{
	struct ref_run *run = machine->run;

	if (insn->dst_reg > FRAME_POINTER || insn->src_reg > FRAME_POINTER)
		return interp_fault(run, "there is no register above r10");
	if (insn->dst_reg == FRAME_POINTER && writes_dst(insn->code))
		return interp_fault(run, "r10 cannot be written");
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		return alu_run(run, insn);
	case BPF_JMP:
	case BPF_JMP32:
		return do_jump(machine, insn);
	case BPF_LDX:
		return memory_load(machine, insn);
	case BPF_ST:
		return memory_store_constant(machine, insn);
	case BPF_STX:
		return memory_store(machine, insn);
	default:
		return run->tc && insn->code != (BPF_LD | BPF_DW | BPF_IMM) ? do_classic_load(machine, insn) : memory_load_constant(machine, insn);
	}
}

static const char *find_trap(const struct ref_program *program, uint32_t pc)
{
	for (uint32_t i = 0; i < program->trap_count; i++)
		if (program->traps[i].insn == pc)
			return program->traps[i].why;
	return NULL;
}

uint64_t interp_execute(struct ref_machine *machine)
{
	const struct ref_program *program = machine->program;
	struct ref_run *run = machine->run;
	const char *why;
	uint64_t executed;

	for (executed = 0; !run->done; executed++) {
		if (executed == REF_MAX_INSNS) {
			interp_fault(run, "more than %d instructions were executed", REF_MAX_INSNS);
			break;
		}
		if (run->pc >= program->count) {
			interp_fault(run, "execution leaves the program");
			break;
		}
		why = program->trap_count ? find_trap(program, run->pc) : NULL;
		if (why) {
			interp_fault(run, "%s", why);
			break;
		}
		if (!do_insn(machine, &program->insns[run->pc]))
			break;
		run->pc++;
	}
	return executed;
}

void interp_prepare(struct ref_machine *machine, uint8_t *packet, uint32_t len, struct ref_outcome *outcome)
{
	struct ref_run *run = machine->run;

	memset(run, 0, offsetof(struct ref_run, frames));
	outcome->fault[0] = '\0';
	run->fault = outcome->fault;
	run->packet = packet;
	run->end = (int32_t)len;
	run->pc = machine->program->entry;
	run->stack_fill = machine->stack_fill;
	memset(run->frames[0].stack, run->stack_fill, sizeof(run->frames[0].stack));
	set_frame_pointer(run);
}

void ref_run_packet(struct ref_machine *machine, uint8_t *packet, uint32_t *len, uint32_t room,
		    struct ref_outcome *outcome)
{
	uint8_t *buffer = calloc(1, (size_t)REF_HEADROOM + *len + REF_PACKET_MAX);
	struct ref_run *run = machine->run;
	bool tc = machine->program->tc;
	struct tc_tag tag = { 0 };

	if (!buffer) {
		outcome->r0 = outcome->executed = outcome->target = 0;
		snprintf(outcome->fault, sizeof(outcome->fault), "out of memory");
		return;
	}
	if (tc)
		tag = tc_take_tag(packet, len);
	memcpy(buffer + REF_HEADROOM, packet, *len);
	interp_prepare(machine, buffer + REF_HEADROOM, *len, outcome);
	run->has_ctx = true;
	run->tc = tc;
	if (tc)
		tc_prepare(run, &tag);
	run->reg[1] = memory_base(REGION_CTX);
	outcome->executed = interp_execute(machine);
	outcome->target = run->target;
	outcome->r0 = outcome->fault[0] ? 0 : tc ? tc_verdict((uint32_t)run->reg[0]) : run->reg[0];
	*len = (uint32_t)(run->end - run->start);
	memcpy(packet, run->packet + run->start, *len < room ? *len : room);
	tc_give_tag(packet, len, room, &tag);
	free(buffer);
	run->packet = NULL;
}

void ref_run_memory(struct ref_machine *machine, uint8_t *memory, uint32_t len,
		    struct ref_outcome *outcome)
{
	interp_prepare(machine, memory, len, outcome);
	if (len) {
		machine->run->reg[1] = memory_base(REGION_PACKET);
		machine->run->reg[2] = len;
	}
	outcome->executed = interp_execute(machine);
	outcome->r0 = outcome->fault[0] ? 0 : machine->run->reg[0];
}
