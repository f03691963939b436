// SPDX-License-Identifier: Apache-2.0
/* BTF: is it sound, is a function an XDP program, which source line is an instruction of, does it
 * need a kernel. */
#include <stdlib.h>
#include <string.h>
#include "load_impl.h"

enum { MAX_DEPTH = 32 };

/* The type behind typedefs and qualifiers, or NULL when there is none or they never end. */
const struct btf_type *load_plain_type(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	for (int depth = 0; t && (btf_is_mod(t) || btf_is_typedef(t)); depth++)
		t = depth < MAX_DEPTH ? btf__type_by_id(btf, t->type) : NULL;
	return t;
}

static const char *type_name(const struct btf *btf, const struct btf_type *t)
{
	const char *name = t ? btf__name_by_offset(btf, t->name_off) : NULL;

	return name ? name : "";
}

int load_takes(const struct btf *btf, const char *function, const char *structure)
{
	__s32 id = btf ? btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) : -1;
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;

	t = t ? btf__type_by_id(btf, t->type) : NULL;
	if (!t || !btf_is_func_proto(t) || btf_vlen(t) != 1)
		return 0;
	t = load_plain_type(btf, btf_params(t)->type);
	t = t && btf_is_ptr(t) ? load_plain_type(btf, t->type) : NULL;
	return t && btf_is_struct(t) && !strcmp(type_name(btf, t), structure);
}

/* Types a type names, one after the other; n from 0. 0 at the end. */
static int reference(const struct btf_type *t, unsigned int n, uint32_t *id)
{
	unsigned int vlen = btf_vlen(t);

	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
	case BTF_KIND_TYPE_TAG:
		*id = t->type;
		return n < 1;
	case BTF_KIND_ARRAY:
		*id = n ? btf_array(t)->index_type : btf_array(t)->type;
		return n < 2;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		if (n < vlen)
			*id = btf_members(t)[n].type;
		return n < vlen;
	case BTF_KIND_FUNC_PROTO:
		*id = n < vlen ? btf_params(t)[n].type : t->type;
		return n <= vlen;
	case BTF_KIND_DATASEC:
		if (n < vlen)
			*id = btf_var_secinfos(t)[n].type;
		return n < vlen;
	default:
		return 0;
	}
}

/* Offset in the string table of the name of a member or parameter; n from 0. 0 at the end. */
static int inner_name(const struct btf_type *t, unsigned int n, uint32_t *off)
{
	if (n >= btf_vlen(t))
		return 0;
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		*off = btf_members(t)[n].name_off;
		return 1;
	case BTF_KIND_FUNC_PROTO:
		*off = btf_params(t)[n].name_off;
		return 1;
	case BTF_KIND_ENUM:
		*off = btf_enum(t)[n].name_off;
		return 1;
	default:
		return 0;
	}
}

static int type_is_sound(const struct btf *btf, const struct btf_type *t)
{
	uint32_t types = btf__type_cnt(btf), id = 0, off = 0;
	const struct btf_type *to;

	if (!btf__str_by_offset(btf, t->name_off))
		return 0;
	for (unsigned int n = 0; inner_name(t, n, &off); n++)
		if (!btf__str_by_offset(btf, off))
			return 0;
	for (unsigned int n = 0; reference(t, n, &id); n++) {
		if (id >= types)
			return 0;
		to = btf__type_by_id(btf, id);
		if (!load_plain_type(btf, id))
			return 0;
		if ((btf_is_func(t) && !btf_is_func_proto(to)) ||
		    (btf_is_datasec(t) && !btf_is_var(to) && !btf_is_func(to)))
			return 0;
	}
	return 1;
}

/* Constants that the compiler has put elsewhere, as into .rodata.cst16, while it says .rodata: libbpf does not open the object. */
static int check_section(struct load *l, const struct btf *btf, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(btf, t->name_off);

	if (!btf_is_datasec(t) || !name || (strncmp(name, ".rodata", 7) && strncmp(name, ".data", 5)) || load_section(l, name))
		return 0;
	load_fail(l, -1, "the object's type information (BTF) has variables in section %s, and the object has no such section", name);
	return load_note(l, "compile with clang 16 or later, or declare small constant arrays volatile");
}

int load_check_btf(struct load *l)
{
	Elf_Data *data = load_section(l, ".BTF");
	struct btf *btf;
	int sound = 1;

	if (!data)
		return 0;
	btf = btf__new(data->d_buf, (__u32)data->d_size);
	if (!btf)
		return load_fail(l, -1, "the object's type information (BTF) is damaged");
	for (uint32_t id = 1; sound && id < btf__type_cnt(btf); id++)
		sound = type_is_sound(btf, btf__type_by_id(btf, id));
	for (uint32_t id = 1; sound && id < btf__type_cnt(btf); id++)
		if (check_section(l, btf, btf__type_by_id(btf, id))) {
			btf__free(btf);
			return -1;
		}
	btf__free(btf);
	return sound ? 0 : load_fail(l, -1, "the object's type information (BTF) is damaged");
}

