// SPDX-License-Identifier: Apache-2.0
/*
 * The states of paths: packed copies, which of them cover which, and how two become one.
 *
 * Without loops a checkpoint's continuation is explored in full before another path arrives at it. So its `read` marks
 * are complete by then (registers and slots outside them can't influence anything), and it can make room for another.
 */
#include "verify.h"

enum {
	EXACT_STATES = 128, /* per meeting point; after that, states are merged */
	MERGE_TRIES = 4,
};

/* A state without what it does not hold. */
struct packed {
	uint16_t regs;        /* bit per register that holds something */
	uint8_t slots;        /* slots 0 .. slots-1 follow, then the registers, then the spills */
	uint8_t held;         /* registers and spills together */
	uint32_t packet, beyond;
	uint64_t spills;      /* bit per slot with a spill */
};

struct checkpoint {
	struct checkpoint *parent, *next;
	struct marks written; /* between the parent and here */
	struct marks read;    /* from here on, before being written */
	uint32_t size;        /* bytes it may take */
	struct packed state;
};

struct pending {
	struct checkpoint *last;
	struct marks written;
	uint32_t pc, size;
	struct packed state;
};

static size_t packed_size(const struct packed *p)
{
	return sizeof(*p) + ((sizeof(struct slot) * p->slots + 7) & ~(size_t)7) +
	       sizeof(struct reg) * p->held;
}

static struct packed pack_head(const struct state *s)
{
	struct packed p = { .packet = s->packet, .beyond = s->beyond };

	for (unsigned int r = 0; r < EBPF_REGS; r++) {
		if (s->reg[r].kind == R_NONE)
			continue;
		p.regs |= (uint16_t)(1 << r);
		p.held++;
	}
	for (unsigned int n = 0; n < SLOTS; n++) {
		if (s->slot[n].init)
			p.slots = (uint8_t)(n + 1);
		if (!s->slot[n].size)
			continue;
		p.spills |= 1ULL << n;
		p.held++;
	}
	return p;
}

static void pack(struct packed *p, struct packed head, const struct state *s)
{
	struct slot *slots = (struct slot *)(p + 1);
	struct reg *at = (struct reg *)(slots + ((head.slots + 1) & ~1U));

	*p = head;
	memcpy(slots, s->slot, sizeof(*slots) * head.slots);
	for (unsigned int r = 0; r < EBPF_REGS; r++)
		if (head.regs >> r & 1)
			*at++ = s->reg[r];
	for (unsigned int n = 0; n < head.slots; n++)
		if (head.spills >> n & 1)
			*at++ = s->spill[n];
}

static const struct slot *packed_slots(const struct packed *p)
{
	return (const struct slot *)(p + 1);
}

static const struct reg *packed_regs(const struct packed *p)
{
	return (const struct reg *)(packed_slots(p) + ((p->slots + 1) & ~1U));
}

static void unpack(struct state *s, const struct packed *p)
{
	const struct reg *at = packed_regs(p);

	memset(s->slot, 0, sizeof(s->slot));
	memcpy(s->slot, packed_slots(p), sizeof(struct slot) * p->slots);
	for (unsigned int r = 0; r < EBPF_REGS; r++) {
		if (p->regs >> r & 1)
			s->reg[r] = *at++;
		else
			s->reg[r].kind = R_NONE;
	}
	for (unsigned int n = 0; n < p->slots; n++)
		if (p->spills >> n & 1)
			s->spill[n] = *at++;
	s->packet = p->packet;
	s->beyond = p->beyond;
}

int state_push(struct verify *v, const struct state *s, uint32_t pc)
{
	struct packed head = pack_head(s);
	size_t size = packed_size(&head) + offsetof(struct pending, state);
	struct pending *p;

	if (size > (size_t)(v->high - v->low))
		return -1;
	v->high -= size;
	p = (struct pending *)v->high;
	p->last = s->last;
	p->written = s->written;
	p->pc = pc;
	p->size = (uint32_t)size;
	pack(&p->state, head, s);
	return 0;
}

