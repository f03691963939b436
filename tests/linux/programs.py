# SPDX-License-Identifier: Apache-2.0
"""The examples: what a program does natively and in the NIC is held against what the kernel's generic XDP does with the same frames. Passed packets
leave by port 1 (tc mirred), the others by port 0."""
import json, os, pathlib, re

from bench import capture, check, outcome

# What does the same each time, and ip can load into a kernel 6.1.
NOT_COMPARED = {"flow_exporter": "it takes samples", "parser_chain": "ip loads one program of an object", "nat44": "6.1 refuses its loop",
                "syn_responder": "6.1 sees no packet behind a helper", "rate_limit": "time is part of it (limited())", "prefix_limit": "time is part of it"}
FRAMES = int(os.environ.get("LINUX_FRAMES", "48"))
MODES = ("xdpgeneric", "xdpdrv", "xdpoffload")
EXAMPLES = pathlib.Path("bpf-examples")


def kept(name):
    """What keeps an example out of the NIC: the kernel, of all NICs; or us. None: nothing."""
    text = (EXAMPLES / name / f"{name}.c").read_text()
    types = sorted(set(re.findall(r"BPF_MAP_TYPE_(\w+)", text)) - {"ARRAY", "HASH"})
    if types:
        return "have maps of type array and hash, and"
    if re.search(r"^const volatile ", text, re.M):
        return "no global data"
    return "looks up routes" if "bpf_fib_lookup(" in text else None


def names():
    return sorted(d.name for d in EXAMPLES.iterdir() if (d / f"{d.name}.c").exists())


def tables(name, file):
    path = EXAMPLES / name / file
    return json.loads(path.read_text()) if path.exists() else {}


def fill(guest, name):
    """Its maps get the contents that they have in the other tests."""
    here = guest.ok("cat /sys/class/net/eth1/ifindex")  # where forward sends to
    lines = [f"map update name {table} key hex {bytes.fromhex(e['key']).hex(' ')} value " +
             (f"{here} 0 0 0" if (name, table) == ("forward", "ports") else "hex " + bytes.fromhex(e["value"]).hex(" "))
             for table, entries in tables(name, "maps-in.json").items() for e in entries]
    for line in lines:
        guest.ok(f"echo {line} >> /tmp/batch")
    if lines:
        guest.ok("bpftool batch file /tmp/batch; rm /tmp/batch")


def contents(guest, name):
    found = {}
    for table in tables(name, "maps-out.json"):
        code, said = guest.run(f"bpftool -j map dump name {table}")
        entries = json.loads(said[said.index("["):]) if code == 0 and "[" in said else said
        found[table] = sorted(json.dumps([e["key"], of_entry(e)]) for e in entries if isinstance(e, dict) and set(of_entry(e)) != {"0x00"})
    return found


def of_entry(e):
    """Bytes of its value, or of its values, one for each CPU."""
    return e["value"] if "value" in e else [byte for one in e.get("values", []) for byte in one["value"]]


def frames_of(name):
    """Those that a wire can carry, and how many are likely to be passed and sent back."""
    frames = capture(EXAMPLES / name / "in.pcap")
    verdicts = re.findall(r"^\d+ XDP_(\w+)", (EXAMPLES / name / "expect.txt").read_text(), re.M)
    fit = [(f, v) for f, v in zip(frames, verdicts) if 60 <= len(f) <= 1514][:FRAMES]
    return [f for f, _ in fit], (sum(v == "PASS" for _, v in fit), sum(v == "TX" for _, v in fit))


def modes(guest, name):
    """The same frames through the kernel's generic XDP, through our driver, and through the NIC."""
    frames, expected = frames_of(name)
    want = None
    for mode in MODES[:2] if kept(name) else MODES:
        code, said = guest.run(f"ip link set dev eth0 {mode} obj /files/{name}.o sec xdp")
        check(f"{name}: {mode} loads", code == 0, said)
        if code:
            continue
        fill(guest, name)
        got = (*outcome(guest, frames, expected), contents(guest, name))
        if name == "forward":  # what is sent on at once may overtake what the stack passes
            got = (sorted(got[0]), *got[1:])
        if want is None:
            want, expected = got, (len(got[0]), len(got[1]))
        else:
            check(f"{name}: {mode} passes what generic XDP passes", got[0] == want[0], f"{len(got[0])} frames, not {len(want[0])}")
            check(f"{name}: {mode} sends what generic XDP sends", got[1] == want[1], f"{len(got[1])} frames, not {len(want[1])}")
            check(f"{name}: {mode} leaves the maps that generic XDP leaves", got[2] == want[2], f"{got[2]}\nnot {want[2]}")
        guest.ok(f"ip link set dev eth0 {mode} off")


def refusals(guest):
    """The others are refused with their reason; what the kernel refuses by itself it refuses all NICs."""
    for name in names():
        if kept(name):
            code, said = guest.run(f"nicctl load --dev eth0 /files/{name}.o mode offload")
            check(f"{name} is not for the NIC", code == 1 and kept(name) in said, said)
    for name, word in (("forward", "Invalid argument"), ("nat44", "nat44.rodata"), ("router", "[nicjit]")):
        code, said = guest.run(f"ip link set dev eth0 xdpoffload obj /files/{name}.o sec xdp")
        check(f"{name}: and ip says why", code and word in said, said)
