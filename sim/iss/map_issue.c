// SPDX-License-Identifier: Apache-2.0
#include "map.h"
#include "map_value.h"

#include <string.h>

enum { REGISTER_KEY = 16 }; /* bytes of key that MLOOKR has room for */

static uint64_t low_bytes(uint64_t v, unsigned int width)
{
	return width == 8 ? v : v & ((1ull << 8 * width) - 1);
}

static bool is_atomic(const struct iss_command *cmd)
{
	return cmd->word.op >= OP_MADD && cmd->word.op <= OP_MCAS;
}

static unsigned int program(const struct iss_tile *c, const struct iss_command *cmd)
{
	return c->thread[cmd->thread].program;
}

static bool value_legal(const struct iss_tile *c, const struct iss_command *cmd)
{
	unsigned int width = cmd->word.width;

	if (cmd->addr >> 60 != NIC_TAG_MAP || (is_atomic(cmd) && cmd->addr % width))
		return false;
	return map_desc_range(c->nic->map->known, cmd->addr, width, program(c, cmd), false);
}

static void add_request(struct iss *n, struct iss_issue *i, const struct iss_command *cmd, bool refused)
{
	struct iss_request *r = &i->request[(i->request_head + i->request_count++) % REQUESTS];

	n->map->requests |= 1u << cmd->core;
	n->map->works |= (cmd->addr / 8 & EXT_BIT) != 0;
	*r = (struct iss_request){
		.from = n->cycle + 1, .cmd = *cmd, .word = (uint32_t)cmd->addr / 8 + i->second, .refused = refused, .second = i->second,
	};
}

/* Does it, or its first half; true when the command is done with. */
static bool take_value(struct iss *n, struct iss_tile *c, const struct iss_command *cmd)
{
	struct iss_issue *i = &n->map->issue[c->core];
	bool across = (uint32_t)cmd->addr % 8 + cmd->word.width > 8, legal;

	if (i->request_count == REQUESTS)
		return false;
	legal = value_legal(c, cmd);
	if (!legal && !cmd->word.wait) {
		csr_regs_posted_fault(c, cmd->thread, cmd->pc, cmd->addr);
		return true;
	}
	add_request(n, i, cmd, !legal);
	i->second = legal && across && !i->second;
	return !i->second;
}

static bool local_range(const struct iss_tile *c, const struct iss_command *cmd, uint32_t bytes)
{
	uint64_t offset = cmd->addr & 0x0fffffffffffffff;

	if (cmd->addr >> 60 == NIC_TAG_PKT)
		return offset >= c->thread[cmd->thread].front && offset <= 0xffff && offset + bytes <= c->thread[cmd->thread].end;
	return cmd->addr >> 60 == NIC_TAG_STACK && offset <= 0xffff && offset + bytes <= NIC_STACK_BYTES;
}

/* Is it a lookup that the lookup unit takes, its key in the command or in memory? */
static bool is_lookup(const struct iss_tile *c, const struct iss_command *cmd)
{
	const struct iss_desc *d = &c->nic->map->known[cmd->word.map];
	bool in_command = cmd->word.op == OP_MLOOKR;

	if (!(in_command || cmd->word.op == OP_MLOOK) || cmd->word.map >= ISS_MAPS || !(map_desc_hashes(d) || map_desc_is_trie(d)) ||
	    !(d->programs >> program(c, cmd) & 1) || !d->key_size || d->key_size > (in_command ? REGISTER_KEY : NIC_LOOK_BYTES))
		return false;
	return in_command || local_range(c, cmd, d->key_size);
}

/* It can be seen from the next cycle on; the key is the caller's to fill in. */
static struct iss_look *put_look(struct iss *n, struct iss_issue *i, const struct iss_command *cmd)
{
	struct iss_look *l = &i->look[(i->look_head + i->look_count++) % LOOKS];

	l->from = n->cycle + 1;
	l->cmd = *cmd;
	n->map->looks |= 1u << cmd->core;
	return l;
}

static bool take_key(struct iss *n, struct iss_issue *i, const struct iss_command *cmd)
{
	struct iss_look *l;

	if (i->looks == LOOKS || i->gathered_pending >> n->cycle % RING & 1)
		return false;
	i->looks++;
	l = put_look(n, i, cmd);
	l->key[0] = cmd->addr;
	l->key[1] = cmd->b;
	return true;
}

static bool take_look(struct iss *n, struct iss_issue *i, const struct iss_command *cmd)
{
	if (i->looks == LOOKS || n->cycle < i->gather_free)
		return false;
	i->looks++;
	i->gather_from = n->cycle + 1;
	i->gather_free = NEVER;
	i->gather_left = (uint8_t)((cmd->addr % 8 + n->map->known[cmd->word.map].key_size + 7) / 8);
	i->gathering = *cmd;
	n->map->gathers |= 1u << cmd->core;
	return true;
}

static bool take_call(struct iss *n, struct iss_issue *i, const struct iss_command *cmd)
{
	unsigned int place = (i->call_head + i->call_count) % ISS_THREADS;

	if (i->request_count)
		return false;
	i->call[place] = *cmd;
	i->call_from[place] = n->cycle + 1;
	i->call_count++;
	n->map->calls |= 1u << cmd->core;
	n->map->works = true;
	return true;
}

