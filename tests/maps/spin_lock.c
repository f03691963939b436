// SPDX-License-Identifier: Apache-2.0
/* Spin locks in values of arrays, hashes and global data; updates with and without BPF_F_LOCK, with all results. */
#include "note.h"

struct pair {
	__u64 packets;
	struct bpf_spin_lock lock;
	__u32 bytes;
	__u16 more[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, struct pair);
} array SEC(".maps");

struct first {
	struct bpf_spin_lock lock;
	__u32 bytes;
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u16);
	__type(value, struct first);
} hash SEC(".maps");

static struct bpf_spin_lock global;
static __u64 count, sum;

SEC("xdp")
int locks(struct xdp_md *ctx)
{
	__u32 length = ctx->data_end - ctx->data, index = length & 3;
	__u16 key = length % 7;
	struct pair fresh = { .packets = length, .bytes = 7, .more = { 1, 2, (__u16)length } };
	struct first entry = { .bytes = length, .packets = 1 };
	struct pair *p = bpf_map_lookup_elem(&array, &index);
	struct first *f = bpf_map_lookup_elem(&hash, &key);

	if (p) {
		bpf_spin_lock(&p->lock);
		p->packets++;
		p->bytes += length;
		if (p->packets & 1)
			p->more[2] ^= (__u16)p->bytes;
		bpf_spin_unlock(&p->lock);
	}
	if (f) {
		bpf_spin_lock(&f->lock);
		if (f->packets > 3) {
			f->packets = 0;
			bpf_spin_unlock(&f->lock);
			note(0, bpf_map_delete_elem(&hash, &key));
		} else {
			f->packets++;
			f->bytes += length;
			bpf_spin_unlock(&f->lock);
		}
	}
	bpf_spin_lock(&global);
	count++;
	sum += length * count;
	bpf_spin_unlock(&global);
	switch (length % 11) {
	case 0:
		note(1, bpf_map_update_elem(&array, &index, &fresh, BPF_ANY));
		note(2, bpf_map_update_elem(&hash, &key, &entry, BPF_ANY));
		break;
	case 1:
		note(3, bpf_map_update_elem(&array, &index, &fresh, BPF_F_LOCK));
		note(4, bpf_map_update_elem(&hash, &key, &entry, BPF_F_LOCK));
		break;
	case 2:
		note(5, bpf_map_update_elem(&array, &index, &fresh, BPF_F_LOCK | BPF_EXIST));
		note(6, bpf_map_update_elem(&hash, &key, &entry, BPF_F_LOCK | BPF_EXIST));
		break;
	case 3:
		note(7, bpf_map_update_elem(&array, &index, &fresh, BPF_F_LOCK | BPF_NOEXIST));
		note(8, bpf_map_update_elem(&hash, &key, &entry, BPF_F_LOCK | BPF_NOEXIST));
		break;
	case 4:
		note(9, bpf_map_update_elem(&array, &index, &fresh, BPF_NOEXIST));
		note(10, bpf_map_update_elem(&hash, &key, &entry, BPF_NOEXIST));
		break;
	case 5:
		note(11, bpf_map_update_elem(&array, &index, &fresh, length));
		note(12, bpf_map_update_elem(&hash, &key, &entry, length));
		break;
	case 6:
		note(13, bpf_map_update_elem(&results, &index, &sum, BPF_F_LOCK));
		break;
	default:
		note(14, bpf_map_update_elem(&array, &index, &fresh, length & 7));
		note(15, bpf_map_update_elem(&hash, &key, &entry, length & 7));
	}
	note(16, entry.bytes + entry.packets + fresh.bytes + *(__u32 *)&entry.lock + *(__u32 *)&fresh.lock);
	return p && p->bytes & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
