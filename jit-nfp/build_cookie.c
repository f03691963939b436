// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* bpf_tcp_raw_gen_syncookie_ipv4() and its three kin. A cookie is made as Linux makes it: a keyed hash of the connection, the client's sequence number, the minute, and,
 * under a second keyed hash, which of four segment sizes the client can take. The hash is SipHash-2-4; its keys are the host's (hw/spec/image.h). */
#include "build_bytes.h"
#include "build_ring.h"

enum { E_ACCES = 13, E_INVAL = 22 };
enum { COUNT_SHIFT = 24, COUNT_MASK = 0xff, SIZE_MASK = 0xffffff, COUNTS_VALID = 2 };
enum { TCP_BYTES = 20, IP4_PEERS = 12, IP6_PEERS = 8, IP6_PEERS_END = 40 }; /* of the headers; addresses of both ends */
enum { PORTS = 0, SEQUENCE = 4, ACKNOWLEDGED = 8, HEADER_LENGTH = 12 };
enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_SIZE = 2, OPTION_SIZE_BYTES = 4 };
enum { SIZES = 4 };

static const uint16_t sizes[2][SIZES] = { { 536, 1300, 1440, 1460 }, { 1220, 1420, 1440, 8940 } };

struct cookie {
	struct buffer ip, tcp;
	unsigned int map; /* of the keys */
	int six;
};

/* ---- SipHash-2-4 ---- */

struct sip {
	struct value *v[4];
};

static struct value *rotate(struct build *b, struct value *x, uint32_t by)
{
	return emit(b, IR_OR, emit(b, IR_LSH, x, konst(b, by)), emit(b, IR_RSH, x, konst(b, 64 - by)));
}

/* v[x] += v[y], v[y] is rotated and v[x] put over it. */
static void half_step(struct build *b, struct sip *s, int x, int y, uint32_t by)
{
	s->v[x] = emit(b, IR_ADD, s->v[x], s->v[y]);
	s->v[y] = emit(b, IR_XOR, rotate(b, s->v[y], by), s->v[x]);
}

static void two_rounds(struct build *b, struct sip *s)
{
	for (int n = 0; n < 2; n++) {
		half_step(b, s, 0, 1, 13);
		s->v[0] = rotate(b, s->v[0], 32);
		half_step(b, s, 2, 3, 16);
		half_step(b, s, 0, 3, 21);
		half_step(b, s, 2, 1, 17);
		s->v[2] = rotate(b, s->v[2], 32);
	}
}

static void absorb(struct build *b, struct sip *s, struct value *word)
{
	s->v[3] = emit(b, IR_XOR, s->v[3], word);
	two_rounds(b, s);
	s->v[0] = emit(b, IR_XOR, s->v[0], word);
}

/* A loop over the state: `counter` begins as init. */
static struct value *open_loop(struct build *b, struct sip *s, struct value *init)
{
	struct value *counter = loop_open(b, init);

	for (int n = 0; counter && n < 4; n++)
		s->v[n] = loop_value(b, s->v[n]);
	return counter;
}

/* Again while `next` is not `last`; `s` was the state at the head and `now` is the one here. */
static void close_loop(struct build *b, struct value *counter, struct sip *s, const struct sip *now, struct value *next, uint64_t last)
{
	struct block *again = ir_block(b->f, place(b)), *done = ir_block(b->f, place(b));

	if (!again || !done || !counter)
		return;
	branch(b, OP_JNE, next, konst(b, last), ODDS_ONE - 3, again, done);
	b->at = again;
	for (int n = 0; n < 4; n++)
		loop_next(s->v[n], now->v[n]);
	loop_close(b, counter, next);
	for (int n = 0; n < 4; n++)
		loop_end(s->v[n]);
	b->at = done;
	*s = *now;
}

static void absorb_addresses(struct build *b, const struct cookie *c, struct sip *s)
{
	struct sip now;
	struct value *at = open_loop(b, s, konst(b, IP6_PEERS));
	struct buffer here = c->ip;

	if (!at)
		return;
	here.at = emit(b, IR_ADD, here.at, at);
	here.fact.off_known = 0;
	here.fact.off = 0;
	now = *s;
	absorb(b, &now, read_bytes(b, &here, 0, 8));
	close_loop(b, at, s, &now, emit(b, IR_ADD, at, konst(b, 8)), IP6_PEERS_END);
}

