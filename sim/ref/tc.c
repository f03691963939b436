// SPDX-License-Identifier: Apache-2.0
#include "tc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <string.h>

enum {
	TAG_BYTES = 4,
	TAGGED_MIN = 20,
	HELPER_STORE_BYTES = 9,
	HELPER_REDIRECT = 23,
	HELPER_LOAD_BYTES = 26,
	HELPER_PULL_DATA = 39,
	STORE_FLAGS = BPF_F_RECOMPUTE_CSUM | BPF_F_INVALIDATE_HASH
};

static uint16_t read16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

struct tc_tag tc_take_tag(uint8_t *packet, uint32_t *len)
{
	struct tc_tag tag = { 0 };

	if (*len < TAGGED_MIN)
		return tag;
	tag.proto = read16(packet + 12);
	if (tag.proto != ETH_P_8021Q && tag.proto != ETH_P_8021AD)
		return (struct tc_tag){ 0 };
	tag.present = true;
	tag.tci = read16(packet + 14);
	memmove(packet + 12, packet + 16, *len - 16);
	*len -= TAG_BYTES;
	return tag;
}

void tc_give_tag(uint8_t *packet, uint32_t *len, uint32_t room, const struct tc_tag *tag)
{
	if (!tag->present || *len < 12 || *len + TAG_BYTES > room)
		return;
	memmove(packet + 16, packet + 12, *len - 12);
	packet[12] = (uint8_t)(tag->proto >> 8);
	packet[13] = (uint8_t)tag->proto;
	packet[14] = (uint8_t)(tag->tci >> 8);
	packet[15] = (uint8_t)tag->tci;
	*len += TAG_BYTES;
}

uint32_t tc_verdict(uint32_t result)
{
	switch ((int32_t)result) {
	case TC_ACT_SHOT:
	case TC_ACT_STOLEN:
		return XDP_DROP;
	case TC_ACT_REDIRECT:
		return XDP_REDIRECT;
	default:
		return XDP_PASS;
	}
}

/* eth_type_trans() of Linux: frames with a length in place of a type have one of two protocols. */
static uint16_t protocol_of(const uint8_t *packet, uint32_t len)
{
	uint16_t type = len >= ETH_HLEN ? read16(packet + 12) : 0;

	if (len < ETH_HLEN || type >= ETH_P_802_3_MIN)
		return type;
	return len >= ETH_HLEN + 2 && read16(packet + 14) == 0xffff ? ETH_P_802_3 : ETH_P_802_2;
}

void tc_prepare(struct ref_run *run, const struct tc_tag *tag)
{
	run->skb = (struct __sk_buff){
		.len = (uint32_t)(run->end - run->start),
		.protocol = htons(protocol_of(run->packet + run->start, (uint32_t)(run->end - run->start))),
		.vlan_present = tag->present,
		.vlan_tci = tag->tci,
		.vlan_proto = htons(tag->proto),
		.ifindex = 1,
		.ingress_ifindex = 1,
	};
}

