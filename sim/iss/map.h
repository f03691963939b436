/* SPDX-License-Identifier: Apache-2.0
 *
 * State of the map subsystem.
 */
#ifndef SIM_ISS_MAP_H
#define SIM_ISS_MAP_H

#include "iss.h"

enum iss_engine_state {
	ENGINE_IDLE, ENGINE_DESC, ENGINE_KEY, ENGINE_HASH, ENGINE_BUCKET, ENGINE_WALK,
	ENGINE_WALK_KEY, ENGINE_UNLINK, ENGINE_RELEASE, ENGINE_ALLOC, ENGINE_READ, ENGINE_WRITE,
	ENGINE_FILL_KEY, ENGINE_FILL_HEAD, ENGINE_FILL_LINK, ENGINE_DONE,
};

struct iss_desc {
	uint32_t word[8];     /* as the host wrote them */
	uint8_t type;
	uint32_t key_size, value_size, values, limit, buckets, mask, stride, seed;
	uint32_t free, next, spare;
};

struct iss_engine {
	enum iss_engine_state state;
	uint64_t start, end;  /* first and last cycle of the step; a write may wait longer */
	struct iss_command cmd;
	struct iss_desc *desc;
	uint64_t key[NIC_KEY_BYTES / 8];
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
	bool found;
	bool fault;           /* the walk was too long: no result */
	int64_t result;
};

struct iss_value_unit {
	uint64_t free;        /* first cycle in which it can take a command */
	uint64_t write_cycle; /* of a write that is still to come */
	bool write;
	uint8_t mask;
	uint32_t addr;
	uint64_t value;
};

struct iss_x {                /* a write of x that is still to come */
	uint8_t core, thread;
	uint64_t value;
};

struct iss_map {
	struct iss_value_unit vu;
	struct iss_engine engine;
	struct iss_x x[8];    /* of the value unit, by cycle */
	uint8_t x_pending;    /* bit per place of x */
	uint8_t last;         /* core served last */
	uint32_t latch_r, latch_w;
	struct iss_desc desc[ISS_MAPS];
	uint64_t *mem;
};

/* map_unit.c: value unit. */
/* Do all bytes of an operand of the engine lie inside the region of their pointer? */
bool map_unit_legal(const struct iss *n, const struct iss_command *cmd, uint64_t pointer, uint32_t bytes);
void map_unit_write(struct iss *n, uint32_t addr, uint8_t mask, uint64_t value, bool engine);
static inline uint64_t map_unit_read(const struct iss *n, uint32_t addr)
{
	return n->map->mem[addr / 8 % ISS_MAP_WORDS];
}

/* map_engine.c: read() starts the reads of this cycle and says whether the engine is ready to write; finish() ends the steps whose
 * last cycle this is, writing when write is set. */
void map_engine_start(struct iss *n, const struct iss_command *cmd);
bool map_engine_read(struct iss *n);
void map_engine_finish(struct iss *n, bool write);

#endif
