#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/venv, the Python of the benches, from requirements.txt; does nothing when it is there and up to date. Debian's Python:
# cocotb needs one that is a shared library.
set -eu
venv="${B:-build}/venv"
wanted=tests/cocotb/requirements.txt
if ! cmp -s "$wanted" "$venv/requirements.txt"; then
	echo "setup: making $venv"
	rm -rf "$venv"
	/usr/bin/python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" || {
		echo "setup: cannot install the Python packages of $wanted" >&2
		exit 1
	}
	cp "$wanted" "$venv/requirements.txt"
fi
