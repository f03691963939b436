// SPDX-License-Identifier: Apache-2.0
#include "nicsim.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "packets.h"

static double ratio(double a, double b)
{
	return b > 0 ? a / b : 0;
}

/* Clocks from the first packet's start to the last one's end, per packet. */
static double cycles_per_packet(const struct run_stats *s)
{
	return ratio(s->last - s->first, s->packets);
}

static double mpps(const struct run_stats *s)
{
	return ratio(CLOCK_MHZ, cycles_per_packet(s));
}

static const char *model_name(const struct run *run)
{
	static const char *const names[] = {"rtl", "iss", "both"};

	return names[run->opt->model];
}

static uint32_t active_cores(const struct run *run)
{
	return run->opt->active ? run->opt->active : run->cores;
}

static const struct {
	const char *name, *key;
	double part;
} percentiles[] = {{"median", "p50", 0.5}, {"90 %", "p90", 0.9}, {"99 %", "p99", 0.99}, {"99.9 %", "p99_9", 0.999}};
enum { PERCENTILES = sizeof(percentiles) / sizeof(percentiles[0]) };

/* Clocks from wire to wire. */
static void print_latency(const struct latency *l)
{
	if (!l->count)
		return;
	printf("  %-24s %12.1f\n", "wire to wire, clocks", ratio(l->sum, l->count));
	for (unsigned int i = 0; i < PERCENTILES; i++)
		printf("    %-22s %12" PRIu64 "\n", percentiles[i].name, latency_percentile(l, percentiles[i].part));
	printf("    %-22s %12" PRIu64 "\n", "longest", l->max);
}

static void print_table(const struct run *run)
{
	const struct run_stats *s = &run->stats;

	printf("%s on %s, %u cores: %" PRIu64 " packets, %" PRIu64 " bytes\n", image_string(&run->image, run->image.header->name),
	       model_name(run), active_cores(run), s->packets, s->bytes);
	for (uint32_t i = 0; i < RESULTS_VERDICTS; i++)
		if (s->verdicts[i])
			printf("  %-24s %12" PRIu64 "\n", results_verdict_name(i), s->verdicts[i]);
	for (unsigned int i = CAUSE_NONE + 1; i < CAUSES; i++)
		if (s->faults[i])
			printf("  fault %-18s %12" PRIu64 "\n", packets_cause_name(i),
			       s->faults[i]);
	if (s->refused)
		printf("  %-24s %12" PRIu64 "\n", "not taken (size)", s->refused);
	for (unsigned int i = DEVICE_DROP_BAD; i < DROPS; i++)
		if (s->drops[i])
			printf("  dropped %-16s %12" PRIu64 "\n", packets_drop_name(i), s->drops[i]);
	if (s->from_host)
		printf("  %-24s %12" PRIu64 "\n", "sent by the host", s->from_host);
	printf("  %-24s %12.2f\n", "bundles per packet", ratio(s->bundles, s->packets));
	printf("  %-24s %12.2f\n", "clocks per packet", cycles_per_packet(s));
	printf("  %-24s %12.2f\n", "Mpps at 250 MHz", mpps(s));
	printf("  %-24s %12.0f\n", "mean latency, ns",
	       ratio(s->latency, s->packets) * 1000 / CLOCK_MHZ);
	print_latency(&s->wire);
	printf("  %-24s %12.0f\n", "simulated clocks per s", ratio(s->cycles, s->seconds));
	if (run->opt->model == MODEL_BOTH)
		printf("  %-24s %12" PRIu64 "\n", "records equal", s->compared);
}

static void set_count(json_t *o, const char *key, uint64_t v)
{
	json_object_set_new(o, key, json_integer((json_int_t)v));
}

static void set_ratio(json_t *o, const char *key, double v)
{
	json_object_set_new(o, key, json_real(v));
}

static json_t *verdicts(const struct run_stats *s)
{
	json_t *o = json_object();

	for (uint32_t i = 0; i < RESULTS_VERDICTS; i++)
		set_count(o, results_verdict_name(i), s->verdicts[i]);
	return o;
}

static json_t *faults(const struct run_stats *s)
{
	json_t *o = json_object();

	for (unsigned int i = CAUSE_NONE + 1; i < CAUSES; i++)
		set_count(o, packets_cause_name(i), s->faults[i]);
	return o;
}

static json_t *drops(const struct run_stats *s)
{
	json_t *o = json_object();

	for (unsigned int i = DEVICE_DROP_BAD; i < DROPS; i++)
		set_count(o, packets_drop_name(i), s->drops[i]);
	return o;
}

static json_t *histogram(const struct latency *l)
{
	struct latency_group group[LATENCY_GROUPS];
	unsigned int n = latency_groups(l, group);
	json_t *list = json_array();

	for (unsigned int i = 0; i < n; i++)
		json_array_append_new(list, json_pack("[I, I]", (json_int_t)group[i].most, (json_int_t)group[i].count));
	return list;
}

static json_t *latency(const struct latency *l)
{
	json_t *o = json_object();

	set_count(o, "count", l->count);
	set_ratio(o, "mean", ratio(l->sum, l->count));
	set_count(o, "min", l->min);
	for (unsigned int i = 0; i < PERCENTILES; i++)
		set_count(o, percentiles[i].key, latency_percentile(l, percentiles[i].part));
	set_count(o, "max", l->max);
	json_object_set_new(o, "histogram", histogram(l));
	return o;
}

static void print_json(const struct run *run)
{
	const struct run_stats *s = &run->stats;
	const char *program = image_string(&run->image, run->image.header->name);
	json_t *o = json_object();

	json_object_set_new(o, "program", json_string(program));
	json_object_set_new(o, "model", json_string(model_name(run)));
	set_count(o, "cores", active_cores(run));
	set_count(o, "ports", run->ports);
	set_count(o, "packets", s->packets);
	set_count(o, "bytes", s->bytes);
	set_count(o, "refused", s->refused);
	json_object_set_new(o, "verdicts", verdicts(s));
	json_object_set_new(o, "faults", faults(s));
	json_object_set_new(o, "drops", drops(s));
	set_count(o, "sent", s->sent);
	set_count(o, "to_host", s->to_host);
	set_count(o, "from_host", s->from_host);
	set_count(o, "bundles", s->bundles);
	set_ratio(o, "bundles_per_packet", ratio(s->bundles, s->packets));
	set_ratio(o, "cycles_per_packet", cycles_per_packet(s));
	set_ratio(o, "mpps", mpps(s));
	set_ratio(o, "latency_cycles", ratio(s->latency, s->packets));
	set_ratio(o, "latency_ns", ratio(s->latency, s->packets) * 1000 / CLOCK_MHZ);
	json_object_set_new(o, "wire_to_wire_cycles", latency(&s->wire));
	set_count(o, "cycles", s->cycles);
	set_ratio(o, "cycles_per_second", ratio(s->cycles, s->seconds));
	set_ratio(o, "cycles_per_cpu_second", ratio(s->cycles, s->cpu_seconds));
	if (run->opt->model == MODEL_BOTH)
		set_count(o, "compared", s->compared);
	json_dumpf(o, stdout, JSON_REAL_PRECISION(9));
	putchar('\n');
	json_decref(o);
}

void report_print(const struct run *run)
{
	if (run->opt->json)
		print_json(run);
	else
		print_table(run);
}
