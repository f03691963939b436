// SPDX-License-Identifier: Apache-2.0
/* Functions of jit-nfp's values as LLVM functions, and LLVM's ORC JIT to make it code. */
#include "jit.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail_with(char why[HOST_WHY], LLVMErrorRef error)
{
	char *text = LLVMGetErrorMessage(error);

	snprintf(why, HOST_WHY, "LLVM: %s", text);
	LLVMDisposeErrorMessage(text);
	return -1;
}

/* ---- From values to LLVM's ---- */

static void types(struct jit *j)
{
	j->i8 = LLVMInt8TypeInContext(j->context);
	j->i16 = LLVMInt16TypeInContext(j->context);
	j->i32 = LLVMInt32TypeInContext(j->context);
	j->i64 = LLVMInt64TypeInContext(j->context);
	j->bytes = LLVMPointerType(j->i8, 0);
}

static LLVMBasicBlockRef new_block(struct jit *j)
{
	return LLVMAppendBasicBlockInContext(j->context, j->function, "");
}

static LLVMValueRef variable(struct jit *j, LLVMValueRef value)
{
	LLVMValueRef v = LLVMBuildAlloca(j->b, j->i64, "");

	LLVMBuildStore(j->b, value, v);
	return v;
}

static LLVMValueRef pointer_to(struct jit *j, const void *at)
{
	return LLVMConstIntToPtr(jit_const(j, (uintptr_t)at), j->bytes);
}

/* What all of the program uses, in a block of its own. */
static void prologue(struct jit *j, struct func *f, LLVMBasicBlockRef first)
{
	unsigned int used = f->c->stack_used;
	LLVMValueRef stack, below;

	LLVMPositionBuilderAtEnd(j->b, first);
	j->packet_arg = LLVMGetParam(j->function, ARG_PACKET);
	j->packet = LLVMGetParam(j->function, ARG_BUFFER);
	j->calls = LLVMGetParam(j->function, ARG_CALLS);
	j->memory = pointer_to(j, j->prog->memory);
	j->head = variable(j, LLVMGetParam(j->function, ARG_HEAD));
	j->meta = variable(j, LLVMGetParam(j->function, ARG_META));
	j->len = variable(j, LLVMGetParam(j->function, ARG_LEN));
	j->selected = variable(j, jit_const(j, 0));
	stack = LLVMBuildAlloca(j->b, LLVMArrayType(j->i64, NIC_STACK_BYTES / 8), "");
	j->stack = LLVMBuildBitCast(j->b, stack, j->bytes, "");
	below = jit_const(j, NIC_STACK_BYTES - used);
	if (used) /* bytes that a program never wrote are zero, as on the NIC */
		LLVMBuildMemSet(j->b, LLVMBuildGEP2(j->b, j->i8, j->stack, &below, 1, ""), LLVMConstInt(j->i8, 0, 0), jit_const(j, used), 1);
	LLVMBuildBr(j->b, j->top[f->entry->id]);
}

static void set_word(struct jit *j, LLVMValueRef structure, size_t offset, LLVMValueRef value)
{
	LLVMBuildStore(j->b, LLVMBuildTrunc(j->b, value, j->i32, ""), jit_place(j, structure, j->i32, offset));
}

/* A packet that stays where it is needs nothing. */
static void leave(struct jit *j, const struct func *f, struct value *verdict)
{
	LLVMValueRef head = jit_now(j, j->head), data;

	if (f->moves || j->tail_calls) {
		data = LLVMBuildGEP2(j->b, j->i8, j->packet, &head, 1, "");
		LLVMBuildStore(j->b, data, jit_place(j, j->packet_arg, j->bytes, offsetof(struct host_packet, data)));
		set_word(j, j->packet_arg, offsetof(struct host_packet, len), jit_now(j, j->len));
		set_word(j, j->packet_arg, offsetof(struct host_packet, meta_len), LLVMBuildSub(j->b, head, jit_now(j, j->meta), ""));
	}
	LLVMBuildRet(j->b, LLVMBuildTrunc(j->b, jit_arg(j, verdict), j->i32, ""));
}

LLVMTypeRef jit_program_type(struct jit *j)
{
	LLVMTypeRef args[ARGS] = {j->bytes, j->bytes, j->i64, j->i64, j->i64, j->i64};

	return LLVMFunctionType(j->i32, args, ARGS, 0);
}

