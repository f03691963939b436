/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Formats of bpf_trace_printk() and bpf_snprintf(), as Linux reads them.
 */
#ifndef JIT_NFP_FORMAT_H
#define JIT_NFP_FORMAT_H

#include <stdint.h>

enum { PRINT_VALUES_MAX = 12 }; /* in a vector */
enum { WIDTH_MOST = 1 << 16 };  /* from here on a width is not exact */

struct conversion {
	enum { CONV_DECIMAL, CONV_HEX, CONV_CHAR, CONV_STRING, CONV_POINTER, CONV_ADDRESS, CONV_SYMBOL } kind;
	uint8_t is_signed;    /* CONV_DECIMAL: %d, %i */
	uint8_t wide;         /* numbers: 64 bits */
	uint8_t sign;         /* what a number that is not negative has before it, + or space, or 0 */
	uint8_t left;         /* padded behind */
	uint8_t zeroes;       /* numbers: padded with these, if in front */
	uint8_t upper;        /* CONV_HEX: %X */
	uint8_t ip;           /* CONV_ADDRESS: 4 or 6 */
	uint8_t fixed;        /* CONV_ADDRESS: characters, when it always has as many, else 0 */
	uint32_t width;       /* at least so many characters; 0: as many as it takes */
};

/* at: behind a %, in text that ends with a 0. How many characters belong to it; 0: Linux takes no such format. */
uint32_t format_conversion(const uint8_t *at, struct conversion *c);
/* Whether Linux prints such a character. */
int format_takes(uint8_t ch);

#endif
