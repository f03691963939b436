#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [MODULE...]: the cocotb benches of single RTL modules. SIM=icarus (the default) or verilator; SEED= another run;
# CLOCKS_TIMES= longer ones.
set -eu
B="${B:-build}"
export PYTHONDONTWRITEBYTECODE=1
tests/cocotb/venv.sh
exec "$B/venv/bin/python" -W "ignore:Python runners" tests/cocotb/run.py "$@"
