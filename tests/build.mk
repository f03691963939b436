# SPDX-License-Identifier: Apache-2.0
# Test programs, and which suites belong to which target. A suite is tests/<name>/run.sh.

SUITES_CHECK := lint unit golden refuse conform isa fuzz
SUITES_SIM := isa fabric cosim host dma ext examples maps
# The long ones first, as several run at a time.
SUITES_TEST := isa cores parameters linux cocotb cosim formal rtl dpdk ext lint refuse fabric helpers fib maps examples tc filter fuzz malformed unit golden agree conform dma host mutation bench

UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))
UNIT_LOADER := $(filter-out %/nicjit.o,$(NICJIT_CLI_OBJS))
UNIT_OBJS_test_load := $(UNIT_LOADER)
UNIT_OBJS_test_load_tail := $(UNIT_LOADER)
UNIT_OBJS_test_load_inner := $(UNIT_LOADER)
UNIT_OBJS_test_cli_object := $(addprefix $(B)/jit/jit-nfp/,cli_object.o cli_file.o)
UNIT_OBJS_test_cli_filter := $(addprefix $(B)/jit/jit-nfp/,cli_filter.o cli_object.o cli_file.o)
UNIT_OBJS_test_latency := $(B)/sim/nicsim/latency.o
TEST_LIBS := $(B)/libref.a $(B)/libnicjit.a $(B)/libniciss.a $(B)/libsimio.a

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(NICJIT_CLI_OBJS) $(TEST_LIBS)
	$(CC) $(CFLAGS) -o $@ $< $(UNIT_OBJS_$*) $(TEST_LIBS) -lcmocka -lbpf -lelf -lz $(SIMIO_LIBS)

$(B)/tests/unit/test_latency: $(B)/sim/nicsim/latency.o

FUZZ_OBJS := $(addprefix $(B)/tests/fuzz/,fuzz.o census.o gen.o gen_bytes.o gen_code.o gen_function.o gen_host.o gen_map.o gen_packet.o mutate.o outcome.o reduce.o case_text.o run_oracle.o run_kernel.o run_nic.o case_progs.o routes.o gen_inner.o gen_network.o gen_text.o gen_timer.o) $(B)/jit-nfp/load_own.o
ifneq ($(HOST_LIB),)
FUZZ_OBJS += $(B)/tests/fuzz/run_host.o
$(B)/tests/fuzz/fuzz.o: CFLAGS += -DWITH_HOST
endif

$(B)/fuzz: $(FUZZ_OBJS) $(NICSIM_RTL) $(HOST_LIB) $(TEST_LIBS)
	$(CXX) $(LDFLAGS) -o $@ $^ $(HOST_LIBS) -lbpf -lelf -lz $(SIMIO_LIBS) $(NICSIM_RTL_LIBS)

$(B)/results-diff: $(B)/tests/tools/results_diff.o
	$(CC) $(CFLAGS) -o $@ $< -ljansson

##@ More tests
coverage: ## lines of the compiler and of the drivers' common part that the unit tests execute, by file
	@B=$(B) sh tests/unit/coverage.sh
.PHONY: coverage
fuzz: $(B)/fuzz ## generated programs until stopped; SEED= CASES= SECONDS= bound it
	@mkdir -p $(B)/found
	$(B)/fuzz --found $(B)/found --seed $(or $(SEED),$(shell date +%s)) --cases $(or $(CASES),1000000000) \
		--seconds $(or $(SECONDS),1000000000) --rtl-every $(or $(RTL_EVERY),20)

test-build: all $(B)/results-diff $(UNIT_TESTS) $(B)/fuzz $(B)/isa-test $(B)/isa-random $(B)/ref-plugin $(B)/ref-fuzz

-include $(UNIT_TESTS:%=%.d) $(FUZZ_OBJS:.o=.d) $(B)/tests/tools/results_diff.d
.PHONY: test-build fuzz
