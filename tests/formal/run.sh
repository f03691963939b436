#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The proofs of hw/formal as a suite.
exec hw/formal/run.sh "$@"
