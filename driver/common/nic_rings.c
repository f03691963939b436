// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "nic_rings.h"

#include "hw/spec/regs.h"
#include "nic_wait.h"

enum { EIO_ = 5, ENODEV_ = 19, EINVAL_ = 22, ENOSPC_ = 28 };
enum { ROW = NIC_BEAT_BYTES };
/* Reads of STATUS after which a ring that is off should long be at rest. */
enum { REST_POLLS = 1 << 20 };

static uint32_t get(const struct nic_regs *regs, uint32_t block, uint32_t word)
{
	return regs->read(regs->ctx, block + 4 * word);
}

static void put(const struct nic_regs *regs, uint32_t block, uint32_t word, uint32_t value)
{
	regs->write(regs->ctx, block + 4 * word, value);
}

static void put_address(const struct nic_regs *regs, uint32_t block, uint32_t word, uint64_t addr)
{
	put(regs, block, word, (uint32_t)addr);
	put(regs, block, word + 1, (uint32_t)(addr >> 32));
}

/* What is written before is seen before. */
static void order_writes(void)
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static void order_reads(void)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

static void clear(void *bytes, size_t size)
{
	volatile uint64_t *word = bytes;

	for (size_t i = 0; i < size / 8; i++)
		word[i] = 0;
}

uint32_t nic_rings_queues(const struct nic_regs *regs)
{
	uint32_t cap = regs->read(regs->ctx, REG_CAP_HOST);

	return cap >> CAP_HOST_QUEUES_LSB & ((2u << (CAP_HOST_QUEUES_MSB - CAP_HOST_QUEUES_LSB)) - 1);
}

int nic_rings_sums(const struct nic_regs *regs)
{
	return regs->read(regs->ctx, REG_CAP_HOST) >> CAP_HOST_TX_CSUM_LSB & 1;
}

/* log2 of the size, or -1. */
static int size_log(uint32_t size)
{
	if (size < 4 || size > 1u << NIC_RING_LOG_MAX || (size & (size - 1)))
		return -1;
	return __builtin_ctz(size);
}

static int aligned(const struct nic_memory *m, uint32_t to)
{
	return (uintptr_t)m->cpu % to == 0 && m->nic % to == 0;
}

static int off(const struct nic_regs *regs, uint32_t block, uint32_t ring, uint32_t busy)
{
	struct nic_wait wait = { .regs = regs, .polls = REST_POLLS };
	uint32_t state;

	put(regs, block, NIC_Q_CTRL, get(regs, block, NIC_Q_CTRL) & ~ring);
	do {
		state = get(regs, block, NIC_Q_STATUS);
		if (!(state & busy))
			return 0;
	} while (nic_wait_more(&wait, state));
	return state == NIC_GONE ? -ENODEV_ : -EIO_;
}

static void on(const struct nic_regs *regs, uint32_t block, uint32_t bits)
{
	order_writes();
	put(regs, block, NIC_Q_CTRL, get(regs, block, NIC_Q_CTRL) | bits);
}

int nic_rx_open(struct nic_rx_ring *r, const struct nic_regs *regs, uint32_t queue, uint32_t size, const struct nic_memory *desc,
		const struct nic_memory *done, int lossless)
{
	int log = size_log(size), error;

	if (log < 0 || queue >= nic_rings_queues(regs) || !aligned(desc, ROW) || !aligned(done, ROW))
		return -EINVAL_;
	*r = (struct nic_rx_ring){ .regs = regs, .block = REG_QUEUE + queue * REG_QUEUE_STRIDE, .desc = desc->cpu,
				   .done = done->cpu, .size = (uint16_t)size };
	error = off(regs, r->block, NIC_Q_CTRL_RX | NIC_Q_CTRL_LOSSLESS, NIC_Q_STATUS_RX_BUSY);
	if (error)
		return error;
	clear(desc->cpu, (size_t)size * sizeof(*r->desc));
	clear(done->cpu, (size_t)size * sizeof(*r->done));
	put_address(regs, r->block, NIC_Q_RX_BASE_LO, desc->nic);
	put_address(regs, r->block, NIC_Q_CQ_BASE_LO, done->nic);
	put(regs, r->block, NIC_Q_RX_SIZE, (uint32_t)log);
	put(regs, r->block, NIC_Q_CQ_SIZE, (uint32_t)log);
	on(regs, r->block, NIC_Q_CTRL_RX | (lossless ? NIC_Q_CTRL_LOSSLESS : 0));
	return 0;
}

