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

static unsigned int bank_of(const struct iss_map *m, uint32_t word)
{
	return word & (m->banks - 1);
}

static bool log_is(const struct iss_log *l, uint64_t cycle)
{
	return l->mask && l->cycle == cycle;
}

/* An atomic does not write what later requests will have written. */
static void take_bytes(struct iss_map *m, uint64_t cycle, const struct iss_log *by)
{
	unsigned int bank = bank_of(m, by->word);

	for (uint64_t c = cycle - LATENCY; c < cycle; c++) {
		struct iss_log *l = &m->bank[bank].log[c % RING];

		if (m->atomics[c % RING] >> bank & 1 && !((l->word ^ by->word) & (m->words - 1)))
			l->mask &= ~by->mask;
	}
}

/* A store or atomic takes effect: those behind it see it, port B when it is written. */
static void change(struct iss *n, struct iss_log l)
{
	struct iss_map *m = n->map;
	uint64_t *word = map_word(m, l.word), bytes = spread(l.mask);
	unsigned int bank = bank_of(m, l.word);
	uint16_t *granted = l.atomic ? m->atomics : m->stores;

	l.cycle = n->cycle;
	l.value &= bytes;
	*word = (*word & ~bytes) | l.value;
	take_bytes(m, n->cycle, &l);
	m->bank[bank].log[n->cycle % RING] = l;
	granted[n->cycle % RING] |= 1u << bank;
}

static void atomic(struct iss *n, const struct iss_request *r)
{
	const struct iss_command *cmd = &r->cmd;
	unsigned int at = (uint32_t)cmd->addr % 8;
	uint64_t old = *map_word(n->map, r->word) >> 8 * at;

	if (cmd->word.w32)
		old = (uint32_t)old;
	change(n, (struct iss_log){
		.word = r->word, .atomic = true, .mask = (uint8_t)((cmd->word.w32 ? 0xfu : 0xffu) << at),
		.value = map_value_atomic(cmd->word.op, cmd->word.w32, old, cmd->b, cmd->c) << 8 * at,
	});
}

