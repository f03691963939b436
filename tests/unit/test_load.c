// SPDX-License-Identifier: Apache-2.0
/* Objects as clang makes them, odd ones, and damaged ones.
 * Also of load_btf.c, load_core.c, load_extern.c, load_fields.c, load_func.c, load_legacy.c, load_own.c, load_select.c. */
#include <fcntl.h>
#include <gelf.h>
#include "compile.h"
#include "objects.h"

static void not_an_object(void **state)
{
	(void)state;
	unlink(object);
	expect_part(NULL, "can't be opened: No such file or directory");
	write_file(object, "int x;", 6);
	expect_part(NULL, "is not an ELF object");
	write_file(object, "", 0);
	expect_part(NULL, "is not an ELF object");
	compile("int x;", "");
	expect_part(NULL, "holds code for another machine, not for BPF");
	compile("int x;", "-target bpfeb");
	expect_part(NULL, "holds big-endian code, and the NIC is little-endian");
}

static void choice_of_program(void **state)
{
	(void)state;
	compile_bpf(HEAD ARRAY("m"));
	expect(NULL, "the object holds no program");
	compile_bpf(HEAD "SEC(\"socket\") int t(struct __sk_buff *s) { return 0; }");
	expect_refusal(NULL, "t (section socket) is not an XDP program");
	compile_bpf(HEAD "SEC(\"socket\") int t(struct __sk_buff *s) { return 0; }"
			 "SEC(\"socket\") int u(struct __sk_buff *s) { return 0; }");
	expect(NULL, "the object holds no XDP program");
	compile_bpf(HEAD "SEC(\"tc\") int t(struct __sk_buff *s) { return 0; }");
	expect(NULL, "");
	assert_int_equal(loaded.prog.tc, 1);
	compile_bpf(HEAD "SEC(\"tc\") int t(struct __sk_buff *s) { return 0; }"
			 "SEC(\"classifier\") int u(struct __sk_buff *s) { return 0; }");
	expect(NULL, "the object holds more than one classifier");
	assert_string_equal(diag.note, "choose one of: t u");
	compile_bpf(HEAD
		    "SEC(\"tc\") int t(struct __sk_buff *s) { return 0; }" FUNCTION("xdp", "a",
										    "return 1;"));
	expect(NULL, "");
	assert_string_equal(loaded.prog.name, "a");
	assert_int_equal(loaded.prog.tc, 0);
	expect("t", "");
	assert_int_equal(loaded.prog.tc, 1);
	compile_bpf(HEAD FUNCTION("xdp", "a", "return 1;") FUNCTION("xdp", "b", "return 2;")
			    FUNCTION("xdp/c", "c", "return 3;"));
	expect(NULL, "the object holds more than one XDP program");
	assert_string_equal(diag.note, "choose one of: a b c");
	expect("xdp", "the section holds more than one program");
	expect("d", "the object has no program or section of that name");
	expect("b", "");
	assert_int_equal(loaded.prog.n_insns, 2);
	assert_int_equal(loaded.prog.insns[0].imm, 2);
	assert_string_equal(loaded.prog.section, "xdp");
	expect("xdp/c", "");
	assert_int_equal(loaded.prog.insns[0].imm, 3);
}

static void more_programs_than_can_be_named(void **state)
{
	char text[8192] = HEAD, *at = text + strlen(text);
	size_t length;

	(void)state;
	for (int n = 0; n < 60; n++)
		at += snprintf(at, (size_t)(text + sizeof(text) - at), "SEC(\"xdp\") int a_program_of_many_%d(struct xdp_md *c) { return 1; }", n);
	compile_bpf(text);
	expect(NULL, "the object holds more than one XDP program");
	length = strlen(diag.note);
	assert_true(length < sizeof(diag.note));
	assert_string_equal(diag.note + length - 3, " ..");
	assert_non_null(strstr(diag.note, " a_program_of_many_9 "));
}

