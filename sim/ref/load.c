// SPDX-License-Identifier: Apache-2.0
/*
 * libbpf names the programs and describes the maps; the code itself is taken from the ELF sections
 * and relocated here, because libbpf relocates only on the way into a kernel.
 */
#include "ref.h"
#include "load_slots.h"

#include <bpf/libbpf.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Relocation types of EM_BPF that <elf.h> does not always have. */
enum {
	RELOC_CONSTANT = 1,	/* R_BPF_64_64 */
	RELOC_CALL = 10		/* R_BPF_64_32 */
};

enum {
	NO_CODE = -1
};

struct loader {
	struct ref_program *program;
	struct bpf_object *object;
	Elf *elf;
	size_t sections;
	int64_t *code_base;	/* per ELF section: where its code begins, or NO_CODE */
	size_t names;		/* section with the section names */
	Elf_Data *symbols;
	size_t symbol_count;
	size_t symbol_names;
	struct io_error *err;
};

/* ---- through libbpf ---- */

static char libbpf_sentence[256];

/* Keeps the first warning, which names the cause; what follows are its consequences. */
static int keep_warning(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	if (level == LIBBPF_WARN && !libbpf_sentence[0]) {
		vsnprintf(libbpf_sentence, sizeof(libbpf_sentence), fmt, ap);
		libbpf_sentence[strcspn(libbpf_sentence, "\n")] = '\0';
	}
	return 0;
}

/* As a loader does: arrays that are declared without entries get one for each CPU, which on the NIC is a hardware thread, and perf event arrays the only sizes
 * that they may have. */
static void size_maps(struct bpf_object *object)
{
	enum { THREADS = 32 };
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
		switch (bpf_map__max_entries(map) ? BPF_MAP_TYPE_UNSPEC : bpf_map__type(map)) {
		case BPF_MAP_TYPE_ARRAY:
		case BPF_MAP_TYPE_PERCPU_ARRAY:
		case BPF_MAP_TYPE_CPUMAP:
		case BPF_MAP_TYPE_DEVMAP:
		case BPF_MAP_TYPE_XSKMAP: bpf_map__set_max_entries(map, THREADS); break;
		default: break;
		}
	bpf_object__for_each_map(map, object)
		if (bpf_map__type(map) == BPF_MAP_TYPE_PERF_EVENT_ARRAY && !bpf_map__key_size(map) && !bpf_map__value_size(map)) {
			bpf_map__set_key_size(map, sizeof(int));
			bpf_map__set_value_size(map, sizeof(int));
		}
}

static int set_entries(struct bpf_object *object, const char *sizes, struct io_error *err)
{
	while (sizes && *sizes) {
		size_t length = strcspn(sizes, "=");
		struct bpf_map *map, *found = NULL;
		char *end = NULL;
		unsigned long long entries = sizes[length] && isdigit((unsigned char)sizes[length + 1]) ? strtoull(sizes + length + 1, &end, 10) : 0;

		bpf_object__for_each_map(map, object)
			if (strlen(bpf_map__name(map)) == length && !memcmp(bpf_map__name(map), sizes, length))
				found = map;
		if (!found || !entries || entries > UINT32_MAX || (*end && *end != ':') || bpf_map__set_max_entries(found, (uint32_t)entries))
			return io_fail(err, "'%s' is not an object's map, '=' and a number of entries", sizes);
		sizes = end + (*end == ':');
	}
	return 0;
}

struct bpf_object *ref_open_object(const char *path, const char *entries, struct io_error *err)
{
	struct bpf_object *object;

	libbpf_sentence[0] = '\0';
	libbpf_set_print(keep_warning);
	object = bpf_object__open_file(path, NULL);
	if (object && set_entries(object, entries, err)) {
		bpf_object__close(object);
		return NULL;
	}
	if (object)
		size_maps(object);
	else
		io_fail(err, "%s cannot be opened as a BPF object: %s", path,
			libbpf_sentence[0] ? libbpf_sentence : strerror(errno));
	return object;
}

struct bpf_program *ref_choose_program(struct bpf_object *object, const struct ref_choice *choice,
				       struct io_error *err)
{
	struct bpf_program *program, *found = NULL;
	unsigned int count = 0;

