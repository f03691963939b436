#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Millions of packets through the C model, hundreds of thousands through the RTL in lock step, and every example under several loads:
# packets in = packets out + drops. SCALE=n does n times as much.
B="${B:-build}"
SCALE="${SCALE:-1}"
out="$B/tests/fabric"
mkdir -p "$out"
export SEEDS=$((700 * SCALE)) RTL_SEEDS=$((300 * SCALE))
failed=0
sh tests/fabric/run.sh || failed=1

account() { # the JSON report of nicsim; packets offered
	python3 - "$1" "$2" <<'PY'
import json, sys
o = json.load(open(sys.argv[1]))
offered = int(sys.argv[2])
d, v = o["drops"], o["verdicts"]
inputs = d["BAD"] + d["FULL"] + o["refused"]
forwarded = v["XDP_PASS"] + v["XDP_TX"] + v["XDP_REDIRECT"]
left = o["sent"] + o["to_host"] + d["NO_TARGET"] + d["PORT_FULL"] + d["HOST_FULL"]
good = offered == o["packets"] + inputs and sum(v.values()) == o["packets"] and forwarded == left
print("%-18s %8d offered, %8d processed, %7d dropped at the input, %8d forwarded, %6d lost behind" % (
    o["program"], offered, o["packets"], inputs, forwarded, left - o["sent"] - o["to_host"]), "" if good else "FAIL")
sys.exit(not good)
PY
}
for image in "$B"/examples/*.fw; do
	p=$(basename "$image" .fw)
	fw="$out/$p.fw"
	# per-CPU maps for 4 cores, which are the most
	# shellcheck disable=SC2046
	"$B/nicjit" "$B/examples/$p.o" $(tests/tools/program.sh "$p" -p) --cpus 64 -o "$fw" || failed=1
	rx=bpf-examples/real/real.pcap
	packets=$(python3 -c 'import struct,sys
b=open(sys.argv[1],"rb").read(); at=24; n=0
while at < len(b): at += 16 + struct.unpack("<I", b[at+8:at+12])[0]; n += 1
print(n)' "$rx")
	for load in "--load line" "--load poisson:40 --order strict" "--load burst:200:2000 --order off --cores 4"; do
		# shellcheck disable=SC2086
		"$B/nicsim" --fw "$fw" --model iss --rx 0:"$rx" --rx 1:"$rx" --repeat $((20 * SCALE)) $load --json >"$out/soak.json" &&
			account "$out/soak.json" $((2 * packets * 20 * SCALE)) || failed=1
	done
done
exit $failed
