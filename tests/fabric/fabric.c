// SPDX-License-Identifier: Apache-2.0
/*
 * Random packets with gaps and stalls through the whole NIC, in all orders, with several programs; then a program replaced by another under
 * traffic. Checked: in = out + counted drops, contents and verdicts by the reference, hash and checksum flags, order; and when the device
 * is two in lock step, that both are equal.
 */
#include "fabric.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/common/nic_maps.h"
#include "sim/cosim/cosim.h"

/* Seeds go through the programs, then comes one that replaces one program by another, three times, one that resets the data path, and one
 * whose host changes the map; and so on in the next order. */
enum { KIND_RELOAD, KIND_RESET, KIND_HOST, KINDS };

enum { PACKETS = 400, CYCLES_MAX = 3000000, SHOWN = 10, HOST_FRAMES = 20, ORDER_MODES = 3, VERDICTS = 5 };

/* What came of a packet. */
struct trip {
	uint8_t drop;         /* DEVICE_DROP_*: at the input, or on the way out */
	bool in, taken, completed;
	uint16_t left;        /* the places that it or a copy has gone to */
	bool over;            /* nothing more comes of it */
};

struct fifo {
	unsigned int index[PACKETS];
	unsigned int head, tail;
};

struct test {
	struct device *device;
	bool lock_step;
	struct nic_regs regs;
	struct rnd r;
	uint64_t seed;
	unsigned int cores, ports, order;
	bool lossless;
	const struct program *program;
	uint32_t key[10];
	unsigned int rx_min;
	struct packet packet[PACKETS];
	struct trip trip[PACKETS];
	struct fifo wire[DEVICE_PORTS], stored[DEVICE_PORTS];
	unsigned int by_number[PACKETS];
	unsigned int offered, ended, completed, out;
	uint32_t last_in_list[NIC_ORDER_LISTS];
	uint64_t sum[DEVICE_DROP_HOST + 1], bytes_in, bytes_of[VERDICTS], sent, host_sent, to_host;
	unsigned int counts[COUNTERS];
	/* a host that changes the map while programs do; its keys are behind theirs, 0: not there */
	bool calling;
	uint64_t host_value[HASH_ENTRIES];
	/* a reset of the data path */
	bool resetting;
	bool cut[DEVICE_PORTS];
	/* replacing programs */
	bool reloading;
	uint8_t mark;         /* the only one that packets taken from now on may have; 0: either */
	unsigned int mark_from; /* number of the first such packet */
	unsigned int next;    /* number that the next packet gets */
	unsigned long checks, failures;
};

/* Of all seeds. */
static struct {
	unsigned long checks, packets, reloads, resets, calls;
} total;

static void end(struct test *t, unsigned int i)
{
	t->trip[i].over = true;
	t->ended++;
}

static bool check(struct test *t, bool good, const char *fmt, ...)
{
	va_list ap;

	t->checks++;
	if (good)
		return true;
	if (t->failures++ < SHOWN) {
		printf("FAIL seed %" PRIu64 ", %u cores, %s, order %u: ", t->seed, t->cores, t->program->name, t->order);
		va_start(ap, fmt);
		vprintf(fmt, ap);
		va_end(ap);
		putchar('\n');
	}
	return false;
}

static uint32_t get(struct test *t, uint32_t offset)
{
	return t->device->ops->reg_read(t->device, offset);
}

static void put(struct test *t, uint32_t offset, uint32_t value)
{
	t->device->ops->reg_write(t->device, offset, value);
}

static unsigned int pop(struct test *t, struct fifo *f)
{
	if (!check(t, f->head != f->tail, "an event of a frame that is not there"))
		exit(1);
	return f->index[f->head++];
}

static void on_rx(void *arg, const struct device_rx *e)
{
	struct test *t = arg;
	unsigned int i = pop(t, &t->wire[e->port]);
	const struct packet *p = &t->packet[i];
	unsigned int drop = p->len > NIC_FRAME_MAX ? DEVICE_DROP_LONG : p->bad ? DEVICE_DROP_BAD : p->len < t->rx_min ? DEVICE_DROP_SHORT : 0;

	t->trip[i].in = true;
	t->trip[i].drop = e->drop;
	t->sum[e->drop]++;
	if (t->cut[e->port] && e->drop == DEVICE_DROP_BAD)
		drop = DEVICE_DROP_BAD; /* it was coming in when the path was reset */
	t->cut[e->port] = false;
	if (e->drop != DEVICE_DROP_FULL || t->lossless)
		check(t, e->drop == drop, "packet %u of %u bytes is dropped for cause %u, not %u", i, p->len, e->drop, drop);
	if (e->drop) {
		end(t, i);
		return;
	}
	t->bytes_in += p->len;
	t->stored[e->port].index[t->stored[e->port].tail++] = i;
}

