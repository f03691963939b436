#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# backports.sh DIR [image]: fetches the newest kernel's headers, and its image, of Debian's backports into DIR, unless they are there; nothing is
# installed. Prints the directory of the headers.
set -eu
mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
dir=$(realpath "$1")
cd "$dir"
headers() { for d in "$dir"/root/usr/src/linux-headers-*-amd64; do [ -d "$d" ] && echo "$d"; done; }
apt() {
	command=$1 && shift
	"apt-$command" -qq -o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$dir/lists" -o Dir::Cache="$dir/cache" -o APT::Sandbox::User=root "$@"
}
wanted() { apt cache -t bookworm-backports depends linux-headers-amd64 | sed -n 's/.*Depends: linux-headers-\(6.1[0-9].*\)-amd64$/\1/p' | tail -n 1; }

if [ -z "$(headers)" ] || { [ "${2-}" = image ] && ! ls linux-image-*.deb >/dev/null 2>&1; }; then
	echo "deb http://deb.debian.org/debian bookworm-backports main" >sources.list
	apt get update >&2
	version=$(wanted)
	[ -n "$version" ] || { echo "no newer kernel in Debian's backports" >&2 && exit 1; }
	apt get download "linux-headers-$version-amd64" "linux-headers-$version-common" "linux-kbuild-$version" ${2:+"linux-image-$version-amd64"} >&2
	rm -rf root
	for deb in linux-headers-*.deb linux-kbuild-*.deb; do dpkg-deb -x "$deb" root; done
	# Their makefiles name /usr/src, where they are not installed.
	sed -i "s|/usr/src|$dir/root/usr/src|" root/usr/src/linux-headers-*-amd64/Makefile
fi
headers
