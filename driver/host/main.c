// SPDX-License-Identifier: Apache-2.0
/* xdphost: runs the packets of a capture through an XDP program as native code of the host. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host.h"
#include "driver/common/image.h"
#include "jit-nfp/load.h"
#include "sim/device_regs.h"
#include "sim/io/fib_json.h"
#include "sim/io/records.h"

enum { EXIT_USAGE = 2, FRAME_ROOM = 1 << 16, QUEUE = 0, WIRES = 2, MTU = 1500, HEADERS = 128 };

struct options {
	const char *object, *program, *rx, *results, *maps_in, *maps_out, *events, *fib, *entries;
	uint32_t cpus, repeat;
	bool data, json;
};

static const char usage_text[] =
	"usage: xdphost --obj prog.o --rx in.pcap [--prog NAME] [--cpus N] [--repeat N] [--json]\n"
	"               [--results FILE [--results-data]] [--maps-in FILE] [--maps-out FILE]\n"
	"               [--events FILE] [--fib FILE] [--entries MAP=N[:MAP=N]..]\n"
	"Compiles the program to code of this machine and runs every packet of the capture through it, one after the other.\n"
	"--repeat N runs the capture N times and prints nanoseconds per packet.\n";

static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option table[] = {
		{"obj", required_argument, NULL, 'o'}, {"prog", required_argument, NULL, 'p'}, {"rx", required_argument, NULL, 'r'},
		{"results", required_argument, NULL, 'R'}, {"results-data", no_argument, NULL, 'd'}, {"maps-in", required_argument, NULL, 'i'},
		{"maps-out", required_argument, NULL, 'm'}, {"cpus", required_argument, NULL, 'c'}, {"repeat", required_argument, NULL, 'n'},
		{"events", required_argument, NULL, 'e'}, {"fib", required_argument, NULL, 'f'}, {"entries", required_argument, NULL, 'E'},
		{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (c) {
		case 'o': o->object = optarg; break;
		case 'p': o->program = optarg; break;
		case 'r': o->rx = optarg; break;
		case 'R': o->results = optarg; break;
		case 'd': o->data = true; break;
		case 'i': o->maps_in = optarg; break;
		case 'm': o->maps_out = optarg; break;
		case 'c': o->cpus = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'n': o->repeat = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'e': o->events = optarg; break;
		case 'f': o->fib = optarg; break;
		case 'E': o->entries = optarg; break;
		case 'j': o->json = true; break;
		case 'h': fputs(usage_text, stdout); exit(0);
		default: return -1;
		}
	}
	return optind == argc && o->object && o->rx && o->cpus && o->repeat ? 0 : -1;
}

/* ---- Maps ---- */

struct map {
	struct host_prog *prog;
	uint32_t index;
};

struct view {
	struct map ctx[HOST_MAPS];
	struct maps_json_map maps[HOST_MAPS];
	const char *programs[IMAGE_PROGRAMS_MAX], *names[HOST_MAPS];
	uint32_t count;
};

static int map_next(void *ctx, const void *key, void *next)
{
	const struct map *m = ctx;

	return host_map_next(m->prog, m->index, key, next);
}

static int map_lookup(void *ctx, const void *key, void *value)
{
	const struct map *m = ctx;

	return host_map_lookup(m->prog, m->index, key, value);
}

static int map_update(void *ctx, const void *key, const void *value)
{
	const struct map *m = ctx;

	return host_map_update(m->prog, m->index, key, value, 0);
}

/* Records are no entries, constant data is part of the program, and routes are the host's. */
static bool is_hidden(const struct host_map_info *m)
{
	return m->constant || image_map_is_ring(m->type) || image_map_is_queue(m->type) || strncmp(m->name, ".fib_", 5) == 0;
}

static void open_maps(struct host_prog *p, struct view *v)
{
	const struct image *image = host_image(p);

	v->count = 0;
	for (uint32_t i = 0; i < image->header->n_programs; i++)
		v->programs[i] = image_string(image, image->programs[i].name);
	for (uint32_t i = 0; i < host_maps(p); i++)
		v->names[i] = host_map_info(p, i).name;
	for (uint32_t i = 0; i < host_maps(p); i++) {
		struct host_map_info info = host_map_info(p, i);
		bool of_maps = image_map_has_maps(info.type);

		if (is_hidden(&info))
			continue;
		v->ctx[i] = (struct map){p, i};
		v->maps[v->count++] = (struct maps_json_map){
			.name = info.name, .type = info.type, .key_size = info.key_size, .value_size = of_maps ? 4 : info.value_size,
			.max_entries = info.max_entries, .copies = info.cpus, .programs = of_maps ? v->names : v->programs,
			.program_count = of_maps ? host_maps(p) : image->header->n_programs, .ctx = &v->ctx[i], .next = map_next, .lookup = map_lookup,
			.update = map_update,
		};
	}
}

/* ---- Packets ---- */

