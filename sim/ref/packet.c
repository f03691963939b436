// SPDX-License-Identifier: Apache-2.0
/* Helpers that move the packet's start and end, or copy its bytes. */
#include "interp.h"

#include <errno.h>
#include <string.h>

enum {
	ADJUST_HEAD = 44,
	ADJUST_META = 54,
	ADJUST_TAIL = 65,
	GET_BUFF_LEN = 188,
	LOAD_BYTES = 189,
	STORE_BYTES = 190,
	META_MAX = 252
};

/* A packet that is too long for the NIC may stay so. */
static bool fits(const struct ref_run *run, int64_t length)
{
	int32_t most = run->end - run->start;

	if (most < REF_PACKET_MAX)
		most = REF_PACKET_MAX;
	return length >= REF_PACKET_MIN && length <= most;
}

/* The metadata keeps its place in front of the packet. */
static int adjust_head(struct ref_run *run, int32_t n)
{
	int64_t meta = (int64_t)run->meta + n, start = (int64_t)run->start + n;

	if (meta < REF_HEAD_MIN - REF_HEADROOM || !fits(run, run->end - start))
		return -EINVAL;
	memmove(run->packet + meta, run->packet + run->meta, (size_t)(run->start - run->meta));
	run->meta = (int32_t)meta;
	run->start = (int32_t)start;
	return 0;
}

static int adjust_tail(struct ref_run *run, int32_t n)
{
	int64_t end = (int64_t)run->end + n;

	if (!fits(run, end - run->start))
		return -EINVAL;
	if (n > 0)
		memset(run->packet + run->end, 0, (size_t)n);
	run->end = (int32_t)end;
	return 0;
}

static int adjust_meta(struct ref_run *run, int32_t n)
{
	int64_t meta = (int64_t)run->meta + n, size = run->start - meta;

	if (meta < REF_HEAD_MIN - REF_HEADROOM || size < 0)
		return -EINVAL;
	if (size % 4 || size > META_MAX)
		return -EACCES;
	run->meta = (int32_t)meta;
	return 0;
}

static bool copy_bytes(struct ref_machine *machine, bool loads)
{
	struct ref_run *run = machine->run;
	uint32_t offset = (uint32_t)run->reg[2], size = (uint32_t)run->reg[4];
	uint8_t *own = memory_bytes(machine, run->reg[3], size, loads);
	int result = 0;

	if (!own)
		return false;
	if (offset > 0xffff || size > 0xffff)
		result = -EFAULT;
	else if (offset + size > (uint32_t)(run->end - run->start))
		result = -EINVAL;
	else if (loads)
		memmove(own, run->packet + run->start + offset, size);
	else
		memmove(run->packet + run->start + offset, own, size);
	run->reg[0] = (uint64_t)(int64_t)result;
	return true;
}

bool packet_is_helper(int32_t helper)
{
	return helper == ADJUST_HEAD || helper == ADJUST_META || helper == ADJUST_TAIL ||
	       helper == GET_BUFF_LEN || helper == LOAD_BYTES || helper == STORE_BYTES;
}

bool packet_call(struct ref_machine *machine, int32_t helper)
{
	struct ref_run *run = machine->run;
	int32_t n = (int32_t)run->reg[2];
	int result;

	if (run->reg[1] != memory_base(REGION_CTX))
		return interp_fault(run, "r1 is not the context");
	switch (helper) {
	case LOAD_BYTES:
	case STORE_BYTES:
		return copy_bytes(machine, helper == LOAD_BYTES);
	case ADJUST_HEAD:
		result = adjust_head(run, n);
		break;
	case ADJUST_TAIL:
		result = adjust_tail(run, n);
		break;
	case ADJUST_META:
		result = adjust_meta(run, n);
		break;
	default:
		result = run->end - run->start;
	}
	run->reg[0] = (uint64_t)(int64_t)result;
	return true;
}
