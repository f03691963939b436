// SPDX-License-Identifier: Apache-2.0
#include "fabric.h"

static void report(struct iss *n, unsigned int port, unsigned int drop)
{
	struct device_rx r = {.cycle = n->cycle, .port = port, .drop = drop};

	if (n->events.rx)
		n->events.rx(n->events.arg, &r);
}

static void received(struct iss *n, unsigned int port, struct iss_frame *frame)
{
	frame->port = port;
	frame->time = csr_regs_time(n, n->cycle);
	store_commit(&n->fabric->in[port].store, frame);
	n->fabric->step_in |= 1u << port;
	++*port_counter(n->fabric, port, NIC_CNT_P_RX);
	*port_counter(n->fabric, port, NIC_CNT_P_RX_BYTES) += frame->len;
	report(n, port, DEVICE_DROP_NONE);
}

static void dropped(struct iss *n, unsigned int port, struct iss_frame *frame, unsigned int cause)
{
	struct iss_store *store = &n->fabric->in[port].store;

	store->wr = store->commit;
	frame_free(n->fabric, frame);
	++*port_counter(n->fabric, port, NIC_CNT_P_LONG + cause - DEVICE_DROP_LONG);
	report(n, port, cause);
}

/* Why the frame is dropped, as far as this beat tells. */
static unsigned int cause_of(const struct iss *n, const struct iss_in *in, uint32_t used)
{
	if (in->rows == FRAME_ROWS)
		return DEVICE_DROP_LONG;
	if (used == NIC_STORE_ROWS)
		return DEVICE_DROP_FULL;
	if (in->last && in->last->bad)
		return DEVICE_DROP_BAD;
	if (in->last && in->last->len < n->fabric->rx_min)
		return DEVICE_DROP_SHORT;
	return DEVICE_DROP_NONE;
}

/* A frame that is coming in meanwhile is counted as BAD at its end; one that ends in it is not counted. */
static void process_in_reset(struct iss_fabric *f, struct iss_in *in)
{
	in->rows++;
	if (!in->last)
		return;
	frame_free(f, in->last);
	in->rows = 0;
}

static void process(struct iss *n, unsigned int port, uint32_t used)
{
	struct iss_in *in = &n->fabric->in[port];

	if (csr_regs_in_reset(n)) {
		process_in_reset(n->fabric, in);
		return;
	}
	if (!in->cause)
		in->cause = cause_of(n, in, used);
	if (!in->cause)
		in->store.wr++;
	in->rows++;
	if (!in->last)
		return;
	if (in->cause)
		dropped(n, port, in->last, in->cause);
	else
		received(n, port, in->last);
	in->cause = DEVICE_DROP_NONE;
	in->rows = 0;
}

void pkt_in_cycle(struct iss *n, unsigned int port)
{
	struct iss_in *in = &n->fabric->in[port];
	bool full = pkt_in_full(n->fabric, port);
	struct iss_frame *frame;

	if (in->beat)
		process(n, port, store_used(&in->store));
	in->beat = offers_row(&in->offers, n->cycle) && !full;
	if (in->beat)
		in->last = offers_take(&in->offers, &frame) ? frame : NULL;
	else if (!in->offers.count || (in->offers.held && pkt_in_full(n->fabric, port)))
		n->fabric->at_in &= ~(1u << port); /* until a row comes, or room for the one that is on offer */
}
