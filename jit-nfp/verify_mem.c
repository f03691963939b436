// SPDX-License-Identifier: Apache-2.0
/* Loads, stores and atomics: where they may go and what they bring. */
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

/* struct xdp_md, the context: six 32-bit fields. */
enum { CTX_DATA = 0, CTX_DATA_END = 4, CTX_DATA_META = 8, CTX_BYTES = 24 };

static int check_context(struct verify *v, const struct reg *r, int off, uint32_t size, int write)
{
	int64_t at = (int64_t)r->off + off;

	if (write) {
		refuse(v, "the context is written, and all its fields are read-only");
		return way_out(v, "keep the value in a local variable or in a map");
	}
	if (at < 0 || at + size > CTX_BYTES)
		return refuse(v, "the %u-byte access at offset %lld is outside struct xdp_md", size,
			      (long long)at);
	if (size != 4 || at % 4) {
		refuse(v, "the %u-byte access at offset %lld is not a field of struct xdp_md", size,
		       (long long)at);
		return way_out(v, "read a field whole, as its 32 bits");
	}
	return 0;
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
		return lock_check_access(v, m, lo, r->off + off + (int64_t)r->var.umax + size);
	if (range_is_const(&r->var))
		refuse(v, "the %u-byte access at offset %lld is outside the %u-byte value of map %s",
		       size, (long long)lo, bytes, m->name);
	else
		refuse(v, "the variable offset can lead outside the %u-byte value of map %s",
		       bytes, m->name);
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
		if (r->range)
			return way_out(v, "read data and data_end from the context again, and check the length again");
		return way_out(v, "an address must come from the context, the stack or a map lookup");
	default:
		return refuse(v, "memory is accessed through %s", reg_describe(r));
	}
}

int mem_check(struct verify *v, const struct reg *r, int off, uint32_t size, int write,
	      struct arg_fact *f)
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
	if (f->region != R_NONE && (f->region != seen.region || (f->map != seen.map && seen.region != R_MAP_VALUE))) {
		if (!split_by(v, (unsigned int)(r - v->cur->reg), f, &seen))
			return 0;
		refuse(v, "the access goes to different memories on different paths");
		return way_out(v, "access each memory with a statement of its own");
	}
	fact_add(v, f, seen);
	return 0;
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

static void context_field(struct verify *v, int64_t at, struct reg *value)
{
	if (at == CTX_DATA) {
		value->kind = R_PKT;
		value->range = v->cur->packet;
		state_read_length(v);
	} else if (at == CTX_DATA_END) {
		value->kind = R_PKT_END;
	} else if (at == CTX_DATA_META) {
		value->kind = R_PKT_META;
	} else {
		range_bits(&value->var, 32);
		return;
	}
	range_const(&value->var, 0);
}

int verify_load(struct verify *v, const struct ebpf_insn *i)
{
	const struct reg *base = reg_read(v, ebpf_src(i));
	uint32_t size = access_bytes(i);
	uint64_t constant;
	struct reg value;

	if (!base || mem_check(v, base, i->off, size, 0, &v->c->facts[v->pc].mem))
		return -1;
	reg_scalar(&value);
	range_bits(&value.var, size * 8);
	if (base->kind == R_STACK) {
		if (stack_check(v, base, i->off, size, 1) ||
		    stack_load(v, base, i->off, size, &value))
			return -1;
	} else if (base->kind == R_CTX) {
		if (EBPF_MODE(i->code) == EBPF_MEMSX && base->off + i->off <= CTX_DATA_META)
			return refuse(v, "a packet pointer is loaded with its sign extended");
		context_field(v, (int64_t)base->off + i->off, &value);
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
	struct reg value;

	reg_scalar(&value);
	range_const(&value.var, (uint64_t)(int64_t)i->imm);
	if (!base || (EBPF_CLASS(i->code) == EC_STX && !reg_read(v, ebpf_src(i))))
		return -1;
	if (EBPF_CLASS(i->code) == EC_STX) {
		if (base->kind == R_STACK)
			reg_share_id(v, &v->cur->reg[ebpf_src(i)]);
		value = v->cur->reg[ebpf_src(i)];
	}
	fact_add(v, &v->c->facts[v->pc].src, reg_fact(&value));
	if (mem_check(v, base, i->off, size, 1, &v->c->facts[v->pc].mem))
		return -1;
	if (base->kind == R_STACK)
		return stack_check(v, base, i->off, size, 1)
			       ? -1
			       : stack_store(v, base, i->off, size, &value);
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

int verify_atomic(struct verify *v, const struct ebpf_insn *i)
{
	const struct reg *base = reg_read(v, ebpf_dst(i));
	uint32_t size = access_bytes(i);
	struct reg old;

	if (!base || atomic_operand(v, ebpf_src(i)) ||
	    (i->imm == EBPF_CMPXCHG && atomic_operand(v, 0)))
		return -1;
	if (base->kind == R_PKT || base->kind == R_PKT_META || base->kind == R_CTX) {
		refuse(v, "an atomic operation goes to %s", reg_describe(base));
		return way_out(v, "atomic operations work on map values; a packet belongs to one thread anyway");
	}
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
