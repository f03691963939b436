/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of each packet: results in input order, frames in the order they leave.
 */
#ifndef SIM_NICSIM_PACKETS_H
#define SIM_NICSIM_PACKETS_H

#include "nicsim.h"

struct packets;

/* Creates the output files that are asked for; NULL with the sentence in *err. Counts in stats. */
struct packets *packets_create(const struct options *opt, struct run_stats *stats,
			       struct io_error *err);

/* The next input packet, before it is given to the NIC. */
void packets_offer(struct packets *p, const struct pcap_io_packet *packet);

/* From the device's events. */
void packets_complete(struct packets *p, const struct device_completion *c);
void packets_sent(struct packets *p, const struct device_completion *of, const uint8_t *frame,
		  size_t len);

/* Packets offered of which something is still to come. */
uint64_t packets_outstanding(const struct packets *p);

/* Closes the files and frees; -1 with the sentence in *err when something could not be written. */
int packets_finish(struct packets *p, struct io_error *err);

const char *packets_cause_name(unsigned int cause);

#endif
