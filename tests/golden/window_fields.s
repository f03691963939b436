# SPDX-License-Identifier: Apache-2.0
# Bytes put together by shifts are one window read; a swap, a shift and a mask are part of it.
	.section xdp,"ax",@progbits
	.globl prog
	.type prog,@function
prog:
	r2 = *(u32 *)(r1 + 0)
	r3 = *(u32 *)(r1 + 4)
	r0 = 0
	r4 = r2
	r4 += 40
	if r4 > r3 goto out
	r0 = *(u8 *)(r2 + 12)
	r5 = *(u8 *)(r2 + 13)
	r5 <<= 8
	r0 |= r5
	r6 = *(u16 *)(r2 + 16)
	r6 = be16 r6
	r0 += r6
	r7 = *(u32 *)(r2 + 20)
	r7 >>= 10
	r7 &= 31
	r0 += r7
	r8 = *(u8 *)(r2 + 30)
	r8 <<= 56
	r8 s>>= 56
	r0 += r8
out:
	exit
	.size prog, .-prog

	.section license,"aw",@progbits
	.asciz "GPL"
