# SPDX-License-Identifier: Apache-2.0
# The C model of the NIC, to the clock.

ISS_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard sim/iss/*.c) sim/bus/host_bus.c sim/bus/ext_memory.c)

$(B)/libniciss.a: $(ISS_OBJS)
	rm -f $@
	$(AR) rcs $@ $^

-include $(ISS_OBJS:.o=.d)
