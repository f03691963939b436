// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* One's complement sums that are folded to 16 bits are added up anew, for only their 16-bit words count: packet bytes side by side are read
 * eight at a time, which takes an addition of the last lane each, or six, which any lane adds, as there is room for carries. Bytes that the
 * program has stored are taken from where it has them, so that the sum need not wait for the store, which may have no other reader.
 *   st [data], x, 2; fold (oadd pkt[0..7], pkt[8..15]) -> fold (x + pkt[2..7] + ..) */
#include "opt.h"

enum { BYTES_MAX = 160, TERMS_MAX = 48,
       WIDE = 8, NARROW = 6,  /* bytes of a piece */
       REUSED = 4,            /* bytes of a store that are not read again for the sum alone */
       NARROW_BITS = 56,      /* so many bits of each can't overflow in the sum of all */
       QUARTER = 4 };         /* lanes are counted in quarters: what is narrower than four bytes will become one with its neighbours */

struct sum {
	struct func *f;
	struct value *root;
	uint64_t constant;
	struct opt_byte byte[BYTES_MAX]; /* of the packet */
	uint8_t odd[BYTES_MAX];          /* the byte counts 256 times */
	unsigned int n_bytes;
	struct value *rest[TERMS_MAX];
	unsigned int n_rest;
	uint8_t size[BYTES_MAX];         /* bytes of the piece that begins there */
	uint8_t longest[2][BYTES_MAX];   /* of the pieces that could, narrow and wide; 0: not known yet */
	unsigned int additions, last_lane, reads; /* that the sum has now and nobody else needs */
};

/* ---- what is added up ---- */

static int add_window(struct sum *s, struct value *v)
{
	unsigned int size = v->len / 8;

	if (s->n_bytes + size > BYTES_MAX)
		return 0;
	for (unsigned int n = 0; n < size; n++) {
		s->byte[s->n_bytes] = (struct opt_byte){ v, n };
		s->odd[s->n_bytes++] = n & 1;
	}
	s->reads += v->uses == 1;
	return 1;
}

/* Words side by side in one number count as they stand: x[15:0] + x[31:16] -> x[31:0] */
static struct value *joined(struct sum *s, const struct value *low, const struct value *high)
{
	struct value *v;

	if (low->op != IR_UBFX || high->op != IR_UBFX || low->arg[0] != high->arg[0] || low->len % 16 || low->shift + low->len != high->shift ||
	    low->len + high->len > NARROW_BITS)
		return NULL;
	v = opt_emit(s->f, s->root, IR_UBFX, low->arg[0], NULL);
	if (!v)
		return NULL;
	v->shift = low->shift;
	v->len = (uint8_t)(low->len + high->len);
	opt_bits(v);
	return v;
}

static int add_rest(struct sum *s, struct value *v)
{
	for (unsigned int n = 0; n < s->n_rest; n++) {
		struct value *both = joined(s, v, s->rest[n]);

		both = both ? both : joined(s, s->rest[n], v);
		if (both) {
			s->rest[n] = both;
			return 1;
		}
	}
	if (s->n_rest == TERMS_MAX)
		return 0;
	s->rest[s->n_rest++] = v;
	return 1;
}

/* Sums that others need stay as they are. */
static int collect(struct sum *s)
{
	struct value *todo[TERMS_MAX];
	unsigned int n = 0;

	todo[n++] = s->root->arg[0];
	while (n) {
		struct value *v = ir_resolve(todo[--n]);
		struct opt_byte first = { v, 0 };

		if (ir_is_const(v)) {
			s->constant = opt_sum_add(s->constant, (uint64_t)v->imm);
		} else if (opt_is_sum(v) && v->uses == 1 && n + 2 <= TERMS_MAX) {
			todo[n++] = v->arg[0];
			todo[n++] = v->arg[1];
			s->additions++;
			s->last_lane += v->op == IR_OADD;
		} else if (!(opt_bytes_is_packet(&first) ? add_window(s, v) : add_rest(s, v))) {
			return 0;
		}
	}
	return 1;
}

