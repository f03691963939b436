#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_guest.py IMAGE NICPCI: the module in a guest with Debian's stock kernel and tools: the examples (programs.py), what people do with it (here),
and what must not go wrong (faults.py)."""
import itertools, json, os, pathlib, re, struct, subprocess, sys, tempfile, time, traceback

import bench
from bench import PATIENCE, capture, check, checksum, listed, outcome, passing, ping, pseudo_header, quiet, replies, settle, soon, start, syn
from faults import cycles, dead, handed_on, moved, raced, reset, slept, starved, unload
from guest import Gone, Guest
from programs import MODES, NOT_COMPARED, modes, names, refusals

FRAMES = 48
SAME_CODE = ("drop_all", "ttl_dec", "mac_swap", "blocklist", "firewall")
FILTERS = ("tcp and not src net 10.9.0.0/31", "icmp or udp port 53", "ip[2:2] > 100 and ip[ip[0] & 0xf : 2] != 7 or greater 800")
REAL = "bpf-examples/real/real.pcap"
STREAM = 1000  # bytes, of the 1,072 for which syn() has room
SERIES = itertools.count(100)  # of pings
ON_RTL = ("firewall", "mac_swap", "too_big", "vlan_ipv6_parser")


def interrupts(guest):
    """How often each queue has interrupted a processor."""
    return [sum(map(int, re.findall(r" (\d+)(?= )", line.split(":")[1].split("PCI")[0]))) for line in guest.ok("grep nicjit /proc/interrupts").splitlines()]


def sent(guest):
    """Packets and bytes by the driver, packets by the NIC; packets by the NIC's other port."""
    link = json.loads(guest.ok("ip -s -j link show eth0"))[0]["stats64"]["tx"]
    return [link["packets"], link["bytes"]] + [int(guest.ok(f"ethtool -S {port} | grep nic_tx_packets").split()[-1]) for port in ("eth0", "eth1")]


