// SPDX-License-Identifier: Apache-2.0
#include "map.h"
#include "map_value.h"

/* Each bit of the byte mask becomes a byte of ones. */
static uint64_t spread(uint8_t mask)
{
	uint64_t m = mask;

	m = (m | m << 28) & 0x0000000f0000000f;
	m = (m | m << 14) & 0x0003000300030003;
	m = (m | m << 7) & 0x0101010101010101;
	return m * 0xff;
}

static void change(struct iss *n, struct iss_log *l)
{
	uint64_t *word = map_word(n->map, l->word), m = spread(l->mask);

	l->cycle = n->cycle;
	l->before = *word;
	l->value &= m;
	*word = (*word & ~m) | l->value;
}

static struct iss_log *logged(struct iss *n, uint32_t word)
{
	return &n->map->bank[word % ISS_BANKS].log[n->cycle % RING];
}

static void atomic(struct iss *n, const struct iss_request *r)
{
	const struct iss_command *cmd = &r->cmd;
	unsigned int at = (uint32_t)cmd->addr % 8;
	uint64_t old = *map_word(n->map, r->word) >> 8 * at;
	struct iss_log *l = logged(n, r->word);

	if (cmd->word.w32)
		old = (uint32_t)old;
	*l = (struct iss_log){
		.word = r->word, .atomic = true, .mask = (uint8_t)((cmd->word.w32 ? 0xfu : 0xffu) << at),
		.value = map_value_atomic(cmd->word.op, cmd->word.w32, old, cmd->b, cmd->c) << 8 * at,
	};
	change(n, l);
}

static void store(struct iss *n, const struct iss_request *r)
{
	const struct iss_word *w = &r->cmd.word;
	unsigned int at = (uint32_t)r->cmd.addr % 8, mask = ((1u << w->width) - 1) << at;
	uint64_t v = w->swap ? __builtin_bswap64(r->cmd.b) >> (64 - 8 * w->width) : r->cmd.b;
	struct iss_log *l = logged(n, r->word);

	*l = (struct iss_log){
		.word = r->word, .mask = (uint8_t)(r->second ? mask >> 8 : mask), .value = r->second ? v >> (64 - 8 * at) : v << 8 * at,
	};
	change(n, l);
}

static void grant_tile(struct iss *n, unsigned int core)
{
	struct iss_issue *i = &n->map->issue[core];
	const struct iss_request *r = &i->request[i->request_head];
	uint64_t word = *map_word(n->map, r->word);

	if (r->cmd.word.op == OP_MST)
		store(n, r);
	else if (r->cmd.word.op >= OP_MADD)
		atomic(n, r);
	map_issue_granted(n, core, word);
}

static void grant_port(struct iss *n)
{
	struct iss_port *p = &n->map->port;
	uint64_t word = *map_word(n->map, p->word);

	p->valid = false;
	if (p->we) {
		struct iss_log *l = logged(n, p->word);

		*l = (struct iss_log){.word = p->word, .engine = !p->host, .host = p->host, .mask = 0xff, .value = p->value};
		change(n, l);
		map_busy_until(n->map, n->cycle + 1);
		return;
	}
	map_busy_until(n->map, n->cycle + LATENCY + 2);
	if (p->host)
		map_host_read(n, word, n->cycle + LATENCY + 3);
	else
		map_engine_read(n, word, false, n->cycle + LATENCY + 2);
}

/* Sets the reference bit of an entry that was found. */
static void grant_touch(struct iss *n)
{
	struct iss_map *m = n->map;
	uint32_t word = map_look_touch(n, &m->touches) / 8;
	struct iss_log *l = logged(n, word);

	map_look_pop_touch(&m->touches);
	*l = (struct iss_log){.word = word, .atomic = true, .mask = 0xff, .value = *map_word(m, word) | 1};
	change(n, l);
	map_busy_until(m, n->cycle + LATENCY + 2);
}

static bool log_is(const struct iss_log *l, uint64_t cycle)
{
	return l->mask && l->cycle == cycle;
}

