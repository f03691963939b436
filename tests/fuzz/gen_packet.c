// SPDX-License-Identifier: Apache-2.0
/* The packet: bounds, accesses, and the helpers that work on it. */
#include <linux/bpf.h>
#include "gen.h"

/* The last bytes that are there are asked next; shorter packets, in which they would be 0, have gone. */
static void gen_last_field(struct gen *g, uint32_t room)
{
	static const uint8_t ops[] = { EBPF_JEQ, EBPF_JNE, EBPF_JGT, EBPF_JLT, EBPF_JSET };
	static const int32_t numbers[] = { 0, 1, 6, 8, 17, 0x0608, 1536 };
	uint32_t bytes = 1 + below(g, 2), reg = 2 + below(g, 4), past;

	put(g, EC_LDX | EBPF_MEM | (bytes == 2 ? EBPF_H : EBPF_B), reg, 7, (int16_t)(room - bytes - (below(g, 4) == 0)), 0);
	if (bytes == 2 && below(g, 2))
		put(g, EC_ALU | EBPF_END | EBPF_X, reg, 0, 0, 16);
	past = put(g, EC_JMP | ops[below(g, sizeof(ops))], reg, 0, 0, numbers[below(g, sizeof(numbers) / sizeof(*numbers))]);
	put(g, EC_ALU64 | EBPF_MOV, 0, 0, 0, (int32_t)below(g, 5));
	if (below(g, 2))
		put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	land(g, past);
	g->branches++;
}

/* Is the packet longer still? Every way to ask; what is too short skips, or ends. */
void gen_more_room(struct gen *g)
{
	static const uint8_t short_if[] = { EBPF_JGT, EBPF_JGE }, short_from_end[] = { EBPF_JLT, EBPF_JLE };
	static const uint8_t long_if[] = { EBPF_JLE, EBPF_JLT }, long_from_end[] = { EBPF_JGE, EBPF_JGT };
	uint32_t room = 8 + below(g, 72), skip, past, strict = below(g, 2);
	bool end_first = below(g, 2), ends = below(g, 2);
	uint8_t op;

	g->branches++;
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 7, 0, 0);
	if (below(g, 3) == 0) { /* the offset in a register */
		put(g, EC_ALU64 | EBPF_MOV, 3, 0, 0, (int32_t)room);
		put(g, EC_ALU64 | EBPF_ADD | EBPF_X, 2, 3, 0, 0);
	} else {
		put(g, EC_ALU64 | EBPF_ADD, 2, 0, 0, (int32_t)room);
	}
	if (ends) {
		op = end_first ? long_from_end[strict] : long_if[strict];
		past = put(g, EC_JMP | op | EBPF_X, end_first ? 8 : 2, end_first ? 2 : 8, 0, 0);
		put(g, EC_ALU64 | EBPF_MOV, 0, 0, 0, (int32_t)below(g, 5));
		put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
		land(g, past);
		set_scalar(g, 2);
		if (below(g, 2))
			gen_last_field(g, room);
		else
			gen_access(g, 7, 0, room, false);
		return;
	}
	op = end_first ? short_from_end[strict] : short_if[strict];
	skip = put(g, EC_JMP | op | EBPF_X, end_first ? 8 : 2, end_first ? 2 : 8, 0, 0);
	set_scalar(g, 2);
	gen_access(g, 7, 0, room, false);
	land(g, skip);
	set_scalar(g, 2);
}

