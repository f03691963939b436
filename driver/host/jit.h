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
	LLVMValueRef function, packet_arg, calls; /* packet_arg: struct host_packet, as bytes; calls: tail calls made before */
	LLVMValueRef packet, memory, stack; /* where the offsets of their pointers count from */
	LLVMValueRef selected;        /* variable: the map that stands for a template */
	LLVMValueRef head, len, meta; /* where the packet begins in its buffer, its bytes, where its metadata begin: variables */
	LLVMValueRef *value;          /* by id of struct value: i64 */
	LLVMBasicBlockRef *top, *end; /* by id of struct block: where it begins and ends */
	LLVMBasicBlockRef (*edge)[2]; /* what stands between a block and its successors */
	uint32_t n_maps;              /* those behind them are templates */
	uint8_t tail_calls;           /* programs call each other */
	char *why;
	int failed;
};

/* What a program gets: the packet, where its buffer begins, where it begins in there, where its metadata begin, its bytes; tail calls so far. */
enum { ARG_PACKET, ARG_BUFFER, ARG_HEAD, ARG_META, ARG_LEN, ARG_CALLS, ARGS };

/* ops.c: the value of one operation that is no phi and ends no block; NULL when it has none. */
LLVMValueRef jit_op(struct jit *j, struct value *v);
/* The value of an argument: constants and specials included. */
LLVMValueRef jit_arg(struct jit *j, struct value *v);
LLVMValueRef jit_compare(struct jit *j, int cc, int w, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef jit_const(struct jit *j, uint64_t n);
/* What a variable holds now. */
LLVMValueRef jit_now(struct jit *j, LLVMValueRef variable);
/* Where a word at that byte offset of a structure is, and what it holds. */
LLVMValueRef jit_place(struct jit *j, LLVMValueRef structure, LLVMTypeRef type, size_t offset);
LLVMValueRef jit_word(struct jit *j, LLVMValueRef structure, LLVMTypeRef type, size_t offset);
LLVMTypeRef jit_program_type(struct jit *j);
/* Ends the block: on to the program of a PROG_ARRAY's word. */
void jit_tail(struct jit *j, struct value *v);

/* inline.c: a lookup in a hash map by a native key, if it can be done without a call. */
int jit_can_look(const struct jit *j, uint32_t map);
LLVMValueRef jit_look(struct jit *j, uint32_t map, LLVMValueRef key);

#endif
