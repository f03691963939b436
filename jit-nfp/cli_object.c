// SPDX-License-Identifier: Apache-2.0
/* An eBPF object as clang writes it, for the loaders of Linux. */
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { PROGRAMS_MAX = 2, NAMES_MAX = 256, ALIGNMENT = 8 };

struct names {
	char text[NAMES_MAX];
	size_t size;
};

static uint32_t name(struct names *all, const char *text)
{
	size_t at = all->size;

	strcpy(all->text + at, text);
	all->size += strlen(text) + 1;
	return (uint32_t)at;
}

/* A section of these bytes, which stay the caller's. */
static Elf_Scn *section(Elf *elf, struct names *names, const char *called, Elf64_Shdr header, void *bytes, size_t size)
{
	Elf_Scn *scn = elf_newscn(elf);
	Elf_Data *data = scn ? elf_newdata(scn) : NULL;

	if (!data)
		return NULL;
	header.sh_name = name(names, called);
	header.sh_addralign = ALIGNMENT;
	*data = (Elf_Data){ .d_buf = bytes, .d_size = size, .d_align = ALIGNMENT, .d_version = EV_CURRENT,
			    .d_type = header.sh_type == SHT_SYMTAB ? ELF_T_SYM : ELF_T_BYTE };
	return gelf_update_shdr(scn, &header) ? scn : NULL;
}

static int fill(Elf *elf, const struct object_program *programs, unsigned int n)
{
	static char license[] = "Dual BSD/GPL";
	static struct names names;      /* until elf_update() has written them */
	static Elf64_Sym symbol[PROGRAMS_MAX + 1];
	Elf64_Ehdr head = { .e_type = ET_REL, .e_machine = EM_BPF, .e_version = EV_CURRENT };
	Elf64_Shdr code = { .sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC | SHF_EXECINSTR };
	Elf64_Shdr data = { .sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC | SHF_WRITE }, symbols = { .sh_type = SHT_SYMTAB, .sh_entsize = sizeof(*symbol) };
	Elf_Scn *strings;

	names.size = 1;
	if (!gelf_newehdr(elf, ELFCLASS64))
		return -1;
	for (unsigned int k = 0; k < n; k++) {
		const struct object_program *p = &programs[k];
		Elf_Scn *scn = section(elf, &names, p->section, code, (void *)p->insns, p->n * sizeof(*p->insns));

		if (!scn)
			return -1;
		symbol[k + 1] = (Elf64_Sym){ .st_name = name(&names, p->name), .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
					     .st_size = p->n * sizeof(*p->insns), .st_shndx = (Elf64_Section)elf_ndxscn(scn) };
	}
	strings = section(elf, &names, "license", data, license, sizeof(license)) ?
		  section(elf, &names, ".strtab", (Elf64_Shdr){ .sh_type = SHT_STRTAB }, names.text, sizeof(names.text)) : NULL;
	if (!strings)
		return -1;
	symbols.sh_link = head.e_shstrndx = (Elf64_Half)elf_ndxscn(strings);
	symbols.sh_info = 1; /* the first that is global */
	if (!section(elf, &names, ".symtab", symbols, symbol, (n + 1) * sizeof(*symbol)))
		return -1;
	head.e_ident[EI_DATA] = ELFDATA2LSB;
	return gelf_update_ehdr(elf, &head) ? 0 : -1;
}

int object_write(const char *path, const struct object_program *programs, unsigned int n)
{
	FILE *f = tmpfile(); /* libelf writes files only, and no pipes */
	Elf *elf = f && elf_version(EV_CURRENT) != EV_NONE ? elf_begin(fileno(f), ELF_C_WRITE, NULL) : NULL;
	size_t size = 0;
	char *bytes;
	int code;

	if (elf && !fill(elf, programs, n) && elf_update(elf, ELF_C_WRITE) > 0)
		size = (size_t)lseek(fileno(f), 0, SEEK_END);
	elf_end(elf);
	bytes = size ? malloc(size) : NULL;
	code = bytes && pread(fileno(f), bytes, size, 0) == (ssize_t)size && !write_file(path, bytes, size) ? 0 : no_file(path);
	free(bytes);
	if (f)
		fclose(f);
	return code;
}
