/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * eBPF instruction encoding, RFC 9669 section 3 to 5. Own header because the compiler core is freestanding
 * and the installed <linux/bpf.h> may be older than the v4 instructions.
 */
#ifndef JIT_NFP_EBPF_H
#define JIT_NFP_EBPF_H

#include <stdint.h>

struct ebpf_insn {
	uint8_t code;
	uint8_t regs; /* src << 4 | dst, the little-endian layout of clang's bpfel */
	int16_t off;
	int32_t imm;
};

static inline unsigned int ebpf_dst(const struct ebpf_insn *i)
{
	return i->regs & 15;
}

static inline unsigned int ebpf_src(const struct ebpf_insn *i)
{
	return i->regs >> 4;
}

enum ebpf_class { EC_LD, EC_LDX, EC_ST, EC_STX, EC_ALU, EC_JMP, EC_JMP32, EC_ALU64 };

#define EBPF_CLASS(code) ((code) & 7)
#define EBPF_SIZE(code)  ((code) & 0x18)
#define EBPF_MODE(code)  ((code) & 0xe0)
#define EBPF_OP(code)    ((code) & 0xf0)

enum { EBPF_W = 0x00, EBPF_H = 0x08, EBPF_B = 0x10, EBPF_DW = 0x18 };
enum { EBPF_IMM = 0x00, EBPF_ABS = 0x20, EBPF_IND = 0x40, EBPF_MEM = 0x60, EBPF_MEMSX = 0x80, EBPF_ATOMIC = 0xc0 };
enum { EBPF_K = 0, EBPF_X = 8 };
enum {
	EBPF_ADD = 0x00, EBPF_SUB = 0x10, EBPF_MUL = 0x20, EBPF_DIV = 0x30, EBPF_OR = 0x40, EBPF_AND = 0x50,
	EBPF_LSH = 0x60, EBPF_RSH = 0x70, EBPF_NEG = 0x80, EBPF_MOD = 0x90, EBPF_XOR = 0xa0, EBPF_MOV = 0xb0,
	EBPF_ARSH = 0xc0, EBPF_END = 0xd0
};
enum {
	EBPF_JA = 0x00, EBPF_JEQ = 0x10, EBPF_JGT = 0x20, EBPF_JGE = 0x30, EBPF_JSET = 0x40, EBPF_JNE = 0x50,
	EBPF_JSGT = 0x60, EBPF_JSGE = 0x70, EBPF_CALL = 0x80, EBPF_EXIT = 0x90, EBPF_JLT = 0xa0, EBPF_JLE = 0xb0,
	EBPF_JSLT = 0xc0, EBPF_JSLE = 0xd0
};
enum { EBPF_JCOND = 0xe0 };
enum {
	EBPF_MAY_GOTO = EC_JMP | EBPF_JCOND, /* Linux's: jumps when it has gone on MAY_GOTO_MOST times in this call of the function */
	EBPF_JKIND = EC_JMP32 | EBPF_JCOND   /* ours: jumps unless the register holds what number imm of the splits says, see verify_split.c */
};
enum { MAY_GOTO_MOST = 8 << 20 };
enum { EBPF_FETCH = 0x01, EBPF_XCHG = 0xe1, EBPF_CMPXCHG = 0xf1 }; /* imm of atomics, with EBPF_ADD OR AND XOR */
enum { EBPF_LOAD_ACQUIRE = 0x100, EBPF_STORE_RELEASE = 0x110 }; /* imm of what is encoded as an atomic, but loads or stores */
enum { EBPF_LDDW = 0x18 };
enum { EBPF_PSEUDO_MAP = 1, EBPF_PSEUDO_MAP_VALUE = 2, EBPF_PSEUDO_FUNC = 4 };  /* src of LDDW */
enum { EBPF_CALL_HELPER = 0, EBPF_CALL_LOCAL = 1, EBPF_CALL_KFUNC = 2 };        /* src of CALL */
enum { EBPF_STACK_BYTES = 512, EBPF_REGS = 11 };

/* Loads and acquires, or stores and releases. */
static inline int ebpf_is_ordered(const struct ebpf_insn *i)
{
	return EBPF_CLASS(i->code) == EC_STX && EBPF_MODE(i->code) == EBPF_ATOMIC && (i->imm == EBPF_LOAD_ACQUIRE || i->imm == EBPF_STORE_RELEASE);
}

/* Reads, changes and writes back. */
static inline int ebpf_is_atomic(const struct ebpf_insn *i)
{
	return EBPF_CLASS(i->code) == EC_STX && EBPF_MODE(i->code) == EBPF_ATOMIC && !ebpf_is_ordered(i);
}

