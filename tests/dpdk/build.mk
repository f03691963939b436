# SPDX-License-Identifier: Apache-2.0
# Without DPDK (make setup-dpdk) everything else can still be built and checked.
ifneq ($(shell pkg-config --exists libdpdk && echo there),)
test-build: $(DPDK_PMD) examples
endif
