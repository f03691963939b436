// SPDX-License-Identifier: Apache-2.0
/* bench-meter: prints what one program does on one NIC as a JSON object. */
#include "meter.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2, COUNT = 2000, WARM = 500 };

static const char usage_text[] =
	"usage: bench-meter --fw PROG.fw --rx IN.pcap [--maps-in FILE] [--model iss|rtl] [--packets N] [--idle-only]\n";

static void set(json_t *o, const char *key, double value)
{
	json_object_set_new(o, key, json_real(value));
}

static json_t *profile(const struct meter *m)
{
	json_t *list = json_array();

	for (unsigned int pc = 0; pc < METER_PCS; pc++) {
		const struct meter_pc *p = &m->pcs[pc];
		const char *source = p->times ? meter_nic_source(m, pc) : NULL;
		json_t *o;

		if (!p->times)
			continue;
		o = json_object();
		json_object_set_new(o, "bundle", json_integer(pc));
		set(o, "per_packet", (double)p->times / m->frame_count);
		set(o, "clocks", (double)p->clocks / p->times);
		if (p->command)
			json_object_set_new(o, "command", json_string(isa_lookup(p->command)->name));
		if (source)
			json_object_set_new(o, "source", json_string(source));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *verdicts(const struct meter *m)
{
	json_t *o = json_object();

	for (uint32_t i = 0; i < RESULTS_VERDICTS; i++)
		if (m->verdicts[i])
			json_object_set_new(o, results_verdict_name(i), json_integer((json_int_t)m->verdicts[i]));
	return o;
}

static double share(const struct meter *m, unsigned int counter)
{
	return (double)(m->after[counter] - m->before[counter]) / (m->after[METER_CLOCKS] - m->before[METER_CLOCKS]);
}

static json_t *full(const struct meter *m)
{
	double packets = m->last - m->first, rows = 0;
	json_t *o = json_object();

	for (unsigned int i = 0; i < m->frame_count; i++)
		rows += meter_rows(m->frames[i].len);

	set(o, "packets", packets);
	set(o, "clocks_per_packet", (m->at[1] - m->at[0]) / packets);
	set(o, "bundles_per_packet", m->bundles / packets);
	set(o, "rows_in", rows / m->frame_count);
	set(o, "rows_out", m->rows_sent / packets);
	set(o, "issuing", share(m, METER_BUNDLES));
	set(o, "stalled", share(m, METER_STALL));
	set(o, "command_queue_full", share(m, METER_CMD_FULL));
	set(o, "empty", share(m, METER_IDLE));
	return o;
}

static int measure(struct meter *m, const struct options *opt, const char *rx, uint64_t packets, bool idle_only, struct io_error *err)
{
	json_t *o = json_object();

	if (meter_open(m, opt, rx, err) || meter_idle(m, err) || (!idle_only && meter_full(m, WARM, packets, err)))
		return -1;
	json_object_set_new(o, "program", json_string(image_string(&m->run.image, m->run.image.header->name)));
	json_object_set_new(o, "model", json_string(m->device->ops->name));
	json_object_set_new(o, "verdicts", verdicts(m));
	json_object_set_new(o, "faults", json_integer((json_int_t)m->faults));
	set(o, "latency_clocks", (double)m->latency / m->frame_count);
	set(o, "stores_per_packet", (double)m->stores / m->frame_count);
	json_object_set_new(o, "threads", json_integer(nic_load_threads(&m->run.regs)));
	if (!idle_only)
		json_object_set_new(o, "full", full(m));
	json_object_set_new(o, "profile", profile(m));
	json_dumpf(o, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
	putchar('\n');
	json_decref(o);
	return 0;
}

static bool parse(int argc, char **argv, struct options *opt, const char **rx, uint64_t *packets, bool *idle_only)
{
	static const struct option table[] = {
		{"fw", required_argument, NULL, 'f'},    {"rx", required_argument, NULL, 'r'},
		{"maps-in", required_argument, NULL, 'i'}, {"model", required_argument, NULL, 'm'},
		{"packets", required_argument, NULL, 'n'}, {"idle-only", no_argument, NULL, 'l'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (option) {
		case 'f': opt->fw = optarg; break;
		case 'r': *rx = optarg; break;
		case 'i': opt->maps_in = optarg; break;
		case 'm':
			opt->model = strcmp(optarg, "rtl") ? MODEL_ISS : MODEL_RTL;
			break;
		case 'n': *packets = strtoull(optarg, NULL, 10); break;
		case 'l': *idle_only = true; break;
		default: return false;
		}
	}
	return optind == argc && opt->fw && *rx && *packets;
}

int main(int argc, char **argv)
{
	static struct meter m;
	struct options opt = {.model = MODEL_ISS};
	const char *rx = NULL;
	struct io_error err;
	uint64_t packets = COUNT;
	bool idle_only = false;
	int result;

	if (!parse(argc, argv, &opt, &rx, &packets, &idle_only)) {
		fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	result = measure(&m, &opt, rx, packets, idle_only, &err);
	meter_close(&m);
	if (result)
		fprintf(stderr, "bench-meter: %s\n", err.text);
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}
