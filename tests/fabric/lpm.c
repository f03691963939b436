// SPDX-License-Identifier: Apache-2.0
/*
 * LPM tries: packets carry keys that programs look up, while the host puts prefixes in and takes them out. Each packet must come back with
 * what a plain list of prefixes gave at some time between its start and its end; the host's own view is compared with the list, too.
 */
#include "fabric.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/common/nic_lpm.h"
#include "sim/cosim/cosim.h"

enum { AT_LPM_KEY = 16, AT_ANSWER = 48, LEN = 64, PREFIXES = 24, HISTORY = 64, STEPS = 160, PACKETS = 4096, KEY_MAX = 24, SHOWN = 10, NODES_AT = 4096,
       QUIET = 100000, REGISTER_KEY = 16, SPOILT_PACKETS = 200, SPOILT_CLOCKS = 5000 };

struct prefix {
	uint8_t key[KEY_MAX];
	uint64_t value;
};

/* The list as it was. */
struct version {
	unsigned int count;
	struct prefix prefix[PREFIXES];
};

struct test {
	struct device *device;
	struct nic_regs regs;
	struct rnd r;
	uint64_t seed;
	unsigned int ports;
	bool busy;            /* packets come while the host works */
	bool spoilt;          /* nodes lead anywhere: answers are the models' own */
	struct image_map layout;
	struct nic_map map;
	struct version version[HISTORY];
	unsigned int now;     /* number of the newest version */
	bool changing;        /* the one before may still be seen */
	uint8_t key[PACKETS][KEY_MAX];
	unsigned int since[PACKETS];
	unsigned int wire[DEVICE_PORTS][PACKETS], head[DEVICE_PORTS], tail[DEVICE_PORTS];
	unsigned int sent, back;
	unsigned long checks, failures, found;
};

static bool check(struct test *t, bool good, const char *what, uint64_t number)
{
	t->checks++;
	if (!good && t->failures++ < SHOWN)
		printf("FAIL seed %" PRIu64 ", key of %u bytes, root of %u bits: %s (%" PRIx64 ")\n", t->seed, t->layout.key_size, t->layout.seed,
		       what, number);
	return good;
}

static uint32_t length(const uint8_t *key)
{
	uint32_t n;

	memcpy(&n, key, sizeof(n));
	return n;
}

static unsigned int bit(const uint8_t *key, uint32_t i)
{
	return key[4 + i / 8] >> (7 - i % 8) & 1;
}

static bool begins(const uint8_t *key, const uint8_t *prefix)
{
	if (length(key) < length(prefix))
		return false;
	for (uint32_t i = 0; i < length(prefix); i++)
		if (bit(key, i) != bit(prefix, i))
			return false;
	return true;
}

static const struct prefix *longest(const struct test *t, const struct version *v, const uint8_t *key)
{
	const struct prefix *best = NULL;

	for (unsigned int i = 0; i < v->count && length(key) <= 8 * (t->layout.key_size - 4); i++)
		if (begins(key, v->prefix[i].key) && (!best || length(v->prefix[i].key) > length(best->key)))
			best = &v->prefix[i];
	return best;
}

static struct prefix *same(struct version *v, const uint8_t *key)
{
	for (unsigned int i = 0; i < v->count; i++)
		if (length(v->prefix[i].key) == length(key) && begins(key, v->prefix[i].key))
			return &v->prefix[i];
	return NULL;
}

/* Few bits differ, so that prefixes lie inside each other. */
static void make_key(struct test *t, uint8_t *key, bool prefix)
{
	uint32_t bits = 8 * (t->layout.key_size - 4);
	uint32_t n = prefix ? rnd_below(&t->r, bits + 1) : rnd_percent(&t->r, 80) ? bits : rnd_below(&t->r, bits + 4);

	memset(key, 0, KEY_MAX);
	memcpy(key, &n, 4);
	for (uint32_t i = 4; i < t->layout.key_size; i++)
		key[i] = rnd_percent(&t->r, 15) ? 1u << rnd_below(&t->r, 8) : rnd_percent(&t->r, 20) ? 0x80 : 0;
}

static void on_take(void *arg, const struct device_take *e)
{
	(void)arg;
	(void)e;
}

