// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Map definitions the NIC can hold. */
#include "hw/spec/image.h"
#include "timer.h"
#include "verify.h"

static const char *const type_names[] = { /* enum bpf_map_type */
	"UNSPEC", "HASH", "ARRAY", "PROG_ARRAY", "PERF_EVENT_ARRAY", "PERCPU_HASH", "PERCPU_ARRAY", "STACK_TRACE",
	"CGROUP_ARRAY", "LRU_HASH", "LRU_PERCPU_HASH", "LPM_TRIE", "ARRAY_OF_MAPS", "HASH_OF_MAPS", "DEVMAP",
	"SOCKMAP", "CPUMAP", "XSKMAP", "SOCKHASH", "CGROUP_STORAGE", "REUSEPORT_SOCKARRAY", "PERCPU_CGROUP_STORAGE",
	"QUEUE", "STACK", "SK_STORAGE", "DEVMAP_HASH", "STRUCT_OPS", "RINGBUF", "INODE_STORAGE", "TASK_STORAGE",
	"BLOOM_FILTER", "USER_RINGBUF", "CGRP_STORAGE", "ARENA",
};
static const char *const flag_names[] = { /* BPF_F_*, by bit */
	"BPF_F_NO_PREALLOC", "BPF_F_NO_COMMON_LRU", "BPF_F_NUMA_NODE", "BPF_F_RDONLY", "BPF_F_WRONLY",
	"BPF_F_STACK_BUILD_ID", "BPF_F_ZERO_SEED", "BPF_F_RDONLY_PROG", "BPF_F_WRONLY_PROG", "BPF_F_CLONE",
	"BPF_F_MMAPABLE", "BPF_F_PRESERVE_ELEMS", "BPF_F_INNER_MAP",
};
enum {
	N_TYPES = sizeof(type_names) / sizeof(*type_names),
	N_FLAGS = sizeof(flag_names) / sizeof(*flag_names),
	MAX_VALUE_BYTES = 1 << 29, /* keeps offsets within 32 bits */
	MAX_PERCPU_BYTES = 32 << 10, /* the kernel's limit */
	ARRAY_KEY_BYTES = 4,
	FUNCTIONS_MOST = 15, /* hash functions of a bloom filter */
};

/* NUMA_NODE and MMAPABLE say where a host keeps a map and how it reads it: nothing that a program sees. */
enum { ACCESS_FLAGS = MAP_RDONLY | MAP_WRONLY | MAP_RDONLY_PROG | MAP_WRONLY_PROG };

/* The types that the NIC has, with the flags that the kernel takes for them. */
static const struct map_kind {
	uint32_t type, flags;
} kinds[] = {
	{ MAP_TYPE_ARRAY, ACCESS_FLAGS | MAP_NUMA_NODE | MAP_MMAPABLE },
	{ MAP_TYPE_PERCPU_ARRAY, ACCESS_FLAGS },
	{ MAP_TYPE_PERF_EVENT_ARRAY, ACCESS_FLAGS | MAP_NUMA_NODE | MAP_PRESERVE_ELEMS },
	{ MAP_TYPE_PERCPU_HASH, ACCESS_FLAGS | MAP_NO_PREALLOC | MAP_ZERO_SEED },
	{ MAP_TYPE_LRU_HASH, ACCESS_FLAGS | MAP_NUMA_NODE | MAP_NO_COMMON_LRU | MAP_ZERO_SEED },
	{ MAP_TYPE_LRU_PERCPU_HASH, ACCESS_FLAGS | MAP_NO_COMMON_LRU | MAP_ZERO_SEED },
	{ MAP_TYPE_LPM_TRIE, ACCESS_FLAGS | MAP_NUMA_NODE | MAP_NO_PREALLOC },
	{ MAP_TYPE_PREFIXES, ACCESS_FLAGS | MAP_NUMA_NODE | MAP_NO_PREALLOC },
	{ MAP_TYPE_QUEUE, ACCESS_FLAGS | MAP_NUMA_NODE },
	{ MAP_TYPE_STACK, ACCESS_FLAGS | MAP_NUMA_NODE },
	{ MAP_TYPE_BLOOM_FILTER, ACCESS_FLAGS | MAP_NUMA_NODE | MAP_ZERO_SEED },
	{ MAP_TYPE_RINGBUF, MAP_NUMA_NODE },
	{ MAP_TYPE_LOG, 0 },
	{ MAP_TYPE_PROG_ARRAY, MAP_NUMA_NODE | MAP_RDONLY | MAP_WRONLY },
	{ MAP_TYPE_DEVMAP, MAP_NUMA_NODE | MAP_RDONLY | MAP_WRONLY },
	{ MAP_TYPE_DEVMAP_HASH, MAP_NUMA_NODE | MAP_RDONLY | MAP_WRONLY },
	{ MAP_TYPE_CPUMAP, MAP_NUMA_NODE },
	{ MAP_TYPE_XSKMAP, MAP_NUMA_NODE },
	{ MAP_TYPE_ARRAY_OF_MAPS, MAP_NUMA_NODE | MAP_RDONLY | MAP_WRONLY },
	{ MAP_TYPE_HASH_OF_MAPS, MAP_NUMA_NODE | MAP_RDONLY | MAP_WRONLY | MAP_NO_PREALLOC | MAP_ZERO_SEED },
	{ MAP_TYPE_HASH, ACCESS_FLAGS | MAP_NUMA_NODE | MAP_NO_PREALLOC | MAP_ZERO_SEED },
};
enum { N_KINDS = sizeof(kinds) / sizeof(*kinds) };

