// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Loads, stores and atomics: where they may go and what they bring. */
#include "ctx.h"
#include "timer.h"
#include "verify.h"

static uint32_t access_bytes(const struct ebpf_insn *i)
{
	switch (EBPF_SIZE(i->code)) {
	case EBPF_B:
		return 1;
	case EBPF_H:
		return 2;
	case EBPF_W:
		return 4;
	default:
		return 8;
	}
}

/* Numbers of struct __sk_buff may be read in parts. */
static int is_field(const struct verify *v, const struct ctx_field *f, int64_t at, uint32_t size)
{
	int number = f && f->what > CTX_METADATA && v->c->prog->tc;

	return f && at % size == 0 && (size == 4 || (number && size < 4) || (f->bytes > 4 && size == 8));
}

static int check_context(struct verify *v, const struct reg *r, int off, uint32_t size, int write)
{
	int64_t at = (int64_t)r->off + off;
	const struct ctx_field *f = ctx_field(v->c->prog, at, size);
	const char *name = ctx_name(v->c->prog);

	if (write && (!f || f->what != CTX_STACK_WRITABLE)) {
		if (v->c->prog->tc && f)
			refuse(v, "%s of struct %s is written, which would not reach the host", f->name, name);
		else
			refuse(v, "the context is written, and all its fields are read-only");
		return way_out(v, "keep the value in a local variable or in a map");
	}
	if (at < 0 || at + size > ctx_bytes(v->c->prog))
		return refuse(v, "the %u-byte access at offset %lld is outside struct %s", size,
			      (long long)at, name);
	if (f && f->what == CTX_ABSENT)
		return refuse(v, "the program reads %s of struct %s, which the NIC does not have", f->name, name);
	if (!is_field(v, f, at, size) || (write && size < 4 && f->bytes == 4)) {
		refuse(v, "the %u-byte access at offset %lld is not a field of struct %s", size,
		       (long long)at, name);
		return way_out(v, "read a field whole, as its 32 bits");
	}
	return 0;
}

/* Where a field of the context lies on the stack of what is around a classifier: an access to it is one to that place. 0: it does not. */
static int on_stack(const struct verify *v, const struct reg *r, int off, uint32_t size, struct reg *place, int *at)
{
	const struct ctx_field *f = r->kind == R_CTX ? ctx_field(v->c->prog, (int64_t)r->off + off, size) : NULL;

	if (!f || (f->what != CTX_STACK && f->what != CTX_STACK_WRITABLE))
		return 0;
	reg_frame_pointer(place, v->c->frames);
	*at = f->at + r->off + off - f->off;
	return 1;
}

static int check_packet(struct verify *v, const struct reg *r, int off, uint32_t size)
{
	int64_t at = (int64_t)r->off + off;
	int meta = r->kind == R_PKT_META;

	if (at + r->var.smin < 0) {
		refuse(v, "the access can lie before the start of the %s",
		       meta ? "metadata" : "packet");
		return way_out(v, "make the offset unsigned, or check that it is not negative");
	}
	if (at + size <= (int64_t)r->range)
		return 0;
	if (!r->id)
		refuse(v, "the %u-byte access at offset %lld of the %s needs %lld bytes, and the program has checked for %u",
		       size, (long long)at, meta ? "metadata" : "packet", (long long)at + size,
		       r->range);
	else if (r->var.umax > MAX_PACKET)
		refuse(v, "the variable offset into the packet can be as large as %llu",
		       (unsigned long long)r->var.umax);
	else
		refuse(v, "the %u-byte access at a variable offset + %lld of the %s needs %lld bytes there, and the program has checked for %u",
		       size, (long long)at, meta ? "metadata" : "packet", (long long)at + size,
		       r->range);
	if (r->id && r->var.umax > MAX_PACKET)
		return way_out(v, "limit it to the length of a packet before adding it, for example with & 0x3fff");
	if (meta)
		return way_out(v, "compare the end of the access with data first");
	return way_out(v, "compare the end of the access with data_end first: if (p + %lld > data_end) return ...",
		(long long)at + size);
}

