#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# bpf_fib_lookup() on C model and RTL against the reference, and the reference against the running kernel in a network namespace with the same routes.
B="${B:-build}"
here=tests/fib
out="$B/tests/fib"
mkdir -p "$out"
if [ "$1" != inside ] && unshare -n true 2>/dev/null; then
	exec unshare -n "$0" inside
fi
passed=0
failed=0

check() { # name, command...
	what="$1"
	shift
	if text=$("$@" 2>&1); then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $what"
		echo "$text" | head -n 12
	fi
}

says() { # expected sentence, file
	got=$("$B/nicsim" --fw "$out/any.fw" --model iss --rx "$out/few.pcap" --fib "$2" 2>&1 >/dev/null)
	[ "${got#*"$1"}" != "$got" ] || { echo "says '$got', not '$1'"; false; }
}

kernel=0
routes="$out/host.json"
if [ "$1" = inside ] && sh $here/host.sh "$routes" 2>"$out/host.log" && tests/tools/kernel.sh >"$out/kernel.log"; then
	kernel=1
else
	routes=$here/host.json
	echo "note: no namespace with routes and a kernel to ask; compared with the reference interpreter"
fi
python3 $here/packets.py "$out/many.pcap" 3 3000
python3 $here/packets.py "$out/few.pcap" 4 60

lookup() { # name, source, flags for the compiler
	name="$1"
	source="$here/$2"
	shift 2
	"${BPF_CC:-clang}" -O2 -g -target bpf "$@" -I"/usr/include/$(gcc -print-multiarch)" -c "$source" -o "$out/$name.o" &&
		"$B/nicjit" "$out/$name.o" -o "$out/$name.fw" || {
		failed=$((failed + 1))
		echo "FAIL $name does not compile"
		return
	}
	for set in $sets; do
		base="$out/$name.$set"
		check "$name $set on ref" "$B/xdpref" --obj "$out/$name.o" --rx "$out/$set.pcap" --fib "$routes" --results "$base.ref.jsonl" --results-data
		if [ $kernel = 1 ]; then
			check "$name $set on kernel" "$B/xdpref" --obj "$out/$name.o" --rx "$out/$set.pcap" --oracle kernel --results "$base.kernel.jsonl" \
				--results-data
			check "$name $set: ref equals kernel" "$B/results-diff" "$base.ref.jsonl" "$base.kernel.jsonl"
		fi
		model=iss
		[ $set = many ] || model=rtl
		check "$name $set on $model" "$B/nicsim" --fw "$out/$name.fw" --model $model --threads 1 --rx "$out/$set.pcap" --fib "$routes" \
			--results "$base.nic.jsonl" --results-data
		check "$name $set: $model equals ref" "$B/results-diff" "$base.nic.jsonl" "$base.ref.jsonl"
	done
}

sets="many few"
lookup any lookup.c
lookup plain lookup.c -DFLAGS=0
lookup mtu mtu.c
sets=many # the RTL is slow
lookup direct lookup.c -DFLAGS=BPF_FIB_LOOKUP_DIRECT
lookup named lookup.c "-DFLAGS=(BPF_FIB_LOOKUP_DIRECT|BPF_FIB_LOOKUP_TBID)"
lookup skip lookup.c -DFLAGS=BPF_FIB_LOOKUP_SKIP_NEIGH
lookup source lookup.c -DFLAGS=16
lookup unknown lookup.c -DFLAGS=64
lookup small lookup.c -DSIZE=63
lookup sized lookup.c "-DSIZE=(q->pad&7)+57"
lookup map lookup.c -DIN_MAP
lookup record lookup.c -DIN_RECORD

# Without a file the ports are there and forward nothing.
check "no routes on iss" "$B/nicsim" --fw "$out/any.fw" --model iss --threads 1 --rx "$out/many.pcap" --results "$out/none.nic.jsonl" --results-data
check "no routes on ref" "$B/xdpref" --obj "$out/any.o" --rx "$out/many.pcap" --results "$out/none.ref.jsonl" --results-data
check "no routes: iss equals ref" "$B/results-diff" "$out/none.nic.jsonl" "$out/none.ref.jsonl"

links='[{"ifindex":1,"ifname":"lo","mtu":1500}][{"family":"inet","interface":"lo","forwarding":true}]'
echo "$links"'[{"dst":"1.2.3.0/24","gateway":"1.2.3.4","dev":"eth9"}]' >"$out/bad.json"
check "a route over nothing" says "a route over a link that is not in the file" "$out/bad.json"
echo "$links"'[{"dst":"1.2.3.0/33","dev":"lo"}]' >"$out/bad.json"
check "a long prefix" says "a route whose prefix can't be read" "$out/bad.json"
echo "$links"'[{"dst":"default","nexthops":[{"gateway":"1.2.3.4","dev":"lo"}]}]' >"$out/bad.json"
check "several next hops" says "a route with several next hops" "$out/bad.json"
echo "$links"'[{"priority":9,"src":"10.0.0.0","table":"7"}]' >"$out/bad.json"
check "a rule" says "a rule for routing by more than the destination" "$out/bad.json"
echo '[{"ifindex":1,"ifname":"lo","mtu":1500}]' >"$out/bad.json"
check "no settings" says "does not say which links forward (ip -j netconf)" "$out/bad.json"
echo '[]' >"$out/bad.json"
check "nothing" says "there are no links in it (ip -j addr)" "$out/bad.json"
echo 'nothing' >"$out/bad.json"
check "no JSON" says "is not what ip -j prints" "$out/bad.json"
check "no file" says "cannot be read: No such file or directory" "$out/is-not-there.json"
{
	echo "$links["
	seq -f '{"dst":"10.%.0f.0.0/16","dev":"lo"},' 0 200
	seq -f '{"dst":"11.%.0f.0.0/16","dev":"lo"},' 0 200
	for net in 12 13 14 15 16 17; do
		seq -f '{"dst":"'$net'.%.0f.0.0/16","dev":"lo"},' 0 200
	done
	echo '{"dst":"1.0.0.0/8","dev":"lo"}]'
} >"$out/bad.json"
check "too many routes" says "more routes and neighbours than the image has room for (1025, there is room for 1024)" "$out/bad.json"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
