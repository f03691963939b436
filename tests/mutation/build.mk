# SPDX-License-Identifier: Apache-2.0
# Mutants drawn at random; the suite "mutation" of `make test` runs a few that stay the same.

##@ More tests
mutation: test-build ## change operators in RTL and C model, see who notices; COUNT= SEED= KIND= FILES= DEEP=1
	@tests/cocotb/venv.sh
	@python3 -B tests/mutation/run.py --count $(or $(COUNT),40) --seed $(or $(SEED),1) --kind $(or $(KIND),both) \
		$(if $(FILES),--files $(FILES)) $(if $(DEEP),--deep)

.PHONY: mutation
