#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line: wrong use gets one sentence and an exit code, text ends in a newline, a result appears whole or not at all.
# Run from the top of the tree; prints and exits as a cmocka program does.
# Also of load_memory.c, load_prefix.c, cli_annotate.c, cli_diag.c, cli_ebpf.c, cli_explain.c, cli_kernel.c.
set -u
B="${B:-build}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

check() { # name, condition's exit code, what was said
	if [ "$2" -eq 0 ]; then
		echo "[       OK ] $1"
	else
		echo "[  FAILED  ] $1: $3"
		failed=1
	fi
}

# exit code, first line on stderr, arguments
says() {
	code=$1
	sentence=$2
	shift 2
	"$B/nicjit" "$@" >"$dir/out" 2>"$dir/err"
	got=$?
	first=$(head -n 1 "$dir/err" | sed 's/^[^ ]*nicjit: /nicjit: /')
	[ "$got" -eq "$code" ] && [ "$first" = "$sentence" ] && [ ! -s "$dir/out" ]
	check "nicjit $*" $? "exit $got, '$first'"
}

says 2 "nicjit: name a file to compile"
says 2 "nicjit: name a file to compile" -d
says 2 "nicjit: say where the firmware goes with -o, or ask for text with -S" x.o
says 2 "nicjit: one file at a time: 'b.fw' is one too many" -d a.fw b.fw
says 2 "nicjit: --lanes takes 1 to 4, not '0'" --lanes 0 x.o -S
says 2 "nicjit: --lanes takes 1 to 4, not '5'" --lanes=5 x.o -S
says 2 "nicjit: --lanes takes 1 to 4, not 'x'" --lanes x x.o -S
says 2 "nicjit: --lanes takes 1 to 4, not ''" --lanes= x.o -S
says 2 "nicjit: --regs takes 1 to 16, not '17'" --regs 17 x.o -S
says 2 "nicjit: --bundles takes 2 to 8192, not '1'" --bundles 1 x.o -S
says 2 "nicjit: --bundles takes 2 to 8192, not '8193'" --bundles 8193 x.o -S
says 2 "nicjit: --diagnostics is text or json, not 'xml'" --diagnostics=xml x.o -S
says 2 "nicjit: there is no stage 'nonsense'" --dump=nonsense x.o
says 2 "nicjit: unrecognized option '--nonsense'" --nonsense
says 2 "nicjit: option requires an argument -- 'o'" x.o -o
says 3 "$dir/none.o: error: $dir/none.o can't be opened: No such file or directory" "$dir/none.o" -S
says 3 "$dir/none.fw: error: No such file or directory" -d "$dir/none.fw"
says 3 "README.md: error: README.md is not an ELF object" README.md -S
says 3 "/dev/null: error: the file is too short to be a firmware image" -d /dev/null

cat >"$dir/two.s" <<'END'
	.section xdp,"ax",@progbits
	.globl one
	.type one,@function
one:	r0 = 1
	exit
	.size one, .-one
	.globl two
	.type two,@function
two:	r0 = 2
	exit
	.size two, .-two
END
clang -target bpf -c "$dir/two.s" -o "$dir/two.o" || failed=1
says 3 "$dir/two.o: error: the object has no program or section of that name" "$dir/two.o" -p three -S
"$B/nicjit" "$dir/two.o" -p two -o "$dir/two.fw" -v 2>"$dir/err"
check "a program is chosen by its name" $? "$(cat "$dir/err")"
says 3 "$dir/none/x.fw: error: No such file or directory" "$dir/two.o" -p two -o "$dir/none/x.fw"
[ ! -e "$dir/two.fw.part" ]
check "nothing is left beside the result" $? "$(ls "$dir")"

