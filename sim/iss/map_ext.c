// SPDX-License-Identifier: Apache-2.0
#include "map_ext.h"

#include <string.h>

#include "map_value.h"

void map_ext_reset(struct map_ext *x, unsigned int cores, unsigned int units, unsigned int mib)
{
	memset(x, 0, sizeof(*x));
	x->cores = cores;
	x->units = units;
	x->mib = mib;
	x->after = ~0u;
}

static void put_answer(struct map_ext *x, const struct ext_answer *a)
{
	x->answer[(x->answer_head + x->answer_count++) % EXT_ANSWERS] = *a;
}

static unsigned int engine(const struct map_ext *x)
{
	return x->cores + x->units;
}

static uint32_t line_of(uint32_t word)
{
	return (word & (EXT_BIT - 1)) / 8;
}

/* Lines that share a place wait for each other. */
static unsigned int place_of(uint32_t word)
{
	uint32_t line = line_of(word);

	return (line ^ line >> 7) % EXT_PLACES;
}

static bool is_store(const struct ext_request *r)
{
	return !r->atomic && (r->mask || r->whole);
}

static const struct ext_read *ring(const struct map_ext *x)
{
	return &x->ring[x->ring_head % NIC_EXT_READS];
}

/* What is true of a cycle from its start on. */
struct now {
	bool store;           /* one goes to the bus */
	bool drop;            /* what has come is of no use any more */
	bool leaves, free;    /* what has come; room for the next line */
	bool take;            /* of a line */
};

static struct now now_of(const struct map_ext *x, const struct ext_in *in, bool r_valid)
{
	bool atomic = x->back && x->back_read.r.atomic;
	struct now n = {.store = x->taken && is_store(&x->take.r), .drop = x->back_drop || in->stop};
	bool room = !n.store && x->tag_count < NIC_EXT_WRITES && x->aw_count < NIC_EXT_FIFO && x->w_count < NIC_EXT_FIFO;

	n.leaves = x->back && x->answer_count < EXT_ANSWERS && (!atomic || room);
	n.free = !x->back || n.leaves;
	n.take = x->ring_count && n.free && (ring(x)->none || r_valid);
	return n;
}

void map_ext_pins(struct map_ext *x, const struct ext_in *in, struct host_bus_in *pins)
{
	const struct ext_row *row = &x->w[x->w_head % NIC_EXT_FIFO];
	struct now n = now_of(x, in, true);
	uint64_t word = row->whole ? 0 : row->word;

	memset(pins, 0, sizeof(*pins));
	for (unsigned int i = 0; i < 8; i++)
		memcpy(x->row + 8 * i, &word, 8);
	pins->ar_valid = x->ar_count;
	pins->ar_addr = (uint64_t)x->ar[x->ar_head % NIC_EXT_FIFO] * HOST_BUS_ROW;
	pins->aw_valid = x->aw_count;
	pins->aw_addr = (uint64_t)x->aw[x->aw_head % NIC_EXT_FIFO] * HOST_BUS_ROW;
	pins->w_valid = x->w_count;
	pins->w_last = true;
	pins->w_strb = row->whole ? UINT64_MAX : (uint64_t)row->mask << 8 * row->at;
	pins->w_data = x->row;
	pins->r_ready = n.take && !ring(x)->none;
}

/* The requester whose turn it is; counts are those of the cycle's start. */
static int pick(struct map_ext *x, const struct ext_in *in)
{
	bool held = x->back && x->back_read.r.atomic;
	bool read_room = x->ring_count <= NIC_EXT_READS - 2 && x->ar_count <= NIC_EXT_FIFO - 2;
	bool store_room = !held && x->tag_count <= NIC_EXT_WRITES - 2 && x->aw_count <= NIC_EXT_FIFO - 2 &&
			  x->w_count <= NIC_EXT_FIFO - 2;
	uint32_t want = 0;
	int winner;

	for (unsigned int i = 0; i <= engine(x); i++) {
		const struct ext_request *r = in->head[i];

		if (r && !in->stop && !x->changing[place_of(r->word)] && (is_store(r) ? store_room : read_room))
			want |= 1u << i;
	}
	if (in->stop)
		x->after = ~0u;
	if (!want)
		return -1;
	winner = __builtin_ctz(want & x->after ? want & x->after : want);
	x->after = ~1u << winner;
	return winner;
}

static void push_write(struct map_ext *x, uint32_t word, const struct ext_row *row)
{
	x->aw[(x->aw_head + x->aw_count++) % NIC_EXT_FIFO] = line_of(word);
	x->w[(x->w_head + x->w_count++) % NIC_EXT_FIFO] = *row;
	x->tag[(x->tag_head + x->tag_count++) % NIC_EXT_WRITES] = (uint8_t)place_of(word);
}

/* The request granted in the cycle before goes to the bus. */
static void send(struct map_ext *x, struct ext_out *out)
{
	const struct ext_request *r = &x->take.r;

	if (!is_store(r)) {
		x->ring[(x->ring_head + x->ring_count++) % NIC_EXT_READS] = x->take;
		if (!x->take.none)
			x->ar[(x->ar_head + x->ar_count++) % NIC_EXT_FIFO] = line_of(r->word);
	} else if (x->take.none) {
		x->changing[place_of(r->word)] = false;
		out->write_error = true;
	} else {
		push_write(x, r->word, &(struct ext_row){.at = r->word % 8, .mask = r->mask, .whole = r->whole, .word = r->b});
	}
}

