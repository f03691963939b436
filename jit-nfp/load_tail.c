// SPDX-License-Identifier: Apache-2.0
/* The programs that tail calls lead to: where the program has a PROG_ARRAY, all XDP programs of the object that the NIC can run are in the image as long
 * as there is room, for the host may put any of them into a slot; and what the object's declaration of the map puts there. */
#include <string.h>
#include "load_impl.h"

static int is_map_of(struct load *l, const struct ebpf_insn *i, enum bpf_map_type type)
{
	const struct bpf_map *m;
	int n = 0;

	if (i->code != EBPF_LDDW || ebpf_src(i) != EBPF_PSEUDO_MAP)
		return 0;
	bpf_object__for_each_map(m, l->obj)
		if (n++ == i->imm)
			return bpf_map__type(m) == type;
	return i->imm >= n && i->imm - n < (int)l->n_legacy && l->legacy[i->imm - n].map.type == (uint32_t)type;
}

static int has_prog_array(struct load *l)
{
	for (size_t n = 0; n < l->n_insns; n++)
		if (is_map_of(l, &l->insns[n], BPF_MAP_TYPE_PROG_ARRAY))
			return 1;
	return 0;
}

/* Relocations of maps: what their declarations put into slots. `of` is the section of the maps. */
static int next_slots(struct load *l, Elf_Scn **scn, size_t *of, Elf_Data **data)
{
	GElf_Shdr sh, maps;

	while ((*scn = elf_nextscn(l->elf, *scn))) {
		Elf_Scn *section;

		if (!gelf_getshdr(*scn, &sh) || sh.sh_type != SHT_REL)
			continue;
		*of = sh.sh_info;
		section = elf_getscn(l->elf, sh.sh_info);
		*data = elf_getdata(*scn, NULL);
		if (section && *data && !strcmp(load_section_name(l, section, &maps), ".maps"))
			return 1;
	}
	return 0;
}

static int is_declared(struct load *l, const char *program)
{
	Elf_Data *data, *syms;
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	GElf_Sym sym;
	GElf_Rel rel;
	size_t of;

	while (next_slots(l, &scn, &of, &data)) {
		syms = load_symbols(l, &sh);
		for (int n = 0; syms && gelf_getrel(data, n, &rel); n++) {
			const char *name = GELF_R_SYM(rel.r_info) <= INT32_MAX && gelf_getsym(syms, (int)GELF_R_SYM(rel.r_info), &sym)
						   ? elf_strptr(l->elf, sh.sh_link, sym.st_name) : NULL;

			if (name && !strcmp(name, program))
				return 1;
		}
	}
	return 0;
}

static const char *words_of(const struct diag *d)
{
	return d->text[0] || !d->n_more ? d->text : d->more[0].text;
}

static int leave_out(struct loaded *l, const char *name, const char *why)
{
	struct left_out *out = load_keep(l, sizeof(*out)), **last = (struct left_out **)&l->left_out;

	if (!out)
		return -1;
	while (*last)
		last = (struct left_out **)&(*last)->next;
	out->name = name;
	out->why = load_keep_string(l, why);
	*last = out;
	return 0;
}

/* Loads one as the main program was; when that fails it stays in out->prog, for the message is about it, unless it may be left out. */
static int load_one(struct load *l, struct bpf_program *p, const struct prog **next)
{
	struct load other = *l;
	struct prog *kept = load_keep(l->out, sizeof(*kept)), *loaded = load_keep(l->out, sizeof(*loaded));
	int declared = is_declared(l, bpf_program__name(p));

	if (!kept || !loaded)
		return load_no_memory(&other);
	*kept = l->out->prog;
	memset(&l->out->prog, 0, sizeof(l->out->prog));
	other.prog = p;
	other.insns = NULL;
	other.functions = NULL;
	other.n_insns = other.n_functions = 0;
	if (load_program(&other) || other.refused) {
		l->refused = other.refused;
		if (declared || !other.refused)
			return -1;
		l->refused = 0;
		l->out->prog = *kept;
		if (leave_out(l->out, load_keep_string(l->out, bpf_program__name(p)), words_of(l->diag)))
			return load_no_memory(l);
		diag_clear(l->diag);
		return 0;
	}
	*loaded = l->out->prog;
	loaded->declared = (uint8_t)declared;
	l->out->prog = *kept;
	*next = loaded;
	return 0;
}

int load_tail_programs(struct load *l)
{
	const struct prog **next = &l->out->prog.next;
	struct bpf_program *p;

	if (l->refused || !has_prog_array(l))
		return 0;
	bpf_object__for_each_program(p, l->obj) {
		if (p == l->prog || !load_is_program(l, p))
			continue;
		if (load_one(l, p, next))
			return -1;
		if (*next)
			next = &((struct prog *)*next)->next;
	}
	return 0;
}