static void sort_bytes(struct sum *s)
{
	for (unsigned int n = 1; n < s->n_bytes; n++) {
		struct opt_byte b = s->byte[n];
		int64_t off = opt_bytes_offset(&b);
		uint8_t odd = s->odd[n];
		unsigned int at = n;

		for (; at && opt_bytes_offset(&s->byte[at - 1]) > off; at--) {
			s->byte[at] = s->byte[at - 1];
			s->odd[at] = s->odd[at - 1];
		}
		s->byte[at] = b;
		s->odd[at] = odd;
	}
}

/* ---- what the program has stored there ---- */

static const struct value *written(const struct sum *s, unsigned int n)
{
	const struct opt_byte *b = &s->byte[n];

	return opt_mem_written(s->f, b->v->here, opt_bytes_offset(b));
}

/* Are all bytes of the store added, from byte n on, and as it stands? */
static int is_whole(const struct sum *s, unsigned int n, const struct value *store)
{
	int64_t off = opt_bytes_offset(&s->byte[n]);

	if (off != store->imm || n + store->width > s->n_bytes || (s->odd[n] && store->width == WIDE))
		return 0;
	for (unsigned int k = 1; k < store->width; k++)
		if (written(s, n + k) != store || opt_bytes_offset(&s->byte[n + k]) != off + k || s->odd[n + k] != ((s->odd[n] + k) & 1))
			return 0;
	return 1;
}

static struct value *shift_odd(struct sum *s, struct value *v, int odd)
{
	return v && odd ? opt_emit(s->f, s->root, IR_LSH, v, ir_const(s->f, 8)) : v;
}

static int add_stored(struct sum *s, const struct value *store, int odd)
{
	struct value *v = ir_resolve(store->arg[1]);
	int swaps = store->swap && store->width > 1;

	if (swaps || v->bits > 8 * store->width) {
		v = opt_emit(s->f, s->root, swaps ? IR_BSWAP : IR_UBFX, v, NULL);
		if (!v)
			return 0;
		if (swaps)
			v->width = store->width;
		else
			v->len = (uint8_t)(8 * store->width);
		opt_bits(v);
	}
	v = shift_odd(s, v, odd);
	return v && add_rest(s, v);
}

/* A byte of a wide read may be older than the read's others. */
static struct opt_byte alone(const struct sum *s, struct opt_byte b)
{
	int64_t off = opt_bytes_offset(&b);
	uint32_t epoch = opt_mem_epoch(s->f, b.v->here, off, 1);
	struct value *v;

	if (epoch == b.v->epoch)
		return b;
	v = opt_emit(s->f, b.v, IR_WIN, NULL, NULL);
	if (!v)
		return b;
	v->imm = off;
	v->width = 1;
	v->len = 8;
	v->region[0] = R_PKT;
	v->epoch = epoch;
	opt_bits(v);
	return (struct opt_byte){ v, 0 };
}

/* Replaces byte n by what it was stored from: a constant, another byte of the packet, a whole number. Returns how many bytes that were, or 0. */
static unsigned int take_byte(struct sum *s, unsigned int n, unsigned int *kept)
{
	struct opt_byte b = s->byte[n], from = b;
	const struct value *store = written(s, n);

	if (store && store->block == b.v->block) {
		unsigned int k = (unsigned int)(opt_bytes_offset(&b) - store->imm);

		from = opt_byte_of(s->f, store->arg[1], store->swap ? store->width - 1 - k : k);
		if (ir_is_const(from.v)) {
			s->constant = opt_sum_add(s->constant, (uint64_t)from.v->imm << 8 * s->odd[n]);
			return 1;
		}
		if ((!opt_bytes_is_packet(&from) || store->width >= REUSED) && is_whole(s, n, store))
			return add_stored(s, store, s->odd[n]) ? store->width : 0;
		if (!opt_bytes_is_packet(&from))
			from = b;
	}
	s->odd[*kept] = s->odd[n];
	s->byte[(*kept)++] = alone(s, from);
	return 1;
}

