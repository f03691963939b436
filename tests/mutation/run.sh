#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The mutants of kept.txt; `make mutation` draws others.
set -eu
tests/cocotb/venv.sh
exec python3 -B tests/mutation/run.py --kept