	bpf_object__for_each_program(program, object) {
		if (choice->program && strcmp(choice->program, bpf_program__name(program)))
			continue;
		if (choice->section && strcmp(choice->section, bpf_program__section_name(program)))
			continue;
		found = program;
		count++;
	}
	if (!count)
		io_fail(err, "the object has no such program");
	else if (count > 1)
		io_fail(err, "the object has %u programs that fit; name one with --prog", count);
	return count == 1 ? found : NULL;
}

bool ref_is_classifier(const struct bpf_program *program)
{
	return bpf_program__type(program) == BPF_PROG_TYPE_SCHED_CLS;
}

static bool is_interpreted(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_HASH ||
	       type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH ||
	       type == BPF_MAP_TYPE_LRU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH || type == BPF_MAP_TYPE_LPM_TRIE ||

	       type == BPF_MAP_TYPE_PROG_ARRAY || type == BPF_MAP_TYPE_DEVMAP ||
	       type == BPF_MAP_TYPE_DEVMAP_HASH || type == BPF_MAP_TYPE_CPUMAP ||
	       type == BPF_MAP_TYPE_XSKMAP || type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

static bool has_no_keys(uint32_t type)
{
	return type == BPF_MAP_TYPE_RINGBUF || type == BPF_MAP_TYPE_PERF_EVENT_ARRAY || type == BPF_MAP_TYPE_QUEUE ||
	       type == BPF_MAP_TYPE_STACK || type == BPF_MAP_TYPE_BLOOM_FILTER;
}

bool ref_shows_map(const struct bpf_map *map)
{
	bool constant = bpf_map__is_internal(map) &&
			bpf_map__map_flags(map) & BPF_F_RDONLY_PROG;

	return is_interpreted(bpf_map__type(map)) && !constant;
}

/* Maps of other types stay NULL; code that refers to them becomes a trap. */
static int create_maps(struct loader *loader)
{
	struct ref_program *program = loader->program;
	struct bpf_map *map;
	uint32_t count = 0;

	bpf_object__for_each_map(map, loader->object)
		count++;
	program->maps = calloc((size_t)count + 1, sizeof(struct ref_map *));
	if (!program->maps)
		return io_fail(loader->err, "out of memory");
	program->map_count = count;
	count = 0;
	bpf_object__for_each_map(map, loader->object) {
		struct ref_map_spec spec = {
			.name = bpf_map__name(map),
			.type = bpf_map__type(map),
			.key_size = bpf_map__key_size(map),
			.value_size = bpf_map__value_size(map),
			.max_entries = bpf_map__max_entries(map),
			.read_only = bpf_map__map_flags(map) & BPF_F_RDONLY_PROG,
			.lock = ref_field_of(loader->object, map, "bpf_spin_lock"),
			.timer = ref_field_of(loader->object, map, "bpf_timer"),
			.hidden = !ref_shows_map(map),
			.extra = bpf_map__map_extra(map),
		};
		size_t size;
		const void *initial = bpf_map__initial_value(map, &size);

		if (is_interpreted(spec.type) || has_no_keys(spec.type)) {
			program->maps[count] = ref_map_create(&spec, loader->err);
			if (!program->maps[count])
				return -1;
			if (initial)
				memcpy(ref_map_bytes(program->maps[count], 0, spec.value_size),
				       initial, spec.value_size);
		}
		count++;
	}
	return 0;
}

/* ---- through libelf ---- */

static bool section_header(struct loader *loader, size_t index, GElf_Shdr *header)
{
	Elf_Scn *section = elf_getscn(loader->elf, index);

	return section && gelf_getshdr(section, header);
}

static const char *section_name(struct loader *loader, size_t index)
{
	const char *name = NULL;
	GElf_Shdr header;

	if (section_header(loader, index, &header))
		name = elf_strptr(loader->elf, loader->names, header.sh_name);
	return name ? name : "";
}

static Elf_Data *section_data(struct loader *loader, size_t index)
{
	Elf_Scn *section = elf_getscn(loader->elf, index);

	return section ? elf_getdata(section, NULL) : NULL;
}

static const char *symbol_name(struct loader *loader, const GElf_Sym *symbol)
{
	const char *name = elf_strptr(loader->elf, loader->symbol_names, symbol->st_name);

	return name ? name : "";
}

static int read_symbols(struct loader *loader)
{
	GElf_Shdr header;

	for (size_t i = 1; i < loader->sections; i++) {
		if (!section_header(loader, i, &header) || header.sh_type != SHT_SYMTAB)
			continue;
		loader->symbols = section_data(loader, i);
		loader->symbol_names = header.sh_link;
		if (loader->symbols && header.sh_entsize)
			loader->symbol_count = loader->symbols->d_size / header.sh_entsize;
	}
	return loader->symbol_count ? 0 : io_fail(loader->err, "the object has no symbols");
}

static bool get_symbol(struct loader *loader, size_t index, GElf_Sym *symbol)
{
	return index < loader->symbol_count && gelf_getsym(loader->symbols, (int)index, symbol);
}

static int append_section(struct loader *loader, size_t index)
{
	struct ref_program *program = loader->program;
	Elf_Data *data = section_data(loader, index);
	struct bpf_insn *more;
	size_t count;

	if (!data || data->d_size % sizeof(struct bpf_insn))
		return io_fail(loader->err, "section %s does not hold whole instructions",
			       section_name(loader, index));
	count = data->d_size / sizeof(struct bpf_insn);
	more = realloc(program->insns, (program->count + count + 1) * sizeof(*more));
	if (!more)
		return io_fail(loader->err, "out of memory");
	program->insns = more;
	if (count)
		memcpy(more + program->count, data->d_buf, data->d_size);
	loader->code_base[index] = program->count;
	program->count += (uint32_t)count;
	return 0;
}

/* The chosen program's section goes first, so that its instruction numbers are those of objdump. */
static int append_code(struct loader *loader, size_t first)
{
	GElf_Shdr header;

	if (append_section(loader, first))
		return -1;
	for (size_t i = 1; i < loader->sections; i++) {
		if (i == first || !section_header(loader, i, &header) ||
		    header.sh_type != SHT_PROGBITS || !(header.sh_flags & SHF_EXECINSTR))
			continue;
		if (append_section(loader, i))
			return -1;
	}
	return 0;
}

static bool is_function(struct loader *loader, const GElf_Sym *symbol, const struct bpf_program *program)
{
	const char *section;

	if (GELF_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_shndx >= loader->sections ||
	    strcmp(symbol_name(loader, symbol), bpf_program__name(program)))
		return false;
	section = section_name(loader, symbol->st_shndx);
	return !strcmp(section + (*section == '?'), bpf_program__section_name(program)); /* libbpf takes the mark off */
}

static int find_entry(struct loader *loader, const struct bpf_program *chosen)
{
	GElf_Sym symbol;

	for (size_t i = 0; get_symbol(loader, i, &symbol); i++) {
		if (!is_function(loader, &symbol, chosen))
			continue;
		loader->program->entry = (uint32_t)(symbol.st_value / sizeof(struct bpf_insn));
		return append_code(loader, symbol.st_shndx);
	}
	return io_fail(loader->err, "program %s has no symbol", bpf_program__name(chosen));
}

static bool find_function(struct loader *loader, const struct bpf_program *program, uint32_t *insn)
{
	GElf_Sym symbol;

	for (size_t i = 0; get_symbol(loader, i, &symbol); i++) {
		if (!is_function(loader, &symbol, program) || loader->code_base[symbol.st_shndx] == NO_CODE)
			continue;
		*insn = (uint32_t)(loader->code_base[symbol.st_shndx] +
				   (int64_t)(symbol.st_value / sizeof(struct bpf_insn)));
		return true;
	}
	return false;
}

/* The programs that tail calls may lead to. */
static int find_entries(struct loader *loader)
{
	struct ref_program *program = loader->program;
	struct bpf_program *each;
	uint32_t count = 0;

	bpf_object__for_each_program(each, loader->object)
		count++;
	program->entries = calloc((size_t)count + 1, sizeof(*program->entries));
	if (!program->entries)
		return io_fail(loader->err, "out of memory");
	bpf_object__for_each_program(each, loader->object) {
		struct ref_entry *entry = &program->entries[program->entry_count];

		if (!find_function(loader, each, &entry->insn))
			continue;
		entry->name = strdup(bpf_program__name(each));
		if (!entry->name)
			return io_fail(loader->err, "out of memory");
		program->entry_count++;
	}
	return 0;
}

/* ---- relocation ---- */

static int __attribute__((format(printf, 3, 4)))
add_trap(struct loader *loader, uint32_t insn, const char *fmt, ...)
{
	struct ref_program *program = loader->program;
	struct ref_trap *more;
	va_list ap;
	char *why;
	int length;

	va_start(ap, fmt);
	length = vasprintf(&why, fmt, ap);
	va_end(ap);
	if (length < 0)
		return io_fail(loader->err, "out of memory");
	more = realloc(program->traps, (program->trap_count + 1) * sizeof(*more));
	if (!more) {
		free(why);
		return io_fail(loader->err, "out of memory");
	}
	program->traps = more;
	program->traps[program->trap_count++] = (struct ref_trap){ insn, why };
	return 0;
}

/* libbpf puts a prefix before .data, .rodata and .bss; the names of other sections it keeps. */
static bool is_map_of_section(const struct bpf_map *map, const char *section)
{
	const char *name = bpf_map__name(map);
	size_t length = strlen(name), tail = strlen(section);

	return bpf_map__is_internal(map) && tail && tail <= length &&
	       !strcmp(name + length - tail, section);
}

static int find_map(struct loader *loader, const char *name, bool by_section)
{
	struct bpf_map *map;
	int index = 0;

	bpf_object__for_each_map(map, loader->object) {
		if (by_section ? is_map_of_section(map, name) :
				 !strcmp(bpf_map__name(map), name))
			return index;
		index++;
	}
	return -1;
}

static void set_constant(struct bpf_insn *insn, uint64_t address)
{
	insn[0].src_reg = 0;
	insn[0].imm = (int32_t)(uint32_t)address;
	insn[1].imm = (int32_t)(uint32_t)(address >> 32);
}

static int relocate_constant(struct loader *loader, uint32_t at, const GElf_Sym *symbol)
{
	struct bpf_insn *insn = &loader->program->insns[at];
	const char *section, *name = symbol_name(loader, symbol);
	bool is_map;
	uint64_t address;
	int map;

	if (insn->code != (BPF_LD | BPF_DW | BPF_IMM) || at + 1 >= loader->program->count)
		return io_fail(loader->err, "instruction %u is not one that can be relocated", at);
	if (symbol->st_shndx == SHN_UNDEF && GELF_ST_BIND(symbol->st_info) == STB_WEAK) {
		set_constant(insn, (uint64_t)!!ref_kfunc(name)); /* asked for, not used */
		return 0;
	}
	if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= loader->sections)
		return add_trap(loader, at, "%s is not defined in the object", name);
	if (loader->code_base[symbol->st_shndx] != NO_CODE) {
		address = ref_code_address((uint32_t)(loader->code_base[symbol->st_shndx] +
						      (int64_t)(symbol->st_value + (uint64_t)(int64_t)insn->imm) / 8));
		set_constant(insn, address);
		return 0;
	}
	section = section_name(loader, symbol->st_shndx);
	is_map = !strcmp(section, ".maps");
	map = find_map(loader, is_map ? name : section, !is_map);
	if (map < 0)
		return io_fail(loader->err, "%s in section %s is neither a map nor global data",
			       name, section);
	if (!loader->program->maps[map])
		return add_trap(loader, at, "map %s is of a type that is not interpreted", name);
	address = ref_map_address((uint32_t)map);
	if (!is_map)
		address = ref_value_address((uint32_t)map,
					    symbol->st_value + (uint64_t)(int64_t)insn->imm);
	set_constant(insn, address);
	return 0;
}

