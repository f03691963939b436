// SPDX-License-Identifier: Apache-2.0
/* From struct prog to an image, with as much memory as that takes, and without the programs that need not come along. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "load.h"

enum { MEMORY_TRIES = 4 };

/* A program may be much larger once its functions are copied to their calls: then more memory is needed than is usual for its size. */
static int compile_all(const struct prog *p, const struct target *t, const struct dump *dump, void **mem, struct image_buf *image, struct diag *d)
{
	size_t size = 0;
	int result = -1;

	for (const struct prog *each = p; each; each = each->next)
		size += nicjit_mem_size(nicjit_insns(each), p->n_maps);
	for (int n = 0; n < MEMORY_TRIES; n++, size *= 4) {
		free(*mem);
		*mem = load_memory(size);
		if (!*mem) {
			d->refused = NULL; /* lay in the memory before */
			d->full = 0;
			snprintf(d->text, sizeof(d->text), "out of memory while compiling %u instructions", p->n_insns);
			return -1;
		}
		result = nicjit_compile(p, t, *mem, size, dump, image, d);
		if (!result || strncmp(d->text, "out of memory", 13))
			break;
	}
	return result;
}

int load_compile(struct loaded *l, const struct target *t, const struct dump *dump, void **mem, struct image_buf *image, struct diag *d)
{
	int refused;

	*mem = NULL;
	do {
		refused = compile_all(&l->prog, t, dump, mem, image, d);
	} while (refused && load_leave_out(l, d));
	return refused;
}