void gen_packet(struct gen *g)
{
	uint32_t skip, reg;

	switch (below(g, 8)) {
	case 7:
		if (g->room)
			gen_bounded_packet(g);
		break;
	case 6:
		gen_more_room(g);
		break;
	case 0: /* variable offset: r3 = r7 + (scalar & 31), one to eight bytes checked */
		reg = scalar_reg(g);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, reg, 0, 0);
		put(g, EC_ALU64 | EBPF_AND | EBPF_K, 3, 0, 0, 31);
		put(g, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 7, 0, 0);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 3, 0, 0);
		put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 2, 0, 0, 8);
		skip = put(g, EC_JMP | EBPF_JGT | EBPF_X, 2, 8, 0, 0);
		if (below(g, 2))
			put(g, EC_LDX | EBPF_MEM | EBPF_DW, spare_reg(g, 3), 3, 0, 0);
		else
			put(g, EC_STX | EBPF_MEM | EBPF_W, 3, spare_reg(g, 3), 4, 0);
		land(g, skip);
		set_scalar(g, 2);
		set_scalar(g, 3);
		g->branches++;
		break;
	case 1: /* spilled and filled packet pointer */
		put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 7, -STACK_PTR, 0);
		put(g, EC_LDX | EBPF_MEM | EBPF_DW, 4, 10, -STACK_PTR, 0);
		put(g, EC_LDX | EBPF_MEM | EBPF_W, spare_reg(g, 4), 4, (int16_t)below(g, g->room - 3), 0);
		set_scalar(g, 4);
		break;
	case 2: /* packet length as a number */
		reg = scalar_reg(g);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, reg, 8, 0, 0);
		put(g, EC_ALU64 | EBPF_SUB | EBPF_X, reg, 7, 0, 0);
		break;
	default:
		gen_access(g, 7, 0, g->room, false);
	}
}

/* A number below 2^bits in a register, known or not. */
void small_number(struct gen *g, uint32_t reg, uint32_t bits)
{
	if (below(g, 2)) {
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, reg, 0, 0, (int32_t)below(g, 1u << bits));
		return;
	}
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, reg, scalar_reg(g), 0, 0);
	put(g, EC_ALU64 | EBPF_AND | EBPF_K, reg, 0, 0, (1 << bits) - 1);
}

/* Of much of the packet, after a store or two, and into the packet. */
static void gen_packet_csum(struct gen *g)
{
	uint32_t size = 4 + 4 * below(g, g->room / 4), at = below(g, g->room - size + 1);

	for (uint32_t n = below(g, 3); n; n--)
		put(g, EC_STX | EBPF_MEM | EBPF_H, 7, scalar_reg(g), (int16_t)below(g, g->room - 1), 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 5, scalar_reg(g), 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 3, 0, 0, (int32_t)at);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 1, 0, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, (int32_t)size);
	call(g, HELPER_CSUM_DIFF);
	put(g, EC_STX | EBPF_MEM | EBPF_H, 7, 0, (int16_t)below(g, g->room - 1), 0);
	restore_after_call(g, false);
}

/* Somewhere in the scratch bytes, which a number may say; r0 is free before a call. */
static void scratch_address(struct gen *g, uint32_t reg, uint32_t align, uint32_t most)
{
	if (below(g, 4)) {
		stack_address(g, reg, -STACK_SCRATCH + (int32_t)(align * below(g, most / align + 1)));
		return;
	}
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 0, 9, 0, 0);
	put(g, EC_ALU64 | EBPF_AND | EBPF_K, 0, 0, 0, (int32_t)(most & ~(align - 1)));
	stack_address(g, reg, -STACK_SCRATCH);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_X, reg, 0, 0, 0);
}

/* The same, or other memory that helpers take. */
static void memory_address(struct gen *g, uint32_t reg, uint32_t align, uint32_t size)
{
	if (g->kept || below(g, 3) == 0)
		data_address(g, reg, -STACK_SCRATCH + 8 * (int32_t)below(g, (STACK_SCRATCH - size) / 8 + 1), size);
	else
		scratch_address(g, reg, align, (STACK_SCRATCH - size) & ~7u);
}

static void gen_csum(struct gen *g)
{
	uint32_t from = 4 * below(g, 5), to = 4 * below(g, 4);
	bool of_packet = below(g, 2) && to && to <= g->room;

	if (g->room >= 4 && below(g, 2)) {
		gen_packet_csum(g);
		return;
	}
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 5, scalar_reg(g), 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, (int32_t)from);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, (int32_t)to);
	if (of_packet)
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
	else
		data_address(g, 3, -STACK_SCRATCH + 8 * (int32_t)below(g, 4), 16);
	if (of_packet && below(g, 2))
		put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 3, 0, 0, (int32_t)below(g, g->room - to + 1));
	memory_address(g, 1, 4, 16);
	call(g, HELPER_CSUM_DIFF);
	restore_after_call(g, false);
}