static int relocate_call(struct loader *loader, uint32_t at, const GElf_Sym *symbol)
{
	struct bpf_insn *insn = &loader->program->insns[at];
	int64_t target;

	if (insn->code != (BPF_JMP | BPF_CALL))
		return io_fail(loader->err, "instruction %u is not one that can be relocated", at);
	if (symbol->st_shndx == SHN_UNDEF && ref_kfunc(symbol_name(loader, symbol))) {
		insn->src_reg = BPF_PSEUDO_KFUNC_CALL;
		insn->imm = ref_kfunc(symbol_name(loader, symbol));
		return 0;
	}
	if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= loader->sections ||
	    loader->code_base[symbol->st_shndx] == NO_CODE)
		return add_trap(loader, at, "function %s is not defined in the object",
				symbol_name(loader, symbol));
	target = loader->code_base[symbol->st_shndx] +
		 (int64_t)(symbol->st_value / sizeof(*insn)) + insn->imm + 1;
	insn->imm = (int32_t)(target - at - 1);
	return 0;
}

static int relocate_section(struct loader *loader, size_t index, const GElf_Shdr *header)
{
	Elf_Data *data = section_data(loader, index);
	size_t count = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;
	size_t size = 0;
	Elf_Data *code = section_data(loader, header->sh_info);

	if (code)
		size = code->d_size;
	for (size_t i = 0; i < count; i++) {
		GElf_Sym symbol;
		GElf_Rel rel;
		uint32_t at;
		int result;

		if (!gelf_getrel(data, (int)i, &rel) ||
		    !get_symbol(loader, GELF_R_SYM(rel.r_info), &symbol) ||
		    rel.r_offset >= size || rel.r_offset % sizeof(struct bpf_insn))
			return io_fail(loader->err, "a relocation of section %s is damaged",
				       section_name(loader, header->sh_info));
		at = (uint32_t)(loader->code_base[header->sh_info] +
				(int64_t)(rel.r_offset / sizeof(struct bpf_insn)));
		switch (GELF_R_TYPE(rel.r_info)) {
		case RELOC_CONSTANT:
			result = relocate_constant(loader, at, &symbol);
			break;
		case RELOC_CALL:
			result = relocate_call(loader, at, &symbol);
			break;
		default:
			result = io_fail(loader->err, "relocation type %u is unknown",
					 (unsigned int)GELF_R_TYPE(rel.r_info));
		}
		if (result)
			return result;
	}
	return 0;
}

