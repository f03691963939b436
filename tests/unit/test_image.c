// SPDX-License-Identifier: Apache-2.0
/* The gate for firmware images: a good one made by hand, then one mistake at a time. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include "driver/common/image.h"
#include "hw/spec/isa.h"

enum { BUNDLES = 3, LANES = 3, SECTIONS = 9, PROGRAMS = 2, SHSTRTAB_SIZE = 64 };

#define NAMES "\0prog\0xdp\0hash\0array\0file.c\0return 1;"
enum { NAME_PROG = 1, NAME_XDP = 6, NAME_HASH = 10, NAME_ARRAY = 15,
       NAME_FILE = 21, NAME_TEXT = 28 };

struct file {
	Elf64_Ehdr elf;
	Elf64_Shdr sections[SECTIONS];
	struct image_header header;
	uint64_t text[BUNDLES * LANES];
	struct image_map maps[2];
	uint8_t data[16];
	struct image_line lines[2];
	struct image_program programs[PROGRAMS];
	char names[48];
	char section_names[SHSTRTAB_SIZE];
};

static void section(struct file *f, int i, uint32_t name, size_t offset, size_t size)
{
	f->sections[i].sh_name = name;
	f->sections[i].sh_type = i == 8 ? SHT_STRTAB : SHT_PROGBITS;
	f->sections[i].sh_offset = offset;
	f->sections[i].sh_size = size;
}

static uint64_t word(const char *text, int lane)
{
	struct isa_word w;
	const char *at;

	assert_null(isa_parse_lane(text, lane, &w, &at));
	return isa_encode(&w);
}

static void seal(struct file *f)
{
	uint32_t crc;

	f->header.crc32 = 0;
	crc = image_crc32(0, &f->header, sizeof(f->header));
	crc = image_crc32(crc, f->text, f->sections[2].sh_size);
	crc = image_crc32(crc, f->maps, f->sections[3].sh_size);
	crc = image_crc32(crc, f->data, f->sections[4].sh_size);
	crc = image_crc32(crc, f->lines, f->sections[5].sh_size);
	crc = image_crc32(crc, f->programs, f->sections[6].sh_size);
	f->header.crc32 = image_crc32(crc, f->names, f->sections[7].sh_size);
}

static void make_sections(struct file *f)
{
	memcpy(f->elf.e_ident, ELFMAG, SELFMAG);
	f->elf.e_ident[EI_CLASS] = ELFCLASS64;
	f->elf.e_ident[EI_DATA] = ELFDATA2LSB;
	f->elf.e_ident[EI_VERSION] = EV_CURRENT;
	f->elf.e_type = ET_EXEC;
	f->elf.e_machine = EM_NONE;
	f->elf.e_version = EV_CURRENT;
	f->elf.e_shoff = offsetof(struct file, sections);
	f->elf.e_ehsize = sizeof(f->elf);
	f->elf.e_shentsize = sizeof(f->sections[0]);
	f->elf.e_shnum = SECTIONS;
	f->elf.e_shstrndx = 8;
	memcpy(f->section_names, "\0.nicjit\0.text\0.maps\0.data\0.lines\0.programs\0.names\0.shstrtab", 61);
	section(f, 1, 1, offsetof(struct file, header), sizeof(f->header));
	section(f, 2, 9, offsetof(struct file, text), sizeof(f->text));
	section(f, 3, 15, offsetof(struct file, maps), sizeof(f->maps));
	section(f, 4, 21, offsetof(struct file, data), sizeof(f->data));
	section(f, 5, 27, offsetof(struct file, lines), sizeof(f->lines));
	section(f, 6, 34, offsetof(struct file, programs), sizeof(f->programs));
	section(f, 7, 44, offsetof(struct file, names), sizeof(f->names));
	section(f, 8, 51, offsetof(struct file, section_names), 61);
}

static void make(struct file *f)
{
	memset(f, 0, sizeof(*f));
	make_sections(f);
	f->header = (struct image_header){
		.magic = IMAGE_MAGIC, .version = IMAGE_VERSION, .lanes = LANES, .caps = IMAGE_CAP_HASH,
		.n_bundles = BUNDLES, .n_maps = 2, .n_lines = 2, .map_words = 64, .n_insns = 4,
		.regs = 2, .stack = 8, .name = NAME_PROG, .section = NAME_XDP, .n_programs = PROGRAMS,
	};
	for (int i = 0; i < BUNDLES * LANES; i++)
		f->text[i] = word("nop", 0);
	f->text[0] = word("jeq x, 0, @2", 0);
	f->text[2] = word("mlook m1, b1", 2);
	f->text[4] = word("mov b1, fp", 1);
	f->text[6] = word("exit 1", 0);
	f->maps[0] = (struct image_map){
		.name = NAME_ARRAY, .type = 2, .cpus = 1, .key_size = 4, .value_size = 5, .max_entries = 3,
		.values = 8, .limit = 32, .stride = 8, .data_off = 4, .data_size = 12,
	};
	/* Word, key of 8 and value of 16 bytes, three entries and the spare one. */
	f->maps[1] = (struct image_map){
		.name = NAME_HASH, .type = 1, .cpus = 1, .key_size = 6, .value_size = 12, .max_entries = 3,
		.buckets = 32, .n_buckets = 4, .values = 64, .limit = 64 + 4 * 32, .stride = 32,
	};
	for (uint32_t i = 0; i < PROGRAMS; i++)
		f->programs[i] = (struct image_program){ .name = NAME_PROG, .section = NAME_XDP, .entry = i };
	f->lines[0] = (struct image_line){ .bundle = 1, .file = NAME_FILE, .text = NAME_TEXT, .line = 7 };
	f->lines[1] = (struct image_line){ .bundle = 2, .insn = 3, .file = NAME_FILE, .line = 9 };
	memcpy(f->names, NAMES, sizeof(NAMES));
	seal(f);
}

