// SPDX-License-Identifier: Apache-2.0
/*
 * Maps declared the old way: a structure per map in section "maps", as libbpf took them before 1.0 and iproute2 still does. libbpf since 1.0
 * refuses such objects, so it gets a copy in which the section goes by another name, and the definitions are read here.
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "load_impl.h"

static const char old_name[] = "maps", new_name[] = ".data.maps"; /* data to libbpf, which then takes references to it */

/* What all forms of the structure begin with. */
struct map_def {
	uint32_t type, key_size, value_size, max_entries, flags;
};
enum { DEF_LEAST = 4 * sizeof(uint32_t) };

/* ---- the copy ---- */

struct copy {
	uint8_t *bytes;
	size_t size, room;
};

static uint8_t *read_all(struct load *l, struct copy *c)
{
	struct stat st;

	if (fstat(l->fd, &st) || st.st_size > 1 << 30)
		return NULL;
	c->size = (size_t)st.st_size;
	c->room = 3 * c->size + 2 * sizeof(new_name); /* strings of sections and of types may be added once more each */
	c->bytes = calloc(1, c->room);
	if (c->bytes && pread(l->fd, c->bytes, c->size, 0) == st.st_size)
		return c->bytes;
	free(c->bytes);
	return c->bytes = NULL;
}

/* Moves `size` bytes at off to the end of the copy, with the new name behind them. Gives their new place, 0 if they were not there. */
static uint64_t move_to_end(struct copy *c, uint64_t off, uint64_t size)
{
	uint64_t to = (c->size + 7) & ~7ULL;

	if (off > c->size || size > c->size - off || to + size + sizeof(new_name) > c->room)
		return 0;
	memcpy(c->bytes + to, c->bytes + off, size);
	memcpy(c->bytes + to + size, new_name, sizeof(new_name));
	c->size = to + size + sizeof(new_name);
	return to;
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

/* Offsets in the header of .BTF. */
enum { BTF_HEADER_LEN = 4, BTF_TYPE_OFF = 8, BTF_TYPE_LEN = 12, BTF_STR_OFF = 16, BTF_STR_LEN = 20, BTF_HEADER = 24 };

/* The type that lists the variables of the section is to go by the new name, too. Strings are the last part of the types. */
static void rename_type(struct copy *c, const struct btf *btf, Elf64_Shdr *sh)
{
	int32_t id = btf__find_by_name_kind(btf, old_name, BTF_KIND_DATASEC);
	const uint8_t *raw, *type;
	uint32_t size, at, header, str_len;

	if (id <= 0)
		return;
	raw = btf__raw_data(btf, &size);
	if (!raw || size != sh->sh_size || size < BTF_HEADER)
		return;
	type = (const uint8_t *)btf__type_by_id(btf, (uint32_t)id);
	header = get32(raw + BTF_HEADER_LEN);
	str_len = get32(raw + BTF_STR_LEN);
	if (header + get32(raw + BTF_STR_OFF) + str_len != size || type < raw || type + 4 > raw + size)
		return;
	at = (uint32_t)(type - raw);
	sh->sh_offset = move_to_end(c, sh->sh_offset, size);
	if (!sh->sh_offset)
		return;
	put32(c->bytes + sh->sh_offset + at, str_len);
	put32(c->bytes + sh->sh_offset + BTF_STR_LEN, str_len + (uint32_t)sizeof(new_name));
	sh->sh_size += sizeof(new_name);
}

static int rename_section(struct load *l, struct copy *c, const struct btf *btf)
{
	Elf64_Ehdr eh;
	Elf_Scn *scn = NULL;
	GElf_Shdr g;

	memcpy(&eh, c->bytes, sizeof(eh));
	while ((scn = elf_nextscn(l->elf, scn))) {
		uint64_t at = eh.e_shoff + elf_ndxscn(scn) * sizeof(Elf64_Shdr);
		const char *name = load_section_name(l, scn, &g);
		Elf64_Shdr sh;

		if (eh.e_shentsize != sizeof(sh) || at + sizeof(sh) > c->size)
			return -1;
		memcpy(&sh, c->bytes + at, sizeof(sh));
		if (!strcmp(name, old_name)) {
			sh.sh_name = (uint32_t)gelf_getshdr(elf_getscn(l->elf, l->names), &g)->sh_size;
		} else if (elf_ndxscn(scn) == l->names) {
			sh.sh_offset = move_to_end(c, sh.sh_offset, sh.sh_size);
			sh.sh_size += sizeof(new_name);
			if (!sh.sh_offset)
				return -1;
		} else if (!strcmp(name, ".BTF") && btf) {
			rename_type(c, btf, &sh);
		}
		memcpy(c->bytes + at, &sh, sizeof(sh));
	}
	return 0;
}

struct bpf_object *load_open_legacy(struct load *l, const char *name)
{
	Elf_Data *data = load_section(l, ".BTF");
	struct btf *btf = data ? btf__new(data->d_buf, (uint32_t)data->d_size) : NULL;
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = name);
	struct bpf_object *obj = NULL;
	struct copy c = { 0 };

	errno = ENOMEM;
	if (read_all(l, &c) && !rename_section(l, &c, btf))
		obj = bpf_object__open_mem(c.bytes, c.size, &opts);
	btf__free(btf);
	free(c.bytes); /* libbpf has read it */
	return obj;
}

