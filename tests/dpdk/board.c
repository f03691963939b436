// SPDX-License-Identifier: Apache-2.0
/*
 * Preloaded into an application of DPDK: a NIC on PCI that isn't there. The bus finds it by its numbers in a directory that SYSFS_PCI_DEVICES
 * names; where EAL would map the BAR it gets memory that faults, and the fault handler does the access on the C model, which runs in a thread of
 * its own from the first start on. The driver's loads and stores are the real ones. Its vectors signal the descriptors that the driver handed to rte_intr_enable(), in
 * the order in which VFIO takes them.
 *   BOARD_WIRE        what port 0 is plugged into
 *   BOARD_GONE_AFTER, BOARD_STUCK_AFTER  accesses to registers until it is gone, or hangs
 *   BOARD_BAR         bytes of BAR, BOARD_MSIX=0: legacy interrupts only
 */
#include <rte_interrupts.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <bus_pci_driver.h>
#include "driver/dpdk/bus_sim.h"
#include "hw/spec/pci.h"
#include "hw/spec/regs.h"

enum { STEP = 128, VECTORS = 32 };

int nicjit_logtype;
static struct nicjit_bus *nic;
static uint8_t *bar;
static int vector_fd[VECTORS];        /* 0: none */

static unsigned int number(const char *name, unsigned int otherwise)
{
	return getenv(name) ? (unsigned int)atoi(getenv(name)) : otherwise;
}

/* ---- Loads and stores ---- */

static greg_t *reg(ucontext_t *c, unsigned int n)
{
	static const int place[16] = {
		REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
	};

	return &c->uc_mcontext.gregs[place[n]];
}

/* Bytes of a ModRM operand in memory: itself, SIB, displacement. */
static unsigned int operand_bytes(const uint8_t *modrm)
{
	unsigned int mod = modrm[0] >> 6, rm = modrm[0] & 7, sib = rm == 4, base = sib ? modrm[1] & 7 : rm;

	return 1 + sib + (mod == 1 ? 1 : mod == 2 || (mod == 0 && base == 5) ? 4 : 0);
}

/* Its link comes up with it: nothing arrives before. */
static void store(uint32_t offset, uint32_t value)
{
	nic->regs.write(nic->regs.ctx, offset, value);
	if (offset == REG_CTRL && value >> CTRL_RUN_LSB & 1)
		nic->thread(nic, true);
}

/* Does the 32-bit move that the driver's instruction pointer is at; false: it is something else. */
static bool move(ucontext_t *c, uint32_t offset)
{
	enum { LOAD = 0x8b, STORE = 0x89, STORE_CONST = 0xc7, REX = 0x40, REX_R = 4, REX_W = 8 };
	const uint8_t *at = (const uint8_t *)c->uc_mcontext.gregs[REG_RIP], *start = at;
	unsigned int rex = (*at & 0xf0) == REX ? *at++ : 0, op = *at++, bytes = operand_bytes(at);
	greg_t *r = reg(c, (at[0] >> 3 & 7) | (rex & REX_R ? 8 : 0));
	uint32_t value;

	if (rex & REX_W)
		return false;
	if (op == LOAD) {
		*r = nic->regs.read(nic->regs.ctx, offset);
	} else if (op == STORE) {
		store(offset, (uint32_t)*r);
	} else if (op == STORE_CONST) {
		memcpy(&value, at + bytes, sizeof(value));
		store(offset, value);
		bytes += sizeof(value);
	} else {
		return false;
	}
	c->uc_mcontext.gregs[REG_RIP] += at + bytes - start;
	return true;
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	uintptr_t offset = (uintptr_t)info->si_addr - (uintptr_t)bar;

	(void)number;
	if (offset >= NIC_PCI_BAR_BYTES || offset % 4 || !move(context, (uint32_t)offset))
		signal(SIGSEGV, SIG_DFL); /* comes again, and ends the program */
}

/* ---- What EAL would do ---- */

static void on_irq(void *arg, unsigned int vector)
{
	const uint64_t one = 1;

	(void)arg;
	if (vector < VECTORS && vector_fd[vector] && write(vector_fd[vector], &one, sizeof(one)) < 0)
		return;
}

int rte_pci_map_device(struct rte_pci_device *dev)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
	struct nicjit_sim_config config = {.model = "iss", .wire = {getenv("BOARD_WIRE")}, .step = STEP, .gone_after = number("BOARD_GONE_AFTER", 0),
					  .stuck_after = number("BOARD_STUCK_AFTER", 0)};
	char why[NICJIT_WHY] = "";

	nic = nicjit_sim_open(&config, why);
	bar = mmap(NULL, NIC_PCI_BAR_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (!nic || bar == MAP_FAILED || sigaction(SIGSEGV, &action, NULL)) {
		fprintf(stderr, "no board: %s\n", why);
		return -1;
	}
	nic->irq = on_irq;
	dev->mem_resource[NIC_PCI_BAR] = (struct rte_mem_resource){.len = number("BOARD_BAR", NIC_PCI_BAR_BYTES), .addr = bar};
	rte_intr_type_set(dev->intr_handle, number("BOARD_MSIX", 1) ? RTE_INTR_HANDLE_VFIO_MSIX : RTE_INTR_HANDLE_VFIO_LEGACY);
	return 0;
}

void rte_pci_unmap_device(struct rte_pci_device *dev)
{
	dev->mem_resource[NIC_PCI_BAR].addr = NULL;
	nic->close(nic);
	munmap(bar, NIC_PCI_BAR_BYTES);
}

int rte_intr_enable(const struct rte_intr_handle *h)
{
	int n = rte_intr_nb_efd_get(h);

	if (rte_intr_max_intr_get(h) != n + 1)
		return -1;
	for (int i = 0; i < n; i++)
		vector_fd[RTE_INTR_VEC_RXTX_OFFSET + i] = rte_intr_efds_index_get(h, i);
	vector_fd[RTE_INTR_VEC_ZERO_OFFSET] = rte_intr_fd_get(h);
	return 0;
}

int rte_intr_disable(const struct rte_intr_handle *h)
{
	(void)h;
	memset(vector_fd, 0, sizeof(vector_fd));
	return 0;
}
