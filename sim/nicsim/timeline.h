/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads and ports over time, as trace events in JSON: Perfetto and chrome://tracing open it. A core is a process with a track for
 * each thread: a packet, and in it what it waits for.
 */
#ifndef SIM_NICSIM_TIMELINE_H
#define SIM_NICSIM_TIMELINE_H

#include "nicsim.h"

struct timeline;

struct timeline *timeline_create(const char *path, struct io_error *err);
/* Closes and frees; -1 with the sentence in *err when something could not be written. NULL is allowed and succeeds, here and below. */
int timeline_finish(struct timeline *t, struct io_error *err);

/* From the device's events. */
void timeline_take(struct timeline *t, const struct device_take *e);
void timeline_retire(struct timeline *t, const struct device_retire *e);
void timeline_x(struct timeline *t, const struct device_x *e);
void timeline_tx(struct timeline *t, const struct device_tx *e);
void timeline_host(struct timeline *t, const struct device_host_rx *e);

#endif