int nic_tx_open(struct nic_tx_ring *t, const struct nic_regs *regs, uint32_t queue, uint32_t size, const struct nic_memory *desc,
		const struct nic_memory *done)
{
	int log = size_log(size), error;

	if (log < 0 || queue >= nic_rings_queues(regs) || !aligned(desc, ROW) || !aligned(done, 4) || !done->nic)
		return -EINVAL_;
	*t = (struct nic_tx_ring){ .regs = regs, .block = REG_QUEUE + queue * REG_QUEUE_STRIDE, .desc = desc->cpu,
				   .done = done->cpu, .size = (uint16_t)size };
	error = off(regs, t->block, NIC_Q_CTRL_TX, NIC_Q_STATUS_TX_BUSY);
	if (error)
		return error;
	clear(desc->cpu, (size_t)size * sizeof(*t->desc));
	*(volatile uint32_t *)done->cpu = 0;
	put_address(regs, t->block, NIC_Q_TX_BASE_LO, desc->nic);
	put_address(regs, t->block, NIC_Q_TX_WB_LO, done->nic);
	put(regs, t->block, NIC_Q_TX_SIZE, (uint32_t)log);
	on(regs, t->block, NIC_Q_CTRL_TX);
	return 0;
}

int nic_rx_close(struct nic_rx_ring *r)
{
	return off(r->regs, r->block, NIC_Q_CTRL_RX, NIC_Q_STATUS_RX_BUSY);
}

int nic_tx_close(struct nic_tx_ring *t)
{
	return off(t->regs, t->block, NIC_Q_CTRL_TX, NIC_Q_STATUS_TX_BUSY);
}

int nic_rx_give(struct nic_rx_ring *r, uint64_t addr, uint32_t len, uint32_t cookie)
{
	/* A buffer counts until its completion was taken, so completions always have room. */
	if ((uint16_t)(r->tail - r->head) >= r->size)
		return -ENOSPC_;
	r->desc[r->tail & (r->size - 1)] = (struct nic_rx_desc){ addr, len, cookie };
	r->tail++;
	return 0;
}

void nic_rx_kick(const struct nic_rx_ring *r)
{
	order_writes();
	put(r->regs, r->block, NIC_Q_RX_TAIL, r->tail);
}

int nic_rx_waits(const struct nic_rx_ring *r)
{
	const struct nic_completion *c = &r->done[r->head & (r->size - 1)];
	int lap = r->head & r->size ? 0 : NIC_COMPLETION_PHASE;

	return (*(const volatile uint8_t *)&c->status & NIC_COMPLETION_PHASE) == lap;
}

const struct nic_completion *nic_rx_take(struct nic_rx_ring *r)
{
	if (!nic_rx_waits(r))
		return NULL;
	order_reads();
	return &r->done[r->head++ & (r->size - 1)];
}

void nic_rx_free(const struct nic_rx_ring *r)
{
	put(r->regs, r->block, NIC_Q_CQ_HEAD, r->head);
}

int nic_tx_give(struct nic_tx_ring *t, uint64_t addr, uint16_t len, uint8_t port, int end)
{
	if ((uint16_t)(t->tail - t->head) >= t->size)
		return -ENOSPC_;
	t->desc[t->tail & (t->size - 1)] = (struct nic_tx_desc){ addr, len, end ? NIC_TX_EOP : 0, port, 0, 0 };
	t->tail++;
	return 0;
}

void nic_tx_sum(struct nic_tx_ring *t, uint16_t from, uint16_t at)
{
	struct nic_tx_desc *d = &t->desc[(uint16_t)(t->tail - 1) & (t->size - 1)];

	d->flags |= NIC_TX_CSUM;
	d->sum_from = from;
	d->sum_at = at;
}

void nic_tx_kick(const struct nic_tx_ring *t)
{
	order_writes();
	put(t->regs, t->block, NIC_Q_TX_TAIL, t->tail);
}

int nic_tx_waits(const struct nic_tx_ring *t)
{
	return (uint16_t)*t->done != t->head;
}

uint32_t nic_tx_reclaim(struct nic_tx_ring *t)
{
	uint16_t head = (uint16_t)*t->done, more = (uint16_t)(head - t->head);

	order_reads();
	/* A word that claims more than was given is not the NIC's. */
	if (more > (uint16_t)(t->tail - t->head))
		return 0;
	t->head = head;
	return more;
}
