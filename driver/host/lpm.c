// SPDX-License-Identifier: Apache-2.0
/*
 * LPM tries. What changes one is the drivers' own code (driver/common/nic_lpm.c), to which the host's map memory looks like a NIC's through
 * its registers; programs only walk, and no change is under way meanwhile.
 */
#include "driver/common/nic_lpm.h"

#include <string.h>

#include "host_impl.h"

enum { MAPMEM_BYTES = REG_MAPMEM_COUNT * REG_MAPMEM_STRIDE, STATE_WORDS = 3, FORK = 1, DATA = 4 };

/* The registers, as one who holds the lock sees them. */
struct shim {
	struct host_prog *prog;
	uint32_t map, part;
	uint32_t other;               /* stands for all registers that don't matter here */
};

static uint32_t *register_at(struct shim *s, uint32_t offset)
{
	uint32_t state = offset - (REG_MAPSTATE + s->map * REG_MAPSTATE_STRIDE);

	if (offset >= REG_MAPMEM && offset - REG_MAPMEM < MAPMEM_BYTES)
		return (uint32_t *)(void *)(s->prog->memory + (size_t)s->part * MAPMEM_BYTES + (offset - REG_MAPMEM));
	if (state / 4 < STATE_WORDS)
		return &s->prog->hash[s->map].trie[state / 4];
	return &s->other;
}

static uint32_t reg_read(void *ctx, uint32_t offset)
{
	/* Nobody looks up: calls are done at once. */
	return offset == REG_MAPCMD ? 0 : *register_at(ctx, offset);
}

static void reg_write(void *ctx, uint32_t offset, uint32_t value)
{
	struct shim *s = ctx;

	if (offset == REG_MAPWIN)
		s->part = value;
	else if (offset != REG_MAPCMD)
		*register_at(s, offset) = value;
}

void host_lpm_open(struct host_prog *p, uint32_t map)
{
	const struct image_map *m = &p->maps[map];
	uint32_t state[STATE_WORDS] = {0, m->values, m->limit - m->stride};

	memcpy(p->hash[map].trie, state, sizeof(state));
	pthread_rwlock_init(&p->hash[map].walk, NULL);
}

void host_lpm_close(struct host_prog *p, uint32_t map)
{
	pthread_rwlock_destroy(&p->hash[map].walk);
}

#define LPM_CALL(lock, call)                                                                                                           \
	struct shim s = {.prog = p, .map = map};                                                                                       \
	const struct nic_regs regs = {.read = reg_read, .write = reg_write, .ctx = &s};                                                \
	const struct nic_map m = {.regs = &regs, .layout = &p->maps[map], .index = map};                                               \
	int result;                                                                                                                    \
                                                                                                                                       \
	pthread_rwlock_##lock(&p->hash[map].walk);                                                                                     \
	result = call;                                                                                                                 \
	pthread_rwlock_unlock(&p->hash[map].walk);                                                                                     \
	return result

int host_lpm_lookup(struct host_prog *p, uint32_t map, const void *key, void *value)
{
	LPM_CALL(rdlock, nic_lpm_lookup(&m, key, value));
}

int host_lpm_update(struct host_prog *p, uint32_t map, const void *key, const void *value, uint64_t flags)
{
	LPM_CALL(wrlock, nic_lpm_update(&m, key, value, flags));
}

int host_lpm_delete(struct host_prog *p, uint32_t map, const void *key)
{
	LPM_CALL(wrlock, nic_lpm_delete(&m, key));
}

int host_lpm_next(struct host_prog *p, uint32_t map, const void *key, void *next)
{
	LPM_CALL(rdlock, nic_lpm_next(&m, key, next));
}

/* ---- What programs do ---- */

static uint32_t length(const uint8_t *key)
{
	uint32_t n;

	memcpy(&n, key, sizeof(n));
	return n;
}

static unsigned int bit(const uint8_t *key, uint32_t i)
{
	return key[DATA + i / 8] >> (7 - i % 8) & 1;
}

/* Whether the key begins with the node's prefix. */
static int holds(const uint8_t *node, const uint8_t *key)
{
	uint32_t n = length(node), whole = n / 8;

	if (n > length(key) || memcmp(node + DATA, key + DATA, whole))
		return 0;
	return n % 8 == 0 || !((node[DATA + whole] ^ key[DATA + whole]) >> (8 - n % 8));
}

/* The node of the longest prefix, or 0. The upper part of the trie's root words is for the NIC's lookups; here the walk begins at the top. */
static uint32_t walk(const struct host_prog *p, const struct image_map *m, const uint8_t *key)
{
	uint32_t at = *(const uint32_t *)(const void *)(p->memory + m->buckets + 8 * (size_t)m->n_buckets), best = 0, max = 8 * (m->key_size - DATA);

	if (length(key) > max)
		return 0;
	while (at) {
		const uint32_t *child = (const uint32_t *)(const void *)(p->memory + at);
		const uint8_t *node = p->memory + at + 8;

		if (!holds(node, key))
			break;
		if (!(child[0] & FORK))
			best = at;
		if (length(node) == max)
			break;
		at = bit(key, length(node)) ? child[1] : child[0] & ~(uint32_t)FORK;
	}
	return best;
}

uint32_t host_lpm_find(struct host_prog *p, uint32_t map, const void *key)
{
	const struct image_map *m = &p->maps[map];
	uint32_t at;

	pthread_rwlock_rdlock(&p->hash[map].walk);
	at = walk(p, m, key);
	pthread_rwlock_unlock(&p->hash[map].walk);
	return at ? at + 8 + ((m->key_size + 7) & ~7u) : 0;
}
