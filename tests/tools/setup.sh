#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that building and testing need and that are missing, and makes the Python of the test benches. Asks
# nothing; needs root or sudo only when a Debian package is missing.
set -eu

packages="$* gcc g++ libc6-dev linux-libc-dev binutils clang llvm libbpf-dev libelf-dev zlib1g-dev libpcap-dev libjansson-dev
	libcmocka-dev verilator iverilog yosys cppcheck tcpdump jq iproute2 procps python3 python3-venv libpython3.11 libclang-rt-14-dev"

missing=""
for p in $packages; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)
	[ "$state" = installed ] || missing="$missing $p"
done

# Only the benches need it, and they make it themselves when it is not there.
make_venv() {
	tests/cocotb/venv.sh || echo "setup: going on without it" >&2
}

if [ -z "$missing" ]; then
	make_venv
	exit 0
fi

echo "setup: installing$missing"
as_root=""
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || {
		echo "setup: run as root, or install sudo: these Debian packages are missing:$missing" >&2
		exit 1
	}
	as_root="sudo"
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() {
	$as_root env DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1 || {
		echo "setup: failed: $*" >&2
		tail -n 20 "$log" >&2
		exit 1
	}
}
run apt-get update
# shellcheck disable=SC2086
run apt-get install -y --no-install-recommends $missing
make_venv
echo "setup: done"
