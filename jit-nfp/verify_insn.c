// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Encodings, reserved fields and the shape of the control flow (RFC 9669 sections 3 to 5). */
#include "verify.h"

static int bad_field(struct verify *v, const char *field)
{
	return refuse(v, "the reserved %s field of opcode 0x%02x is not zero", field,
		      v->insns[v->pc].code);
}

static int bad_opcode(struct verify *v)
{
	return refuse(v, "opcode 0x%02x is not an eBPF instruction", v->insns[v->pc].code);
}

enum { SRC = 1, OFF = 2, IMM = 4, DST = 8 };

/* What no path comes by is not looked at, as in Linux. */
static int fields_zero(struct verify *v, const struct ebpf_insn *i, int fields)
{
	if (v->shape_only)
		return 0;
	if ((fields & DST) && ebpf_dst(i))
		return bad_field(v, "destination register");
	if ((fields & SRC) && ebpf_src(i))
		return bad_field(v, "source register");
	if ((fields & OFF) && i->off)
		return bad_field(v, "offset");
	if ((fields & IMM) && i->imm)
		return bad_field(v, "immediate");
	return 0;
}

static int check_registers(struct verify *v, const struct ebpf_insn *i)
{
	int class = ebpf_class(i);
	int writes_dst = class == EC_LDX || class == EC_ALU || class == EC_ALU64 || class == EC_LD;
	int fetches = ebpf_is_atomic(i) && (i->imm & EBPF_FETCH) && i->imm != EBPF_CMPXCHG;

	if (ebpf_dst(i) >= EBPF_REGS || ebpf_src(i) >= EBPF_REGS)
		return refuse(v, "there is no register r%u",
			      ebpf_dst(i) >= EBPF_REGS ? ebpf_dst(i) : ebpf_src(i));
	if (!v->shape_only && ((writes_dst && ebpf_dst(i) == EBPF_REGS - 1) || (fetches && ebpf_src(i) == EBPF_REGS - 1)))
		return refuse(v, "the frame pointer r10 can't be written");
	return 0;
}

static int check_alu(struct verify *v, const struct ebpf_insn *i)
{
	int op = EBPF_OP(i->code), is64 = EBPF_CLASS(i->code) == EC_ALU64, x = i->code & EBPF_X;

	if (op > EBPF_END)
		return bad_opcode(v);
	if (op == EBPF_END) {
		if (is64 && x)
			return bad_opcode(v);
		if (!v->shape_only && i->imm != 16 && i->imm != 32 && i->imm != 64)
			return refuse(v, "a byte swap of %d bits does not exist", i->imm);
		return fields_zero(v, i, SRC | OFF);
	}
	if (op == EBPF_NEG)
		return x ? bad_opcode(v) : fields_zero(v, i, SRC | OFF | IMM);
	if (op == EBPF_MOV && x && i->off) {
		if (!v->shape_only && i->off != 8 && i->off != 16 && (i->off != 32 || !is64))
			return refuse(v, "a move that extends the sign of %d bits does not exist",
				      i->off);
		return fields_zero(v, i, IMM);
	}
	if ((op == EBPF_DIV || op == EBPF_MOD) && i->off == 1)
		return fields_zero(v, i, x ? IMM : SRC);
	return fields_zero(v, i, OFF | (x ? IMM : SRC));
}

static int check_jump(struct verify *v, const struct ebpf_insn *i)
{
	int op = EBPF_OP(i->code), is64 = EBPF_CLASS(i->code) == EC_JMP, x = i->code & EBPF_X;

	switch (op) {
	case EBPF_JA:
		return x ? bad_opcode(v) : fields_zero(v, i, DST | SRC | (is64 ? IMM : OFF));
	case EBPF_EXIT: /* Linux does not look at its offset */
		return x || !is64 ? bad_opcode(v) : fields_zero(v, i, DST | SRC | IMM);
	case EBPF_CALL:
		if (x && is64) {
			refuse(v, "a call through a register is not supported");
			return way_out(v, "call the function by its name");
		}
		if (!is64)
			return bad_opcode(v);
		if (ebpf_src(i) == EBPF_CALL_KFUNC) /* refused if a path comes by: it may be weak, and asked for first */
			return fields_zero(v, i, DST);
		if (ebpf_src(i) == EBPF_CALL_LOCAL)
			return fields_zero(v, i, DST | OFF);
		if (ebpf_src(i))
			return bad_field(v, "source register");
		return fields_zero(v, i, DST | OFF);
	default:
		if (i->code == EBPF_JKIND && v->c->frames && v->pc >= frame_of(v->c, v->pc)->body)
			return 0;
		if (i->code == EBPF_MAY_GOTO)
			return fields_zero(v, i, DST | SRC | IMM);
		if (op > EBPF_JSLE)
			return bad_opcode(v);
		return fields_zero(v, i, x ? IMM : SRC);
	}
}

