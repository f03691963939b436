# SPDX-License-Identifier: Apache-2.0
# The C model of the NIC, to the clock.

ISS_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard sim/iss/*.c) sim/bus/host_bus.c sim/bus/ext_memory.c)

$(B)/libniciss.list: OBJECTS = $(ISS_OBJS)
$(B)/libniciss.a: $(ISS_OBJS) $(B)/libniciss.list
	rm -f $@
	$(AR) rcs $@ $(ISS_OBJS)

# 5 % fewer instructions a clock.
$(ISS_OBJS): override CFLAGS := $(CFLAGS:-O2=-O3)

-include $(ISS_OBJS:.o=.d)
