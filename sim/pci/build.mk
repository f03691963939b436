# SPDX-License-Identifier: Apache-2.0
# The simulated NIC as a PCI device of a QEMU guest.

NICPCI_OBJS := $(B)/sim/pci/nicpci.o $(B)/sim/pci/ivshmem.o $(B)/driver/dpdk/wire.o

$(B)/nicpci: $(NICPCI_OBJS) $(NICSIM_LIB) $(B)/libnicjit.a $(B)/libsimio.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(SIMIO_LIBS) $(NICSIM_RTL_LIBS) -lm

-include $(NICPCI_OBJS:.o=.d)