/* By what it does to registers. */
static inline int ebpf_class(const struct ebpf_insn *i)
{
	return ebpf_is_ordered(i) && i->imm == EBPF_LOAD_ACQUIRE ? EC_LDX : EBPF_CLASS(i->code);
}

enum { /* values of enum bpf_map_type; ours are LOG, where bpf_trace_printk() goes, and PREFIXES, of hw/spec/image.h */
	MAP_TYPE_HASH = 1, MAP_TYPE_ARRAY = 2, MAP_TYPE_PROG_ARRAY = 3, MAP_TYPE_PERF_EVENT_ARRAY = 4, MAP_TYPE_PERCPU_HASH = 5,
	MAP_TYPE_PERCPU_ARRAY = 6, MAP_TYPE_LRU_HASH = 9, MAP_TYPE_LRU_PERCPU_HASH = 10, MAP_TYPE_LPM_TRIE = 11, MAP_TYPE_ARRAY_OF_MAPS = 12, MAP_TYPE_HASH_OF_MAPS = 13,
	MAP_TYPE_DEVMAP = 14, MAP_TYPE_CPUMAP = 16, MAP_TYPE_XSKMAP = 17, MAP_TYPE_QUEUE = 22,
	MAP_TYPE_STACK = 23, MAP_TYPE_DEVMAP_HASH = 25, MAP_TYPE_RINGBUF = 27, MAP_TYPE_BLOOM_FILTER = 30, MAP_TYPE_PREFIXES = 62, MAP_TYPE_LOG = 63
};
enum {
	HELPER_MAP_LOOKUP_ELEM = 1, HELPER_MAP_UPDATE_ELEM = 2, HELPER_MAP_DELETE_ELEM = 3, HELPER_KTIME_GET_NS = 5,
	HELPER_TRACE_PRINTK = 6, HELPER_GET_PRANDOM_U32 = 7, HELPER_GET_SMP_PROCESSOR_ID = 8, HELPER_TAIL_CALL = 12,
	HELPER_SKB_STORE_BYTES = 9, HELPER_REDIRECT = 23, HELPER_SKB_LOAD_BYTES = 26, HELPER_SKB_PULL_DATA = 39, HELPER_PERF_EVENT_OUTPUT = 25, HELPER_CSUM_DIFF = 28, HELPER_XDP_ADJUST_HEAD = 44,
	HELPER_REDIRECT_MAP = 51, HELPER_XDP_ADJUST_META = 54, HELPER_XDP_ADJUST_TAIL = 65, HELPER_FIB_LOOKUP = 69, HELPER_MAP_PUSH_ELEM = 87,
	HELPER_MAP_POP_ELEM = 88, HELPER_MAP_PEEK_ELEM = 89, HELPER_SPIN_LOCK = 93, HELPER_SPIN_UNLOCK = 94,
	HELPER_STRTOL = 105, HELPER_STRTOUL = 106, HELPER_PROBE_READ_KERNEL = 113, HELPER_JIFFIES64 = 118, HELPER_KTIME_GET_BOOT_NS = 125,
	HELPER_RINGBUF_OUTPUT = 130, HELPER_RINGBUF_RESERVE = 131, HELPER_RINGBUF_SUBMIT = 132, HELPER_RINGBUF_DISCARD = 133,
	HELPER_RINGBUF_QUERY = 134, HELPER_KTIME_GET_COARSE_NS = 160, HELPER_CHECK_MTU = 163, HELPER_FOR_EACH_MAP_ELEM = 164, HELPER_SNPRINTF = 165, HELPER_KTIME_GET_TAI_NS = 208, HELPER_TRACE_VPRINTK = 177, HELPER_LOOP = 181,
	HELPER_XDP_GET_BUFF_LEN = 188, HELPER_TIMER_INIT = 169, HELPER_TIMER_SET_CALLBACK = 170, HELPER_TIMER_START = 171, HELPER_TIMER_CANCEL = 172,
	HELPER_TIMER_BEGIN = 253, HELPER_TIMER_ENDED = 254, HELPER_TIMER_DUE = 255, /* our own, for the code around programs: timer.c */
	HELPER_TCP_RAW_GEN_SYNCOOKIE_IPV4 = 204, HELPER_TCP_RAW_GEN_SYNCOOKIE_IPV6 = 205, HELPER_TCP_RAW_CHECK_SYNCOOKIE_IPV4 = 206,
	HELPER_TCP_RAW_CHECK_SYNCOOKIE_IPV6 = 207,
	HELPER_XDP_LOAD_BYTES = 189, HELPER_XDP_STORE_BYTES = 190, HELPER_MAP_LOOKUP_PERCPU_ELEM = 195
};

#endif
