// SPDX-License-Identifier: Apache-2.0
/* Operations of jit-nfp/ir_ops.def as LLVM has them. All values are i64, zero-extended where they are narrower; pointers are the machine's,
 * and become native where memory is touched. The verifier proved the accesses, so only what may lie behind the packet is looked at. */
#include <stdio.h>

#include "jit.h"

enum { E_ACCES = 13, E_INVAL = 22, MAP_SHIFT = 48, MAP_BITS = 8 };

LLVMValueRef jit_const(struct jit *j, uint64_t n)
{
	return LLVMConstInt(j->i64, n, 0);
}

static LLVMValueRef narrow(struct jit *j, LLVMValueRef v)
{
	return LLVMBuildTrunc(j->b, v, j->i32, "");
}

static LLVMValueRef widen(struct jit *j, LLVMValueRef v, int sign)
{
	return sign ? LLVMBuildSExt(j->b, v, j->i64, "") : LLVMBuildZExt(j->b, v, j->i64, "");
}

LLVMValueRef jit_place(struct jit *j, LLVMValueRef structure, LLVMTypeRef type, size_t offset)
{
	LLVMValueRef at = jit_const(j, offset);

	return LLVMBuildBitCast(j->b, LLVMBuildGEP2(j->b, j->i8, structure, &at, 1, ""), LLVMPointerType(type, 0), "");
}

LLVMValueRef jit_word(struct jit *j, LLVMValueRef structure, LLVMTypeRef type, size_t offset)
{
	return LLVMBuildLoad2(j->b, type, jit_place(j, structure, type, offset), "");
}

static LLVMValueRef packet_word(struct jit *j, size_t offset)
{
	return jit_word(j, j->packet_arg, j->i32, offset);
}

LLVMValueRef jit_now(struct jit *j, LLVMValueRef variable)
{
	return LLVMBuildLoad2(j->b, j->i64, variable, "");
}

static LLVMValueRef tagged(struct jit *j, uint64_t tag, LLVMValueRef offset)
{
	return LLVMBuildAdd(j->b, offset, jit_const(j, tag << 60), "");
}

static LLVMValueRef special(struct jit *j, int code)
{
	switch (code) {
	case SR_ZERO:
		return jit_const(j, 0);
	case SR_FP:
		return jit_const(j, (uint64_t)NIC_TAG_STACK << 60 | NIC_STACK_BYTES);
	case SR_CTX:
		return jit_const(j, (uint64_t)NIC_TAG_CTX << 60);
	case SR_DATA:
		return tagged(j, NIC_TAG_PKT, jit_now(j, j->head));
	case SR_META:
		return tagged(j, NIC_TAG_PKT, jit_now(j, j->meta));
	case SR_DATA_END:
		return tagged(j, NIC_TAG_PKT, LLVMBuildAdd(j->b, jit_now(j, j->head), jit_now(j, j->len), ""));
	case SR_LEN:
		return jit_now(j, j->len);
	case SR_IFINDEX:
		return widen(j, packet_word(j, offsetof(struct host_packet, ifindex)), 0);
	case SR_RXQ:
		return widen(j, packet_word(j, offsetof(struct host_packet, queue)), 0);
	case SR_CPU:
		return widen(j, packet_word(j, offsetof(struct host_packet, cpu)), 0);
	default:
		j->failed = 1;
		return jit_const(j, 0);
	}
}

LLVMValueRef jit_arg(struct jit *j, struct value *v)
{
	v = ir_resolve(v);
	if (v->op == IR_CONST)
		return jit_const(j, (uint64_t)v->imm);
	if (v->op == IR_SPECIAL)
		return special(j, (int)v->imm);
	return j->value[v->id];
}

/* ---- Arithmetic ---- */

static LLVMValueRef shift_amount(struct jit *j, LLVMValueRef n, int w)
{
	LLVMTypeRef type = w ? j->i32 : j->i64;

	return LLVMBuildAnd(j->b, n, LLVMConstInt(type, w ? 31 : 63, 0), "");
}

