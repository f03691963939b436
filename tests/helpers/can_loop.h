/* SPDX-License-Identifier: Apache-2.0 */
/* bpf_experimental.h: 0 when the loop has gone round too often. In bytes, for compilers that do not know the instruction. */
#define can_loop                                                                                           \
	({                                                                                                 \
		__label__ ends;                                                                            \
		_Bool goes_on = 0;                                                                         \
		asm volatile goto("1:.byte 0xe5; .byte 0; .long ((%l[ends] - 1b - 8) / 8) & 0xffff; .short 0" :: :: ends); \
		goes_on = 1;                                                                               \
	ends:                                                                                              \
		goes_on;                                                                                   \
	})
