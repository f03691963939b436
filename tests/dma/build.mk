# SPDX-License-Identifier: Apache-2.0
# The host side alone, Verilog and C model in lock step.

DMA_DIR := $(B)/verilated-dma
DMA_SRCS := $(wildcard hw/rtl/dma/*.v hw/rtl/lib/*.v hw/rtl/lib/*.vh hw/gen/*.vh)

$(DMA_DIR)/Vdma_host__ALL.a: $(DMA_SRCS)
	@mkdir -p $(DMA_DIR)
	$(VERILATOR) --cc -O3 --x-assign fast --x-initial fast --noassert -Wno-fatal --Mdir $(DMA_DIR) --prefix Vdma_host \
		+incdir+hw/gen +incdir+hw/rtl/lib -y hw/rtl/lib -y hw/rtl/dma --top-module dma_host hw/rtl/dma/dma_host.v
	$(MAKE) --no-print-directory -s -C $(DMA_DIR) -f Vdma_host.mk OPT_FAST=-O2 Vdma_host__ALL.a verilated.o verilated_threads.o

$(B)/dma-lockstep: tests/dma/dma_lockstep.cpp $(DMA_DIR)/Vdma_host__ALL.a $(B)/sim/iss/dma_host.o $(B)/sim/bus/host_bus.o
	$(CXX) -std=gnu++17 -O2 -Wall -Wextra -I. -I$(DMA_DIR) -isystem $(VERILATOR_ROOT)/include -isystem $(VERILATOR_ROOT)/include/vltstd \
		-o $@ $^ $(DMA_DIR)/verilated.o $(DMA_DIR)/verilated_threads.o -lpthread

test-build: $(B)/dma-lockstep
