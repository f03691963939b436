// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * The states of paths: packed copies, and which of them cover which.
 *
 * Paths are explored depth first, so the checkpoints that are not done all lie on the current path. When a pending branch is taken up, those
 * that were passed behind it are done: all their marks are complete, every path from them has come to an end, and what is not marked can't
 * influence anything. A path may end at these only; a state that comes back unchanged to one that is not done would go round for ever.
 *
 * Where very many different states meet outside of loops they are merged: what holds for all of them is followed.
 */
#include "routine.h"
#include "verify.h"

enum {
	DONE_MIN = 32,        /* checkpoints kept per instruction, */
	DONE_MAX = 1024,      /* or as many where paths keep ending at them and others are dropped */
	DROPS_PER_DONE = 4,
	EXACT_STATES = 4,     /* of them; after that, states are merged */
	MERGE_TRIES = 4,
	WIDEN_AFTER = 8,      /* merges; after that, numbers that differ are not known at all */
	ROUNDS_COMPARED = 4,
};

/* A state without what it does not hold or nobody reads. */
struct packed {
	uint64_t vars;        /* bit per variable that follows, in this order; then the spills */
	uint64_t spills;      /* bit per slot with a spill */
	uint32_t packet, beyond, rounds;
	uint32_t n_refs, ref[MAX_REFS];
	struct held lock;
	uint32_t slots;       /* slots 0 .. slots-1 come first */
	uint32_t size;        /* bytes of all this */
};

struct pending {
	struct checkpoint *last;
	uint64_t written;
	uint32_t pc, n_path;
};

static struct packed *state_of(struct checkpoint *p)
{
	return (struct packed *)(p + 1);
}

static struct packed *state_of_pending(struct pending *p)
{
	return (struct packed *)(p + 1);
}

static const struct slot *packed_slots(const struct packed *p)
{
	return (const struct slot *)(p + 1);
}

static const struct reg *packed_regs(const struct packed *p)
{
	return (const struct reg *)(packed_slots(p) + ((p->slots + 1) & ~1U));
}

/* Where the variable is kept, seen from a frame of this depth. */
static struct reg *place_of(struct state *s, unsigned int var, unsigned int depth)
{
	if (var < 6)
		return &s->reg[var];
	var -= 6;
	return var / N_SAVED == depth ? &s->reg[6 + var % N_SAVED] : &s->saved[var / N_SAVED][var % N_SAVED];
}

static const struct reg *reg_of(const struct state *s, unsigned int var, unsigned int depth)
{
	return place_of((struct state *)s, var, depth);
}

#define for_each_bit(n, bits) for (uint64_t left_ = (bits), n; left_ && (n = (uint64_t)__builtin_ctzll(left_), 1); left_ &= left_ - 1)

static struct packed pack_head(const struct verify *v, const struct state *s, uint32_t pc)
{
	struct packed p = { .packet = s->packet, .beyond = s->beyond, .rounds = s->rounds, .slots = s->slots, .n_refs = s->n_refs, .lock = s->lock };
	unsigned int depth = v->depth[pc], held = 0;

	memcpy(p.ref, s->ref, sizeof(p.ref));

	for_each_bit(var, v->live[pc]) {
		if (reg_of(s, (unsigned int)var, depth)->kind == R_NONE)
			continue;
		p.vars |= 1ULL << var;
		held++;
	}
	for (unsigned int n = 0; n < s->slots; n++) {
		if (!s->slot[n].size)
			continue;
		p.spills |= 1ULL << n;
		held++;
	}
	p.size = (uint32_t)(sizeof(p) + ((sizeof(struct slot) * p.slots + 7) & ~(size_t)7) + sizeof(struct reg) * held);
	return p;
}

static void pack(struct packed *p, struct packed head, const struct state *s, unsigned int depth)
{
	struct reg *at;

	*p = head;
	memcpy(p + 1, s->slot, sizeof(*s->slot) * head.slots);
	at = (struct reg *)packed_regs(p);
	for_each_bit(var, head.vars)
		*at++ = *reg_of(s, (unsigned int)var, depth);
	for_each_bit(n, head.spills)
		*at++ = s->spill[n];
}

