# SPDX-License-Identifier: Apache-2.0
# libFuzzer with ASan and UBSan on what reads files: objects and firmware.

MALFORMED_CC ?= clang
MALFORMED_FLAGS := -O1 -g -std=gnu11 -D_GNU_SOURCE -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION -I. $(NICJIT_INCLUDES) \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined
MALFORMED_SRCS := $(NICJIT_SRCS) $(filter-out jit-nfp/nicjit.c jit-nfp/cli_%.c,$(NICJIT_CLI_SRCS))
MALFORMED_OBJS := $(MALFORMED_SRCS:%.c=$(B)/malformed/%.o)

$(B)/malformed/%.o: %.c
	@mkdir -p $(@D)
	$(MALFORMED_CC) $(MALFORMED_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(B)/fuzz-object $(B)/fuzz-image: $(B)/fuzz-%: tests/malformed/fuzz_%.c $(MALFORMED_OBJS)
	$(MALFORMED_CC) $(MALFORMED_FLAGS) -fsanitize=fuzzer -o $@ $^ -lbpf -lelf -lz

fuzz-malformed: $(B)/fuzz-object $(B)/fuzz-image ## damaged objects and firmware under ASan and UBSan; SECONDS=60 for each
	@SECONDS_EACH=$(or $(SECONDS),60) B=$(B) sh tests/malformed/run.sh

-include $(MALFORMED_OBJS:.o=.d)
.PHONY: fuzz-malformed