static void kinds_of_program(void **state)
{
	(void)state;
	compile_bpf(HEAD FUNCTION("ingress_filter", "a", "return 1;"));
	expect(NULL, "");
	compile_bpf(HEAD "SEC(\"ingress_filter\") int a(struct __sk_buff *s) { return 0; }");
	expect_refusal(NULL, "a (section ingress_filter) is not an XDP program");
	compile_bpf(HEAD FUNCTION("xdp.frags", "a", "return 1;"));
	expect(NULL, "");
	compile_bpf(HEAD FUNCTION("xdp/devmap", "a", "return 1;"));
	expect_refusal(NULL,
	       "a (section xdp/devmap) runs behind a redirect, not on packets as they arrive");
	compile_bpf(HEAD FUNCTION("xdp/devmap", "a", "return 1;") FUNCTION("xdp", "b", "return 2;") FUNCTION("xdp/cpumap", "c", "return 1;"));
	expect(NULL, "");
	assert_string_equal(loaded.prog.name, "b");
	compile_bpf(HEAD FUNCTION("xdp/cpumap", "a", "return 1;"));
	expect_refusal(NULL,
	       "a (section xdp/cpumap) runs behind a redirect, not on packets as they arrive");
}

static void declarations_of_maps(void **state)
{
	(void)state;
	compile_bpf(
		HEAD
		"struct old { unsigned t, k, v, n; } m SEC(\"maps\") = { 2, 4, 8, 1 };" FUNCTION(
			"xdp", "a", "__u32 k = 0; return !bpf_map_lookup_elem(&m, &k);"));
	expect(NULL, "");
	assert_int_equal(loaded.prog.n_maps, 1);
	assert_int_equal(find_map("m")->type, 2);
	assert_int_equal(find_map("m")->value_size, 8);
	compile(HEAD ARRAY("m")
			FUNCTION("xdp", "a", "__u32 k = 0; return !bpf_map_lookup_elem(&m, &k);"),
		"-target bpf");
	expect_part(NULL, "the object can't be read: ");
	/* only the maps in use */
	compile_bpf(HEAD ARRAY("m0") ARRAY("m1") ARRAY("m2") ARRAY("m3")
			    FUNCTION("xdp", "a",
				     "__u32 k = 0; void *v = bpf_map_lookup_elem(&m3, &k);"
				     " return v ? !bpf_map_lookup_elem(&m1, &k) : 0;")
				    FUNCTION("xdp", "b",
					     "__u32 k = 0; return !bpf_map_lookup_elem(&m0, &k);"));
	expect("a", "");
	assert_int_equal(loaded.prog.n_maps, 2);
	assert_non_null(find_map("m1"));
	assert_int_equal(find_map("m3")->max_entries, 4);
	assert_int_equal(find_map("m3")->value_size, 8);
	assert_null(find_map("m3")->init);
	for (uint32_t n = 0; n < loaded.prog.n_insns; n++) {
		if (loaded.prog.insns[n].code != EBPF_LDDW)
			continue;
		assert_int_equal(ebpf_src(&loaded.prog.insns[n]), EBPF_PSEUDO_MAP);
		assert_string_equal(loaded.prog.maps[loaded.prog.insns[n].imm].name,
				    "m3"); /* the first call's */
		break;
	}
}

