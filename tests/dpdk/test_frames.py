# SPDX-License-Identifier: Apache-2.0
"""What the driver tells the application of a frame, and which frames it gives it: compared with what Python makes of the same frames."""
import collections
import re
import struct

from cases import build, check, frames, run_cases, write_capture
from testpmd import B, Testpmd

REAL = "bpf-examples/real/real.pcap"
TCP, UDP, ICMP = 6, 17, 1


def total(data):
    """The one's complement sum that checksums are made of."""
    n = sum(struct.unpack(">%dH" % ((len(data) + 1) // 2), data + b"\0" * (len(data) % 2)))
    while n >> 16:
        n = (n & 0xffff) + (n >> 16)
    return n


def toeplitz(key, data):
    key, result = int.from_bytes(key, "big"), 0
    bits = 8 * 40
    for i in range(8 * len(data)):
        if data[i // 8] >> (7 - i % 8) & 1:
            result ^= key >> (bits - 32 - i) & 0xffffffff
    return result


def l4(protocol, pseudo, spoilt, unsummed=False):
    """Header and 11 bytes, with a checksum that is good, bad, or (UDP over IPv4) not there."""
    rest = bytes(range(11))
    body = struct.pack(">HHHH", 4660, 53, 8 + len(rest), 0) + rest if protocol == UDP else struct.pack(">HHIIHHHH", 4661, 80, 7, 8, 0x5010, 100, 0, 0) + rest
    at = 6 if protocol == UDP else 16
    good = 0xffff - total(pseudo + struct.pack(">HH", protocol, len(body)) + body)
    sum_ = 0 if unsummed else (good ^ 0x0100 if spoilt else good)
    return body[:at] + struct.pack(">H", sum_) + body[at + 2:]


def ip4(protocol, n, spoilt_head=False, fragment=False, options=b"", **more):
    address = bytes((10, 0, 1, n, 10, 0, 2, 7))
    body = l4(protocol, address, more.pop("spoilt", False), **more) if protocol != ICMP else b"\x08\0\0\0" + bytes(12)
    head = struct.pack(">BBHHHBBH", 0x45 + len(options) // 4, 0, 20 + len(options) + len(body), n, 0x2000 if fragment else 0, 64, protocol, 0) + address + options
    head = head[:10] + struct.pack(">H", 0xffff - total(head) ^ (0x0100 if spoilt_head else 0)) + head[12:]
    return b"\x08\0" + head + body


def ip6(protocol, n, spoilt=False):
    address = bytes((0xfd, *[0] * 14, n, 0xfd, *[0] * 14, 200))
    body = l4(protocol, address, spoilt)
    return b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, len(body), protocol, 64) + address + body


# Frame behind the addresses; what is said of it: L3, L4, checksum of L3, of L4. None: nothing.
FRAMES = [
    (ip4(UDP, 0), "IPV4", "UDP", True, True), (ip4(UDP, 1, spoilt=True), "IPV4", "UDP", True, False), (ip4(UDP, 2, spoilt_head=True), "IPV4", "UDP", False, True),
    (ip4(UDP, 3, unsummed=True), "IPV4", "UDP", True, None), (ip4(TCP, 4), "IPV4", "TCP", True, True), (ip4(TCP, 5, spoilt=True), "IPV4", "TCP", True, False),
    (ip4(TCP, 6, spoilt=True, spoilt_head=True), "IPV4", "TCP", False, False), (ip4(ICMP, 7), "IPV4", None, True, None), (ip4(UDP, 8, fragment=True), "IPV4", None, True, None),
    (b"\x81\0\0\x05" + ip4(UDP, 9), "IPV4", "UDP", True, True), (ip6(UDP, 10), "IPV6", "UDP", None, True), (ip6(UDP, 11, spoilt=True), "IPV6", "UDP", None, False),
    (ip6(TCP, 12), "IPV6", "TCP", None, True), (b"\x88\xa8\0\x05\x81\0\0\x06" + ip6(TCP, 13, spoilt=True), "IPV6", "TCP", None, False), (b"\x08\x06" + bytes(46), None, None, None, None),
]


def hash_of(frame, l3, l4_, key):
    at = frame.index(b"\x08\0E" if l3 == "IPV4" else b"\x86\xdd\x60") + 2
    addresses, end = (frame[at + 12:at + 20], at + 20) if l3 == "IPV4" else (frame[at + 8:at + 40], at + 40)
    return toeplitz(key, addresses + (frame[end:end + 4] if l4_ else b""))


def marks(tmp):
    """Packet types, checksums, RSS hash and time of arrival of every kind of frame, as testpmd shows them."""
    write_capture(tmp + "/in.pcap", [bytes((2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, n)) + f[0] for n, f in enumerate(FRAMES)])
    t = Testpmd("wire=pcap:%s/in.pcap" % tmp, options=["--enable-rx-cksum", "--enable-rx-timestamp"])
    key = bytes.fromhex(re.search(r"RSS key:\s*([0-9A-Fa-f]{80})", t.do("show port 0 rss-hash key")).group(1))
    t.do("set fwd rxonly")
    t.do("set verbose 1")
    t.tell("start")
    t.settled(lambda: t.ask("/ethdev/stats,0")["ipackets"], len(FRAMES))
    check(t.quit() == 0, "testpmd ends with an error")
    shown = {int(n, 16): text for n, text in re.findall(r"src=02:00:00:00:01:(\w\w) -(.*?ol_flags:[^\n]*)", t.text.replace("\r", ""), re.S)}
    check(sorted(shown) == list(range(len(FRAMES))), "frames %s are shown" % sorted(shown))
    times = []
    for n, text in sorted(shown.items()):
        frame, l3, l4_, l3_good, l4_good = FRAMES[n]
        types = re.search(r"hw ptype: ([^-]*?) *-", text).group(1).split()
        check(types == ["L2_ETHER"] + (["L3_%s_EXT_UNKNOWN" % l3] if l3 else []) + (["L4_" + l4_] if l4_ else []), "frame %d: types %s" % (n, types))
        for name, good in (("IP", l3_good), ("L4", l4_good)):
            want = "GOOD" if good else "BAD" if good is not None else "UNKNOWN"
            check("RX_%s_CKSUM_%s" % (name, want) in text, "frame %d: %s checksum is not %s: %s" % (n, name, want, text))
        said = re.search(r"RSS hash=0x(\w+)", text)
        check((int(said.group(1), 16) if said else None) == (hash_of(frame, l3, l4_, key) if l3 else None), "frame %d: hash %s" % (n, said and said.group(1)))
        times.append(int(re.search(r"timestamp (\d+)", text).group(1)))
    check(times == sorted(times) and times[-1] > times[0] > 0, "times %s" % times)


def changed(tmp):
    """Of packets that a program may have changed nothing is said, wherever it runs; of those that it only looks at, what the NIC found out, also when one that changes them ran before."""
    head = "#include <linux/if_ether.h>\n#include <linux/ip.h>\n"
    body = "void *d = (void *)(long)ctx->data, *e = (void *)(long)ctx->data_end; struct iphdr *ip = d + 14; if ((void *)(ip + 1) > e) return XDP_PASS; __u32 k[2] = {ip->protocol, 1};"
    count = 'struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32[2]); __type(value, __u64); } seen SEC(".maps");'
    build(tmp + "/looks", head + count + 'SEC("xdp") int prog(struct xdp_md *ctx) { %s __u64 one = 1, *n = bpf_map_lookup_elem(&seen, k); if (n) *n += 1; else bpf_map_update_elem(&seen, k, &one, 0);'
          "return XDP_PASS; }" % body)
    build(tmp + "/writes", head + 'SEC("xdp") int prog(struct xdp_md *ctx) { %s ip->ttl--; return XDP_PASS; }' % body)
    build(tmp + "/cuts", 'SEC("xdp") int prog(struct xdp_md *ctx) { bpf_xdp_adjust_tail(ctx, -1); return XDP_PASS; }')
    write_capture(tmp + "/in.pcap", [bytes(12) + ip4(UDP, n) for n in range(8)])
    for mode in ("offload", "host"):
        for before, name, known in ((None, "looks", True), (None, "writes", False), (None, "cuts", False), ("writes", "looks", True)):
            t = Testpmd("wire=pcap:%s/in.pcap,xdp_mode=%s,xdp_prog=%s/%s.o" % (tmp, mode, tmp, before or name), options=["--enable-rx-cksum"])
            if before:
                check(t.ask("/nicjit/load,0,%s/%s.o,,%s" % (tmp, name, mode))["mode"] == mode, "load")
            t.do("set fwd rxonly")
            t.do("set verbose 1")
            t.tell("start")
            t.settled(lambda: t.ask("/ethdev/stats,0")["ipackets"], 8)
            check(t.quit() == 0, "testpmd ends with an error")
            found = {what: t.text.count(what) for what in ("RX_IP_CKSUM_GOOD", "RX_L4_CKSUM_GOOD", "RX_IP_CKSUM_UNKNOWN", "RX_L4_CKSUM_UNKNOWN", "hw ptype: L2_ETHER")}
            want = [8, 8, 0, 0, 8] if known else [0, 0, 8, 8, 0]
            check(list(found.values()) == want, "%s, %s%s: %s" % (mode, name, " behind " + before if before else "", found))


def vxlan(n, **inner):
    """A frame in a frame; the outer UDP header has no checksum, as RFC 7348 has it."""
    body = struct.pack(">HHHHII", 5000, 4789, 8 + 8 + 14 + len(ip4(TCP, n)) - 2, 0, 0x08000000, n << 8) + bytes((2, 0, 0, 0, 0, 3, 2, 0, 0, 0, 0, 4)) + ip4(TCP, n, spoilt=inner["spoilt"], spoilt_head=inner["spoilt"])
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), n, 0, 64, UDP, 0) + bytes((10, 0, 3, n, 10, 0, 4, 7))
    return b"\x08\0" + head[:10] + struct.pack(">H", 0xffff - total(head) ^ (0x0200 if inner["spoilt"] else 0)) + head[12:] + body


# What testpmd's engine csum knows to be there, with checksums that are good or spoilt.
SUMMED = [
    lambda n, s: ip4(UDP, n, spoilt=s, spoilt_head=s), lambda n, s: ip4(TCP, n, spoilt=s, spoilt_head=s), lambda n, s: ip4(TCP, n, spoilt=s, spoilt_head=s, options=b"\x01" * 12),
    lambda n, s: ip4(ICMP, n, spoilt_head=s), lambda n, s: ip4(UDP, n, spoilt_head=s, unsummed=True), lambda n, s: ip6(UDP, n, spoilt=s), lambda n, s: ip6(TCP, n, spoilt=s),
    lambda n, s: b"\x81\0\0\x05" + ip4(TCP, n, spoilt=s, spoilt_head=s), lambda n, s: b"\x81\0\0\x05" + ip6(UDP, n, spoilt=s),
    lambda n, s: ip4(UDP, n, spoilt=s, spoilt_head=s) + b"\xa5\x5a\x77", lambda n, s: ip6(TCP, n, spoilt=s) + b"\xa5\x5a", lambda n, s: vxlan(n, spoilt=s), lambda n, s: b"\x08\x06" + bytes(46),
]


def sums(tmp, model):
    """Frames with spoilt checksums through testpmd's engine csum, which leaves them to the port: those that leave are good."""
    spoilt, good = ([bytes((2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, n)) + f(n, bad) for n, f in enumerate(SUMMED)] for bad in (True, False))
    write_capture(tmp + "/in.pcap", spoilt)
    t = Testpmd("model=%s,wire=pcap:%s/in.pcap:%s/out.pcap" % (model, tmp, tmp))
    t.do("port stop 0")
    for what in ("ip", "udp", "tcp", "outer-ip"):
        check("not supported" not in t.do("csum set %s hw 0" % what), what + " is not offered")
    t.do("csum parse-tunnel on 0")
    t.do("csum mac-swap off 0")
    t.do("port start 0")
    t.do("set fwd csum")
    t.do("start")
    t.settled(lambda: t.xstats()["wire0_tx_packets"], len(spoilt))
    check(t.quit() == 0, "testpmd ends with an error")
    got = {f[11]: f for f in frames(tmp + "/out.pcap")}
    for n, want in enumerate(good):
        check(got.get(n) == want, "frame %d left as %s, not %s" % (n, got[n].hex() if n in got else "nothing", want.hex()))


def others(tmp):
    """Promiscuous, then only what is for the port, its groups or all; the same whether the program is in the NIC or on the host."""
    mac, all_ = "02:00:00:00:00:0a", frames(REAL)
    mine = [f for f in all_ if f[:6].hex(":") == mac]
    groups = [f for f in all_ if f[0] & 1]
    everybody = [f for f in all_ if f[:6] == b"\xff" * 6]
    for mode, kinds in (("offload", (("off", "on", mine + groups), ("off", "off", mine + everybody))), ("host", (("on", "off", all_), ("off", "off", mine + everybody)))):
        for promiscuous, groups_wanted, want in kinds:
            t = Testpmd("mac=%s,wire=pcap:%s,xdp_mode=%s,xdp_prog=%s/examples/pass_all.o" % (mac, REAL, mode, B), more=["--vdev=net_pcap0,tx_pcap=%s/out.pcap" % tmp])
            t.do("set promisc 0 " + promiscuous)
            t.do("set allmulti 0 " + groups_wanted)
            t.do("start")
            t.settled(lambda: t.xstats()["xdp_%s_pass_packets" % mode], len(all_))
            t.settled(lambda: t.xstats()["rx_good_packets"], len(all_))
            others_ = t.xstats()["rx_others_packets"]
            check(t.quit() == 0, "testpmd ends with an error")
            got = frames(tmp + "/out.pcap")
            check(collections.Counter(got) == collections.Counter(want) and others_ == len(all_) - len(want),
                  "%s, promiscuous %s, groups %s: %d frames, %d wanted, %d others" % (mode, promiscuous, groups_wanted, len(got), len(want), others_))


if __name__ == "__main__":
    run_cases([("marks", marks), ("changed", changed), *(("sums " + model, lambda tmp, model=model: sums(tmp, model)) for model in ("iss", "rtl")), ("others", others)])
