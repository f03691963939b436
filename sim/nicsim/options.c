// SPDX-License-Identifier: Apache-2.0
#include "nicsim.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

enum {
	OPT_FW = 256, OPT_RX, OPT_TX, OPT_HOST, OPT_WIRE, OPT_SECONDS, OPT_MODEL, OPT_CORES, OPT_PORTS, OPT_ACTIVE, OPT_THREADS,
	OPT_ORDER, OPT_LOAD, OPT_LOSSLESS, OPT_REPEAT, OPT_SEED, OPT_TRACE, OPT_PROFILE, OPT_TIMELINE, OPT_JSON, OPT_PROGRESS, OPT_MAPS_IN, OPT_MAPS_OUT, OPT_EVENTS, OPT_RESULTS,
	OPT_RESULTS_DATA, OPT_CLOCK, OPT_WAIT, OPT_MAX_CYCLES, OPT_WATCHDOG, OPT_EXT_MEM, OPT_FIB, OPT_FROM_HOST, OPT_RINGS, OPT_HELP, OPT_VERSION,
};

static const struct option long_options[] = {
	{"fw", required_argument, NULL, OPT_FW},
	{"rx", required_argument, NULL, OPT_RX},
	{"tx", required_argument, NULL, OPT_TX},
	{"model", required_argument, NULL, OPT_MODEL},
	{"host", required_argument, NULL, OPT_HOST},
	{"from-host", required_argument, NULL, OPT_FROM_HOST},
	{"rings", no_argument, NULL, OPT_RINGS},
	{"wire", required_argument, NULL, OPT_WIRE},
	{"seconds", required_argument, NULL, OPT_SECONDS},
	{"cores", required_argument, NULL, OPT_CORES},
	{"ports", required_argument, NULL, OPT_PORTS},
	{"active", required_argument, NULL, OPT_ACTIVE},
	{"threads", required_argument, NULL, OPT_THREADS},
	{"order", required_argument, NULL, OPT_ORDER},
	{"load", required_argument, NULL, OPT_LOAD},
	{"lossless", no_argument, NULL, OPT_LOSSLESS},
	{"repeat", required_argument, NULL, OPT_REPEAT},
	{"seed", required_argument, NULL, OPT_SEED},
	{"timeline", required_argument, NULL, OPT_TIMELINE},
	{"profile", required_argument, NULL, OPT_PROFILE},
	{"progress", no_argument, NULL, OPT_PROGRESS},
	{"trace", required_argument, NULL, OPT_TRACE},
	{"json", no_argument, NULL, OPT_JSON},
	{"maps-in", required_argument, NULL, OPT_MAPS_IN},
	{"maps-out", required_argument, NULL, OPT_MAPS_OUT},
	{"events", required_argument, NULL, OPT_EVENTS},
	{"results", required_argument, NULL, OPT_RESULTS},
	{"results-data", no_argument, NULL, OPT_RESULTS_DATA},
	{"clock", required_argument, NULL, OPT_CLOCK},
	{"wait", required_argument, NULL, OPT_WAIT},
	{"max-cycles", required_argument, NULL, OPT_MAX_CYCLES},
	{"watchdog", required_argument, NULL, OPT_WATCHDOG},
	{"ext-mem", required_argument, NULL, OPT_EXT_MEM},
	{"fib", required_argument, NULL, OPT_FIB},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

static const char version[] = "nicsim 0.1\n";

static const char help[] =
"usage: nicsim --fw PROG.fw --rx [PORT:]IN.pcap [options]\n"
"\n"
"Sends the packets of captures through a simulated NIC that runs the program, and says what\n"
"became of them and how fast it was.\n"
"\n"
"  nicsim --fw drop.fw --rx in.pcap                           the table alone\n"
"  nicsim --fw my.fw --rx in.pcap --tx out.pcap --model iss   packets that go on; fast model\n"
"  nicsim --fw my.fw --rx in.pcap --model both                RTL and C model in lock step\n"
"  nicsim --fw my.fw --rx 0:a.pcap --rx 1:b.pcap --tx 0:c.pcap --host d.pcap\n"
"         --model iss --cores 8 --load line                   two ports at 100 Gbit/s each\n"
"\n"
"the NIC\n"
"  --fw FILE          firmware, as nicjit writes it\n"
"  --model MODEL      rtl   the Verilog, Verilated (default)\n"
"                     iss   the C model, equal in every clock and much faster\n"
"                     both  both in lock step; the first difference ends the run\n"
"  --cores N          cores that the NIC has: 1 to 16 of the C model, as built of the RTL (2)\n"
"  --ports N          ports that it has, 1 to 4 (2)\n"
"  --active N         cores that take packets (default: all)\n"
"  --threads N        hardware threads that take packets, of one core, or of each of the --active\n"
"                     ones (default: all); with 1 a packet sees all that those before it did\n"
"  --order ORDER      off     packets leave as they end\n"
"                     flow    those of one flow as they came (default)\n"
"                     strict  all as they came\n"
"  --rings            packets for and from the host go by DMA through rings in its memory, as drivers\n"
"                     have it, not as plain streams; packets for it never drop there, they wait\n"
"  --watchdog N       bundles a packet may execute\n"
"  --ext-mem SIZE[:CLOCKS]  map memory outside the chip, as 64M, or 0 (2G); it answers after that many\n"
"                     clocks (60)\n"
"  --clock nic|pcap   nic   packets as --load has it, 4 ns of NIC time a clock (default)\n"
"                     pcap  one packet at a time; NIC time stands at its capture time, so that\n"
"                           programs that read the clock give the same result again\n"
"  --wait NS          NIC time goes on by that behind the last packet, in leaps: timers fire\n"
"\n"
"the load on each port\n"
"  --load LOAD        back-to-back       a row of 64 bytes a clock, held up when the NIC is full (default)\n"
"                     line[:GBITS]       at the rate of the wire, 100 Gbit/s unless told\n"
"                     poisson:MPPS       so many million packets a second on the average, at random\n"
"                     burst:FRAMES:GAP   FRAMES back to back, then GAP clocks without\n"
"  --lossless         a full NIC holds the ports up instead of dropping; back-to-back always does\n"
"  --repeat N         send the captures N times\n"
"  --seed N           of random arrivals\n"
"\n"
"live\n"
"  --wire [PORT:]tap:NAME   a TAP interface of this machine at the port (0), instead of captures\n"
"  --wire [PORT:]if:NAME    an interface that is there, say one end of a veth pair\n"
"  --seconds N        end after that time; SIGINT ends it, too\n"
"\n"
"files\n"
"  --rx [PORT:]FILE   packets for a port (0), in order; pcap or pcapng; once for each port\n"
"  --tx PORT:FILE     packets that leave by the port\n"
"  --host FILE        packets for the host\n"
"  --from-host [PORT:]FILE  frames that the host sends by the port (0), as fast as it can\n"
"  --tx FILE          all packets with verdict PASS, TX or REDIRECT, as the program left them, in\n"
"                     the order they leave the NIC, wherever\n"
"  --results FILE     one JSON object per packet and line, in input order\n"
"  --results-data     with the packet's bytes in them, whatever its verdict\n"
"  --maps-in FILE     JSON with map entries to put in before the first packet\n"
"  --maps-out FILE    the maps after the last packet\n"
"  --fib FILE         links, routes and neighbours for bpf_fib_lookup(), as ip -j prints them\n"
"  --events FILE      read the ring buffers and perf events of the program as it runs: one JSON object per\n"
"                     record and line; what it prints, too, which otherwise goes to the screen\n"
"  --trace FILE       waveform (FST) of the RTL, by a slower simulator (make trace)\n"
"  --profile FILE     how often each bundle was executed, and its clocks, by source line\n"
"  --timeline FILE    threads and outputs over time, for Perfetto or chrome://tracing (JSON)\n"
"\n"
"output\n"
"  --json             the table as one JSON object\n"
"  --progress         how far it is, every half second; always on a terminal\n"
"  --max-cycles N     give up when no packet comes out for that many clocks (100000000)\n"
"  --help             this text\n"
"  --version\n"
"\n"
"exit code\n"
"  0  all packets were processed, faulting ones too\n"
"  1  a file, the image or the NIC refused; no packet came out in time; or the models differ\n"
"  2  wrong arguments\n";

static int usage_error(int *code, const char *text, const char *arg)
{
	fprintf(stderr, "nicsim: %s%s (nicsim --help)\n", text, arg);
	*code = EXIT_USAGE;
	return -1;
}

static bool parse_number(const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && !errno && *value >= 1 &&
	       *value <= max;
}

/* The place of a name in a list that ends with NULL, or -1. */
static int find_name(const char *text, const char *const *names)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(text, names[i]) == 0)
			return i;
	return -1;
}

