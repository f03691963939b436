// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Registers: those of a board in its first BAR, or those of a simulated NIC through hw/spec/window.h in an ivshmem device. */
#include <linux/delay.h>
#include <linux/io.h>

#include "driver.h"
#include "nic_wait.h"
#include "window.h"

enum { BOARD_BAR = 0, ANSWER_NS = 2 * NSEC_PER_SEC, ASK_AGAIN = 64 };

void bus_die(struct bus *b)
{
	if (READ_ONCE(b->dead))
		return;
	WRITE_ONCE(b->dead, true);
	schedule_work(&b->died);
}

static u32 board_read(void *ctx, u32 offset)
{
	struct bus *b = ctx;
	u32 value = READ_ONCE(b->dead) ? NIC_GONE : readl(b->bar + offset);

	if (value == NIC_GONE && !READ_ONCE(b->dead) && readl(b->bar + REG_ID) == NIC_GONE) /* so reads whatever is not there */
		bus_die(b);
	return value;
}

static void board_write(void *ctx, u32 offset, u32 value)
{
	struct bus *b = ctx;

	if (!READ_ONCE(b->dead))
		writel(value, b->bar + offset);
}

static void wake(struct bus *b)
{
	smp_mb(); /* it sees the request, or we see that it sleeps */
	if (READ_ONCE(b->window->asleep))
		writel(IVSHMEM_NIC, b->doorbell);
}

/* Waits until the NIC has done all but `left` of the requests; what takes seconds comes never. */
static bool await(struct bus *b, u32 left)
{
	u64 start = ktime_get_mono_fast_ns();

	/* what was asked for is read after done says that it is there */
	for (unsigned int n = 1; b->window->put - smp_load_acquire(&b->window->done) > left; n++) {
		cpu_relax();
		if (n % ASK_AGAIN)
			continue;
		wake(b);
		if (ktime_get_mono_fast_ns() - start > ANSWER_NS) {
			bus_die(b);
			return false;
		}
	}
	return true;
}

static struct window_request *put(struct bus *b, u32 offset, u32 value)
{
	struct window *w = b->window;
	struct window_request *r = &w->request[w->put % WINDOW_SLOTS];

	if (READ_ONCE(b->dead) || !await(b, WINDOW_SLOTS - 1))
		return NULL;
	r->offset = offset;
	r->value = value;
	smp_store_release(&w->put, w->put + 1); /* after the request itself */
	wake(b);
	return r;
}

static u32 window_read(void *ctx, u32 offset)
{
	struct bus *b = ctx;
	struct window_request *r;
	unsigned long flags;
	u32 value = ~0U;

	spin_lock_irqsave(&b->lock, flags);
	r = put(b, offset, 0);
	if (r && await(b, 0))
		value = READ_ONCE(r->value);
	spin_unlock_irqrestore(&b->lock, flags);
	return value;
}

static void window_write(void *ctx, u32 offset, u32 value)
{
	struct bus *b = ctx;
	unsigned long flags;

	spin_lock_irqsave(&b->lock, flags);
	put(b, offset | WINDOW_WRITE, value);
	spin_unlock_irqrestore(&b->lock, flags);
}

static int open_window(struct bus *b, struct pci_dev *pdev)
{
	u8 __iomem *bar = pcim_iomap(pdev, IVSHMEM_BAR, 0);

	if (!bar || pci_resource_len(pdev, IVSHMEM_MEMORY) < sizeof(struct window))
		return -ENODEV;
	b->window = devm_memremap(&pdev->dev, pci_resource_start(pdev, IVSHMEM_MEMORY), sizeof(struct window), MEMREMAP_WB);
	if (IS_ERR(b->window))
		return PTR_ERR(b->window);
	if (b->window->magic != WINDOW_MAGIC || b->window->version != WINDOW_VERSION)
		return -ENODEV;
	b->doorbell = (u32 __iomem *)(bar + IVSHMEM_DOORBELL);
	b->regs = (struct nic_regs){window_read, window_write, b};
	return 0;
}

static u32 calm_read(void *ctx, u32 offset)
{
	struct bus *b = ctx;

	cond_resched();
	return b->regs.read(b, offset);
}

static void calm_write(void *ctx, u32 offset, u32 value)
{
	struct bus *b = ctx;

	cond_resched();
	b->regs.write(b, offset, value);
}

int bus_open(struct bus *b, struct pci_dev *pdev)
{
	spin_lock_init(&b->lock);
	b->calm = (struct nic_regs){calm_read, calm_write, b};
	if (pdev->vendor == IVSHMEM_VENDOR && pdev->device == IVSHMEM_DEVICE)
		return open_window(b, pdev);
	b->bar = pcim_iomap(pdev, BOARD_BAR, 0);
	b->regs = (struct nic_regs){board_read, board_write, b};
	return b->bar ? 0 : -ENODEV;
}
