// SPDX-License-Identifier: Apache-2.0
/* nicctl metrics: the counters as Prometheus reads them. Names of counters become a metric and labels. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nicctl.h"

/* Counters whose names are PREFIX, a part that becomes the label, SUFFIX. */
static const struct family {
	const char *metric, *help, *prefix, *suffix, *label;
} families[] = {
	{"nicjit_xdp_offload_packets_total", "Packets by verdict of the program in the NIC.", "xdp_offload_", "_packets", "verdict"},
	{"nicjit_xdp_offload_bytes_total", "Their bytes.", "xdp_offload_", "_bytes", "verdict"},
	{"nicjit_xdp_host_packets_total", "Packets by verdict of the program on the host.", "xdp_host_", "_packets", "verdict"},
	{"nicjit_xdp_host_bytes_total", "Their bytes.", "xdp_host_", "_bytes", "verdict"},
	{"nicjit_xdp_fault_packets_total", "Packets of which the program was stopped, by cause.", "xdp_fault_", "_packets", "cause"},
	{"nicjit_host_events_total", "What the NIC's host side counted.", "host_", "", "event"},
	{"nicjit_queue_total", "Counters of the host's queues.", "rx_q", "", "counter"},
	{"nicjit_queue_total", NULL, "tx_q", "", "counter"},
};
enum { FAMILIES = sizeof(families) / sizeof(*families) };

static bool has_family(const struct family *f, const char *name, char *label, size_t size)
{
	size_t n = strlen(name), front = strlen(f->prefix), back = strlen(f->suffix);

	if (n <= front + back || strncmp(name, f->prefix, front) || strcmp(name + n - back, f->suffix))
		return false;
	if (strcmp(f->metric, "nicjit_queue_total") == 0)
		snprintf(label, size, "%s", name);
	else
		snprintf(label, size, "%.*s", (int)(n - front - back), name + front);
	return true;
}

/* wireN_COUNTER and coreN_COUNTER: the number is the label, the rest of the name the metric's. */
static bool numbered(const char *name, const char *what, unsigned int *n, const char **rest)
{
	int used = 0;

	if (strncmp(name, what, strlen(what)) || sscanf(name + strlen(what), "%u_%n", n, &used) != 1 || !used)
		return false;
	*rest = name + strlen(what) + used;
	return true;
}

static const struct family *family_of(const char *name, char *label, size_t size)
{
	for (size_t i = 0; i < FAMILIES; i++)
		if (has_family(&families[i], name, label, size))
			return &families[i];
	return NULL;
}

static void print_families(const json_t *x, int port)
{
	char label[96];
	const char *name;
	json_t *value;

	for (size_t i = 0; i < FAMILIES; i++) {
		if (families[i].help)
			printf("# HELP %s %s\n# TYPE %s counter\n", families[i].metric, families[i].help, families[i].metric);
		json_object_foreach((json_t *)(uintptr_t)x, name, value)
			if (family_of(name, label, sizeof(label)) == &families[i])
				printf("%s{port=\"%d\",%s=\"%s\"} %lld\n", families[i].metric, port, families[i].label, label,
				       (long long)json_integer_value(value));
	}
}

/* One metric for all wires or cores: from the counters of the first. */
static void print_numbered(const json_t *x, int port, const char *what, const char *help)
{
	const char *name, *other, *rest, *same;
	unsigned int n, first;
	json_t *value, *each;

	json_object_foreach((json_t *)(uintptr_t)x, name, value) {
		if (!numbered(name, what, &first, &rest) || first != 0)
			continue;
		printf("# HELP nicjit_%s_%s_total %s\n# TYPE nicjit_%s_%s_total counter\n", what, rest, help, what, rest);
		json_object_foreach((json_t *)(uintptr_t)x, other, each)
			if (numbered(other, what, &n, &same) && strcmp(same, rest) == 0)
				printf("nicjit_%s_%s_total{port=\"%d\",%s=\"%u\"} %lld\n", what, rest, port, what, n,
				       (long long)json_integer_value(each));
	}
}

/* What is left: counters of the whole port. */
static void print_rest(const json_t *x, int port)
{
	char label[96];
	const char *name, *rest;
	unsigned int n;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)x, name, value)
		if (!family_of(name, label, sizeof(label)) && !numbered(name, "wire", &n, &rest) && !numbered(name, "core", &n, &rest))
			printf("# HELP nicjit_%s_total Counter %s of the port.\n# TYPE nicjit_%s_total counter\nnicjit_%s_total{port=\"%d\"} %lld\n", name,
			       name, name, name, port, (long long)json_integer_value(value));
}

static void print_state(const json_t *s, int port)
{
	printf("# HELP nicjit_program Which program runs and where; always 1.\n# TYPE nicjit_program gauge\n"
	       "nicjit_program{port=\"%d\",mode=\"%s\",name=\"%s\",nic=\"%s\"} 1\n", port, ctl_string(s, "mode"), ctl_string(s, "name"),
	       ctl_string(s, "nic"));
	printf("# HELP nicjit_program_loaded_seconds When it was loaded, since the epoch; 0: there is none.\n"
	       "# TYPE nicjit_program_loaded_seconds gauge\nnicjit_program_loaded_seconds{port=\"%d\"} %lu\n", port, ctl_number(s, "loaded"));
}

int stats_metrics(struct ctl *c, int argc, char **argv)
{
	json_t *x, *s;

	(void)argv;
	if (argc)
		return fail("metrics takes no arguments");
	x = stats_read(c);
	s = x ? ctl_ask(c, "/nicjit/xdp,%d", c->port) : NULL;
	if (s) {
		print_state(s, c->port);
		print_families(x, c->port);
		print_numbered(x, c->port, "wire", "By wire.");
		print_numbered(x, c->port, "core", "By core.");
		print_rest(x, c->port);
	}
	json_decref(x);
	json_decref(s);
	return s ? 0 : -1;
}
