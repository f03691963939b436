// SPDX-License-Identifier: Apache-2.0
/* What the families of helpers become (build_*.c): each call compiled, run by the C model on a packet of 60 zeros, and its result as Linux gives it.
 * tests/helpers and tests/maps compare whole programs with the kernel.
 * Also of build_call.c, build_mapmem.c, build_queue.c, build_redirect.c, build_ring.c, build_stack.c, build_string.c, build_system.c, build_tail.c, build_text.c. */
#include "calls.h"

enum { QUEUE = 2, STACK, RING, EVENTS, TRIE, PROGS, DEVICES, PERCPU, PERCPU_HASH, LOCKED, TEXT, FORMAT, LOG, MAPS };
enum { FRAME = CALLS_FRAME, RECORD = 64 };

static const struct prog_map all_maps[MAPS] = {
	[ARRAY] = { .name = "array", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 8 },
	[HASH] = { .name = "hash", .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 1 },
	[QUEUE] = { .name = "queue", .type = MAP_TYPE_QUEUE, .value_size = 4, .max_entries = 2 },
	[STACK] = { .name = "stack", .type = MAP_TYPE_STACK, .value_size = 4, .max_entries = 2 },
	[RING] = { .name = "ring", .type = MAP_TYPE_RINGBUF, .max_entries = 4096 },
	[EVENTS] = { .name = "events", .type = MAP_TYPE_PERF_EVENT_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 32 },
	[TRIE] = { .name = "trie", .type = MAP_TYPE_LPM_TRIE, .key_size = 8, .value_size = 8, .max_entries = 4, .flags = MAP_NO_PREALLOC },
	[PROGS] = { .name = "progs", .type = MAP_TYPE_PROG_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 2 },
	[DEVICES] = { .name = "devices", .type = MAP_TYPE_DEVMAP, .key_size = 4, .value_size = 4, .max_entries = 2 },
	[PERCPU] = { .name = "percpu", .type = MAP_TYPE_PERCPU_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 2 },
	[PERCPU_HASH] = { .name = "percpu_hash", .type = MAP_TYPE_PERCPU_HASH, .key_size = 4, .value_size = 8, .max_entries = 2 },
	[LOCKED] = { .name = "locked", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1, .lock = 1 },
	[TEXT] = { .name = "text", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1, .flags = MAP_RDONLY_PROG,
		   .init = (const uint8_t *)"\1\2\3\4\5\7\0", .init_size = 8 },
	[FORMAT] = { .name = "format", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1, .flags = MAP_RDONLY_PROG,
		     .init = (const uint8_t *)"%05d|%x", .init_size = 8 },
	[LOG] = { .name = ".printk", .type = MAP_TYPE_LOG },
};

/* ---- the calls ---- */

/* r0 = the word that r0 points to; 0 where it points to nothing */
static void put_read(void)
{
	jit_put(&j, EC_JMP | EBPF_JEQ, 0, 0, 1, 0);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 0, 0, 0, 0);
}

/* Calls of (map, place in the stack, number). */
static void put_map_call(int helper, int map, int off, int number)
{
	put_map(1, map);
	put_at(2, off);
	put_mov(3, number);
	put_call(helper);
	put_note();
}

static void queue(int map)
{
	for (int n = 5; n < 8; n++) {
		put_word(-16, n);
		put_map_call(HELPER_MAP_PUSH_ELEM, map, -16, 0);
	}
	put_map(1, map);
	put_at(2, -16);
	put_call(HELPER_MAP_POP_ELEM);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 0, 10, -16, 0);
	put_note();
}

static void queue_keeps_order(void)
{
	queue(QUEUE);
}

static void stack_turns_it_round(void)
{
	queue(STACK);
}

