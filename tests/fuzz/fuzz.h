/* SPDX-License-Identifier: Apache-2.0
 *
 * Differential fuzzer: a case is a program, its maps and a few packets; a runner executes it; all runners must agree in every
 * verdict, packet and map.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include "jit-nfp/nicjit.h"

enum { CASE_INSNS = 12288, CASE_PROGRAMS = 3, CASE_MAPS = 6, CASE_PACKETS = 10, CASE_FRAME = 1792, CASE_MAP_BYTES = 65536, CASE_STEPS = 12, CASE_KEY = 512, CASE_VALUE = 1024,
       CASE_CONSTANTS = 128 };

/* What the host does to a map before a packet arrives. */
struct case_step {
	uint32_t before, map;
	bool deletes;
	uint8_t key[CASE_KEY], value[CASE_VALUE];
};

struct fuzz_case {
	uint64_t seed;
	struct ebpf_insn insns[CASE_INSNS]; /* map references as in struct prog */
	uint32_t n_insns;
	uint32_t start[CASE_PROGRAMS]; /* programs that tail calls lead to come one behind the other; packets go to the first */
	uint32_t n_programs;
	struct prog_map maps[CASE_MAPS]; /* of maps: model is the number of one that they hold, + 1 */
	uint32_t n_maps;
	uint8_t constants[CASE_CONSTANTS]; /* what is in maps that programs only read */
	uint8_t packets[CASE_PACKETS][CASE_FRAME];
	uint32_t packet_len[CASE_PACKETS];
	uint32_t n_packets;
	struct case_step steps[CASE_STEPS]; /* in the order of packets */
	uint32_t n_steps;
};

struct fuzz_outcome {
	bool refused;            /* the runner does not take the program; text says why */
	char text[600];          /* a refusal, a fault or an internal failure; empty otherwise */
	uint32_t ret[CASE_PACKETS];
	uint32_t target[CASE_PACKETS]; /* where those with verdict XDP_REDIRECT go, as struct ref_outcome has it */
	bool has_targets;        /* else the runner can't tell */
	uint8_t data[CASE_PACKETS][CASE_FRAME];
	uint32_t len[CASE_PACKETS];
	/* per map its entries, sorted by key bytes for hashes: key, value, key, value ... */
	uint8_t map[CASE_MAPS][CASE_MAP_BYTES];
	uint32_t map_bytes[CASE_MAPS];
	bool late;               /* of the kernel: timers may have fired before the last packet */
	bool used_again;         /* of the reference: pointers to entries of LRU maps that were gone, see ref_map_used_again() */
};

/* What the slots of a PROG_ARRAY hold: places in start[], or NO_PROGRAM. */
enum { CASE_SLOTS = 3, NO_PROGRAM = CASE_PROGRAMS, CASE_ENTRIES = 5 /* of most maps, at most */ };
static inline uint32_t case_slot(const struct fuzz_case *c, uint32_t slot)
{
	return slot < 2 && slot + 1 < c->n_programs ? slot + 1 : slot == 2 ? 0 : NO_PROGRAM;
}
static inline uint32_t case_end(const struct fuzz_case *c, uint32_t program)
{
	return program + 1 < c->n_programs ? c->start[program + 1] : c->n_insns;
}

/* Functions of the kernel (kfuncs) that programs call, by imm: it is an index of these names. NULL: it is no such call. */
enum case_kfunc { KFUNC_NUM_NEW, KFUNC_NUM_NEXT, KFUNC_NUM_DESTROY, KFUNC_FROM_XDP, KFUNC_SLICE, KFUNC_SLICE_RDWR, KFUNC_SIZE, KFUNC_ADJUST, KFUNC_COUNT };
const char *case_kfunc(const struct ebpf_insn *i);

/* A map of maps begins with some of these: numbers of maps, or NO_MAP. */
enum { NO_MAP = CASE_MAPS };
uint32_t case_inner(const struct fuzz_case *c, uint32_t outer, uint32_t slot);

bool case_has(const struct fuzz_case *c, uint32_t type); /* of map */
bool case_calls(const struct fuzz_case *c, int32_t helper);
bool case_has_timers(const struct fuzz_case *c);
/* Programs may set timers for so long. All packets come before, and then more time goes by. */
enum { CASE_TIMER_NS = 100000000, CASE_SOON_NS = 200000 /* passes behind each packet */ };

/* The host's routes, which bpf_fib_lookup() goes through; *asked: the running kernel has the same ones, in a network namespace of this process. */
struct nic_fib;
const struct nic_fib *routes_open(bool *asked);

/* The case's programs as nicjit takes them; the pointers between them are set. Behind the case's maps there are those of the NIC itself, and templates. */
enum { CASE_OWN_MAPS = 7 };
struct case_progs {
	struct prog prog[CASE_PROGRAMS];
	struct prog_map maps[2 * CASE_MAPS + CASE_OWN_MAPS];
	const uint32_t *slots[CASE_MAPS + CASE_OWN_MAPS];
	uint32_t programs[CASE_SLOTS], inner[CASE_MAPS][CASE_ENTRIES];
};
void case_progs(const struct fuzz_case *c, struct case_progs *p);

/* Deterministic in seed; v4 adds the instructions of -mcpu=v4. */
void gen_case(struct fuzz_case *c, uint64_t seed, bool v4);

/* Runs all packets in order over fresh maps. */
typedef void run_function(const struct fuzz_case *c, struct fuzz_outcome *o);
run_function run_ref, run_kernel, run_iss, run_rtl, run_host;
/* True when what comes out depends on stack bytes that the program did not write: 0 on the NIC, anything in the kernel. */
bool reads_unwritten_stack(const struct fuzz_case *c);
/* The NIC has hardly any map memory on the chip, and much outside, slow and dirty. Before anything is run. */
void run_outside(void);

/* Only whether nicjit takes the program. */
bool ask_nicjit(const struct fuzz_case *c, struct fuzz_outcome *o);

/* Changes a few fields of a few instructions, so that most programs become ones that must be refused. Deterministic in c->seed. */
void mutate_case(struct fuzz_case *c);

/* Of a per-CPU map the value of the first CPU counts, where all packets are processed; a lookup by the host gives those of so many. */
enum { CASE_CPUS = 256 };

/* The value for each of so many CPUs, as a host gives it to a per-CPU map; others take the first. */
const void *outcome_value(const struct fuzz_case *c, const struct case_step *s, uint32_t cpus);
/* Whether what is in the map is compared: what is not in programs' hands is not. */
bool outcome_shows(const struct prog_map *m);
/* A target of the NIC or the host; which ports are in a set, and which queue it is, are not compared. */
uint32_t outcome_target(uint32_t target);
/* One more record of a ring buffer, or event. */
void outcome_record(struct fuzz_outcome *o, uint32_t map, const void *bytes, uint32_t size);
/* What the NIC's or the host's map holds of them; of events without the CPU in front, and as perf pads them. */
struct nic_map;
void outcome_take_records(struct fuzz_outcome *o, uint32_t map, const struct nic_map *from);

/* Packs entries of key_size + value_size bytes, sorted by key. Shared by the runners. */
void outcome_sort_map(struct fuzz_outcome *o, uint32_t map, uint32_t key_size, uint32_t value_size);

/* NULL, or what differs first between two outcomes of a case. */
const char *outcome_diff(const struct fuzz_case *c, const struct fuzz_outcome *a, const struct fuzz_outcome *b);

#endif
