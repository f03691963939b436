/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVER_DPDK_TELEMETRY_H
#define DRIVER_DPDK_TELEMETRY_H

#include <rte_telemetry.h>

#include "pmd.h"

/* TEXT: bytes of a string that is an answer of its own. */
enum { TELEMETRY_PARAMS = 64, TELEMETRY_TEXT = RTE_TEL_MAX_SINGLE_STRING_LEN };

struct telemetry_params {
	char *text;
	char *at[TELEMETRY_PARAMS];
	unsigned int n;
};

/* One command, of a port of ours; the answer goes into data. */
typedef int telemetry_run(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data);

/* The answer {"error": sentence}. */
int telemetry_error(struct rte_tel_data *data, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A number that may be left out, which is 0 then. 0, or -1 with the error answered. */
int telemetry_number(const char *text, const char *what, uint64_t *n, struct rte_tel_data *data);

/* telemetry_maps.c */
telemetry_run telemetry_maps, telemetry_map_dump, telemetry_map_lookup, telemetry_map_update, telemetry_map_delete, telemetry_map_pop, telemetry_map_batch;
/* Keeps pieces of a key or value that is too long for a request. */
int telemetry_stage(const struct telemetry_params *p, struct rte_tel_data *data);

#endif