static void on_tx(void *arg, const struct device_tx *e, const uint8_t *frame, size_t len)
{
	struct test *t = arg;
	uint32_t i;
	uint64_t answer;

	(void)e;
	memcpy(&i, frame, 4);
	memcpy(&answer, frame + AT_ANSWER, 8);
	t->back += t->spoilt;
	if (t->spoilt || !check(t, len == LEN && i < t->sent, "a frame that nobody sent", i))
		return;
	t->back++;
	t->found += answer != 0;
	for (unsigned int v = t->since[i]; v <= t->now; v++) {
		const struct prefix *p = longest(t, &t->version[v % HISTORY], t->key[i]);

		if (answer == (p ? p->value : 0)) {
			t->checks++;
			return;
		}
	}
	check(t, false, "a packet came back with a wrong answer", answer);
}

static void offer(struct test *t)
{
	uint8_t frame[LEN] = {0};
	struct device_offer o = {.frame = frame, .len = LEN, .port = rnd_below(&t->r, t->ports), .at = t->device->ops->cycle(t->device)};

	if (t->sent == PACKETS || t->sent - t->back > 200)
		return;
	make_key(t, t->key[t->sent], false);
	memcpy(frame, &t->sent, 4);
	for (unsigned int i = AT_LPM_KEY; i < AT_ANSWER; i++) /* behind the key is what is no key */
		frame[i] = (uint8_t)rnd_next(&t->r);
	memcpy(frame + AT_LPM_KEY, t->key[t->sent], t->layout.key_size);
	if (t->device->ops->rx(t->device, &o))
		return;
	t->since[t->sent++] = t->now - t->changing;
}

static uint32_t reg_read(void *ctx, uint32_t offset)
{
	struct test *t = ctx;

	if (t->busy)
		offer(t);
	return t->device->ops->reg_read(t->device, offset);
}

static void reg_write(void *ctx, uint32_t offset, uint32_t value)
{
	struct test *t = ctx;

	if (t->busy)
		offer(t);
	t->device->ops->reg_write(t->device, offset, value);
}

static struct version *next_version(struct test *t)
{
	t->version[(t->now + 1) % HISTORY] = t->version[t->now % HISTORY];
	t->now++;
	t->changing = true;
	return &t->version[t->now % HISTORY];
}

static void update(struct test *t)
{
	static const uint64_t flags[] = {0, 0, 0, 1, 2, 3};
	uint64_t value = (uint64_t)t->now + 1, flag = flags[rnd_below(&t->r, 6)];
	struct prefix new = {.value = value}, *old;
	struct version *v = &t->version[t->now % HISTORY];
	int expected = 0;

	make_key(t, new.key, true);
	if (rnd_percent(&t->r, 30) && v->count)
		memcpy(new.key, v->prefix[rnd_below(&t->r, v->count)].key, KEY_MAX);
	old = same(v, new.key);
	if (flag > 2)
		expected = -22;
	else if (old && flag == 1)
		expected = -17;
	else if (!old && flag == 2)
		expected = -2;
	else if (!old && v->count == t->layout.max_entries)
		expected = -28;
	if (!expected) {
		v = next_version(t);
		old = same(v, new.key);
		if (!old)
			old = &v->prefix[v->count++];
		*old = new;
	}
	check(t, nic_maps_update(&t->map, new.key, &value, flag) == expected, "the result of an update is not", (uint64_t)-expected);
	t->changing = false;
}

static void delete(struct test *t)
{
	struct version *v = &t->version[t->now % HISTORY];
	uint8_t key[KEY_MAX];
	bool there;

	make_key(t, key, true);
	if (rnd_percent(&t->r, 80) && v->count)
		memcpy(key, v->prefix[rnd_below(&t->r, v->count)].key, KEY_MAX);
	there = same(v, key);
	if (there) {
		v = next_version(t);
		*same(v, key) = v->prefix[v->count - 1];
		v->count--;
	}
	check(t, nic_maps_delete(&t->map, key) == (there ? 0 : -2), "the result of a delete, prefix there:", there);
	t->changing = false;
}

/* Every prefix once, the specific ones first. */
static void walk(struct test *t)
{
	struct version *v = &t->version[t->now % HISTORY];
	uint8_t key[KEY_MAX] = {0}, seen[PREFIXES][KEY_MAX];
	unsigned int n = 0;
	int result = nic_maps_next(&t->map, NULL, key);

	for (; !result && n < PREFIXES; n++, result = nic_maps_next(&t->map, key, key)) {
		check(t, same(v, key), "a walk shows a prefix that is not there", n);
		for (unsigned int i = 0; i < n; i++) {
			check(t, length(seen[i]) != length(key) || !begins(key, seen[i]), "a walk shows a prefix twice", n);
			check(t, !begins(key, seen[i]) || length(key) == length(seen[i]), "a walk shows the less specific one first", n);
		}
		memcpy(seen[n], key, KEY_MAX);
	}
	check(t, result == -2 && n == v->count, "a walk shows another number of prefixes", n);
}