static int check_atomic(struct verify *v, const struct ebpf_insn *i)
{
	int size = EBPF_SIZE(i->code);

	if (ebpf_is_ordered(i))
		return 0;
	if (size != EBPF_W && size != EBPF_DW)
		return refuse(v, "an atomic operation works on 4 or 8 bytes only");
	switch (i->imm) {
	case EBPF_ADD:
	case EBPF_OR:
	case EBPF_AND:
	case EBPF_XOR:
	case EBPF_ADD | EBPF_FETCH:
	case EBPF_OR | EBPF_FETCH:
	case EBPF_AND | EBPF_FETCH:
	case EBPF_XOR | EBPF_FETCH:
	case EBPF_XCHG:
	case EBPF_CMPXCHG:
		return 0;
	default:
		return refuse(v, "atomic operation 0x%x does not exist", (unsigned int)i->imm);
	}
}

static int check_wide(struct verify *v, const struct ebpf_insn *i)
{
	const struct ebpf_insn *second = i + 1;
	int kind = (int)ebpf_src(i);

	if (v->pc + 1 >= v->n_insns)
		return refuse(v, "the program ends inside a 64-bit immediate load");
	if (second->code || second->regs || second->off)
		return refuse(
			v, "the second half of a 64-bit immediate load has bits that must be zero");
	if (kind == EBPF_PSEUDO_FUNC)
		return fields_zero(v, i, OFF);
	if (kind > EBPF_PSEUDO_MAP_VALUE)
		return refuse(v, "a 64-bit immediate load of kind %d refers to the kernel, which the NIC does not have",
			kind);
	if (kind && (uint32_t)i->imm >= v->c->prog->n_maps)
		return refuse(v, "the instruction refers to map %d of %u", i->imm,
			      v->c->prog->n_maps);
	if (kind == EBPF_PSEUDO_MAP && second->imm)
		return bad_field(v, "second immediate");
	return fields_zero(v, i, OFF);
}

int insn_check(struct verify *v, const struct ebpf_insn *i)
{
	int mode = EBPF_MODE(i->code);

	if (check_registers(v, i))
		return -1;
	switch (EBPF_CLASS(i->code)) {
	case EC_LD:
		if (insn_is_wide(i))
			return check_wide(v, i);
		if (mode == EBPF_ABS || mode == EBPF_IND)
			return refuse(v, "the classic packet loads (LD_ABS, LD_IND) do not exist in XDP programs");
		return bad_opcode(v);
	case EC_LDX:
		if (mode != EBPF_MEM && (mode != EBPF_MEMSX || EBPF_SIZE(i->code) == EBPF_DW))
			return bad_opcode(v);
		return i->imm ? bad_field(v, "immediate") : 0; /* Linux looks at all of these, on a path or not */
	case EC_ST:
		return mode == EBPF_MEM ? fields_zero(v, i, SRC) : bad_opcode(v);
	case EC_STX:
		if (mode == EBPF_ATOMIC)
			return check_atomic(v, i);
		return mode == EBPF_MEM ? fields_zero(v, i, IMM) : bad_opcode(v);
	case EC_ALU:
	case EC_ALU64:
		return check_alu(v, i);
	default:
		return check_jump(v, i);
	}
}

int insn_is_jump(const struct ebpf_insn *i)
{
	int class = EBPF_CLASS(i->code), op = EBPF_OP(i->code);

	return (class == EC_JMP || class == EC_JMP32) && op != EBPF_CALL && op != EBPF_EXIT;
}

int insn_successors(const struct compile *c, uint32_t pc, uint32_t to[2])
{
	const struct ebpf_insn *i = &c->insns[pc];
	int n = 0;

	if (insn_is_exit(i)) {
		const struct frame *f = frame_of(c, pc);

		to[0] = f->call + 1;
		return f->depth != 0;
	}
	if (insn_is_local_call(i)) {
		to[0] = insn_target(i, pc);
		return 1;
	}
	if (!insn_is_jump(i) || EBPF_OP(i->code) != EBPF_JA)
		to[n++] = pc + 1 + insn_is_wide(i);
	if (insn_is_jump(i))
		to[n++] = insn_target(i, pc);
	return n;
}