static bool parse_model(const char *text, enum model *model)
{
	static const char *const names[] = {"rtl", "iss", "both", NULL};
	int i = find_name(text, names);

	*model = i;
	return i >= 0;
}

static bool parse_order(const char *text, enum order *order)
{
	static const char *const names[] = {"off", "flow", "strict", NULL};
	int i = find_name(text, names);

	*order = i + ORDER_OFF;
	return i >= 0;
}

static bool parse_rate(const char *text, double *rate)
{
	char *end;

	*rate = strtod(text, &end);
	return end != text && *end == '\0' && *rate > 0 && *rate < 1e6;
}

static bool parse_burst(const char *text, struct load *load)
{
	const char *colon = strchr(text, ':');
	char frames[16];
	uint64_t n, gap;

	if (!colon || colon - text >= (long)sizeof(frames))
		return false;
	snprintf(frames, sizeof(frames), "%.*s", (int)(colon - text), text);
	if (!parse_number(frames, 1000000, &n) || !parse_number(colon + 1, 1000000000, &gap))
		return false;
	load->frames = n;
	load->gap = gap;
	return true;
}

static bool parse_load(const char *text, struct load *load)
{
	*load = (struct load){.kind = LOAD_LINE, .rate = 100};
	if (strcmp(text, "line") == 0)
		return true;
	if (strncmp(text, "line:", 5) == 0)
		return parse_rate(text + 5, &load->rate);
	load->kind = LOAD_POISSON;
	if (strncmp(text, "poisson:", 8) == 0)
		return parse_rate(text + 8, &load->rate);
	load->kind = LOAD_BURST;
	if (strncmp(text, "burst:", 6) == 0)
		return parse_burst(text + 6, load);
	load->kind = LOAD_BACK_TO_BACK;
	return strcmp(text, "back-to-back") == 0;
}

