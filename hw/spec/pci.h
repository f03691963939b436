/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * What the NIC calls itself on PCI. A board's bridge is given these numbers; PCI-SIG has assigned none yet. Plain decimal, as DPDK shows them
 * as text.
 */
#ifndef HW_SPEC_PCI_H
#define HW_SPEC_PCI_H

#define NIC_PCI_VENDOR 4660       /* 0x1234 */
#define NIC_PCI_DEVICE 20042      /* 0x4e4a, "NJ" */

enum { NIC_PCI_BAR = 0, NIC_PCI_BAR_BYTES = 1 << 24 };

#endif
