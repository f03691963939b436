// SPDX-License-Identifier: Apache-2.0
#include "dma_host.h"
#include "round_robin.h"

#include <string.h>

enum { FRAME_ROWS = NIC_FRAME_MAX / DMA_ROW, PAGE_ROWS = 4096 / DMA_ROW };

/* What happened to a queue in this cycle, gathered for dma_queue's registers. */
struct happened {
	bool rx_take, cq_put, tx_done, wb_done, event, rx_error, tx_error, tx_bad, drop;
};

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* ---- dma_queue ---- */

static unsigned int ring_log(uint32_t size)
{
	return size > NIC_RING_LOG_MAX ? NIC_RING_LOG_MAX : size < 2 ? 2 : size;
}

static bool cq_room(const struct dma_queue *q)
{
	return (uint16_t)(q->cq_tail - q->cq_head) != 1u << q->cq_log;
}

static void put_low(uint64_t *base, uint32_t value, uint32_t mask)
{
	*base = (*base & ~0xffffffffull) | (value & mask);
}

static void put_high(uint64_t *base, uint32_t value)
{
	*base = (*base & 0xffffffff) | (uint64_t)value << 32;
}

static void queue_write(struct dma_queue *q, const struct dma_queue *was, unsigned int word, uint32_t v)
{
	switch (word) {
	case NIC_Q_CTRL:
		q->rx_on = v & NIC_Q_CTRL_RX;
		q->tx_on = v & NIC_Q_CTRL_TX;
		q->lossless = v & NIC_Q_CTRL_LOSSLESS;
		q->error = 0;
		break;
	case NIC_Q_IRQ_COUNT:
		q->irq_count = v;
		break;
	case NIC_Q_IRQ_TIME:
		q->irq_time = v;
		break;
	}
	if (!was->rx_on) {
		switch (word) {
		case NIC_Q_RX_BASE_LO: put_low(&q->rx_base, v, ~63u); break;
		case NIC_Q_RX_BASE_HI: put_high(&q->rx_base, v); break;
		case NIC_Q_RX_SIZE: q->rx_log = ring_log(v); break;
		case NIC_Q_CQ_BASE_LO: put_low(&q->cq_base, v, ~63u); break;
		case NIC_Q_CQ_BASE_HI: put_high(&q->cq_base, v); break;
		case NIC_Q_CQ_SIZE: q->cq_log = ring_log(v); break;
		}
	}
	if (!was->tx_on) {
		switch (word) {
		case NIC_Q_TX_BASE_LO: put_low(&q->tx_base, v, ~63u); break;
		case NIC_Q_TX_BASE_HI: put_high(&q->tx_base, v); break;
		case NIC_Q_TX_SIZE: q->tx_log = ring_log(v); break;
		case NIC_Q_TX_WB_LO: put_low(&q->wb_addr, v, ~3u); break;
		case NIC_Q_TX_WB_HI: put_high(&q->wb_addr, v); break;
		}
	}
}

/* From the tail on, which can't go back, to a whole ring. */
static bool tail_fits(uint16_t value, uint16_t head, uint16_t tail, unsigned int log)
{
	uint16_t use = value - head;

	return use <= 1u << log && use >= (uint16_t)(tail - head);
}

/* Says whether it was a doorbell that the ring does not allow. */
static bool doorbell(struct dma_queue *q, const struct dma_queue *was, unsigned int word, uint16_t v)
{
	switch (word) {
	case NIC_Q_RX_TAIL:
		if (!was->rx_on || !tail_fits(v, was->rx_head, was->rx_tail, was->rx_log))
			return true;
		q->rx_tail = v;
		return false;
	case NIC_Q_TX_TAIL:
		if (!was->tx_on || !tail_fits(v, was->tx_head, was->tx_tail, was->tx_log))
			return true;
		q->tx_tail = v;
		return false;
	case NIC_Q_CQ_HEAD:
		if (!was->rx_on || (uint16_t)(v - was->cq_head) > (uint16_t)(was->cq_tail - was->cq_head))
			return true;
		q->cq_head = v;
		return false;
	}
	return false;
}

static void queue_irq(struct dma_queue *q, const struct dma_queue *was, bool clear, bool event)
{
	uint16_t enough = was->irq_count ? was->irq_count : 1;
	bool old = was->irq_time && was->events && was->age >= was->irq_time;

	if (clear) {
		q->irq = false;
		q->events = event;
		q->age = 0;
		return;
	}
	q->irq = was->irq || was->events >= enough || old;
	if (event && was->events != UINT16_MAX)
		q->events = was->events + 1;
	q->age = !was->events ? 0 : was->age == UINT32_MAX ? was->age : was->age + 1;
}

