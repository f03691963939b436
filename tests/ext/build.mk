# SPDX-License-Identifier: Apache-2.0
# The external map memory: its unit alone, Verilog and C model in lock step.

EXT_DIR := $(B)/verilated-ext
EXT_SRCS := $(wildcard hw/rtl/map/*.v hw/rtl/map/*.vh hw/rtl/lib/*.v hw/rtl/lib/*.vh hw/gen/*.vh)
EXT_CORES := 4

$(EXT_DIR)/Vmap_ext__ALL.a: $(EXT_SRCS)
	@mkdir -p $(EXT_DIR)
	$(VERILATOR) --cc -O3 --x-assign fast --x-initial fast --noassert -Wno-fatal --Mdir $(EXT_DIR) --prefix Vmap_ext -GCores=$(EXT_CORES) \
		+incdir+hw/gen +incdir+hw/rtl/lib +incdir+hw/rtl/map -y hw/rtl/lib -y hw/rtl/map --top-module map_ext hw/rtl/map/map_ext.v
	$(MAKE) --no-print-directory -s -C $(EXT_DIR) -f Vmap_ext.mk OPT_FAST=-O2 Vmap_ext__ALL.a verilated.o verilated_threads.o

$(B)/ext-lockstep: tests/ext/ext_lockstep.cpp $(EXT_DIR)/Vmap_ext__ALL.a $(B)/sim/iss/map_ext.o $(B)/sim/bus/host_bus.o
	$(CXX) -std=gnu++17 -O2 -Wall -Wextra -I. -I$(EXT_DIR) -isystem $(VERILATOR_ROOT)/include -isystem $(VERILATOR_ROOT)/include/vltstd \
		-DEXT_CORES=$(EXT_CORES) -o $@ $^ $(EXT_DIR)/verilated.o $(EXT_DIR)/verilated_threads.o -lpthread

test-build: $(B)/ext-lockstep
