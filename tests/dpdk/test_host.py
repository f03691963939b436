# SPDX-License-Identifier: Apache-2.0
"""Programs as native code of the host against the reference interpreter: map types that bpf-examples/ does not show there."""
import glob
import json
import os
import re
import struct
import subprocess

from cases import build, check, run_cases, write_capture
from testpmd import B, Testpmd

REAL = "bpf-examples/real/real.pcap"
NOT_HERE = dict.fromkeys(("timer", "timer_lock", "timer_stack", "timer_tail"), "the program has timers, and they run on the NIC alone")


def on_host(tmp, name, *more, rx=REAL):
    r = subprocess.run([B + "/xdphost", "--obj", "%s/%s.o" % (tmp, name), "--rx", rx, "--results", tmp + "/host.jsonl", "--results-data", "--maps-out", tmp + "/host.json",
                        *more], capture_output=True, text=True)
    if name in NOT_HERE:
        check(r.returncode != 0 and NOT_HERE[name] in r.stderr, "%s: %s" % (name, r.stderr))
        return False
    return check(r.returncode == 0, "%s: %s" % (name, r.stderr))


def compile_as_there(tmp, source, name):
    machine = subprocess.run(["gcc", "-print-multiarch"], capture_output=True, text=True, check=True).stdout.strip()
    subprocess.run([os.environ.get("BPF_CC", "clang"), "-O2", "-g", "-target", "bpf", "-I/usr/include/" + machine, "-I" + os.path.dirname(source), "-c", source, "-o",
                    "%s/%s.o" % (tmp, name)], check=True)


def events(path):
    """Between maps there is no order."""
    with open(path) as f:
        return sorted(f, key=lambda line: line.split(",")[0])


def same(tmp):
    """Verdicts, packets, maps and events of the programs of the suites maps and helpers are the reference's; what only the NIC runs is refused."""
    for source in sorted(glob.glob("tests/maps/*.c") + glob.glob("tests/helpers/*.c")):
        name = os.path.basename(source)[:-2]
        more = [x for s in (".in.json", ".maps.json") if os.path.exists(source[:-2] + s) for x in ("--maps-in", source[:-2] + s)]
        if os.path.exists(source[:-2] + ".entries"):
            with open(source[:-2] + ".entries") as f:
                more += ["--entries", f.read().strip()]
        host, ref = ["--events", tmp + "/host.events"], ["--events", tmp + "/ref.events"]
        if name.endswith("_unheard"):
            host = ref = []
        compile_as_there(tmp, source, name)
        with open(source) as f:
            more += ["--prog", "prog"] if len(re.findall(r'^SEC\("xdp', f.read(), re.M)) > 1 else []
        if not on_host(tmp, name, "--cpus", "32", *more, *host):
            continue
        subprocess.run([B + "/xdpref", "--obj", "%s/%s.o" % (tmp, name), *more, *ref, "--rx", REAL, "--oracle", "ref", "--results", tmp + "/ref.jsonl", "--results-data", "--maps-out",
                        tmp + "/ref.json"], check=True, stdout=subprocess.DEVNULL)
        r = subprocess.run([B + "/results-diff", tmp + "/host.jsonl", tmp + "/ref.jsonl", tmp + "/host.json", tmp + "/ref.json"], capture_output=True, text=True)
        check(r.returncode == 0, "%s differs: %s" % (name, r.stdout + r.stderr))
        check(not host or events(tmp + "/host.events") == events(tmp + "/ref.events"), name + ": the events differ")


def full(tmp):
    """An LRU table of 8 takes 534 keys one after the other: no update fails, what is looked up with every packet stays, and so does the last key."""
    build(tmp + "/full", """
struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 8); __type(key, __u32); __type(value, __u64); } table SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } count SEC(".maps");
SEC("xdp") int full(struct xdp_md *ctx)
{
	__u32 zero = 0, *n = bpf_map_lookup_elem(&count, &zero), key;
	__u64 value = 7, *often;
	if (!n)
		return XDP_ABORTED;
	key = (*n)++;
	often = bpf_map_lookup_elem(&table, &zero);
	if (key && !often)
		return XDP_DROP;
	return bpf_map_update_elem(&table, &key, &value, 0) ? XDP_ABORTED : XDP_PASS;
}
""")
    if not on_host(tmp, "full"):
        return
    with open(tmp + "/host.jsonl") as f:
        verdicts = [json.loads(line)["verdict"] for line in f]
    check(verdicts == ["XDP_PASS"] * 534, "verdicts: %s" % {v: verdicts.count(v) for v in set(verdicts)})
    with open(tmp + "/host.json") as f:
        table = json.load(f)
    text = json.dumps(table)
    entries = next(m for m in (table["maps"] if "maps" in table else [dict(v, name=k) if isinstance(v, dict) else {"name": k, "entries": v} for k, v in table.items()])
                   if m["name"] == "table")["entries"]
    check(len(entries) == 8 and "00000000" in text and "15020000" in text, text[:600])