/* Bytes of the structure that a program may read, or change. */
static bool is_field(int64_t offset, uint32_t size, bool write)
{
	static const struct { uint32_t from, to; bool writable; } fields[] = {
		{ 0, 4, false },	/* len */
		{ 8, 12, false },	/* mark */
		{ 16, 44, false },	/* protocol .. ifindex */
		{ 44, 48, true },	/* tc_index */
		{ 48, 68, true },	/* cb */
		{ 72, 76, true },	/* tc_classid */
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (offset >= fields[i].from && offset + size <= fields[i].to && (fields[i].writable || !write))
			return true;
	return false;
}

bool tc_load(struct ref_run *run, int64_t offset, uint32_t size, uint64_t *value)
{
	switch (offset) {
	case offsetof(struct __sk_buff, data):
		*value = memory_base(REGION_PACKET) + (uint64_t)(int64_t)run->start;
		return size == 4 || interp_fault(run, "data is read in parts");
	case offsetof(struct __sk_buff, data_meta):
		*value = memory_base(REGION_PACKET) + (uint64_t)(int64_t)run->meta;
		return size == 4 || interp_fault(run, "data_meta is read in parts");
	case offsetof(struct __sk_buff, data_end):
		*value = memory_base(REGION_PACKET) + (uint64_t)(int64_t)run->end;
		return size == 4 || interp_fault(run, "data_end is read in parts");
	}
	if (!is_field(offset, size, false))
		return interp_fault(run, "__sk_buff has no such field at offset %d", (int)offset);
	*value = 0;
	memcpy(value, (const uint8_t *)&run->skb + offset, size);
	return true;
}

bool tc_store(struct ref_run *run, int64_t offset, uint32_t size, uint64_t value)
{
	if (!is_field(offset, size, true))
		return interp_fault(run, "__sk_buff can't be written at offset %d", (int)offset);
	memcpy((uint8_t *)&run->skb + offset, &value, size);
	return true;
}

/* Below 0 offsets count from the IP header, and further below from the MAC header. */
bool tc_classic_load(struct ref_run *run, const struct bpf_insn *insn, bool *fails)
{
	uint32_t size = BPF_SIZE(insn->code) == BPF_W ? 4 : BPF_SIZE(insn->code) == BPF_H ? 2 : 1;
	int32_t k = (int32_t)((uint32_t)insn->imm + (BPF_MODE(insn->code) == BPF_IND ? (uint32_t)run->reg[insn->src_reg] : 0));
	int64_t at = k, length = run->end - run->start;
	uint64_t value = 0;

	if (run->reg[6] != memory_base(REGION_CTX))
		return interp_fault(run, "r6 is not the context");
	if (k < 0 && k >= -0x100000)
		at = (int64_t)k + 0x100000 + ETH_HLEN;
	else if (k < 0)
		at = (int64_t)k + 0x200000;
	*fails = at < 0 || at + size > length;
	for (uint32_t i = 0; i < size && !*fails; i++)
		value = value << 8 | run->packet[run->start + at + i];
	run->reg[0] = value;
	return true;
}

bool tc_is_helper(int32_t helper)
{
	return helper == HELPER_STORE_BYTES || helper == HELPER_REDIRECT || helper == HELPER_LOAD_BYTES || helper == HELPER_PULL_DATA;
}

static bool bytes(struct ref_machine *machine, bool loads)
{
	struct ref_run *run = machine->run;
	uint64_t offset = (uint32_t)run->reg[2], size = (uint32_t)run->reg[4];
	uint8_t *own = memory_bytes(machine, run->reg[3], (uint32_t)size, loads);
	int result = 0;

	if (!own)
		return false;
	if (!loads && run->reg[5] & ~(uint64_t)STORE_FLAGS)
		result = -EINVAL;
	else if (offset + size > (uint64_t)(run->end - run->start))
		result = -EFAULT;
	if (result && loads)
		memset(own, 0, size);
	else if (!result && loads)
		memmove(own, run->packet + run->start + offset, size);
	else if (!result)
		memmove(run->packet + run->start + offset, own, size);
	run->reg[0] = (uint64_t)(int64_t)result;
	return true;
}

bool tc_call(struct ref_machine *machine, int32_t helper)
{
	struct ref_run *run = machine->run;

	if (helper == HELPER_REDIRECT) {
		run->reg[0] = interp_redirect(run) ? TC_ACT_REDIRECT : TC_ACT_SHOT;
		return true;
	}
	if (run->reg[1] != memory_base(REGION_CTX))
		return interp_fault(run, "r1 is not the context");
	if (helper != HELPER_PULL_DATA)
		return bytes(machine, helper == HELPER_LOAD_BYTES);
	run->reg[0] = (uint32_t)run->reg[2] > (uint32_t)(run->end - run->start) ? (uint64_t)-ENOMEM : 0;
	return true;
}
