#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [PROOF...]: the proofs of RTL modules, and that each can fail.
exec python3 -B hw/formal/run.py "$@"
