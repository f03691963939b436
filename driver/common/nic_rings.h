/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * A host's rings of one NIC queue: hw/spec/host.md. Freestanding, and nothing here allocates: the caller gives the memory of the rings
 * and says where the NIC sees it. Not for several threads at once on one ring; receive and transmit of a queue may be two.
 */
#ifndef DRIVER_COMMON_NIC_RINGS_H
#define DRIVER_COMMON_NIC_RINGS_H

#include <stddef.h>
#include <stdint.h>

#include "nic_maps.h"

struct nic_rx_desc {
	uint64_t addr;        /* of the buffer for the NIC, a multiple of 64 */
	uint32_t len;
	uint32_t cookie;
};

struct nic_tx_desc {
	uint64_t addr;
	uint16_t len;
	uint8_t flags;        /* NIC_TX_* */
	uint8_t port;
	uint16_t sum_from, sum_at; /* with NIC_TX_CSUM, of the frame's first one */
};

enum { NIC_TX_EOP = 1, NIC_TX_CSUM = 2 };
enum { NIC_COMPLETION_PHASE = 1, NIC_COMPLETION_ERROR = 2 };

struct nic_completion {
	uint16_t len;         /* of the packet in its buffer; 0 with NIC_COMPLETION_ERROR */
	uint8_t port;         /* it came from */
	uint8_t checksum;     /* FOUND_*, hw/spec/inspect.h */
	uint32_t hash;
	uint64_t time;        /* ns */
	uint32_t cookie;      /* of the buffer */
	uint16_t index;       /* of the buffer in its ring, free-running */
	uint8_t meta_len;     /* bytes of metadata: the last ones of meta */
	uint8_t status;       /* NIC_COMPLETION_* */
	uint32_t number;
	uint32_t reserved;
	uint8_t meta[32];
};

#ifndef __KERNEL__
_Static_assert(sizeof(struct nic_rx_desc) == 16 && sizeof(struct nic_tx_desc) == 16, "no padding");
_Static_assert(sizeof(struct nic_completion) == 64, "one row of the host bus");
#endif

/* Memory that host and NIC both see; a multiple of 64 on both sides. */
struct nic_memory {
	void *cpu;
	uint64_t nic;
};

struct nic_rx_ring {
	const struct nic_regs *regs;
	uint32_t block;               /* offset of the queue's registers */
	struct nic_rx_desc *desc;
	const struct nic_completion *done;
	uint16_t size;                /* entries of both rings, a power of two, 4..32768 */
	uint16_t tail, head;          /* buffers given; completions taken; free-running */
};

struct nic_tx_ring {
	const struct nic_regs *regs;
	uint32_t block;
	struct nic_tx_desc *desc;
	const volatile uint32_t *done; /* the NIC writes here how many descriptors are done */
	uint16_t size;
	uint16_t tail, head;          /* descriptors given; known to be done; free-running */
};

/* Queues of the host side; 0: the NIC has none. */
uint32_t nic_rings_queues(const struct nic_regs *regs);
/* Does it make checksums of frames that are sent? */
int nic_rings_sums(const struct nic_regs *regs);

/* Set up a queue's rings and turn them on. desc: size * 16 bytes; done: size * 64 bytes (receive), 4 bytes (transmit); all are cleared here.
 * lossless: a packet waits for a buffer instead of being dropped. Returns 0, or -EINVAL: no such queue, a bad size, or memory that is
 * not aligned. Either ring can be on without the other; turning one on leaves the other as it is. */
int nic_rx_open(struct nic_rx_ring *r, const struct nic_regs *regs, uint32_t queue, uint32_t size, const struct nic_memory *desc,
		const struct nic_memory *done, int lossless);
int nic_tx_open(struct nic_tx_ring *t, const struct nic_regs *regs, uint32_t queue, uint32_t size, const struct nic_memory *desc,
		const struct nic_memory *done);
/* Turn the ring off and wait until the NIC touches its memory no more. 0, or -EIO: it didn't come to rest. */
int nic_rx_close(struct nic_rx_ring *r);
int nic_tx_close(struct nic_tx_ring *t);

/* Gives the NIC a buffer; 0, or -ENOSPC: the ring is full. The NIC looks at it from nic_rx_kick() on. */
int nic_rx_give(struct nic_rx_ring *r, uint64_t addr, uint32_t len, uint32_t cookie);
void nic_rx_kick(const struct nic_rx_ring *r);
/* The next completion, or NULL. It stays valid until nic_rx_free() tells the NIC that all taken ones may be written again. */
const struct nic_completion *nic_rx_take(struct nic_rx_ring *r);
void nic_rx_free(const struct nic_rx_ring *r);
/* Is there a completion to take, a descriptor to reclaim? */
int nic_rx_waits(const struct nic_rx_ring *r);
int nic_tx_waits(const struct nic_tx_ring *t);

/* Puts a part of a frame into the ring, the last part with end set; 0, or -ENOSPC. A frame has at most NIC_TX_SEGMENTS parts. */
int nic_tx_give(struct nic_tx_ring *t, uint64_t addr, uint16_t len, uint8_t port, int end);
/* To the frame whose first part was given last: the NIC writes at byte `at` of it the checksum of its bytes from `from` on, as they are
 * (with the pseudo header's sum in that place, one of TCP or UDP). */
void nic_tx_sum(struct nic_tx_ring *t, uint16_t from, uint16_t at);
void nic_tx_kick(const struct nic_tx_ring *t);
/* How many more descriptors are done since the last call, oldest first. */
uint32_t nic_tx_reclaim(struct nic_tx_ring *t);

#endif
