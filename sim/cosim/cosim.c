// SPDX-License-Identifier: Apache-2.0
#include "cosim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "hw/spec/regs.h"
#include "records.h"

enum {
	HISTORY = 4,  /* bundles shown before the one that differs */
	LATE = 65536, /* cycles after which a record that only one device has shown is a difference */
	QUEUE_START = 16,
};

/* Records one device has shown and the other has not yet. */
struct queue {
	uint8_t *records;
	size_t head, count, capacity;
	int side;
};

struct history {
	struct device_retire last[HISTORY];
	unsigned int retired;
};

struct cosim {
	struct device device;
	struct side {
		struct cosim *owner;
		struct device *device;
		int index;
	} side[2];
	struct device_events events;
	struct device_host host;
	const char *(*source)(void *arg, unsigned int pc);
	void *source_arg;
	struct queue queue[RECORDS_STREAMS];
	struct history history[RECORDS_CORES][RECORDS_THREADS];
	unsigned int lanes;
	uint32_t imem_low;
	uint64_t imem[REG_IMEM_COUNT][REG_IMEM_STRIDE / 8];
	unsigned long compared;
	char *text;           /* the first difference */
	size_t text_size;
	FILE *out;            /* writes to text while it is made */
};

static struct cosim *self(struct device *d)
{
	return (struct cosim *)d;
}

static const char *name_of(const struct cosim *s, int side)
{
	return s->side[side].device->ops->name;
}

static void print_bundle(struct cosim *s, unsigned int pc)
{
	const char *source = s->source ? s->source(s->source_arg, pc) : NULL;

	if (source)
		fprintf(s->out, "    %s\n", source);
	for (unsigned int lane = 0; lane < s->lanes; lane++) {
		uint64_t bits = s->imem[pc % REG_IMEM_COUNT][lane];
		struct isa_word w;
		char text[128];

		if (isa_decode(bits, &w))
			snprintf(text, sizeof(text), "illegal");
		else
			isa_print(text, sizeof(text), &w);
		fprintf(s->out, "    %4u.%u  %016" PRIx64 "  %s\n", pc, lane, bits, text);
	}
}

static void print_history(struct cosim *s, const struct history *h)
{
	unsigned int n = h->retired;

	fprintf(s->out, "the thread's last bundles, on which both agree:\n");
	for (unsigned int i = n < HISTORY ? 0 : n - HISTORY; i < n; i++) {
		struct record r = {.retire = h->last[i % HISTORY]};

		fputs("  ", s->out);
		record_print(s->out, RECORD_RETIRE, &r);
		print_bundle(s, r.retire.pc);
	}
}

/* From here to end_difference() text is collected; only the first difference is kept. */
static bool begin_difference(struct cosim *s, const char *fmt, ...)
{
	va_list ap;

	if (s->text)
		return false;
	s->out = open_memstream(&s->text, &s->text_size);
	if (!s->out)
		abort();
	va_start(ap, fmt);
	vfprintf(s->out, fmt, ap);
	va_end(ap);
	fputc('\n', s->out);
	return true;
}

static void end_difference(struct cosim *s)
{
	fclose(s->out);
	s->out = NULL;
}

static void differ(struct cosim *s, enum record_kind kind, const struct record *record[2])
{
	const struct record *known = record[0] ? record[0] : record[1];
	unsigned int core, thread;

	if (!begin_difference(s, "%s and %s differ in a %s:", name_of(s, 0), name_of(s, 1), record_kind_name(kind)))
		return;
	for (int side = 0; side < 2; side++) {
		fprintf(s->out, "  %-4s ", name_of(s, side));
		if (record[side])
			record_print(s->out, kind, record[side]);
		else
			fprintf(s->out, "nothing\n");
		if (kind == RECORD_RETIRE && record[side])
			print_bundle(s, record[side]->retire.pc);
	}
	if (record_thread(kind, known, &core, &thread))
		print_history(s, &s->history[core % RECORDS_CORES][thread % RECORDS_THREADS]);
	end_difference(s);
}

