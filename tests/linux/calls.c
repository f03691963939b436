// SPDX-License-Identifier: Apache-2.0
/*
 * In the guest: what bpf() can be asked for and bpftool does not ask.
 *   calls same IFINDEX        random calls to maps in the NIC and to the kernel's own: both must answer the same
 *   calls bound IFINDEX PIN   a program that is bound to the device, and runs in its driver (6.3 and later)
 *   calls index IFINDEX PIN   a program in the NIC that names its map by its place in a list; it counts packets in it
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { VALUE_MAX = 512, CALLS = 400, BOUND_ONLY = 1 << 6 };

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int create(uint32_t ifindex, uint32_t type, uint32_t key, uint32_t value, uint32_t entries)
{
	union bpf_attr a = {.map_type = type, .key_size = key, .value_size = value, .max_entries = entries, .map_ifindex = ifindex, .map_name = "called"};

	return (int)bpf(BPF_MAP_CREATE, &a);
}

struct answer {
	long error;
	uint8_t value[VALUE_MAX];
};

static struct answer ask(int command, int fd, void *key, const void *value, uint64_t flags)
{
	struct answer r = {0};
	union bpf_attr a = {.map_fd = fd, .key = (uintptr_t)key, .flags = flags};

	memcpy(r.value, value, VALUE_MAX);
	if (command != BPF_MAP_DELETE_ELEM)
		a.value = (uintptr_t)r.value;
	r.error = bpf(command, &a) ? errno : 0;
	return r;
}

static const struct shape {
	uint32_t type, key, value, entries;
} shapes[] = {
	{BPF_MAP_TYPE_HASH, 1, 1, 3}, {BPF_MAP_TYPE_HASH, 3, 5, 7}, {BPF_MAP_TYPE_HASH, 7, 13, 5}, {BPF_MAP_TYPE_HASH, 64, 65, 4},
	{BPF_MAP_TYPE_HASH, 8, 512, 2}, {BPF_MAP_TYPE_ARRAY, 4, 1, 3}, {BPF_MAP_TYPE_ARRAY, 4, 13, 1}, {BPF_MAP_TYPE_ARRAY, 4, 300, 5},
};

/* Keys that differ in their first byte, or their last one. */
static void make_key(const struct shape *s, uint8_t *key)
{
	memset(key, 0, 64);
	key[rand() % 4 && s->type == BPF_MAP_TYPE_HASH ? s->key - 1 : 0] = rand() % (s->entries + 2);
	if (s->type == BPF_MAP_TYPE_ARRAY && rand() % 16 == 0)
		memset(key, 255, s->key);
}

static int same(uint32_t ifindex)
{
	static const int commands[] = {BPF_MAP_UPDATE_ELEM, BPF_MAP_UPDATE_ELEM, BPF_MAP_LOOKUP_ELEM, BPF_MAP_DELETE_ELEM};
	static const uint64_t flags[] = {0, 0, 0, BPF_NOEXIST, BPF_EXIST, BPF_NOEXIST | BPF_EXIST, BPF_F_LOCK, 8, 1ull << 32};
	uint8_t key[64], value[VALUE_MAX];
	unsigned int good = 0;

	for (const struct shape *s = shapes; s < shapes + sizeof(shapes) / sizeof(shapes[0]); s++) {
		int nic = create(ifindex, s->type, s->key, s->value, s->entries), own = create(0, s->type, s->key, s->value, s->entries);

		if (nic < 0 || own < 0)
			return printf("no map of %u, %u, %u: %s\n", s->key, s->value, s->entries, strerror(errno)), 1;
		for (int i = 0; i < CALLS; i++) {
			int command = commands[rand() % 4];
			uint64_t flag = command == BPF_MAP_DELETE_ELEM ? 0 : flags[rand() % (command == BPF_MAP_UPDATE_ELEM ? 9 : 3)];
			struct answer a, b;

			make_key(s, key);
			for (int n = 0; n < VALUE_MAX; n++)
				value[n] = rand();
			a = ask(command, nic, key, value, flag);
			b = ask(command, own, key, value, flag);
			if (a.error != b.error || memcmp(a.value, b.value, VALUE_MAX))
				return printf("type %u, key %u, value %u, entries %u: command %d, flags %llu, key %02x..%02x: error %ld, the kernel %ld\n", s->type,
					      s->key, s->value, s->entries, command, (unsigned long long)flag, key[0], key[s->key - 1], a.error, b.error), 1;
			good++;
		}
		close(nic);
		close(own);
	}
	printf("%u calls are answered as the kernel does\n", good);
	return 0;
}

static int load(struct bpf_insn *insns, uint32_t count, uint32_t ifindex, uint32_t flags, int *maps, const char *pin)
{
	static char log[4096];
	union bpf_attr a = {
		.prog_type = BPF_PROG_TYPE_XDP, .insns = (uintptr_t)insns, .insn_cnt = count, .license = (uintptr_t)"GPL", .prog_flags = flags,
		.prog_ifindex = ifindex, .fd_array = (uintptr_t)maps, .log_buf = (uintptr_t)log, .log_size = sizeof(log), .log_level = 1,
	};
	union bpf_attr p = {.pathname = (uintptr_t)pin};
	int fd = (int)bpf(BPF_PROG_LOAD, &a);

	if (fd < 0)
		return printf("not loaded: %s\n%s", strerror(errno), log), 1;
	p.bpf_fd = fd;
	return bpf(BPF_OBJ_PIN, &p) ? 1 : 0;
}

static int bound(uint32_t ifindex, const char *pin)
{
	struct bpf_insn insns[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_DROP}, {.code = BPF_JMP | BPF_EXIT}};

	return load(insns, 2, ifindex, BOUND_ONLY, NULL, pin);
}

static int by_index(uint32_t ifindex, const char *pin)
{
	int maps[] = {create(ifindex, BPF_MAP_TYPE_ARRAY, 4, 8, 1)};
	struct bpf_insn insns[] = {
		{.code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = 10, .off = -4},
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -4},
		{.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_IDX},
		{0},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem},
		{.code = BPF_JMP | BPF_JEQ | BPF_K, .off = 2},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 1, .imm = 1},
		{.code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = 0, .src_reg = 1, .imm = BPF_ADD},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return maps[0] < 0 || load(insns, sizeof(insns) / sizeof(insns[0]), ifindex, 0, maps, pin);
}

int main(int argc, char **argv)
{
	uint32_t ifindex = argc > 2 ? (uint32_t)atoi(argv[2]) : 0;

	if (argc == 3 && !strcmp(argv[1], "same"))
		return same(ifindex);
	if (argc == 4 && !strcmp(argv[1], "bound"))
		return bound(ifindex, argv[3]);
	if (argc == 4 && !strcmp(argv[1], "index"))
		return by_index(ifindex, argv[3]);
	fprintf(stderr, "calls same IFINDEX | bound IFINDEX PIN | index IFINDEX PIN\n");
	return 2;
}
