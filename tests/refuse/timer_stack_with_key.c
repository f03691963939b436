// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct key {
	char name[512];
};

struct entry {
	struct bpf_timer timer;
	__u64 seen;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, struct key);
	__type(value, struct entry);
} names SEC(".maps");

struct key first;

static int expire(void *map, struct key *key, struct entry *e)
{
	char own[24];

	__builtin_memcpy(own, key->name, sizeof(own));
	asm volatile("" : : "r"(own) : "memory");
	e->seen += own[3];
	return 0;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct entry *e = bpf_map_lookup_elem(&names, &first);

	if (!e)
		return XDP_DROP;
	bpf_timer_init(&e->timer, &names, 1);
	bpf_timer_set_callback(&e->timer, expire);
	bpf_timer_start(&e->timer, 1000, 0);
	return XDP_PASS;
}
