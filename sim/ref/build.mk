# SPDX-License-Identifier: Apache-2.0
# The reference interpreter: a library, the packet runner and the conformance plug-in.

REF_OBJS := $(addprefix $(B)/sim/ref/,interp.o memory.o alu.o helpers.o callbacks.o timers.o packet.o csum.o cookies.o numbers.o text.o kfuncs.o fib.o maps.o rings.o queues.o load.o load_fields.o load_inner.o load_slots.o tc.o kernel.o kernel_events.o kernel_code.o)
REF_MAIN_OBJS := $(addprefix $(B)/sim/ref/,main.o tools/plugin.o tools/fuzz.o)
REF_LIBS := -lbpf -lelf

$(B)/libref.list: OBJECTS = $(REF_OBJS)
$(B)/libref.a: $(REF_OBJS) $(B)/libref.list
	rm -f $@
	$(AR) rcs $@ $(REF_OBJS)

$(B)/xdpref: $(B)/sim/ref/main.o $(B)/libref.a $(B)/libsimio.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(REF_LIBS) $(SIMIO_LIBS)

$(B)/ref-plugin: $(B)/sim/ref/tools/plugin.o $(B)/libref.a $(B)/libsimio.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(REF_LIBS) $(SIMIO_LIBS)

$(B)/ref-fuzz: $(B)/sim/ref/tools/fuzz.o $(B)/libref.a $(B)/libsimio.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(REF_LIBS) $(SIMIO_LIBS)

-include $(REF_OBJS:.o=.d) $(REF_MAIN_OBJS:.o=.d)
