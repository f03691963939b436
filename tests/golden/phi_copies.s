# SPDX-License-Identifier: Apache-2.0
# Two variables change places on one way: at once, for all lanes read before any writes. What only the phi needs is made in its register.
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
	r0 += 1
	r0 ^= r3
	r0 += 2
	r0 ^= r3
	r0 += 3
	r0 ^= r3
	r0 += 4
	r0 ^= r3
	r0 += 5
	r0 ^= r3
	r0 += 6
	r0 ^= r3
	r0 += 7
	r0 ^= r3
	r0 += 8
	r0 ^= r3
	r0 += 9
	r0 ^= r3
	r0 += 10
	r0 ^= r3
	r0 += 11
	r0 ^= r3
	r0 += 12
	r0 ^= r3
	r0 += 13
	r0 ^= r3
	r0 += 14
	r0 ^= r3
	r0 += 15
	r0 ^= r3
	r0 += 16
	r0 ^= r3
	r0 += 17
	r0 ^= r3
	r0 += 18
	r0 ^= r3
	r0 += 19
	r0 ^= r3
	r0 ^= r2
	exit
	.size prog, .-prog

	.section license,"aw",@progbits
	.asciz "GPL"