static void global_data(void **state)
{
	const struct ebpf_insn *i;

	(void)state;
	compile_bpf(
		HEAD
		"volatile const int limit[2] = { 7, 8 }; volatile int data[4] = { 1, 2, 3, 4 };"
		"volatile int zero[2]; volatile const int own SEC(\".rodata.own\") = 5;" FUNCTION(
			"xdp", "a", "data[2] += limit[1]; zero[1] = own; return data[3];"));
	expect(NULL, "");
	assert_int_equal(loaded.prog.n_maps, 4);
	assert_int_equal(find_map(".data")->type, MAP_TYPE_ARRAY);
	assert_int_equal(find_map(".data")->max_entries, 1);
	assert_int_equal(find_map(".data")->value_size, 16);
	assert_int_equal(find_map(".data")->flags, 0);
	assert_int_equal(find_map(".data")->init[12], 4);
	assert_int_equal(find_map(".bss")->init_size, 8);
	assert_int_equal(find_map(".rodata.own")->init[0], 5);
	assert_int_equal(find_map(".rodata")->flags, 0x80);
	i = loaded.prog.insns; /* the first load is of limit[1] or of data[2] */
	assert_int_equal(i->code, EBPF_LDDW);
	assert_int_equal(ebpf_src(i), EBPF_PSEUDO_MAP_VALUE);
	assert_true(loaded.prog.maps[i->imm].init[i[1].imm + i[2].off] == 8 ||
		    loaded.prog.maps[i->imm].init[i[1].imm + i[2].off] == 3);
}

static void calls(void **state)
{
	const struct ebpf_insn *i;

	(void)state;
	compile_bpf(HEAD "static __attribute__((noinline)) int f(int x) { return x + 1; }" FUNCTION(
		"xdp", "a", "return f(ctx->ingress_ifindex);"));
	expect(NULL, "");
	for (i = loaded.prog.insns; i->code != (EC_JMP | EBPF_CALL); i++)
		;
	assert_int_equal(ebpf_src(i), EBPF_CALL_LOCAL);
	assert_true(i->imm >= 0 && i + 1 + i->imm < loaded.prog.insns + loaded.prog.n_insns);
	compile_bpf(
		HEAD
		"extern int kernel_function(int) __ksym;" FUNCTION("xdp", "a",
								   "return kernel_function(1);"));
	expect_refusal(NULL, "the program calls kernel_function(), a function of the kernel (kfunc), which the NIC does not have");
	compile_bpf(HEAD "extern int kernel_function(int) __ksym __attribute__((weak));"
		    FUNCTION("xdp", "a", "return kernel_function ? kernel_function(1) : 1;"));
	expect(NULL, "");
	compile_bpf(HEAD "extern int htons(int);" FUNCTION("xdp", "a", "return htons(1);"));
	expect(NULL, "the object refers to htons, which it does not define");
	compile_bpf(HEAD
		    "extern int CONFIG_HZ __kconfig;" FUNCTION("xdp", "a", "return CONFIG_HZ;"));
	expect_refusal(NULL, "the program refers to CONFIG_HZ, which the object does not define");
	assert_int_equal(diag.insn, 0);
}

/* What the call at n leads to, by the number its function adds. */
static int32_t adds(uint32_t n)
{
	const struct ebpf_insn *i = &loaded.prog.insns[n];

	for (i += 1 + i->imm; i->code != (EC_ALU64 | EBPF_ADD); i++)
		assert_int_not_equal(i->code, EC_JMP | EBPF_EXIT);
	return i->imm;
}

#define ADDS(kind, name, n, more) \
	kind " __attribute__((noinline)) long " name "(long x) { asm volatile(\"%0 += " #n "\" : \"+r\"(x)); return x" more "; }\n"

/* Only what is called is taken, each function once, whether the assembler or the linker was to find it. */
static void called_functions(void **state)
{
	uint32_t calls = 0, n;

	(void)state;
	compile_bpf(HEAD ADDS("static", "f", 11, "") ADDS("", "unused", 22, "") ADDS("", "h", 33, "") ADDS("static", "g", 44, " + f(x) + h(x)")
			    FUNCTION("xdp", "other", "return unused(h(f(ctx->data)));")
				    FUNCTION("xdp", "a", "return g(ctx->ingress_ifindex) + f(ctx->rx_queue_index);"));
	expect("a", "");
	for (n = 0; n < loaded.prog.n_insns; n++) {
		if (loaded.prog.insns[n].code != (EC_JMP | EBPF_CALL))
			continue;
		assert_int_equal(ebpf_src(&loaded.prog.insns[n]), EBPF_CALL_LOCAL);
		assert_int_equal(adds(n), ((const int32_t[]){ 44, 11, 11, 33 })[calls]);
		calls++;
	}
	assert_int_equal(calls, 4);
	for (n = 0; n < loaded.prog.n_insns; n++)
		assert_int_not_equal(loaded.prog.insns[n].imm, 22);
	/* the lines of all sections, in order */
	assert_int_equal(loaded.prog.lines[0].line, 9);
	for (n = 1; n < loaded.prog.n_lines; n++)
		assert_true(loaded.prog.lines[n].insn >= loaded.prog.lines[n - 1].insn);
	assert_int_equal(loaded.prog.lines[n - 1].line, 6);
}

