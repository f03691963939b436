# SPDX-License-Identifier: Apache-2.0
# Area and longest paths of one core, by Yosys: nothing is placed or routed.

SYN_FAMILIES := xcup xc7

$(B)/synth/%.json: hw/syn/fp_core.ys $(wildcard hw/rtl/core/*.v hw/rtl/lib/*.v hw/rtl/lib/*.vh hw/gen/*.vh)
	@mkdir -p $(@D)
	sed 's|FAMILY|$*|; s|OUT|$@|' $< > $(B)/synth/$*.ys
	yosys -q -l $(B)/synth/$*.log $(B)/synth/$*.ys > /dev/null 2>&1

##@ Hardware
synth: $(SYN_FAMILIES:%=$(B)/synth/%.json) ## area and longest paths of one core (a minute per family)
	@for f in $(SYN_FAMILIES); do echo "$$f:"; python3 hw/syn/report.py $(B)/synth/$$f.json; done

.PHONY: synth
