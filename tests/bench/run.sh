#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The bench's own machinery: tables show what was measured, a missing feature shows by its name, wrong input gets a sentence.
export B="${B:-build}"
here=tests/bench
top="$B/tests/bench"
rm -rf "$top/out" "$top/fake"
mkdir -p "$top/out" "$top/fake"
passed=0
failed=0

check() { # name, command...
	name="$1"
	shift
	if "$@" >"$top/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $name"
		tail -n 8 "$top/log"
	fi
}

same() {
	[ "$1" = "$2" ] || {
		echo "'$1' is not '$2'"
		return 1
	}
}

says() { # exit code, text, command...
	want=$1
	text=$2
	shift 2
	said=$("$@" 2>&1)
	code=$?
	echo "exit $code: $said"
	[ $code -eq "$want" ] && printf '%s' "$said" | grep -qF -- "$text"
}

section() { # NAME OUT ROWS
	BENCH_OUT="$2" BENCH_ROWS="$3" $here/bench.sh "$1"
}

column() { # FILE ROW NUMBER: a cell of a table
	awk -F ' *\\| *' -v row="$2" -v n="$3" '$2 == row {print $(n + 1)}' "$1"
}

# Refusals: the sentence, a tab, the name that the table shows.
while IFS="$(printf '\t')" read -r sentence feature; do
	got=$(jq -rn -L $here --arg error "$sentence" 'include "table"; {error: $error} | not_yet')
	check "feature $feature" same "$got" "not yet: $feature"
done <$here/features.txt

# What is measured is what is shown, on both models; what is refused is shown by name.
out="$top/out"
section programs "$out" $here/test_rows.json >"$top/programs.log" 2>&1
clocks=$(jq '.rows[0].nic.full.clocks_per_packet * 100 | round / 100' "$out/programs.json")
check "a measured row" same "$(column "$out/programs.md" drop 6)" "$clocks"
check "instructions executed" same "$(column "$out/programs.md" drop 3)" 2
check "a refused row" same "$(column "$out/programs.md" unknown 4)" "not yet: helper 500"
check "a row without source" same "$(column "$out/programs.md" gone 4)" "the source is not there or does not compile"
check "the models agree" same "$(jq -c '[.rows[].models_equal]' "$out/programs.json")" "[true,null,null,true]"
rtl=$("$B/bench-meter" --fw "$out/obj/xdp_tx.fw" --rx "$out/packets/plain.64.pcap" --model rtl --packets 500 | jq .full.clocks_per_packet)
iss=$("$B/bench-meter" --fw "$out/obj/xdp_tx.fw" --rx "$out/packets/plain.64.pcap" --packets 500 | jq .full.clocks_per_packet)
check "the meter on RTL and C model" same "$rtl" "$iss"
sent=$(jq '.rows[3].nic | .full.rows_out' "$out/programs.json")
check "rows sent" same "$sent" 2
check "every packet has its verdict" same "$(jq -c '.rows[3].nic.verdicts | keys' "$out/programs.json")" '["XDP_TX"]'
jq '.rows[0].nic.full.clocks_per_packet = 12.5' "$out/programs.json" >"$out/changed.json" && mv "$out/changed.json" "$out/programs.json"
check "another measurement, another table" same "$(jq -r -L $here --slurpfile peers $here/peers.json -f $here/programs.jq "$out/programs.json" |
	awk -F ' *\\| *' '$2 == "drop" {print $7, $9, $10}')" "12.5 20 waits"

check "a target that is met" same "$(column "$out/programs.md" drop 16)" 5
check "a target that is missed" same "$(BENCH_OUT="$out" jq -r -L $here --slurpfile peers $here/peers.json -f $here/programs.jq "$out/programs.json" |
	awk -F ' *\\| *' '$2 == "drop" {print $17} /Slower than hXDP/ {print}' | tr '\n' ' ')" "missed 5 - Slower than hXDP at the same clock: drop. "
mean=$(jq -n '{rows: [["xdp1", 4], ["xdp1", 50], ["xdp2", 9], ["XDP_DROP", 70]] | map({peer: .[0], nic: {full: {clocks_per_packet: .[1]}}})}' |
	jq -r -L $here --slurpfile peers $here/peers.json 'include "means"; means($peers[0])')
