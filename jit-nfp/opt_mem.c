// SPDX-License-Identifier: Apache-2.0
/* Numbers the states of the packet's bytes: two reads with equal epoch see the same bytes. A store starts a new epoch, and so does a
 * block that different epochs lead into. */
#include "ir.h"

static int writes_packet(const struct value *v)
{
	return v->op == IR_ST && v->region[0] == R_PKT;
}

/* The epoch that all ways known so far bring, or 0 when they differ. */
static uint32_t epoch_from_preds(const struct block *b)
{
	uint32_t epoch = 0;

	for (uint32_t n = 0; n < b->n_pred; n++) {
		uint32_t e = b->pred[n]->epoch_out;

		if (e && epoch && e != epoch)
			return 0;
		if (e)
			epoch = e;
	}
	return epoch;
}

static void number_stores(struct func *f)
{
	f->n_epochs = 1; /* 1 is the packet as it came */
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		struct block *b = f->rpo[n];

		b->epoch_in = b->epoch_out = 0;
		for (struct value *v = b->first; v; v = v->next)
			if (writes_packet(v))
				v->epoch = b->epoch_out = ++f->n_epochs;
	}
	f->rpo[0]->epoch_in = 1;
	if (!f->rpo[0]->epoch_out)
		f->rpo[0]->epoch_out = 1;
}

/* An epoch once made for a block where ways differ stays, so this ends: a block changes at most twice. */
static void spread(struct func *f)
{
	int changed = 1;

	while (changed) {
		changed = 0;
		for (uint32_t n = 1; n < f->n_rpo; n++) {
			struct block *b = f->rpo[n];
			uint32_t in = epoch_from_preds(b);
			int passes = b->epoch_out == b->epoch_in;

			if (b->reached || (in && in == b->epoch_in))
				continue;
			if (!in || b->epoch_in) {
				in = ++f->n_epochs;
				b->reached = 1; /* has an epoch of its own */
			}
			b->epoch_in = in;
			if (passes)
				b->epoch_out = in;
			changed = 1;
		}
	}
	for (uint32_t n = 0; n < f->n_rpo; n++)
		f->rpo[n]->reached = 0;
}

void opt_mem_number(struct func *f)
{
	number_stores(f);
	spread(f);
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		struct block *b = f->rpo[n];
		uint32_t epoch = b->epoch_in;

		for (struct value *v = b->first; v; v = v->next) {
			if (writes_packet(v))
				epoch = v->epoch;
			else
				v->epoch = epoch;
		}
	}
}
