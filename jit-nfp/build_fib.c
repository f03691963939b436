// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* bpf_fib_lookup(): the host's routes are maps without a name of the program's (hw/spec/image.h, "Routing"). The checks, and what is written on which
 * way, in Linux's order. A packet that finds all it needs and asks for nothing special goes the quick way. */
#include "build_bytes.h"
#include "build_ring.h"
#include "hw/spec/regs.h"

enum { DIRECT = 1, OUTPUT = 2, SKIP_NEIGH = 4, TBID = 8, SRC = 16, MARK = 32, FLAGS = DIRECT | OUTPUT | SKIP_NEIGH | TBID | SRC | MARK };
enum { BLACKHOLE = 1, NOT_FWDED = 4, FWD_DISABLED, UNSUPP_LWT, NO_NEIGH, FRAG_NEEDED, NO_SRC_ADDR };
enum { E_NODEV = 19, E_INVAL = 22, E_AFNOSUPPORT = 97 };
enum { INET = 2, INET6 = 10 };
/* struct bpf_fib_lookup */
enum { FAMILY = 0, LENGTH = 6, LINK = 8, SOURCE = 16, DESTINATION = 32, VLAN = 48, SMAC = 52, DMAC_AND_END = 56, PARAMS_BYTES = 64 };
enum { KEY6 = DESTINATION - 8 };

struct lookup {
	struct buffer params;
	struct value *flags;
	struct fails f;
	unsigned int links, routes, hops; /* maps */
	int six;
};

static struct value *get(struct build *b, const struct lookup *l, int off, uint32_t size)
{
	return read_bytes(b, &l->params, off, size);
}

static void put(struct build *b, const struct lookup *l, int off, uint32_t size, struct value *data)
{
	write_bytes(b, &l->params, off, size, data);
}

/* A result BPF_FIB_LKUP_RET_*, which are positive. */
static struct block *result(struct build *b, struct lookup *l, int code)
{
	return fail(b, &l->f, -code);
}

static struct value *hop_word(struct build *b, const struct lookup *l, struct value *hop, int off, uint32_t size)
{
	return map_access(b, IR_MLD, l->hops, hop, off, size, NULL);
}

static struct value *look(struct build *b, enum ir_op op, unsigned int map, uint8_t region, struct value *x, struct value *y)
{
	struct value *v = emit(b, op, x, y);

	if (!v)
		return NULL;
	v->map = (uint8_t)map;
	v->region[0] = region;
	v->region[1] = R_NONE;
	return v;
}

/* ---- IPv6 addresses that never leave a link ---- */

static void check_stays(struct build *b, struct lookup *l, struct value *first, struct value *second)
{
	enum { MULTICAST = 0xff, LINK_LOCAL_MASK = 0xc0ff, LINK_LOCAL = 0x80fe };
	struct block *after;

	check(b, OP_JEQ, emit(b, IR_AND, first, konst(b, 0xff)), konst(b, MULTICAST), result(b, l, NOT_FWDED));
	check(b, OP_JEQ, emit(b, IR_AND, first, konst(b, LINK_LOCAL_MASK)), konst(b, LINK_LOCAL), result(b, l, NOT_FWDED));
	after = when(b, OP_JEQ, first, konst(b, 0));
	check(b, OP_JEQ, second, konst(b, 1ULL << 56), result(b, l, NOT_FWDED));
	end_when(b, after);
}

/* ---- looking up ---- */

static void check_link(struct build *b, struct lookup *l)
{
	struct value *link = look(b, IR_LOOKR, l->links, R_NONE, get(b, l, LINK, 4), konst(b, 0));

	check(b, OP_JEQ, link, konst(b, 0), fail(b, &l->f, E_NODEV));
	check(b, OP_JNSET, map_access(b, IR_MLD, l->links, link, 0, 1, NULL), konst(b, l->six ? FIB_FORWARDS6 : FIB_FORWARDS4),
	      result(b, l, FWD_DISABLED));
}

