/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_REF_LOAD_SLOTS_H
#define SIM_REF_LOAD_SLOTS_H

#include <libelf.h>

#include "ref.h"

struct btf;

/* Fills the PROG_ARRAYs as the object declares them; the program's entries are there. `names`: the
 * section with the section names. 0, or -1 with the sentence. */
int load_slots(struct ref_program *program, const struct btf *btf, Elf *elf, size_t names,
	       struct io_error *err);

#endif
