#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Programs that call helpers, on C model, RTL, reference and kernel: README.md. `run.sh NAME...` runs only these.
suite=helpers
. tests/tools/suite.sh
[ $# -gt 0 ] || set -- $(cd $here && ls -- *.c | sed 's/\.c$//')
ask_kernel "compared with the reference interpreter"
oracles=ref
[ "$kernel" -eq 0 ] || oracles="kernel ref"

packets() { # pcap: how many
	"$B/xdpref" --obj "$B/examples/pass_all.o" --rx "$1" 2>&1 | sed -n 's/^ *XDP_PASS *//p'
}

where() { # program; with maps of its own where there are some
	[ ! -f "$here/$1.where.json" ] || maps="--maps-in $here/$1.where.json"
	# shellcheck disable=SC2086
	"$B/nicsim" --fw "$out/$1.fw" --model iss --rx bpf-examples/vlan_ipv6_parser/in.pcap --tx 0:"$out/$1.port0.pcap" --tx 1:"$out/$1.port1.pcap" \
		--host "$out/$1.host.pcap" $maps >"$out/$1.where.log" 2>&1 || return 1
	for place in port0 port1 host; do
		echo "$place $(packets "$out/$1.$place.pcap")"
	done >"$out/$1.where"
	diff "$here/$1.where" "$out/$1.where"
}

# The kernel's timers may find no memory, which the program says (timer.h): then it is asked again.
ask() { # program, oracle, where its maps go, what else xdpref is told
	object="$out/$1.o" whom=$2 into=$3
	shift 3
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		"$B/xdpref" --obj "$object" --prog prog --oracle "$whom" --maps-out "$into" "$@" || return 1
		sed -n '/^"no_memory":/{n;p}' "$into" | grep -q '"value":"0*[1-9a-f]' || return 0
	done
	echo "the kernel has no memory for timers"
	return 1
}

for p in "$@"; do
	if ! compile_bpf "$here/$p.c" "$out/$p.o" 2>"$out/$p.log" ||
	   ! "$B/nicjit" "$out/$p.o" -p prog -o "$out/$p.fw" 2>>"$out/$p.log"; then
		fail "$p does not compile" "$(cat "$out/$p.log")"
		continue
	fi
	maps=
	[ ! -f "$here/$p.maps.json" ] || maps="--maps-in $here/$p.maps.json"
	wait= # the clock may be asked for what nobody sees
	[ ! -f "$here/$p.wait" ] || wait="--wait $(cat "$here/$p.wait")"
	with="$oracles"
	[ -n "$wait" ] || ! grep -qE 'bpf_ktime|bpf_jiffies|bpf_xdp_metadata' "$here/$p.c" || with=ref
	for rx in bpf-examples/vlan_ipv6_parser/in.pcap bpf-examples/real/real.pcap; do
		base="$out/$p.$(basename "$rx" .pcap)"
		for oracle in $with; do
			check "$p runs on $oracle" ask "$p" "$oracle" "$base.$oracle.json" --rx "$rx" --results "$base.$oracle.jsonl" --results-data $maps $wait
		done
		[ "$with" = ref ] || check "$p $(basename "$rx"): ref equals kernel" "$B/results-diff" "$base.ref.jsonl" "$base.kernel.jsonl" "$base.ref.json" \
			"$base.kernel.json"
		models="iss rtl"
		[ "$(basename "$rx")" = in.pcap ] || models=iss # the RTL is slow
		for model in $models; do
			check "$p runs on $model" "$B/nicsim" --fw "$out/$p.fw" --model $model --threads 1 --clock pcap --rx "$rx" --results "$base.$model.jsonl" \
				--results-data --maps-out "$base.$model.json" $maps $wait
			check "$p $(basename "$rx"): $model equals ${with%% *}" "$B/results-diff" "$base.$model.jsonl" "$base.${with%% *}.jsonl" \
				"$base.$model.json" "$base.${with%% *}.json"
		done
	done
	[ ! -f "$here/$p.where" ] || check "$p: where packets go" where "$p"
done
suite_end
