// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The program around a classifier of tc, see tc.h, and the classic loads in it. */
#include "ctx.h"
#include "tc.h"
#include "verify.h"

enum { AROUND = 96, PER_LOAD = 22, MARKS = 16 };
enum { SKB_DATA = 76, SKB_DATA_END = 80 };
enum { VLAN_BYTES = 4, TAGGED_MIN = 20, ETHER_MIN = 14, ETHERTYPE_MIN = 0x600, BE_8021Q = 0x0081, BE_8021AD = 0xa888, BE_802_2 = 0x0400, BE_802_3 = 0x0100 };
enum { ACT_SHOT = 2, ACT_STOLEN = 4, ACT_REDIRECT = 7, XDP_ABORTED = 0, XDP_DROP = 1, XDP_PASS = 2, XDP_REDIRECT = 4 };
enum { NET_OFF = -0x100000, OFFSET_MAX = 0x7fff }; /* negative offsets: from the IP header, and 0x100000 below from the MAC header */

struct out {
	struct ebpf_insn *insns;
	uint32_t *origin;
	uint32_t n, of;       /* what is written stands for this instruction, or NO_INSN */
	struct { uint32_t from; int to; } jump[MARKS];
	uint32_t mark[MARKS], n_jumps;
};

static void put(struct out *o, unsigned int code, unsigned int dst, unsigned int src, int off, int32_t imm)
{
	o->origin[o->n] = o->of;
	o->insns[o->n++] = (struct ebpf_insn){ (uint8_t)code, (uint8_t)(src << 4 | dst), (int16_t)off, imm };
}

static void jump(struct out *o, unsigned int code, unsigned int dst, unsigned int src, int32_t imm, int to)
{
	o->jump[o->n_jumps].from = o->n;
	o->jump[o->n_jumps++].to = to;
	put(o, code, dst, src, 0, imm);
}

static void mark(struct out *o, int n)
{
	o->mark[n] = o->n;
}

/* The jumps since then lead to their marks. */
static void resolve(struct out *o)
{
	while (o->n_jumps) {
		uint32_t from = o->jump[--o->n_jumps].from;

		o->insns[from].off = (int16_t)(o->mark[o->jump[o->n_jumps].to] - from - 1);
	}
}

static void move(struct out *o, unsigned int dst, unsigned int src)
{
	put(o, EC_ALU64 | EBPF_MOV | EBPF_X, dst, src, 0, 0);
}

static void set(struct out *o, unsigned int dst, int32_t imm)
{
	put(o, EC_ALU64 | EBPF_MOV, dst, 0, 0, imm);
}

static void load(struct out *o, unsigned int size, unsigned int dst, unsigned int src, int off)
{
	put(o, EC_LDX | EBPF_MEM | size, dst, src, off, 0);
}

static void store(struct out *o, unsigned int size, unsigned int dst, int off, unsigned int src)
{
	put(o, EC_STX | EBPF_MEM | size, dst, src, off, 0);
}

static void turn(struct out *o, unsigned int reg, int bits)
{
	put(o, EC_ALU | EBPF_END | EBPF_X, reg, 0, 0, bits);
}

/* r2 and r3 become start and end of the packet; where it is shorter than n bytes, to. */
static void packet(struct out *o, unsigned int ctx, int32_t n, int to)
{
	load(o, EBPF_W, 2, ctx, SKB_DATA);
	load(o, EBPF_W, 3, ctx, SKB_DATA_END);
	move(o, 4, 2);
	put(o, EC_ALU64 | EBPF_ADD, 4, 0, 0, n);
	jump(o, EC_JMP | EBPF_JGT | EBPF_X, 4, 3, 0, to);
}

static void adjust_head(struct out *o, int32_t n)
{
	move(o, 1, 6);
	set(o, 2, n);
	put(o, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_XDP_ADJUST_HEAD);
}

/* ---- around ---- */

enum { ABORT, START, TAGGED, PROTOCOL, VERDICT, END };

/* r7: the outer tag as it lies in the packet, or 0; the MAC addresses go to its place. */
static void take_tag(struct out *o)
{
	set(o, 7, 0);
	packet(o, 6, TAGGED_MIN, START);
	load(o, EBPF_H, 5, 2, 12);
	jump(o, EC_JMP | EBPF_JEQ, 5, 0, BE_8021Q, TAGGED);
	jump(o, EC_JMP | EBPF_JNE, 5, 0, BE_8021AD, START);
	mark(o, TAGGED);
	load(o, EBPF_W, 7, 2, 12);
	load(o, EBPF_DW, 4, 2, 0);
	load(o, EBPF_W, 5, 2, 8);
	store(o, EBPF_DW, 2, 4, 4);
	store(o, EBPF_W, 2, 12, 5);
	adjust_head(o, VLAN_BYTES);
	mark(o, START);
}

static void give_tag(struct out *o)
{
	adjust_head(o, -VLAN_BYTES);
	jump(o, EC_JMP | EBPF_JNE, 0, 0, 0, ABORT);
	packet(o, 6, TAGGED_MIN, ABORT);
	load(o, EBPF_DW, 4, 2, 4);
	load(o, EBPF_W, 5, 2, 12);
	store(o, EBPF_DW, 2, 0, 4);
	store(o, EBPF_W, 2, 8, 5);
	store(o, EBPF_W, 2, 12, 7);
}

