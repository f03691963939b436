// SPDX-License-Identifier: Apache-2.0
/* The fabric's blocks in the order in which they see a cycle: those that read what another changes come first. */
#include "fabric.h"

#include <stdlib.h>
#include <string.h>

/* True: it needs a step in the next cycle, too, even if nothing comes or goes. */
static inline bool step_store(struct iss_store *s)
{
	bool more = s->seen != s->commit;

	store_step(s);
	return more;
}

static void step_stores(struct iss_fabric *f)
{
	for (uint32_t m = f->step_in; m; m &= m - 1) {
		unsigned int port = (unsigned int)__builtin_ctz(m);

		if (!step_store(&f->in[port].store))
			f->step_in &= ~(1u << port);
		f->showing = (f->showing & ~(1u << port)) | (uint32_t)f->in[port].store.valid << port;
	}
	for (uint32_t m = f->step_out; m; m &= m - 1) {
		unsigned int port = (unsigned int)__builtin_ctz(m);

		if (!step_store(&f->out[port].store))
			f->step_out &= ~(1u << port);
		f->at_out |= (uint32_t)f->out[port].store.valid << port;
	}
}

static inline bool order_active(const struct iss *n)
{
	const struct iss_fabric *f = n->fabric;

	return f->leave_valid | f->event_valid | f->ended | n->ended || n->cycle == f->known;
}

static inline bool collect_active(const struct iss_fabric *f)
{
	return f->pipe[0].valid | f->pipe[1].valid | f->pipe[2].valid | (f->queue_head ^ f->queue_tail);
}

void fabric_cycle(struct iss *n)
{
	struct iss_fabric *f = n->fabric;
	uint32_t ports;

	for (uint32_t m = f->at_in; m; m &= m - 1)
		pkt_in_cycle(n, (unsigned int)__builtin_ctz(m));
	ports = f->frame || !f->open ? 0 : ports_showing(n);
	if (f->frame || ports)
		pkt_ingress_cycle(n, ports);
	else
		pkt_ingress_open(n);
	for (uint32_t m = f->writing; m; m &= m - 1)
		if (n->cycle >= f->end[__builtin_ctz(m)].due)
			fp_tile_write(&n->tile[__builtin_ctz(m)]);
	for (uint32_t m = f->sending; m; m &= m - 1)
		fp_tile_send(&n->tile[__builtin_ctz(m)]);
	if (collect_active(f))
		pkt_collect_cycle(n);
	if (order_active(n))
		pkt_order_cycle(n);
	if (n->dma)
		host_offer(n);
	for (uint32_t m = f->at_out; m; m &= m - 1)
		pkt_out_cycle(n, (unsigned int)__builtin_ctz(m));
	step_stores(f);
	if (n->dma)
		host_cycle(n);
	else if (f->host.valid)
		pkt_host_cycle(n);
	if (f->host.valid || f->host.commit != f->host.rd)
		store_step(&f->host);
}

bool fabric_is_idle(const struct iss *n)
{
	for (unsigned int tile = 0; tile < n->cores; tile++)
		if (n->fabric->end[tile].idle != ISS_ALL_THREADS)
			return false;
	return n->fabric->queue_head == n->fabric->queue_tail;
}

bool fabric_is_empty(const struct iss *n)
{
	const struct iss_fabric *f = n->fabric;

	if (!fabric_is_idle(n) || collect_active(f) || store_used(&f->host))
		return false;
	for (unsigned int port = 0; port < f->ports; port++)
		if (store_used(&f->in[port].store) || store_used(&f->out[port].store) || f->out[port].reg ||
		    f->out[port].cut || f->out[port].abort)
			return false;
	return true;
}

static void reset_registers(struct iss_fabric *f)
{
	static const uint32_t key[10] = {0x6d5a56da, 0x255b0ec2, 0x4167253d, 0x43a38fb0, 0xd0ca2bcb,
					 0xae7b30b4, 0x77cb2da3, 0x8030f20c, 0x6a42b73b, 0xbeac01fa};

	for (unsigned int port = 0; port < f->ports; port++)
		f->ifindex[port] = port + 1;
	f->order_mode = 1;
	f->rx_min = 1;
	f->cores = ISS_CORES_MAX;
	memcpy(f->rss_key, key, sizeof(key));
	f->key_due = NIC_RSS_CLOCKS - 1;
}

static void free_offers(struct iss_fabric *f, struct iss_offers *o)
{
	for (; o->count; o->count--)
		frame_free(f, o->frame[o->head++ % DEVICE_OFFERS]);
}

