# SPDX-License-Identifier: Apache-2.0
# Without DPDK (make setup-dpdk) everything else can still be built and checked.
ifneq ($(shell pkg-config --exists libdpdk 2>/dev/null && echo there),)
test-build: $(DPDK_PMD) dpdk-sanitized $(DPDK_DIR)/port $(DPDK_DIR)/api $(DPDK_DIR)/board.so examples
endif

$(DPDK_DIR)/port: tests/dpdk/port.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -DALLOW_EXPERIMENTAL_API $(patsubst -I%,-isystem %,$(shell pkg-config --cflags libdpdk)) -o $@ $< $(shell pkg-config --libs libdpdk)

# Linked to the driver, which EAL then need not be told of.
$(DPDK_DIR)/api: tests/dpdk/api.c driver/dpdk/rte_pmd_nicjit.h $(DPDK_PMD)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -DALLOW_EXPERIMENTAL_API $(patsubst -I%,-isystem %,$(shell pkg-config --cflags libdpdk)) -o $@ $< -L$(DPDK_DIR) -l:librte_net_nicjit.so \
		-Wl,-rpath,'$$ORIGIN' $(shell pkg-config --libs libdpdk)

# Preloaded, a NIC on PCI for the driver. Its calls within must not go through a PLT, whose resolver changes registers that the compiler, which has
# taken these objects for a program's, believes to be kept.
$(DPDK_DIR)/board.so: $(B)/dpdk/tests/dpdk/board.o $(B)/dpdk/driver/dpdk/bus_sim.o $(B)/dpdk/driver/dpdk/wire.o $(NICSIM_LIB) $(B)/libsimio.a $(B)/libnicjit.a
	$(CXX) $(LDFLAGS) -shared -Wl,-Bsymbolic-functions -o $@ $(filter %.o,$^) $(filter %.a,$^) -Wl,--no-undefined $(shell pkg-config --libs libdpdk) $(SIMIO_LIBS) $(NICSIM_RTL_LIBS) -lm
$(B)/dpdk/tests/dpdk/board.o: tests/dpdk/board.c $(DPDK_SDK)/version
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -fPIC $(DPDK_CFLAGS) -Ihw/spec -Ijit-nfp -MMD -MP -c -o $@ $<

-include $(B)/dpdk/tests/dpdk/board.d