static void set_vlan(struct out *o)
{
	move(o, 4, 7);
	put(o, EC_ALU64 | EBPF_AND, 4, 0, 0, 0xffff);
	store(o, EBPF_W, 10, CTX_VLAN_PROTO, 4);
	move(o, 4, 7);
	put(o, EC_ALU64 | EBPF_RSH, 4, 0, 0, 16);
	turn(o, 4, 16);
	store(o, EBPF_W, 10, CTX_VLAN_TCI, 4);
	set(o, 4, 0);
	put(o, EC_JMP | EBPF_JEQ, 7, 0, 1, 0);
	set(o, 4, 1);
	store(o, EBPF_W, 10, CTX_VLAN_PRESENT, 4);
}

/* What eth_type_trans() of Linux says: frames with a length have a protocol of their own. */
static void set_protocol(struct out *o)
{
	set(o, 5, 0);
	packet(o, 6, ETHER_MIN, PROTOCOL);
	load(o, EBPF_H, 5, 2, 12);
	move(o, 4, 5);
	turn(o, 4, 16);
	jump(o, EC_JMP | EBPF_JGE, 4, 0, ETHERTYPE_MIN, PROTOCOL);
	set(o, 5, BE_802_2);
	put(o, EC_ALU64 | EBPF_ADD, 2, 0, 0, ETHER_MIN + 2);
	jump(o, EC_JMP | EBPF_JGT | EBPF_X, 2, 3, 0, PROTOCOL);
	load(o, EBPF_H, 4, 2, -2);
	jump(o, EC_JMP | EBPF_JNE, 4, 0, 0xffff, PROTOCOL);
	set(o, 5, BE_802_3);
	mark(o, PROTOCOL);
	store(o, EBPF_W, 10, CTX_PROTOCOL, 5);
}

/* Whether there may be a load of one of the context's bytes from..to: of what, is not known yet. */
static int may_read(const struct prog *p, int from, int to)
{
	for (uint32_t k = 0; k < p->n_insns; k++)
		if (EBPF_CLASS(p->insns[k].code) == EC_LDX && p->insns[k].off >= from && p->insns[k].off < to)
			return 1;
	return 0;
}

