# SPDX-License-Identifier: Apache-2.0
# The contract: what C compiles of it, and the views printed from its tables.

SPEC_SRCS := hw/spec/isa.c
SPECGEN_SRCS := hw/spec/specgen.c hw/spec/specgen_check.c hw/spec/specgen_views.c

$(B)/specgen: $(SPECGEN_SRCS) hw/spec/specgen.h hw/spec/isa.def hw/spec/regs.def
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $(SPECGEN_SRCS)

##@ Contract
gen: $(B)/specgen ## print the views of hw/spec into hw/gen
	@mkdir -p hw/gen
	$(B)/specgen hw/gen
check-gen: $(B)/specgen ## fail when hw/gen is not what hw/spec says
	@rm -rf $(B)/gen && mkdir -p $(B)/gen
	@$(B)/specgen $(B)/gen
	@diff -r -x README.md $(B)/gen hw/gen || { echo "hw/gen is not what hw/spec says: run make gen"; exit 1; }

.PHONY: gen check-gen
