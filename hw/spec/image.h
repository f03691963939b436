/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Firmware image: an ELF64 little-endian file (e_type ET_EXEC, e_machine EM_NONE, no program headers), so that readelf -S
 * shows its parts. All numbers little-endian; every struct below is laid out without padding. Sections, in this order:
 *
 *   .nicjit   struct image_header
 *   .text     n_bundles x lanes 64-bit lane words, lane 0 first
 *   .maps     n_maps x struct image_map; the index is the map number of the microcode
 *   .data     initial map contents, referred to by image_map.data_off
 *   .lines    n_lines x struct image_line, sorted by bundle
 *   .programs n_programs x struct image_program: what a PROG_ARRAY may hold
 *   .names    NUL-terminated strings, offset 0 is the empty string
 *   .shstrtab
 *
 * crc32 (IEEE 802.3, reflected, initial and final xor ~0) covers .text .maps .data .lines .programs .names in that order, each whole,
 * and before them the header with its crc32 member taken as 0.
 */
#ifndef HW_SPEC_IMAGE_H
#define HW_SPEC_IMAGE_H

#include <stdint.h>

#define IMAGE_MAGIC 0x314a494eu /* "NIJ1" */
enum { IMAGE_VERSION = 4, IMAGE_MAPS_MAX = 64, IMAGE_PROGRAMS_MAX = 1024, IMAGE_STACK_BYTES = 512 };

/* Capabilities an image may need; a device without one refuses the image. */
enum {
	IMAGE_CAP_WINDOW = 1, IMAGE_CAP_MUL = 2, IMAGE_CAP_DIV = 4, IMAGE_CAP_HASH = 8, IMAGE_CAP_ARRAY = 16, IMAGE_CAP_ATOMIC = 32,
	IMAGE_CAPS = 63,      /* all that are defined */
};

#define IMAGE_EXT 0x80000000u
enum { IMAGE_EXT_ENTRY = 32, IMAGE_EXT_WORDS_MAX = (1 << 28) - 8 };

enum { /* values of enum bpf_map_type; two are ours: LOG, what the program prints, and PREFIXES */
	IMAGE_MAP_NONE = 0, /* a number that this image does not use */
	IMAGE_MAP_HASH = 1, IMAGE_MAP_ARRAY = 2, IMAGE_MAP_PROG_ARRAY = 3, IMAGE_MAP_PERF_EVENT_ARRAY = 4, IMAGE_MAP_PERCPU_HASH = 5,
	IMAGE_MAP_PERCPU_ARRAY = 6, IMAGE_MAP_LRU_HASH = 9, IMAGE_MAP_LRU_PERCPU_HASH = 10, IMAGE_MAP_LPM_TRIE = 11, IMAGE_MAP_ARRAY_OF_MAPS = 12, IMAGE_MAP_HASH_OF_MAPS = 13,
	IMAGE_MAP_DEVMAP = 14, IMAGE_MAP_CPUMAP = 16, IMAGE_MAP_XSKMAP = 17,
	IMAGE_MAP_QUEUE = 22, IMAGE_MAP_STACK = 23, IMAGE_MAP_DEVMAP_HASH = 25, IMAGE_MAP_RINGBUF = 27, IMAGE_MAP_BLOOM_FILTER = 30,
	IMAGE_MAP_PREFIXES = 62, /* ours: an LPM_TRIE that programs change, or whose keys are long */
	IMAGE_MAP_LOG = 63
};

static inline int image_map_is_hash(uint32_t type)
{
	return type == IMAGE_MAP_HASH || type == IMAGE_MAP_PERCPU_HASH || type == IMAGE_MAP_DEVMAP_HASH || type == IMAGE_MAP_HASH_OF_MAPS ||
	       type == IMAGE_MAP_LRU_HASH || type == IMAGE_MAP_LRU_PERCPU_HASH || type == IMAGE_MAP_PREFIXES;
}

/* Arrays whose slots are words that mean something to the NIC; 0 is an empty slot. */
static inline int image_map_is_slots(uint32_t type)
{
	return type == IMAGE_MAP_PROG_ARRAY || type == IMAGE_MAP_DEVMAP || type == IMAGE_MAP_CPUMAP || type == IMAGE_MAP_XSKMAP ||
	       type == IMAGE_MAP_ARRAY_OF_MAPS;
}

static inline int image_map_is_array(uint32_t type)
{
	return type == IMAGE_MAP_ARRAY || type == IMAGE_MAP_PERCPU_ARRAY || image_map_is_slots(type);
}