/* Grants of this cycle. `hold`: the lookup unit makes no requests. */
void map_bank_cycle(struct iss *n, bool hold)
{
	struct iss_map *m = n->map;
	uint32_t want[ISS_BANKS] = {0};
	uint32_t touch = map_look_touch(n, &m->touches);

	for (unsigned int core = 0; core < n->cores; core++) {
		struct iss_issue *i = &m->issue[core];
		const struct iss_request *r = &i->request[i->request_head];

		if (!i->request_count || n->cycle < r->from)
			continue;
		if (r->refused)
			map_issue_granted(n, core, 0);
		else if (!(r->word & EXT_BIT))
			want[r->word % ISS_BANKS] |= 1u << core;
	}
	if (touch) {
		want[touch / 8 % ISS_BANKS] |= 1u << FROM_LOOKUP;
	} else if (m->buckets.count && !hold) {
		const struct iss_look *l = &m->slot[m->buckets.slot[m->buckets.head]];

		if (n->cycle >= l->from)
			want[l->word % ISS_BANKS] |= 1u << FROM_LOOKUP;
	}
	if (m->port.valid && n->cycle >= m->port.from && !(m->port.word & EXT_BIT))
		want[m->port.word % ISS_BANKS] |= 1u << FROM_ENGINE;
	for (unsigned int b = 0; b < ISS_BANKS; b++) {
		const struct iss_log *l = &m->bank[b].log[(n->cycle - LATENCY - 1) % RING];
		unsigned int winner;

		if (!want[b] || (l->atomic && log_is(l, n->cycle - LATENCY - 1)))
			continue;
		winner = map_turn(want[b], &m->bank[b].after);
		if (winner == FROM_LOOKUP && touch)
			grant_touch(n);
		else if (winner == FROM_LOOKUP)
			map_look_bucket(n, *map_word(m, m->slot[m->buckets.slot[m->buckets.head]].word));
		else if (winner == FROM_ENGINE)
			grant_port(n);
		else
			grant_tile(n, winner);
	}
}

static void show(struct iss *n, const struct iss_log *l, uint8_t mask)
{
	struct device_mapwrite w = {
		.cycle = n->cycle, .addr = l->word % ISS_MAP_WORDS * 8, .bank = (uint8_t)(l->word % ISS_BANKS), .mask = mask,
		.engine = l->engine, .value = l->value & spread(mask),
	};

	if (mask && !l->host)
		n->events.mapwrite(n->events.arg, &w);
}

/* Stores are written the cycle after their grant; atomics later, without the bytes that stores took from them meanwhile. */
void map_bank_trace(struct iss *n)
{
	for (unsigned int b = 0; b < ISS_BANKS; b++) {
		const struct iss_log *log = n->map->bank[b].log;
		const struct iss_log *l = &log[(n->cycle - 1) % RING];
		uint64_t at = n->cycle - LATENCY - 2;
		uint8_t mask;

		if (!l->atomic && log_is(l, n->cycle - 1))
			show(n, l, l->mask);
		l = &log[at % RING];
		if (!l->atomic || !log_is(l, at))
			continue;
		mask = l->mask;
		for (uint64_t c = at + 1; c <= at + LATENCY; c++) {
			const struct iss_log *later = &log[c % RING];

			if (!later->atomic && log_is(later, c) && later->word % ISS_MAP_WORDS == l->word % ISS_MAP_WORDS)
				mask &= ~later->mask;
		}
		show(n, l, mask);
	}
}

/* In the memory in the next cycle are the stores granted before this one, and the atomics granted LATENCY + 2 cycles ago or earlier:
 * those behind are undone, the stores among them done again. */
uint64_t map_bank_seen(const struct iss_map *m, uint64_t cycle, uint32_t word)
{
	const struct iss_log *log = m->bank[word % ISS_BANKS].log;
	uint64_t v = m->mem[word % ISS_MAP_WORDS];
	bool undone = false;

	for (uint64_t c = cycle - LATENCY - 1; c < cycle; c++) {
		const struct iss_log *l = &log[c % RING];

		if (!log_is(l, c) || (l->word ^ word) % ISS_MAP_WORDS)
			continue;
		if (l->atomic && !undone)
			v = l->before;
		undone |= l->atomic;
		if (undone && !l->atomic)
			v = (v & ~spread(l->mask)) | l->value;
	}
	return v;
}
