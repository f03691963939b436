# SPDX-License-Identifier: Apache-2.0
# The simulator program, and libnicsim: both devices and the lock step. RTL=0 leaves the Verilated NIC out, for machines without verilator.

RTL ?= 1
NICSIM_OBJS := $(addprefix $(B)/sim/nicsim/,main.o options.o setup.o run.o source.o packets.o latency.o timeline.o profile.o maps.o fib.o report.o feed.o live.o host_side.o)
COSIM_OBJS := $(addprefix $(B)/sim/cosim/,cosim.o records.o)
ifeq ($(RTL),0)
NICSIM_RTL := $(B)/sim/nicsim/no_rtl.o
NICSIM_RTL_LIBS :=
else
NICSIM_RTL := $(B)/libnicrtl.a
NICSIM_RTL_LIBS := -lz -lpthread
endif
NICSIM_LIB := $(B)/libnicsim.a

# Changes when RTL does.
NICSIM_KIND := $(B)/sim/nicsim/rtl-$(RTL)
$(NICSIM_KIND):
	@mkdir -p $(@D); rm -f $(@D)/rtl-*; touch $@

$(NICSIM_LIB): $(B)/libniciss.a $(COSIM_OBJS) $(NICSIM_RTL) $(NICSIM_KIND)
	rm -f $@
	printf '%s\n' 'create $@' $(patsubst %,'addlib %',$(filter %.a,$^)) $(patsubst %,'addmod %',$(filter %.o,$^)) save end | $(AR) -M

$(B)/nicsim: $(NICSIM_OBJS) $(NICSIM_LIB) $(B)/libsimio.a $(B)/libnicjit.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(SIMIO_LIBS) $(NICSIM_RTL_LIBS) -lm

# The RTL that keeps every wire; all else is that of $(B).
$(B)/trace/libnicrtl.a: FORCE
	@$(MAKE) --no-print-directory B=$(B)/trace RTL_TRACE=1 RTL_OPT=-O0 $@

$(B)/trace/nicsim: $(NICSIM_OBJS) $(B)/libsimio.a $(COSIM_OBJS) $(B)/libniciss.a $(B)/trace/libnicrtl.a $(B)/libnicjit.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(SIMIO_LIBS) $(NICSIM_RTL_LIBS) -lm

-include $(NICSIM_OBJS:.o=.d) $(COSIM_OBJS:.o=.d) $(B)/sim/nicsim/no_rtl.d
