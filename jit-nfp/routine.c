// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * The routines. What they keep on their caller's stack:
 *   dynptr, 16 bytes: the context; then its length, or DYNPTR_NULL, and from bit 32 on where it begins in the packet
 *   iterator over numbers, 8 bytes: the last number it gave, and from bit 32 on the one that ends it
 */
#include "routine.h"
#include "util.h"

enum { ERROR_TOO_BIG = -7, ERROR_INVALID = -22, ERROR_RANGE = -34, ERROR_NOT_SUPPORTED = -95, ROUNDS_MOST = 1 << 23 };
enum { PACKET_MOST = 0x3fff /* a packet is shorter, and the verifier knows how far beyond it a pointer can lead */ };
#define DYNPTR_NULL INT32_MIN

#define INSN(c, dst, src, o, i)   { (c), (uint8_t)((src) << 4 | (dst)), (o), (i) }
#define MOV(dst, src)             INSN(EC_ALU64 | EBPF_MOV | EBPF_X, dst, src, 0, 0)
#define MOV_K(dst, k)             INSN(EC_ALU64 | EBPF_MOV, dst, 0, 0, k)
#define MOV32(dst, src)           INSN(EC_ALU | EBPF_MOV | EBPF_X, dst, src, 0, 0)
#define MOV32_K(dst, k)           INSN(EC_ALU | EBPF_MOV, dst, 0, 0, k)
#define ALU(op, dst, src)         INSN(EC_ALU64 | EBPF_##op | EBPF_X, dst, src, 0, 0)
#define ALU_K(op, dst, k)         INSN(EC_ALU64 | EBPF_##op, dst, 0, 0, k)
#define ALU32(op, dst, src)       INSN(EC_ALU | EBPF_##op | EBPF_X, dst, src, 0, 0)
#define ALU32_K(op, dst, k)       INSN(EC_ALU | EBPF_##op, dst, 0, 0, k)
#define LOAD(size, dst, src, o)   INSN(EC_LDX | EBPF_MEM | EBPF_##size, dst, src, o, 0)
#define STORE(size, dst, src, o)  INSN(EC_STX | EBPF_MEM | EBPF_##size, dst, src, o, 0)
#define STORE_K(size, dst, o, k)  INSN(EC_ST | EBPF_MEM | EBPF_##size, dst, 0, o, k)
#define J(op, a, b, o)            INSN(EC_JMP | EBPF_J##op | EBPF_X, a, b, o, 0)
#define J_K(op, a, k, o)          INSN(EC_JMP | EBPF_J##op, a, 0, o, k)
#define J32(op, a, b, o)          INSN(EC_JMP32 | EBPF_J##op | EBPF_X, a, b, o, 0)
#define J32_K(op, a, k, o)        INSN(EC_JMP32 | EBPF_J##op, a, 0, o, k)
#define CALL(helper)              INSN(EC_JMP | EBPF_CALL, 0, EBPF_CALL_HELPER, 0, helper)
#define EXIT                      INSN(EC_JMP | EBPF_EXIT, 0, 0, 0, 0)

/* (context, flags, dynptr) */
static const struct ebpf_insn dynptr_from_xdp[] = {
	MOV(6, 1),
	MOV(7, 3),
	J_K(NE, 2, 0, 6),
	CALL(HELPER_XDP_GET_BUFF_LEN),
	ALU_K(AND, 0, PACKET_MOST),
	STORE(DW, 7, 6, 0),
	STORE(DW, 7, 0, 8),
	MOV_K(0, 0),
	EXIT,
	STORE_K(DW, 7, 0, 0),                             /* flags */
	MOV32_K(1, DYNPTR_NULL),
	STORE(DW, 7, 1, 8),
	MOV32_K(0, ERROR_INVALID),
	EXIT,
};

/* (dynptr, offset, buffer or NULL, length): the packet's own bytes; the buffer would be for packets in pieces */
static const struct ebpf_insn dynptr_slice[] = {
	LOAD(DW, 5, 1, 8),
	MOV32(2, 2),
	MOV32(4, 4),
	J32_K(SET, 5, DYNPTR_NULL, 15),
	MOV32(0, 5),
	J(GT, 4, 0, 13),
	ALU(SUB, 0, 4),
	J(GT, 2, 0, 11),
	ALU_K(RSH, 5, 32),
	ALU(ADD, 2, 5),
	J_K(GT, 2, PACKET_MOST, 8),
	LOAD(DW, 6, 1, 0),
	LOAD(W, 0, 6, 0),                                 /* data */
	LOAD(W, 7, 6, 4),                                 /* data_end */
	ALU(ADD, 0, 2),
	MOV(8, 0),
	ALU(ADD, 8, 4),
	J(GT, 8, 7, 1),
	EXIT,
	MOV_K(0, 0),
	EXIT,
};

