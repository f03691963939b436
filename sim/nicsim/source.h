/* SPDX-License-Identifier: Apache-2.0
 *
 * Where packets come from and when: captures, one a port, read in turn; arrival times by the offered load.
 */
#ifndef SIM_NICSIM_SOURCE_H
#define SIM_NICSIM_SOURCE_H

#include "nicsim.h"

struct source;

/* Opens the captures; NULL with the sentence in *err. */
struct source *source_open(const struct options *opt, struct io_error *err);
void source_close(struct source *s);

/* The next packet: one from each capture in turn, until all have ended. 1, 0 when there are no more, -1 with the sentence in *err. */
int source_next(struct source *s, struct pcap_io_packet *packet, unsigned int *port, struct io_error *err);

/* The port's capture may have more packets. */
bool source_has(const struct source *s, unsigned int port);

/* The cycle in which a packet of that size arrives at the port; now is the earliest. To be called once for each packet. */
uint64_t source_arrival(struct source *s, unsigned int port, uint32_t len, uint64_t now);

#endif
