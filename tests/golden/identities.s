# SPDX-License-Identifier: Apache-2.0
# Arithmetic identities, one per line.
	.section xdp,"ax",@progbits
	.globl prog
	.type prog,@function
prog:
	r6 = *(u32 *)(r1 + 12)
	r7 = *(u32 *)(r1 + 16)
	r0 = r6
	r0 *= 8
	r2 = r7
	r2 /= 4
	r0 += r2
	r2 = r6
	r2 += 5
	r2 += 6
	r0 += r2
	r2 = r6
	r2 <<= 32
	r2 >>= 32
	r0 ^= r2
	r2 = r6
	r2 &= 255
	r2 &= 15
	r0 += r2
	w2 = w6
	w2 >>= 4
	w2 &= 0xfffffff
	r0 += r2
	r2 = r7
	r2 -= r7
	r0 += r2
	exit
	.size prog, .-prog

	.section license,"aw",@progbits
	.asciz "GPL"
