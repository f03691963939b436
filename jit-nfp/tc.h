/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * Classifiers of tc (direct action, on ingress) as what the NIC runs: XDP programs.
 */
#ifndef JIT_NFP_TC_H
#define JIT_NFP_TC_H

#include "compile.h"

/* Sets c->prog to a program that does what the classifier p does on the host, where its packets come without their outer VLAN tag:
 *
 *      takes the tag out of the packet, calls p, puts the tag back, and makes the verdict one of XDP
 *
 * LD_ABS and LD_IND become loads of the packet. 0, or -1 after error(). */
int tc_run(struct compile *c, const struct prog *p);

/* Instructions of tc_run()'s program, at most. */
uint32_t tc_insns(const struct prog *p);

#endif