/* r2: where something in the packet is: anywhere, or so that it ends near the packet's end. */
static void packet_offset(struct gen *g)
{
	if (below(g, 2)) {
		small_number(g, 2, 7);
		return;
	}
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 8, 0, 0);
	put(g, EC_ALU64 | EBPF_SUB | EBPF_X, 2, 7, 0, 0);
	put(g, EC_ALU64 | EBPF_SUB | EBPF_K, 2, 0, 0, (int32_t)below(g, 20) - 1);
}

/* Offset and size known or not; what does not fit gives an error, and bytes that stay or become 0. */
static void gen_load_bytes(struct gen *g)
{
	packet_offset(g);
	small_number(g, 4, 4);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 4, 0, 0, 1);
	memory_address(g, 3, 8, 16);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	call(g, HELPER_XDP_LOAD_BYTES);
	restore_after_call(g, false);
}

/* From the stack, which may be where it goes to, or from checked bytes of the packet. */
static void gen_probe_read(struct gen *g)
{
	uint32_t bits = 1 + below(g, 4), size = 1u << bits;

	small_number(g, 2, bits);
	data_address(g, 1, -STACK_SCRATCH + (int32_t)below(g, 40), size);
	if (below(g, 2) && g->room >= size) {
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
		put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 3, 0, 0, (int32_t)below(g, g->room - size + 1));
	} else {
		data_address(g, 3, -STACK_SCRATCH + (int32_t)below(g, 40), size);
	}
	call(g, HELPER_PROBE_READ_KERNEL);
	restore_after_call(g, false);
}

/* Ends the program where the packet, from r7 on, is too short. */
static void check_room(struct gen *g)
{
	uint32_t go;

	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 7, 0, 0);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 2, 0, 0, (int32_t)g->room);
	go = put(g, EC_JMP | EBPF_JLE | EBPF_X, 2, 8, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 0, 0, 0, (int32_t)below(g, 5));
	put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	land(g, go);
}

/* Pointers to the packet are to be made anew. The packet may have become too short. */
void packet_again(struct gen *g)
{
	g->branches++;
	put(g, EC_LDX | EBPF_MEM | EBPF_W, 7, 6, 0, 0);
	put(g, EC_LDX | EBPF_MEM | EBPF_W, 8, 6, 4, 0);
	check_room(g);
	restore_after_call(g, false);
}

/* Far to the front, as far as it goes or further, and back; or much of the end is cut off. */
static void gen_far_move(struct gen *g)
{
	static const int32_t far[] = { 14, 20, 54, 100, 200, 215, 216, 217, 256, 300, 4000, INT32_MAX };
	int32_t by = far[below(g, sizeof(far) / sizeof(*far))];
	bool is_head = below(g, 2);

	for (int n = 0; n < 1 + is_head; n++) {
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, n ? by : -by);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
		call(g, is_head ? HELPER_XDP_ADJUST_HEAD : HELPER_XDP_ADJUST_TAIL);
	}
	packet_again(g);
}

/* The packet moves on, by a number that is known or that it says itself, and is at most 63: headers that were parsed. */
void gen_advance(struct gen *g)
{
	uint32_t known = below(g, 2);

	if (known) {
		put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 7, 0, 0, (int32_t)below(g, 21));
	} else {
		put(g, EC_LDX | EBPF_MEM | EBPF_B, 2, 7, (int16_t)below(g, g->room), 0);
		put(g, EC_ALU64 | EBPF_AND | EBPF_K, 2, 0, 0, 15);
		put(g, EC_ALU64 | EBPF_LSH | EBPF_K, 2, 0, 0, (int32_t)below(g, 3));
		put(g, EC_ALU64 | EBPF_ADD | EBPF_X, 7, 2, 0, 0);
	}
	check_room(g);
	set_scalar(g, 2);
	g->branches++;
}

static void move_by(struct gen *g, int32_t by)
{
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, by);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	call(g, HELPER_XDP_ADJUST_HEAD);
}

