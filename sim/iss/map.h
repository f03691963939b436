/* SPDX-License-Identifier: Apache-2.0
 *
 * State of the map subsystem: hw/spec/maps.md. What one block hands to another has the first cycle in which it can be seen (`from`),
 * so that the blocks may be run one after the other. A request takes effect on the memory when it is granted; what port B and the
 * trace see later is worked out from the banks' logs. The memory outside the chip has a unit of its own, map_ext.c; map_ext_join.c is
 * between the two.
 */
#ifndef SIM_ISS_MAP_H
#define SIM_ISS_MAP_H

#include "iss.h"
#include "map_ext.h"
#include "sim/bus/ext_memory.h"

enum {
	LATENCY = NIC_MAP_LATENCY,
	REQUESTS = 2, LOOKS = 4,              /* of a tile */
	SLOTS = NIC_LOOK_SLOTS,
	RING = 8,                             /* places by cycle; no event is further ahead */
	BANKS_MAX = 16, UNITS_MAX = 2,
	FROM_LOOKUP = ISS_CORES_MAX, FROM_ENGINE = FROM_LOOKUP + UNITS_MAX, /* requesters that are no tiles */
	CALL_HOST = ISS_CORES_MAX,            /* source of calls that is no tile */
};

#define ALL_SLOTS (~0ull >> (64 - SLOTS))

struct iss_desc {
	uint32_t word[REG_MAPDESC_STRIDE / 4]; /* as the host wrote them */
	bool typed, used;     /* first and last word are written */
	uint8_t type;         /* none unless typed and used */
	bool hashes;          /* the type is one of a hash table */
	uint8_t programs;     /* that may use it */
	uint32_t key_size, value_size, values, limit, end, plane, buckets, mask, stride, seed;
	uint32_t free, next, spare, hand;
};

/* One word's access on its way to a bank. */
struct iss_request {
	uint64_t from;
	struct iss_command cmd;
	uint32_t word;
	bool refused, second;
};

/* A store or atomic in a bank, by cycle of its grant. */
struct iss_log {
	uint64_t cycle;       /* of the grant */
	uint32_t word;
	bool atomic, engine, host;
	uint8_t mask;         /* bytes, without those that later requests took before they were written */
	uint64_t value;
};

struct iss_bank {
	uint32_t after;       /* requesters behind the last winner */
	struct iss_log log[RING];
};

struct iss_x {
	uint8_t thread;
	uint64_t value;
};

/* A lookup from the command's being taken to its answer. */
struct iss_look {
	uint64_t from;        /* of the queue it is in */
	struct iss_command cmd;
	uint64_t key[NIC_LOOK_BYTES / 8];
	uint32_t words;       /* of the key */
	uint32_t word;        /* of its bucket */
	uint32_t entry, walked;
	uint32_t best;        /* of an LPM trie: longest prefix so far */
	bool fault;
	uint64_t result;
};

struct iss_queue {            /* of lookups' slots */
	uint8_t head, count;
	uint8_t slot[SLOTS];
};

struct iss_touches {          /* addresses of entries whose reference bit is to be set */
	uint32_t entry[NIC_LOOK_TOUCHES];
	uint8_t head, count;
	uint64_t from;        /* the newest can be seen */
	uint32_t decided[RING]; /* found by the lookup that is decided in that cycle; 0: none */
};

struct iss_response {
	uint8_t core, thread; /* core CALL_HOST: the host */
	bool fault;
	uint64_t value;
};

/* A lookup unit, and the response bus of its tiles. */
struct iss_unit {
	uint8_t number;
	uint32_t tiles;       /* whose lookups it does */
	struct iss_look slot[SLOTS];
	uint64_t slots_used, used; /* now, and at the cycle's start */
	uint32_t after;       /* tiles behind the one served last */
	struct iss_queue buckets, fresh, again, results;
	struct iss_queue far_buckets, far_entries, far_results; /* outside the chip */
	bool served_fresh;
	uint32_t reads;       /* banks that the first entry of its walk queues has words in */
	uint32_t walking;
	uint8_t walked[RING]; /* decisions, by the cycle from which they count */
	struct iss_touches touches, far_touches;
	struct iss_response response[RING]; /* by cycle */
};

