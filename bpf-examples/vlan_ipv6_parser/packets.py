# SPDX-License-Identifier: Apache-2.0
import itertools
import struct

import traffic
from traffic import (AH, Dot1AD, Dot1Q, IPOption_NOP, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
                     IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, Raw, ether, ip4, ip6, tcp, text, udp)

CLASSES = ["not IP", "IPv4 TCP", "IPv4 UDP", "IPv4 other", "IPv6 TCP", "IPv6 UDP", "IPv6 other",
           "later fragment", "telnet", "too deep", "malformed"]
VERDICTS = {"telnet": "XDP_DROP", "too deep": "XDP_DROP", "malformed": "XDP_ABORTED"}

TAGS = {"no tag": lambda: ether(),
        "one tag": lambda: ether() / Dot1Q(vlan=100),
        "802.1ad tag": lambda: ether() / Dot1AD(vlan=200),
        "QinQ": lambda: ether() / Dot1AD(vlan=200) / Dot1Q(vlan=100),
        "two 802.1Q tags": lambda: ether() / Dot1Q(vlan=200) / Dot1Q(vlan=100)}


def auth(nh):
    return AH(nh=nh, payloadlen=4, spi=0x100, seq=1, icv=bytes(range(12)))


def extensions(kinds, protocol):
    """Extension headers in that order; protocol is the number of what follows the last."""
    numbers = {"hop": 0, "route": 43, "frag": 44, "auth": 51, "dest": 60, "long": 60}
    layers, first = None, numbers[kinds[0]] if kinds else protocol
    for n, kind in enumerate(kinds):
        nh = numbers[kinds[n + 1]] if n + 1 < len(kinds) else protocol
        header = {"hop": lambda nh: IPv6ExtHdrHopByHop(nh=nh),
                  "route": lambda nh: IPv6ExtHdrRouting(nh=nh, addresses=[traffic.IP6_B]),
                  "frag": lambda nh: IPv6ExtHdrFragment(nh=nh, id=0xabcd, m=1),
                  "auth": auth,
                  "dest": lambda nh: IPv6ExtHdrDestOpt(nh=nh),
                  "long": lambda nh: Raw(bytes([nh, 15]) + b"\x01\x7c" + bytes(124))}[kind](nh)
        layers = header if layers is None else layers / header
    return first, layers


class Log:
    def __init__(self):
        self.packets = []
        self.counts = dict.fromkeys(CLASSES, 0)

    def add(self, what, layers, kind):
        self.packets.append(traffic.Packet(bytes(layers), VERDICTS.get(kind, "XDP_PASS"),
                                           f"{what}: {kind}"))
        self.counts[kind] += 1


def ordinary(log):
    for frame in traffic.ordinary():
        if frame.net is None:
            kind = "not IP"
        elif frame.transport == "fragment":
            kind = "later fragment"
        else:
            kind = f"{frame.net} {frame.transport}"
        log.add(frame.what, frame.data, kind)


def telnet(log):
    """Port 23 under every tagging, in both networks and transports."""
    for tags, below in TAGS.items():
        log.add(f"TCP to telnet, {tags}", below() / ip4() / tcp("S", dport=23), "telnet")
        log.add(f"UDP to telnet over IPv6, {tags}", below() / ip6() / udp(dport=23), "telnet")
        log.add(f"TCP from telnet, {tags}", below() / ip4() / tcp("A", 23, 40000), "IPv4 TCP")
    log.add("UDP to telnet", ether() / ip4() / udp(dport=23) / text(10), "telnet")
    log.add("TCP to telnet over IPv6", ether() / ip6() / tcp(dport=23), "telnet")
    log.add("TCP to telnet behind 40 bytes of options, QinQ",
            TAGS["QinQ"]() / ip4(options=[IPOption_NOP()] * 40) / tcp(dport=23), "telnet")
    log.add("TCP to telnet, first fragment",
            ether() / ip4(flags="MF") / tcp(dport=23) / text(100), "telnet")
    log.add("later fragment that looks like telnet",
            ether() / ip4(frag=1, proto=6) / tcp(dport=23), "later fragment")
    log.add("fragment of the largest offset",
            ether() / ip4(frag=0x1fff, proto=6) / tcp(dport=23), "later fragment")
    for port in (22, 24, 0x1700, 23 << 8 | 23, 0):
        log.add(f"TCP to port {port}", ether() / ip4() / tcp(dport=port), "IPv4 TCP")
        log.add(f"UDP to port {port} over IPv6", ether() / ip6() / udp(dport=port), "IPv6 UDP")
    log.add("SCTP to port 23", ether() / ip4(proto=132) / Raw(b"\x11\x11\0\x17") / text(20),
            "IPv4 other")


