// SPDX-License-Identifier: Apache-2.0
/*
 * Every region of memory has its own range of addresses, 2^40 bytes apart, so a pointer that left
 * its region never meets another one. Section numbers below are those of RFC 9669.
 */
#include "ref.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Missing from older <linux/bpf.h>. */
#define MODE_MEMSX 0x80

enum {
	REGION_SHIFT = 40,
	REGION_CTX = 1,
	REGION_PACKET,
	REGION_STACK,
	REGION_VALUES = 16,		/* one per map: its values */
	REGION_MAPS = 1 << 16,		/* one per map: the map itself, which has no bytes */
	FRAME_STRIDE = 2 * REF_STACK_SIZE,
	FRAME_POINTER = 10
};

enum {
	HELPER_MAP_LOOKUP = 1,
	HELPER_MAP_UPDATE = 2,
	HELPER_MAP_DELETE = 3,
	HELPER_KTIME = 5,
	HELPER_PRANDOM = 7,
	HELPER_CPU = 8
};

struct frame {
	uint32_t return_pc;
	uint64_t saved[4];		/* r6 to r9 of the caller */
	uint8_t stack[REF_STACK_SIZE];
};

struct ref_run {
	uint64_t reg[11];
	uint32_t pc;
	uint32_t depth;
	uint8_t *packet;
	uint32_t packet_len;
	bool has_ctx;
	bool done;
	char *fault;
	struct frame frames[REF_MAX_FRAMES];
};

/* Byte 0 of a region lies in the middle of its range, so that offsets below 0 are still its own. */
static uint64_t region_base(uint64_t region)
{
	return region << REGION_SHIFT | (uint64_t)1 << (REGION_SHIFT - 1);
}

uint64_t ref_map_address(uint32_t map)
{
	return region_base(REGION_MAPS + (uint64_t)map);
}

uint64_t ref_value_address(uint32_t map, uint64_t offset)
{
	return region_base(REGION_VALUES + (uint64_t)map) + offset;
}

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

/* Stops the packet. The first sentence stays. Always returns false. */
static bool __attribute__((format(printf, 2, 3))) fault(struct ref_run *run, const char *fmt, ...)
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

/* ---- memory ---- */

static uint8_t *stack_bytes(struct ref_run *run, uint64_t offset, uint32_t size)
{
	uint64_t frame = offset / FRAME_STRIDE, at = offset % FRAME_STRIDE;

	if (frame > run->depth || at + size > REF_STACK_SIZE)
		return NULL;
	return run->frames[frame].stack + at;
}

static uint8_t *value_bytes(struct ref_machine *machine, uint64_t map, uint64_t offset,
			    uint32_t size, bool write)
{
	if (map >= machine->program->map_count || !machine->program->maps[map])
		return NULL;
	if (write && ref_map_spec(machine->program->maps[map])->read_only)
		return NULL;
	return ref_map_bytes(machine->program->maps[map], offset, size);
}

/* The bytes behind an address, or NULL with a fault. The context is not memory, see load_ctx(). */
static uint8_t *bytes_at(struct ref_machine *machine, uint64_t address, uint32_t size, bool write)
{
	struct ref_run *run = machine->run;
	uint64_t region = address >> REGION_SHIFT;
	uint64_t offset = address - region_base(region);
	const char *name = NULL;
	uint8_t *bytes = NULL;

	if (region == REGION_PACKET) {
		name = "packet";
		if (offset <= run->packet_len && size <= run->packet_len - offset)
			bytes = run->packet + offset;
	} else if (region == REGION_STACK) {
		name = "stack";
		bytes = stack_bytes(run, offset, size);
	} else if (region == REGION_CTX) {
		name = "ctx";
	} else if (region >= REGION_VALUES && region < REGION_MAPS) {
		name = "map value";
		bytes = value_bytes(machine, region - REGION_VALUES, offset, size, write);
	}
	if (!bytes && name)
		fault(run, "%s of %" PRIu32 " bytes at %s%+" PRId64 " is not allowed",
		      write ? "write" : "read", size, name, (int64_t)offset);
	else if (!bytes)
		fault(run, "%s of %" PRIu32 " bytes at 0x%" PRIx64 ", where no memory is",
		      write ? "write" : "read", size, address);
	return bytes;
}

