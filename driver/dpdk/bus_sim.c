// SPDX-License-Identifier: Apache-2.0
#include "bus_sim.h"

#include <rte_memory.h>
#include <rte_lcore.h>
#include <rte_ticketlock.h>
#include <sched.h>

#include "hw/spec/regs.h"
#include "sim/bus/host_memory.h"
#include "sim/device_regs.h"
#include "wire.h"

/* Frames that a port of the simulated NIC is given ahead. */
enum { AHEAD = 8, REGISTERS = 1 << 22 };

struct sim {
	struct nicjit_bus bus;
	struct device *device;
	rte_ticketlock_t lock;        /* over device and wires; fair, as the NIC's own thread takes it again and again */
	struct sim_wire *wire[NICJIT_WIRES];
	unsigned int step;
	uint32_t ext_used;            /* words of the map memory outside the chip, which begins as zeros */
	pthread_t thread;             /* that lets the NIC run, if running is set */
	bool running;
	unsigned int gone_after, stuck_after, damage_every, accesses, rows;
	uint32_t *last;               /* what registers read last, where it may get stuck */
	uint8_t cookie_keys[COOKIE_KEYS_BYTES];
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

static int dma_write(void *arg, uint64_t addr, const void *bytes, size_t len)
{
	enum { ROW = 64 };
	uint8_t *to = (uint8_t *)(uintptr_t)addr, damaged[ROW];
	struct sim *s = arg;

	if (!is_memory(addr, len))
		return -1;
	if (s->damage_every && len == ROW && ++s->rows % s->damage_every == 0) {
		memcpy(damaged, bytes, ROW);
		damaged[s->rows * 7 % ROW] ^= (uint8_t)(1u << s->rows % 8);
		bytes = damaged;
	}
	host_memory_put(to, bytes, len);
	return 0;
}

/* ---- Registers and time ---- */

static bool is_dead(const struct sim *s)
{
	unsigned int accesses = __atomic_load_n(&s->accesses, __ATOMIC_RELAXED);

	return (s->gone_after && accesses > s->gone_after) || (s->stuck_after && accesses > s->stuck_after);
}

/* Whether an access does nothing. */
static bool dies(struct sim *s)
{
	if (!s->gone_after && !s->stuck_after)
		return false;
	__atomic_add_fetch(&s->accesses, 1, __ATOMIC_RELAXED);
	return is_dead(s);
}

static uint32_t reg_read(void *ctx, uint32_t offset)
{
	struct sim *s = ctx;
	uint32_t value;

	if (dies(s))
		return s->last ? s->last[offset / 4] : UINT32_MAX;
	rte_ticketlock_lock(&s->lock);
	value = device_regs_read(s->device, offset);
	if (s->last)
		s->last[offset / 4] = value;
	rte_ticketlock_unlock(&s->lock);
	return value;
}

static void reg_write(void *ctx, uint32_t offset, uint32_t value)
{
	struct sim *s = ctx;

	if (dies(s))
		return;
	rte_ticketlock_lock(&s->lock);
	device_regs_write(s->device, offset, value);
	rte_ticketlock_unlock(&s->lock);
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

static void run_locked(struct sim *s)
{
	for (unsigned int port = 0; port < s->device->ports; port++)
		if (s->wire[port])
			feed(s, port);
	for (unsigned int i = 0; i < s->step; i++)
		s->device->ops->tick(s->device);
}

/* A thread that finds another one at it need not wait. */
static void poll_sim(struct nicjit_bus *bus)
{
	struct sim *s = (struct sim *)bus;

	if (__atomic_load_n(&s->running, __ATOMIC_RELAXED) || is_dead(s) || !rte_ticketlock_trylock(&s->lock))
		return;
	run_locked(s);
	rte_ticketlock_unlock(&s->lock);
}

static void *run_always(void *arg)
{
	struct sim *s = arg;

	while (__atomic_load_n(&s->running, __ATOMIC_RELAXED)) {
		rte_ticketlock_lock(&s->lock);
		if (!is_dead(s))
			run_locked(s);
		rte_ticketlock_unlock(&s->lock);
		sched_yield();
	}
	return NULL;
}

static int thread_sim(struct nicjit_bus *bus, bool on)
{
	struct sim *s = (struct sim *)bus;
	int error = 0;

	if (on == s->running)
		return 0;
	__atomic_store_n(&s->running, on, __ATOMIC_RELAXED);
	if (!on)
		pthread_join(s->thread, NULL);
	else
		error = rte_ctrl_thread_create(&s->thread, "nicjit", NULL, run_always, s);
	if (error)
		s->running = false;
	return error;
}

static void on_irq(void *arg, unsigned int vector)
{
	struct sim *s = arg;

	if (s->bus.irq)
		s->bus.irq(s->bus.irq_arg, vector);
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

	thread_sim(bus, false);
	if (s->device)
		s->device->ops->close(s->device);
	for (unsigned int port = 0; port < NICJIT_WIRES; port++)
		sim_wire_close(s->wire[port]);
	free(s->last);
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
		.events = {.tx = on_tx, .arg = s}, .host = {.dma_read = dma_read, .dma_write = dma_write, .irq = on_irq, .arg = s}, .rings = true,
		.cores = config->cores, .ports = config->ports, .ext = {.mib = DEVICE_EXT_MIB},
	};
	const char *reason = "";
	bool rtl = strcmp(config->model, "rtl") == 0;

	if (!s)
		rte_panic("out of memory\n");
	rte_ticketlock_init(&s->lock);
	if (nicjit_cookie_keys(s->cookie_keys, why))
		return refuse(s, why, NULL);
	s->step = config->step;
	s->gone_after = config->gone_after;
	s->stuck_after = config->stuck_after;
	s->last = config->stuck_after ? calloc(REGISTERS, sizeof(*s->last)) : NULL;
	if (s->stuck_after && !s->last)
		rte_panic("out of memory\n");
	s->damage_every = config->damage_every;
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
	s->bus = (struct nicjit_bus){.regs = {.read = reg_read, .write = reg_write, .ctx = s, .ext_used = &s->ext_used, .cookie_keys = s->cookie_keys}, .poll = poll_sim, .thread = thread_sim, .close = close_sim, .name = rtl ? "rtl" : "iss"};
	return &s->bus;
}
