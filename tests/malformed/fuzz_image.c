// SPDX-License-Identifier: Apache-2.0
/* Any bytes as firmware: refused with a sentence, or sound enough to be printed. The checksum is not looked at. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "driver/common/image.h"
#include "jit-nfp/assemble.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void drop(void *arg, const char *text, size_t n)
{
	for (size_t k = 0; k < n; k++)
		*(volatile char *)arg = text[k];
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1); /* of exactly this size, so that a byte beyond is noticed */
	struct image image;
	char sink;

	assert(copy);
	memcpy(copy, bytes, size);
	if (!image_parse(copy, size, &image))
		assemble_print(&image, drop, &sink);
	free(copy);
	return 0;
}
