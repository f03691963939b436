/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * What a firmware image needs of ELF (System V ABI, ELF-64 object file format). Own header because writer and reader are freestanding:
 * they go into the Linux module, too.
 */
#ifndef HW_SPEC_IMAGE_ELF_H
#define HW_SPEC_IMAGE_ELF_H

#include <stdint.h>

enum { ELF_IDENT = 16, ELF_CLASS_64 = 2, ELF_DATA_LITTLE = 1, ELF_VERSION_1 = 1 };
enum { ELF_TYPE_EXEC = 2, ELF_MACHINE_NONE = 0, ELF_SECTION_PROGBITS = 1, ELF_SECTION_STRTAB = 3 };

struct elf_header {           /* Elf64_Ehdr */
	uint8_t ident[ELF_IDENT]; /* 0x7f E L F, class, data, version, zeroes */
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_section {          /* Elf64_Shdr */
	uint32_t name, type;
	uint64_t flags, addr, offset, size;
	uint32_t link, info;
	uint64_t addralign, entsize;
};

#endif