static void *queue_push(struct queue *q, size_t size)
{
	if (q->count == q->capacity) {
		size_t capacity = q->capacity ? 2 * q->capacity : QUEUE_START;
		uint8_t *records = malloc(capacity * size);

		if (!records)
			abort();
		for (size_t i = 0; i < q->count; i++)
			memcpy(records + i * size, q->records + (q->head + i) % q->capacity * size,
			       size);
		free(q->records);
		q->records = records;
		q->capacity = capacity;
		q->head = 0;
	}
	return q->records + (q->head + q->count++) % q->capacity * size;
}

/* Compares a record that a device shows with the other's, or keeps it until the other shows its own. */
static void show(struct side *side, enum record_kind kind, const struct record *record)
{
	struct cosim *s = side->owner;
	struct queue *q = &s->queue[record_stream(kind, record)];
	const struct record *both[2];
	size_t size = record_size(kind);

	if (s->text)
		return;
	if (q->count == 0 || q->side == side->index) {
		q->side = side->index;
		memcpy(queue_push(q, size), record, size);
		return;
	}
	both[side->index] = record;
	both[!side->index] = (const struct record *)(q->records + q->head * size);
	if (!record_equal(kind, both[0], both[1])) {
		differ(s, kind, both);
		return;
	}
	if (kind == RECORD_RETIRE) {
		const struct device_retire *r = &record->retire;
		struct history *h = &s->history[r->core % RECORDS_CORES][r->thread % RECORDS_THREADS];

		h->last[h->retired++ % HISTORY] = *r;
	}
	q->head = (q->head + 1) % q->capacity;
	q->count--;
	s->compared++;
}

/* The events of a device: compared, and those of the first one passed on. */
#define ON(event, kind) \
	static void on_##event(void *arg, const struct device_##event *e) \
	{ \
		struct side *side = arg; \
		const struct device_events *to = &side->owner->events; \
\
		show(side, kind, (const struct record *)e); \
		if (side->index == 0 && to->event) \
			to->event(to->arg, e); \
	}

ON(retire, RECORD_RETIRE)
ON(x, RECORD_X)
ON(mapwrite, RECORD_MAPWRITE)
ON(ext_beat, RECORD_EXT)
ON(rx, RECORD_RX)
ON(take, RECORD_TAKE)
ON(completion, RECORD_COMPLETION)
ON(lost, RECORD_LOST)

static void set_bytes(struct record *r, const uint8_t *bytes, size_t len)
{
	r->len = len < sizeof(r->bytes) ? len : sizeof(r->bytes);
	memcpy(r->bytes, bytes, r->len);
}

static void on_tx(void *arg, const struct device_tx *t, const uint8_t *frame, size_t len)
{
	struct side *side = arg;
	const struct device_events *to = &side->owner->events;
	struct record r = {.tx = *t};

	set_bytes(&r, frame, len);
	show(side, RECORD_TX, &r);
	if (side->index == 0 && to->tx)
		to->tx(to->arg, t, frame, len);
}

static void on_host_rx(void *arg, const struct device_host_rx *h, const uint8_t *frame, size_t len)
{
	struct side *side = arg;
	const struct device_events *to = &side->owner->events;
	struct record r = {.host_rx = *h};

	set_bytes(&r, frame - h->meta_len, len + h->meta_len);
	show(side, RECORD_HOST_RX, &r);
	if (side->index == 0 && to->host_rx)
		to->host_rx(to->arg, h, frame, len);
}

static int on_dma_read(void *arg, uint64_t addr, void *bytes, size_t len)
{
	const struct device_host *host = &((struct side *)arg)->owner->host;

	return host->dma_read(host->arg, addr, bytes, len);
}

static int on_dma_write(void *arg, uint64_t addr, const void *bytes, size_t len)
{
	struct side *side = arg;
	const struct device_host *host = &side->owner->host;
	struct record r = {.dma = {.cycle = side->device->ops->cycle(side->device), .addr = addr}};
	uint8_t probe;

	set_bytes(&r, bytes, len);
	show(side, RECORD_DMA, &r);
	if (side->index == 0)
		return host->dma_write(host->arg, addr, bytes, len);
	/* Would it have been a bus error? */
	return host->dma_read(host->arg, addr, &probe, 1);
}

