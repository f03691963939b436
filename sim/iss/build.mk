# SPDX-License-Identifier: Apache-2.0
# The C model of the NIC, to the clock.

ISS_OBJS := $(addprefix $(B)/sim/iss/,device_iss.o fp_core.o fp_decode.o fp_div.o map_unit.o map_engine.o pkt_rx.o pkt_tx.o csr_regs.o)

$(B)/libniciss.a: $(ISS_OBJS)
	rm -f $@
	$(AR) rcs $@ $^

-include $(ISS_OBJS:.o=.d)
