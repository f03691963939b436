// SPDX-License-Identifier: GPL-2.0
/* The tag, and a packet without it that is changed. The kernel's test run can't be told of a tag. */
#include "tc.h"

SEC("tc")
int vlan(struct __sk_buff *skb)
{
	__u32 at = next_place(6);
	__u8 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;

	tell(at, skb->vlan_present);
	tell(at + 1, skb->vlan_tci);
	tell(at + 2, skb->vlan_proto);
	tell(at + 3, skb->protocol);
	tell(at + 4, skb->len);
	if (data + 20 > end)
		return TC_ACT_OK;
	tell(at + 5, data[12] << 8 | data[13]);
	data[0] ^= 2;
	data[11] = 0x77;
	data[14]++;
	return skb->vlan_tci == 7 ? TC_ACT_SHOT : TC_ACT_OK;
}
