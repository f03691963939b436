# SPDX-License-Identifier: Apache-2.0
	.section xdp,"ax",@progbits
	.globl prog
	.type prog,@function
prog:
	call where
	r0 = 2
	exit
	.size prog, .-prog

	.text
	.type where,@function
where:
	r0 = r10
	exit
	.size where, .-where

	.section license,"aw",@progbits
	.asciz "GPL"
