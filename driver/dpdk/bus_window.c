// SPDX-License-Identifier: Apache-2.0
/* A simulated NIC that is a PCI device of a QEMU guest: registers through hw/spec/window.h in an ivshmem device; all else is as on a board. */
#include <rte_cycles.h>
#include <rte_io.h>
#include <rte_pause.h>
#include <stdlib.h>

#include "bus_pci.h"
#include "hw/spec/window.h"

enum { ANSWER_S = 2, ASK_AGAIN = 64 };

struct guest {
	struct nicjit_bus bus;
	struct window *window;
	uint8_t *doorbell;
	rte_spinlock_t lock;
	bool dead;
	uint8_t cookie_keys[COOKIE_KEYS_BYTES];
};

static void wake(struct guest *g)
{
	rte_mb(); /* it sees the request, or we see that it sleeps */
	if (__atomic_load_n(&g->window->asleep, __ATOMIC_RELAXED))
		rte_write32(rte_cpu_to_le_32(IVSHMEM_NIC), g->doorbell);
}

/* Waits until the NIC has done all but `left` of the requests; what takes seconds comes never. */
static bool await(struct guest *g, uint32_t left)
{
	uint64_t end = rte_get_timer_cycles() + ANSWER_S * rte_get_timer_hz();

	for (unsigned int n = 1; g->window->put - __atomic_load_n(&g->window->done, __ATOMIC_ACQUIRE) > left; n++) {
		rte_pause();
		if (n % ASK_AGAIN)
			continue;
		wake(g);
		if (rte_get_timer_cycles() > end) {
			g->dead = true;
			LOG(ERR, "the NIC does not answer any more: its process is gone");
			return false;
		}
	}
	return true;
}

static struct window_request *put(struct guest *g, uint32_t offset, uint32_t value)
{
	struct window *w = g->window;
	struct window_request *r = &w->request[w->put % WINDOW_SLOTS];

	if (g->dead || !await(g, WINDOW_SLOTS - 1))
		return NULL;
	*r = (struct window_request){offset, value};
	__atomic_store_n(&w->put, w->put + 1, __ATOMIC_RELEASE);
	wake(g);
	return r;
}

static uint32_t read_window(void *ctx, uint32_t offset)
{
	struct guest *g = ctx;
	const struct window_request *r;
	uint32_t value = UINT32_MAX;

	rte_spinlock_lock(&g->lock);
	r = put(g, offset, 0);
	if (r && await(g, 0))
		value = r->value;
	rte_spinlock_unlock(&g->lock);
	return value;
}

static void write_window(void *ctx, uint32_t offset, uint32_t value)
{
	struct guest *g = ctx;

	rte_spinlock_lock(&g->lock);
	put(g, offset | WINDOW_WRITE, value);
	rte_spinlock_unlock(&g->lock);
}

static void close_window(struct nicjit_bus *bus)
{
	free(bus);
}

struct nicjit_bus *nicjit_window_open(struct rte_pci_device *pci, char why[NICJIT_WHY])
{
	const struct rte_mem_resource *bar = pci->mem_resource;
	struct window *w = bar[IVSHMEM_MEMORY].len < sizeof(*w) ? NULL : bar[IVSHMEM_MEMORY].addr;
	struct guest *g;

	if (!w || !bar[IVSHMEM_BAR].addr || w->magic != WINDOW_MAGIC || w->version != WINDOW_VERSION) {
		snprintf(why, NICJIT_WHY, "no NIC is behind this ivshmem device; start nicpci for it, of the same build");
		return NULL;
	}
	g = calloc(1, sizeof(*g));
	if (!g)
		rte_panic("out of memory\n");
	if (nicjit_cookie_keys(g->cookie_keys, why)) {
		free(g);
		return NULL;
	}
	rte_spinlock_init(&g->lock);
	g->window = w;
	g->doorbell = (uint8_t *)bar[IVSHMEM_BAR].addr + IVSHMEM_DOORBELL;
	g->bus = (struct nicjit_bus){
		.regs = {.read = read_window, .write = write_window, .ctx = g, .cookie_keys = g->cookie_keys}, .close = close_window, .name = "window",
	};
	return &g->bus;
}
