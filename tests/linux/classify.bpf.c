// SPDX-License-Identifier: GPL-2.0
/* A classifier that tells what it is told of the packet: natively and in the NIC it must be the same. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} told SEC(".maps");

static __always_inline void add(__u32 at, __u64 n)
{
	__u64 *sum = bpf_map_lookup_elem(&told, &at);

	if (sum)
		__sync_fetch_and_add(sum, n);
}

SEC("classifier")
int classify(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;

	add(0, 1);
	add(1, skb->len);
	add(2, skb->protocol);
	add(3, skb->vlan_present);
	add(4, skb->vlan_tci);
	add(5, skb->vlan_proto);
	add(6, skb->mark);
	if (data + 34 > end)
		return TC_ACT_SHOT;
	add(7, data[12] << 8 | data[13]);
	add(8 + (data[23] & 31), 1);
	data[5] ^= 0x10;
	return skb->protocol == bpf_htons(ETH_P_IP) && data[23] == 17 ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "GPL";
