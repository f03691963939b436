#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The poll-mode driver under stock testpmd. No hugepages.
exec python3 -B tests/dpdk/test_pmd.py "$@"