static void on_take(void *arg, const struct device_take *e)
{
	struct test *t = arg;
	unsigned int i = pop(t, &t->stored[e->port]);

	t->trip[i].taken = true;
	t->next = e->number + 1;
	if (check(t, e->number < PACKETS, "number %u", e->number))
		t->by_number[e->number] = i;
}

static void reference(const struct test *t, unsigned int i, struct fate *f)
{
	const struct packet *p = &t->packet[i];

	memset(f, 0, sizeof(*f));
	memcpy(f->bytes, p->bytes, p->len);
	f->len = p->len;
	t->program->fate(f, p);
}

/* Lists are those of pkt_order: packets of one list leave as they came. */
static void check_order(struct test *t, const struct device_completion *c)
{
	unsigned int list = t->order == 2 ? 0 : c->hash % NIC_ORDER_LISTS;

	if (t->order == 0)
		return;
	check(t, c->number + 1 > t->last_in_list[list], "packet %u leaves behind %u", c->number, t->last_in_list[list] - 1);
	t->last_in_list[list] = c->number + 1;
}

static void on_completion(void *arg, const struct device_completion *c)
{
	struct test *t = arg;
	unsigned int i = t->by_number[c->number];
	struct trip *trip = &t->trip[i];
	const struct packet *p = &t->packet[i];
	struct fate f;

	reference(t, i, &f);
	check(t, trip->taken && !trip->completed, "packet %u is completed twice, or was not taken", i);
	trip->completed = true;
	t->completed++;
	t->bytes_of[c->ret < VERDICTS ? c->ret : 0] += c->len;
	check(t, c->ret == f.ret && c->cause == f.cause && c->target == f.target, "packet %u: verdict %u cause %u target %x, not %u %u %x", i,
	      c->ret, c->cause, c->target, f.ret, f.cause, f.target);
	check(t, c->hash == p->hash && c->queue == (p->hash & 127) % 4, "packet %u: hash %08x queue %u, not %08x", i, c->hash, c->queue, p->hash);
	check(t, c->len == f.len && c->port == p->port, "packet %u: %u bytes of port %u", i, c->len, c->port);
	check_order(t, c);
	if (!f.cause)
		t->counts[p->len > AT_KEY ? p->bytes[AT_KEY] % COUNTERS : 0]++;
	if (f.ret < 2 || f.ret > 4)
		end(t, i);
}

/* Places where packets go, a bit each: ports, and from QUEUE on queues of the host. */
enum { QUEUE = 8, QUEUES = 4 };

static uint16_t destination(const struct test *t, unsigned int i, const struct fate *f)
{
	uint16_t own = 1u << t->packet[i].port;

	if (f->ret == 3)
		return own;
	if (f->ret == 2)
		return 1u << (QUEUE + (t->packet[i].hash & 127) % QUEUES);
	if (f->target >> 30 == 3)
		return f->target & ((1u << t->ports) - 1) & (f->target >> 29 & 1 ? ~own : 0xffff);
	if (f->target >> 31)
		return (f->target & 0xff) < QUEUES ? 1u << (QUEUE + (f->target & 0xff)) : 0;
	return f->target >= 1 && f->target <= t->ports ? 1u << (f->target - 1) : 0;
}

static void left(struct test *t, uint32_t number, uint16_t where, const uint8_t *frame, size_t len)
{
	unsigned int i = t->by_number[number];
	struct fate f;

	reference(t, i, &f);
	if (t->reloading && len > AT_MARK + 1) {
		memset(f.bytes + AT_MARK, frame[AT_MARK], 2);
		check(t, frame[AT_MARK] == 0xaa || frame[AT_MARK] == 0xbb, "packet %u has mark %02x", i, frame[AT_MARK]);
		if (t->mark && number >= t->mark_from)
			check(t, frame[AT_MARK] == t->mark, "packet %u has mark %02x after the switch", i, frame[AT_MARK]);
	}
	check(t, t->trip[i].completed && !(t->trip[i].left & where), "packet %u leaves twice, or without its end", i);
	t->trip[i].left |= where;
	check(t, where & destination(t, i, &f), "packet %u goes to %x, not %x", i, where, destination(t, i, &f));
	check(t, len == f.len && memcmp(frame, f.bytes, len) == 0, "packet %u of %zu bytes leaves otherwise than it must", i, len);
	if (!t->trip[i].drop && t->trip[i].left == destination(t, i, &f))
		end(t, i);
}

