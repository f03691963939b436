// SPDX-License-Identifier: Apache-2.0
/* Lookups in hash maps without a call: hash.h, for one map. */
#include "hash.h"
#include "jit.h"

enum { KEY_MAX = 64, WORD = 8 };

static LLVMTypeRef int_of(struct jit *j, uint32_t bytes)
{
	return bytes == 1 ? j->i8 : bytes == 2 ? j->i16 : bytes == 4 ? j->i32 : j->i64;
}

static LLVMValueRef load_at(struct jit *j, LLVMValueRef base, uint32_t offset, uint32_t bytes)
{
	LLVMValueRef x = jit_word(j, base, int_of(j, bytes), offset);

	LLVMSetAlignment(x, 1);
	return bytes < WORD ? LLVMBuildZExt(j->b, x, j->i64, "") : x;
}

/* Up to 8 bytes of a key. */
static LLVMValueRef key_word(struct jit *j, LLVMValueRef key, uint32_t offset, uint32_t bytes)
{
	LLVMValueRef word = NULL;
	uint32_t done = 0;

	for (uint32_t step = WORD; step; step /= 2)
		if (bytes - done >= step) {
			LLVMValueRef piece = load_at(j, key, offset + done, step);

			if (done)
				piece = LLVMBuildShl(j->b, piece, jit_const(j, 8ull * done), "");
			word = word ? LLVMBuildOr(j->b, word, piece, "") : piece;
			done += step;
		}
	return word;
}

static uint32_t bytes_at(const struct image_map *m, uint32_t offset)
{
	return m->key_size - offset < WORD ? m->key_size - offset : WORD;
}

static LLVMValueRef hash_of(struct jit *j, const struct image_map *m, LLVMValueRef key)
{
	LLVMValueRef h = jit_const(j, m->seed);

	for (uint32_t i = 0; i < m->key_size; i += WORD) {
		h = LLVMBuildXor(j->b, h, key_word(j, key, i, bytes_at(m, i)), "");
		h = LLVMBuildMul(j->b, h, jit_const(j, HOST_HASH_FACTOR), "");
		h = LLVMBuildXor(j->b, h, LLVMBuildLShr(j->b, h, jit_const(j, 32), ""), "");
	}
	return LLVMBuildAnd(j->b, h, jit_const(j, 0xffffffff), "");
}

static LLVMValueRef in_memory(struct jit *j, LLVMValueRef at)
{
	return LLVMBuildGEP2(j->b, j->i8, j->memory, &at, 1, "");
}

static LLVMValueRef link_at(struct jit *j, LLVMValueRef at)
{
	LLVMValueRef x = LLVMBuildLoad2(j->b, j->i64, LLVMBuildBitCast(j->b, at, LLVMPointerType(j->i64, 0), ""), "");

	LLVMSetAlignment(x, WORD);
	LLVMSetOrdering(x, LLVMAtomicOrderingAcquire);
	return x;
}

/* All bits of the difference. */
static LLVMValueRef difference(struct jit *j, const struct image_map *m, LLVMValueRef entry, LLVMValueRef key)
{
	LLVMValueRef all = NULL, eight = jit_const(j, WORD), at = LLVMBuildGEP2(j->b, j->i8, entry, &eight, 1, "");

	for (uint32_t i = 0; i < m->key_size; i += WORD) {
		LLVMValueRef x = LLVMBuildXor(j->b, key_word(j, at, i, bytes_at(m, i)), key_word(j, key, i, bytes_at(m, i)), "");

		all = all ? LLVMBuildOr(j->b, all, x, "") : x;
	}
	return all;
}

static LLVMBasicBlockRef block(struct jit *j)
{
	return LLVMAppendBasicBlockInContext(j->context, j->function, "");
}

/* An LRU table sees that the entry is used. */
static void mark(struct jit *j, uint32_t map, LLVMValueRef entry)
{
	const struct image_map *m = &j->prog->maps[map];
	LLVMValueRef base = LLVMConstIntToPtr(jit_const(j, (uintptr_t)j->prog->hash[map].used), j->bytes), n;

	if (!j->prog->hash[map].used)
		return;
	n = LLVMBuildSub(j->b, entry, jit_const(j, m->values), "");
	n = LLVMBuildExactUDiv(j->b, n, jit_const(j, m->stride), "");
	LLVMBuildStore(j->b, LLVMConstInt(j->i8, 1, 0), LLVMBuildGEP2(j->b, j->i8, base, &n, 1, ""));
}

int jit_can_look(const struct jit *j, uint32_t map)
{
	return map < j->n_maps && image_map_is_hash(j->prog->maps[map].type) && j->prog->maps[map].key_size <= KEY_MAX;
}

LLVMValueRef jit_look(struct jit *j, uint32_t map, LLVMValueRef key)
{
	const struct image_map *m = &j->prog->maps[map];
	LLVMBasicBlockRef first, walk = block(j), is_hash = block(j), next = block(j), hit = block(j), end = block(j), from[2];
	LLVMValueRef h = hash_of(j, m, key), zero = jit_const(j, 0), at, link, entry, way[2], result;
	uint64_t to_value = ((uint64_t)NIC_TAG_MAP << 60 | (uint64_t)map << 48) + WORD + ((m->key_size + 7) & ~7u);

	at = LLVMBuildShl(j->b, LLVMBuildAnd(j->b, h, jit_const(j, m->n_buckets - 1), ""), jit_const(j, 3), "");
	at = in_memory(j, LLVMBuildAdd(j->b, at, jit_const(j, m->buckets), ""));
	link = link_at(j, at);
	first = LLVMGetInsertBlock(j->b);
	LLVMBuildBr(j->b, walk);
	LLVMPositionBuilderAtEnd(j->b, walk);
	way[0] = link;
	link = LLVMBuildPhi(j->b, j->i64, "");
	entry = LLVMBuildAnd(j->b, link, jit_const(j, 0xffffffff), "");
	LLVMBuildCondBr(j->b, LLVMBuildICmp(j->b, LLVMIntEQ, entry, zero, ""), end, is_hash);
	LLVMPositionBuilderAtEnd(j->b, is_hash);
	at = in_memory(j, entry);
	way[1] = link_at(j, at);
	result = LLVMBuildICmp(j->b, LLVMIntEQ, LLVMBuildLShr(j->b, way[1], jit_const(j, 32), ""), h, "");
	LLVMBuildCondBr(j->b, result, next, walk);
	from[0] = first;
	from[1] = is_hash;
	LLVMAddIncoming(link, way, from, 2);
	LLVMPositionBuilderAtEnd(j->b, next);
	LLVMBuildCondBr(j->b, LLVMBuildICmp(j->b, LLVMIntEQ, difference(j, m, at, key), zero, ""), hit, walk);
	LLVMAddIncoming(link, &way[1], &next, 1);
	LLVMPositionBuilderAtEnd(j->b, hit);
	mark(j, map, entry);
	way[1] = LLVMBuildAdd(j->b, entry, jit_const(j, to_value), "");
	LLVMBuildBr(j->b, end);
	LLVMPositionBuilderAtEnd(j->b, end);
	result = LLVMBuildPhi(j->b, j->i64, "");
	way[0] = zero;
	from[0] = walk;
	from[1] = hit;
	LLVMAddIncoming(result, way, from, 2);
	return result;
}
