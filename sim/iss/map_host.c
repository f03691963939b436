// SPDX-License-Identifier: Apache-2.0
#include "map.h"

#include <string.h>

enum { DESC_WORDS = REG_MAPDESC_STRIDE / 4, HEAD_WORDS = NIC_HEADROOM / 4 };

static bool in_array(uint32_t addr, uint32_t offset, uint32_t count, uint32_t stride)
{
	return addr >= offset && addr < offset + count * stride;
}

#define IN(addr, NAME) in_array(addr, REG_##NAME, REG_##NAME##_COUNT, REG_##NAME##_STRIDE)

bool map_host_is(uint32_t addr)
{
	return IN(addr, MAPMEM) || IN(addr, MAPDESC) || IN(addr, MAPSTATE) || IN(addr, MAPBUF) ||
	       (addr >= REG_MAPCMD && addr <= REG_MAPCMD_HI) || addr == REG_MAPWIN || addr == REG_MAPFILL;
}

void map_host_start(struct iss *n, bool we, uint32_t addr, uint32_t value)
{
	struct iss_host *h = &n->map->host;

	n->map->works = n->map->busy = true;
	h->valid = true;
	h->asked = false;
	h->we = we;
	h->addr = addr;
	h->value = value;
	h->from = n->cycle + 1;
	h->done = NEVER;
}

static unsigned int map_of(uint32_t addr)
{
	return IN(addr, MAPDESC) ? (addr - REG_MAPDESC) / REG_MAPDESC_STRIDE : (addr - REG_MAPSTATE) / REG_MAPSTATE_STRIDE;
}

static bool is_table(const struct iss_host *h)
{
	return (IN(h->addr, MAPDESC) || IN(h->addr, MAPSTATE)) && map_of(h->addr) < ISS_MAPS;
}

static bool is_swept(const struct iss *n)
{
	return n->cycle >= n->map->reset_end + ISS_MAPS;
}

/* The host is about to use descriptors or allocator state: the engine takes no call. */
bool map_host_table(const struct iss *n)
{
	const struct iss_host *h = &n->map->host;

	return h->valid && n->cycle >= h->from && h->done == NEVER && is_table(h) && is_swept(n);
}

static uint32_t *state(struct iss_desc *d, uint32_t addr)
{
	switch (addr / 4 % 4) {
	case 0: return &d->free;
	case 1: return &d->next;
	case 2: return &d->spare;
	default: return &d->hand;
	}
}

static void table(struct iss *n, struct iss_host *h)
{
	unsigned int map = map_of(h->addr), word = h->addr / 4 % DESC_WORDS;
	uint32_t *p = IN(h->addr, MAPSTATE) ? state(&n->map->desc[map], h->addr) : &n->map->desc[map].word[word];

	h->result = *p;
	if (!h->we)
		return;
	if (IN(h->addr, MAPDESC))
		map_desc_write(n->map, n->cycle, map, word, h->value);
	else
		*p = h->value;
}

static void start_call(struct iss *n, struct iss_host *h)
{
	if (h->busy)
		return;
	h->cmd = h->value & 0x3ffff;
	h->busy = h->waits = true;
	h->cmd_from = n->cycle + 1;
}

static void registers(struct iss *n, struct iss_host *h)
{
	switch (h->addr) {
	case REG_MAPCMD:
		h->result = h->cmd | (uint32_t)h->fault << MAPCMD_FAULT_LSB | (uint32_t)h->busy << MAPCMD_BUSY_LSB;
		if (h->we)
			start_call(n, h);
		break;
	case REG_MAPCMD_ADDR:
		h->result = h->cmd_addr;
		if (h->we && !h->busy)
			h->cmd_addr = h->value;
		break;
	case REG_MAPWIN:
		h->result = h->window;
		if (h->we)
			h->window = h->value & 0x1ff;
		break;
	case REG_MAPFILL:
		h->result = h->fill_left;
		if (h->we && !h->fill_left) {
			h->fill_word = h->cmd_addr / 8;
			h->fill_left = h->value & 0x1fffffff;
			h->fill_from = n->cycle + 1;
		}
		break;
	case REG_MAPCMD_LO: h->result = (uint32_t)h->cmd_result; break;
	case REG_MAPCMD_HI: h->result = (uint32_t)(h->cmd_result >> 32); break;
	default: /* MAPBUF */
		if (h->we)
			memcpy((uint8_t *)h->operands + (h->addr - REG_MAPBUF) + 4 * HEAD_WORDS, &h->value, 4);
		break;
	}
}