/* All ones where x is 0; x is below 2^32. */
static struct value *if_zero(struct build *b, struct value *x)
{
	return emit(b, IR_ARSH, emit(b, IR_SUB, x, konst(b, 1)), konst(b, 63));
}

/* 0, or with DIRECT the table that the parameters name, or else the main one. Linux has IPv4's local table in the main one. */
static struct value *table_of(struct build *b, struct lookup *l)
{
	struct value *direct = emit_field(b, IR_SBFX, l->flags, 0, 1), *named = emit_field(b, IR_SBFX, l->flags, 3, 1);
	struct value *both = emit(b, IR_AND, direct, named), *table;
	struct block *after;

	if (ir_is_const(l->flags) && !(l->flags->imm & DIRECT))
		return konst(b, 0);
	table = emit(b, IR_AND, get(b, l, VLAN, 4), both);
	table = emit(b, IR_OR, table, emit(b, IR_AND, if_zero(b, table), konst(b, FIB_MAIN)));
	if (!l->six)
		table = emit(b, IR_ADD, table, if_zero(b, emit(b, IR_XOR, table, konst(b, FIB_LOCAL))));
	after = when(b, OP_JNE, both, konst(b, 0));
	put(b, l, VLAN, 4, konst(b, 0));
	end_when(b, after);
	return emit(b, IR_AND, table, direct);
}

/* Parameters in a map may be others' too, and the NIC takes no key from there: it is made on the stack. */
static void put_key(struct build *b, int off, struct value *data)
{
	struct value *v = emit(b, IR_ST, ir_special(b->f, SR_FP), data);

	if (!v)
		return;
	v->imm = off - b->key_at;
	v->width = 8;
	v->region[0] = R_STACK;
}

static struct value *look_from_stack(struct build *b, const struct lookup *l, struct value *key)
{
	put_key(b, 0, key);
	put_key(b, 8, get(b, l, DESTINATION, 8));
	put_key(b, 16, get(b, l, DESTINATION + 8, 8));
	return look(b, IR_LOOK, l->routes, R_STACK, emit(b, IR_ADD, ir_special(b->f, SR_FP), konst(b, (uint64_t)(int64_t)-b->key_at)), NULL);
}

/* The value of the route. An IPv6 key is longer than two registers: what stands before the destination makes room for its first part, for so long. */
static struct value *look_up(struct build *b, struct lookup *l)
{
	struct value *table = table_of(b, l), *bits = konst(b, FIB_TABLE_BITS + (l->six ? 128 : 32)), *key, *kept, *found;

	key = emit(b, IR_OR, bits, emit(b, IR_LSH, table, konst(b, 32)));
	if (!l->six)
		return look(b, IR_LOOKR, l->routes, R_NONE, key, get(b, l, DESTINATION, 4));
	if (l->params.fact.region == R_MAP_VALUE)
		return look_from_stack(b, l, key);
	kept = get(b, l, KEY6, 8);
	put(b, l, KEY6, 8, key);
	found = look(b, IR_LOOK, l->routes, l->params.fact.region == R_STACK ? R_STACK : R_PKT,
		     l->params.fact.region == R_STACK && l->params.fact.off_known ?
			     emit(b, IR_ADD, ir_special(b->f, SR_FP), konst(b, (uint64_t)(l->params.fact.off + KEY6))) :
			     emit(b, IR_ADD, l->params.at, konst(b, KEY6)), NULL);
	put(b, l, KEY6, 8, kept);
	return found;
}

/* ---- answers ---- */

static void copy_words(struct build *b, const struct lookup *l, struct value *hop, int to, int from)
{
	put(b, l, to, 8, hop_word(b, l, hop, from, 8));
	put(b, l, to + 8, 8, hop_word(b, l, hop, from + 8, 8));
}

