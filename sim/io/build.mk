# SPDX-License-Identifier: Apache-2.0
# Packet, result and map files of every runner; link with $(SIMIO_LIBS).

SIMIO_OBJS := $(addprefix $(B)/sim/io/,io.o pcap_io.o results.o maps_json.o events.o records.o wire.o fib_json.o fib_load.o)
SIMIO_LIBS := -lpcap -ljansson

$(B)/libsimio.a: $(SIMIO_OBJS)
	rm -f $@
	$(AR) rcs $@ $^

-include $(SIMIO_OBJS:.o=.d)