ends_in_newline() {
	name=$1
	shift
	"$B/nicjit" "$@" >"$dir/out" 2>"$dir/err" && [ -s "$dir/out" ] && [ "$(tail -c 1 "$dir/out" | od -An -tx1 | tr -d ' ')" = 0a ]
	check "$name ends in a newline" $? "$(cat "$dir/err")"
}
cat >"$dir/sizes.c" <<'END'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, __u32); __type(value, __u64); } bare SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); __type(value, __u64); } table SEC(".maps");
SEC("xdp") int prog(struct xdp_md *ctx)
{
	__u32 key = 3;
	return bpf_map_lookup_elem(&bare, &key) || bpf_map_lookup_elem(&table, &key) ? XDP_PASS : XDP_DROP;
}
END
clang -O2 -g -target bpf -I"/usr/include/$(gcc -print-multiarch)" -c "$dir/sizes.c" -o "$dir/sizes.o" || failed=1
sized() { # what --explain says of the map bare, options
	want=$1
	shift
	"$B/nicjit" "$dir/sizes.o" --explain "$@" >"$dir/out" 2>"$dir/err"
	grep -q "bare, ARRAY  *yes  $want, key 4" "$dir/out"
	check "entries of a map with $*" $? "$(grep bare "$dir/out")"
}
sized "32 entries, one for each hardware thread, as its loader would set" --entries table=9
sized "64 entries, one for each hardware thread, as its loader would set" --entries table=9 --cpus 64
sized "5 entries" --entries bare=5 --entries table=9
sized "5 entries" --entries table=9:bare=5
for bad in x bare=0 bare= =5 bare=5x bare=-5 bare=4294967296; do
	says 2 "nicjit: '$bad' is no map's name, '=' and a number of entries" "$dir/sizes.o" --entries table=9:$bad -S
done
says 2 "nicjit: the program has no map 'none' whose entries may be set" "$dir/sizes.o" --entries none=3 -S
"$B/nicjit" "$dir/sizes.o" --entries bare=5 -S >"$dir/out" 2>"$dir/err"
[ $? -eq 1 ] && grep -q "error: map table has no entries" "$dir/err" && grep -q "note: .*--entries table=NUMBER" "$dir/err"
check "a hash without entries" $? "$(cat "$dir/err")"

cat >"$dir/slots.c" <<'END'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
int two(struct xdp_md *ctx);
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(key_size, 4); __uint(value_size, 4); } bare SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(key_size, 4); __uint(max_entries, 2); __array(values, int (void *)); } full SEC(".maps") = {
	.values = { [1] = (void *)&two },
};
SEC("xdp") int prog(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &bare, 2);
	bpf_tail_call(ctx, &full, 1);
	return XDP_PASS;
}
SEC("xdp") int two(struct xdp_md *ctx) { return bpf_ktime_get_ns() & 1 ? XDP_DROP : XDP_TX; }
char _license[] SEC("license") = "GPL";
END
clang -O2 -g -target bpf -I"/usr/include/$(gcc -print-multiarch)" -c "$dir/slots.c" -o "$dir/slots.o" || failed=1
"$B/nicjit" "$dir/slots.o" -p prog --explain --entries bare=5 >"$dir/out" 2>"$dir/err"
grep -q "bare, PROG_ARRAY  *yes  5 entries, key 4" "$dir/out"
check "entries of a PROG_ARRAY that holds nothing" $? "$(cat "$dir/out" "$dir/err")"
grep -q "called    two  *[0-9]* instructions" "$dir/out" && grep -q "helper    bpf_ktime_get_ns  *yes  1 call" "$dir/out"
check "what programs use that tail calls lead to" $? "$(cat "$dir/out")"
says 2 "nicjit: the program has no map 'full' whose entries may be set" "$dir/slots.o" -p prog --entries bare=5 --entries full=3 -S

# a program that tail calls could have gone to
cat >"$dir/chain.c" <<'END'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 2); __uint(key_size, 4); __uint(value_size, 4); } next SEC(".maps");
SEC("xdp") int first(struct xdp_md *ctx) { bpf_tail_call(ctx, &next, 0); return XDP_PASS; }
SEC("xdp") int unsafe(struct xdp_md *ctx) { return *(char *)(long)ctx->data; }
char _license[] SEC("license") = "GPL";
END
clang -O2 -g -target bpf -I"/usr/include/$(gcc -print-multiarch)" -c "$dir/chain.c" -o "$dir/chain.o" || failed=1
left_out() { # what stands on stderr, "" for nothing, options
	want=$1
	shift
	"$B/nicjit" "$dir/chain.o" -p first -o "$dir/chain.fw" "$@" >"$dir/out" 2>"$dir/err"
	[ $? -eq 0 ] && [ "$(sed -n 's/^.*: note: \(.*\): the .*/\1/p' "$dir/err")" = "$want" ] && { [ -n "$want" ] || [ ! -s "$dir/err" ]; }
	check "a program is left out with '$*'" $? "$(cat "$dir/err")"
}
left_out "unsafe is left out, so no slot of a PROG_ARRAY can hold it"
left_out "" --diagnostics=json
left_out "" --json
jq -e '.left_out == ["unsafe"]' "$dir/out" >/dev/null
check "--json names what is left out" $? "$(cat "$dir/out")"

