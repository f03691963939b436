#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_guest.py IMAGE NICPCI EXAMPLES...: the module in a guest with Debian's stock kernel and tools. What a program does natively and in the NIC is
held against what the kernel's generic XDP does with the same frames: passed packets leave by port 1 (tc mirred), the others by port 0."""
import json, os, pathlib, re, struct, subprocess, sys, time, traceback

from guest import Gone, Guest

FRAMES = 48
LONG = int(os.environ.get("LINUX_CYCLES", "50"))
MODES = ("xdpgeneric", "xdpdrv", "xdpoffload")
MAPS = {"proto_count": "counts", "firewall": "flows", "blocklist": "blocklist", "vlan_ipv6_parser": "classes"}
SAME_CODE = ("drop_all", "ttl_dec", "mac_swap", "blocklist", "firewall")
NOT_OFFLOADED = {"forward": "Invalid argument"}  # the kernel's own rule: maps of that type stay with the host

passed = failed = 0


def check(name, good, said=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print(f"FAIL: {name}\n    " + str(said).replace("\n", "\n    "), flush=True)


def capture(path):
    """Frames of a pcap file, as a wire can carry them."""
    data, at, frames = pathlib.Path(path).read_bytes(), 24, []
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        frames.append(data[at + 16:at + 16 + size])
        at += 16 + size
    return [f for f in frames if 60 <= len(f) <= 1514]


def ping(i):
    def checksum(b):
        s = sum(struct.unpack(f">{len(b) // 2}H", b))
        s = (s & 0xffff) + (s >> 16)
        return ~(s + (s >> 16)) & 0xffff

    icmp = struct.pack(">BBHHH", 8, 0, 0, 77, i) + bytes(40)
    icmp = icmp[:2] + struct.pack(">H", checksum(icmp)) + icmp[4:]
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), i, 0, 64, 1, 0, bytes([10, 0, 0, 9]), bytes([10, 0, 0, 1]))
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return b"\x02\0\0\0\0\x01" + b"\x02\0\0\0\0\x09" + b"\x08\0" + ip + icmp


def start(guest):
    guest.ok("insmod /files/nicjit.ko")
    guest.ok("for m in act_mirred cls_bpf cls_matchall sch_ingress; do insmod /files/$m.ko 2>/dev/null; done; true")
    guest.ok("sysctl() { echo $2 > /proc/sys/net/ipv6/conf/$1/disable_ipv6; }; sysctl eth0 1; sysctl eth1 1")
    guest.ok("ip link set eth0 address 02:00:00:00:00:01; ip link set eth0 up; ip link set eth1 up")
    guest.ok("ethtool -K eth0 gro off")


