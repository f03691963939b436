# SPDX-License-Identifier: Apache-2.0
	.section xdp,"ax",@progbits
	.globl prog
	.type prog,@function
prog:
	call where
	exit
	.size prog, .-prog

	.text
	.type function,@function
function:
	r0 = 1
where:
	r0 = 2
	exit
	.size function, .-function

	.section license,"aw",@progbits
	.asciz "GPL"