static void good_image_is_taken(void **state)
{
	struct image image;
	struct file f;
	const char *why;

	(void)state;
	make(&f);
	why = image_parse(&f, sizeof(f), &image);
	if (why)
		fail_msg("%s", why);
	assert_ptr_equal(image.header, &f.header);
	assert_ptr_equal(image.text, f.text);
	assert_ptr_equal(image.maps, f.maps);
	assert_ptr_equal(image.data, f.data);
	assert_ptr_equal(image.lines, f.lines);
	assert_ptr_equal(image.programs, f.programs);
	assert_int_equal(image.data_size, sizeof(f.data));
	assert_string_equal(image_string(&image, image.header->name), "prog");
	assert_string_equal(image_string(&image, image.header->section), "xdp");
	assert_null(image_line(&image, 0));
	assert_int_equal(image_line(&image, 1)->line, 7);
	assert_string_equal(image_string(&image, image_line(&image, 1)->text), "return 1;");
	assert_int_equal(image_line(&image, 2)->line, 9);
}

static void checksum_is_the_usual_one(void **state)
{
	(void)state;
	assert_int_equal(image_crc32(0, "123456789", 9), 0xcbf43926u);
	assert_int_equal(image_crc32(image_crc32(0, "1234", 4), "56789", 5), 0xcbf43926u);
}

/* One change of a good image: size bytes at offset become value; the checksum is made right. */
#define CHANGE(member, value, why) \
	{ offsetof(struct file, member), sizeof(((struct file *)0)->member), value, why }
#define HEADER(member, value, why) CHANGE(header.member, value, why)

#define OTHER_ELF "not a firmware image: an ELF file of another kind"
#define NOT_ELF "not a firmware image: it is not a little-endian ELF64 file"
#define SECTION_OUTSIDE "a section lies outside the file"
#define OTHER_SECTIONS "not a firmware image: its sections are not the ones of an image"
#define PLACE "a map's place does not fit its entries"
#define CONTENTS "a map's initial contents do not fit"
#define BUCKETS "a hash map's buckets do not fit"
#define N_BUCKETS "a hash map's number of buckets is wrong"
#define NOTHING "a map has no keys, values or entries"

