// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Helpers that go over the bytes of a buffer: checksums, copies from and to the packet, comparing strings. */
#include "build_bytes.h"
#include "build_ring.h"
#include "helpers.h"

enum { E_FAULT = 14, E_INVAL = 22, UNROLLED = 64, SUM_UNROLLED = 160, PACKET_LIMIT = 0xffff, SKB_STORE_FLAGS = 3 }; /* errno; bytes */

struct buffer buffer_of(struct build *b, unsigned int arg)
{
	return (struct buffer){ fact_at(b)->arg[arg], b->var[arg + 1] };
}

static int is_known(struct build *b, unsigned int arg, const struct buffer *m)
{
	if (m->fact.region != R_NONE || !m->fact.size)
		return 1;
	error(b->c, (int)place(b), "argument %u of bpf_%s points into different maps on different paths", arg + 1,
	      helper_called(insn_at(b))->name);
	error_note(b->c, "copy it to one local variable first");
	return 0;
}

/* Words of the stack must be aligned. */
static uint32_t widest(const struct buffer *m, int64_t off)
{
	uint32_t size = 8;

	if (m->fact.region != R_STACK)
		return size;
	if (!m->fact.off_known)
		return 1;
	while ((m->fact.off + off) % size)
		size /= 2;
	return size;
}

/* Of a stack buffer the memory itself: its bytes may also be variables, which are not looked at here. */
static struct value *place_in(struct build *b, const struct buffer *m, int64_t off, struct arg_fact *where, int32_t *at)
{
	*where = m->fact;
	where->off += off;
	*at = (int32_t)off;
	if (m->fact.region != R_STACK || !m->fact.off_known)
		return m->at;
	where->off_known = 0;
	*at = (int32_t)where->off;
	return ir_special(b->f, SR_FP);
}

struct value *read_bytes(struct build *b, const struct buffer *m, int64_t off, uint32_t size)
{
	struct arg_fact where;
	struct value *v = NULL;
	uint32_t each = widest(m, off);
	int32_t at;

	each = each < size ? each : size;
	for (uint32_t n = 0; n < size; n += each) {
		struct value *base = place_in(b, m, off + n, &where, &at), *part = load(b, &where, base, at, each, 0);

		if (n)
			part = emit(b, IR_LSH, part, konst(b, 8U * n));
		v = n ? emit(b, IR_OR, v, part) : part;
	}
	return v;
}

void write_bytes(struct build *b, const struct buffer *m, int64_t off, uint32_t size, struct value *data)
{
	struct arg_fact where;
	uint32_t each = widest(m, off);
	int32_t at;

	each = each < size ? each : size;
	for (uint32_t n = 0; n < size; n += each) {
		struct value *base = place_in(b, m, off + n, &where, &at);

		store(b, &where, base, at, each, n ? emit_field(b, IR_UBFX, data, 8 * n, 8 * each) : data);
	}
}

struct buffer buffer_moved(struct build *b, const struct buffer *m, struct value *by)
{
	struct buffer at = { m->fact, emit(b, IR_ADD, m->at, by) };

	at.fact.off_known = 0;
	at.fact.off = 0;
	return at;
}

/* ---- checksums ---- */

static struct value *complement32(struct build *b, struct value *x)
{
	return emit_w(b, IR_XOR, 1, x, konst(b, 0xffffffff));
}

/* A sum of 64 bits as the kernel has it in 32: 0 only if it is 0. */
static struct value *fold32(struct build *b, struct value *x)
{
	struct value *sum = emit(b, IR_ADD, emit_field(b, IR_UBFX, x, 32, 32), emit_field(b, IR_UBFX, x, 0, 32));

	return emit(b, IR_ADD, emit_field(b, IR_UBFX, sum, 32, 32), emit_field(b, IR_UBFX, sum, 0, 32));
}

/* The last 1 to 3 bytes, filled up with zeroes. */
static struct value *read_rest(struct build *b, const struct buffer *m, uint32_t at, uint32_t n)
{
	struct value *low = n >= 2 ? read_bytes(b, m, at, 2) : read_bytes(b, m, at, 1);

	return n < 3 ? low : emit(b, IR_OR, low, emit(b, IR_LSH, read_bytes(b, m, at + 2, 1), konst(b, 16)));
}

/* What it starts from comes last: it may be known late, and the same bytes may be summed again. */
static struct value *sum_constant(struct build *b, const struct buffer *m, struct value *init)
{
	struct value *sum = konst(b, 0);
	uint32_t at = 0;