struct iss_issue {            /* a tile's side */
	struct iss_request request[REQUESTS];
	uint8_t request_head, request_count;
	bool second;          /* the lower word of the head has its request */
	uint64_t before;      /* word granted last */
	struct iss_look look[LOOKS];
	uint8_t look_head, look_count, looks; /* in the queue; and in gather, too */
	uint64_t gather_from, gather_free;    /* asks for words from one on, is free from the other on */
	uint8_t gather_left;  /* words to ask for */
	struct iss_command gathering;
	struct iss_look gathered[RING];       /* by the cycle in which the key is put in the queue */
	uint8_t gathered_pending;             /* bit per place */
	struct iss_command call[ISS_THREADS];
	uint64_t call_from[ISS_THREADS];
	uint8_t call_head, call_count;
	struct iss_x x[RING]; /* answers, by cycle */
};

enum iss_engine_state {
	ENGINE_IDLE, ENGINE_DESC, ENGINE_KEY, ENGINE_HASH, ENGINE_BUCKET, ENGINE_WALK, ENGINE_WALK_KEY, ENGINE_HOLD, ENGINE_UNLINK,
	ENGINE_RELEASE, ENGINE_ALLOC, ENGINE_TOUCH, ENGINE_SCAN, ENGINE_CLEAR, ENGINE_ZERO, ENGINE_READ, ENGINE_WRITE, ENGINE_FILL_KEY, ENGINE_FILL_HEAD, ENGINE_FILL_LINK, ENGINE_DONE,
};

struct iss_engine {
	enum iss_engine_state state;
	uint64_t start, end;  /* first and last cycle of the step; NEVER: not known yet */
	bool asked;           /* the read of the step is in the request register */
	bool held;            /* lookups make no bucket requests */
	bool waits;           /* its answer, for the response bus */
	uint32_t after;       /* sources behind the one served last */
	unsigned int source;
	uint64_t lm_cycle;    /* a word of packet or stack is read */
	struct iss_command cmd;
	struct iss_desc *desc;
	uint64_t key[NIC_KEY_BYTES / 8];
	bool read_error;
	uint64_t read, before;/* word of the RD or RDK step; value: the raw word before it */
	uint32_t index;       /* word of the key */
	uint32_t count;       /* raw words of the operand */
	uint32_t have, out;   /* value: raw words read, words written */
	uint32_t to;          /* address of value word 0 */
	uint32_t hash, bucket, head;
	uint32_t entry, link; /* address of the entry looked at and of the word that points to it */
	uint64_t entry_word, link_word; /* word 0 of the entry; of the entry before it */
	uint32_t fresh;       /* entry that is being filled */
	uint32_t walked;
	bool evicting;        /* the walk is to the entry that must go */
	uint32_t victim, passes;
	uint32_t plane;       /* from plane 0 to the one that value words go to */
	bool found;
	bool in_place;        /* only the value is written */
	bool fault;           /* no result */
	int64_t result;
};

struct iss_port {             /* request register of engine and host */
	uint64_t from;
	bool valid, host, we, whole; /* whole: 0 for a line of the memory outside the chip */
	uint32_t word;
	uint64_t value;
};

struct iss_host {
	bool valid, we, asked;
	uint64_t from;        /* cycle in which the access can do something */
	uint64_t done;        /* NEVER: not known yet */
	uint32_t addr, value, result;
	uint32_t low, high;   /* halves of a memory word that wait for the other half */
	uint32_t window;      /* MAPWIN */
	uint32_t fill_word, fill_left;
	uint64_t fill_from;   /* first cycle in which it asks */
	bool busy, waits, fault;
	uint32_t cmd, cmd_addr;
	uint64_t cmd_result, cmd_from;
	uint64_t operands[NIC_PKT_BUFFER / 8];
};