static void look(struct test *t)
{
	uint8_t key[KEY_MAX];
	const struct prefix *p;
	uint64_t value = 0;
	int result;

	make_key(t, key, false);
	p = longest(t, &t->version[t->now % HISTORY], key);
	result = nic_maps_lookup(&t->map, key, &value);
	check(t, result == (p ? 0 : -2) && value == (p ? p->value : 0), "the host's lookup", value);
}

static void load(struct test *t)
{
	static const struct program in_registers = {
		.name = "lpm",
		.text = {{NULL, NULL, "ld8 r1, [data+16]"}, {NULL, NULL, "ld8 r2, [data+24]"}, {NULL, NULL, "mlookr m1, c1, c2"}, {"jeq x, 0, @6"},
			 {"mov r2, x"}, {NULL, NULL, "mld8 [a2+0]"}, {"mov r0, x"}, {NULL, NULL, "st8 [data+48], a0"}, {"exit 3"}},
	}, in_packet = {
		.name = "lpm",
		.text = {{"add r1, data, 16"}, {NULL, NULL, "mlook m1, a1"}, {"jeq x, 0, @5"}, {"mov r2, x"}, {NULL, NULL, "mld8 [a2+0]"}, {"mov r0, x"},
			 {NULL, NULL, "st8 [data+48], a0"}, {"exit 3"}},
	};
	uint64_t text[BUNDLES_MAX * LANES];
	struct image_header header;
	struct image_map maps[MAPS];
	struct image image;
	struct nic_refusal why;
	struct nic_place place;

	program_image(t->seed / 6 % 2 && t->layout.key_size <= REGISTER_KEY ? &in_registers : &in_packet, &image, &header, maps, text);
	maps[1] = t->layout;
	if (nic_load(&t->regs, &image, &place, &why)) {
		fprintf(stderr, "%s\n", why.text);
		exit(2);
	}
	t->device->ops->reg_write(t->device, REG_CTRL, 1u << CTRL_RUN_LSB);
	for (unsigned int p = 0; p < t->ports; p++)
		t->device->ops->reg_write(t->device, REG_PORT + p * REG_PORT_STRIDE + 4 * NIC_PORT_CTRL, 3);
}

static void shape(struct test *t)
{
	static const uint32_t sizes[] = {8, 20, 5, 24, 8, 12};
	struct image_map *m = &t->layout;
	uint32_t bits;

	*m = (struct image_map){.type = IMAGE_MAP_LPM_TRIE, .key_size = sizes[t->seed % 6], .value_size = 8,
				.max_entries = 2 + rnd_below(&t->r, PREFIXES - 2)};
	bits = rnd_below(&t->r, 7);
	m->seed = bits;
	m->n_buckets = 1u << bits;
	m->buckets = 1024;
	m->values = NODES_AT;
	m->stride = 8 + (m->key_size + 7) / 8 * 8 + 8;
	if (t->seed % 3 == 2) {
		m->buckets |= IMAGE_EXT;
		m->values |= IMAGE_EXT;
		m->stride = (m->stride + IMAGE_EXT_ENTRY - 1) / IMAGE_EXT_ENTRY * IMAGE_EXT_ENTRY;
	}
	m->limit = m->values + m->stride * NIC_LPM_NODES_PER_ENTRY * m->max_entries;
}

/* Nodes of the longest prefixes that lead on, circles, and what else no driver makes: both models do the same. */
static void spoil(struct test *t)
{
	uint32_t nodes = (t->layout.limit - t->layout.values) / t->layout.stride, bits = 8 * (t->layout.key_size - 4);

	t->spoilt = true;
	t->sent = t->back = 0;
	for (uint32_t i = 0; i < nodes; i++) {
		uint32_t at = t->layout.values + i * t->layout.stride, next[2];
		uint64_t key = nic_maps_read_word(&t->regs, at + 8) & ~0xffffffffull;

		for (int way = 0; way < 2; way++)
			next[way] = rnd_percent(&t->r, 70) ? t->layout.values + rnd_below(&t->r, nodes) * t->layout.stride : 0;
		nic_maps_write_word(&t->regs, at, (uint64_t)next[1] << 32 | next[0] | rnd_below(&t->r, 2));
		nic_maps_write_word(&t->regs, at + 8, key | (rnd_percent(&t->r, 50) ? bits : rnd_below(&t->r, bits)));
	}
	t->busy = true;
	for (unsigned int n = 0; t->sent < SPOILT_PACKETS && n < QUIET; n++)
		reg_read(t, REG_STATUS);
	t->busy = false;
	for (unsigned int n = 0; n < SPOILT_CLOCKS; n++)
		t->device->ops->tick(t->device);
}

