// SPDX-License-Identifier: GPL-2.0
/* Fields of struct __sk_buff, whole and in parts; those that may be written. */
#include "tc.h"

SEC("tc")
int fields(struct __sk_buff *skb)
{
	__u32 at = next_place(9);
	volatile __u8 *parts = (volatile __u8 *)&skb->protocol;
	volatile __u16 *halves = (volatile __u16 *)&skb->len;

	tell(at, skb->len);
	tell(at + 1, skb->protocol);
	tell(at + 2, parts[0] | parts[1] << 8);
	tell(at + 3, halves[0]);
	tell(at + 4, skb->ifindex * 100 + skb->ingress_ifindex);
	tell(at + 5, skb->mark + skb->priority + skb->tc_index + skb->cb[0] + skb->cb[4] + skb->tc_classid);
	skb->cb[0] = skb->len;
	skb->cb[4] = 7;
	skb->tc_index = skb->protocol;
	*(volatile __u8 *)&skb->cb[1] = 0x5a;
	if (skb->len & 1)
		skb->cb[2] = 0x12345678;
	tell(at + 6, skb->cb[0] + ((__u64)skb->cb[1] << 8) + ((__u64)skb->cb[2] << 16) + ((__u64)skb->cb[4] << 32));
	tell(at + 7, skb->tc_index);
	tell(at + 8, skb->data_end - skb->data);
	return skb->protocol == bpf_htons(ETH_P_IP) ? TC_ACT_OK : TC_ACT_SHOT;
}
