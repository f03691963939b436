// SPDX-License-Identifier: GPL-2.0
/* Every result, and some that are none, by the packet's bytes. */
#include "tc.h"

SEC("classifier")
int verdicts(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;

	next_place(1);
	if (data + 14 > end)
		return TC_ACT_SHOT;
	switch ((data[5] + data[11] + skb->len) % 14) {
	case 0: return TC_ACT_UNSPEC;
	case 1: return TC_ACT_OK;
	case 2: return TC_ACT_RECLASSIFY;
	case 3: return TC_ACT_SHOT;
	case 4: return TC_ACT_PIPE;
	case 5: return TC_ACT_STOLEN;
	case 6: return TC_ACT_QUEUED;
	case 7: return TC_ACT_REPEAT;
	case 8: return bpf_redirect(skb->ifindex, 0);
	case 9: return TC_ACT_TRAP;
	case 10: return bpf_redirect(2, 4);
	case 11: return 77;
	case 12: return bpf_redirect(2, 0);
	default: return -5;
	}
}