/* A half of a word of map memory, or an access that goes to the memory when the request register is free. */
static bool memory(struct iss *n, struct iss_host *h)
{
	struct iss_map *m = n->map;
	uint32_t word = h->window * REG_MAPMEM_COUNT + (h->addr - REG_MAPMEM) / REG_MAPMEM_STRIDE;
	bool high = h->addr & 4, there = word & EXT_BIT || word < m->words;

	if (!there || high != h->we) {
		if (h->we)
			h->low = h->value;
		else
			h->result = there ? h->high : 0;
		return true;
	}
	if (h->asked || m->port.valid)
		return false;
	m->port = (struct iss_port){
		.from = n->cycle + 1, .valid = true, .host = true, .we = h->we, .word = word, .value = (uint64_t)h->value << 32 | h->low,
	};
	h->asked = true;
	return h->we;
}

/* Behind both others at the request register: the next words become 0. */
void map_host_fill(struct iss *n)
{
	struct iss_map *m = n->map;
	struct iss_host *h = &m->host;
	bool whole = h->fill_word & EXT_BIT && h->fill_word % 8 == 0 && h->fill_left >= 8;
	uint32_t count = whole ? 8 : 1;

	if (m->port.valid || n->cycle < h->fill_from)
		return;
	m->port = (struct iss_port){.from = n->cycle + 1, .valid = true, .host = true, .we = true, .whole = whole, .word = h->fill_word};
	h->fill_word = (h->fill_word + count) & 0x1fffffff;
	h->fill_left -= count;
}

void map_host_read(struct iss *n, uint64_t word, uint64_t done)
{
	struct iss_host *h = &n->map->host;

	h->result = (uint32_t)word;
	h->high = word >> 32;
	h->done = done;
}

/* Behind the engine, which goes first at the request register. */
void map_host_cycle(struct iss *n, bool engine_idle)
{
	struct iss_host *h = &n->map->host;

	if (n->cycle == h->done) {
		h->valid = false;
		n->host_done = true;
		n->host_rdata = h->result;
		return;
	}
	if (n->cycle < h->from || h->done != NEVER)
		return;
	if (is_table(h)) {
		if (!engine_idle || !is_swept(n))
			return;
		table(n, h);
	} else if (IN(h->addr, MAPMEM)) {
		if (!memory(n, h))
			return;
	} else {
		h->result = 0;
		if (!IN(h->addr, MAPDESC) && !IN(h->addr, MAPSTATE))
			registers(n, h);
	}
	h->done = n->cycle + 1;
}

void map_host_call(struct iss_host *h, struct iss_command *cmd)
{
	uint64_t map = h->cmd >> MAPCMD_MAP_LSB & 0xff;

	h->waits = false;
	*cmd = (struct iss_command){
		.word = {.op = (uint8_t)h->cmd, .map = (uint8_t)map},
		.addr = (uint64_t)NIC_TAG_PKT << 60 | NIC_HEADROOM, .b = (uint64_t)NIC_TAG_PKT << 60 | (NIC_HEADROOM + NIC_KEY_BYTES),
		.c = h->cmd >> MAPCMD_FLAGS_LSB, .core = CALL_HOST,
	};
	if (cmd->word.op == OP_MCPY)
		cmd->addr = (uint64_t)NIC_TAG_MAP << 60 | map << 48 | h->cmd_addr;
}

void map_host_answer(struct iss_host *h, const struct iss_response *r)
{
	h->busy = false;
	h->fault = r->fault;
	h->cmd_result = r->value;
}
