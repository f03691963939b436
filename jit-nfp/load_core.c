// SPDX-License-Identifier: Apache-2.0
/*
 * CO-RE: a record says "this instruction's offset is that of field x of struct y; look it up". Structures that are the same in every kernel
 * and on every NIC are known here, so programs built with vmlinux.h, or with their own idea of a structure, get the offsets of the wire.
 */
#include <linux/bpf.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "helpers.h"
#include "load_impl.h"

enum { FIELD_OFFSET, FIELD_SIZE, FIELD_EXISTS, FIELD_SIGNED, FIELD_LSHIFT, FIELD_RSHIFT, TYPE_ID_LOCAL, TYPE_EXISTS = 8, TYPE_SIZE = 9, VALUE_EXISTS = 10, VALUE = 11, TYPE_MATCHES = 12 }; /* bpf_core_relo_kind */

struct layout {
	const char *type, *field; /* field "": the whole structure */
	uint32_t off, size;
};
#define WHOLE(t)    { #t, "", 0, sizeof(struct t) }
#define FIELD(t, f) { #t, #f, offsetof(struct t, f), sizeof(((struct t *)0)->f) }

static const struct layout layouts[] = {
	WHOLE(xdp_md), FIELD(xdp_md, data), FIELD(xdp_md, data_end), FIELD(xdp_md, data_meta), FIELD(xdp_md, ingress_ifindex),
	FIELD(xdp_md, rx_queue_index), FIELD(xdp_md, egress_ifindex),
	WHOLE(ethhdr), FIELD(ethhdr, h_dest), FIELD(ethhdr, h_source), FIELD(ethhdr, h_proto),
	WHOLE(iphdr), FIELD(iphdr, tos), FIELD(iphdr, tot_len), FIELD(iphdr, id), FIELD(iphdr, frag_off), FIELD(iphdr, ttl),
	FIELD(iphdr, protocol), FIELD(iphdr, check), FIELD(iphdr, saddr), FIELD(iphdr, daddr),
	WHOLE(ipv6hdr), FIELD(ipv6hdr, flow_lbl), FIELD(ipv6hdr, payload_len), FIELD(ipv6hdr, nexthdr), FIELD(ipv6hdr, hop_limit),
	FIELD(ipv6hdr, saddr), FIELD(ipv6hdr, daddr),
	WHOLE(tcphdr), FIELD(tcphdr, source), FIELD(tcphdr, dest), FIELD(tcphdr, seq), FIELD(tcphdr, ack_seq), FIELD(tcphdr, window),
	FIELD(tcphdr, check), FIELD(tcphdr, urg_ptr),
	WHOLE(udphdr), FIELD(udphdr, source), FIELD(udphdr, dest), FIELD(udphdr, len), FIELD(udphdr, check),
	WHOLE(icmphdr), FIELD(icmphdr, type), FIELD(icmphdr, code), FIELD(icmphdr, checksum),
	WHOLE(icmp6hdr), FIELD(icmp6hdr, icmp6_type), FIELD(icmp6hdr, icmp6_code), FIELD(icmp6hdr, icmp6_cksum),
	WHOLE(arphdr), FIELD(arphdr, ar_hrd), FIELD(arphdr, ar_pro), FIELD(arphdr, ar_hln), FIELD(arphdr, ar_pln), FIELD(arphdr, ar_op),
	WHOLE(in_addr), WHOLE(in6_addr), WHOLE(ipv6_opt_hdr), WHOLE(bpf_fib_lookup), WHOLE(bpf_spin_lock), WHOLE(bpf_timer),
	/* of the kernel's own headers, given by the protocols */
	{ "vlan_hdr", "", 0, 4 }, { "vlan_hdr", "h_vlan_TCI", 0, 2 }, { "vlan_hdr", "h_vlan_encapsulated_proto", 2, 2 },
	{ "vlan_ethhdr", "", 0, 18 }, { "frag_hdr", "", 0, 8 }, { "frag_hdr", "nexthdr", 0, 1 }, { "frag_hdr", "frag_off", 2, 2 },
	{ "frag_hdr", "identification", 4, 4 }, { "gre_base_hdr", "", 0, 4 }, { "gre_base_hdr", "flags", 0, 2 },
	{ "gre_base_hdr", "protocol", 2, 2 }, { "vxlanhdr", "", 0, 8 }, { "vxlanhdr", "vx_flags", 0, 4 }, { "vxlanhdr", "vx_vni", 4, 4 },
	{ "ip_auth_hdr", "", 0, 12 }, { "ip_esp_hdr", "", 0, 8 }, { "sctphdr", "", 0, 12 }, { "genevehdr", "", 0, 8 },
	{ "mpls_label", "", 0, 4 }, { "mpls_shim_hdr", "", 0, 4 }, { "pppoe_hdr", "", 0, 6 }, { "pppoe_tag", "", 0, 4 },
	{ "igmphdr", "", 0, 8 }, { "igmpv3_report", "", 0, 8 }, { "igmpv3_query", "", 0, 12 }, { "ipv6_rt_hdr", "", 0, 4 },
	{ "ipv6_sr_hdr", "", 0, 8 }, { "rt0_hdr", "", 0, 8 }, { "ipv6_rpl_sr_hdr", "", 0, 8 }, { "nd_msg", "", 0, 24 }, { "nd_opt_hdr", "", 0, 2 },
	{ "rs_msg", "", 0, 8 }, { "ra_msg", "", 0, 16 }, { "rd_msg", "", 0, 40 }, { "mld_msg", "", 0, 24 }, { "mld2_report", "", 0, 8 },
	{ "sctp_chunkhdr", "", 0, 4 }, { "dccp_hdr", "", 0, 12 }, { "geneve_opt", "", 0, 4 }, { "gre_full_hdr", "", 0, 16 },
	{ "vxlanhdr_gbp", "", 0, 8 }, { "ip_comp_hdr", "", 0, 4 }, { "ptp_header", "", 0, 34 }, { "hsr_tag", "", 0, 6 }, { "erspan_md2", "", 0, 8 },
	{ "gtp0_header", "", 0, 20 }, { "gtp1_header", "", 0, 8 }, { "icmp_ext_hdr", "", 0, 4 }, { "icmp_extobj_hdr", "", 0, 4 },
	{ "llc_pdu_un", "", 0, 3 }, { "tcp_word_hdr", "", 0, 20 }, { "icmpv6_echo", "", 0, 4 }, { "icmpv6_nd_advt", "", 0, 4 },
	{ "icmpv6_nd_ra", "", 0, 4 }, { "prefix_info", "", 0, 32 }, { "ipv6_destopt_hao", "", 0, 18 }, { "sctp_paramhdr", "", 0, 4 },
	/* of linux/bpf.h, for programs and helpers */
	WHOLE(bpf_lpm_trie_key), WHOLE(bpf_devmap_val), WHOLE(bpf_cpumap_val), { "bpf_sock_tuple", "", 0, 36 },
};
/* Enumerations of linux/bpf.h: their values are for ever; that one "exists" only says that the program's headers have it, but for helpers. */
static const char *const enumerations[] = { "bpf_func_id", "bpf_map_type", "bpf_prog_type", "bpf_attach_type", "xdp_action" };
enum { N_LAYOUTS = sizeof(layouts) / sizeof(*layouts), PATH_MAX_TEXT = 256 };