/* Looks at the head of the tile's queue; what others do in this cycle is not yet done. */
void map_issue_take(struct iss *n, unsigned int core)
{
	struct iss_tile *c = &n->tile[core];
	struct iss_issue *i = &n->map->issue[core];
	const struct iss_command *cmd = &c->queue[c->queue_head];
	bool taken;

	if (cmd->word.op < OP_MLOOK)
		taken = take_value(n, c, cmd);
	else if (!is_lookup(c, cmd))
		taken = take_call(n, i, cmd);
	else if (cmd->word.op == OP_MLOOKR)
		taken = take_key(n, i, cmd);
	else
		taken = take_look(n, i, cmd);
	if (!taken)
		return;
	c->queue_head = (c->queue_head + 1) % NIC_CMD_FIFO;
	if (!--c->queue_count)
		n->commands &= ~(1u << core);
}

/* The key's last word is asked for: it is put in the queue two cycles later. */
static void gathered(struct iss *n, struct iss_issue *i, const struct iss_tile *c)
{
	const struct iss_command *cmd = &i->gathering;
	const struct iss_thread *t = &c->thread[cmd->thread];
	const uint8_t *p = (cmd->addr >> 60 == NIC_TAG_PKT ? t->pkt : t->stack) + (cmd->addr & 0xffff);
	unsigned int place = (n->cycle + 2) % RING;

	i->gathered[place] = (struct iss_look){.cmd = *cmd};
	memcpy(i->gathered[place].key, p, n->map->known[cmd->word.map].key_size);
	i->gathered_pending |= 1u << place;
	i->gather_free = n->cycle + 1;
}

void map_issue_gather(struct iss *n, unsigned int core)
{
	struct iss_issue *i = &n->map->issue[core];
	struct iss_tile *c = &n->tile[core];
	unsigned int place = n->cycle % RING;

	if (i->gathered_pending >> place & 1) {
		i->gathered_pending &= ~(1u << place);
		memcpy(put_look(n, i, &i->gathered[place].cmd)->key, i->gathered[place].key, sizeof(i->gathered[place].key));
		if (!i->gather_left && !i->gathered_pending)
			n->map->gathers &= ~(1u << core);
	}
	if (!i->gather_left || n->cycle < i->gather_from || c->lm_cycle == n->cycle + 1)
		return;
	c->lm_cycle = n->cycle + 1;
	if (--i->gather_left == 0)
		gathered(n, i, c);
}

static uint64_t loaded(struct iss_issue *i, const struct iss_request *r, uint64_t word)
{
	const struct iss_command *cmd = &r->cmd;
	unsigned int width = cmd->word.width, shift = r->cmd.addr % 8 * 8;
	uint64_t v = r->second ? i->before >> shift | word << (64 - shift) : word >> shift;

	v = low_bytes(v, width);
	if (is_atomic(cmd))
		return v;
	return map_value_bytes(v, width, cmd->word.swap, cmd->word.op == OP_MLDS);
}

struct ext_request map_issue_outside(const struct iss_request *r)
{
	const struct iss_command *cmd = &r->cmd;
	unsigned int width = cmd->word.width, at = cmd->addr % 8;
	uint64_t v = map_value_bytes(low_bytes(cmd->b, width), width, cmd->word.swap, false);
	unsigned int mask = ((1u << width) - 1) << at;
	struct ext_request e = {
		.word = r->word, .op = cmd->word.op, .atomic = is_atomic(cmd), .w32 = cmd->word.w32, .b = cmd->b, .c = cmd->c,
		.respond = cmd->word.wait && (at + width <= 8 || r->second), .second = r->second, .swap = cmd->word.swap, .sign = cmd->word.op == OP_MLDS,
		.off = (uint8_t)at, .width = (uint8_t)width, .thread = cmd->thread,
	};

	if (cmd->word.op == OP_MST) {
		e.mask = (uint8_t)(r->second ? mask >> 8 : mask);
		e.b = v << 8 * at | (at ? v >> (64 - 8 * at) : 0);
	}
	return e;
}

void map_issue_sent(struct iss *n, unsigned int core)
{
	struct iss_issue *i = &n->map->issue[core];

	i->request_head = (i->request_head + 1) % REQUESTS;
	if (!--i->request_count)
		n->map->requests &= ~(1u << core);
}

/* The tile's first request is granted in this cycle; the word is what it reads. */
void map_issue_granted(struct iss *n, unsigned int core, uint64_t word)
{
	struct iss_issue *i = &n->map->issue[core];
	const struct iss_request *r = &i->request[i->request_head];
	const struct iss_command *cmd = &r->cmd;
	uint64_t answer = n->cycle + LATENCY + 2;
	bool across = (uint32_t)cmd->addr % 8 + cmd->word.width > 8;

	map_issue_sent(n, core);
	map_busy_until(n->map, answer);
	if (r->refused) {
		fp_core_map_fault(&n->tile[core], cmd->thread, cmd->pc, cmd->addr, answer - 1);
		return;
	}
	if (cmd->word.wait && (!across || r->second)) {
		i->x[answer % RING] = (struct iss_x){.thread = cmd->thread, .value = loaded(i, r, word)};
		n->map->x[answer % RING] |= 1u << core;
		fp_core_wake(&n->tile[core], cmd->thread, answer - 1);
	}
	i->before = word;
}