/* Maps of maps: a value is a word, the pointer to the first entry of a map, which names the map, too; 0 in an array: none. In .data it is 1 + the number of
 * a map of the image, one word for each index or, of a hash, 4-byte key. */
static inline int image_map_has_maps(uint32_t type)
{
	return type == IMAGE_MAP_ARRAY_OF_MAPS || type == IMAGE_MAP_HASH_OF_MAPS;
}

/* No keys. */
static inline int image_map_is_queue(uint32_t type)
{
	return type == IMAGE_MAP_QUEUE || type == IMAGE_MAP_STACK || type == IMAGE_MAP_BLOOM_FILTER;
}

/* Records for the host. */
static inline int image_map_is_ring(uint32_t type)
{
	return type == IMAGE_MAP_RINGBUF || type == IMAGE_MAP_PERF_EVENT_ARRAY || type == IMAGE_MAP_LOG;
}

static inline int image_map_is_percpu(uint32_t type)
{
	return type == IMAGE_MAP_PERCPU_HASH || type == IMAGE_MAP_PERCPU_ARRAY || type == IMAGE_MAP_LRU_PERCPU_HASH;
}

/* From a plane to the next one, of so many bytes of entries or elements. */
static inline uint64_t image_map_plane(uint64_t bytes)
{
	return bytes | 8;
}

enum { IMAGE_ROW = 32, IMAGE_SPREAD_MAX = 1 << 16 };

/* From an element of an ARRAY to the next one. Programs count in structures, one for each CPU, port or action; if their size is a multiple of a row of the
 * fewest banks, all these counters are in one bank, or few. A word more makes it an odd number of words. Above IMAGE_SPREAD_MAX the memory is worth more. */
static inline uint64_t image_array_stride(uint32_t type, uint32_t value_size, uint32_t max_entries)
{
	uint64_t bytes = (value_size + 7ULL) & ~7ULL;
	int spread = type == IMAGE_MAP_ARRAY && bytes % IMAGE_ROW == 0 && max_entries > 1 && bytes * max_entries <= IMAGE_SPREAD_MAX;

	return spread ? bytes + 8 : bytes;
}

/* Do the threads' elements of an array with such values lie side by side? */
static inline int image_map_is_shared_row(uint32_t type, uint64_t value_bytes)
{
	return type == IMAGE_MAP_PERCPU_ARRAY && (value_bytes == 8 || value_bytes == 16);
}

struct image_header {
	uint32_t magic;
	uint16_t version;
	uint16_t lanes;
	uint32_t crc32;
	uint32_t caps;        /* IMAGE_CAP_* */
	uint32_t n_bundles;
	uint32_t entry;       /* bundle */
	uint32_t n_maps;
	uint32_t n_lines;
	uint32_t map_words;   /* 8-byte words of map memory the layout takes, from address 0 */
	uint32_t n_insns;     /* eBPF instructions it was made from */
	uint16_t regs;        /* registers per bank in use */
	uint16_t stack;       /* bytes of stack in use */
	uint32_t name;        /* program's function name, in .names */
	uint32_t section;     /* its ELF section, in .names */
	uint32_t ext_words;   /* likewise of the map memory outside the chip, from address IMAGE_EXT */
	uint32_t n_programs;
};

