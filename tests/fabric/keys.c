// SPDX-License-Identifier: Apache-2.0
/*
 * Words of the hash's key are written while packets come, mostly about as far apart as it takes until a key is used, entries of the table of queues
 * all the time, and the data path is reset now and then; on two devices in lock step, which compare what each packet has for its hash and queue.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "fabric.h"
#include "sim/cosim/cosim.h"

enum { STEPS = 100, NEAR = 80, PORTS = 2, REST = 3000 };

struct seen {
	uint32_t last;
	unsigned int hashes;  /* other ones than the packet before had */
};

static void on_completion(void *arg, const struct device_completion *c)
{
	struct seen *s = arg;

	s->hashes += c->hash != s->last;
	s->last = c->hash;
}

static void run(struct device *d, struct rnd *r)
{
	const uint32_t control = 1 << CTRL_RUN_LSB | 1 << CTRL_REPORT_LSB, any[REG_RSS_KEY_COUNT] = {0};
	struct packet p;

	for (unsigned int i = 0; i < REG_RSS_TABLE_COUNT; i++)
		d->ops->reg_write(d, REG_RSS_TABLE + 4 * i, i % 4);
	d->ops->reg_write(d, REG_CTRL, control);
	for (unsigned int step = 0; step < STEPS && !cosim_difference(d); step++) {
		unsigned int clocks = rnd_percent(r, 70) ? NIC_RSS_CLOCKS - NEAR + rnd_below(r, NEAR + 5) : rnd_below(r, 2 * NIC_RSS_CLOCKS);

		d->ops->reg_write(d, REG_RSS_KEY + 4 * rnd_below(r, REG_RSS_KEY_COUNT), (uint32_t)rnd_next(r));
		for (; clocks; clocks--) {
			if (rnd_percent(r, 4)) {
				packet_make(r, &p, 1, any);
				d->ops->rx(d, &(struct device_offer){.frame = p.bytes, .len = p.len, .port = rnd_below(r, PORTS)});
			}
			if (rnd_below(r, 2000) == 0)
				d->ops->reg_write(d, REG_CTRL, control | 1 << CTRL_RESET_LSB);
			if (rnd_percent(r, 20))
				d->ops->reg_write(d, REG_RSS_TABLE + 4 * rnd_below(r, REG_RSS_TABLE_COUNT), (uint32_t)rnd_next(r));
			d->ops->tick(d);
		}
	}
	for (unsigned int n = 0; n < REST && !cosim_difference(d); n++)
		d->ops->tick(d);
}

int main(int argc, char **argv)
{
	unsigned long passed = 0, failed = 0, hashes = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: fabric-keys FIRST_SEED COUNT\n");
		return 2;
	}
	for (uint64_t seed = strtoull(argv[1], NULL, 0), n = strtoull(argv[2], NULL, 0); n; n--, seed++) {
		struct seen seen = {0};
		struct cosim_config config = {.open = {device_rtl_open, device_iss_open}, .events = {.completion = on_completion, .arg = &seen}};
		struct rnd r = {.state = seed};
		const char *why = NULL, *difference;
		struct device *d = cosim_open(&config, &why);

		if (!d) {
			fprintf(stderr, "%s\n", why);
			return 2;
		}
		run(d, &r);
		difference = cosim_difference(d);
		if (!difference)
			difference = cosim_finish(d);
		if (!difference && seen.hashes < STEPS)
			difference = "there are hardly any hashes";
		if (difference)
			printf("FAIL seed %" PRIu64 ": %s\n", seed, difference);
		failed += difference != NULL;
		passed += !difference;
		hashes += seen.hashes;
		d->ops->close(d);
	}
	printf("note: %lu hashes compared\n", hashes);
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed != 0;
}
