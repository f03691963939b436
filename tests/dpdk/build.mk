# SPDX-License-Identifier: Apache-2.0
# Without DPDK (make setup-dpdk) everything else can still be built and checked.
ifneq ($(shell pkg-config --exists libdpdk 2>/dev/null && echo there),)
test-build: $(DPDK_PMD) $(DPDK_DIR)/port examples
endif

$(DPDK_DIR)/port: tests/dpdk/port.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE $(patsubst -I%,-isystem %,$(shell pkg-config --cflags libdpdk)) -o $@ $< $(shell pkg-config --libs libdpdk)