/* Quotient and remainder of 0 and of what overflows are the standard's. */
static LLVMValueRef divide(struct jit *j, int op, LLVMTypeRef type, LLVMValueRef x, LLVMValueRef y)
{
	LLVMValueRef zero = LLVMConstInt(type, 0, 0), one = LLVMConstInt(type, 1, 0), minus = LLVMConstAllOnes(type);
	LLVMValueRef is_zero = LLVMBuildICmp(j->b, LLVMIntEQ, y, zero, ""), is_minus = LLVMBuildICmp(j->b, LLVMIntEQ, y, minus, "");
	int is_signed = op == IR_DIVS || op == IR_MODS, modulo = op == IR_MODU || op == IR_MODS;
	LLVMValueRef avoid = is_signed ? LLVMBuildOr(j->b, is_zero, is_minus, "") : is_zero;
	LLVMValueRef by = LLVMBuildSelect(j->b, avoid, one, y, ""), result;

	if (is_signed)
		result = modulo ? LLVMBuildSRem(j->b, x, by, "") : LLVMBuildSDiv(j->b, x, by, "");
	else
		result = modulo ? LLVMBuildURem(j->b, x, by, "") : LLVMBuildUDiv(j->b, x, by, "");
	if (is_signed)
		result = LLVMBuildSelect(j->b, is_minus, modulo ? zero : LLVMBuildNeg(j->b, x, ""), result, "");
	return LLVMBuildSelect(j->b, is_zero, modulo ? x : zero, result, "");
}

static LLVMValueRef binary(struct jit *j, struct value *v)
{
	LLVMValueRef x = jit_arg(j, v->arg[0]), y = jit_arg(j, v->arg[1]), result;
	LLVMTypeRef type = v->w ? j->i32 : j->i64;

	if (v->w) {
		x = narrow(j, x);
		y = narrow(j, y);
	}
	switch (v->op) {
	case IR_ADD: result = LLVMBuildAdd(j->b, x, y, ""); break;
	case IR_SUB: result = LLVMBuildSub(j->b, x, y, ""); break;
	case IR_AND: result = LLVMBuildAnd(j->b, x, y, ""); break;
	case IR_OR: result = LLVMBuildOr(j->b, x, y, ""); break;
	case IR_XOR: result = LLVMBuildXor(j->b, x, y, ""); break;
	case IR_MUL: result = LLVMBuildMul(j->b, x, y, ""); break;
	case IR_LSH: result = LLVMBuildShl(j->b, x, shift_amount(j, y, v->w), ""); break;
	case IR_RSH: result = LLVMBuildLShr(j->b, x, shift_amount(j, y, v->w), ""); break;
	case IR_ARSH: result = LLVMBuildAShr(j->b, x, shift_amount(j, y, v->w), ""); break;
	default: result = divide(j, v->op, type, x, y); break;
	}
	return v->w ? widen(j, result, 0) : result;
}

/* Bits shift .. shift + len - 1 of x. */
static LLVMValueRef field(struct jit *j, LLVMValueRef x, unsigned int shift, unsigned int len, int sign)
{
	if (shift)
		x = LLVMBuildLShr(j->b, x, jit_const(j, shift), "");
	if (len == 0 || len >= 64)
		return x;
	if (!sign)
		return LLVMBuildAnd(j->b, x, jit_const(j, (1ull << len) - 1), "");
	x = LLVMBuildShl(j->b, x, jit_const(j, 64 - len), "");
	return LLVMBuildAShr(j->b, x, jit_const(j, 64 - len), "");
}

static LLVMTypeRef int_type(struct jit *j, unsigned int width)
{
	if (width == 6) /* stores only */
		return LLVMIntTypeInContext(j->context, 48);
	return width == 1 ? j->i8 : width == 2 ? j->i16 : width == 4 ? j->i32 : j->i64;
}