static void on_tx(void *arg, const struct device_tx *e, const uint8_t *frame, size_t len)
{
	struct test *t = arg;

	if (e->from_host) {
		t->out++;
		check(t, len && frame[0] == e->port && frame[len - 1] == (uint8_t)len, "a frame of the host leaves otherwise than given");
		return;
	}
	t->sent++;
	left(t, e->number, 1u << e->port, frame, len);
}

static void check_metadata(struct test *t, const struct device_host_rx *e, const uint8_t *frame)
{
	unsigned int i = t->by_number[e->number];
	struct fate f;

	reference(t, i, &f);
	if (check(t, e->meta_len == f.meta_len, "packet %u has %u bytes of metadata, not %u", i, e->meta_len, f.meta_len) && f.meta_len)
		check(t, !memcmp(frame - sizeof(f.meta), f.meta, sizeof(f.meta)), "the metadata of packet %u", i);
}

static void on_host_rx(void *arg, const struct device_host_rx *e, const uint8_t *frame, size_t len)
{
	struct test *t = arg;
	const struct packet *p = &t->packet[t->by_number[e->number]];

	t->to_host++;
	check(t, e->hash == p->hash && e->checksum == p->flags && e->port == p->port, "meta of packet %u: hash %08x flags %02x, not %08x %02x",
	      t->by_number[e->number], e->hash, e->checksum, p->hash, p->flags);
	check_metadata(t, e, frame);
	left(t, e->number, 1u << (QUEUE + e->queue), frame, len);
}

static void on_lost(void *arg, const struct device_lost *e)
{
	struct test *t = arg;
	unsigned int i = t->by_number[e->number];
	struct fate f;

	reference(t, i, &f);
	t->sum[e->drop]++;
	check(t, !t->trip[i].drop && !t->trip[i].left, "packet %u is lost twice, or has left", i);
	t->trip[i].drop = e->drop;
	end(t, i);
	check(t, (e->drop == DEVICE_DROP_TARGET) == !destination(t, i, &f), "packet %u is lost for cause %u", i, e->drop);
	check(t, e->drop == DEVICE_DROP_TARGET || !t->lossless, "packet %u is lost where nothing may be", i);
}

/* A port that lets nothing out for long, so that its store fills up and others' don't. */
enum { STUCK_PORT = 1, STUCK_LEN = 129, STUCK_CYCLES = 6000 };

static bool is_stuck(const struct test *t)
{
	return strcmp(t->program->name, "redirect") == 0 && t->seed / (programs_count + KINDS) % 2;
}

/* Streams stand, crawl and run. */
static void stall(struct test *t)
{
	enum device_stream stream = rnd_below(&t->r, 4);
	uint64_t pattern = ~0ull;

	if (rnd_percent(&t->r, 50))
		pattern = rnd_next(&t->r) & rnd_next(&t->r);
	else if (rnd_percent(&t->r, 20))
		pattern = 0;
	t->device->ops->flow(t->device, stream, rnd_below(&t->r, t->ports), pattern);
}

static void let_go(struct test *t)
{
	for (unsigned int port = 0; port < t->ports; port++)
		for (unsigned int stream = DEVICE_RX; stream <= DEVICE_HOST_TX; stream++)
			t->device->ops->flow(t->device, stream, port, ~0ull);
}

static void offer(struct test *t)
{
	struct packet *p = &t->packet[t->offered];
	struct device_offer o = {.frame = p->bytes};

	packet_make(&t->r, p, is_stuck(t) ? STUCK_LEN : t->program->len_min, t->key);
	p->port = rnd_below(&t->r, t->ports);
	o.port = p->port;
	o.len = p->len;
	o.bad = p->bad;
	o.at = t->device->ops->cycle(t->device) + (rnd_percent(&t->r, 50) ? rnd_below(&t->r, 60) : 0);
	if (t->device->ops->rx(t->device, &o))
		return;
	t->wire[p->port].index[t->wire[p->port].tail++] = t->offered;
	t->offered++;
}

static void host_frame(struct test *t)
{
	uint8_t frame[200] = {0};
	unsigned int port = rnd_below(&t->r, t->ports), len = 1 + rnd_below(&t->r, sizeof(frame));

	if (len == 1)
		len = 2;
	frame[0] = port;
	frame[len - 1] = len;
	t->host_sent += t->device->ops->host_tx(t->device, port, frame, len) == 0;
}

