/* SPDX-License-Identifier: Apache-2.0
 *
 * Gives the source's packets to the device, as fast as its offer queues take them.
 */
#ifndef SIM_NICSIM_FEED_H
#define SIM_NICSIM_FEED_H

#include "nicsim.h"

struct feed;

struct feed *feed_open(struct run *run, struct io_error *err); /* NULL with the sentence in *err */
void feed_close(struct feed *f);

/* Fills the offer queues; to be called every few clocks. 0, or -1 with the sentence in *err. */
int feed_step(struct feed *f, struct io_error *err);

/* Reads one packet, which feed_drain() gives to the device. 1, 0 when there are no more, -1 with the sentence in *err. */
int feed_one(struct feed *f, uint64_t *time_ns, struct io_error *err);
void feed_drain(struct feed *f);

/* Everything was given to the device. */
bool feed_ended(const struct feed *f);

#endif