static void source_lines(void **state)
{
	(void)state;
	compile_bpf(HEAD "SEC(\"xdp\") int first(struct xdp_md *ctx) { return 1; }\n"
			 "SEC(\"xdp\") int second(struct xdp_md *ctx)\n"
			 "{\n"
			 "	if (ctx->ingress_ifindex == 7)\n"
			 "		return 2;\n"
			 "	return 1;\n"
			 "}\n");
	expect("second", "");
	assert_true(loaded.prog.n_lines >= 2);
	assert_int_equal(loaded.prog.lines[0].insn, 0);
	for (uint32_t n = 0; n < loaded.prog.n_lines; n++) {
		const struct prog_line *l = &loaded.prog.lines[n];

		assert_true(l->insn < loaded.prog.n_insns);
		assert_true(!n || l->insn >= l[-1].insn);
		assert_string_equal(l->file, source);
		assert_true(l->line >= 5 && l->line <= 10);
		if (l->line == 7)
			assert_string_equal(l->text, "	if (ctx->ingress_ifindex == 7)");
	}
	compile(HEAD FUNCTION("xdp", "a", "return 1;"),
		"-target bpf"); /* without debug information */
	expect(NULL, "");
	assert_int_equal(loaded.prog.n_lines, 0);
}

#define CORE_ACCESS "__attribute__((preserve_access_index))"

/* What asks for this layout is an instruction that nobody may come to. */
static void expect_absent(const char *type)
{
	expect(NULL, "");
	assert_true(loaded.prog.n_absent > 0);
	assert_true(loaded.prog.absent[0].is_layout);
	assert_string_equal(loaded.prog.absent[0].name, type);
	for (uint32_t n = 0; n < loaded.prog.n_insns; n++)
		if (loaded.prog.insns[n].code == (EC_JMP | EBPF_CALL) && ebpf_src(&loaded.prog.insns[n]) == EBPF_CALL_KFUNC && !loaded.prog.insns[n].imm)
			return;
	fail_msg("nothing asks for the layout of %s", type);
}

static void kernel_layouts(void **state)
{
	(void)state;
	compile_bpf(
		"struct xdp_md { unsigned data, data_end, data_meta, ingress_ifindex; } " CORE_ACCESS
		";"
		"__attribute__((section(\"xdp\"))) int a(struct xdp_md *c) { return c->ingress_ifindex; }");
	expect(NULL, "");
	compile_bpf(
		"struct xdp_md { unsigned data; }; struct net_device { int a, ifindex; } " CORE_ACCESS
		";"
		"__attribute__((section(\"xdp\"))) int a(struct xdp_md *c)"
		"{ return ((struct net_device *)(long)c->data)->ifindex; }");
	expect_absent("net_device");
	assert_true(loaded.prog.n_lines > 0); /* so that the sentence can name the line */
}

/* The first load at this offset. */
static const struct ebpf_insn *load_at(int off)
{
	for (uint32_t n = 0; n < loaded.prog.n_insns; n++)
		if (EBPF_CLASS(loaded.prog.insns[n].code) == EC_LDX && loaded.prog.insns[n].off == off)
			return &loaded.prog.insns[n];
	fail_msg("nothing is loaded at %d", off);
	return NULL;
}