static bool queue_cycle(struct dma_queue *q, const struct dma_in *in, unsigned int number, const struct happened *h)
{
	struct dma_queue was = *q;
	bool we = in->reg_we && in->reg_queue == number, bad = false;

	if (we) {
		queue_write(q, &was, in->reg_word, in->reg_wdata);
		bad = doorbell(q, &was, in->reg_word, in->reg_wdata);
	}
	if (in->stop || h->rx_error)
		q->rx_on = false;
	if (in->stop || h->tx_error)
		q->tx_on = false;
	q->error |= (bad ? NIC_Q_STATUS_DOORBELL : 0) | (h->rx_error ? NIC_Q_STATUS_RX_BUS : 0) |
		    (h->tx_error ? NIC_Q_STATUS_TX_BUS : 0) | (h->tx_bad ? NIC_Q_STATUS_TX_BAD : 0);
	q->drops += h->drop;
	q->rx_head += h->rx_take;
	q->cq_tail += h->cq_put;
	if (!was.rx_on)
		q->rx_tail = q->rx_head = q->cq_head = q->cq_tail = 0;
	q->tx_head += h->tx_done;
	if (h->tx_done)
		q->wb = was.wb_addr != 0;
	else if (h->wb_done)
		q->wb = false;
	if (!was.tx_on) {
		q->tx_tail = q->tx_head = 0;
		q->wb = false;
	}
	queue_irq(q, &was, in->irq_clear >> number & 1, h->event);
	return bad;
}

/* ---- dma_fetch ---- */

struct line_request {
	bool valid;
	unsigned int ring, count;
	uint64_t addr;
};

static struct line_request fetch_request(const struct dma_host *d, const struct dma_fetch *f, bool rx)
{
	struct line_request request = { .valid = false };
	uint32_t want = 0;

	for (unsigned int i = 0; i < d->queues; i++) {
		const struct dma_queue *q = &d->queue[i];
		const struct dma_ring *r = &f->ring[i];
		uint16_t given = (rx ? q->rx_tail : q->tx_tail) - r->fetched;

		if ((rx ? q->rx_on : q->tx_on) && !r->busy && given && (uint16_t)(r->fetched - r->taken) <= 4)
			want |= 1u << i;
	}
	request.valid = want != 0;
	if (request.valid) {
		unsigned int ring = round_robin(want, f->last);
		const struct dma_queue *q = &d->queue[ring];
		uint16_t fetched = f->ring[ring].fetched;
		uint16_t place = fetched & ((1u << (rx ? q->rx_log : q->tx_log)) - 1);

		request.ring = ring;
		request.count = smaller((uint16_t)((rx ? q->rx_tail : q->tx_tail) - fetched), 4 - fetched % 4);
		request.addr = (rx ? q->rx_base : q->tx_base) + (uint64_t)(place / 4) * DMA_ROW;
	}
	return request;
}

/* A line of four descriptors goes to the places of the index before `fetched`. */
static void fill(struct dma_ring *r, const uint8_t *line)
{
	unsigned int group = (uint16_t)(r->fetched - 1) & 4;

	for (unsigned int i = 0; i < 4; i++)
		memcpy(&r->cache[group + i], line + 16 * i, 16);
}

static void fetch_cycle(struct dma_fetch *f, unsigned int queues, uint32_t on, const struct line_request *go, int line_ring,
			bool line_error, const uint8_t *line, int take_ring)
{
	if (go) {
		f->ring[go->ring].busy = true;
		f->last = go->ring;
	}
	for (unsigned int i = 0; i < queues; i++) {
		struct dma_ring *r = &f->ring[i];
		uint16_t fetched = r->fetched;

		if (line_ring == (int)i)
			fill(r, line);
		if (go && go->ring == i)
			r->fetched += go->count;
		if (line_ring == (int)i) {
			r->busy = false;
			if (!r->stale && !line_error)
				r->filled = fetched;
			r->stale = false;
		}
		if (take_ring == (int)i)
			r->taken++;
		if (!(on >> i & 1)) {
			r->taken = r->fetched = r->filled = 0;
			r->stale = r->busy;
		}
	}
}

static bool have(const struct dma_ring *r, bool on)
{
	return on && r->filled != r->taken;
}

static const struct dma_desc *first(const struct dma_ring *r)
{
	return &r->cache[r->taken % DMA_CACHE];
}

/* ---- dma_write ---- */

static void push_tag(struct dma_write *w, enum dma_write_kind kind, unsigned int queue)
{
	unsigned int place = (w->tag_head + w->tag_count++) % DMA_PENDING;

	w->tag[place].kind = kind;
	w->tag[place].queue = queue;
	w->out[queue]++;
}

