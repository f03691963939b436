# SPDX-License-Identifier: Apache-2.0
# Programs that drive an RTL with another number of cores: only the Verilated NIC is built anew, all else is that of $(B).

$(B)/cores/%/libnicrtl.a: FORCE
	@$(MAKE) --no-print-directory B=$(B)/cores/$* CORES=$* PORTS=2 $@

CORES_LIBS = $(COSIM_OBJS) $(B)/libniciss.a $(@D)/libnicrtl.a $(B)/libnicjit.a

$(B)/cores/%/fabric-test: $(B)/cores/%/libnicrtl.a $(FABRIC_TEST_OBJS) $(COSIM_OBJS) $(B)/libniciss.a $(B)/libnicjit.a
	$(CXX) $(LDFLAGS) -o $@ $(FABRIC_TEST_OBJS) $(CORES_LIBS) $(NICSIM_RTL_LIBS)

$(B)/cores/%/nicsim: $(B)/cores/%/libnicrtl.a $(NICSIM_OBJS) $(COSIM_OBJS) $(B)/libniciss.a $(B)/libnicjit.a $(B)/libsimio.a
	$(CXX) $(LDFLAGS) -o $@ $(NICSIM_OBJS) $(B)/libsimio.a $(CORES_LIBS) $(SIMIO_LIBS) $(NICSIM_RTL_LIBS) -lm

##@ More tests
test-cores: $(B)/nicsim examples ## the whole NIC with 8 and 16 cores in lock step, its RTL built for that (15 minutes); NIC_CORES= others
	@tests/cores/run.sh $(or $(NIC_CORES),8 16)
.PHONY: test-cores
