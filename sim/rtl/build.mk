# SPDX-License-Identifier: Apache-2.0
# The Verilated NIC. Waveforms take a model of their own, which is slower: nicsim --trace runs build/trace/nicsim.

RTL_SRCS := $(wildcard hw/rtl/*.v hw/rtl/*/*.v hw/rtl/*/*.vh hw/gen/*.vh)
RTL_DIR := $(B)/verilated
RTL_TRACE ?= 0
RTL_TRACED := $(filter-out 0,$(RTL_TRACE))
RTL_RUNTIME := $(addprefix $(RTL_DIR)/,verilated.o verilated_threads.o $(if $(RTL_TRACED),verilated_fst_c.o))
VERILATOR ?= verilator
# -O1 builds three times as fast as -O3 and simulates nearly as fast; for long runs: make RTL_OPT=-O3 B=...
RTL_OPT ?= -O1
# Statements of a function, of which Verilator makes a clock of several.
RTL_PART := 2000
RTL_LANES ?= 3
RTL_THREADS ?= 16
RTL_PARAMETERS ?= # more of nic_top, as -GRegs=16; the C model takes such as -DISS_REGS=16
VERILATOR_ROOT ?= $(shell $(VERILATOR) --getenv VERILATOR_ROOT 2>/dev/null)
RTL_CXXFLAGS := -std=gnu++17 -O3 -fPIC -Wall -Wextra -I. -I$(RTL_DIR) -isystem $(VERILATOR_ROOT)/include \
	-isystem $(VERILATOR_ROOT)/include/vltstd -DRTL_CORES=$(CORES) -DRTL_PORTS=$(PORTS) -DRTL_LANES=$(RTL_LANES) -DRTL_THREADS=$(RTL_THREADS) -DRTL_TRACE=$(RTL_TRACE)

$(RTL_DIR)/Vnic.mk: hw/rtl/rtl.f $(RTL_SRCS) sim/rtl/build.mk sim/rtl/clocked.awk sim/rtl/shared.vlt sim/rtl/turns.awk
	@mkdir -p $(RTL_DIR)
	awk -f sim/rtl/clocked.awk hw/rtl/nic_top.v >$(RTL_DIR)/nic_sim.v
	$(VERILATOR) --cc -O3 --x-assign fast --x-initial fast --noassert -fno-table --output-split-cfuncs $(RTL_PART) -CFLAGS -fPIC -Wno-fatal --top-module nic_sim \
		$(if $(RTL_TRACED),--trace-fst) -GCores=$(CORES) -GPorts=$(PORTS) -GLanes=$(RTL_LANES) -GThreads=$(RTL_THREADS) $(RTL_PARAMETERS) --Mdir $(RTL_DIR) --prefix Vnic -f hw/rtl/rtl.f $(RTL_DIR)/nic_sim.v sim/rtl/shared.vlt
	for f in $$(grep -l '___eval_nba.*{$$' $(RTL_DIR)/Vnic___024root__*.cpp); do awk -f sim/rtl/turns.awk $$f >$$f.new && mv $$f.new $$f; done
	@touch $@

$(RTL_DIR)/Vnic__ALL.a: $(RTL_DIR)/Vnic.mk
	$(MAKE) --no-print-directory -s -C $(RTL_DIR) -f Vnic.mk OPT_FAST=$(RTL_OPT) OPT_SLOW=-O0 OPT_GLOBAL=-O1 \
		Vnic__ALL.a $(notdir $(RTL_RUNTIME))

$(B)/sim/rtl/device_rtl.o: sim/rtl/device_rtl.cpp $(RTL_DIR)/Vnic.mk
	@mkdir -p $(@D)
	$(CXX) $(RTL_CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/libnicrtl.a: $(B)/sim/rtl/device_rtl.o $(RTL_DIR)/Vnic__ALL.a
	rm -f $@
	printf '%s\n' 'create $@' 'addlib $(RTL_DIR)/Vnic__ALL.a' $(RTL_RUNTIME:%='addmod %') 'addmod $<' save end | $(AR) -M

-include $(B)/sim/rtl/device_rtl.d
