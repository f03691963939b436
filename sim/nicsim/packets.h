/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of each packet: results in input order, frames in the order they leave.
 */
#ifndef SIM_NICSIM_PACKETS_H
#define SIM_NICSIM_PACKETS_H

#include "nicsim.h"

struct packets;

/* Creates the output files that are asked for; NULL with the sentence in *err. Counts in stats. */
struct packets *packets_create(const struct options *opt, struct run_stats *stats, struct io_error *err);

/* The next input packet of a port, before it is given to the NIC. An empty one is refused here and must not be given. */
void packets_offer(struct packets *p, unsigned int port, const struct pcap_io_packet *packet);

/* From the device's events. */
void packets_rx(struct packets *p, const struct device_rx *r);
void packets_take(struct packets *p, const struct device_take *t);
void packets_complete(struct packets *p, const struct device_completion *c);
void packets_lost(struct packets *p, const struct device_lost *l);
void packets_tx(struct packets *p, const struct device_tx *t, const uint8_t *frame, size_t len);
void packets_host(struct packets *p, const struct device_host_rx *h, const uint8_t *frame, size_t len);

/* Packets offered of which something is still to come. */
uint64_t packets_outstanding(const struct packets *p);

/* Index in the input of a packet's number. */
uint64_t packets_index(const struct packets *p, uint32_t number);

/* Closes the files and frees; -1 with the sentence in *err when something could not be written. */
int packets_finish(struct packets *p, struct io_error *err);

const char *packets_cause_name(unsigned int cause);
const char *packets_drop_name(unsigned int drop);

#endif