/* (dynptr) */
static const struct ebpf_insn dynptr_size[] = {
	LOAD(DW, 1, 1, 8),
	J32_K(SET, 1, DYNPTR_NULL, 2),
	MOV32(0, 1),
	EXIT,
	MOV32_K(0, ERROR_INVALID),
	EXIT,
};

static const struct ebpf_insn dynptr_is_null[] = {
	LOAD(DW, 0, 1, 8),
	ALU32_K(RSH, 0, 31),
	EXIT,
};

static const struct ebpf_insn dynptr_is_rdonly[] = {
	MOV_K(0, 0),
	EXIT,
};

/* (dynptr, start, end) */
static const struct ebpf_insn dynptr_adjust[] = {
	LOAD(DW, 4, 1, 8),
	J32_K(SET, 4, DYNPTR_NULL, 13),
	MOV32(2, 2),
	MOV32(3, 3),
	J(GT, 2, 3, 10),
	MOV32(5, 4),
	J(GT, 3, 5, 10),                                  /* and so is the start */
	ALU(SUB, 3, 2),
	ALU_K(RSH, 4, 32),
	ALU(ADD, 4, 2),
	ALU_K(LSH, 4, 32),
	ALU(OR, 4, 3),
	STORE(DW, 1, 4, 8),
	MOV_K(0, 0),
	EXIT,
	MOV32_K(0, ERROR_INVALID),
	EXIT,
	MOV32_K(0, ERROR_RANGE),
	EXIT,
};

/* (dynptr, new dynptr) */
static const struct ebpf_insn dynptr_clone[] = {
	LOAD(DW, 3, 1, 0),
	LOAD(DW, 4, 1, 8),
	STORE(DW, 2, 3, 0),
	STORE(DW, 2, 4, 8),
	MOV_K(0, 0),
	J32_K(SET, 4, DYNPTR_NULL, 1),
	EXIT,
	MOV32_K(0, ERROR_INVALID),
	EXIT,
};

/* What bpf_dynptr_read(to, length, dynptr, offset, flags) and bpf_dynptr_write(dynptr, offset, from, length, flags) have in common:
 * r6 is the dynptr, r7 the offset, r8 the memory, r9 the length. Nothing is copied where the packet has become too short. */
#define DYNPTR_COPY(helper) \
	LOAD(DW, 1, 6, 8), \
	J32_K(SET, 1, DYNPTR_NULL, 20), \
	MOV32(9, 9), \
	MOV32(7, 7), \
	MOV32(2, 1), \
	J(GT, 9, 2, 18), \
	ALU(SUB, 2, 9), \
	J(GT, 7, 2, 16), \
	J_K(NE, 5, 0, 13),                                /* flags */ \
	ALU_K(RSH, 1, 32), \
	ALU(ADD, 7, 1), \
	LOAD(DW, 1, 6, 0), \
	J_K(EQ, 9, 0, 5), \
	MOV(2, 7), \
	MOV(3, 8), \
	MOV(4, 9), \
	CALL(helper), \
	EXIT, \
	CALL(HELPER_XDP_GET_BUFF_LEN), \
	J(GT, 7, 0, 2), \
	MOV_K(0, 0), \
	EXIT, \
	MOV_K(0, ERROR_INVALID), \
	EXIT, \
	MOV_K(0, ERROR_TOO_BIG), \
	EXIT

static const struct ebpf_insn dynptr_read[] = {
	MOV(8, 1), MOV(9, 2), MOV(6, 3), MOV(7, 4),
	J_K(NE, 5, 0, 22),                                /* it looks at the flags first */
	DYNPTR_COPY(HELPER_XDP_LOAD_BYTES),
};

static const struct ebpf_insn dynptr_write[] = {
	MOV(6, 1), MOV(7, 2), MOV(8, 3), MOV(9, 4),
	DYNPTR_COPY(HELPER_XDP_STORE_BYTES),
};

/* (iterator, first number, the one behind the last) */
static const struct ebpf_insn iter_num_new[] = {
	J32(SGT, 2, 3, 14),
	MOV(4, 3),
	ALU_K(LSH, 4, 32),
	ALU_K(ARSH, 4, 32),
	MOV(5, 2),
	ALU_K(LSH, 5, 32),
	ALU_K(ARSH, 5, 32),
	ALU(SUB, 4, 5),
	J_K(SGT, 4, ROUNDS_MOST, 9),
	ALU32_K(ADD, 2, -1),
	ALU_K(LSH, 3, 32),
	ALU(OR, 3, 2),
	STORE(DW, 1, 3, 0),
	MOV_K(0, 0),
	EXIT,
	STORE_K(DW, 1, 0, 0),
	MOV32_K(0, ERROR_INVALID),
	EXIT,
	STORE_K(DW, 1, 0, 0),
	MOV32_K(0, ERROR_TOO_BIG),
	EXIT,
};