enum { HEAD = 1, WAY_IN = 2, MANY_WAYS_IN = 4, SEEN = 8 };

/* Jumps stay in their function, and no function runs into the next one. */
static int check_targets(struct verify *v, const uint8_t *at)
{
	const struct compile *c = v->c;
	const struct frame *f = c->frames;

	for (v->pc = 0; v->pc < v->n_insns; v->pc++) {
		const struct ebpf_insn *i = &v->insns[v->pc];
		uint32_t to[2];
		int n = insn_is_exit(i) ? 0 : insn_successors(c, v->pc, to);

		f += v->pc == f->end;
		if (insn_is_local_call(i))
			to[0] = v->pc + 1;
		while (n--) {
			int inside = to[n] >= f->first && to[n] < f->end;

			if (!inside && (!insn_is_jump(i) || to[n] == v->pc + 1))
				return refuse(v, "the %s can run past its last instruction", f->depth ? "function" : "program");
			if (!inside)
				return refuse(v, "the jump leads outside the %s", f->depth ? "function" : "program");
			if (!(at[to[n]] & HEAD))
				return refuse(v, "the jump leads into the middle of a 64-bit immediate load");
		}
		v->pc += insn_is_wide(i);
	}
	return 0;
}

/* Depth first with an explicit stack: counts the ways in, and lists the instructions so that each comes behind those it leads to, but for
 * the ways back of loops. */
static void walk(struct verify *v, uint8_t *at, uint32_t *stack)
{
	uint32_t depth = 0;

	v->n_order = 0;
	stack[depth++] = 0;
	at[0] |= SEEN | WAY_IN;
	while (depth) {
		uint32_t pc = stack[depth - 1], to[2];
		int n = insn_successors(v->c, pc, to), pushed = 0;

		for (int e = 0; e < n && !pushed; e++) {
			if (at[to[e]] & SEEN)
				continue;
			at[to[e]] |= SEEN;
			stack[depth++] = to[e];
			pushed = 1;
		}
		if (pushed)
			continue;
		for (int e = 0; e < n; e++)
			at[to[e]] |= at[to[e]] & WAY_IN ? MANY_WAYS_IN : WAY_IN;
		v->order[v->n_order++] = pc;
		depth--;
	}
}

/* All between a jump backwards and where it leads, and the functions called from there. */
static void find_loops(struct verify *v)
{
	const struct compile *c = v->c;

	for (uint32_t n = 0; n < c->n_frames; n++) {
		const struct frame *f = &c->frames[n];
		int within = f->depth && v->loops[f->call];
		uint32_t from = within ? f->first : f->end;

		for (uint32_t pc = f->body; pc-- > f->first;) {
			const struct ebpf_insn *i = &v->insns[pc];

			if (insn_is_jump(i) && insn_target(i, pc) <= pc && insn_target(i, pc) < from)
				from = insn_target(i, pc);
			if (pc < from && !within)
				from = f->end;
			v->loops[pc] = from <= pc;
		}
	}
}

static int check_flow(struct verify *v, uint8_t *at)
{
	struct arena *a = v->c->arena, mark;
	uint32_t *stack;

	v->order = arena_alloc(a, sizeof(*v->order) * v->n_insns);
	mark = *a;
	stack = arena_alloc(a, sizeof(*stack) * v->n_insns);
	if (!v->order || !stack)
		return error(v->c, -1, "out of memory while checking %u instructions", v->n_insns);
	walk(v, at, stack);
	*a = mark;
	for (v->pc = 0; v->pc < v->n_insns; v->pc++) {
		if (!(at[v->pc] & HEAD) || at[v->pc] & SEEN)
			continue;
		refuse(v, "the instruction can't be reached");
		return way_out(v, "remove the dead code; the kernel refuses it too");
	}
	return 0;
}

int verify_insns(struct verify *v)
{
	uint8_t *at = v->meets;

	v->shape_only = 1;
	for (v->pc = 0; v->pc < v->n_insns; v->pc++) {
		if (insn_check(v, &v->insns[v->pc]))
			return -1;
		at[v->pc] = HEAD;
		v->pc += insn_is_wide(&v->insns[v->pc]);
	}
	v->shape_only = 0;
	if (check_targets(v, at) || check_flow(v, at))
		return -1;
	find_loops(v);
	for (uint32_t pc = 0; pc < v->n_insns; pc++)
		at[pc] = at[pc] & MANY_WAYS_IN || loop_is_head(v->c, pc);
	return 0;
}