/* PORT:FILE into files; a FILE alone into *alone. */
static bool parse_file(const char *text, const char **files, const char **alone)
{
	bool port = text[0] >= '0' && text[0] < '0' + DEVICE_PORTS && text[1] == ':';
	const char **file = port ? &files[text[0] - '0'] : alone;

	if (*file)
		return false;
	*file = text + (port ? 2 : 0);
	return **file;
}

static bool parse_u32(const char *text, uint32_t max, uint32_t *value)
{
	uint64_t n = 0;
	bool good = parse_number(text, max, &n);

	*value = n;
	return good;
}

/* 64M or 2G, then perhaps :CLOCKS; or 0. */
static bool parse_ext(const char *text, struct device_ext *ext)
{
	const uint64_t most = 2048;
	char *end;
	uint64_t n = strtoull(text, &end, 10);

	*ext = (struct device_ext){0};
	if (!strcmp(text, "0"))
		return true;
	if (text[0] < '0' || text[0] > '9' || !n || n > most || (*end != 'M' && *end != 'G'))
		return false;
	n *= *end == 'G' ? 1024 : 1;
	ext->mib = n;
	return n <= most && (end[1] == '\0' || (end[1] == ':' && parse_u32(end + 2, 10000, &ext->latency)));
}

static bool parse_option(struct options *opt, int option, const char *arg)
{
	switch (option) {
	case OPT_FW: opt->fw = arg; return true;
	case OPT_RX: return parse_file(arg, opt->rx, &opt->rx[0]);
	case OPT_TX: return parse_file(arg, opt->tx, &opt->tx_all);
	case OPT_WIRE: return parse_file(arg, opt->wire, &opt->wire[0]);
	case OPT_SECONDS: return parse_u32(arg, INT32_MAX, &opt->seconds);
	case OPT_HOST: opt->host = arg; return true;
	case OPT_FROM_HOST: return parse_file(arg, opt->from_host, &opt->from_host[0]);
	case OPT_RINGS: opt->rings = true; return true;
	case OPT_MAPS_IN: opt->maps_in = arg; return true;
	case OPT_MAPS_OUT: opt->maps_out = arg; return true;
	case OPT_EVENTS: opt->events = arg; return true;
	case OPT_FIB: opt->fib = arg; return true;
	case OPT_RESULTS: opt->results = arg; return true;
	case OPT_TRACE: opt->trace = arg; return true;
	case OPT_PROFILE: opt->profile = arg; return true;
	case OPT_TIMELINE: opt->timeline = arg; return true;
	case OPT_JSON: opt->json = true; return true;
	case OPT_PROGRESS: opt->progress = true; return true;
	case OPT_LOSSLESS: opt->lossless = true; return true;
	case OPT_RESULTS_DATA: opt->results_data = true; return true;
	case OPT_MODEL: return parse_model(arg, &opt->model);
	case OPT_ORDER: return parse_order(arg, &opt->order);
	case OPT_LOAD: return parse_load(arg, &opt->load);
	case OPT_CLOCK:
		opt->clock_pcap = strcmp(arg, "pcap") == 0;
		return opt->clock_pcap || strcmp(arg, "nic") == 0;
	case OPT_CORES: return parse_u32(arg, NIC_CORES_MAX, &opt->cores);
	case OPT_PORTS: return parse_u32(arg, DEVICE_PORTS, &opt->ports);
	case OPT_ACTIVE: return parse_u32(arg, NIC_CORES_MAX, &opt->active);
	case OPT_THREADS: return parse_u32(arg, 255, &opt->threads);
	case OPT_REPEAT: return parse_u32(arg, UINT32_MAX, &opt->repeat);
	case OPT_WATCHDOG: return parse_u32(arg, UINT32_MAX, &opt->watchdog);
	case OPT_EXT_MEM: return parse_ext(arg, &opt->ext);
	case OPT_WAIT: return parse_number(arg, UINT64_MAX, &opt->wait_ns);
	case OPT_SEED: return parse_number(arg, UINT64_MAX, &opt->seed);
	default: /* OPT_MAX_CYCLES */
		return parse_number(arg, UINT64_MAX, &opt->max_cycles);
	}
}

