// SPDX-License-Identifier: Apache-2.0
/*
 * Checksums of packets that are sent. The NIC makes one a frame, of all bytes from one on (hw/spec/host.md): that of TCP or UDP, in the
 * innermost headers. The few words of an IPv4 header are summed here.
 */
#include <rte_errno.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "pmd.h"

#define OUTER (RTE_MBUF_F_TX_OUTER_IPV4 | RTE_MBUF_F_TX_OUTER_IPV6)
#define POSSIBLE (RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK | OUTER | RTE_MBUF_F_TX_OUTER_IP_CKSUM | RTE_MBUF_F_TX_TUNNEL_MASK)

static uint32_t l3_of(const struct rte_mbuf *m)
{
	return m->l2_len + (m->ol_flags & OUTER ? m->outer_l2_len + m->outer_l3_len : 0);
}

static uint32_t l4_of(const struct rte_mbuf *m)
{
	return l3_of(m) + m->l3_len;
}

/* Where in its header the checksum is; 0: none is wanted. */
static uint32_t l4_sum(const struct rte_mbuf *m)
{
	switch (m->ol_flags & RTE_MBUF_F_TX_L4_MASK) {
	case RTE_MBUF_F_TX_TCP_CKSUM: return offsetof(struct rte_tcp_hdr, cksum);
	case RTE_MBUF_F_TX_UDP_CKSUM: return offsetof(struct rte_udp_hdr, dgram_cksum);
	default: return 0;
	}
}

/* By the driver or the NIC. */
static bool possible(const struct nicjit_dev *d, const struct rte_mbuf *m)
{
	uint64_t l4 = m->ol_flags & RTE_MBUF_F_TX_L4_MASK;

	return !(m->ol_flags & RTE_MBUF_F_TX_OFFLOAD_MASK & ~POSSIBLE) && (!l4 || (l4 != RTE_MBUF_F_TX_SCTP_CKSUM && d->sums));
}

/* Headers are headers, and whole in the first segment. */
static bool sound(const struct rte_mbuf *m)
{
	uint32_t least = m->ol_flags & RTE_MBUF_F_TX_IPV6 ? sizeof(struct rte_ipv6_hdr) : sizeof(struct rte_ipv4_hdr);

	if (m->ol_flags & RTE_MBUF_F_TX_OUTER_IP_CKSUM && (m->outer_l3_len < sizeof(struct rte_ipv4_hdr) || m->outer_l2_len + m->outer_l3_len > m->data_len))
		return false;
	if (!(m->ol_flags & (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK))) /* what the tunnel carries is nobody's business here */
		return true;
	return m->l3_len >= least && l4_of(m) + (l4_sum(m) ? l4_sum(m) + sizeof(rte_be16_t) : 0) <= m->data_len;
}

int nicjit_sums_check(const struct nicjit_dev *d, const struct rte_mbuf *m)
{
	if (!possible(d, m))
		return ENOTSUP;
	return rte_validate_tx_offload(m) || (m->ol_flags & NICJIT_TX_SUMS && !sound(m)) ? EINVAL : 0;
}

/* At no time is there another checksum than the wanted one, once it is there: others may send the same bytes just now. */
static void sum_header(const struct rte_mbuf *m, uint32_t at, uint32_t bytes)
{
	struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, at);
	uint16_t before = ip->hdr_checksum;

	ip->hdr_checksum = ~__rte_raw_cksum_reduce((uint32_t)rte_raw_cksum(ip, bytes) + (uint16_t)~before);
}

void nicjit_sums_make(struct nic_tx_ring *ring, const struct rte_mbuf *m)
{
	if (m->ol_flags & RTE_MBUF_F_TX_OUTER_IP_CKSUM)
		sum_header(m, m->outer_l2_len, m->outer_l3_len);
	if (m->ol_flags & RTE_MBUF_F_TX_IP_CKSUM)
		sum_header(m, l3_of(m), m->l3_len);
	if (l4_sum(m))
		nic_tx_sum(ring, l4_of(m), l4_of(m) + l4_sum(m));
}

/* Extension headers are no part of the pseudo header: neither their length nor what the first one is. */
static uint16_t pseudo6(const struct rte_mbuf *m, uint32_t *end)
{
	struct rte_ipv6_hdr ip = *rte_pktmbuf_mtod_offset(m, const struct rte_ipv6_hdr *, l3_of(m));

	*end = l3_of(m) + sizeof(ip) + rte_be_to_cpu_16(ip.payload_len);
	ip.payload_len = rte_cpu_to_be_16(*end - l4_of(m));
	ip.proto = (m->ol_flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_TCP_CKSUM ? IPPROTO_TCP : IPPROTO_UDP;
	return rte_ipv6_phdr_cksum(&ip, 0);
}

static uint16_t pseudo4(const struct rte_mbuf *m, uint32_t *end)
{
	struct rte_ipv4_hdr ip = *rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *, l3_of(m));

	*end = l3_of(m) + rte_be_to_cpu_16(ip.total_length);
	ip.version_ihl = RTE_IPV4_VHL_DEF; /* as for IPv6: the length that counts is that behind the options */
	ip.total_length = rte_cpu_to_be_16(*end - l4_of(m) + sizeof(ip));
	return rte_ipv4_phdr_cksum(&ip, 0);
}

/* What the NIC will add to and should not: bytes behind the packet's end. */
static uint16_t behind(const struct rte_mbuf *m, uint32_t end)
{
	uint16_t sum = 0;

	if (end < m->pkt_len && !rte_raw_cksum_mbuf(m, end, m->pkt_len - end, &sum) && (end - l4_of(m)) % 2)
		sum = rte_bswap16(sum);
	return sum;
}

/* The pseudo header's sum to the place of the checksum, where the NIC wants it. 0, or an errno value. */
static int put_pseudo(const struct rte_mbuf *m)
{
	uint32_t end, sum;

	if (!l4_sum(m))
		return 0;
	sum = m->ol_flags & RTE_MBUF_F_TX_IPV6 ? pseudo6(m, &end) : pseudo4(m, &end);
	if (end < l4_of(m) || end > m->pkt_len)
		return EINVAL;
	*rte_pktmbuf_mtod_offset(m, uint16_t *, l4_of(m) + l4_sum(m)) = __rte_raw_cksum_reduce(sum + (uint16_t)~behind(m, end));
	return 0;
}

uint16_t nicjit_tx_prepare(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	const struct nicjit_txq *q = queue;

	for (uint16_t i = 0; i < n; i++) {
		int error = nicjit_tx_check(q, pkts[i]);

		if (!error)
			error = put_pseudo(pkts[i]);
		if (error) {
			rte_errno = error;
			return i;
		}
	}
	return n;
}
