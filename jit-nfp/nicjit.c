// SPDX-License-Identifier: Apache-2.0
/* The command line: options, files, exit codes. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "assemble.h"
#include "cli.h"
#include "driver/common/image.h"
#include "helpers.h"
#include "routine.h"
#include "hw/spec/isa.h"
#include "hw/spec/regs.h"
#include "load.h"

static const char version[] = "nicjit 0.1";

static const char help[] =
	"usage: nicjit PROG.o -o PROG.fw     compile an XDP program to firmware; several objects are linked first\n"
	"       nicjit --filter EXPR -o X.fw  make firmware of a filter as tcpdump takes it; --ebpf -o X.o: an object for Linux\n"
	"       nicjit -d PROG.fw            print firmware as microcode\n"
	"       nicjit --assemble X.s -o X.fw  make firmware of microcode\n"
	"\n"
	"options\n"
	"  -o, --output FILE     where the result goes; text goes to the screen without it\n"
	"  -p, --program NAME    the function to compile, where the object has several\n"
	"      --section NAME    the same, by ELF section\n"
	"      --filter EXPR     instead of an object: pass the packets that match, drop the others (pcap-filter(7))\n"
	"      --match VERDICT   what becomes of matches: pass (the default) or drop; the others get the other one\n"
	"      --ebpf            with --filter: write an eBPF object that tc, ip and bpftool load, not firmware\n"
	"  -S                    print microcode instead of writing firmware\n"
	"      --dump=STAGE      print the program after a stage of the compiler (below)\n"
	"      --lanes N         lanes of the NIC's bundles, 1 to %d (%d)\n"
	"      --regs N          registers per lane, 1 to %d (%d)\n"
	"      --bundles N       bundles of the NIC's microcode memory, 2 to %d (%d); a program may have all but one of them\n"
	"      --cpus N          hardware threads of the NIC: values that a per-CPU map has, 1 to %d (%d)\n"
	"      --map-mem SIZE    the NIC's map memory on the chip, as 1M (512K)\n"
	"      --ext-mem SIZE    its map memory outside the chip, as 64M, or 0 (2G): where maps lie that find no room on it; those\n"
	"                        used in the most places for each byte are placed first (--explain shows which)\n"
	"      --entries MAP=N   max_entries of a map, as a loader sets them; arrays that are declared without any have one for each\n"
	"                        hardware thread, as loaders give them one for each CPU\n"
	"  -v, --stats           print what the compiler made\n"
	"      --json            the same as JSON, errors too\n"
	"      --explain         print what the program uses, whether the NIC has it, and what of the NIC it takes\n"
	"      --annotate        print source, eBPF and microcode side by side; with --profile=FILE also how often and how long\n"
	"                        it was executed, as nicsim --profile FILE counted\n"
	"      --check-kernel    ask the running kernel's verifier about the program, too (as root)\n"
	"      --diagnostics=json  what is wrong as one JSON object on stderr, instead of sentences\n"
	"  -d, --disassemble     print firmware; the text assembles to the same code again\n"
	"      --assemble        read microcode\n"
	"  -h, --help            this text\n"
	"      --version\n"
	"\n"
	"examples\n"
	"  clang -O2 -g -target bpf -c drop.c -o drop.o     make an object; -g gives source lines\n"
	"  nicjit drop.o -o drop.fw -v                      compile it, and see how large it is\n"
	"  nicjit --filter 'tcp port 443 and not net 10.0.0.0/8' -o https.fw   firmware without writing a program\n"
	"  nicjit drop.o -S                                 see the microcode beside its source\n"
	"  nicjit drop.o --dump=build                       see what the compiler understood\n"
	"  nicsim --fw drop.fw --rx in.pcap --tx out.pcap   send packets through the simulated NIC\n"
	"\n"
	"exit codes: 0 done; 1 the program can't run on the NIC; 2 wrong usage; 3 a file can't be read or written, is damaged,\n"
	"or holds no program of that name\n";

/* ---- errors ---- */

static int usage(const char *fmt, const char *arg)
{
	fprintf(stderr, "nicjit: ");
	fprintf(stderr, fmt, arg);
	fprintf(stderr, "\ntry 'nicjit --help'\n");
	return EXIT_USAGE;
}