static void nothing_in_a_queue(void)
{
	put_map_call(HELPER_MAP_PEEK_ELEM, QUEUE, -12, 0);
	put_map_call(HELPER_MAP_POP_ELEM, STACK, -12, 0);
	put_map_call(HELPER_MAP_PUSH_ELEM, QUEUE, -8, 2); /* BPF_EXIST: replaces nothing */
	put_map_call(HELPER_MAP_PUSH_ELEM, QUEUE, -8, 5);
}

static void put_query(void)
{
	put_map(1, RING);
	put_mov(2, 0); /* BPF_RB_AVAIL_DATA */
	put_call(HELPER_RINGBUF_QUERY);
	put_note();
}

static void put_output(int bytes)
{
	put_map(1, RING);
	put_at(2, -8);
	put_mov(3, bytes);
	put_mov(4, 0);
	put_call(HELPER_RINGBUF_OUTPUT);
	put_note();
}

static void records_take_room(void)
{
	put_output(8);
	put_query();
	put_output(5);
	put_query();
}

/* Reserves, writes and submits or discards. */
static void put_record(int bytes, int helper)
{
	put_map(1, RING);
	put_mov(2, bytes);
	put_mov(3, 0);
	put_call(HELPER_RINGBUF_RESERVE);
	jit_put(&j, EC_JMP | EBPF_JEQ, 0, 0, 5, 0);
	jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 0, 9, 0, 0);
	put_copy(1, 0);
	put_mov(2, 0);
	put_call(helper);
	put_mov(0, 1);
	put_note();
}

static void a_ring_gets_full(void)
{
	put_record(RECORD, HELPER_RINGBUF_SUBMIT);
	put_record(RECORD, HELPER_RINGBUF_DISCARD);
	put_record(3900, HELPER_RINGBUF_SUBMIT);
	put_record(RECORD, HELPER_RINGBUF_SUBMIT);
}

static void put_event(int index)
{
	put_copy(1, 6);
	put_map(2, EVENTS);
	jit_put(&j, EC_ALU | EBPF_MOV, 3, 0, 0, index); /* 32 bits: BPF_F_CURRENT_CPU is -1 */
	put_at(4, -8);
	put_mov(5, 8);
	put_call(HELPER_PERF_EVENT_OUTPUT);
	put_note();
}

static void nobody_hears_events(void)
{
	put_event(-1);
	put_event(0);
	put_event(32);
}

static void put_lookup(int last)
{
	put_word(-24, 32);
	put_word(-20, last << 24 | 10);
	put_map(1, TRIE);
	put_at(2, -24);
	put_call(HELPER_MAP_LOOKUP_ELEM);
	put_read();
	put_note();
}

/* fill_trie() has put in 10.0.0.0/8 and 10.0.0.9. */
static void the_longest_prefix_is_found(void)
{
	put_lookup(9);
	put_lookup(8);
	put_word(-24, 7);
	put_map(1, TRIE);
	put_at(2, -24);
	put_call(HELPER_MAP_LOOKUP_ELEM);
	put_read();
	put_note();
}

static void nobody_to_call(void)
{
	for (int slot = 1; slot < 3; slot++) {
		put_copy(1, 6);
		put_map(2, PROGS);
		put_mov(3, slot);
		put_call(HELPER_TAIL_CALL);
		put_mov(0, 7);
		put_note();
	}
}

static void put_redirect(int helper, int flags)
{
	put_mov(1, 1);
	put_mov(2, flags);
	if (helper == HELPER_REDIRECT_MAP) {
		put_map(1, DEVICES);
		put_mov(2, 1);
		put_mov(3, flags);
	}
	put_call(helper);
	put_note();
}

static void where_packets_go(void)
{
	put_redirect(HELPER_REDIRECT, 0);
	put_redirect(HELPER_REDIRECT, 1);
	put_redirect(HELPER_REDIRECT_MAP, 2); /* an empty slot: what the flags say */
	put_redirect(HELPER_REDIRECT_MAP, 0x40);
}

