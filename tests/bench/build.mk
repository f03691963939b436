# SPDX-License-Identifier: Apache-2.0
# `make bench`: measures programs, scaling, area, the kernel and the simulators; README.md has the rules.

BENCH_METER_OBJS := $(addprefix $(B)/tests/bench/,meter.o meter_nic.o meter_main.o)

$(B)/bench-meter: $(BENCH_METER_OBJS) $(filter-out %/main.o,$(NICSIM_OBJS)) $(NICSIM_LIB) $(B)/libsimio.a $(B)/libnicjit.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(SIMIO_LIBS) $(NICSIM_RTL_LIBS) -lm

$(B)/bench-kernel: $(B)/tests/bench/kernel_time.o $(B)/libref.a $(B)/libsimio.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(REF_LIBS) $(SIMIO_LIBS)

BENCH_COMPILE_OBJS := $(addprefix $(B)/tests/bench/,compile.o compile_shapes.o)
BENCH_WORK_OBJS := $(NICJIT_SRCS:%.c=$(B)/work/%.o)

$(B)/bench-compile: $(BENCH_COMPILE_OBJS) $(B)/tests/bench/effort_time.o $(B)/jit/jit-nfp/load_memory.o $(B)/libnicjit.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lm

$(B)/bench-work: $(BENCH_COMPILE_OBJS) $(B)/tests/bench/effort_work.o $(B)/jit/jit-nfp/load_memory.o $(BENCH_WORK_OBJS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lm

$(BENCH_WORK_OBJS): $(B)/work/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(NICJIT_INCLUDES) -fsanitize-coverage=trace-pc -MMD -MP -c -o $@ $<

# Native code on the host: needs LLVM and DPDK.
BENCH_HOST_OBJS := $(addprefix $(B)/tests/bench/,host_time.o host_rte.o)
$(B)/tests/bench/host_rte.o: CFLAGS += $(patsubst -I%,-isystem %,$(shell pkg-config --cflags libdpdk 2>/dev/null)) -DALLOW_EXPERIMENTAL_API

$(B)/bench-host: $(BENCH_HOST_OBJS) $(NICJIT_LOADER_OBJS) $(B)/libnichost.a $(B)/libsimio.a $(B)/libnicjit.a
	$(CC) $(LDFLAGS) -o $@ $^ $(HOST_LIBS) $(shell pkg-config --libs libdpdk) -lbpf -lelf -lz $(SIMIO_LIBS) -ldl -lpthread

ifneq ($(HOST_LIB),)
ifneq ($(shell pkg-config --exists libdpdk && echo there),)
test-build: $(B)/bench-host
endif
endif

bench-build: programs $(B)/bench-meter $(B)/bench-kernel $(B)/bench-compile $(B)/bench-work
test-build: bench-build

-include $(BENCH_METER_OBJS:.o=.d) $(BENCH_COMPILE_OBJS:.o=.d) $(BENCH_WORK_OBJS:.o=.d) $(B)/tests/bench/kernel_time.d $(BENCH_HOST_OBJS:.o=.d)

##@ Measure
bench: setup ## measure programs, scaling, area, the kernel and the simulators; tables in build/bench/ (5 minutes)
	@$(MAKE) --no-print-directory -s -j$(JOBS) bench-build >/dev/null
	@tests/bench/bench.sh $(BENCH)

bench-host: setup setup-dpdk ## native code on the host beside DPDK's JIT, the kernel and the C compiler; under testpmd (2 minutes)
	@$(MAKE) --no-print-directory -s -j$(JOBS) programs dpdk $(B)/bench-host $(B)/bench-kernel >/dev/null
	@tests/bench/bench.sh host

.PHONY: bench bench-build bench-host
