// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The stack: what spilled registers come back as. Bytes that were never written may be read, as in Linux for root (padding in keys): on the NIC
 * they are zero, or what a function that was called before left there. */
#include "routine.h"
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

/* The frame that a stack pointer points into. */
static const struct frame *frame_pointed_to(const struct verify *v, const struct reg *r)
{
	const struct frame *f = v->frame;

	while (f->depth > r->map)
		f = &v->c->frames[f->caller];
	return f;
}

/* Whether the frame has these bytes; if it was taken to be smaller than it may be, it will be larger next time. */
static int frame_holds(struct verify *v, const struct frame *f, uint32_t bytes)
{
	if (bytes <= v->stack_bytes[f->function])
		return 1;
	v->stack_bytes[f->function] = (bytes + 7) & ~7U;
	v->grown = 1;
	return 0;
}

int stack_check(struct verify *v, const struct reg *r, int off, uint32_t size, int aligned)
{
	const struct frame *f = frame_pointed_to(v, r);
	struct span s = span_of(r, off);
	uint64_t low = ((uint64_t)(r->off + off) + r->var.value) | r->var.mask;

	if (s.lo - f->fp < -EBPF_STACK_BYTES || s.hi - f->fp + size > 0) {
		if (s.lo == s.hi)
			refuse(v, "the %u-byte access at r10%s%lld is outside the stack", size,
			       s.lo < f->fp ? "" : "+", (long long)(s.lo - f->fp));
		else
			refuse(v, "a variable offset can lead outside the stack");
		return way_out(v, "the stack is the 512 bytes below r10");
	}
	if (aligned && (low & (size - 1))) {
		refuse(v, "the stack is accessed at an address that is not a multiple of %u", size);
		return way_out(v, "align the variable");
	}
	if (!frame_holds(v, f, (uint32_t)(f->fp - s.lo)))
		return -1;
	if (v->c->stack_used < (uint32_t)-s.lo)
		v->c->stack_used = (uint32_t)-s.lo;
	return 0;
}

/* What the program itself may do to these bytes: read the number that an iterator keeps, and write over a dynptr, which is none then. */
static int check_owner(struct verify *v, struct span s, uint32_t size, int write)
{
	uint64_t slots = slots_of(s.lo, s.hi + size - 1);

	if (v->frame->routine)
		return 0;
	for (; slots; slots &= slots - 1) {
		unsigned int n = (unsigned int)__builtin_ctzll(slots);
		uint8_t owner = v->cur->slot[n].owner;

		if (owner == OWNER_DYNPTR && !write) {
			refuse(v, "a dynptr on the stack is read as if it were bytes");
			return way_out(v, "use bpf_dynptr_read(), bpf_dynptr_slice() or bpf_dynptr_size()");
		}
		if (owner == OWNER_ITERATOR && write) {
			refuse(v, "an iterator on the stack is written over");
			return way_out(v, "call bpf_iter_num_destroy() first");
		}
	}
	return 0;
}

int stack_readable(struct verify *v, const struct reg *r, int off, uint32_t size)
{
	struct span s = span_of(r, off);
	int64_t hi = s.hi + size - 1;
	uint64_t slots = slots_of(s.lo, hi);

	if (check_owner(v, s, size, 0))
		return -1;
	state_read_slots(v, slots);
	for (; slots; slots &= slots - 1) {
		unsigned int n = (unsigned int)__builtin_ctzll(slots);

		if (s.lo == s.hi && v->cur->slot[n].size && v->cur->spill[n].kind != R_SCALAR) {
			refuse(v, "a pointer on the stack is read as if it were bytes");
			return way_out(v, "a pointer's value is not a number a program may use");
		}
	}
	return 0;
}