static const struct map_kind *kind_of(uint32_t type)
{
	for (unsigned int n = 0; n < N_KINDS; n++)
		if (kinds[n].type == type)
			return &kinds[n];
	return NULL;
}

const char *map_type_name(uint32_t type)
{
	if (type == MAP_TYPE_PREFIXES)
		type = MAP_TYPE_LPM_TRIE;
	return type < N_TYPES ? type_names[type] : type == MAP_TYPE_LOG ? "LOG" : "?";
}

int map_type_exists(uint32_t type)
{
	return kind_of(type) != NULL;
}

static int may_be_sized(uint32_t type)
{
	return (image_map_is_array(type) && type != MAP_TYPE_PROG_ARRAY && !image_map_has_maps(type)) || type == MAP_TYPE_PERF_EVENT_ARRAY;
}

uint32_t map_entries(const struct target *t, const struct prog_map *m)
{
	return m->max_entries || !may_be_sized(m->type) ? m->max_entries : t->cpus;
}

static int check_type(struct compile *c, const struct prog_map *m)
{
	if (map_type_exists(m->type))
		return 0;
	if (m->type < N_TYPES)
		error(c, -1, "map %s is of type %s, which the NIC does not have", m->name,
		      map_type_name(m->type));
	else
		error(c, -1, "map %s is of type %u, which the NIC does not have", m->name, m->type);
	return error_note(c, "nicjit --help names the map types of the NIC");
}

static int check_flags(struct compile *c, const struct prog_map *m)
{
	uint32_t other = m->flags & ~kind_of(m->type)->flags;
	unsigned int bit;

	if ((m->flags & MAP_RDONLY_PROG) && (m->flags & MAP_WRONLY_PROG))
		return error(c, -1, "map %s has both flags BPF_F_RDONLY_PROG and BPF_F_WRONLY_PROG", m->name);
	if (!other)
		return 0;
	bit = (unsigned int)__builtin_ctz(other);
	if (bit < N_FLAGS)
		error(c, -1, "map %s of type %s has the flag %s, which such maps can't have", m->name, map_type_name(m->type),
		      flag_names[bit]);
	else
		error(c, -1, "map %s has the flag 0x%x, which the NIC can't honour", m->name,
		      1U << bit);
	return error_note(c, "remove the flag from the map's map_flags");
}

static int check_ring(struct compile *c, const struct prog_map *m)
{
	if (m->key_size || m->value_size)
		return error(c, -1, "ring buffer %s has a key or value of %u bytes, and has neither", m->name, m->key_size + m->value_size);
	if (m->max_entries && m->max_entries <= MAX_VALUE_BYTES)
		return 0;
	error(c, -1, "ring buffer %s has %u bytes", m->name, m->max_entries);
	return error_note(c, "set max_entries to the size of the buffer in bytes, a power of two");
}

