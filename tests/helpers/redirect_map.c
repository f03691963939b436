// SPDX-License-Identifier: Apache-2.0
/* To what four kinds of maps say: keys that are there, that are not, and that are beyond the end; flags that name a verdict. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} port_of SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

/* Keeps clang from making one call of several. */
static __always_inline int once(int result, int which)
{
	asm volatile("" : "+r"(result) : "i"(which));
	return result;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key, what = 0, *port;
	__u64 *count;

	if (data + 26 > end)
		return bpf_redirect_map(&ports, 1, 0);
	key = data[25] & 15;
	port = bpf_map_lookup_elem(&ports, &key);
	if (port)
		what += *port;
	port = bpf_map_lookup_elem(&port_of, &key);
	if (port)
		what += *port;
	if (bpf_map_lookup_elem(&sockets, &key))
		what++;
	count = bpf_map_lookup_elem(&seen, &what);
	if (count)
		*count += 1;
	switch (data[17] & 3) {
	case 0:
		return once(bpf_redirect_map(&ports, key, data[21] & 7), 0);
	case 1:
		return once(bpf_redirect_map(&port_of, (__u64)data[21] << 32 | key, XDP_DROP), 1);
	case 2:
		return once(bpf_redirect_map(&cpus, key, XDP_TX), 2);
	default:
		return once(bpf_redirect_map(&sockets, ctx->rx_queue_index + (key & 7), XDP_PASS), 3);
	}
}

char _license[] SEC("license") = "GPL";