static void put_gateway(struct build *b, const struct lookup *l, struct value *hop, struct value *flags)
{
	struct block *after;

	if (!l->six) {
		after = when(b, OP_JSET, flags, konst(b, FIB_HAS_GATEWAY4 << 8));
		put(b, l, DESTINATION, 4, hop_word(b, l, hop, FIB_GATEWAY, 4));
		end_when(b, after);
	}
	after = when(b, OP_JSET, flags, konst(b, FIB_HAS_GATEWAY6 << 8));
	if (!l->six)
		put(b, l, FAMILY, 1, konst(b, INET6));
	copy_words(b, l, hop, DESTINATION, FIB_GATEWAY);
	end_when(b, after);
}

static void put_source(struct build *b, struct lookup *l, struct value *hop, struct value *flags)
{
	struct block *after = when(b, OP_JSET, l->flags, konst(b, SRC));

	if (l->six) {
		check(b, OP_JSET, flags, konst(b, FIB_NO_SOURCE << 8), result(b, l, NO_SRC_ADDR));
		copy_words(b, l, hop, SOURCE, FIB_SOURCE);
	} else {
		put(b, l, SOURCE, 4, hop_word(b, l, hop, FIB_SOURCE, 4));
	}
	end_when(b, after);
}

/* Step by step. */
static void answer(struct build *b, struct lookup *l, struct value *hop, struct value *length)
{
	struct value *slow = hop_word(b, l, hop, FIB_SLOW, 8), *code = emit_field(b, IR_UBFX, slow, 0, 8), *mtu = emit_field(b, IR_UBFX, slow, 32, 32);
	struct block *refused = ir_block(b->f, place(b)), *too_long = ir_block(b->f, place(b)), *at, *after;

	if (!refused || !too_long)
		return;
	check(b, OP_JLT, emit(b, IR_SUB, code, konst(b, BLACKHOLE)), konst(b, NOT_FWDED), refused);
	check(b, OP_JGT, length, mtu, too_long);
	check(b, OP_JEQ, code, konst(b, UNSUPP_LWT), result(b, l, UNSUPP_LWT));
	put(b, l, LINK, 8, hop_word(b, l, hop, FIB_OUT, 8));
	put_gateway(b, l, hop, slow);
	put_source(b, l, hop, slow);
	after = when(b, OP_JNSET, l->flags, konst(b, SKIP_NEIGH));
	check(b, OP_JEQ, code, konst(b, NO_NEIGH), result(b, l, NO_NEIGH));
	put(b, l, SMAC, 4, hop_word(b, l, hop, FIB_MACS + 4, 4));
	put(b, l, DMAC_AND_END, 8, hop_word(b, l, hop, FIB_MACS + 8, 8));
	end_when(b, after);
	put(b, l, VLAN, 4, konst(b, 0));
	put(b, l, LENGTH, 2, mtu);
	fail_here(b, &l->f, konst(b, 0));
	at = b->at;
	b->at = refused;
	fail_here(b, &l->f, code);
	b->at = too_long;
	put(b, l, LENGTH, 2, mtu);
	fail_here(b, &l->f, konst(b, FRAG_NEEDED));
	b->at = at;
}

static void answer_quickly(struct build *b, struct lookup *l, struct value *hop, struct value *quick, struct value *limit)
{
	struct block *after;

	put(b, l, LENGTH, 2, emit(b, IR_SUB, limit, konst(b, 1)));
	put(b, l, LINK, 8, hop_word(b, l, hop, FIB_OUT, 8));
	put(b, l, VLAN, 8, hop_word(b, l, hop, FIB_MACS, 8));
	put(b, l, DMAC_AND_END, 8, hop_word(b, l, hop, FIB_MACS + 8, 8));
	if (l->six) {
		after = when(b, OP_JNE, emit_field(b, IR_UBFX, quick, 32, 32), konst(b, 0));
		copy_words(b, l, hop, DESTINATION, FIB_GATEWAY);
		end_when(b, after);
	} else {
		put(b, l, DESTINATION, 4, emit_field(b, IR_UBFX, quick, 32, 32));
	}
	fail_here(b, &l->f, konst(b, 0));
}

