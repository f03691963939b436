# SPDX-License-Identifier: Apache-2.0
# The conformance plug-in that compiles a program and runs it on a device.

$(B)/nicjit-conformance-plugin: $(B)/tests/conform/plugin.o $(NICJIT_LOADER_OBJS) $(B)/libnicjit.a $(B)/libniciss.a $(NICSIM_RTL)
	$(CXX) $(LDFLAGS) -o $@ $^ $(NICSIM_RTL_LIBS) -lbpf -lelf

test-build: $(B)/nicjit-conformance-plugin

-include $(B)/tests/conform/plugin.d
