// SPDX-License-Identifier: Apache-2.0
#include "bus_pci.h"

#include <rte_byteorder.h>
#include <rte_debug.h>
#include <rte_interrupts.h>
#include <rte_io.h>
#include <stdlib.h>

#include "hw/spec/pci.h"

struct board {
	struct nicjit_bus bus;
	struct rte_pci_device *pci;
	uint8_t *bar;
	struct rte_intr_handle *vectors; /* while they are on */
	uint8_t cookie_keys[COOKIE_KEYS_BYTES];
};

static uint32_t read_bar(void *ctx, uint32_t offset)
{
	const struct board *b = ctx;

	return rte_le_to_cpu_32(rte_read32(b->bar + offset));
}

static void write_bar(void *ctx, uint32_t offset, uint32_t value)
{
	const struct board *b = ctx;

	rte_write32(rte_cpu_to_le_32(value), b->bar + offset);
}

/* EAL has vector 0 signal the handle's own descriptor and vector 1 + i the i-th of the others; the NIC's queue i is vector i. */
static int set_vectors(struct rte_intr_handle *h, const int *fd, unsigned int n)
{
	int error = rte_intr_fd_set(h, fd[0]) || rte_intr_nb_efd_set(h, n - 1) || rte_intr_max_intr_set(h, n);

	for (unsigned int i = 1; !error && i < n; i++)
		error = rte_intr_efds_index_set(h, i - 1, fd[i]);
	return error ? -EINVAL : 0;
}

static void irq_close(struct nicjit_bus *bus)
{
	struct board *b = (struct board *)bus;

	if (!b->vectors)
		return;
	rte_intr_disable(b->vectors);
	rte_intr_instance_free(b->vectors);
	b->vectors = NULL;
}

static int irq_open(struct nicjit_bus *bus, const int *fd, unsigned int n)
{
	struct board *b = (struct board *)bus;
	struct rte_intr_handle *h;

	if (rte_intr_type_get(b->pci->intr_handle) != RTE_INTR_HANDLE_VFIO_MSIX) {
		LOG(ERR, "%s: receive interrupts need MSI-X and the kernel's driver vfio-pci", b->pci->name);
		return -ENOTSUP;
	}
	h = rte_intr_instance_dup(b->pci->intr_handle);
	if (!h)
		return -ENOMEM;
	if (set_vectors(h, fd, n) || rte_intr_enable(h)) {
		LOG(ERR, "%s: it has no %u interrupt vectors, one for each receive queue", b->pci->name, n);
		rte_intr_instance_free(h);
		return -EIO;
	}
	b->vectors = h;
	return 0;
}

static void close_board(struct nicjit_bus *bus)
{
	irq_close(bus);
	free(bus);
}

struct nicjit_bus *nicjit_pci_open(struct rte_pci_device *pci, char why[NICJIT_WHY])
{
	const struct rte_mem_resource *bar = &pci->mem_resource[NIC_PCI_BAR];
	struct board *b = calloc(1, sizeof(*b));

	if (!b)
		rte_panic("out of memory\n");
	if (!bar->addr || bar->len < NIC_PCI_BAR_BYTES) {
		snprintf(why, NICJIT_WHY, "BAR %d has %" PRIu64 " bytes of memory, the NIC's registers have %d", NIC_PCI_BAR, bar->addr ? bar->len : 0, NIC_PCI_BAR_BYTES);
		free(b);
		return NULL;
	}
	if (nicjit_cookie_keys(b->cookie_keys, why)) {
		free(b);
		return NULL;
	}
	b->pci = pci;
	b->bar = bar->addr;
	b->bus = (struct nicjit_bus){
		.regs = {.read = read_bar, .write = write_bar, .ctx = b, .cookie_keys = b->cookie_keys}, .irq_open = irq_open, .irq_close = irq_close,
		.close = close_board, .name = "pci",
	};
	return &b->bus;
}
