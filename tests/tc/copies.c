// SPDX-License-Identifier: GPL-2.0
/* bpf_skb_load_bytes, _store_bytes and _pull_data, with results and what they leave. */
#include "tc.h"

SEC("tc")
int copies(struct __sk_buff *skb)
{
	__u32 at = next_place(6), n = (skb->len & 15) + 1;
	__u64 words[2] = { 1, 2 };
	__u8 some[64] = { 9 };

	tell(at, bpf_skb_load_bytes(skb, 6, words, 16));
	tell(at, words[0] ^ words[1]);
	tell(at + 1, bpf_skb_load_bytes(skb, skb->len - 7, words, 8));
	tell(at + 1, words[0]);
	tell(at + 2, bpf_skb_load_bytes(skb, 200, some, n));
	tell(at + 2, some[0] + some[7]);
	tell(at + 3, bpf_skb_store_bytes(skb, 14, words, 8, 0));
	tell(at + 3, bpf_skb_store_bytes(skb, skb->len - 3, words, 4, BPF_F_INVALIDATE_HASH));
	tell(at + 4, bpf_skb_store_bytes(skb, 20, some, 2, 8));
	tell(at + 4, bpf_skb_store_bytes(skb, 40, some, n, 0));
	tell(at + 5, bpf_skb_pull_data(skb, 0) + bpf_skb_pull_data(skb, skb->len));
	tell(at + 5, bpf_skb_pull_data(skb, skb->len + 1));
	return TC_ACT_OK;
}