static void sums_of_bytes(void)
{
	static const int sizes[] = { 8, 7 };

	for (int n = 0; n < 2; n++) {
		put_mov(1, 0);
		put_mov(2, 0);
		put_at(3, -8);
		put_mov(4, sizes[n]);
		put_mov(5, 3);
		put_call(HELPER_CSUM_DIFF);
		if (!n)
			put_copy(9, 0);
	}
	put_note();
}

static void put_bytes(int helper, int at, int off, int size)
{
	put_copy(1, 6);
	put_mov(2, at);
	put_at(3, off);
	put_mov(4, size);
	put_call(helper);
	put_note();
}

static void bytes_of_the_packet(void)
{
	put_word(-16, 0);
	put_bytes(HELPER_XDP_STORE_BYTES, FRAME - 6, -8, 4);
	put_bytes(HELPER_XDP_LOAD_BYTES, FRAME - 4, -16, 4);
	put_bytes(HELPER_XDP_LOAD_BYTES, FRAME - 3, -16, 4);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, 0, 10, -16, 0);
	put_note();
}

static void places_of_the_packet_move(void)
{
	put_ctx_call(HELPER_XDP_ADJUST_HEAD, 14, 0);
	put_ctx_call(HELPER_XDP_ADJUST_HEAD, 60, 0);
	put_ctx_call(HELPER_XDP_ADJUST_TAIL, -6, 0);
	put_ctx_call(HELPER_XDP_GET_BUFF_LEN, 0, 0);
}

static void metadata_is_in_words(void)
{
	put_ctx_call(HELPER_XDP_ADJUST_META, -8, 0);
	put_ctx_call(HELPER_XDP_ADJUST_META, -7, 0);
	put_ctx_call(HELPER_XDP_ADJUST_META, 9999, 0);
}

static void put_update(int map, int flags)
{
	put_at(3, -8);
	put_map(1, map);
	put_at(2, -12);
	put_mov(4, flags);
	put_call(HELPER_MAP_UPDATE_ELEM);
	put_note();
}

static void entries_come_and_go(void)
{
	put_update(HASH, 1);
	put_update(HASH, 1);
	put_map_call(HELPER_MAP_DELETE_ELEM, HASH, -12, 0);
	put_map_call(HELPER_MAP_DELETE_ELEM, HASH, -12, 0);
}

static void elements_stay(void)
{
	put_update(PERCPU, 1);
	put_map_call(HELPER_MAP_DELETE_ELEM, PERCPU, -12, 0);
	put_word(-12, 2);
	put_update(PERCPU, 0);
	put_update(PERCPU, 3);
}

static void put_own_value(int map)
{
	put_map(1, map);
	put_at(2, -12);
	put_call(HELPER_MAP_LOOKUP_ELEM);
	put_read();
	put_note();
}

static void put_values_of_other_threads(int map)
{
	put_update(map, 0);
	put_own_value(map);
	for (int cpu = 0; cpu < 99; cpu += 98) {
		put_map(1, map);
		put_at(2, -12);
		put_mov(3, cpu);
		put_call(HELPER_MAP_LOOKUP_PERCPU_ELEM);
		put_read();
		put_note();
	}
}

static void values_of_other_threads(void)
{
	put_values_of_other_threads(PERCPU);
}

static void hashed_values_of_other_threads(void)
{
	put_values_of_other_threads(PERCPU_HASH);
}

static void nothing_hashed_for_any_thread(void)
{
	put_map_call(HELPER_MAP_DELETE_ELEM, PERCPU_HASH, -12, 0);
	put_own_value(PERCPU_HASH);
	put_update(PERCPU_HASH, 2);
	put_update(PERCPU_HASH, 1);
}

/* The null check of the result comes late: both outcomes go on together. */
static void found_or_not_is_asked_later(void)
{
	for (int index = 7; index < 9; index++) {
		put_word(-12, index);
		put_map(1, ARRAY);
		put_at(2, -12);
		put_call(HELPER_MAP_LOOKUP_ELEM);
		put_mov(2, 3);
		jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 10, 2, -24, 0);
		jit_put(&j, EC_JMP | EBPF_JEQ, 0, 0, 1, 0);
		jit_put(&j, EC_LDX | EBPF_MEM | EBPF_DW, 0, 10, -24, 0);
		put_note();
	}
}