/* The object's idea of a structure gives way to what it is; fields of another width are loaded as they are. */
static void layouts_of_the_wire(void **state)
{
	(void)state;
	compile_bpf("struct xdp_md { unsigned long data, data_end, ingress_ifindex; } " CORE_ACCESS ";"
		    "__attribute__((section(\"xdp\"))) int a(struct xdp_md *c) { return c->data_end - c->data + c->ingress_ifindex; }");
	expect(NULL, "");
	assert_int_equal(EBPF_SIZE(load_at(0)->code), EBPF_W);
	assert_int_equal(EBPF_SIZE(load_at(4)->code), EBPF_W);
	assert_int_equal(EBPF_SIZE(load_at(12)->code), EBPF_W);
	compile_bpf("struct xdp_md { unsigned data, data_end; }; struct iphdr___mine { unsigned char ttl; unsigned daddr; } " CORE_ACCESS ";"
		    "__attribute__((section(\"xdp\"))) int a(struct xdp_md *c)"
		    "{ struct iphdr___mine *ip = (void *)(long)c->data; if ((void *)ip + 20 > (void *)(long)c->data_end) return 1;"
		    "  return ip->ttl + ip->daddr; }");
	expect(NULL, "");
	assert_int_equal(EBPF_SIZE(load_at(8)->code), EBPF_B);
	assert_int_equal(EBPF_SIZE(load_at(16)->code), EBPF_W);
	compile_bpf("struct xdp_md { unsigned data, data_end; }; struct iphdr { unsigned char ttl : 4, mine : 4; } " CORE_ACCESS ";"
		    "__attribute__((section(\"xdp\"))) int a(struct xdp_md *c)"
		    "{ struct iphdr *ip = (void *)(long)c->data; if ((void *)ip + 20 > (void *)(long)c->data_end) return 1; return ip->mine; }");
	expect_absent("iphdr");
	compile_bpf("struct xdp_md { unsigned data, data_end; }; struct pppoe_hdr { char type; char code; short sid, length; } " CORE_ACCESS ";"
		    "__attribute__((section(\"xdp\"))) int a(struct xdp_md *c)"
		    "{ struct pppoe_hdr *h = (void *)(long)c->data; if ((void *)h + 6 > (void *)(long)c->data_end) return 1; return h->sid; }");
	expect(NULL, "");
	assert_int_equal(EBPF_SIZE(load_at(2)->code), EBPF_H);
	compile_bpf("struct xdp_md { unsigned data, data_end; }; union tcp_word_hdr { unsigned hdr[5]; unsigned words[5]; } " CORE_ACCESS ";" /* tcp_flag_word() */
		    "__attribute__((section(\"xdp\"))) int a(struct xdp_md *c)"
		    "{ union tcp_word_hdr *h = (void *)(long)c->data; if ((void *)h + 20 > (void *)(long)c->data_end) return 1; return h->words[3]; }");
	expect(NULL, "");
	assert_int_equal(EBPF_SIZE(load_at(12)->code), EBPF_W);
	assert_int_equal(loaded.prog.n_absent, 0);
}

#define WITH_ETHER(fields, body) \
	"struct xdp_md { unsigned data, data_end; }; struct ethhdr___mine { " fields " } " CORE_ACCESS ";" \
	"__attribute__((section(\"xdp\"))) int a(struct xdp_md *c)" \
	"{ struct ethhdr___mine *h = (void *)(long)c->data; if ((void *)h + 14 > (void *)(long)c->data_end) return 1; return " body "; }"

static void elements_of_the_wire(void **state)
{
	(void)state;
	compile_bpf(WITH_ETHER("unsigned char h_source[6];", "h->h_source[2]"));
	expect(NULL, "");
	assert_int_equal(EBPF_SIZE(load_at(8)->code), EBPF_B);
	compile_bpf(WITH_ETHER("unsigned char h_source[8];", "h->h_source[7]")); /* the wire has six */
	expect_absent("ethhdr___mine");
	compile_bpf(WITH_ETHER("unsigned short h_proto : 4;", "h->h_proto"));
	expect_absent("ethhdr___mine");
}