static int usage_range(const char *option, int least, int most, const char *arg)
{
	fprintf(stderr, "nicjit: %s takes %d to %d, not '%s'\ntry 'nicjit --help'\n", option, least, most, arg);
	return EXIT_USAGE;
}

static void explain(const struct options *o, const struct prog *p, const struct diag *d)
{
	const struct prog_line *line = p ? line_of(p, d->insn) : NULL;

	diag_print(o, p, d);
	if (!o->json)
		return;
	printf("{\"accepted\":false,\"file\":");
	json_string(stdout, line ? line->file : o->input);
	if (line)
		printf(",\"line\":%u,\"column\":%u", line->line, line->col);
	printf(",\"error\":");
	json_string(stdout, d->text);
	printf(",\"diagnostics\":");
	diag_print_json(stdout, o, p, d);
	printf("}\n");
}

/* ---- images ---- */

static void write_text(void *arg, const char *text, size_t n)
{
	fwrite(text, 1, n, arg);
}

static int print_image(const void *bytes, size_t size, const char *name, const char *output)
{
	struct image image;
	const char *wrong = image_parse(bytes, size, &image);
	char *text = NULL;
	size_t length = 0;
	FILE *f;
	int bad;

	if (wrong) {
		fprintf(stderr, "%s: error: %s\n", name, wrong);
		return EXIT_IO;
	}
	f = open_memstream(&text, &length);
	if (!f)
		return no_file(name);
	assemble_print(&image, write_text, f);
	bad = fclose(f);
	if (!bad && output)
		bad = write_file(output, text, length);
	else if (!bad)
		bad = fwrite(text, 1, length, stdout) != length || fflush(stdout);
	free(text);
	return bad ? no_file(output ? output : "output") : 0;
}

/* ---- the three things it does ---- */