/* Programs are called by their addresses, which are known when all are translated. */
void jit_tail(struct jit *j, struct value *v)
{
	LLVMTypeRef type = jit_program_type(j), pointer = LLVMPointerType(type, 0);
	LLVMValueRef number = LLVMBuildSub(j->b, jit_arg(j, v->arg[0]), jit_const(j, HOST_PROGRAMS), "");
	LLVMValueRef table = LLVMConstIntToPtr(jit_const(j, (uintptr_t)j->prog->entry), LLVMPointerType(pointer, 0));
	LLVMValueRef to = LLVMBuildLoad2(j->b, pointer, LLVMBuildGEP2(j->b, pointer, table, &number, 1, ""), "");
	LLVMValueRef args[ARGS] = {j->packet_arg, j->packet, jit_now(j, j->head), jit_now(j, j->meta), jit_now(j, j->len), jit_arg(j, v->arg[1])}, result;

	result = LLVMBuildCall2(j->b, type, to, args, ARGS, "");
	LLVMSetTailCall(result, 1);
	LLVMBuildRet(j->b, result);
}

static void end_block(struct jit *j, const struct func *f, struct block *block)
{
	struct value *v = block->last;

	switch (v->op) {
	case IR_JMP:
		LLVMBuildBr(j->b, j->edge[block->id][0]);
		break;
	case IR_BR:
		LLVMBuildCondBr(j->b, jit_compare(j, v->cc, v->w, jit_arg(j, v->arg[0]), jit_arg(j, v->arg[1])), j->edge[block->id][0],
				j->edge[block->id][1]);
		break;
	case IR_EXIT:
		leave(j, f, v->arg[0]);
		break;
	case IR_TAIL:
		jit_tail(j, v);
		break;
	default:
		snprintf(j->why, HOST_WHY, "a block of the program ends in a way that the host does not run");
		j->failed = 1;
		LLVMBuildUnreachable(j->b);
	}
}

static void translate_block(struct jit *j, const struct func *f, struct block *block)
{
	LLVMPositionBuilderAtEnd(j->b, j->top[block->id]);
	for (struct value *v = block->first; v != block->last; v = v->next)
		j->value[v->id] = v->op == IR_PHI ? LLVMBuildPhi(j->b, j->i64, "") : jit_op(j, v);
	end_block(j, f, block);
}

/* Which of the block's ways leads to the n-th pred of `to`: both ways of a branch may, and then come in order. */
static LLVMBasicBlockRef way_of(struct jit *j, const struct block *to, uint32_t n)
{
	const struct block *from = to->pred[n];
	uint32_t before = 0;

	for (uint32_t k = 0; k < n; k++)
		before += to->pred[k] == from;
	return j->edge[from->id][before || from->succ[0] != to];
}

static void fill_phis(struct jit *j, struct block *block)
{
	for (struct value *v = block->first; v != block->last && v->op == IR_PHI; v = v->next)
		for (uint32_t n = 0; n < block->n_pred; n++) {
			LLVMBasicBlockRef from = way_of(j, block, n);
			LLVMValueRef value;

			/* Arguments are made, if they have to be, on the way. */
			LLVMPositionBuilderBefore(j->b, LLVMGetBasicBlockTerminator(from));
			value = jit_arg(j, v->phi[n]);
			LLVMAddIncoming(j->value[v->id], &value, &from, 1);
		}
}

static void make_edges(struct jit *j, struct block *block)
{
	int ways = block->last->op == IR_BR ? 2 : block->last->op == IR_JMP;

	for (int way = 0; way < ways; way++) {
		j->edge[block->id][way] = new_block(j);
		LLVMPositionBuilderAtEnd(j->b, j->edge[block->id][way]);
		LLVMBuildBr(j->b, j->top[block->succ[way]->id]);
	}
}

/* One function for each program; where there is one only, it becomes part of the burst. */
static LLVMValueRef translate(struct jit *j, struct func *f, uint32_t number)
{
	LLVMBasicBlockRef first;
	char name[16];

	snprintf(name, sizeof(name), "xdp%u", number);
	j->function = LLVMAddFunction(j->module, name, jit_program_type(j));
	if (!j->tail_calls)
		LLVMSetLinkage(j->function, LLVMInternalLinkage);
	j->value = calloc(f->n_values + 1, sizeof(*j->value));
	j->top = calloc(f->n_blocks + 1, sizeof(*j->top));
	j->edge = calloc(f->n_blocks + 1, sizeof(*j->edge));
	if (!j->value || !j->top || !j->edge)
		abort();
	first = new_block(j);
	for (uint32_t n = 0; n < f->n_rpo; n++)
		j->top[f->rpo[n]->id] = new_block(j);
	for (uint32_t n = 0; n < f->n_rpo; n++)
		make_edges(j, f->rpo[n]);
	prologue(j, f, first);
	for (uint32_t n = 0; n < f->n_rpo; n++)
		translate_block(j, f, f->rpo[n]);
	for (uint32_t n = 0; n < f->n_rpo; n++)
		fill_phis(j, f->rpo[n]);
	free(j->value);
	free(j->top);
	free(j->edge);
	return j->function;
}