static const struct change {
	size_t offset, size;
	uint64_t value;
	const char *why;
} changes[] = {
	CHANGE(elf.e_ident[EI_MAG0], 0, NOT_ELF),
	CHANGE(elf.e_ident[EI_MAG3], 0, NOT_ELF),
	CHANGE(elf.e_ident[EI_CLASS], ELFCLASS32, NOT_ELF),
	CHANGE(elf.e_ident[EI_DATA], ELFDATA2MSB, NOT_ELF),
	CHANGE(elf.e_type, ET_REL, OTHER_ELF),
	CHANGE(elf.e_machine, EM_BPF, OTHER_ELF),
	CHANGE(elf.e_shnum, 8, OTHER_ELF),
	CHANGE(elf.e_shstrndx, 7, OTHER_ELF),
	CHANGE(elf.e_shentsize, 40, OTHER_ELF),
	CHANGE(elf.e_shoff, 63, OTHER_ELF),
	CHANGE(elf.e_shoff, sizeof(struct file), "the section table lies outside the file"),
	CHANGE(elf.e_shoff, UINT64_MAX - 7, "the section table lies outside the file"),
	CHANGE(sections[3].sh_offset, UINT64_MAX - 7, SECTION_OUTSIDE),
	CHANGE(sections[4].sh_size, UINT64_MAX, SECTION_OUTSIDE),
	CHANGE(sections[8].sh_size, SHSTRTAB_SIZE + 1, SECTION_OUTSIDE),
	CHANGE(sections[2].sh_offset, 1, "a section is not aligned to 8 bytes"),
	CHANGE(sections[8].sh_size, 60, "the section names are not terminated"),
	CHANGE(sections[8].sh_size, 0, "the section names are not terminated"),
	CHANGE(sections[3].sh_name, 9, OTHER_SECTIONS),
	CHANGE(sections[3].sh_name, 61, OTHER_SECTIONS),
	CHANGE(sections[1].sh_size, sizeof(struct image_header) - 4, "the header has a wrong size"),
	HEADER(magic, 0, "not a firmware image: bad magic"),
	HEADER(version, IMAGE_VERSION + 1, "the image has a version that this software does not know"),
	HEADER(lanes, 0, "the number of lanes is not in 1..4"),
	HEADER(lanes, 5, "the number of lanes is not in 1..4"),
	HEADER(n_bundles, 0, "the size of .text does not fit the header"),
	HEADER(n_bundles, 2, "the size of .text does not fit the header"),
	HEADER(n_bundles, UINT32_MAX, "the size of .text does not fit the header"),
	HEADER(n_maps, 1, "the size of .maps does not fit the header"),
	HEADER(n_maps, 65, "the size of .maps does not fit the header"),
	HEADER(n_lines, 3, "the size of .lines does not fit the header"),
	CHANGE(names[0], 'x', "the strings in .names are not terminated"),
	CHANGE(names[47], 'x', "the strings in .names are not terminated"),
	CHANGE(sections[7].sh_size, 0, "the strings in .names are not terminated"),
	HEADER(caps, 64, "the image needs something that this software does not know"),
	HEADER(ext_words, 1 << 28, "the header asks for more map memory than there can be"),
	HEADER(map_words, (1 << 28) + 1, "the header asks for more map memory than there can be"),
	HEADER(n_programs, 1, "the size of .programs does not fit the header"),
	HEADER(n_programs, UINT32_MAX, "the size of .programs does not fit the header"),
	CHANGE(programs[1].entry, BUNDLES, "a program begins outside the code"),
	CHANGE(programs[0].name, 48, "a program's name lies outside .names"),
	CHANGE(programs[1].section, UINT32_MAX, "a program's name lies outside .names"),
	HEADER(name, 48, "the program's name lies outside .names"),
	HEADER(section, 48, "the program's name lies outside .names"),
	HEADER(entry, BUNDLES, "the entry lies outside the code"),
	HEADER(regs, 17, "the header asks for more registers or stack than there can be"),
	HEADER(stack, 513, "the header asks for more registers or stack than there can be"),
	CHANGE(text[1], 0, "the code has a word that is no instruction"),
	HEADER(regs, 1, "the code uses more registers than the header says"),
	CHANGE(maps[0].type, 61, "a map has a type that images can't have"),
	CHANGE(maps[0].type, 27, PLACE),
	CHANGE(maps[0].type, 30, "a queue has keys, or no values or entries"),
	CHANGE(maps[1].type, 62, PLACE), /* there are no sets of lengths behind it */
	CHANGE(maps[0].type, 6, "a map's values per hardware thread do not fit its entries"),
	CHANGE(maps[0].plane, 24, "a map's values per hardware thread do not fit its entries"),
	CHANGE(maps[0].cpus, 0, PLACE),
	CHANGE(maps[0].cpus, 3, PLACE),
	CHANGE(maps[1].cpus, UINT32_MAX, PLACE),
	CHANGE(maps[0].name, 48, "a map's name lies outside .names"),
	CHANGE(maps[0].key_size, 0, NOTHING),
	CHANGE(maps[0].value_size, 0, NOTHING),
	CHANGE(maps[1].max_entries, 0, NOTHING),
	CHANGE(maps[0].value_size, 9, PLACE),
	CHANGE(maps[0].value_size, UINT32_MAX, PLACE),
	CHANGE(maps[0].max_entries, UINT32_MAX, PLACE),
	CHANGE(maps[0].stride, 16, PLACE),
	CHANGE(maps[0].values, 0, PLACE),
	CHANGE(maps[0].values, 9, PLACE),
	CHANGE(maps[0].limit, 24, PLACE),
	CHANGE(maps[1].limit, 0, PLACE),
	HEADER(map_words, 23, PLACE),
	CHANGE(maps[0].key_size, 8, "an array map has hash members"),
	CHANGE(maps[0].n_buckets, 1, "an array map has hash members"),
	CHANGE(maps[0].buckets, 8, "an array map has hash members"),
	CHANGE(maps[0].data_off, 17, CONTENTS),
	CHANGE(maps[0].data_off, 5, CONTENTS),
	CHANGE(maps[0].data_size, UINT32_MAX, CONTENTS),
	CHANGE(maps[1].data_size, 1, CONTENTS),
	CHANGE(maps[1].n_buckets, 2, N_BUCKETS),
	CHANGE(maps[1].n_buckets, 6, N_BUCKETS),
	CHANGE(maps[1].n_buckets, 0, N_BUCKETS),
	CHANGE(maps[1].n_buckets, 0x80000000u, BUCKETS),
	CHANGE(maps[1].buckets, 0, BUCKETS),
	CHANGE(maps[1].buckets, 36, BUCKETS),
	CHANGE(maps[1].buckets, 64 * 8 - 24, BUCKETS),
	CHANGE(maps[1].buckets, 40, "a map overlaps itself"),
	CHANGE(maps[1].buckets, 24, "maps overlap"),
	CHANGE(lines[0].bundle, 2, "the line table is not sorted"),
	CHANGE(lines[1].bundle, 3, "the line table is not sorted"),
	CHANGE(lines[0].file, 48, "a source line's text lies outside .names"),
	CHANGE(lines[1].text, 48, "a source line's text lies outside .names"),
};

