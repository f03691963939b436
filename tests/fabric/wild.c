// SPDX-License-Identifier: Apache-2.0
/*
 * Wild hosts: random traffic while registers are written and read at random, with resets of the data path in between; on two devices in
 * lock step. Afterwards the NIC must take, run and send a frame as if nothing had been.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/spec/regs.h"
#include "sim/cosim/cosim.h"

enum { STEPS = 300, FRAME_LONGEST = 1700, PORTS = 2, QUIET = 2000, EXIT_TX = 3 };

struct wild {
	struct device *d;
	uint64_t state;
	unsigned int sent;    /* frames that left while watched */
	bool watch;
};

static uint32_t draw(struct wild *w)
{
	w->state ^= w->state << 13;
	w->state ^= w->state >> 7;
	w->state ^= w->state << 17;
	return (uint32_t)(w->state >> 16);
}

static void on_tx(void *arg, const struct device_tx *t, const uint8_t *frame, size_t len)
{
	struct wild *w = arg;

	(void)t;
	(void)frame;
	(void)len;
	w->sent += w->watch;
}

static void offer(struct wild *w)
{
	uint8_t frame[FRAME_LONGEST];
	struct device_offer o = {.port = draw(w) % PORTS, .frame = frame, .bad = draw(w) % 16 == 0};

	o.len = draw(w) % 4 ? 1 + draw(w) % 200 : 1 + draw(w) % FRAME_LONGEST;
	for (size_t i = 0; i < o.len; i++)
		frame[i] = draw(w);
	if (draw(w) % 2 && o.len > 14)
		memcpy(frame + 12, "\x08\x00\x45", 3);
	w->d->ops->rx(w->d, &o);
	if (draw(w) % 4 == 0)
		w->d->ops->host_tx(w->d, draw(w) % PORTS, frame, 1 + o.len % NIC_FRAME_MAX);
}

/* Any address but IMEM's, which would change the program, and those of maps and host side, which have tests of their own. */
static uint32_t address(struct wild *w)
{
	static const uint32_t base[] = {0, REG_PORT, REG_RSS_KEY, REG_RSS_TABLE, REG_COUNTER, 0x200, 0x8000, 0x80000};
	uint32_t addr = base[draw(w) % 8] + draw(w) % 512;

	return (addr & 0xff0) == REG_MAPCMD ? REG_STATUS : addr;
}

static uint32_t value(struct wild *w, uint32_t addr)
{
	uint32_t v = draw(w) % 2 ? draw(w) : draw(w) % 20;

	if ((addr & ~3u) == REG_CTRL)   /* mostly running; a reset now and then */
		return v | (draw(w) % 8 ? 1 << CTRL_RUN_LSB : 0);
	if ((addr & ~3u) == REG_WATCHDOG)
		return draw(w) % 4;
	return v;
}

/* Of a stream: it runs, crawls or stands. */
static uint64_t pattern(struct wild *w)
{
	switch (draw(w) % 4) {
	case 0: return 0;
	case 1: return (uint64_t)draw(w) << 32 | draw(w);
	default: return ~0ull;
	}
}

static void step(struct wild *w)
{
	static const enum device_stream streams[] = {DEVICE_RX, DEVICE_TX, DEVICE_HOST_RX, DEVICE_HOST_TX};
	uint32_t addr = address(w);

	switch (draw(w) % 8) {
	case 0: w->d->ops->reg_write(w->d, addr, value(w, addr)); break;
	case 1: w->d->ops->reg_read(w->d, addr); break;
	case 2: w->d->ops->reg_write(w->d, REG_CTRL, value(w, REG_CTRL)); break;
	case 3: w->d->ops->flow(w->d, streams[draw(w) % 4], draw(w) % PORTS, pattern(w)); break;
	default: offer(w); break;
	}
	for (unsigned int n = draw(w) % 40; n; n--)
		w->d->ops->tick(w->d);
}

/* Everything as it should be, and one frame. */
static bool recovers(struct wild *w)
{
	uint8_t frame[100] = {0};
	struct device_offer o = {.port = 1, .frame = frame, .len = sizeof(frame)};

	for (unsigned int s = DEVICE_RX; s <= DEVICE_HOST_TX; s++)
		for (unsigned int p = 0; p < PORTS; p++)
			w->d->ops->flow(w->d, (enum device_stream)s, p, ~0ull);
	w->d->ops->reg_write(w->d, REG_CTRL, 1 << CTRL_RESET_LSB);
	for (int n = 0; n < QUIET; n++)
		w->d->ops->tick(w->d);
	w->d->ops->reg_write(w->d, REG_THREADS, 16);
	w->d->ops->reg_write(w->d, REG_CORES, 16);
	w->d->ops->reg_write(w->d, REG_RX_MIN, 1);
	for (unsigned int p = 0; p < PORTS; p++) /* with ticks it would never be empty for long */
		w->d->ops->reg_write(w->d, REG_PORT + p * REG_PORT_STRIDE + 4 * NIC_PORT_TICK, 0);
	w->d->ops->reg_write(w->d, REG_CTRL, 1 << CTRL_RUN_LSB | 1 << CTRL_REPORT_LSB);
	w->watch = true;
	w->sent = 0;
	w->d->ops->rx(w->d, &o);
	for (int n = 0; n < QUIET; n++)
		w->d->ops->tick(w->d);
	return w->sent >= 1 && (w->d->ops->reg_read(w->d, REG_STATUS) & (1 << STATUS_EMPTY_LSB));
}

int main(int argc, char **argv)
{
	unsigned long failures = 0, records = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: fabric-wild FIRST_SEED COUNT\n");
		return 2;
	}
	for (uint64_t seed = strtoull(argv[1], NULL, 0), n = strtoull(argv[2], NULL, 0); n; n--, seed++) {
		struct wild w = {.state = seed * 0x9e3779b97f4a7c15 + 1};
		struct cosim_config config = {.open = {device_rtl_open, device_iss_open}, .events = {.tx = on_tx, .arg = &w}};
		const char *why = NULL, *difference;

		w.d = cosim_open(&config, &why);
		if (!w.d) {
			fprintf(stderr, "%s\n", why);
			return 2;
		}
		for (int i = 0; i < STEPS && !cosim_difference(w.d); i++)
			step(&w);
		if (!recovers(&w)) {
			failures++;
			printf("FAIL seed %" PRIu64 ": the NIC is not what it was after a reset\n", seed);
		}
		difference = cosim_difference(w.d);
		if (!difference)
			difference = cosim_finish(w.d);
		if (difference) {
			failures++;
			printf("FAIL seed %" PRIu64 ": %s\n", seed, difference);
		}
		records += cosim_compared(w.d);
		w.d->ops->close(w.d);
	}
	printf("note: %lu records compared\n", records);
	printf("%lu passed, %lu failed\n", strtoul(argv[2], NULL, 0) - !!failures, failures);
	return failures != 0;
}
