// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "compile.h"
#include "hw/spec/image.h"
#include "load_impl.h"
#include "routine.h"

enum {
	MAX_DATA_BYTES = 16 << 20,
	NO_MAP = -1,
};

struct load_block {
	struct load_block *next;
	max_align_t bytes[];
};

void *load_keep(struct loaded *l, size_t size)
{
	struct load_block *b = calloc(1, sizeof(*b) + size);

	if (!b)
		return NULL;
	b->next = l->blocks;
	l->blocks = b;
	return b->bytes;
}

const char *load_keep_string(struct loaded *l, const char *s)
{
	char *copy = load_keep(l, strlen(s) + 1);

	return copy ? strcpy(copy, s) : "";
}

void load_free(struct loaded *l)
{
	while (l->blocks) {
		struct load_block *next = l->blocks->next;

		free(l->blocks);
		l->blocks = next;
	}
}

static void record(struct load *l, int insn, const char *fmt, va_list ap)
{
	l->diag->insn = insn;
	vsnprintf(l->diag->text, sizeof(l->diag->text), fmt, ap);
}

int load_refuse(struct load *l, int insn, const char *fmt, ...)
{
	va_list ap;

	l->refused = 1;
	va_start(ap, fmt);
	record(l, insn, fmt, ap);
	va_end(ap);
	return -1;
}

int load_fail(struct load *l, int insn, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	record(l, insn, fmt, ap);
	va_end(ap);
	return -1;
}

int load_note(struct load *l, const char *text)
{
	snprintf(l->diag->note, sizeof(l->diag->note), "%s", text);
	return -1;
}

int load_go_on(struct load *l)
{
	return diag_keep(l->diag);
}

int load_no_memory(struct load *l)
{
	return load_fail(l, -1, "out of memory while loading the object");
}

static char last_warning[DIAG_TEXT];

static int catch_message(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char *start = last_warning, *end;

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(last_warning, sizeof(last_warning), fmt, ap);
	if (!strncmp(start, "libbpf: ", 8))
		memmove(start, start + 8, strlen(start + 8) + 1);
	end = strchr(start, '\n');
	if (end)
		*end = 0;
	return 0;
}

void load_catch_messages(void)
{
	last_warning[0] = 0;
	libbpf_set_print(catch_message);
}

const char *load_last_message(void)
{
	return last_warning;
}

const char *load_section_name(struct load *l, Elf_Scn *scn, GElf_Shdr *sh)
{
	const char *name;

	if (!gelf_getshdr(scn, sh))
		return "";
	name = elf_strptr(l->elf, l->names, sh->sh_name);
	return name ? name : "";
}

static Elf_Scn *find_section(struct load *l, const char *name, GElf_Shdr *sh)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(l->elf, scn)))
		if (!strcmp(load_section_name(l, scn, sh), name))
			return scn;
	return NULL;
}

Elf_Data *load_section(struct load *l, const char *name)
{
	GElf_Shdr sh;
	Elf_Scn *scn = find_section(l, name, &sh);
	Elf_Data *data = scn ? elf_rawdata(scn, NULL) : NULL;

	return data && data->d_buf ? data : NULL;
}

static int open_elf(struct load *l, const char *path)
{
	GElf_Ehdr eh;

	l->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (l->fd < 0)
		return load_fail(l, -1, "%s can't be opened: %s", path, strerror(errno));
	elf_version(EV_CURRENT);
	l->elf = elf_begin(l->fd, ELF_C_READ, NULL);
	if (!l->elf || elf_kind(l->elf) != ELF_K_ELF || !gelf_getehdr(l->elf, &eh)) {
		load_fail(l, -1, "%s is not an ELF object", path);
		return load_note(l, "compile the program with clang -O2 -g -target bpf -c");
	}
	if (eh.e_ident[EI_DATA] != ELFDATA2LSB) {
		load_fail(l, -1, "%s holds big-endian code, and the NIC is little-endian", path);
		return load_note(l, "compile with -target bpf or -target bpfel");
	}
	if (eh.e_machine != EM_BPF || eh.e_ident[EI_CLASS] != ELFCLASS64) {
		load_fail(l, -1, "%s holds code for another machine, not for BPF", path);
		return load_note(l, "compile with clang -O2 -g -target bpf -c");
	}
	if (eh.e_type != ET_REL)
		return load_fail(l, -1, "%s is not a relocatable object", path);
	if (elf_getshdrstrndx(l->elf, &l->names))
		return load_fail(l, -1, "%s has no section names", path);
	return 0;
}