/* Bytes 1 to 8 lie at fp - 8: 0x05040302 from fp - 7 on is no element, and 5 with zeros behind it, at fp - 19, is one. */
static void keys_anywhere_in_the_stack(void)
{
	static const int places[] = { -7, -19 };

	put_word(-20, 0x0500);
	put_word(-16, 0);
	for (int n = 0; n < 2; n++) {
		put_map(1, ARRAY);
		put_at(2, places[n]);
		put_call(HELPER_MAP_LOOKUP_ELEM);
		jit_put(&j, EC_JMP | EBPF_JEQ, 0, 0, 1, 0);
		put_mov(0, 1);
		put_note();
	}
}

static void what_is_locked_is_free_again(void)
{
	for (int n = 0; n < 2; n++) {
		put_value(LOCKED, 0);
		put_copy(1, 7);
		put_call(HELPER_SPIN_LOCK);
		jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 8, 7, 4, 0);
		jit_put(&j, EC_ALU64 | EBPF_ADD, 8, 0, 0, 3);
		jit_put(&j, EC_STX | EBPF_MEM | EBPF_W, 7, 8, 4, 0);
		put_copy(1, 7);
		put_call(HELPER_SPIN_UNLOCK);
		put_copy(0, 8);
		put_note();
	}
}

static void put_compare(int bytes)
{
	put_at(1, -8);
	put_mov(2, bytes);
	jit_put(&j, EBPF_LDDW, 3, EBPF_PSEUDO_MAP_VALUE, 0, TEXT);
	jit_put(&j, 0, 0, 0, 0, 0);
	put_call(182); /* strncmp */
	put_note();
}

static void texts_are_compared(void)
{
	put_compare(5);
	put_compare(6);
}

static void clocks_and_threads(void)
{
	put_call(HELPER_KTIME_GET_NS);
	put_copy(7, 0);
	put_call(HELPER_KTIME_GET_NS);
	jit_put(&j, EC_JMP | EBPF_JGT | EBPF_X, 0, 7, 2, 0);
	put_mov(0, 1);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	put_call(HELPER_GET_PRANDOM_U32);
	put_copy(7, 0);
	put_call(HELPER_GET_PRANDOM_U32);
	jit_put(&j, EC_JMP | EBPF_JNE | EBPF_X, 0, 7, 2, 0);
	put_mov(0, 2);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	put_call(HELPER_GET_SMP_PROCESSOR_ID);
	put_note();
	put_call(HELPER_JIFFIES64); /* counts from five minutes before its lower half wraps */
	jit_put(&j, EC_ALU64 | EBPF_RSH, 0, 0, 0, 16);
	put_note();
}

/* Nobody looks at the result; the program goes on. */
static void texts_are_printed(void)
{
	put_word(-16, 0x00642520); /* " %d" */
	for (int n = 0; n < 2; n++) {
		put_at(1, -16);
		put_mov(2, 4);
		put_mov(3, n);
		put_mov(4, 0);
		put_mov(5, 0);
		put_call(HELPER_TRACE_PRINTK);
		put_mov(0, n + 6);
		put_note();
	}
}

/* "-0042|ff" into 8 bytes */
static void texts_are_made(void)
{
	put_word(-32, -42);
	put_word(-28, 0);
	put_word(-24, 255);
	put_word(-20, 0);
	put_at(1, -16);
	put_mov(2, 8);
	jit_put(&j, EBPF_LDDW, 3, EBPF_PSEUDO_MAP_VALUE, 0, FORMAT);
	jit_put(&j, 0, 0, 0, 0, 0);
	put_at(4, -32);
	put_mov(5, 16);
	put_call(HELPER_SNPRINTF);
	put_note();
	for (int at = 3; at < 8; at += 2) {
		jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, 0, 10, -16 + at, 0);
		put_note();
	}
}