static void print_stats(const struct options *o, const struct loaded *loaded, const struct image_buf *b, double seconds)
{
	const struct prog *p = &loaded->prog;

	if (o->json) {
		printf("{\"accepted\":true,\"program\":");
		json_string(stdout, p->name);
		printf(",\"instructions\":%u,\"maps\":%u,\"bundles\":%u,\"operations\":%u,\"lanes\":%u,\"registers\":%u,"
		       "\"stack\":%u,\"image_bytes\":%zu", p->n_insns, p->n_maps, b->bundles, b->ops, o->target.lanes, b->regs,
		       b->stack, b->size);
		for (const struct left_out *out = loaded->left_out; out; out = out->next) {
			printf(out == loaded->left_out ? ",\"left_out\":[" : ",");
			json_string(stdout, out->name);
			printf(out->next ? "" : "]");
		}
		printf("}\n");
		return;
	}
	fprintf(stderr, "%s: %u instructions, %u maps -> %u bundles with %u operations (%.2f per bundle)\n", p->name, p->n_insns,
		p->n_maps, b->bundles, b->ops, b->bundles ? (double)b->ops / b->bundles : 0.0);
	fprintf(stderr, "%u registers per lane, %u bytes of stack, %zu bytes of firmware, %.2f ms\n", b->regs, b->stack, b->size,
		1e3 * seconds);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int finish(const struct options *o, const struct image_buf *b)
{
	if (o->text)
		return print_image(b->bytes, b->size, o->input, o->output);
	if (o->output && write_file(o->output, b->bytes, b->size))
		return no_file(o->output);
	return 0;
}

enum { PROBLEMS_MAX = 50 };

/* So that nobody looks for it in vain when a slot is to hold it. */
static void say_left_out(const struct options *o, const struct loaded *loaded)
{
	for (const struct left_out *out = loaded->left_out; out && !o->json && !o->json_diagnostics; out = out->next)
		fprintf(stderr, "%s: note: %s is left out, so no slot of a PROG_ARRAY can hold it: %s\n", o->input, out->name, out->why);
}

static int compile_loaded(const struct options *o, struct loaded *loaded)
{
	const struct prog *p = &loaded->prog;
	struct diag more[PROBLEMS_MAX], d = { .insn = -1, .more = more, .room = PROBLEMS_MAX };
	const struct dump dump = { write_text, stdout, o->dump };
	struct image_buf image;
	double start = now();
	void *mem;
	int code;

	if (o->check_kernel)
		kernel_check(o, p);
	if (load_compile(loaded, &o->target, o->dump ? &dump : NULL, &mem, &image, &d)) {
		if (o->explain)
			explain_program(o, p, NULL);
		explain(o, d.prog ? d.prog : p, &d);
		code = EXIT_REFUSED;
	} else {
		say_left_out(o, loaded);
		if (o->stats || o->json)
			print_stats(o, loaded, &image, now() - start);
		if (o->explain)
			explain_program(o, p, &image);
		code = finish(o, &image);
		if (!code && o->annotate)
			code = annotate(o, p, &image);
	}
	free(mem);
	return code;
}

/* Several objects are linked to one first. */
static int load(const struct options *o, struct loaded *loaded, struct diag *d)
{
	char linked[64];
	int result;

	if (o->n_inputs == 1)
		return load_object(o->input, o->select, loaded, d);
	memset(loaded, 0, sizeof(*loaded));
	if (load_link(o->inputs, o->n_inputs, linked, sizeof(linked), d))
		return LOAD_FAILED;
	result = load_object(linked, o->select, loaded, d);
	unlink(linked);
	return result;
}

/* As the object's loader would, before it loads it. */
static int set_entries(const struct options *o, struct loaded *loaded)
{
	struct diag d = { .insn = -1 };

	for (size_t n = 0; n < o->n_entries; n++)
		if (load_set_entries(loaded, o->entries[n], &d)) {
			fprintf(stderr, "nicjit: %s\n", d.text);
			return -1;
		}
	return 0;
}

static int compile(const struct options *o)
{
	struct loaded loaded;
	struct diag more[PROBLEMS_MAX], d = { .more = more, .room = PROBLEMS_MAX };
	int result = load(o, &loaded, &d), code = result == LOAD_FAILED ? EXIT_IO : EXIT_REFUSED;

	if (result == LOAD_REFUSED && loaded.prog.maps) { /* the rest of what is missing, too */
		nicjit_survey(&loaded.prog, &o->target, &d);
		diag_sort(&d);
	}
	if (result)
		explain(o, &loaded.prog, &d);
	else
		code = set_entries(o, &loaded) ? EXIT_USAGE : compile_loaded(o, &loaded);
	load_free(&loaded);
	return code;
}

static int disassemble(const struct options *o)
{
	size_t size;
	char *bytes = read_file(o->input, &size);
	int code;

	if (!bytes)
		return no_file(o->input);
	code = print_image(bytes, size, o->input, o->output);
	free(bytes);
	return code;
}

static int assemble(const struct options *o)
{
	struct image_buf image;
	struct asm_error e;
	size_t size, mem_size;
	char *text = read_file(o->input, &size);
	void *mem;
	int code;

	if (!text)
		return no_file(o->input);
	mem_size = assemble_mem_size(size);
	mem = malloc(mem_size);
	if (!mem) {
		free(text);
		return no_file(o->input);
	}
	if (strlen(text) != size) {
		fprintf(stderr, "%s: error: this is not text\n", o->input);
		code = EXIT_IO;
	} else if (assemble_image(text, mem, mem_size, &image, &e)) {
		fprintf(stderr, "%s:%d: error: %s\n", o->input, e.line, e.text);
		code = EXIT_REFUSED;
	} else {
		code = finish(o, &image);
	}
	free(mem);
	free(text);
	return code;
}

/* ---- options ---- */

enum { CPUS_MAX = 256, MAP_MEM_MIN = 64 };
static const uint64_t MAP_MEM_MAX = 1ULL << 31;
enum {
	OPT_SECTION = 256, OPT_DUMP, OPT_LANES, OPT_REGS, OPT_BUNDLES, OPT_CPUS, OPT_MAP_MEM, OPT_EXT_MEM, OPT_JSON, OPT_ASSEMBLE, OPT_VERSION,
	OPT_DIAGNOSTICS, OPT_KERNEL, OPT_EXPLAIN, OPT_ANNOTATE, OPT_PROFILE, OPT_FILTER, OPT_MATCH, OPT_EBPF, OPT_ENTRIES,
};

static int read_count(const char *text, uint32_t max, uint32_t *value)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!*text || *end || n < 1 || n > max)
		return -1;
	*value = (uint32_t)n;
	return 0;
}