static int relocate(struct loader *loader)
{
	GElf_Shdr header;

	for (size_t i = 1; i < loader->sections; i++) {
		if (!section_header(loader, i, &header) || header.sh_type != SHT_REL ||
		    header.sh_info >= loader->sections ||
		    loader->code_base[header.sh_info] == NO_CODE)
			continue;
		if (relocate_section(loader, i, &header))
			return -1;
	}
	return 0;
}

static int load_code(struct loader *loader, const struct bpf_program *chosen)
{
	if (elf_getshdrnum(loader->elf, &loader->sections) ||
	    elf_getshdrstrndx(loader->elf, &loader->names))
		return io_fail(loader->err, "the ELF sections cannot be read: %s", elf_errmsg(-1));
	loader->code_base = malloc((loader->sections + 1) * sizeof(*loader->code_base));
	if (!loader->code_base)
		return io_fail(loader->err, "out of memory");
	for (size_t i = 0; i <= loader->sections; i++)
		loader->code_base[i] = NO_CODE;
	if (read_symbols(loader) || find_entry(loader, chosen) || find_entries(loader) ||
	    load_slots(loader->program, bpf_object__btf(loader->object), loader->elf, loader->names,
		       loader->err) ||
	    ref_add_spare(loader->program, loader->object, loader->err))
		return -1;
	return relocate(loader);
}