static uint64_t mask_of(unsigned int bytes)
{
	return bytes == 8 ? UINT64_MAX : (1ull << 8 * bytes) - 1;
}

static void change(struct map_ext *x, uint64_t word, bool drop)
{
	const struct ext_request *r = &x->back_read.r;
	unsigned int at = r->w32 ? r->off & 4 : 0;
	uint64_t old = r->w32 ? (uint32_t)(word >> 8 * at) : word;
	uint64_t v = map_value_atomic(r->op, r->w32, old, r->b, r->c);

	if (drop || x->back_error) {
		x->changing[place_of(r->word)] = false;
		return;
	}
	if (r->w32)
		v = (uint32_t)v * 0x100000001ull;
	push_write(x, r->word,
		   &(struct ext_row){.at = r->word % 8, .mask = (uint8_t)((r->w32 ? 0xfu : 0xffu) << at), .word = v});
}

static void tile_word(struct map_ext *x, uint64_t word)
{
	const struct ext_request *r = &x->back_read.r;
	unsigned int tile = x->back_read.source, shift = 8 * r->off;
	bool fault = x->back_error || (r->second && x->before_error[tile]);
	uint64_t low = r->second ? x->before[tile] : word, v = shift ? low >> shift | word << (64 - shift) : low;

	if (!r->respond) {
		if (r->atomic)
			return;
		x->before[tile] = word;
		x->before_error[tile] = x->back_error;
		return;
	}
	v = map_value_bytes(v & mask_of(r->width), r->width, r->swap, r->sign);
	put_answer(x, &(struct ext_answer){.tile = (uint8_t)tile, .thread = r->thread, .fault = fault, .value = v});
}

/* The line that has come is done with. */
static void leave(struct map_ext *x, bool drop, struct ext_out *out)
{
	uint64_t word = x->half[x->back_read.r.word % 4];

	x->back = false;
	if (x->back_read.r.atomic)
		change(x, word, drop);
	if (drop)
		return;
	out->read_error = x->back_error;
	if (x->back_read.source < x->cores) {
		tile_word(x, word);
	} else if (x->back_read.source == engine(x)) {
		out->port_done = true;
		out->port_thread = x->back_read.r.thread;
		out->port_word = word;
		out->port_error = x->back_error;
	} else if (!x->back_read.r.atomic) {
		out->look_done = true;
		out->look_error = x->back_error;
		out->look_unit = x->back_read.source - x->cores;
		out->look = x->back_read.r;
		memcpy(out->half, x->half, sizeof(out->half));
	}
}

static void take_line(struct map_ext *x, const struct ext_in *in, const struct host_bus_out *bus)
{
	x->back = true;
	x->back_read = *ring(x);
	x->back_error = x->back_read.none || bus->r_resp;
	x->back_drop = in->stop || x->drop;
	memcpy(x->half, bus->r_data + x->back_read.r.word / 4 % 2 * 32, sizeof(x->half));
	x->ring_head++;
	x->ring_count--;
	if (x->drop)
		x->drop--;
}

/* Handshakes of the cycle; what was put in the queues in it is not seen by them. */
static void pop(struct map_ext *x, const struct host_bus_out *bus, bool ar, bool aw, bool w, struct ext_out *out)
{
	if (ar && bus->ar_ready) {
		x->ar_head++;
		x->ar_count--;
	}
	if (aw && bus->aw_ready) {
		x->aw_head++;
		x->aw_count--;
	}
	if (w && bus->w_ready) {
		x->w_head++;
		x->w_count--;
	}
	if (bus->b_valid) {
		x->changing[x->tag[x->tag_head++ % NIC_EXT_WRITES]] = false;
		x->tag_count--;
		out->write_error |= bus->b_resp != 0;
	}
}

void map_ext_cycle(struct map_ext *x, const struct ext_in *in, const struct host_bus_out *bus, struct ext_out *out)
{
	struct now n = now_of(x, in, bus->r_valid);
	bool ar = x->ar_count, aw = x->aw_count, w = x->w_count, taken = x->taken;
	struct ext_read take = {0};

	*out = (struct ext_out){.granted = pick(x, in)};
	if (out->granted >= 0) {
		take = (struct ext_read){.r = *in->head[out->granted], .source = (uint8_t)out->granted};
		take.none = line_of(take.r.word) >> 14 >= x->mib;
	}
	if (in->pop) {
		x->answer_head++;
		x->answer_count--;
	}
	if (n.leaves)
		leave(x, n.drop, out);
	if (n.take)
		take_line(x, in, bus);
	if (taken)
		send(x, out);
	if (in->stop) {
		x->drop = x->ring_count;
		x->answer_head = x->answer_count = 0;
	}
	pop(x, bus, ar, aw, w, out);
	x->taken = out->granted >= 0;
	if (!x->taken)
		return;
	x->take = take;
	if (take.r.atomic || is_store(&take.r))
		x->changing[place_of(take.r.word)] = true;
}