static void entry_bytes(const struct dma_write *w, uint8_t *e)
{
	uint16_t len = w->error ? 0 : w->of.len;
	uint32_t none = 0;

	memcpy(e + NIC_CQE_LEN, &len, 2);
	e[NIC_CQE_PORT] = w->of.port;
	e[NIC_CQE_CSUM] = w->of.csum;
	memcpy(e + NIC_CQE_HASH, &w->of.hash, 4);
	memcpy(e + NIC_CQE_TIME, &w->of.time, 8);
	memcpy(e + NIC_CQE_COOKIE, &w->cookie, 4);
	memcpy(e + NIC_CQE_INDEX, &w->index, 2);
	e[NIC_CQE_META_LEN] = w->of.meta_len;
	e[NIC_CQE_STATUS] = w->phase | w->error << 1;
	memcpy(e + NIC_CQE_NUMBER, &w->of.number, 4);
	memcpy(e + NIC_CQE_NUMBER + 4, &none, 4);
	memcpy(e + NIC_CQE_META, w->of.meta, 32);
}

static void load_aw(struct dma_write *w, uint64_t addr, unsigned int rows)
{
	w->aw_valid = true;
	w->aw_addr = addr & ~(uint64_t)(DMA_ROW - 1);
	w->aw_len = rows - 1;
}

static void load_w(struct dma_write *w, const void *row, uint64_t strb, bool last)
{
	w->w_valid = true;
	memcpy(w->w_data, row, DMA_ROW);
	w->w_strb = strb;
	w->w_last = last;
}

static unsigned int burst_rows(uint64_t addr, unsigned int rows)
{
	return smaller(rows, PAGE_ROWS - addr / DMA_ROW % PAGE_ROWS);
}

static void begin_frame(struct dma_host *d, const struct dma_row *h, struct dma_events *e, struct happened *hap)
{
	struct dma_write *w = &d->write;
	const struct dma_queue *q = &d->queue[h->queue];
	const struct dma_desc *desc = first(&d->rx_fetch.ring[h->queue]);
	bool fits = desc->addr % DMA_ROW == 0 && desc->len >= h->len;

	w->queue = h->queue;
	w->entry = q->cq_base + (uint64_t)(q->cq_tail & ((1u << q->cq_log) - 1)) * DMA_ROW;
	w->phase = !(q->cq_tail >> q->cq_log & 1);
	w->cookie = desc->cookie;
	w->index = d->rx_fetch.ring[h->queue].taken;
	w->of = *h;
	w->error = !fits;
	w->left = (h->len + DMA_ROW - 1) / DMA_ROW;
	w->line = desc->addr;
	w->burst = burst_rows(w->line, w->left);
	w->state = fits ? DMA_ROWS : DMA_SWALLOW;
	e->drop_small = hap[h->queue].drop = !fits;
	hap[h->queue].rx_take = true;
	if (fits) {
		load_aw(w, w->line, w->burst);
		push_tag(w, DMA_DATA, w->queue);
	}
}

static void write_head(struct dma_host *d, unsigned int queue, struct happened *hap)
{
	struct dma_write *w = &d->write;
	const struct dma_queue *q = &d->queue[queue];
	uint32_t word[DMA_ROW / 4];

	for (unsigned int i = 0; i < DMA_ROW / 4; i++)
		word[i] = q->tx_head;
	load_aw(w, q->wb_addr, 1);
	load_w(w, word, 15ull << q->wb_addr % DMA_ROW, true);
	push_tag(w, DMA_HEAD, queue);
	w->last_wb = queue;
	w->wb_turn = false;
	hap[queue].wb_done = true;
}

static void write_idle(struct dma_host *d, const struct dma_in *in, bool free, struct dma_events *e, struct happened *hap)
{
	const struct dma_row *h = in->stop ? NULL : in->h;
	struct dma_write *w = &d->write;
	uint32_t wb = 0;

	for (unsigned int i = 0; i < d->queues; i++)
		wb |= (uint32_t)d->queue[i].wb << i;
	w->error = false;
	if (h) {
		unsigned int number = h->queue < d->queues ? h->queue : 0;
		const struct dma_queue *q = &d->queue[number];
		const struct dma_ring *r = &d->rx_fetch.ring[number];
		bool on = h->queue < d->queues && q->rx_on;
		bool able = on && have(r, true) && cq_room(q);
		bool empty = q->rx_tail == r->taken;

		if (able && free && !(wb && w->wb_turn)) {
			begin_frame(d, h, e, hap);
			return;
		}
		if (!on || (!able && !q->lossless && (empty || !cq_room(q)))) {
			e->drop_off = !on;
			e->drop_empty = on && empty;
			e->drop_cq = on && !empty;
			hap[number].drop = true;
			w->state = DMA_SWALLOW;
			return;
		}
	}
	if (wb && free)
		write_head(d, round_robin(wb, w->last_wb), hap);
}

