// SPDX-License-Identifier: Apache-2.0
#include <time.h>

#include "effort.h"

const char effort_unit[] = "ms per 1000";
const int effort_runs = 3;

double effort_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}