static void on_irq(void *arg, unsigned int vector)
{
	struct side *side = arg;
	const struct device_host *host = &side->owner->host;
	struct record r = {.irq = {.cycle = side->device->ops->cycle(side->device), .vector = vector}};

	show(side, RECORD_IRQ, &r);
	if (side->index == 0 && host->irq)
		host->irq(host->arg, vector);
}

/* Records older than `before` that wait for the other device. */
static void find_missing(struct cosim *s, uint64_t before)
{
	for (unsigned int stream = 0; stream < RECORDS_STREAMS && !s->text; stream++) {
		enum record_kind kind = record_stream_kind(stream);
		struct queue *q = &s->queue[stream];
		const struct record *both[2] = {NULL, NULL};

		if (q->count == 0)
			continue;
		both[q->side] = (const struct record *)(q->records + q->head * record_size(kind));
		if (both[q->side]->cycle < before)
			differ(s, kind, both);
	}
}

static void cosim_tick(struct device *d)
{
	struct cosim *s = self(d);
	uint64_t now;

	for (int i = 0; i < 2; i++)
		s->side[i].device->ops->tick(s->side[i].device);
	now = s->side[0].device->ops->cycle(s->side[0].device);
	if (now % LATE == 0 && now >= LATE)
		find_missing(s, now - LATE);
}

/* An access to the maps' registers takes as long as it takes, but on both devices the same. */
static void compare_clocks(struct cosim *s, uint32_t offset)
{
	uint64_t now[2];

	for (int i = 0; i < 2; i++)
		now[i] = s->side[i].device->ops->cycle(s->side[i].device);
	if (now[0] != now[1] && begin_difference(s, "an access to register %06x ends in cycle %" PRIu64 " on %s and %" PRIu64 " on %s", offset,
						 now[0], name_of(s, 0), now[1], name_of(s, 1)))
		end_difference(s);
}

static uint32_t cosim_reg_read(struct device *d, uint32_t offset)
{
	struct cosim *s = self(d);
	uint32_t v[2];

	for (int i = 0; i < 2; i++)
		v[i] = s->side[i].device->ops->reg_read(s->side[i].device, offset);
	if (v[0] != v[1] && begin_difference(s, "register %06x reads %08x on %s and %08x on %s",
					     offset, v[0], name_of(s, 0), v[1], name_of(s, 1)))
		end_difference(s);
	compare_clocks(s, offset);
	return v[0];
}

/* Keeps the microcode, to show it. */
static void watch_imem(struct cosim *s, uint32_t offset, uint32_t value)
{
	uint32_t at = offset - REG_IMEM;

	if (offset < REG_IMEM || at >= REG_IMEM_COUNT * REG_IMEM_STRIDE)
		return;
	if (at & 4)
		s->imem[at / REG_IMEM_STRIDE][at / 8 % 4] = (uint64_t)value << 32 | s->imem_low;
	else
		s->imem_low = value;
}

static void cosim_reg_write(struct device *d, uint32_t offset, uint32_t value)
{
	struct cosim *s = self(d);

	watch_imem(s, offset, value);
	for (int i = 0; i < 2; i++)
		s->side[i].device->ops->reg_write(s->side[i].device, offset, value);
	compare_clocks(s, offset);
}

/* A frame that only one of the two devices takes is a difference. */
static int both_take(struct cosim *s, const int result[2], const char *where)
{
	if (result[0] != result[1] && begin_difference(s, "a frame for %s is taken by one device only", where))
		end_difference(s);
	return result[0];
}

static int cosim_rx(struct device *d, const struct device_offer *offer)
{
	struct cosim *s = self(d);
	int result[2];

	for (int i = 0; i < 2; i++)
		result[i] = s->side[i].device->ops->rx(s->side[i].device, offer);
	return both_take(s, result, "a port");
}

static int cosim_host_tx(struct device *d, unsigned int port, const uint8_t *frame, size_t len)
{
	struct cosim *s = self(d);
	int result[2];

	for (int i = 0; i < 2; i++)
		result[i] = s->side[i].device->ops->host_tx(s->side[i].device, port, frame, len);
	return both_take(s, result, "the host stream");
}