static void write_answer(struct dma_write *w, const struct host_bus_out *bus, struct happened *hap, struct dma_events *e)
{
	unsigned int kind, queue;

	if (!bus->b_valid || !w->tag_count)
		return;
	kind = w->tag[w->tag_head].kind;
	queue = w->tag[w->tag_head].queue;
	w->tag_head = (w->tag_head + 1) % DMA_PENDING;
	w->tag_count--;
	w->out[queue]--;
	hap[queue].event |= kind != DMA_DATA && !bus->b_resp;
	hap[queue].rx_error |= kind != DMA_HEAD && bus->b_resp;
	hap[queue].tx_error |= kind == DMA_HEAD && bus->b_resp;
	e->bus_error |= bus->b_resp != 0;
}

static void write_cycle(struct dma_host *d, const struct dma_in *in, const struct host_bus_out *bus, struct dma_events *e,
			struct happened *hap)
{
	struct dma_write *w = &d->write;
	bool aw_free = !w->aw_valid || bus->aw_ready, w_free = !w->w_valid || bus->w_ready;
	bool free = aw_free && w_free && w->tag_count <= DMA_PENDING - 4;
	unsigned int bytes;
	uint8_t entry[DMA_ROW] = { 0 };
	enum dma_write_state was = w->state;
	unsigned int burst = w->burst;

	if (aw_free)
		w->aw_valid = false;
	if (w_free)
		w->w_valid = false;
	switch (w->state) {
	case DMA_IDLE:
		write_idle(d, in, free, e, hap);
		break;
	case DMA_ROWS:
		if (!in->h || !w_free)
			break;
		bytes = w->of.len % DMA_ROW;
		load_w(w, in->h->row, in->h->last && bytes ? (1ull << bytes) - 1 : UINT64_MAX, w->burst == 1);
		e->h_ready = true;
		w->line += DMA_ROW;
		w->left--;
		w->burst--;
		w->state = in->h->last ? DMA_ENTRY : w->burst ? DMA_ROWS : DMA_SPLIT;
		break;
	case DMA_SPLIT:
		if (!aw_free)
			break;
		w->burst = burst_rows(w->line, w->left);
		load_aw(w, w->line, w->burst);
		push_tag(w, DMA_DATA, w->queue);
		w->state = DMA_ROWS;
		break;
	case DMA_SWALLOW:
		if (!in->h)
			break;
		e->h_ready = true;
		if (in->h->last)
			w->state = w->error ? DMA_ENTRY : DMA_IDLE;
		break;
	case DMA_ENTRY:
		if (!aw_free || !w_free)
			break;
		entry_bytes(w, entry);
		load_aw(w, w->entry, 1);
		load_w(w, entry, UINT64_MAX, true);
		push_tag(w, DMA_COMPLETION, w->queue);
		hap[w->queue].cq_put = true;
		e->put = true;
		w->wb_turn = true;
		w->state = DMA_IDLE;
		break;
	case DMA_CUT:
		if (!w_free)
			break;
		load_w(w, entry, 0, w->burst == 1);
		if (!--w->burst)
			w->state = DMA_IDLE;
		break;
	}
	if (in->stop && was == DMA_ROWS)
		w->state = e->h_ready && burst == 1 ? DMA_IDLE : DMA_CUT;
	else if (in->stop && was == DMA_SPLIT)
		w->state = w->state == DMA_ROWS ? DMA_CUT : DMA_IDLE;
	else if (in->stop && was == DMA_SWALLOW)
		w->state = DMA_IDLE;
	write_answer(w, bus, hap, e);
}

/* ---- dma_tx ---- */

struct burst_request {
	bool valid;
	uint64_t addr;
	unsigned int rows;            /* 0: a note */
	struct dma_tag tag;
	bool promise, bad, take;
	enum dma_tx_state next;
	struct dma_tx then;           /* state after it is taken */
};

static struct dma_csum csum_of(const struct dma_desc *desc)
{
	return (struct dma_csum){ .wanted = desc->len >> 17 & 1, .from = desc->cookie & 0x7ff, .at = desc->cookie >> 16 & 0x7ff };
}

/* What the walker asks for in this cycle; in `then` what becomes of it. */
static struct burst_request tx_request(const struct dma_host *d)
{
	const struct dma_tx *t = &d->tx;
	const struct dma_ring *ring = &d->tx_fetch.ring[t->queue];
	const struct dma_desc *desc = first(ring);
	bool on = d->queue[t->queue].tx_on, there = have(ring, on);
	unsigned int len = desc->len & 0xffff, port = desc->len >> 24 & 0xff, total = t->total + (len & 0x1fff);
	bool eop = desc->len >> 16 & 1, lost = !on && t->middle, second = t->state == DMA_SECOND && !lost;
	bool legal = len && len <= NIC_FRAME_MAX && total <= NIC_FRAME_MAX && t->segments != NIC_TX_SEGMENTS &&
		     (t->middle ? port == t->port : port < d->ports);
	unsigned int to = t->middle ? t->port : port, offset = desc->addr % DMA_ROW;
	unsigned int need = eop ? (len + DMA_ROW - 1) / DMA_ROW : FRAME_ROWS;
	unsigned int rows = (offset + len + DMA_ROW - 1) / DMA_ROW, to_page = PAGE_ROWS - desc->addr / DMA_ROW % PAGE_ROWS;
	bool crosses = rows > to_page;
	bool look = t->state == DMA_LOOK && there && legal && (t->middle || d->store[to].room >= need);
	bool skip = (t->state == DMA_SKIP && there) || (t->state == DMA_LOOK && there && !legal);
	struct burst_request r = { .valid = look || second || skip || lost, .then = *t };

