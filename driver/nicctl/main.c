// SPDX-License-Identifier: Apache-2.0
/* nicctl: programs, maps and counters of a NIC that a running DPDK process has, and programs of one that the kernel has. */
#include <bpf/libbpf.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nicctl.h"

static const char help_text[] =
	"usage: nicctl [OPTIONS] COMMAND [--json]\n"
	"Looks at and changes what runs on the NIC of a DPDK process (net_nicjit), over the process's telemetry socket, or, with --dev, of the kernel.\n"
	"\n"
	"  prog load OBJECT [section NAME] [mode auto|offload|host] [entries MAP=N[:MAP=N]..]\n"
	"                        compile an XDP object and run it: in the NIC if it can (auto), else on the host; replaces the one that runs\n"
	"  prog show             what runs, where, and why not in the NIC\n"
	"  prog dump             its code: the NIC's microcode with the source, or LLVM's\n"
	"  prog unload           a plain NIC again\n"
	"  map show              the program's maps; below, MAP is a name or number\n"
	"  map dump MAP          all entries\n"
	"  map lookup MAP KEY    one entry\n"
	"  map update MAP KEY VALUE [any|noexist|exist|lock]\n"
	"                        set it; for a map per CPU all threads get the value\n"
	"  map fill MAP FILE     set many: a JSON list as map dump --json prints it; - is standard input\n"
	"  map delete MAP KEY..  remove\n"
	"  map push MAP VALUE [exist], map peek MAP, map pop MAP\n"
	"                        of a queue or stack; exist: the oldest makes room\n"
	"  stats                 packets by verdict, wire and cause of loss\n"
	"  top                   rates, again and again\n"
	"  trace                 what the program prints, its ring buffer records and perf events, as they come\n"
	"  metrics               all counters as Prometheus reads them\n"
	"\n"
	"A NIC of the kernel; maps and counters are those of bpftool and ethtool:\n"
	"  load --dev DEV OBJECT [section NAME] [mode auto|offload|native|generic] [entries MAP=N[:MAP=N]..]\n"
	"                        run it in the NIC if it can (auto), else in the driver, else in the network stack, and say why\n"
	"  unload --dev DEV      no program any more\n"
	"  prog show --dev DEV   what runs, and where\n"
	"  prog dump jited id N  the microcode of a program in the NIC, with its source\n"
	"  last error --dev DEV  why the NIC refused the latest program or map\n"
	"\n"
	"  -f, --prefix NAME     the process with that EAL --file-prefix (the only one with a NIC)\n"
	"  -s, --socket PATH     its telemetry socket\n"
	"  -p, --port N          the port (the first of this driver)\n"
	"  -d, --dev DEV         the kernel's network device\n"
	"  -j, --json            JSON instead of text\n"
	"  -i, --interval S      top and trace: seconds between two pictures (1)\n"
	"  -n, --count N         top and trace: so many, then end\n"
	"\n"
	"Keys and values: 42, 0x2a, 10.0.0.1, 10.0.0.0/8 (key of an LPM trie), fe80::1, 02:00:00:00:00:01, hex:0a000001 (bytes in memory order),\n"
	"and where the object has BTF '{\"member\": value, ..}'. Numbers are the host's, low byte first: for __be32 write an address or hex:.\n"
	"\n"
	"  nicctl prog load firewall.o            nicctl map update blocked 192.0.2.7 1\n"
	"  nicctl map dump flows                  nicctl --json map dump flows > saved; nicctl map fill flows saved\n";

static const struct command commands[] = {
	{"prog", "load", prog_load}, {"prog", "show", prog_show}, {"prog", "unload", prog_unload}, {"prog", "dump", prog_dump},
	{"map", "show", map_show}, {"map", "dump", map_dump}, {"map", "lookup", map_lookup}, {"map", "update", map_update},
	{"map", "fill", map_batch}, {"map", "delete", map_delete},
	{"map", "push", map_push}, {"map", "peek", map_peek}, {"map", "pop", map_pop},
	{"stats", NULL, stats_show}, {"top", NULL, stats_top}, {"metrics", NULL, stats_metrics}, {"trace", NULL, trace_show},
	{NULL, NULL, NULL},
};

static const struct command *find(const struct command *c, int argc, char **argv)
{
	for (; argc && c->group; c++)
		if (strcmp(c->group, argv[0]) == 0 && (!c->name || (argc > 1 && strcmp(c->name, argv[1]) == 0)))
			return c;
	return NULL;
}