static void unpack(struct state *s, const struct packed *p, unsigned int depth)
{
	const struct reg *at = packed_regs(p);

	for (unsigned int r = 0; r < EBPF_REGS - 1; r++)
		s->reg[r].kind = R_NONE;
	for (unsigned int d = 0; d < depth; d++)
		for (unsigned int n = 0; n < N_SAVED; n++)
			s->saved[d][n].kind = R_NONE;
	for_each_bit(var, p->vars)
		*place_of(s, (unsigned int)var, depth) = *at++;
	if (s->slots > p->slots)
		memset(s->slot + p->slots, 0, sizeof(*s->slot) * (s->slots - p->slots));
	s->slots = p->slots;
	memcpy(s->slot, packed_slots(p), sizeof(*s->slot) * p->slots);
	for_each_bit(n, p->spills)
		s->spill[n] = *at++;
	s->packet = p->packet;
	s->beyond = p->beyond;
	s->rounds = p->rounds;
	s->n_refs = p->n_refs;
	memcpy(s->ref, p->ref, sizeof(s->ref));
	s->lock = p->lock;
}

void state_copy(const struct verify *v, struct state *to, const struct state *from)
{
	memcpy(to->reg, from->reg, sizeof(to->reg));
	memcpy(to->saved, from->saved, sizeof(*to->saved) * v->frame->depth);
	if (to->slots > from->slots)
		memset(to->slot + from->slots, 0, sizeof(*to->slot) * (to->slots - from->slots));
	memcpy(to->slot, from->slot, sizeof(*to->slot) * from->slots);
	memcpy(to->spill, from->spill, sizeof(*to->spill) * from->slots);
	to->slots = from->slots;
	to->n_refs = from->n_refs;
	memcpy(to->ref, from->ref, sizeof(to->ref));
	to->lock = from->lock;
	to->packet = from->packet;
	to->beyond = from->beyond;
	to->rounds = from->rounds;
	to->last = from->last;
	to->written = from->written;
}

int state_push(struct verify *v, const struct state *s, uint32_t pc)
{
	struct packed head = pack_head(v, s, pc);
	size_t size = head.size + sizeof(struct pending);
	struct pending *p;

	if (size > (size_t)(v->high - v->low))
		return -1;
	v->high -= size;
	p = (struct pending *)v->high;
	p->last = s->last;
	p->written = s->written;
	p->pc = pc;
	p->n_path = v->n_path;
	pack(state_of_pending(p), head, s, v->depth[pc]);
	return 0;
}

/* The checkpoints of the current path that were passed behind `last` are done. */
static void finish(struct verify *v, const struct checkpoint *last)
{
	for (struct checkpoint *p = v->cur->last; p != last; p = p->parent) {
		struct meeting *m = &v->at[p->pc];

		m->open = p->next;
		m->n_open--;
		if (m->anchor == p)
			m->anchor = NULL;
		p->next = m->done;
		m->done = p;
		m->n_done++;
	}
}

int state_pop(struct verify *v)
{
	struct pending *p = (struct pending *)v->high;

	if (v->high == v->pool_end)
		return 0;
	finish(v, p->last);
	unpack(v->cur, state_of_pending(p), v->depth[p->pc]);
	v->cur->last = p->last;
	v->cur->written = p->written;
	v->pc = p->pc;
	v->n_path = p->n_path;
	precise_cut(v);
	v->frame = frame_of(v->c, v->pc);
	reg_frame_pointer(&v->cur->reg[EBPF_REGS - 1], v->frame);
	v->high += sizeof(*p) + state_of_pending(p)->size;
	return 1;
}

void state_read_slots(struct verify *v, uint64_t slots)
{
	uint64_t written = v->cur->written;

	for (struct checkpoint *p = v->cur->last; p; p = p->parent) {
		slots &= ~(written | p->read); /* what is marked here is marked above too */
		if (!slots)
			return;
		p->read |= slots;
		written = p->written;
	}
}