/* What the traffic of a run does in one clock besides ticking. */
static void feed(struct test *t)
{
	if (t->offered < PACKETS && rnd_percent(&t->r, 60)) {
		offer(t);
		if (t->offered == PACKETS)
			let_go(t);
	}
	if (t->offered < PACKETS && rnd_below(&t->r, 100) == 0)
		stall(t);
	if (t->host_sent < HOST_FRAMES && !t->resetting && rnd_below(&t->r, 30) == 0)
		host_frame(t);
}

static uint32_t reg_read(void *ctx, uint32_t offset)
{
	struct test *t = ctx;

	if (t->reloading || t->calling)
		feed(t);
	return get(t, offset);
}

static void reg_write(void *ctx, uint32_t offset, uint32_t value)
{
	struct test *t = ctx;

	if (t->reloading || t->calling)
		feed(t);
	put(t, offset, value);
}

static bool all_out(const struct test *t)
{
	return t->offered == PACKETS && t->ended == PACKETS && t->out == t->host_sent;
}

/* With ticks it may never be seen empty. */
static void stop_ticks(struct test *t)
{
	for (unsigned int port = 0; port < t->ports; port++)
		put(t, REG_PORT + port * REG_PORT_STRIDE + 4 * NIC_PORT_TICK, 0);
}

static void run_to_rest(struct test *t)
{
	for (unsigned int cycle = 0; cycle < CYCLES_MAX; cycle++) {
		feed(t);
		if (is_stuck(t))
			t->device->ops->flow(t->device, DEVICE_TX, STUCK_PORT, cycle < STUCK_CYCLES ? 0 : ~0ull);
		t->device->ops->tick(t->device);
		if (t->lock_step && cosim_difference(t->device))
			return;
		if (cycle % 32 || !all_out(t))
			continue;
		stop_ticks(t);
		if (get(t, REG_STATUS) >> STATUS_EMPTY_LSB & 1)
			return;
	}
	check(t, false, "not at rest: %u of %u packets ended, status %x", t->ended, t->offered, get(t, REG_STATUS));
}

static uint64_t count(struct test *t, unsigned int counter)
{
	uint32_t low = get(t, REG_COUNTER + 8 * counter);

	return (uint64_t)get(t, REG_COUNTER + 8 * counter + 4) << 32 | low;
}

static uint64_t count_ports(struct test *t, unsigned int counter)
{
	uint64_t sum = 0;

	for (unsigned int port = 0; port < t->ports; port++)
		sum += count(t, NIC_CNT_PORT + 16 * port + counter);
	return sum;
}

static void equal(struct test *t, uint64_t counter, uint64_t seen, const char *name)
{
	check(t, counter == seen, "counter %s is %" PRIu64 ", seen %" PRIu64, name, counter, seen);
}

/* Copies that ports had no room for: at least one of each packet lost there. */
static uint64_t lost_copies(struct test *t)
{
	uint64_t sum = 0;
	struct fate f;

	for (unsigned int i = 0; i < PACKETS; i++) {
		if (t->trip[i].drop != DEVICE_DROP_PORT)
			continue;
		reference(t, i, &f);
		check(t, destination(t, i, &f) & ~t->trip[i].left, "packet %u is lost and has left", i);
		sum += (unsigned int)__builtin_popcount(destination(t, i, &f) & ~t->trip[i].left);
	}
	return sum;
}

static void check_counters(struct test *t)
{
	put(t, REG_SNAPSHOT, 1);
	while (get(t, REG_SNAPSHOT))
		;
	equal(t, count_ports(t, NIC_CNT_P_RX), t->sum[DEVICE_DROP_NONE], "RX");
	equal(t, count_ports(t, NIC_CNT_P_RX_BYTES), t->bytes_in, "RX_BYTES");
	equal(t, count_ports(t, NIC_CNT_P_LONG), t->sum[DEVICE_DROP_LONG], "LONG");
	equal(t, count_ports(t, NIC_CNT_P_SHORT), t->sum[DEVICE_DROP_SHORT], "SHORT");
	equal(t, count_ports(t, NIC_CNT_P_BAD), t->sum[DEVICE_DROP_BAD], "BAD");
	equal(t, count_ports(t, NIC_CNT_P_FULL), t->sum[DEVICE_DROP_FULL], "FULL");
	equal(t, count_ports(t, NIC_CNT_P_TX), t->sent + t->out, "TX");
	equal(t, count_ports(t, NIC_CNT_P_TX_HOST), t->out, "TX_HOST");
	if (t->resetting)
		return;
	equal(t, count(t, NIC_CNT_LOST), t->sum[DEVICE_DROP_TARGET], "LOST");
	equal(t, count_ports(t, NIC_CNT_P_TX_FULL), lost_copies(t), "TX_FULL");
	equal(t, count(t, NIC_CNT_HOST_FULL), t->sum[DEVICE_DROP_HOST], "HOST_FULL");
	equal(t, count(t, NIC_CNT_HOST), t->to_host, "HOST");
	equal(t, t->sum[DEVICE_DROP_NONE], t->completed, "RX, and completions");
	for (unsigned int v = 0; v < VERDICTS; v++)
		equal(t, count(t, NIC_CNT_VERDICT_BYTES + v), t->bytes_of[v], "VERDICT_BYTES");
}