int ref_load(struct ref_program *program, const char *path, const struct ref_choice *choice,
	     struct io_error *err)
{
	struct loader loader = { .program = program, .err = err };
	struct bpf_program *chosen;
	int result = -1, file;

	memset(program, 0, sizeof(*program));
	loader.object = ref_open_object(path, choice->entries, err);
	if (!loader.object)
		return -1;
	file = open(path, O_RDONLY | O_CLOEXEC);
	elf_version(EV_CURRENT);
	loader.elf = elf_begin(file, ELF_C_READ, NULL);
	chosen = ref_choose_program(loader.object, choice, err);
	if (!loader.elf)
		io_fail(err, "%s is not an ELF file: %s", path, elf_errmsg(-1));
	else if (chosen && !create_maps(&loader))
		result = load_code(&loader, chosen);
	if (chosen)
		program->tc = ref_is_classifier(chosen);
	free(loader.code_base);
	elf_end(loader.elf);
	if (file >= 0)
		close(file);
	bpf_object__close(loader.object);
	if (result)
		ref_unload(program);
	return result;
}

void ref_unload(struct ref_program *program)
{
	for (uint32_t i = 0; i < program->map_count; i++)
		ref_map_free(program->maps[i]);
	for (uint32_t i = 0; i < program->trap_count; i++)
		free(program->traps[i].why);
	for (uint32_t i = 0; i < program->entry_count; i++)
		free(program->entries[i].name);
	free(program->entries);
	free(program->maps);
	free(program->traps);
	free(program->insns);
	memset(program, 0, sizeof(*program));
}