static void each_mistake_has_its_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct image image;
		struct file f;
		const char *why;

		make(&f);
		memcpy((char *)&f + changes[i].offset, &changes[i].value, changes[i].size);
		if (f.sections[4].sh_size == sizeof(f.data) && f.sections[6].sh_size == sizeof(f.programs) && f.sections[7].sh_size <= sizeof(f.names))
			seal(&f);
		why = image_parse(&f, sizeof(f), &image);
		if (!why)
			fail_msg("change %zu was not noticed: %s", i, changes[i].why);
		assert_string_equal(why, changes[i].why);
	}
}

static void bad_code_is_refused(void **state)
{
	static const struct {
		int word;
		const char *text, *why;
	} cases[] = {
		{ 1, "mul b0, x, x", "the code has an instruction in a lane that can't run it" },
		{ 2, "jeq x, 0, @1", "the code has an instruction in a lane that can't run it" },
		{ 0, "jeq x, 0, @3", "the code has a branch out of the code" },
		{ 1, "jmp @8191", "the code has a branch out of the code" },
		{ 2, "mlook m2, fp", "the code uses a map that the image does not have" },
		{ 1, "mov r2, 0", "the code uses more registers than the header says" },
		{ 1, "mov r1, a2", "the code uses more registers than the header says" },
		{ 1, "add r1, d0, 1", "the code uses more registers than the header says" },
		{ 8, "mupd m1, fp, x, c2", "the code uses more registers than the header says" },
		{ 6, "nop", "the code can run past its end" },
		{ 6, "jeq x, 0, @0", "the code can run past its end" },
	};
	struct image image;
	struct file f;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why;

		make(&f);
		f.text[cases[i].word] = word(cases[i].text, cases[i].word % LANES);
		seal(&f);
		why = image_parse(&f, sizeof(f), &image);
		if (!why)
			fail_msg("'%s' was taken", cases[i].text);
		assert_string_equal(why, cases[i].why);
	}
	make(&f);
	f.text[6] = word("nop", 0);
	f.text[8] = word("?jmp @0", 2);
	seal(&f);
	assert_null(image_parse(&f, sizeof(f), &image));
}

