# SPDX-License-Identifier: Apache-2.0
# The DPDK driver, as a plug-in for the stock libraries of Debian: make dpdk; needs what make setup-dpdk installs.

DPDK_DIR := $(B)/dpdk
DPDK_SDK := $(DPDK_DIR)/sdk
DPDK_SRCS := $(wildcard driver/dpdk/*.c)
DPDK_OBJS := $(DPDK_SRCS:%.c=$(B)/dpdk/%.o)
DPDK_CFLAGS = $(patsubst -I%,-isystem %,$(shell pkg-config --cflags libdpdk)) -isystem $(DPDK_SDK) -DALLOW_INTERNAL_API -DALLOW_EXPERIMENTAL_API
DPDK_PMD := $(DPDK_DIR)/librte_net_nicjit.so
DPDK_LIBS = $(NICJIT_LOADER_OBJS) $(NICSIM_LIB) $(B)/libsimio.a $(B)/libnicjit.a
DPDK_COMMON_SRCS := $(wildcard driver/common/*.c)

##@ DPDK
dpdk: $(DPDK_PMD) ## the poll-mode driver, librte_net_nicjit.so
dpdk-demo: setup setup-dpdk ## a capture through the Verilated NIC under dpdk-testpmd, then a program that only the host can run
	@test -f $(DPDK_PMD) || echo "building driver and NIC (some minutes)"
	@$(MAKE) --no-print-directory -s -j$(JOBS) dpdk >/dev/null
	@python3 -B tests/dpdk/demo.py
dpdk-asan: dpdk-sanitized $(DPDK_DIR)/port examples ## the driver under address and undefined behaviour sanitizers
	@python3 -B tests/dpdk/test_port.py sanitized
# What is the driver's own; compiler and model are looked at elsewhere, and take minutes to compile.
dpdk-sanitized: $(DPDK_PMD)
	@$(MAKE) --no-print-directory -s B=$(B)/asan CFLAGS="-O1 -g -fPIC -fsanitize=address,undefined -fno-sanitize-recover=undefined" \
		LDFLAGS="-fsanitize=address,undefined" DPDK_SDK=$(DPDK_SDK) DPDK_LIBS="$(DPDK_LIBS)" DPDK_COMMON="$(DPDK_COMMON_SRCS:%.c=$(B)/asan/jit/%.o)" $(B)/asan/dpdk/librte_net_nicjit.so
setup-dpdk: ## install the Debian packages that the driver needs
	@tests/tools/setup.sh libdpdk-dev dpdk-dev dpdk llvm-14-dev pkg-config python3-pyelftools python3-docutils xz-utils iproute2 iputils-ping iperf3

$(DPDK_SDK)/version: driver/dpdk/sdk.sh
	@mkdir -p $(@D)
	driver/dpdk/sdk.sh $(@D)
	@touch $@

$(DPDK_OBJS): $(B)/dpdk/%.o: %.c $(DPDK_SDK)/version
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -fPIC $(DPDK_CFLAGS) -Ihw/spec -Ijit-nfp -MMD -MP -c -o $@ $<

$(DPDK_PMD): $(DPDK_OBJS) $(DPDK_COMMON) $(HOST_LIB) $(DPDK_LIBS) driver/dpdk/version.map
	$(CXX) $(LDFLAGS) -shared -o $@ $(filter %.o,$^) $(filter %.a,$^) -Wl,--version-script=driver/dpdk/version.map -Wl,--no-undefined \
		$(shell pkg-config --libs libdpdk) -lrte_bus_vdev -lrte_bus_pci $(HOST_LIBS) -lbpf -lelf $(SIMIO_LIBS) $(NICSIM_RTL_LIBS) -lm

-include $(DPDK_OBJS:.o=.d)
.PHONY: dpdk dpdk-asan dpdk-sanitized dpdk-demo setup-dpdk