enum { PREFIX_BYTES = 4, TRIE_KEY_MAX = 24, PREFIXES_KEY_MAX = PREFIX_BYTES + 256 /* as in Linux */ };

static int check_trie(struct compile *c, const struct prog_map *m)
{
	uint32_t most;

	if (!(m->flags & MAP_NO_PREALLOC)) {
		error(c, -1, "map %s of type LPM_TRIE does not have the flag BPF_F_NO_PREALLOC, and Linux wants it", m->name);
		return error_note(c, "add it to the map's map_flags");
	}
	most = m->type != MAP_TYPE_PREFIXES ? (uint32_t)TRIE_KEY_MAX : c->target->key_bytes < PREFIXES_KEY_MAX ? c->target->key_bytes : (uint32_t)PREFIXES_KEY_MAX;
	if (m->key_size > PREFIX_BYTES && m->key_size <= most)
		return 0;
	error(c, -1, "the key of map %s has %u bytes, and the NIC takes %d to %u for an LPM_TRIE, prefix length included", m->name, m->key_size,
	      PREFIX_BYTES + 1, most);
	return error_note(c, "make the key smaller");
}

static int redirects(uint32_t type)
{
	return type == MAP_TYPE_DEVMAP || type == MAP_TYPE_DEVMAP_HASH || type == MAP_TYPE_CPUMAP || type == MAP_TYPE_XSKMAP;
}

static int check_sizes(struct compile *c, const struct prog_map *m);

int map_may_be_inner(uint32_t type)
{
	return type == MAP_TYPE_ARRAY || type == MAP_TYPE_HASH || type == MAP_TYPE_LRU_HASH || type == MAP_TYPE_PERCPU_ARRAY || type == MAP_TYPE_PERCPU_HASH ||
	       type == MAP_TYPE_LRU_PERCPU_HASH || type == MAP_TYPE_LPM_TRIE || type == MAP_TYPE_PREFIXES;
}

static int check_outer(struct compile *c, const struct prog_map *m)
{
	const struct prog_map *inner = m->inner ? &c->prog->maps[m->inner - 1] : NULL;

	if (m->value_size != 4)
		return error(c, -1, "the value of map %s of type %s has %u bytes, and such maps have 4", m->name, map_type_name(m->type), m->value_size);
	if (!inner) {
		error(c, -1, "what maps map %s holds is not declared", m->name);
		return error_note(c, "declare one with __array(values, struct { ... })");
	}
	if (!map_may_be_inner(inner->type))
		return error(c, -1, "map %s holds maps of type %s, which the NIC does not have in maps", m->name,
			     map_type_name(inner->type));
	return check_type(c, inner) || check_flags(c, inner) || check_sizes(c, inner) || lock_check_map(c, inner) || timer_check_map(c, inner) ? -1 : 0;
}

