// SPDX-License-Identifier: Apache-2.0
/* Output ports, and the stream to the host. */
#include "fabric.h"

/* The row in the output register leaves. */
static void row_left(struct iss *n, unsigned int port)
{
	struct iss_fabric *f = n->fabric;
	struct iss_out *o = &f->out[port];
	struct device_tx t;

	if (o->reg_row == 0)
		o->first = n->cycle;
	if (o->reg_last) {
		/* a host's frame whose beginning a reset has cut off goes on as one of its own */
		uint32_t skipped = BEAT * (frame_rows(o->reg->len) - o->reg_row - 1);

		t = (struct device_tx){.cycle = n->cycle, .first = o->first, .port = port, .from_host = o->reg_host,
				       .number = o->reg_host ? 0 : o->reg->number};
		if (n->events.tx)
			n->events.tx(n->events.arg, &t, o->reg->data + skipped, o->reg->len - skipped);
	}
	if (o->reg_last || o->reg_kept)
		frame_free(f, o->reg);
	o->reg = NULL;
}

static void count(struct iss_fabric *f, unsigned int port, const struct iss_out *o)
{
	++*port_counter(f, port, NIC_CNT_P_TX);
	*port_counter(f, port, NIC_CNT_P_TX_BYTES) += o->reg->len - BEAT * (frame_rows(o->reg->len) - o->row);
	*port_counter(f, port, NIC_CNT_P_TX_HOST) += o->from_host;
}

/* The next row goes into the output register. */
static void load(struct iss *n, unsigned int port)
{
	struct iss_fabric *f = n->fabric;
	struct iss_out *o = &f->out[port];
	bool host = offers_row(&o->host, n->cycle), last;

	if (!o->middle) {
		if (!host && !o->store.valid)
			return;
		o->from_host = host && (!o->store.valid || !o->from_host);
		o->row = 0;
	} else if (o->from_host ? !host : !o->store.valid) {
		return;
	}
	if (o->from_host) {
		last = offers_take(&o->host, &o->reg);
	} else {
		o->reg = store_head(&o->store);
		last = store_take(&o->store);
		f->step_out |= 1u << port;
	}
	o->reg_host = o->from_host;
	o->reg_last = last;
	o->reg_kept = false;
	o->reg_row = o->row++;
	o->middle = !last;
	if (last)
		count(f, port, o);
}

void pkt_out_cycle(struct iss *n, unsigned int port)
{
	struct iss_out *o = &n->fabric->out[port];
	bool full = o->reg || o->abort;

	offers_row(&o->host, n->cycle); /* the host's offer begins in any case */
	if (full && !(o->pattern >> n->cycle % 64 & 1))
		return;
	if (o->reg)
		row_left(n, port);
	o->abort = o->cut;
	if (o->cut)
		o->cut = false;
	else if (!csr_regs_in_reset(n))
		load(n, port);
	if (!o->reg && !o->abort && !o->store.valid && !o->host.count)
		n->fabric->at_out &= ~(1u << port);
}

void pkt_host_cycle(struct iss *n)
{
	struct iss_fabric *f = n->fabric;
	struct iss_frame *frame;
	struct device_host_rx h;

	if (!(f->host_pattern >> n->cycle % 64 & 1))
		return;
	frame = store_head(&f->host);
	if (f->host.row == 0)
		f->host_first = n->cycle;
	if (!store_take(&f->host))
		return;
	h = (struct device_host_rx){.cycle = n->cycle, .first = f->host_first, .number = frame->number, .hash = frame->hash,
				    .time = frame->time, .port = frame->port, .queue = frame->queue, .checksum = frame->flags,
				    .meta_len = frame->meta_len, .redirected = frame->redirect};
	if (n->events.host_rx)
		n->events.host_rx(n->events.arg, &h, frame->data, frame->len);
	frame_free(f, frame);
}
