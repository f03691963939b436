// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Native XDP: programs that run here, on packets from the NIC. */
#include <linux/bpf_trace.h>

#include "driver.h"

static bool send_back(struct queue *q, struct port *p, struct xdp_buff *xdp)
{
	struct xdp_frame *frame = xdp_convert_buff_to_frame(xdp);
	int error = -ENOMEM;

	if (!frame)
		return false;
	spin_lock(&q->tx_lock);
	error = queue_send_frame(q, p, frame, true);
	if (!error)
		queue_kick(q);
	spin_unlock(&q->tx_lock);
	return !error;
}

static bool redirect(struct port *p, struct bpf_prog *prog, struct xdp_buff *xdp, bool *redirected)
{
	if (xdp_do_redirect(p->netdev, xdp, prog))
		return false;
	*redirected = true;
	return true;
}

enum xdp_result xdp_run(struct queue *q, struct port *p, struct bpf_prog *prog, struct xdp_buff *xdp, bool *redirected)
{
	struct way_stats *s = &q->rx_stats[p->number];
	struct page *page = virt_to_page(xdp->data);
	u32 verdict = bpf_prog_run_xdp(prog, xdp);
	bool used = false;

	if (verdict > XDP_REDIRECT) {
		bpf_warn_invalid_xdp_action(p->netdev, prog, verdict);
		verdict = XDP_ABORTED;
	}
	u64_stats_update_begin(&s->sync);
	u64_stats_inc(&s->xdp[verdict]);
	u64_stats_update_end(&s->sync);
	if (verdict == XDP_PASS)
		return XDP_OURS;
	if (verdict == XDP_TX)
		used = send_back(q, p, xdp);
	else if (verdict == XDP_REDIRECT)
		used = redirect(p, prog, xdp, redirected);
	if (!used && verdict != XDP_DROP)
		trace_xdp_exception(p->netdev, prog, verdict);
	if (!used)
		page_pool_put_full_page(q->pool, page, true);
	return XDP_GONE;
}

int port_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames, u32 flags)
{
	struct port *p = port_of(dev);
	struct queue *q = p->nic->queue[smp_processor_id() % p->nic->shape.queues];
	int sent = 0;

	if (flags & ~XDP_XMIT_FLAGS_MASK)
		return -EINVAL;
	if (!netif_running(dev))
		return -ENETDOWN;
	spin_lock(&q->tx_lock);
	while (sent < n && !queue_send_frame(q, p, frames[sent], false))
		sent++;
	if (flags & XDP_XMIT_FLUSH && q->sends)
		queue_kick(q);
	spin_unlock(&q->tx_lock);
	return sent;
}

static int attach(struct port *p, struct bpf_prog *prog)
{
	struct bpf_prog *old = rtnl_dereference(p->xdp);

	rcu_assign_pointer(p->xdp, prog);
	if (old)
		bpf_prog_put(old);
	return 0;
}

int port_bpf(struct net_device *dev, struct netdev_bpf *bpf)
{
	struct port *p = port_of(dev);

	switch (bpf->command) {
	case XDP_SETUP_PROG:
		return attach(p, bpf->prog);
	case XDP_SETUP_PROG_HW:
		return offload_attach(p, bpf);
	case BPF_OFFLOAD_MAP_ALLOC:
		return map_alloc(p->nic, bpf->offmap);
	case BPF_OFFLOAD_MAP_FREE:
		map_free(p->nic, bpf->offmap);
		return 0;
	default:
		return -EINVAL;
	}
}
