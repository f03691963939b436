// SPDX-License-Identifier: Apache-2.0
/* pkt_collect, pkt_turn, pkt_route. */
#include "fabric.h"

#include <string.h>

enum verdict { VERDICT_ABORTED, VERDICT_DROP, VERDICT_PASS, VERDICT_TX, VERDICT_REDIRECT };

void pkt_collect_record(const struct iss_tile *c, unsigned int thread, struct device_completion *of)
{
	const struct iss_thread *t = &c->thread[thread];
	const struct iss_done *done = &t->done;

	*of = (struct device_completion){
		.number = t->meta.number, .ret = iss_thread_len(t) ? done->ret : VERDICT_DROP, .target = t->target, .len = iss_thread_len(t),
		.port = t->meta.port, .core = c->core, .thread = thread,
		.queue = t->meta.queue, .cause = done->cause, .hash = t->meta.hash, .fault_pc = done->fault_pc,
		.fault_addr = done->fault_addr, .bundles = done->bundles, .cycles = done->cycles,
	};
}

static void complete(struct iss *n, struct device_completion *c)
{
	uint32_t verdict = c->ret <= VERDICT_REDIRECT ? c->ret : VERDICT_ABORTED;

	c->cycle = n->cycle;
	if (c->len) {
		n->fabric->counter[NIC_CNT_VERDICT + verdict]++;
		n->fabric->counter[NIC_CNT_VERDICT_BYTES + verdict] += c->len;
	} else {
		pkt_tick_done(n, c->port);
	}
	if (c->cause) {
		n->fabric->counter[NIC_CNT_FAULT + c->cause - 1]++;
		csr_regs_fault(n, c);
	}
	if (n->events.completion && c->len)
		n->events.completion(n->events.arg, c);
}

/* Bits of ports, or HOST. */
static uint8_t redirected(const struct iss_fabric *f, uint32_t target, unsigned int from)
{
	uint32_t ports = target & ((1u << f->ports) - 1);

	if (target >> 30 == 3)
		return (uint8_t)(target >> 29 & 1 ? ports & ~(1u << from) : ports);
	if (target >> 31)
		return (target & 0xff) < ISS_QUEUES ? HOST : 0;
	for (unsigned int port = 0; port < f->ports && target; port++)
		if (f->ifindex[port] == target)
			return (uint8_t)(1u << port);
	return 0;
}

static void set_destination(struct iss *n, struct iss_pipe *p)
{
	p->dest = 0;
	p->lost = false;
	if (p->report || p->of.ret == VERDICT_TX) {
		p->dest = (uint8_t)(1u << p->of.port);
	} else if (p->of.ret == VERDICT_PASS) {
		p->dest = HOST;
	} else if (p->of.ret == VERDICT_REDIRECT) {
		p->dest = redirected(n->fabric, p->of.target, p->of.port);
		p->lost = !p->dest;
	}
}

static bool is_open(const struct iss_store *s)
{
	return store_used(s) <= OPEN_ROWS;
}

/* Destinations without room. */
static uint8_t full(const struct iss_fabric *f, uint8_t dest)
{
	uint8_t which = 0;

	for (uint32_t rest = dest & ~HOST; rest; rest &= rest - 1) {
		unsigned int port = (unsigned int)__builtin_ctz(rest);

		if (!is_open(&f->out[port].store))
			which |= (uint8_t)(1u << port);
	}
	if (dest & HOST && !is_open(&f->host))
		which |= HOST;
	return which;
}

/* One of them waits for it. */
static bool waits(const struct iss *n, uint8_t which)
{
	for (uint32_t rest = which & ~HOST; rest; rest &= rest - 1)
		if (n->fabric->port_ctrl[__builtin_ctz(rest)] & PORT_LOSSLESS_OUT)
			return true;
	return which & HOST && n->ctrl >> CTRL_HOST_LOSSLESS_LSB & 1;
}

static void lose(struct iss *n, const struct iss_pipe *p, uint8_t where)
{
	struct iss_fabric *f = n->fabric;
	struct device_lost l = {.cycle = n->cycle, .number = p->of.number, .drop = DEVICE_DROP_PORT};

	if (p->lost) {
		l.drop = DEVICE_DROP_TARGET;
		f->counter[NIC_CNT_LOST]++;
	} else if (where & HOST) {
		l.drop = DEVICE_DROP_HOST;
		f->counter[NIC_CNT_HOST_FULL]++;
	} else {
		for (unsigned int port = 0; port < f->ports; port++)
			*port_counter(f, port, NIC_CNT_P_TX_FULL) += where >> port & 1;
	}
	if (n->events.lost)
		n->events.lost(n->events.arg, &l);
}