/* The first bytes, as addresses of Ethernet, are copied forwards or backwards, pieces in any order that does not spoil them. */
static void move_addresses(struct gen *g, int16_t to, int16_t from, uint32_t size)
{
	static const uint8_t code[] = { EBPF_B, EBPF_H, EBPF_W, EBPF_DW };
	uint32_t widest = 1 + below(g, 3), n;
	bool loads_first = below(g, 2), down = to > from;
	uint32_t at[8], width[8], pieces = 0;

	for (uint32_t o = 0; o < size && pieces < 8; o += 1u << n) {
		for (n = widest; o + (1u << n) > size; n--)
			;
		at[pieces] = o;
		width[pieces++] = n;
	}
	loads_first &= pieces <= 4;
	for (uint32_t k = 0; k < pieces; k++) {
		uint32_t p = down ? pieces - 1 - k : k, reg = loads_first ? 2 + p : 2 + below(g, 4);

		put(g, EC_LDX | EBPF_MEM | code[width[p]], reg, 7, (int16_t)(from + (int16_t)at[p]), 0);
		if (!loads_first)
			put(g, EC_STX | EBPF_MEM | code[width[p]], 7, reg, (int16_t)(to + (int16_t)at[p]), 0);
	}
	for (uint32_t p = 0; loads_first && p < pieces; p++)
		put(g, EC_STX | EBPF_MEM | code[width[p]], 7, 2 + p, (int16_t)(to + (int16_t)at[p]), 0);
}

/* A header is put behind the addresses, or taken away from there, as for VLANs and tunnels. */
static void gen_header(struct gen *g)
{
	static const uint8_t sizes[] = { 4, 8, 20, 28, 36, 40 };
	int16_t size = sizes[below(g, 6)], kept = below(g, 3) ? 12 : 14;

	if ((uint32_t)(size + kept) > g->room)
		size = 4;
	if ((uint32_t)(size + kept) > g->room)
		return;
	if (below(g, 2)) {
		move_by(g, -size);
		packet_again(g);
		move_addresses(g, 0, size, (uint32_t)kept);
		for (int16_t at = kept; at < kept + size; at += 2)
			if (below(g, 3))
				put(g, EC_ST | EBPF_MEM | EBPF_H, 7, 0, at, imm(g));
			else
				put(g, EC_STX | EBPF_MEM | EBPF_H, 7, scalar_reg(g), at, 0);
		return;
	}
	move_addresses(g, size, 0, (uint32_t)kept);
	move_by(g, size);
	packet_again(g);
	g->has_metadata = true; /* what is in front now, nobody knows */
}

static void gen_move(struct gen *g)
{
	static const int32_t head[] = { -8, 4, 8, 12, 0, 13, -20, -70 };
	bool is_head = below(g, 2), unknown = g->has_metadata || g->level != LEVEL_PROGRAM || g->loops || g->n_calls;

	if (below(g, 5) == 0) {
		gen_far_move(g);
		return;
	}
	if (below(g, 3) == 0) {
		gen_header(g);
		return;
	}
	if (is_head)
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, head[below(g, unknown ? 6 : 8)]);
	else
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, (int32_t)below(g, 30) - 15);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	call(g, is_head ? HELPER_XDP_ADJUST_HEAD : HELPER_XDP_ADJUST_TAIL);
	packet_again(g);
	if (is_head && unknown)
		put(g, EC_ST | EBPF_MEM | EBPF_DW, 7, 0, 0, imm(g));
}

