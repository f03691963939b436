// SPDX-License-Identifier: Apache-2.0
#include "records.h"

#include <inttypes.h>
#include <string.h>

struct member {
	const char *name;
	uint16_t offset;
	uint8_t size;
	bool hex;
};

#define DEC(type, name) {#name, offsetof(struct device_##type, name), sizeof(((struct device_##type *)0)->name), false}
#define HEX(type, name) {#name, offsetof(struct device_##type, name), sizeof(((struct device_##type *)0)->name), true}

static const struct member x_members[] = {DEC(x, cycle), DEC(x, core), DEC(x, thread), HEX(x, value), {0}};
static const struct member mapwrite_members[] = {DEC(mapwrite, cycle), DEC(mapwrite, bank), HEX(mapwrite, addr), HEX(mapwrite, mask),
						 HEX(mapwrite, value), DEC(mapwrite, engine), {0}};
static const struct member rx_members[] = {DEC(rx, cycle), DEC(rx, port), DEC(rx, drop), {0}};
static const struct member take_members[] = {DEC(take, cycle), DEC(take, number), DEC(take, port), DEC(take, core),
					     DEC(take, thread), {0}};
static const struct member completion_members[] = {
	DEC(completion, cycle), DEC(completion, number), DEC(completion, port), DEC(completion, core), DEC(completion, thread),
	DEC(completion, ret), HEX(completion, target), DEC(completion, len), DEC(completion, queue), HEX(completion, hash),
	DEC(completion, bundles), DEC(completion, cycles), DEC(completion, cause), DEC(completion, fault_pc),
	HEX(completion, fault_addr), {0}};
static const struct member lost_members[] = {DEC(lost, cycle), DEC(lost, number), DEC(lost, drop), {0}};
static const struct member tx_members[] = {DEC(tx, cycle), DEC(tx, first), DEC(tx, port), DEC(tx, from_host), DEC(tx, number), {0}};
static const struct member host_rx_members[] = {
	DEC(host_rx, cycle), DEC(host_rx, first), DEC(host_rx, number), DEC(host_rx, port), DEC(host_rx, queue), HEX(host_rx, hash),
	DEC(host_rx, time), DEC(host_rx, meta_len), HEX(host_rx, checksum), DEC(host_rx, redirected), {0}};
static const struct member dma_members[] = {DEC(dma, cycle), HEX(dma, addr), {0}};
static const struct member irq_members[] = {DEC(irq, cycle), DEC(irq, vector), {0}};
static const struct member ext_members[] = {DEC(ext_beat, cycle), DEC(ext_beat, kind), HEX(ext_beat, addr), HEX(ext_beat, strobes),
					    HEX(ext_beat, value), {0}};
/* The rest of a retire record is printed and compared as a whole. */
static const struct member retire_members[] = {
	DEC(retire, cycle), DEC(retire, core), DEC(retire, thread), DEC(retire, pc), DEC(retire, cause), DEC(retire, exit),
	DEC(retire, next_pc), DEC(retire, ret), DEC(retire, store), DEC(retire, store_width), HEX(retire, store_tag_offset),
	HEX(retire, store_value), HEX(retire, command), HEX(retire, cmd_addr), HEX(retire, cmd_b), HEX(retire, cmd_c),
	HEX(retire, reg_we), {0}};

static const struct {
	const char *name;
	const struct member *members;
	size_t size;
	unsigned int streams;
	bool frame;
} kinds[RECORD_KINDS] = {
	[RECORD_RETIRE] = {"retired bundle", retire_members, sizeof(struct device_retire), 1, false},
	[RECORD_X] = {"write of x", x_members, sizeof(struct device_x), RECORDS_CORES * RECORDS_THREADS, false},
	[RECORD_MAPWRITE] = {"map memory write", mapwrite_members, sizeof(struct device_mapwrite), 16, false},
	[RECORD_RX] = {"frame taken from the wire", rx_members, sizeof(struct device_rx), DEVICE_PORTS, false},
	[RECORD_TAKE] = {"packet taken to a core", take_members, sizeof(struct device_take), 1, false},
	[RECORD_COMPLETION] = {"completion", completion_members, sizeof(struct device_completion), 1, false},
	[RECORD_LOST] = {"packet dropped on its way out", lost_members, sizeof(struct device_lost), 8, false},
	[RECORD_TX] = {"frame sent", tx_members, sizeof(struct device_tx), DEVICE_PORTS, true},
	[RECORD_DMA] = {"write to host memory", dma_members, sizeof(struct device_dma), 1, true},
	[RECORD_IRQ] = {"interrupt", irq_members, sizeof(struct device_irq), 1, false},
	[RECORD_EXT] = {"beat of the map memory outside the chip", ext_members, sizeof(struct device_ext_beat), 3, false},
	[RECORD_HOST_RX] = {"frame for the host", host_rx_members, sizeof(struct device_host_rx), 1, true},
};

