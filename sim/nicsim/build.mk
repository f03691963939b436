# SPDX-License-Identifier: Apache-2.0
# The simulator program. RTL=0 leaves the Verilated NIC out, for machines without verilator.

RTL ?= 1
NICSIM_OBJS := $(addprefix $(B)/sim/nicsim/,main.o options.o run.o packets.o maps.o report.o) $(B)/sim/cosim/cosim.o
ifeq ($(RTL),0)
NICSIM_RTL := $(B)/sim/nicsim/no_rtl.o
NICSIM_RTL_LIBS :=
else
NICSIM_RTL := $(B)/libnicrtl.a
NICSIM_RTL_LIBS := -lz -lpthread
endif

$(B)/nicsim: $(NICSIM_OBJS) $(B)/libniciss.a $(NICSIM_RTL) $(B)/libnicjit.a $(B)/libsimio.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(SIMIO_LIBS) $(NICSIM_RTL_LIBS)

-include $(NICSIM_OBJS:.o=.d) $(B)/sim/nicsim/no_rtl.d
