# SPDX-License-Identifier: Apache-2.0
# The compiler's core, which is freestanding and goes into the drivers too; the library with image reading and text around it; the
# command line.

NICJIT_CLI_SRCS := jit-nfp/nicjit.c jit-nfp/load.c $(wildcard jit-nfp/load_*.c jit-nfp/cli_*.c)
NICJIT_SRCS := $(filter-out $(NICJIT_CLI_SRCS),$(wildcard jit-nfp/*.c)) hw/spec/isa.c $(wildcard driver/common/*.c)
# The Linux module compiles these, too.
NICJIT_CORE_SRCS := $(filter-out jit-nfp/assemble.c,$(NICJIT_SRCS))
NICJIT_OBJS := $(NICJIT_SRCS:%.c=$(B)/jit/%.o)
NICJIT_CLI_OBJS := $(NICJIT_CLI_SRCS:%.c=$(B)/jit/%.o)
NICJIT_LOADER_OBJS := $(filter $(B)/jit/jit-nfp/load%.o,$(NICJIT_CLI_OBJS))
NICJIT_FREE_OBJS := $(NICJIT_CORE_SRCS:%.c=$(B)/freestanding/%.o)
NICJIT_INCLUDES := -Ijit-nfp -Ihw/spec -Idriver/common

$(B)/libnicjit.list: OBJECTS = $(NICJIT_OBJS)
$(B)/libnicjit.a: $(NICJIT_OBJS) $(B)/libnicjit.list
	rm -f $@
	$(AR) qcs $@ $(NICJIT_OBJS)

$(B)/nicjit: $(NICJIT_CLI_OBJS) $(B)/libnicjit.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lbpf -lelf -lz -lpcap

$(NICJIT_OBJS): $(B)/jit/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(NICJIT_INCLUDES) -MMD -MP -c -o $@ $<

$(NICJIT_CLI_OBJS): $(B)/jit/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE $(NICJIT_INCLUDES) -MMD -MP -c -o $@ $<

# The core asks its surroundings for nothing but these; __* is the compiler's own run time.
$(NICJIT_FREE_OBJS): $(B)/freestanding/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(NICJIT_INCLUDES) -ffreestanding -nostdinc -isystem $(shell $(CC) -print-file-name=include) \
		-Wframe-larger-than=2048 -MMD -MP -c -o $@ $<

##@ Compiler
check-freestanding: $(NICJIT_FREE_OBJS) ## fail when compiler or image reader needs more than memory and string functions
	@$(LD) -r -o $(B)/freestanding/all.o $^
	@needs=$$(nm -u $(B)/freestanding/all.o | awk '{print $$2}' | \
		grep -vxE 'memcpy|memset|memmove|memcmp|strlen|strcmp|__.*|_GLOBAL_OFFSET_TABLE_'); \
	if [ -n "$$needs" ]; then echo "the freestanding files need:" $$needs; exit 1; fi

-include $(NICJIT_OBJS:.o=.d) $(NICJIT_CLI_OBJS:.o=.d) $(NICJIT_FREE_OBJS:.o=.d)
.PHONY: check-freestanding
