# SPDX-License-Identifier: Apache-2.0
# Shared by the sections of the bench; run from the top of the tree.
B="${B:-build}"
here=tests/bench
out="${BENCH_OUT:-$B/bench}"
rows="${BENCH_ROWS:-$here/rows.json}"
mkdir -p "$out/obj" "$out/packets" "$out/include/uapi/linux"

say() { # a line that a terminal shows while the bench works
	[ ! -t 2 ] || printf '\r%-60s' "$*" >&2
}

quiet() {
	[ ! -t 2 ] || printf '\r%-60s\r' "" >&2
}

# table NAME: build/bench/NAME.json to NAME.md by NAME.jq, and to the screen
table() {
	jq -r -L "$here" --slurpfile peers "$here/peers.json" -f "$here/$1.jq" "$out/$1.json" >"$out/$1.md"
	quiet
	cat "$out/$1.md"
	echo
}

slug() {
	printf '%s' "$1" | tr 'A-Z' 'a-z' | sed 's/[^a-z0-9]\{1,\}/_/g; s/_$//'
}

field() { # ROW NAME [DEFAULT]
	printf '%s' "$1" | jq -r --arg name "$2" --arg default "${3:-}" '.[$name] // $default'
}

headers() { # what Linux' samples include that user space does not have
	for h in bpf if_ether in; do
		echo "#include <linux/$h.h>" >"$out/include/uapi/linux/$h.h"
	done
	mkdir -p "$out/include/linux"
	: >"$out/include/linux/if.h" # comes with linux/icmp.h and drags in the C library's headers
	echo '#include "kernel.h"' >"$out/include/vmlinux.h"
}

samples() { # Linux' samples, when a row needs them; once
	[ -f "$out/linux/version" ] || ! grep -q '"linux/' "$rows" || $here/linux/fetch.sh "$out/linux"
}

# build_row ROW: the object of a row; its path on stdout
build_row() {
	source=$(field "$1" source)
	flags=$(field "$1" flags)
	object="$out/obj/$(slug "$(field "$1" name)").o"
	arch="-I/usr/include/$(gcc -print-multiarch)"
	case $source in
	linux/*)
		file="$out/$source"
		[ -f "$file" ] || return 1
		set -- "$(field "$1" link)"
		{
			echo "#include \"$(basename "$file")\""
			[ "$1" != true ] || echo '#include "link.h"'
		} >"$object.c"
		# shellcheck disable=SC2086
		${BPF_CC:-clang} -O2 -g -target bpf -Wall -Wno-compare-distinct-pointer-types -I"$out/include" $arch \
			-I$here/linux -I"$out/linux" -include $here/linux/kernel.h $flags -c "$object.c" -o "$object" || return 1
		;;
	*)
		# shellcheck disable=SC2086
		${BPF_CC:-clang} -O2 -g -target bpf -Wall -Werror $arch $flags -c "$here/programs/$source" -o "$object" || return 1
		;;
	esac
	echo "$object"
}

# packets_of ROW SIZE: capture and maps; their common path without ending on stdout
packets_of() {
	kind=$(field "$1" packets)
	base="$out/packets/$kind.$2"
	[ -s "$base.json" ] && [ "$base.json" -nt $here/packets.py ] ||
		python3 $here/packets.py "$kind" "$2" "$base.pcap" "$base.json"
	echo "$base"
}

maps_of() { # BASE: the option for maps that are not empty
	[ "$(cat "$1.json")" = "{}" ] || echo "--maps-in $1.json"
}

each_row() { # FUNCTION: calls it with each row
	jq -c '.[]' "$rows" >"$out/rows.jsonl"
	while read -r row; do
		"$1" "$row" || return 1
	done <"$out/rows.jsonl"
}