static int open_object(struct load *l, const char *path)
{
	const char *slash = strrchr(path, '/');
	char name[64];

	last_warning[0] = 0;
	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : path);
	if (strchr(name + 1, '.'))
		*strchr(name + 1, '.') = 0;
	l->obj = load_has_legacy_maps(l) ? load_open_legacy(l, name) : bpf_object__open_file(path, NULL);
	if (l->obj)
		return load_legacy_maps(l);
	return load_fail(l, -1, "the object can't be read: %s",
			   last_warning[0] ? last_warning : strerror(errno));
}

Elf_Data *load_symbols(struct load *l, GElf_Shdr *sh)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(l->elf, scn)))
		if (gelf_getshdr(scn, sh) && sh->sh_type == SHT_SYMTAB)
			return elf_getdata(scn, NULL);
	return NULL;
}

static int ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), n_end = strlen(end);

	return n >= n_end && !strcmp(s + n - n_end, end);
}

/* Index among all maps of the object of the one called name, or of the data section of that name.
 */
static int map_index(struct load *l, const char *name, int internal)
{
	const struct bpf_map *m;
	int n = 0;

	bpf_object__for_each_map(m, l->obj) {
		if (bpf_map__is_internal(m) == !!internal &&
		    (internal ? ends_with(bpf_map__name(m), name)
			      : !strcmp(bpf_map__name(m), name)))
			return n;
		n++;
	}
	return NO_MAP;
}

static size_t count_maps(struct load *l)
{
	const struct bpf_map *m;
	size_t n = 0;

	bpf_object__for_each_map(m, l->obj)
		n++;
	return n;
}

static int relocate_load(struct load *l, uint32_t insn, const GElf_Sym *sym, const char *name)
{
	struct ebpf_insn *i = &l->insns[insn];
	Elf_Scn *scn = elf_getscn(l->elf, sym->st_shndx);
	const char *section;
	GElf_Shdr sh;
	int map;

	if (i->code != EBPF_LDDW || insn + 1 >= l->n_insns)
		return load_fail(
			l, (int)insn,
			"a relocation for a 64-bit immediate load is at another instruction");
	if (sym->st_shndx == SHN_UNDEF && GELF_ST_BIND(sym->st_info) == STB_WEAK) {
		i->regs &= 15; /* not there: NULL; a function is asked for only whether it is there */
		i->imm = !!routine_kfunc(name);
		i[1].imm = 0;
		return 0;
	}
	if (sym->st_shndx == SHN_UNDEF || !scn) {
		load_refuse(l, (int)insn, "the program refers to %s, which the object does not define", name);
		load_note(l, "values of the kernel (extern variables) do not exist on the NIC");
		return load_go_on(l);
	}
	section = load_section_name(l, scn, &sh);
	if (sh.sh_flags & SHF_EXECINSTR)
		return 0; /* done already */
	if (!strcmp(section, ".maps")) {
		map = map_index(l, name, 0);
		if (map == NO_MAP || i->imm)
			return load_fail(
				l, (int)insn,
				"the program refers to something in .maps that is not a map");
		i->regs = (uint8_t)((i->regs & 15) | EBPF_PSEUDO_MAP << 4);
		i->imm = map;
		i[1].imm = 0;
		return 0;
	}
	map = load_legacy_map(l, section, sym->st_value + (uint32_t)i->imm);
	if (map >= 0) {
		i->regs = (uint8_t)((i->regs & 15) | EBPF_PSEUDO_MAP << 4);
		i->imm = (int32_t)count_maps(l) + map;
		i[1].imm = 0;
		return 0;
	}
	map = map_index(l, section, 1);
	if (map == NO_MAP)
		return load_fail(l, (int)insn,
				   "the program refers to section %s, which is not a data section",
				   section);
	i[1].imm = (int32_t)(sym->st_value + (uint32_t)i->imm);
	i->regs = (uint8_t)((i->regs & 15) | EBPF_PSEUDO_MAP_VALUE << 4);
	i->imm = map;
	return 0;
}

/* Calls are done already. */
static int relocate(struct load *l, const GElf_Rel *rel, int64_t insn, Elf_Data *syms, size_t strings)
{
	uint64_t type = GELF_R_TYPE(rel->r_info);
	const char *name;
	GElf_Sym sym;

	if (rel->r_offset % 8 || !syms || GELF_R_SYM(rel->r_info) > INT32_MAX ||
	    !gelf_getsym(syms, (int)GELF_R_SYM(rel->r_info), &sym))
		return load_fail(l, -1, "the object's relocations are damaged");
	name = elf_strptr(l->elf, strings, sym.st_name);
	if (type == RELOC_64_64)
		return relocate_load(l, (uint32_t)insn, &sym, name ? name : "");
	if (type == RELOC_64_32)
		return 0;
	return load_fail(l, (int)insn, "relocation type %u is not known", (unsigned int)type);
}