check "the mean over the ten programs" same "${mean%%,*}" "6 clocks over the 2 of ten programs that run in some form"

# What holds a program up.
limit() { # clocks, bundles, rows in, rows out, stores, clocks of a hash command
	jq -n -r -L $here --argjson v "[$1, $2, $3, $4, $5, $6]" 'include "limits"; {full: {clocks_per_packet: $v[0], bundles_per_packet: $v[1],
		rows_in: $v[2], rows_out: $v[3]}, stores_per_packet: $v[4], threads: 16,
		profile: [if $v[5] > 0 then {per_packet: 1, clocks: $v[5], command: "MLOOK"} else {per_packet: 1, clocks: 8} end]} | limit'
}
check "limit bundles" same "$(limit 10 10 2 0 0 0)" bundles
check "limit port" same "$(limit 2 1 2 2 0 0)" "packet port"
check "limit port with stores" same "$(limit 6 5 2 2 4 0)" "packet port"
check "limit engine" same "$(limit 31 21 2 2 0 39)" "hash engine"
check "limit of a map that is not the engine's" same "$(limit 50 34 2 2 0 31)" "map commands"
check "limit unknown" same "$(limit 50 34 2 2 0 0)" waits

# Scaling, with a stand-in for nicsim that does not know cores, and one whose second half takes 2 + 2 * cores clocks a packet.
fake="$top/fake"
ln -sf "$PWD/$B/nicjit" "$PWD/$B/xdpref" "$fake"
printf '#!/bin/sh\necho "usage: nicsim"\n' >"$fake/nicsim"
chmod +x "$fake/nicsim"
B="$fake" section scaling "$out" $here/test_rows.json >"$top/scaling.log" 2>&1
check "one core only" grep -q "^not yet: many cores" "$out/scaling.md"
cat >"$fake/nicsim" <<'EOF'
#!/bin/sh
[ "$1" != --help ] || exec echo "--cores N"
while [ $# -gt 0 ]; do
	case $1 in
	--cores) cores=$2 ;;
	*.4000.pcap) packets=8000 ;; # at each of two ports
	*.8000.pcap) packets=16000 ;;
	esac
	shift
done
echo "{\"packets\": $packets, \"cycles_per_packet\": $(awk "BEGIN {print (1000 + $packets * (4 / $cores + 1)) / $packets}")}"
EOF
B="$fake" section scaling "$out" $here/test_rows.json >"$top/scaling.log" 2>&1
check "packets per clock and efficiency" same "$(column "$out/scaling.md" XDP_TX 4)" "0.5 (63 %)"
check "what limits many cores" same "$(column "$out/scaling.md" XDP_TX 9)" maps
check "least cores for 100GbE" same "$(awk -F ' *\\| *' '$2 == "XDP_TX" {row = $3 " " $4} END {print row}' "$out/scaling.md")" "6 0.6"
sed -i 's/{\\"packets/{\\"verdicts\\": $((cores > 2)), \\"packets/' "$fake/nicsim"
B="$fake" section scaling "$top/other" $here/test_rows.json >"$top/scaling.log" 2>&1
check "more cores that do something else" grep -q "XDP_TX on 4 cores: 1, and on one: 0" "$top/scaling.log"
jq '.rows[].packets_per_clock *= 1.3' "$out/scaling.json" | jq -r -L $here --slurpfile peers $here/peers.json -f $here/scaling.jq >"$top/faster.md"
check "dispatch limits" same "$(column "$top/faster.md" XDP_TX 9)" dispatch
jq '.rows |= map(.packets_per_clock = 0.02 * .cores)' "$out/scaling.json" | jq -r -L $here --slurpfile peers $here/peers.json -f $here/scaling.jq >"$top/faster.md"
check "cores limit" same "$(column "$top/faster.md" XDP_TX 9)" cores