static LLVMValueRef swap(struct jit *j, LLVMValueRef x, unsigned int width)
{
	LLVMTypeRef type = int_type(j, width);
	unsigned int id = LLVMLookupIntrinsicID("llvm.bswap", 10);
	LLVMValueRef f;

	if (width == 1)
		return x;
	f = LLVMGetIntrinsicDeclaration(j->module, id, &type, 1);
	return LLVMBuildCall2(j->b, LLVMIntrinsicGetType(j->context, id, &type, 1), f, &x, 1, "");
}

/* ---- Memory ---- */

static LLVMValueRef native(struct jit *j, LLVMValueRef base, LLVMValueRef offset)
{
	return LLVMBuildGEP2(j->b, j->i8, base, &offset, 1, "");
}

/* The native address of a machine pointer into that region, plus a constant. */
static LLVMValueRef address(struct jit *j, LLVMValueRef pointer, int region, int64_t imm)
{
	LLVMValueRef low = LLVMBuildAnd(j->b, LLVMBuildAdd(j->b, pointer, jit_const(j, (uint64_t)imm), ""), jit_const(j, 0xffffffff), "");
	LLVMValueRef is_packet;

	if (region == R_STACK)
		return native(j, j->stack, low);
	if (region == R_MAP_VALUE)
		return native(j, j->memory, low);
	if (region == R_PKT)
		return native(j, j->packet, low);
	/* packet or stack, as it comes */
	is_packet = LLVMBuildICmp(j->b, LLVMIntEQ, LLVMBuildLShr(j->b, pointer, jit_const(j, 60), ""), jit_const(j, NIC_TAG_PKT), "");
	return native(j, LLVMBuildSelect(j->b, is_packet, j->packet, j->stack, ""), low);
}

static LLVMValueRef load_from(struct jit *j, LLVMValueRef at, const struct value *v)
{
	LLVMTypeRef type = int_type(j, v->width);
	LLVMValueRef x = LLVMBuildLoad2(j->b, type, LLVMBuildBitCast(j->b, at, LLVMPointerType(type, 0), ""), "");

	LLVMSetAlignment(x, v->fence ? v->width : 1);
	if (v->fence)
		LLVMSetOrdering(x, LLVMAtomicOrderingAcquire);
	return v->swap ? swap(j, x, v->width) : x;
}

static LLVMValueRef load(struct jit *j, struct value *v)
{
	int region = v->op == IR_MLD ? R_MAP_VALUE : v->region[0];

	return widen(j, load_from(j, address(j, jit_arg(j, v->arg[0]), region, v->imm), v), v->sign);
}

/* Packet bytes at a constant offset; 0 when one is behind the packet: there the load goes to the packet's first bytes, which are there. */
static LLVMValueRef window(struct jit *j, struct value *v)
{
	LLVMValueRef there = LLVMBuildICmp(j->b, LLVMIntUGE, jit_now(j, j->len), jit_const(j, (uint64_t)v->imm + v->width), "");
	LLVMValueRef offset = LLVMBuildSelect(j->b, there, jit_const(j, (uint64_t)v->imm), jit_const(j, 0), "");
	LLVMValueRef at = native(j, j->packet, LLVMBuildAdd(j->b, jit_now(j, j->head), offset, ""));
	LLVMValueRef x = widen(j, load_from(j, at, v), 0);

	return LLVMBuildSelect(j->b, there, field(j, x, v->shift, v->len, v->sign), jit_const(j, 0), "");
}