static int relocate_all(struct load *l)
{
	GElf_Shdr sh, sym_sh;
	Elf_Data *syms = load_symbols(l, &sym_sh), *data;
	Elf_Scn *scn = NULL;
	GElf_Rel rel;

	while ((scn = elf_nextscn(l->elf, scn))) {
		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_REL)
			continue;
		data = elf_getdata(scn, NULL);
		for (int n = 0; data && gelf_getrel(data, n, &rel); n++) {
			int64_t insn = load_insn_at(l, sh.sh_info, rel.r_offset);

			if (insn >= 0 && relocate(l, &rel, insn, syms, sym_sh.sh_link))
				return -1;
		}
	}
	return 0;
}

static int is_map_load(const struct ebpf_insn *i)
{
	return i->code == EBPF_LDDW &&
	       (ebpf_src(i) == EBPF_PSEUDO_MAP || ebpf_src(i) == EBPF_PSEUDO_MAP_VALUE);
}

int load_one_map(struct load *l, struct prog_map *to, struct bpf_map *m)
{
	size_t size = 0;
	const void *init = bpf_map__is_internal(m) ? bpf_map__initial_value(m, &size) : NULL;
	void *copy;

	to->name = load_keep_string(l->out, bpf_map__name(m));
	to->type = bpf_map__type(m);
	to->key_size = bpf_map__key_size(m);
	to->value_size = bpf_map__value_size(m);
	to->max_entries = bpf_map__max_entries(m);
	to->flags = bpf_map__map_flags(m);
	to->extra = bpf_map__map_extra(m);
	if (load_fields(l, m, to))
		return -1;
	if (!bpf_map__is_internal(m))
		return 0;
	to->flags &= ~(
		uint32_t)BPF_F_MMAPABLE; /* libbpf's own wish, for its access from the host */
	if (!init || size > MAX_DATA_BYTES)
		return load_refuse(l, -1, "the data section %s of %zu bytes is too large", to->name,
				   size);
	copy = load_keep(l->out, size);
	if (!copy)
		return load_no_memory(l);
	to->init = memcpy(copy, init, size);
	to->init_size = (uint32_t)size;
	return 0;
}

/* Takes the maps the program refers to and numbers its references anew. */
static int take_maps(struct load *l)
{
	const uint32_t **slots;
	struct prog_map *maps;
	struct bpf_map *m;
	struct taken t = { 0 };
	int *number;
	uint32_t n = 0;
	size_t all = count_maps(l) + l->n_legacy;

	number = load_keep(l->out, sizeof(*number) * (all + 1));
	maps = load_keep(l->out, sizeof(*maps) * (all + 1 + OWN_MAPS + INNER_MAX * (INNER_SPARE + 1)));
	slots = load_keep(l->out, sizeof(*slots) * (all + 1 + OWN_MAPS + INNER_MAX * INNER_SPARE));
	t.from = load_keep(l->out, sizeof(*t.from) * (all + 1 + OWN_MAPS + INNER_MAX * INNER_SPARE));
	if (!number || !maps || !slots || !t.from)
		return load_no_memory(l);
	for (const struct prog *p = &l->out->prog; p; p = p->next)
		for (uint32_t i = 0; i < p->n_insns; i++)
			if (is_map_load(&p->insns[i]) && (size_t)p->insns[i].imm < all)
				number[p->insns[i].imm] = 1;
	if (load_wants_inner(l, number))
		return -1;
	all = 0;
	bpf_object__for_each_map(m, l->obj) {
		if (number[all]) {
			if (load_one_map(l, &maps[n], m) || (maps[n].type == BPF_MAP_TYPE_PROG_ARRAY && load_slots(l, &maps[n], &slots[n])))
				return -1;
			t.from[n] = m;
			number[all] = (int)n++;
		}
		all++;
	}
	for (uint32_t k = 0; k < l->n_legacy; k++, all++) {
		if (!number[all])
			continue;
		maps[n] = l->legacy[k].map;
		number[all] = (int)n++;
	}
	n = load_own_maps(&l->out->prog, maps, n);
	t.maps = maps;
	t.slots = slots;
	t.n = n;
	if (load_inner(l, &t))
		return -1;
	for (struct prog *p = &l->out->prog; p; p = (struct prog *)p->next) {
		struct ebpf_insn *insns = (struct ebpf_insn *)p->insns;

		for (uint32_t i = 0; i < p->n_insns; i++)
			if (is_map_load(&insns[i]) && (size_t)insns[i].imm < all)
				insns[i].imm = number[insns[i].imm];
		p->maps = maps;
		p->n_maps = t.n;
		p->n_templates = t.n_templates;
		p->slots = slots;
	}
	return load_prefixes(&l->out->prog, maps) ? load_no_memory(l) : 0;
}

