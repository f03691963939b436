#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# survey.sh DIR CAPTURE [OUT]: every XDP program of every object in DIR: does nicjit take it, does the running kernel, and do NIC (C model) and kernel
# then do the same with the packets of CAPTURE (frames of 14 bytes and more)? One line of JSON for each program in OUT/survey.jsonl, a summary on the
# screen. Map contents come from DIR/OBJECT.PROGRAM.maps.json where there is such a file. Programs that read a clock or random numbers are compared
# with sim/ref. As root, for the kernel, in a network namespace of its own, whose links and routes the NIC is given. Exit code 1: something differs.
B="${B:-build}"
dir=$1
rx=$2
out=${3:-$B/survey}
[ -d "$dir" ] && [ -f "$rx" ] || {
	echo "usage: survey.sh DIRECTORY-OF-OBJECTS CAPTURE.pcap [OUT]" >&2
	exit 2
}
[ -n "$SURVEY_INSIDE" ] || exec env SURVEY_INSIDE=1 unshare -n "$0" "$@"
mkdir -p "$out"
ip link set lo up
for what in addr netconf "-4 route show table all" "-6 route show table all"; do
	# shellcheck disable=SC2086
	ip -j $what
done >"$out/host.json"

# what differs between NIC and kernel, or the interpreter: nothing, or one line
compare() { # object, program, where maps are
	oracle=kernel
	explained=$out/explain
	! grep -q 'helper  *bpf_tail_call' "$explained" || explained=$out/explain.all # it may go to any of them
	clock=nic
	! grep -qE 'helper +bpf_(ktime|get_prandom|jiffies)' "$explained" || {
		oracle=ref
		clock=pcap
	}
	routes=
	! grep -qE 'helper +bpf_(fib_lookup|check_mtu)' "$explained" || routes="--fib $out/host.json"
	oracle_routes=$routes # the kernel has its own
	[ "$oracle" = ref ] || oracle_routes=
	maps=
	[ ! -f "$3" ] || maps="--maps-in $3"
	# shellcheck disable=SC2086
	timeout 60 "$B/nicsim" --fw "$out/x.fw" --model iss --threads 1 --clock $clock --rx "$rx" --results "$out/nic.jsonl" --results-data \
		--maps-out "$out/nic.json" $routes $maps >"$out/log" 2>&1 || {
		echo "the simulator: $(tail -n 1 "$out/log")"
		return
	}
	# shellcheck disable=SC2086
	timeout 60 "$B/xdpref" --obj "$1" --prog "$2" --oracle $oracle --rx "$rx" --results "$out/ref.jsonl" --results-data \
		--maps-out "$out/all.json" $oracle_routes $maps >"$out/log" 2>&1 || {
		echo "no answer of $oracle: $(tail -n 1 "$out/log")"
		return
	}
	# maps that both show: nicjit leaves out those that the program does not use, the kernel shows constant data, too
	jq -c -s '.[1] as $o | .[0] | with_entries(select(.key | in($o)))' "$out/nic.json" "$out/all.json" >"$out/a.json"
	jq -c -s '.[0] as $o | .[1] | with_entries(select(.key | in($o)))' "$out/nic.json" "$out/all.json" >"$out/b.json"
	"$B/results-diff" "$out/nic.jsonl" "$out/ref.jsonl" "$out/a.json" "$out/b.json" >"$out/log" 2>&1 || echo "differs from $oracle: $(head -n 1 "$out/log")"
}

# the object's programs where it has several, else nothing
programs() { # object
	"$B/nicjit" --diagnostics=json "$1" -o "$out/x.fw" 2>&1 >/dev/null | jq -r '.diagnostics[]?.note // empty' 2>/dev/null |
		sed -n 's/^choose one of: //p' | head -n 1
}

one() { # object, its program or nothing
	name=$(basename "$1" .o)
	difference=
	program=$2
	# shellcheck disable=SC2086
	timeout 120 "$B/nicjit" --check-kernel --diagnostics=json "$1" ${2:+-p $2} -o "$out/x.fw" >"$out/kernel.txt" 2>"$out/err.json"
	code=$?
	kernel=$(sed -n 's/.*Linux [^ ]* \(accepts\|refuses\).*/\1/p' "$out/kernel.txt" | head -n 1)
	if [ $code -eq 0 ]; then
		# shellcheck disable=SC2086
		"$B/nicjit" --explain "$1" ${2:+-p $2} >"$out/explain" 2>/dev/null
		program=$(sed -n '1s/^\([^ ]*\) .*/\1/p' "$out/explain")
		[ "$kernel" != accepts ] || difference=$(compare "$1" "$program" "$dir/$name.$program.maps.json")
	fi
	jq -n -c --arg object "$name" --arg program "$program" --argjson code $code --arg kernel "$kernel" --arg kernel_says "$(head -c 300 "$out/kernel.txt")" \
		--arg difference "$difference" --rawfile err "$out/err.json" \
		'{$object, $program, code: $code, $kernel, $kernel_says, $difference,
		  cause: (try ($err | fromjson | .diagnostics | map(.message)) catch [$err])}' >>"$out/survey.jsonl"
}

: >"$out/survey.jsonl"
for object in "$dir"/*.o; do
	list=$(programs "$object")
	: >"$out/explain.all"
	for each in $list; do
		"$B/nicjit" --explain "$object" -p "$each" >>"$out/explain.all" 2>/dev/null
	done
	[ -n "$list" ] || one "$object" ""
	for each in $list; do
		one "$object" "$each"
	done
done
jq -r -s '
	def count(f): map(select(f)) | length;
	def row: "  \(.object) \(.program): ";
	"\(length) programs: nicjit takes \(count(.code == 0)); of \(count(.kernel == "accepts")) that the kernel takes, \(count(.code == 0 and .kernel == "accepts"))",
	"run and different: \(count(.difference != "")) of \(count(.code == 0 and .kernel == "accepts"))",
	(.[] | select(.difference != "") | row + .difference),
	"refused, and not by the kernel:",
	(map(select(.code != 0 and .kernel != "refuses")) | group_by(.cause[0] // "" | gsub("[0-9]+"; "N")) | sort_by(-length) | .[] |
		"  \(length)  \(.[0].cause[0]) (\(map(.object + " " + .program) | join(", ")))"),
	"taken, but not by the kernel:",
	(.[] | select(.code == 0 and .kernel == "refuses") | row + .kernel_says)
' "$out/survey.jsonl"
! jq -e -s 'any(.difference != "")' "$out/survey.jsonl" >/dev/null