void state_read_length(struct verify *v)
{
	for (struct checkpoint *p = v->cur->last; p && !p->reads_length; p = p->parent)
		p->reads_length = 1;
}

void state_write_reg(struct verify *v, unsigned int r, const struct reg *value)
{
	v->cur->reg[r] = *value;
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
	struct range off = r->var, by;

	range_const(&by, (uint64_t)(int64_t)r->off);
	range_alu(&off, &by, EBPF_ADD, 1, 0);
	return off;
}

/* Packet pointers with a variable part may lie at another constant distance from their common base: what is
 * known to exist is then as much further, or nearer. */
static int packet_covers(const struct reg *old, const struct reg *new, struct pairs *ids)
{
	int64_t delta = (int64_t)new->off - old->off;
	struct range by, base;

	if (!old->id || !new->id)
		return !old->id && !new->id && !delta && range_covers(&old->var, &new->var) &&
		       old->range <= new->range;
	range_const(&by, (uint64_t)delta);
	base = by;
	range_alu(&base, &new->var, EBPF_ADD, 1, 0);
	return range_covers(&old->var, &base) &&
	       old->range + delta <= new->range && pairs_match(ids, old->id, new->id, delta);
}

/* Whether everything that holds for old holds for new; of a number only what matters. */
static int reg_covers(const struct reg *old, const struct reg *new, int matters, struct pairs *ids)
{
	struct range a, b;

	if (old->kind != new->kind)
		return 0;
	switch (old->kind) {
	case R_SCALAR:
		return !matters || (range_covers(&old->var, &new->var) &&
				    (!old->id || (new->id && pairs_match(ids, old->id, new->id, 0))));
	case R_PKT:
	case R_PKT_META:
		return packet_covers(old, new, ids);
	case R_MAP_VALUE_OR_NULL:
		return old->map == new->map && old->range == new->range && pairs_match(ids, old->id, new->id, 0);
	case R_MAP_VALUE:
	case R_STACK:
		a = total_offset(old);
		b = total_offset(new);
		return old->map == new->map && old->range == new->range && range_covers(&a, &b) && !old->id == !new->id &&
		       (!old->id || pairs_match(ids, old->id, new->id, 0));
	default:
		return old->map == new->map && old->off == new->off;
	}
}

static int is_pointer_spill(const struct state *s, unsigned int n)
{
	return s->slot[n].size && s->spill[n].kind != R_SCALAR;
}

/* Iterators must be destroyed before the end, and not be written over: that is asked of them whether or not they are read. */
static int iterators_match(const struct slot *old, unsigned int n, const struct state *new)
{
	for (unsigned int k = 0; k < n || k < new->slots; k++) {
		int had = k < n && old[k].owner == OWNER_ITERATOR, has = k < new->slots && new->slot[k].owner == OWNER_ITERATOR;

		if (had != has)
			return 0;
	}
	return 1;
}

/* a and spill are the former state's. */
static int slot_covers(const struct slot *a, const struct reg *spill, const struct state *new,
		       unsigned int n, int matters, struct pairs *ids)
{
	const struct slot *b = &new->slot[n];

	if (a->zero & ~b->zero || a->owner != b->owner)
		return 0;
	if (!a->size || (spill->kind == R_SCALAR && !matters))
		return !is_pointer_spill(new, n);
	return a->at == b->at && a->size == b->size && reg_covers(spill, &new->spill[n], matters, ids);
}

enum { WHAT_MATTERS = 0, EVERYTHING = 1 };

/* Whether all that is read from the checkpoint on is in the current state as it was, or known better.
 * What the former state did not hold demands nothing. */
