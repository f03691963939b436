# SPDX-License-Identifier: Apache-2.0
# The whole NIC with its rings.

HOST_TEST_OBJS := $(addprefix $(B)/,tests/host/host_test.o tests/fabric/packet.o driver/common/nic_rings.o)

$(B)/host-test: $(HOST_TEST_OBJS) $(NICSIM_LIB) $(B)/libnicjit.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(NICSIM_RTL_LIBS)

test-build: $(B)/host-test

-include $(HOST_TEST_OBJS:.o=.d)
