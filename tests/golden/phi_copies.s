# SPDX-License-Identifier: Apache-2.0
# Two variables change places on one way: at once, for all lanes read before any writes. What only the phi needs is made in its register.
# What follows is too long to be copied for each way.
	.section xdp,"ax",@progbits
	.globl prog
	.type prog,@function
prog:
	r2 = *(u32 *)(r1 + 12)
	r3 = *(u32 *)(r1 + 16)
	r2 += 1
	r3 += 2
	r6 = 0
	if r2 > 1000 goto out
	r5 = r2
	r2 = r3
	r3 = r5
	r6 = r2
	r6 ^= 99
out:
	r0 = r2
	r0 -= r3
	r0 ^= r6
	r2 *= r3
	r0 ^= r2
	r2 += 77
	.irp k, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39
	r0 += \k
	r0 ^= r3
	.endr
	r0 ^= r2
	exit
	.size prog, .-prog

	.section license,"aw",@progbits
	.asciz "GPL"
