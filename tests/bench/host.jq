# SPDX-License-Identifier: Apache-2.0
# Native code of the host.
def ns: if . == null then "-" elif . < 1 then . * 100 | round / 100 else . * 10 | round / 10 end;
def ratio(x; y): if x == null or y == null or y == 0 then "-" else x / y * 100 | round / 100 end;
def mean: map(select(. != null and . > 0) | log) | if length == 0 then null else add / length | exp * 100 | round / 100 end;

"Native code on this machine: \(.cpu). Nanoseconds a packet, 128 recorded frames in a burst, the least of 1500 rounds; the kernel's TEST_RUN on one frame, its loop included.",
"",
"| program | ours | C source, clang -O2 | rte_bpf JIT | kernel | ours / C | ours / rte_bpf | rte_bpf does not take it |",
"|---|---|---|---|---|---|---|---|",
(.rows[] | if .error then "| \(.name) | \(.error) | | | | | | |" else
	"| \(.name) | \(.ours | ns) | \(.native | ns) | \(.rte_bpf | ns) | \(.kernel | ns) | \(ratio(.ours; .native)) | \(ratio(.ours; .rte_bpf)) | \(if .differs then "verdicts differ: " + .differs else .why // "" end) |"
end),
"",
([.rows[] | select(.ours and .native) | .ours / .native] | "Ours to C, geometric mean of \(length) programs: \(mean)."),
([.rows[] | select(.ours and .rte_bpf) | .ours / .rte_bpf] | "Ours to rte_bpf, geometric mean of \(length) programs: \(mean)."),
"",
"| under testpmd, by seconds of the forwarding core | Mpps |",
"|---|---|",
(.ends[] | "| \(.name) | \(.mpps) |")
