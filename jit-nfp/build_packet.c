// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Moving the packet's start and end, and its metadata. The NIC moves no bytes: zeroes in what a packet grows by and metadata that goes along with
 * the start are stores. */
#include "build.h"
#include "helpers.h"
#include "hw/spec/regs.h"

enum { E_NOMEM = 12, E_INVAL = 22, PACKET_MIN = 14, UNROLLED = 64 };

static struct value *adjust(struct build *b, enum isa_op op)
{
	struct value *v = emit(b, IR_ADJ, b->var[2], NULL);

	if (v)
		v->imm = (int64_t)op;
	return v;
}

/* ---- the end ---- */

static void zero(struct build *b, struct value *at, int64_t off, uint32_t size)
{
	struct value *v = emit(b, IR_ST, at, konst(b, 0));

	if (!v)
		return;
	v->imm = off;
	v->width = (uint8_t)size;
	v->region[0] = R_PKT;
}

/* In pieces of `size` bytes at most. */
static void zero_constant(struct build *b, struct value *from, uint32_t n, uint32_t size)
{
	uint32_t at = 0;

	for (; size; size /= 2)
		for (; n - at >= size; at += size)
			zero(b, from, at, size);
}

static void zero_variable(struct build *b, struct value *from, struct value *end)
{
	struct block *more = ir_block(b->f, place(b)), *rest = ir_block(b->f, place(b));
	struct value *at = loop_open(b, from), *left = emit(b, IR_SUB, end, at);

	branch(b, OP_JLT, left, konst(b, 8), ODDS_ONE / 4, rest, more);
	b->at = more;
	zero(b, at, 0, 8);
	loop_close(b, at, emit(b, IR_ADD, at, konst(b, 8)));
	b->at = rest;
	for (uint32_t size = 4; size; size /= 2) {
		struct block *after = when(b, OP_JSET, left, konst(b, size));

		zero(b, at, 0, size);
		end_when(b, after);
		at = emit(b, IR_ADD, at, emit(b, IR_AND, left, konst(b, size)));
	}
}

static int adjust_tail(struct build *b)
{
	struct value *delta = b->var[2], *result = adjust(b, OP_ADJT), *end;
	struct block *ok, *grown;

	b->var[0] = result;
	if (b->c->arena->failed)
		return -1;
	if (ir_is_const(delta) && (int32_t)delta->imm <= 0)
		return 0;
	ok = when(b, OP_JEQ, result, konst(b, 0));
	if (ir_is_const(delta) && (uint32_t)delta->imm <= UNROLLED) {
		zero_constant(b, emit(b, IR_SUB, emit_place(b, SR_DATA_END), delta), (uint32_t)delta->imm, 8);
	} else {
		delta = emit_field(b, IR_SBFX, delta, 0, 32);
		grown = when(b, OP_JSGT, delta, konst(b, 0));
		end = emit_place(b, SR_DATA_END);
		zero_variable(b, emit(b, IR_SUB, end, delta), end);
		end_when(b, grown);
	}
	end_when(b, ok);
	return 0;
}

/* ---- the start ---- */

enum { UP = 4, DOWN = -4 };

/* The sign of r2 is known where it is set to a constant on the way. */
unsigned int start_moves(const struct ebpf_insn *insns, uint32_t first, uint32_t pc)
{
	if (!moves_start(&insns[pc]))
		return 0;
	for (uint32_t at = pc; at-- > first;) {
		const struct ebpf_insn *i = &insns[at];

		if (i->code == (EC_ALU64 | EBPF_MOV) || i->code == (EC_ALU | EBPF_MOV)) {
			if (ebpf_dst(i) == 2)
				return i->imm < 0 ? MOVES_FRONT : MOVES_BACK;
		} else if (i->code != (EC_ALU64 | EBPF_MOV | EBPF_X) || ebpf_dst(i) == 2) {
			break;
		}
	}
	return MOVES_FRONT | MOVES_BACK;
}

/* How far in front of where packets start that is. */
static struct value *in_front(struct build *b, struct value *at)
{
	return emit(b, IR_SUB, konst(b, NIC_HEADROOM), emit_field(b, IR_UBFX, at, 0, 32));
}

/* Behind a move, or the try. Gives how far it was before. */
static struct value *keep_front(struct build *b)
{
	struct value *been = b->var[VAR_FRONT], *now;

	if (!b->f->keeps_front)
		return NULL;
	now = in_front(b, emit_place(b, SR_META));
	b->var[VAR_FRONT] = pick(b, emit_field(b, IR_UBFX, emit(b, IR_SUB, been, now), 63, 1), now, been);
	return been;
}

/* What comes in front of where packets start is zero in the kernel's test runs, and here what an earlier packet left: nobody is to see that. What has been in the packet
 * before keeps what it holds. The packet has grown by so many bytes; below 0: it is shorter. */
