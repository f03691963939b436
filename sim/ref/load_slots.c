// SPDX-License-Identifier: Apache-2.0
/*
 * Programs that tail calls lead to, and what the declaration of a PROG_ARRAY puts into its slots: a
 * relocation in section .maps for each, in the member `values` of the map's variable.
 */
#include "load_slots.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

struct symbols {
	Elf *elf;
	Elf_Data *data;
	size_t strings;
};

static const char *name_of(const struct symbols *s, const GElf_Sym *sym)
{
	const char *name = elf_strptr(s->elf, s->strings, sym->st_name);

	return name ? name : "";
}

static int64_t number_of(const struct ref_program *program, const struct ref_map *in, const char *name)
{
	for (uint32_t i = 0; ref_map_has_maps(in) && i < program->map_count; i++)
		if (program->maps[i] && !strcmp(ref_map_spec(program->maps[i])->name, name))
			return i;
	for (uint32_t i = 0; i < program->entry_count; i++)
		if (!strcmp(program->entries[i].name, name))
			return i;
	return -1;
}

/* Offset of the slots in the variable, or -1. */
static int64_t values_at(const struct btf *btf, const char *map)
{
	int32_t var = btf__find_by_name_kind(btf, map, BTF_KIND_VAR);
	const struct btf_type *type;

	if (var < 0)
		return -1;
	type = btf__type_by_id(btf, btf__resolve_type(btf, (uint32_t)var));
	for (uint32_t i = 0; type && btf_is_struct(type) && i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), "values"))
			return btf_member_bit_offset(type, i) / 8;
	return -1;
}

static int fill(struct ref_program *program, struct ref_map *map, const struct symbols *s,
		Elf_Data *relocations, uint64_t first, uint64_t end, struct io_error *err)
{
	GElf_Rel rel;
	GElf_Sym sym;

	for (int i = 0; gelf_getrel(relocations, i, &rel); i++) {
		uint32_t slot = (uint32_t)((rel.r_offset - first) / 8), value;
		int64_t number;

		if (rel.r_offset < first || rel.r_offset >= end)
			continue;
		if (!gelf_getsym(s->data, (int)GELF_R_SYM(rel.r_info), &sym))
			return io_fail(err, "a relocation of section .maps is damaged");
		number = number_of(program, map, name_of(s, &sym));
		value = (uint32_t)number;
		if (number < 0 || ref_map_update(map, &slot, &value, BPF_ANY))
			return io_fail(err, "map %s: slot %u cannot hold %s", ref_map_spec(map)->name,
				       slot, name_of(s, &sym));
	}
	return 0;
}

static int fill_map(struct ref_program *program, struct ref_map *map, const struct btf *btf,
		    const struct symbols *s, Elf_Data *relocations, size_t section,
		    struct io_error *err)
{
	const char *name = ref_map_spec(map)->name;
	int64_t at = btf ? values_at(btf, name) : -1;
	GElf_Sym sym;

	for (int i = 0; at >= 0 && gelf_getsym(s->data, i, &sym); i++)
		if (sym.st_shndx == section && !strcmp(name_of(s, &sym), name))
			return fill(program, map, s, relocations, sym.st_value + (uint64_t)at,
				    sym.st_value + sym.st_size, err);
	return 0;
}

int load_slots(struct ref_program *program, const struct btf *btf, Elf *elf, size_t names,
	       struct io_error *err)
{
	struct symbols s = { .elf = elf };
	Elf_Scn *section = NULL;
	GElf_Shdr header, of;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB) {
			s.data = elf_getdata(section, NULL);
			s.strings = header.sh_link;
		}
	while ((section = elf_nextscn(elf, section))) {
		const char *name;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_REL ||
		    !gelf_getshdr(elf_getscn(elf, header.sh_info), &of))
			continue;
		name = elf_strptr(elf, names, of.sh_name);
		for (uint32_t i = 0; name && !strcmp(name, ".maps") && i < program->map_count; i++)
			if (program->maps[i] &&
			    (ref_map_spec(program->maps[i])->type == BPF_MAP_TYPE_PROG_ARRAY || ref_map_has_maps(program->maps[i])) &&
			    fill_map(program, program->maps[i], btf, &s, elf_getdata(section, NULL),
				     header.sh_info, err))
				return -1;
	}
	return 0;
}
