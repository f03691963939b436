/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of one run, shared by the parts of the interpreter. Section numbers in these files are
 * those of RFC 9669. A function that returns bool returns false after a fault.
 */
#ifndef SIM_REF_INTERP_H
#define SIM_REF_INTERP_H

#include "ref.h"

/*
 * Every region of memory has its own range of addresses, 2^40 bytes apart, so a pointer that left
 * its region never meets another one.
 */
enum {
	REGION_SHIFT = 40,
	REGION_CTX = 1,
	REGION_PACKET,
	REGION_STACK,
	REGION_KEY,			/* of the element that a callback is called for */
	REGION_CODE,			/* has no bytes either */
	REGION_VALUES = 16,		/* one per map: its values */
	REGION_MAPS = 1 << 16,		/* one per map: the map itself, which has no bytes */
	FRAME_STRIDE = 2 * REF_STACK_SIZE,
	FRAME_POINTER = 10
};

enum { REF_KEY_MAX = 512 };

/* What a function is called for over and over: bpf_loop(), or the elements of a map. */
struct rounds {
	bool active, is_loop;
	uint32_t count, callback, map;
	uint64_t ctx, done, at;		/* calls made; of a map, the slot that comes next */
};

struct frame {
	uint32_t return_pc;
	struct rounds rounds;
	uint8_t key[REF_KEY_MAX];
	uint64_t saved[4];		/* r6 to r9 of the caller */
	uint8_t stack[REF_STACK_SIZE];
};

struct ref_run {
	uint64_t reg[11];
	uint32_t pc;
	uint32_t depth, first;		/* frame that runs, and that of the program: a tail call out of a function leaves those of its callers */
	uint32_t tail_calls;
	uint32_t target;
	uint8_t stack_fill;
	uint8_t *packet;		/* where the packet started; the places below count from there */
	int32_t meta, start, end;
	bool has_ctx;
	bool tc;			/* the context is this, and not struct xdp_md */
	struct __sk_buff skb;
	bool done;
	char *fault;
	struct frame frames[REF_MAX_FRAMES + REF_TAIL_CALLS * (REF_MAX_FRAMES - 1)];
};

/* Stops the packet. The first sentence stays. Always returns false. */
bool interp_fault(struct ref_run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* bpf_redirect(): false with a flag, of which it knows none. No interface has a negative index. */
bool interp_redirect(struct ref_run *run);

/* Goes on with the function that begins so far from the next instruction. */
bool interp_enter(struct ref_run *run, int32_t offset);

/* A run from the program's entry on, with nothing in the registers; instructions that it takes. */
void interp_prepare(struct ref_machine *machine, uint8_t *packet, uint32_t len, struct ref_outcome *outcome);
uint64_t interp_execute(struct ref_machine *machine);

/* ---- callbacks.c ---- */

bool callback_is_helper(int32_t helper);
bool callback_call(struct ref_machine *machine, int32_t helper);
/* A function that was called so has returned. */
bool callback_returned(struct ref_machine *machine, struct rounds rounds);

/* ---- memory.c ---- */

/* The address of byte 0 of a region. */
uint64_t memory_base(uint64_t region);

/* The bytes behind an address, or NULL with a fault. The context is not memory: see memory_load(). */
uint8_t *memory_bytes(struct ref_machine *machine, uint64_t address, uint32_t size, bool write);
/* A byte that may be read, or NULL. */
const uint8_t *memory_peek(struct ref_machine *machine, uint64_t address);

/* The classes LDX, STX, ST and LD, section 5. */
bool memory_load(struct ref_machine *machine, const struct bpf_insn *insn);
bool memory_store(struct ref_machine *machine, const struct bpf_insn *insn);
bool memory_store_constant(struct ref_machine *machine, const struct bpf_insn *insn);
bool memory_load_constant(struct ref_machine *machine, const struct bpf_insn *insn);

/* ---- alu.c ---- */

/* The lowest `bits` bits as a signed number. */
uint64_t alu_sign_extend(uint64_t value, uint32_t bits);

/* The classes ALU and ALU64, section 4.1 and 4.2. */
bool alu_run(struct ref_run *run, const struct bpf_insn *insn);

/* ---- packet.c ---- */

/* The helpers of struct xdp_md that move or copy the packet; false when `helper` is none of them. */
bool packet_is_helper(int32_t helper);
bool packet_call(struct ref_machine *machine, int32_t helper);

/* ---- csum.c ---- */

bool csum_diff(struct ref_machine *machine);

/* ---- fib.c ---- */

bool fib_lookup(struct ref_machine *machine);
bool fib_check_mtu(struct ref_machine *machine);

/* ---- cookies.c: SYN cookies ---- */

bool cookie_is_helper(int32_t helper);
bool cookie_call(struct ref_machine *machine, int32_t helper);

/* ---- numbers.c: text to numbers ---- */

bool number_is_helper(int32_t helper);
bool text_is_helper(int32_t helper); /* text.c */
bool text_call(struct ref_machine *machine);
bool number_call(struct ref_machine *machine, int32_t helper);

/* ---- kfuncs.c: functions of the kernel, and helpers that go with them ---- */

bool kfunc_call(struct ref_machine *machine, int32_t kfunc);
bool kfunc_is_helper(int32_t helper);
bool kfunc_helper(struct ref_machine *machine, int32_t helper);

/* ---- helpers.c ---- */

/* Arguments in r1 to r5, result in r0; section 4.3.1. */
bool helper_call(struct ref_machine *machine, int32_t helper);
enum { JIFFIES_HZ = 250 };	/* a kernel's count starts 300 s before it passes 2^32 */
uint64_t helper_jiffies(const struct ref_machine *machine);

uint64_t helper_clock(const struct ref_machine *machine); /* ns */

/* ---- timers.c ---- */

bool timer_is_helper(int32_t helper);
bool timer_call(struct ref_machine *machine, int32_t helper);

/* ---- queues.c, as ring_call() ---- */

bool queue_call(struct ref_machine *machine, int32_t helper, bool *known);

/* ---- rings.c ---- */

/* The same for helpers that tell the host something; *known: it is one of them. */
bool ring_call(struct ref_machine *machine, int32_t helper, bool *known);

#endif
