# SPDX-License-Identifier: Apache-2.0
# The kernel module, for KERNEL (a directory of kernel headers). The sources are linked into a tree of its own: nothing is built among them.

KERNEL ?= $(lastword $(sort $(wildcard /lib/modules/*/build /usr/src/linux-headers-*-amd64)))
LINUX_DIR = $(B)/linux/$(notdir $(patsubst %/build,%,$(KERNEL)))
LINUX_SRCS := $(wildcard driver/linux/*.[ch] driver/linux/include/*.h driver/common/*.[ch] hw/spec/*.h hw/spec/*.def jit-nfp/*.h jit-nfp/*.def) \
	$(NICJIT_CORE_SRCS)

linux: ## the kernel module, nicjit.ko; KERNEL= says for which headers
	@test -n "$(KERNEL)" || { echo "no kernel headers: apt-get install linux-headers-amd64, or KERNEL=DIRECTORY" >&2; exit 1; }
	@for f in $(LINUX_SRCS); do mkdir -p $(LINUX_DIR)/$${f%/*}; ln -sfn $(CURDIR)/$$f $(LINUX_DIR)/$$f; done; cp driver/linux/Kbuild $(LINUX_DIR)/Kbuild
	$(MAKE) -C $(KERNEL) M=$(CURDIR)/$(LINUX_DIR) KBUILD_MODPOST_WARN= modules

.PHONY: linux