/* As cls_bpf has it: what is none of its verdicts goes on to the next filter, and there is none. */
static void verdict(struct out *o)
{
	mark(o, VERDICT);
	set(o, 0, XDP_DROP);
	jump(o, EC_JMP32 | EBPF_JEQ, 8, 0, ACT_SHOT, END);
	jump(o, EC_JMP32 | EBPF_JEQ, 8, 0, ACT_STOLEN, END);
	set(o, 0, XDP_REDIRECT);
	jump(o, EC_JMP32 | EBPF_JEQ, 8, 0, ACT_REDIRECT, END);
	set(o, 0, XDP_PASS);
	mark(o, END);
	put(o, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* Fields that begin as 0. */
static const struct {
	uint8_t off, bytes;
	int8_t at;
} zero[] = { { 8, 4, CTX_MARK }, { 32, 4, CTX_PRIORITY }, { 44, 4, CTX_TC_INDEX }, { 48, 20, CTX_CB }, { 72, 4, CTX_TC_CLASSID } };

static void around(struct out *o, const struct prog *p)
{
	uint32_t call;

	o->of = NO_INSN;
	move(o, 6, 1);
	take_tag(o);
	if (may_read(p, 16, 20))
		set_protocol(o);
	if (may_read(p, 20, 32))
		set_vlan(o);
	for (size_t k = 0; k < sizeof(zero) / sizeof(*zero); k++)
		for (int at = 0; at < zero[k].bytes && may_read(p, zero[k].off, zero[k].off + zero[k].bytes); at += 4)
			put(o, EC_ST | EBPF_MEM | EBPF_W, 10, 0, zero[k].at + at, 0);
	move(o, 1, 6);
	call = o->n;
	put(o, EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 0, 0);
	move(o, 8, 0);
	jump(o, EC_JMP | EBPF_JEQ, 7, 0, 0, VERDICT);
	give_tag(o);
	verdict(o);
	mark(o, ABORT);
	set(o, 0, XDP_ABORTED);
	put(o, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	resolve(o);
	o->insns[call].imm = (int32_t)(o->n - call - 1);
}

/* ---- the classic loads ---- */

enum { FAIL = 8, POSITIVE, LOADED };

static int is_classic(const struct ebpf_insn *i)
{
	int mode = EBPF_MODE(i->code);

	return EBPF_CLASS(i->code) == EC_LD && (mode == EBPF_ABS || mode == EBPF_IND) && EBPF_SIZE(i->code) != EBPF_DW;
}

static int bytes_of(const struct ebpf_insn *i)
{
	return EBPF_SIZE(i->code) == EBPF_W ? 4 : EBPF_SIZE(i->code) == EBPF_H ? 2 : 1;
}

/* r0: the offset, from where it counts on; FAIL when it is from nowhere. */
static void offset(struct out *o, const struct ebpf_insn *i)
{
	if (EBPF_MODE(i->code) == EBPF_ABS) {
		put(o, EC_ALU | EBPF_MOV, 0, 0, 0, i->imm);
	} else {
		put(o, EC_ALU | EBPF_MOV | EBPF_X, 0, ebpf_src(i), 0, 0);
		put(o, EC_ALU | EBPF_ADD, 0, 0, 0, i->imm);
	}
	jump(o, EC_JMP32 | EBPF_JSGE, 0, 0, 0, POSITIVE);
	put(o, EC_ALU | EBPF_SUB, 0, 0, 0, NET_OFF - ETHER_MIN);
	jump(o, EC_JMP32 | EBPF_JSGE, 0, 0, ETHER_MIN, POSITIVE);
	put(o, EC_ALU | EBPF_SUB, 0, 0, 0, NET_OFF + ETHER_MIN);
	mark(o, POSITIVE);
	jump(o, EC_JMP | EBPF_JGT, 0, 0, OFFSET_MAX, FAIL);
}

/* r6 is the context. Where the packet has not so many bytes the function returns 0. */
static void classic_load(struct out *o, const struct ebpf_insn *i)
{
	int n = bytes_of(i);

	if (EBPF_MODE(i->code) == EBPF_ABS && i->imm >= 0 && i->imm <= OFFSET_MAX - 4) {
		packet(o, 6, i->imm + n, FAIL);
		load(o, EBPF_SIZE(i->code), 0, 2, i->imm);
	} else {
		offset(o, i);
		load(o, EBPF_W, 2, 6, SKB_DATA);
		load(o, EBPF_W, 3, 6, SKB_DATA_END);
		put(o, EC_ALU64 | EBPF_ADD | EBPF_X, 2, 0, 0, 0);
		move(o, 4, 2);
		put(o, EC_ALU64 | EBPF_ADD, 4, 0, 0, n);
		jump(o, EC_JMP | EBPF_JGT | EBPF_X, 4, 3, 0, FAIL);
		load(o, EBPF_SIZE(i->code), 0, 2, 0);
	}
	if (n > 1)
		turn(o, 0, 8 * n);
	jump(o, EC_JMP | EBPF_JA, 0, 0, 0, LOADED);
	mark(o, FAIL);
	set(o, 0, 0);
	put(o, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	mark(o, LOADED);
	resolve(o);
}

static uint32_t count_loads(const struct prog *p)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < p->n_insns; k++)
		n += (uint32_t)is_classic(&p->insns[k]);
	return n;
}

uint32_t tc_insns(const struct prog *p)
{
	return p->n_insns + AROUND + PER_LOAD * count_loads(p);
}

/* ---- all of it ---- */

static int leads_far(const struct ebpf_insn *i)
{
	return insn_is_local_call(i) || insn_is_function(i) || i->code == (EC_JMP32 | EBPF_JA);
}

/* Jumps and calls over code that has become longer; at: where each instruction is now. */
static int relocate(struct compile *c, const struct prog *p, struct out *o, const uint32_t *at)
{
	for (uint32_t k = 0; k < p->n_insns; k++) {
		const struct ebpf_insn *i = &p->insns[k];
		int far = leads_far(i);
		uint32_t to;
		int64_t distance;

		if (!is_classic(i) && (far || insn_is_jump(i))) {
			to = k + 1 + (uint32_t)(far ? i->imm : i->off);
			distance = to < p->n_insns ? (int64_t)at[to] - at[k] - 1 : INT16_MAX; /* for others to refuse */
			if (!far && distance != (int16_t)distance)
				return error(c, (int)k, "with its classic packet loads the program is too long for this jump");
			if (far)
				o->insns[at[k]].imm = (int32_t)distance;
			else
				o->insns[at[k]].off = (int16_t)distance;
		}
		if (insn_is_wide(i))
			k++;
	}
	return 0;
}

int tc_run(struct compile *c, const struct prog *p)
{
	uint32_t most = tc_insns(p), *at = arena_alloc(c->arena, (p->n_insns + 1) * sizeof(*at));
	struct prog *wrapped = arena_alloc(c->arena, sizeof(*wrapped));
	struct out *o = arena_alloc(c->arena, sizeof(*o));

	if (!at || !wrapped || !o)
		return -1;
	o->insns = arena_alloc(c->arena, most * sizeof(*o->insns));
	o->origin = arena_alloc(c->arena, most * sizeof(*o->origin));
	if (!o->insns || !o->origin)
		return -1;
	around(o, p);
	for (o->of = 0; o->of < p->n_insns; o->of++) {
		at[o->of] = o->n;
		if (is_classic(&p->insns[o->of]))
			classic_load(o, &p->insns[o->of]);
		else
			o->insns[o->n] = p->insns[o->of], o->origin[o->n++] = o->of;
	}
	if (relocate(c, p, o, at))
		return -1;
	*wrapped = *p;
	wrapped->insns = o->insns;
	wrapped->n_insns = o->n;
	c->prog = wrapped;
	c->source = p;
	c->of_source = o->origin;
	return 0;
}
