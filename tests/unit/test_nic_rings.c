// SPDX-License-Identifier: Apache-2.0
/* A driver's side of the rings, on registers that only remember: what may be opened, which register gets what, and the two counts of each ring over
 * many laps. tests/host runs the same code on a NIC. */
#include <errno.h>
#include "driver/common/nic_rings.h"
#include "nic.h"

enum { SIZE = 8, QUEUE = 1, QUEUES = 3, LAPS = 70000 };

static uint32_t queue[QUEUES][REG_QUEUE_STRIDE / 4];
static uint32_t busy; /* what STATUS says while CTRL is written to turn something off */
static uint32_t tick, now, looks; /* the NIC's clock goes on by tick with every look at it; looks at registers */

static uint32_t *word_at(uint32_t offset)
{
	assert_in_range(offset, REG_QUEUE, REG_QUEUE + QUEUES * REG_QUEUE_STRIDE - 1);
	return &queue[(offset - REG_QUEUE) / REG_QUEUE_STRIDE][(offset - REG_QUEUE) % REG_QUEUE_STRIDE / 4];
}

static uint32_t read_register(void *ctx, uint32_t offset)
{
	(void)ctx;
	looks++;
	if (offset == REG_TIME_LO)
		return now += tick;
	if (offset == REG_CAP_HOST)
		return QUEUES << CAP_HOST_QUEUES_LSB | ~(((2u << (CAP_HOST_QUEUES_MSB - CAP_HOST_QUEUES_LSB)) - 1) << CAP_HOST_QUEUES_LSB);
	return *word_at(offset) | (word_at(offset) == &queue[QUEUE][NIC_Q_STATUS] ? busy : 0);
}

static void write_register(void *ctx, uint32_t offset, uint32_t value)
{
	(void)ctx;
	*word_at(offset) = value;
}

static const struct nic_regs regs = { .read = read_register, .write = write_register };

static _Alignas(64) struct nic_rx_desc rx_desc[SIZE];
static _Alignas(64) struct nic_completion rx_done[SIZE];
static _Alignas(64) struct nic_tx_desc tx_desc[SIZE];
static _Alignas(64) uint32_t tx_done;
static const struct nic_memory rx_desc_memory = { rx_desc, 0x1111111100000040 }, rx_done_memory = { rx_done, 0x2222222200000080 },
			       tx_desc_memory = { tx_desc, 0x33333333000000c0 }, tx_done_memory = { &tx_done, 0x4444444400000004 };

static void assert_address(uint32_t word, uint64_t want)
{
	assert_int_equal((uint64_t)queue[QUEUE][word + 1] << 32 | queue[QUEUE][word], want);
}

static void open_both(struct nic_rx_ring *r, struct nic_tx_ring *t)
{
	memset(queue, 0, sizeof(queue));
	memset(rx_desc, 0xff, sizeof(rx_desc));
	memset(rx_done, 0xff, sizeof(rx_done));
	memset(tx_desc, 0xff, sizeof(tx_desc));
	tx_done = 7;
	assert_int_equal(nic_rx_open(r, &regs, QUEUE, SIZE, &rx_desc_memory, &rx_done_memory, 0), 0);
	assert_int_equal(nic_tx_open(t, &regs, QUEUE, SIZE, &tx_desc_memory, &tx_done_memory), 0);
}

static void rings_are_set_up(void **state)
{
	struct nic_rx_ring r;
	struct nic_tx_ring t;

	(void)state;
	assert_int_equal(nic_rings_queues(&regs), QUEUES);
	assert_true(nic_rings_sums(&regs));
	open_both(&r, &t);
	assert_address(NIC_Q_RX_BASE_LO, rx_desc_memory.nic);
	assert_address(NIC_Q_CQ_BASE_LO, rx_done_memory.nic);
	assert_address(NIC_Q_TX_BASE_LO, tx_desc_memory.nic);
	assert_address(NIC_Q_TX_WB_LO, tx_done_memory.nic);
	assert_int_equal(queue[QUEUE][NIC_Q_RX_SIZE], 3);
	assert_int_equal(queue[QUEUE][NIC_Q_CQ_SIZE], 3);
	assert_int_equal(queue[QUEUE][NIC_Q_TX_SIZE], 3);
	assert_int_equal(queue[QUEUE][NIC_Q_CTRL], NIC_Q_CTRL_RX | NIC_Q_CTRL_TX);
	for (int n = 0; n < SIZE; n++)
		assert_true(!rx_desc[n].addr && !rx_desc[n].len && !tx_desc[n].addr && !tx_desc[n].len);
	assert_null(nic_rx_take(&r));       /* what memory held before is no completion */
	assert_int_equal(nic_tx_reclaim(&t), 0);
	assert_int_equal(nic_rx_close(&r), 0);
	assert_int_equal(queue[QUEUE][NIC_Q_CTRL], NIC_Q_CTRL_TX);
	assert_int_equal(nic_rx_open(&r, &regs, QUEUE, SIZE, &rx_desc_memory, &rx_done_memory, 1), 0);
	assert_int_equal(queue[QUEUE][NIC_Q_CTRL], NIC_Q_CTRL_RX | NIC_Q_CTRL_LOSSLESS | NIC_Q_CTRL_TX);
	assert_int_equal(nic_tx_close(&t), 0);
	assert_int_equal(queue[QUEUE][NIC_Q_CTRL], NIC_Q_CTRL_RX | NIC_Q_CTRL_LOSSLESS);
	for (unsigned int other = 0; other < QUEUES; other++)
		for (unsigned int word = 0; other != QUEUE && word < REG_QUEUE_STRIDE / 4; word++)
			assert_int_equal(queue[other][word], 0);
}