# Simulators, with a stand-in for nicsim that says how fast it is: a median over the rounds, a ratio within each.
cat >"$fake/nicsim" <<'EOF'
#!/bin/sh
while [ $# -gt 0 ]; do
	[ "$1" != --model ] || model=$2
	[ "$1" != --repeat ] || repeat=$2
	shift
done
n=$(cat "$0.count" 2>/dev/null || echo 0) # runs of the C model; the first is for the clocks a packet
[ "$model" != iss ] || echo $((n + 1)) >"$0.count"
case $model.$n in
rtl.1) speed=100000 ;; rtl.2) speed=120000 ;; rtl.3) speed=110000 ;; rtl.*) speed=70000 ;;
iss.1) speed=2000000 ;; iss.2) speed=2400000 ;; *) speed=3300000 ;;
esac
echo "{\"cores\": 2, \"packets\": $((repeat * 4000)), \"cycles\": $((repeat * 8000)), \"cycles_per_packet\": 2,
	\"cycles_per_second\": $((speed / 2)), \"cycles_per_cpu_second\": $speed}"
EOF
jq '[.[] | select(.name == "XDP_DROP")]' $here/rows.json >"$top/sim_rows.json"
ROUNDS=3 RTL_CLOCKS=16000 ISS_CLOCKS=400000 B="$fake" section simulators "$out" "$top/sim_rows.json" >"$top/simulators.log" 2>&1
check "speed of RTL, C model, their ratio, two RTL" same "$(for c in 3 4 6 7 9; do column "$out/simulators.md" XDP_DROP $c; done | tr '\n' ';')" \
	"110 (100 to 120);2400 (2000 to 3300);20 (20 to 30);27.5;1.83 (1.27 to 2.4);"
check "runs of about so many clocks" same "$(jq -c '[.rounds[0] | .rtl.cycles, .iss.cycles]' "$out/simulators.json")" "[16000,400000]"
check "mean over programs" same "$(jq '.rounds += (.rounds | map(.name = "other" | .iss.cpu *= 4))' "$out/simulators.json" | jq -r -L $here -f $here/simulators.jq |
	awk -F ' *\\| *' '$2 == "geometric mean" {print $7}')" 40
printf '#!/bin/sh\ncase $(readlink /proc/$$/fd/1) in *sim.two.json) exit 1 ;; esac\n' >"$fake/nicsim.two"
sed 1d "$fake/nicsim" >>"$fake/nicsim.two"
mv "$fake/nicsim.two" "$fake/nicsim"
chmod +x "$fake/nicsim"
check "one of two RTL that fails" says 1 "simulators failed" env ROUNDS=1 B="$fake" BENCH_OUT="$out" BENCH_ROWS="$top/sim_rows.json" $here/bench.sh simulators

# The kernel that may not be asked, and one that answers.
printf '#!/bin/sh\necho "bench-kernel: no" >&2\nexit 3\n' >"$fake/bench-kernel"
chmod +x "$fake/bench-kernel"
B="$fake" section kernel "$out" $here/test_rows.json >"$top/kernel.log" 2>&1
check "a kernel that may not be asked" grep -q "nothing was measured" "$out/kernel.md"
printf '#!/bin/sh\necho "{\\"ns\\":50,\\"verdict\\":\\"XDP_DROP\\",\\"method\\":\\"single\\"}"\n' >"$fake/bench-kernel"
B="$fake" section kernel "$out" $here/test_rows.json >"$top/kernel.log" 2>&1
check "CPUs that the NIC equals" same "$(column "$out/kernel.md" drop 6)" 1