/* The last two words, or one where second is NULL, the length, and four rounds more: absorbing 0 twice. Bits of the counter say when they begin. */
static void finish(struct build *b, struct sip *s, struct value *first, struct value *second, uint32_t length)
{
	struct value *word, *next, *then, *zero = konst(b, 0), *end = konst(b, (uint64_t)length << 56), *counter;
	struct sip now;

	counter = open_loop(b, s, konst(b, second ? 0x100ff000000ULL : 0x100ff0000ULL));
	word = loop_value(b, first);
	next = loop_value(b, second ? second : end);
	then = second ? loop_value(b, end) : zero;
	if (!counter || !word || !next || !then)
		return;
	now = *s;
	now.v[2] = emit(b, IR_XOR, now.v[2], emit_field(b, IR_UBFX, counter, 0, 8));
	absorb(b, &now, word);
	loop_next(word, next);
	loop_next(next, then);
	if (second)
		loop_next(then, zero);
	close_loop(b, counter, s, &now, emit(b, IR_RSH, counter, konst(b, 8)), 1);
	loop_end(word);
	loop_end(next);
	if (second)
		loop_end(then);
}

/* Of connection and count, under key 0 or 1: 32 bits of it. */
static struct value *hash(struct build *b, const struct cookie *c, int key, struct value *count)
{
	static const uint64_t start[4] = { 0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261, 0x7465646279746573 };
	struct value *base = map_base(b, c->map), *halves[2], *last;
	struct sip s;

	for (int n = 0; n < 2; n++)
		halves[n] = map_access(b, IR_MLD, c->map, base, 16 * key + 8 * n, 8, NULL);
	for (int n = 0; n < 4; n++)
		s.v[n] = emit(b, IR_XOR, halves[n % 2], konst(b, start[n]));
	last = emit(b, IR_OR, emit(b, IR_LSH, count, konst(b, 32)), read_bytes(b, &c->tcp, PORTS, 4));
	if (c->six)
		absorb_addresses(b, c, &s);
	finish(b, &s, c->six ? last : read_bytes(b, &c->ip, IP4_PEERS, 8), c->six ? NULL : last, c->six ? 40 : 16);
	return emit_w(b, IR_XOR, 1, emit(b, IR_XOR, s.v[0], s.v[1]), emit(b, IR_XOR, s.v[2], s.v[3]));
}

/* ---- cookies ---- */

static struct value *swapped(struct build *b, struct value *x, uint32_t width)
{
	struct value *v = emit(b, IR_BSWAP, x, NULL);

	if (v)
		v->width = (uint8_t)width;
	return v;
}

static struct value *tcp_word(struct build *b, const struct cookie *c, int off)
{
	return swapped(b, read_bytes(b, &c->tcp, off, 4), 4);
}

/* All ones if x < y, else 0; both are below 2^32. */
static struct value *if_below(struct build *b, struct value *x, uint32_t y)
{
	return emit(b, IR_ARSH, emit(b, IR_SUB, x, konst(b, y)), konst(b, 63));
}

/* The last option that says what segments the client takes, or 0: as Linux goes over them. */
static struct value *segment_option(struct build *b, const struct cookie *c, struct value *end)
{
	struct block *done = ir_block(b->f, place(b)), *one = ir_block(b->f, place(b)), *after = ir_block(b->f, place(b)), *plain = ir_block(b->f, place(b));
	struct value *at = loop_open(b, konst(b, TCP_BYTES)), *size = loop_value(b, konst(b, 0)), *kind, *bytes, *said, *way[3], *kept = b->var[0], *step;
	struct buffer here = c->tcp;

	if (!done || !one || !after || !plain || !size)
		return NULL;
	check(b, OP_JGE, at, end, done);
	here.at = emit(b, IR_ADD, here.at, at);
	here.fact.off_known = 0;
	here.fact.off = 0;
	kind = read_bytes(b, &here, 0, 1);
	check(b, OP_JEQ, kind, konst(b, OPTION_END), done);
	check(b, OP_JEQ, kind, konst(b, OPTION_NOP), one);
	check(b, OP_JGT, emit(b, IR_ADD, at, konst(b, 2)), end, done);
	bytes = read_bytes(b, &here, 1, 1);
	check(b, OP_JLT, bytes, konst(b, 2), done);
	check(b, OP_JGT, emit(b, IR_ADD, at, bytes), end, done);
	check(b, OP_JNE, kind, konst(b, OPTION_SIZE), plain);
	check(b, OP_JNE, bytes, konst(b, OPTION_SIZE_BYTES), plain);
	said = swapped(b, read_bytes(b, &here, 2, 2), 2);
	check(b, OP_JEQ, said, konst(b, 0), plain);
	/* bytes to go on, and above them the size */
	way[0] = emit(b, IR_OR, emit(b, IR_LSH, said, konst(b, 8)), konst(b, OPTION_SIZE_BYTES));
	jump(b, after);
	b->at = one;
	way[1] = emit(b, IR_OR, emit(b, IR_LSH, size, konst(b, 8)), konst(b, 1));
	jump(b, after);
	b->at = plain;
	way[2] = emit(b, IR_OR, emit(b, IR_LSH, size, konst(b, 8)), bytes);
	jump(b, after);
	join(b, after, way, 3);
	step = b->var[0];
	b->var[0] = kept;
	loop_next(size, emit_field(b, IR_UBFX, step, 8, 16));
	loop_close(b, at, emit(b, IR_ADD, at, emit_field(b, IR_UBFX, step, 0, 8)));
	loop_end(size);
	b->at = done;
	return size;
}