static void check_array(struct test *t, unsigned int times)
{
	for (unsigned int i = 0; i < COUNTERS; i++)
		check(t, nic_maps_read_word(&t->regs, COUNTERS_AT + 8 * i) == t->counts[i] * times, "element %u of the map is %" PRIu64 ", not %u", i,
		      nic_maps_read_word(&t->regs, COUNTERS_AT + 8 * i), t->counts[i] * times);
}

/* One call of the host on a key of its own, with the result it must have; the entries just suffice for all. */
static void host_call(struct test *t, const struct nic_map *map)
{
	enum { NO_ENTRY = -2, EXISTS = -17 };
	uint64_t key = COUNTERS + rnd_below(&t->r, HASH_ENTRIES - COUNTERS), value = 0, old = t->host_value[key];
	uint64_t flags = rnd_below(&t->r, 3);
	int result;

	total.calls++;
	switch (rnd_below(&t->r, 3)) {
	case 0:
		result = nic_maps_lookup(map, &key, &value);
		check(t, result == (old ? 0 : NO_ENTRY) && value == old, "the host finds %" PRIu64 " (%d), not %" PRIu64, value, result, old);
		break;
	case 1:
		result = nic_maps_delete(map, &key);
		check(t, result == (old ? 0 : NO_ENTRY), "the host's delete gives %d", result);
		t->host_value[key] = 0;
		break;
	default:
		value = rnd_next(&t->r) | 1;
		result = nic_maps_update(map, &key, &value, flags);
		check(t, result == (flags == 1 && old ? EXISTS : flags == 2 && !old ? NO_ENTRY : 0), "the host's update gives %d", result);
		if (!result)
			t->host_value[key] = value;
	}
}

static void check_hash(struct test *t, const struct image_map *layout)
{
	struct nic_map map = {.regs = &t->regs, .layout = layout, .index = 1};

	for (uint64_t key = COUNTERS; key < HASH_ENTRIES; key++) {
		uint64_t value = 0;
		int missing = nic_maps_lookup(&map, &key, &value);

		check(t, !missing == (t->host_value[key] != 0) && value == t->host_value[key], "the host's key %" PRIu64 " has %" PRIu64, key, value);
	}
	for (uint64_t key = 0; key < COUNTERS; key++) {
		uint64_t value = 0;
		int missing = nic_maps_lookup(&map, &key, &value);

		check(t, !missing == (t->counts[key] != 0) && value == t->counts[key], "the entry of key %" PRIu64 " is %" PRIu64 ", not %u", key, value,
		      t->counts[key]);
	}
}

static unsigned int cpus(struct test *t)
{
	return t->cores * (get(t, REG_CAP_CORE) >> CAP_CORE_THREADS_LSB & 0xff);
}

/* The hash map becomes one of another type; with a plane for each CPU in memory that is not empty. */
static void change_type(struct test *t, const struct image_map *m, uint32_t type)
{
	uint32_t at = REG_MAPDESC + REG_MAPDESC_STRIDE, limit = type == NIC_TYPE_LRU_HASH ? m->limit : m->values + PLANE * cpus(t);

	for (uint32_t addr = m->values; addr < limit; addr += 8)
		nic_maps_write_word(&t->regs, addr, 0xdeaddeaddeaddead);
	put(t, at + 4 * NIC_DESC_TYPE, type | m->key_size << 16);
	put(t, at + 4 * NIC_DESC_LIMIT, limit);
	put(t, at + 4 * NIC_DESC_END, m->limit);
	put(t, at + 4 * NIC_DESC_PLANE, PLANE);
	put(t, at + 4 * NIC_DESC_SEED, m->seed);
}

