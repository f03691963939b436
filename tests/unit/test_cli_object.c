// SPDX-License-Identifier: Apache-2.0
/* Objects for Linux: libelf and libbpf find in them what was given, in the sections that loaders look for.
 * Also of cli_file.c. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <gelf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "jit-nfp/cli.h"

#define RETURN(verdict) { .code = EC_ALU64 | EBPF_MOV, .imm = (verdict) }, { .code = EC_JMP | EBPF_EXIT }

static const struct ebpf_insn pass[] = { RETURN(2) }, drop[] = { { .code = EC_ALU64 | EBPF_MOV, .regs = 1, .off = -2, .imm = -77 }, RETURN(1) };
static const struct object_program programs[] = { { "xdp", "passes", pass, 2 }, { "tc", "drops", drop, 3 } };
enum { PROGRAMS = sizeof(programs) / sizeof(*programs), PATH_BYTES = 40 };

/* The object of the first n programs, in a file of its own. */
static void write_object(char *path, unsigned int n)
{
	int fd;

	strcpy(path, "/tmp/test_cli_object.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(object_write(path, programs, n), 0);
}

static void libbpf_finds_the_programs(void **state)
{
	char path[PATH_BYTES];

	(void)state;
	for (unsigned int n = 1; n <= PROGRAMS; n++) {
		struct bpf_program *p = NULL;
		struct bpf_object *object;
		unsigned int k = 0;

		write_object(path, n);
		object = bpf_object__open_file(path, NULL);
		assert_int_equal(libbpf_get_error(object), 0);
		bpf_object__for_each_program(p, object) {
			assert_true(k < n);
			assert_string_equal(bpf_program__name(p), programs[k].name);
			assert_string_equal(bpf_program__section_name(p), programs[k].section);
			assert_int_equal(bpf_program__insn_cnt(p), programs[k].n);
			assert_memory_equal(bpf_program__insns(p), programs[k].insns, programs[k].n * sizeof(struct ebpf_insn));
			k++;
		}
		assert_int_equal(k, n);
		bpf_object__close(object);
		unlink(path);
	}
}

static Elf_Scn *section_of_type(Elf *elf, uint32_t type, GElf_Shdr *header)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(elf, scn)) && gelf_getshdr(scn, header))
		if (header->sh_type == type)
			break;
	assert_non_null(scn);
	return scn;
}

static Elf_Scn *section_of_name(Elf *elf, const char *name, GElf_Shdr *header)
{
	Elf_Scn *scn = NULL;
	size_t names;

	assert_int_equal(elf_getshdrstrndx(elf, &names), 0);
	while ((scn = elf_nextscn(elf, scn)) && gelf_getshdr(scn, header))
		if (!strcmp(elf_strptr(elf, names, header->sh_name), name))
			break;
	assert_non_null(scn);
	return scn;
}

static void check_header(Elf *elf)
{
	GElf_Ehdr header;

	assert_non_null(gelf_getehdr(elf, &header));
	assert_int_equal(header.e_type, ET_REL);
	assert_int_equal(header.e_machine, EM_BPF);
	assert_int_equal(header.e_ident[EI_CLASS], ELFCLASS64);
	assert_int_equal(header.e_ident[EI_DATA], ELFDATA2LSB);
}

/* Linux lets programs call its helpers that are GPL only by what stands there. */
static void check_license(Elf *elf)
{
	GElf_Shdr header;
	Elf_Data *data = elf_getdata(section_of_name(elf, "license", &header), NULL);

	assert_int_equal(data->d_size, sizeof("Dual BSD/GPL"));
	assert_string_equal(data->d_buf, "Dual BSD/GPL");
}

static void check_symbols(Elf *elf)
{
	GElf_Shdr table, code;
	Elf_Scn *scn = section_of_type(elf, SHT_SYMTAB, &table);
	Elf_Data *data = elf_getdata(scn, NULL);

	assert_int_equal(table.sh_size / table.sh_entsize, PROGRAMS + 1);
	assert_int_equal(table.sh_info, 1);
	for (int k = 0; k < PROGRAMS; k++) {
		GElf_Sym symbol;

		assert_non_null(gelf_getsym(data, k + 1, &symbol));
		assert_string_equal(elf_strptr(elf, table.sh_link, symbol.st_name), programs[k].name);
		assert_int_equal(GELF_ST_TYPE(symbol.st_info), STT_FUNC);
		assert_int_equal(GELF_ST_BIND(symbol.st_info), STB_GLOBAL);
		assert_int_equal(symbol.st_size, programs[k].n * sizeof(struct ebpf_insn));
		assert_int_equal(symbol.st_shndx, elf_ndxscn(section_of_name(elf, programs[k].section, &code)));
		assert_int_equal(code.sh_flags, SHF_ALLOC | SHF_EXECINSTR);
	}
}

static void sections_are_those_of_clang(void **state)
{
	char path[PATH_BYTES];
	size_t size;
	char *bytes;
	Elf *elf;

	(void)state;
	write_object(path, PROGRAMS);
	bytes = read_file(path, &size);
	assert_non_null(bytes);
	unlink(path);
	elf_version(EV_CURRENT);
	elf = elf_memory(bytes, size);
	assert_non_null(elf);
	check_header(elf);
	check_license(elf);
	check_symbols(elf);
	elf_end(elf);
	free(bytes);
}

static void the_same_twice(void **state)
{
	char path[2][PATH_BYTES], *bytes[2];
	size_t size[2];

	(void)state;
	for (int n = 0; n < 2; n++) {
		write_object(path[n], PROGRAMS);
		bytes[n] = read_file(path[n], &size[n]);
		unlink(path[n]);
	}
	assert_int_equal(size[0], size[1]);
	assert_memory_equal(bytes[0], bytes[1], size[0]);
	free(bytes[0]);
	free(bytes[1]);
}

static void no_such_folder(void **state)
{
	(void)state;
	assert_int_equal(object_write("/nowhere/at/all.o", programs, 1), EXIT_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(libbpf_finds_the_programs),
		cmocka_unit_test(sections_are_those_of_clang),
		cmocka_unit_test(the_same_twice),
		cmocka_unit_test(no_such_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
