# SPDX-License-Identifier: Apache-2.0
# The conformance plug-in that compiles a program and runs it on a device.

$(B)/nic-plugin: $(B)/tests/conform/plugin_nic.o $(B)/libnicjit.a $(B)/libniciss.a $(NICSIM_RTL)
	$(CXX) $(LDFLAGS) -o $@ $^ $(NICSIM_RTL_LIBS)

test-build: $(B)/nic-plugin

-include $(B)/tests/conform/plugin_nic.d