static const char *run(const char *model, unsigned int cores, uint64_t seed, unsigned long *checks, unsigned long *packets, unsigned long *found)
{
	static char text[400];
	struct test *t = calloc(1, sizeof(*t));
	struct device_events events = {.take = on_take, .tx = on_tx, .arg = t};
	struct device_ext ext = {.mib = 1, .latency = 1 + (unsigned int)seed % 50};
	struct device_config config = {.events = events, .cores = cores, .ext = ext};
	struct cosim_config both = {.open = {device_rtl_open, device_iss_open}, .events = events, .cores = cores, .ext = ext};
	bool lock_step = strcmp(model, "both") == 0;
	const char *why = "there is no such model", *difference;

	if (!t)
		abort();
	t->seed = seed;
	t->r.state = (seed + 1) * 0x9e3779b97f4a7c15;
	t->device = lock_step ? cosim_open(&both, &why) : strcmp(model, "iss") == 0 ? device_iss_open(&config, &why) : NULL;
	if (!t->device) {
		fprintf(stderr, "the model %s can't be opened: %s\n", model, why);
		exit(2);
	}
	t->regs = (struct nic_regs){.read = reg_read, .write = reg_write, .ctx = t};
	t->ports = t->device->ops->reg_read(t->device, REG_CAP_NIC) >> CAP_NIC_PORTS_LSB & 0xff;
	shape(t);
	t->map = (struct nic_map){.regs = &t->regs, .layout = &t->layout, .index = 1};
	load(t);
	t->busy = true;
	for (unsigned int i = 0; i < STEPS && t->failures < SHOWN; i++) {
		/* versions that packets under way may have seen must not be overwritten */
		while (t->back != t->sent && t->now - t->since[t->back] > HISTORY / 2 && t->failures < SHOWN) {
			t->device->ops->tick(t->device);
			for (unsigned int n = 0; t->back != t->sent && n < 2000; n++)
				t->device->ops->tick(t->device);
		}
		switch (rnd_below(&t->r, 8)) {
		case 0: case 1: case 2: case 3: update(t); break;
		case 4: case 5: delete(t); break;
		case 6: look(t); break;
		default: walk(t); break;
		}
	}
	t->busy = false;
	for (unsigned int n = 0; t->back != t->sent && n < QUIET; n++)
		t->device->ops->tick(t->device);
	check(t, t->back == t->sent, "packets did not come back", t->sent - t->back);
	if (lock_step && t->back == t->sent)
		spoil(t);
	difference = lock_step ? cosim_finish(t->device) : NULL;
	if (difference)
		snprintf(text, sizeof(text), "%s", difference);
	else if (t->failures)
		snprintf(text, sizeof(text), "%lu checks failed", t->failures);
	*checks += t->checks;
	*packets += t->sent;
	*found += t->found;
	why = difference || t->failures ? text : NULL;
	t->device->ops->close(t->device);
	free(t);
	return why;
}

int main(int argc, char **argv)
{
	unsigned long checks = 0, packets = 0, found = 0, failed = 0, passed = 0;

	if (argc != 5) {
		fprintf(stderr, "usage: fabric-lpm iss|both CORES FIRST_SEED COUNT\n");
		return 2;
	}
	for (uint64_t seed = strtoull(argv[3], NULL, 0), n = strtoull(argv[4], NULL, 0); n; n--, seed++) {
		const char *why = run(argv[1], strtoul(argv[2], NULL, 0), seed, &checks, &packets, &found);

		if (why)
			printf("FAIL seed %" PRIu64 ": %s\n", seed, why);
		failed += why != NULL;
		passed += why == NULL;
	}
	printf("note: %lu checks, %lu packets, %lu prefixes found\n", checks, packets, found);
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed != 0;
}
