# SPDX-License-Identifier: Apache-2.0
# Shows that the lock step can fail.

$(B)/cosim-inject: $(B)/tests/cosim/inject.o $(COSIM_OBJS) $(B)/libniciss.a $(B)/libnicjit.a
	$(CC) $(LDFLAGS) -o $@ $^

-include $(B)/tests/cosim/inject.d

test-build: $(B)/cosim-inject
