// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Memory to compile in. It is large, and touched all over: in pages of the usual size a large program spends a sixth of its time on them. */
#include <stdlib.h>
#include <sys/mman.h>
#include "load.h"

enum { HUGE_PAGE = 2 << 20, LARGE = 80 << 20 }; /* bytes; below, few of the pages are touched at all */

void *load_memory(size_t size)
{
	void *mem;

	if (size < LARGE)
		return malloc(size);
	size = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	mem = aligned_alloc(HUGE_PAGE, size);
	if (mem)
		(void)madvise(mem, size, MADV_HUGEPAGE); /* where there are some */
	return mem;
}