int state_pop(struct verify *v)
{
	struct pending *p = (struct pending *)v->high;

	if (v->high == v->pool_end)
		return 0;
	unpack(v->cur, &p->state);
	v->cur->last = p->last;
	v->cur->written = p->written;
	v->pc = p->pc;
	v->high += p->size;
	return 1;
}

void state_read(struct verify *v, unsigned int regs, uint64_t slots)
{
	const struct marks *written = &v->cur->written;

	for (struct checkpoint *p = v->cur->last; p; p = p->parent) {
		regs &= ~(written->regs |
			  (unsigned int)p->read.regs); /* what is marked here is marked above too */
		slots &= ~(written->slots | p->read.slots);
		if (!regs && !slots)
			return;
		p->read.regs |= (uint16_t)regs;
		p->read.slots |= slots;
		written = &p->written;
	}
}

void state_write_reg(struct verify *v, unsigned int r, const struct reg *value)
{
	v->cur->reg[r] = *value;
	v->cur->written.regs |= (uint16_t)(1 << r);
}

/* 1 when a stands for b everywhere so far; remembers it. */
static int pairs_match(struct pairs *p, uint32_t a, uint32_t b, int64_t delta)
{
	for (unsigned int n = 0; n < p->n; n++)
		if (p->pair[n].a == a)
			return p->pair[n].b == b && p->pair[n].delta == delta;
	p->pair[p->n].a = a;
	p->pair[p->n].b = b;
	p->pair[p->n++].delta = delta;
	return 1;
}

static struct range total_offset(const struct reg *r)
{
	struct range off;

	range_const(&off, (uint64_t)(int64_t)r->off);
	range_alu(&off, &r->var, EBPF_ADD, 1, 0);
	return off;
}

static int packet_covers(const struct reg *old, const struct reg *new, struct pairs *ids)
{
	int64_t delta = (int64_t) new->off - old->off;
	struct range base;

	if (!old->id)
		return !new->id && !delta && old->range <= new->range;
	range_const(&base, (uint64_t)delta);
	range_alu(&base, &new->var, EBPF_ADD, 1, 0);
	return range_covers(&old->var, &base) &&
	       old->range + delta <= new->range &&pairs_match(ids, old->id, new->id, delta);
}

/* Whether everything that holds for old holds for new. */
static int reg_covers(const struct reg *old, const struct reg *new, struct pairs *ids)
{
	struct range a, b;

	if (old->kind == R_NONE)
		return 1;
	if (old->kind != new->kind)
		return 0;
	switch (old->kind) {
	case R_SCALAR:
		return range_covers(&old->var, &new->var) &&
		       (!old->id || (new->id &&pairs_match(ids, old->id, new->id, 0)));
	case R_PKT:
	case R_PKT_META:
		return packet_covers(old, new, ids);
	case R_MAP_VALUE_OR_NULL:
		return old->map == new->map &&pairs_match(ids, old->id, new->id, 0);
	case R_MAP_VALUE:
	case R_STACK:
		a = total_offset(old);
		b = total_offset(new);
		return old->map == new->map &&range_covers(&a, &b);
	default:
		return old->map == new->map && old->off == new->off;
	}
}

static int is_pointer_spill(const struct state *s, unsigned int n)
{
	return s->slot[n].size && s->spill[n].kind != R_SCALAR;
}

/* a and spill are the former state's. */
static int slot_covers(const struct slot *a, const struct reg *spill, const struct state *new,
		       unsigned int n, struct pairs *ids)
{
	const struct slot *b = &new->slot[n];

	if ((a->init & ~b->init) || (a->zero & ~b->zero))
		return 0;
	if (!a->size)
		return !is_pointer_spill(new, n) || !a->init;
	return a->at == b->at && a->size == b->size && reg_covers(spill, &new->spill[n], ids);
}

/* Whether all that is read from the checkpoint on is in the new state as it was, or known better.
 * What the former state did not hold demands nothing. */