static int check_map_value(struct verify *v, const struct reg *r, int off, uint32_t size, int write)
{
	const struct prog_map *m = &v->c->prog->maps[r->map];
	uint32_t bytes = m->type == MAP_TYPE_RINGBUF ? r->range - RECORD_MARK : m->value_size;
	int64_t lo = (int64_t)r->off + off + r->var.smin;
	const char *what = m->type == MAP_TYPE_RINGBUF ? "record" : "value";

	if (m->type == MAP_TYPE_XSKMAP)
		return refuse(v, "a socket of map %s is accessed, which the NIC does not have", m->name);
	if (write && (m->type == MAP_TYPE_DEVMAP || m->type == MAP_TYPE_DEVMAP_HASH))
		return refuse(v, "an entry of map %s is written, and programs can't change such maps", m->name);
	if (write && (m->flags & MAP_RDONLY_PROG)) {
		refuse(v, "map %s is read-only for the program, and is written", m->name);
		return way_out(v, "constant data can't be changed; drop the const or the map's BPF_F_RDONLY_PROG");
	}
	if (!write && (m->flags & MAP_WRONLY_PROG)) {
		refuse(v, "map %s is write-only for the program, and is read", m->name);
		return way_out(v, "drop the map's BPF_F_WRONLY_PROG");
	}
	if (lo >= 0 && r->var.umax <= bytes &&
	    r->off + off + (int64_t)r->var.umax + size <= bytes)
		return lock_check_access(v, m, lo, r->off + off + (int64_t)r->var.umax + size) ||
		       timer_check_access(v, m, lo, r->off + off + (int64_t)r->var.umax + size) ? -1 : 0;
	if (range_is_const(&r->var))
		refuse(v, "the %u-byte access at offset %lld is outside the %u-byte %s of map %s",
		       size, (long long)lo, bytes, what, m->name);
	else
		refuse(v, "the variable offset can lead outside the %u-byte %s of map %s",
		       bytes, what, m->name);
	return way_out(v, "compare an index with the number of elements before it is used");
}

static int check_base(struct verify *v, const struct reg *r)
{
	switch (r->kind) {
	case R_MAP_VALUE_OR_NULL:
		refuse(v, "the map value is accessed before the pointer was compared with NULL");
		return way_out(v, "test the result of bpf_map_lookup_elem() first");
	case R_SCALAR:
		refuse(v, "memory is accessed through %s", reg_describe(r));
		if (r->range == WAS_RECORD)
			return way_out(v, "use a record before that, or keep what is needed of it in a variable");
		if (r->range)
			return way_out(v, "read data and data_end from the context again, and check the length again");
		return way_out(v, "an address must come from the context, the stack or a map lookup");
	default:
		return refuse(v, "memory is accessed through %s", reg_describe(r));
	}
}

/* in_context: r is the stack pointer of on_stack(). */
static int check_access(struct verify *v, const struct reg *r, int off, uint32_t size, int write, uint8_t in_context, struct arg_fact *f)
{
	struct reg at = *r;
	struct arg_fact seen;
	int result;

	switch (r->kind) {
	case R_CTX:
		result = check_context(v, r, off, size, write);
		break;
	case R_PKT:
	case R_PKT_META:
		result = check_packet(v, r, off, size);
		break;
	case R_STACK:
		result = stack_check(v, r, off, size, 0);
		break;
	case R_MAP_VALUE:
		result = check_map_value(v, r, off, size, write);
		break;
	default:
		result = check_base(v, r);
	}
	if (result || !f)
		return result;
	at.off += off;
	seen = reg_fact(&at);
	seen.of_context = in_context;
	if (f->region != R_NONE && (f->of_context || in_context) && (f->of_context != in_context || f->off != seen.off)) {
		refuse(v, "different fields of the context are accessed on different paths");
		return way_out(v, "access each field with a statement of its own");
	}
	if (f->region != R_NONE && (f->region != seen.region || (f->map != seen.map && seen.region != R_MAP_VALUE))) {
		if (!split_by(v, (unsigned int)(r - v->cur->reg), f, &seen))
			return 0;
		refuse(v, "the access goes to different memories on different paths");
		return way_out(v, "access each memory with a statement of its own");
	}
	fact_add(v, f, seen);
	return 0;
}

int mem_check(struct verify *v, const struct reg *r, int off, uint32_t size, int write, struct arg_fact *f)
{
	return check_access(v, r, off, size, write, 0, f);
}

/* Read-only data whose contents are part of the program. */
static int constant_data(struct verify *v, const struct reg *r, int off, uint32_t size,
			 uint64_t *value)
{
	const struct prog_map *m = &v->c->prog->maps[r->map];
	int64_t at = (int64_t)r->off + off;

	if (!map_is_constant(m) || !range_is_const(&r->var) || at + size > m->init_size)
		return 0;
	*value = 0;
	for (uint32_t n = 0; n < size; n++)
		*value |= (uint64_t)m->init[at + n] << 8 * n;
	return 1;
}