/* A map and its place in map memory. Slots are laid out as an array of 8-byte values: DEVMAP has an interface index, CPUMAP the value it
 * was given, XSKMAP a host queue + 1, PROG_ARRAY the place of a program. A DEVMAP_HASH is a HASH.
 * Addresses are byte addresses, multiples of 8; 0 is never a valid one (word 0 is left free).
 * Addresses from IMAGE_EXT on lie in the memory outside the chip; a map lies wholly in one of the two. There, entries of HASH and
 * LPM_TRIE lie on multiples of IMAGE_EXT_ENTRY, so that the head and a short key are in one line.
 * ARRAY: max_entries elements of stride bytes (image_array_stride()) from values to limit.
 * DEVMAP and DEVMAP_HASH: behind their entries, in the last word before limit, the set of ports that their interfaces are, a bit each, which the host keeps.
 * HASH:  n_buckets words from buckets (each the address of the first entry, or 0), then max_entries + 1 entries of stride bytes
 *        from values to limit: word 0 = next entry's address | hash << 32, then the key and then the value, each padded to 8.
 * LRU_HASH: as HASH.
 * LPM_TRIE: n_buckets + 1 root words from buckets, all 0 at first; then 2 * max_entries entries of stride bytes, of the same form, whose word 0 has two links;
 *        seed = log2(n_buckets), keys of at most LOOK_BYTES: hw/spec/maps.md, "LPM tries".
 * PREFIXES: as HASH. A key's data is 0 behind its prefix. Behind the entries there are two sets of prefix lengths, a bit each, in whole words: those that programs have
 *        put in, and those that the host has; no bit goes. A lookup looks for the key cut to each of them, the longest first.
 * The per-CPU forms have such entries or elements once for each of cpus hardware threads, plane bytes apart, and limit is behind all of
 * them; links and keys are in those of thread 0 only. A plane is an odd number of words: threads that count in the same element are
 * in different banks. A PERCPU_ARRAY with values of one or two words has its threads' elements side by side instead: plane is a value,
 * stride one for each thread, and a shift makes the place of a thread from its number. Behind one of two words a word is left free: the first words of
 * two such maps are in different banks.
 * QUEUE and STACK: three words (QUEUE_*), then max_entries + 1 elements of stride bytes. The numbers of the elements that the next one goes to and,
 * of a queue, that the oldest one is in; they are equal when it is empty. The lock is 0 when nobody changes it.
 * BLOOM_FILTER: the three words of a queue, of which the lock is used, then a power of two of words of bits; stride hash functions, from seed on.
 * RINGBUF, PERF_EVENT_ARRAY and LOG: four words (RING_*), then the records. A record begins at position & (stride - 1), so with the last
 * one the area takes 2 * stride bytes. Record: a word as Linux has it (bytes in 29:0, RING_DISCARD, RING_BUSY, and a number other than 0 in
 * 63:32), then the bytes, padded to 8. The host makes what it has read 0 before it moves RING_CONSUMER on: a record whose first word is 0 has
 * been reserved, and is not there yet.
 * PERF_EVENT_ARRAY: the record's first 8 bytes are the number of the hardware thread, the rest is what perf calls raw.
 * LOG: bytes of the format in 31:0, numbers in 63:32; the numbers, 8 bytes each; the format. */
enum { QUEUE_LOCK = 0, QUEUE_HEAD = 8, QUEUE_TAIL = 16, QUEUE_ELEMENTS = 24 };
enum { RING_CONSUMER = 0, RING_PRODUCER = 8, RING_OPEN = 16, RING_LOST = 24, RING_RECORDS = 32 };
#define RING_BUSY    0x80000000u
#define RING_DISCARD 0x40000000u

/* Routing, for bpf_fib_lookup(). An image that looks up routes has four maps more, which the host fills and no program names:
 * FIB_LINKS: HASH of interface index (4 bytes) to a word: FIB_FORWARDS4 and 6, the MTU in 63:32.
 * FIB_ROUTES4, FIB_ROUTES6: LPM_TRIE of table (4 bytes) and address to the address of a hop, as a pointer into FIB_HOPS. Table 0 is what a lookup
 * without BPF_FIB_LOOKUP_DIRECT goes through; the others have their numbers. A neighbour on the link is a route of its own. The flags of
 * FIB_ROUTES4 are those that the program may call with: without DIRECT there need be no other tables, without SRC no sources.
 * FIB_HOPS: ARRAY of hops, of these words:
 *   QUICK    31:0 the MTU plus one, so that a shorter packet goes on at once; 0: SLOW says more. 63:32 IPv4: the next destination; IPv6: there is a gateway
 *   OUT      31:0 interface index, 63:32 metric
 *   MACS     63:32 source MAC, the first 4 bytes; the next word: its other 2, and the destination MAC
 *   SLOW     7:0 the result BPF_FIB_LKUP_RET_* when nothing stands against it; 15:8 FIB_*; 63:32 MTU
 *   GATEWAY, SOURCE  16 bytes each */
#define FIB_LINKS   ".fib_links"
#define FIB_ROUTES4 ".fib_ipv4"
#define FIB_ROUTES6 ".fib_ipv6"
#define FIB_HOPS    ".fib_hops"
enum { FIB_QUICK = 0, FIB_OUT = 8, FIB_MACS = 16, FIB_SLOW = 32, FIB_GATEWAY = 40, FIB_SOURCE = 56, FIB_HOP_BYTES = 72 };
enum { FIB_FORWARDS4 = 1, FIB_FORWARDS6 = 2 };
enum { FIB_HAS_GATEWAY4 = 1, FIB_HAS_GATEWAY6 = 2, FIB_NO_SOURCE = 4 };
enum { FIB_TABLE_BITS = 32, FIB_MAIN = 254, FIB_LOCAL = 255 };

/* SYN cookies: an image that makes or checks them has one map more, an ARRAY of one value, two keys of SipHash, which the host fills with numbers that nobody
 * can guess, and keeps while programs come and go. */
#define COOKIE_KEYS ".syncookies"
enum { COOKIE_KEYS_BYTES = 32 };