static int state_covers(const struct checkpoint *p, const struct state *new, struct pairs *ids)
{
	const struct packed *old = &p->state;
	const struct slot *slots = packed_slots(old);
	const struct reg *at = packed_regs(old);

	ids->n = 0;
	if ((p->read.regs & MARK_LEN) && (old->packet > new->packet || old->beyond < new->beyond))
		return 0;
	for (unsigned int r = 0; r < EBPF_REGS; r++) {
		if (!(old->regs >> r & 1))
			continue;
		if ((p->read.regs >> r & 1) && !reg_covers(at, &new->reg[r], ids))
			return 0;
		at++;
	}
	for (unsigned int n = 0; n < old->slots; n++) {
		if ((p->read.slots >> n & 1) && !slot_covers(&slots[n], at, new, n, ids))
			return 0;
		at += old->spills >> n & 1;
	}
	return 1;
}

static uint32_t pairs_merge(struct pairs *p, struct verify *v, uint32_t a, uint32_t b)
{
	for (unsigned int n = 0; n < p->n; n++)
		if (p->pair[n].a == a && p->pair[n].b == b)
			return p->pair[n].merged;
	p->pair[p->n].a = a;
	p->pair[p->n].b = b;
	p->pair[p->n].merged = ++v->last_id;
	return p->pair[p->n++].merged;
}

/* The packet pointers become one whose whole offset is variable. */
static void packet_merge(struct verify *v, struct reg *r, const struct reg *with)
{
	struct range off = total_offset(r), other = total_offset(with);
	int64_t left = (int64_t)r->range - r->off, other_left = (int64_t)with->range - with->off;

	if (other_left < left)
		left = other_left;
	range_join(&off, &other);
	r->var = off;
	r->off = 0;
	r->range = left > 0 ? (uint32_t)left : 0;
	r->id = ++v->last_id;
}

/* Widens r to stand for both. 0 when no value stands for both. */
static int reg_merge(struct verify *v, struct reg *r, const struct reg *with, struct pairs *ids)
{
	struct range a, b;

	if (r->kind != with->kind)
		return 0;
	if (r->kind != R_NONE && r->kind != R_SCALAR && r->map != with->map)
		return 0;
	switch (r->kind) {
	case R_NONE:
		return 1;
	case R_SCALAR:
		range_join(&r->var, &with->var);
		r->id = r->id && with->id ? pairs_merge(ids, v, r->id, with->id) : 0;
		return 1;
	case R_PKT:
	case R_PKT_META:
		if (r->off != with->off || (r->id != with->id && !(r->id && with->id))) {
			packet_merge(v, r, with);
			return 1;
		}
		range_join(&r->var, &with->var);
		r->range = r->range < with->range ? r->range : with->range;
		if (r->id != with->id)
			r->id = pairs_merge(ids, v, r->id, with->id);
		return 1;
	case R_MAP_VALUE_OR_NULL:
		r->id = pairs_merge(ids, v, r->id, with->id);
		return 1;
	case R_MAP_VALUE:
	case R_STACK:
		a = total_offset(r);
		b = total_offset(with);
		range_join(&a, &b);
		r->off = range_is_const(&a) ? (int32_t)a.value : 0;
		r->var = a;
		if (range_is_const(&a))
			range_const(&r->var, 0);
		return 1;
	default:
		return r->off == with->off;
	}
}

static int slot_merge(struct verify *v, struct state *s, const struct state *with, unsigned int n,
		      struct pairs *ids)
{
	struct slot *a = &s->slot[n];
	const struct slot *b = &with->slot[n];

	if (is_pointer_spill(s, n) != is_pointer_spill(with, n))
		return 0;
	a->init &= b->init;
	a->zero &= b->zero;
	if (a->at != b->at || a->size != b->size)
		a->size = 0;
	return !a->size || reg_merge(v, &s->spill[n], &with->spill[n], ids);
}

/* Makes s stand for both. What is incompatible is forgotten, unless it was read from here on
 * before: then the result is 0, and s unusable. */