struct iss_map {
	uint64_t until;       /* cycle from which on nothing is known to happen */
	bool works;           /* since its last cycle engine, host or the memory outside the chip might have something to do */
	bool busy;            /* and that or the lookup units */
	uint64_t reset_end;   /* first cycle after reset */
	/* tiles with something in their issue's queues: what waits for a bank, for a slot, for the engine; a key that is read */
	uint32_t requests, looks, calls, gathers;
	uint32_t x[RING];     /* tiles whose x is written by a load, by cycle */
	uint8_t responds[RING]; /* units that write one */
	struct iss_issue issue[ISS_CORES_MAX];
	struct iss_port port;
	struct iss_engine engine;
	struct iss_host host;

	struct iss_unit unit[UNITS_MAX];

	/* what a reset leaves */
	struct iss_bank bank[BANKS_MAX];
	uint16_t stores[RING], atomics[RING]; /* banks, by cycle of the grant */
	/* a descriptor word that tiles and lookup unit see from desc_cycle on */
	uint64_t desc_cycle;
	uint32_t desc_map, desc_word;
	struct iss_desc desc[ISS_MAPS];  /* as the engine sees them */
	struct iss_desc known[ISS_MAPS]; /* as tiles and lookup unit do */
	unsigned int banks, units;
	struct iss_unit *units_end;
	uint32_t words;
	uint64_t *mem;        /* as port A sees it */
	uint64_t *written;    /* as port B does */

	struct map_ext ext;
	struct ext_memory ext_memory;
	struct {
		uint16_t pc;
		uint64_t addr;
	} ext_at[ISS_CORES_MAX][ISS_THREADS]; /* of the commands that wait */
	bool ext_answered;    /* its first answer has left in this cycle */
};

static inline void map_busy_until(struct iss_map *m, uint64_t cycle)
{
	if (cycle >= m->until)
		m->until = cycle + 1;
}

static inline uint64_t *map_word(struct iss_map *m, uint32_t word)
{
	return &m->mem[word & (m->words - 1)];
}

static inline struct iss_unit *map_unit(struct iss_map *m, unsigned int core)
{
	return &m->unit[core % m->units];
}

/* For each of them. */
#define MAP_UNITS(m, u) for (struct iss_unit *u = (m)->unit; u != (m)->units_end; u++)

/* Is a lookup between the grant of its bucket read and its decision? */
static inline bool map_walking(struct iss_map *m)
{
	unsigned int walking = 0;

	MAP_UNITS(m, u)
		walking += u->walking;
	return walking;
}

/* Round robin: the first of `want` (not empty) behind the last winner, cyclically. */
static inline unsigned int map_turn(uint32_t want, uint32_t *after)
{
	unsigned int winner = __builtin_ctz(want & *after ? want & *after : want);

	*after = ~1u << winner;
	return winner;
}

static inline bool map_desc_has_planes(const struct iss_desc *d)
{
	return d->type == NIC_TYPE_PERCPU_HASH || d->type == NIC_TYPE_LRU_PERCPU_HASH;
}

static inline bool map_desc_evicts(const struct iss_desc *d)
{
	return d->type == NIC_TYPE_LRU_HASH || d->type == NIC_TYPE_LRU_PERCPU_HASH;
}

static inline bool map_desc_hashes(const struct iss_desc *d)
{
	return d->hashes;
}

static inline bool map_desc_is_trie(const struct iss_desc *d)
{
	return d->type == NIC_TYPE_LPM_TRIE;
}

/* map_desc.c */
void map_desc_write(struct iss_map *m, uint64_t cycle, unsigned int map, unsigned int word, uint32_t value);
void map_desc_update(struct iss_map *m);
/* May the program use [pointer, pointer + bytes) as the descriptors stand? The pointer's tag must be that of a map. */
bool map_desc_range(const struct iss_desc *descs, uint64_t pointer, uint32_t bytes, unsigned int program, bool host);
uint32_t map_desc_hash(const struct iss_desc *d, const uint64_t *key);
/* Is it the address of an entry that lies wholly in the map? */
bool map_desc_entry(const struct iss_desc *d, uint32_t entry);

