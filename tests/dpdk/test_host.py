# SPDX-License-Identifier: Apache-2.0
"""Programs as native code of the host against the reference interpreter: map types that bpf-examples/ does not show there."""
import glob
import json
import os
import re
import subprocess

from cases import build, check, run_cases
from testpmd import B

REAL = "bpf-examples/real/real.pcap"


def on_host(tmp, name, *more):
    r = subprocess.run([B + "/xdphost", "--obj", "%s/%s.o" % (tmp, name), "--rx", REAL, "--results", tmp + "/host.jsonl", "--results-data", "--maps-out", tmp + "/host.json",
                        *more], capture_output=True, text=True)
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
    """Verdicts, packets, maps and events of the programs of the suites maps and helpers are the reference's."""
    for source in sorted(glob.glob("tests/maps/*.c") + glob.glob("tests/helpers/*.c")):
        name = os.path.basename(source)[:-2]
        more = [x for s in (".in.json", ".maps.json") if os.path.exists(source[:-2] + s) for x in ("--maps-in", source[:-2] + s)]
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


if __name__ == "__main__":
    run_cases([("same", same), ("full", full)])
