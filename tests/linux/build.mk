# SPDX-License-Identifier: Apache-2.0

$(B)/tests/linux/%.o: tests/linux/%.bpf.c
	@mkdir -p $(@D)
	$(BPF_CC) $(BPF_CFLAGS) -c -o $@ $<
$(B)/tests/linux/calls: tests/linux/calls.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -o $@ $<
