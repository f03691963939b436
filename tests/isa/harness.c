// SPDX-License-Identifier: Apache-2.0
#include "harness.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cosim/cosim.h"

enum { RUN_CYCLES = 40000000, AFTER = 64, SHOW_FAILURES = 20 };

unsigned long harness_passed, harness_failed;
const char *harness_group = "";

static bool covered[256][ISA_LANES_MAX];

bool harness_check(bool good, const char *fmt, ...)
{
	va_list ap;

	if (good) {
		harness_passed++;
		return true;
	}
	if (harness_failed++ < SHOW_FAILURES) {
		printf("FAIL %s: ", harness_group);
		va_start(ap, fmt);
		vprintf(fmt, ap);
		va_end(ap);
		putchar('\n');
	}
	return false;
}

static uint64_t random_state;

void harness_seed(uint64_t seed)
{
	random_state = seed * 0x9e3779b97f4a7c15 + 1;
}

uint64_t harness_random(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void on_retire(void *arg, const struct device_retire *r)
{
	struct machine *m = arg;

	if (m->n_retired < RETIRED_MAX)
		m->retired[m->n_retired++] = *r;
}

static void on_completion(void *arg, const struct device_completion *c)
{
	struct machine *m = arg;

	m->completion = *c;
	m->completions++;
}

static void on_tx(void *arg, const struct device_tx *t, const uint8_t *frame, size_t len)
{
	struct machine *m = arg;

	(void)t;
	memcpy(m->frame, frame, len);
	m->frame_len = len;
	m->frames++;
}

static void on_host_rx(void *arg, const struct device_host_rx *h, const uint8_t *frame, size_t len)
{
	struct machine *m = arg;

	m->meta_len = h->meta_len;
	memcpy(m->meta + sizeof(m->meta) - h->meta_len, frame - h->meta_len, h->meta_len);
	on_tx(arg, NULL, frame, len);
}

uint32_t machine_get(struct machine *m, uint32_t offset)
{
	return m->device->ops->reg_read(m->device, offset);
}

void machine_put(struct machine *m, uint32_t offset, uint32_t value)
{
	m->device->ops->reg_write(m->device, offset, value);
}

uint64_t machine_count(struct machine *m, unsigned int counter)
{
	uint32_t at = REG_COUNTER + counter * REG_COUNTER_STRIDE, low;

	machine_put(m, REG_SNAPSHOT, 1);
	for (int i = 0; machine_get(m, REG_SNAPSHOT) && i < RUN_CYCLES; i++)
		;
	low = machine_get(m, at);
	return (uint64_t)machine_get(m, at + 4) << 32 | low;
}

uint64_t machine_count_tiles(struct machine *m, unsigned int counter)
{
	uint64_t sum = 0;

	for (unsigned int tile = 0; tile < m->cores; tile++)
		sum += machine_count(m, NIC_CNT_TILE + 16 * tile + counter);
	return sum;
}

static uint32_t regs_read(void *ctx, uint32_t offset)
{
	return machine_get(ctx, offset);
}

static void regs_write(void *ctx, uint32_t offset, uint32_t value)
{
	machine_put(ctx, offset, value);
}

struct machine *machine_open(const char *model)
{
	struct machine *m = calloc(1, sizeof(*m));
	struct device_events events = {
		.tx = on_tx, .host_rx = on_host_rx, .completion = on_completion, .retire = on_retire, .arg = m};
	const struct device_ext ext = {.mib = EXT_MIB, .latency = 20, .jitter = 30, .dirty = true};
	struct device_config config = {.events = events, .ext = ext};
	struct cosim_config both = {.open = {device_rtl_open, device_iss_open}, .events = events, .ext = ext};
	const char *why = "there is no such model";
	uint32_t core;

	m->retired = calloc(RETIRED_MAX, sizeof(*m->retired));
	m->lock_step = strcmp(model, "both") == 0;
	if (m->lock_step)
		m->device = cosim_open(&both, &why);
	else if (strcmp(model, "iss") == 0)
		m->device = device_iss_open(&config, &why);
	else if (strcmp(model, "rtl") == 0)
		m->device = device_rtl_open(&config, &why);
	if (!m->device) {
		fprintf(stderr, "the model %s can't be opened: %s\n", model, why);
		exit(1);
	}
	m->regs = (struct nic_regs){.read = regs_read, .write = regs_write, .ctx = m};
	core = machine_get(m, REG_CAP_CORE);
	m->lanes = core >> CAP_CORE_LANES_LSB & 0xf;
	m->registers = core >> CAP_CORE_REGS_LSB & 0xff;
	m->cores = machine_get(m, REG_CAP_NIC) >> CAP_NIC_CORES_LSB & 0xff;
	/* One context, as what its stack and x hold must be known. */
	machine_put(m, REG_CORES, 1);
	machine_put(m, REG_THREADS, 1);
	return m;
}

void machine_close(struct machine *m)
{
	if (m->lock_step) {
		const char *difference = cosim_finish(m->device);

		harness_group = "lock step";
		harness_check(!difference, "%s", difference ? difference : "");
		printf("note: %lu records were equal on both models\n", cosim_compared(m->device));
	}
	m->device->ops->close(m->device);
	free(m->retired);
	free(m);
}

void code_clear(struct machine *m)
{
	memset(&m->code, 0, sizeof(m->code));
}

struct isa_word code_op(unsigned int op)
{
	return (struct isa_word){
		.op = op, .a = SR_ZERO, .b = SR_ZERO, .c = SR_ZERO, .width = 1, .len = 64};
}

/* Members that the format does not have must be 0. */
static uint64_t encode(const struct isa_word *w)
{
	const char *fields = isa_lookup(w->op)->fields;
	struct isa_word v = *w;

	if (!strchr(fields, 'a')) v.a = 0;
	if (!strchr(fields, 'r') && (!strchr(fields, 'b') || v.has_imm)) v.b = 0;
	if (!strchr(fields, 'c')) v.c = 0;
	if (!strchr(fields, 'n') && !strchr(fields, 'h')) v.width = 0;
	if (strchr(fields, 'b') && !v.has_imm) v.imm = 0;
	if (!strchr(fields, 'l')) v.len = 0;
	if (!strchr(fields, 'M')) v.mask = 0;
	if (isa_check(&v)) {
		fprintf(stderr, "the test made a word that is not legal: %s: %s\n",
			isa_lookup(w->op)->name, isa_check(&v));
		exit(1);
	}
	return isa_encode(&v);
}

unsigned int code_bundle(struct machine *m)
{
	struct isa_word nop = code_op(OP_NOP);
	unsigned int b = m->code.n++;

	if (b >= BUNDLES) {
		fprintf(stderr, "the test made a program that is too long\n");
		exit(1);
	}
	for (unsigned int lane = 0; lane < ISA_LANES_MAX; lane++)
		m->code.word[b][lane] = encode(&nop);
	m->code.expect[b].next = b + 1;
	return b;
}

void code_put(struct machine *m, unsigned int bundle, unsigned int lane, const struct isa_word *w)
{
	m->code.word[bundle][lane] = encode(w);
}

void code_value(struct machine *m, unsigned int bundle, unsigned int lane, uint64_t value)
{
	m->code.expect[bundle].we |= 1u << lane;
	m->code.expect[bundle].value[lane] = value;
}

/* mov and movh of as many constants as have different lanes; returns those left. */
static unsigned int constants_once(struct machine *m, unsigned int n, uint8_t *operand,
				   uint64_t *value)
{
	unsigned int low = code_bundle(m), high = code_bundle(m), used = 0, left = 0;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int lane = operand[i] >> 4;
		struct isa_word mov = code_op(OP_MOV), movh = code_op(OP_MOVH);

		if (used >> lane & 1) {
			operand[left] = operand[i];
			value[left++] = value[i];
			continue;
		}
		used |= 1u << lane;
		mov.dst = movh.dst = operand[i] & 15;
		mov.has_imm = 1;
		mov.imm = (uint32_t)value[i];
		movh.a = operand[i];
		movh.imm = value[i] >> 32;
		code_put(m, low, lane, &mov);
		code_value(m, low, lane, (uint64_t)(int64_t)(int32_t)value[i]);
		code_put(m, high, lane, &movh);
		code_value(m, high, lane, value[i]);
	}
	return left;
}

