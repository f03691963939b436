/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Inside build: spin locks in map values (build_lock.c).
 */
#ifndef JIT_NFP_BUILD_LOCK_H
#define JIT_NFP_BUILD_LOCK_H

#include "build_ring.h"

struct lock {
	unsigned int map;     /* MAP_ANY when it differs from path to path */
	struct value *value;  /* pointer into the map; the lock is at off bytes from there */
	int off;
};

/* What the program does with maps behind the taking stays behind it, and what it does before the release stays before. */
void lock_acquire(struct build *b, const struct lock *l);
void lock_release(struct build *b, const struct lock *l);

/* bpf_map_update_elem() of a map whose values hold a lock, a timer, or both: all but these is copied, and the timer is cleared. 0 or -1 */
int hidden_update_array(struct build *b, struct value *index, struct value *(*element)(struct build *b, struct value *index));
int hidden_update_hash(struct build *b);
/* bpf_map_delete_elem() of one with timers, which are cleared, too. */
int timer_delete(struct build *b);

#endif
