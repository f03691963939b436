// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Classifiers of tc in the NIC: tc filter add dev eth0 ingress bpf da obj prog.o sec classifier skip_sw. They run where XDP programs would. */
#include <linux/rtnetlink.h>
#include <net/pkt_cls.h>

#include "driver.h"

static LIST_HEAD(block_cbs);

/* May the NIC have it? */
static int check(struct port *p, const struct tc_cls_bpf_offload *cls)
{
	struct netlink_ext_ack *extack = cls->common.extack;

	if (cls->common.protocol != htons(ETH_P_ALL))
		NL_SET_ERR_MSG_MOD(extack, "the NIC's programs see packets of all protocols: leave out the protocol");
	else if (bpf_prog_was_classic(cls->prog))
		NL_SET_ERR_MSG_MOD(extack, "of bytecode a driver gets only what this kernel made of it: nicjit --filter --ebpf writes an object");
	else if (!cls->exts_integrated || tcf_exts_has_actions(cls->exts))
		NL_SET_ERR_MSG_MOD(extack, "the NIC runs direct actions (da) only");
	else if (!cls->prog->aux->offload)
		NL_SET_ERR_MSG_MOD(extack, "the program was not loaded for the NIC, as skip_sw does");
	else if (!bpf_offload_dev_match(cls->prog, p->netdev))
		NL_SET_ERR_MSG_MOD(extack, "the program was loaded for another device");
	else if (p->xdp_hw.prog)
		NL_SET_ERR_MSG_MOD(extack, "an XDP program runs in the NIC");
	else if (p->tc_prog && p->tc_prog != cls->oldprog)
		NL_SET_ERR_MSG_MOD(extack, "another classifier runs in the NIC, which has room for one");
	else
		return 0;
	return -EOPNOTSUPP;
}

static int offload(struct port *p, struct tc_cls_bpf_offload *cls)
{
	int error = cls->prog ? check(p, cls) : 0;

	if (error)
		return error;
	if (!cls->prog && cls->oldprog != p->tc_prog)
		return 0;
	error = offload_run(p, cls->prog, cls->common.extack);
	if (!error)
		p->tc_prog = cls->prog;
	return error;
}

static int on_block(enum tc_setup_type type, void *data, void *priv)
{
	struct tc_cls_bpf_offload *cls = data;
	struct port *p = priv;

	if (type != TC_SETUP_CLSBPF)
		return -EOPNOTSUPP;
	if (!tc_cls_can_offload_and_chain0(p->netdev, &cls->common) || cls->command != TC_CLSBPF_OFFLOAD)
		return -EOPNOTSUPP;
	return offload(p, cls);
}

int port_setup_tc(struct net_device *dev, enum tc_setup_type type, void *data)
{
	struct port *p = port_of(dev);
	struct flow_block_offload *block = data;

	if (type != TC_SETUP_BLOCK)
		return -EOPNOTSUPP;
	if (block->binder_type != FLOW_BLOCK_BINDER_TYPE_CLSACT_INGRESS)
		return -EOPNOTSUPP;
	return flow_block_cb_setup_simple(block, &block_cbs, on_block, p, p, true);
}

int port_set_features(struct net_device *dev, netdev_features_t features)
{
	if ((dev->features & NETIF_F_HW_TC) && !(features & NETIF_F_HW_TC) && port_of(dev)->tc_prog) {
		netdev_err(dev, "a classifier runs in the NIC: remove its filter first\n");
		return -EBUSY;
	}
	return 0;
}