	for (uint32_t size = 8; size >= 4; size /= 2)
		for (; m->fact.size - at >= size; at += size)
			sum = emit(b, IR_OADD, sum, read_bytes(b, m, at, size));
	if (at < m->fact.size)
		sum = emit(b, IR_OADD, sum, read_rest(b, m, at, m->fact.size - at));
	return emit(b, IR_OADD, sum, init);
}

/* By words of eight bytes, or four, or the rest byte by byte. */
static struct value *sum_loop(struct build *b, const struct buffer *m, struct value **start, struct value *size, uint32_t step, struct value *init)
{
	struct block *more = ir_block(b->f, place(b)), *done = ir_block(b->f, place(b));
	struct value *at = loop_open(b, *start), *sum = loop_value(b, init), *part, *next;
	struct buffer here;

	if (!more || !done || !sum)
		return NULL;
	next = emit(b, IR_ADD, at, konst(b, step));
	branch(b, OP_JGT, next, size, ODDS_ONE / 4, done, more);
	b->at = more;
	here = buffer_moved(b, m, at);
	part = read_bytes(b, &here, 0, step);
	if (step == 1)
		part = emit(b, IR_LSH, part, emit(b, IR_LSH, emit(b, IR_AND, at, konst(b, 3)), konst(b, 3)));
	loop_next(sum, emit(b, IR_OADD, sum, part));
	loop_close(b, at, next);
	loop_end(sum);
	b->at = done;
	*start = at;
	return sum;
}

static struct value *sum_variable(struct build *b, const struct buffer *m, struct value *size, struct value *init)
{
	struct value *at = konst(b, 0), *sum = sum_loop(b, m, &at, size, 8, init);

	if (sum)
		sum = sum_loop(b, m, &at, size, 4, sum);
	return sum ? sum_loop(b, m, &at, size, 1, sum) : NULL;
}

static struct value *sum_of(struct build *b, unsigned int arg, struct value *size, struct value *init)
{
	struct buffer m = buffer_of(b, arg);

	if (!m.fact.size)
		return init;
	if (!is_known(b, arg, &m))
		return NULL;
	if (m.fact.size_known && m.fact.size <= SUM_UNROLLED)
		return sum_constant(b, &m, init);
	return sum_variable(b, &m, size, init);
}

/* The kernel's bpf_csum_diff(), case by case: the result is 0 only where the kernel's is. */
static struct value *difference(struct build *b, struct value *from_size, struct value *to_size, struct value *seed)
{
	uint32_t from_most = fact_at(b)->arg[0].size, to_most = fact_at(b)->arg[2].size;
	struct value *from, *to;

	if (!from_most)
		return emit(b, IR_FOLD, sum_of(b, 2, to_size, seed), NULL);
	if (!to_most) {
		from = fold32(b, sum_of(b, 0, from_size, complement32(b, seed)));
		return emit(b, IR_FOLD, complement32(b, from), NULL);
	}
	to = sum_of(b, 2, to_size, seed);
	from = fold32(b, sum_of(b, 0, from_size, konst(b, 0)));
	return emit(b, IR_FOLD, emit(b, IR_OADD, to, complement32(b, from)), NULL);
}

/* A size of which only the limit is known may be 0, which makes it another case. */
static struct value *size_of(struct build *b, unsigned int arg)
{
	const struct arg_fact *m = &fact_at(b)->arg[arg];

	return m->size_known ? konst(b, m->size) : emit_field(b, IR_UBFX, b->var[arg + 2], 0, 32);
}

static int may_be_empty(const struct build *b, unsigned int arg)
{
	return fact_at(b)->arg[arg].size && !fact_at(b)->arg[arg].size_known;
}

static int csum_diff(struct build *b)
{
	struct value *from_size = size_of(b, 0), *to_size = size_of(b, 2), *seed = emit_field(b, IR_UBFX, b->var[5], 0, 32), *result[3];
	struct block *after = ir_block(b->f, place(b)), *block;
	int n = 0;

	if (!after)
		return -1;
	if (may_be_empty(b, 0)) { /* with nothing taken away, nothing is complemented */
		struct block *none = ir_block(b->f, place(b));

		check(b, OP_JEQ, from_size, konst(b, 0), none);
		block = b->at;
		b->at = none;
		result[n++] = emit(b, IR_FOLD, sum_of(b, 2, to_size, seed), NULL);
		jump(b, after);
		b->at = block;
	}
	if (may_be_empty(b, 2) && fact_at(b)->arg[0].size) {
		struct block *none = ir_block(b->f, place(b));

		check(b, OP_JEQ, to_size, konst(b, 0), none);
		block = b->at;
		b->at = none;
		result[n] = fold32(b, sum_of(b, 0, from_size, complement32(b, seed)));
		result[n] = emit(b, IR_FOLD, complement32(b, result[n]), NULL);
		n++;
		jump(b, after);
		b->at = block;
	}
	result[n++] = difference(b, from_size, to_size, seed);
	if (b->c->arena->failed || b->c->diag->text[0])
		return -1;
	jump(b, after);
	join(b, after, result, n);
	return 0;
}

