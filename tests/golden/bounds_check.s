# SPDX-License-Identifier: Apache-2.0
# Bounds checks become compares with the length, and a check that a larger one has answered goes.
	.section xdp,"ax",@progbits
	.globl prog
	.type prog,@function
prog:
	r2 = *(u32 *)(r1 + 0)
	r3 = *(u32 *)(r1 + 4)
	r0 = 1
	r4 = r2
	r4 += 34
	if r4 > r3 goto out
	r4 = r2
	r4 += 14
	if r4 > r3 goto out
	r0 = r3
	r0 -= r2
out:
	exit
	.size prog, .-prog

	.section license,"aw",@progbits
	.asciz "GPL"
