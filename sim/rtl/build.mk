# SPDX-License-Identifier: Apache-2.0
# The Verilated NIC. Tracing is compiled in: off, it costs nothing worth a second model (README.md has the figures).

RTL_SRCS := $(wildcard hw/rtl/*.v hw/rtl/*/*.v hw/rtl/*/*.vh hw/gen/*.vh)
RTL_DIR := $(B)/verilated
RTL_RUNTIME := $(addprefix $(RTL_DIR)/,verilated.o verilated_fst_c.o verilated_threads.o)
VERILATOR ?= verilator
RTL_PARAMETERS ?= # of nic_top, as -GLanes=1; the C model takes the same ones as -DISS_LANES=1
VERILATOR_ROOT ?= $(shell $(VERILATOR) --getenv VERILATOR_ROOT 2>/dev/null)
RTL_CXXFLAGS := -std=gnu++17 -O3 -Wall -Wextra -I. -I$(RTL_DIR) -isystem $(VERILATOR_ROOT)/include \
	-isystem $(VERILATOR_ROOT)/include/vltstd

$(RTL_DIR)/Vnic_top.mk: hw/rtl/rtl.f $(RTL_SRCS)
	@mkdir -p $(RTL_DIR)
	$(VERILATOR) --cc -O3 --x-assign fast --x-initial fast --noassert --trace-fst -Wno-fatal --top-module nic_top \
		--Mdir $(RTL_DIR) --prefix Vnic_top $(RTL_PARAMETERS) -f hw/rtl/rtl.f
	@touch $@

$(RTL_DIR)/Vnic_top__ALL.a: $(RTL_DIR)/Vnic_top.mk
	$(MAKE) --no-print-directory -s -C $(RTL_DIR) -f Vnic_top.mk OPT_FAST=-O3 OPT_SLOW=-O0 OPT_GLOBAL=-O2 \
		Vnic_top__ALL.a $(notdir $(RTL_RUNTIME))

$(B)/sim/rtl/device_rtl.o: sim/rtl/device_rtl.cpp $(RTL_DIR)/Vnic_top.mk
	@mkdir -p $(@D)
	$(CXX) $(RTL_CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/libnicrtl.a: $(B)/sim/rtl/device_rtl.o $(RTL_DIR)/Vnic_top__ALL.a
	rm -f $@
	printf '%s\n' 'create $@' 'addlib $(RTL_DIR)/Vnic_top__ALL.a' $(RTL_RUNTIME:%='addmod %') 'addmod $<' save end | $(AR) -M

-include $(B)/sim/rtl/device_rtl.d