static void store(struct iss *n, const struct iss_request *r)
{
	const struct iss_command *cmd = &r->cmd;
	unsigned int at = (uint32_t)cmd->addr % 8, width = cmd->word.width, mask = ((1u << width) - 1) << at;
	uint64_t v = cmd->word.swap ? __builtin_bswap64(cmd->b) >> (64 - 8 * width) : cmd->b;

	change(n, (struct iss_log){
		.word = r->word, .mask = (uint8_t)(r->second ? mask >> 8 : mask), .value = r->second ? v >> (64 - 8 * at) : v << 8 * at,
	});
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
		change(n, (struct iss_log){.word = p->word, .engine = !p->host, .host = p->host, .mask = 0xff, .value = p->value});
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
static void grant_touch(struct iss *n, struct iss_unit *u)
{
	struct iss_map *m = n->map;
	uint32_t word = map_look_touch(n, &u->touches) / 8;

	map_look_pop_touch(&u->touches);
	change(n, (struct iss_log){.word = word, .atomic = true, .mask = 0xff, .value = *map_word(m, word) | 1});
	map_busy_until(m, n->cycle + LATENCY + 2);
}

/* The first requests of all that have one for the chip. */
struct requests {
	bool hold;            /* lookup units read no buckets */
	uint32_t banks;       /* that somebody wants */
	uint32_t want[BANKS_MAX]; /* of those banks: who */
	uint32_t loads;
	uint32_t word[FROM_ENGINE + 1];
};

static void want(struct iss_map *m, struct requests *q, unsigned int requester, uint32_t word, bool load)
{
	unsigned int bank = bank_of(m, word);

	if (!(q->banks >> bank & 1))
		q->want[bank] = 0;
	q->banks |= 1u << bank;
	q->want[bank] |= 1u << requester;
	q->word[requester] = word & (m->words - 1);
	q->loads |= (uint32_t)load << requester;
}

static void tile_wants(struct iss *n, struct requests *q, unsigned int core)
{
	struct iss_issue *i = &n->map->issue[core];
	const struct iss_request *r = &i->request[i->request_head];

	if (n->cycle < r->from)
		return;
	if (r->refused)
		map_issue_granted(n, core, 0);
	else if (!(r->word & EXT_BIT))
		want(n->map, q, core, r->word, r->cmd.word.op < OP_MST);
}

/* By port B, unless that of its bank is the next entry's. */
static bool read_bucket(struct iss *n, struct iss_unit *u, uint32_t word)
{
	if (u->reads >> bank_of(n->map, word) & 1)
		return false;
	map_look_bucket(n, u, map_bank_seen(n->map, word));
	return true;
}

static void unit_wants(struct iss *n, struct requests *q, struct iss_unit *u)
{
	uint32_t touch = map_look_touch(n, &u->touches), word = 0;
	bool bucket = false;

	if (u->buckets.count && !q->hold) {
		const struct iss_look *l = &u->slot[u->buckets.slot[u->buckets.head]];

		word = l->word;
		bucket = n->cycle >= l->from && !read_bucket(n, u, word);
	}
	if (touch)
		want(n->map, q, FROM_LOOKUP + u->number, touch / 8, false);
	else if (bucket)
		want(n->map, q, FROM_LOOKUP + u->number, word, true);
}

static void grant(struct iss *n, const struct requests *q, unsigned int requester)
{
	struct iss_unit *u = &n->map->unit[requester - FROM_LOOKUP];

	if (requester < FROM_LOOKUP)
		grant_tile(n, requester);
	else if (requester == FROM_ENGINE)
		grant_port(n);
	else if (q->loads >> requester & 1)
		map_look_bucket(n, u, *map_word(n->map, q->word[requester]));
	else
		grant_touch(n, u);
}

/* One request, and with a load all other loads of its word. */
static void grant_bank(struct iss *n, const struct requests *q, unsigned int bank)
{
	unsigned int winner = map_turn(q->want[bank], &n->map->bank[bank].after);
	uint32_t all = 1u << winner;

	if (q->loads & all)
		all = q->loads & q->want[bank];
	for (; all; all &= all - 1) {
		unsigned int requester = (unsigned int)__builtin_ctz(all);

		if (q->word[requester] == q->word[winner])
			grant(n, q, requester);
	}
}

/* An atomic writes in the next cycle. */
static bool is_blocked(const struct iss *n, unsigned int bank)
{
	unsigned int at = (n->cycle - LATENCY - 1) % RING;

	return n->map->atomics[at] >> bank & 1 && n->map->bank[bank].log[at].mask;
}

/* Grants of this cycle. `hold`: the lookup units read no buckets. */
void map_bank_cycle(struct iss *n, bool hold)
{
	struct iss_map *m = n->map;
	struct requests q;

	q.hold = hold;
	q.banks = q.loads = 0;
	for (uint32_t rest = m->requests; rest; rest &= rest - 1)
		tile_wants(n, &q, (unsigned int)__builtin_ctz(rest));
	MAP_UNITS(m, u)
		if (u->buckets.count | u->touches.count)
			unit_wants(n, &q, u);
	if (m->port.valid && n->cycle >= m->port.from && !(m->port.word & EXT_BIT))
		want(m, &q, FROM_ENGINE, m->port.word, !m->port.we);
	for (; q.banks; q.banks &= q.banks - 1) {
		unsigned int bank = (unsigned int)__builtin_ctz(q.banks);

		if (!is_blocked(n, bank))
			grant_bank(n, &q, bank);
	}
}

static void show(struct iss *n, const struct iss_log *l)
{
	struct iss_map *m = n->map;
	struct device_mapwrite w = {
		.cycle = n->cycle, .addr = (l->word & (m->words - 1)) * 8, .bank = (uint8_t)bank_of(m, l->word), .mask = l->mask,
		.engine = l->engine, .value = l->value & spread(l->mask),
	};

	if (!l->host && n->events.mapwrite)
		n->events.mapwrite(n->events.arg, &w);
}

/* Stores are written the cycle after their grant, atomics later. */
void map_bank_write(struct iss *n)
{
	struct iss_map *m = n->map;
	uint64_t store = n->cycle - 1, atomic = n->cycle - LATENCY - 2;
	unsigned int stores = m->stores[store % RING], banks = stores | m->atomics[atomic % RING];

	m->stores[store % RING] = m->atomics[atomic % RING] = 0;
	for (; banks; banks &= banks - 1) {
		unsigned int b = (unsigned int)__builtin_ctz(banks);
		uint64_t at = stores >> b & 1 ? store : atomic;
		const struct iss_log *l = &m->bank[b].log[at % RING];
		uint64_t *word = &m->written[l->word & (m->words - 1)];

		if (!log_is(l, at))
			continue;
		*word = (*word & ~spread(l->mask)) | (l->value & spread(l->mask));
		show(n, l);
	}
}