	if (!r.valid)
		return r;
	r.tag.kind = skip || lost ? DMA_NOTE : DMA_READ_ROWS;
	r.tag.queue = t->queue;
	r.tag.port = to;
	r.tag.promised = t->middle ? t->promised : look ? need : 0;
	r.tag.csum = t->middle ? t->csum : csum_of(desc);
	r.tag.eop = !skip && !lost && eop && (second || !crosses);
	r.tag.abort = lost || (skip && t->state == DMA_LOOK);
	r.tag.done = !lost && (skip || second || !crosses);
	r.take = r.tag.done;
	r.bad = skip && t->state == DMA_LOOK;
	if (second) {
		r.addr = (desc->addr & ~4095ull) + 4096;
		r.rows = rows - to_page;
		r.tag.bytes = len - (to_page * DMA_ROW - offset);
		r.then.state = eop ? DMA_SEEK : DMA_LOOK;
	} else if (look) {
		r.addr = desc->addr & ~(uint64_t)(DMA_ROW - 1);
		r.rows = crosses ? to_page : rows;
		r.tag.start = offset;
		r.tag.bytes = crosses ? to_page * DMA_ROW - offset : len;
		r.promise = !t->middle;
		r.then.state = crosses ? DMA_SECOND : eop ? DMA_SEEK : DMA_LOOK;
		r.then.middle = crosses || !eop;
		r.then.port = to;
		r.then.promised = r.tag.promised;
		r.then.csum = r.tag.csum;
		r.then.total = total;
		r.then.segments++;
	} else {
		r.then.state = lost || eop ? DMA_SEEK : DMA_SKIP;
		r.then.middle = false;
	}
	return r;
}

static void tx_seek(struct dma_tx *t, unsigned int queues)
{
	t->queue = t->queue + 1 == queues ? 0 : t->queue + 1;
	t->middle = false;
	t->total = t->segments = 0;
}

static void tx_cycle(struct dma_host *d, const struct dma_in *in, const struct burst_request *r, bool go)
{
	struct dma_tx *t = &d->tx;
	bool on = d->queue[t->queue].tx_on, there = have(&d->tx_fetch.ring[t->queue], on);
	enum dma_tx_state was = t->state;

	if (was == DMA_SEEK) {
		if (there && !in->stop)
			t->state = DMA_LOOK;
		else
			t->queue = t->queue + 1 == d->queues ? 0 : t->queue + 1;
		return;
	}
	if (go)
		*t = r->then;
	else if ((was == DMA_LOOK && !t->middle && !r->valid) || (was == DMA_SKIP && !on))
		t->state = DMA_SEEK;
	if (t->state == DMA_SEEK)
		tx_seek(t, d->queues);
}

/* ---- dma_read ---- */

static void read_push(struct dma_read *r, const struct dma_tag *tag, uint64_t addr, unsigned int rows)
{
	r->tag[(r->head + r->count++) % DMA_PENDING] = *tag;
	if (tag->kind >= DMA_READ_ROWS)
		r->out[tag->queue]++;
	r->ar_addr = addr;
	r->ar_len = rows ? rows - 1 : 0;
	if (rows)
		r->ar_valid = true;
}

/* ---- dma_pack, dma_sum, dma_store ---- */

struct pack_in {
	bool valid, abort, first, eop, error;
	unsigned int start, bytes;
	const uint8_t *row;
};

static void turn(uint8_t *to, const uint8_t *row, unsigned int by)
{
	for (unsigned int i = 0; i < DMA_ROW; i++)
		to[(i + by) % DMA_ROW] = row[i];
}

static void pack_stage_b(struct dma_pack *p)
{
	uint8_t turned[DMA_ROW], joined[DMA_ROW];

	p->put.valid = p->b.valid && (p->b.full || p->b.end || p->b.flush);
	p->put.end = p->b.end;
	p->put.forget = p->b.forget;
	p->put.count = p->b.count;
	p->put.port = p->port;
	p->put.promised = p->promised;
	p->put.csum = p->csum;
	if (!p->b.valid)
		return;
	turn(turned, p->b.row, p->b.turn);
	memcpy(joined, turned, DMA_ROW);
	memcpy(joined, p->kept, p->b.fill);
	memcpy(p->put.row, p->b.flush ? p->kept : joined, DMA_ROW);
	memcpy(p->kept, p->b.full ? turned : joined, DMA_ROW);
}