void code_constants(struct machine *m, unsigned int n, const uint8_t *operand,
		    const uint64_t *value)
{
	uint8_t o[8];
	uint64_t v[8];

	memcpy(o, operand, n);
	memcpy(v, value, n * sizeof(*value));
	while (n)
		n = constants_once(m, n, o, v);
}

/* Every lane reads it, so every bank's read port is asked. */
void code_see(struct machine *m, uint8_t operand, uint64_t value)
{
	unsigned int b = code_bundle(m);

	for (unsigned int lane = 0; lane < m->lanes; lane++) {
		struct isa_word mov = code_op(OP_MOV);

		mov.dst = m->registers - 1;
		mov.b = operand;
		code_put(m, b, lane, &mov);
		code_value(m, b, lane, value);
	}
}

void code_exit(struct machine *m)
{
	unsigned int b = code_bundle(m);
	struct isa_word w = code_op(OP_EXIT);

	w.has_imm = 1;
	w.imm = m->verdict ? m->verdict : VERDICT;
	code_put(m, b, 0, &w);
	m->code.expect[b].next = -1;
}

bool code_has_room(const struct machine *m, unsigned int bundles)
{
	return m->code.n + bundles < BUNDLES;
}

/* Words that are there already are not written again: most are nops. */
void machine_load(struct machine *m)
{
	for (unsigned int i = 0; i < m->code.n; i++)
		for (unsigned int lane = 0; lane < m->lanes; lane++) {
			uint32_t at = REG_IMEM + i * REG_IMEM_STRIDE + 8 * lane;

			if (m->loaded[i][lane] == m->code.word[i][lane])
				continue;
			m->loaded[i][lane] = m->code.word[i][lane];
			machine_put(m, at, (uint32_t)m->code.word[i][lane]);
			machine_put(m, at + 4, (uint32_t)(m->code.word[i][lane] >> 32));
		}
}