/* Of a hash with values of 16 bytes; and of one with more. */
static const char *with_hidden(uint32_t value_size, uint32_t lock, uint32_t timer)
{
	struct image image;
	struct file f;

	make(&f);
	f.maps[1].value_size = value_size;
	f.maps[1].stride = 16 + value_size;
	f.maps[1].limit = f.maps[1].values + 4 * f.maps[1].stride;
	f.maps[1].lock = lock;
	f.maps[1].timer = timer;
	f.header.map_words = 128;
	seal(&f);
	return image_parse(&f, sizeof(f), &image);
}

static void locks_and_timers_lie_in_values(void **state)
{
	static const char lock[] = "a map's spin lock lies outside its values", timer[] = "a map's timer lies outside its values";

	(void)state;
	assert_null(with_hidden(16, 13, 0));
	assert_string_equal(with_hidden(16, 14, 0), lock);
	assert_string_equal(with_hidden(16, 17, 0), lock);
	assert_null(with_hidden(16, 0, 1));
	assert_string_equal(with_hidden(16, 0, 9), timer);
	assert_string_equal(with_hidden(16, 0, UINT32_MAX), timer);
	assert_null(with_hidden(24, 1, 9));
	assert_null(with_hidden(24, 17, 1));
	assert_string_equal(with_hidden(24, 13, 1), "a map's spin lock lies in its timer");
	assert_string_equal(with_hidden(24, 9, 9), "a map's spin lock lies in its timer");
}

static void long_keys_are_refused(void **state)
{
	struct image image;
	struct file f;

	(void)state;
	make(&f);
	f.maps[1].key_size = 520;
	f.maps[1].stride = 8 + 520 + 16;
	f.maps[1].limit = f.maps[1].values + 4 * f.maps[1].stride;
	f.header.map_words = 1024;
	seal(&f);
	assert_string_equal(image_parse(&f, sizeof(f), &image), "a hash map's key is too long");
	f.maps[1].key_size = 512;
	f.maps[1].stride = 8 + 512 + 16;
	f.maps[1].limit = f.maps[1].values + 4 * f.maps[1].stride;
	seal(&f);
	assert_null(image_parse(&f, sizeof(f), &image));
}

static void structures_have_a_word_between_them(void **state)
{
	struct image image;
	struct file f;

	(void)state;
	for (uint32_t stride = 32; stride <= 48; stride += 8) {
		make(&f);
		f.maps[0].value_size = 32;
		f.maps[0].stride = stride;
		f.maps[0].values = 256;
		f.maps[0].limit = 256 + 3 * stride;
		seal(&f);
		if (stride == 40)
			assert_null(image_parse(&f, sizeof(f), &image));
		else
			assert_string_equal(image_parse(&f, sizeof(f), &image), PLACE);
	}
}

/* Two threads: their values lie side by side up to two words, and in planes of an odd number of words above. */
static void values_of_threads_have_their_form(void **state)
{
	static const struct { uint32_t value, stride, plane; int good; } rows[] = {
		{ 4, 16, 8, 1 }, { 8, 16, 8, 1 }, { 8, 8, 24, 0 }, { 12, 32, 16, 1 }, { 16, 32, 16, 1 }, { 16, 16, 40, 0 }, { 17, 24, 72, 1 }, { 17, 48, 24, 0 },
	};
	struct image image;
	struct file f;

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		uint32_t size = rows[n].plane > rows[n].stride ? 2 * rows[n].plane : 3 * rows[n].stride;

		make(&f);
		f.maps[0].type = IMAGE_MAP_PERCPU_ARRAY;
		f.maps[0].max_entries = 3;
		f.maps[0].value_size = rows[n].value;
		f.maps[0].stride = rows[n].stride;
		f.maps[0].plane = rows[n].plane;
		f.maps[0].cpus = 2;
		f.maps[0].data_size = 0;
		f.maps[0].values = 256;
		f.maps[0].limit = 256 + size;
		seal(&f);
		if (rows[n].good)
			assert_null(image_parse(&f, sizeof(f), &image));
		else
			assert_string_equal(image_parse(&f, sizeof(f), &image), PLACE);
	}
}

