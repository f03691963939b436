/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * What the passes know of each helper: helpers.def as a table.
 */
#ifndef JIT_NFP_HELPERS_H
#define JIT_NFP_HELPERS_H

#include "ebpf.h"

/* What an argument must be. The contract is the kernel's; memory is stack, packet, metadata or a map value. */
enum arg_kind {
	ARG_NONE,
	ARG_NUMBER,
	ARG_CTX,
	ARG_RECORD,           /* of a ring buffer, reserved */
	ARG_LOCK,             /* the spin lock in a map value */
	ARG_TIMER,            /* likewise the timer */
	ARG_FUNCTION,
	ARG_MAP,
	ARG_KEY, ARG_VALUE,   /* readable, as long as a key or value of the map */
	ARG_VALUE_OUT,        /* written, as long as a value */
	ARG_KEY_OUT,
	ARG_READ,             /* readable; ARG_SIZE says how many bytes */
	ARG_READ_OR_NULL,     /* NULL, too, when the size is 0 */
	ARG_WRITE,            /* written; stack bytes are initialised by it */
	ARG_WRITE_OR_NULL,    /* NULL, too, when the size is 0 */
	ARG_CHANGE,           /* read and written */
	ARG_SOURCE,           /* readable, as many bytes as the argument before says; of the packet also where no check was made */
	ARG_SIZE, ARG_SIZE_OR_0, /* of the memory that the argument before points to; the former is never 0 */
	ARG_PRINTED,          /* a number, or memory, as the format says; not looked at when it asks for less (verify_print.c) */
	ARG_STRING,           /* constant data with a 0 at its end, the same on all paths */
	ARG_FIXED_READ,       /* ARG_FIXED(READ, n): readable, n bytes */
	ARG_FIXED_WRITE,
	ARG_FIXED_CHANGE,     /* read and written */
};
#define ARG_FIXED(how, bytes) (ARG_FIXED_##how | (bytes) << 8)
#define ARG_KIND(a)  ((enum arg_kind)((a) & 0xff))
#define ARG_BYTES(a) ((uint32_t)(a) >> 8)

enum result_kind {
	RESULT_NUMBER,
	RESULT_U32,           /* below 2^32 */
	RESULT_VALUE_OR_NULL, /* of the map */
	RESULT_RECORD_OR_NULL, /* of the ring buffer, of r2 bytes */
	RESULT_NOTHING,       /* r0 has no value */
};

enum helper_flags { HELPER_WRITES_MAP = 1, HELPER_MOVES_PACKET = 2, HELPER_RELEASES = 4, HELPER_DROPS_POINTERS = 8, HELPER_NOT_PACKET = 16, HELPER_XDP = 32, HELPER_TC = 64,
		    HELPER_OWN = HELPER_XDP | HELPER_TC, HELPER_GPL = 128 };

enum { HELPERS_MAX = 256 };   /* numbers are below it */

struct build;
struct helper {
	const char *name;     /* without bpf_ */
	int (*build)(struct build *b); /* NULL: the NIC does not have it */
	uint64_t maps;        /* bit per enum bpf_map_type */
	uint16_t arg[5];
	uint8_t result;       /* enum result_kind */
	uint8_t flags;        /* enum helper_flags */
	uint8_t n_args;
	const char *instead;  /* where there is no build: what to do without it, or NULL */
};

/* verify_map.c: types of maps, which are below MAP_TYPES_MAX. */
enum { MAP_TYPES_MAX = 64 };
int map_type_exists(uint32_t type); /* on the NIC */
struct prog_map;
struct target;
/* Arrays that are declared without max_entries get them from their loader, as a rule one for each CPU; here one for each hardware thread. */
uint32_t map_entries(const struct target *t, const struct prog_map *m);
int map_may_be_inner(uint32_t type); /* in maps of maps */
const char *map_type_name(uint32_t type); /* without BPF_MAP_TYPE_; "?" when it is not known */

/* The helper with this number of enum bpf_func_id, NULL when XDP programs have no such helper. */
const struct helper *helper_find(int id);
/* The one that an instruction calls; NULL when it calls none that the NIC has. */
const struct helper *helper_called(const struct ebpf_insn *i);
int moves_start(const struct ebpf_insn *i); /* a call that may move the packet's start, or that of its metadata */
/* Whether the NIC has it, in whatever way. */
int helper_runs(int id);
/* Whether the argument is memory that the helper reads or writes. */
static inline int arg_is_read(uint16_t arg)
{
	return ((1U << ARG_KEY | 1U << ARG_VALUE | 1U << ARG_READ | 1U << ARG_READ_OR_NULL | 1U << ARG_CHANGE | 1U << ARG_SOURCE | 1U << ARG_PRINTED |
		 1U << ARG_FIXED_READ | 1U << ARG_FIXED_CHANGE) >> ARG_KIND(arg)) & 1;
}

static inline int arg_is_written(uint16_t arg)
{
	return ((1U << ARG_VALUE_OUT | 1U << ARG_KEY_OUT | 1U << ARG_WRITE | 1U << ARG_WRITE_OR_NULL | 1U << ARG_CHANGE | 1U << ARG_FIXED_WRITE | 1U << ARG_FIXED_CHANGE) >> ARG_KIND(arg)) & 1;
}

#endif
