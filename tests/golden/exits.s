# SPDX-License-Identifier: Apache-2.0
# Branches that meet in an exit get exits of their own, with the verdict in the word.
	.section xdp,"ax",@progbits
	.globl prog
	.type prog,@function
prog:
	r2 = *(u32 *)(r1 + 12)
	r3 = *(u32 *)(r1 + 16)
	r0 = 1
	if r2 == 7 goto out
	r0 = 2
	if r3 == 9 goto out
	r0 = r3
	goto out
out:
	exit
	.size prog, .-prog

	.section license,"aw",@progbits
	.asciz "GPL"
