# SPDX-License-Identifier: Apache-2.0
# Stack bytes that are always accessed whole are values; those a wider access overlaps stay memory.
	.section xdp,"ax",@progbits
	.globl prog
	.type prog,@function
prog:
	r2 = *(u32 *)(r1 + 12)
	*(u64 *)(r10 - 8) = r2
	*(u32 *)(r10 - 16) = r2
	*(u32 *)(r10 - 12) = r2
	r3 = *(u64 *)(r10 - 8)
	r4 = *(u64 *)(r10 - 16)
	r0 = r3
	r0 += r4
	exit
	.size prog, .-prog

	.section license,"aw",@progbits
	.asciz "GPL"
