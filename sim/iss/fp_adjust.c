// SPDX-License-Identifier: Apache-2.0
#include "iss.h"

enum { INVALID = -22, ACCESS = -13 };

void fp_adjust_set(struct iss_thread *t, unsigned int front, unsigned int start, unsigned int end)
{
	const uint64_t tag = (uint64_t)NIC_TAG_PKT << 60;

	t->front = front;
	t->start = start;
	t->end = end;
	t->r[SR_META] = tag | front;
	t->r[SR_DATA] = tag | start;
	t->r[SR_DATA_END] = tag | end;
	t->r[SR_LEN] = end - start;
}

int fp_adjust(struct iss_thread *t, unsigned int op, int32_t n)
{
	int64_t front = t->front, start = t->start, end = t->end;

	if (start == end) /* a tick */
		return INVALID;
	if (op == OP_ADJT) {
		end += n;
	} else {
		front += n;
		start += op == OP_ADJH ? n : 0;
	}
	if (front < NIC_HEAD_MIN || end > NIC_PKT_BUFFER)
		return INVALID;
	if (op == OP_ADJM) {
		if (front > start)
			return INVALID;
		if ((start - front) % 4 || start - front > NIC_META_MAX)
			return ACCESS;
	} else if (end - start < NIC_LEN_MIN || end - start > NIC_LEN_MAX) {
		return INVALID;
	}
	fp_adjust_set(t, front, start, end);
	return 0;
}