/* map_issue.c */
void map_issue_take(struct iss *n, unsigned int core);
void map_issue_gather(struct iss *n, unsigned int core);
void map_issue_granted(struct iss *n, unsigned int core, uint64_t word);
/* The tile's first request is granted by the unit of the memory outside the chip, which answers. */
void map_issue_sent(struct iss *n, unsigned int core);
struct ext_request map_issue_outside(const struct iss_request *r);

/* map_bank.c */
void map_bank_cycle(struct iss *n, bool hold);
/* Writes to the memory in this cycle. */
void map_bank_write(struct iss *n);
/* The word as port B reads it in the next cycle. */
static inline uint64_t map_bank_seen(const struct iss_map *m, uint32_t word)
{
	return m->written[word & (m->words - 1)];
}

/* May the first lookup in this queue of the unit be served in this cycle? */
static inline bool map_look_has(const struct iss *n, const struct iss_unit *u, const struct iss_queue *q)
{
	return q->count && n->cycle >= u->slot[q->slot[q->head]].from;
}

/* map_look.c */
void map_look_grant(struct iss *n, struct iss_unit *u);
void map_look_bucket(struct iss *n, struct iss_unit *u, uint64_t word);
void map_look_walk(struct iss *n, struct iss_unit *u, bool pause);
/* A lookup is decided in this cycle. */
bool map_look_decided(const struct iss *n, const struct iss_unit *u);
/* It goes to the response bus; or the first one that was decided outside the chip. False: there is none. */
bool map_look_answer(struct iss *n, struct iss_unit *u);
bool map_look_far_answer(struct iss *n, struct iss_unit *u);
/* Outside the chip: the request of the lookup unit, false: it has none; it is granted; its half line has come. */
bool map_look_far(const struct iss *n, const struct iss_unit *u, bool hold, struct ext_request *r);
void map_look_far_granted(struct iss_unit *u, const struct ext_request *r);
void map_look_far_word(struct iss *n, struct iss_unit *u, const struct ext_out *back);
void map_look_touched(const struct iss *n, struct iss_unit *u);
/* Is there anything to touch from this cycle on? */
static inline bool map_look_touches(const struct iss *n, const struct iss_unit *u)
{
	return u->touches.decided[n->cycle % RING] | u->far_touches.decided[n->cycle % RING];
}
/* The address of the first entry to touch, 0: none; it is granted. */
uint32_t map_look_touch(const struct iss *n, const struct iss_touches *t);
void map_look_pop_touch(struct iss_touches *t);

/* map_engine.c */
void map_engine_cycle(struct iss *n);
/* The word it reads, at hand in the last cycle of the step. */
void map_engine_read(struct iss *n, uint64_t word, bool error, uint64_t end);

/* map_host.c */
bool map_host_table(const struct iss *n);
void map_host_call(struct iss_host *h, struct iss_command *cmd);
void map_host_cycle(struct iss *n, bool engine_idle);
void map_host_read(struct iss *n, uint64_t word, uint64_t done);
void map_host_fill(struct iss *n);
void map_host_answer(struct iss_host *h, const struct iss_response *r);

/* map_ext_join.c */
int map_ext_open(struct iss *n, const struct device_ext *config);
/* Its first answer goes to the response bus, if it is that of its tile. */
void map_ext_respond(struct iss *n, const struct iss_unit *u);
void map_ext_unit(struct iss *n, bool stop, bool hold);
/* Might anybody ask it in the next cycle? Most maps are on the chip. */
static inline bool map_ext_has_requests(const struct iss_map *m)
{
	uint32_t any = m->requests | m->port.valid;

	for (unsigned int u = 0; u < m->units; u++)
		any |= m->unit[u].far_entries.count | m->unit[u].far_buckets.count | m->unit[u].far_touches.count;
	return any;
}

/* map_system.c */
/* Has map_cycle() anything to do? It is asked in every cycle. */
static inline bool map_active(const struct iss *n)
{
	const struct iss_map *m = n->map;

	return n->cycle < m->until || m->busy || n->commands | m->requests | m->looks | m->calls | m->gathers || n->cycle <= m->desc_cycle ||
	       csr_regs_in_reset(n);
}
void map_respond(struct iss *n, const struct iss_command *cmd, bool fault, uint64_t value);

#endif
