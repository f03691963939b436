/* SPDX-License-Identifier: Apache-2.0
 *
 * What a port of a simulated NIC is plugged into:
 *   pcap:IN[:OUT]   frames of a capture, once; what the NIC sends goes to OUT
 *   tap:NAME        a TAP interface, made if need be
 *   if:NAME         an interface of the machine
 *   sock:PATH       a process that connects there, a frame a message (SOCK_SEQPACKET)
 *   link:PATH       the port at the other end, of this process or another, that names the same path; what it has no room for is lost, as on a wire
 *   loop            what the NIC sends comes back to it
 *   gen[:BYTES]     UDP frames of that length, without end, of 1024 flows
 */
#ifndef DRIVER_DPDK_WIRE_H
#define DRIVER_DPDK_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_wire;

/* NULL with a sentence in why. */
struct sim_wire *sim_wire_open(const char *name, char *why, size_t size);
void sim_wire_close(struct sim_wire *w);
/* The next frame for the NIC, valid until the next call; 0: none now. */
size_t sim_wire_next(struct sim_wire *w, const uint8_t **frame);
/* A frame that the NIC sent. */
void sim_wire_sent(struct sim_wire *w, const uint8_t *frame, size_t len);

#endif
