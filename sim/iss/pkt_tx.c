// SPDX-License-Identifier: Apache-2.0
#include "iss.h"

enum verdict { VERDICT_ABORTED, VERDICT_DROP, VERDICT_PASS, VERDICT_TX, VERDICT_REDIRECT };

static bool is_sent(const struct iss *n, uint32_t ret)
{
	return (n->ctrl >> CTRL_REPORT_LSB & 1) || ret == VERDICT_PASS || ret == VERDICT_TX ||
	       ret == VERDICT_REDIRECT;
}

static void take_head(struct iss *n)
{
	const struct iss_done *done = &n->done[n->done_head];
	const struct iss_thread *t = &n->thread[done->thread];

	n->tx_of = (struct device_completion){
		.cycle = n->cycle, .number = t->number, .ret = done->ret, .len = t->len,
		.thread = done->thread, .cause = done->cause, .fault_pc = done->fault_pc,
		.fault_addr = done->fault_addr, .bundles = done->bundles, .cycles = done->cycles,
	};
	n->done_head = (n->done_head + 1) % ISS_THREADS;
	n->done_count--;
	n->counter[NIC_CNT_VERDICT + (done->ret <= VERDICT_REDIRECT ? done->ret : 0)]++;
	if (done->cause)
		n->counter[NIC_CNT_FAULT + done->cause - 1]++;
	if (n->events.completion)
		n->events.completion(n->events.arg, &n->tx_of);
	if (is_sent(n, done->ret))
		n->tx_rows = (t->len + NIC_ROW_BYTES - 1) / NIC_ROW_BYTES;
	else
		n->idle |= 1u << done->thread;
}

/* The output queue is left out: nothing holds it up here, so it never has fewer than four places
 * free. */
static void read_row(struct iss *n)
{
	const struct iss_thread *t = &n->thread[n->tx_of.thread];

	if (--n->tx_rows)
		return;
	n->idle |= 1u << n->tx_of.thread;
	n->counter[NIC_CNT_TX]++;
	n->counter[NIC_CNT_TX_BYTES] += t->len;
	if (n->events.tx)
		n->events.tx(n->events.arg, &n->tx_of, t->pkt + NIC_HEADROOM, t->len);
}

bool pkt_tx_cycle(struct iss *n)
{
	if (n->tx_rows == 0) {
		if (n->done_count)
			take_head(n);
		return false;
	}
	if (n->port_b)
		return false;
	read_row(n);
	return true;
}
