/* SPDX-License-Identifier: Apache-2.0
 *
 * Lock step: a device that is two devices. What is done to it is done to both, and everything they
 * show is compared: every retired bundle of every core, write of x, write to map memory, frame taken, packet started, ended,
 * sent, dropped, and register read, in value and in cycle.
 */
#ifndef SIM_COSIM_COSIM_H
#define SIM_COSIM_COSIM_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/device.h"

typedef struct device *cosim_opener(const struct device_config *config, const char **why);

struct cosim_config {
	cosim_opener *open[2];        /* the first one's events are passed on */
	struct device_events events;  /* may all be NULL */
	struct device_host host;      /* one memory for both: the first one writes it, the other's writes are compared */
	struct device_ext ext;        /* each has a memory of its own */
	bool rings;                   /* this and the next as in struct device_config */
	unsigned int cores, ports;
	const char *trace;            /* for the first one */
	/* Text for the source line of a bundle, or NULL when it is not known; the function may be
	 * NULL. */
	const char *(*source)(void *arg, unsigned int pc);
	void *source_arg;
};

/* NULL with *why set when one of the two can't be opened. */
struct device *cosim_open(const struct cosim_config *config, const char **why);

/* The first difference as text of several lines, or NULL. After it nothing more is compared. */
const char *cosim_difference(struct device *d);

/* To be called when the device is at rest: what only one of the two has shown by then is a
 * difference too. */
const char *cosim_finish(struct device *d);

/* Records that were compared so far and were equal. */
unsigned long cosim_compared(struct device *d);

#endif