static int check_sizes(struct compile *c, const struct prog_map *m)
{
	if (image_map_is_array(m->type) && m->key_size != ARRAY_KEY_BYTES)
		return error(c, -1,
			     "the key of array map %s has %u bytes, and an array index has 4",
			     m->name, m->key_size);
	if (m->type == MAP_TYPE_RINGBUF)
		return check_ring(c, m);
	if (m->type == MAP_TYPE_PERF_EVENT_ARRAY && ((m->key_size && m->key_size != 4) || (m->value_size && m->value_size != 4))) /* 0: loaders set them */
		return error(c, -1, "key and value of perf event array %s have %u and %u bytes, and both must have 4", m->name, m->key_size,
			     m->value_size);
	if (image_map_is_ring(m->type))
		return 0;
	if ((m->type == MAP_TYPE_LPM_TRIE || m->type == MAP_TYPE_PREFIXES) && check_trie(c, m))
		return -1;
	if (image_map_is_queue(m->type) && m->key_size)
		return error(c, -1, "map %s of type %s has keys of %u bytes, and such maps have none", m->name, map_type_name(m->type), m->key_size);
	if (!image_map_is_queue(m->type) && (!m->key_size || m->key_size > c->target->key_bytes)) {
		error(c, -1, "the key of map %s has %u bytes, and the NIC takes 1 to %u", m->name,
		      m->key_size, c->target->key_bytes);
		return error_note(c, m->key_size ? "take a hash of it as the key, and compare the whole with a copy in the value"
					       : "say in the map's declaration what its keys are: __type(key, ...)");
	}
	if (!m->value_size || m->value_size > MAX_VALUE_BYTES) {
		error(c, -1, "the value of map %s has %u bytes, and the NIC takes 1 to %u",
		      m->name, m->value_size, (unsigned int)MAX_VALUE_BYTES);
		return m->value_size ? -1 : error_note(c, "say in the map's declaration what its values are: __type(value, ...)");
	}
	if (image_map_is_percpu(m->type) && m->value_size > MAX_PERCPU_BYTES)
		return error(c, -1, "the value of per-CPU map %s has %u bytes, and Linux takes 1 to %u", m->name, m->value_size,
			     (unsigned int)MAX_PERCPU_BYTES);
	if (redirects(m->type) && m->value_size != 4 && (m->value_size != 8 || m->type == MAP_TYPE_XSKMAP))
		return error(c, -1, "the value of map %s of type %s has %u bytes, and such maps have 4%s", m->name, map_type_name(m->type), m->value_size,
			     m->type == MAP_TYPE_XSKMAP ? "" : " or 8");
	if (image_map_has_maps(m->type) && check_outer(c, m))
		return -1;
	if (m->type == MAP_TYPE_DEVMAP_HASH && m->key_size != ARRAY_KEY_BYTES)
		return error(c, -1, "the key of map %s has %u bytes, and such maps have 4", m->name, m->key_size);
	if (!map_entries(c->target, m)) {
		error(c, -1, "map %s has no entries", m->name);
		return error_note(c, "set its max_entries, or give them as a loader does: --entries %s=NUMBER", m->name);
	}
	if (m->extra > (m->type == MAP_TYPE_BLOOM_FILTER ? FUNCTIONS_MOST : 0))
		return error(c, -1, "map %s of type %s has %llu as map_extra, and Linux takes 0 to %u", m->name, map_type_name(m->type),
			     (unsigned long long)m->extra, m->type == MAP_TYPE_BLOOM_FILTER ? (unsigned int)FUNCTIONS_MOST : 0);
	if (m->init_size > m->value_size || (m->init_size && m->type != MAP_TYPE_ARRAY))
		return error(c, -1, "map %s has %u bytes of initial data and values of %u bytes",
			     m->name, m->init_size, m->value_size);
	return 0;
}

/* The first instruction that names the map: the nearest thing to its declaration that has a source line. */
static int first_use(const struct prog *p, uint32_t map)
{
	for (uint32_t pc = 0; pc + 1 < p->n_insns; pc += 1 + (p->insns[pc].code == EBPF_LDDW)) {
		const struct ebpf_insn *i = &p->insns[pc];

		if (i->code == EBPF_LDDW && (ebpf_src(i) == EBPF_PSEUDO_MAP || ebpf_src(i) == EBPF_PSEUDO_MAP_VALUE) && (uint32_t)i->imm == map)
			return (int)pc;
	}
	return -1;
}

int map_check(struct compile *c, uint32_t n)
{
	const struct prog_map *m = &c->prog->maps[n];

	if (m->place && !m->type)
		return 0;
	if (!check_type(c, m) && !check_flags(c, m) && !check_sizes(c, m) && !lock_check_map(c, m) && !timer_check_map(c, m))
		return 0;
	c->diag->insn = first_use(c->prog, n);
	return -1;
}

int verify_maps(struct compile *c)
{
	if (c->prog->n_maps > c->target->maps) {
		error(c, -1, "the program uses %u maps, and the NIC has room for %u",
		      c->prog->n_maps, c->target->maps);
		return error_note(c, "put several values into one map");
	}
	for (uint32_t n = 0; n < c->prog->n_maps; n++)
		if (map_check(c, n))
			return -1;
	return 0;
}
