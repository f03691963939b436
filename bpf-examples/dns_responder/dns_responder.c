// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Answers DNS questions for the IPv4 address of a name that the host has put into a map, in
 * place and without the host. All other questions go to the server behind.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_NAME	64 /* as on the wire, with the root's empty label */
#define DNS_PORT	bpf_htons(53)
#define TYPE_A		1
#define CLASS_IN	1

#define QUERY_MASK	bpf_htons(0xfa00) /* answer, opcode, truncated */
#define ANSWER		bpf_htons(0x8400) /* answer, from the authority */
#define RECURSE		bpf_htons(0x0100) /* what the asker wants is repeated */

struct dns {
	__be16 id, flags;
	__be16 questions, answers, authorities, additional;
};

struct question_end {
	__be16 type, class;
};

struct answer {
	__be16 name; /* points to the question's */
	__be16 type, class;
	__be32 ttl;
	__be16 length;
	__be32 addr;
} __attribute__((packed));

struct name {
	char text[MAX_NAME];
};

struct record {
	__be32 addr;
	__u32 ttl;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct name);
	__type(value, struct record);
} records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} answered SEC(".maps");

/* The name in small letters; returns its length, or 0. */
static __always_inline __u32 read_name(const __u8 *at, void *end, struct name *name)
{
	for (__u32 i = 0; i < MAX_NAME; i++) {
		__u8 c;

		if ((void *)(at + i + 1) > end)
			return 0;
		c = at[i];
		if (!c)
			return i + 1;
		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		name->text[i] = c;
	}
	return 0;
}

static __always_inline __u16 fold(__u64 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static __always_inline __u16 udp_check(const struct iphdr *ip, const struct udphdr *udp, void *end)
{
	__u64 sum = (ip->saddr & 0xffff) + (ip->saddr >> 16) + (ip->daddr & 0xffff) + (ip->daddr >> 16) +
		    bpf_htons(IPPROTO_UDP) + udp->len;
	const __be16 *word = (const void *)udp;
	__u16 check;

	for (int i = 0; i < (int)(sizeof(*udp) + sizeof(struct dns) + MAX_NAME + sizeof(struct question_end) + sizeof(struct answer)) / 2; i++) {
		if ((void *)(word + 1) > end)
			break;
		sum += *word++;
	}
	if ((void *)word + 1 <= end)
		sum += *(const __u8 *)word;
	check = fold(sum);
	return check ? check : 0xffff;
}

static __always_inline void exchange_addresses(struct ethhdr *eth, struct iphdr *ip, struct udphdr *udp)
{
	__u8 mac[ETH_ALEN];
	__be32 addr = ip->saddr;
	__be16 port = udp->source;

	__builtin_memcpy(mac, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, mac, ETH_ALEN);
	ip->saddr = ip->daddr;
	ip->daddr = addr;
	udp->source = udp->dest;
	udp->dest = port;
}

static __always_inline int respond(struct xdp_md *ctx, __u32 question, const struct record *record)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 size = sizeof(struct ethhdr) + sizeof(struct iphdr) + sizeof(struct udphdr) + sizeof(struct dns) + question +
		     sizeof(struct answer);
	struct answer *answer;
	struct ethhdr *eth;
	struct udphdr *udp;
	struct iphdr *ip;
	struct dns *dns;
	__u64 *count;
	__u32 zero = 0;

	/* What the question has behind it (EDNS) goes, or room for the answer is made. */
	if (bpf_xdp_adjust_tail(ctx, (int)size - (int)(end - data)))
		return XDP_PASS;
	eth = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	ip = (void *)(eth + 1);
	udp = (void *)(ip + 1);
	dns = (void *)(udp + 1);
	if (question > MAX_NAME + sizeof(struct question_end))
		return XDP_ABORTED;
	answer = (void *)(dns + 1) + question;
	if ((void *)(answer + 1) > end)
		return XDP_ABORTED;
	exchange_addresses(eth, ip, udp);
	ip->tot_len = bpf_htons(size - sizeof(*eth));
	ip->id = 0;
	ip->frag_off = 0;
	ip->ttl = 64;
	ip->tos = 0;
	ip->check = 0;
	ip->check = fold(bpf_csum_diff(0, 0, (__be32 *)ip, sizeof(*ip), 0));
	udp->len = bpf_htons(size - sizeof(*eth) - sizeof(*ip));
	dns->flags = ANSWER | (dns->flags & RECURSE);
	dns->answers = bpf_htons(1);
	dns->additional = 0;
	answer->name = bpf_htons(0xc000 | sizeof(*dns));
	answer->type = bpf_htons(TYPE_A);
	answer->class = bpf_htons(CLASS_IN);
	answer->ttl = bpf_htonl(record->ttl);
	answer->length = bpf_htons(sizeof(answer->addr));
	answer->addr = record->addr;
	udp->check = 0;
	udp->check = udp_check(ip, udp, end);
	count = bpf_map_lookup_elem(&answered, &zero);
	if (count)
		++*count;
	return XDP_TX;
}

SEC("xdp")
int dns_responder(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	struct dns *dns = (void *)(udp + 1);
	const struct record *record;
	struct question_end *asked;
	struct name name = {};
	__u32 length;

	if ((void *)(dns + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if (ip->ihl != 5 || ip->protocol != IPPROTO_UDP || ip->frag_off & bpf_htons(0x3fff) || udp->dest != DNS_PORT)
		return XDP_PASS;
	if (dns->flags & QUERY_MASK || dns->questions != bpf_htons(1) || dns->answers || dns->authorities)
		return XDP_PASS;
	length = read_name((void *)(dns + 1), end, &name);
	if (!length)
		return XDP_PASS;
	asked = (void *)(dns + 1) + length;
	if ((void *)(asked + 1) > end || asked->type != bpf_htons(TYPE_A) || asked->class != bpf_htons(CLASS_IN))
		return XDP_PASS;
	record = bpf_map_lookup_elem(&records, &name);
	return record ? respond(ctx, length + sizeof(*asked), record) : XDP_PASS;
}

char _license[] SEC("license") = "Dual GPL/Apache-2.0";