static uint32_t lru_type(const struct test *t)
{
	return t->seed / (programs_count + KINDS) % 2 ? NIC_TYPE_LRU_PERCPU_HASH : NIC_TYPE_LRU_HASH;
}

/* Nothing is taken out: the entries in use are the first ones. */
static void check_planes(struct test *t, const struct image_map *m)
{
	uint32_t next = get(t, REG_MAPSTATE + REG_MAPSTATE_STRIDE + 4), keys = 0;

	for (uint32_t entry = m->values; entry < next; entry += m->stride) {
		uint64_t key = nic_maps_read_word(&t->regs, entry + 8), sum = 0;

		for (unsigned int cpu = 0; cpu < cpus(t); cpu++)
			sum += nic_maps_read_word(&t->regs, entry + 16 + PLANE * cpu);
		check(t, key < COUNTERS && sum == t->counts[key], "key %" PRIu64 " has %" PRIu64, key, sum);
		keys++;
	}
	for (unsigned int key = 0; key < COUNTERS; key++)
		keys -= t->counts[key] != 0;
	check(t, keys == 0, "%u entries too many", keys);
}

/* Not more entries than there may be, each with its own value, and of CPUs that did not write it none. */
static void check_lru(struct test *t, const struct image_map *m)
{
	unsigned int entries = 0;

	for (uint32_t bucket = 0; bucket < m->n_buckets; bucket++) {
		uint32_t at = (uint32_t)nic_maps_read_word(&t->regs, m->buckets + 8 * bucket);

		for (; at && entries <= HASH_ENTRIES; at = (uint32_t)nic_maps_read_word(&t->regs, at) & ~1u, entries++) {
			uint64_t key = nic_maps_read_word(&t->regs, at + 8);

			check(t, key >> 8 < cpus(t) && (key & 0xff) < COUNTERS, "key %" PRIx64, key);
			for (unsigned int cpu = 0; cpu < (lru_type(t) == NIC_TYPE_LRU_HASH ? 1 : cpus(t)); cpu++) {
				bool own = lru_type(t) == NIC_TYPE_LRU_HASH || key >> 8 == cpu;

				check(t, nic_maps_read_word(&t->regs, at + 16 + PLANE * cpu) == (own ? key : 0), "value of key %" PRIx64, key);
			}
		}
	}
	check(t, entries <= HASH_ENTRIES, "%u entries", entries);
}

static void check_maps(struct test *t)
{
	const char *name = t->program->name;
	struct image_map maps[MAPS];
	uint64_t text[BUNDLES_MAX * LANES];
	struct image_header header;
	struct image image;

	program_image(t->program, &image, &header, maps, text);
	check_array(t, strcmp(name, "count") == 0 || strcmp(name, "wait") == 0);
	if (strcmp(name, "hash") == 0)
		check_hash(t, &maps[1]);
	if (strcmp(name, "percpu") == 0)
		check_planes(t, &maps[1]);
	if (strcmp(name, "lru") == 0)
		check_lru(t, &maps[1]);
}

static void set_up(struct test *t)
{
	for (unsigned int i = 0; i < 10; i++) {
		t->key[i] = rnd_next(&t->r);
		put(t, REG_RSS_KEY + 4 * i, t->key[i]);
	}
	for (unsigned int i = 0; i < REG_RSS_TABLE_COUNT; i++)
		put(t, REG_RSS_TABLE + 4 * i, i % 4);
	t->lossless = rnd_percent(&t->r, 40);
	t->rx_min = rnd_percent(&t->r, 20) ? 60 : 1;
	for (unsigned int port = 0; port < t->ports; port++)
		put(t, REG_PORT + port * REG_PORT_STRIDE + 4 * NIC_PORT_CTRL, t->lossless ? 3 : 0);
	put(t, REG_ORDER, t->order);
	put(t, REG_RX_MIN, t->rx_min);
	put(t, REG_WATCHDOG, WATCHDOG);
}

static void load(struct test *t, const struct program *p, struct nic_place *place)
{
	uint64_t text[BUNDLES_MAX * LANES];
	struct image_header header;
	struct image_map maps[MAPS];
	struct image image;
	struct nic_refusal why;

	program_image(p, &image, &header, maps, text);
	if (nic_load(&t->regs, &image, place, &why)) {
		check(t, false, "%s", why.text);
		return;
	}
	if (strcmp(p->name, "percpu") == 0)
		change_type(t, &maps[1], NIC_TYPE_PERCPU_HASH);
	if (strcmp(p->name, "lru") == 0)
		change_type(t, &maps[1], lru_type(t));
	put(t, REG_CTRL, 1u << CTRL_RUN_LSB | (uint32_t)t->lossless << CTRL_HOST_LOSSLESS_LSB);
}

