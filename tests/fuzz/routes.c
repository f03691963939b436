// SPDX-License-Identifier: Apache-2.0
/* The host's routes: of a network namespace with those of tests/fib, where there may be one, else as recorded there. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "fuzz.h"
#include "sim/io/fib_json.h"

static const char recorded[] = "tests/fib/host.json";

static bool make_routes(char *path)
{
	char command[80];
	int fd = mkstemp(path);

	if (fd < 0)
		return false;
	close(fd);
	snprintf(command, sizeof(command), "sh tests/fib/host.sh %s 2>/dev/null", path);
	return !unshare(CLONE_NEWNET) && !system(command);
}

const struct nic_fib *routes_open(bool *asked)
{
	static struct nic_fib *routes;
	static bool of_kernel;
	char path[] = "/tmp/fuzz-routes-XXXXXX";
	struct io_error err;

	if (!routes) {
		of_kernel = make_routes(path);
		routes = fib_json_read(of_kernel ? path : recorded, &err);
		unlink(path);
	}
	if (!routes) {
		fprintf(stderr, "fuzz: %s\n", err.text);
		exit(2);
	}
	*asked = of_kernel;
	return routes;
}
