/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * The register window: how a driver reaches the registers of a NIC that is another process (sim/pci), through memory that both see. Requests are
 * done in the order they were put; reads and writes are 32 bits. All words are little-endian.
 *
 *   driver: waits until put - done < WINDOW_SLOTS, fills request[put % WINDOW_SLOTS], put++; rings the doorbell when `asleep` is set
 *   NIC:    does request[done % WINDOW_SLOTS], writes what it read to its value, done++
 */
#ifndef HW_SPEC_WINDOW_H
#define HW_SPEC_WINDOW_H

#ifndef __KERNEL__
#include <stdint.h>
#endif

#define WINDOW_MAGIC 0x574a494eu /* "NIJW" */
#define WINDOW_WRITE 0x80000000u
enum { WINDOW_VERSION = 1, WINDOW_SLOTS = 4096, WINDOW_BYTES = 1 << 16 };

/* QEMU's ivshmem-doorbell, which the memory and the doorbell are of. Plain decimal as in pci.h: 1af4:1110. */
#define IVSHMEM_VENDOR 6900
#define IVSHMEM_DEVICE 4368
enum { IVSHMEM_BAR = 0, IVSHMEM_MEMORY = 2 };             /* BARs: registers, the memory */
enum { IVSHMEM_DOORBELL = 12, IVSHMEM_NIC = 1 << 16 };    /* in the registers; to the other side, its first vector */

struct window_request {
	uint32_t offset;              /* of the register; with WINDOW_WRITE */
	uint32_t value;
};

struct window {
	uint32_t magic, version;
	uint32_t asleep;              /* the NIC looks only when the doorbell rings */
	uint32_t reserved[13];
	uint32_t put;                 /* free-running */
	uint32_t reserved1[15];
	uint32_t done;                /* free-running */
	uint32_t reserved2[15];
	struct window_request request[WINDOW_SLOTS];
};

#endif
