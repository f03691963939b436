# SPDX-License-Identifier: Apache-2.0
	.section xdp,"ax",@progbits
	.globl prog
	.type prog,@function
prog:
	.byte 0x62, 0x0a; .short 0xfffa; .long 0x0
	.byte 0xb7, 0x00; .short 0x0; .long 0x2
	.byte 0x95, 0x00; .short 0x0; .long 0x0
	.size prog, .-prog

	.section license,"aw",@progbits
	.asciz "GPL"
