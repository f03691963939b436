#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The poll-mode driver under stock programs of DPDK, and nicctl. No hugepages. Names of cases as arguments: only these.
code=0
for f in tests/dpdk/test_*.py; do
	python3 -B "$f" "$@" || code=1
done >"${B:-build}/logs/dpdk.cases" 2>&1
cat "${B:-build}/logs/dpdk.cases"
awk '/^[0-9]+ passed,/ { p += $1; f += $3 } END { print p + 0 " passed, " f + 0 " failed" }' "${B:-build}/logs/dpdk.cases"
exit $code
