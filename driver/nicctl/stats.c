// SPDX-License-Identifier: Apache-2.0
/* nicctl stats and top: counters, and what they make per second. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nicctl.h"

static const char *const verdicts[] = {"pass", "drop", "tx", "redirect", "aborted"};
enum { VERDICTS = sizeof(verdicts) / sizeof(*verdicts) };

json_t *stats_read(struct ctl *c)
{
	json_t *x = ctl_ask(c, "/ethdev/xstats,%d", c->port);

	return !x || json_is_object(x) ? x : (json_decref(x), fail("port %d gives no counters", c->port), NULL);
}

static uint64_t get(const json_t *x, const char *fmt, unsigned int n, const char *rest)
{
	char name[96];

	snprintf(name, sizeof(name), fmt, n, rest);
	return ctl_number(x, name);
}

static bool has(const json_t *x, const char *fmt, unsigned int n)
{
	char name[96];

	snprintf(name, sizeof(name), fmt, n);
	return json_object_get(x, name) != NULL;
}

static uint64_t verdict(const json_t *x, const char *where, const char *name, const char *what)
{
	char key[96];

	snprintf(key, sizeof(key), "xdp_%s_%s_%s", where, name, what);
	return ctl_number(x, key);
}

static bool is_loss(const char *name)
{
	static const char *const ends[] = {"_full_packets", "_off_packets", "_no_buffer_packets", "_small_buffer_packets", "_nowhere_packets",
		"_lost_packets", "_unread_packets", "_long_packets", "_short_packets", "_bad_packets", "_bad_descriptors", "_errors", "_doorbells"};

	if (strncmp(name, "xdp_fault_", 10) == 0 || strcmp(name, "rx_missed_errors") == 0)
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (strlen(name) > strlen(ends[i]) && strcmp(name + strlen(name) - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

/* Packets that a program decided, wherever it ran. */
static void print_verdicts(const json_t *x)
{
	printf("%-10s %14s %14s\n", "verdict", "in the NIC", "on the host");
	for (int i = 0; i < VERDICTS; i++)
		printf("%-10s %14lu %14lu\n", verdicts[i], verdict(x, "offload", verdicts[i], "packets"), verdict(x, "host", verdicts[i], "packets"));
}

static void print_wires(const json_t *x)
{
	printf("%-10s %14s %14s %14s %14s\n", "wire", "in", "in, bytes", "out", "out, bytes");
	for (unsigned int w = 0; has(x, "wire%u_rx_packets", w); w++)
		printf("%-10u %14lu %14lu %14lu %14lu\n", w, get(x, "wire%u_%s", w, "rx_packets"), get(x, "wire%u_%s", w, "rx_bytes"),
		       get(x, "wire%u_%s", w, "tx_packets"), get(x, "wire%u_%s", w, "tx_bytes"));
	printf("%-10s %14lu %14lu %14lu %14lu\n", "host", ctl_number(x, "rx_good_packets"), ctl_number(x, "rx_good_bytes"),
	       ctl_number(x, "tx_good_packets"), ctl_number(x, "tx_good_bytes"));
}

static void print_losses(const json_t *x)
{
	const char *name;
	json_t *value;
	unsigned int n = 0;

	json_object_foreach((json_t *)(uintptr_t)x, name, value)
		if (is_loss(name) && json_integer_value(value))
			printf("%s%-40s %14lld\n", n++ ? "" : "lost, and why\n", name, (long long)json_integer_value(value));
}

int stats_show(struct ctl *c, int argc, char **argv)
{
	json_t *x;

	(void)argv;
	if (argc)
		return fail("stats takes no arguments");
	x = stats_read(c);
	if (!x)
		return -1;
	if (c->json) {
		ctl_print(x);
	} else {
		print_verdicts(x);
		print_wires(x);
		print_losses(x);
	}
	json_decref(x);
	return 0;
}