ends_in_newline -S "$dir/two.o" -p two -S
ends_in_newline -d -d "$dir/two.fw"
ends_in_newline --help --help
ends_in_newline --version --version
ends_in_newline --json "$dir/two.o" -p two --json

# A line of the text of each stage, for a program whose verdict is the packet's length without 14.
cat >"$dir/less.s" <<'END'
	.section xdp,"ax",@progbits
	.globl less
	.type less,@function
less:	r2 = *(u32 *)(r1 + 0)
	r0 = *(u32 *)(r1 + 4)
	r0 -= r2
	r0 -= 14
	exit
	.size less, .-less
END
clang -target bpf -c "$dir/less.s" -o "$dir/less.o" || failed=1
stages=$("$B/nicjit" --help | sed -n 's/^stages of --dump: //p')
[ "$(echo "$stages" | wc -w)" -gt 20 ]
check "--help lists the stages" $? "$stages"
for stage in $stages; do
	ends_in_newline "--dump=$stage" "$dir/less.o" --dump="$stage"
	case $stage in
	verify) line='    3: 17 00 0000 0000000e dst=number src=number' ;;
	build) line='	%8 = sub %6, 14' ;;
	lower | wait) line='	add v1, len, -14' ;;
	sched) line='	add v1, len, -14 | nop | nop' ;;
	regalloc | squeeze) line='	add a0, len, -14 | nop | nop' ;;
	encode) line='0: { add a0, len, -14 | nop | nop }' ;;
	*) line='	%8 = add len, -14' ;;
	esac
	grep -qxF -e "$line" "$dir/out"
	check "--dump=$stage shows the program" $? "$(cat "$dir/out")"
done
"$B/nicjit" "$B/examples/parser_chain.o" -p parser_chain --dump=encode >"$dir/out" && [ "$(grep -c '^; program parse' "$dir/out")" = 5 ]
check "--dump names the programs of a chain" $? "$(grep '^;' "$dir/out")"
"$B/nicjit" "$B/examples/nat44.o" --regs 1 --dump=build >"$dir/out" 2>"$dir/err"
[ $? -eq 1 ] && [ "$(grep '^;' "$dir/out" | tr '\n' ' ')" = "; try 2 ; try 3 " ]
check "--dump tells tries apart" $? "$(grep '^;' "$dir/out")"
"$B/nicjit" --version | grep -qE '^nicjit [0-9]+\.[0-9]+$'
check "--version says name and number" $? "$("$B/nicjit" --version)"

"$B/nicjit" "$dir/two.o" -p two -S >"$dir/a.s" && "$B/nicjit" --assemble "$dir/a.s" -o "$dir/b.fw" &&
	"$B/nicjit" -d "$dir/b.fw" | diff - "$dir/a.s" >"$dir/diff"
