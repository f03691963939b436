// SPDX-License-Identifier: Apache-2.0
/* The stack: which bytes are written, and what spilled registers come back as. */
#include "verify.h"

/* Possible offsets from r10 of an access. */
struct span {
	int64_t lo, hi; /* of the first byte; the same when known */
};

static struct span span_of(const struct reg *r, int off)
{
	return (struct span){ r->off + off + r->var.smin, r->off + off + r->var.smax };
}

static unsigned int slot_of(int64_t off)
{
	return (unsigned int)((-off - 1) / 8);
}

/* Mask of the slots that bytes lo .. hi (from r10, both included) touch. */
static uint64_t slots_of(int64_t lo, int64_t hi)
{
	unsigned int first = slot_of(hi), last = slot_of(lo);

	return (last == 63 ? UINT64_MAX : (1ULL << (last + 1)) - 1) & ~((1ULL << first) - 1);
}

/* Bits for the bytes of slot n among lo .. hi. */
static uint8_t bytes_of(unsigned int n, int64_t lo, int64_t hi)
{
	int64_t start = -8 * (int64_t)(n + 1);
	int64_t first = lo > start ? lo - start : 0, last = hi < start + 7 ? hi - start : 7;

	return (uint8_t)((0xff << first) & (0xff >> (7 - last)));
}

int stack_check(struct verify *v, const struct reg *r, int off, uint32_t size, int aligned)
{
	struct span s = span_of(r, off);
	uint64_t low = ((uint64_t)(r->off + off) + r->var.value) | r->var.mask;

	if (s.lo < -EBPF_STACK_BYTES || s.hi + size > 0) {
		if (s.lo == s.hi)
			refuse(v, "the %u-byte access at r10%s%lld is outside the stack", size,
			       s.lo < 0 ? "" : "+", (long long)s.lo);
		else
			refuse(v, "a variable offset can lead outside the stack");
		return way_out(v, "the stack is the 512 bytes below r10");
	}
	if (aligned && (low & (size - 1))) {
		refuse(v, "the stack is accessed at an address that is not a multiple of %u", size);
		return way_out(v, "align the variable");
	}
	if (v->c->stack_used < (uint32_t)-s.lo)
		v->c->stack_used = (uint32_t)-s.lo;
	return 0;
}

int stack_readable(struct verify *v, const struct reg *r, int off, uint32_t size)
{
	struct span s = span_of(r, off);
	int64_t hi = s.hi + size - 1;
	uint64_t slots = slots_of(s.lo, hi);

	state_read(v, 0, slots);
	for (; slots; slots &= slots - 1) {
		unsigned int n = (unsigned int)__builtin_ctzll(slots);
		uint8_t missing = bytes_of(n, s.lo, hi) & (uint8_t)~v->cur->slot[n].init;

		if (missing) {
			refuse(v, "the stack byte at r10-%d is read before it is written",
			       8 * (int)(n + 1) - __builtin_ctz(missing));
			return way_out(v, "initialise the whole variable, padding included, for example with = {}");
		}
		if (v->cur->slot[n].size && v->cur->spill[n].kind != R_SCALAR) {
			refuse(v, "a pointer on the stack is read as if it were bytes");
			return way_out(v, "a pointer's value is not a number a program may use");
		}
	}
	return 0;
}

static int all_zero(const struct state *s, int64_t lo, int64_t hi)
{
	for (uint64_t slots = slots_of(lo, hi); slots; slots &= slots - 1) {
		unsigned int n = (unsigned int)__builtin_ctzll(slots);

		if (bytes_of(n, lo, hi) & ~s->slot[n].zero)
			return 0;
	}
	return 1;
}

int stack_load(struct verify *v, const struct reg *r, int off, uint32_t size, struct reg *value)
{
	struct span s = span_of(r, off);
	unsigned int n = slot_of(s.lo);
	const struct slot *slot = &v->cur->slot[n];
	int at = (int)(s.lo + 8 * (int64_t)(n + 1));

	if (s.lo == s.hi && slot->size == size &&
	    slot->at == at) { /* aligned: the slot holds it all */
		state_read(v, 0, 1ULL << n);
		*value = v->cur->spill[n];
		return 0;
	}
	if (stack_readable(v, r, off, size))
		return -1;
	reg_scalar(value);
	range_bits(&value->var, size * 8);
	if (all_zero(v->cur, s.lo, s.hi + size - 1))
		range_const(&value->var, 0);
	return 0;
}

/* What of a slot survives a store to some of its bytes. */
static void forget(struct state *s, unsigned int n, uint8_t bytes)
{
	struct slot *slot = &s->slot[n];

	if (slot->size && s->spill[n].kind != R_SCALAR)
		slot->init = 0; /* the rest of a pointer is no number */
	slot->zero &= (uint8_t)~bytes;
	if (bytes & ((1 << slot->size) - 1) << slot->at)
		slot->size = 0;
}

int stack_store(struct verify *v, const struct reg *r, int off, uint32_t size,
		const struct reg *value)
{
	struct span s = span_of(r, off);
	int64_t hi = s.hi + size - 1;
	unsigned int n = slot_of(s.lo);
	struct slot *slot = &v->cur->slot[n];
	struct reg kept = *value; /* value may be one of the spills */

	for (uint64_t slots = slots_of(s.lo, hi); slots; slots &= slots - 1) {
		unsigned int each = (unsigned int)__builtin_ctzll(slots);

		forget(v->cur, each, bytes_of(each, s.lo, hi));
	}
	if (s.lo != s.hi) {
		if (kept.kind == R_SCALAR)
			return 0; /* which bytes are written now is not known */
		return refuse(v, "a pointer is stored at a variable place of the stack");
	}
	if (kept.kind != R_SCALAR && size != 8)
		return refuse(v, "part of a pointer is stored on the stack");
	if (size == 8)
		v->cur->written.slots |= 1ULL << n;
	slot->init |= bytes_of(n, s.lo, hi);
	if (kept.kind == R_SCALAR && range_is_const(&kept.var) && !kept.var.value) {
		slot->zero |= bytes_of(n, s.lo, hi);
		if (slot->size)
			return 0; /* another number in the same slot is worth more */
	}
	if (kept.kind == R_SCALAR && kept.var.umax > UINT64_MAX >> (64 - 8 * size)) {
		kept.id = 0;
		range_swap(&kept.var, 8 * size, 0);
	}
	slot->at = (uint8_t)(s.lo + 8 * (int64_t)(n + 1));
	slot->size = (uint8_t)size;
	v->cur->spill[n] = kept;
	return 0;
}
