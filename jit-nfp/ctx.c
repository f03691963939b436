// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "ctx.h"

static const struct ctx_field xdp_md[] = {
	{ "data", 0, 4, CTX_PACKET, 0 },
	{ "data_end", 4, 4, CTX_PACKET_END, 0 },
	{ "data_meta", 8, 4, CTX_METADATA, 0 },
	{ "ingress_ifindex", 12, 4, CTX_IFINDEX, 0 },
	{ "rx_queue_index", 16, 4, CTX_RXQ, 0 },
	{ "egress_ifindex", 20, 4, CTX_ZERO, 0 },
	{ NULL, 24, 0, 0, 0 },
};

/* mark and priority can't be written: they would not reach the host. */
static const struct ctx_field sk_buff[] = {
	{ "len", 0, 4, CTX_LENGTH, 0 },
	{ "pkt_type", 4, 4, CTX_ABSENT, 0 },
	{ "mark", 8, 4, CTX_STACK, CTX_MARK },
	{ "queue_mapping", 12, 4, CTX_ABSENT, 0 },
	{ "protocol", 16, 4, CTX_STACK, CTX_PROTOCOL },
	{ "vlan_present", 20, 4, CTX_STACK, CTX_VLAN_PRESENT },
	{ "vlan_tci", 24, 4, CTX_STACK, CTX_VLAN_TCI },
	{ "vlan_proto", 28, 4, CTX_STACK, CTX_VLAN_PROTO },
	{ "priority", 32, 4, CTX_STACK, CTX_PRIORITY },
	{ "ingress_ifindex", 36, 4, CTX_IFINDEX, 0 },
	{ "ifindex", 40, 4, CTX_IFINDEX, 0 },
	{ "tc_index", 44, 4, CTX_STACK_WRITABLE, CTX_TC_INDEX },
	{ "cb", 48, 20, CTX_STACK_WRITABLE, CTX_CB },
	{ "hash", 68, 4, CTX_ABSENT, 0 },
	{ "tc_classid", 72, 4, CTX_STACK_WRITABLE, CTX_TC_CLASSID },
	{ "data", 76, 4, CTX_PACKET, 0 },
	{ "data_end", 80, 4, CTX_PACKET_END, 0 },
	{ "napi_id", 84, 4, CTX_ABSENT, 0 },
	{ "data_meta", 140, 4, CTX_METADATA, 0 },
	{ "tstamp", 152, 8, CTX_ABSENT, 0 },
	{ "wire_len", 160, 4, CTX_ABSENT, 0 },
	{ "gso_segs", 164, 4, CTX_ABSENT, 0 },
	{ "sk", 168, 8, CTX_ABSENT, 0 },
	{ "gso_size", 176, 4, CTX_ABSENT, 0 },
	{ "tstamp_type", 180, 1, CTX_ABSENT, 0 },
	{ "hwtstamp", 184, 8, CTX_ABSENT, 0 },
	{ NULL, 192, 0, 0, 0 },
};

const struct ctx_field *ctx_field(const struct prog *p, int64_t off, uint32_t size)
{
	for (const struct ctx_field *f = p->tc ? sk_buff : xdp_md; f->name; f++)
		if (off >= f->off && off + size <= f->off + f->bytes)
			return f;
	return NULL;
}

const char *ctx_name(const struct prog *p)
{
	return p->tc ? "__sk_buff" : "xdp_md";
}

uint32_t ctx_bytes(const struct prog *p)
{
	const struct ctx_field *f = p->tc ? sk_buff : xdp_md;

	while (f->name)
		f++;
	return f->off;
}
