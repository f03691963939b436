/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVER_HOST_JIT_H
#define DRIVER_HOST_JIT_H

#include <llvm-c/Core.h>

#include "host_impl.h"
#include "jit-nfp/ir.h"

/* One function on its way to LLVM. */
struct jit {
	struct host_prog *prog;
	LLVMContextRef context;
	LLVMModuleRef module;
	LLVMBuilderRef b;
	LLVMTypeRef i8, i16, i32, i64, bytes;
	LLVMValueRef function, frame_arg; /* frame_arg: struct host_frame, as bytes */
	LLVMValueRef packet, memory, stack;
	LLVMValueRef head, len, meta; /* where the packet begins in its buffer, its bytes, where its metadata begin: variables */
	LLVMValueRef *value;          /* by id of struct value: i64 */
	LLVMBasicBlockRef *top, *end; /* by id of struct block: where it begins and ends */
	LLVMBasicBlockRef (*edge)[2]; /* what stands between a block and its successors */
	char *why;
	int failed;
};

/* ops.c: the value of one operation that is no phi and ends no block; NULL when it has none. */
LLVMValueRef jit_op(struct jit *j, struct value *v);
/* The value of an argument: constants and specials included. */
LLVMValueRef jit_arg(struct jit *j, struct value *v);
LLVMValueRef jit_compare(struct jit *j, int cc, int w, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef jit_const(struct jit *j, uint64_t n);
/* What a variable holds now. */
LLVMValueRef jit_now(struct jit *j, LLVMValueRef variable);
/* Where a word of struct host_frame at that byte offset is, and what it holds. */
LLVMValueRef jit_frame_place(struct jit *j, LLVMTypeRef type, size_t offset);
LLVMValueRef jit_frame_word(struct jit *j, LLVMTypeRef type, size_t offset);

#endif