/* (iterator): where it keeps the number, or NULL */
static const struct ebpf_insn iter_num_next[] = {
	LOAD(DW, 2, 1, 0),
	MOV(3, 2),
	ALU_K(RSH, 3, 32),
	ALU32_K(ADD, 2, 1),
	J32(SGE, 2, 3, 5),
	ALU_K(LSH, 3, 32),
	ALU(OR, 3, 2),
	STORE(DW, 1, 3, 0),
	MOV(0, 1),
	EXIT,
	STORE_K(DW, 1, 0, 0),
	MOV_K(0, 0),
	EXIT,
};

static const struct ebpf_insn iter_num_destroy[] = {
	STORE_K(DW, 1, 0, 0),
	MOV_K(0, 0),
	EXIT,
};

/* (context, length): whether as much of the packet lies in one piece, as all of it does */
static const struct ebpf_insn xdp_pull_data[] = {
	MOV32(6, 2),
	CALL(HELPER_XDP_GET_BUFF_LEN),
	J(GT, 6, 0, 2),
	MOV_K(0, 0),
	EXIT,
	MOV32_K(0, ERROR_INVALID),
	EXIT,
};

/* Arrival time, hash and tag of a packet (context, where to put it, ..) stay outside the cores: what the kernel says where a driver has none. */
static const struct ebpf_insn no_metadata[] = {
	MOV32_K(0, ERROR_NOT_SUPPORTED),
	EXIT,
};

#define CODE(n) .n_insns = sizeof(n) / sizeof(*(n)), .insns = n

static const struct routine routines[] = {
	{ .name = "dynptr_from_xdp", .args = "cnD", .leaves = OWNER_DYNPTR, CODE(dynptr_from_xdp) },
	{ .name = "dynptr_slice", .args = "dnbk", CODE(dynptr_slice) },
	{ .name = "dynptr_slice_rdwr", .args = "dnbk", CODE(dynptr_slice) },
	{ .name = "dynptr_size", .args = "d", CODE(dynptr_size) },
	{ .name = "dynptr_is_null", .args = "d", CODE(dynptr_is_null) },
	{ .name = "dynptr_is_rdonly", .args = "d", CODE(dynptr_is_rdonly) },
	{ .name = "dynptr_adjust", .args = "dnn", .leaves = OWNER_DYNPTR, CODE(dynptr_adjust) },
	{ .name = "dynptr_clone", .args = "dD", .leaves = OWNER_DYNPTR, CODE(dynptr_clone) },
	{ .name = "iter_num_new", .args = "Inn", .leaves = OWNER_ITERATOR, CODE(iter_num_new) },
	{ .name = "iter_num_next", .args = "i", .leaves = OWNER_ITERATOR, .gives_place = 1, .rounds = 1, CODE(iter_num_next) },
	{ .name = "iter_num_destroy", .args = "i", CODE(iter_num_destroy) },
	{ .name = "xdp_pull_data", .args = "cn", .drops_pointers = 1, CODE(xdp_pull_data) },
	{ .name = "xdp_metadata_rx_timestamp", .args = "cm", CODE(no_metadata) },
	{ .name = "xdp_metadata_rx_hash", .args = "cmm", CODE(no_metadata) },
	{ .name = "xdp_metadata_rx_vlan_tag", .args = "cmm", CODE(no_metadata) },
	{ .name = "dynptr_read", .helper = 201, .args = "mndnn", CODE(dynptr_read) },
	{ .name = "dynptr_write", .helper = 202, .args = "dnmnn", CODE(dynptr_write) },
};
enum { N_ROUTINES = sizeof(routines) / sizeof(*routines) };

const struct routine *routine_at(unsigned int n)
{
	return n < N_ROUTINES ? &routines[n] : NULL;
}

const struct routine *routine_called(const struct ebpf_insn *i)
{
	if (i->code != (EC_JMP | EBPF_CALL))
		return NULL;
	if (ebpf_src(i) == EBPF_CALL_KFUNC)
		return i->imm >= ROUTINE_BASE ? routine_at((unsigned int)(i->imm - ROUTINE_BASE)) : NULL;
	for (unsigned int n = 0; ebpf_src(i) == EBPF_CALL_HELPER && n < N_ROUTINES; n++)
		if (routines[n].helper && routines[n].helper == i->imm)
			return &routines[n];
	return NULL;
}

int routine_kfunc(const char *name)
{
	static const char prefix[] = "bpf_";

	for (const char *p = prefix; *p; p++, name++)
		if (*name != *p)
			return 0;
	for (unsigned int n = 0; n < N_ROUTINES; n++)
		if (!routines[n].helper && !strcmp(name, routines[n].name))
			return ROUTINE_BASE + (int)n;
	return 0;
}
