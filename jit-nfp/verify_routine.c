// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Calls of routines (routine.h): what each argument must be, by letter:
 *   c the context   n a number   k a constant   m memory, which the routine's own accesses check   b the same, or NULL
 *   d a dynptr on the stack   i an iterator on the stack   D, I place on the stack for a new one */
#include "routine.h"
#include "verify.h"

static const char *const position[] = { "first", "second", "third", "fourth", "fifth" };

enum { DYNPTR_SLOTS = 2 };

/* The slots that belong to the object that lies at r. -1: it is no whole slot. */
static int slot_at(const struct reg *r)
{
	if (r->kind != R_STACK || !range_is_const(&r->var) || (r->off + (int64_t)r->var.value) % 8 || r->off + (int64_t)r->var.value >= 0)
		return -1;
	return (int)((-(r->off + (int64_t)r->var.value) - 1) / 8);
}

static int is_owned(const struct verify *v, const struct reg *r, uint8_t owner, int n)
{
	int slot = slot_at(r);

	for (int k = 0; k < n; k++)
		if (slot - k < 0 || v->cur->slot[slot - k].owner != owner)
			return 0;
	return 1;
}

static int refuse_arg(struct verify *v, const struct routine *r, unsigned int n, const char *what)
{
	return refuse(v, "the %s argument of bpf_%s must be %s, and is %s", position[n], r->name, what, reg_describe(&v->cur->reg[n + 1]));
}

static int refuse_unmade(struct verify *v, const struct routine *r, unsigned int n, const char *what)
{
	return refuse(v, "the %s argument of bpf_%s is no %s that was made before", position[n], r->name, what);
}

static int is_new(struct verify *v, const struct routine *r, const struct reg *at, unsigned int n, int slots)
{
	int slot = slot_at(at);

	if (slot < 0 || slot + 1 < slots)
		return refuse_arg(v, r, n, "a variable on the stack");
	for (int k = 0; k < slots; k++)
		if (v->cur->slot[slot - k].owner == OWNER_ITERATOR)
			return refuse(v, "an iterator on the stack is written over");
	return 0;
}

static int check_arg(struct verify *v, const struct routine *r, unsigned int n)
{
	const struct reg *a = reg_read(v, n + 1);

	if (!a)
		return -1;
	switch (r->args[n]) {
	case 'c':
		return a->kind == R_CTX && !a->off && range_is_const(&a->var) && !a->var.value ? 0 : refuse_arg(v, r, n, "the context");
	case 'n':
		return a->kind == R_SCALAR ? 0 : refuse_arg(v, r, n, "a number");
	case 'k':
		if (a->kind != R_SCALAR)
			return refuse_arg(v, r, n, "a number");
		precise_reg(v, n + 1);
		return range_is_const(&a->var) ? 0 : refuse(v, "the %s argument of bpf_%s must be a constant", position[n], r->name);
	case 'd':
		return is_owned(v, a, OWNER_DYNPTR, DYNPTR_SLOTS) ? 0 : refuse_unmade(v, r, n, "dynptr");
	case 'i':
		return is_owned(v, a, OWNER_ITERATOR, 1) ? 0 : refuse_unmade(v, r, n, "iterator");
	case 'D':
		return is_new(v, r, a, n, DYNPTR_SLOTS);
	case 'I':
		return is_new(v, r, a, n, 1);
	default:
		return 0;
	}
}

int routine_enter(struct verify *v, const struct routine *r)
{
	if ((!r->helper && check_license(v, r->name)) || lock_none_held(v, "a helper is called"))
		return -1;
	for (unsigned int n = 0; r->args[n]; n++)
		if (check_arg(v, r, n))
			return -1;
	if (r->drops_pointers)
		forget_packet(v);
	return 0;
}

int routine_all_destroyed(struct verify *v, uint32_t slot)
{
	for (; slot < v->cur->slots; slot++)
		if (v->cur->slot[slot].owner == OWNER_ITERATOR) {
			refuse(v, "an iterator on the stack is not destroyed at the end");
			return way_out(v, "call bpf_iter_num_destroy() on every way out, or use bpf_for()");
		}
	return 0;
}
