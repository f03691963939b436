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

# Their makefiles name /usr/src, where they are not installed.
fetch_backports() {
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" && cd "$dir" || return 1
	echo "deb http://deb.debian.org/debian bookworm-backports main" >sources.list
	set -- -o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$dir/lists" -o Dir::Cache="$dir/cache"
	apt-get "$@" -qq update || return 1
	headers=$(apt-cache "$@" -t bookworm-backports depends linux-headers-amd64 | sed -n 's/.*Depends: \(linux-headers-6.1[0-9].*-amd64\)$/\1/p' | tail -n 1)
	version=${headers#linux-headers-} && version=${version%-amd64}
	[ -n "$version" ] || return 1
	apt-get "$@" -qq download "$headers" "linux-headers-$version-common" "linux-kbuild-$version" || return 1
	for deb in linux-*"$version"*.deb; do dpkg-deb -x "$deb" root || return 1; done
	sed -i "s|/usr/src|$dir/root/usr/src|" "root/usr/src/$headers/Makefile"
}

mkdir -p "$dir"
build "$kernel"
newer() { echo "$dir"/root/usr/src/linux-headers-*-amd64; }
[ -d "$(newer)" ] || (fetch_backports) >"$dir/fetch.log" 2>&1
if [ -d "$(newer)" ]; then build "$(newer)"; else echo "skipped: the headers of bookworm-backports can't be fetched ($dir/fetch.log)"; fi
python3 -B "$tests/source.py" "$dir/.." || exit 1
# It is no part of the kernel's tree, so it asks for versions; its lines are ours.
perl "$dir/../source/scripts/checkpatch.pl" --no-tree --terse --show-types --file --max-line-length=140 --ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON \
	driver/linux/*.[ch] >"$dir/checkpatch.log" 2>&1
grep -v '^total' "$dir/checkpatch.log" >"$dir/checkpatch.said"
check "checkpatch" "$dir/checkpatch.said"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