static void what_no_ring_can_be_is_refused(void **state)
{
	static const uint32_t sizes[] = { 0, 2, 3, 6, 12, 65536, 1u << 31 };
	const struct nic_memory odd_cpu = { (char *)rx_desc + 16, 64 }, odd_nic = { rx_desc, 32 }, odd_word = { &tx_done, 2 }, nowhere = { &tx_done, 0 };
	struct nic_rx_ring r;
	struct nic_tx_ring t;

	(void)state;
	memset(queue, 0, sizeof(queue));
	for (size_t n = 0; n < sizeof(sizes) / sizeof(*sizes); n++) {
		assert_int_equal(nic_rx_open(&r, &regs, QUEUE, sizes[n], &rx_desc_memory, &rx_done_memory, 0), -EINVAL);
		assert_int_equal(nic_tx_open(&t, &regs, QUEUE, sizes[n], &tx_desc_memory, &tx_done_memory), -EINVAL);
	}
	assert_int_equal(nic_rx_open(&r, &regs, QUEUES, SIZE, &rx_desc_memory, &rx_done_memory, 0), -EINVAL);
	assert_int_equal(nic_tx_open(&t, &regs, QUEUES, SIZE, &tx_desc_memory, &tx_done_memory), -EINVAL);
	assert_int_equal(nic_rx_open(&r, &regs, QUEUE, SIZE, &odd_cpu, &rx_done_memory, 0), -EINVAL);
	assert_int_equal(nic_rx_open(&r, &regs, QUEUE, SIZE, &rx_desc_memory, &odd_nic, 0), -EINVAL);
	assert_int_equal(nic_tx_open(&t, &regs, QUEUE, SIZE, &odd_nic, &tx_done_memory), -EINVAL);
	assert_int_equal(nic_tx_open(&t, &regs, QUEUE, SIZE, &tx_desc_memory, &odd_word), -EINVAL);
	assert_int_equal(nic_tx_open(&t, &regs, QUEUE, SIZE, &tx_desc_memory, &nowhere), -EINVAL);
	for (unsigned int word = 0; word < REG_QUEUE_STRIDE / 4; word++)
		assert_int_equal(queue[QUEUE][word], 0);
}

static void rings_that_do_not_rest_are_given_up(void **state)
{
	struct nic_rx_ring r;
	struct nic_tx_ring t;

	(void)state;
	open_both(&r, &t);
	busy = NIC_Q_STATUS_RX_BUSY;
	assert_int_equal(nic_rx_close(&r), -EIO);
	assert_int_equal(nic_tx_close(&t), 0);
	busy = NIC_Q_STATUS_TX_BUSY;
	assert_int_equal(nic_tx_close(&t), -EIO);
	assert_int_equal(nic_tx_open(&t, &regs, QUEUE, SIZE, &tx_desc_memory, &tx_done_memory), -EIO);
	queue[QUEUE][NIC_Q_CTRL] |= NIC_Q_CTRL_LOSSLESS; /* of whoever had it before */
	assert_int_equal(nic_rx_open(&r, &regs, QUEUE, SIZE, &rx_desc_memory, &rx_done_memory, 0), 0);
	assert_int_equal(queue[QUEUE][NIC_Q_CTRL], NIC_Q_CTRL_RX);
	busy = 0;
}

/* One whose clock goes on is waited for long; one that hangs, or is gone, is not. */
static void a_dead_board_is_not_waited_for(void **state)
{
	enum { LONG = 1 << 20, SHORT = 10000, FEW = 4 };
	struct nic_rx_ring r;
	struct nic_tx_ring t;

	(void)state;
	open_both(&r, &t);
	busy = NIC_Q_STATUS_RX_BUSY;
	tick = 1;
	looks = 0;
	assert_int_equal(nic_rx_close(&r), -EIO);
	assert_in_range(looks, LONG, 2 * LONG);
	tick = 0;
	looks = 0;
	assert_int_equal(nic_rx_close(&r), -EIO);
	assert_in_range(looks, FEW, SHORT);
	busy = UINT32_MAX;
	looks = 0;
	assert_int_equal(nic_rx_close(&r), -ENODEV);
	assert_in_range(looks, 1, FEW);
	busy = 0;
}

