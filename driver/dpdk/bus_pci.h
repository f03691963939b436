/* SPDX-License-Identifier: Apache-2.0
 *
 * A NIC on PCI: a board, with registers in its BAR, which EAL has mapped; or in a guest of QEMU a simulated one.
 */
#ifndef DRIVER_DPDK_BUS_PCI_H
#define DRIVER_DPDK_BUS_PCI_H

#include <bus_pci_driver.h>

#include "pmd.h"

/* NULL with one sentence in why. */
struct nicjit_bus *nicjit_pci_open(struct rte_pci_device *pci, char why[NICJIT_WHY]);
/* One that is a simulated NIC's window (hw/spec/window.h). */
struct nicjit_bus *nicjit_window_open(struct rte_pci_device *pci, char why[NICJIT_WHY]);

#endif
