// SPDX-License-Identifier: Apache-2.0
/* xdpref: runs the packets of a capture through an XDP program, interpreted or in the kernel. */
#include "../io/events.h"
#include "ref.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	EXIT_USAGE = 2,
	EXIT_NOT_PERMITTED = 3,
	MIN_KERNEL_PACKET = 14,
	MAX_PACKET = 1 << 18
};

struct options {
	const char *object;
	struct ref_choice choice;
	const char *rx, *tx, *results, *maps_in, *maps_out, *events, *fib;
	uint64_t wait_ns;
	bool with_data, kernel, real_clock, json, skip_short, count;
};

/* One of the two oracles, and what they have in common. */
struct session {
	struct ref_program program;
	struct ref_machine *machine;
	struct kernel_oracle *kernel;
	struct maps_json_map *ref_maps;
	const char **map_names;
	const char **names;	/* of the programs that tail calls may lead to */
	const struct maps_json_map *maps;
	size_t map_count;
	uint64_t executed;	/* instructions, of all packets */
	struct pcap_io_writer *tx;
	struct results *results;
	struct events *events;
	struct nic_fib *fib;
};

static const char usage_text[] =
	"usage: xdpref --obj prog.o [--prog NAME | --sec NAME] --rx in.pcap [--tx out.pcap]\n"
	"              [--results FILE [--results-data]] [--maps-in FILE] [--maps-out FILE]\n"
	"              [--events FILE] [--fib FILE] [--entries MAP=N[:MAP=N]..]\n"
	"              [--oracle ref|kernel] [--clock pcap|real] [--skip-short] [--json]\n"
	"              [--wait NS] [--count]\n";

static bool one_of(const char *name, const char *no, const char *yes, bool *value)
{
	*value = !strcmp(name, yes);
	if (*value || !strcmp(name, no))
		return true;
	fprintf(stderr, "xdpref: %s is neither %s nor %s\n", name, no, yes);
	return false;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "obj", required_argument, NULL, 'o' },
		{ "prog", required_argument, NULL, 'p' },
		{ "sec", required_argument, NULL, 's' },
		{ "rx", required_argument, NULL, 'r' },
		{ "tx", required_argument, NULL, 't' },
		{ "results", required_argument, NULL, 'R' },
		{ "results-data", no_argument, NULL, 'd' },
		{ "maps-in", required_argument, NULL, 'i' },
		{ "maps-out", required_argument, NULL, 'm' },
		{ "events", required_argument, NULL, 'e' },
		{ "fib", required_argument, NULL, 'f' },
		{ "entries", required_argument, NULL, 'E' },
		{ "oracle", required_argument, NULL, 'O' },
		{ "clock", required_argument, NULL, 'c' },
		{ "skip-short", no_argument, NULL, 'S' },
		{ "json", no_argument, NULL, 'j' },
		{ "wait", required_argument, NULL, 'w' },
		{ "count", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (option) {
		case 'o':
			options->object = optarg;
			break;
		case 'p':
			options->choice.program = optarg;
			break;
		case 's':
			options->choice.section = optarg;
			break;
		case 'r':
			options->rx = optarg;
			break;
		case 't':
			options->tx = optarg;
			break;
		case 'R':
			options->results = optarg;
			break;
		case 'd':
			options->with_data = true;
			break;
		case 'i':
			options->maps_in = optarg;
			break;
		case 'm':
			options->maps_out = optarg;
			break;
		case 'e':
			options->events = optarg;
			break;
		case 'f':
			options->fib = optarg;
			break;
		case 'E':
			options->choice.entries = optarg;
			break;
		case 'O':
			if (!one_of(optarg, "ref", "kernel", &options->kernel))
				return false;
			break;
		case 'c':
			if (!one_of(optarg, "pcap", "real", &options->real_clock))
				return false;
			break;
		case 'S':
			options->skip_short = true;
			break;
		case 'j':
			options->json = true;
			break;
		case 'w':
			options->wait_ns = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			options->count = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			exit(EXIT_SUCCESS);
		default:
			return false;
		}
	}
	if (optind != argc || !options->object || !options->rx) {
		fputs(usage_text, stderr);
		return false;
	}
	if (options->fib && options->kernel) {
		fputs("xdpref: --fib needs --oracle ref: the kernel has its own routes\n", stderr);
		return false;
	}
	if (options->count && options->kernel) {
		fputs("xdpref: --count needs --oracle ref: the kernel does not count instructions\n", stderr);
		return false;
	}
	return true;
}