/* The NIC's part: a completion of the lap that index is in. */
static void complete(uint16_t index)
{
	rx_done[index % SIZE] = (struct nic_completion){ .cookie = index, .status = index / SIZE % 2 ? 0 : NIC_COMPLETION_PHASE };
}

/* More rounds than 16 bits count. */
static void buffers_come_back_lap_by_lap(void **state)
{
	struct nic_rx_ring r;
	struct nic_tx_ring t;
	uint32_t given = 0, taken = 0;

	(void)state;
	open_both(&r, &t);
	while (taken < LAPS) {
		const struct nic_completion *c;
		unsigned int batch = 1 + taken % SIZE;

		while (nic_rx_give(&r, 64 * (uint64_t)given, 2048, given) == 0)
			given++;
		assert_int_equal(given - taken, SIZE);
		assert_int_equal(rx_desc[(given - 1) % SIZE].cookie, given - 1);
		assert_int_equal(rx_desc[(given - 1) % SIZE].addr, 64 * (uint64_t)(given - 1));
		assert_int_equal(rx_desc[(given - 1) % SIZE].len, 2048);
		nic_rx_kick(&r);
		assert_int_equal(queue[QUEUE][NIC_Q_RX_TAIL], (uint16_t)given);
		for (unsigned int n = 0; n < batch; n++)
			complete((uint16_t)(taken + n));
		for (unsigned int n = 0; n < batch; n++) {
			assert_true(nic_rx_waits(&r));
			c = nic_rx_take(&r);
			assert_non_null(c);
			assert_int_equal(c->cookie, (uint16_t)taken++);
		}
		assert_false(nic_rx_waits(&r));
		assert_null(nic_rx_take(&r));
		nic_rx_free(&r);
		assert_int_equal(queue[QUEUE][NIC_Q_CQ_HEAD], (uint16_t)taken);
	}
}

static void descriptors_are_reclaimed(void **state)
{
	struct nic_rx_ring r;
	struct nic_tx_ring t;
	uint32_t given = 0, done = 0;

	(void)state;
	open_both(&r, &t);
	while (done < LAPS) {
		uint32_t batch = 1 + done % SIZE;

		while (nic_tx_give(&t, given, (uint16_t)(60 + given % 7), given % 2, given % 3 == 0) == 0)
			given++;
		assert_int_equal(given - done, SIZE);
		assert_int_equal(tx_desc[(given - 1) % SIZE].addr, given - 1);
		assert_int_equal(tx_desc[(given - 1) % SIZE].len, 60 + (given - 1) % 7);
		assert_int_equal(tx_desc[(given - 1) % SIZE].port, (given - 1) % 2);
		assert_true(!tx_desc[(given - 1) % SIZE].sum_from && !tx_desc[(given - 1) % SIZE].sum_at);
		assert_int_equal(tx_desc[(given - 1) % SIZE].flags, (given - 1) % 3 ? 0 : NIC_TX_EOP);
		nic_tx_sum(&t, 34, 50);
		assert_true(tx_desc[(given - 1) % SIZE].sum_from == 34 && tx_desc[(given - 1) % SIZE].sum_at == 50);
		assert_int_equal(tx_desc[(given - 1) % SIZE].flags, NIC_TX_CSUM | ((given - 1) % 3 ? 0 : NIC_TX_EOP));
		nic_tx_kick(&t);
		assert_int_equal(queue[QUEUE][NIC_Q_TX_TAIL], (uint16_t)given);
		assert_false(nic_tx_waits(&t));
		tx_done = (uint16_t)(done + batch);
		assert_true(nic_tx_waits(&t));
		assert_int_equal(nic_tx_reclaim(&t), batch);
		done += batch;
	}
	tx_done = (uint16_t)(given + 1); /* more than there were */
	assert_int_equal(nic_tx_reclaim(&t), 0);
	tx_done = (uint16_t)given;
	assert_int_equal(nic_tx_reclaim(&t), given - done);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rings_are_set_up),
		cmocka_unit_test(what_no_ring_can_be_is_refused),
		cmocka_unit_test(rings_that_do_not_rest_are_given_up),
		cmocka_unit_test(a_dead_board_is_not_waited_for),
		cmocka_unit_test(buffers_come_back_lap_by_lap),
		cmocka_unit_test(descriptors_are_reclaimed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
