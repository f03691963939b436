# SPDX-License-Identifier: Apache-2.0
# Control of a NIC of a running DPDK process or of the kernel; needs neither DPDK nor LLVM.

NICCTL_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard driver/nicctl/*.c))

$(B)/nicctl: $(NICCTL_OBJS) $(B)/libnicjit.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lbpf -lelf -lz -ljansson

-include $(NICCTL_OBJS:.o=.d)