static int open_interpreter(struct session *session, const struct options *options,
			    struct io_error *err)
{
	struct ref_program *program = &session->program;

	if (ref_load(program, options->object, &options->choice, err))
		return -1;
	session->machine = ref_machine_create(program);
	session->ref_maps = calloc((size_t)program->map_count + 1, sizeof(*session->ref_maps));
	session->names = calloc((size_t)program->entry_count + 1, sizeof(*session->names));
	session->map_names = calloc((size_t)program->map_count + 1, sizeof(*session->map_names));
	if (!session->machine || !session->ref_maps || !session->names || !session->map_names)
		return io_fail(err, "out of memory");
	session->machine->real_clock = options->real_clock;
	if (options->fib) {
		session->fib = fib_json_read(options->fib, err);
		if (!session->fib)
			return -1;
		session->machine->fib = session->fib;
	}
	for (uint32_t i = 0; i < program->entry_count; i++)
		session->names[i] = program->entries[i].name;
	for (uint32_t i = 0; i < program->map_count; i++)
		session->map_names[i] = program->maps[i] ? ref_map_spec(program->maps[i])->name : "";
	for (uint32_t i = 0; i < program->map_count; i++) {
		if (!program->maps[i] || ref_map_spec(program->maps[i])->hidden)
			continue;
		session->ref_maps[session->map_count] = ref_map_json(program->maps[i]);
		session->ref_maps[session->map_count].programs = ref_map_has_maps(program->maps[i]) ? session->map_names : session->names;
		session->ref_maps[session->map_count++].program_count =
			ref_map_has_maps(program->maps[i]) ? program->map_count : program->entry_count;
	}
	session->maps = session->ref_maps;
	return 0;
}

static int open_session(struct session *session, const struct options *options,
			struct io_error *err)
{
	enum kernel_status status;

	if (options->kernel) {
		session->kernel = kernel_open(options->object, &options->choice, &status, err);
		if (!session->kernel)
			return status == KERNEL_NOT_PERMITTED ? EXIT_NOT_PERMITTED : EXIT_FAILURE;
		session->maps = kernel_maps(session->kernel, &session->map_count);
	} else if (open_interpreter(session, options, err)) {
		return EXIT_FAILURE;
	}
	if (options->maps_in &&
	    maps_json_read(options->maps_in, session->maps, session->map_count, err))
		return EXIT_FAILURE;
	if (options->events) {
		session->events = events_create(options->events, err);
		if (!session->events)
			return EXIT_FAILURE;
		if (session->kernel && kernel_listen(session->kernel, session->events, err))
			return EXIT_FAILURE;
		if (session->machine)
			session->machine->events = session->events;
	}
	if (options->tx) {
		session->tx = pcap_io_create(options->tx, err);
		if (!session->tx)
			return EXIT_FAILURE;
	}
	session->results = results_create(options->results, options->with_data, err);
	return session->results ? 0 : EXIT_FAILURE;
}

static int run_timers(struct session *session, struct io_error *err)
{
	struct ref_outcome outcome;

	ref_run_timers(session->machine, &outcome);
	return outcome.fault[0] ? io_fail(err, "a timer's function was stopped: %s", outcome.fault) : 0;
}

/* Time in which no packets come. */
static int wait(struct session *session, uint64_t ns, struct io_error *err)
{
	struct timespec time = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };

	if (!ns)
		return 0;
	if (session->kernel)
		return nanosleep(&time, NULL);
	session->machine->time_ns += ns;
	return run_timers(session, err);
}