/* ---- copies ---- */

static void copy_constant(struct build *b, const struct buffer *to, const struct buffer *from, uint32_t n)
{
	uint32_t at = 0;

	for (uint32_t size = 8; size; size /= 2)
		for (; n - at >= size; at += size)
			write_bytes(b, to, at, size, read_bytes(b, from, at, size));
}

/* By words of eight bytes, or byte by byte; returns where it stopped. */
static struct value *copy_loop(struct build *b, const struct buffer *to, const struct buffer *from, struct value *start, struct value *n, uint32_t step)
{
	struct block *more = ir_block(b->f, place(b)), *done = ir_block(b->f, place(b));
	struct value *at = loop_open(b, start), *next;
	struct buffer dst, src;

	if (!more || !done || !at)
		return NULL;
	next = emit(b, IR_ADD, at, konst(b, step));
	branch(b, OP_JGT, next, n, ODDS_ONE / 8, done, more);
	b->at = more;
	dst = buffer_moved(b, to, at);
	src = buffer_moved(b, from, at);
	write_bytes(b, &dst, 0, step, read_bytes(b, &src, 0, step));
	loop_close(b, at, next);
	b->at = done;
	return at;
}

static void copy_variable(struct build *b, const struct buffer *to, const struct buffer *from, struct value *n)
{
	struct value *at = copy_loop(b, to, from, konst(b, 0), n, 8);

	if (at)
		copy_loop(b, to, from, at, n, 1);
}

/* Between the program's bytes and the packet's n at `offset`, which is var[2] and was checked. */
static void copy_packet(struct build *b, const struct buffer *own, struct value *offset, struct value *n, int loads)
{
	struct buffer packet = { .at = emit(b, IR_ADD, emit_place(b, SR_DATA), offset), .fact = { .region = R_PKT } };
	const struct buffer *to = loads ? own : &packet, *from = loads ? &packet : own;

	if (ir_is_const(b->var[2])) {
		packet.fact.off_known = 1;
		packet.fact.off = (int32_t)b->var[2]->imm;
	}
	if (own->fact.size_known && own->fact.size <= UNROLLED)
		copy_constant(b, to, from, own->fact.size);
	else
		copy_variable(b, to, from, n);
}

/* The checks are the kernel's, in its order. */
static int packet_bytes(struct build *b, int loads)
{
	struct value *offset = emit_field(b, IR_UBFX, b->var[2], 0, 32), *result[3];
	struct value *n = fact_at(b)->arg[2].size_known ? konst(b, fact_at(b)->arg[2].size) : emit_field(b, IR_UBFX, b->var[4], 0, 32);
	struct block *fault = ir_block(b->f, place(b)), *beyond = ir_block(b->f, place(b)), *after = ir_block(b->f, place(b)), *good;
	struct buffer own = buffer_of(b, 2);

	if (!fault || !beyond || !after || !is_known(b, 2, &own))
		return -1;
	check(b, OP_JGT, offset, konst(b, PACKET_LIMIT), fault);
	check(b, OP_JGT, n, konst(b, PACKET_LIMIT), fault);
	check(b, OP_JGT, emit(b, IR_ADD, offset, n), emit_place(b, SR_LEN), beyond);
	copy_packet(b, &own, offset, n, loads);
	good = b->at;
	if (b->c->arena->failed)
		return -1;
	b->at = fault;
	jump(b, after);
	b->at = beyond;
	jump(b, after);
	b->at = good;
	jump(b, after);
	result[0] = konst(b, (uint64_t)-E_FAULT);
	result[1] = konst(b, (uint64_t)-E_INVAL);
	result[2] = konst(b, 0);
	join(b, after, result, 3);
	return 0;
}

