/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * A host's access to the maps of a NIC, through its registers; programs may run meanwhile. Lookup, update and delete in hash maps are
 * calls of the NIC's own engine, done as a whole between those of the programs; values and arrays are read and written word by word
 * (8 bytes), as programs do. One caller at a time. Freestanding.
 *
 * All functions return 0 or a negative errno value as bpf(2) gives it: -ENOENT, -EEXIST, -E2BIG, -EINVAL, -EPERM; and -EBUSY when programs
 * change the map faster than it can be walked, -EIO when the table in the NIC's memory is broken or the NIC does not know the map.
 * Where a value has a spin lock in it, what must not meet a program that holds it (BPF_F_LOCK, and all changes of arrays) is done while the NIC rests: it takes
 * no packets for the moment, which wait at its ports. Such a lock reads as 0, and is not written.
 * Timers are cleared by updates, which of arrays are done so, too; they read as 0.
 * A walk by nic_maps_next() may see keys twice or not at all when programs change the map meanwhile. Keys and values are in memory
 * order, and values of per-CPU maps are one for each hardware thread, each padded to 8 bytes, as in bpf(2). A value of a hash map that
 * has more than 1280 bytes, which the NIC's engine takes at once, is put in while the NIC rests.
 */
#ifndef DRIVER_COMMON_NIC_MAPS_H
#define DRIVER_COMMON_NIC_MAPS_H

#include <stddef.h>
#include <stdint.h>

#include "hw/spec/image.h"
#include "image.h"

/* Access to the registers of one NIC, by byte offset (hw/spec/regs.def). */
struct nic_regs {
	uint32_t (*read)(void *ctx, uint32_t offset);
	void (*write)(void *ctx, uint32_t offset, uint32_t value);
	void *ctx;
	/* Words of map memory outside the chip, from its begin on, that may not be zero: the loader clears what maps need of them, and counts what it gives to
	 * maps. NULL: nothing is known of it, and everything is cleared. */
	uint32_t *ext_used;
	/* COOKIE_KEYS_BYTES random bytes that stay the same while the NIC is in use; NULL: programs with SYN cookies are refused. */
	const uint8_t *cookie_keys;
};

struct nic_map {
	const struct nic_regs *regs;
	const struct image_map *layout; /* of a checked image */
	uint32_t index;                 /* number of the map in the image */
	const struct image *image;      /* PROG_ARRAY: programs by number, and where the image lies in microcode memory */
	uint32_t base;
};

int nic_maps_lookup(const struct nic_map *map, const void *key, void *value);
/* The same where no program holds the spin lock in the value; -EINVAL when there is none in it. */
int nic_maps_lookup_locked(const struct nic_map *map, const void *key, void *value);
/* flags: BPF_ANY 0, BPF_NOEXIST 1, BPF_EXIST 2, and BPF_F_LOCK 4: where no program holds the spin lock. */
int nic_maps_update(const struct nic_map *map, const void *key, const void *value, uint64_t flags);
int nic_maps_delete(const struct nic_map *map, const void *key);
/* The key after key, the first one when key is NULL or not in the map; -ENOENT after the last. */
int nic_maps_next(const struct nic_map *map, const void *key, void *next_key);

/* The next one of a queue or stack, which takes no keys: an update pushes, a lookup peeks, this removes it. -EINVAL: it is none. */
int nic_maps_pop(const struct nic_map *map, void *value);

/* The NIC takes no packets, and has none; *ctrl is for nic_maps_go_on(). 0 or -EBUSY, and it goes on. */
int nic_maps_rest(const struct nic_map *map, uint32_t *ctrl);
void nic_maps_go_on(const struct nic_map *map, uint32_t ctrl);

/* For the parts of nic_maps: a value, or those of all hardware threads, at an address in the first one's plane; a lock in it, while the NIC rests. */
void nic_maps_read_value(const struct nic_map *map, uint32_t at, void *value);
void nic_maps_write_value(const struct nic_map *map, uint32_t at, const void *value);
void nic_maps_clear_hidden(const struct nic_map *map, uint32_t at);
int nic_maps_has_hidden(const struct nic_map *map); /* its values have a lock or a timer in them */

/* Map memory by word; the part outside the chip begins at 0x80000000. addr is a byte address and a multiple of 8. */
uint64_t nic_maps_read_word(const struct nic_regs *regs, uint32_t addr);
void nic_maps_write_word(const struct nic_regs *regs, uint32_t addr, uint64_t value);
/* Bytes to whole words; the bytes of the last word that are not given become 0. */
void nic_maps_write_bytes(const struct nic_regs *regs, uint32_t addr, const void *bytes,
			  size_t size);
void nic_maps_read_bytes(const struct nic_regs *regs, uint32_t addr, void *bytes, size_t size);
/* So many words become 0, by the NIC itself. 0, or -EBUSY: it did not come to an end. */
int nic_maps_clear(const struct nic_regs *regs, uint32_t addr, uint32_t words);

#endif