static unsigned int kind_of(uint64_t seed)
{
	return seed % (programs_count + KINDS);
}

static bool is_reset(uint64_t seed)
{
	return kind_of(seed) == programs_count + KIND_RESET;
}

/* Programs that a tick does not lead to do something that is looked at later. */
static bool takes_ticks(const struct test *t)
{
	const char *const names[] = {"pass", "tx", "mix", "redirect", "swap"};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!is_reset(t->seed) && strcmp(t->program->name, names[i]) == 0)
			return true;
	return false;
}

static void set_ticks(struct test *t)
{
	for (unsigned int port = 0; port < t->ports; port++)
		if (takes_ticks(t) && rnd_percent(&t->r, 60))
			put(t, REG_PORT + port * REG_PORT_STRIDE + 4 * NIC_PORT_TICK, 1 + rnd_below(&t->r, rnd_percent(&t->r, 50) ? 40 : 2000));
}

static void reload(struct test *t, const struct program *p, struct nic_place *place)
{
	uint64_t text[BUNDLES_MAX * LANES];
	struct image_header header;
	struct image_map maps[MAPS];
	struct image image;
	struct nic_refusal why;

	program_image(p, &image, &header, maps, text);
	t->mark = 0;
	/* Programs here have the same maps, without locks and timers. */
	if (nic_reload(&t->regs, &image, &image, place, &why)) {
		check(t, false, "%s", why.text);
		return;
	}
	total.reloads++;
	t->mark = p == &mark_a ? 0xaa : 0xbb;
	t->mark_from = t->next;
}

static void open_device(struct test *t, const char *model, unsigned int cores)
{
	struct device_events events = {.rx = on_rx, .take = on_take, .completion = on_completion, .lost = on_lost, .tx = on_tx,
				       .host_rx = on_host_rx, .arg = t};
	struct device_config config = {.events = events, .cores = cores};
	struct cosim_config both = {.open = {device_rtl_open, device_iss_open}, .events = events, .cores = cores};
	const char *why = "there is no such model";

	t->lock_step = strcmp(model, "both") == 0;
	if (t->lock_step)
		t->device = cosim_open(&both, &why);
	else if (strcmp(model, "iss") == 0)
		t->device = device_iss_open(&config, &why);
	else if (strcmp(model, "rtl") == 0)
		t->device = device_rtl_open(&config, &why);
	if (!t->device) {
		fprintf(stderr, "the model %s can't be opened: %s\n", model, why);
		exit(2);
	}
	for (uint32_t offset = 0; offset < REG_PORT; offset += 4) /* in lock step what the NIC says of itself is compared */
		get(t, offset);
	t->regs = (struct nic_regs){.read = reg_read, .write = reg_write, .ctx = t};
	t->cores = get(t, REG_CAP_NIC) >> CAP_NIC_CORES_LSB & 0xff;
	t->ports = get(t, REG_CAP_NIC) >> CAP_NIC_PORTS_LSB & 0xff;
}

/* Nothing comes in meanwhile; what is in the NIC is gone without a trace. */
static void reset_path(struct test *t, struct nic_place *place)
{
	while (t->offered < PACKETS / 2) {
		feed(t);
		t->device->ops->tick(t->device);
	}
	for (unsigned int port = 0; port < t->ports; port++)
		t->device->ops->flow(t->device, DEVICE_RX, port, 0);
	for (unsigned int i = rnd_below(&t->r, 200) + 4; i; i--)
		t->device->ops->tick(t->device);
	put(t, REG_CTRL, 1u << CTRL_RESET_LSB);
	while (get(t, REG_STATUS) >> STATUS_RESET_LSB & 1)
		;
	for (unsigned int port = 0; port < t->ports; port++) {
		t->cut[port] = true;
		t->device->ops->flow(t->device, DEVICE_TX, port, ~0ull);
	}
	for (int i = 0; i < 8; i++) /* what is in an output register leaves, and the end of a frame that was cut off */
		t->device->ops->tick(t->device);
	check(t, get(t, REG_STATUS) >> STATUS_IDLE_LSB & 1, "contexts are in use after a reset");
	total.resets++;
	for (unsigned int i = 0; i < t->offered; i++)
		if (t->trip[i].in && !t->trip[i].over)
			end(t, i);
	for (unsigned int port = 0; port < t->ports; port++)
		t->stored[port].head = t->stored[port].tail;
	memset(t->last_in_list, 0, sizeof(t->last_in_list));
	load(t, t->program, place);
	memset(t->counts, 0, sizeof(t->counts));
	let_go(t);
}