static void run_packet(struct host_prog *p, const struct pcap_io_packet *in, struct results *results)
{
	static uint8_t buffer[HOST_HEADROOM + FRAME_ROOM + HOST_TAILROOM];
	struct host_packet packet = {.data = buffer + HOST_HEADROOM, .len = in->len, .ifindex = HOST_IFINDEX, .queue = QUEUE, .time = in->time_ns};
	struct results_row row = {.data = packet.data, .len = in->len};

	memcpy(packet.data, in->data, in->len);
	row.ret = host_run(p, &packet);
	row.data = packet.data;
	row.len = packet.len;
	results_add(results, &row);
}

static int run_packets(struct host_prog *p, const char *path, struct results *results, struct records *records, struct io_error *err)
{
	struct pcap_io_reader *reader = pcap_io_open(path, err);
	struct pcap_io_packet packet;
	int more;

	if (!reader)
		return -1;
	while ((more = pcap_io_read(reader, &packet, err)) > 0) {
		if (packet.len > FRAME_ROOM) {
			more = io_fail(err, "%s: a packet has %u bytes, more than %d", path, packet.len, (int)FRAME_ROOM);
			break;
		}
		run_packet(p, &packet, results);
		if (records_take(records, err)) {
			more = -1;
			break;
		}
	}
	pcap_io_close(reader);
	return more;
}

/* Each packet over and over. Its headers are put back before each run, which is in the figure. */
static int measure(struct host_prog *p, const struct options *o, struct io_error *err)
{
	static uint8_t buffer[HOST_HEADROOM + FRAME_ROOM + HOST_TAILROOM];
	struct pcap_io_reader *reader = pcap_io_open(o->rx, err);
	struct pcap_io_packet in;
	struct timespec from, to;
	uint64_t packets = 0, ns = 0;

	if (!reader)
		return -1;
	while (pcap_io_read(reader, &in, err) > 0 && in.len <= FRAME_ROOM) {
		memcpy(buffer + HOST_HEADROOM, in.data, in.len);
		clock_gettime(CLOCK_MONOTONIC, &from);
		for (uint32_t n = 0; n < o->repeat; n++) {
			struct host_packet packet = {.data = buffer + HOST_HEADROOM, .len = in.len, .ifindex = HOST_IFINDEX};

			memcpy(packet.data, in.data, in.len < HEADERS ? in.len : HEADERS);
			host_run(p, &packet);
		}
		clock_gettime(CLOCK_MONOTONIC, &to);
		ns += (uint64_t)(to.tv_sec - from.tv_sec) * 1000000000 + (uint64_t)to.tv_nsec - (uint64_t)from.tv_nsec;
		packets += o->repeat;
	}
	pcap_io_close(reader);
	printf("%.1f ns per packet, %llu packets\n", packets ? (double)ns / (double)packets : 0.0, (unsigned long long)packets);
	return 0;
}

static int open_routes(struct host_prog *p, const char *path, struct io_error *err)
{
	struct nic_fib_link wires[WIRES];

	for (uint32_t n = 0; n < WIRES; n++)
		wires[n] = (struct nic_fib_link){.ifindex = HOST_IFINDEX + n, .mtu = MTU};
	return fib_load(host_regs(p), host_image(p), path, wires, WIRES, err);
}

static int run(struct host_prog *p, const struct options *o, struct io_error *err)
{
	static struct view v;
	struct results *results = results_create(o->results, o->data, err);
	struct records *records = records_open(host_regs(p), host_image(p), o->events, err);
	int failed;

	open_maps(p, &v);
	failed = !results || !records || (o->maps_in && maps_json_read(o->maps_in, v.maps, v.count, err)) || open_routes(p, o->fib, err);

	if (!failed && o->repeat > 1)
		failed = measure(p, o, err);
	else if (!failed)
		failed = run_packets(p, o->rx, results, records, err);
	if (!failed && o->repeat == 1)
		results_print(results, o->json);
	if (results && results_finish(results, err))
		failed = -1;
	if (records && records_close(records, err))
		failed = -1;
	if (!failed && o->maps_out)
		failed = maps_json_write(o->maps_out, v.maps, v.count, err);
	return failed;
}

int main(int argc, char **argv)
{
	struct options o = {.cpus = 1, .repeat = 1};
	char why[HOST_WHY] = "";
	struct host_prog *p = NULL;
	struct io_error err = {""};
	struct loaded loaded;
	struct diag diag = {.insn = -1};
	int failed;

	if (parse_options(argc, argv, &o)) {
		fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	failed = load_object(o.object, o.program, &loaded, &diag) || load_set_entries(&loaded, o.entries, &diag);
	if (failed)
		snprintf(why, sizeof(why), "%s%s%s", diag.text, diag.note[0] ? "; " : "", diag.note);
	else
		p = host_compile(&loaded.prog, o.cpus, WIRES, why);
	load_free(&loaded);
	if (!p) {
		fprintf(stderr, "xdphost: %s: %s\n", o.object, why);
		return 1;
	}
	host_cookie_keys(p, device_cookie_keys);
	failed = run(p, &o, &err);
	host_free(p);
	if (failed)
		fprintf(stderr, "xdphost: %s\n", err.text);
	return failed ? 1 : 0;
}