static bool any(const char *const files[DEVICE_PORTS])
{
	for (unsigned int port = 0; port < DEVICE_PORTS; port++)
		if (files[port])
			return true;
	return false;
}

int options_parse(struct options *opt, int argc, char **argv, int *code)
{
	int c, index;

	*opt = (struct options){.max_cycles = 100000000, .repeat = 1, .seed = 1, .ext.mib = DEVICE_EXT_MIB};
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", long_options, &index)) != -1) {
		if (c == OPT_HELP || c == OPT_VERSION) {
			fputs(c == OPT_HELP ? help : version, stdout);
			*code = 0;
			return -1;
		}
		if (c == '?')
			return usage_error(code, "there is no option ", argv[optind - 1]);
		if (c == ':')
			return usage_error(code, "a value is missing after ", argv[optind - 1]);
		if (!parse_option(opt, c, optarg)) {
			fprintf(stderr, "nicsim: --%s does not take '%s' (nicsim --help)\n",
				long_options[index].name, optarg);
			*code = EXIT_USAGE;
			return -1;
		}
	}
	if (optind < argc)
		return usage_error(code, "there is no place for the argument ", argv[optind]);
	if (!opt->fw)
		return usage_error(code, "--fw is needed", "");
	if (!any(opt->rx) && !any(opt->wire))
		return usage_error(code, "--rx is needed", "");
	if (any(opt->rx) && any(opt->wire))
		return usage_error(code, "--wire and --rx do not go together", "");
	if (any(opt->wire) && opt->clock_pcap)
		return usage_error(code, "--wire has no capture times for --clock pcap", "");
	if (opt->threads && !opt->active)
		opt->active = 1;
	if (opt->trace && opt->model == MODEL_ISS)
		return usage_error(
			code, "--trace needs --model rtl or both: the C model has no waveform", "");
	if (opt->results_data && !opt->results)
		return usage_error(code, "--results-data needs --results", "");
	return 0;
}
