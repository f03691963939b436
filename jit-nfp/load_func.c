// SPDX-License-Identifier: Apache-2.0
/* The code: the program, then each function that it calls, directly or not, as the symbols say where they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "load_impl.h"
#include "routine.h"

enum { INSNS_MAX = 1 << 20 };

int64_t load_insn_at(struct load *l, size_t section, uint64_t off)
{
	for (uint32_t n = 0; n < l->n_functions; n++) {
		const struct function *f = &l->functions[n];

		if (f->section == section && off >= f->off && (off - f->off) / 8 < f->n)
			return f->first + (int64_t)((off - f->off) / 8);
	}
	return -1;
}

static int add_function(struct load *l, size_t section, uint64_t off, const void *insns, size_t n)
{
	struct ebpf_insn *all;
	struct function *functions;

	if (l->n_insns + n > INSNS_MAX)
		return load_refuse(l, -1, "the program and the functions it calls have more than %d instructions", (int)INSNS_MAX);
	all = load_keep(l->out, sizeof(*all) * (l->n_insns + n));
	functions = load_keep(l->out, sizeof(*functions) * (l->n_functions + 1));
	if (!all || !functions)
		return load_no_memory(l);
	if (l->n_functions) {
		memcpy(all, l->insns, sizeof(*all) * l->n_insns);
		memcpy(functions, l->functions, sizeof(*functions) * l->n_functions);
	}
	memcpy(all + l->n_insns, insns, sizeof(*all) * n);
	functions[l->n_functions++] = (struct function){ section, off, (uint32_t)l->n_insns, (uint32_t)n };
	l->insns = all;
	l->functions = functions;
	l->n_insns += n;
	return 0;
}

/* A function's symbol: by its place, or by its name in a section. */
struct wanted {
	size_t section;
	uint64_t off;
	const char *name, *section_name;
};

static int fits(struct load *l, const struct wanted *w, const GElf_Sym *sym, size_t strings)
{
	Elf_Scn *scn = elf_getscn(l->elf, sym->st_shndx);
	const char *name = elf_strptr(l->elf, strings, sym->st_name);
	GElf_Shdr sh;

	if (GELF_ST_TYPE(sym->st_info) != STT_FUNC || !scn)
		return 0;
	if (!w->name)
		return sym->st_shndx == w->section && sym->st_value == w->off;
	if (!name || strcmp(name, w->name))
		return 0;
	name = load_section_name(l, scn, &sh);
	return !strcmp(name + (*name == '?'), w->section_name); /* libbpf takes off what keeps it from loading the program unasked */
}

static int find_symbol(struct load *l, const struct wanted *w, GElf_Sym *sym)
{
	GElf_Shdr sh;
	Elf_Data *data = load_symbols(l, &sh);

	for (int n = 0; data && gelf_getsym(data, n, sym); n++)
		if (fits(l, w, sym, sh.sh_link))
			return 0;
	return -1;
}

static int add_program(struct load *l)
{
	const struct wanted w = { .name = bpf_program__name(l->prog), .section_name = bpf_program__section_name(l->prog) };
	size_t n = bpf_program__insn_cnt(l->prog);
	GElf_Sym sym; /* libbpf does not tell the program's place in its section */

	_Static_assert(sizeof(struct ebpf_insn) == sizeof(struct bpf_insn), "one instruction is eight bytes");
	if (find_symbol(l, &w, &sym))
		return load_fail(l, -1, "the object has no symbol for %s", w.name);
	if (!n || n > UINT32_MAX)
		return load_fail(l, -1, "%s has no instructions", w.name);
	return add_function(l, sym.st_shndx, sym.st_value, bpf_program__insns(l->prog), n);
}

/* Where in insns the function at this place starts; takes it when that has not happened yet. */
static int64_t take_function(struct load *l, uint32_t insn, size_t section, uint64_t off)
{
	const struct wanted w = { .section = section, .off = off };
	Elf_Scn *scn = elf_getscn(l->elf, section);
	Elf_Data *code = scn ? elf_rawdata(scn, NULL) : NULL;
	int64_t start;
	GElf_Sym sym;

	for (uint32_t n = 0; n < l->n_functions; n++)
		if (l->functions[n].section == section && l->functions[n].off == off)
			return l->functions[n].first;
	if (find_symbol(l, &w, &sym) || !code || !code->d_buf || sym.st_value % 8 || sym.st_size % 8 || !sym.st_size ||
	    sym.st_value > code->d_size || sym.st_size > code->d_size - sym.st_value)
		return load_fail(l, (int)insn, "the call leads to no function of the object");
	start = (int64_t)l->n_insns;
	return add_function(l, section, off, (const uint8_t *)code->d_buf + off, sym.st_size / 8) ? -1 : start;
}

