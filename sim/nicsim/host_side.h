/* SPDX-License-Identifier: Apache-2.0
 *
 * The host of the NIC: takes packets from rings in its memory, where the NIC puts them by DMA, and sends the frames of captures,
 * through rings or, without them, as streams.
 */
#ifndef SIM_NICSIM_HOST_SIDE_H
#define SIM_NICSIM_HOST_SIDE_H

#include "nicsim.h"

struct host_side;

/* Opens the captures of --from-host; NULL with the sentence in *err. */
struct host_side *host_side_create(struct run *run, struct io_error *err);
void host_side_close(struct host_side *h);

/* The memory of the host, for the device; nothing in it without --rings, or without a host (NULL). */
struct device_host host_side_memory(struct host_side *h);

/* Turns the rings on; the NIC is loaded. As above, nothing without rings or host. */
int host_side_start(struct host_side *h, struct io_error *err);

/* Takes what is there and sends what there is room for. */
int host_side_step(struct host_side *h, struct io_error *err);

/* A frame of the host has left by a port. */
void host_side_sent(struct host_side *h);

/* All frames of the host have left. */
bool host_side_ended(const struct host_side *h);

#endif
