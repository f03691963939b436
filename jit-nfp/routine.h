/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Helpers and functions of the kernel (kfuncs) that are eBPF on the NIC: a call of one becomes a call of a function that is copied
 * behind the program (verify_loop.c), so all that holds for loops, memory and calls holds for it.
 */
#ifndef JIT_NFP_ROUTINE_H
#define JIT_NFP_ROUTINE_H

#include "ebpf.h"

/* Whose bytes of the stack these are: only routines write them, and read dynptrs. */
enum owner { OWNER_NONE, OWNER_DYNPTR, OWNER_ITERATOR };

struct routine {
	const char *name;
	int helper;           /* its number of enum bpf_func_id; 0: a kfunc */
	const char *args;     /* by letter, see verify_routine.c */
	uint8_t leaves;       /* enum owner: whose bytes what it stores on its caller's stack becomes */
	uint8_t gives_place;  /* its result points into what it was given */
	uint8_t drops_pointers; /* to the packet: they have to be read again */
	uint8_t rounds;       /* it is called once a round of a loop, and ends the loop in the end */
	uint32_t n_insns;
	const struct ebpf_insn *insns;
};

enum { ROUTINE_BASE = 0x4e490000 }; /* imm of a call of a kfunc: this and its place in the table */

/* What the instruction calls; NULL: no routine. */
const struct routine *routine_called(const struct ebpf_insn *i);
/* imm of a call of this kfunc; 0: the NIC does not have it. */
int routine_kfunc(const char *name);
/* By place in the table, for those who list them; NULL behind the last one. */
const struct routine *routine_at(unsigned int n);

#endif
