// SPDX-License-Identifier: Apache-2.0
#include "interp.h"
#include "tc.h"

#include <inttypes.h>

/* Missing from older <linux/bpf.h>. */
#define MODE_MEMSX 0x80

/* Byte 0 of a region lies in the middle of its range, so that offsets below 0 are still its own. No pointer near it has a lower half of 0: clang 19 tests
 * that of ctx->data (-mcpu=v3), as the field has 32 bits, and in Linux it is never 0. */
uint64_t memory_base(uint64_t region)
{
	return region << REGION_SHIFT | (uint64_t)1 << (REGION_SHIFT - 1) | (uint64_t)1 << 31;
}

uint64_t ref_map_address(uint32_t map)
{
	return memory_base(REGION_MAPS + (uint64_t)map);
}

uint64_t ref_code_address(uint32_t insn)
{
	return memory_base(REGION_CODE) + insn;
}

uint64_t ref_value_address(uint32_t map, uint64_t offset)
{
	return memory_base(REGION_VALUES + (uint64_t)map) + offset;
}

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

/* name: of the region, NULL where no memory is. */
static uint8_t *find_bytes(struct ref_machine *machine, uint64_t address, uint32_t size, bool write, const char **of)
{
	struct ref_run *run = machine->run;
	uint64_t region = address >> REGION_SHIFT;
	uint64_t offset = address - memory_base(region);
	const char *name = NULL;
	uint8_t *bytes = NULL;

	if (region == REGION_PACKET) {
		name = "packet";
		if ((int64_t)offset >= run->meta && (int64_t)offset + size <= run->end)
			bytes = run->packet + (int64_t)offset;
	} else if (region == REGION_STACK) {
		name = "stack";
		bytes = stack_bytes(run, offset, size);
	} else if (region == REGION_KEY) {
		name = "key";
		if (!write && offset / FRAME_STRIDE <= run->depth && offset % FRAME_STRIDE + size <= REF_KEY_MAX)
			bytes = run->frames[offset / FRAME_STRIDE].key + offset % FRAME_STRIDE;
	} else if (region == REGION_CTX) {
		name = "ctx";
	} else if (region >= REGION_VALUES && region < REGION_MAPS) {
		name = "map value";
		bytes = value_bytes(machine, region - REGION_VALUES, offset, size, write);
	}
	*of = name;
	return bytes;
}

const uint8_t *memory_peek(struct ref_machine *machine, uint64_t address)
{
	const char *name;

	return find_bytes(machine, address, 1, false, &name);
}