static int call_place(struct load *l, uint32_t insn, size_t section, uint64_t off)
{
	int64_t to = take_function(l, insn, section, off);
	struct ebpf_insn *i = &l->insns[insn]; /* taking a function moves them */

	if (to < 0)
		return -1;
	i->regs = EBPF_CALL_LOCAL << 4;
	i->imm = (int32_t)(to - insn - 1);
	return 0;
}

int64_t load_absent(struct load *l, const char *name, int is_layout)
{
	struct prog_absent *all;
	uint32_t n;

	for (n = 0; n < l->n_absent; n++)
		if (l->absent[n].is_layout == is_layout && !strcmp(l->absent[n].name, name))
			return n;
	all = load_keep(l->out, sizeof(*all) * (n + 1));
	if (!all)
		return load_no_memory(l);
	if (n)
		memcpy(all, l->absent, sizeof(*all) * n);
	all[n] = (struct prog_absent){ .name = load_keep_string(l->out, name), .is_layout = is_layout };
	l->out->prog.absent = l->absent = all;
	l->out->prog.n_absent = ++l->n_absent;
	return n;
}

int load_call_absent(struct load *l, struct ebpf_insn *i, const char *name, int is_layout)
{
	int64_t n = load_absent(l, name, is_layout);

	*i = (struct ebpf_insn){ .code = EC_JMP | EBPF_CALL, .regs = EBPF_CALL_KFUNC << 4, .imm = (int32_t)n };
	return n < 0 ? -1 : 0;
}

static int kernel_function(struct load *l, uint32_t insn, const GElf_Sym *sym)
{
	GElf_Shdr sh;
	const char *name = load_symbols(l, &sh) ? elf_strptr(l->elf, sh.sh_link, sym->st_name) : NULL;

	l->insns[insn].regs = EBPF_CALL_KFUNC << 4;
	if (name && routine_kfunc(name)) {
		l->insns[insn].imm = routine_kfunc(name);
		return 0;
	}
	if (GELF_ST_BIND(sym->st_info) == STB_WEAK)
		return load_call_absent(l, &l->insns[insn], name ? name : "?", 0);
	load_refuse(l, (int)insn, "the program calls %s(), a function of the kernel (kfunc), which the NIC does not have", name ? name : "?");
	load_note(l, "use helpers, or run the program on the host");
	return load_go_on(l);
}

static int call_symbol(struct load *l, uint32_t insn, const GElf_Rel *rel, Elf_Data *syms)
{
	struct ebpf_insn *i = &l->insns[insn];
	GElf_Sym sym;

	if (i->code != (EC_JMP | EBPF_CALL))
		return load_fail(l, (int)insn, "a relocation for a call is at another instruction");
	if (!syms || GELF_R_SYM(rel->r_info) > INT32_MAX || !gelf_getsym(syms, (int)GELF_R_SYM(rel->r_info), &sym))
		return load_fail(l, -1, "the object's relocations are damaged");
	if (sym.st_shndx == SHN_UNDEF)
		return kernel_function(l, insn, &sym);
	return call_place(l, insn, sym.st_shndx, sym.st_value + 8 * ((uint64_t)(int64_t)i->imm + 1));
}

/* The address of a function, for helpers that call it. */
static int function_symbol(struct load *l, uint32_t insn, const GElf_Rel *rel, Elf_Data *syms)
{
	struct ebpf_insn *i = &l->insns[insn];
	GElf_Shdr sh;
	Elf_Scn *scn;
	GElf_Sym sym;
	int64_t to;

	if (i->code != EBPF_LDDW || insn + 1 >= l->n_insns || !syms || GELF_R_SYM(rel->r_info) > INT32_MAX ||
	    !gelf_getsym(syms, (int)GELF_R_SYM(rel->r_info), &sym))
		return 0; /* for others to refuse */
	scn = sym.st_shndx == SHN_UNDEF ? NULL : elf_getscn(l->elf, sym.st_shndx);
	if (!scn || !gelf_getshdr(scn, &sh) || !(sh.sh_flags & SHF_EXECINSTR))
		return 0;
	to = take_function(l, insn, sym.st_shndx, sym.st_value + (uint64_t)(int64_t)i->imm);
	if (to < 0)
		return -1;
	i = &l->insns[insn];
	i->regs = (uint8_t)((i->regs & 15) | EBPF_PSEUDO_FUNC << 4);
	i->imm = (int32_t)(to - insn - 1);
	i[1].imm = 0;
	return 0;
}

