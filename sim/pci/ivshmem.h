/* SPDX-License-Identifier: Apache-2.0
 *
 * The far end of QEMU's ivshmem-doorbell device: shared memory, a doorbell, and interrupts of the guest. One guest at a time.
 */
#ifndef SIM_PCI_IVSHMEM_H
#define SIM_PCI_IVSHMEM_H

#include <stddef.h>

enum { IVSHMEM_VECTORS = 16 };

struct ivshmem {
	int listener, memory;         /* sockets and files; -1: none */
	int guest;                    /* its connection, -1: none */
	int doorbell;                 /* eventfd the guest rings */
	int irq[IVSHMEM_VECTORS];     /* eventfds of the guest's interrupts */
	void *shared;
	size_t size;
};

/* Listens at the path and makes shared memory of size bytes, a power of two, all 0. 0, or -1 with a sentence in why. */
int ivshmem_open(struct ivshmem *s, const char *path, size_t size, char *why, size_t room);
void ivshmem_close(struct ivshmem *s);
/* Takes a guest that has come; notes one that has gone. 1: it came, -1: it went, 0: neither. */
int ivshmem_look(struct ivshmem *s);
/* Interrupts the guest. */
void ivshmem_interrupt(const struct ivshmem *s, unsigned int vector);
/* Waits until the doorbell rings, something happens to the guest, fd (-1: none) can be read, or ms have passed. */
void ivshmem_wait(const struct ivshmem *s, int fd, int ms);

#endif
