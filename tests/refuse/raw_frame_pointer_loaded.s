# SPDX-License-Identifier: Apache-2.0
# r10 = *(u32 *)(r1 + 0); *(u64 *)(r10 - 8) = r1: r10 is what it was for all that follows
	.section xdp,"ax",@progbits
	.globl prog
	.type prog,@function
prog:
	.byte 0x61, 0x1a; .short 0x0; .long 0x0
	.byte 0x7b, 0x1a; .short 0xfff8; .long 0x0
	.byte 0xb7, 0x00; .short 0x0; .long 0x2
	.byte 0x95, 0x00; .short 0x0; .long 0x0
	.size prog, .-prog

	.section license,"aw",@progbits
	.asciz "GPL"
