// SPDX-License-Identifier: Apache-2.0
#include "cosim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/spec/regs.h"

enum {
	THREADS = 256,
	HISTORY = 4,  /* bundles shown before the one that differs */
	LATE = 65536, /* cycles after which a record that only one device has shown is a difference
		       */
	QUEUE_START = 16,
};

enum stream {
	STREAM_RETIRE,
	STREAM_MAPWRITE,
	STREAM_COMPLETION,
	STREAM_TX,
	STREAM_X,
	STREAMS = STREAM_X + THREADS
};

struct frame {
	struct device_completion of;
	size_t len;
	uint8_t bytes[DEVICE_FRAME_MAX];
};

/* Records one device has shown and the other has not yet. */
struct queue {
	uint8_t *records;
	size_t head, count, capacity;
	int side;
};

struct cosim {
	struct device device;
	struct side {
		struct cosim *owner;
		struct device *device;
		int index;
	} side[2];
	struct device_events events;
	const char *(*source)(void *arg, unsigned int pc);
	void *source_arg;
	struct queue queue[STREAMS];
	struct device_retire history[THREADS][HISTORY];
	unsigned int retired[THREADS];
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

static void print_retire(struct cosim *s, const struct device_retire *r)
{
	fprintf(s->out, "cycle %" PRIu64 " thread %u pc %u", r->cycle, r->thread, r->pc);
	if (r->cause)
		fprintf(s->out, " fault %u", r->cause);
	if (r->exit)
		fprintf(s->out, " exit %u", r->ret);
	else
		fprintf(s->out, " next %u", r->next_pc);
	for (unsigned int lane = 0; lane < ISA_LANES_MAX; lane++)
		if (r->reg_we >> lane & 1)
			fprintf(s->out, " %c%u=%" PRIx64, 'a' + lane, r->reg[lane], r->value[lane]);
	if (r->store)
		fprintf(s->out, " store%u [%04x]=%" PRIx64, r->store_width, r->store_tag_offset,
			r->store_value);
	if (r->command)
		fprintf(s->out, " command %02x %" PRIx64 " %" PRIx64 " %" PRIx64, r->command,
			r->cmd_addr, r->cmd_b, r->cmd_c);
	fputc('\n', s->out);
}

static void print_completion(struct cosim *s, const struct device_completion *c)
{
	fprintf(s->out,
		"cycle %" PRIu64 " packet %u thread %u verdict %u length %u bundles %u cycles %u",
		c->cycle, c->number, c->thread, c->ret, c->len, c->bundles, c->cycles);
	if (c->cause)
		fprintf(s->out, " fault %u pc %u address %" PRIx64, c->cause, c->fault_pc,
			c->fault_addr);
	fputc('\n', s->out);
}

static void print_frame(struct cosim *s, const struct frame *f)
{
	fprintf(s->out, "%zu bytes of ", f->len);
	print_completion(s, &f->of);
	for (size_t i = 0; i < f->len && i < DEVICE_FRAME_MAX; i++)
		fprintf(s->out, "%s%02x", i % 32 ? "" : "\n    ", f->bytes[i]);
	fputc('\n', s->out);
}

static void print_record(struct cosim *s, unsigned int stream, const void *record)
{
	const struct device_mapwrite *w = record;
	const struct device_x *x = record;

	switch (stream) {
	case STREAM_RETIRE:
		print_retire(s, record);
		break;
	case STREAM_COMPLETION:
		print_completion(s, record);
		break;
	case STREAM_TX:
		print_frame(s, record);
		break;
	case STREAM_MAPWRITE:
		fprintf(s->out,
			"cycle %" PRIu64 " address %x mask %02x value %016" PRIx64 " by the %s\n",
			w->cycle, w->addr, w->mask, w->value, w->engine ? "engine" : "value unit");
		break;
	default:
		fprintf(s->out, "cycle %" PRIu64 " thread %u x=%" PRIx64 "\n", x->cycle, x->thread,
			x->value);
		break;
	}
}

static const char *stream_name(unsigned int stream)
{
	static const char *const names[] = {"retired bundle", "map memory write", "completion",
					    "frame"};

	return stream < STREAM_X ? names[stream] : "write of x";
}

/* The thread a record is about, or -1. */
static int thread_of(unsigned int stream, const void *record)
{
	switch (stream) {
	case STREAM_RETIRE: return ((const struct device_retire *)record)->thread;
	case STREAM_COMPLETION:
	case STREAM_TX: return ((const struct device_completion *)record)->thread;
	case STREAM_MAPWRITE: return -1;
	default: return stream - STREAM_X;
	}
}

static void print_history(struct cosim *s, int thread)
{
	unsigned int n;

	if (thread < 0)
		return;
	n = s->retired[thread];
	fprintf(s->out, "the thread's last bundles, on which both agree:\n");
	for (unsigned int i = n < HISTORY ? 0 : n - HISTORY; i < n; i++) {
		const struct device_retire *r = &s->history[thread][i % HISTORY];

		fputs("  ", s->out);
		print_retire(s, r);
		print_bundle(s, r->pc);
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

static void differ(struct cosim *s, unsigned int stream, const void *record[2])
{
	const void *known = record[0] ? record[0] : record[1];

	if (!begin_difference(s, "%s and %s differ in a %s:", name_of(s, 0), name_of(s, 1),
			      stream_name(stream)))
		return;
	for (int side = 0; side < 2; side++) {
		fprintf(s->out, "  %-4s ", name_of(s, side));
		if (record[side])
			print_record(s, stream, record[side]);
		else
			fprintf(s->out, "nothing\n");
		if (stream == STREAM_RETIRE && record[side])
			print_bundle(s, ((const struct device_retire *)record[side])->pc);
	}
	print_history(s, thread_of(stream, known));
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

/* Compares a record that a device shows with the other's, or keeps it until the other shows its
 * own. */
static void show(struct side *side, unsigned int stream, const void *record, size_t size)
{
	struct cosim *s = side->owner;
	struct queue *q = &s->queue[stream];
	const void *both[2];

	if (s->text)
		return;
	if (q->count == 0 || q->side == side->index) {
		q->side = side->index;
		memcpy(queue_push(q, size), record, size);
		return;
	}
	both[side->index] = record;
	both[!side->index] = q->records + q->head * size;
	if (memcmp(both[0], both[1], size)) {
		differ(s, stream, both);
		return;
	}
	if (stream == STREAM_RETIRE) {
		const struct device_retire *r = record;

		s->history[r->thread][s->retired[r->thread]++ % HISTORY] = *r;
	}
	q->head = (q->head + 1) % q->capacity;
	q->count--;
	s->compared++;
}

/* Records are copied member by member into zeroed ones, as padding must not be compared. */
static void on_retire(void *arg, const struct device_retire *r)
{
	struct side *side = arg;
	struct device_retire copy;

	memset(&copy, 0, sizeof(copy));
	copy.cycle = r->cycle;
	copy.pc = r->pc;
	copy.thread = r->thread;
	copy.cause = r->cause;
	copy.exit = r->exit;
	copy.reg_we = r->reg_we;
	copy.next_pc = r->next_pc;
	copy.ret = r->ret;
	for (int lane = 0; lane < ISA_LANES_MAX; lane++)
		if (r->reg_we >> lane & 1) {
			copy.reg[lane] = r->reg[lane];
			copy.value[lane] = r->value[lane];
		}
	copy.store = r->store;
	if (r->store) {
		copy.store_width = r->store_width;
		copy.store_tag_offset = r->store_tag_offset;
		copy.store_value = r->store_value;
	}
	copy.command = r->command;
	if (r->command) {
		copy.cmd_addr = r->cmd_addr;
		copy.cmd_b = r->cmd_b;
		copy.cmd_c = r->cmd_c;
	}
	show(side, STREAM_RETIRE, &copy, sizeof(copy));
	if (side->index == 0 && side->owner->events.retire)
		side->owner->events.retire(side->owner->events.arg, r);
}

static void on_x(void *arg, const struct device_x *x)
{
	struct side *side = arg;
	struct device_x copy;

	memset(&copy, 0, sizeof(copy));
	copy.cycle = x->cycle;
	copy.thread = x->thread;
	copy.value = x->value;
	show(side, STREAM_X + x->thread, &copy, sizeof(copy));
	if (side->index == 0 && side->owner->events.x)
		side->owner->events.x(side->owner->events.arg, x);
}

static void on_mapwrite(void *arg, const struct device_mapwrite *w)
{
	struct side *side = arg;
	struct device_mapwrite copy;

	memset(&copy, 0, sizeof(copy));
	copy.cycle = w->cycle;
	copy.addr = w->addr;
	copy.mask = w->mask;
	copy.engine = w->engine;
	copy.value = w->value;
	show(side, STREAM_MAPWRITE, &copy, sizeof(copy));
	if (side->index == 0 && side->owner->events.mapwrite)
		side->owner->events.mapwrite(side->owner->events.arg, w);
}

static void copy_completion(struct device_completion *copy, const struct device_completion *c)
{
	memset(copy, 0, sizeof(*copy));
	copy->cycle = c->cycle;
	copy->number = c->number;
	copy->ret = c->ret;
	copy->len = c->len;
	copy->thread = c->thread;
	copy->cause = c->cause;
	copy->fault_pc = c->fault_pc;
	copy->fault_addr = c->fault_addr;
	copy->bundles = c->bundles;
	copy->cycles = c->cycles;
}

static void on_completion(void *arg, const struct device_completion *c)
{
	struct side *side = arg;
	struct device_completion copy;

	copy_completion(&copy, c);
	show(side, STREAM_COMPLETION, &copy, sizeof(copy));
	if (side->index == 0 && side->owner->events.completion)
		side->owner->events.completion(side->owner->events.arg, c);
}

static void on_tx(void *arg, const struct device_completion *of, const uint8_t *frame, size_t len)
{
	struct side *side = arg;
	struct frame copy;

	memset(&copy, 0, sizeof(copy));
	copy_completion(&copy.of, of);
	copy.len = len;
	memcpy(copy.bytes, frame, len < DEVICE_FRAME_MAX ? len : DEVICE_FRAME_MAX);
	show(side, STREAM_TX, &copy, sizeof(copy));
	if (side->index == 0 && side->owner->events.tx)
		side->owner->events.tx(side->owner->events.arg, of, frame, len);
}

static size_t record_size(unsigned int stream)
{
	switch (stream) {
	case STREAM_RETIRE: return sizeof(struct device_retire);
	case STREAM_MAPWRITE: return sizeof(struct device_mapwrite);
	case STREAM_COMPLETION: return sizeof(struct device_completion);
	case STREAM_TX: return sizeof(struct frame);
	default: return sizeof(struct device_x);
	}
}

/* Every kind of record has its cycle in front. */
static uint64_t cycle_of(const void *record)
{
	uint64_t cycle;

	memcpy(&cycle, record, sizeof(cycle));
	return cycle;
}

/* Records older than `before` that wait for the other device. */
static void find_missing(struct cosim *s, uint64_t before)
{
	for (unsigned int stream = 0; stream < STREAMS && !s->text; stream++) {
		struct queue *q = &s->queue[stream];
		const void *both[2] = {NULL, NULL};

		if (q->count == 0)
			continue;
		both[q->side] = q->records + q->head * record_size(stream);
		if (cycle_of(both[q->side]) < before)
			differ(s, stream, both);
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

static uint32_t cosim_reg_read(struct device *d, uint32_t offset)
{
	struct cosim *s = self(d);
	uint32_t v[2];

	for (int i = 0; i < 2; i++)
		v[i] = s->side[i].device->ops->reg_read(s->side[i].device, offset);
	if (v[0] != v[1] && begin_difference(s, "register %06x reads %08x on %s and %08x on %s",
					     offset, v[0], name_of(s, 0), v[1], name_of(s, 1)))
		end_difference(s);
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
}

static int cosim_rx(struct device *d, const uint8_t *frame, size_t len)
{
	struct cosim *s = self(d);
	int result[2];

	for (int i = 0; i < 2; i++)
		result[i] = s->side[i].device->ops->rx(s->side[i].device, frame, len);
	if (result[0] != result[1] &&
	    begin_difference(s, "an offered frame of %zu bytes is taken by one device only", len))
		end_difference(s);
	return result[0];
}

static unsigned int cosim_rx_pending(struct device *d)
{
	struct cosim *s = self(d);
	unsigned int n[2];

	for (int i = 0; i < 2; i++)
		n[i] = s->side[i].device->ops->rx_pending(s->side[i].device);
	if (n[0] != n[1] &&
	    begin_difference(s, "%u frames are offered to %s and %u to %s in cycle %" PRIu64, n[0],
			     name_of(s, 0), n[1], name_of(s, 1), d->ops->cycle(d)))
		end_difference(s);
	return n[0];
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
	for (unsigned int stream = 0; stream < STREAMS; stream++)
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
	s->events = config->events;
	s->source = config->source;
	s->source_arg = config->source_arg;
	for (int i = 0; i < 2; i++) {
		struct device_config side = {
			.events = {.tx = on_tx,
				   .completion = on_completion,
				   .retire = on_retire,
				   .x = on_x,
				   .mapwrite = on_mapwrite,
				   .arg = &s->side[i]},
			.trace = i == 0 ? config->trace : NULL,
		};

		s->side[i].owner = s;
		s->side[i].index = i;
		s->side[i].device = config->open[i](&side, why);
		if (!s->side[i].device) {
			cosim_close(&s->device);
			return NULL;
		}
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
