// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

int no_file(const char *name)
{
	fprintf(stderr, "%s: error: %s\n", name, strerror(errno));
	return EXIT_IO;
}

char *read_file(const char *name, size_t *size)
{
	FILE *f = fopen(name, "rb");
	size_t cap = 0, n = 0;
	char *bytes = NULL;

	while (f) {
		if (n + 1 >= cap) {
			char *more = realloc(bytes, cap ? 2 * cap : 65536);

			if (!more)
				break;
			bytes = more;
			cap = cap ? 2 * cap : 65536;
		}
		n += fread(bytes + n, 1, cap - n - 1, f);
		if (ferror(f) || feof(f))
			break;
	}
	if (!f || !feof(f)) {
		int why = errno;

		if (f)
			fclose(f);
		free(bytes);
		errno = why;
		return NULL;
	}
	fclose(f);
	bytes[n] = 0;
	*size = n;
	return bytes;
}

/* Writes beside the file and renames: there is the whole result or none. What is no ordinary file is written in place. */
int write_file(const char *name, const void *bytes, size_t size)
{
	char beside[4096];
	struct stat st;
	int in_place = !stat(name, &st) && !S_ISREG(st.st_mode), bad;
	FILE *f;

	if ((size_t)snprintf(beside, sizeof(beside), "%s%s", name, in_place ? "" : ".part") >= sizeof(beside)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	f = fopen(beside, "wb");
	if (!f)
		return -1;
	bad = fwrite(bytes, 1, size, f) != size;
	bad |= fclose(f);
	if (!bad && !in_place)
		bad = rename(beside, name);
	if (bad && !in_place) {
		int why = errno;

		unlink(beside);
		errno = why;
	}
	return bad ? -1 : 0;
}
