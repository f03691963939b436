// SPDX-License-Identifier: Apache-2.0
/* Frames, and what the world offers to a stream. */
#include "fabric.h"

#include <stdlib.h>
#include <string.h>

struct iss_frame *frame_new(struct iss_fabric *f)
{
	struct iss_frame *frame = f->pool;

	if (frame)
		f->pool = frame->next;
	else
		frame = malloc(sizeof(*frame));
	if (!frame)
		abort();
	return frame;
}

int offers_add(struct iss_fabric *f, struct iss_offers *o, const uint8_t *bytes, size_t len, uint64_t at, bool bad)
{
	struct iss_frame *frame;

	if (o->count == DEVICE_OFFERS || len == 0 || len > UINT32_MAX)
		return -1;
	frame = frame_new(f);
	frame->len = len;
	frame->at = at;
	frame->bad = bad;
	memcpy(frame->data, bytes, len < sizeof(frame->data) ? len : sizeof(frame->data));
	o->frame[(o->head + o->count++) % DEVICE_OFFERS] = frame;
	return 0;
}

bool offers_row(struct iss_offers *o, uint64_t cycle)
{
	if (o->held)
		return true;
	if (!o->count || !(o->pattern >> cycle % 64 & 1))
		return false;
	o->held = o->row || o->frame[o->head]->at <= cycle;
	return o->held;
}

bool offers_take(struct iss_offers *o, struct iss_frame **frame)
{
	*frame = o->frame[o->head];
	o->held = false;
	o->taken = true;
	if (++o->row < frame_rows((*frame)->len))
		return false;
	o->row = 0;
	o->head = (o->head + 1) % DEVICE_OFFERS;
	o->count--;
	return true;
}
