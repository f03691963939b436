/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * A host's access to queues and stacks, as bpf(2) gives it: an update without a key pushes, a lookup peeks, a lookup that deletes pops. Freestanding.
 */
#ifndef DRIVER_COMMON_NIC_QUEUE_H
#define DRIVER_COMMON_NIC_QUEUE_H

#include "nic_maps.h"

/* flags: BPF_ANY, or BPF_EXIST: of a full one the oldest goes. 0, -E2BIG, -EINVAL; -EBUSY when the NIC does not come to rest. */
int nic_queue_push(const struct nic_map *map, const void *value, uint64_t flags);
/* The next one, which goes when removes is set. 0, -ENOENT, -EBUSY. */
int nic_queue_take(const struct nic_map *map, void *value, int removes);

#endif