/* Timers in values, of TIMER_BYTES. The program goes through those of its maps when a packet of no bytes, a tick, comes; its port has a period for them.
 * EXPIRY   8 bytes: the time at which it is due; 0: it is not armed
 * STATE    4 bytes: 0: nothing; TIMER_INIT; TIMER_SET and above: it has a function, by number
 * RUNS     4 bytes: the hardware thread that is in its function, + 1; or 0 */
enum { TIMER_BYTES = 16, TIMER_EXPIRY = 0, TIMER_STATE = 8, TIMER_RUNS = 12, TIMER_INIT = 1, TIMER_SET = 2 };

/* A PROG_ARRAY of the image's own: where the ticks go on to from the program, one slot after the other. */
#define TICKS ".ticks"
enum { TICKS_MAX = 33 };      /* tail calls that a packet can make */

struct image_map {
	uint32_t name;        /* in .names */
	uint32_t type;        /* IMAGE_MAP_* */
	uint32_t key_size, value_size, max_entries, flags;
	uint32_t buckets;     /* HASH, LPM_TRIE */
	uint32_t n_buckets;   /* power of two; HASH: at least max_entries; LPM_TRIE: as many root words as the memory allows */
	uint32_t values, limit;
	uint32_t stride;
	uint32_t data_off, data_size; /* initial bytes of ARRAY element 0 on, in .data */
	uint32_t seed;        /* HASH: initial value of the hash; LPM_TRIE: bits that choose the root word */
	uint32_t plane, cpus; /* per-CPU forms; 0 and 1 otherwise */
	uint32_t lock;        /* HASH, ARRAY: offset of the spin lock in a value + 1, or 0. It is 0, or the hardware thread that holds it + 1 */
	uint32_t timer;       /* HASH, LRU_HASH, ARRAY: offset of the timer in a value + 1, or 0 */
	uint32_t inner;       /* maps of maps: 1 + the number of a map as those that they hold, or 0: they hold none */
};

static inline uint32_t image_map_bloom_words(const struct image_map *m)
{
	return (m->limit - m->values - QUEUE_ELEMENTS) / 8;
}

/* Leads to ports of the NIC: has a word with the set of them. */
static inline int image_map_is_ports(uint32_t type)
{
	return type == IMAGE_MAP_DEVMAP || type == IMAGE_MAP_DEVMAP_HASH;
}

/* As Linux has it. */
static inline uint32_t image_map_linux_type(uint32_t type)
{
	return type == IMAGE_MAP_PREFIXES ? IMAGE_MAP_LPM_TRIE : type;
}

/* PREFIXES: words of a set of lengths. */
static inline uint32_t image_map_length_words(const struct image_map *m)
{
	return 8 * (m->key_size - 4) / 64 + 1;
}

/* Bytes behind the entries. */
static inline uint32_t image_map_tail(const struct image_map *m)
{
	if (m->type == IMAGE_MAP_PREFIXES)
		return 2 * 8 * image_map_length_words(m);
	return image_map_is_ports(m->type) ? 8 : 0;
}

/* Where the pointer leads to that stands for the map in a map of maps: to the sets of lengths, or to the first entry. */
static inline uint32_t image_map_stands_at(const struct image_map *m)
{
	return m->type == IMAGE_MAP_PREFIXES ? m->limit - image_map_tail(m) : m->values;
}

static inline uint32_t image_map_set(const struct image_map *m)
{
	return m->limit - 8;
}

/* Behind the last entry of a table; the per-CPU forms': in plane 0. */
static inline uint32_t image_map_end(const struct image_map *m)
{
	if (image_map_tail(m))
		return m->limit - image_map_tail(m);
	if (!m->plane || image_map_is_shared_row(m->type, m->plane))
		return m->limit;
	return m->values + m->plane - m->plane % m->stride;
}

struct image_line {           /* source of bundles from this one up to the next row */
	uint32_t bundle;
	uint32_t insn;        /* first eBPF instruction in it */
	uint32_t file, text;  /* in .names */
	uint32_t line, col;
};

/* A program that tail calls lead to. A slot of a PROG_ARRAY is a word: the place of its first bundle in the NIC's microcode memory, which is never
 * 0, or 0. In .data it is entry + 1, and the loader moves it like a branch target. */
struct image_program {
	uint32_t name, section; /* in .names */
	uint32_t entry;       /* bundle */
};

#ifndef __KERNEL__
_Static_assert(sizeof(struct image_header) == 60, "no padding");
_Static_assert(sizeof(struct image_map) == 76, "no padding");
_Static_assert(sizeof(struct image_line) == 24, "no padding");
#endif

#endif
