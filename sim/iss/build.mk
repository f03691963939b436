# SPDX-License-Identifier: Apache-2.0
# The C model of the NIC, to the clock.

ISS_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard sim/iss/*.c) sim/bus/host_bus.c sim/bus/ext_memory.c)

$(B)/libniciss.list: OBJECTS = $(ISS_OBJS)
$(B)/libniciss.a: $(ISS_OBJS) $(B)/libniciss.list
	rm -f $@
	$(AR) rcs $@ $(ISS_OBJS)

# What runs in every clock; with all of the model so large, it would not fit into an instruction cache of 32 KiB.
$(B)/sim/iss/fp_core.o: override CFLAGS := $(CFLAGS:-O2=-O3)

-include $(ISS_OBJS:.o=.d)