check "what -S prints assembles to the same" $? "$(cat "$dir/diff")"
echo "{ nonsense }" >"$dir/bad.s"
says 1 "$dir/bad.s:1: error: lane 0: there is no such instruction at 'nonsense'" --assemble "$dir/bad.s" -o "$dir/bad.fw"
[ ! -e "$dir/bad.fw" ]
check "no firmware of microcode with an error" $? "$(ls "$dir")"
"$B/nicjit" "$dir/two.o" --json >"$dir/out" 2>/dev/null
[ $? -eq 3 ] && grep -q '^{"accepted":false,.*"note":"choose one of: one two"}]}$' "$dir/out"
check "a failure as JSON names the choice" $? "$(cat "$dir/out")"
"$B/nicjit" "$dir/two.o" -S --diagnostics=json >"$dir/out" 2>"$dir/err"
[ $? -eq 3 ] && [ ! -s "$dir/out" ] && grep -q '^{"accepted":false,"diagnostics":\[{"severity":"error","file":".*","message":".*"}\]}$' "$dir/err"
check "diagnostics as JSON come instead of sentences" $? "$(cat "$dir/err")"
"$B/nicjit" "$dir/two.o" -p two --explain >"$dir/out" && grep -q '^two (section xdp), 2 instructions: runs on the NIC$' "$dir/out" &&
	grep -q 'bundles of microcode  *1 of 4095$' "$dir/out" && grep -q 'bundles on the likeliest path  *1$' "$dir/out"
check "--explain says what is used and taken" $? "$(cat "$dir/out")"
"$B/nicjit" "$dir/two.o" -p two --annotate >"$dir/out" && grep -q '0: r0 = 2  *| 0: { exit 2 | nop | nop }$' "$dir/out"
check "--annotate puts eBPF and microcode side by side" $? "$(cat "$dir/out")"

# Every form of an instruction; clang 14 has no words for those with numbers.
cat >"$dir/all.s" <<'END'
	.section xdp,"ax",@progbits
	.globl all
	.type all,@function
all:	r6 = *(u32 *)(r1 + 12)
	r7 = 0x1122334455667788 ll
	*(u64 *)(r10 - 8) = r7
	.quad 7 << 32 | 0xfff0 << 16 | 0x0a6a # *(u16 *)(r10 - 16) = 7
	r0 = *(u16 *)(r10 - 16)
	.quad 0xfff0 << 16 | 0xa389 # r3 = *(s16 *)(r10 - 16)
	lock *(u64 *)(r10 - 8) += r6
	r2 = 3
	.quad 0x41 << 32 | 0xfff8 << 16 | 0x2adb # fetch |=
	.quad 0xe1 << 32 | 0xfff8 << 16 | 0x2adb # xchg
	.quad 0xf1 << 32 | 0xfff8 << 16 | 0x6adb # cmpxchg
	w6 = -w6
	r2 = be16 r2
	.quad 32 << 32 | 0x02d7 # r2 = bswap32 r2
	.quad 8 << 16 | 0x26bf # r6 = (s8)r2
	call 5
	if r0 s> 9 goto one
	if w6 == 4 goto one
	if r6 > r0 goto one
	r6 = r0
	goto one
one:	r0 = 1
	exit
	.size all, .-all
END
cat >"$dir/all.txt" <<'END'
r6 = *(u32 *)(r1 +12)
r7 = 0x1122334455667788 ll
*(u64 *)(r10 -8) = r7
*(u16 *)(r10 -16) = 7
r0 = *(u16 *)(r10 -16)
r3 = *(s16 *)(r10 -16)
lock *(u64 *)(r10 -8) += r6
r2 = 3
lock fetch *(u64 *)(r10 -8) |= r2
r2 = xchg(u64 *(r10 -8), r2)
r0 = cmpxchg(u64 *(r10 -8), r0, r6)
w6 = -w6
r2 = be16 r2
r2 = bswap32 r2
r6 = (s8)r2
call bpf_ktime_get_ns
if r0 s> 9 goto +4
if w6 == 4 goto +3
if r6 > r0 goto +2
r6 = r0
goto +0
r0 = 1
exit
END
clang -target bpf -mcpu=v3 -c "$dir/all.s" -o "$dir/all.o" || failed=1
"$B/nicjit" "$dir/all.o" --annotate | sed -n 's/^ *[0-9]*: //p' | sed 's/  *|\( [0-9].*\)*$//' | diff - "$dir/all.txt" >"$dir/diff"
check "--annotate names every form of an instruction" $? "$(cat "$dir/diff")"
echo "0 7 21  x" >"$dir/profile"
"$B/nicjit" "$dir/two.o" -p two --annotate --profile "$dir/profile" >"$dir/out" && grep -q '^ *7 bundles  *21 clocks' "$dir/out"
check "--annotate shows what was counted" $? "$(cat "$dir/out")"
echo "9 7 21  x" >"$dir/profile"
"$B/nicjit" "$dir/two.o" -p two --annotate --profile "$dir/profile" >/dev/null 2>"$dir/err"
[ $? -eq 3 ] && grep -q 'the profile is of another program' "$dir/err"
check "a profile of another program is refused" $? "$(cat "$dir/err")"