/* Bytes of the row, and whether it is the burst's last one. */
static unsigned int pack_count(const struct pack_in *in)
{
	return smaller(in->bytes, DMA_ROW - (in->first ? in->start : 0));
}

static void pack_cycle(struct dma_pack *p, const struct pack_in *in)
{
	bool take = in->valid && !p->flush, flush = p->flush;
	unsigned int start = in->first ? in->start : 0, count = pack_count(in), sum = p->fill + count;
	bool finish = in->eop && in->bytes <= DMA_ROW - start, bad = p->bad || in->error;
	bool more = take && !in->abort && finish && sum > DMA_ROW && !bad;

	p->b.valid = take || flush;
	p->b.fill = p->fill;
	p->b.turn = (p->fill - start) % DMA_ROW;
	p->b.full = sum >= DMA_ROW;
	p->b.count = flush ? p->fill : smaller(sum, DMA_ROW);
	p->b.end = flush || in->abort || (finish && !more);
	p->b.flush = flush;
	p->b.forget = !flush && (in->abort || (finish && bad));
	if (take && in->row)
		memcpy(p->b.row, in->row, DMA_ROW);
	p->flush = more;
	if (take) {
		p->fill = sum % DMA_ROW;
		p->bad = bad;
		if (in->abort || finish) {
			p->bad = false;
			if (!more)
				p->fill = 0;
		}
	}
	if (flush)
		p->fill = 0;
}

static uint16_t checksum(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff ? 0xffff : ~sum;
}

/* A word for each frame that will leave. */
static void sum_cycle(struct dma_sum *s, const struct dma_put *put)
{
	memmove(&s->word[1], &s->word[0], sizeof(s->word) - sizeof(s->word[0]));
	s->word[0].there = false;
	if (!put->valid)
		return;
	for (unsigned int i = 0; put->csum.wanted && i < put->count; i++)
		if (s->bytes + i >= put->csum.from)
			s->sum += put->row[i] << ((s->bytes + i - put->csum.from) % 2 ? 0 : 8);
	s->bytes += put->count;
	if (!put->end)
		return;
	s->word[0] = (struct dma_word){ .there = !put->forget, .wanted = put->csum.wanted, .port = put->port, .at = put->csum.at,
					.csum = checksum(s->sum) };
	s->sum = s->bytes = 0;
}

/* Into the frame that begins at the row to be read, unless it is shorter. */
static void put_byte(struct dma_store *s, unsigned int place, uint8_t byte)
{
	uint16_t row = s->read;

	for (; place >= DMA_ROW && !s->at[row % DMA_STORE_ROWS].last; row++)
		place -= DMA_ROW;
	if (place < DMA_ROW)
		s->at[row % DMA_STORE_ROWS].row[place] = byte;
}

static void begin_to_leave(struct dma_store *s)
{
	const struct dma_word *w = &s->word[s->word_taken++ % DMA_STORE_ROWS];

	if (!w->wanted)
		return;
	put_byte(s, w->at, w->csum >> 8);
	put_byte(s, w->at + 1, w->csum & 0xff);
}

static void store_cycle(struct dma_store *s, const struct dma_put *put, const struct dma_word *word, unsigned int promise, bool ready, bool cut)
{
	bool gone = s->valid && (ready || s->skip), step = !s->valid || gone;
	bool fetch = step && s->read != s->whole && (s->inside || s->word_put != s->word_taken);

	s->skip = (s->skip || cut) && (gone ? !s->head.last : s->middle);
	if (gone) {
		s->room++;
		s->middle = !s->head.last;
	}
	if (fetch) {
		if (!s->inside)
			begin_to_leave(s);
		s->head = (typeof(s->head)){ s->at[s->read % DMA_STORE_ROWS].last, s->at[s->read % DMA_STORE_ROWS].count, { 0 } };
		memcpy(s->head.row, s->at[s->read % DMA_STORE_ROWS].row, DMA_ROW);
		s->inside = !s->head.last;
		s->read++;
	}
	if (step)
		s->valid = fetch;
	s->room -= promise;
	if (word)
		s->word[s->word_put++ % DMA_STORE_ROWS] = *word;
	if (!put)
		return;
	s->at[s->write % DMA_STORE_ROWS].last = put->end;
	s->at[s->write % DMA_STORE_ROWS].count = put->count;
	memcpy(s->at[s->write % DMA_STORE_ROWS].row, put->row, DMA_ROW);
	if (put->end)
		s->room += put->promised - (put->forget ? 0 : (uint16_t)(s->write - s->whole) + 1);
	s->write = put->forget ? s->whole : s->write + 1;
	if (put->end && !put->forget)
		s->whole = s->write;
}

