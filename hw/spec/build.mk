# SPDX-License-Identifier: Apache-2.0
# The views of the contract that other languages read.

GEN_VIEWS := isa.vh isa_decode.vh regs.vh nic_spec.py isa.md regs.md

$(B)/specgen: hw/spec/specgen.c hw/spec/isa.def hw/spec/regs.def hw/spec/isa.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Ihw/spec -o $@ $<

gen: $(B)/specgen ## write the generated views in hw/gen/ anew
	$(B)/specgen check
	@mkdir -p hw/gen
	@for v in $(GEN_VIEWS); do $(B)/specgen $$v > hw/gen/$$v || exit 1; done

check-gen: $(B)/specgen ## fail if hw/gen/ is not what hw/spec/ says
	@$(B)/specgen check
	@for v in $(GEN_VIEWS); do \
		$(B)/specgen $$v | cmp -s - hw/gen/$$v || { echo "hw/gen/$$v is out of date: run make gen"; exit 1; }; \
	done

.PHONY: gen check-gen