/* Nobody is in the map: the verdict is in flags that only the packet knows, zero here. */
static void the_verdict_is_in_the_flags(void)
{
	for (int n = 0; n < 4; n++) {
		put_place(DATA, TYPE_AT + 1, DATA_END);
		jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, 3, 7, TYPE_AT, 0);
		jit_put(&j, EC_ALU64 | EBPF_AND, 3, 0, 0, 4);
		jit_put(&j, EC_ALU64 | EBPF_OR, 3, 0, 0, n);
		put_map(1, DEVICES);
		put_mov(2, n);
		put_call(HELPER_REDIRECT_MAP);
		put_note();
	}
}

/* ---- what they give ---- */

static void put_prefix(struct nic *n, const struct image *image, uint8_t bits, uint8_t last, uint64_t value)
{
	const struct nic_map map = calls_map(n, image, TRIE);
	const uint8_t key[8] = { bits, 0, 0, 0, 10, 0, 0, last };

	assert_int_equal(nic_maps_update(&map, key, &value, 0), 0);
}

static void fill_trie(struct nic *n, const struct image *image)
{
	put_prefix(n, image, 8, 0, 11);
	put_prefix(n, image, 32, 9, 12);
}

enum { OK = 0, NOT_THERE = 0xfe, TOO_BIG = 0xf9, AGAIN = 0xf5, EXISTS = 0xef, INVALID = 0xea, ACCESS = 0xf3 };

static void results_are_those_of_linux(void **state)
{
	static const struct calls_row rows[] = {
		ROW(queue_keeps_order, OK, OK, TOO_BIG, 5),
		ROW(stack_turns_it_round, OK, OK, TOO_BIG, 6),
		ROW(nothing_in_a_queue, NOT_THERE, NOT_THERE, OK, INVALID),
		ROW(records_take_room, OK, 16, OK, 32),
		ROW(a_ring_gets_full, 1, 1, 1, 0),
		ROW(nobody_hears_events, 0, NOT_THERE, NOT_THERE, TOO_BIG),
		ROW(the_longest_prefix_is_found, 0, 12, 11, 0),
		ROW(nobody_to_call, 0, 0, 7, 7),
		ROW(where_packets_go, 4, 0, 2, 0),
		ROW(the_verdict_is_in_the_flags, 0, 1, 2, 3),
		ROW(sums_of_bytes, 0, 0x14, 0x13, 0x13), /* words of 16 bits and the seed; then without the last byte */
		ROW(bytes_of_the_packet, OK, OK, INVALID, 3),
		ROW(places_of_the_packet_move, OK, INVALID, OK, FRAME - 14 - 6),
		ROW(metadata_is_in_words, 0, OK, ACCESS, INVALID),
		ROW(entries_come_and_go, OK, EXISTS, OK, NOT_THERE),
		ROW(elements_stay, EXISTS, INVALID, TOO_BIG, INVALID),
		ROW(values_of_other_threads, OK, 1, 1, 0),
		ROW(hashed_values_of_other_threads, OK, 1, 1, 0),
		ROW(nothing_hashed_for_any_thread, NOT_THERE, 0, NOT_THERE, OK),
		ROW(found_or_not_is_asked_later, 0, 0, 3, 0),
		ROW(keys_anywhere_in_the_stack, 0, 0, 0, 1),
		ROW(what_is_locked_is_free_again, 0, 0, 3, 6),
		ROW(texts_are_compared, 0, 0, 0, 0xff),
		ROW(clocks_and_threads, 0, 0, 0, 0xfe),
		ROW(texts_are_printed, 0, 0, 6, 7),
		ROW(texts_are_made, 9, '4', '|', 0),
	};

	(void)state;
	calls_check((struct calls){ .maps = all_maps, .n_maps = MAPS, .host = fill_trie }, rows, sizeof(rows) / sizeof(*rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_are_those_of_linux),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