/* 8-byte words of so many bytes, perhaps with K, M or G behind the number. */
static int read_size(const char *text, uint64_t max, uint32_t *words)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);
	int shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;

	if (*text < '0' || *text > '9' || end[shift > 0] || n > max >> shift)
		return -1;
	n <<= shift;
	if (n < MAP_MEM_MIN)
		return -1;
	*words = (uint32_t)(n / 8);
	return 0;
}

static int read_ext_size(const char *text, uint32_t *words)
{
	int result = strcmp(text, "0") ? read_size(text, MAP_MEM_MAX, words) : 0;

	if (!strcmp(text, "0"))
		*words = 0;
	if (*words > IMAGE_EXT_WORDS_MAX)
		*words = IMAGE_EXT_WORDS_MAX;
	return result;
}

static int is_stage(const char *name)
{
	const char *const *stages = nicjit_stages();

	for (; *stages; stages++)
		if (!strcmp(*stages, name))
			return 1;
	return 0;
}

static void print_help(void)
{
	const struct target *t = &target_default;

	printf(help, ISA_LANES_MAX, (int)t->lanes, ISA_REGS_MAX, (int)t->regs, REG_IMEM_COUNT, NIC_IMEM_DEPTH, CPUS_MAX, (int)t->cpus);
	printf("\nstages of --dump:");
	for (const char *const *stage = nicjit_stages(); *stage; stage++)
		printf(" %s", *stage);
	printf("\nmap types on the NIC:");
	for (uint32_t type = 0; type < MAP_TYPES_MAX; type++)
		if (map_type_exists(type) && type != MAP_TYPE_LOG && type != MAP_TYPE_PREFIXES)
			printf(" %s", map_type_name(type));
	printf("\nhelpers on the NIC:");
	for (int id = 1; id < HELPERS_MAX; id++)
		if (helper_runs(id))
			printf(" bpf_%s", helper_find(id)->name);
	printf("\nfunctions of the kernel (kfuncs) on the NIC:");
	for (unsigned int n = 0; routine_at(n); n++)
		if (!routine_at(n)->helper)
			printf(" bpf_%s", routine_at(n)->name);
	printf("\n");
}