/* Without an option, the least of the table. */
static struct value *size_number(struct build *b, const struct cookie *c, struct value *size)
{
	struct value *n = konst(b, SIZES - 1);

	size = emit(b, IR_OR, size, emit(b, IR_AND, if_below(b, size, 1), konst(b, sizes[c->six][0])));
	for (int k = 1; k < SIZES; k++)
		n = emit(b, IR_ADD, n, if_below(b, size, sizes[c->six][k]));
	return n;
}

static struct value *size_of(struct build *b, const struct cookie *c, struct value *number)
{
	struct value *size = konst(b, sizes[c->six][SIZES - 1]);

	for (uint32_t k = 1; k < SIZES; k++)
		size = emit(b, IR_SUB, size, emit(b, IR_AND, if_below(b, number, k), konst(b, (uint64_t)sizes[c->six][k] - sizes[c->six][k - 1])));
	return size;
}

/* r1 IP header, r2 TCP header, r3 its length */
static int generate(struct build *b, struct cookie *c)
{
	struct value *length = emit_field(b, IR_UBFX, b->var[3], 0, 32), *count, *size, *cookie, *hidden;
	struct fails f;

	if (fail_start(b, &f))
		return -1;
	if (fact_at(b)->arg[1].size < TCP_BYTES)
		return fail_end(b, &f, konst(b, (uint64_t)-E_INVAL)); /* and no more may be looked at */
	check(b, OP_JLT, length, konst(b, TCP_BYTES), fail(b, &f, E_INVAL));
	check(b, OP_JNE, length, emit(b, IR_LSH, emit_field(b, IR_UBFX, read_bytes(b, &c->tcp, HEADER_LENGTH, 1), 4, 4), konst(b, 2)),
	      fail(b, &f, E_INVAL));
	size = size_number(b, c, segment_option(b, c, length));
	count = cookie_count(b);
	cookie = emit_w(b, IR_ADD, 1, hash(b, c, 0, konst(b, 0)), tcp_word(b, c, SEQUENCE));
	cookie = emit_w(b, IR_ADD, 1, cookie, emit(b, IR_LSH, count, konst(b, COUNT_SHIFT)));
	hidden = emit(b, IR_AND, emit(b, IR_ADD, hash(b, c, 1, count), size), konst(b, SIZE_MASK));
	cookie = emit_w(b, IR_ADD, 1, cookie, hidden);
	return fail_end(b, &f, emit(b, IR_OR, cookie, emit(b, IR_LSH, size_of(b, c, size), konst(b, 32))));
}

/* r1 IP header, r2 TCP header of the client's acknowledgement */
static int verify(struct build *b, struct cookie *c)
{
	struct value *cookie = emit(b, IR_SUB, tcp_word(b, c, ACKNOWLEDGED), konst(b, 1)), *count, *age, *size;
	struct fails f;

	if (fail_start(b, &f))
		return -1;
	count = cookie_count(b);
	cookie = emit_w(b, IR_SUB, 1, cookie, emit(b, IR_SUB, emit(b, IR_ADD, hash(b, c, 0, konst(b, 0)), tcp_word(b, c, SEQUENCE)), konst(b, 1)));
	age = emit(b, IR_AND, emit(b, IR_SUB, count, emit(b, IR_RSH, cookie, konst(b, COUNT_SHIFT))), konst(b, COUNT_MASK));
	check(b, OP_JGE, age, konst(b, COUNTS_VALID), fail(b, &f, E_ACCES));
	size = emit(b, IR_SUB, cookie, hash(b, c, 1, emit_w(b, IR_SUB, 1, count, age)));
	check(b, OP_JGE, emit(b, IR_AND, size, konst(b, SIZE_MASK)), konst(b, SIZES), fail(b, &f, E_ACCES));
	return fail_end(b, &f, konst(b, 0));
}

int build_cookie(struct build *b)
{
	int helper = insn_at(b)->imm;
	struct cookie c = { .ip = buffer_of(b, 0), .tcp = buffer_of(b, 1), .map = (unsigned int)map_named(b->c->prog, COOKIE_KEYS),
			    .six = helper == HELPER_TCP_RAW_GEN_SYNCOOKIE_IPV6 || helper == HELPER_TCP_RAW_CHECK_SYNCOOKIE_IPV6 };

	return helper == HELPER_TCP_RAW_GEN_SYNCOOKIE_IPV4 || helper == HELPER_TCP_RAW_GEN_SYNCOOKIE_IPV6 ? generate(b, &c) : verify(b, &c);
}