static void to_host(struct iss_fabric *f, uint8_t rows, struct iss_frame *last)
{
	f->host.wr += rows;
	if (!last)
		return;
	f->counter[NIC_CNT_HOST]++;
	f->counter[NIC_CNT_HOST_BYTES] += last->len;
	store_commit(&f->host, last);
}

static void to_port(struct iss_fabric *f, unsigned int port, uint8_t rows, struct iss_frame *last)
{
	f->out[port].store.wr += rows;
	if (!last)
		return;
	store_commit(&f->out[port].store, last);
	f->step_out |= 1u << port;
}

static struct iss_frame *copy_of(struct iss_fabric *f, const struct iss_frame *frame)
{
	struct iss_frame *copy = frame ? frame_new(f) : NULL;

	if (copy)
		*copy = *frame;
	return copy;
}

static void route(struct iss *n, struct iss_pipe *p, uint8_t where)
{
	struct iss_fabric *f = n->fabric;

	if (p->begins) {
		f->accepted = p->dest & ~where;
		if (p->lost || where)
			lose(n, p, where);
	}
	if (!f->accepted && p->frame)
		frame_free(f, p->frame);
	if (f->accepted & HOST)
		to_host(f, p->rows, p->last ? p->frame : NULL);
	for (uint8_t rest = f->accepted & ~HOST; rest; rest &= rest - 1)
		to_port(f, (unsigned int)__builtin_ctz(rest), p->rows,
			!p->last ? NULL : rest & (rest - 1) ? copy_of(f, p->frame) : p->frame);
}

struct iss_frame *pkt_collect_frame(const struct iss_tile *c, unsigned int thread)
{
	const struct iss_thread *t = &c->thread[thread];
	struct iss_frame *frame = frame_new(c->nic->fabric);

	frame->len = iss_thread_len(t);
	frame->meta_len = t->start - t->front < NIC_META_HOST ? t->start - t->front : NIC_META_HOST;
	frame->port = t->meta.port;
	frame->queue = t->meta.queue;
	frame->flags = t->meta.flags;
	frame->redirect = t->done.ret == VERDICT_REDIRECT;
	if (frame->redirect)
		frame->queue = t->target & 0xff;
	frame->number = t->meta.number;
	frame->hash = t->meta.hash;
	frame->time = t->meta.time;
	memset(frame->meta, 0, sizeof(frame->meta));
	if (frame->meta_len)
		memcpy(frame->data - frame->meta_len, t->pkt + t->start - frame->meta_len, frame->meta_len);
	memcpy(frame->data, t->pkt + t->start, frame->len);
	return frame;
}

/* The next entry in leaving order, if its tile has it. */
static void collect(struct iss *n)
{
	struct iss_fabric *f = n->fabric;
	unsigned int context = f->queue[f->queue_head % LEAVING_MAX];
	struct iss_end *end = &f->end[context / ISS_THREADS];
	struct iss_entry *e = &end->out[end->out_head % NIC_OUT_FIFO];

	if (f->queue_head == f->queue_tail || end->out_head == end->out_tail || e->from > n->cycle)
		return;
	*f->collect = (struct iss_pipe){.valid = true, .first = e->first, .last = e->last, .report = e->report,
				       .rows = e->rows, .begins = e->begins, .of = e->of, .frame = e->frame};
	e->frame = NULL;
	end->out_head++;
	f->queue_head += e->last;
}

void pkt_collect_cycle(struct iss *n)
{
	struct iss_fabric *f = n->fabric;
	struct iss_pipe *c = f->collect, *t = f->turn, *r = f->route;

	if (r->valid) {
		uint8_t where = r->begins ? full(f, r->dest) : 0;

		if (where && waits(n, where))
			return;
		route(n, r, where);
	}
	r->valid = false;
	t->valid &= t->rows || t->begins;
	if (t->valid && t->begins) {
		set_destination(n, t);
		f->dest = t->dest;
	}
	t->dest = f->dest;
	if (c->valid && c->first)
		complete(n, &c->of);
	f->route = t;
	f->turn = c;
	f->collect = r;
	collect(n);
}
