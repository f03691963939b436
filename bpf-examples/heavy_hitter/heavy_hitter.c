// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Finds the sources that send most, in memory that does not grow with their number: a
 * count-min sketch of four rows for each CPU. A source whose smallest counter reaches the
 * threshold is put down by name. The host empties the sketch from time to time.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define ROWS	4
#define COLUMNS	512

struct source {
	__be32 addr[4]; /* IPv4: ::ffff:a.b.c.d */
};

struct sketch {
	__u32 counters[ROWS][COLUMNS];
};

struct hitter {
	__u64 packets, bytes; /* since it was found */
	__u32 estimate; /* when it was last seen */
	__u32 zero;
};

const volatile __u32 threshold = 8;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sketch);
} sketches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, struct source);
	__type(value, struct hitter);
} hitters SEC(".maps");

static const __u32 seeds[ROWS] = { 0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f };

static __always_inline int source_of(void *data, void *end, struct source *source)
{
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return -1;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);

		if ((void *)(ip + 1) > end)
			return -1;
		source->addr[2] = bpf_htonl(0xffff);
		source->addr[3] = ip->saddr;
		return 0;
	}
	if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = (void *)(eth + 1);

		if ((void *)(ip6 + 1) > end)
			return -1;
		__builtin_memcpy(source->addr, &ip6->saddr, sizeof(source->addr));
		return 0;
	}
	return -1;
}

static __always_inline __u32 column(const struct source *source, __u32 seed)
{
	__u32 hash = seed;

	for (int i = 0; i < 4; i++) {
		hash = (hash ^ source->addr[i]) * seed;
		hash ^= hash >> 15;
	}
	return hash % COLUMNS;
}

SEC("xdp")
int heavy_hitter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 zero = 0, estimate = ~0u;
	struct source source = {};
	struct sketch *sketch;
	struct hitter *hitter;

	if (source_of(data, end, &source))
		return XDP_PASS;
	sketch = bpf_map_lookup_elem(&sketches, &zero);
	if (!sketch)
		return XDP_ABORTED;
	for (int row = 0; row < ROWS; row++) {
		__u32 *counter = &sketch->counters[row][column(&source, seeds[row])];

		if (++*counter < estimate)
			estimate = *counter;
	}
	if (estimate < threshold)
		return XDP_PASS;
	hitter = bpf_map_lookup_elem(&hitters, &source);
	if (hitter) {
		__sync_fetch_and_add(&hitter->packets, 1);
		__sync_fetch_and_add(&hitter->bytes, end - data);
		hitter->estimate = estimate;
	} else {
		struct hitter first = { .packets = 1, .bytes = end - data, .estimate = estimate };

		bpf_map_update_elem(&hitters, &source, &first, BPF_ANY);
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual GPL/Apache-2.0";