static LLVMValueRef store(struct jit *j, struct value *v)
{
	LLVMTypeRef type = int_type(j, v->width);
	int region = v->op == IR_MST ? R_MAP_VALUE : v->region[0];
	LLVMValueRef at = address(j, jit_arg(j, v->arg[0]), region, v->imm), x = jit_arg(j, v->arg[1]);

	j->prog->rewrites |= region == R_PKT;
	if (v->width < 8)
		x = LLVMBuildTrunc(j->b, x, type, "");
	if (v->swap)
		x = swap(j, x, v->width);
	if (v->fence)
		LLVMBuildFence(j->b, LLVMAtomicOrderingSequentiallyConsistent, 0, "");
	LLVMSetAlignment(LLVMBuildStore(j->b, x, LLVMBuildBitCast(j->b, at, LLVMPointerType(type, 0), "")), 1);
	return NULL;
}

static LLVMValueRef atomic(struct jit *j, struct value *v)
{
	static const LLVMAtomicRMWBinOp ops[] = {
		[IR_MADD] = LLVMAtomicRMWBinOpAdd, [IR_MAND] = LLVMAtomicRMWBinOpAnd, [IR_MOR] = LLVMAtomicRMWBinOpOr,
		[IR_MXOR] = LLVMAtomicRMWBinOpXor, [IR_MXCHG] = LLVMAtomicRMWBinOpXchg,
	};
	int w = v->w || v->width == 4;
	LLVMTypeRef type = w ? j->i32 : j->i64;
	LLVMValueRef at = LLVMBuildBitCast(j->b, address(j, jit_arg(j, v->arg[0]), R_MAP_VALUE, v->imm), LLVMPointerType(type, 0), "");
	LLVMValueRef x = jit_arg(j, v->arg[1]), old, expected;

	if (w)
		x = narrow(j, x);
	if (v->op == IR_MCAS) {
		expected = jit_arg(j, v->arg[2]);
		if (w)
			expected = narrow(j, expected);
		old = LLVMBuildAtomicCmpXchg(j->b, at, expected, x, LLVMAtomicOrderingSequentiallyConsistent,
					     LLVMAtomicOrderingSequentiallyConsistent, 0);
		old = LLVMBuildExtractValue(j->b, old, 0, "");
	} else {
		old = LLVMBuildAtomicRMW(j->b, ops[v->op], at, x, LLVMAtomicOrderingSequentiallyConsistent, 0);
	}
	return w ? widen(j, old, 0) : old;
}

/* ---- The packet's place: hw/spec/machine.md ---- */

static LLVMValueRef below(struct jit *j, LLVMValueRef x, LLVMValueRef y)
{
	return LLVMBuildICmp(j->b, LLVMIntSLT, x, y, "");
}

static LLVMValueRef either(struct jit *j, LLVMValueRef x, LLVMValueRef y)
{
	return LLVMBuildOr(j->b, x, y, "");
}

static void set_unless(struct jit *j, LLVMValueRef bad, LLVMValueRef variable, LLVMValueRef value)
{
	LLVMBuildStore(j->b, LLVMBuildSelect(j->b, bad, jit_now(j, variable), value, ""), variable);
}

static LLVMValueRef adjust_head(struct jit *j, LLVMValueRef by)
{
	LLVMValueRef head = jit_now(j, j->head), len = jit_now(j, j->len), to = LLVMBuildAdd(j->b, head, by, "");
	LLVMValueRef meta = LLVMBuildAdd(j->b, jit_now(j, j->meta), by, ""), rest = LLVMBuildSub(j->b, len, by, "");
	LLVMValueRef bad = either(j, below(j, meta, jit_const(j, NIC_HEAD_MIN)), below(j, rest, jit_const(j, NIC_LEN_MIN)));

	bad = either(j, bad, below(j, jit_const(j, NIC_LEN_MAX), rest));
	set_unless(j, bad, j->head, to);
	set_unless(j, bad, j->meta, meta);
	set_unless(j, bad, j->len, rest);
	return LLVMBuildSelect(j->b, bad, jit_const(j, (uint64_t)-E_INVAL), jit_const(j, 0), "");
}

