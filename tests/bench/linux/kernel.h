/* SPDX-License-Identifier: Apache-2.0
 *
 * What Linux' samples take from the kernel's own headers and user space's do not have. Included before each of them, and in place
 * of vmlinux.h.
 */
#ifndef BENCH_LINUX_KERNEL_H
#define BENCH_LINUX_KERNEL_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/types.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <stddef.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

struct vlan_hdr {
	__be16 h_vlan_TCI;
	__be16 h_vlan_encapsulated_proto;
};

#ifdef ARRAY_COUNTERS /* one copy of the counters instead of one for each CPU */
#define BPF_MAP_TYPE_PERCPU_ARRAY BPF_MAP_TYPE_ARRAY
#endif

#define IFNAMSIZ 16
#define AF_INET 2
#define AF_INET6 10
#define htons(x) ((__be16)__builtin_bswap16(x))
#define ntohs(x) htons(x)
#define max(a, b) ((a) > (b) ? (a) : (b))
#define memcpy __builtin_memcpy
#define memset __builtin_memset
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier_var(var) asm volatile("" : "=r"(var) : "0"(var))

#endif
