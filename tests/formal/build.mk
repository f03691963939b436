# SPDX-License-Identifier: Apache-2.0
# Proofs by hand; `make test` runs them as suite "formal".

##@ More tests
formal: ## prove RTL modules, and show that each proof can fail; PROOFS= chooses
	@B=$(B) hw/formal/run.sh $(PROOFS)

.PHONY: formal