static LLVMValueRef adjust_tail(struct jit *j, LLVMValueRef by)
{
	LLVMValueRef len = LLVMBuildAdd(j->b, jit_now(j, j->len), by, ""), end = LLVMBuildAdd(j->b, jit_now(j, j->head), len, "");
	LLVMValueRef bad = either(j, below(j, len, jit_const(j, NIC_LEN_MIN)), below(j, jit_const(j, NIC_LEN_MAX), len));

	bad = either(j, bad, below(j, jit_const(j, NIC_PKT_BUFFER), end));
	set_unless(j, bad, j->len, len);
	return LLVMBuildSelect(j->b, bad, jit_const(j, (uint64_t)-E_INVAL), jit_const(j, 0), "");
}

static LLVMValueRef adjust_meta(struct jit *j, LLVMValueRef by)
{
	LLVMValueRef head = jit_now(j, j->head), to = LLVMBuildAdd(j->b, jit_now(j, j->meta), by, "");
	LLVMValueRef bytes = LLVMBuildSub(j->b, head, to, ""), odd = LLVMBuildAnd(j->b, bytes, jit_const(j, 3), "");
	LLVMValueRef outside = either(j, below(j, to, jit_const(j, NIC_HEAD_MIN)), below(j, head, to));
	LLVMValueRef bad = either(j, LLVMBuildICmp(j->b, LLVMIntNE, odd, jit_const(j, 0), ""), below(j, jit_const(j, NIC_META_MAX), bytes));

	set_unless(j, either(j, outside, bad), j->meta, to);
	bad = LLVMBuildSelect(j->b, bad, jit_const(j, (uint64_t)-E_ACCES), jit_const(j, 0), "");
	return LLVMBuildSelect(j->b, outside, jit_const(j, (uint64_t)-E_INVAL), bad, "");
}

static LLVMValueRef adjust(struct jit *j, struct value *v)
{
	LLVMValueRef by = LLVMBuildSExt(j->b, narrow(j, jit_arg(j, v->arg[0])), j->i64, "");

	j->prog->rewrites |= v->imm != OP_ADJM;
	return v->imm == OP_ADJH ? adjust_head(j, by) : v->imm == OP_ADJT ? adjust_tail(j, by) : adjust_meta(j, by);
}

/* ---- One's complement ---- */

static LLVMValueRef add_around(struct jit *j, struct value *v)
{
	LLVMValueRef x = jit_arg(j, v->arg[0]), sum = LLVMBuildAdd(j->b, x, jit_arg(j, v->arg[1]), "");

	return LLVMBuildAdd(j->b, sum, LLVMBuildZExt(j->b, LLVMBuildICmp(j->b, LLVMIntULT, sum, x, ""), j->i64, ""), "");
}

static LLVMValueRef fold(struct jit *j, LLVMValueRef x)
{
	LLVMValueRef mask = jit_const(j, 0xffff), sum = LLVMBuildAnd(j->b, x, mask, "");

	for (unsigned int bit = 16; bit < 64; bit += 16)
		sum = LLVMBuildAdd(j->b, sum, LLVMBuildAnd(j->b, LLVMBuildLShr(j->b, x, jit_const(j, bit), ""), mask, ""), "");
	for (int round = 0; round < 2; round++)
		sum = LLVMBuildAdd(j->b, LLVMBuildAnd(j->b, sum, mask, ""), LLVMBuildLShr(j->b, sum, jit_const(j, 16), ""), "");
	return sum;
}

/* ---- Calls ---- */

static LLVMValueRef call(struct jit *j, uintptr_t function, LLVMValueRef *args, unsigned int n)
{
	LLVMTypeRef types[6], type;

	for (unsigned int i = 0; i < n; i++)
		types[i] = LLVMTypeOf(args[i]);
	type = LLVMFunctionType(j->i64, types, n, 0);
	return LLVMBuildCall2(j->b, type, LLVMConstIntToPtr(jit_const(j, function), LLVMPointerType(type, 0)), args, n, "");
}

