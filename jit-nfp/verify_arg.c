// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Arguments of helpers: whether each is what its row in helpers.def says. */
#include "timer.h"
#include "verify.h"

static const char *const position[] = { "first", "second", "third", "fourth", "fifth" };

enum { SIZE_LIMIT = 1 << 29 };

struct call {
	const struct helper *helper;
	const struct prog_map *map; /* the last ARG_MAP */
	char what[64];        /* "the second argument of bpf_..." */
};

/* What was seen of the argument, on all paths. */
static int note_arg(struct verify *v, unsigned int n, struct arg_fact seen, const char *what)
{
	struct arg_fact *f = &v->c->facts[v->pc].arg[n];

	if (f->region != R_NONE && (f->region != seen.region || (seen.region == R_MAP_PTR && f->map != seen.map))) {
		if (!split_by(v, n + 1, f, &seen))
			return 0;
		refuse(v, "%s is something else on different paths", what);
		return way_out(v, "copy it to one local variable first");
	}
	if (v->c->facts[v->pc].reachable) {
		seen.size_known &= f->size_known && f->size == seen.size;
		if (f->size > seen.size)
			seen.size = f->size;
	}
	fact_add(v, f, seen);
	f->size = seen.size;
	f->size_known = seen.size_known;
	return 0;
}

static int takes_template(const struct helper *h)
{
	return h == helper_find(HELPER_MAP_LOOKUP_ELEM) || h == helper_find(HELPER_MAP_UPDATE_ELEM) || h == helper_find(HELPER_MAP_DELETE_ELEM) ||
	       h == helper_find(HELPER_MAP_LOOKUP_PERCPU_ELEM);
}

static int check_map(struct verify *v, const struct call *c, const struct reg *r)
{
	const struct prog_map *m;

	if (r->kind != R_MAP_PTR) {
		refuse(v, "%s must be a map, and is %s", c->what, reg_describe(r));
		return way_out(v, "pass the address of a map declared in SEC(\".maps\")");
	}
	m = &v->c->prog->maps[r->map];
	if (map_type_exists(m->type) && !(c->helper->maps >> m->type & 1))
		return refuse(v, "bpf_%s does not work on map %s, which is of type %s", c->helper->name, m->name, map_type_name(m->type));
	if (map_is_template(v->c->prog, r->map) && !takes_template(c->helper))
		return refuse(v, "bpf_%s does not work on a map that another map holds", c->helper->name);
	if ((c->helper->flags & HELPER_WRITES_MAP) && (m->flags & MAP_RDONLY_PROG))
		return refuse(v, "map %s is read-only for the program, and is changed", m->name);
	return 0;
}

static int is_null(const struct reg *r)
{
	return r->kind == R_SCALAR && range_is_const(&r->var) && !r->var.value;
}

/* size bytes through r. A stack buffer of known size that is only written need not hold anything before. */
static int check_memory(struct verify *v, const struct call *c, const struct reg *r, uint16_t arg, uint32_t size, int size_known)
{
	if (r->kind == R_SCALAR || r->kind == R_CTX || r->kind == R_PKT_LOW)
		return refuse(v, "%s must point to memory, and is %s", c->what, reg_describe(r));
	if (reg_is_packet(r) && (c->helper->flags & HELPER_NOT_PACKET) && ARG_KIND(arg) != ARG_PRINTED) {
		refuse(v, "%s points to the packet, which bpf_%s does not take", c->what, c->helper->name);
		return way_out(v, "copy the bytes to a local variable first");
	}
	if (mem_check(v, r, 0, size, arg_is_written(arg), NULL))
		return -1;
	if (r->kind != R_STACK)
		return 0;
	if ((arg_is_read(arg) || !size_known || !range_is_const(&r->var)) && stack_readable(v, r, 0, size))
		return -1;
	return arg_is_written(arg) ? stack_fill(v, r, size) : 0;
}

