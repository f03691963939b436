// SPDX-License-Identifier: Apache-2.0
/* To all ports of a map at once, by flags that a byte of the packet names; some of the flags leave out the port it came from, some are none. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} port_of SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} none SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 at;
	__u64 flags, *seen;
	int result;

	if (data + 26 > end)
		return bpf_redirect_map(&ports, 0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS);
	flags = data[25] & 63;
	switch (data[23] + data[17] & 7) {
	case 0:
		return bpf_redirect_map(&ports, ~0U, BPF_F_BROADCAST);
	case 1:
		return bpf_redirect_map(&port_of, 77, BPF_F_BROADCAST | XDP_DROP);
	case 2:
		return bpf_redirect_map(&port_of, 77, BPF_F_EXCLUDE_INGRESS | XDP_TX);
	case 3:
		return bpf_redirect_map(&none, 0, BPF_F_BROADCAST);
	case 4:
		result = bpf_redirect_map(&sockets, 1, flags);
		break;
	case 5:
		result = bpf_redirect_map(&port_of, data[17], (__u64)data[21] << 60 | flags);
		break;
	default:
		result = bpf_redirect_map(&ports, data[17] & 7, flags);
		break;
	}
	at = flags;
	seen = bpf_map_lookup_elem(&results, &at);
	if (seen)
		*seen += 1 << (8 * (result & 7));
	return result;
}

char _license[] SEC("license") = "GPL";