uint32_t stack_string(const struct verify *v, const struct reg *r, uint32_t most)
{
	struct span s = span_of(r, 0);
	int64_t end = frame_pointed_to(v, r)->fp, at = s.lo;

	if (s.lo != s.hi || at < end - EBPF_STACK_BYTES)
		return 0;
	if (end > at + most)
		end = at + most;
	while (at < end) {
		unsigned int n = slot_of(at);

		if (v->cur->slot[n].owner != OWNER_NONE || (v->cur->slot[n].size && v->cur->spill[n].kind != R_SCALAR))
			break;
		at = -8 * (int64_t)n;
	}
	return (uint32_t)((at < end ? at : end) - s.lo);
}

static uint8_t spill_bytes(const struct slot *slot)
{
	return (uint8_t)(((1 << slot->size) - 1) << slot->at);
}

static int is_zero(const struct reg *r)
{
	return r->kind == R_SCALAR && range_is_const(&r->var) && !r->var.value;
}

static int all_zero(struct verify *v, int64_t lo, int64_t hi)
{
	const struct state *s = v->cur;
	uint64_t spills = 0;

	for (uint64_t slots = slots_of(lo, hi); slots; slots &= slots - 1) {
		unsigned int n = (unsigned int)__builtin_ctzll(slots);
		uint8_t missing = bytes_of(n, lo, hi) & (uint8_t)~s->slot[n].zero;

		if (missing && s->slot[n].size && is_zero(&s->spill[n])) {
			spills |= 1ULL << n;
			missing &= (uint8_t)~spill_bytes(&s->slot[n]);
		}
		if (missing)
			return 0;
	}
	precise(v, 0, spills);
	return 1;
}

int stack_number(struct verify *v, const struct reg *r, uint32_t size, uint64_t *number)
{
	struct span s = span_of(r, 0);
	unsigned int n = slot_of(s.lo);
	const struct slot *slot = &v->cur->slot[n];
	const struct reg *spill = &v->cur->spill[n];

	if (s.lo != s.hi)
		return 0;
	*number = 0;
	if (all_zero(v, s.lo, s.lo + size - 1))
		return 1;
	if (slot->size != size || slot->at || s.lo % 8 || spill->kind != R_SCALAR || !range_is_const(&spill->var)) /* Linux keeps those at the start of a word */
		return 0;
	*number = spill->var.value;
	precise(v, 0, 1ULL << n);
	return 1;
}

int stack_load(struct verify *v, const struct reg *r, int off, uint32_t size, struct reg *value)
{
	struct span s = span_of(r, off);
	unsigned int n = slot_of(s.lo);
	const struct slot *slot = &v->cur->slot[n];
	int at = (int)(s.lo + 8 * (int64_t)(n + 1));

	if (check_owner(v, s, size, 0))
		return -1;
	if (s.lo == s.hi && slot->size == size &&
	    slot->at == at) { /* aligned: the slot holds it all */
		state_read_slots(v, 1ULL << n);
		v->slot = (uint8_t)n;
		reg_share_id(v, &v->cur->spill[n]); /* what is learnt of the copy holds for what stays on the stack */
		*value = v->cur->spill[n];
		return 0;
	}
	if (stack_readable(v, r, off, size))
		return -1;
	reg_scalar(value);
	range_bits(&value->var, size * 8);
	if (all_zero(v, s.lo, s.hi + size - 1))
		range_const(&value->var, 0);
	return 0;
}

/* What of a slot survives a store to some of its bytes. */
static void forget(struct verify *v, unsigned int n, uint8_t bytes)
{
	struct slot *slot = &v->cur->slot[n];
	const struct reg *spill = &v->cur->spill[n];

	if (bytes & spill_bytes(slot)) {
		if (is_zero(spill) && spill_bytes(slot) & ~bytes) {
			precise(v, 0, 1ULL << n);
			slot->zero |= spill_bytes(slot);
		}
		slot->size = 0;
	}
	slot->zero &= (uint8_t)~bytes;
	slot->owner = OWNER_NONE;
}