static void context_field(struct verify *v, enum ctx_what what, struct reg *value)
{
	if (what == CTX_PACKET) {
		value->kind = R_PKT;
		value->range = v->cur->packet;
		state_read_length(v);
	} else if (what == CTX_PACKET_END) {
		value->kind = R_PKT_END;
	} else if (what == CTX_METADATA) {
		value->kind = R_PKT_META;
	} else {
		return;
	}
	range_const(&value->var, 0);
}

/* What tc.c has made of LD_ABS and LD_IND loads the packet's place from the context, which is to be in r6. */
static int check_classic(struct verify *v, const struct ebpf_insn *i, const struct reg *base)
{
	uint32_t source = source_of(v, v->pc);

	if (!v->c->of_source || source == NO_INSN || EBPF_CLASS(v->c->source->insns[source].code) != EC_LD || ebpf_src(i) != 6 || base->kind == R_CTX)
		return 0;
	refuse(v, "a classic packet load (LD_ABS, LD_IND) needs the context in r6, where %s is", reg_describe(base));
	return way_out(v, "begin with r6 = r1");
}

int verify_load(struct verify *v, const struct ebpf_insn *i)
{
	const struct reg *base = reg_read(v, ebpf_src(i));
	uint32_t size = access_bytes(i);
	int off = i->off, in_context;
	uint64_t constant;
	struct reg value, place;

	if (!base || check_classic(v, i, base))
		return -1;
	in_context = on_stack(v, base, off, size, &place, &off);
	if (in_context && check_context(v, base, i->off, size, 0))
		return -1;
	base = in_context ? &place : base;
	if (check_access(v, base, off, size, 0, (uint8_t)in_context, &v->c->facts[v->pc].mem))
		return -1;
	reg_scalar(&value);
	range_bits(&value.var, size * 8);
	if (base->kind == R_STACK) {
		if (stack_check(v, base, off, size, 1) ||
		    stack_load(v, base, off, size, &value))
			return -1;
	} else if (base->kind == R_CTX) {
		enum ctx_what what = (enum ctx_what)ctx_field(v->c->prog, (int64_t)base->off + off, size)->what;

		if (EBPF_MODE(i->code) == EBPF_MEMSX && what <= CTX_METADATA)
			return refuse(v, "a packet pointer is loaded with its sign extended");
		context_field(v, what, &value);
	} else if (base->kind == R_MAP_VALUE && constant_data(v, base, i->off, size, &constant)) {
		range_const(&value.var, constant);
	}
	if (EBPF_MODE(i->code) == EBPF_MEMSX) { /* never 8 bytes, so never a spilled pointer */
		range_sign_extend(&value.var, size * 8);
		value.id = 0;
	}
	state_write_reg(v, ebpf_dst(i), &value);
	return 0;
}

static int refuse_leak(struct verify *v, const struct reg *value, const struct reg *base)
{
	refuse(v, "%s is stored through %s", reg_describe(value), reg_describe(base));
	return way_out(v, "pointers can be kept in registers and on the stack only");
}

int verify_store(struct verify *v, const struct ebpf_insn *i)
{
	const struct reg *base = reg_read(v, ebpf_dst(i));
	uint32_t size = access_bytes(i);
	struct reg value, place;
	int off = i->off, in_context;

	reg_scalar(&value);
	range_const(&value.var, (uint64_t)(int64_t)i->imm);
	if (!base || (EBPF_CLASS(i->code) == EC_STX && !reg_read(v, ebpf_src(i))))
		return -1;
	in_context = on_stack(v, base, off, size, &place, &off);
	if (in_context && check_context(v, base, i->off, size, 1))
		return -1;
	if (in_context && EBPF_CLASS(i->code) == EC_STX && v->cur->reg[ebpf_src(i)].kind != R_SCALAR)
		return refuse_leak(v, &v->cur->reg[ebpf_src(i)], base);
	base = in_context ? &place : base;
	if (EBPF_CLASS(i->code) == EC_STX) {
		if (base->kind == R_STACK)
			reg_share_id(v, &v->cur->reg[ebpf_src(i)]);
		value = v->cur->reg[ebpf_src(i)];
	}
	fact_add(v, &v->c->facts[v->pc].src, reg_fact(&value));
	if (check_access(v, base, off, size, 1, (uint8_t)in_context, &v->c->facts[v->pc].mem))
		return -1;
	if (base->kind == R_STACK)
		return stack_check(v, base, off, size, 1)
			       ? -1
			       : stack_store(v, base, off, size, &value);
	return value.kind == R_SCALAR ? 0 : refuse_leak(v, &value, base);
}