/* What the program returns, a constant, in whichever way it was built. */
static void expect_constant(const char *flags, const char *body, int want)
{
	char text[1024];

	snprintf(text, sizeof(text), WITH_ETHER("unsigned short h_proto;", "%s"), body);
	compile(text, flags);
	expect(NULL, "");
	for (uint32_t n = 0; n < loaded.prog.n_insns; n++)
		if (loaded.prog.insns[n].imm == want)
			return;
	fail_msg("%s does not give %d", body, want);
}

/* The numbers that bpf_core_field_size() and its likes stand for, and the whole structure's. */
static void facts_of_the_wire(void **state)
{
	static const char *const flags[] = { "-g -target bpf -mcpu=v1", "-g -target bpf -mcpu=v3" };

	(void)state;
	for (int n = 0; n < 2; n++) {
		expect_constant(flags[n], "__builtin_preserve_field_info(h->h_proto, 0) + 100 * c->data", 12);
		expect_constant(flags[n], "__builtin_preserve_field_info(h->h_proto, 1)", 2);
		expect_constant(flags[n], "__builtin_preserve_field_info(h->h_proto, 2)", 1);
		expect_constant(flags[n], "__builtin_preserve_field_info(h->h_proto, 3)", 0);
		expect_constant(flags[n], "__builtin_preserve_field_info(h->h_proto, 5)", 48);
		expect_constant(flags[n], "__builtin_preserve_type_info(*h, 1)", 14);
	}
}

/* Whether the program's headers know a helper, and its number: as in any kernel. */
static void values_of_enumerations(void **state)
{
	(void)state;
	compile_bpf("enum bpf_func_id { BPF_FUNC_a = 7 };"
		    "__attribute__((section(\"xdp\"))) int a(void *c)"
		    "{ return __builtin_preserve_enum_value(*(enum bpf_func_id *)BPF_FUNC_a, 1); }");
	expect(NULL, "");
	assert_int_equal(loaded.prog.insns[0].imm, 7);
	compile_bpf("enum bpf_func_id___x { BPF_FUNC_ktime_get_ns___x = 42 };"
		    "__attribute__((section(\"xdp\"))) int a(void *c)"
		    "{ return __builtin_preserve_enum_value(*(enum bpf_func_id___x *)BPF_FUNC_ktime_get_ns___x, 1); }");
	expect(NULL, "");
	assert_int_equal(loaded.prog.insns[0].imm, 5);
	compile_bpf("enum of_the_kernel { ONE = 1 };"
		    "__attribute__((section(\"xdp\"))) int a(void *c)"
		    "{ return __builtin_preserve_enum_value(*(enum of_the_kernel *)ONE, 1); }");
	expect_absent("of_the_kernel");
}

#define EXISTS(decl, question) decl "; __attribute__((section(\"xdp\"))) int a(void *c) { return " question "; }"

