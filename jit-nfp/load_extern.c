// SPDX-License-Identifier: Apache-2.0
/* What the object leaves for others to define: objects that are linked together, and names that nobody defines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "load_impl.h"

/* Declared as something of the kernel: __ksym or __kconfig. */
static int is_of_kernel(const struct btf *btf, const char *name)
{
	static const char *const sections[] = { ".ksyms", ".kconfig" };

	for (size_t k = 0; btf && k < sizeof(sections) / sizeof(*sections); k++) {
		int32_t id = btf__find_by_name_kind(btf, sections[k], BTF_KIND_DATASEC);
		const struct btf_type *t = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;

		for (uint32_t n = 0; t && n < btf_vlen(t); n++) {
			const struct btf_type *v = btf__type_by_id(btf, btf_var_secinfos(t)[n].type);

			if (v && !strcmp(btf__str_by_offset(btf, v->name_off), name))
				return 1;
		}
	}
	return 0;
}

static int is_undefined(const GElf_Sym *sym)
{
	return sym->st_shndx == SHN_UNDEF && GELF_ST_BIND(sym->st_info) == STB_GLOBAL;
}

int load_check_symbols(struct load *l)
{
	GElf_Shdr sh;
	Elf_Data *syms = load_symbols(l, &sh), *types = load_section(l, ".BTF");
	struct btf *btf = types ? btf__new(types->d_buf, (uint32_t)types->d_size) : NULL;
	int missing = 0;
	GElf_Sym sym;

	for (int n = 0; syms && gelf_getsym(syms, n, &sym); n++) {
		const char *name = elf_strptr(l->elf, sh.sh_link, sym.st_name);

		if (!is_undefined(&sym) || !name || !*name || is_of_kernel(btf, name))
			continue;
		missing = load_fail(l, -1, "the object refers to %s, which it does not define", name);
		load_note(l, "include the header that defines it, or name the object that does as well: nicjit a.o b.o");
		if (load_go_on(l))
			break;
	}
	btf__free(btf);
	if (missing)
		diag_sort(l->diag);
	return missing;
}

int load_link(const char *const *paths, size_t n, char *result, size_t size, struct diag *d)
{
	struct bpf_linker *linker;
	int bad, fd;

	snprintf(result, size, "/tmp/nicjit.XXXXXX");
	fd = mkstemp(result);
	if (fd < 0) {
		snprintf(d->text, sizeof(d->text), "there is no room in /tmp to link the objects");
		return -1;
	}
	close(fd);
	load_catch_messages();
	linker = bpf_linker__new(result, NULL);
	bad = !linker;
	for (size_t k = 0; k < n && !bad; k++)
		bad = bpf_linker__add_file(linker, paths[k], NULL);
	bad = bad || bpf_linker__finalize(linker);
	bpf_linker__free(linker);
	if (!bad)
		return 0;
	unlink(result);
	snprintf(d->text, sizeof(d->text), "the objects can't be linked: %s", load_last_message());
	return -1;
}
