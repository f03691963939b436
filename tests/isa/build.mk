# SPDX-License-Identifier: Apache-2.0
# Instruction tests on the devices.

ISA_TEST_OBJS := $(addprefix $(B)/tests/isa/,main.o harness.o test_alu.o test_window.o test_branch.o test_control.o \
	test_memory.o test_special.o test_adjust.o test_map_access.o test_map_calls.o test_faults.o)
ISA_TEST_LINK := $(NICSIM_LIB) $(B)/libnicjit.a

$(B)/isa-test: $(ISA_TEST_OBJS) $(ISA_TEST_LINK)
	$(CXX) $(LDFLAGS) -o $@ $^ $(NICSIM_RTL_LIBS)

$(B)/isa-random: $(B)/tests/isa/random.o $(ISA_TEST_LINK)
	$(CXX) $(LDFLAGS) -o $@ $^ $(NICSIM_RTL_LIBS)

-include $(ISA_TEST_OBJS:.o=.d) $(B)/tests/isa/random.d