static void zero_front(struct build *b, struct value *grown, struct value *been)
{
	struct value *data, *size;
	struct block *front;

	if (ir_is_const(grown) && (uint64_t)grown->imm <= UNROLLED && !b->moved) {
		zero_constant(b, ir_special(b->f, SR_DATA), (uint32_t)grown->imm, 2); /* as the fields of headers, which will be written over them */
		return;
	}
	data = emit_place(b, SR_DATA);
	size = in_front(b, data);
	if (b->f->keeps_front)
		size = emit(b, IR_SUB, size, been);
	else if (b->moved)
		size = pick(b, emit_field(b, IR_UBFX, emit(b, IR_SUB, grown, size), 63, 1), grown, size);
	front = when(b, OP_JSGT, size, konst(b, 0));
	zero_variable(b, data, emit(b, IR_ADD, data, size));
	end_when(b, front);
}

static int adjust_head(struct build *b)
{
	struct value *delta = b->var[2], *result = adjust(b, OP_ADJH), *been, *grown;
	struct block *bad = ir_block(b->f, place(b));

	b->var[0] = result;
	if (b->c->arena->failed)
		return -1;
	if (ir_is_const(delta) && (int32_t)delta->imm >= 0)
		return 0;
	grown = ir_is_const(delta) ? konst(b, (uint64_t)-(int64_t)(int32_t)delta->imm) : emit(b, IR_SUB, konst(b, 0), emit_field(b, IR_SBFX, delta, 0, 32));
	been = keep_front(b);
	check(b, OP_JNE, result, konst(b, 0), bad);
	zero_front(b, grown, been);
	return two_ways(b, konst(b, 0), bad, result);
}

/* Words of four bytes between `from` and `to`, in that direction, each to where it lies plus distance. */
static void move_metadata(struct build *b, struct value *from, struct value *to, struct value *distance, int step)
{
	struct block *more = ir_block(b->f, place(b)), *done = ir_block(b->f, place(b));
	struct value *at = loop_open(b, from), *load, *store;
	int64_t off = step == UP ? 0 : DOWN;

	branch(b, OP_JEQ, at, to, ODDS_ONE / 4, done, more);
	b->at = more;
	load = emit(b, IR_LD, at, NULL);
	store = emit(b, IR_ST, emit(b, IR_ADD, at, distance), load);
	if (!load || !store)
		return;
	load->imm = store->imm = off;
	load->width = store->width = 4;
	load->region[0] = store->region[0] = R_PKT;
	loop_close(b, at, emit(b, IR_ADD, at, konst(b, (uint64_t)(int64_t)step)));
	b->at = done;
}

/* Metadata moves while both its places are in the packet: behind a move to the front, before one to the back, which must then not fail. */
static int adjust_head_and_metadata(struct build *b)
{
	struct value *delta = emit_field(b, IR_SBFX, b->var[2], 0, 32), *meta = emit_place(b, SR_META), *data = emit_place(b, SR_DATA);
	struct value *length = emit_place(b, SR_LEN), *result[3];
	struct block *back = ir_block(b->f, place(b)), *front = ir_block(b->f, place(b)), *bad = ir_block(b->f, place(b));
	struct block *after = ir_block(b->f, place(b)), *ok;

	if (!back || !front || !bad || !after)
		return -1;
	branch(b, OP_JSGT, delta, konst(b, 0), ODDS_ONE / 2, back, front);
	b->at = bad;
	jump(b, after);
	result[0] = konst(b, (uint64_t)-E_INVAL);
	b->at = back;
	check(b, OP_JSLT, emit(b, IR_SUB, length, delta), konst(b, PACKET_MIN), bad);
	move_metadata(b, data, meta, delta, DOWN);
	result[1] = adjust(b, OP_ADJH);
	jump(b, after);
	b->at = front;
	result[2] = adjust(b, OP_ADJH);
	ok = when(b, OP_JEQ, result[2], konst(b, 0));
	move_metadata(b, meta, data, delta, UP);
	b->moved = START_MOVED; /* metadata has been in front of where it started: that stays behind */
	zero_front(b, emit(b, IR_SUB, meta, emit_place(b, SR_DATA)), b->var[VAR_FRONT]);
	end_when(b, ok);
	jump(b, after);
	join(b, after, result, 3);
	keep_front(b);
	return 0;
}

/* All of a packet is at hand. */
static int pull_data(struct build *b)
{
	struct block *after = ir_block(b->f, place(b)), *beyond = ir_block(b->f, place(b)), *good;
	struct value *result[2] = { konst(b, 0), konst(b, (uint64_t)-E_NOMEM) };

	if (!after || !beyond)
		return -1;
	check(b, OP_JGT, emit_field(b, IR_UBFX, b->var[2], 0, 32), emit_place(b, SR_LEN), beyond);
	good = b->at;
	jump(b, after);
	b->at = beyond;
	jump(b, after);
	b->at = good;
	join(b, after, result, 2);
	return 0;
}

int build_packet(struct build *b)
{
	int result = 0;

	switch (insn_at(b)->imm) {
	case HELPER_XDP_ADJUST_HEAD:
		result = b->f->has_metadata ? adjust_head_and_metadata(b) : adjust_head(b);
		b->moved = START_MOVED;
		return result;
	case HELPER_XDP_ADJUST_TAIL:
		return adjust_tail(b);
	case HELPER_SKB_PULL_DATA:
		return pull_data(b);
	case HELPER_XDP_ADJUST_META:
		b->var[0] = adjust(b, OP_ADJM);
		keep_front(b);
		return 0;
	default:
		b->var[0] = emit_place(b, SR_LEN);
		return 0;
	}
}