# What a program uses, whether it runs or not, and every reason with its line.
"$B/nicjit" "$dir/all.o" --explain | sed 's/  */ /g' >"$dir/out"
for line in ' helper bpf_ktime_get_ns yes 1 call' ' code atomic operations yes 1' ' code atomic operations that fetch yes 3' ' code stores yes 2'; do
	grep -qxF -e "$line" "$dir/out"
	check "--explain:$line" $? "$(cat "$dir/out")"
done
cat >"$dir/bad.c" <<'END'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } seen SEC(".maps");
SEC("xdp") int bad(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index;
	__u64 *value = bpf_map_lookup_elem(&seen, &key);

	bpf_get_numa_node_id();
	bpf_get_current_pid_tgid();
	return value ? XDP_DROP : XDP_PASS;
}
char _license[] SEC("license") = "GPL";
END
(cd "$dir" && clang -O2 -g -target bpf -I/usr/include/"$(gcc -print-multiarch)" -c bad.c -o bad.o) || failed=1
cat >"$dir/bad.txt" <<'END'
bad.c:9:2: error: the program calls bpf_get_numa_node_id (helper 42), which the NIC does not have
    9 | 	bpf_get_numa_node_id();
note: nicjit --help names the helpers of the NIC
bad.c:10:2: error: the program calls bpf_get_current_pid_tgid (helper 14), which the NIC does not have
   10 | 	bpf_get_current_pid_tgid();
note: no process runs on the NIC: leave it out, or run the program on the host
2 errors
END
"$B/nicjit" "$dir/bad.o" -S 2>&1 | sed "s|^/.*/bad.c|bad.c|" | diff - "$dir/bad.txt" >"$dir/diff"
check "every reason comes with its line of source" $? "$(cat "$dir/diff")"
"$B/nicjit" "$dir/bad.o" -S --diagnostics=json 2>&1 | grep -q '"line":9,"column":2,"source":"\\u0009bpf_get_numa_node_id();","insn":10,.*"line":10,'
check "every reason comes with its line as JSON" $? "$("$B/nicjit" "$dir/bad.o" -S --diagnostics=json 2>&1)"
"$B/nicjit" "$dir/bad.o" --explain 2>/dev/null | sed 's/  */ /g' >"$dir/out"
for line in 'bad (section xdp), 14 instructions: does not run on the NIC, see the errors' ' helper bpf_get_numa_node_id NO 1 call' ' helper bpf_map_lookup_elem yes 1 call' \
	' map seen, HASH yes 4 entries, key 4, value 8 bytes'; do
	grep -qxF -e "$line" "$dir/out"
	check "--explain of what does not run: $line" $? "$(cat "$dir/out")"
