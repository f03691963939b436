# SPDX-License-Identifier: Apache-2.0
# Packet, result and map files of every runner; link with $(SIMIO_LIBS).

SIMIO_OBJS := $(addprefix $(B)/sim/io/,io.o pcap_io.o results.o maps_json.o events.o records.o wire.o fib_json.o fib_load.o)
SIMIO_LIBS := -lpcap -ljansson

$(B)/libsimio.list: OBJECTS = $(SIMIO_OBJS)
$(B)/libsimio.a: $(SIMIO_OBJS) $(B)/libsimio.list
	rm -f $@
	$(AR) rcs $@ $(SIMIO_OBJS)

-include $(SIMIO_OBJS:.o=.d)
