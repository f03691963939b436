/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference interpreter: eBPF as RFC 9669 describes it, one packet at a time, with every memory
 * access checked. It is the yardstick for the compiler and the NIC and shares no code with them.
 */
#ifndef SIM_REF_H
#define SIM_REF_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../io/fib_json.h"
#include "../io/io.h"

/* ---- maps.c: maps as a BPF program on Linux sees them ---- */

struct ref_map;

struct ref_map_spec {
	const char *name;
	uint32_t type;		/* enum bpf_map_type */
	uint32_t key_size;
	uint32_t value_size;
	uint32_t max_entries;
	bool read_only;		/* programs cannot store to values (BPF_F_RDONLY_PROG) */
	uint32_t lock;		/* of a bpf_spin_lock in the value: offset + 1, or 0 */
	bool hidden;		/* constant data: not part of --maps-in and --maps-out */
	uint64_t extra;		/* map_extra: hash functions of a bloom filter, 0: 5 */
	uint32_t timer;		/* as lock, of a bpf_timer */
};

/* ARRAY, HASH and their per-CPU forms for one CPU; anything else is refused. Copies the name. */
struct ref_map *ref_map_create(const struct ref_map_spec *spec, struct io_error *err);
void ref_map_free(struct ref_map *map);
const struct ref_map_spec *ref_map_spec(const struct ref_map *map);

/*
 * The results are those of the kernel's helpers: a value or NULL; 0 or -E2BIG, -EEXIST, -ENOENT,
 * -EINVAL. As in the kernel a replaced or deleted value stays readable until its room is used
 * again: an update of an existing HASH entry gives it new room, a per-CPU one is overwritten.
 */
uint8_t *ref_map_lookup(struct ref_map *map, const void *key);
int ref_map_update(struct ref_map *map, const void *key, const void *value, uint64_t flags);
int ref_map_delete(struct ref_map *map, const void *key);

/* LRU forms: since this was asked last, a program used room of a value that had been let go of. Which room such maps use next is the
 * kernel's own choice, so what pointers to it show is not compared. */
bool ref_map_used_again(struct ref_map *map);

/* The key after `key`, or the first when it is NULL or not there; -ENOENT after the last one. */
int ref_map_next(struct ref_map *map, const void *key, void *next_key);

/* A ring buffer: records from position & mask on, so the last one may end behind the first mask + 1 bytes. NULL when it is no such map. */
struct ref_ring {
	uint64_t consumer, producer, mask;
	uint8_t *bytes;
};
struct ref_ring *ref_map_ring(struct ref_map *map);
/* The bits of a bloom filter, a byte each, and how many there are; NULL when it is none. */
uint8_t *ref_map_bits(struct ref_map *map, uint64_t *number);

/* A queue or stack: where the next value goes, and the oldest one is; equal when it is empty. NULL when it is no such map. */
struct ref_queue {
	uint32_t head, tail;
};
struct ref_queue *ref_map_queue(struct ref_map *map);
uint8_t *ref_map_slot(struct ref_map *map, uint32_t slot);

/* Walking over a map: slots, and the value in one with its key, or NULL. */
uint64_t ref_map_slots(const struct ref_map *map);
uint8_t *ref_map_element(struct ref_map *map, uint32_t slot, void *key);

/* Values as one range of bytes: where a value lies, and the bytes there unless outside a value. */
uint64_t ref_map_offset(const struct ref_map *map, const uint8_t *value);
uint8_t *ref_map_bytes(struct ref_map *map, uint64_t offset, uint32_t size);

/* The map for maps_json_read() and maps_json_write(); a PROG_ARRAY still lacks the names. */
struct maps_json_map ref_map_json(struct ref_map *map);

/* PROG_ARRAY: the number of the program in a slot, or -1. */
int64_t ref_map_program(const struct ref_map *map, uint32_t slot);

bool ref_map_has_maps(const struct ref_map *map); /* its values are numbers of maps */
bool ref_map_has_devices(const struct ref_map *map); /* its values are interface indices */

/* ---- load.c: programs from an ELF object ---- */

/* An instruction that cannot run because what it refers to is not there; it stops the packet. */
struct ref_trap {
	uint32_t insn;
	char *why;
};

/* One that tail calls may lead to. */
struct ref_entry {
	char *name;
	uint32_t insn;
};

struct ref_program {
	struct bpf_insn *insns;	/* the program's section first, then the others */
	uint32_t count;
	uint32_t entry;
	bool tc;		/* a classifier of tc: see tc.h */
	struct ref_map **maps;
	uint32_t map_count;
	struct ref_entry *entries; /* the XDP programs of the object, in its order */
	uint32_t entry_count;
	struct ref_trap *traps;
	uint32_t trap_count;
};

/* Names the program: by function, by section, or neither when the object holds only one. */
struct ref_choice {
	const char *program;
	const char *section;
	const char *entries;	/* "MAP=NUMBER:MAP=NUMBER..", as a loader sets them; NULL: of none */
};

/* Applies R_BPF_64_64 and R_BPF_64_32; field offsets are taken as compiled (no CO-RE). */
int ref_load(struct ref_program *program, const char *path, const struct ref_choice *choice,
	     struct io_error *err);
void ref_unload(struct ref_program *program);

struct bpf_object;
struct bpf_program;
struct bpf_map;

/* load_inner.c: maps of maps that begin empty have spare ones beside them, named NAME.0 and so on, which the host fills where it would create maps. */
enum { REF_SPARE_MAPS = 4 };
bool ref_is_outer(const struct bpf_map *map);
uint32_t ref_spare_maps(const struct bpf_map *outer);
void ref_spare_name(char *name, size_t size, const struct bpf_map *outer, uint32_t number);
int ref_add_spare(struct ref_program *program, struct bpf_object *object, struct io_error *err);

