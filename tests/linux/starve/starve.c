// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocations that a module asks for fail, or take their time, for kernels without fault injection: a probe at the place where fault injection has
 * its own.
 *
 *   insmod starve.ko text=ADDRESS size=BYTES                 of the module's code, /sys/module/NAME/sections/.text and coresize
 *   echo 0 > .../parameters/seen; echo 7 > .../parameters/from; echo 1 > .../parameters/count    the 7th fails, and no other
 *   echo 5 > .../parameters/slow                             each takes 5 ms
 *
 * Counted are those that have the module's code on their stack. The page allocator and the slabs are both looked at.
 */
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched/task_stack.h>

static unsigned long text, size;
module_param(text, ulong, 0444);
module_param(size, ulong, 0444);
static int from, count, seen, failed, slow;
module_param(from, int, 0644);
module_param(count, int, 0644);
module_param(seen, int, 0644);
module_param(failed, int, 0644);
module_param(slow, int, 0644);

/* Words on the stack that look like return addresses are good enough. */
static bool is_ours(const struct pt_regs *regs)
{
	const unsigned long *word = (const unsigned long *)regs->sp, *end = task_stack_page(current) + THREAD_SIZE;

	if (!in_task() || !object_is_on_stack((void *)regs->sp))
		return false;
	for (; word < end; word++)
		if (READ_ONCE_NOCHECK(*word) - text < size)
			return true;
	return false;
}

static int fails(const struct pt_regs *regs, gfp_t flags)
{
	int n;

	if ((!from && !slow) || (flags & __GFP_NOFAIL) || !is_ours(regs))
		return 1; /* the return is not looked at */
	mdelay(slow);
	n = ++seen;
	if (!from || n < from || n - from >= count)
		return 1;
	failed++;
	return 0;
}

static int on_slab(struct kretprobe_instance *probe, struct pt_regs *regs)
{
	return fails(regs, regs->si); /* should_failslab(cache, flags) */
}

static int on_page(struct kretprobe_instance *probe, struct pt_regs *regs)
{
	return fails(regs, regs->di); /* should_fail_alloc_page(flags, order) */
}

static int fail_slab(struct kretprobe_instance *probe, struct pt_regs *regs)
{
	regs_set_return_value(regs, -ENOMEM);
	return 0;
}

static int fail_page(struct kretprobe_instance *probe, struct pt_regs *regs)
{
	regs_set_return_value(regs, true);
	return 0;
}

static struct kretprobe slab = {.kp.symbol_name = "should_failslab", .entry_handler = on_slab, .handler = fail_slab, .maxactive = 64};
static struct kretprobe page = {.kp.symbol_name = "should_fail_alloc_page", .entry_handler = on_page, .handler = fail_page, .maxactive = 64};
static struct kretprobe *probes[] = {&slab, &page};

static int __init begin(void)
{
	return register_kretprobes(probes, ARRAY_SIZE(probes));
}

static void __exit end(void)
{
	unregister_kretprobes(probes, ARRAY_SIZE(probes));
}

module_init(begin);
module_exit(end);
MODULE_DESCRIPTION("makes the Nth allocation of a module fail");
MODULE_LICENSE("GPL");
