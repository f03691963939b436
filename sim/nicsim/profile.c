// SPDX-License-Identifier: Apache-2.0
#include "profile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CORES_MAX = 256, THREADS_MAX = 16 };

struct count {
	uint64_t hits, cycles;
};

struct profile {
	const struct run *run;
	struct count *bundle;
	uint32_t bundles;
	uint64_t last[CORES_MAX][THREADS_MAX]; /* cycle of the bundle before, 0 at the start of a packet */
};

struct profile *profile_create(const struct run *run, struct io_error *err)
{
	struct profile *p = calloc(1, sizeof(*p));

	if (p) {
		p->run = run;
		p->bundles = run->image.header->n_bundles;
		p->bundle = calloc(p->bundles, sizeof(*p->bundle));
	}
	if (p && p->bundle)
		return p;
	free(p);
	io_fail(err, "out of memory");
	return NULL;
}

void profile_retire(struct profile *p, const struct device_retire *e)
{
	uint64_t *last;
	uint32_t bundle;

	if (!p || e->thread >= THREADS_MAX)
		return;
	last = &p->last[e->core][e->thread];
	bundle = e->pc - p->run->place.base;
	if (bundle < p->bundles) {
		p->bundle[bundle].hits++;
		p->bundle[bundle].cycles += *last ? e->cycle - *last : 1;
	}
	*last = e->exit || e->cause ? 0 : e->cycle;
}

int profile_finish(struct profile *p, const char *path, struct io_error *err)
{
	int bad;
	FILE *f;

	if (!p)
		return 0;
	f = fopen(path, "w");
	if (f)
		fprintf(f, "# bundle, times executed, clocks since the bundle before, source\n");
	for (uint32_t n = 0; f && n < p->bundles; n++) {
		const char *source = run_source(p->run, p->run->place.base + n);

		fprintf(f, "%5" PRIu32 " %10" PRIu64 " %12" PRIu64 "  %s\n", n, p->bundle[n].hits, p->bundle[n].cycles, source ? source : "");
	}
	bad = !f || ferror(f);
	if (f && fclose(f))
		bad = 1;
	free(p->bundle);
	free(p);
	return bad ? io_fail(err, "%s: %s", path, strerror(errno)) : 0;
}