/* load_fields.c: offset + 1 of a structure of this name in the values of a map, or 0. */
uint32_t ref_field_of(const struct bpf_object *object, const struct bpf_map *map, const char *name);

bool ref_is_classifier(const struct bpf_program *program);
struct bpf_object *ref_open_object(const char *path, const char *entries, struct io_error *err);
struct bpf_program *ref_choose_program(struct bpf_object *object, const struct ref_choice *choice,
				       struct io_error *err);

/* True for maps that --maps-in and --maps-out cover: the four types, without constant data. */
bool ref_shows_map(const struct bpf_map *map);

/* ---- cookies.c ---- */

uint64_t cookie_siphash(const uint8_t key[16], const uint8_t *bytes, uint32_t size); /* SipHash-2-4 */

/* ---- interp.c: execution ---- */

enum {
	REF_MAX_INSNS = 1000000,	/* executed for one packet */
	REF_MAX_FRAMES = 8,		/* of a program */
	REF_TAIL_CALLS = 33,
	REF_STACK_SIZE = 512,
	REF_HEADROOM = 256,		/* bytes in front of a packet */
	REF_HEAD_MIN = 40,		/* of which these stay the kernel's */
	REF_PACKET_MIN = 14,		/* length of a packet after it was adjusted */
	REF_PACKET_MAX = 1792,		/* ... on the NIC; the kernel's test run allows more */
	REF_PRANDOM_SEED = 0x2545f491
};

enum { REF_MAY_GOTO = 0xe5, REF_LOAD_ACQUIRE = 0x100, REF_STORE_RELEASE = 0x110 };	/* which older <linux/bpf.h> do not have */

struct ref_machine {
	struct ref_program *program;
	uint32_t prandom;	/* xorshift32 state: x ^= x << 13, x ^= x >> 17, x ^= x << 5 */
	uint64_t time_ns;	/* what bpf_ktime_get_ns() returns */
	bool real_clock;	/* ... or CLOCK_MONOTONIC instead */
	uint8_t stack_fill;	/* what the stack holds before it is written: anything, on the NIC as in the kernel */
	const struct nic_fib *fib; /* what bpf_fib_lookup() knows */
	struct events *events;	/* where what the program tells its host goes; NULL: nobody listens */
	uint64_t timer;		/* address of the one that fires, or 0 */
	struct ref_run *run;
};

#define REF_TO_QUEUE     0x80000000u
#define REF_TO_ALL       0xc0000000u
#define REF_BUT_ITS_OWN  0x20000000u /* all but the one that the packet came from */

struct ref_outcome {
	uint64_t r0;
	uint64_t executed;	/* instructions */
	uint32_t target;	/* of a redirect: an interface, REF_TO_ALL of a map, REF_TO_QUEUE (or CPU) of one, or 0: none */
	char fault[256];	/* empty when the program reached its exit */
};

/* NULL when memory is short. The program must outlive the machine. */
struct ref_machine *ref_machine_create(struct ref_program *program);
void ref_machine_free(struct ref_machine *machine);

/*
 * Runs with r1 = xdp_md of this packet; the packet is changed in place, and *len, which may become
 * larger than `room`: what does not fit is not given back.
 */
void ref_run_packet(struct ref_machine *machine, uint8_t *packet, uint32_t *len, uint32_t room,
		    struct ref_outcome *outcome);

/* timers.c: fires those that are due at time_ns; what stopped one of them. */
void ref_run_timers(struct ref_machine *machine, struct ref_outcome *outcome);

/* Takes what is in the ring buffers, as a host would. */
void ref_events_take(struct ref_machine *machine);

/* Runs with r1 = memory and r2 = len, or both 0 if len is 0. */
void ref_run_memory(struct ref_machine *machine, uint8_t *memory, uint32_t len,
		    struct ref_outcome *outcome);

/* Address constants that relocation puts into LD_IMM64. */
uint64_t ref_map_address(uint32_t map);
uint64_t ref_code_address(uint32_t insn);

/* imm of a call of this function of the kernel; 0: it is not interpreted. */
int32_t ref_kfunc(const char *name);
uint64_t ref_value_address(uint32_t map, uint64_t offset);

/* ---- kernel.c: the running kernel in the interpreter's place ---- */

struct kernel_oracle;

/* Loads and runs the smallest program; when that fails no other can run either. */
bool kernel_is_permitted(void);

/* Why kernel_open() returned NULL. */
enum kernel_status {
	KERNEL_FAILED,
	KERNEL_NOT_PERMITTED
};

struct events;
struct kernel_oracle *kernel_open(const char *path, const struct ref_choice *choice,
				  enum kernel_status *status, struct io_error *err);
void kernel_close(struct kernel_oracle *kernel);

/* From now on what the program tells its host goes there, after each packet. */
int kernel_listen(struct kernel_oracle *kernel, struct events *out, struct io_error *err);

/* Runs one packet; *len may change, up to `room`. */
int kernel_run(struct kernel_oracle *kernel, uint8_t *packet, uint32_t *len, uint32_t room,
	       uint32_t *ret, struct io_error *err);

/* The maps of the object; per-CPU maps show the one CPU that runs the packets. */
const struct maps_json_map *kernel_maps(const struct kernel_oracle *kernel, size_t *count);

/* The line of a verifier log that says why, or NULL; cuts the log into lines. */
const char *kernel_reason(char *log);

/* ---- kernel_code.c: bare code in the kernel ---- */

/* As ref_run_memory(): r1 = memory and r2 = len, or both 0; memory is changed in place. */
int kernel_run_code(const struct bpf_insn *code, uint32_t count, uint8_t *memory, uint32_t len,
		    uint64_t *r0, struct io_error *err);

#endif