static int state_covers(const struct verify *v, const struct checkpoint *p, int how)
{
	int all = how == EVERYTHING || p->all_matters;
	const struct packed *old = (const struct packed *)(p + 1);
	uint64_t read = all ? UINT64_MAX : p->read, vars = all ? UINT64_MAX : p->precise_vars,
		 precise_slots = all ? UINT64_MAX : p->precise_slots;
	const struct slot *slots = packed_slots(old);
	const struct reg *at = packed_regs(old);
	const struct state *new = v->cur;

	v->pairs->n = 0;
	if (old->n_refs != new->n_refs)
		return 0;
	for (uint32_t n = 0; n < old->n_refs; n++)
		if (!pairs_match(v->pairs, old->ref[n], new->ref[n], 0))
			return 0;
	if (old->lock.map != new->lock.map || (old->lock.map && !pairs_match(v->pairs, old->lock.id, new->lock.id, 0)))
		return 0;
	if ((all || p->reads_length) && (old->packet > new->packet || old->beyond < new->beyond))
		return 0;
	for_each_bit(var, old->vars) {
		const struct reg *now = reg_of(new, (unsigned int)var, v->frame->depth);
		int matters = vars >> var & 1;

		if ((matters || at->kind != R_SCALAR || now->kind != R_SCALAR) && !reg_covers(at, now, matters, v->pairs))
			return 0;
		at++;
	}
	for (unsigned int n = 0; n < old->slots; n++) {
		if ((read >> n & 1) && !slot_covers(&slots[n], at, new, n, precise_slots >> n & 1, v->pairs))
			return 0;
		at += old->spills >> n & 1;
	}
	for (unsigned int n = old->slots; n < new->slots; n++)
		if ((read >> n & 1) && is_pointer_spill(new, n))
			return 0; /* bytes that were never written were read there */
	return iterators_match(slots, old->slots, new);
}

/* Each register and spill with a number that has an identity. */
static unsigned int gather_ids(struct verify *v, struct reg **with)
{
	struct state *s = v->cur;
	unsigned int n = 0;

	for_each_bit(var, v->live[v->pc]) {
		struct reg *r = place_of(s, (unsigned int)var, v->frame->depth);

		if (r->kind == R_SCALAR && r->id)
			with[n++] = r;
	}
	for (unsigned int k = 0; k < s->slots; k++)
		if (s->slot[k].size && s->spill[k].kind == R_SCALAR && s->spill[k].id)
			with[n++] = &s->spill[k];
	return n;
}

/* An identity that a single place bears says nothing, and would make equal states look different. */
static void drop_lone_ids(struct verify *v)
{
	struct reg *with[EBPF_REGS + (DEEPEST - 1) * N_SAVED + SLOTS];
	unsigned int n = gather_ids(v, with);
	uint64_t once = 0, again = 0; /* by the lowest bits of identities */

	for (unsigned int a = 0; a < n; a++) {
		uint64_t bit = 1ULL << with[a]->id % 64;

		again |= once & bit;
		once |= bit;
	}
	for (unsigned int a = 0; a < n; a++) {
		unsigned int b = again >> with[a]->id % 64 & 1 ? 0 : n;

		while (b < n && (b == a || with[b]->id != with[a]->id))
			b++;
		if (b == n)
			with[a]->id = 0;
	}
}

/* What is not read any more is forgotten. */
static void drop_dead(struct verify *v)
{
	uint64_t live = v->live[v->pc];
	unsigned int depth = v->frame->depth;

	for (unsigned int r = 0; r < EBPF_REGS - 1; r++)
		if (!(live & var_of(r, depth)))
			v->cur->reg[r].kind = R_NONE;
	for (unsigned int d = 0; d < depth; d++)
		for (unsigned int n = 0; n < N_SAVED; n++)
			if (!(live & var_of(6 + n, d)))
				v->cur->saved[d][n].kind = R_NONE;
}

static uint32_t mix(uint32_t h, uint64_t with)
{
	return (h ^ (uint32_t)with ^ (uint32_t)(with >> 32)) * 0x9e3779b1u;
}

/* Of what two equal states agree in; identities are as new on each round of a loop. */
static uint32_t hash_state(const struct packed *p)
{
	const struct reg *at = packed_regs(p);
	uint32_t n = (uint32_t)(__builtin_popcountll(p->vars) + __builtin_popcountll(p->spills));
	uint32_t h = mix(p->packet, p->beyond);

	for (; n--; at++) {
		h = mix(h, at->kind | (uint64_t)at->map << 8 | (uint64_t)(uint32_t)at->off << 32);
		h = mix(mix(mix(h, at->var.value ^ at->range), at->var.umin + 3 * at->var.umax), (uint64_t)at->var.smin ^ at->var.mask);
	}
	return h;
}

