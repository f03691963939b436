// SPDX-License-Identifier: Apache-2.0
/* An eBPF object as clang writes it, for the loaders of Linux. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { PROGRAMS_MAX = 2, SECTIONS_MAX = PROGRAMS_MAX + 4, SYMBOLS_MAX = PROGRAMS_MAX + 1, NAMES_MAX = 256, ALIGNMENT = 8 };

struct object {
	Elf64_Shdr header[SECTIONS_MAX];
	const void *bytes[SECTIONS_MAX];
	uint16_t n;                   /* sections */
	uint64_t size;                /* of what lies before the section headers */
	char names[NAMES_MAX];
	uint32_t names_size;
};

static uint32_t name(struct object *o, const char *text)
{
	uint32_t at = o->names_size;

	strcpy(o->names + at, text);
	o->names_size += (uint32_t)strlen(text) + 1;
	return at;
}

/* Its number. */
static uint16_t section(struct object *o, const char *called, uint32_t type, uint64_t flags, const void *bytes, uint64_t size)
{
	o->header[o->n] = (Elf64_Shdr){ .sh_name = name(o, called), .sh_type = type, .sh_flags = flags, .sh_offset = o->size, .sh_size = size, .sh_addralign = ALIGNMENT };
	o->bytes[o->n] = bytes;
	o->size = (o->size + size + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
	return o->n++;
}

static int write_sections(const struct object *o, uint16_t strings, const char *path)
{
	Elf64_Ehdr head = { .e_type = ET_REL, .e_machine = EM_BPF, .e_version = EV_CURRENT, .e_shoff = o->size, .e_ehsize = sizeof(head),
			    .e_shentsize = sizeof(Elf64_Shdr), .e_shnum = o->n, .e_shstrndx = strings };
	uint64_t size = o->size + o->n * sizeof(Elf64_Shdr);
	uint8_t *all = calloc(1, size);
	int bad;

	if (!all)
		return no_file(path);
	memcpy(head.e_ident, ELFMAG, SELFMAG);
	head.e_ident[EI_CLASS] = ELFCLASS64;
	head.e_ident[EI_DATA] = ELFDATA2LSB;
	head.e_ident[EI_VERSION] = EV_CURRENT;
	memcpy(all, &head, sizeof(head));
	for (uint16_t k = 1; k < o->n; k++)
		memcpy(all + o->header[k].sh_offset, o->bytes[k], o->header[k].sh_size);
	memcpy(all + o->size, o->header, o->n * sizeof(Elf64_Shdr));
	bad = write_file(path, all, size);
	free(all);
	return bad ? no_file(path) : 0;
}

int object_write(const char *path, const struct object_program *programs, unsigned int n)
{
	static const char license[] = "Dual BSD/GPL";
	struct object o = { .n = 1, .size = sizeof(Elf64_Ehdr), .names_size = 1 };
	Elf64_Sym symbol[SYMBOLS_MAX] = { { 0 } };
	uint16_t strings, symbols;

	for (unsigned int k = 0; k < n; k++) {
		const struct object_program *p = &programs[k];
		uint64_t size = p->n * sizeof(*p->insns);

		symbol[k + 1] = (Elf64_Sym){ .st_name = name(&o, p->name), .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_size = size,
					     .st_shndx = section(&o, p->section, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, p->insns, size) };
	}
	section(&o, "license", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, license, sizeof(license));
	strings = section(&o, ".strtab", SHT_STRTAB, 0, o.names, sizeof(o.names));
	symbols = section(&o, ".symtab", SHT_SYMTAB, 0, symbol, (n + 1) * sizeof(*symbol));
	o.header[symbols].sh_link = strings;
	o.header[symbols].sh_info = 1; /* the first that is global */
	o.header[symbols].sh_entsize = sizeof(*symbol);
	return write_sections(&o, strings, path);
}