/* Bytes in front of the packet that are written, read again when the packet has moved, or not, and given back. */
void gen_meta(struct gen *g)
{
	int32_t size = below(g, 8) ? 4 * (1 + (int32_t)below(g, 8)) : 1 + (int32_t)below(g, 40), at = size >= 4 ? 4 * (int32_t)below(g, (uint32_t)size / 4) : 0;
	uint32_t skip, moves = below(g, 3) == 0;

	g->has_metadata = true;
	for (uint32_t round = 0; round < 2 + moves; round++) {
		if (round == 1 && moves)
			put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, below(g, 2) ? -8 : 8);
		else
			put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, round ? size : -size);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
		call(g, round == 1 && moves ? HELPER_XDP_ADJUST_HEAD : HELPER_XDP_ADJUST_META);
		packet_again(g);
		if (round == 1 && moves)
			put(g, EC_ST | EBPF_MEM | EBPF_DW, 7, 0, 0, imm(g));
		if (round == 1 + moves || size < 4)
			continue;
		put(g, EC_LDX | EBPF_MEM | EBPF_W, 2, 6, 8, 0);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 2, 0, 0);
		put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 3, 0, 0, size);
		skip = put(g, EC_JMP | EBPF_JGT | EBPF_X, 3, 7, 0, 0);
		if (!round)
			put(g, EC_STX | EBPF_MEM | EBPF_W, 2, spare_reg(g, 2), (int16_t)at, 0);
		else
			put(g, EC_LDX | EBPF_MEM | (below(g, 2) ? EBPF_W : EBPF_H), spare_reg(g, 2), 2, (int16_t)at, 0);
		land(g, skip);
		set_scalar(g, 2);
		set_scalar(g, 3);
	}
}

static void gen_store_bytes(struct gen *g)
{
	packet_offset(g);
	small_number(g, 4, 4);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 4, 0, 0, 1);
	memory_address(g, 3, 8, 16);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	call(g, HELPER_XDP_STORE_BYTES);
	packet_again(g);
}

/* Digits in any base, which a few bytes may be or not. */
static void gen_strtol(struct gen *g)
{
	static const char *const texts[] = { "12", "-7 x", "0x1f", "077", "  +9", "99999999999999999999", "9223372036854775807", "", "z", "0b1", "-", "0x" };
	static const int32_t bases[] = { 0, 8, 10, 16, 7 };
	const char *text = texts[below(g, sizeof(texts) / sizeof(*texts))];
	uint32_t n = 0;

	for (; text[n]; n++)
		put(g, EC_ST | EBPF_MEM | EBPF_B, 10, 0, (int16_t)(-STACK_SCRATCH + (int32_t)n), below(g, 30) ? text[n] : (int32_t)below(g, 256));
	stack_address(g, 1, -STACK_SCRATCH);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, (int32_t)(n + below(g, 8)) + !n);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, bases[below(g, 5)]);
	data_address(g, 4, -32, 8);
	call(g, below(g, 2) ? BPF_FUNC_strtol : BPF_FUNC_strtoul);
	restore_after_call(g, false);
}

/* r0 points at a value of so many bytes, and helpers work on them. */
void gen_value_helper(struct gen *g, uint32_t size)
{
	put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 0, -STACK_OLD, 0);
	set_scalar(g, 0);
	g->kept = size;
	switch (below(g, g->level == LEVEL_PROGRAM ? 5 : 4)) {
	case 0:
		gen_csum(g);
		break;
	case 1:
		gen_load_bytes(g);
		break;
	case 2:
		gen_probe_read(g);
		break;
	case 3:
		gen_strtol(g);
		break;
	default:
		gen_store_bytes(g);
	}
	g->kept = 0;
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 5, 0, 0, 0);
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 0, 10, -STACK_OLD, 0);
}

void gen_helper(struct gen *g)
{
	if (below(g, 7) == 0) {
		if (below(g, 2)) {
			gen_clock(g);
			return;
		}
		if (below(g, 2)) {
			gen_strtol(g);
			return;
		}
		call(g, BPF_FUNC_get_smp_processor_id);
		restore_after_call(g, false);
		return;
	}
	if (g->level == LEVEL_PROGRAM && below(g, 6) == 0) {
		gen_network(g);
		return;
	}
	if (below(g, 5) == 0) {
		gen_redirect(g, MAP_OUT);
		return;
	}
	switch (below(g, g->level == LEVEL_PROGRAM ? 7 : 4)) {
	case 0:
		gen_csum(g);
		break;
	case 1:
		gen_load_bytes(g);
		break;
	case 2:
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
		call(g, HELPER_XDP_GET_BUFF_LEN);
		restore_after_call(g, false);
		break;
	case 3:
		gen_probe_read(g);
		break;
	case 4:
		gen_store_bytes(g);
		break;
	default:
		gen_move(g);
	}
}
