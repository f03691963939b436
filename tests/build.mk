# SPDX-License-Identifier: Apache-2.0
# Test programs, and which suites belong to which target. A suite is tests/<name>/run.sh.

SUITES_CHECK := unit golden refuse conform isa examples
SUITES_SIM := isa cosim examples
SUITES_TEST := lint unit golden refuse conform rtl isa cosim examples fuzz

UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))

$(B)/tests/unit/%: tests/unit/%.c $(B)/libnicjit.a $(B)/libsimio.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -Ihw/spec -Ijit-nfp -MMD -MP -o $@ $< $(UNIT_SRCS_$*) $(B)/libnicjit.a $(B)/libsimio.a \
		-lcmocka -lbpf -lelf -lz $(SIMIO_LIBS)

UNIT_SRCS_test_load := jit-nfp/load.c
UNIT_SRCS_test_ref := $(filter-out sim/ref/main.c,$(wildcard sim/ref/*.c))

$(B)/results-diff: tests/tools/results_diff.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -o $@ $< -ljansson

test-build: all $(B)/results-diff $(UNIT_TESTS)

-include $(UNIT_TESTS:%=%.d)
.PHONY: test-build
