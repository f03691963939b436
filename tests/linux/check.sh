#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check.sh DIR KERNEL: the module built with W=1 C=1 for the headers KERNEL and, where they can be fetched, for those of Debian's backports;
# checkpatch over its own files. Ends with "N passed, N failed".
set -u
dir=$(realpath "$1") kernel=$2 passed=0 failed=0
tests=$(realpath "$(dirname "$0")")

check() { # name, log
	if grep -E '(warning|error|WARNING|ERROR)[: ]' "$2"; then
		echo "FAIL: $1" && failed=$((failed + 1))
	else
		echo "ok: $1" && passed=$((passed + 1))
	fi
}

build() { # headers
	rm -rf "${B:-build}/linux/$(basename "$1")/driver"
	make --no-print-directory -s linux KERNEL="$1" LINUX_CHECKS="W=1 C=1" >"$dir/build.log" 2>&1 || echo "error: it does not build" >>"$dir/build.log"
	check "W=1 C=1 for $(basename "$1")" "$dir/build.log"
}

mkdir -p "$dir"
build "$kernel"
newer=$("$tests/backports.sh" "$dir/../backports" 2>"$dir/fetch.log")
if [ -n "$newer" ]; then build "$newer"; else echo "skipped: the headers of Debian's backports can't be fetched ($dir/fetch.log)"; fi
python3 -B "$tests/source.py" "$dir/.." || exit 1
# It is no part of the kernel's tree, so it asks for versions; its lines are ours.
perl "$dir/../source/scripts/checkpatch.pl" --no-tree --terse --show-types --file --max-line-length=140 --ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON \
	driver/linux/*.[ch] >"$dir/checkpatch.log" 2>&1
grep -v '^total' "$dir/checkpatch.log" >"$dir/checkpatch.said"
check "checkpatch" "$dir/checkpatch.said"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
