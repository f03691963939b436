# SPDX-License-Identifier: Apache-2.0
# `make help` lists the targets. Every folder brings its own build.mk; this file only says in which order things run.

# Another number of cores or ports has a build directory of its own.
CORES ?= 2
PORTS ?= 2
B ?= build$(if $(filter-out 2-2,$(CORES)-$(PORTS)),/cores$(CORES)ports$(PORTS))
JOBS ?= $(shell nproc)
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Werror
override CFLAGS += -std=gnu11 $(WARN) -I.
CXX ?= g++
BPF_CC ?= clang
BPF_CPU ?= v1
BPF_CFLAGS := -O2 -g -target bpf -mcpu=$(BPF_CPU) -Wall -Werror -I/usr/include/$(shell gcc -print-multiarch 2>/dev/null)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

include hw/spec/build.mk
include sim/io/build.mk
include sim/ref/build.mk
include jit-nfp/build.mk
include sim/iss/build.mk
include sim/rtl/build.mk
include driver/host/build.mk
include sim/nicsim/build.mk
include sim/pci/build.mk
include driver/dpdk/build.mk
include driver/nicctl/build.mk
include driver/linux/build.mk
-include hw/syn/build.mk
include tests/build.mk
include $(wildcard tests/*/build.mk)

# All C of the host but the compiler, which is built hosted and freestanding (jit-nfp/build.mk).
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -Ihw/spec -Ijit-nfp -MMD -MP -c -o $@ $<

# An archive depends on the list of its files, which is written anew where it changes: so it is when one of them is deleted.
$(B)/%.list: FORCE
	@mkdir -p $(@D)
	@echo $(OBJECTS) | cmp -s - $@ 2>/dev/null || echo $(OBJECTS) >$@
FORCE:

EXAMPLES := $(patsubst bpf-examples/%/,%,$(dir $(wildcard bpf-examples/*/packets.py)))
EXAMPLE_OBJS := $(EXAMPLES:%=$(B)/examples/%.o)
EXAMPLE_FWS := $(EXAMPLES:%=$(B)/examples/%.fw)

$(B)/examples/%.o: bpf-examples/%/*.c
	@mkdir -p $(@D)
	$(BPF_CC) $(BPF_CFLAGS) -c -o $@ $(wildcard bpf-examples/$*/*.c)

$(B)/examples/%.fw: $(B)/examples/%.o $(B)/nicjit
	$(B)/nicjit $< $$(tests/tools/program.sh $* -p) -o $@

##@ Build
all: programs trace ## everything that follows
programs: $(B)/nicjit $(B)/nicsim $(B)/nicctl $(B)/xdpref examples ## the compiler, the simulator, nicctl, the reference and the examples
trace: $(if $(filter-out 0,$(RTL)),$(B)/trace/nicsim) ## the simulator that nicsim --trace runs: it keeps every wire
examples: $(EXAMPLE_FWS) ## compile bpf-examples/ to objects and firmware
setup: ## install the Debian packages that are missing
	@tests/tools/setup.sh
clean: ## remove what was built
	rm -rf $(B)

# The driver goes where Debian's EAL looks for drivers; without DPDK it is left out.
PREFIX ?= /usr/local
EAL_PMDS = $(firstword $(wildcard $(shell pkg-config --variable=libdir libdpdk 2>/dev/null)/dpdk/pmds-*))
install: $(B)/nicjit $(B)/nicsim $(B)/nicctl $(if $(EAL_PMDS),$(DPDK_PMD)) ## PREFIX=/usr/local DESTDIR=: programs, manual pages and the DPDK driver
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install $(B)/nicjit $(B)/nicsim $(B)/nicctl $(DESTDIR)$(PREFIX)/bin
	install -m 644 docs/nicjit.1 docs/nicsim.1 docs/nicctl.1 $(DESTDIR)$(PREFIX)/share/man/man1
ifneq ($(EAL_PMDS),)
	install -d $(DESTDIR)$(EAL_PMDS)
	install -m 644 $(DPDK_PMD) $(DESTDIR)$(EAL_PMDS)
	install -d $(DESTDIR)$(PREFIX)/include
	install -m 644 driver/dpdk/rte_pmd_nicjit.h $(DESTDIR)$(PREFIX)/include
else
	@echo "without DPDK (make setup-dpdk) there is no driver to install"
endif
uninstall: ## remove what make install put there
	rm -f $(foreach f,nicjit nicsim nicctl,$(DESTDIR)$(PREFIX)/bin/$f $(DESTDIR)$(PREFIX)/share/man/man1/$f.1)
	rm -f $(if $(EAL_PMDS),$(DESTDIR)$(EAL_PMDS)/$(notdir $(DPDK_PMD)) $(DESTDIR)$(PREFIX)/include/rte_pmd_nicjit.h)

##@ Use
demo: setup ## compile the examples, send packets through the Verilated NIC, compare with the kernel
	@test -x $(B)/nicsim || echo "building compiler and simulator (about a minute)"
	@$(MAKE) --no-print-directory -s -j$(JOBS) programs $(B)/results-diff >/dev/null
	@tests/tools/demo.sh

##@ Test
test: setup setup-dpdk setup-linux ## everything that must pass; ends with "N passed, N failed"
	@$(MAKE) --no-print-directory -j$(JOBS) test-build
	@tests/tools/run_suites.sh $(SUITES_TEST)
check: ## the quick part, below two minutes when built
	@$(MAKE) --no-print-directory -j$(JOBS) test-build
	@QUICK=1 tests/tools/run_suites.sh $(SUITES_CHECK)
sim-test: ## the simulator regression: instructions, lock step, examples on the RTL
	@$(MAKE) --no-print-directory -j$(JOBS) test-build
	@tests/tools/run_suites.sh $(SUITES_SIM)

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {part = substr($$0, 5); if (!(part in text)) order[++parts] = part} \
		/^[a-z-]+:.*## / {text[part] = text[part] sprintf("  %-18s %s\n", $$1, $$2)} \
		END {for (n = 1; n <= parts; n++) printf "\n%s\n%s", order[n], text[order[n]]}' $(MAKEFILE_LIST)

.PHONY: all programs trace examples setup clean install uninstall demo test check sim-test help FORCE