static int look_through_stores(struct sum *s)
{
	unsigned int kept = 0;

	for (unsigned int n = 0, taken; n < s->n_bytes; n += taken) {
		taken = take_byte(s, n, &kept);
		if (!taken)
			return 0;
	}
	s->n_bytes = kept;
	return 1;
}

/* ---- pieces ---- */

static unsigned int find_piece(const struct sum *s, unsigned int at, unsigned int most)
{
	unsigned int n = 1;

	if (s->odd[at])
		most = NARROW;
	while (n < most && at + n < s->n_bytes && opt_bytes_offset(&s->byte[at + n]) == opt_bytes_offset(&s->byte[at]) + n &&
	       s->odd[at + n] == ((s->odd[at] + n) & 1))
		n++;
	while (n > 1 && opt_bytes_cost(s->f, s->byte + at, n))
		n--;
	return n;
}

/* How many bytes from there on are one read, at most so many. */
static unsigned int piece(struct sum *s, unsigned int at, unsigned int most)
{
	uint8_t *longest = &s->longest[most == WIDE][at];

	if (!*longest)
		*longest = (uint8_t)find_piece(s, at, most);
	return *longest;
}

/* With so many wide pieces, or as many as there are; returns all pieces. */
static unsigned int cut(struct sum *s, unsigned int *wide)
{
	unsigned int pieces = 0, left = *wide;

	*wide = 0;
	for (unsigned int at = 0; at < s->n_bytes; at += s->size[at], pieces++) {
		s->size[at] = (uint8_t)piece(s, at, left ? WIDE : NARROW);
		if (s->size[at] == WIDE) {
			left--;
			++*wide;
		}
	}
	return pieces;
}

struct lanes { unsigned int all, low, last; }; /* in quarters: how much of each the block takes without this sum, and with others in narrow pieces */

static unsigned int quarters(const struct value *v)
{
	int is_part = v->op == IR_WIN || (v->op == IR_ST && v->region[0] != R_MAP_VALUE);

	return is_part && v->width < QUARTER ? v->width : QUARTER;
}

static struct lanes lanes_of(const struct sum *s)
{
	struct lanes l = { 0, 0, 0 };
	unsigned int gone = QUARTER * (s->additions + s->reads);

	for (const struct value *v = s->root->block->first; v; v = v->next) {
		unsigned int n = quarters(v);

		if (ir_kinds[v->op] == KIND_LEAF || v->op == IR_PHI || v->op == IR_NOW || v->op == IR_COPY)
			continue;
		l.all += n;
		l.low += v->op == IR_WIN ? n : 0;
		l.last += opt_takes_last_lane(v) && v->op != IR_OADD ? n : 0;
	}
	l.all -= gone < l.all ? gone : l.all;
	l.low -= QUARTER * s->reads < l.low ? QUARTER * s->reads : l.low;
	return l;
}

static unsigned int most(unsigned int x, unsigned int y)
{
	return x > y ? x : y;
}

/* Bundles until all is added up: two reads a bundle, the wide ones first. */
static unsigned int height(unsigned int pieces, unsigned int wide)
{
	unsigned int narrow = pieces - wide, last = pieces ? (pieces - 1) / 2 + 1 : 0;
	unsigned int then = narrow ? last + (narrow > 2 ? 2 : narrow - 1) : 0;

	return wide && narrow ? most(wide, then) + 1 : most(wide, then);
}

/* Bundles that the block takes, about. */
static unsigned int time_of(const struct lanes *l, unsigned int pieces, unsigned int wide)
{
	enum { LANES = 3, LOW = 2, BEHIND = 3 };
	unsigned int additions = pieces ? pieces - 1 : 0;
	unsigned int last = l->last + QUARTER * wide, low = l->low + QUARTER * pieces, all = l->all + QUARTER * (pieces + additions);

	last = most(last, most((low + LOW - 1) / LOW, (all + LANES - 1) / LANES));
	return most((last + QUARTER - 1) / QUARTER, height(pieces, wide) + BEHIND);
}