/* What neither NIC nor kernel has does not exist; a helper exists where the NIC has it. */
static void existence(void **state)
{
	static const struct {
		const char *program;
		int want;
	} cases[] = {
		{ EXISTS("enum of_the_kernel { ONE = 1 }", "__builtin_preserve_enum_value(*(enum of_the_kernel *)ONE, 0)"), 0 },
		{ EXISTS("struct of_the_kernel { int x; }", "__builtin_preserve_type_info(*(struct of_the_kernel *)0, 0)"), 0 },
		{ EXISTS("struct of_the_kernel { int x; } " CORE_ACCESS, "__builtin_preserve_field_info(((struct of_the_kernel *)c)->x, 2)"), 0 },
		{ EXISTS("struct iphdr___x { int x; }", "__builtin_preserve_type_info(*(struct iphdr___x *)0, 0)"), 1 },
		{ EXISTS("enum bpf_func_id { BPF_FUNC_ktime_get_ns = 5 }", "__builtin_preserve_enum_value(*(enum bpf_func_id *)BPF_FUNC_ktime_get_ns, 0)"), 1 },
		{ EXISTS("enum bpf_func_id { BPF_FUNC_sk_lookup_tcp = 84 }", "__builtin_preserve_enum_value(*(enum bpf_func_id *)BPF_FUNC_sk_lookup_tcp, 0)"), 0 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		compile_bpf(cases[n].program);
		expect(NULL, "");
		assert_true(!loaded.prog.n_absent || loaded.prog.absent[0].is_asked);
		assert_int_equal(loaded.prog.insns[0].imm, cases[n].want);
	}
}

static void linked_objects(void **state)
{
	char first[64], linked[64];
	const char *const both[] = { first, object };

	(void)state;
	compile_bpf(HEAD ARRAY("shared") "int twice(int x) { return 2 * x; }");
	snprintf(first, sizeof(first), "%s/first.o", dir);
	assert_int_equal(rename(object, first), 0);
	compile_bpf(HEAD "extern int twice(int); int counter = 5;"
		    FUNCTION("xdp", "a", "return twice(ctx->ingress_ifindex) + counter++;"));
	expect(NULL, "the object refers to twice, which it does not define");
	assert_int_equal(load_link(both, 2, linked, sizeof(linked), &diag), 0);
	load_free(&loaded);
	assert_int_equal(load_object(linked, NULL, &loaded, &diag), 0);
	assert_int_equal(find_map(".data")->init[0], 5);
	unlink(linked);
	unlink(object);
	assert_int_equal(load_link(both, 2, linked, sizeof(linked), &diag), -1);
	assert_non_null(strstr(diag.text, "the objects can't be linked"));
}

static size_t read_object(uint8_t *bytes, size_t size)
{
	FILE *f = fopen(object, "rb");
	size_t n;

	assert_non_null(f);
	n = fread(bytes, 1, size, f);
	fclose(f);
	return n;
}

/* Loads what is there and compiles it as far as the verifier; either may refuse, with a sentence.
 */
static void survive(void)
{
	static const struct target target = { .lanes = 3, .regs = 8, .maps = 16, .key_bytes = 64 };
	struct compile c = { .target = &target, .diag = &diag };
	struct arena arena;
	uint8_t *mem;
	int result;

	load_free(&loaded);
	if (load_object(object, NULL, &loaded, &diag)) {
		assert_true(diag.text[0]);
		return;
	}
	mem = malloc(verify_mem_size(loaded.prog.n_insns));
	arena_init(&arena, mem, verify_mem_size(loaded.prog.n_insns));
	c.arena = &arena;
	c.prog = &loaded.prog;
	result = verify_run(&c);
	assert_int_equal(result, diag.text[0] ? -1 : 0);
	free(mem);
}

static const char *const victim = HEAD
	ARRAY("m") "volatile const int limit = 7; volatile int data[4] = { 1, 2, 3, 4 };" FUNCTION(
		"xdp", "a",
		"__u32 k = 0; __u64 *v = bpf_map_lookup_elem(&m, &k);"
		" if (v && *v > limit) *v = data[ctx->ingress_ifindex & 3]; return 2;");

static void every_cut_is_survived(void **state)
{
	static uint8_t bytes[1 << 16];
	size_t n;

	(void)state;
	compile_bpf(victim);
	n = read_object(bytes, sizeof(bytes));
	for (size_t cut = 0; cut < n; cut += 61) {
		write_file(object, bytes, cut);
		survive();
	}
}

static void damage_is_survived(void **state)
{
	static uint8_t bytes[1 << 16], damaged[1 << 16];
	uint64_t seed = 88172645463325252ULL;
	size_t n;

	(void)state;
	compile_bpf(victim);
	n = read_object(bytes, sizeof(bytes));
	for (int round = 0; round < 1500; round++) {
		memcpy(damaged, bytes, n);
		for (int hit = 0; hit < 3; hit++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			damaged[(seed >> 16) % (round & 1 ? n : 64)] = (uint8_t)(seed >> 8);
		}
		write_file(object, damaged, n);
		survive();
	}
}

/* clang 14 puts an array of 16 constant bytes into .rodata.cst16, and says .rodata. */
static void variables_without_section(void **state)
{
	static uint8_t bytes[1 << 16];
	static const char name[] = "\0.rodata";
	uint8_t *last = NULL;
	size_t n;

	(void)state;
	compile_bpf(HEAD "const volatile int mine = 1;" FUNCTION("xdp", "a", "return mine;"));
	expect(NULL, "");
	n = read_object(bytes, sizeof(bytes));
	for (uint8_t *at = bytes; at + sizeof(name) <= bytes + n; at++)
		if (!memcmp(at, name, sizeof(name)))
			last = at;
	assert_non_null(last); /* in the names of ELF, which come behind those of BTF */
	last[sizeof(name) - 2] = 'X';
	write_file(object, bytes, n);
	expect(NULL, "the object's type information (BTF) has variables in section .rodata, and the object has no such section");
}

/* As tools leave it that take the names off. */
static void forget_names(const char *of)
{
	int fd = open(object, O_RDWR);
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	GElf_Sym sym;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_RDWR, NULL);
	assert_non_null(elf);
	while ((scn = elf_nextscn(elf, scn)) && gelf_getshdr(scn, &sh)) {
		Elf_Data *data = elf_getdata(scn, NULL);

		for (int n = 0; sh.sh_type == SHT_SYMTAB && gelf_getsym(data, n, &sym); n++)
			if (strstr(elf_strptr(elf, sh.sh_link, sym.st_name), of)) {
				sym.st_name = 0;
				assert_int_not_equal(gelf_update_sym(data, n, &sym), 0);
				elf_flagdata(data, ELF_C_SET, ELF_F_DIRTY);
			}
	}
	assert_true(elf_update(elf, ELF_C_WRITE) > 0);
	elf_end(elf);
	close(fd);
}

