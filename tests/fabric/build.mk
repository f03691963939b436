# SPDX-License-Identifier: Apache-2.0
# The whole NIC under random traffic.

FABRIC_TEST_OBJS := $(addprefix $(B)/tests/fabric/,fabric.o packet.o programs.o)

$(B)/fabric-test: $(FABRIC_TEST_OBJS) $(NICSIM_LIB) $(B)/libnicjit.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(NICSIM_RTL_LIBS)

$(B)/fabric-wild: $(B)/tests/fabric/wild.o $(NICSIM_LIB) $(B)/libnicjit.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(NICSIM_RTL_LIBS)

$(B)/fabric-keys: $(B)/tests/fabric/keys.o $(B)/tests/fabric/packet.o $(NICSIM_LIB) $(B)/libnicjit.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(NICSIM_RTL_LIBS)

$(B)/fabric-lpm: $(B)/tests/fabric/lpm.o $(B)/tests/fabric/packet.o $(B)/tests/fabric/programs.o $(NICSIM_LIB) $(B)/libnicjit.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(NICSIM_RTL_LIBS)

test-build: $(B)/fabric-test $(B)/fabric-wild $(B)/fabric-keys $(B)/fabric-lpm

-include $(FABRIC_TEST_OBJS:.o=.d) $(B)/tests/fabric/wild.d $(B)/tests/fabric/keys.d $(B)/tests/fabric/lpm.d

soak: $(B)/fabric-test $(B)/fabric-wild $(B)/fabric-keys $(B)/fabric-lpm $(B)/nicsim examples ## millions of packets; SCALE=n does n times as much (about 10 minutes each)
	@tests/fabric/soak.py
.PHONY: soak
