/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * What pkt_inspect finds in a frame (fabric.md): flags that go with it through the NIC, and stand in its completion (CQE_CSUM). Neither GOOD nor BAD: it could not be told.
 */
#ifndef HW_SPEC_INSPECT_H
#define HW_SPEC_INSPECT_H

enum {
	FOUND_IP4 = 1 << 0, FOUND_IP6 = 1 << 1, FOUND_IP_GOOD = 1 << 2, FOUND_IP_BAD = 1 << 3,
	FOUND_TCP = 1 << 4, FOUND_UDP = 1 << 5, FOUND_L4_GOOD = 1 << 6, FOUND_L4_BAD = 1 << 7,
};

#endif