/* The calls of function n that have a relocation; done gets a mark for each. */
static int call_symbols(struct load *l, uint32_t n, uint8_t *done)
{
	GElf_Shdr sh, sym_sh;
	Elf_Data *syms = load_symbols(l, &sym_sh), *data;
	Elf_Scn *scn = NULL;
	GElf_Rel rel;

	while ((scn = elf_nextscn(l->elf, scn))) {
		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_REL || sh.sh_info != l->functions[n].section)
			continue;
		data = elf_getdata(scn, NULL);
		for (int k = 0; data && gelf_getrel(data, k, &rel); k++) {
			const struct function *f = &l->functions[n];
			uint64_t at = (rel.r_offset - f->off) / 8;

			if (rel.r_offset < f->off || at >= f->n || rel.r_offset % 8)
				continue;
			if (GELF_R_TYPE(rel.r_info) == RELOC_64_64 && function_symbol(l, f->first + (uint32_t)at, &rel, syms))
				return -1;
			if (GELF_R_TYPE(rel.r_info) != RELOC_64_32)
				continue;
			done[at] = 1;
			if (call_symbol(l, f->first + (uint32_t)at, &rel, syms))
				return -1;
		}
	}
	return 0;
}

/* Calls within a section need no relocation. */
static int call_neighbours(struct load *l, uint32_t n, const uint8_t *done)
{
	for (uint32_t at = 0; at < l->functions[n].n; at++) {
		const struct function *f = &l->functions[n];
		const struct ebpf_insn *i = &l->insns[f->first + at];

		if (i->code != (EC_JMP | EBPF_CALL) || ebpf_src(i) != EBPF_CALL_LOCAL || done[at])
			continue;
		if (call_place(l, f->first + at, f->section, f->off + 8 * ((uint64_t)at + 1 + (uint64_t)(int64_t)i->imm)))
			return -1;
	}
	return 0;
}

static int take_called(struct load *l, uint32_t n)
{
	uint8_t *done = calloc(l->functions[n].n, 1);
	int result;

	if (!done)
		return load_no_memory(l);
	result = call_symbols(l, n, done) || call_neighbours(l, n, done) ? -1 : 0;
	free(done);
	return result;
}

/* Of one without a name: another one at this place is another function. */
static const char *place_name(struct load *l, const struct function *f)
{
	Elf_Scn *scn = elf_getscn(l->elf, f->section);
	Elf_Data *code = elf_rawdata(scn, NULL);
	uint32_t hash = 2166136261u;
	char name[DIAG_TEXT];
	GElf_Shdr sh;

	for (size_t n = 0; n < 8 * (size_t)f->n; n++)
		hash = (hash ^ ((const uint8_t *)code->d_buf)[f->off + n]) * 16777619u;
	snprintf(name, sizeof(name), "%s+%llu:%08x", load_section_name(l, scn, &sh), (unsigned long long)f->off, hash);
	return load_keep_string(l->out, name);
}

/* As the object calls it; of several with one name (static ones, linked), those behind the first one get a number. */
static const char *own_name(struct load *l, const struct function *f)
{
	const struct wanted w = { .section = f->section, .off = f->off };
	char numbered[DIAG_TEXT];
	GElf_Sym sym, other;
	GElf_Shdr sh;
	Elf_Data *syms = load_symbols(l, &sh);
	const char *name;
	uint32_t same = 0;

	name = find_symbol(l, &w, &sym) ? NULL : elf_strptr(l->elf, sh.sh_link, sym.st_name);
	if (!name || !*name)
		return place_name(l, f);
	for (int n = 0; gelf_getsym(syms, n, &other) && memcmp(&other, &sym, sizeof(sym)); n++) {
		const char *as = elf_strptr(l->elf, sh.sh_link, other.st_name);

		same += GELF_ST_TYPE(other.st_info) == STT_FUNC && as && !strcmp(as, name);
	}
	if (same) {
		snprintf(numbered, sizeof(numbered), "%s.%u", name, same);
		return load_keep_string(l->out, numbered);
	}
	return load_keep_string(l->out, name);
}

static int name_functions(struct load *l, struct prog *p)
{
	struct prog_function *functions = load_keep(l->out, sizeof(*functions) * l->n_functions);

	if (!functions)
		return load_no_memory(l);
	for (uint32_t n = 0; n < l->n_functions; n++)
		functions[n] = (struct prog_function){ l->functions[n].first, own_name(l, &l->functions[n]) };
	p->functions = functions;
	p->n_functions = l->n_functions;
	return 0;
}

int load_functions(struct load *l)
{
	struct prog *p = &l->out->prog;
	int result = add_program(l);

	for (uint32_t n = 0; !result && n < l->n_functions; n++)
		result = take_called(l, n);
	p->name = load_keep_string(l->out, bpf_program__name(l->prog));
	p->section = load_keep_string(l->out, bpf_program__section_name(l->prog));
	p->insns = l->insns;
	p->n_insns = (uint32_t)l->n_insns;
	return result ? result : name_functions(l, p);
}