/* By their names timers find their functions when a program replaces another one: no two are alike, and those of the same object are. */
static void functions_without_names(void **state)
{
	char first[2][64];

	(void)state;
	compile_bpf(HEAD "static __noinline int called_a(int n) { return n * 5 + 1; }\nstatic __noinline int called_b(int n) { return n * 7 + 1; }\n"
		    FUNCTION("xdp", "a", "return called_a(ctx->rx_queue_index) + called_b(ctx->ingress_ifindex);"));
	forget_names("called_");
	expect(NULL, "");
	assert_int_equal(loaded.prog.n_functions, 3);
	for (int n = 0; n < 2; n++)
		snprintf(first[n], sizeof(first[n]), "%s", loaded.prog.functions[n + 1].name);
	assert_string_not_equal(first[0], "");
	assert_string_not_equal(first[0], first[1]);
	expect(NULL, "");
	for (int n = 0; n < 2; n++)
		assert_string_equal(first[n], loaded.prog.functions[n + 1].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_an_object),	 cmocka_unit_test(choice_of_program),
		cmocka_unit_test(kinds_of_program),	 cmocka_unit_test(declarations_of_maps),
		cmocka_unit_test(global_data),		 cmocka_unit_test(calls),
		cmocka_unit_test(called_functions),	 cmocka_unit_test(more_programs_than_can_be_named),
		cmocka_unit_test(source_lines),		 cmocka_unit_test(kernel_layouts),
		cmocka_unit_test(layouts_of_the_wire),	 cmocka_unit_test(elements_of_the_wire),
		cmocka_unit_test(facts_of_the_wire),	 cmocka_unit_test(values_of_enumerations),
		cmocka_unit_test(existence),
		cmocka_unit_test(linked_objects),
		cmocka_unit_test(every_cut_is_survived), cmocka_unit_test(damage_is_survived), cmocka_unit_test(variables_without_section),
		cmocka_unit_test(functions_without_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