static bool is_reload(uint64_t seed)
{
	return kind_of(seed) == programs_count + KIND_RELOAD;
}

static bool is_host(uint64_t seed)
{
	return kind_of(seed) == programs_count + KIND_HOST;
}

static const struct program *program_of(uint64_t seed)
{
	if (is_reload(seed))
		return &mark_a;
	if (is_host(seed))
		return program_hash;
	return is_reset(seed) ? &programs[seed / (programs_count + KINDS) % programs_count] : &programs[kind_of(seed)];
}

/* Until all packets are on their way. */
static void change_map(struct test *t)
{
	uint64_t text[BUNDLES_MAX * LANES];
	struct image_header header;
	struct image_map maps[MAPS];
	struct image image;
	struct nic_map map = {.regs = &t->regs, .layout = &maps[1], .index = 1};

	program_image(t->program, &image, &header, maps, text);
	t->calling = true;
	for (unsigned int n = 0; t->offered < PACKETS && n < CYCLES_MAX; n++)
		host_call(t, &map);
	t->calling = false;
}

/* Nothing leaves until ports wait for room; from then on they drop what finds none. */
static void give_up(struct test *t)
{
	for (unsigned int port = 0; port < t->ports; port++) {
		t->device->ops->flow(t->device, DEVICE_TX, port, 0);
		t->device->ops->flow(t->device, DEVICE_HOST_RX, port, 0);
	}
	for (unsigned int i = 0; i < 2000; i++) {
		if (t->offered < PACKETS)
			offer(t);
		t->device->ops->tick(t->device);
	}
	t->lossless = false;
	for (unsigned int port = 0; port < t->ports; port++)
		put(t, REG_PORT + port * REG_PORT_STRIDE + 4 * NIC_PORT_CTRL, 2); /* only towards its output */
	for (unsigned int i = 0; i < 100; i++)
		t->device->ops->tick(t->device);
	let_go(t);
}

static void traffic(struct test *t, struct nic_place *place)
{
	t->resetting = is_reset(t->seed);
	if (t->resetting)
		reset_path(t, place);
	t->reloading = is_reload(t->seed);
	for (unsigned int i = 0; t->reloading && i < 3; i++)
		reload(t, i % 2 ? &mark_a : &mark_b, place);
	if (is_host(t->seed))
		change_map(t);
	if (t->lossless && rnd_percent(&t->r, 60))
		give_up(t);
	run_to_rest(t);
	t->reloading = false;
}

static bool run(const char *model, unsigned int cores, uint64_t seed)
{
	struct test *t = calloc(1, sizeof(*t));
	struct nic_place place;
	const char *difference = NULL;
	bool good;

	if (!t)
		abort();
	t->seed = seed;
	t->r.state = seed * 0x9e3779b97f4a7c15;
	t->program = program_of(seed);
	t->order = seed / (programs_count + KINDS) % ORDER_MODES;
	open_device(t, model, cores);
	set_up(t);
	load(t, t->program, &place);
	set_ticks(t);
	traffic(t, &place);
	if (!t->failures && !(t->lock_step && cosim_difference(t->device))) {
		check_counters(t);
		check_maps(t);
	}
	if (t->lock_step)
		difference = cosim_finish(t->device);
	check(t, !difference, "%s", difference ? difference : "");
	t->device->ops->close(t->device);
	total.checks += t->checks;
	total.packets += t->ended;
	good = !t->failures;
	free(t);
	return good;
}

int main(int argc, char **argv)
{
	unsigned long passed = 0, failed;

	if (argc != 5) {
		fprintf(stderr, "usage: fabric-test iss|rtl|both CORES FIRST_SEED COUNT\n");
		return 2;
	}
	for (uint64_t seed = strtoull(argv[3], NULL, 0), n = strtoull(argv[4], NULL, 0); n; n--, seed++)
		passed += run(argv[1], atoi(argv[2]), seed);
	failed = strtoul(argv[4], NULL, 0) - passed;
	printf("note: %lu checks, %lu packets, %lu reloads, %lu resets, %lu host calls\n", total.checks, total.packets, total.reloads, total.resets,
	       total.calls);
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed != 0;
}