static int refuse_pointer_store(struct verify *v, const struct reg *to, const struct reg *value, int variable, uint32_t size)
{
	if (value->kind == R_STACK && to->map != v->frame->depth) {
		refuse(v, "a stack pointer is stored in the stack of the function's caller");
		return way_out(v, "give the value back, not where it is");
	}
	if (variable)
		return refuse(v, "a pointer is stored at a variable place of the stack");
	return size != 8 ? refuse(v, "part of a pointer is stored on the stack") : 0;
}

/* The slot has another number, which is worth more than that these bytes are zero. */
static void add_zeroes(struct verify *v, struct slot *slot, uint8_t bytes)
{
	const struct ebpf_insn *i = &v->insns[v->pc];

	if (EBPF_CLASS(i->code) == EC_STX)
		precise_reg(v, ebpf_src(i));
	slot->zero |= bytes;
}

static void spill(struct verify *v, unsigned int n, struct reg value, unsigned int at, uint32_t size)
{
	struct slot *slot = &v->cur->slot[n];

	if (slot->size && is_zero(&v->cur->spill[n])) {
		precise(v, 0, 1ULL << n);
		slot->zero |= spill_bytes(slot);
	}
	if (value.kind == R_SCALAR && value.var.umax > UINT64_MAX >> (64 - 8 * size)) {
		value.id = 0;
		range_swap(&value.var, 8 * size, 0);
	}
	slot->at = (uint8_t)at;
	slot->size = (uint8_t)size;
	v->cur->spill[n] = value;
	v->slot = (uint8_t)n;
}

int stack_store(struct verify *v, const struct reg *r, int off, uint32_t size,
		const struct reg *value)
{
	struct span s = span_of(r, off);
	int64_t hi = s.hi + size - 1;
	unsigned int n = slot_of(s.lo);
	struct slot *slot = &v->cur->slot[n];
	struct reg kept = *value; /* value may be one of the spills */

	if (check_owner(v, s, size, 1) || (kept.kind != R_SCALAR && refuse_pointer_store(v, r, &kept, s.lo != s.hi, size)))
		return -1;
	for (uint64_t slots = slots_of(s.lo, hi); slots; slots &= slots - 1) {
		unsigned int each = (unsigned int)__builtin_ctzll(slots);

		forget(v, each, bytes_of(each, s.lo, hi));
	}
	if (s.lo != s.hi)
		return 0; /* which bytes are written now is not known */
	if (size == 8)
		v->cur->written |= 1ULL << n;
	if (v->cur->slots <= n)
		v->cur->slots = n + 1;
	if (is_zero(&kept) && slot->size)
		add_zeroes(v, slot, bytes_of(n, s.lo, hi));
	else
		spill(v, n, kept, (unsigned int)(s.lo + 8 * (int64_t)(n + 1)), size);
	if (v->frame->routine && r->map < v->frame->depth)
		slot->owner = v->frame->routine->leaves;
	return 0;
}

int stack_fill(struct verify *v, const struct reg *r, uint32_t size)
{
	struct span s = span_of(r, 0);
	int64_t hi = s.hi + size - 1;

	for (uint64_t slots = slots_of(s.lo, hi); slots; slots &= slots - 1) {
		unsigned int n = (unsigned int)__builtin_ctzll(slots);
		uint8_t bytes = bytes_of(n, s.lo, hi);

		if (v->cur->slot[n].owner == OWNER_ITERATOR)
			return refuse(v, "an iterator on the stack is written over");
		if (v->cur->slots <= n)
			v->cur->slots = n + 1;
		forget(v, n, bytes);
		if (s.lo != s.hi)
			continue; /* which bytes are written is not known */
		if (bytes == 0xff)
			v->cur->written |= 1ULL << n;
	}
	return 0;
}

void stack_leave(struct verify *v, const struct frame *f)
{
	struct state *s = v->cur;
	unsigned int kept = (unsigned int)-f->fp / 8;

	if (kept < SLOTS)
		s->written |= UINT64_MAX << kept;
	if (s->slots <= kept)
		return;
	memset(s->slot + kept, 0, sizeof(*s->slot) * (s->slots - kept));
	s->slots = kept;
}