def plain(guest):
    """A NIC without a program is a NIC."""
    check("ethtool knows the driver", "driver: nicjit" in guest.ok("ethtool -i eth0"))
    said = guest.ok("cat /proc/iomem /proc/interrupts")
    check("its registers and its interrupts have their owner's name", "nicjit\n" in said and re.search(r"nicjit-0000:\S+-1\n", said), said)
    guest.ok("ip addr add 10.0.0.1/24 dev eth0; ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0")
    said = guest.run("insmod /files/configfs.ko; insmod /files/netconsole.ko netconsole=@10.0.0.1/eth0,@10.0.0.9/; dmesg -c | grep netpoll")[1]
    check("there is no netconsole by it", "doesn't support polling" in said, said)
    guest.take(0, quiet=0.2)
    before = sent(guest)
    guest.send(0, [ping(i) for i in range(20)])
    got = settle(guest, 0, 20)
    check("twenty pings are answered, in order", replies(got) == list(range(20)), listed(got))
    grown = [b - a for a, b in zip(before, sent(guest))]
    check("what was sent is counted, for its port", grown == [20, 20 * len(ping(0)), 20, 0], grown)
    guest.ok("ip link set lo up; (nc -l -p 7 </dev/null >/dev/null &)")
    listens(guest, 7)
    guest.send(0, [syn(7, 4000)])
    answers = [f[14:54 + (f[46] >> 4) * 4 - 20] for f in settle(guest, 0, 1, is_tcp) if is_tcp(f)]
    guest.send(0, [syn(7, 4000, sequence=2, flags=4)])  # or it is answered again and again
    check("a connection is answered", answers and answers[0][33] == 0x12, answers)
    check("with a checksum of TCP that is right", answers and checksum(pseudo_header(answers[0]) + answers[0][20:]) == 0, answers)
    summed(guest)
    bad = syn(7, 4001)
    guest.send(0, [bad[:50] + bytes([bad[50] ^ 1]) + bad[51:]])
    check("one whose checksum is wrong is not", not [f for f in pinged(guest, 1)[0] if is_tcp(f)])
    before = interrupts(guest)
    guest.send(0, [syn(9, 5000 + i) for i in range(40)])
    settle(guest, 0, 40)
    grown = [b - a for a, b in zip(before, interrupts(guest))]
    check("connections are spread over two queues", len(grown) == 2 and all(grown), grown)
    guest.ok("ip addr flush dev eth0")
    regs = guest.ok("ethtool -d eth0 raw on | hexdump -v -e '1/4 \"%08x \"'").split()
    check("the register dump has registers at their offsets", regs[:2] == ["4e494a43", "00000002"] and int(regs[0x18 // 4], 16) & 0xff == 2, regs[:8])
    check("and the queue's rings after them", regs[0x100 // 4] == "00000003" and regs[0x100 // 4 + 4] == "00000008", regs[64:])
    said = guest.ok("ethtool -l eth0")
    check("there is a channel for each processor", "Combined:\t2" in said.expandtabs(1).replace(" ", "\t"), said)
    check("the hash key is that of the NIC", "6d:5a:56:da" in guest.ok("ethtool -x eth0"), guest.ok("ethtool -x eth0"))
    said = {flow: guest.ok(f"ethtool -n eth0 rx-flow-hash {flow}") for flow in ("tcp4", "udp6", "sctp4", "ether")}
    has = {flow: ("IP SA" in text, "L4 bytes 0 & 1 [TCP/UDP src port]" in text) for flow, text in said.items()}
    check("nothing of contexts, which are not there", guest.run("ethtool -n eth0 rx-flow-hash tcp4 context 1")[0] != 0)
    check("what is hashed of a flow is told", has == {"tcp4": (True, True), "udp6": (True, True), "sctp4": (True, False), "ether": (False, False)}, said)


def sum_right(ip):
    return checksum(pseudo_header(ip) + ip[20:] + bytes(len(ip) % 2)) == 0


def listens(guest, port):
    guest.ok(f"await \"grep -q ':{port:04X} 0*:0000 0A' /proc/net/tcp /proc/net/tcp6\"")


def is_tcp(frame):
    return frame[12:14] == b"\x08\0" and frame[23] == 6


def segments(guest, port, source):
    """The first bytes that a server sends; in how many segments; and which have a wrong checksum. How it cuts them is up to it, and when it says them again."""
    guest.ok(f"(head -c 3000 /bin/busybox | timeout 100 nc -l -p {port} >/dev/null 2>&1 &)")
    listens(guest, port)
    guest.send(0, [syn(port, source)])
    theirs = lambda f: is_tcp(f) and f[34:36] == struct.pack(">H", port)
    number = struct.unpack_from(">I", [f for f in settle(guest, 0, 1, theirs) if theirs(f)][0], 38)[0]
    guest.send(0, [syn(port, source, sequence=2, ack=number + 1, flags=16)])
    stream, got = {}, []

    def enough(f):
        if theirs(f):
            got.append(f[14:14 + struct.unpack_from(">H", f, 16)[0]])
            stream.update(enumerate(got[-1][40:], struct.unpack_from(">I", f, 38)[0] - number - 1))
        return len(stream) >= STREAM

    settle(guest, 0, 1, enough)
    guest.send(0, [syn(port, source, sequence=2, ack=number + 1, flags=4)])
    return bytes(stream.get(i, 0) for i in range(STREAM)), len([ip for ip in got if len(ip) > 40]), [ip for ip in got if not sum_right(ip)]


def summed(guest):
    """Checksums of what is sent are made by the NIC, or by the stack where it may not."""
    check("the NIC makes checksums", "tx-checksum-ip-generic: on" in guest.ok("ethtool -k eth0"))
    by_nic, parts, wrong = segments(guest, 17, 4100)
    check("a connection's bytes have checksums of the NIC", by_nic[:4] == b"\x7fELF" and parts > 1 and not wrong, (by_nic, parts, wrong))
    guest.ok("nslookup nobody 10.0.0.9 >/dev/null 2>&1 & asks=$!")
    is_udp = lambda f: f[12:14] == b"\x08\0" and f[23] == 17
    asked = [f[14:14 + struct.unpack_from(">H", f, 16)[0]] for f in settle(guest, 0, 1, is_udp) if is_udp(f)]
    guest.ok("kill $asks; wait $asks; true")
    check("so have datagrams", asked and all(ip[26:28] != b"\0\0" and sum_right(ip) for ip in asked), asked)
    guest.ok("ethtool -K eth0 tx off")
    by_stack, parts, wrong = segments(guest, 18, 4101)
    check("the stack sends the same", by_stack == by_nic and not wrong, (by_stack, parts, wrong))
    guest.ok("ethtool -K eth0 tx on")


def altered(guest):
    """A program in the NIC may change what the NIC has found to be right: the stack must look for itself."""
    guest.ok("ip addr add 10.0.0.1/24 dev eth0; ip neigh replace 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0")
    theirs = lambda f: is_tcp(f) and f[36:38] == struct.pack(">H", 4300)

    def answered(port, expected):  # a ping behind it shows that no more come
        guest.send(0, [syn(port, 4300)])
        return [f[34:36] for f in settle(guest, 0, expected, theirs) + pinged(guest, 1)[0] if theirs(f)]

    for mode in ("xdpdrv", "xdpoffload"):
        guest.ok(f"ip link set dev eth0 {mode} obj /files/other_port.o sec xdp")
        check(f"{mode}: a segment with another port and its old checksum is taken by nobody", not answered(8, 0))
        guest.ok(f"ip link set dev eth0 {mode} off")
        check(f"{mode} off: a segment as it came is answered", answered(8, 1) == [b"\0\x08"])
    guest.ok("ip link set dev eth0 xdpoffload obj /files/pass_all.o sec xdp")
    check("so is one that a program in the NIC has left alone", answered(8, 1) == [b"\0\x08"])
    guest.ok("ip link set dev eth0 xdpoffload off; ip addr flush dev eth0")


def sending(guest):
    """The stack sends all the time by two processors, also while there are no queues."""
    guest.ok("ip addr add 10.0.0.1/24 dev eth0; ip neigh replace 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0; : > /tmp/go")
    guest.ok("for i in 1 2 3; do (while test -e /tmp/go; do ping -c 500 -i 0.0002 -W 1 10.0.0.9; done >/dev/null 2>&1) & done")
    for i in range(20):
        guest.ok(f"ethtool -G eth0 rx {64 << i % 2} tx {64 << i % 2}")
        check("frames leave", len(guest.take(0, 100, PATIENCE)) == 100)
        guest.take(0, 400, seconds=0.1)
    guest.ok("rm /tmp/go; wait; ethtool -G eth0 rx 256 tx 256")
    answered(guest, "and pings are answered")
    guest.ok("ip addr flush dev eth0")


def flood(guest, count=300):
    """Pings that come while something is done."""
    guest.send(0, [ping(i) for i in range(count)])


def pinged(guest, count, patience=PATIENCE):
    """What leaves when pings of a series of their own come; and the numbers of those that are answered."""
    series = next(SERIES)
    guest.send(0, [ping(i, series) for i in range(count)])
    got = settle(guest, 0, count, lambda f: replies([f], series), patience)
    return got, replies(got, series)


def answered(guest, name):
    """Each of twenty pings is answered once, in order, when what came before them has been taken out of the rings; it may have filled them."""
    for _ in range(60):
        if pinged(guest, 1, patience=1)[1]:
            break
    got, numbers = pinged(guest, 20)
    check(name, numbers == list(range(20)), listed(got))


def setting(said, name):
    """What is set now, by ethtool."""
    return re.search(rf"Current hardware settings:.*?{name}:\s*(\S+)", said, re.S)[1]


def tuned(guest):
    """Rings, channels, the hash and the MTU change while packets come."""
    known = "ip neigh replace 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0"
    guest.ok(f"ip addr add 10.0.0.1/24 dev eth0; {known}")
    for rings, rx, tx in (("rx 4096 tx 4096", "4096", "4096"), ("rx 100 tx 32", "128", "32"), ("rx 1 tx 1", "32", "32"), ("rx 256 tx 256", "256", "256")):
        flood(guest)
        guest.ok(f"ethtool -G eth0 {rings}")
        said = guest.ok("ethtool -g eth0")
        check(f"rings of {rings}: a power of two", (setting(said, "RX"), setting(said, "TX")) == (rx, tx), said)
        answered(guest, f"rings of {rings}: pings are answered")
    check("rings that are too long are refused", guest.run("ethtool -G eth0 rx 8192")[0])
    guest.ok("ethtool -G eth0 rx 64 tx 64")
    for _ in range(10):
        answered(guest, "a short ring goes round")
    guest.ok("ip link set eth0 down; ip link set eth1 down; ethtool -G eth0 rx 512; ip link set eth0 up; ip link set eth1 up; " + known)
    check("rings change while ports are down", setting(guest.ok("ethtool -g eth1"), "RX") == "512")
    answered(guest, "and pings are answered when they are up")
    flood(guest)
    guest.ok("ethtool --reset eth0 dma")
    answered(guest, "queues begin anew and pings are answered")
    for size, good in ((67, False), (68, True), (1519, False), (1518, True), (1500, True)):
        check(f"MTU {size}", (guest.run(f"ip link set eth0 mtu {size}")[0] == 0) == good)
    guest.ok("ip addr flush dev eth0; ip link set eth0 mtu 1500")


def spread(guest):
    """Which queues connections come by; nobody answers them."""
    before, come = interrupts(guest), native_and_link(guest)[1]
    guest.send(0, [syn(9, 5000 + i) for i in range(40)])
    grown = lambda: native_and_link(guest)[1] - come
    soon(grown, lambda n: n >= 40)
    check("each comes by a queue that is there", grown() == 40, grown())
    return [b > a for a, b in zip(before, interrupts(guest))]


def channels(guest):
    check("two channels share connections", spread(guest) == [True, True])
    came = counters(guest)["nic_rx_packets"]
    flood(guest, 300)
    guest.ok("ethtool -L eth0 combined 1")
    soon(lambda: counters(guest)["nic_rx_packets"] - came, lambda n: n == 300)
    come = [0, 1]
    soon(lambda: come.append(native_and_link(guest)[1]) or come[-3:], lambda last: len(set(last)) == 1)  # nothing of it is under way any more
    check("both ports have one channel", setting(guest.ok("ethtool -l eth1"), "Combined") == "1")
    check("all come by it", spread(guest) == [True, False])
    guest.ok("ethtool -L eth0 combined 2")
    check("and again by two", spread(guest) == [True, True])
    guest.ok("ethtool -X eth0 weight 0 1")
    check("a table of the hash that names one queue is followed", spread(guest) == [False, True])
    for port in ("eth0", "eth1"):
        check(f"a channel that it names stays: {port}", guest.run(f"ethtool -L {port} combined 1")[0])
    check("no third channel", guest.run("ethtool -L eth0 combined 3")[0])
    guest.ok("ethtool -X eth0 default")
    check("the usual table is even", spread(guest) == [True, True])


def shown(guest):
    """What people look at."""
    guest.ok("ip link set dev eth0 xdpoffload obj /files/drop_all.o sec xdp")
    link = guest.ok("ip link show eth0")
    check("ip shows the offload", "xdpoffload" in link and "jited" in link, link)
    before = counters(guest)["xdp_offload_drop"]
    guest.send(0, [ping(i) for i in range(30)])
    grown = soon(lambda: counters(guest)["xdp_offload_drop"] - before, lambda n: n >= 30)
    check("ethtool counts thirty drops more", grown == 30, grown)
    check("bpftool says where it runs", "offloaded_to eth0" in guest.ok("bpftool prog show"))
    code, said = guest.run("ip link set dev eth0 xdpoffload obj /files/pass_all.o sec xdp")
    check("a second program needs -force", code and "already attached" in said, said)
    guest.ok("ip -force link set dev eth0 xdpoffload obj /files/pass_all.o sec xdp")
    guest.ok("ip link set dev eth0 xdpoffload off")
    guest.ok("ip link set dev eth0 xdpdrv obj /files/drop_all.o sec xdp")
    before = native_and_link(guest)
    guest.send(0, [ping(i) for i in range(30)])
    want = [30, 30, 30 * len(ping(0))]
    grown = soon(lambda: [b - a for a, b in zip(before, native_and_link(guest))], lambda n: n == want)
    check("thirty native drops are counted, and thirty packets and their bytes", grown == want, grown)
    guest.ok("ip link set dev eth0 xdpdrv off")


def native_and_link(guest):
    """Native drops, and what the port has received."""
    link = json.loads(guest.ok("ip -s -j link show eth0"))[0]["stats64"]["rx"]
    return [int(guest.ok("ethtool -S eth0 | grep xdp_native_drop").split()[-1]), link["packets"], link["bytes"]]


def counters(guest):
    return {line.split(":")[0].strip(): int(line.split(":")[1]) for line in guest.ok("ethtool -S eth0").splitlines()[1:]}


def grown(guest, was):
    return {name: value - was[name] for name, value in counters(guest).items() if value != was[name]}


def counted(guest):
    """Each frame is counted once, for what became of it, and nowhere else."""
    frames, size = [ping(i) for i in range(10)], len(ping(0))
    way = "bpftool map update name way key 0 0 0 0 value $(cat /sys/class/net/eth1/ifindex) 0 0 0"
    for mode, program, verdict, before in (("xdpdrv", "pass_all", "pass", ""), ("xdpdrv", "drop_all", "drop", ""), ("xdpdrv", "mac_swap", "tx", ""),
                                           ("xdpdrv", "hand_on", "aborted", ""), ("xdpdrv", "hand_on", "redirect", way),
                                           ("xdpoffload", "pass_all", "pass", ""), ("xdpoffload", "drop_all", "drop", ""), ("xdpoffload", "mac_swap", "tx", "")):
        guest.ok(f"ip link set dev eth0 {mode} obj /files/{program}.o sec xdp; {before}")
        settle(guest, 0, 0), settle(guest, 1, 0)
        was = counters(guest)
        guest.send(0, frames)
        settle(guest, 1, 10 * (verdict in ("pass", "redirect"))), settle(guest, 0, 10 * (verdict == "tx"))
        want = {"nic_rx_packets": 10, "nic_rx_bytes": 10 * size}
        if mode == "xdpdrv":
            want |= {f"xdp_native_{verdict}": 10}
        else:
            want |= {f"xdp_offload_{verdict}": 10, f"xdp_offload_{verdict}_bytes": 10 * size}
        if mode == "xdpdrv" or verdict == "pass":
            want["host_packets"] = 10
        if verdict == "tx":
            want |= {"nic_tx_packets": 10, "nic_tx_bytes": 10 * size}
            if mode == "xdpdrv":
                want["nic_tx_from_host"] = 10
        got = soon(lambda: {name: n for name, n in grown(guest, was).items() if not name.startswith("xdp_offload") or mode == "xdpoffload"}, lambda n: n == want)
        check(f"{mode}: ten frames of {program} are counted as {verdict}", got == want, f"{got}, not {want}")
        guest.ok(f"ip link set dev eth0 {mode} off")
    for what, frame in (("nic_rx_too_short", bytes(13)), ("nic_rx_too_long", ping(0) + bytes(1600))):
        was = counters(guest)
        guest.send(0, [frame] * 3)
        got = soon(lambda: grown(guest, was), lambda n: n == {what: 3})
        check(f"three frames are {what}", got == {what: 3}, got)


def refused(guest):
    code, said = guest.run("ip link set dev eth0 xdpoffload obj /files/no_room.o sec xdp")
    check("a helper that the NIC does not have is named in the verifier log", code and "[nicjit]" in said and "bpf_get_numa_node_id" in said, said)
    said = guest.ok("cat /sys/kernel/debug/nicjit-*/last_error")
    check("and debugfs keeps the sentence", "bpf_get_numa_node_id" in said, said)
    code, said = guest.run("bpftool map create /sys/fs/bpf/m type hash key 520 value 8 entries 8 name long dev eth0")
    said = guest.ok("cat /sys/kernel/debug/nicjit-*/last_error")
    check("a map with keys that are too long is refused, and debugfs says why", code and "(520 bytes of key, 8 of value, 8 entries): its keys are longer" in said, said)
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
    check("and no more when it is out", len(guest.take(1, 10, PATIENCE)) == 10)
    guest.ok("ip link set dev eth0 xdpoffload off")
    check("maps are gone with their program", "blocklist" not in guest.ok("bpftool map show; true"))
    large = "bpftool map create /sys/fs/bpf/large type hash key 4 value 16000 entries 80000 name large dev eth0"
    for i in range(4):  # each takes the larger part of the NIC's memory
        code, said = guest.run(f"{large} && ! {large.replace('/large', '/more')}; rm /sys/fs/bpf/large")
        check("memory of a map that has gone can be had again", code == 0, said)
    said = guest.ok("nicctl last error --dev eth0")
    check("and a second one like it is refused", "map memory is full" in said, said)


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
        want = guest.ok(f"nicjit -S /files/{name}.o")
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
    code, said = guest.run("nicctl load --dev eth0 /files/sized.o")
    check("a map without entries is named", code == 1 and said.count("map flows has no entries (entries flows=N sets them)") == 3, said)
    said = guest.ok("nicctl load --dev eth0 /files/sized.o entries flows=77")
    check("nicctl sets them", "eth0: in the NIC: sized" in said and "max_entries 77" in guest.ok("bpftool map show name flows"), said)
    for sizes, says in (("none=5", "it has no map 'none' whose entries may be set"), ("flows=", "'flows=' is no map's name, '=' and a number of entries")):
        code, said = guest.run("nicctl load --dev eth0 /files/sized.o entries " + sizes)
        check(f"entries {sizes}", code == 1 and says in said, said)
    guest.ok("nicctl unload --dev eth0")
    check("and none", "no program" in guest.ok("nicctl prog show --dev eth0"))


def tagged(frame, tci, proto=b"\x81\0"):
    return frame[:12] + proto + struct.pack(">H", tci) + frame[12:]


def classifier(guest):
    """A classifier of tc in the NIC does what the same does on the host."""
    frames = [f for f in capture(REAL) if 60 <= len(f) <= 1514][:FRAMES] + [tagged(ping(i), 5 + i) for i in range(4)] + [tagged(ping(9), 7, b"\x88\xa8")]
    passing = [f for f in frames if not (f[12:14] == b"\x08\0" and f[23] == 17)]
    bpf = "tc filter {} dev eth0 ingress prio 1 bpf da obj /files/classify.o sec classifier "
    guest.ok("tc filter del dev eth0 ingress; tc filter add dev eth0 ingress prio 2 matchall action mirred egress redirect dev eth1")
    result = {}
    for where in ("skip_hw", "skip_sw"):
        code, said = guest.run(bpf.format("add") + where)
        check(f"tc takes it with {where}", code == 0, said)
        passes, sends = outcome(guest, frames, (len(passing), 0))
        told = json.loads(guest.ok("bpftool -j map dump name told").split("\n")[-1])
        result[where] = passes, sends, [e["value"] for e in told]
        shown = guest.ok("tc filter show dev eth0 ingress | grep direct-action")
        check(f"{where}: tc says where it runs", (" in_hw" in shown) == (where == "skip_sw"), shown)
        if where == "skip_sw":
            said = guest.run("ip link set dev eth0 xdpoffload obj /files/drop_all.o sec xdp")[1]
            check("there is room for one program", "classifier" in said, said)
            said = guest.run(bpf.format("add").replace("prio 1", "prio 3") + where)[1]
            check("and for one classifier", "another classifier runs in the NIC" in said, said)
        guest.ok("tc filter del dev eth0 ingress prio 1")
    check("it passes what the host's passes", result["skip_hw"][0] == result["skip_sw"][0], f"{len(result['skip_sw'][0])}, not {len(result['skip_hw'][0])}")
    check("it is told the same", result["skip_hw"][2] == result["skip_sw"][2], f"{result['skip_sw'][2]}\nnot {result['skip_hw'][2]}")
    check("packets came", 4 < len(result["skip_hw"][0]) == len(passing), len(result["skip_hw"][0]))
    for wrong, word in (("protocol ip", "packets of all protocols"), ("chain 1", "")):
        code, said = guest.run(bpf.format("add").replace("prio 1", f"{wrong} prio 1") + "skip_sw")
        check(f"no classifier with {wrong}", code and word in said, said)
    code, said = guest.run("tc filter add dev eth0 ingress prio 1 bpf bytecode '1,6 0 0 0' skip_sw")
    check("bytecode is not for the NIC, and what is in its place is said", code and "--ebpf" in said, said)
    guest.ok("tc filter del dev eth0 ingress; tc filter add dev eth0 ingress matchall action mirred egress redirect dev eth1")


def matching(text, frames):
    """How many tcpdump finds."""
    with tempfile.TemporaryDirectory() as where:
        data = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) + b"".join(struct.pack("<IIII", 0, 0, len(f), len(f)) + f for f in frames)
        pathlib.Path(where, "all").write_bytes(data)
        subprocess.run(["tcpdump", "-r", f"{where}/all", "-w", f"{where}/some", text], capture_output=True, check=True)
        return len(capture(f"{where}/some"))


def filtered(guest):
    """A filter of tcpdump in the NIC, as a classifier and as an XDP program, passes what the kernel passes that runs its bytecode."""
    tag = b"\x81\0"
    untagged = [f for f in capture(REAL) if 60 <= len(f) <= 1514 and f[12:14] != tag][::10][:FRAMES]
    frames = untagged + [tagged(ping(i), 5 + i) for i in range(4)]
    for text in FILTERS:
        code = subprocess.run(["tcpdump", "-ddd", "-r", REAL, text], capture_output=True, text=True, check=True).stdout.replace("\n", ",")
        guest.ok(f"tc filter del dev eth0 ingress; tc filter add dev eth0 ingress prio 1 bpf bytecode '{code}' action mirred egress redirect dev eth1")
        some = matching(text, [f[:12] + f[16:] if f[12:14] == tag else f for f in frames])  # a tag is not in the bytes that it sees
        want = outcome(guest, frames, (some, 0))[0]
        check(f"{text}: bytecode passes as many as tcpdump", 0 < len(want) == some < len(frames), f"{len(want)}, not {some}")
        guest.ok(f"tc filter del dev eth0 ingress; tc filter add dev eth0 ingress prio 2 matchall action mirred egress redirect dev eth1; nicjit --filter '{text}' --ebpf -o /tmp/filter.o")
        for where in ("skip_hw", "skip_sw"):
            guest.ok(f"tc filter add dev eth0 ingress prio 1 bpf da obj /tmp/filter.o {where}")
            got = outcome(guest, frames, (len(want), 0))[0]
            check(f"{text}: {where} passes what bytecode passes", got == want, f"{len(got)}, not {len(want)}")
            guest.ok("tc filter del dev eth0 ingress prio 1")
        guest.ok("ip link set dev eth0 xdpoffload obj /tmp/filter.o sec xdp")
        want = [f for f in want if f[12:14] != tag]
        got = outcome(guest, untagged, (len(want), 0))[0]
        check(f"{text}: as an XDP program, too", got == want, f"{len(got)}, not {len(want)}")
        guest.ok("ip link set dev eth0 xdpoffload off")


def limited(guest):
    """A source has sixteen tokens, and one a second: how many frames are passed is known as well as how long it took."""
    for mode in MODES:
        guest.ok(f"ip link set dev eth0 {mode} obj /files/rate_limit.o sec xdp")
        other = ping(0, source=8)
        settle(guest, 1, 0)
        began = time.monotonic()
        guest.send(0, [ping(i) for i in range(48)] + [other])
        got = settle(guest, 1, 1, lambda f: f == other)
        most = 17 + int(time.monotonic() - began)
        check(f"{mode}: the first sixteen are passed, and no more than there are tokens", got[:16] == [ping(i) for i in range(16)] and len(got) - 1 <= most, f"{len(got) - 1} of at most {most}")
        guest.ok(f"ip link set dev eth0 {mode} off")


def events(guest):
    """What a program tells the host of packets comes to the host's perf buffers, from the NIC as from the driver."""
    result = {}
    for mode in ("xdpdrv", "xdpoffload"):
        guest.ok(f"ip link set dev eth0 {mode} obj /files/events.o sec xdp")
        said = guest.ok("bpftool -p map event_pipe name told & pipe=$!; await 'grep -q poll /proc/$pipe/wchan'")
        passes, _ = outcome(guest, [ping(i) for i in range(20)], (20, 0))
        for _ in range(20):
            said += guest.until('"data"', PATIENCE) + '"data"' + guest.until("]", PATIENCE) + "]"
        said += guest.ok("kill $pipe; wait $pipe; true")
        result[mode] = len(passes), [bytes(int(n, 0) for n in data.replace('"', "").split(",")) for data in re.findall(r'"data": ?\[([^\]]*)\]', said)]
        guest.ok(f"ip link set dev eth0 {mode} off")
    check("twenty packets are told of", result["xdpdrv"][0] == 20 and len(result["xdpdrv"][1]) == 20, result["xdpdrv"])
    check("the NIC tells what the driver tells", result["xdpoffload"] == result["xdpdrv"], f"{result['xdpoffload']}\nnot {result['xdpdrv']}")


def called(guest):
    """What programs other than bpftool may ask of bpf()."""
    number, pin = guest.ok("cat /sys/class/net/eth0/ifindex"), "/sys/fs/bpf/called"
    said = guest.run(f"calls same {number}")[1]
    check("maps in the NIC answer as the kernel's", "calls are answered as the kernel does" in said, said)
    guest.ok(f"calls index {number} {pin}; ip link set dev eth0 xdpoffload pinned {pin}")
    outcome(guest, [ping(i) for i in range(20)], (20, 0))
    said = guest.ok("bpftool map dump name called")
    check("a map that a program names by its place in a list counts", "14 00 00 00" in said, said)
    guest.ok(f"ip link set dev eth0 xdpoffload off; rm {pin}")
    code, said = guest.run(f"calls bound {number} {pin}")
    if code:
        return check("kernels before 6.3 bind no program to a device alone", "Invalid argument" in said, said)
    code, said = guest.run(f"ip link set dev eth0 xdpoffload pinned {pin}")
    check("a program that is bound to the device is not one for the NIC", code and "was not loaded for this device" in said, said)
    guest.ok(f"ip link set dev eth0 xdpdrv pinned {pin}")
    check("its driver runs it", outcome(guest, [ping(i) for i in range(20)]) == ([], []))
    guest.ok(f"ip link set dev eth0 xdpdrv off; rm {pin}")


DEBUG = "slub_debug=FZP page_poison=1"  # the checks of freed and overrun memory that Debian's kernel has in it
# What is mapped for the NIC lies elsewhere, and is copied when it is handed over: a mapping or a sync that is missing or goes the wrong way is seen.
COPIED = " swiotlb=force"


def session(image, nicpci, model, examples, cases, led=True, more="", **how):
    """led: port 0 leads to port 1; more: words for the kernel."""
    if not examples and not cases:
        return
    with Guest(image, nicpci, model, kernel=DEBUG + more, **how) as guest:
        start(guest)
        if led:
            guest.ok("tc qdisc add dev eth0 clsact && tc filter add dev eth0 ingress matchall action mirred egress redirect dev eth1")
        for name in examples:
            modes(guest, name)
        quiet(guest, "programs")
        for case in cases:
            case(guest)
            quiet(guest, case.__name__)
        guest.ok("for c in /sys/kernel/slab/*; do echo 1 > $c/validate; done 2>/dev/null; true")
        quiet(guest, "a look at all slabs")


def main():
    image, nicpci, *only = sys.argv[1:]
    wanted = lambda *cases: [case for case in cases if not only or getattr(case, "__name__", case) in only]
    serial = ["--serial"]
    log = pathlib.Path(os.environ.get("LINUX_BUILD_LOG", os.devnull)).read_text()
    check("the module builds without a warning", "warning:" not in log, "\n".join(line for line in log.splitlines() if "warning:" in line))
    try:
        session(image, nicpci, "iss", [], wanted(plain, altered, tuned, channels, sending), led=False, cpus=2, more=COPIED)
        session(image, nicpci, "iss", wanted(*(name for name in names() if name not in NOT_COMPARED)),
                wanted(refusals, shown, counted, refused, maps, loader, control, classifier, filtered, limited, events, called, cycles, handed_on, moved, raced, starved, unload, dead),
                options=serial)
        session(image, nicpci, "iss", [], wanted(slept), led=False, options=serial, sleeps=True)
        session(image, nicpci, "iss", wanted(*ON_RTL, "forward"), wanted(reset), options=serial, slot=True, more=COPIED)
        session(image, nicpci, "rtl", [] if only else ON_RTL, [], options=serial)
    except (Gone, AssertionError, OSError):
        check("the run comes to its end", False, traceback.format_exc())
    print(f"{bench.passed} passed, {bench.failed} failed")
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())
