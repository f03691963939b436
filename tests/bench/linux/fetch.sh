#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch.sh DIR: takes the XDP samples of Linux 6.1 out of Debian's source package, which is downloaded for that, into DIR, and
# applies adapt.sed to them. They are GPL-2.0 and stay in the build folder.
set -eu
dir="$1"
package=linux-source-6.1
adapt="$(dirname "$0")/adapt.sed"
work="$dir.tmp"
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd)
chmod 755 "$work"
(cd "$work" && apt-get download "$package" >download.log 2>&1) || {
	echo "bench: the package $package can't be downloaded: $(tail -n 1 "$work/download.log")" >&2
	exit 1
}
dpkg-deb --fsys-tarfile "$work/$package"_*.deb | tar -xO "./usr/src/$package.tar.xz" |
	tar -xJ -C "$work" --strip-components=3 --wildcards "$package/samples/bpf/xdp*"
dpkg-deb -f "$work/$package"_*.deb Version >"$work/version"
rm "$work/$package"_*.deb
sed -i -f "$adapt" "$work"/xdp*.[ch]
mkdir -p "$dir"
mv "$work"/* "$dir"
rmdir "$work"