static int check_sized(struct verify *v, struct call *c, unsigned int n)
{
	const struct reg *r = &v->cur->reg[n], *size = &v->cur->reg[n + 1];
	uint16_t arg = c->helper->arg[n - 1];
	struct arg_fact seen = reg_fact(r);
	int known;

	if (size->kind != R_SCALAR)
		return refuse(v, "%s must be a number, and is %s", c->what, reg_describe(size));
	precise_reg(v, n + 1);
	known = range_is_const(&size->var);
	if (size->var.smin < 0) {
		refuse(v, "%s, a size, may be negative", c->what);
		return way_out(v, "make it unsigned, or check that it is not negative");
	}
	if (size->var.umax >= SIZE_LIMIT) {
		refuse(v, "%s, a size, has no limit", c->what);
		return way_out(v, "limit it before the call, for example with & 0xff");
	}
	if (!size->var.umin && ARG_KIND(c->helper->arg[n]) == ARG_SIZE) {
		refuse(v, "%s, a size, may be 0", c->what);
		return way_out(v, "check that it is not 0 before the call");
	}
	seen.size = (uint32_t)size->var.umax;
	seen.size_known = (uint8_t)known;
	text_format(c->what, sizeof(c->what), "the %s argument of bpf_%s", position[n - 1], c->helper->name);
	if (is_null(r) && (ARG_KIND(arg) == ARG_READ_OR_NULL || ARG_KIND(arg) == ARG_WRITE_OR_NULL) && !seen.size) {
		precise_reg(v, n);
		note_arg(v, n - 1, seen, c->what);
		return 0;
	}
	if (!seen.size && r->kind != R_SCALAR && r->kind != R_CTX)
		return note_arg(v, n - 1, seen, c->what);
	return check_memory(v, c, r, arg, seen.size, known) ? -1 : note_arg(v, n - 1, seen, c->what);
}

/* The size is in the register before, and was checked. */
static int check_source(struct verify *v, const struct call *c, const struct reg *r, unsigned int n)
{
	const struct range *size = &v->cur->reg[n].var;
	struct arg_fact seen = reg_fact(r);

	seen.size = (uint32_t)size->umax;
	seen.size_known = (uint8_t)range_is_const(size);
	if (r->kind != R_PKT && (seen.size || r->kind == R_SCALAR || r->kind == R_CTX) &&
	    check_memory(v, c, r, ARG_READ, seen.size, seen.size_known))
		return -1;
	return note_arg(v, n, seen, c->what);
}

static int check_context(struct verify *v, const struct call *c, const struct reg *r)
{
	if (r->kind != R_CTX)
		return refuse(v, "%s must be the context, and is %s", c->what, reg_describe(r));
	if (!r->off && range_is_const(&r->var) && !r->var.value)
		return 0;
	return refuse(v, "%s must be the context as the program got it, and is moved", c->what);
}

static int check_fixed(struct verify *v, const struct call *c, const struct reg *r, uint16_t arg, uint32_t size, unsigned int n)
{
	struct arg_fact seen = reg_fact(r);

	seen.size = size;
	seen.size_known = 1;
	return check_memory(v, c, r, arg, size, 1) ? -1 : note_arg(v, n, seen, c->what);
}

/* The argument is constant data, and not the same on all paths. 0: they get a call each. */
static int split_constant(struct verify *v, unsigned int n)
{
	return v->c->facts[v->pc].arg[n].off_known ? -1 : split_by_address(v, n + 1);
}

/* What the kernel takes: constant data that has an end. */
static int check_string(struct verify *v, const struct call *c, const struct reg *r)
{
	const struct prog_map *m = &v->c->prog->maps[r->map];
	uint64_t at = (uint64_t)r->off + r->var.value;

	if (r->kind != R_MAP_VALUE || !map_is_constant(m) || !range_is_const(&r->var)) {
		refuse(v, "%s must be a constant string, and is %s", c->what, reg_describe(r));
		return way_out(v, "name a const char array");
	}
	for (; at < m->init_size; at++)
		if (!m->init[at])
			return 0;
	return refuse(v, "%s is a string without an end", c->what);
}