/* Where the object believes the field to be. */
struct access {
	char path[PATH_MAX_TEXT]; /* names, joined by dots */
	uint32_t bits, size;      /* offset in bits; bytes of the field */
	uint32_t element, whole;  /* of an array that is the field: offset of the element read from its start, and bytes of all elements; or 0 */
	int bitfield;
};

/* "iphdr___local" is the object's own view of iphdr. */
static const struct layout *find_layout(const char *type, const char *field)
{
	const char *flavour = strstr(type, "___");
	size_t n = flavour ? (size_t)(flavour - type) : strlen(type);

	for (size_t k = 0; k < N_LAYOUTS; k++)
		if (strlen(layouts[k].type) == n && !strncmp(layouts[k].type, type, n) && !strcmp(layouts[k].field, field))
			return &layouts[k];
	return NULL;
}

static const struct btf_type *step_member(const struct btf *btf, const struct btf_type *t, unsigned long index, struct access *a)
{
	const struct btf_member *m = btf_members(t) + index;
	const char *name = btf__name_by_offset(btf, m->name_off);
	size_t n = strlen(a->path);

	if (index >= btf_vlen(t))
		return NULL;
	a->bits += btf_member_bit_offset(t, (uint32_t)index);
	a->bitfield = btf_member_bitfield_size(t, (uint32_t)index) != 0;
	if (name && *name)
		snprintf(a->path + n, sizeof(a->path) - n, "%s%s", n ? "." : "", name);
	a->size = (uint32_t)btf__resolve_size(btf, m->type);
	return load_plain_type(btf, m->type);
}