done
"$B/nicjit" "$dir/two.o" -p two -S --check-kernel 2>&1 | grep -qE "^$dir/two.o: Linux .* (accepts|refuses|was not asked about) two: "
check "--check-kernel says what the kernel says" $? "$("$B/nicjit" "$dir/two.o" -p two -S --check-kernel 2>&1)"
cat >"$dir/turns.c" <<'EOF'
#include <linux/bpf.h>
__attribute__((section("xdp"))) int turns(struct xdp_md *ctx)
{
	while (*(volatile unsigned int *)&ctx->rx_queue_index != 7)
		;
	return 1;
}
char _license[] __attribute__((section("license"))) = "GPL";
EOF
clang -O2 -g -target bpf -I"/usr/include/$(gcc -print-multiarch)" -c "$dir/turns.c" -o "$dir/turns.o"
"$B/nicjit" "$dir/turns.o" -S --check-kernel 2>&1 | grep -qE "Linux .* (refuses turns: infinite loop detected at insn [0-9]+|was not asked about|refuses .*: Operation not permitted)"
check "--check-kernel says why the kernel refuses, not what it knew then" $? "$("$B/nicjit" "$dir/turns.o" -S --check-kernel 2>&1)"
cat >"$dir/events.c" <<'EOF'
#include <linux/bpf.h>
struct { unsigned int type, key_size, value_size, max_entries; } events __attribute__((section("maps"))) = { BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 0 };
__attribute__((section("xdp"))) int tells(struct xdp_md *ctx)
{
	long what = 1;

	((long (*)(void *, void *, unsigned long, void *, unsigned long))BPF_FUNC_perf_event_output)(ctx, &events, BPF_F_CURRENT_CPU, &what, sizeof(what));
	return 2;
}
char _license[] __attribute__((section("license"))) = "GPL";
EOF
clang -O2 -target bpf -I"/usr/include/$(gcc -print-multiarch)" -c "$dir/events.c" -o "$dir/events.o"
"$B/nicjit" "$dir/events.o" -S --check-kernel 2>&1 | grep -qE "Linux .* (accepts tells: processed|.*: Operation not permitted)"
check "--check-kernel gives a perf event array that has no size one" $? "$("$B/nicjit" "$dir/events.o" -S --check-kernel 2>&1 | tail -n 1)"
chain="$B/examples/parser_chain.o"
"$B/nicjit" "$chain" -p parser_chain -S --check-kernel 2>&1 | grep -qE "^$chain: Linux .* (accepts .*: processed|was not asked about|refuses .*: Operation not permitted)"
check "--check-kernel asks about one of the programs that tail calls lead to" $? "$("$B/nicjit" "$chain" -p parser_chain -S --check-kernel 2>&1)"

# What is no object of one file goes to the kernel as instructions, with maps made for it.
answers='Linux .* (accepts .*: processed|was not asked about|refuses .*: Operation not permitted)'
"$B/nicjit" --filter 'udp port 53' -S --check-kernel 2>&1 | grep -qE "^filter: $answers"
check "--check-kernel asks about a filter" $? "$("$B/nicjit" --filter 'udp port 53' -S --check-kernel 2>&1)"
cat >"$dir/part.c" <<'EOF'
int part(int x)
{
	return x & 1;
}
EOF
cat >"$dir/whole.c" <<'EOF'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, unsigned int);
	__type(value, unsigned int);
} counts SEC(".maps");
static const volatile unsigned int table[2] = { 1, 2 };
extern int part(int x);
SEC("xdp") int whole(struct xdp_md *ctx)
{
	unsigned int key = ctx->rx_queue_index, *n = bpf_map_lookup_elem(&counts, &key);

	return n ? *n : table[part(key) & 1];
}
char _license[] SEC("license") = "GPL";
EOF
for part in part whole; do
	clang -O2 -g -target bpf -I"/usr/include/$(gcc -print-multiarch)" -c "$dir/$part.c" -o "$dir/$part.o"
done
"$B/nicjit" "$dir/whole.o" "$dir/part.o" -S --check-kernel >"$dir/out" 2>&1
grep -qE "$answers" "$dir/out"
check "--check-kernel asks about linked objects" $? "$(cat "$dir/out")"
sed 's/n ? \*n/*n ? 2/' "$dir/whole.c" >"$dir/careless.c"
clang -O2 -g -target bpf -I"/usr/include/$(gcc -print-multiarch)" -c "$dir/careless.c" -o "$dir/careless.o"
"$B/nicjit" "$dir/careless.o" "$dir/part.o" -S --check-kernel >"$dir/out" 2>&1
grep -qE "careless.c:15:[0-9]*: Linux .* refuses whole: R[0-9] invalid mem access 'map_value_or_null'|Linux .* (was not asked about|refuses .*: Operation not permitted)" "$dir/out"
check "--check-kernel has the kernel's reason for linked objects, and its line" $? "$(cat "$dir/out")"
cat >"$dir/prints.c" <<'EOF'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { unsigned int type, key_size, value_size, max_entries, map_flags; } counts SEC("maps") = { BPF_MAP_TYPE_ARRAY, 4, 4, 4 };
SEC("xdp") int prints(struct xdp_md *ctx)
{
	unsigned int key = ctx->rx_queue_index, *n = bpf_map_lookup_elem(&counts, &key);
	char text[] = "queue %u\n";

	bpf_trace_printk(text, sizeof(text), key);
	return n ? *n : 2;
}
char _license[] SEC("license") = "GPL";
EOF
clang -O2 -g -target bpf -I"/usr/include/$(gcc -print-multiarch)" -c "$dir/prints.c" -o "$dir/prints.o"
"$B/nicjit" "$dir/prints.o" -S --check-kernel >"$dir/out" 2>&1
grep -qE "Linux .* (accepts prints: processed|(was not asked about|refuses) .*: Operation not permitted)" "$dir/out"
check "--check-kernel makes no maps that only the NIC needs" $? "$(cat "$dir/out")"