static void free_store(struct iss_fabric *f, struct iss_store *s)
{
	while (s->head != s->tail)
		frame_free(f, s->frame[s->head++ % NIC_STORE_ROWS]);
	memset(s, 0, sizeof(*s));
}

static void free_one(struct iss_fabric *f, struct iss_frame **frame)
{
	if (*frame)
		frame_free(f, *frame);
	*frame = NULL;
}

/* Frames on their way to the tiles; the one in progress is still in its store, too. */
static void free_flights(struct iss_fabric *f, struct iss_end *end)
{
	for (; end->fifo_head != end->fifo_tail; end->fifo_head++) {
		struct iss_frame *frame = end->fifo[end->fifo_head % TILE_FRAMES].frame;

		if (frame != f->frame)
			frame_free(f, frame);
	}
	free_one(f, &end->late.frame);
	for (; end->out_head != end->out_tail; end->out_head++)
		free_one(f, &end->out[end->out_head % NIC_OUT_FIFO].frame);
}

/* All frames between the beat registers and the output registers. */
static void free_path(struct iss *n)
{
	struct iss_fabric *f = n->fabric;

	for (unsigned int tile = 0; tile < n->cores; tile++)
		free_flights(f, &f->end[tile]);
	for (unsigned int port = 0; port < f->ports; port++) {
		free_store(f, &f->in[port].store);
		free_store(f, &f->out[port].store);
	}
	for (unsigned int i = 0; i < 3; i++)
		if (f->pipe[i].valid)
			free_one(f, &f->pipe[i].frame);
	free_store(f, &f->host);
}

static void set_patterns(struct iss_fabric *f)
{
	for (unsigned int port = 0; port < f->ports; port++)
		f->in[port].offers.pattern = f->out[port].host.pattern = f->out[port].pattern = ~0ull;
	f->host_pattern = ~0ull;
}

/* The row in the output register stays; when its frame does not end with it, it is kept alone. */
static void clear_out(struct iss_fabric *f, struct iss_out *o)
{
	if (o->reg && !o->reg_last && !o->reg_kept) {
		struct iss_frame *copy = frame_new(f);

		*copy = *o->reg;
		o->reg = copy;
		o->reg_kept = true;
	}
	o->cut |= o->middle;
	o->middle = false;
	o->from_host = true; /* so the NIC's comes first */
}

static void clear_end(struct iss_end *end)
{
	struct iss_end old = *end;

	memset(end, 0, sizeof(*end));
	end->idle = ISS_ALL_THREADS;
	end->last_thread = 31;
	end->packets = old.packets;
	end->rx_wait = old.rx_wait;
	end->out_wait = old.out_wait;
}

void fabric_clear(struct iss *n)
{
	struct iss_fabric *f = n->fabric;

	for (unsigned int port = 0; port < f->ports; port++) {
		clear_out(f, &f->out[port]);
		f->in[port].cause = f->in[port].rows ? DEVICE_DROP_BAD : DEVICE_DROP_NONE;
	}
	free_path(n);
	for (unsigned int tile = 0; tile < n->cores; tile++)
		clear_end(&f->end[tile]);
	memset(&f->at_in, 0, offsetof(struct iss_fabric, end) - offsetof(struct iss_fabric, at_in));
	f->at_in = f->at_out = (1u << f->ports) - 1;
	f->known = NEVER;
	f->collect = &f->pipe[0];
	f->turn = &f->pipe[1];
	f->route = &f->pipe[2];
	f->last_port = f->last_tile = f->last_ended = 31;
	n->ended = 0;
	pkt_tick_clear(n);
	pkt_ingress_masks(n);
}

int fabric_open(struct iss *n, unsigned int ports)
{
	n->fabric = calloc(1, sizeof(*n->fabric));
	if (!n->fabric)
		return -1;
	n->fabric->ports = ports;
	reset_registers(n->fabric);
	set_patterns(n->fabric);
	fabric_clear(n);
	return 0;
}

void fabric_close(struct iss *n)
{
	struct iss_fabric *f = n->fabric;

	if (!f)
		return;
	free_path(n);
	for (unsigned int port = 0; port < f->ports; port++) {
		struct iss_out *o = &f->out[port];

		if (o->reg && (o->reg_last || o->reg_kept))
			frame_free(f, o->reg);
		if (f->in[port].beat)
			free_one(f, &f->in[port].last);
		free_offers(f, &f->in[port].offers);
		free_offers(f, &f->out[port].host);
	}
	while (f->pool) {
		struct iss_frame *frame = f->pool;

		f->pool = frame->next;
		free(frame);
	}
	free(f);
}