static void look_up_family(struct build *b, struct lookup *l, int six)
{
	struct block *slow = ir_block(b->f, place(b));
	struct value *found, *hop, *length, *quick, *limit;

	l->six = six;
	l->routes = (unsigned int)map_named(b->c->prog, six ? FIB_ROUTES6 : FIB_ROUTES4);
	if (six) {
		check_stays(b, l, get(b, l, DESTINATION, 8), get(b, l, DESTINATION + 8, 8));
		check_stays(b, l, get(b, l, SOURCE, 8), get(b, l, SOURCE + 8, 8));
	}
	check_link(b, l);
	found = look_up(b, l);
	check(b, OP_JEQ, found, konst(b, 0), result(b, l, NOT_FWDED));
	hop = map_access(b, IR_MLD, l->routes, found, 0, 8, NULL);
	length = get(b, l, LENGTH, 2);
	if (!slow)
		return;
	check(b, OP_JSET, l->flags, konst(b, SKIP_NEIGH | SRC), slow);
	quick = hop_word(b, l, hop, FIB_QUICK, 8);
	limit = emit_field(b, IR_UBFX, quick, 0, 32);
	check(b, OP_JGE, length, limit, slow);
	answer_quickly(b, l, hop, quick, limit);
	b->at = slow;
	answer(b, l, hop, length);
}

/* The host may leave out what no program asks for. */
static void note_flags(struct build *b, const struct lookup *l)
{
	uint32_t may = ir_is_const(l->flags) ? (uint32_t)l->flags->imm & FLAGS : FLAGS & ~(uint32_t)OUTPUT;

	b->c->maps[map_named(b->c->prog, FIB_ROUTES4)].flags |= may;
}

/* r1 ctx, r2 parameters, r3 their size, r4 flags */
int build_fib(struct build *b)
{
	struct lookup l = { .params = buffer_of(b, 1), .flags = emit_field(b, IR_UBFX, b->var[4], 0, 32), .links = (unsigned int)map_named(b->c->prog, FIB_LINKS),
			    .hops = (unsigned int)map_named(b->c->prog, FIB_HOPS) };
	struct block *four = ir_block(b->f, place(b)), *six = ir_block(b->f, place(b)), *other = ir_block(b->f, place(b));
	struct value *family;

	if (ir_is_const(b->var[4]))
		l.flags = konst(b, (uint32_t)b->var[4]->imm);
	if (fail_start(b, &l.f) || !four || !six || !other || (l.params.fact.region == R_MAP_VALUE && key_reserve(b, NIC_LOOK_BYTES, "is in a map")))
		return -1;
	note_flags(b, &l);
	check(b, OP_JSLT, emit_field(b, IR_SBFX, b->var[3], 0, 32), konst(b, PARAMS_BYTES), fail(b, &l.f, E_INVAL));
	if (fact_at(b)->arg[1].size < PARAMS_BYTES)
		return fail_end(b, &l.f, konst(b, (uint64_t)-E_INVAL)); /* and no more may be looked at */
	check(b, OP_JGT, emit(b, IR_AND, l.flags, konst(b, ~(uint32_t)FLAGS)), konst(b, 0), fail(b, &l.f, E_INVAL));
	family = get(b, &l, FAMILY, 1);
	branch(b, OP_JEQ, family, konst(b, INET), ODDS_ONE - 3, four, other);
	b->at = other;
	branch(b, OP_JNE, family, konst(b, INET6), 3, fail(b, &l.f, E_AFNOSUPPORT), six);
	b->at = four;
	look_up_family(b, &l, 0);
	b->at = six;
	look_up_family(b, &l, 1);
	return fail_end(b, &l.f, NULL);
}
