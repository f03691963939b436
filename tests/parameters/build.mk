# SPDX-License-Identifier: Apache-2.0
# RTL and C model with other parameters, LANES-REGS-THREADS-CORES-PORTS, as $(B)/parameters/1-16-4-1-1; all else is that of $(B).

PARAMETER = $(word $1,$(subst -, ,$*))
$(B)/parameters/%/libnicrtl.a: FORCE
	@$(MAKE) --no-print-directory B=$(B)/parameters/$* CORES=$(call PARAMETER,4) PORTS=$(call PARAMETER,5) \
		RTL_LANES=$(call PARAMETER,1) RTL_THREADS=$(call PARAMETER,3) RTL_PARAMETERS=-GRegs=$(call PARAMETER,2) $@
$(B)/parameters/%/libniciss.a: FORCE
	@$(MAKE) --no-print-directory B=$(B)/parameters/$* \
		CFLAGS="-O2 -g -DISS_LANES=$(call PARAMETER,1) -DISS_REGS=$(call PARAMETER,2) -DISS_THREADS=$(call PARAMETER,3)" $@

PARAMETERS_LIBS = $(COSIM_OBJS) $(@D)/libniciss.a $(@D)/libnicrtl.a $(B)/libnicjit.a

$(B)/parameters/%/isa-test: $(B)/parameters/%/libnicrtl.a $(B)/parameters/%/libniciss.a $(ISA_TEST_OBJS) $(COSIM_OBJS) $(B)/libnicjit.a
	$(CXX) $(LDFLAGS) -o $@ $(ISA_TEST_OBJS) $(PARAMETERS_LIBS) $(NICSIM_RTL_LIBS)

$(B)/parameters/%/isa-random: $(B)/parameters/%/libnicrtl.a $(B)/parameters/%/libniciss.a $(B)/tests/isa/random.o $(COSIM_OBJS) $(B)/libnicjit.a
	$(CXX) $(LDFLAGS) -o $@ $(B)/tests/isa/random.o $(PARAMETERS_LIBS) $(NICSIM_RTL_LIBS)

$(B)/parameters/%/fabric-test: $(B)/parameters/%/libnicrtl.a $(B)/parameters/%/libniciss.a $(FABRIC_TEST_OBJS) $(COSIM_OBJS) $(B)/libnicjit.a
	$(CXX) $(LDFLAGS) -o $@ $(FABRIC_TEST_OBJS) $(PARAMETERS_LIBS) $(NICSIM_RTL_LIBS)