static int find_access(const struct btf *btf, uint32_t id, const char *spec, struct access *a)
{
	const struct btf_type *t = load_plain_type(btf, id);
	char *end;

	memset(a, 0, sizeof(*a));
	if (strtoul(spec, &end, 10) || end == spec)
		return -1; /* elements of an array of structures have no fixed place */
	for (; t && *end == ':'; spec = end) {
		unsigned long index = strtoul(end + 1, &end, 10);

		if (btf_is_composite(t)) {
			t = step_member(btf, t, index, a);
		} else if (btf_is_array(t)) {
			a->whole = a->size;
			a->size = (uint32_t)btf__resolve_size(btf, btf_array(t)->type);
			a->element = a->size * (uint32_t)index;
			return *end || a->element >= a->whole ? -1 : 0;
		} else {
			return -1;
		}
	}
	return t && !*end ? 0 : -1;
}

/* The load or store at an offset of 8 bytes becomes one of 4, as libbpf shrinks it. */
static int set_width(struct ebpf_insn *i, uint32_t size)
{
	static const uint8_t codes[] = { [1] = EBPF_B, [2] = EBPF_H, [4] = EBPF_W, [8] = EBPF_DW };

	if (size > 8 || (size & (size - 1)))
		return -1;
	i->code = (uint8_t)((i->code & ~0x18) | codes[size]);
	return 0;
}

static int patch(struct ebpf_insn *i, uint32_t value, const struct access *a, const struct layout *to)
{
	switch (EBPF_CLASS(i->code)) {
	case EC_LDX:
	case EC_ST:
	case EC_STX:
		i->off = (int16_t)value;
		return a && a->size != to->size ? set_width(i, to->size) : 0;
	case EC_ALU:
	case EC_ALU64:
		i->imm = (int32_t)value;
		return 0;
	case EC_LD:
		i->imm = (int32_t)value;
		i[1].imm = 0;
		return 0;
	default:
		return -1;
	}
}

static int resolve(struct ebpf_insn *i, const struct access *a, const struct layout *to, uint32_t kind)
{
	switch (kind) {
	case FIELD_OFFSET:
		return patch(i, to->off, a, to);
	case FIELD_SIZE:
		return patch(i, to->size, NULL, to);
	case FIELD_EXISTS:
		return patch(i, 1, NULL, to);
	case FIELD_SIGNED:
		return patch(i, 0, NULL, to);
	case FIELD_LSHIFT:
	case FIELD_RSHIFT:
		return patch(i, 64 - 8 * to->size, NULL, to);
	default:
		return -1;
	}
}

/* Whether there is such a type or field is answered. The rest is refused where control comes to it, so a program may ask first, as libbpf has it. */
static int no_layout(struct load *l, struct ebpf_insn *i, const char *type, uint32_t kind)
{
	static const struct layout none = { .type = "" };
	int wide = i->code == EBPF_LDDW;

	if ((kind == TYPE_EXISTS || kind == VALUE_EXISTS || kind == TYPE_MATCHES || (kind == FIELD_EXISTS && !find_layout(type, ""))) &&
	    !patch(i, 0, NULL, &none)) {
		int64_t n = load_absent(l, type, 1);

		if (n >= 0)
			l->absent[n].is_asked = 1;
		return n < 0 ? -1 : 0;
	}
	if (wide)
		i[1] = (struct ebpf_insn){ .code = EC_JMP | EBPF_JA };
	return load_call_absent(l, i, *type ? type : "a type", 1);
}

