# SPDX-License-Identifier: Apache-2.0
# Area and longest paths by Yosys, out of context; place and route of single modules on open tools. docs/performance.md reads them.

SYN_DIR := $(B)/synth
SYN_RTL := $(wildcard hw/rtl/*.v hw/rtl/*/*.v hw/rtl/*/*.vh hw/gen/*.vh)
# The default core on all families; on one of them over its parameters; the NIC on all families, with many cores where it has them.
SYN_CORE := fp_core-xcup fp_core-xc7 fp_core-ecp5
SYN_CORES := $(SYN_CORE) $(patsubst %,fp_core-xcup-%,Lanes1 Lanes2 Lanes4 Regs16 Threads8)
SYN_NIC := nic_top-xcup
SYN_NICS := nic_top-xcup nic_top-xc7 nic_top-ecp5
ifneq ($(shell grep -s 'parameter *Cores' hw/rtl/nic_top.v),)
SYN_NICS += $(patsubst %,nic_top-xcup-Cores%,1 4 16)
endif

# NICs with other numbers of cores: what does not depend on it is mapped once.
SYN_BASE := $(SYN_DIR)/nic_top-xcup-Cores1.json
SYN_MORE := nic_top-xcup $(filter-out nic_top-xcup-Cores1,$(filter nic_top-xcup-Cores%,$(SYN_NICS)))
syn_base = $(if $(filter $*,$(SYN_MORE)),$(SYN_BASE))

$(SYN_DIR)/%.json: hw/syn/synth.sh $(SYN_RTL)
	BASE=$(syn_base) hw/syn/synth.sh $* $(SYN_DIR)

$(SYN_MORE:%=$(SYN_DIR)/%.json): $(SYN_BASE)

$(SYN_DIR)/%.area: $(SYN_DIR)/%.json hw/syn/area.py
	python3 hw/syn/area.py $< $(syn_base) > $@

$(SYN_DIR)/%.paths: $(SYN_DIR)/%.json hw/syn/timing.py
	python3 hw/syn/timing.py $< > $@

##@ Hardware
synth: ## area of core and NIC over parameters and families, and longest paths; tables in build/synth/ (15 minutes)
	@$(MAKE) --no-print-directory synth-build
	@hw/syn/synth_table.sh $(SYN_DIR) $(SYN_CORES) $(SYN_NICS)

synth-build: $(addprefix $(SYN_DIR)/,$(addsuffix .area,$(SYN_CORES) $(SYN_NICS)) fp_core-xcup.paths)
# What the bench needs of it.
synth-default: $(addprefix $(SYN_DIR)/,fp_core-xcup.area fp_core-xcup.paths $(SYN_NIC).area)

fmax: ## place and route of modules that fit: iCE40, and ECP5 with its tool from PyPI
	@hw/syn/fmax.sh $(SYN_DIR)

.PHONY: synth synth-build synth-default fmax
