// SPDX-License-Identifier: Apache-2.0
#include "nicsim.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FW_MAX = 64 << 20 };

/* The whole file, or NULL with the sentence in *err. */
static uint8_t *read_file(const char *path, size_t *size, struct io_error *err)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = malloc(FW_MAX);

	if (!bytes)
		abort();
	*size = f ? fread(bytes, 1, FW_MAX, f) : 0;
	if (!f || ferror(f)) {
		io_fail(err, "%s cannot be read: %s", path, strerror(errno));
		free(bytes);
		bytes = NULL;
	}
	if (f)
		fclose(f);
	return bytes;
}

static int simulate(const struct options *opt, struct io_error *err)
{
	struct run run = {.opt = opt};
	size_t size;
	uint8_t *bytes = read_file(opt->fw, &size, err);
	const char *why;
	int result;

	if (!bytes)
		return -1;
	why = image_parse(bytes, size, &run.image);
	if (why)
		result = io_fail(err, "%s: %s", opt->fw, why);
	else
		result = run_simulation(&run, err);
	if (result == 0)
		report_print(&run);
	free(bytes);
	return result;
}

/* Waveforms take an RTL that keeps every wire: trace/nicsim beside this program. Does not come back where that is there; it has none beside it. */
static void run_traced(char **argv)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof("trace/nicsim"));

	while (n > 0 && path[n - 1] != '/')
		n--;
	if (n <= 0)
		return;
	strcpy(path + n, "trace/nicsim");
	execv(path, argv);
}

int main(int argc, char **argv)
{
	struct options opt;
	struct io_error err;
	int code;

	if (options_parse(&opt, argc, argv, &code))
		return code;
	if (opt.trace)
		run_traced(argv);
	if (simulate(&opt, &err)) {
		fprintf(stderr, "nicsim: %s\n", err.text);
		return 1;
	}
	return 0;
}
