# SPDX-License-Identifier: Apache-2.0
# Stores wait for the branch that guards them in its own bundle; loads go before it and do not fault.
	.section xdp,"ax",@progbits
	.globl prog
	.type prog,@function
prog:
	r2 = *(u32 *)(r1 + 0)
	r3 = *(u32 *)(r1 + 4)
	r0 = 1
	r4 = r2
	r4 += 200
	if r4 > r3 goto out
	r5 = *(u64 *)(r2 + 180)
	*(u64 *)(r2 + 20) = r5
	r5 = *(u16 *)(r2 + 12)
	if r5 != 8 goto out
	*(u8 *)(r2 + 0) = r5
	r0 = 3
out:
	exit
	.size prog, .-prog

	.section license,"aw",@progbits
	.asciz "GPL"