static void cover(const struct machine *m, unsigned int pc)
{
	for (unsigned int lane = 0; lane < m->lanes; lane++)
		covered[m->code.word[pc][lane] >> 56][lane] = true;
}

static void text_of(const struct machine *m, unsigned int pc, char *text, size_t size)
{
	size_t n = 0;

	for (unsigned int lane = 0; lane < m->lanes; lane++) {
		struct isa_word w;
		char word[96] = "illegal";

		if (isa_decode(m->code.word[pc][lane], &w) == 0)
			isa_print(word, sizeof(word), &w);
		n += snprintf(text + n, n < size ? size - n : 0, "%s%s", lane ? " | " : "", word);
	}
}

static void check_bundle(struct machine *m, const struct device_retire *r)
{
	struct expect *e = &m->code.expect[r->pc];
	unsigned int cause = e->loop ? 0 : e->cause;
	char text[400];
	bool exits = e->next < 0 || cause;
	bool good;

	e->loop -= e->loop != 0;
	text_of(m, r->pc, text, sizeof(text));
	good = harness_check(!e->never && r->cause == cause && r->exit == exits &&
				     (exits || r->next_pc == e->next),
			     "bundle %u (%s): cause %u exit %u next %u, not cause %u next %d",
			     r->pc, text, r->cause, r->exit, r->next_pc, cause, e->next);
	good &= harness_check(r->reg_we == e->we, "bundle %u (%s): writes lanes %x, not %x", r->pc,
			      text, r->reg_we, e->we);
	good &= harness_check(
		r->store == e->store && (!e->store || (r->store_width == e->store_width &&
						       r->store_tag_offset == e->store_tag_offset &&
						       r->store_value == e->store_value)),
		"bundle %u (%s): store %u.%u [%x]=%" PRIx64 ", not %u.%u [%x]=%" PRIx64, r->pc,
		text, r->store, r->store_width, r->store_tag_offset, r->store_value, e->store,
		e->store_width, e->store_tag_offset, e->store_value);
	good &= harness_check(r->command == e->command, "bundle %u (%s): command %02x, not %02x",
			      r->pc, text, r->command, e->command);
	for (unsigned int lane = 0; lane < m->lanes; lane++)
		if (good && (e->we & ~e->any) >> lane & 1)
			harness_check(r->value[lane] == e->value[lane],
				      "bundle %u (%s): lane %u gives %" PRIx64 ", not %" PRIx64,
				      r->pc, text, lane, r->value[lane], e->value[lane]);
	if (good && !r->cause)
		cover(m, r->pc);
}

void machine_run(struct machine *m, unsigned int entry, const uint8_t *packet, size_t len)
{
	struct device *d = m->device;
	unsigned int next = entry;
	int after = AFTER + (len + NIC_BEAT_BYTES - 1) / NIC_BEAT_BYTES;

	m->n_retired = 0;
	m->completions = m->frames = 0;
	machine_put(m, REG_PORT + 4 * NIC_PORT_ENTRY, entry);
	machine_put(m, REG_CTRL, 1u << CTRL_RUN_LSB | (uint32_t)!m->verdict << CTRL_REPORT_LSB);
	d->ops->rx(d, &(struct device_offer){.frame = packet, .len = len});
	for (int i = 0; i < RUN_CYCLES && after; i++) {
		d->ops->tick(d);
		after -= m->completions != 0;
	}
	while (!(machine_get(m, REG_STATUS) >> STATUS_IDLE_LSB & 1) && after++ < RUN_CYCLES)
		;
	machine_put(m, REG_CTRL, 0);
	harness_check(m->completions == 1 && m->frames == 1,
		      "a packet from bundle %u: %u completions, %u frames", entry, m->completions,
		      m->frames);
	harness_check(m->completion.bundles == m->n_retired, "%u bundles counted, %zu retired",
		      m->completion.bundles, m->n_retired);
	for (size_t i = 0; i < m->n_retired; i++) {
		const struct device_retire *r = &m->retired[i];

		if (!harness_check(r->pc == next, "bundle %u retired where bundle %u was next",
				   r->pc, next))
			break;
		check_bundle(m, r);
		next = r->next_pc;
	}
	if (m->lock_step)
		harness_check(!cosim_difference(d), "the models differ");
}

void code_run(struct machine *m, const uint8_t *packet, size_t len)
{
	if (m->code.n) {
		code_exit(m);
		machine_load(m);
		machine_run(m, 0, packet, len);
	}
	code_clear(m);
}

unsigned int harness_uncovered(const struct machine *m)
{
	size_t n;
	const struct isa_info *rows = isa_rows(&n);
	unsigned int missing = 0;

	harness_group = "coverage";
	for (size_t i = 0; i < n; i++)
		for (unsigned int lane = 0; lane < m->lanes; lane++)
			if (isa_slot_allows(rows[i].slot, lane, m->lanes) &&
			    !harness_check(covered[rows[i].op][lane],
					   "%s was never executed in lane %u", rows[i].name, lane))
				missing++;
	return missing;
}
