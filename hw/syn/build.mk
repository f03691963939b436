# SPDX-License-Identifier: Apache-2.0
# Area and longest paths by Yosys, out of context; place and route of single modules on open tools. docs/performance.md reads them.

SYN_DIR := $(B)/synth
# What the bench shows: cores of 1 to 4 lanes (3 is the default) on two families, NICs of 1 to 5 tiles (2).
SYN_SHOWN := $(foreach f,xcup xc7,fp_core-$f-Lanes1 fp_core-$f-Lanes2 fp_core-$f fp_core-$f-Lanes4) \
	nic_top-xcup-Cores1 nic_top-xcup $(patsubst %,nic_top-xcup-Cores%,3 4 5)
# What else `make synth` maps: other parameters, the ECP5, many tiles.
SYN_ALL := $(SYN_SHOWN) fp_core-ecp5 fp_core-xcup-Regs16 fp_core-xcup-Threads8 nic_top-xc7 nic_top-ecp5 nic_top-xcup-Cores16

# NICs with other numbers of cores: what does not depend on it is mapped once.
SYN_BASE := $(SYN_DIR)/nic_top-xcup-Cores1.json
SYN_MORE := nic_top-xcup $(filter-out nic_top-xcup-Cores1,$(filter nic_top-xcup-Cores%,$(SYN_ALL)))
syn_base = $(if $(filter $*,$(SYN_MORE)),$(SYN_BASE))

# A key changes with what a netlist is made of, and with nothing else: neither comments nor other modules nor times of files.
$(SYN_DIR)/%.key: FORCE
	@mkdir -p $(@D)
	@hw/syn/synth.sh --key $* >$@.now && if cmp -s $@.now $@; then rm $@.now; else mv $@.now $@; fi

$(SYN_DIR)/%.json: $(SYN_DIR)/%.key
	BASE=$(syn_base) hw/syn/synth.sh $* $(SYN_DIR)

$(SYN_MORE:%=$(SYN_DIR)/%.json): $(SYN_BASE)

$(SYN_DIR)/%.area: $(SYN_DIR)/%.json hw/syn/area.py
	python3 hw/syn/area.py $< $(syn_base) > $@

$(SYN_DIR)/%.paths: $(SYN_DIR)/%.json hw/syn/timing.py
	python3 hw/syn/timing.py $< > $@

##@ Hardware
synth: ## area of core and NIC over parameters and families, and longest paths; tables in build/synth/ (an hour and more)
	@$(MAKE) --no-print-directory synth-build
	@hw/syn/synth_table.sh $(SYN_DIR) $(SYN_ALL)

synth-build: $(addprefix $(SYN_DIR)/,$(addsuffix .area,$(SYN_ALL)) fp_core-xcup.paths)
# For the bench: whole, or the least.
synth-shown: $(addprefix $(SYN_DIR)/,$(addsuffix .area,$(SYN_SHOWN)) fp_core-xcup.paths)
synth-default: $(addprefix $(SYN_DIR)/,fp_core-xcup.area nic_top-xcup.area fp_core-xcup.paths)
synth-names:
	@echo $(SYN_SHOWN)

fmax: ## place and route of modules that fit: iCE40, and ECP5 with its tool from PyPI
	@hw/syn/fmax.sh $(SYN_DIR)

.PHONY: synth synth-build synth-shown synth-default synth-names fmax