/* Takes the program behind `before`, number n of the image, out of the list: slots count without it. */
static void unlink_next(struct loaded *l, struct prog *before, uint32_t n)
{
	for (uint32_t map = 0; map < l->prog.n_maps; map++) {
		uint32_t *slots = l->prog.slots && l->prog.maps[map].type == BPF_MAP_TYPE_PROG_ARRAY ? (uint32_t *)l->prog.slots[map] : NULL;

		for (uint32_t slot = 0; slots && slot < l->prog.maps[map].max_entries; slot++)
			slots[slot] -= slots[slot] > n;
	}
	before->next = before->next->next;
}

/* There is no room for the one that d is about: it, or where that must come along, the last one in front of it that need not. */
static const struct prog *who_makes_room(const struct loaded *l, const struct diag *d)
{
	const struct prog *last = NULL;

	for (const struct prog *p = l->prog.next; p && d->full; p = p->next) {
		last = p->declared ? last : p;
		if (p == d->prog)
			return last;
	}
	return NULL;
}

static const char *why_refused(const struct diag *d, const struct prog *p)
{
	for (const struct refused_prog *r = d->refused; r; r = r->next)
		if (r->prog == p)
			return r->text;
	return NULL;
}

int load_leave_out(struct loaded *l, const struct diag *d)
{
	const struct prog *room = who_makes_room(l, d);
	struct prog *before = &l->prog;
	uint32_t n = 2;
	int found = 0;

	while (before->next) {
		const struct prog *p = before->next;
		const char *why = p == room || (found && room && !p->declared) ? words_of(d) : why_refused(d, p);

		if (why) {
			if (leave_out(l, p->name, why))
				return 0;
			unlink_next(l, before, n);
			found = 1;
			continue;
		}
		before = (struct prog *)p;
		n++;
	}
	return found;
}

/* ---- what the declaration puts into the slots ---- */

static uint32_t program_number(struct load *l, const char *name)
{
	uint32_t n = 0;

	for (const struct prog *p = &l->out->prog; p; p = p->next) {
		n++;
		if (!strcmp(p->name, name))
			return n;
	}
	return 0;
}

/* Where in the map's variable the slots begin, in bytes; -1: it declares none. */
static int64_t slots_at(const struct btf *btf, const char *map)
{
	int32_t id = btf ? btf__find_by_name_kind(btf, map, BTF_KIND_VAR) : -1;
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, btf__resolve_type(btf, (uint32_t)id)) : NULL;
	const struct btf_member *m = t ? btf_members(t) : NULL;

	if (!t || !btf_is_struct(t))
		return -1;
	for (unsigned int n = 0; n < btf_vlen(t); n++)
		if (!strcmp(btf__name_by_offset(btf, m[n].name_off), "values"))
			return btf_member_bit_offset(t, n) / 8;
	return -1;
}

static int find_map(struct load *l, const char *name, size_t section, GElf_Sym *sym)
{
	GElf_Shdr sh;
	Elf_Data *syms = load_symbols(l, &sh);

	for (int n = 0; syms && gelf_getsym(syms, n, sym); n++) {
		const char *symbol = elf_strptr(l->elf, sh.sh_link, sym->st_name);

		if (sym->st_shndx == section && symbol && !strcmp(symbol, name))
			return 0;
	}
	return -1;
}

static int fill_slots(struct load *l, Elf_Data *data, size_t section, const char *map, load_number *number, uint32_t *programs, uint32_t n_slots)
{
	int64_t at = slots_at(bpf_object__btf(l->obj), map);
	GElf_Shdr sh;
	Elf_Data *syms = load_symbols(l, &sh);
	GElf_Sym var, sym;
	GElf_Rel rel;

	if (at < 0 || find_map(l, map, section, &var))
		return 0;
	for (int n = 0; gelf_getrel(data, n, &rel); n++) {
		uint64_t first = var.st_value + (uint64_t)at, slot = (rel.r_offset - first) / 8;
		const char *name;

		if (rel.r_offset < first || rel.r_offset >= var.st_value + var.st_size)
			continue;
		if (slot >= n_slots || GELF_R_SYM(rel.r_info) > INT32_MAX || !gelf_getsym(syms, (int)GELF_R_SYM(rel.r_info), &sym))
			return load_fail(l, -1, "the slots of map %s are damaged", map);
		name = elf_strptr(l->elf, sh.sh_link, sym.st_name);
		programs[slot] = name ? number(l, name) : 0;
		if (!programs[slot])
			return load_refuse(l, -1, "slot %u of map %s holds %s, which is no %s of the object", (unsigned int)slot, map,
					   name ? name : "something", number == program_number ? "XDP program" : "map");
	}
	return 0;
}

int load_slots(struct load *l, const struct prog_map *m, const uint32_t **slots)
{
	return load_slots_by(l, m, program_number, slots);
}

int load_slots_by(struct load *l, const struct prog_map *m, load_number *number, const uint32_t **slots)
{
	uint32_t *programs = load_keep(l->out, sizeof(*programs) * ((size_t)m->max_entries + 1));
	Elf_Scn *scn = NULL;
	Elf_Data *data;
	size_t of;

	if (!programs)
		return load_no_memory(l);
	*slots = programs;
	while (next_slots(l, &scn, &of, &data))
		if (fill_slots(l, data, of, m->name, number, programs, m->max_entries))
			return -1;
	return 0;
}
