/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * What r1 points to when a program begins: struct xdp_md, or struct __sk_buff of a classifier of tc.
 */
#ifndef JIT_NFP_CTX_H
#define JIT_NFP_CTX_H

#include "nicjit.h"

enum ctx_what {
	CTX_ABSENT,           /* the NIC does not know it */
	CTX_PACKET, CTX_PACKET_END, CTX_METADATA,
	CTX_LENGTH, CTX_IFINDEX, CTX_RXQ, CTX_ZERO,
	CTX_STACK,            /* a number at `at` of the program's stack, where tc.c has put it */
	CTX_STACK_WRITABLE,
};

struct ctx_field {
	const char *name;
	uint8_t off, bytes;
	uint8_t what;         /* enum ctx_what */
	int8_t at;            /* from r10 */
};

/* Where tc.c keeps fields, from r10. */
enum {
	CTX_CB = -56, CTX_TC_CLASSID = -36, CTX_TC_INDEX = -32, CTX_PRIORITY = -24, CTX_MARK = -20, CTX_PROTOCOL = -16, CTX_VLAN_PROTO = -12,
	CTX_VLAN_TCI = -8, CTX_VLAN_PRESENT = -4,
};

/* The field that holds these bytes, NULL when no field holds them all. */
const struct ctx_field *ctx_field(const struct prog *p, int64_t off, uint32_t size);
/* The name of the structure, and its size. */
const char *ctx_name(const struct prog *p);
uint32_t ctx_bytes(const struct prog *p);

#endif
