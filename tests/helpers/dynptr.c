// SPDX-License-Identifier: Apache-2.0
/* Dynptrs of the packet: slices, sizes, copies; offsets and lengths that the packet says, and what is said to wrong ones. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum { KINDS = 16 };
extern int bpf_dynptr_from_xdp(struct xdp_md *xdp, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;
extern __u32 bpf_dynptr_size(const struct bpf_dynptr *ptr) __ksym;
extern __u8 bpf_dynptr_is_null(const struct bpf_dynptr *ptr) __ksym; /* a bool, of which the kernel leaves all but one byte as it was */
extern __u8 bpf_dynptr_is_rdonly(const struct bpf_dynptr *ptr) __ksym;
extern int bpf_dynptr_adjust(const struct bpf_dynptr *ptr, __u32 start, __u32 end) __ksym __weak;
extern int bpf_dynptr_clone(const struct bpf_dynptr *ptr, struct bpf_dynptr *clone) __ksym;
extern int bpf_no_such_function(int n) __ksym __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, KINDS);
	__type(key, __u32);
	__type(value, __s64);
} results SEC(".maps");

static __always_inline void keep(__u32 what, __s64 result)
{
	__s64 *r = bpf_map_lookup_elem(&results, &what);

	if (r)
		*r = *r * 5 + result;
}

static __always_inline __s64 flag(__u8 result)
{
	asm volatile("%0 &= 255" : "+r"(result));
	return result;
}

static __noinline int sum(const struct bpf_dynptr *ptr, __u32 at)
{
	__u8 buffer[4];
	__u8 *p = bpf_dynptr_slice(ptr, at, buffer, sizeof(buffer));

	return p ? p[0] + 3 * p[3] : -1;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct bpf_dynptr whole, part, bad;
	__u8 buffer[14], bytes[8] = {};
	__u8 *p;
	__u32 n;

	keep(0, bpf_dynptr_from_xdp(ctx, 0, &whole));
	keep(1, bpf_dynptr_from_xdp(ctx, 1, &bad));
	keep(2, (__s32)bpf_dynptr_size(&bad) + flag(bpf_dynptr_is_null(&bad)) + 2 * flag(bpf_dynptr_is_null(&whole)) +
		4 * flag(bpf_dynptr_is_rdonly(&whole)));
	keep(3, bpf_dynptr_size(&whole));
	p = bpf_dynptr_slice_rdwr(&whole, 0, buffer, sizeof(buffer));
	if (!p)
		return XDP_DROP;
	n = p[13] * 3 + p[4];
	p[0] ^= 0x5a;
	keep(4, bpf_dynptr_slice(&bad, 0, buffer, sizeof(buffer)) != 0);
	keep(5, sum(&whole, n % 200));
	keep(5, sum(&whole, 1 << 31));
	keep(6, bpf_dynptr_clone(&whole, &part));
	if (bpf_dynptr_adjust)
		keep(7, bpf_dynptr_adjust(&part, n % 64, n % 90));
	if (bpf_no_such_function)
		keep(7, bpf_no_such_function(1));
	keep(8, bpf_dynptr_size(&part));
	keep(9, sum(&part, 3));
	keep(9, bpf_dynptr_adjust(&part, 5, 4) + bpf_dynptr_adjust(&part, 0, 5000));
	keep(10, bpf_dynptr_read(bytes, sizeof(bytes), &part, n % 32, 0));
	keep(10, bpf_dynptr_read(bytes + 2, 3, &whole, 12, 0) + bytes[2] + bytes[4]);
	keep(10, bpf_dynptr_read(bytes, 1, &bad, 0, 0) + 3 * bpf_dynptr_read(bytes, 1, &whole, 0, 1));
	keep(11, bytes[0] + bytes[7]);
	keep(12, bpf_dynptr_write(&part, 2, bytes, 4, 0) + bpf_dynptr_write(&whole, 14, bytes, 4, 1));
	keep(13, bpf_dynptr_clone(&bad, &part) + bpf_dynptr_adjust(&part, 0, 0));
	if (!bpf_xdp_adjust_tail(ctx, -8)) { /* the dynptr does not know */
		keep(14, bpf_dynptr_size(&whole));
		n = bpf_dynptr_size(&whole);
		keep(14, bpf_dynptr_read(bytes, 4, &whole, n - 4, 0));
		keep(14, bpf_dynptr_read(bytes, 4, &whole, n - 12, 0) + bytes[3]);
		keep(15, bpf_dynptr_slice(&whole, n - 4, 0, 4) != 0);
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
