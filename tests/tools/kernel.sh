#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whether results are to be compared with the running kernel: exits with 0, or says why not. Programs do on the NIC what they do in Linux 6.18;
# before 6.15 a kernel refuses some of the programs, and gives another checksum (bpf_csum_diff() did not fold it).
B="${B:-build}"
oldest=6.15
release=$(uname -r)
if ! printf '%s\n' $oldest "$release" | sort -C -V; then
	echo "it is Linux $release, and programs do on the NIC what they do in $oldest and later"
	exit 1
fi
if ! why=$("$B/xdpref" --obj "$B/examples/pass_all.o" --rx bpf-examples/pass_all/in.pcap --oracle kernel 2>&1 >/dev/null); then
	echo "$why" | tail -n 1
	exit 1
fi
