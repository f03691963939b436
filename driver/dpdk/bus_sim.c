// SPDX-License-Identifier: Apache-2.0
#include "bus_sim.h"

#include <rte_memory.h>
#include <rte_spinlock.h>

#include "hw/spec/regs.h"
#include "sim/device_regs.h"
#include "wire.h"

/* Frames that a port of the simulated NIC is given ahead. */
enum { AHEAD = 8 };

struct sim {
	struct nicjit_bus bus;
	struct device *device;
	rte_spinlock_t lock;          /* over device and wires */
	struct sim_wire *wire[NICJIT_WIRES];
	unsigned int step;
	uint32_t ext_used;            /* words of the map memory outside the chip, which begins as zeros */
};

/* ---- Memory: the NIC's addresses are this process's; what is not EAL's memory is a bus error ---- */

static bool is_memory(uint64_t addr, size_t len)
{
	return rte_mem_virt2memseg_list((void *)(uintptr_t)addr) && rte_mem_virt2memseg_list((void *)(uintptr_t)(addr + len - 1));
}

static int dma_read(void *arg, uint64_t addr, void *bytes, size_t len)
{
	(void)arg;
	if (!is_memory(addr, len))
		return -1;
	memcpy(bytes, (const void *)(uintptr_t)addr, len);
	return 0;
}

/* Threads look at completions while another one runs the NIC: the word with the phase, the third of a row, comes last. */
static int dma_write(void *arg, uint64_t addr, const void *bytes, size_t len)
{
	enum { PHASE_WORD = NIC_CQE_STATUS / 8 * 8, ROW = 64 };
	uint8_t *to = (uint8_t *)(uintptr_t)addr;
	uint64_t word;

	(void)arg;
	if (!is_memory(addr, len))
		return -1;
	if (len != ROW) {
		memcpy(to, bytes, len);
		return 0;
	}
	memcpy(to, bytes, PHASE_WORD);
	memcpy(to + PHASE_WORD + 8, (const uint8_t *)bytes + PHASE_WORD + 8, ROW - PHASE_WORD - 8);
	memcpy(&word, (const uint8_t *)bytes + PHASE_WORD, 8);
	__atomic_store_n((uint64_t *)(to + PHASE_WORD), word, __ATOMIC_RELEASE);
	return 0;
}

/* ---- Registers and time ---- */

static uint32_t reg_read(void *ctx, uint32_t offset)
{
	struct sim *s = ctx;
	uint32_t value;

	rte_spinlock_lock(&s->lock);
	value = device_regs_read(s->device, offset);
	rte_spinlock_unlock(&s->lock);
	return value;
}

static void reg_write(void *ctx, uint32_t offset, uint32_t value)
{
	struct sim *s = ctx;

	rte_spinlock_lock(&s->lock);
	device_regs_write(s->device, offset, value);
	rte_spinlock_unlock(&s->lock);
}

static void feed(struct sim *s, unsigned int port)
{
	const struct device_ops *ops = s->device->ops;
	const uint8_t *frame;
	size_t len;

	while (ops->rx_pending(s->device, port) < AHEAD) {
		len = sim_wire_next(s->wire[port], &frame);
		if (!len)
			return;
		ops->rx(s->device, &(struct device_offer){.port = port, .frame = frame, .len = len});
	}
}

/* A thread that finds another one at it need not wait. */
static void poll_sim(struct nicjit_bus *bus)
{
	struct sim *s = (struct sim *)bus;

	if (!rte_spinlock_trylock(&s->lock))
		return;
	for (unsigned int port = 0; port < s->device->ports; port++)
		if (s->wire[port])
			feed(s, port);
	for (unsigned int i = 0; i < s->step; i++)
		s->device->ops->tick(s->device);
	rte_spinlock_unlock(&s->lock);
}

static void on_tx(void *arg, const struct device_tx *tx, const uint8_t *frame, size_t len)
{
	struct sim *s = arg;

	if (s->wire[tx->port])
		sim_wire_sent(s->wire[tx->port], frame, len);
}

static void close_sim(struct nicjit_bus *bus)
{
	struct sim *s = (struct sim *)bus;

	if (s->device)
		s->device->ops->close(s->device);
	for (unsigned int port = 0; port < NICJIT_WIRES; port++)
		sim_wire_close(s->wire[port]);
	free(s);
}

static struct nicjit_bus *refuse(struct sim *s, char *why, const char *text)
{
	if (text)
		snprintf(why, NICJIT_WHY, "%s", text);
	close_sim(&s->bus);
	return NULL;
}

struct nicjit_bus *nicjit_sim_open(const struct nicjit_sim_config *config, char why[NICJIT_WHY])
{
	struct sim *s = calloc(1, sizeof(*s));
	struct device_config device = {
		.events = {.tx = on_tx, .arg = s}, .host = {.dma_read = dma_read, .dma_write = dma_write, .arg = s}, .rings = true,
		.cores = config->cores, .ports = config->ports, .ext = {.mib = DEVICE_EXT_MIB},
	};
	const char *reason = "";
	bool rtl = strcmp(config->model, "rtl") == 0;

	if (!s)
		rte_panic("out of memory\n");
	rte_spinlock_init(&s->lock);
	s->step = config->step;
	if (!rtl && strcmp(config->model, "iss"))
		return refuse(s, why, "a model is rtl (the Verilated NIC) or iss (the C model)");
	s->device = rtl ? device_rtl_open(&device, &reason) : device_iss_open(&device, &reason);
	if (!s->device)
		return refuse(s, why, reason);
	for (unsigned int port = 0; port < NICJIT_WIRES; port++) {
		if (!config->wire[port])
			continue;
		if (port >= s->device->ports)
			return refuse(s, why, "a wire is given for a port that the NIC does not have (ports=)");
		s->wire[port] = sim_wire_open(config->wire[port], why, NICJIT_WHY);
		if (!s->wire[port])
			return refuse(s, why, NULL);
	}
	s->bus = (struct nicjit_bus){.regs = {.read = reg_read, .write = reg_write, .ctx = s, .ext_used = &s->ext_used}, .poll = poll_sim, .close = close_sim, .name = rtl ? "rtl" : "iss"};
	return &s->bus;
}