/* Where the values of threads lie side by side, that is behind them all. */
static void values_have_an_end(void **state)
{
	static const struct { uint32_t type, stride, plane, limit, end; } rows[] = {
		{ IMAGE_MAP_ARRAY, 8, 0, 280, 280 }, { IMAGE_MAP_PERCPU_ARRAY, 8, 8, 280, 280 }, { IMAGE_MAP_PERCPU_ARRAY, 16, 8, 304, 304 },
		{ IMAGE_MAP_PERCPU_ARRAY, 16, 16, 304, 304 }, { IMAGE_MAP_PERCPU_ARRAY, 24, 72, 328, 328 }, { IMAGE_MAP_PERCPU_ARRAY, 24, 72, 400, 328 },
		{ IMAGE_MAP_PERCPU_HASH, 24, 88, 432, 328 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const struct image_map m = { .type = rows[n].type, .values = 256, .stride = rows[n].stride, .plane = rows[n].plane, .limit = rows[n].limit };

		assert_int_equal(image_map_end(&m), rows[n].end);
	}
}

static void damage_is_noticed(void **state)
{
	struct image image;
	struct file f;

	(void)state;
	make(&f);
	for (size_t at = offsetof(struct file, header); at < offsetof(struct file, section_names); at++) {
		uint8_t *byte = (uint8_t *)&f + at;

		if (at >= offsetof(struct file, header) + sizeof(f.header) && at < offsetof(struct file, text))
			continue; /* between sections */
		*byte ^= 0x10;
		assert_non_null(image_parse(&f, sizeof(f), &image));
		*byte ^= 0x10;
	}
	f.data[3] ^= 1;
	assert_string_equal(image_parse(&f, sizeof(f), &image),
			    "the checksum is wrong: the image is damaged");
}

/* Every beginning of the file, in memory of just that size so that a read behind it is caught. */
static void short_files_are_refused(void **state)
{
	struct image image;
	struct file f;

	(void)state;
	make(&f);
	for (size_t size = 0; size < offsetof(struct file, section_names) + 51; size++) {
		void *bytes = malloc(size ? size : 1);

		assert_non_null(bytes);
		memcpy(bytes, &f, size);
		assert_non_null(image_parse(bytes, size, &image));
		free(bytes);
	}
	assert_string_equal(image_parse(&f, 63, &image),
			    "the file is too short to be a firmware image");
	assert_string_equal(image_parse((char *)&f + 4, sizeof(f) - 4, &image),
			    "the image is not aligned to 8 bytes in memory");
}

/* Random damage with a right checksum: refused or harmless, never a crash. */
static void random_damage_is_survived(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct image image;
		struct file f;

		make(&f);
		for (int i = 0; i < 3; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			((uint8_t *)&f)[(seed >> 33) % sizeof(f)] = (uint8_t)(seed >> 25);
		}
		if (f.sections[2].sh_size == sizeof(f.text) && f.sections[3].sh_size == sizeof(f.maps) &&
		    f.sections[4].sh_size == sizeof(f.data) && f.sections[5].sh_size == sizeof(f.lines) &&
		    f.sections[6].sh_size == sizeof(f.programs) && f.sections[7].sh_size == sizeof(f.names))
			seal(&f);
		if (!image_parse(&f, sizeof(f), &image))
			assert_non_null(image_string(&image, image.header->name));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_image_is_taken),
		cmocka_unit_test(checksum_is_the_usual_one),
		cmocka_unit_test(each_mistake_has_its_sentence),
		cmocka_unit_test(bad_code_is_refused),
		cmocka_unit_test(long_keys_are_refused),
		cmocka_unit_test(structures_have_a_word_between_them),
		cmocka_unit_test(locks_and_timers_lie_in_values),
		cmocka_unit_test(damage_is_noticed),
		cmocka_unit_test(short_files_are_refused),
		cmocka_unit_test(random_damage_is_survived),
		cmocka_unit_test(values_of_threads_have_their_form),
		cmocka_unit_test(values_have_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