def longer(tmp):
    """Packets longer than the NIC's longest keep their length, and a program's test of it is not decided before."""
    build(tmp + "/longer", """
SEC("xdp") int longer(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (end - data > 1850)
		return XDP_DROP;
	if (data + 60 > end)
		return XDP_PASS;
	return bpf_xdp_adjust_head(ctx, 14) ? XDP_ABORTED : XDP_TX;
}
""")
    write_capture(tmp + "/longer.pcap", [bytes(n) for n in (40, 60, 1792, 1850, 1851, 1900, 9000)])
    if not on_host(tmp, "longer", rx=tmp + "/longer.pcap"):
        return
    with open(tmp + "/host.jsonl") as f:
        verdicts = [json.loads(line)["verdict"][4:] for line in f]
    check(verdicts[:3] == ["PASS", "TX", "TX"] and verdicts[4:] == ["DROP"] * 3, "verdicts: %s" % verdicts)


def per_cpu(tmp):
    """Four queues at once, each with its own value of a key: none is another's, and none is lost when a key goes and comes back."""
    build(tmp + "/count", """
struct { __uint(type, BPF_MAP_TYPE_PERCPU_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } hash SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } lru SEC(".maps");
static int count(void *map)
{
	__u32 key = 7;
	__u64 *old = bpf_map_lookup_elem(map, &key), next = old ? *old + 1 : 1;
	return bpf_map_update_elem(map, &key, &next, BPF_ANY);
}
SEC("xdp") int prog(struct xdp_md *ctx) { return count(&hash) || count(&lru) ? XDP_ABORTED : XDP_PASS; }
""")
    t = Testpmd("wire=gen:64,xdp_mode=host,xdp_prog=%s/count.o" % tmp, options=["--rxq=4", "--txq=4"])
    t.do("set fwd rxonly")
    t.do("start")
    t.settled(lambda: t.xstats()["xdp_host_pass_packets"] > 2000, True)
    t.do("stop")
    x = t.xstats()
    want = [x["rx_q%d_packets" % q] for q in range(4)]
    for name in ("hash", "lru"):
        value = t.ask("/nicjit/map_lookup,0,%s,07000000" % name)
        check(isinstance(value, str) and list(struct.unpack("<4Q", bytes.fromhex(value)[:32])) == want, "%s: %s, packets of the queues %s" % (name, value, want))
        for given in ([5, 6, 7, 8], [11, 22, 33, 44]):  # of a key that is there, and of one that is not
            given = struct.pack("<4Q", *given).hex()
            check(t.ask("/nicjit/map_update,0,%s,07000000,%s" % (name, given)) == {"result": "done"}, name + ": update")
            check(t.ask("/nicjit/map_lookup,0,%s,07000000" % name) == given, name + ": values of all")
            check(t.ask("/nicjit/map_delete,0,%s,07000000" % name) == {"result": "done"}, name + ": delete")
        t.ask("/nicjit/map_update,0,%s,07000000,%s" % (name, given))
        check(t.ask("/nicjit/map_delete,0,%s,07000000" % name) == {"result": "done"}, name + ": delete")
    for at in range(0, 128, 8):
        t.do("port config 0 rss reta " + ",".join("(%d,2)" % i for i in range(at, at + 8)))
    t.do("clear port xstats 0")
    t.do("start")
    t.settled(lambda: t.xstats()["xdp_host_pass_packets"] > 500, True)
    t.do("stop")
    x = t.xstats()
    want = [x["rx_q%d_packets" % q] for q in range(4)]
    now = list(struct.unpack("<4Q", bytes.fromhex(t.ask("/nicjit/map_lookup,0,hash,07000000"))))
    check(want[2] > 300 and now == want, "one queue alone: %s, packets %s" % (now, want))
    check(x["xdp_host_aborted_packets"] == 0 and t.quit() == 0, "testpmd ends with an error")


if __name__ == "__main__":
    run_cases([("same", same), ("full", full), ("longer", longer), ("per_cpu", per_cpu)])
