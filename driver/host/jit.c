// SPDX-License-Identifier: Apache-2.0
/* A function of jit-nfp's values as an LLVM function, and LLVM's ORC JIT to make it code. */
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

/* What all of the program uses, in a block of its own. */
static void prologue(struct jit *j, struct func *f, LLVMBasicBlockRef first)
{
	unsigned int used = f->c->stack_used;
	LLVMValueRef stack, below;

	LLVMPositionBuilderAtEnd(j->b, first);
	j->frame_arg = LLVMGetParam(j->function, 0);
	j->packet = jit_frame_word(j, j->bytes, offsetof(struct host_frame, buffer));
	j->memory = jit_frame_word(j, j->bytes, offsetof(struct host_frame, memory));
	j->head = variable(j, jit_const(j, NIC_HEADROOM));
	j->meta = variable(j, jit_const(j, NIC_HEADROOM));
	j->len = variable(j, LLVMBuildZExt(j->b, jit_frame_word(j, j->i32, offsetof(struct host_frame, len)), j->i64, ""));
	stack = LLVMBuildAlloca(j->b, LLVMArrayType(j->i64, NIC_STACK_BYTES / 8), "");
	j->stack = LLVMBuildBitCast(j->b, stack, j->bytes, "");
	below = jit_const(j, NIC_STACK_BYTES - used);
	if (used) /* bytes that a program never wrote are zero, as on the NIC */
		LLVMBuildMemSet(j->b, LLVMBuildGEP2(j->b, j->i8, j->stack, &below, 1, ""), LLVMConstInt(j->i8, 0, 0), jit_const(j, used), 1);
	LLVMBuildBr(j->b, j->top[f->entry->id]);
}

static void leave(struct jit *j, LLVMValueRef variable, size_t offset)
{
	LLVMBuildStore(j->b, LLVMBuildTrunc(j->b, jit_now(j, variable), j->i32, ""), jit_frame_place(j, j->i32, offset));
}

static void end_block(struct jit *j, struct block *block)
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
		leave(j, j->head, offsetof(struct host_frame, head));
		leave(j, j->len, offsetof(struct host_frame, len));
		leave(j, j->meta, offsetof(struct host_frame, meta));
		LLVMBuildRet(j->b, LLVMBuildTrunc(j->b, jit_arg(j, v->arg[0]), j->i32, ""));
		break;
	default:
		snprintf(j->why, HOST_WHY, "a block of the program ends in a way that the host does not run");
		j->failed = 1;
		LLVMBuildUnreachable(j->b);
	}
}

static void translate_block(struct jit *j, struct block *block)
{
	LLVMPositionBuilderAtEnd(j->b, j->top[block->id]);
	for (struct value *v = block->first; v != block->last; v = v->next)
		j->value[v->id] = v->op == IR_PHI ? LLVMBuildPhi(j->b, j->i64, "") : jit_op(j, v);
	end_block(j, block);
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

static void translate(struct jit *j, struct func *f)
{
	LLVMTypeRef type = LLVMFunctionType(j->i32, &j->bytes, 1, 0);
	LLVMBasicBlockRef first;

	j->function = LLVMAddFunction(j->module, "xdp", type);
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
		translate_block(j, f->rpo[n]);
	for (uint32_t n = 0; n < f->n_rpo; n++)
		fill_phis(j, f->rpo[n]);
	free(j->value);
	free(j->top);
	free(j->edge);
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
	LLVMOrcJITTargetAddress at;
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
		error = LLVMOrcLLJITLookup(jit, &at, "xdp");
	if (error)
		return fail_with(why, error);
	p->code = (host_code *)(uintptr_t)at;
	return 0;
}

static void initialise(void)
{
	LLVMInitializeNativeTarget();
	LLVMInitializeNativeAsmPrinter();
}

int host_translate(struct host_prog *p, struct func *f, char why[HOST_WHY])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	LLVMOrcThreadSafeContextRef context = LLVMOrcCreateNewThreadSafeContext();
	struct jit j = {.prog = p, .context = LLVMOrcThreadSafeContextGetContext(context), .why = why};
	int result = -1;

	pthread_once(&once, initialise);
	j.module = LLVMModuleCreateWithNameInContext("xdp", j.context);
	j.b = LLVMCreateBuilderInContext(j.context);
	types(&j);
	translate(&j, f);
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

const char *host_text(const struct host_prog *p)
{
	return p->text;
}
