/* SPDX-License-Identifier: Apache-2.0
 *
 * Stands for libbpf's header where an XDP program is compiled as a plain C function of the host: what a compiler makes of its source, as the limit for
 * what can be made of its eBPF. Arrays are memory at an address in the map's variable; the other maps are those of driver/host, whose hash lookups are
 * inlined here, too. A program that calls anything else does not compile.
 */
#ifndef BENCH_NATIVE_BPF_HELPERS_H
#define BENCH_NATIVE_BPF_HELPERS_H

#include <linux/bpf.h>
#include <stddef.h>

#include "tests/bench/host_native.h"

#define SEC(name) __attribute__((used))
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))
#define __uint(name, val) int(*name)[val]
#define __type(name, val) __typeof__(val) *name
#define __array(name, val) __typeof__(val) *name[]

/* Of a map's variable: the first member is its type, and its pointer is where the map is. */
#define NATIVE_COUNT(member) (sizeof(*(member)) / sizeof(int))
#define NATIVE_IS_ARRAY(m) (NATIVE_COUNT((m)->type) == BPF_MAP_TYPE_ARRAY || NATIVE_COUNT((m)->type) == BPF_MAP_TYPE_PERCPU_ARRAY)
#define NATIVE_STRIDE(m) ((sizeof(*(m)->value) + 7) & ~7ul)

static inline void *native_element(void *values, __u32 index, __u32 n, size_t stride)
{
	return index < n ? (char *)values + index * stride : NULL;
}

#define bpf_map_lookup_elem(m, k)                                                                                                       \
	(NATIVE_IS_ARRAY(m) ? native_element((m)->type, *(const __u32 *)(k), NATIVE_COUNT((m)->max_entries), NATIVE_STRIDE(m)) :       \
			      native_look((struct native_map *)(m)->type, (k), sizeof(*(m)->key)))
#define bpf_map_update_elem(m, k, v, f) native_update((struct native_map *)(m)->type, (k), (v), (f))
#define bpf_map_delete_elem(m, k) native_delete((struct native_map *)(m)->type, (k))
#define bpf_redirect_map(m, k, f) native_redirect_map((struct native_map *)(m)->type, (k), (f))

struct native_ctx {                   /* how the packet's place is found again */
	struct xdp_md md;
	__u32 target;
	__u64 time;
};

static inline long bpf_xdp_adjust_head(struct xdp_md *ctx, int by)
{
	if (ctx->data + by + 14 > ctx->data_end || ctx->data + by < ctx->data - NATIVE_HEADROOM)
		return -22;
	ctx->data += by;
	ctx->data_meta = ctx->data;
	return 0;
}

static inline long bpf_xdp_adjust_tail(struct xdp_md *ctx, int by)
{
	if (ctx->data_end + by < ctx->data + 14 || by > NATIVE_TAILROOM)
		return -22;
	ctx->data_end += by;
	return 0;
}

static inline long bpf_xdp_adjust_meta(struct xdp_md *ctx, int by)
{
	if (by > 0 || by % 4 || by < -32)
		return -22;
	ctx->data_meta += by;
	return 0;
}

static inline long bpf_xdp_load_bytes(struct xdp_md *ctx, __u32 off, void *to, __u32 n)
{
	if (off + n > ctx->data_end - ctx->data)
		return -22;
	__builtin_memcpy(to, (char *)(long)ctx->data + off, n);
	return 0;
}

static inline __s64 bpf_csum_diff(const void *from, __u32 from_size, const void *to, __u32 to_size, __u32 seed)
{
	__u64 sum = seed;

	for (__u32 i = 0; i < from_size / 4; i++)
		sum += ~((const __u32 *)from)[i];
	for (__u32 i = 0; i < to_size / 4; i++)
		sum += ((const __u32 *)to)[i];
	sum = (sum & 0xffffffff) + (sum >> 32);
	return (__u32)((sum & 0xffffffff) + (sum >> 32));
}

#define bpf_redirect(ifindex, flags) ((void)(ifindex), (flags) ? XDP_ABORTED : XDP_REDIRECT)
#define bpf_ktime_get_ns() native_time
#define bpf_get_smp_processor_id() 0
#define bpf_spin_lock(l) native_lock(&(l)->val)
#define bpf_spin_unlock(l) __atomic_store_n(&(l)->val, 0, __ATOMIC_RELEASE)

static inline void native_lock(__u32 *lock)
{
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
		;
}

#endif
