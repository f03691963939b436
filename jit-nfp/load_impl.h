/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared by load.c, load_func.c and load_btf.c: what is open during a load.
 */
#ifndef JIT_NFP_LOAD_IMPL_H
#define JIT_NFP_LOAD_IMPL_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <gelf.h>
#include <stddef.h>
#include "load.h"

enum { RELOC_64_64 = 1, RELOC_64_32 = 10 }; /* R_BPF_64_64: LDDW; R_BPF_64_32: CALL */

struct function {             /* taken from the object; 0 is the program */
	size_t section;       /* index */
	uint64_t off;         /* bytes, in its section */
	uint32_t first, n;    /* its instructions in insns */
};

struct legacy_map {
	uint64_t off;         /* in section "maps" */
	struct prog_map map;
};

struct load {
	struct loaded *out;
	struct diag *diag;
	int refused;          /* the object is sound, and asks for what the NIC does not have */
	int fd;
	Elf *elf;
	size_t names;         /* section index of the section names */
	struct bpf_object *obj;
	struct bpf_program *prog;
	struct ebpf_insn *insns;
	size_t n_insns;
	struct function *functions; /* one after the other in insns */
	uint32_t n_functions;
	struct prog_absent *absent;
	uint32_t n_absent;
	struct legacy_map *legacy; /* maps declared the old way */
	uint32_t n_legacy;
};

/* load.c. load_keep gives zeroed memory that lives as long as l, or NULL. load_refuse, load_fail and
 * load_note record why the program can't run, why the file is no use (insn -1: about no instruction), and the way out; all give -1. */
void *load_keep(struct loaded *l, size_t size);
const char *load_keep_string(struct loaded *l, const char *s);
int load_refuse(struct load *l, int insn, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int load_fail(struct load *l, int insn, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int load_note(struct load *l, const char *text);
int load_go_on(struct load *l); /* notes the refusal and clears it, so that the next one is found. 0, or -1: no room for it */
Elf_Data *load_section(struct load *l, const char *name); /* NULL when there is none */

int load_no_memory(struct load *l);
const char *load_section_name(struct load *l, Elf_Scn *scn, GElf_Shdr *sh); /* fills sh; "" when there is none */
Elf_Data *load_symbols(struct load *l, GElf_Shdr *sh); /* NULL when there are none */

/* load.c: takes the code of l->prog with its lines into out->prog, map references by number in the object. 0 or -1 */
int load_program(struct load *l);
/* load_tail.c: the programs that the one in out->prog may call by tail calls, behind it. 0 or -1 */
int load_tail_programs(struct load *l);
int load_slots(struct load *l, const struct prog_map *m, const uint32_t **slots); /* of a PROG_ARRAY, once all programs are there */

/* load_inner.c: maps of maps: what they hold and begin with, and room for what the host puts into them. The maps are taken, n of them, with room for more. */
struct taken {
	struct prog_map *maps;
	const uint32_t **slots;
	struct bpf_map **from; /* NULL: not of the object */
	uint32_t n, n_templates;
};
enum { INNER_SPARE = 4, INNER_MAX = 64 };
int load_wants_inner(struct load *l, int *wanted); /* marks the maps of the object that marked ones begin with. 0 or -1 */
int load_inner(struct load *l, struct taken *t); /* 0 or -1 */
int load_one_map(struct load *l, struct prog_map *to, struct bpf_map *m); /* load.c */

typedef uint32_t load_number(struct load *l, const char *name); /* of what a slot names, from 1; 0: there is none */
int load_slots_by(struct load *l, const struct prog_map *m, load_number *number, const uint32_t **slots);

/* load_select.c: sets prog to the one of that name or in that section, or the only one. 0 or -1 */
int load_select(struct load *l, const char *select);
int load_is_program(struct load *l, const struct bpf_program *p); /* that runs on packets as they arrive */

/* load_func.c: takes the code of the program and of the functions it calls, with the calls made relative. 0 or -1 */
int load_functions(struct load *l);
int64_t load_insn_at(struct load *l, size_t section, uint64_t off); /* in insns; -1 when it was not taken */
int64_t load_absent(struct load *l, const char *name, int is_layout); /* its place in l->absent, or -1 */
int load_call_absent(struct load *l, struct ebpf_insn *i, const char *name, int is_layout); /* the verifier refuses it, where control comes to it */

/* load_extern.c: refuses names that neither the object nor a kernel defines. 0 or -1 */
int load_check_symbols(struct load *l);
void load_catch_messages(void); /* libbpf explains itself in messages only; the last warning is the one next to the failure */
const char *load_last_message(void);

/* load_prefix.c: which LPM_TRIEs of these programs, the first of which has these maps, are PREFIXES. 0, or -1: no memory */
int load_prefixes(const struct prog *p, struct prog_map *maps);

/* load_legacy.c */
int load_has_legacy_maps(struct load *l);
struct bpf_object *load_open_legacy(struct load *l, const char *name); /* as libbpf opens others; NULL with errno */
int load_legacy_maps(struct load *l); /* fills legacy. 0 or -1 */
int load_legacy_map(struct load *l, const char *section, uint64_t off); /* which one is there; -1: none */

/* load_btf.c */
int load_check_btf(struct load *l);  /* before libbpf sees it: libbpf trusts references between types. 0 or -1 */
int load_takes(const struct btf *btf, const char *function, const char *structure); /* its only argument points to one */
int load_debug_info(struct load *l); /* source lines; CO-RE. 0 or -1 */
const struct btf_type *load_plain_type(const struct btf *btf, uint32_t id); /* behind typedefs and qualifiers; NULL: none */

/* load_fields.c: what the value of a map holds that is more than bytes. 0 or -1 */
int load_fields(struct load *l, const struct bpf_map *m, struct prog_map *to);

/* load_core.c: one record, of instruction insn. 0 or -1 */
int load_core_record(struct load *l, const struct btf *btf, int64_t insn, uint32_t id, const char *spec, uint32_t kind);

#endif
