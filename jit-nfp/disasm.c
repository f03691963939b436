// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Text of a bundle. */
#include "asm.h"

#include "hw/spec/isa.h"
#include "util.h"

int disasm_bundle(char *buf, size_t size, unsigned int n, const uint64_t *words, int lanes)
{
	char text[ISA_LANES_MAX][ASM_WORD_TEXT];
	char all[ASM_BUNDLE_TEXT];
	int at = text_format(all, sizeof(all), "%u: {", n);

	for (int lane = 0; lane < lanes; lane++) {
		struct isa_word w;

		if (isa_decode(words[lane], &w))
			text_format(text[lane], sizeof(text[lane]), ".word 0x%016llx",
				    (unsigned long long)words[lane]);
		else
			isa_print_lane(text[lane], sizeof(text[lane]), &w, lane);
		at += text_format(all + at, sizeof(all) - (size_t)at, "%s %s", lane ? " |" : "",
				  text[lane]);
	}
	return text_format(buf, size, "%s }", all);
}