static LLVMValueRef widened(struct jit *j, LLVMValueRef word)
{
	return LLVMBuildZExt(j->b, word, j->i64, "");
}

static LLVMValueRef element(struct jit *j, LLVMValueRef array, LLVMTypeRef type, LLVMValueRef n)
{
	return LLVMBuildGEP2(j->b, type, array, &n, 1, "");
}

enum { BURST_PACKETS, BURST_VERDICTS, BURST_COUNT };

/* One packet after the other. Verdicts lie beside each other, so that those of a program which says always the same are one fill of memory. */
static void translate_burst(struct jit *j, LLVMValueRef program)
{
	LLVMTypeRef params[] = {j->bytes, LLVMPointerType(j->i32, 0), j->i32}, type = LLVMFunctionType(LLVMVoidTypeInContext(j->context), params, 3, 0);
	LLVMValueRef back = jit_const(j, (uint64_t)-NIC_HEADROOM), head = jit_const(j, NIC_HEADROOM), size = jit_const(j, sizeof(struct host_packet));
	LLVMValueRef ways[2], at, n, i, data, verdict, args[ARGS];
	LLVMBasicBlockRef first, loop, end, from[2];

	j->function = LLVMAddFunction(j->module, "burst", type);
	first = new_block(j);
	loop = new_block(j);
	end = new_block(j);
	LLVMPositionBuilderAtEnd(j->b, first);
	n = widened(j, LLVMGetParam(j->function, BURST_COUNT));
	LLVMBuildCondBr(j->b, LLVMBuildICmp(j->b, LLVMIntEQ, n, jit_const(j, 0), ""), end, loop);
	LLVMPositionBuilderAtEnd(j->b, loop);
	i = LLVMBuildPhi(j->b, j->i64, "");
	at = element(j, LLVMGetParam(j->function, BURST_PACKETS), j->i8, LLVMBuildMul(j->b, i, size, ""));
	data = jit_word(j, at, j->bytes, offsetof(struct host_packet, data));
	args[ARG_PACKET] = at;
	args[ARG_BUFFER] = element(j, data, j->i8, back);
	args[ARG_HEAD] = args[ARG_META] = head;
	args[ARG_LEN] = widened(j, jit_word(j, at, j->i32, offsetof(struct host_packet, len)));
	args[ARG_CALLS] = jit_const(j, 0);
	verdict = LLVMBuildCall2(j->b, jit_program_type(j), program, args, ARGS, "");
	LLVMBuildStore(j->b, verdict, element(j, LLVMGetParam(j->function, BURST_VERDICTS), j->i32, i));
	ways[0] = jit_const(j, 0);
	ways[1] = LLVMBuildAdd(j->b, i, jit_const(j, 1), "");
	from[0] = first;
	from[1] = loop;
	LLVMAddIncoming(i, ways, from, 2);
	LLVMBuildCondBr(j->b, LLVMBuildICmp(j->b, LLVMIntEQ, ways[1], n, ""), end, loop);
	LLVMPositionBuilderAtEnd(j->b, end);
	LLVMBuildRetVoid(j->b);
}

/* ---- LLVM ---- */

static LLVMTargetMachineRef machine(void)
{
	char *triple = LLVMGetDefaultTargetTriple(), *cpu = LLVMGetHostCPUName(), *features = LLVMGetHostCPUFeatures(), *error = NULL;
	LLVMTargetMachineRef m = NULL;
	LLVMTargetRef target;

	if (!LLVMGetTargetFromTriple(triple, &target, &error))
		m = LLVMCreateTargetMachine(target, triple, cpu, features, LLVMCodeGenLevelDefault, LLVMRelocPIC, LLVMCodeModelJITDefault);
	LLVMDisposeMessage(error);
	LLVMDisposeMessage(triple);
	LLVMDisposeMessage(cpu);
	LLVMDisposeMessage(features);
	return m;
}

