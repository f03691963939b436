// SPDX-License-Identifier: Apache-2.0
/*
 * LPM tries. What changes one is the drivers' own code (driver/common/nic_lpm.c), to which the host's map memory looks like a NIC's through
 * its registers; programs only walk, and no change is under way meanwhile.
 */
#include "driver/common/nic_lpm.h"

#include <string.h>

#include "host_impl.h"

enum { FORK = 1, DATA = 4 };

void host_lpm_open(struct host_prog *p, uint32_t map)
{
	pthread_rwlock_init(&p->hash[map].walk, NULL);
}

void host_lpm_close(struct host_prog *p, uint32_t map)
{
	pthread_rwlock_destroy(&p->hash[map].walk);
}

#define LPM_CALL(lock, call)                                                                                                           \
	struct host_shim shim;                                                                                                         \
	struct nic_regs regs;                                                                                                          \
	const struct nic_map m = {.regs = &regs, .layout = &p->maps[map], .index = map};                                               \
	int result;                                                                                                                    \
                                                                                                                                       \
	host_shim_open(p, &shim, &regs);                                                                                               \
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
