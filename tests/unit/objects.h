/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of the loader (load*.c): C text compiled by clang to an object, loaded, and what became of it or the sentence that refuses it.
 */
#ifndef TESTS_UNIT_OBJECTS_H
#define TESTS_UNIT_OBJECTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "hw/spec/image.h"
#include "load.h"

#define HEAD \
	"#include <linux/bpf.h>\n" \
	"#include <bpf/bpf_helpers.h>\n" \
	"char _license[] SEC(\"license\") = \"GPL\";\n"
#define ARRAY(name) \
	"struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32);" \
	" __type(value, __u64); } " name " SEC(\".maps\");\n"
#define FUNCTION(section, name, body) \
	"SEC(\"" section "\") int " name "(struct xdp_md *ctx) { " body " }\n"

static char dir[] = "/tmp/test_load.XXXXXX";
static char object[64], source[64];

static inline void write_file(const char *path, const void *bytes, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

static inline void compile(const char *text, const char *flags)
{
	char command[512];

	write_file(source, text, strlen(text));
	snprintf(
		command, sizeof(command),
		"clang -O2 %s -I/usr/include/$(gcc -print-multiarch) -c %s -o %s 2>%s/log || { cat %s/log; exit 1; }",
		flags, source, object, dir, dir);
	assert_int_equal(system(command), 0);
}

static inline void compile_bpf(const char *text)
{
	compile(text, "-g -target bpf");
}

static struct loaded loaded;
static struct diag diag;

static inline void expect(const char *select, const char *sentence)
{
	load_free(&loaded);
	assert_int_equal(load_object(object, select, &loaded, &diag), *sentence ? LOAD_FAILED : 0);
	assert_string_equal(diag.text, sentence);
}

static inline void expect_refusal(const char *select, const char *sentence)
{
	load_free(&loaded);
	assert_int_equal(load_object(object, select, &loaded, &diag), LOAD_REFUSED);
	assert_string_equal(diag.text, sentence);
}

static inline void expect_part(const char *select, const char *part)
{
	load_free(&loaded);
	assert_int_equal(load_object(object, select, &loaded, &diag), LOAD_FAILED);
	if (!strstr(diag.text, part))
		fail_msg("\"%s\" does not contain \"%s\"", diag.text, part);
}

static inline int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(object, sizeof(object), "%s/prog.o", dir);
	snprintf(source, sizeof(source), "%s/prog.c", dir);
	return 0;
}

static inline int teardown(void **state)
{
	char command[64];

	(void)state;
	load_free(&loaded);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static inline const struct prog_map *find_map(const char *end)
{
	for (uint32_t n = 0; n < loaded.prog.n_maps; n++)
		if (strstr(loaded.prog.maps[n].name, end))
			return &loaded.prog.maps[n];
	fail_msg("no map %s", end);
	return NULL;
}

#endif
