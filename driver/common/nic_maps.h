/* SPDX-License-Identifier: Apache-2.0
 *
 * A host's access to the maps of an idle NIC, through its register window. Hash maps are walked and
 * edited as the NIC's own engine does it (hw/spec/machine.md). Freestanding.
 *
 * All functions return 0 or a negative errno value as bpf(2) gives it: -ENOENT, -EEXIST, -E2BIG,
 * -EINVAL; and -EBUSY when the NIC was not idle, -EIO when the table in the NIC's memory is broken.
 * A NIC that is busy at the start loses nothing; one that begins to work in between loses writes, so
 * it must be stopped (CTRL.RUN) or without traffic. Whatever is in the table, a call ends, writes to
 * no other map, and a walk by nic_maps_next() ends. Keys and values are in memory order.
 */
#ifndef DRIVER_COMMON_NIC_MAPS_H
#define DRIVER_COMMON_NIC_MAPS_H

#include <stddef.h>
#include <stdint.h>

#include "hw/spec/image.h"

/* Access to the registers of one NIC, by byte offset (hw/spec/regs.def). */
struct nic_regs {
	uint32_t (*read)(void *ctx, uint32_t offset);
	void (*write)(void *ctx, uint32_t offset, uint32_t value);
	void *ctx;
};

struct nic_map {
	const struct nic_regs *regs;
	const struct image_map *layout; /* of a checked image */
	uint32_t index;                 /* number of the map in the image */
};

int nic_maps_lookup(const struct nic_map *map, const void *key, void *value);
/* flags: BPF_ANY 0, BPF_NOEXIST 1, BPF_EXIST 2. */
int nic_maps_update(const struct nic_map *map, const void *key, const void *value, uint64_t flags);
int nic_maps_delete(const struct nic_map *map, const void *key);
/* The key after key, the first one when key is NULL or not in the map; -ENOENT after the last. */
int nic_maps_next(const struct nic_map *map, const void *key, void *next_key);

/* Map memory by word; addr is a byte address and a multiple of 8. */
uint64_t nic_maps_read_word(const struct nic_regs *regs, uint32_t addr);
void nic_maps_write_word(const struct nic_regs *regs, uint32_t addr, uint64_t value);
/* Bytes to whole words; the bytes of the last word that are not given become 0. */
void nic_maps_write_bytes(const struct nic_regs *regs, uint32_t addr, const void *bytes,
			  size_t size);

#endif