/* ---- the definitions ---- */

int load_has_legacy_maps(struct load *l)
{
	return load_section(l, old_name) != NULL;
}

static int add_map(struct load *l, const Elf_Data *data, const GElf_Sym *sym, const char *name)
{
	struct prog_map *m = &l->legacy[l->n_legacy].map;
	struct map_def def = { 0 };
	uint64_t left = sym->st_value < data->d_size ? data->d_size - sym->st_value : 0;

	if (sym->st_size < DEF_LEAST || sym->st_size > left)
		return load_fail(l, -1, "the declaration of map %s in section \"maps\" is damaged", name);
	memcpy(&def, (const uint8_t *)data->d_buf + sym->st_value, sym->st_size < sizeof(def) ? DEF_LEAST : sizeof(def));
	m->name = load_keep_string(l->out, name);
	m->type = def.type;
	m->key_size = def.key_size;
	m->value_size = def.value_size;
	m->max_entries = def.max_entries;
	m->flags = def.flags;
	l->legacy[l->n_legacy].off = sym->st_value;
	l->n_legacy++;
	return 0;
}

int load_legacy_maps(struct load *l)
{
	GElf_Shdr sym_sh, sh;
	Elf_Data *syms = load_symbols(l, &sym_sh), *data = load_section(l, old_name);
	size_t n_syms = syms && sym_sh.sh_entsize ? sym_sh.sh_size / sym_sh.sh_entsize : 0;
	GElf_Sym sym;

	if (!data)
		return 0;
	l->legacy = load_keep(l->out, sizeof(*l->legacy) * (n_syms + 1));
	if (!l->legacy)
		return load_no_memory(l);
	for (int n = 0; syms && (size_t)n < n_syms && gelf_getsym(syms, n, &sym); n++) {
		Elf_Scn *scn = elf_getscn(l->elf, sym.st_shndx);
		const char *name = elf_strptr(l->elf, sym_sh.sh_link, sym.st_name);

		if (GELF_ST_TYPE(sym.st_info) != STT_OBJECT || !scn || !name || strcmp(load_section_name(l, scn, &sh), old_name))
			continue;
		if (add_map(l, data, &sym, name))
			return -1;
	}
	return 0;
}

int load_legacy_map(struct load *l, const char *section, uint64_t off)
{
	if (strcmp(section, old_name))
		return -1;
	for (uint32_t n = 0; n < l->n_legacy; n++)
		if (l->legacy[n].off == off)
			return (int)n;
	return -1;
}
