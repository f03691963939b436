/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Text of microcode programs. Freestanding.
 *
 *   ; a comment ends with the line
 *   loop:                                        ; a label names the next bundle
 *   12: { add a0, a1, 4 | nop | ?st4 [fp-8], b2 }
 *   { jne a0, 0, @loop | .word 0x0100000000000000 }
 *
 * A bundle's words stand in lane order; words left out at the end are nop. The number is optional
 * and must be the bundle's own. A target is @number or @label. `.word` is a lane word as it is,
 * legal or not.
 */
#ifndef JIT_NFP_ASM_H
#define JIT_NFP_ASM_H

#include <stddef.h>
#include <stdint.h>

enum { ASM_WORD_TEXT = 96, ASM_ERROR_TEXT = 160, ASM_BUNDLE_TEXT = 512 };

struct asm_error {
	int line;                  /* from 1; 0 when there is no error */
	char text[ASM_ERROR_TEXT]; /* one sentence, or empty */
};

/* asm.c: reads a whole program for 1..4 lanes into words[max_bundles * lanes], lane 0 first. Gives
 * the number of bundles, or -1 with e filled. Words other than `.word` are then legal in their
 * lanes; whether the target of a branch is a bundle of the program is not looked at. */
int asm_read(const char *text, int lanes, uint64_t *words, size_t max_bundles, struct asm_error *e);

/* disasm.c: text of bundle number n, without newline, as asm_read reads it. Returns the length that
 * was needed, as snprintf does; ASM_BUNDLE_TEXT bytes suffice. */
int disasm_bundle(char *buf, size_t size, unsigned int n, const uint64_t *words, int lanes);

#endif