# Packets per area, of a NIC of as many cores as were measured.
area() { # LUT of the NIC with 4 cores, scaling rows: packets per 1000 LUT
	jq -n --argjson lut "$1" --argjson scaling "$2" '{areas: [{name: "fp_core-xcup", top: "fp_core", family: "xcup", lut: 10000},
		{name: "nic_top-xcup", top: "nic_top", family: "xcup", lut: 20000}, {name: "nic_top-xcup-Cores4", top: "nic_top", family: "xcup", lut: $lut,
			modules: [{module: "nic_core", lut: 49000}, {module: "nic_core/fp_tile", lut: 20000}, {module: "nic_core/pkt_in", lut: 500},
				{module: "nic_core/csr_rss", lut: 600}, {module: "nic_core/csr_regs", lut: 700}]}],
		programs: [{name: "a", clocks: 5, peer: "xdp1"}], scaling: $scaling, line_rate: [{name: "b", cores: 3}, {name: "c", cores: 5}], paths: {paths: [{ns: 4}]}}' |
		jq -r -L $here --slurpfile peers $here/peers.json -f $here/area.jq >"$top/area.md"
	column "$top/area.md" a 6
}
check "area of one core" same "$(area 50000 '[]')" 2.5
check "area of four cores" same "$(area 50000 '[{"name": "a", "cores": 4, "packets_per_clock": 0.4}, {"name": "a", "cores": 16, "packets_per_clock": 1}]')" 2
check "area between two NICs that are mapped" same "$(column "$top/area.md" b 3),$(column "$top/area.md" c 3)" 35,

check "a NIC's parts, in kLUT" same "$(for part in tiles maps "ingress, hash, checksums, order" "registers, counters" "the rest" all; do
	column "$top/area.md" "$part" 2; done | tr '\n' ' ')" "20 0 1.1 0.7 28.2 50 "

# A netlist is made anew for what is in it, and for nothing else.
if command -v yosys >/dev/null; then
	rm -rf "$top/tree"
	mkdir -p "$top/tree/hw"
	cp -r hw/rtl hw/gen hw/syn "$top/tree/hw"
	key() { (cd "$top/tree" && hw/syn/synth.sh --key fp_lane-xcup | cut -c 1-8); }
	before=$(key)
	sed -i 's/;$/; \/\/ said/; 3s/^/\/\/ more\n/' "$top/tree/hw/rtl/core/fp_alu.v"
	sed -i 's/+/-/' "$top/tree/hw/rtl/dma/dma_tx.v"
	check "a comment, another module" same "$(key)" "$before"
	sed -i 's/1.b0/1'"'"'b1/' "$top/tree/hw/rtl/lib/delay.v" "$top/tree/hw/rtl/core/fp_alu.v"
	check "a change in a module of a module" test "$(key)" != "$before"
	echo "module beside (output wire o); /* one */ assign o = 1'b0; // another" >>"$top/tree/hw/rtl/core/fp_alu.v"
	echo endmodule >>"$top/tree/hw/rtl/core/fp_alu.v"
	before=$(key)
	sed -i "s/one \*. assign o = 1.b0/one *\/ assign o = 1'b1/" "$top/tree/hw/rtl/core/fp_alu.v"
	check "a change between two comments" test "$(key)" != "$before"
fi

# The compiler: 14,000 instructions, growth and limit, in blocks of its code.
check "what a compile takes" "$B/bench-work" --check 12

# Native code of the host, where LLVM and DPDK are there: what C, DPDK and ours make of a program gives the same verdicts.
if [ -x "$B/bench-host" ]; then
	for p in mac_swap firewall proto_count; do
		"$B/bench-host" --obj "$B/examples/$p.o" --rx bpf-examples/real/real.pcap >"$top/host.one" 2>"$top/host.why"
		check "$p as native code" jq -e '.ours > 0 and .rte_bpf > 0 and .differs == null' "$top/host.one"
	done
	check "native code without an object" says 2 "usage: bench-host" "$B/bench-host"
fi

# Wrong input.
check "a section that is not there" says 2 "there is no section area51" $here/bench.sh area51
check "the meter without firmware" says 2 "usage: bench-meter" "$B/bench-meter"
check "the meter with a file that is no firmware" says 1 "bench-meter: README.md: " "$B/bench-meter" --fw README.md \
	--rx "$out/packets/plain.64.pcap"
check "the kernel's meter without object" says 2 "usage: bench-kernel" "$B/bench-kernel"
check "packets of a kind that is not there" says 1 "usage: packets.py" python3 $here/packets.py none 64 /dev/null /dev/null
check "counting in the kernel" says 2 "--count needs --oracle ref" "$B/xdpref" --obj x --rx x --oracle kernel --count
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
