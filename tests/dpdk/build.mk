# SPDX-License-Identifier: Apache-2.0
# Without DPDK (make setup-dpdk) everything else can still be built and checked.
ifneq ($(shell pkg-config --exists libdpdk 2>/dev/null && echo there),)
test-build: $(DPDK_PMD) $(DPDK_DIR)/port $(DPDK_DIR)/api examples
endif

$(DPDK_DIR)/port: tests/dpdk/port.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE $(patsubst -I%,-isystem %,$(shell pkg-config --cflags libdpdk)) -o $@ $< $(shell pkg-config --libs libdpdk)

# Linked to the driver, which EAL then need not be told of.
$(DPDK_DIR)/api: tests/dpdk/api.c driver/dpdk/rte_pmd_nicjit.h $(DPDK_PMD)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -DALLOW_EXPERIMENTAL_API $(patsubst -I%,-isystem %,$(shell pkg-config --cflags libdpdk)) -o $@ $< -L$(DPDK_DIR) -l:librte_net_nicjit.so \
		-Wl,-rpath,'$$ORIGIN' $(shell pkg-config --libs libdpdk)
