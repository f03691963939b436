// SPDX-License-Identifier: Apache-2.0
/* Any bytes as an object: loaded and compiled, or refused with a sentence. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "jit-nfp/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { MEMORY = 48 << 20, PROBLEMS = 4, INSNS_MOST = 2048 };

static void compile(const struct prog *p, struct diag *d)
{
	static uint8_t *memory;
	struct image_buf image;

	if (!memory)
		memory = malloc(MEMORY);
	assert(memory);
	if (nicjit_compile(p, &target_default, memory, MEMORY, NULL, &image, d))
		assert(d->text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct diag more[PROBLEMS], d = { .more = more, .room = PROBLEMS };
	int fd = memfd_create("object", 0);
	struct loaded loaded;
	char path[32];

	assert(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (load_object(path, NULL, &loaded, &d))
		assert(d.text[0]);
	else if (loaded.prog.n_insns <= INSNS_MOST)
		compile(&loaded.prog, &d);
	load_free(&loaded);
	close(fd);
	return 0;
}
