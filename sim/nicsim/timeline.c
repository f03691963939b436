// SPDX-License-Identifier: Apache-2.0
#include "timeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/spec/isa.h"

/* Tracks of cores come first; one process more holds ports and host. */
enum { CORES = 16, THREADS = 32, OUTSIDE = CORES + 1, MAPS, TID_HOST = DEVICE_PORTS };

struct thread {
	bool named;
	uint32_t number;
	uint64_t taken;
	uint8_t op;           /* of the command waited for; 0: none */
	uint64_t since;
};

struct timeline {
	FILE *file;
	const char *path;
	bool first, outside_named, engine_named;
	uint64_t engine_free; /* cycle of the map engine's last answer */
	struct thread thread[CORES][THREADS];
};

/* Microseconds of a NIC at CLOCK_MHZ. */
static double us(uint64_t cycle)
{
	return (double)cycle / CLOCK_MHZ;
}

static void begin(struct timeline *t)
{
	fputs(t->first ? "\n" : ",\n", t->file);
	t->first = false;
}

static void name(struct timeline *t, const char *what, unsigned int pid, unsigned int tid, const char *text, unsigned int number)
{
	begin(t);
	fprintf(t->file, "{\"ph\":\"M\",\"name\":\"%s\",\"pid\":%u,\"tid\":%u,\"args\":{\"name\":\"%s %u\"}}", what, pid, tid, text, number);
}

static void slice(struct timeline *t, unsigned int pid, unsigned int tid, uint64_t from, uint64_t to, const char *text)
{
	begin(t);
	fprintf(t->file, "{\"ph\":\"X\",\"name\":\"%s\",\"pid\":%u,\"tid\":%u,\"ts\":%.3f,\"dur\":%.3f}", text, pid, tid, us(from), us(to - from));
}

struct timeline *timeline_create(const char *path, struct io_error *err)
{
	struct timeline *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	t->path = path;
	t->first = true;
	t->file = fopen(path, "w");
	if (!t->file) {
		io_fail(err, "%s cannot be written: %s", path, strerror(errno));
		free(t);
		return NULL;
	}
	fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", t->file);
	return t;
}

int timeline_finish(struct timeline *t, struct io_error *err)
{
	int result = 0;

	if (!t)
		return 0;
	fputs("\n]}\n", t->file);
	if (ferror(t->file) | fclose(t->file))
		result = io_fail(err, "%s cannot be written", t->path);
	free(t);
	return result;
}

static struct thread *thread_of(struct timeline *t, unsigned int core, unsigned int thread)
{
	struct thread *h = &t->thread[core % CORES][thread % THREADS];

	if (!h->named) {
		name(t, "process_name", core + 1, 0, "core", core);
		name(t, "thread_name", core + 1, thread, "thread", thread);
	}
	h->named = true;
	return h;
}

void timeline_take(struct timeline *t, const struct device_take *e)
{
	struct thread *h;

	if (!t)
		return;
	h = thread_of(t, e->core, e->thread);
	h->number = e->number;
	h->taken = e->cycle;
	h->op = 0;
}

static bool waits(unsigned int op)
{
	return isa_lookup(op) && isa_lookup(op)->result == RESULT_WAIT;
}

void timeline_retire(struct timeline *t, const struct device_retire *e)
{
	struct thread *h;
	char text[64];

	if (!t)
		return;
	h = thread_of(t, e->core, e->thread);
	if (e->exit) {
		snprintf(text, sizeof(text), e->cause ? "packet %" PRIu32 ", fault %u" : "packet %" PRIu32 ", verdict %u", h->number,
			 e->cause ? e->cause : e->ret);
		slice(t, e->core + 1, e->thread, h->taken, e->cycle, text);
	}
	if (e->command && (waits(e->command) || !e->exit)) {
		h->op = e->command;
		h->since = e->cycle;
	}
}

/* The engine has one call at a time: this one since it was asked for, or since the answer before. */
static void engine(struct timeline *t, const struct thread *h, uint64_t end)
{
	uint64_t from = h->since > t->engine_free ? h->since : t->engine_free;

	if (!t->engine_named) {
		begin(t);
		fprintf(t->file, "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%d,\"args\":{\"name\":\"maps\"}}", MAPS);
		name(t, "thread_name", MAPS, 0, "engine", 0);
	}
	t->engine_named = true;
	t->engine_free = end;
	if (from < end)
		slice(t, MAPS, 0, from, end, isa_lookup(h->op)->name);
}

void timeline_x(struct timeline *t, const struct device_x *e)
{
	struct thread *h;

	if (!t)
		return;
	h = thread_of(t, e->core, e->thread);
	if (h->op && e->cycle > h->since)
		slice(t, e->core + 1, e->thread, h->since, e->cycle, isa_lookup(h->op)->name);
	if (h->op == OP_MUPD || h->op == OP_MDEL || h->op == OP_MCPY)
		engine(t, h, e->cycle);
	h->op = 0;
}

static void outside(struct timeline *t, unsigned int tid, uint64_t from, uint64_t to, uint32_t packet)
{
	char text[32];

	if (!t->outside_named) {
		begin(t);
		fprintf(t->file, "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%d,\"args\":{\"name\":\"outputs\"}}", OUTSIDE);
		for (unsigned int port = 0; port < DEVICE_PORTS; port++)
			name(t, "thread_name", OUTSIDE, port, "port", port);
		name(t, "thread_name", OUTSIDE, TID_HOST, "host", 0);
	}
	t->outside_named = true;
	snprintf(text, sizeof(text), "packet %" PRIu32, packet);
	slice(t, OUTSIDE, tid, from, to + 1, text);
}

void timeline_tx(struct timeline *t, const struct device_tx *e)
{
	if (t)
		outside(t, e->port, e->first, e->cycle, e->number);
}

void timeline_host(struct timeline *t, const struct device_host_rx *e)
{
	if (t)
		outside(t, TID_HOST, e->first, e->cycle, e->number);
}