def plain(guest):
    """A NIC without a program is a NIC."""
    check("ethtool knows the driver", "driver: nicjit" in guest.ok("ethtool -i eth0"))
    guest.ok("ip addr add 10.0.0.1/24 dev eth0; ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0")
    guest.take(0, quiet=0.2)
    guest.send(0, [ping(i) for i in range(20)])
    replies = [f for f in guest.take(0, 20) if f[12:14] == b"\x08\0" and f[34] == 0]
    check("twenty pings are answered, in order", [struct.unpack_from(">H", f, 40)[0] for f in replies] == list(range(20)), len(replies))
    guest.ok("ip addr flush dev eth0")
    regs = guest.ok("ethtool -d eth0 raw on | hexdump -v -e '1/4 \"%08x \"'").split()
    check("the register dump has registers at their offsets", regs[:2] == ["4e494a43", "00000001"] and int(regs[0x18 // 4], 16) & 0xff == 2, regs[:8])
    check("and the queue's rings after them", regs[0x100 // 4] == "00000003" and regs[0x100 // 4 + 4] == "00000008", regs[64:])
    check("there is a channel", "Combined:\t1" in guest.ok("ethtool -l eth0").expandtabs(1).replace(" ", "\t"), guest.ok("ethtool -l eth0"))
    check("the hash key is that of the NIC", "6d:5a:56:da" in guest.ok("ethtool -x eth0"), guest.ok("ethtool -x eth0"))


def outcome(guest, frames):
    guest.take(0, quiet=0.1), guest.take(1, quiet=0.1)
    guest.send(0, frames)
    return guest.take(1, quiet=0.7), guest.take(0, quiet=0.2)


def contents(guest, name):
    if name not in MAPS:
        return None
    code, said = guest.run(f"bpftool -j map dump name {MAPS[name]}")
    entries = json.loads(said[said.index("["):]) if code == 0 and "[" in said else said
    return sorted(json.dumps([e["key"], e["value"]]) for e in entries if isinstance(e, dict) and set(e.get("value", [])) != {"0x00"})


def modes(guest, name, frames):
    """The same frames through the kernel's generic XDP, through our driver, and through the NIC."""
    want = None
    for mode in MODES:
        code, said = guest.run(f"ip link set dev eth0 {mode} obj /files/{name}.o sec xdp")
        if mode == "xdpoffload" and name in NOT_OFFLOADED:
            check(f"{name}: the kernel keeps it from being offloaded", code and NOT_OFFLOADED[name] in said, said)
            continue
        check(f"{name}: {mode} loads", code == 0, said)
        if code:
            continue
        got = (*outcome(guest, frames), contents(guest, name))
        if want is None:
            want = got
        else:
            check(f"{name}: {mode} passes what generic XDP passes", got[0] == want[0], f"{len(got[0])} frames, not {len(want[0])}")
            check(f"{name}: {mode} sends what generic XDP sends", got[1] == want[1], f"{len(got[1])} frames, not {len(want[1])}")
            check(f"{name}: {mode} leaves the maps that generic XDP leaves", got[2] == want[2], f"{got[2]}\nnot {want[2]}")
        guest.ok(f"ip link set dev eth0 {mode} off")


def shown(guest):
    """What people look at."""
    guest.ok("ip link set dev eth0 xdpoffload obj /files/drop_all.o sec xdp")
    link = guest.ok("ip link show eth0")
    check("ip shows the offload", "xdpoffload" in link and "jited" in link, link)
    before = guest.ok("ethtool -S eth0 | grep xdp_offload_drop")
    guest.send(0, [ping(i) for i in range(30)])
    time.sleep(1)
    after = guest.ok("ethtool -S eth0 | grep xdp_offload_drop")
    check("ethtool counts thirty drops more", int(after.split()[-1]) - int(before.split()[-1]) == 30, before + after)
    check("bpftool says where it runs", "offloaded_to eth0" in guest.ok("bpftool prog show"))
    code, said = guest.run("ip link set dev eth0 xdpoffload obj /files/pass_all.o sec xdp")
    check("a second program needs -force", code and "already attached" in said, said)
    guest.ok("ip -force link set dev eth0 xdpoffload obj /files/pass_all.o sec xdp")
    guest.ok("ip link set dev eth0 xdpoffload off")


def refused(guest):
    code, said = guest.run("ip link set dev eth0 xdpoffload obj /files/no_room.o sec xdp")
    check("a helper that the NIC does not have is named in the verifier log", code and "[nicjit]" in said and "bpf_get_numa_node_id" in said, said)
    said = guest.ok("cat /sys/kernel/debug/nicjit-*/last_error")
    check("and debugfs keeps the sentence", "bpf_get_numa_node_id" in said, said)
    code, said = guest.run("bpftool map create /sys/fs/bpf/m type hash key 200 value 8 entries 8 name long dev eth0")
    said = guest.ok("cat /sys/kernel/debug/nicjit-*/last_error")
    check("a map with keys that are too long is refused, and debugfs says why", code and "(200 bytes of key, 8 of value, 8 entries): its keys are longer" in said, said)
    code, said = guest.run("ip link set dev eth0 xdpdrv obj /files/no_room.o sec xdp")
    check("and the driver runs it instead", code == 0, said)
    guest.ok("ip link set dev eth0 xdpdrv off")


def maps(guest):
    """Offloaded maps by bpftool, in the kernel's semantics."""
    guest.ok("ip link set dev eth0 xdpoffload obj /files/blocklist.o sec xdp")
    m = "bpftool map {} name blocklist "
    key, value = "key 10 0 0 9 ", "value " + "1 0 0 0 0 0 0 0 " * 2
    check("delete of a key that is not there", guest.run(m.format("delete") + key)[0])
    guest.ok(m.format("update") + key + value)
    check("update and lookup", "0a 00 00 09" in guest.ok(m.format("lookup") + key))
    check("noexist of one that is there", guest.run(m.format("update") + key + value + "noexist")[0])
    guest.ok(m.format("update") + key + value + "exist")
    check("getnext", "0a 00 00 09" in guest.ok(m.format("getnext")))
    guest.take(0, quiet=0.1), guest.take(1, quiet=0.1)
    guest.send(0, [ping(i) for i in range(10)])
    check("the NIC drops what the map says", guest.take(1, quiet=1.0) == [])
    guest.ok(m.format("delete") + key)
    guest.send(0, [ping(i) for i in range(10)])
    check("and no more when it is out", len(guest.take(1, 10)) == 10)
    guest.ok("ip link set dev eth0 xdpoffload off")
    check("maps are gone with their program", "blocklist" not in guest.ok("bpftool map show; true"))


def loader(guest):
    code, said = guest.run("xdp-loader load -m hw eth0 /files/drop_all.o -s xdp")
    check("xdp-loader -m hw", code == 0, said)
    check("xdp-loader status", "hw" in guest.run("xdp-loader status eth0")[1])
    guest.run("xdp-loader unload -a eth0")


def bundles(text):
    """Without the numbers of maps, which are those of the NIC."""
    return [re.sub(r"\bm\d+\b", "m", line) for line in text.splitlines() if ": {" in line and not line.startswith(";")]


def control(guest):
    """nicctl: into the NIC if it can be, else the driver, else the stack; and what became of it."""
    for name in SAME_CODE:
        said = guest.ok(f"nicctl load --dev eth0 /files/{name}.o")
        check(f"nicctl puts {name} into the NIC", "eth0: in the NIC" in said, said)
        got = guest.ok(f"nicctl prog dump jited id {said.split()[-1]}")
        want = subprocess.run(["build/nicjit", "-S", f"build/examples/{name}.o"], capture_output=True, text=True, check=True).stdout
        check(f"{name}: the module's microcode is that of nicjit", bundles(got) == bundles(want), got + "\n" + want)
        check(f"{name}: with source lines", f"/{name}.c:" in got and not re.search(r"^; @", got, re.M), got)
    said = guest.ok("nicctl load --dev eth0 /files/no_room.o")
    check("what the NIC refuses goes into the driver", "not in the NIC: insn 0: the program calls bpf_get_numa" in said and "in the driver: numa" in said, said)
    check("and is gone from the NIC", "xdpoffload" not in guest.ok("ip link show eth0"))
    check("prog show", "eth0: in the driver: numa, id" in guest.ok("nicctl prog show --dev eth0"))
    said = guest.ok("nicctl last error --dev eth0")
    check("last error", "bpf_get_numa_node_id" in said, said)
    said = json.loads(guest.ok("nicctl -j load --dev eth0 /files/forward.o"))
    check("what the kernel keeps back is named", said["mode"] == "native" and "DEVMAP" in said["refused"]["offload"].upper(), said)
    code, said = guest.run("nicctl load --dev eth0 /files/no_room.o mode offload")
    check("offload or nothing", code == 1 and "runs nowhere" in said and "in the driver" in guest.ok("nicctl prog show --dev eth0"), said)
    said = guest.ok("nicctl load --dev eth0 /files/blocklist.o mode generic")
    check("generic when asked for", "in the network stack: block_sources" in said and "xdpgeneric" in guest.ok("ip link show eth0"), said)
    guest.ok("nicctl unload --dev eth0")
    check("and none", "no program" in guest.ok("nicctl prog show --dev eth0"))


def tagged(frame, tci, proto=b"\x81\0"):
    return frame[:12] + proto + struct.pack(">H", tci) + frame[12:]


def classifier(guest):
    """A classifier of tc in the NIC does what the same does on the host."""
    frames = capture("bpf-examples/real/real.pcap")[:FRAMES] + [tagged(ping(i), 5 + i) for i in range(4)] + [tagged(ping(9), 7, b"\x88\xa8")]
    bpf = "tc filter {} dev eth0 ingress prio 1 bpf da obj /files/classify.o sec classifier "
    guest.ok("tc filter del dev eth0 ingress; tc filter add dev eth0 ingress prio 2 matchall action mirred egress redirect dev eth1")
    result = {}
    for where in ("skip_hw", "skip_sw"):
        code, said = guest.run(bpf.format("add") + where)
        check(f"tc takes it with {where}", code == 0, said)
        passes, sends = outcome(guest, frames)
        told = json.loads(guest.ok("bpftool -j map dump name told").split("\n")[-1])
        result[where] = passes, sends, [e["value"] for e in told]
        shown = guest.ok("tc filter show dev eth0 ingress | grep direct-action")
        check(f"{where}: tc says where it runs", (" in_hw" in shown) == (where == "skip_sw"), shown)
        if where == "skip_sw":
            said = guest.run("ip link set dev eth0 xdpoffload obj /files/drop_all.o sec xdp")[1]
            check("there is room for one program", "classifier" in said, said)
        guest.ok("tc filter del dev eth0 ingress prio 1")
    check("it passes what the host's passes", result["skip_hw"][0] == result["skip_sw"][0], f"{len(result['skip_sw'][0])}, not {len(result['skip_hw'][0])}")
    check("it is told the same", result["skip_hw"][2] == result["skip_sw"][2], f"{result['skip_sw'][2]}\nnot {result['skip_hw'][2]}")
    check("packets came", len(result["skip_hw"][0]) > 4)
    code, said = guest.run("tc filter add dev eth0 ingress prio 1 bpf bytecode '1,6 0 0 0' skip_sw")
    check("bytecode is not for the NIC", code != 0, said)
    guest.ok("tc filter del dev eth0 ingress; tc filter add dev eth0 ingress matchall action mirred egress redirect dev eth1")


def passing(guest):
    """Port 0 is up and leads to port 1, as modes() expects it."""
    guest.ok("ip link set eth0 up; tc qdisc add dev eth0 clsact && tc filter add dev eth0 ingress matchall action mirred egress redirect dev eth1")
    guest.take(1, quiet=0.2)
    guest.send(0, [ping(i) for i in range(10)])
    return len(guest.take(1, 10)) == 10


def moved(guest):
    """A port with a program goes into another network namespace and back, by hand and because the namespace ends."""
    guest.ok("mkdir -p /var/run; ip link set dev eth0 xdpoffload obj /files/blocklist.o sec xdp")
    for back in ("ip netns exec other ip link set eth0 netns 1", "ip netns del other"):
        guest.ok("ip netns add other; ip link set eth0 netns other")
        there = guest.ok("ip netns exec other ip link show eth0")
        check("the program goes with the port", "xdpoffload" in there, there)
        check("its map is read from the namespace it came from", guest.run("bpftool map dump name blocklist")[0] == 0)
        guest.ok(f"{back}; ip netns del other 2>/dev/null; for i in $(seq 50); do test -e /sys/class/net/eth0 && break; usleep 100000; done")
        check(f"and comes back by {back}", "xdpoffload" in guest.ok("ip link show eth0"))
        check("packets go through it", passing(guest))
    guest.ok("ip link set dev eth0 xdpoffload off")
    check("its map is gone with it", "blocklist" not in guest.ok("bpftool map show; true"))


def raced(guest):
    """Programs are loaded all the time while the module goes and comes."""
    turn = "ip -force link set dev eth0 xdpoffload obj /files/firewall.o sec xdp"
    guest.ok("touch() { : > $1; }; touch /tmp/go")
    guest.ok(f"(n=0; while test -e /tmp/go; do {turn} && n=$((n + 1)); done >/dev/null 2>&1; echo $n > /tmp/loaded) &")
    for i in range(6):
        guest.ok(f"sleep {i % 3}; for i in $(seq 50); do rmmod nicjit 2>/dev/null && break; usleep 100000; done; insmod /files/nicjit.ko", 120)
    guest.ok("rm /tmp/go; wait; ip link set dev eth0 xdpoffload off", 120)
    check("programs were loaded on the way", int(guest.ok("cat /tmp/loaded")) > 0)
    check("no map is left of them", "flows" not in guest.ok("bpftool map show; true"))
    guest.ok("rmmod nicjit")
    start(guest)
    check("and the NIC works", passing(guest))


def cycles(guest):
    """Attaching again and again, with frames on their way."""
    free = "awk '/^Slab/ {print $2}' /proc/meminfo"
    turn = "ip -force link set dev eth0 xdpoffload obj /files/ttl_dec.o sec xdp && ip link set dev eth0 xdpoffload off"
    guest.ok(turn)
    before = int(guest.ok(free))
    for _ in range(LONG // 10):
        guest.send(0, [ping(i) for i in range(10)])
        guest.ok(f"for i in 1 2 3 4 5 6 7 8 9 10; do {turn} || exit 1; done", 120)
    grown = int(guest.ok(free)) - before
    check(f"{LONG} attach and detach: the slab does not grow", grown < 4000, f"{grown} KiB")


def unload(guest):
    """rmmod under traffic, with a program in the NIC."""
    guest.ok("ip link set dev eth0 xdpoffload obj /files/firewall.o sec xdp")
    guest.send(0, [ping(i) for i in range(200)])
    guest.ok("rmmod nicjit")
    check("no interface is left", "eth0" not in guest.ok("ip link"))
    start(guest)
    check("and it works again", passing(guest))


def dead(guest):
    """The device dies under the driver."""
    guest.nics[0].kill()
    began = time.monotonic()
    guest.run("ip link set dev eth0 xdpoffload obj /files/drop_all.o sec xdp", 120)
    guest.ok("ip link set eth0 down", 120)
    guest.ok("rmmod nicjit", 120)
    check("a dead device is given up", time.monotonic() - began < 100)


def quiet(guest, after):
    said = guest.splats()
    check(f"nothing bad in the kernel's log after: {after}", not said, said)


def session(image, nicpci, model, examples, cases):
    with Guest(image, nicpci, model, options=["--serial"]) as guest:
        start(guest)
        guest.ok("tc qdisc add dev eth0 clsact && tc filter add dev eth0 ingress matchall action mirred egress redirect dev eth1")
        for name in examples:
            modes(guest, name, capture(f"bpf-examples/{name}/in.pcap")[:FRAMES])
        quiet(guest, "programs")
        for case in cases:
            case(guest)
            quiet(guest, case.__name__)


def main():
    image, nicpci, *examples = sys.argv[1:]
    log = pathlib.Path(os.environ.get("LINUX_BUILD_LOG", os.devnull)).read_text()
    check("the module builds without a warning", "warning:" not in log, "\n".join(line for line in log.splitlines() if "warning:" in line))
    try:
        with Guest(image, nicpci) as guest:
            start(guest)
            plain(guest)
        session(image, nicpci, "iss", examples, [shown, refused, maps, loader, control, classifier, cycles, moved, raced, unload, dead])
        session(image, nicpci, "rtl", ["firewall"], [])
    except (Gone, AssertionError, OSError):
        check("the run comes to its end", False, traceback.format_exc())
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