static LLVMValueRef operand(struct jit *j, struct value *v, int n)
{
	return address(j, jit_arg(j, v->arg[n]), v->region[n], 0);
}

/* Which map it is of a map of maps is known when the program runs. */
static LLVMValueRef map_number(struct jit *j, const struct value *v)
{
	return v->map < j->n_maps ? LLVMConstInt(j->i32, v->map, 0) : narrow(j, jit_now(j, j->selected));
}

static LLVMValueRef select_map(struct jit *j, struct value *v)
{
	LLVMValueRef number = field(j, jit_arg(j, v->arg[0]), MAP_SHIFT, MAP_BITS, 0);

	LLVMBuildStore(j->b, number, j->selected);
	return NULL;
}

/* A key in registers. */
static LLVMValueRef key_of_words(struct jit *j, struct value *v)
{
	LLVMBasicBlockRef here = LLVMGetInsertBlock(j->b), first = LLVMGetEntryBasicBlock(j->function);
	LLVMTypeRef type = LLVMArrayType(j->i64, 2);
	LLVMValueRef key;

	LLVMPositionBuilderBefore(j->b, LLVMGetFirstInstruction(first));
	key = LLVMBuildBitCast(j->b, LLVMBuildAlloca(j->b, type, ""), j->bytes, "");
	LLVMPositionBuilderAtEnd(j->b, here);
	for (int n = 0; n < 2; n++)
		LLVMBuildStore(j->b, jit_arg(j, v->arg[n]), jit_place(j, key, j->i64, 8 * (size_t)n));
	return key;
}

static LLVMValueRef map_call(struct jit *j, struct value *v)
{
	LLVMValueRef args[6] = {LLVMConstIntToPtr(jit_const(j, (uintptr_t)j->prog), j->bytes), map_number(j, v),
				v->op == IR_LOOKR ? key_of_words(j, v) : operand(j, v, 0)};

	if (v->op != IR_DEL && v->op != IR_UPD && jit_can_look(j, v->map))
		return jit_look(j, v->map, args[2]);
	if (v->op == IR_DEL)
		return call(j, (uintptr_t)host_call_delete, args, 3);
	if (v->op != IR_UPD)
		return call(j, (uintptr_t)host_call_look, args, 3);
	args[3] = operand(j, v, 1);
	args[4] = jit_arg(j, v->arg[2]);
	args[5] = special(j, SR_CPU);
	return call(j, (uintptr_t)host_call_update, args, 6);
}

static LLVMValueRef copy(struct jit *j, struct value *v)
{
	LLVMValueRef to = address(j, jit_arg(j, v->arg[0]), R_MAP_VALUE, 0), from = operand(j, v, 1);

	LLVMBuildMemMove(j->b, to, 1, from, 1, jit_const(j, j->prog->maps[v->map].value_size));
	return NULL;
}

/* xorshift32, as the NIC's. The state is one for all packets; when several threads draw at once, two may get one number. */
static LLVMValueRef number(struct jit *j)
{
	LLVMValueRef p = LLVMConstIntToPtr(jit_const(j, (uintptr_t)&j->prog->random), LLVMPointerType(j->i32, 0)), s;

	s = LLVMBuildLoad2(j->b, j->i32, p, "");
	s = LLVMBuildXor(j->b, s, LLVMBuildShl(j->b, s, LLVMConstInt(j->i32, 13, 0), ""), "");
	s = LLVMBuildXor(j->b, s, LLVMBuildLShr(j->b, s, LLVMConstInt(j->i32, 17, 0), ""), "");
	s = LLVMBuildXor(j->b, s, LLVMBuildShl(j->b, s, LLVMConstInt(j->i32, 5, 0), ""), "");
	LLVMBuildStore(j->b, s, p);
	return widen(j, s, 0);
}

