# SPDX-License-Identifier: Apache-2.0
# Programs as native code of the host, by LLVM; needs llvm-14-dev, of which only the C interface is used.

HOST_SRCS := $(filter-out driver/host/main.c,$(wildcard driver/host/*.c))
HOST_OBJS := $(HOST_SRCS:%.c=$(B)/%.o)
LLVM_CONFIG ?= llvm-config-14
ifneq ($(wildcard $(shell $(LLVM_CONFIG) --includedir 2>/dev/null)/llvm-c/Orc.h),)
HOST_LIB := $(B)/libnichost.a
test-build: $(B)/xdphost
HOST_LIBS := $(shell $(LLVM_CONFIG) --ldflags --libs core orcjit native passes --link-shared)
endif

$(HOST_OBJS): CFLAGS += -isystem $(shell $(LLVM_CONFIG) --includedir) -fPIC

$(B)/libnichost.list: OBJECTS = $(HOST_OBJS)
$(B)/libnichost.a: $(HOST_OBJS) $(B)/libnichost.list
	rm -f $@
	$(AR) rcs $@ $(HOST_OBJS)

$(B)/xdphost: $(B)/driver/host/main.o $(NICJIT_LOADER_OBJS) $(B)/libnichost.a $(B)/libsimio.a $(B)/libnicjit.a
	$(CC) $(LDFLAGS) -o $@ $^ $(HOST_LIBS) -lbpf -lelf -lz $(SIMIO_LIBS) -lpthread

-include $(HOST_OBJS:.o=.d) $(B)/driver/host/main.d
