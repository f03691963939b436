/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Inside build: helpers on LPM tries that programs change.
 */
#ifndef JIT_NFP_BUILD_PREFIX_H
#define JIT_NFP_BUILD_PREFIX_H

#include "build.h"

/* The value of the longest prefix of the key in r2, and b->at where there is one; miss is where there is none. NULL: it failed. */
struct value *prefix_look(struct build *b, struct block *miss);
/* bpf_map_update_elem() and bpf_map_delete_elem(). 0 or -1 */
int prefix_change(struct build *b);

#endif