# Filters are compiled alone.
"$B/nicjit" --filter 'tcp port 443 and not net 10.0.0.0/8' -S >"$dir/out" 2>&1 && grep -q '^.program filter xdp$' "$dir/out" && grep -q '^; filter:[0-9]*: (0' "$dir/out"
check "a filter is compiled, and shown beside its own code" $? "$(cat "$dir/out")"
says 3 "nicjit: error: the filter 'tcp prt 80' is not one: can't parse filter expression: syntax error" --filter 'tcp prt 80' -S
says 2 "nicjit: a filter is compiled alone, without a file" --filter tcp x.o -S
says 2 "nicjit: --match is pass or drop, not 'maybe'" --filter tcp --match maybe -S
says 2 "nicjit: --cpus takes 1 to 256, not '0'" --cpus 0 x.o -S
says 2 "nicjit: --map-mem takes 64 to 2G bytes, not '63'" --map-mem 63 x.o -S
says 2 "nicjit: --map-mem takes 64 to 2G bytes, not '3G'" --map-mem 3G x.o -S
says 2 "nicjit: --ext-mem takes 64 to 2G bytes, or 0, not '12x'" --ext-mem 12x x.o -S
"$B/nicjit" "$dir/two.o" -p two --cpus 4 --map-mem 64K --ext-mem 0 --explain | grep -q 'map memory on the chip  *1 of 64 KiB'
check "sizes of memory are taken with a letter" $? "$("$B/nicjit" "$dir/two.o" -p two --map-mem 64K --ext-mem 0 --explain)"

# Microcode is compiled for as many bundles as the NIC has, but the one that is its own.
cat >"$dir/long.c" <<'EOF'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("xdp") int hash(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	unsigned int h = 1;

#pragma clang loop unroll(full)
	for (int i = 0; i < ROUNDS; i++) {
		if (data + i + 1 > end)
			return h & 1;
		h = (h ^ data[i]) * (16777619 + 2 * i);
		h ^= h >> (1 + i % 31);
	}
	return 2 + (h & 1);
}
char _license[] SEC("license") = "GPL";
EOF
for rounds in 1200 1450; do
	clang -O2 -target bpf -DROUNDS=$rounds -I"/usr/include/$(gcc -print-multiarch)" -c "$dir/long.c" -o "$dir/long$rounds.o"
done
"$B/nicjit" "$dir/long1200.o" --explain >"$dir/out" 2>&1 && grep -qE 'bundles of microcode  *[34][0-9]* of 4095$' "$dir/out"
check "a program that just fits is taken" $? "$(cat "$dir/out")"
"$B/nicjit" "$dir/long1450.o" -o "$dir/long.fw" 2>&1 | grep -qE 'error: the program takes [0-9]+ bundles, and the NIC has room for 4095$'
check "a program that would not load is refused" $? "it is not"
"$B/nicjit" "$dir/long1450.o" --bundles 8192 --explain >"$dir/out" 2>&1 && grep -qE 'bundles of microcode  *[45][0-9]* of 8191$' "$dir/out"
check "a NIC with more microcode memory takes it" $? "$(cat "$dir/out")"

if [ -e /dev/full ]; then
	"$B/nicjit" "$dir/two.o" -p two -S >/dev/full 2>"$dir/err"
	[ $? -eq 3 ]
	check "a full disk is noticed" $? "$(cat "$dir/err")"
fi
exit $failed