def chains(log):
    """IPv6 with 1 to 5 extension headers: 4 are walked."""
    harmless = itertools.cycle([(17, udp(dport=53), "IPv6 UDP"), (6, tcp("S"), "IPv6 TCP"),
                                (58, Raw(b"\x80\0\0\x17\0\0\0\1"), "IPv6 other")])
    for kinds in (["hop"], ["dest"], ["route"], ["frag"], ["auth"], ["long"], ["hop", "dest"],
                  ["route", "frag"], ["auth", "dest"], ["long", "long"], ["hop", "route", "frag"],
                  ["hop", "dest", "route", "auth"], ["frag", "auth", "hop", "long"],
                  ["long", "long", "long", "long"]):
        for protocol, above, kind in ((6, tcp("S", dport=23), "telnet"), next(harmless)):
            first, layers = extensions(kinds, protocol)
            log.add(f"IPv6, {' '.join(kinds)}, protocol {protocol}",
                    ether() / ip6(nh=first) / layers / above, kind)
    for kinds in (["hop", "dest", "route", "auth", "dest"], ["dest"] * 5, ["dest"] * 6):
        first, layers = extensions(kinds, 6)
        log.add(f"IPv6 with {len(kinds)} extension headers",
                ether() / ip6(nh=first) / layers / tcp(), "too deep")
    first, layers = extensions(["hop", "auth"], 17)
    log.add("UDP to telnet behind two headers and two tags",
            TAGS["QinQ"]() / ip6(nh=first) / layers / udp(dport=23), "telnet")
    log.add("later fragment behind destination options",
            ether() / ip6() / IPv6ExtHdrDestOpt() / IPv6ExtHdrFragment(nh=6, id=1, offset=1)
            / tcp(dport=23), "later fragment")
    log.add("fragment header with reserved bits only",
            ether() / ip6() / IPv6ExtHdrFragment(nh=6, id=1, offset=0, res2=3) / tcp(), "IPv6 TCP")
    log.add("ESP over IPv6", ether() / ip6(nh=50) / text(40), "IPv6 other")
    log.add("no next header with bytes behind it", ether() / ip6(nh=59) / tcp(dport=23),
            "IPv6 other")


def tags(log):
    three = ether() / Dot1AD(vlan=1) / Dot1Q(vlan=2) / Dot1Q(vlan=3)
    log.add("three tags, UDP", three / ip4() / udp(), "too deep")
    log.add("three tags, ARP", three / Raw(b"\0\1"), "too deep")
    log.add("three tags, the frame ends at the second",
            bytes(three)[:22], "too deep")
    log.add("QinQ, type 0x9100 outside", ether(type=0x9100) / Raw(b"\0\1\x08\0") / ip4() / tcp(),
            "not IP")
    log.add("VLAN, LLDP", ether() / Dot1Q(vlan=1, type=0x88cc) / text(40), "not IP")


def cut(log):
    """Every header boundary and a byte to either side."""
    for what, layers, kind, need in (
            ("TCP", ether() / ip4() / tcp(), "IPv4 TCP", 38),
            ("QinQ UDP", TAGS["QinQ"]() / ip4() / udp() / text(2), "IPv4 UDP", 46),
            ("IPv6, hop dest UDP", ether() / ip6() / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt()
             / udp() / text(1), "IPv6 UDP", 74)):
        for length, data in traffic.Frame(what, layers).cuts():
            log.add(f"{what}, {length} bytes", data, kind if length >= need else "malformed")
        for length in (need - 1, need):
            log.add(f"{what} cut at the ports, {length} bytes", bytes(layers)[:length],
                    kind if length >= need else "malformed")
    for what, data in traffic.bare_headers():
        log.add(what, data, "not IP" if "ARP" in what else "malformed")
    icmp = bytes(ether() / ip4(proto=1))
    log.add("IPv4 header alone, a protocol without ports", icmp, "IPv4 other")
    options = bytes(ether() / ip4(options=[IPOption_NOP()] * 40) / tcp())
    log.add("options, a byte short of the ports", options[:77], "malformed")
    log.add("options, ports whole", options[:78], "IPv4 TCP")


def lies(log):
    log.add("IPv4 type, version 6", ether() / ip4(version=6) / tcp(), "malformed")
    log.add("IPv6 type, version 4", ether() / ip6(version=4) / tcp(), "malformed")
    log.add("IPv4 header length 4", ether() / ip4(ihl=4) / tcp(), "malformed")
    log.add("IPv4 header length beyond the frame", ether() / ip4(ihl=15) / udp(), "malformed")
    log.add("extension header longer than the frame",
            ether() / ip6(nh=60) / Raw(bytes([6, 255]) + bytes(6)) / tcp(), "malformed")
    log.add("routing header longer than the frame, then another one",
            ether() / ip6(nh=43) / Raw(bytes([60, 200]) + bytes(6)) / tcp(), "malformed")
    log.add("authentication header of the smallest length",
            ether() / ip6(nh=51) / Raw(bytes([17, 0]) + bytes(6)) / udp(), "IPv6 UDP")
    log.add("IPv4 total length 0", ether() / ip4(len=0) / tcp(), "IPv4 TCP")
    log.add("IPv6 payload length 0", ether() / ip6(plen=0) / tcp(), "IPv6 TCP")


def example():
    log = Log()
    for part in (ordinary, telnet, chains, tags, cut, lies):
        part(log)
    return traffic.Example(log.packets, runts="XDP_ABORTED", maps_out={
        "classes": {struct.pack("<I", n): struct.pack("<Q", log.counts[name])
                    for n, name in enumerate(CLASSES)}})
