// SPDX-License-Identifier: GPL-2.0
/* LD_ABS and LD_IND: all widths, offsets beyond the packet, below 0, from a register; in a function of its own. */
#include "tc.h"

unsigned long long load_byte(void *skb, unsigned long long at) asm("llvm.bpf.load.byte");
unsigned long long load_half(void *skb, unsigned long long at) asm("llvm.bpf.load.half");
unsigned long long load_word(void *skb, unsigned long long at) asm("llvm.bpf.load.word");

static __attribute__((noinline)) int ports(struct __sk_buff *skb)
{
	__u32 header = (load_byte(skb, 14) & 15) * 4;

	return load_half(skb, 14 + header) + load_half(skb, 16 + header);
}

SEC("tc")
int classic(struct __sk_buff *skb)
{
	__u32 at = next_place(6);

	tell(at, load_word(skb, 0) + load_half(skb, 12) + load_byte(skb, 3));
	tell(at + 1, load_half(skb, -0x100000 + 2) + load_byte(skb, -0x200000 + 5));
	tell(at + 2, ports(skb));
	tell(at + 3, load_word(skb, load_byte(skb, 20) & 63));
	tell(at + 4, load_byte(skb, (__u32)(-0x100000 + (int)(load_byte(skb, 17) & 63))));
	if (skb->len % 5 == 0)
		tell(at + 5, load_byte(skb, -16));
	if (skb->len % 7 == 0)
		tell(at + 5, load_word(skb, 40000));
	return load_half(skb, 60) & 1 ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}
