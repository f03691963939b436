# SPDX-License-Identifier: Apache-2.0
# The kernel module, for KERNEL (a directory of kernel headers). The sources are linked into a tree of its own: nothing is built among them.

# LINUX_CHECKS="W=1 C=1": with all warnings, and with sparse.
LINUX_CHECKS ?=
LINUX_WHAT ?= modules
# It would take the kernel itself, which is not among its headers; kbuild says so each time.
LINUX_NO_BTF = CONFIG_DEBUG_INFO_BTF_MODULES=
KERNEL ?= $(lastword $(sort $(wildcard /usr/src/linux-headers-*-amd64 /lib/modules/*/build)))
LINUX_GUEST ?= $(B)/linux/guest
LINUX_DIR = $(B)/linux/$(notdir $(patsubst %/build,%,$(KERNEL)))
LINUX_SRCS := $(wildcard driver/linux/*.[ch] driver/linux/include/*.h driver/common/*.[ch] hw/spec/*.h hw/spec/*.def jit-nfp/*.h jit-nfp/*.def) \
	$(NICJIT_CORE_SRCS)
LINUX_TEST_OBJS := $(patsubst %.bpf.c,$(B)/%.o,$(wildcard tests/linux/*.bpf.c))
LINUX_STARVE = $(LINUX_DIR)/starve/starve.ko
LINUX_CALLS = $(B)/tests/linux/calls
LINUX_FILES = $(B)/nicctl $(B)/nicjit $(LINUX_CALLS) $(LINUX_STARVE) $(LINUX_TEST_OBJS) $(EXAMPLE_OBJS)

##@ Linux
linux: ## the kernel module, nicjit.ko; KERNEL= says for which headers
	@test -n "$(KERNEL)" || { echo "no kernel headers: make setup-linux, or KERNEL=DIRECTORY" >&2; exit 1; }
	@for f in $(LINUX_SRCS); do mkdir -p $(LINUX_DIR)/$${f%/*}; ln -sfn $(CURDIR)/$$f $(LINUX_DIR)/$$f; done; cp driver/linux/Kbuild $(LINUX_DIR)/Kbuild
	$(MAKE) -C $(KERNEL) M=$(CURDIR)/$(LINUX_DIR) $(LINUX_NO_BTF) $(LINUX_CHECKS) $(LINUX_WHAT)
linux-demo: setup setup-linux ## boot Debian's kernel with the module in QEMU; a program in the NIC by ip, and one that can't be
	@test -x $(B)/nicpci || echo "building module and NIC (some minutes)"
	@$(MAKE) --no-print-directory -s -j$(JOBS) linux-image >/dev/null
	@python3 -B tests/linux/demo.py $(B)/linux/guest $(B)/nicpci
$(LINUX_STARVE): tests/linux/starve/starve.c tests/linux/starve/Kbuild
	@mkdir -p $(@D) && cp $^ $(@D)
	$(MAKE) -C $(KERNEL) M=$(CURDIR)/$(@D) $(LINUX_NO_BTF) modules
linux-image: linux examples $(B)/nicpci $(B)/nicctl $(B)/nicjit $(LINUX_CALLS) $(LINUX_STARVE) $(LINUX_TEST_OBJS) ## what the guest boots: stock kernel, tools, the module, the examples
	@tests/linux/image.py $(LINUX_GUEST) $(LINUX_DIR)/nicjit.ko $(LINUX_FILES)
linux-test-offload: setup setup-linux ## the kernel's own test_offload.py in the guest, on netdevsim and on our module (some minutes)
	@$(MAKE) --no-print-directory -s -j$(JOBS) linux-image >/dev/null
	@tests/linux/offload/image.py $(B)/linux/offload $(B)/linux/guest $(KERNEL) $(B)/tests/linux/no_room.o tests/linux/offload/cases.py
	@python3 -B tests/linux/offload/run.py $(B)/linux/offload $(B)/nicpci
linux-test-newer: setup setup-linux ## suite linux with the kernel of Debian's backports (some minutes)
	@tests/linux/backports.sh $(B)/linux/backports image >$(B)/linux/newer && mkdir -p $(B)/linux/guest-newer && ln -f $(B)/linux/backports/linux-image-*.deb $(B)/linux/guest-newer
	@$(MAKE) --no-print-directory -s -j$(JOBS) linux-image KERNEL=$$(cat $(B)/linux/newer) LINUX_GUEST=$(B)/linux/guest-newer >/dev/null
	@python3 -B tests/linux/test_guest.py $(B)/linux/guest-newer $(B)/nicpci
linux-newer: ## what of the module depends on the kernel's version, built with W=1 for that of Debian's backports
	@tests/linux/backports.sh $(B)/linux/backports >$(B)/linux/newer
	@$(MAKE) --no-print-directory linux KERNEL=$$(cat $(B)/linux/newer) LINUX_CHECKS="W=1 $(patsubst %.c,%.o,$(wildcard driver/linux/*.c))" LINUX_WHAT=
linux-check: setup setup-linux ## the module with W=1 C=1 for Debian's kernel and that of its backports, and checkpatch
	@tests/linux/check.sh $(B)/linux/check $(KERNEL)
setup-linux: ## install the Debian packages that module and guest need
	@tests/tools/setup.sh linux-headers-amd64 qemu-system-x86 busybox-static dash cpio kmod iproute2 bpftool xdp-tools dwarves ethtool sparse xz-utils zstd

.PHONY: linux linux-demo linux-image linux-test-offload linux-test-newer linux-newer linux-check setup-linux
