#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sdk.sh DIR: puts the driver headers that Debian's libdpdk-dev lacks into DIR, from Debian's source package of the very version that is
# installed. They are DPDK's (BSD-3-Clause) and never part of this repository.
set -eu
headers="lib/ethdev/ethdev_driver.h lib/ethdev/ethdev_vdev.h lib/ethdev/ethdev_pci.h drivers/bus/vdev/bus_vdev_driver.h
drivers/bus/pci/bus_pci_driver.h lib/eal/include/dev_driver.h lib/eal/include/bus_driver.h"
mkdir -p "$1"
dir=$(realpath "$1")
version=$(dpkg-query -W -f '${source:Version}' libdpdk-dev 2>/dev/null) || {
	echo "libdpdk-dev is not installed: make setup-dpdk installs it" >&2
	exit 1
}
[ "$(cat "$dir/version" 2>/dev/null)" != "$version $headers" ] || exit 0
work=$dir/fetch
rm -rf "$work"
mkdir -p "$work/lists/partial" "$work/parts"
# This machine's package sources, as sources of source packages: in a configuration of our own, so that nothing of the machine changes.
apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u |
	sed 's|^|deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] |' | grep -E ' (bookworm[a-z-]*) ' >"$work/sources.list"
apt() {
	apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts="$work/parts" -o Dir::State::Lists="$work/lists" \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User="$(id -un)" "$@"
}
cd "$work"
apt update
apt source --download-only "dpdk=$version"
archive=$(echo dpdk_*.orig.tar.*)
set -f
tar -xf "$archive" --strip-components=1 --wildcards $(printf '*/%s ' $headers) || { echo "the source package of dpdk $version lacks a header" >&2; exit 1; }
cp $headers "$dir"
cd "$dir"
rm -rf "$work"
echo "$version $headers" >version
