// SPDX-License-Identifier: Apache-2.0
#include "io.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct results {
	FILE *file;		/* NULL when only counting */
	bool with_data;
	bool failed;
	uint64_t packets;
	uint64_t faults;
	uint64_t counts[RESULTS_VERDICTS];
};

unsigned int results_verdict(uint32_t ret)
{
	return ret < RESULTS_VERDICTS ? ret : 0;
}

const char *results_verdict_name(uint32_t ret)
{
	static const char *const names[RESULTS_VERDICTS] = {
		"XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX", "XDP_REDIRECT",
	};

	return names[results_verdict(ret)];
}

bool results_forwards(uint32_t ret)
{
	return results_verdict(ret) >= 2;
}

struct results *results_create(const char *path, bool with_data, struct io_error *err)
{
	struct results *results = calloc(1, sizeof(*results));

	if (!results) {
		io_fail(err, "out of memory");
		return NULL;
	}
	results->with_data = with_data;
	if (!path)
		return results;
	results->file = fopen(path, "w");
	if (!results->file) {
		io_fail(err, "%s cannot be written: %s", path, strerror(errno));
		free(results);
		return NULL;
	}
	return results;
}

static int add_data(json_t *line, const struct results_row *row)
{
	char *hex = malloc(2 * (size_t)row->len + 1);
	int result;

	if (!hex)
		return -1;
	io_hex_print(hex, row->data, row->len);
	result = json_object_set_new(line, "data", json_string(hex));
	free(hex);
	return result;
}

/* jansson refuses a NULL value, so one sum of the results tells whether memory was enough. */
static int write_line(const struct results *results, const struct results_row *row)
{
	json_t *line = json_object();
	int result = 0;

	result |= json_object_set_new(line, "n", json_integer((json_int_t)results->packets));
	result |= json_object_set_new(line, "ret", json_integer(row->ret));
	result |= json_object_set_new(line, "verdict", json_string(results_verdict_name(row->ret)));
	result |= json_object_set_new(line, "len", json_integer(row->len));
	if (row->has_cost) {
		result |= json_object_set_new(line, "bundles",
					      json_integer((json_int_t)row->bundles));
		result |= json_object_set_new(line, "cycles",
					      json_integer((json_int_t)row->cycles));
	}
	if (row->fault)
		result |= json_object_set_new(line, "fault", json_string(row->fault));
	if (results->with_data)
		result |= add_data(line, row);
	result |= json_dumpf(line, results->file, JSON_COMPACT);
	result |= putc('\n', results->file) == EOF;
	json_decref(line);
	return result;
}

void results_add(struct results *results, const struct results_row *row)
{
	if (results->file && write_line(results, row))
		results->failed = true;
	results->packets++;
	results->counts[results_verdict(row->ret)]++;
	if (row->fault)
		results->faults++;
}

void results_print(const struct results *results, bool json)
{
	if (json) {
		printf("{\"packets\":%" PRIu64 ",\"faults\":%" PRIu64 ",\"verdicts\":{",
		       results->packets, results->faults);
		for (uint32_t i = 0; i < RESULTS_VERDICTS; i++)
			printf("%s\"%s\":%" PRIu64, i ? "," : "", results_verdict_name(i),
			       results->counts[i]);
		printf("}}\n");
		return;
	}
	for (uint32_t i = 0; i < RESULTS_VERDICTS; i++)
		printf("%-12s %10" PRIu64 "\n", results_verdict_name(i), results->counts[i]);
	printf("%-12s %10" PRIu64 "\n", "packets", results->packets);
	if (results->faults)
		printf("%-12s %10" PRIu64 "\n", "faults", results->faults);
}

int results_finish(struct results *results, struct io_error *err)
{
	bool failed;

	if (!results)
		return 0;
	failed = results->failed;
	if (results->file && fclose(results->file))
		failed = true;
	free(results);
	return failed ? io_fail(err, "the results could not be written") : 0;
}