static uint32_t pairs_merge(struct verify *v, uint32_t a, uint32_t b)
{
	struct pairs *p = v->pairs;

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

static int same_constant(const struct range *a, const struct range *b)
{
	return range_is_const(a) && range_is_const(b) && a->value == b->value;
}

/* Widens r to stand for both. 0 when no value stands for both. */
static int reg_merge(struct verify *v, struct reg *r, const struct reg *with)
{
	int widens = v->at[v->pc].n_merged > WIDEN_AFTER;
	struct range a, b;

	if (r->kind != with->kind)
		return 0;
	if (r->kind != R_NONE && r->kind != R_SCALAR && r->map != with->map)
		return 0;
	switch (r->kind) {
	case R_NONE:
		return 1;
	case R_SCALAR:
		if (v->merges == MERGES_FORGET ? !same_constant(&r->var, &with->var) : widens && !range_covers(&r->var, &with->var))
			range_unknown(&r->var); /* or it would grow little by little */
		range_join(&r->var, &with->var);
		r->id = r->id && with->id ? pairs_merge(v, r->id, with->id) : 0;
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
			r->id = pairs_merge(v, r->id, with->id);
		return 1;
	case R_MAP_VALUE_OR_NULL:
		r->id = pairs_merge(v, r->id, with->id);
		return 1;
	case R_MAP_VALUE:
	case R_STACK:
		a = total_offset(r);
		b = total_offset(with);
		range_join(&a, &b);
		if (r->id != with->id)
			r->id = pairs_merge(v, r->id, with->id);
		r->off = range_is_const(&a) ? (int32_t)a.value : 0;
		r->var = a;
		if (range_is_const(&a))
			range_const(&r->var, 0);
		return 1;
	default:
		return r->off == with->off;
	}
}

static int slot_merge(struct verify *v, struct state *s, const struct state *with, unsigned int n)
{
	struct slot *a = &s->slot[n];
	const struct slot *b = &with->slot[n];

	if (is_pointer_spill(s, n) != is_pointer_spill(with, n) || a->owner != b->owner)
		return 0;
	a->zero &= b->zero;
	if (a->at != b->at || a->size != b->size)
		a->size = 0;
	return !a->size || reg_merge(v, &s->spill[n], &with->spill[n]);
}

/* Makes s stand for both. What of the stack is incompatible is forgotten, unless it was read from here on before: then the result is 0,
 * as it is for registers, and s unusable. */
static int state_merge(struct verify *v, struct state *s, const struct state *with, uint64_t read)
{
	unsigned int depth = v->frame->depth;

	v->pairs->n = 0;
	if (s->n_refs || with->n_refs || s->lock.map || with->lock.map)
		return 0;
	s->packet = s->packet < with->packet ? s->packet : with->packet;
	s->beyond = s->beyond > with->beyond ? s->beyond : with->beyond;
	for_each_bit(var, v->live[v->pc])
		if (!reg_merge(v, place_of(s, (unsigned int)var, depth), reg_of(with, (unsigned int)var, depth)))
			return 0;
	for (unsigned int n = 0; n < s->slots; n++) {
		if (slot_merge(v, s, with, n))
			continue;
		if (read >> n & 1)
			return 0;
		memset(&s->slot[n], 0, sizeof(s->slot[n]));
	}
	return 1;
}

static void give_back(struct verify *v, struct checkpoint **link)
{
	struct checkpoint *p = *link;

	*link = p->next;
	p->next = v->spare;
	v->spare = p;
}

/* Widens the current state to cover a former one too, so that they stop being told apart. The former is not needed any more. */
static void merge_with_former(struct verify *v, struct meeting *m)
{
	struct checkpoint **link = &m->done;

	for (int tries = 0; *link && tries < MERGE_TRIES; link = &(*link)->next, tries++) {
		unpack(v->other, state_of(*link), v->frame->depth);
		v->other->reg[EBPF_REGS - 1] = v->cur->reg[EBPF_REGS - 1];
		if (!state_merge(v, v->other, v->cur, (*link)->read))
			continue;
		v->other->last = v->cur->last;
		v->other->written = v->cur->written;
		state_copy(v, v->cur, v->other);
		v->merged = 1;
		m->n_merged++;
		give_back(v, link);
		m->n_done--;
		return;
	}
}

/* Room for a checkpoint, a used one or new. NULL: there is none. */
static struct checkpoint *make_room(struct verify *v, uint32_t size)
{
	struct checkpoint *p = v->spare;

	if (p) {
		v->spare = p->next;
		if (p->size >= size)
			return p;
	}
	if (size > (size_t)(v->high - v->low) / 2)
		return NULL;
	p = (struct checkpoint *)v->low;
	v->low += size;
	p->size = size;
	return p;
}

/* Drops the done one that was not of use for longest. */
static void drop_oldest(struct verify *v, struct meeting *m)
{
	struct checkpoint **link = &m->done;

	while ((*link)->next)
		link = &(*link)->next;
	give_back(v, link);
	m->n_done--;
	m->n_dropped++;
}

/* How many are worth keeping: loops in loops come by with each pair of their counts. */
static uint32_t done_max(const struct meeting *m)
{
	uint32_t n = m->n_dropped / DROPS_PER_DONE < m->n_hits ? m->n_dropped / DROPS_PER_DONE : m->n_hits;

	return n < DONE_MIN ? DONE_MIN : n > DONE_MAX ? DONE_MAX : n;
}

/* What the verifier has added behind a function's body is not looked at for loops. */
static int may_come_again(const struct verify *v)
{
	return v->loops[v->pc] || v->pc >= v->frame->body;
}

/* Without room the path goes on unremembered, which costs time only. */
static void remember(struct verify *v)
{
	struct packed head = pack_head(v, v->cur, v->pc);
	struct meeting *m = &v->at[v->pc];
	struct checkpoint *p;
	uint32_t size;

	if (m->n_done >= done_max(m))
		drop_oldest(v, m);
	p = make_room(v, (uint32_t)sizeof(*p) + head.size);
	if (!p)
		return;
	size = p->size;
	memset(p, 0, sizeof(*p));
	p->size = size;
	p->parent = v->cur->last;
	p->next = m->open;
	p->pc = v->pc;
	p->n_path = v->n_path;
	p->written = v->cur->written;
	pack(state_of(p), head, v->cur, v->frame->depth);
	if (may_come_again(v))
		p->hash = hash_state(state_of(p));
	m->open = p;
	m->n_open++;
	v->cur->last = p;
	v->cur->written = 0;
}

/* Of all checkpoints of the path, though only some of it has been seen to decide something. */
static void all_matters(struct verify *v)
{
	for (struct checkpoint *p = v->cur->last; p && !p->all_matters; p = p->parent)
		p->all_matters = 1;
}

/* What follows p follows the current state, too. */
static void follow(struct verify *v, const struct checkpoint *p)
{
	if (p->all_matters)
		all_matters(v);
	state_read_slots(v, p->read);
	if (p->reads_length)
		state_read_length(v);
	precise(v, p->precise_vars, p->precise_slots);
}

static int is_covered(struct verify *v)
{
	struct meeting *m = &v->at[v->pc];

	for (struct checkpoint **link = &m->done, *p; (p = *link); link = &p->next) {
		if (!state_covers(v, p, WHAT_MATTERS))
			continue;
		follow(v, p);
		m->n_hits++;
		*link = p->next; /* the first next time */
		p->next = m->done;
		m->done = p;
		return 1;
	}
	return 0;
}

/* Where the path has come here in this very state before, or NULL. The last few times are looked at, and an anchor that lets loops through
 * many states be found, too (Brent). */
static struct checkpoint *comes_round(struct verify *v)
{
	struct meeting *m = &v->at[v->pc];
	struct checkpoint *mine = v->cur->last, *anchor = m->anchor;
	int tries = 0;

	if (!may_come_again(v) || !mine || mine != m->open || mine->n_path != v->n_path)
		return NULL; /* not remembered */
	if (!(m->n_open & (m->n_open - 1)))
		m->anchor = mine;
	for (struct checkpoint *p = mine->next; p && tries < ROUNDS_COMPARED; p = p->next, tries++)
		if (p->hash == mine->hash && state_covers(v, p, EVERYTHING))
			return p;
	return anchor && anchor != mine && anchor->hash == mine->hash && state_covers(v, anchor, EVERYTHING) ? anchor : NULL;
}

static int is_may_goto(const struct verify *v, uint32_t pc)
{
	return v->insns[pc].code == EBPF_MAY_GOTO;
}

/* A may_goto has gone on since then, which it does so many times only. One that jumps does so again. */
static int counts_down(const struct verify *v, struct checkpoint *since)
{
	return state_of(since)->rounds != v->cur->rounds;
}

/* The rounds since then come to an end by themselves, though nothing that is known of the state changes. */
static int rounds_end(const struct verify *v, struct checkpoint *since)
{
	for (const struct checkpoint *p = v->cur->last; p != since; p = p->parent)
		if (loop_is_head(v->c, p->pc) && !is_may_goto(v, p->pc))
			return 1;
	return 0;
}

/* Numbers that are not what they were a round before; of a may_goto, those on which nothing depends, as in Linux. 1 when that was all that is new. */
static int widen_round(struct verify *v, int counted)
{
	struct checkpoint *p = v->at[v->pc].open;
	struct state *s = v->cur;

	if (!p || (counted && !counts_down(v, p)))
		return 0;
	v->widened |= !counted;
	unpack(v->other, state_of(p), v->frame->depth);
	for_each_bit(var, v->live[v->pc] & ~(counted ? p->precise_vars : 0)) {
		struct reg *now = place_of(s, (unsigned int)var, v->frame->depth);
		const struct reg *then = reg_of(v->other, (unsigned int)var, v->frame->depth);

		if (now->kind == R_SCALAR && then->kind == R_SCALAR && !range_covers(&then->var, &now->var))
			reg_scalar(now);
	}
	for (unsigned int n = 0; n < s->slots && n < v->other->slots; n++) {
		struct reg *now = &s->spill[n];

		if (!s->slot[n].size || now->kind != R_SCALAR || (counted && p->precise_slots >> n & 1) || s->slot[n].size != v->other->slot[n].size)
			continue;
		if (v->other->spill[n].kind == R_SCALAR && !range_covers(&v->other->spill[n].var, &now->var)) {
			reg_scalar(now);
			range_bits(&now->var, 8u * s->slot[n].size);
		}
	}
	drop_lone_ids(v);
	return state_covers(v, p, EVERYTHING);
}

/* What a round leaves may matter in any later one, though no path follows them all. */
static void everything_matters(struct verify *v)
{
	precise(v, v->live[v->pc], UINT64_MAX);
	state_read_slots(v, UINT64_MAX);
	state_read_length(v);
}

enum visit state_visit(struct verify *v)
{
	int counted = is_may_goto(v, v->pc), head = v->widens && loop_is_head(v->c, v->pc) && !counted;
	struct checkpoint *before;

	drop_dead(v);
	drop_lone_ids(v);
	if (head)
		everything_matters(v);
	if (is_covered(v) || (head && widen_round(v, 0)))
		return VISIT_SEEN;
	if (counted && widen_round(v, 1)) {
		all_matters(v);
		return VISIT_SEEN;
	}
	if (v->merges && !v->loops[v->pc] && v->at[v->pc].n_done >= EXACT_STATES)
		merge_with_former(v, &v->at[v->pc]);
	remember(v);
	before = comes_round(v);
	if (!before)
		return VISIT_NEW;
	if (counts_down(v, before)) {
		all_matters(v);
		return VISIT_SEEN;
	}
	if (!rounds_end(v, before))
		return VISIT_LOOPS;
	everything_matters(v);
	return VISIT_SEEN;
}
