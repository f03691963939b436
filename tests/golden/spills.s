# SPDX-License-Identifier: Apache-2.0
# More values at once than two registers per lane hold.
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
	r3 = *(u64 *)(r2 + 0)
	r4 = *(u64 *)(r2 + 8)
	r5 = *(u64 *)(r2 + 16)
	r6 = *(u64 *)(r2 + 24)
	r7 = *(u64 *)(r2 + 32)
	*(u64 *)(r2 + 0) = r7
	*(u64 *)(r2 + 8) = r6
	*(u64 *)(r2 + 16) = r5
	*(u64 *)(r2 + 24) = r4
	*(u64 *)(r2 + 32) = r3
	r3 += r4
	r3 ^= r5
	r3 += r6
	r3 ^= r7
	r0 = r3
	r0 &= 3
out:
	exit
	.size prog, .-prog

	.section license,"aw",@progbits
	.asciz "GPL"