/* ---- top ---- */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double rate(uint64_t before, uint64_t after, double seconds)
{
	return seconds > 0 ? (double)(after - before) / seconds : 0;
}

/* All rates of one interval. */
static json_t *rates(const json_t *a, const json_t *b, double seconds)
{
	json_t *all = json_object(), *value;
	const char *name;

	json_object_foreach((json_t *)(uintptr_t)b, name, value)
		json_object_set_new(all, name, json_real(rate(ctl_number(a, name), (uint64_t)json_integer_value(value), seconds)));
	return all;
}

static double of(const json_t *r, const char *fmt, unsigned int n, const char *rest)
{
	char name[96];

	snprintf(name, sizeof(name), fmt, n, rest);
	return json_real_value(json_object_get(r, name));
}

static void print_cores(const json_t *r)
{
	double clocks = of(r, "cycles%.0u%s", 0, ""), busy;

	for (unsigned int n = 0; has(r, "core%u_bundles", n) && clocks > 0; n++) {
		busy = of(r, "core%u_%s", n, "bundles") / clocks * 100;
		printf("core %-5u %13.1f%% busy %12.1f%% idle %14.1f bundles a packet\n", n, busy, of(r, "core%u_%s", n, "idle_cycles") / clocks * 100,
		       of(r, "core%u_%s", n, "packets") > 0 ? of(r, "core%u_%s", n, "bundles") / of(r, "core%u_%s", n, "packets") : 0.0);
	}
}

static void print_rates(struct ctl *c, const json_t *r)
{
	const char *name;
	json_t *value;

	printf("port %d, packets per second; the NIC makes %.0f clocks per second\n", c->port, of(r, "cycles%.0u%s", 0, ""));
	printf("%-10s %14s %14s\n", "verdict", "in the NIC", "on the host");
	for (int i = 0; i < VERDICTS; i++) {
		char nic[64], host[64];

		snprintf(nic, sizeof(nic), "xdp_offload_%s_packets", verdicts[i]);
		snprintf(host, sizeof(host), "xdp_host_%s_packets", verdicts[i]);
		printf("%-10s %14.0f %14.0f\n", verdicts[i], json_real_value(json_object_get(r, nic)), json_real_value(json_object_get(r, host)));
	}
	printf("%-10s %14s %14s\n", "wire", "in", "out");
	for (unsigned int w = 0; has(r, "wire%u_rx_packets", w); w++)
		printf("%-10u %14.0f %14.0f\n", w, of(r, "wire%u_%s", w, "rx_packets"), of(r, "wire%u_%s", w, "tx_packets"));
	printf("%-10s %14.0f %14.0f\n", "host", of(r, "rx_good_packets%.0u%s", 0, ""), of(r, "tx_good_packets%.0u%s", 0, ""));
	print_cores(r);
	json_object_foreach((json_t *)(uintptr_t)r, name, value)
		if (is_loss(name) && json_real_value(value) > 0)
			printf("lost: %-34s %14.0f\n", name, json_real_value(value));
}

int stats_top(struct ctl *c, int argc, char **argv)
{
	bool screen = isatty(STDOUT_FILENO) && !c->json;
	json_t *before, *after = NULL, *r;
	double then, at;

	(void)argv;
	if (argc)
		return fail("top takes no arguments; --interval and --count say how often");
	before = stats_read(c);
	then = now();
	for (unsigned int n = 0; before && (c->count == 0 || n < c->count); n++) {
		usleep((useconds_t)(c->interval * 1e6));
		after = stats_read(c);
		at = now();
		if (!after)
			break;
		r = rates(before, after, at - then);
		if (screen)
			fputs("\033[H\033[2J", stdout);
		if (c->json)
			ctl_print(r);
		else
			print_rates(c, r);
		fflush(stdout);
		json_decref(r);
		json_decref(before);
		before = after;
		then = at;
	}
	json_decref(before);
	return after ? 0 : -1;
}