/* .BTF.ext: a header, then tables of records grouped by section. */
struct ext_header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t header_len;
	uint32_t func_off, func_len, line_off, line_len; /* from the end of the header */
	uint32_t core_off, core_len;
};
enum { EXT_OLD_HEADER = offsetof(struct ext_header, core_off), EXT_MAGIC = 0xeb9f };

struct ext_table {
	const uint8_t *at, *end;
	uint32_t record; /* bytes each */
};

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Sets up t as the table at off from the header's end; empty when it does not fit. */
static void open_table(struct ext_table *t, const Elf_Data *data, uint32_t header, uint32_t off,
		       uint32_t len, uint32_t least)
{
	const uint8_t *bytes = data->d_buf;
	uint64_t start = (uint64_t)header + off;

	memset(t, 0, sizeof(*t));
	if (len < 4 || start + len > data->d_size)
		return;
	t->record = get32(bytes + start);
	if (t->record < least || t->record % 4)
		return;
	t->at = bytes + start + 4;
	t->end = bytes + start + len;
}

/* Next group of records; *n of them start at the result. NULL at the end. */
static const uint8_t *next_group(struct ext_table *t, uint32_t *name, uint32_t *n)
{
	const uint8_t *records;
	uint64_t size;

	if (!t->at || t->end - t->at < 8)
		return NULL;
	records = t->at + 8;
	*name = get32(t->at);
	*n = get32(t->at + 4);
	size = (uint64_t)*n * t->record;
	if (size > (uint64_t)(t->end - records))
		return NULL;
	t->at = records + size;
	return records;
}

/* Instruction that a record at byte offset off of a section of that name is about, or -1. */
static int64_t insn_at(struct load *l, const char *section, uint32_t off)
{
	for (uint32_t n = 0; n < l->n_functions; n++) {
		Elf_Scn *scn = elf_getscn(l->elf, l->functions[n].section);
		GElf_Shdr sh;

		if (!(off % 8) && scn && !strcmp(load_section_name(l, scn, &sh), section) &&
		    load_insn_at(l, l->functions[n].section, off) >= 0)
			return load_insn_at(l, l->functions[n].section, off);
	}
	return -1;
}

static int by_insn(const void *a, const void *b)
{
	const struct prog_line *x = a, *y = b;

	return x->insn < y->insn ? -1 : x->insn > y->insn;
}

static uint32_t count_records(struct ext_table t)
{
	uint32_t name, n, all = 0;

	while (next_group(&t, &name, &n))
		all += n;
	return all;
}

static int read_lines(struct load *l, const struct btf *btf, struct ext_table *t)
{
	struct prog *p = &l->out->prog;
	struct prog_line *lines = load_keep(l->out, sizeof(*lines) * ((size_t)count_records(*t) + 1));
	const uint8_t *r;
	uint32_t name, n;

	if (!lines)
		return load_no_memory(l);
	while ((r = next_group(t, &name, &n))) {
		const char *section = btf__str_by_offset(btf, name);

		for (; section && n; n--, r += t->record) {
			const char *file = btf__str_by_offset(btf, get32(r + 4)),
				   *text = btf__str_by_offset(btf, get32(r + 8));
			int64_t insn = insn_at(l, section, get32(r));

			if (insn < 0 || !(get32(r + 12) >> 10)) /* line 0: of no line, or of several */
				continue;
			lines[p->n_lines++] = (struct prog_line){
				.insn = (uint32_t)insn,
				.line = get32(r + 12) >> 10,
				.col = get32(r + 12) & 0x3ff,
				.file = load_keep_string(l->out, file ? file : ""),
				.text = load_keep_string(l->out, text ? text : ""),
			};
		}
	}
	qsort(lines, p->n_lines, sizeof(*lines), by_insn);
	p->lines = lines;
	return 0;
}

static int resolve_core(struct load *l, const struct btf *btf, struct ext_table *t)
{
	const uint8_t *r;
	uint32_t name, n;

	while ((r = next_group(t, &name, &n))) {
		const char *section = btf__str_by_offset(btf, name);

		for (; section && n; n--, r += t->record) {
			int64_t insn = insn_at(l, section, get32(r));

			if (insn >= 0 && load_core_record(l, btf, insn, get32(r + 4), btf__str_by_offset(btf, get32(r + 8)), get32(r + 12)))
				return -1;
		}
	}
	return 0;
}

int load_debug_info(struct load *l)
{
	const struct btf *btf = bpf_object__btf(l->obj);
	struct ext_header h = { 0 };
	struct ext_table t;
	Elf_Data *data = load_section(l, ".BTF.ext");

	if (!btf || !data || data->d_size < EXT_OLD_HEADER)
		return 0;
	memcpy(&h, data->d_buf, data->d_size < sizeof(h) ? data->d_size : sizeof(h));
	if (h.magic != EXT_MAGIC || h.header_len < EXT_OLD_HEADER)
		return 0;
	open_table(&t, data, h.header_len, h.line_off, h.line_len, 16);
	if (read_lines(l, btf, &t))
		return -1;
	if (h.header_len < sizeof(h))
		return 0;
	open_table(&t, data, h.header_len, h.core_off, h.core_len, 16);
	return resolve_core(l, btf, &t);
}