/* What was not loaded is zero. */
static void clear(struct build *b, const struct buffer *to, struct value *n)
{
	struct block *more = ir_block(b->f, place(b)), *done = ir_block(b->f, place(b));
	struct value *at;
	struct buffer dst;

	if (to->fact.size_known && to->fact.size <= UNROLLED) {
		for (uint32_t k = 0, size = 8; size; size /= 2)
			for (; to->fact.size - k >= size; k += size)
				write_bytes(b, to, k, size, konst(b, 0));
		return;
	}
	at = loop_open(b, konst(b, 0));
	if (!more || !done || !at)
		return;
	branch(b, OP_JGE, at, n, ODDS_ONE / 8, done, more);
	b->at = more;
	dst = buffer_moved(b, to, at);
	write_bytes(b, &dst, 0, 1, konst(b, 0));
	loop_close(b, at, emit(b, IR_ADD, at, konst(b, 1)));
	b->at = done;
}

/* bpf_skb_load_bytes and bpf_skb_store_bytes. The NIC's packets have no checksums aside that the flags could be about. */
static int skb_bytes(struct build *b, int loads)
{
	struct value *offset = emit_field(b, IR_UBFX, b->var[2], 0, 32), *result[3];
	struct value *n = fact_at(b)->arg[2].size_known ? konst(b, fact_at(b)->arg[2].size) : emit_field(b, IR_UBFX, b->var[4], 0, 32);
	struct block *fault = ir_block(b->f, place(b)), *invalid = ir_block(b->f, place(b)), *after = ir_block(b->f, place(b)), *good;
	struct buffer own = buffer_of(b, 2);

	if (!fault || !invalid || !after || !is_known(b, 2, &own))
		return -1;
	if (!loads)
		check(b, OP_JSET, b->var[5], konst(b, ~(uint64_t)SKB_STORE_FLAGS), invalid);
	check(b, OP_JGT, emit(b, IR_ADD, offset, n), emit_place(b, SR_LEN), fault);
	copy_packet(b, &own, offset, n, loads);
	good = b->at;
	if (b->c->arena->failed)
		return -1;
	b->at = fault;
	if (loads)
		clear(b, &own, n);
	jump(b, after);
	if (!loads) {
		b->at = invalid;
		jump(b, after);
	}
	b->at = good;
	jump(b, after);
	result[0] = konst(b, (uint64_t)-E_FAULT);
	result[1] = konst(b, loads ? 0 : (uint64_t)-E_INVAL);
	result[2] = konst(b, 0);
	join(b, after, result, loads ? 2 : 3);
	return 0;
}

/* In the kernel's order, which shows where the two overlap: words of eight bytes, then one each of four, two and one. */
static void copy_in_order(struct build *b, const struct buffer *to, const struct buffer *from, struct value *n)
{
	struct value *at = konst(b, 0);

	for (uint32_t step = 8; step && at; step /= 2)
		at = copy_loop(b, to, from, at, n, step);
}

/* bpf_probe_read_kernel(to, size, from). What the packet does not have can't be read; the kernel would give what lies behind it. */
static int probe_read(struct build *b)
{
	struct buffer to = buffer_of(b, 0), from = buffer_of(b, 2);
	struct value *n = to.fact.size_known ? konst(b, to.fact.size) : emit_field(b, IR_UBFX, b->var[2], 0, 32);
	struct fails f;

	if (fail_start(b, &f) || !is_known(b, 0, &to) || !is_known(b, 2, &from))
		return -1;
	if (from.fact.region == R_PKT) {
		struct value *offset = emit(b, IR_SUB, from.at, emit_place(b, SR_DATA)), *length = emit_place(b, SR_LEN);
		struct block *beyond = ir_block(b->f, place(b)), *good;

		if (!beyond)
			return -1;
		check(b, OP_JGT, offset, length, beyond);
		check(b, OP_JGT, emit(b, IR_ADD, offset, n), length, beyond);
		good = b->at;
		b->at = beyond;
		clear(b, &to, n);
		jump(b, fail(b, &f, E_FAULT));
		b->at = good;
	}
	if (to.fact.size_known && to.fact.size <= UNROLLED)
		copy_constant(b, &to, &from, to.fact.size);
	else
		copy_in_order(b, &to, &from, n);
	return fail_end(b, &f, konst(b, 0));
}

int build_bytes(struct build *b)
{
	switch (insn_at(b)->imm) {
	case HELPER_PROBE_READ_KERNEL:
		return probe_read(b);
	case HELPER_SKB_LOAD_BYTES:
		return skb_bytes(b, 1);
	case HELPER_SKB_STORE_BYTES:
		return skb_bytes(b, 0);
	case HELPER_CSUM_DIFF:
		return csum_diff(b);
	case HELPER_XDP_LOAD_BYTES:
		return packet_bytes(b, 1);
	default:
		return packet_bytes(b, 0);
	}
}