static int optimise(struct jit *j, char why[HOST_WHY])
{
	LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
	LLVMTargetMachineRef m = machine();
	char *text = NULL;
	LLVMErrorRef error;

	if (LLVMVerifyModule(j->module, LLVMReturnStatusAction, &text)) {
		snprintf(why, HOST_WHY, "LLVM does not take the program: %s", text);
		LLVMDisposeMessage(text);
		return -1;
	}
	LLVMDisposeMessage(text);
	error = LLVMRunPasses(j->module, "default<O2>", m, options);
	LLVMDisposePassBuilderOptions(options);
	LLVMDisposeTargetMachine(m);
	return error ? fail_with(why, error) : 0;
}

/* LLVM makes calls of memcpy() and memset() of loops that do the same. */
static LLVMErrorRef allow_own_symbols(LLVMOrcLLJITRef jit)
{
	LLVMOrcDefinitionGeneratorRef generator;
	LLVMErrorRef error = LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(&generator, LLVMOrcLLJITGetGlobalPrefix(jit), NULL, NULL);

	if (!error)
		LLVMOrcJITDylibAddGenerator(LLVMOrcLLJITGetMainJITDylib(jit), generator);
	return error;
}

/* Takes the module, and its context with it. */
static int load(struct host_prog *p, struct jit *j, LLVMOrcThreadSafeContextRef context, char why[HOST_WHY])
{
	LLVMOrcLLJITRef jit;
	LLVMOrcJITTargetAddress at = 0;
	LLVMErrorRef error = LLVMOrcCreateLLJIT(&jit, NULL);

	if (error) {
		LLVMDisposeModule(j->module);
		return fail_with(why, error);
	}
	p->jit = jit;
	error = allow_own_symbols(jit);
	if (error) {
		LLVMDisposeModule(j->module);
		return fail_with(why, error);
	}
	error = LLVMOrcLLJITAddLLVMIRModule(jit, LLVMOrcLLJITGetMainJITDylib(jit), LLVMOrcCreateNewThreadSafeModule(j->module, context));
	if (!error)
		error = LLVMOrcLLJITLookup(jit, &at, "burst");
	p->head.code = (host_code *)(uintptr_t)at;
	for (uint32_t n = 0; !error && j->tail_calls && n < p->header.n_programs; n++) {
		char name[16];

		snprintf(name, sizeof(name), "xdp%u", n);
		error = LLVMOrcLLJITLookup(jit, &at, name);
		p->entry[n] = (void *)(uintptr_t)at;
	}
	return error ? fail_with(why, error) : 0;
}

static void initialise(void)
{
	LLVMInitializeNativeTarget();
	LLVMInitializeNativeAsmPrinter();
}

static int goes_on(const struct func *f)
{
	for (uint32_t n = 0; n < f->n_rpo; n++)
		if (f->rpo[n]->last->op == IR_TAIL)
			return 1;
	return 0;
}

int host_translate(struct host_prog *p, const struct compile *programs, uint32_t n, char why[HOST_WHY])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	LLVMOrcThreadSafeContextRef context = LLVMOrcCreateNewThreadSafeContext();
	struct jit j = {.prog = p, .context = LLVMOrcThreadSafeContextGetContext(context), .why = why, .n_maps = p->n_maps};
	LLVMValueRef first = NULL;
	int result = -1;

	pthread_once(&once, initialise);
	j.module = LLVMModuleCreateWithNameInContext("xdp", j.context);
	j.b = LLVMCreateBuilderInContext(j.context);
	types(&j);
	for (uint32_t k = 0; k < n; k++)
		j.tail_calls |= (uint8_t)goes_on(programs[k].func);
	for (uint32_t k = 0; k < n; k++) {
		LLVMValueRef function = translate(&j, programs[k].func, k);

		first = k ? first : function;
	}
	translate_burst(&j, first);
	LLVMDisposeBuilder(j.b);
	if (!j.failed && !optimise(&j, why)) {
		p->text = LLVMPrintModuleToString(j.module);
		result = load(p, &j, context, why);
	} else {
		LLVMDisposeModule(j.module);
	}
	LLVMOrcDisposeThreadSafeContext(context);
	return result;
}

void host_jit_free(struct host_prog *p)
{
	LLVMDisposeMessage(p->text);
	if (p->jit)
		LLVMConsumeError(LLVMOrcDisposeLLJIT(p->jit));
}

int host_rewrites(const struct host_prog *p)
{
	return p->rewrites;
}

const char *host_text(const struct host_prog *p)
{
	return p->text;
}