static int atomic_aligned(struct verify *v, const struct reg *r, int off, uint32_t size)
{
	uint64_t low = ((uint64_t)(r->off + off) + r->var.value) | r->var.mask;

	if (!(low & (size - 1)))
		return 0;
	refuse(v, "the atomic operation is at an address that is not a multiple of %u", size);
	return way_out(v, "align the field in its structure");
}

static int atomic_operand(struct verify *v, unsigned int n)
{
	const struct reg *r = reg_read(v, n);

	if (!r)
		return -1;
	if (r->kind == R_SCALAR)
		return 0;
	return refuse(v, "r%u is %s, and atomic operations work on numbers", n, reg_describe(r));
}

static int has_atomics(struct verify *v, const struct reg *base)
{
	if (base->kind != R_PKT && base->kind != R_PKT_META && base->kind != R_CTX)
		return 1;
	refuse(v, "an atomic operation goes to %s", reg_describe(base));
	way_out(v, "atomic operations work on map values; a packet belongs to one thread anyway");
	return 0;
}

/* A load or store in all but alignment. */
static int verify_ordered(struct verify *v, const struct ebpf_insn *i)
{
	int loads = ebpf_class(i) == EC_LDX;
	const struct reg *base = reg_read(v, loads ? ebpf_src(i) : ebpf_dst(i));

	if (!base || !has_atomics(v, base) || atomic_aligned(v, base, i->off, access_bytes(i)))
		return -1;
	return loads ? verify_load(v, i) : verify_store(v, i);
}

int verify_atomic(struct verify *v, const struct ebpf_insn *i)
{
	const struct reg *base;
	uint32_t size = access_bytes(i);
	struct reg old;

	if (ebpf_is_ordered(i))
		return verify_ordered(v, i);
	base = reg_read(v, ebpf_dst(i));
	if (!base || atomic_operand(v, ebpf_src(i)) ||
	    (i->imm == EBPF_CMPXCHG && atomic_operand(v, 0)))
		return -1;
	if (!has_atomics(v, base))
		return -1;
	fact_add(v, &v->c->facts[v->pc].src, reg_fact(&v->cur->reg[ebpf_src(i)]));
	if (mem_check(v, base, i->off, size, 0, NULL) || mem_check(v, base, i->off, size, 1, &v->c->facts[v->pc].mem) ||
	    atomic_aligned(v, base, i->off, size))
		return -1;
	reg_scalar(&old);
	range_bits(&old.var, size * 8);
	if (base->kind == R_STACK) {
		struct reg any = old;

		if (stack_readable(v, base, i->off, size) ||
		    stack_store(v, base, i->off, size, &any))
			return -1;
	}
	if (i->imm == EBPF_CMPXCHG)
		state_write_reg(v, 0, &old);
	else if (i->imm & EBPF_FETCH)
		state_write_reg(v, ebpf_src(i), &old);
	return 0;
}

int verify_wide(struct verify *v, const struct ebpf_insn *i)
{
	const struct prog_map *m;
	struct reg value;

	reg_scalar(&value);
	range_const(&value.var, (uint32_t)i[0].imm | (uint64_t)(uint32_t)i[1].imm << 32);
	if (ebpf_src(i) == EBPF_PSEUDO_FUNC) {
		range_const(&value.var, 0);
		value.kind = R_FUNC;
		value.off = (int32_t)insn_origin(v->c, v->pc) + 1 + i->imm;
	} else if (ebpf_src(i)) {
		m = &v->c->prog->maps[i->imm];
		value.kind = ebpf_src(i) == EBPF_PSEUDO_MAP ? R_MAP_PTR : R_MAP_VALUE;
		value.map = (uint16_t)i->imm;
		range_const(&value.var, 0);
		if (value.kind == R_MAP_VALUE) {
			if (m->type != MAP_TYPE_ARRAY || m->max_entries != 1)
				return refuse(v, "the address of a value is taken of map %s, which is not an array of one",
					m->name);
			if ((uint32_t)i[1].imm >= m->value_size)
				return refuse(v, "offset %u lies outside the %u-byte value of map %s",
					      (uint32_t)i[1].imm, m->value_size, m->name);
			value.off = i[1].imm;
		}
	}
	state_write_reg(v, ebpf_dst(i), &value);
	return 0;
}
