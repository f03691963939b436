#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The kernel module in a QEMU guest: stock kernel, stock tools, the simulated NIC as its PCI device.
set -eu
B="${B:-build}"
make --no-print-directory -s linux-image LINUX_CHECKS="W=1 C=1" >"$B/logs/linux-build.log" 2>&1 || {
	tail -n 20 "$B/logs/linux-build.log"
	echo "0 passed, 1 failed"
	exit 1
}
if tests/linux/backports.sh "$B/linux/backports" >"$B/logs/linux-newer.log" 2>&1; then
	make --no-print-directory -s -j2 linux-newer >>"$B/logs/linux-build.log" 2>&1 || {
		tail -n 20 "$B/logs/linux-build.log"
		echo "0 passed, 1 failed"
		exit 1
	}
else
	echo "note: the newer kernel's headers can't be fetched ($B/logs/linux-newer.log)"
fi
code=0
{
	LINUX_BUILD_LOG="$B/logs/linux-build.log" python3 -B tests/linux/test_guest.py "$B/linux/guest" "$B/nicpci" || code=1
	if [ -f "$B/dpdk/librte_net_nicjit.so" ]; then
		tests/linux/dpdk/image.py "$B/linux/dpdk" "$B/linux/guest" "$B/dpdk/librte_net_nicjit.so" &&
			python3 -B tests/linux/dpdk/test_dpdk.py "$B/linux/dpdk" "$B/nicpci" "$B" || code=1
	else
		echo "note: DPDK in the guest was not tried (make setup-dpdk dpdk)"
	fi
} >"$B/logs/linux.cases" 2>&1
cat "$B/logs/linux.cases"
awk '/^[0-9]+ passed,/ { p += $1; f += $3 } END { print p + 0 " passed, " f + 0 " failed" }' "$B/logs/linux.cases"
exit $code
