/* SPDX-License-Identifier: Apache-2.0
 *
 * How often each bundle was executed and how long threads took to get there from the one before: one line per bundle, which
 * nicjit --annotate reads.
 */
#ifndef SIM_NICSIM_PROFILE_H
#define SIM_NICSIM_PROFILE_H

#include "nicsim.h"

struct profile;

struct profile *profile_create(const struct run *run, struct io_error *err);
void profile_retire(struct profile *p, const struct device_retire *e); /* NULL is allowed here and below */
/* Writes the file and frees; -1 with the sentence in *err when something could not be written. */
int profile_finish(struct profile *p, const char *path, struct io_error *err);

#endif
