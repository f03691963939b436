#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The whole NIC with its rings, Verilog and C model in lock step; more seeds on the C model alone.
B="${B:-build}"
both=$("$B/host-test" both 1 3)
code=$?
iss=$("$B/host-test" iss 10 20) || code=1
echo "$both"
echo "$iss"
printf '%s\n%s\n' "$both" "$iss" | awk '/passed,/ { p += $1; f += $3 } END { print p + 0 " passed, " f + 0 " failed" }'
exit $code