uint8_t *memory_bytes(struct ref_machine *machine, uint64_t address, uint32_t size, bool write)
{
	struct ref_run *run = machine->run;
	uint64_t offset = address - memory_base(address >> REGION_SHIFT);
	const char *name;
	uint8_t *bytes = find_bytes(machine, address, size, write, &name);

	if (!bytes && name)
		interp_fault(run, "%s of %" PRIu32 " bytes at %s%+" PRId64 " is not allowed",
			     write ? "write" : "read", size, name, (int64_t)offset);
	else if (!bytes)
		interp_fault(run, "%s of %" PRIu32 " bytes at 0x%" PRIx64 ", where no memory is",
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

/* Fields of struct xdp_md are 32 bits wide; those that stand for pointers give whole ones. */
static bool load_ctx(struct ref_run *run, int64_t offset, uint32_t size, uint64_t *value)
{
	if (size != 4)
		return interp_fault(run, "xdp_md is read 4 bytes at a time, not %" PRIu32, size);
	switch (offset) {
	case offsetof(struct xdp_md, data):
		*value = memory_base(REGION_PACKET) + (uint64_t)(int64_t)run->start;
		return true;
	case offsetof(struct xdp_md, data_meta):
		*value = memory_base(REGION_PACKET) + (uint64_t)(int64_t)run->meta;
		return true;
	case offsetof(struct xdp_md, data_end):
		*value = memory_base(REGION_PACKET) + (uint64_t)(int64_t)run->end;
		return true;
	case offsetof(struct xdp_md, ingress_ifindex):
		*value = 1;
		return true;
	case offsetof(struct xdp_md, rx_queue_index):
	case offsetof(struct xdp_md, egress_ifindex):
		*value = 0;
		return true;
	default:
		return interp_fault(run, "xdp_md has no field at offset %" PRId64, offset);
	}
}

/* Section 5.1 and 5.2. */
bool memory_load(struct ref_machine *machine, const struct bpf_insn *insn)
{
	struct ref_run *run = machine->run;
	uint64_t address = run->reg[insn->src_reg] + (uint64_t)(int64_t)insn->off;
	uint32_t size = width_bytes(insn->code);
	bool sign = BPF_MODE(insn->code) == MODE_MEMSX;
	const uint8_t *bytes;
	uint64_t value;

	if (insn->imm || (BPF_MODE(insn->code) != BPF_MEM && !(sign && size < 8)))
		return interp_fault(run, "opcode 0x%02x is not a load", insn->code);
	if (run->tc && address >> REGION_SHIFT == REGION_CTX && !sign)
		return tc_load(run, (int64_t)(address - memory_base(REGION_CTX)), size, &run->reg[insn->dst_reg]);
	if (run->has_ctx && address >> REGION_SHIFT == REGION_CTX && !sign)
		return load_ctx(run, (int64_t)(address - memory_base(REGION_CTX)), size,
				&run->reg[insn->dst_reg]);
	bytes = memory_bytes(machine, address, size, false);
	if (!bytes)
		return false;
	value = read_little(bytes, size);
	run->reg[insn->dst_reg] = sign ? alu_sign_extend(value, 8 * size) : value;
	return true;
}

static bool store(struct ref_machine *machine, const struct bpf_insn *insn, uint64_t value)
{
	struct ref_run *run = machine->run;
	uint32_t size = width_bytes(insn->code);
	uint64_t address = run->reg[insn->dst_reg] + (uint64_t)(int64_t)insn->off;
	uint8_t *bytes;

	if (run->tc && address >> REGION_SHIFT == REGION_CTX)
		return tc_store(run, (int64_t)(address - memory_base(REGION_CTX)), size, value);
	bytes = memory_bytes(machine, address, size, true);
	if (!bytes)
		return false;
	write_little(bytes, size, value);
	return true;
}

/* Whole and in order: so is everything here. */
static bool ordered(struct ref_machine *machine, const struct bpf_insn *insn)
{
	struct ref_run *run = machine->run;
	bool loads = insn->imm == REF_LOAD_ACQUIRE;
	uint32_t size = width_bytes(insn->code);
	uint64_t address = run->reg[loads ? insn->src_reg : insn->dst_reg] + (uint64_t)(int64_t)insn->off;
	uint8_t *bytes = memory_bytes(machine, address, size, !loads);

	if (!bytes)
		return false;
	if (loads && insn->dst_reg == FRAME_POINTER)
		return interp_fault(run, "r10 cannot be written");
	if (loads)
		run->reg[insn->dst_reg] = read_little(bytes, size);
	else
		write_little(bytes, size, run->reg[insn->src_reg]);
	return true;
}

/* Section 5.3. Registers get the old value zero-extended. */
static bool atomic(struct ref_machine *machine, const struct bpf_insn *insn)
{
	struct ref_run *run = machine->run;
	uint32_t size = width_bytes(insn->code);
	uint64_t address = run->reg[insn->dst_reg] + (uint64_t)(int64_t)insn->off;
	uint64_t source = run->reg[insn->src_reg], expected = run->reg[0], old, new;
	uint8_t *bytes;

	if (size < 4)
		return interp_fault(run, "atomic operations have 4 or 8 bytes, not %" PRIu32, size);
	bytes = memory_bytes(machine, address, size, true);
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
		return interp_fault(run, "atomic operation 0x%" PRIx32 " is unknown",
			     (uint32_t)insn->imm);
	}
	if (insn->imm & BPF_FETCH && insn->imm != BPF_CMPXCHG && insn->src_reg == FRAME_POINTER)
		return interp_fault(run, "r10 cannot be written");
	write_little(bytes, size, new);
	if (insn->imm == BPF_CMPXCHG)
		run->reg[0] = old;
	else if (insn->imm & BPF_FETCH)
		run->reg[insn->src_reg] = old;
	return true;
}

bool memory_store(struct ref_machine *machine, const struct bpf_insn *insn)
{
	if (BPF_MODE(insn->code) == BPF_ATOMIC)
		return insn->imm == REF_LOAD_ACQUIRE || insn->imm == REF_STORE_RELEASE ? ordered(machine, insn) : atomic(machine, insn);
	if (BPF_MODE(insn->code) != BPF_MEM || insn->imm)
		return interp_fault(machine->run, "opcode 0x%02x is not a store", insn->code);
	return store(machine, insn, machine->run->reg[insn->src_reg]);
}

bool memory_store_constant(struct ref_machine *machine, const struct bpf_insn *insn)
{
	if (BPF_MODE(insn->code) != BPF_MEM || insn->src_reg)
		return interp_fault(machine->run, "opcode 0x%02x is not a store", insn->code);
	return store(machine, insn, (uint64_t)(int64_t)insn->imm);
}

/* Section 5.4; relocation has turned maps and map values into constants already. */
bool memory_load_constant(struct ref_machine *machine, const struct bpf_insn *insn)
{
	const struct ref_program *program = machine->program;
	struct ref_run *run = machine->run;

	if (insn->code != (BPF_LD | BPF_DW | BPF_IMM))
		return interp_fault(run, "opcode 0x%02x is unknown", insn->code);
	if (run->pc + 1 >= program->count || insn[1].code || insn[1].dst_reg || insn[1].src_reg ||
	    insn[1].off || insn->off)
		return interp_fault(run, "the 64-bit constant is malformed");
	if (insn->src_reg)
		return interp_fault(run, "a 64-bit constant of kind %u needs a relocation",
			     insn->src_reg);
	run->reg[insn->dst_reg] = (uint64_t)(uint32_t)insn[1].imm << 32 | (uint32_t)insn->imm;
	run->pc++;
	return true;
}
