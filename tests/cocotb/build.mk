# SPDX-License-Identifier: Apache-2.0
# The cocotb benches by hand.

##@ More tests
cocotb: ## benches of single RTL modules; SIM=icarus or verilator, MODULES= chooses, SEED= another run
	@B=$(B) SIM=$(or $(SIM),icarus) tests/cocotb/run.sh $(MODULES)

.PHONY: cocotb
