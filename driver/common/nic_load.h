/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Puts a firmware image into a NIC through its registers. Freestanding.
 */
#ifndef DRIVER_COMMON_NIC_LOAD_H
#define DRIVER_COMMON_NIC_LOAD_H

#include <stdint.h>

#include "image.h"
#include "nic_maps.h"

/* Why a NIC does not take an image. */
struct nic_refusal {
	const char *text;     /* one sentence without full stop */
	int has_numbers;      /* the two below belong to it: print "(needed N, there is N)" */
	uint32_t need, have;
};

/* From the end of a tick to the next: so late timers may be. */
enum { NIC_TICK_NS = 100000 };

/* Where a program lies in microcode memory; bundle 0 is always plain pass. */
struct nic_place {
	uint32_t base, bundles;
};

/* Stops the NIC, checks that it is one and has what the image needs, and loads microcode, map descriptors, initial map contents (all
 * else in the maps is empty or 0), the entry point of all ports, and ticks for timers. The NIC takes no packets until nic_load_run(). image is as
 * image_parse() left it. Returns 0, or -1 with *why filled; nothing is written to a NIC that is not fit for the image. */
int nic_load(const struct nic_regs *regs, const struct image *image, struct nic_place *place, struct nic_refusal *why);

/* Replaces the program at *place, whose image is old, while packets run: every packet sees one of the two whole. The image's maps must be those that the
 * NIC has, by name and form, and keep their contents. Returns when no packet of the old program is left; 0, or -1 with *why filled and the old program in
 * force (the new one, when packets of the old do not end). A program with tail calls comes with its PROG_ARRAYs as the image has them, one with other
 * constants with these, and packets wait in the stores of the ports for some hundred clocks while they are written. Timers stay armed, and call the
 * function of the new program that has the name of the one they had, or none. */
int nic_reload(const struct nic_regs *regs, const struct image *old, const struct image *image, struct nic_place *place,
	       struct nic_refusal *why);

/* Takes the program away: plain pass from now on. Returns when no packet of it is left; likewise. */
int nic_detach(const struct nic_regs *regs, struct nic_refusal *why);

/* Stops the NIC, checks that it is one, and makes it a plain NIC: every packet goes to the host. 0, or -1 with *why filled. */
int nic_load_pass(const struct nic_regs *regs, struct nic_refusal *why);

/* Lets the NIC take packets; report: it sends out every packet, whatever its verdict. */
void nic_load_run(const struct nic_regs *regs, int report);

/* For drivers that place programs and maps one by one. A program is written to microcode memory from bundle base on, where nothing runs; then a
 * port enters at a bundle, 0 being plain pass, and no packet is left that entered elsewhere: 0, or -1 with *why filled. */
void nic_program_write(const struct nic_regs *regs, const struct image *image, uint32_t base);
int nic_program_enter(const struct nic_regs *regs, uint32_t port, uint32_t entry, struct nic_refusal *why);
/* A map that begins empty is known to the NIC under a number from now on: 0, or -1: the NIC did not clear its memory; or no more. */
int nic_map_open(const struct nic_regs *regs, const struct image_map *map, uint32_t index);
void nic_map_close(const struct nic_regs *regs, uint32_t index);

/* Hardware threads that a core of the NIC has; that all have together, which are CPUs to programs. */
uint32_t nic_load_threads(const struct nic_regs *regs);
uint32_t nic_load_contexts(const struct nic_regs *regs);

/* 8-byte words of map memory outside the chip that images can use. */
uint32_t nic_load_ext_words(const struct nic_regs *regs);

#endif