/* A device or words that only the kernel's NICs know. */
static bool is_for_kernel(const struct ctl *c, int argc, char **argv)
{
	return c->dev || (find(kernel_commands, argc, argv) && !find(commands, argc, argv)) || (argc > 2 && strcmp(argv[2], "jited") == 0);
}

static int usage(const struct command *c, const char *group)
{
	if (!group) {
		fputs("nicctl: a command is missing; nicctl --help names them\n", stderr);
		return EXIT_USAGE;
	}
	fprintf(stderr, "nicctl: %s: no such command; there are", group);
	for (const char *comma = ""; c->group; c++, comma = ",")
		fprintf(stderr, "%s %s%s%s", comma, c->group, c->name ? " " : "", c->name ? c->name : "");
	fputc('\n', stderr);
	return EXIT_USAGE;
}

static int first_port(struct ctl *c)
{
	json_t *ports = ctl_ask(c, "/nicjit/ports");

	if (!ports)
		return -1;
	if (c->port < 0)
		c->port = (int)json_integer_value(json_array_get(ports, 0));
	json_decref(ports);
	return 0;
}

static int silent(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

static int number(const char *option, const char *text, double *n)
{
	char *end;

	*n = strtod(text, &end);
	return *text && !*end && *n >= 0 && *n <= 1e6 ? 0 : fail("--%s %s: it takes a number", option, text);
}

static int whole(const char *option, const char *text, unsigned int *n)
{
	double d;

	if (number(option, text, &d))
		return -1;
	*n = (unsigned int)d;
	return *n == d ? 0 : fail("--%s %s: it takes a whole number", option, text);
}

/* Options come before the command, as values may begin with a minus; but for these, which many write later. Returns how many words stay. */
static int take_late(int n, char **words, struct ctl *c)
{
	int kept = 0;

	for (int i = 0; i < n; i++) {
		if (strcmp(words[i], "--json") == 0 || strcmp(words[i], "-j") == 0)
			c->json = true;
		else if (strcmp(words[i], "--dev") == 0 && i + 1 < n)
			c->dev = words[++i];
		else
			words[kept++] = words[i];
	}
	return kept;
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{"prefix", required_argument, NULL, 'f'}, {"socket", required_argument, NULL, 's'}, {"port", required_argument, NULL, 'p'},
		{"json", no_argument, NULL, 'j'}, {"dev", required_argument, NULL, 'd'}, {"interval", required_argument, NULL, 'i'}, {"count", required_argument, NULL, 'n'},
		{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0},
	};
	const char *prefix = NULL, *path = NULL;
	struct ctl c = {.fd = -1, .port = -1, .interval = 1};
	const struct command *command = NULL;
	unsigned int port;
	int option, words, result;
	bool kernel;

	while ((option = getopt_long(argc, argv, "+f:s:p:jd:i:n:h", table, NULL)) != -1) {
		switch (option) {
		case 'f': prefix = optarg; break;
		case 's': path = optarg; break;
		case 'p': if (whole("port", optarg, &port)) return EXIT_USAGE; c.port = (int)port; break;
		case 'j': c.json = true; break;
		case 'd': c.dev = optarg; break;
		case 'i': if (number("interval", optarg, &c.interval)) return EXIT_USAGE; break;
		case 'n': if (whole("count", optarg, &c.count)) return EXIT_USAGE; break;
		case 'h': fputs(help_text, stdout); return 0;
		default: return EXIT_USAGE;
		}
	}
	argc = take_late(argc - optind, argv + optind, &c);
	argv += optind;
	if (argc && strcmp(argv[0], "help") == 0)
		return fputs(help_text, stdout), 0;
	kernel = is_for_kernel(&c, argc, argv);
	command = find(kernel ? kernel_commands : commands, argc, argv);
	if (!command)
		return usage(kernel ? kernel_commands : commands, argc ? argv[0] : NULL);
	libbpf_set_print(silent);
	words = command->name ? 2 : 1;
	result = !kernel && (ctl_open(&c, prefix, path) || first_port(&c));
	result = result || command->run(&c, argc - words, argv + words);
	btf__free(c.btf);
	ctl_close(&c);
	return result ? EXIT_FAILED : 0;
}
