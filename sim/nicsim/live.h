/* SPDX-License-Identifier: Apache-2.0
 *
 * Ports joined to interfaces of the machine: what comes from there goes into the NIC as fast as it takes it, what the NIC sends goes there.
 */
#ifndef SIM_NICSIM_LIVE_H
#define SIM_NICSIM_LIVE_H

#include "nicsim.h"

struct live;

struct live *live_open(struct run *run, struct io_error *err); /* NULL with the sentence in *err */
void live_close(struct live *l);

/* Gives frames that have come to the NIC. idle: nothing is under way in it, so that it may wait a little for one. */
void live_step(struct live *l, bool idle);

/* A signal, or the time asked for, has ended it. */
bool live_ended(const struct live *l);

void live_send(struct live *l, unsigned int port, const uint8_t *frame, size_t len);

#endif