/* As Linux has it: include/linux/license.h says which are compatible. */
static int is_gpl(struct load *l)
{
	static const char *const compatible[] = { "GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL" };
	const Elf_Data *data = load_section(l, "license");
	char license[64] = "";

	if (data)
		memcpy(license, data->d_buf, data->d_size < sizeof(license) ? data->d_size : sizeof(license) - 1);
	for (size_t n = 0; n < sizeof(compatible) / sizeof(*compatible); n++)
		if (!strcmp(license, compatible[n]))
			return 1;
	return 0;
}

int load_program(struct load *l)
{
	l->out->prog.not_gpl = !is_gpl(l);
	return load_functions(l) || load_debug_info(l) || relocate_all(l) ? -1 : 0;
}

/* A PROG_ARRAY into which the object puts nothing. */
static int make_slots(struct loaded *l, uint32_t map, uint32_t entries)
{
	const uint32_t **slots = (const uint32_t **)l->prog.slots; /* as the maps */

	for (uint32_t n = 0; n < l->prog.maps[map].max_entries; n++)
		if (slots[map][n])
			return -1;
	slots[map] = load_keep(l, sizeof(**slots) * ((size_t)entries + 1));
	return slots[map] ? 0 : -1;
}

static int set_entries(struct loaded *l, const char *name, size_t length, uint32_t entries)
{
	struct prog_map *maps = (struct prog_map *)l->prog.maps; /* in our blocks */

	for (uint32_t n = 0; n < l->prog.n_maps; n++) {
		if (strlen(maps[n].name) != length || memcmp(maps[n].name, name, length))
			continue;
		if (maps[n].init || maps[n].inner || (l->prog.slots[n] && (maps[n].type != BPF_MAP_TYPE_PROG_ARRAY || make_slots(l, n, entries))))
			return -1;
		maps[n].max_entries = entries;
		return 0;
	}
	return -1;
}

int load_set_entries(struct loaded *l, const char *sizes, struct diag *d)
{
	while (sizes && *sizes) {
		size_t name = strcspn(sizes, "=:"), word = name + !!sizes[name];
		unsigned long long entries = 0;

		for (; isdigit((unsigned char)sizes[word]) && entries <= UINT32_MAX; word++)
			entries = 10 * entries + (unsigned long long)(sizes[word] - '0');
		diag_clear(d);
		d->insn = -1;
		if (!name || !entries || entries > UINT32_MAX || (sizes[word] && sizes[word] != ':'))
			snprintf(d->text, sizeof(d->text), "'%s' is no map's name, '=' and a number of entries", sizes);
		else if (set_entries(l, sizes, name, (uint32_t)entries))
			snprintf(d->text, sizeof(d->text), "the program has no map '%.*s' whose entries may be set", (int)name, sizes);
		if (d->text[0])
			return -1;
		sizes += word + (sizes[word] == ':');
	}
	return 0;
}

int load_object(const char *path, const char *select, struct loaded *out, struct diag *d)
{
	struct load l = { .out = out, .diag = d, .fd = -1 };
	libbpf_print_fn_t former = libbpf_set_print(catch_message);
	int result;

	memset(out, 0, sizeof(*out));
	diag_clear(d);
	result = open_elf(&l, path) || load_check_btf(&l) || load_check_symbols(&l) || open_object(&l, path) ||
				 load_select(&l, select) || load_program(&l) || load_tail_programs(&l) || take_maps(&l)
			 ? LOAD_FAILED
			 : 0;
	if (d->n_more && l.refused) { /* found on the way */
		diag_sort(d);
		result = LOAD_FAILED;
	}
	if (result && l.refused)
		result = LOAD_REFUSED;
	bpf_object__close(l.obj);
	elf_end(l.elf);
	if (l.fd >= 0)
		close(l.fd);
	libbpf_set_print(former);
	return result;
}