static int state_merge(struct verify *v, struct state *s, const struct state *with,
		       const struct marks *read)
{
	v->pairs->n = 0;
	s->packet = s->packet < with->packet ? s->packet : with->packet;
	s->beyond = s->beyond > with->beyond ? s->beyond : with->beyond;
	for (unsigned int r = 0; r < EBPF_REGS; r++) {
		if (reg_merge(v, &s->reg[r], &with->reg[r], v->pairs))
			continue;
		if (read->regs >> r & 1)
			return 0;
		s->reg[r].kind = R_NONE;
	}
	for (unsigned int n = 0; n < SLOTS; n++) {
		if (slot_merge(v, s, with, n, v->pairs))
			continue;
		if (read->slots >> n & 1)
			return 0;
		memset(&s->slot[n], 0, sizeof(s->slot[n]));
	}
	return 1;
}

static struct checkpoint *take(struct checkpoint **link)
{
	struct checkpoint *p = *link;

	*link = p->next;
	return p;
}

/* Too many states met here: widens the current one to cover a former one too, so that they stop being told apart, and
 * gives the former's place, or NULL when none goes together with it. */
static struct checkpoint *merge_with_former(struct verify *v)
{
	struct checkpoint **link = &v->seen[v->pc];

	for (int tries = 0; *link && tries < MERGE_TRIES; link = &(*link)->next, tries++) {
		unpack(v->other, &(*link)->state);
		if (!state_merge(v, v->other, v->cur, &(*link)->read))
			continue;
		v->other->last = v->cur->last;
		v->other->written = v->cur->written;
		*v->cur = *v->other;
		return take(link);
	}
	return NULL;
}

static unsigned int count_id(const struct state *s, uint32_t id)
{
	unsigned int count = 0;

	for (unsigned int r = 0; r < EBPF_REGS; r++)
		count += s->reg[r].kind == R_SCALAR && s->reg[r].id == id;
	for (unsigned int n = 0; n < SLOTS; n++)
		count += s->slot[n].size && s->spill[n].kind == R_SCALAR && s->spill[n].id == id;
	return count;
}

/* An identity that a single place bears says nothing, and would make equal states look different.
 */
static void drop_lone_ids(struct state *s)
{
	for (unsigned int r = 0; r < EBPF_REGS; r++)
		if (s->reg[r].kind == R_SCALAR && s->reg[r].id && count_id(s, s->reg[r].id) == 1)
			s->reg[r].id = 0;
	for (unsigned int n = 0; n < SLOTS; n++)
		if (s->slot[n].size && s->spill[n].kind == R_SCALAR && s->spill[n].id &&
		    count_id(s, s->spill[n].id) == 1)
			s->spill[n].id = 0;
}

/* Keeps the current state as a checkpoint, in the given place when that is large enough. */
static int remember(struct verify *v, struct checkpoint *place)
{
	struct packed head = pack_head(v->cur);
	size_t size = packed_size(&head) + offsetof(struct checkpoint, state);

	if (!place || place->size < size) {
		if (size > (size_t)(v->high - v->low))
			return -1;
		place = (struct checkpoint *)v->low;
		place->size = (uint32_t)size;
		v->low += size;
	}
	place->parent = v->cur->last;
	place->next = v->seen[v->pc];
	place->written = v->cur->written;
	memset(&place->read, 0, sizeof(place->read));
	pack(&place->state, head, v->cur);
	v->seen[v->pc] = place;
	v->cur->last = place;
	memset(&v->cur->written, 0, sizeof(v->cur->written));
	return 0;
}

enum visit state_visit(struct verify *v)
{
	int scarce = (size_t)(v->high - v->low) < v->pool_size / 2, n = 0;
	struct checkpoint *place = NULL;

	drop_lone_ids(v->cur);
	for (const struct checkpoint *p = v->seen[v->pc]; p; p = p->next, n++) {
		if (!state_covers(p, v->cur, v->pairs))
			continue;
		state_read(v, p->read.regs, p->read.slots);
		return VISIT_SEEN;
	}
	if (n && (scarce || n >= EXACT_STATES))
		place = merge_with_former(v);
	if (n && scarce && !place)
		place = take(&v->seen[v->pc]);
	return remember(v, place) ? VISIT_FULL : VISIT_NEW;
}