/* Whether all its fields are in the list, so that there is no other. */
static int is_known_whole(const struct layout *whole)
{
	uint32_t size = 0;

	for (size_t k = 0; k < N_LAYOUTS; k++)
		size += !strcmp(layouts[k].type, whole->type) && *layouts[k].field ? layouts[k].size : 0;
	return size == whole->size;
}

static int same_name(const char *name, const char *of)
{
	size_t n = strlen(of);

	return !strncmp(name, of, n) && (!name[n] || !strncmp(name + n, "___", 3));
}

static int known_enumeration(const struct btf_type *t, const char *name)
{
	if (!btf_is_any_enum(t))
		return 0;
	for (size_t k = 0; k < sizeof(enumerations) / sizeof(*enumerations); k++)
		if (same_name(name, enumerations[k]))
			return 1;
	return 0;
}

#define HELPER_NAME(x) "BPF_FUNC_" #x

/* A helper exists where the NIC has it: who asks has another way. */
static int helper_value(const struct btf *btf, const struct btf_type *t, const char *spec, uint32_t kind, uint32_t *value)
{
	static const char *const helpers[] = { __BPF_FUNC_MAPPER(HELPER_NAME) };
	unsigned long index = spec ? strtoul(spec, NULL, 10) : btf_vlen(t);
	const char *name = index < btf_vlen(t) && btf_is_enum(t) ? btf__name_by_offset(btf, btf_enum(t)[index].name_off) : NULL;

	for (uint32_t id = 0; name && id < sizeof(helpers) / sizeof(*helpers); id++)
		if (same_name(name, helpers[id])) {
			*value = kind == VALUE ? id : (uint32_t)helper_runs((int)id);
			return 0;
		}
	*value = 0;
	return name && kind == VALUE_EXISTS ? 0 : -1; /* one with another name is none of the NIC's */
}

int load_core_record(struct load *l, const struct btf *btf, int64_t insn, uint32_t id, const char *spec, uint32_t kind)
{
	const struct btf_type *t = load_plain_type(btf, id);
	const char *type = t ? btf__name_by_offset(btf, t->name_off) : NULL;
	const struct layout *whole = type ? find_layout(type, "") : NULL, *field;
	struct layout to;
	struct ebpf_insn *i = &l->insns[insn];
	struct access a;
	uint32_t value;

	if (EBPF_CLASS(i->code) == EC_LD && insn + 1 >= (int64_t)l->n_insns)
		return load_fail(l, -1, "the program ends inside a 64-bit immediate load");
	if (kind == TYPE_ID_LOCAL) /* in the object itself, which linking may have given other numbers */
		return patch(i, id, NULL, NULL) ? no_layout(l, i, type ? type : "", kind) : 0;
	if (type && known_enumeration(t, type) && (kind == VALUE_EXISTS || kind == VALUE || kind == TYPE_EXISTS)) {
		if (kind != TYPE_EXISTS && same_name(type, "bpf_func_id") && !helper_value(btf, t, spec, kind, &value))
			return patch(i, value, NULL, NULL) ? no_layout(l, i, type, kind) : 0;
		return 0; /* what the compiler put there is right */
	}
	if (!whole || !btf_is_composite(t))
		return no_layout(l, i, type ? type : "", kind);
	if (kind == TYPE_EXISTS || kind == TYPE_SIZE)
		return patch(i, kind == TYPE_SIZE ? whole->size : 1, NULL, whole) ? no_layout(l, i, type, kind) : 0;
	if (kind > FIELD_RSHIFT || !spec || find_access(btf, id, spec, &a))
		return no_layout(l, i, type, kind);
	field = a.bitfield ? NULL : find_layout(type, a.path);
	if (!field && !a.bitfield && kind == FIELD_EXISTS && is_known_whole(whole))
		return patch(i, 0, NULL, whole) ? no_layout(l, i, type, kind) : 0;
	if (!field) /* what is not in the list is right when the object's structure is the whole one */
		return t->size == whole->size ? 0 : no_layout(l, i, type, kind);
	to = *field;
	if (a.whole) {
		if (a.whole != field->size)
			return no_layout(l, i, type, kind);
		to.off += a.element;
		to.size = a.size;
	}
	if (a.bits == 8 * field->off && a.size == to.size)
		return 0;
	return resolve(i, &a, &to, kind) ? no_layout(l, i, type, kind) : 0;
}