/* 0, or -1 when there is nothing more to do: *code is then set. */
static int read_options(int argc, char **argv, struct options *o, int *code)
{
	static const struct option longs[] = {
		{ "output", 1, NULL, 'o' }, { "program", 1, NULL, 'p' }, { "section", 1, NULL, OPT_SECTION },
		{ "dump", 1, NULL, OPT_DUMP }, { "lanes", 1, NULL, OPT_LANES }, { "regs", 1, NULL, OPT_REGS },
		{ "bundles", 1, NULL, OPT_BUNDLES }, { "cpus", 1, NULL, OPT_CPUS }, { "entries", 1, NULL, OPT_ENTRIES },
		{ "map-mem", 1, NULL, OPT_MAP_MEM }, { "ext-mem", 1, NULL, OPT_EXT_MEM },
		{ "stats", 0, NULL, 'v' }, { "json", 0, NULL, OPT_JSON }, { "diagnostics", 1, NULL, OPT_DIAGNOSTICS },
		{ "check-kernel", 0, NULL, OPT_KERNEL }, { "explain", 0, NULL, OPT_EXPLAIN },
		{ "annotate", 0, NULL, OPT_ANNOTATE }, { "profile", 1, NULL, OPT_PROFILE }, { "disassemble", 0, NULL, 'd' },
		{ "assemble", 0, NULL, OPT_ASSEMBLE },
		{ "filter", 1, NULL, OPT_FILTER }, { "match", 1, NULL, OPT_MATCH }, { "ebpf", 0, NULL, OPT_EBPF }, { "help", 0, NULL, 'h' }, { "version", 0, NULL, OPT_VERSION },
		{ NULL, 0, NULL, 0 },
	};
	uint32_t count;
	int opt;

	*code = 0;
	while ((opt = getopt_long(argc, argv, "o:p:Svdh", longs, NULL)) != -1) {
		switch (opt) {
		case 'o': o->output = optarg; break;
		case 'p':
		case OPT_SECTION: o->select = optarg; break;
		case 'S': o->text = 1; break;
		case 'v': o->stats = 1; break;
		case 'd': o->mode = DISASSEMBLE; break;
		case OPT_ASSEMBLE: o->mode = ASSEMBLE; break;
		case OPT_JSON: o->json = 1; break;
		case OPT_ANNOTATE: o->annotate = 1; break;
		case OPT_PROFILE: o->profile = optarg; break;
		case OPT_EXPLAIN: o->explain = 1; break;
		case OPT_KERNEL: o->check_kernel = 1; break;
		case OPT_FILTER: o->filter = optarg; break;
		case OPT_EBPF: o->ebpf = 1; break;
		case OPT_MATCH:
			o->drop_matches = !strcmp(optarg, "drop");
			if (o->drop_matches || !strcmp(optarg, "pass"))
				break;
			*code = usage("--match is pass or drop, not '%s'", optarg);
			return -1;
		case OPT_DIAGNOSTICS:
			o->json_diagnostics = !strcmp(optarg, "json");
			if (o->json_diagnostics || !strcmp(optarg, "text"))
				break;
			*code = usage("--diagnostics is text or json, not '%s'", optarg);
			return -1;
		case OPT_DUMP:
			o->dump = optarg;
			if (is_stage(optarg))
				break;
			*code = usage("there is no stage '%s'", optarg);
			return -1;
		case OPT_LANES:
			if (!read_count(optarg, ISA_LANES_MAX, &o->target.lanes))
				break;
			*code = usage_range("--lanes", 1, ISA_LANES_MAX, optarg);
			return -1;
		case OPT_REGS:
			if (!read_count(optarg, ISA_REGS_MAX, &o->target.regs))
				break;
			*code = usage_range("--regs", 1, ISA_REGS_MAX, optarg);
			return -1;
		case OPT_BUNDLES:
			if (!read_count(optarg, REG_IMEM_COUNT, &count) && count > NIC_IMEM_FIRST) {
				o->target.bundles = count - NIC_IMEM_FIRST;
				break;
			}
			*code = usage_range("--bundles", NIC_IMEM_FIRST + 1, REG_IMEM_COUNT, optarg);
			return -1;
		case OPT_CPUS:
			if (!read_count(optarg, CPUS_MAX, &o->target.cpus))
				break;
			*code = usage_range("--cpus", 1, CPUS_MAX, optarg);
			return -1;
		case OPT_ENTRIES:
			if (o->n_entries < ENTRIES_MAX) {
				o->entries[o->n_entries++] = optarg;
				break;
			}
			*code = usage("--entries %s is one too many: give several maps at once", optarg);
			return -1;
		case OPT_MAP_MEM:
			if (!read_size(optarg, MAP_MEM_MAX, &o->target.map_words))
				break;
			*code = usage("--map-mem takes 64 to 2G bytes, not '%s'", optarg);
			return -1;
		case OPT_EXT_MEM:
			if (!read_ext_size(optarg, &o->target.ext_words))
				break;
			*code = usage("--ext-mem takes 64 to 2G bytes, or 0, not '%s'", optarg);
			return -1;
		case 'h':
			print_help();
			return -1;
		case OPT_VERSION:
			printf("%s\n", version);
			return -1;
		default:
			fprintf(stderr, "try 'nicjit --help'\n");
			*code = EXIT_USAGE;
			return -1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = { .mode = COMPILE, .target = target_default };
	int code;

	if (read_options(argc, argv, &o, &code))
		return code;
	if (o.filter && (optind < argc || o.mode != COMPILE))
		return usage("%s", "a filter is compiled alone, without a file");
	if (o.ebpf && (!o.filter || !o.output))
		return usage("%s", "--ebpf writes a filter (--filter) to a file (-o)");
	if (optind == argc && !o.filter)
		return usage("%s", "name a file to compile");
	if (optind + 1 < argc && o.mode != COMPILE)
		return usage("one file at a time: '%s' is one too many", argv[optind + 1]);
	o.input = o.filter ? "filter" : argv[optind];
	o.inputs = (const char *const *)argv + optind;
	o.n_inputs = (size_t)(argc - optind);
	if (o.mode == DISASSEMBLE)
		return disassemble(&o);
	if (!o.output && !o.text && !o.dump && !o.stats && !o.json && !o.check_kernel && !o.explain && !o.annotate)
		return usage("%s", "say where the firmware goes with -o, or ask for text with -S");
	if (o.filter)
		code = filter_compile(&o, compile_loaded);
	else
		code = o.mode == ASSEMBLE ? assemble(&o) : compile(&o);
	return fflush(stdout) && !code ? no_file("output") : code;
}