static uint32_t width_bytes(uint8_t code)
{
	switch (BPF_SIZE(code)) {
	case BPF_B:
		return 1;
	case BPF_H:
		return 2;
	case BPF_W:
		return 4;
	default:
		return 8;
	}
}

static uint64_t read_little(const uint8_t *bytes, uint32_t size)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < size; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

static void write_little(uint8_t *bytes, uint32_t size, uint64_t value)
{
	for (uint32_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t sign_extend(uint64_t value, uint32_t bits)
{
	uint64_t sign = (uint64_t)1 << (bits - 1);

	if (bits < 64)
		value &= ((uint64_t)1 << bits) - 1;
	return (value ^ sign) - sign;
}

/* Fields of struct xdp_md are 32 bits wide; those that stand for pointers give whole ones. */
static bool load_ctx(struct ref_run *run, int64_t offset, uint32_t size, uint64_t *value)
{
	if (size != 4)
		return fault(run, "xdp_md is read 4 bytes at a time, not %" PRIu32, size);
	switch (offset) {
	case offsetof(struct xdp_md, data):
	case offsetof(struct xdp_md, data_meta):
		*value = region_base(REGION_PACKET);
		return true;
	case offsetof(struct xdp_md, data_end):
		*value = region_base(REGION_PACKET) + run->packet_len;
		return true;
	case offsetof(struct xdp_md, ingress_ifindex):
		*value = 1;
		return true;
	case offsetof(struct xdp_md, rx_queue_index):
	case offsetof(struct xdp_md, egress_ifindex):
		*value = 0;
		return true;
	default:
		return fault(run, "xdp_md has no field at offset %" PRId64, offset);
	}
}

/* Section 5.1 and 5.2. */
static bool do_load(struct ref_machine *machine, const struct bpf_insn *insn)
{
	struct ref_run *run = machine->run;
	uint64_t address = run->reg[insn->src_reg] + (uint64_t)(int64_t)insn->off;
	uint32_t size = width_bytes(insn->code);
	bool sign = BPF_MODE(insn->code) == MODE_MEMSX;
	const uint8_t *bytes;
	uint64_t value;

	if (insn->imm || (BPF_MODE(insn->code) != BPF_MEM && !(sign && size < 8)))
		return fault(run, "opcode 0x%02x is not a load", insn->code);
	if (run->has_ctx && address >> REGION_SHIFT == REGION_CTX && !sign)
		return load_ctx(run, (int64_t)(address - region_base(REGION_CTX)), size,
				&run->reg[insn->dst_reg]);
	bytes = bytes_at(machine, address, size, false);
	if (!bytes)
		return false;
	value = read_little(bytes, size);
	run->reg[insn->dst_reg] = sign ? sign_extend(value, 8 * size) : value;
	return true;
}

static bool do_store(struct ref_machine *machine, const struct bpf_insn *insn, uint64_t value)
{
	struct ref_run *run = machine->run;
	uint32_t size = width_bytes(insn->code);
	uint8_t *bytes = bytes_at(machine, run->reg[insn->dst_reg] + (uint64_t)(int64_t)insn->off,
				  size, true);

	if (!bytes)
		return false;
	write_little(bytes, size, value);
	return true;
}

/* Section 5.3. Registers get the old value zero-extended. */
static bool do_atomic(struct ref_machine *machine, const struct bpf_insn *insn)
{
	struct ref_run *run = machine->run;
	uint32_t size = width_bytes(insn->code);
	uint64_t source = run->reg[insn->src_reg], expected = run->reg[0], old, new;
	uint8_t *bytes;

	if (size < 4)
		return fault(run, "atomic operations have 4 or 8 bytes, not %" PRIu32, size);
	bytes = bytes_at(machine, run->reg[insn->dst_reg] + (uint64_t)(int64_t)insn->off, size,
			 true);
	if (!bytes)
		return false;
	old = read_little(bytes, size);
	if (size == 4)
		expected = (uint32_t)expected;
	switch (insn->imm) {
	case BPF_ADD:
	case BPF_ADD | BPF_FETCH:
		new = old + source;
		break;
	case BPF_OR:
	case BPF_OR | BPF_FETCH:
		new = old | source;
		break;
	case BPF_AND:
	case BPF_AND | BPF_FETCH:
		new = old & source;
		break;
	case BPF_XOR:
	case BPF_XOR | BPF_FETCH:
		new = old ^ source;
		break;
	case BPF_XCHG:
		new = source;
		break;
	case BPF_CMPXCHG:
		new = old == expected ? source : old;
		break;
	default:
		return fault(run, "atomic operation 0x%" PRIx32 " is unknown",
			     (uint32_t)insn->imm);
	}
	if (insn->imm & BPF_FETCH && insn->imm != BPF_CMPXCHG && insn->src_reg == FRAME_POINTER)
		return fault(run, "r10 cannot be written");
	write_little(bytes, size, new);
	if (insn->imm == BPF_CMPXCHG)
		run->reg[0] = old;
	else if (insn->imm & BPF_FETCH)
		run->reg[insn->src_reg] = old;
	return true;
}

static bool do_store_register(struct ref_machine *machine, const struct bpf_insn *insn)
{
	if (BPF_MODE(insn->code) == BPF_ATOMIC)
		return do_atomic(machine, insn);
	if (BPF_MODE(insn->code) != BPF_MEM || insn->imm)
		return fault(machine->run, "opcode 0x%02x is not a store", insn->code);
	return do_store(machine, insn, machine->run->reg[insn->src_reg]);
}

static bool do_store_constant(struct ref_machine *machine, const struct bpf_insn *insn)
{
	if (BPF_MODE(insn->code) != BPF_MEM || insn->src_reg)
		return fault(machine->run, "opcode 0x%02x is not a store", insn->code);
	return do_store(machine, insn, (uint64_t)(int64_t)insn->imm);
}

/* Section 5.4; relocation has turned maps and map values into constants already. */
static bool do_load_constant(struct ref_run *run, const struct ref_program *program,
			     const struct bpf_insn *insn)
{
	if (insn->code != (BPF_LD | BPF_DW | BPF_IMM))
		return fault(run, "opcode 0x%02x is unknown", insn->code);
	if (run->pc + 1 >= program->count || insn[1].code || insn[1].dst_reg || insn[1].src_reg ||
	    insn[1].off || insn->off)
		return fault(run, "the 64-bit constant is malformed");
	if (insn->src_reg)
		return fault(run, "a 64-bit constant of kind %u needs a relocation",
			     insn->src_reg);
	run->reg[insn->dst_reg] = (uint64_t)(uint32_t)insn[1].imm << 32 | (uint32_t)insn->imm;
	run->pc++;
	return true;
}

/* ---- arithmetic, section 4.1 and 4.2 ---- */

static uint64_t swap_bytes(uint64_t value, uint32_t bits)
{
	uint64_t result = 0;

	for (uint32_t i = 0; i < bits; i += 8)
		result |= (value >> i & 0xff) << (bits - 8 - i);
	return result;
}

static bool do_byte_swap(struct ref_run *run, const struct bpf_insn *insn)
{
	bool is_64 = BPF_CLASS(insn->code) == BPF_ALU64, swap = is_64 || BPF_SRC(insn->code);
	uint64_t *dst = &run->reg[insn->dst_reg];

	if (insn->off || insn->src_reg || (is_64 && BPF_SRC(insn->code)) ||
	    (insn->imm != 16 && insn->imm != 32 && insn->imm != 64))
		return fault(run, "the byte swap is malformed");
	if (swap)
		*dst = swap_bytes(*dst, (uint32_t)insn->imm);
	else if (insn->imm < 64)
		*dst &= ((uint64_t)1 << insn->imm) - 1;
	return true;
}

/*
 * Operands of 32-bit operations arrive zero-extended for unsigned and sign-extended for signed
 * operators. The most negative number divided by -1 is itself, remainder 0; C leaves that open.
 */
static uint64_t divide(uint64_t a, uint64_t b, bool sign)
{
	if (!b)
		return 0;
	if (!sign)
		return a / b;
	return b == UINT64_MAX ? -a : (uint64_t)((int64_t)a / (int64_t)b);
}

static uint64_t modulo(uint64_t a, uint64_t b, bool sign)
{
	if (!b)
		return a;
	if (!sign)
		return a % b;
	return b == UINT64_MAX ? 0 : (uint64_t)((int64_t)a % (int64_t)b);
}

/* Fields that an operation does not use must be zero, section 3.1. */
static bool arithmetic_is_valid(const struct bpf_insn *insn)
{
	bool from_register = BPF_SRC(insn->code), is_64 = BPF_CLASS(insn->code) == BPF_ALU64;

	if (from_register ? insn->imm : insn->src_reg)
		return false;
	switch (BPF_OP(insn->code)) {
	case BPF_DIV:
	case BPF_MOD:
		return insn->off == 0 || insn->off == 1;
	case BPF_MOV:
		return !insn->off || (from_register && (insn->off == 8 || insn->off == 16 ||
							(insn->off == 32 && is_64)));
	case BPF_NEG:
		return !insn->off && !insn->imm && !from_register;
	default:
		return !insn->off;
	}
}

static bool do_arithmetic(struct ref_run *run, const struct bpf_insn *insn)
{
	bool is_64 = BPF_CLASS(insn->code) == BPF_ALU64, sign = insn->off == 1;
	uint32_t bits = is_64 ? 64 : 32;
	uint64_t a = run->reg[insn->dst_reg], b = run->reg[insn->src_reg];

	if (BPF_OP(insn->code) == BPF_END)
		return do_byte_swap(run, insn);
	if (!arithmetic_is_valid(insn))
		return fault(run, "opcode 0x%02x is malformed", insn->code);
	if (!BPF_SRC(insn->code))
		b = (uint64_t)(int64_t)insn->imm;
	if (!is_64) {
		a = sign ? sign_extend(a, 32) : (uint32_t)a;
		b = sign ? sign_extend(b, 32) : (uint32_t)b;
	}
	switch (BPF_OP(insn->code)) {
	case BPF_ADD:
		a += b;
		break;
	case BPF_SUB:
		a -= b;
		break;
	case BPF_MUL:
		a *= b;
		break;
	case BPF_DIV:
		a = divide(a, b, sign);
		break;
	case BPF_MOD:
		a = modulo(a, b, sign);
		break;
	case BPF_OR:
		a |= b;
		break;
	case BPF_AND:
		a &= b;
		break;
	case BPF_XOR:
		a ^= b;
		break;
	case BPF_LSH:
		a <<= b & (bits - 1);
		break;
	case BPF_RSH:
		a >>= b & (bits - 1);
		break;
	case BPF_ARSH:
		a = (uint64_t)((int64_t)sign_extend(a, bits) >> (b & (bits - 1)));
		break;
	case BPF_NEG:
		a = -a;
		break;
	case BPF_MOV:
		a = insn->off ? sign_extend(b, (uint32_t)insn->off) : b;
		break;
	default:
		return fault(run, "opcode 0x%02x is unknown", insn->code);
	}
	run->reg[insn->dst_reg] = is_64 ? a : (uint32_t)a;
	return true;
}

/* ---- helpers, section 4.3.1 ---- */

static struct ref_map *map_argument(struct ref_machine *machine)
{
	uint64_t region = machine->run->reg[1] >> REGION_SHIFT;
	uint64_t index = region - REGION_MAPS;

	if (region < REGION_MAPS || index >= machine->program->map_count ||
	    machine->run->reg[1] != ref_map_address((uint32_t)index)) {
		fault(machine->run, "r1 is not a map");
		return NULL;
	}
	return machine->program->maps[index];
}

static bool call_map_helper(struct ref_machine *machine, int32_t helper)
{
	struct ref_run *run = machine->run;
	struct ref_map *map = map_argument(machine);
	const uint8_t *key, *value;
	uint64_t *r0 = &run->reg[0];

	if (!map)
		return false;
	key = bytes_at(machine, run->reg[2], ref_map_spec(map)->key_size, false);
	if (!key)
		return false;
	switch (helper) {
	case HELPER_MAP_LOOKUP:
		value = ref_map_lookup(map, key);
		*r0 = 0;
		if (value)
			*r0 = ref_value_address((uint32_t)((run->reg[1] >> REGION_SHIFT) -
							   REGION_MAPS),
						ref_map_offset(map, value));
		return true;
	case HELPER_MAP_UPDATE:
		value = bytes_at(machine, run->reg[3], ref_map_spec(map)->value_size, false);
		if (!value)
			return false;
		*r0 = (uint64_t)(int64_t)ref_map_update(map, key, value, run->reg[4]);
		return true;
	default:
		*r0 = (uint64_t)(int64_t)ref_map_delete(map, key);
		return true;
	}
}

static uint32_t next_prandom(struct ref_machine *machine)
{
	uint32_t x = machine->prandom;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return machine->prandom = x;
}

static uint64_t clock_ns(const struct ref_machine *machine)
{
	struct timespec now;

	if (!machine->real_clock)
		return machine->time_ns;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static bool call_helper(struct ref_machine *machine, int32_t helper)
{
	uint64_t *r0 = &machine->run->reg[0];

	switch (helper) {
	case HELPER_MAP_LOOKUP:
	case HELPER_MAP_UPDATE:
	case HELPER_MAP_DELETE:
		return call_map_helper(machine, helper);
	case HELPER_KTIME:
		*r0 = clock_ns(machine);
		return true;
	case HELPER_PRANDOM:
		*r0 = next_prandom(machine);
		return true;
	case HELPER_CPU:
		*r0 = 0;
		return true;
	default:
		return fault(machine->run, "helper %" PRId32 " is not interpreted", helper);
	}
}

/* ---- jumps, section 4.3 ---- */

static void set_frame_pointer(struct ref_run *run)
{
	run->reg[FRAME_POINTER] =
		region_base(REGION_STACK) + (uint64_t)run->depth * FRAME_STRIDE + REF_STACK_SIZE;
}

/* The target is checked when it is fetched; wrapping below 0 lands far above any program. */
static void jump_by(struct ref_run *run, int32_t offset)
{
	run->pc += (uint32_t)offset;
}

static bool enter_function(struct ref_run *run, int32_t offset)
{
	struct frame *frame;

	if (run->depth + 1 == REF_MAX_FRAMES)
		return fault(run, "more than %d frames", REF_MAX_FRAMES);
	frame = &run->frames[++run->depth];
	frame->return_pc = run->pc;
	memcpy(frame->saved, &run->reg[6], sizeof(frame->saved));
	memset(frame->stack, 0, sizeof(frame->stack));
	set_frame_pointer(run);
	jump_by(run, offset);
	return true;
}

static void leave_function(struct ref_run *run)
{
	const struct frame *frame = &run->frames[run->depth];

	if (!run->depth) {
		run->done = true;
		return;
	}
	run->pc = frame->return_pc;
	memcpy(&run->reg[6], frame->saved, sizeof(frame->saved));
	run->depth--;
	set_frame_pointer(run);
}

static bool do_call(struct ref_machine *machine, const struct bpf_insn *insn)
{
	if (insn->dst_reg || insn->off)
		return fault(machine->run, "the call is malformed");
	switch (insn->src_reg) {
	case 0:
		return call_helper(machine, insn->imm);
	case BPF_PSEUDO_CALL:
		return enter_function(machine->run, insn->imm);
	default:
		return fault(machine->run, "kernel functions are not interpreted");
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
		return fault(run, "opcode 0x%02x is malformed", insn->code);
	if (!BPF_SRC(insn->code))
		b = (uint64_t)(int64_t)insn->imm;
	/* Sign extension keeps the unsigned order of 32-bit numbers too. */
	if (BPF_CLASS(insn->code) == BPF_JMP32) {
		a = sign_extend(a, 32);
		b = sign_extend(b, 32);
	}
	if (is_taken(BPF_OP(insn->code), a, b))
		jump_by(run, insn->off);
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
			return fault(run, "the jump is malformed");
		jump_by(run, is_64 ? insn->off : insn->imm);
		return true;
	case BPF_JMP | BPF_CALL:
		return do_call(machine, insn);
	case BPF_JMP | BPF_EXIT:
		if (insn->dst_reg || insn->src_reg || insn->off || insn->imm)
			return fault(run, "the exit is malformed");
		leave_function(run);
		return true;
	}
	switch (BPF_OP(insn->code)) {
	case BPF_JA:
	case BPF_CALL:
	case BPF_EXIT:
	case 0xe0:
	case 0xf0:
		return fault(run, "opcode 0x%02x is unknown", insn->code);
	default:
		return do_branch(run, insn);
	}
}

/* ---- the run ---- */

static bool writes_dst(uint8_t code)
{
	return BPF_CLASS(code) == BPF_ALU || BPF_CLASS(code) == BPF_ALU64 ||
	       BPF_CLASS(code) == BPF_LDX || BPF_CLASS(code) == BPF_LD;
}

static bool do_insn(struct ref_machine *machine, const struct bpf_insn *insn)
{
	struct ref_run *run = machine->run;

	if (insn->dst_reg > FRAME_POINTER || insn->src_reg > FRAME_POINTER)
		return fault(run, "there is no register above r10");
	if (insn->dst_reg == FRAME_POINTER && writes_dst(insn->code))
		return fault(run, "r10 cannot be written");
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		return do_arithmetic(run, insn);
	case BPF_JMP:
	case BPF_JMP32:
		return do_jump(machine, insn);
	case BPF_LDX:
		return do_load(machine, insn);
	case BPF_ST:
		return do_store_constant(machine, insn);
	case BPF_STX:
		return do_store_register(machine, insn);
	default:
		return do_load_constant(run, machine->program, insn);
	}
}

static const char *find_trap(const struct ref_program *program, uint32_t pc)
{
	for (uint32_t i = 0; i < program->trap_count; i++)
		if (program->traps[i].insn == pc)
			return program->traps[i].why;
	return NULL;
}

static void execute(struct ref_machine *machine)
{
	const struct ref_program *program = machine->program;
	struct ref_run *run = machine->run;
	const char *why;

	for (uint32_t executed = 0; !run->done; executed++) {
		if (executed == REF_MAX_INSNS) {
			fault(run, "more than %d instructions were executed", REF_MAX_INSNS);
			return;
		}
		if (run->pc >= program->count) {
			fault(run, "execution leaves the program");
			return;
		}
		why = program->trap_count ? find_trap(program, run->pc) : NULL;
		if (why) {
			fault(run, "%s", why);
			return;
		}
		if (!do_insn(machine, &program->insns[run->pc]))
			return;
		run->pc++;
	}
}

static void prepare(struct ref_machine *machine, uint8_t *packet, uint32_t len,
		    struct ref_outcome *outcome)
{
	struct ref_run *run = machine->run;

	memset(run, 0, sizeof(*run));
	outcome->fault[0] = '\0';
	run->fault = outcome->fault;
	run->packet = packet;
	run->packet_len = len;
	run->pc = machine->program->entry;
	set_frame_pointer(run);
}

void ref_run_packet(struct ref_machine *machine, uint8_t *packet, uint32_t len,
		    struct ref_outcome *outcome)
{
	prepare(machine, packet, len, outcome);
	machine->run->has_ctx = true;
	machine->run->reg[1] = region_base(REGION_CTX);
	execute(machine);
	outcome->r0 = outcome->fault[0] ? 0 : machine->run->reg[0];
}

void ref_run_memory(struct ref_machine *machine, uint8_t *memory, uint32_t len,
		    struct ref_outcome *outcome)
{
	prepare(machine, memory, len, outcome);
	if (len) {
		machine->run->reg[1] = region_base(REGION_PACKET);
		machine->run->reg[2] = len;
	}
	execute(machine);
	outcome->r0 = outcome->fault[0] ? 0 : machine->run->reg[0];
}
