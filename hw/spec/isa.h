/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * C view of isa.def. Freestanding: <stdint.h> and <stddef.h> only.
 */
#ifndef HW_SPEC_ISA_H
#define HW_SPEC_ISA_H

#include <stddef.h>
#include <stdint.h>

enum isa_op {
#define INSN(NAME, opcode, ...) OP_##NAME = opcode,
#include "isa.def"
};

enum isa_special {
#define SPECIAL(NAME, code, ...) SR_##NAME = code,
#include "isa.def"
};

enum isa_slot { SLOT_A = 1, SLOT_W, SLOT_B, SLOT_M };
enum isa_result { RESULT_NONE, RESULT_NEXT, RESULT_WAIT, RESULT_POST };

enum {
	ISA_LANES_MAX = 4,
	ISA_REGS_MAX = 16,
	ISA_BRANCH_LANES = 2,
	ISA_WINDOW_LANES = 2,
	ISA_WINDOW_BYTES = 128
};

/* A register operand. */
#define ISA_REG(bank, reg) ((uint8_t)((bank) << 4 | (reg)))

/* One decoded lane word; members that the format does not use are 0. */
struct isa_word {
	uint8_t op;        /* enum isa_op */
	uint8_t guard;
	uint8_t w32;       /* w */
	uint8_t has_imm;   /* i: imm replaces b */
	uint8_t dst;       /* register in the lane's own bank */
	uint8_t a, b, c;   /* ISA_REG() or enum isa_special */
	uint8_t width;     /* bytes: 1, 2, 4, 8 (formats with n); 1 or 2 for W2 */
	uint8_t swap;
	uint8_t spec;
	uint8_t fetch;
	uint8_t shift, len; /* bits; len 1..64 */
	uint8_t map;
	uint8_t woff;
	int16_t off;       /* bytes, -1024..1023 */
	uint16_t target;   /* bundle */
	uint16_t mask;     /* W2 */
	uint32_t imm;      /* also the compare value of W2 (16 bits) and W4 */
};

/* What the table says of an opcode; NULL when there is no such opcode. */
struct isa_info {
	uint8_t op;
	const char *name;    /* upper case, as in the table */
	const char *fields;  /* the format's field letters */
	enum isa_slot slot;
	enum isa_result result;
	const char *syntax;
	const char *doc;
};
const struct isa_info *isa_lookup(unsigned int op);
/* Rows in table order; *n is set to their number. */
const struct isa_info *isa_rows(size_t *n);

/* Result of this very word: POST becomes WAIT when it fetches. */
enum isa_result isa_result_of(const struct isa_word *w);
/* Reads of the word: up to three operand codes into src[]; returns how many. */
int isa_sources(const struct isa_word *w, uint8_t src[3]);
/* May this opcode stand in this lane of a core with that many lanes? */
int isa_slot_allows(enum isa_slot slot, int lane, int lanes);

/* Encode gives the 64-bit word; it asserts nothing: call isa_check() for words from outside.
 * Decode returns 0, or -1 for an unknown opcode, a reserved operand code or a non-zero unused bit,
 * so isa_encode(isa_decode(x)) == x whenever it returns 0. */
uint64_t isa_encode(const struct isa_word *w);
int isa_decode(uint64_t bits, struct isa_word *w);
/* NULL when every member is in range for the format, else which is not. */
const char *isa_check(const struct isa_word *w);

/* Text of one word without newline; returns the length that was needed, as snprintf does. The
 * destination is printed as r0..r15, since a word does not know its bank; isa_print_lane prints it
 * with the bank of that lane. */
int isa_print(char *buf, size_t size, const struct isa_word *w);
int isa_print_lane(char *buf, size_t size, const struct isa_word *w, int lane);
/* Reads one word's text. Returns NULL, or what is wrong, and then *at is the offending place.
 * isa_parse takes a destination of any bank and nothing may follow the word; isa_parse_lane takes
 * the lane's own bank (or r0..r15) only, and sets *at behind the word. */
const char *isa_parse(const char *text, struct isa_word *w, const char **at);
const char *isa_parse_lane(const char *text, int lane, struct isa_word *w, const char **at);

#endif