static int run_packet(struct session *session, const struct pcap_io_packet *packet,
		      uint8_t *buffer, struct io_error *err)
{
	struct results_row row = { .data = buffer, .len = packet->len };
	struct ref_outcome outcome;

	memcpy(buffer, packet->data, packet->len);
	if (session->kernel) {
		if (kernel_run(session->kernel, buffer, &row.len, MAX_PACKET, &row.ret, err))
			return -1;
	} else {
		session->machine->time_ns = packet->time_ns;
		if (run_timers(session, err))
			return -1;
		ref_run_packet(session->machine, buffer, &row.len, MAX_PACKET, &outcome);
		ref_events_take(session->machine);
		session->executed += outcome.executed;
		row.ret = (uint32_t)outcome.r0;
		row.fault = outcome.fault[0] ? outcome.fault : NULL;
	}
	results_add(session->results, &row);
	if (session->tx && results_forwards(row.ret)) {
		struct pcap_io_packet sent = { buffer, row.len, packet->time_ns };

		pcap_io_write(session->tx, &sent);
	}
	return 0;
}

static int run_packets(struct session *session, const struct options *options,
		       struct pcap_io_reader *rx, struct io_error *err)
{
	uint8_t *buffer = malloc(MAX_PACKET);
	struct pcap_io_packet packet;
	uint64_t number = 0;
	int result;

	if (!buffer)
		return io_fail(err, "out of memory");
	while ((result = pcap_io_read(rx, &packet, err)) == 1) {
		if (packet.len > MAX_PACKET) {
			result = io_fail(err, "packet %llu has more than %d bytes",
					 (unsigned long long)number, MAX_PACKET);
			break;
		}
		if (packet.len < MIN_KERNEL_PACKET && options->skip_short)
			continue;
		if (packet.len < MIN_KERNEL_PACKET && session->kernel) {
			result = io_fail(err, "packet %llu has %u bytes and the kernel runs none "
					 "below %d; --skip-short leaves such packets out",
					 (unsigned long long)number, packet.len, MIN_KERNEL_PACKET);
			break;
		}
		result = run_packet(session, &packet, buffer, err);
		if (result)
			break;
		number++;
	}
	free(buffer);
	return result;
}

static int run_session(struct session *session, const struct options *options,
		       struct io_error *err)
{
	struct pcap_io_reader *rx = pcap_io_open(options->rx, err);
	int result;

	if (!rx)
		return -1;
	result = run_packets(session, options, rx, err);
	pcap_io_close(rx);
	if (result || wait(session, options->wait_ns, err))
		return -1;
	if (options->maps_out &&
	    maps_json_write(options->maps_out, session->maps, session->map_count, err))
		return -1;
	results_print(session->results, options->json);
	if (options->count)
		printf(options->json ? "{\"instructions\":%llu}\n" : "instructions %10llu\n",
		       (unsigned long long)session->executed);
	return 0;
}

/* Keeps the first sentence when several files fail to be written. */
static int close_session(struct session *session, int status, struct io_error *err)
{
	struct io_error ignored = { "" }, *where = status ? &ignored : err;

	if (pcap_io_finish(session->tx, where) && !status) {
		status = EXIT_FAILURE;
		where = &ignored;
	}
	if (results_finish(session->results, where) && !status)
		status = EXIT_FAILURE;
	if (events_finish(session->events, where) && !status)
		status = EXIT_FAILURE;
	kernel_close(session->kernel);
	ref_machine_free(session->machine);
	ref_unload(&session->program);
	fib_json_free(session->fib);
	free(session->ref_maps);
	free(session->map_names);
	free(session->names);
	return status;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct session session = { 0 };
	struct io_error err;
	int status;

	if (!parse_options(argc, argv, &options))
		return EXIT_USAGE;
	status = open_session(&session, &options, &err);
	if (!status && run_session(&session, &options, &err))
		status = EXIT_FAILURE;
	status = close_session(&session, status, &err);
	if (status)
		fprintf(stderr, "xdpref: %s\n", err.text);
	return status;
}