static int check_arg(struct verify *v, struct call *c, unsigned int n)
{
	uint16_t arg = c->helper->arg[n] == ARG_VALUE_OUT && c->map->type == MAP_TYPE_BLOOM_FILTER ? ARG_VALUE /* peeks for it */ : c->helper->arg[n];
	const struct reg *r = ARG_KIND(arg) == ARG_PRINTED ? NULL : reg_read(v, n + 1);

	if (!r)
		return ARG_KIND(arg) == ARG_PRINTED ? 0 : -1;
	text_format(c->what, sizeof(c->what), "the %s argument of bpf_%s", position[n], c->helper->name);
	switch (ARG_KIND(arg)) {
	case ARG_READ: case ARG_READ_OR_NULL: case ARG_WRITE: case ARG_WRITE_OR_NULL: case ARG_CHANGE: /* with their size */
		return 0;
	case ARG_SIZE: case ARG_SIZE_OR_0:
		if (check_sized(v, c, n))
			return -1;
		break;
	case ARG_KEY: case ARG_KEY_OUT:
		return check_fixed(v, c, r, arg, c->map->key_size, n);
	case ARG_VALUE: case ARG_VALUE_OUT:
		if ((c->map->lock || c->map->timer) && image_map_is_hash(c->map->type) && r->kind == R_MAP_VALUE) {
			refuse(v, "%s is in a map, and values with a %s are made of packet and stack", c->what, c->map->lock ? "spin lock" : "timer");
			return way_out(v, "copy it to a local variable first");
		}
		return check_fixed(v, c, r, arg, c->map->value_size, n);
	case ARG_SOURCE:
		return check_source(v, c, r, n);
	case ARG_FIXED_READ: case ARG_FIXED_WRITE: case ARG_FIXED_CHANGE:
		return check_fixed(v, c, r, arg, ARG_BYTES(arg), n);
	case ARG_MAP:
		if (check_map(v, c, r))
			return -1;
		c->map = &v->c->prog->maps[r->map];
		break;
	case ARG_STRING:
		if (check_string(v, c, r) || note_arg(v, n, reg_fact(r), c->what))
			return -1;
		if (v->c->facts[v->pc].arg[n].off_known || !split_constant(v, n))
			return 0;
		refuse(v, "%s is not the same string on all paths", c->what);
		return way_out(v, "call the helper once per string");
	case ARG_RECORD:
		if (ref_check_record(v, r, c->what))
			return -1;
		break;
	case ARG_LOCK:
		if (lock_check_arg(v, r, c->what))
			return -1;
		break;
	case ARG_TIMER:
		if (timer_check_arg(v, r, c->what))
			return -1;
		break;
	case ARG_FUNCTION:
		break;
	case ARG_CTX:
		if (check_context(v, c, r))
			return -1;
		break;
	default:
		if (r->kind != R_SCALAR)
			return refuse(v, "%s must be a number, and is %s", c->what, reg_describe(r));
	}
	return note_arg(v, n, reg_fact(r), c->what);
}

/* Paths that print with different formats, or different strings, share the call. */
static int print_apart(struct verify *v)
{
	for (unsigned int n = 0; n < 5; n++)
		if (n != 1 && !split_constant(v, n))
			return 0;
	refuse(v, "bpf_trace_printk prints something else on different paths, which the compiler may have joined");
	return way_out(v, "print the same kinds of values everywhere, or put barrier() behind one of the calls");
}

/* Paths with different formats may share the call: what is copied must be there on all of them, and be enough for all. size_known holds the latter. */
int arg_printed(struct verify *v, unsigned int n, uint32_t need, uint32_t size, uint32_t there)
{
	struct call c = { .helper = helper_find(HELPER_TRACE_PRINTK) };
	struct arg_fact *f = &v->c->facts[v->pc].arg[n];
	const struct reg *r = size ? reg_read(v, n + 1) : NULL;

	if (v->c->facts[v->pc].reachable && !size != (f->region == R_NONE))
		return print_apart(v);
	if (!size)
		return 0;
	if (f->size && r && r->kind != f->region && !split_constant(v, 0)) /* by format: so few tests tell all values apart */
		return 0;
	text_format(c.what, sizeof(c.what), "the %s argument of bpf_trace_printk", position[n]);
	if (f->size) {
		size = f->size < size ? f->size : size;
		need = f->size_known > need ? f->size_known : need;
		there = f->there < there ? f->there : there;
	}
	if (need > size && need <= there)
		size = need;
	if (!r || (r->kind == R_SCALAR ? note_arg(v, n, reg_fact(r), c.what) : check_fixed(v, &c, r, ARG_PRINTED, size, n)))
		return -1;
	f->size = size;
	f->size_known = (uint8_t)need;
	f->there = (uint8_t)there;
	return need > size ? print_apart(v) : 0;
}

int verify_args(struct verify *v, const struct helper *h)
{
	struct call c = { .helper = h };

	for (unsigned int n = 0; n < h->n_args; n++)
		if (check_arg(v, &c, n))
			return -1;
	return 0;
}