/* ---- dma_host ---- */

void dma_host_reset(struct dma_host *d, unsigned int queues, unsigned int ports)
{
	memset(d, 0, sizeof(*d));
	d->queues = queues;
	d->ports = ports;
	d->rx_fetch.last = d->tx_fetch.last = d->write.last_wb = 31; /* the first is 0 */
	for (unsigned int i = 0; i < queues; i++)
		d->queue[i].rx_log = d->queue[i].cq_log = d->queue[i].tx_log = 2;
	for (unsigned int i = 0; i < ports; i++)
		d->store[i].room = DMA_STORE_ROWS;
}

static uint32_t rings_on(const struct dma_host *d, bool rx)
{
	uint32_t on = 0;

	for (unsigned int i = 0; i < d->queues; i++)
		on |= (uint32_t)(rx ? d->queue[i].rx_on : d->queue[i].tx_on) << i;
	return on;
}

void dma_host_cycle(struct dma_host *d, const struct dma_in *in, struct host_bus *bus, struct dma_events *e)
{
	const struct host_bus_out *out = host_bus_show(bus);
	struct dma_read *rd = &d->read;
	struct dma_tag tag = rd->tag[rd->head];
	bool tagged = rd->count != 0, is_line = tagged && tag.kind <= DMA_TX_LINE, is_rows = tagged && tag.kind == DMA_READ_ROWS;
	bool note = tagged && tag.kind == DMA_NOTE, pack_ready = !d->pack.flush;
	bool row = is_rows && out->r_valid && pack_ready, failed = out->r_resp != 0;
	struct host_bus_in pins = {
		.ar_valid = rd->ar_valid, .ar_addr = rd->ar_addr, .ar_len = rd->ar_len, .r_ready = is_line || (is_rows && pack_ready),
		.aw_valid = d->write.aw_valid, .aw_addr = d->write.aw_addr, .aw_len = d->write.aw_len,
		.w_valid = d->write.w_valid, .w_strb = d->write.w_strb, .w_last = d->write.w_last,
	};
	const struct dma_word *word = &d->sum.word[DMA_SUM_CLOCKS - 1];
	uint8_t w_data[DMA_ROW];
	struct pack_in pack = {
		.valid = (is_rows && out->r_valid) || (note && tag.abort), .abort = note, .first = !rd->middle, .eop = tag.eop,
		.error = !note && failed, .start = tag.start, .bytes = rd->middle ? rd->bytes : tag.bytes, .row = out->r_data,
	};
	bool last = pack.bytes <= DMA_ROW - (pack.first ? pack.start : 0u);
	bool pop = (is_line && out->r_valid) || (row && last) || (note && pack_ready);
	bool line = is_line && out->r_valid;
	struct line_request rx = fetch_request(d, &d->rx_fetch, true), tx = fetch_request(d, &d->tx_fetch, false);
	struct burst_request burst = tx_request(d);
	bool free = (!rd->ar_valid || out->ar_ready) && rd->count != DMA_PENDING;
	bool rx_go = free && rx.valid, tx_go = free && !rx.valid && tx.valid;
	bool burst_go = free && !rx.valid && !tx.valid && burst.valid;
	uint32_t rx_on = rings_on(d, true), tx_on = rings_on(d, false);
	struct happened hap[DMA_QUEUES] = { 0 };
	unsigned int tx_queue = d->tx.queue;
	int took = -1;

	memset(e, 0, sizeof(*e));
	memcpy(w_data, d->write.w_data, DMA_ROW);
	pins.w_data = w_data;

	/* Stores and dma_pack, from the end of the way backwards. */
	for (unsigned int i = 0; i < d->ports; i++)
		store_cycle(&d->store[i], d->pack.put.valid && d->pack.put.port == i ? &d->pack.put : NULL, word->there && word->port == i ? word : NULL,
			    burst_go && burst.promise && burst.tag.port == i ? burst.tag.promised : 0, in->t_ready >> i & 1, in->stop);
	sum_cycle(&d->sum, &d->pack.put);
	pack_stage_b(&d->pack);
	if (pack.valid && pack_ready) {
		d->pack.port = tag.port;
		d->pack.promised = tag.promised;
		d->pack.csum = tag.csum;
	}
	pack_cycle(&d->pack, &pack);

	/* Answers of reads. */
	if (pop && !is_line && tag.done)
		hap[tag.queue].tx_done = true;
	if (row && failed)
		hap[tag.queue].tx_error = true;
	if (line && failed) {
		hap[tag.queue].rx_error |= tag.kind == DMA_RX_LINE;
		hap[tag.queue].tx_error |= tag.kind == DMA_TX_LINE;
	}
	e->bus_error = (row || line) && failed;
	if (row) {
		rd->middle = !last;
		rd->bytes = pack.bytes - pack_count(&pack);
	}
	if (pop) {
		rd->head = (rd->head + 1) % DMA_PENDING;
		rd->count--;
		if (!is_line)
			rd->out[tag.queue]--;
	}

	/* Requests. */
	if (rd->ar_valid && out->ar_ready)
		rd->ar_valid = false;
	if (rx_go)
		read_push(rd, &(struct dma_tag){ .kind = DMA_RX_LINE, .queue = rx.ring }, rx.addr, 1);
	else if (tx_go)
		read_push(rd, &(struct dma_tag){ .kind = DMA_TX_LINE, .queue = tx.ring }, tx.addr, 1);
	else if (burst_go)
		read_push(rd, &burst.tag, burst.addr, burst.rows);
	e->tx_bad = burst_go && burst.bad;
	hap[tx_queue].tx_bad = e->tx_bad;
	tx_cycle(d, in, &burst, burst_go);

	write_cycle(d, in, out, e, hap);

	for (unsigned int i = 0; i < d->queues; i++)
		if (hap[i].rx_take)
			took = i;
	fetch_cycle(&d->rx_fetch, d->queues, rx_on, rx_go ? &rx : NULL, line && tag.kind == DMA_RX_LINE ? tag.queue : -1, failed,
		    out->r_data, took);
	fetch_cycle(&d->tx_fetch, d->queues, tx_on, tx_go ? &tx : NULL, line && tag.kind == DMA_TX_LINE ? tag.queue : -1, failed,
		    out->r_data, burst_go && burst.take ? (int)tx_queue : -1);
	for (unsigned int i = 0; i < d->queues; i++) {
		if (hap[i].drop)
			e->drop_queue = i;
		if (hap[i].cq_put)
			e->put_queue = i;
		e->bad_doorbell |= queue_cycle(&d->queue[i], in, i, &hap[i]);
	}
	host_bus_tick(bus, &pins);
}