static void choose_pieces(struct sum *s)
{
	struct lanes l = lanes_of(s);
	unsigned int best = 0, least = UINT32_MAX;

	for (unsigned int n = 0; n <= s->n_bytes / WIDE; n++) {
		unsigned int wide = n, pieces = cut(s, &wide), time = time_of(&l, pieces, wide);

		if (wide < n)
			break;
		if (time <= least) { /* of two, the one with fewer pieces */
			least = time;
			best = n;
		}
	}
	cut(s, &best);
}

/* ---- the new sum ---- */

static struct value *plus(struct sum *s, enum ir_op op, struct value *x, struct value *y)
{
	return x && y ? opt_emit(s->f, s->root, op, x, y) : x ? x : y;
}

/* Two by two, so that what comes late is not behind all others. */
static struct value *add_pieces(struct sum *s, struct value **wide)
{
	struct value *narrow = NULL, *pair = NULL;

	for (unsigned int at = 0; at < s->n_bytes; at += s->size[at]) {
		struct value *v = shift_odd(s, opt_bytes_value(s->f, s->root, s->byte + at, s->size[at], 1), s->odd[at]);

		if (s->size[at] == WIDE) {
			*wide = plus(s, IR_OADD, *wide, v);
		} else if (pair) {
			narrow = plus(s, IR_ADD, narrow, plus(s, IR_ADD, pair, v));
			pair = NULL;
		} else {
			pair = v;
		}
	}
	return plus(s, IR_ADD, narrow, pair);
}

static struct value *add_up(struct sum *s)
{
	struct value *wide = NULL, *narrow = add_pieces(s, &wide), *all;
	uint64_t k = opt_sum_fold(s->constant);

	if (narrow && k) {
		narrow = plus(s, IR_ADD, narrow, ir_const(s->f, k));
		k = 0;
	}
	for (unsigned int n = 0; n < s->n_rest; n++)
		if (s->rest[n]->bits > NARROW_BITS)
			wide = plus(s, IR_OADD, wide, s->rest[n]);
		else
			narrow = plus(s, IR_ADD, narrow, s->rest[n]);
	if (narrow && k) {
		narrow = plus(s, IR_ADD, narrow, ir_const(s->f, k));
		k = 0;
	}
	all = plus(s, IR_OADD, wide, narrow);
	return k || !all ? plus(s, IR_OADD, all, ir_const(s->f, k)) : all;
}

static int has_stores(const struct sum *s)
{
	for (unsigned int n = 0; n < s->n_bytes; n++)
		if (written(s, n))
			return 1;
	return 0;
}

/* Returns whether anything has changed. */
static int visit(struct sum *s)
{
	struct value *all;

	if (!collect(s) || (s->last_lane < 2 && s->additions < 2 && !has_stores(s)))
		return 0;
	sort_bytes(s);
	if (!look_through_stores(s))
		return 0;
	sort_bytes(s);
	choose_pieces(s);
	all = add_up(s);
	if (!all)
		return 0;
	if (ir_is_const(all))
		ir_replace(s->root, all);
	else
		s->root->arg[0] = all;
	return 1;
}

int opt_sum_run(struct compile *c)
{
	struct func *f = c->func;
	struct sum *s = arena_alloc(c->arena, sizeof(*s));
	int changed = 0;

	if (!s || opt_mem_number(f))
		return -1;
	opt_count_uses(f);
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v; v = v->next) {
			if (v->op != IR_FOLD)
				continue;
			memset(s, 0, sizeof(*s));
			s->f = f;
			s->root = v;
			changed |= visit(s);
		}
	if (c->arena->failed)
		return -1;
	return changed ? opt_dead_run(c) : 0; /* reads that nobody needs are in the way of stores */
}