static LLVMValueRef redirect(struct jit *j, struct value *v)
{
	LLVMBuildStore(j->b, narrow(j, jit_arg(j, v->arg[0])), jit_place(j, j->packet_arg, j->i32, offsetof(struct host_packet, target)));
	return NULL;
}

/* ---- Compares ---- */

LLVMValueRef jit_compare(struct jit *j, int cc, int w, LLVMValueRef a, LLVMValueRef b)
{
	static const struct {
		int cc;
		LLVMIntPredicate is;
	} table[] = {
		{OP_JEQ, LLVMIntEQ}, {OP_JNE, LLVMIntNE}, {OP_JGT, LLVMIntUGT}, {OP_JGE, LLVMIntUGE}, {OP_JLT, LLVMIntULT},
		{OP_JLE, LLVMIntULE}, {OP_JSGT, LLVMIntSGT}, {OP_JSGE, LLVMIntSGE}, {OP_JSLT, LLVMIntSLT}, {OP_JSLE, LLVMIntSLE},
	};

	if (w) {
		a = narrow(j, a);
		b = narrow(j, b);
	}
	for (size_t n = 0; n < sizeof(table) / sizeof(*table); n++)
		if (table[n].cc == cc)
			return LLVMBuildICmp(j->b, table[n].is, a, b, "");
	return LLVMBuildICmp(j->b, cc == OP_JSET ? LLVMIntNE : LLVMIntEQ, LLVMBuildAnd(j->b, a, b, ""),
			     LLVMConstInt(LLVMTypeOf(a), 0, 0), "");
}

LLVMValueRef jit_op(struct jit *j, struct value *v)
{
	switch (v->op) {
	case IR_ADD: case IR_SUB: case IR_AND: case IR_OR: case IR_XOR: case IR_LSH: case IR_RSH: case IR_ARSH: case IR_MUL:
	case IR_DIVU: case IR_MODU: case IR_DIVS: case IR_MODS:
		return binary(j, v);
	case IR_UBFX:
	case IR_SBFX:
		return field(j, jit_arg(j, v->arg[0]), v->shift, v->len, v->op == IR_SBFX);
	case IR_BSWAP:
		return widen(j, swap(j, LLVMBuildTrunc(j->b, jit_arg(j, v->arg[0]), int_type(j, v->width), ""), v->width), 0);
	case IR_MOVH:
		return LLVMBuildOr(j->b, LLVMBuildAnd(j->b, jit_arg(j, v->arg[0]), jit_const(j, 0xffffffff), ""),
				   jit_const(j, (uint64_t)v->imm << 32), "");
	case IR_COPY:
		return jit_arg(j, v->arg[0]);
	case IR_WIN:
		return window(j, v);
	case IR_LD:
	case IR_MLD:
		return load(j, v);
	case IR_ST:
	case IR_MST:
		return store(j, v);
	case IR_MADD: case IR_MAND: case IR_MOR: case IR_MXOR: case IR_MXCHG: case IR_MCAS:
		return atomic(j, v);
	case IR_LOOK: case IR_LOOKR: case IR_LOOKS: case IR_UPD: case IR_DEL:
		return map_call(j, v);
	case IR_MSEL:
		return select_map(j, v);
	case IR_CALLS:
		return j->calls;
	case IR_CPY:
		return copy(j, v);
	case IR_NOW:
		return special(j, (int)v->imm);
	case IR_ADJ:
		return adjust(j, v);
	case IR_OADD:
		return add_around(j, v);
	case IR_FOLD:
		return fold(j, jit_arg(j, v->arg[0]));
	case IR_RDT:
		return jit_word(j, j->packet_arg, j->i64, offsetof(struct host_packet, time));
	case IR_RND:
		return number(j);
	case IR_RDIR:
		return redirect(j, v);
	default:
		if (!j->failed)
			snprintf(j->why, HOST_WHY, "instruction %u becomes an operation that the host does not run", v->insn);
		j->failed = 1;
		return jit_const(j, 0);
	}
}