static unsigned int both_pending(struct cosim *s, const unsigned int n[2], unsigned int port)
{
	if (n[0] != n[1] && begin_difference(s, "%u frames wait at port %u of %s and %u of %s in cycle %" PRIu64, n[0], port,
					     name_of(s, 0), n[1], name_of(s, 1), s->device.ops->cycle(&s->device)))
		end_difference(s);
	return n[0];
}

static unsigned int cosim_rx_pending(struct device *d, unsigned int port)
{
	struct cosim *s = self(d);
	unsigned int n[2];

	for (int i = 0; i < 2; i++)
		n[i] = s->side[i].device->ops->rx_pending(s->side[i].device, port);
	return both_pending(s, n, port);
}

static unsigned int cosim_host_tx_pending(struct device *d, unsigned int port)
{
	struct cosim *s = self(d);
	unsigned int n[2];

	for (int i = 0; i < 2; i++)
		n[i] = s->side[i].device->ops->host_tx_pending(s->side[i].device, port);
	return both_pending(s, n, port);
}

static void cosim_flow(struct device *d, enum device_stream stream, unsigned int port, uint64_t pattern)
{
	for (int i = 0; i < 2; i++)
		self(d)->side[i].device->ops->flow(self(d)->side[i].device, stream, port, pattern);
}

static uint64_t cosim_cycle(struct device *d)
{
	return self(d)->side[0].device->ops->cycle(self(d)->side[0].device);
}

static void cosim_close(struct device *d)
{
	struct cosim *s = self(d);

	for (int i = 0; i < 2; i++)
		if (s->side[i].device)
			s->side[i].device->ops->close(s->side[i].device);
	for (unsigned int stream = 0; stream < RECORDS_STREAMS; stream++)
		free(s->queue[stream].records);
	free(s->text);
	free(s);
}

static const struct device_ops cosim_ops = {
	.name = "both",
	.close = cosim_close,
	.reg_read = cosim_reg_read,
	.reg_write = cosim_reg_write,
	.rx = cosim_rx,
	.rx_pending = cosim_rx_pending,
	.host_tx = cosim_host_tx,
	.host_tx_pending = cosim_host_tx_pending,
	.flow = cosim_flow,
	.tick = cosim_tick,
	.cycle = cosim_cycle,
};

struct device *cosim_open(const struct cosim_config *config, const char **why)
{
	struct cosim *s = calloc(1, sizeof(*s));

	if (!s) {
		*why = "out of memory";
		return NULL;
	}
	s->device.ops = &cosim_ops;
	s->device.cores = config->cores; /* the second one is made like the first */
	s->device.ports = config->ports;
	s->events = config->events;
	s->host = config->host;
	s->source = config->source;
	s->source_arg = config->source_arg;
	for (int i = 0; i < 2; i++) {
		struct device_config side = {
			.events = {.rx = on_rx, .take = on_take, .completion = on_completion, .lost = on_lost, .tx = on_tx,
				   .host_rx = on_host_rx, .retire = on_retire, .x = on_x, .mapwrite = on_mapwrite, .ext_beat = on_ext_beat,
				   .arg = &s->side[i]},
			.host = config->rings ? (struct device_host){on_dma_read, on_dma_write, on_irq, &s->side[i]}
					      : (struct device_host){0},
			.ext = config->ext, .rings = config->rings, .cores = s->device.cores, .ports = s->device.ports,
			.trace = i == 0 ? config->trace : NULL,
		};

		s->side[i].owner = s;
		s->side[i].index = i;
		s->side[i].device = config->open[i](&side, why);
		if (!s->side[i].device) {
			cosim_close(&s->device);
			return NULL;
		}
		s->device.cores = s->side[i].device->cores;
		s->device.ports = s->side[i].device->ports;
	}
	s->lanes = cosim_reg_read(&s->device, REG_CAP_CORE) >> CAP_CORE_LANES_LSB & 0xf;
	if (s->lanes > ISA_LANES_MAX)
		s->lanes = ISA_LANES_MAX;
	return &s->device;
}

const char *cosim_difference(struct device *d)
{
	return self(d)->text;
}

const char *cosim_finish(struct device *d)
{
	find_missing(self(d), UINT64_MAX);
	return self(d)->text;
}

unsigned long cosim_compared(struct device *d)
{
	return self(d)->compared;
}