const char *record_kind_name(enum record_kind kind)
{
	return kinds[kind].name;
}

size_t record_size(enum record_kind kind)
{
	return kinds[kind].frame ? sizeof(struct record) : kinds[kind].size;
}

static unsigned int within(enum record_kind kind, const struct record *r)
{
	switch (kind) {
	case RECORD_X: return r->x.core * RECORDS_THREADS + r->x.thread;
	case RECORD_MAPWRITE: return r->mapwrite.bank;
	case RECORD_EXT: return r->ext.kind;
	case RECORD_RX: return r->rx.port;
	case RECORD_LOST: return r->lost.drop;
	case RECORD_TX: return r->tx.port;
	default: return 0;
	}
}

unsigned int record_stream(enum record_kind kind, const struct record *r)
{
	unsigned int stream = within(kind, r) % kinds[kind].streams;

	for (unsigned int k = 0; k < kind; k++)
		stream += kinds[k].streams;
	return stream;
}

enum record_kind record_stream_kind(unsigned int stream)
{
	unsigned int kind = 0;

	for (; kind < RECORD_KINDS - 1 && stream >= kinds[kind].streams; kind++)
		stream -= kinds[kind].streams;
	return kind;
}

static bool equal_results(const struct device_retire *a, const struct device_retire *b)
{
	for (int lane = 0; lane < ISA_LANES_MAX; lane++)
		if ((a->reg_we >> lane & 1) && (a->reg[lane] != b->reg[lane] || a->value[lane] != b->value[lane]))
			return false;
	return true;
}

/* Padding is not compared. */
bool record_equal(enum record_kind kind, const struct record *a, const struct record *b)
{
	for (const struct member *m = kinds[kind].members; m->name; m++)
		if (memcmp((const char *)a + m->offset, (const char *)b + m->offset, m->size))
			return false;
	if (kind == RECORD_RETIRE)
		return equal_results(&a->retire, &b->retire);
	return !kinds[kind].frame || (a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0);
}

static void print_retire(FILE *out, const struct device_retire *r)
{
	fprintf(out, "cycle %" PRIu64 " core %u thread %u pc %u", r->cycle, r->core, r->thread, r->pc);
	if (r->cause)
		fprintf(out, " fault %u", r->cause);
	if (r->exit)
		fprintf(out, " exit %u", r->ret);
	else
		fprintf(out, " next %u", r->next_pc);
	for (unsigned int lane = 0; lane < ISA_LANES_MAX; lane++)
		if (r->reg_we >> lane & 1)
			fprintf(out, " %c%u=%" PRIx64, 'a' + lane, r->reg[lane], r->value[lane]);
	if (r->store)
		fprintf(out, " store%u [%04x]=%" PRIx64, r->store_width, r->store_tag_offset, r->store_value);
	if (r->command)
		fprintf(out, " command %02x %" PRIx64 " %" PRIx64 " %" PRIx64, r->command, r->cmd_addr, r->cmd_b, r->cmd_c);
	fputc('\n', out);
}

static void print_bytes(FILE *out, const struct record *r)
{
	fprintf(out, "    %u bytes", r->len);
	for (uint32_t i = 0; i < r->len; i++)
		fprintf(out, "%s%02x", i % 32 ? "" : "\n    ", r->bytes[i]);
	fputc('\n', out);
}

void record_print(FILE *out, enum record_kind kind, const struct record *r)
{
	const char *space = "";

	if (kind == RECORD_RETIRE) {
		print_retire(out, &r->retire);
		return;
	}
	for (const struct member *m = kinds[kind].members; m->name; m++) {
		uint64_t v = 0;

		memcpy(&v, (const char *)r + m->offset, m->size);
		fprintf(out, m->hex ? "%s%s %" PRIx64 : "%s%s %" PRIu64, space, m->name, v);
		space = " ";
	}
	fputc('\n', out);
	if (kinds[kind].frame)
		print_bytes(out, r);
}

bool record_thread(enum record_kind kind, const struct record *r, unsigned int *core, unsigned int *thread)
{
	switch (kind) {
	case RECORD_RETIRE: *core = r->retire.core, *thread = r->retire.thread; return true;
	case RECORD_X: *core = r->x.core, *thread = r->x.thread; return true;
	case RECORD_TAKE: *core = r->take.core, *thread = r->take.thread; return true;
	case RECORD_COMPLETION: *core = r->completion.core, *thread = r->completion.thread; return true;
	default: return false;
	}
}