bool dma_host_idle(const struct dma_host *d)
{
	return d->write.state == DMA_IDLE && !d->write.tag_count && !d->read.count && d->tx.state == DMA_SEEK;
}

static bool rx_busy(const struct dma_host *d, unsigned int i)
{
	return d->rx_fetch.ring[i].busy || d->write.out[i] || (d->write.state != DMA_IDLE && d->write.queue == i);
}

uint32_t dma_host_read(const struct dma_host *d, unsigned int queue, unsigned int word)
{
	const struct dma_queue *q = &d->queue[queue];

	if (queue >= d->queues)
		return 0;
	switch (word) {
	case NIC_Q_CTRL: return q->rx_on * NIC_Q_CTRL_RX | q->tx_on * NIC_Q_CTRL_TX | q->lossless * NIC_Q_CTRL_LOSSLESS;
	case NIC_Q_STATUS: return q->error | (d->tx_fetch.ring[queue].busy || d->read.out[queue]) * NIC_Q_STATUS_TX_BUSY | rx_busy(d, queue) * NIC_Q_STATUS_RX_BUSY;
	case NIC_Q_RX_BASE_LO: return q->rx_base;
	case NIC_Q_RX_BASE_HI: return q->rx_base >> 32;
	case NIC_Q_RX_SIZE: return q->rx_log;
	case NIC_Q_RX_TAIL: return q->rx_tail;
	case NIC_Q_RX_HEAD: return q->rx_head;
	case NIC_Q_CQ_BASE_LO: return q->cq_base;
	case NIC_Q_CQ_BASE_HI: return q->cq_base >> 32;
	case NIC_Q_CQ_SIZE: return q->cq_log;
	case NIC_Q_CQ_HEAD: return q->cq_head;
	case NIC_Q_CQ_TAIL: return q->cq_tail;
	case NIC_Q_TX_BASE_LO: return q->tx_base;
	case NIC_Q_TX_BASE_HI: return q->tx_base >> 32;
	case NIC_Q_TX_SIZE: return q->tx_log;
	case NIC_Q_TX_TAIL: return q->tx_tail;
	case NIC_Q_TX_HEAD: return q->tx_head;
	case NIC_Q_TX_WB_LO: return q->wb_addr;
	case NIC_Q_TX_WB_HI: return q->wb_addr >> 32;
	case NIC_Q_IRQ_COUNT: return q->irq_count;
	case NIC_Q_IRQ_TIME: return q->irq_time;
	case NIC_Q_DROPS: return q->drops;
	default: return 0;
	}
}

uint32_t dma_host_irq_status(const struct dma_host *d)
{
	uint32_t up = 0;

	for (unsigned int i = 0; i < d->queues; i++)
		up |= (uint32_t)d->queue[i].irq << i;
	return up;
}
