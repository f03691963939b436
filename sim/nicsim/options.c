// SPDX-License-Identifier: Apache-2.0
#include "nicsim.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

enum {
	OPT_FW = 256, OPT_RX, OPT_TX, OPT_MODEL, OPT_THREADS, OPT_TRACE, OPT_JSON, OPT_MAPS_IN,
	OPT_MAPS_OUT, OPT_RESULTS, OPT_RESULTS_DATA, OPT_CLOCK, OPT_MAX_CYCLES, OPT_WATCHDOG, OPT_HELP, OPT_VERSION,
};

static const struct option long_options[] = {
	{"fw", required_argument, NULL, OPT_FW},
	{"rx", required_argument, NULL, OPT_RX},
	{"tx", required_argument, NULL, OPT_TX},
	{"model", required_argument, NULL, OPT_MODEL},
	{"threads", required_argument, NULL, OPT_THREADS},
	{"trace", required_argument, NULL, OPT_TRACE},
	{"json", no_argument, NULL, OPT_JSON},
	{"maps-in", required_argument, NULL, OPT_MAPS_IN},
	{"maps-out", required_argument, NULL, OPT_MAPS_OUT},
	{"results", required_argument, NULL, OPT_RESULTS},
	{"results-data", no_argument, NULL, OPT_RESULTS_DATA},
	{"clock", required_argument, NULL, OPT_CLOCK},
	{"max-cycles", required_argument, NULL, OPT_MAX_CYCLES},
	{"watchdog", required_argument, NULL, OPT_WATCHDOG},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

static const char version[] = "nicsim 0.1\n";

static const char help[] =
"usage: nicsim --fw PROG.fw --rx IN.pcap [options]\n"
"\n"
"Sends the packets of a capture through a simulated NIC that runs the program, and says what\n"
"became of them and how fast it was.\n"
"\n"
"  nicsim --fw drop.fw --rx in.pcap                           the table alone\n"
"  nicsim --fw my.fw --rx in.pcap --tx out.pcap --model iss   packets that go on; fast model\n"
"  nicsim --fw my.fw --rx in.pcap --model both                RTL and C model in lock step\n"
"\n"
"the NIC\n"
"  --fw FILE          firmware, as nicjit writes it\n"
"  --model MODEL      rtl   the Verilog, Verilated (default)\n"
"                     iss   the C model, equal in every clock and much faster\n"
"                     both  both in lock step; the first difference ends the run\n"
"  --threads N        hardware threads that take packets (default: all); with 1 a packet sees\n"
"                     all that those before it did\n"
"  --watchdog N       bundles a packet may execute\n"
"  --clock nic|pcap   nic   packets back to back, 4 ns of NIC time a clock (default)\n"
"                     pcap  one packet at a time; NIC time stands at its capture time, so that\n"
"                           programs that read the clock give the same result again\n"
"\n"
"files\n"
"  --rx FILE          packets, in order; pcap or pcapng\n"
"  --tx FILE          packets with verdict PASS, TX or REDIRECT, as the program left them, in\n"
"                     the order they leave the NIC\n"
"  --results FILE     one JSON object per packet and line, in input order\n"
"  --results-data     with the packet's bytes in them, whatever its verdict\n"
"  --maps-in FILE     JSON with map entries to put in before the first packet\n"
"  --maps-out FILE    the maps after the last packet\n"
"  --trace FILE       waveform (FST) of the RTL\n"
"\n"
"output\n"
"  --json             the table as one JSON object\n"
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

static bool parse_model(const char *text, enum model *model)
{
	static const char *const names[] = {"rtl", "iss", "both"};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0) {
			*model = i;
			return true;
		}
	return false;
}

static bool parse_option(struct options *opt, int option, const char *arg)
{
	uint64_t n;

	switch (option) {
	case OPT_FW: opt->fw = arg; return true;
	case OPT_RX: opt->rx = arg; return true;
	case OPT_TX: opt->tx = arg; return true;
	case OPT_MAPS_IN: opt->maps_in = arg; return true;
	case OPT_MAPS_OUT: opt->maps_out = arg; return true;
	case OPT_RESULTS: opt->results = arg; return true;
	case OPT_TRACE: opt->trace = arg; return true;
	case OPT_JSON: opt->json = true; return true;
	case OPT_RESULTS_DATA: opt->results_data = true; return true;
	case OPT_MODEL: return parse_model(arg, &opt->model);
	case OPT_CLOCK:
		opt->clock_pcap = strcmp(arg, "pcap") == 0;
		return opt->clock_pcap || strcmp(arg, "nic") == 0;
	case OPT_THREADS:
		if (!parse_number(arg, 255, &n))
			return false;
		opt->threads = n;
		return true;
	case OPT_WATCHDOG:
		if (!parse_number(arg, UINT32_MAX, &n))
			return false;
		opt->watchdog = n;
		return true;
	default: /* OPT_MAX_CYCLES */
		return parse_number(arg, UINT64_MAX, &opt->max_cycles);
	}
}

int options_parse(struct options *opt, int argc, char **argv, int *code)
{
	int c, index;

	*opt = (struct options){.max_cycles = 100000000};
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
	if (!opt->rx)
		return usage_error(code, "--rx is needed", "");
	if (opt->trace && opt->model == MODEL_ISS)
		return usage_error(
			code, "--trace needs --model rtl or both: the C model has no waveform", "");
	if (opt->results_data && !opt->results)
		return usage_error(code, "--results-data needs --results", "");
	return 0;
}
