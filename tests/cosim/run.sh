#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The examples with all threads, RTL and C model in lock step; before that, that the lock step can fail and that nicsim says what it must.
B="${B:-build}"
out="$B/tests/cosim"
mkdir -p "$out"
passed=0
failed=0

report() { # name, good (0 or not), text
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1"
		echo "$3" | head -n 40
	fi
}

inject=$("$B/cosim-inject" 2>&1)
report "the lock step sees each injected difference" $? "$inject"

for fw in "$B"/examples/*.fw; do
	p=$(basename "$fw" .fw)
	maps=""
	[ -f "bpf-examples/$p/maps-in.json" ] && maps="--maps-in bpf-examples/$p/maps-in.json"
	maps="$maps $(tests/tools/routes.sh "$p")"
	for rx in "bpf-examples/$p/in.pcap" "bpf-examples/$p/runts.pcap" bpf-examples/real/real.pcap; do
		[ -f "$rx" ] || continue
		alone="--results $out/r.jsonl --results-data"
		for more in "" "$alone" "--clock pcap" "--threads 3" "--order strict --load poisson:30 --rx 1:$rx"; do
			# One packet after the other is ten times as long, and the example's own traffic reaches more of the program.
			case "$rx $more" in *real.pcap*"$alone" | *"real.pcap --clock"*) continue ;; esac
			# shellcheck disable=SC2086
			text=$("$B/nicsim" --fw "$fw" --rx "$rx" --model both --json --maps-out "$out/maps.json" $maps $more 2>&1)
			report "$p $(basename "$rx") $more" $? "$text"
		done
	done
done

# The host's side through rings and DMA, as without: the same frames for the host, and by the ports those of the host among the others.
frames() { # capture: its frames, sorted
	python3 - "$1" <<'PY'
import struct, sys
b, at, frames = open(sys.argv[1], "rb").read(), 24, []
while at < len(b):
    size = struct.unpack_from("<I", b, at + 8)[0]
    frames.append(b[at + 16:at + 16 + size].hex())
    at += 16 + size
print("\n".join(sorted(frames)))
PY
}
for fw in "$B"/examples/*.fw; do
	p=$(basename "$fw" .fw)
	rx="bpf-examples/$p/in.pcap"
	[ -f "$rx" ] || continue
	common="--fw $fw --rx 0:$rx --from-host 1:bpf-examples/pass_all/in.pcap --json $(tests/tools/routes.sh "$p")"
	# shellcheck disable=SC2086
	text=$("$B/nicsim" $common --model both --rings --host "$out/h1.pcap" --tx "1:$out/p1.pcap" 2>&1)
	report "$p --rings" $? "$text"
	case $p in pass_all | firewall | forward)
		# shellcheck disable=SC2086
		"$B/nicsim" $common --model iss --host "$out/h2.pcap" --tx "1:$out/p2.pcap" >/dev/null
		[ "$(frames "$out/h1.pcap")" = "$(frames "$out/h2.pcap")" ] && [ "$(frames "$out/p1.pcap")" = "$(frames "$out/p2.pcap")" ] &&
			[ -n "$(frames "$out/h1.pcap")" ] && [ -n "$(frames "$out/p1.pcap")" ]
		report "$p: the same frames with rings as without" $? ""
	esac
done

says() { # name, exit code, words, arguments...
	name=$1
	code=$2
	words=$3
	shift 3
	text=$("$B/nicsim" "$@" 2>&1)
	[ $? -eq "$code" ] && echo "$text" | grep -q -e "$words"
	report "nicsim: $name" $? "$text"
}
fw="$B/examples/pass_all.fw"
rx=bpf-examples/pass_all/in.pcap
says "help" 0 "exit code" --help
says "version" 0 "^nicsim [0-9]" --version
says "unknown option" 2 "no option" --wrong
says "option without a value" 2 "value is missing" --fw
says "no program" 2 "--fw is needed" --rx "$rx"
says "no packets" 2 "--rx is needed" --fw "$fw"
says "unknown model" 2 "--model" --fw "$fw" --rx "$rx" --model fast
says "threads 0" 2 "--threads" --fw "$fw" --rx "$rx" --threads 0
says "waveform of the C model" 2 "waveform" --fw "$fw" --rx "$rx" --model iss --trace "$out/t.fst"
cp "$B/nicsim" "$out/alone"
text=$("$out/alone" --fw "$fw" --rx "$rx" --trace "$out/t.fst" 2>&1)
[ $? -eq 1 ] && echo "$text" | grep -q "make trace"
report "nicsim: waveform of an RTL without" $? "$text"
text=$("$B/nicsim" --fw "$fw" --rx "$rx" --trace "$out/t.fst" --json 2>&1 >"$out/traced.json" && python3 -c 'import json, struct, sys
block, length, start, end = struct.unpack(">BQQQ", open(sys.argv[1], "rb").read(25)) # the header of an FST
scopes, variables = struct.unpack(">QQ", open(sys.argv[1], "rb").read(57)[41:])
report = json.load(open(sys.argv[2]))
print(block, length, start, end, scopes, variables, report)
sys.exit(block or length != 329 or start or end < report["cycles"] or not report["cycles"] or report["verdicts"]["XDP_PASS"] != 78 or variables < 10000)' \
	"$out/t.fst" "$out/traced.json")
report "nicsim: a waveform of every wire, as long as the run" $? "$text"
says "too many cores" 2 "--cores" --fw "$fw" --rx "$rx" --cores 17
says "cores that the RTL has not" 1 "make CORES=" --fw "$fw" --rx "$rx" --cores 3
says "more active cores than there are" 1 "more than the 2 cores" --fw "$fw" --rx "$rx" --model iss --active 3
says "unknown order" 2 "--order" --fw "$fw" --rx "$rx" --order random
says "unknown load" 2 "--load" --fw "$fw" --rx "$rx" --load heavy
says "burst without a gap" 2 "--load" --fw "$fw" --rx "$rx" --load burst:4
says "no such port for the host's frames" 1 "no port 3" --fw "$fw" --rx "$rx" --from-host 3:"$rx" --model iss
python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) + struct.pack("<IIII", 0, 0, 1537, 1537) + bytes(1537))' >"$out/long.pcap"
says "a frame that the host can't send" 1 "1537 bytes can't be sent" --fw "$fw" --rx "$rx" --from-host "$out/long.pcap" --model iss
says "two captures for a port" 2 "--rx" --fw "$fw" --rx "$rx" --rx 0:"$rx"
says "no such port" 1 "no port 3" --fw "$fw" --rx "$rx" --rx 3:"$rx" --model iss
says "drops are told" 0 "dropped FULL" --fw "$B/examples/firewall.fw" --rx bpf-examples/real/real.pcap --model iss --repeat 40 \
	--load line:400
says "unwritable timeline" 1 "cannot be written" --fw "$fw" --rx "$rx" --model iss --timeline /nonexistent/t.json
timeline="$out/timeline.json"
"$B/nicsim" --fw "$B/examples/firewall.fw" --rx bpf-examples/firewall/in.pcap --model iss --timeline "$timeline" >/dev/null &&
	python3 -c 'import json,sys; sys.exit(len(json.load(open(sys.argv[1]))["traceEvents"]) < 100)' "$timeline"
report "nicsim: the timeline is JSON" $? ""
text=$(python3 tests/cosim/live.py "$B/nicsim" "$B/examples/mac_swap.fw" 2>&1)
code=$?
if [ "$code" -eq 77 ]; then
	echo "note: no live wires are allowed here"
else
	report "nicsim: TAP and packet socket" "$code" "$text"
fi
says "no such wire" 1 "no such interface" --fw "$fw" --model iss --wire if:nowhere
says "wire and capture" 2 "do not go together" --fw "$fw" --rx "$rx" --model iss --wire tap:x
says "missing map file" 1 "^nicsim: $out/none cannot be read: No such file or directory$" --fw "$fw" --rx "$rx" --model iss --maps-in "$out/none"
says "missing firmware" 1 "cannot be read" --fw "$out/none" --rx "$rx"
says "no firmware" 1 "firmware image" --fw "$rx" --rx "$rx" --model iss
says "missing capture" 1 "none" --fw "$fw" --rx "$out/none" --model iss
says "no capture" 1 "pass_all.fw" --fw "$fw" --rx "$fw" --model iss
says "too many threads" 1 "more than the" --fw "$fw" --rx "$rx" --threads 200 --model iss
says "unwritable output" 1 "cannot" --fw "$fw" --rx "$rx" --model iss --tx /nonexistent/out.pcap
says "missing maps" 1 "none" --fw "$fw" --rx "$rx" --model iss --maps-in "$out/none"
says "no progress" 1 "no progress" --fw "$fw" --rx "$rx" --model iss --max-cycles 1
"${BPF_CC:-clang}" -O2 -g -target bpf "-I/usr/include/$(gcc -print-multiarch)" -c tests/cosim/dead_tick.c -o "$out/dead_tick.o" && "$B/nicjit" "$out/dead_tick.o" -o "$out/dead_tick.fw"
says "timers whose functions the watchdog ended" 0 "XDP_TX  *2$" --fw "$out/dead_tick.fw" --rx bpf-examples/real/real.pcap --model both --clock pcap --threads 1 --watchdog 1000
says "watchdog" 0 "WATCHDOG" --fw "$B/examples/firewall.fw" --rx "$rx" --model iss --watchdog 1

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
