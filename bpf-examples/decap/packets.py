# SPDX-License-Identifier: Apache-2.0
import struct

from scapy.layers.l2 import GRE
from scapy.layers.vxlan import VXLAN
from scapy.utils import inet_aton

import traffic
from traffic import ICMP, UDP, Dot1AD, Dot1Q, Ether, IPOption_NOP, Raw, ether, ip4, ip6, tcp, text, udp

KINDS = IPIP, SIT, GRE_, VXLAN_, WRONG = range(5)
ALL, ONLY_GRE = "192.0.2.1", "192.0.2.2"
ENDPOINTS = {ALL: 0xf, ONLY_GRE: 1 << GRE_, "192.0.2.3": 1 << IPIP | 1 << VXLAN_}
NETWORKS = (1, 0x123456, 0xffffff)
CUT = "IPIP", "SIT", "GRE with all three", "GRE, tagged Ethernet", "VXLAN, tagged"


class End:
    def __init__(self):
        self.packets, self.counts = [], [[0, 0] for _ in KINDS]

    def add(self, what, layers):
        data = bytes(layers)
        verdict, left = self.unpack(data)
        self.packets.append(traffic.Packet(data, verdict, what, left))

    def count(self, kind, data):
        self.counts[kind][0] += 1
        self.counts[kind][1] += len(data)

    def wrong(self, data):
        self.count(WRONG, data)
        return "XDP_DROP", None

    def unpack(self, data):
        at = 18 if data[12:14] == b"\x81\x00" else 14
        ip = data[at:at + 20]
        if data[at - 2:at] != b"\x08\x00" or len(ip) < 20 or ip[0] & 15 < 5 or int.from_bytes(ip[6:8], "big") & 0x3fff:
            return "XDP_PASS", None
        takes = {inet_aton(address): mask for address, mask in ENDPOINTS.items()}.get(ip[16:20])
        if takes is None:
            return "XDP_PASS", None
        at += 4 * (ip[0] & 15)
        if ip[9] == 4:
            kind, inner, proto = IPIP, at, b"\x08\x00"
        elif ip[9] == 41:
            kind, inner, proto = SIT, at, b"\x86\xdd"
        elif ip[9] == 47:
            gre = data[at:at + 4]
            if len(gre) < 4 or gre[0] & 0x4f or gre[1]:
                return self.wrong(data)
            kind, inner, proto = GRE_, at + 4 + 4 * bin(gre[0] & 0xb0).count("1"), gre[2:4]
        elif ip[9] == 17:
            if len(data) < at + 8 or data[at + 2:at + 4] != (4789).to_bytes(2, "big"):
                return "XDP_PASS", None
            if len(data) < at + 16 or not data[at + 8] & 8 or int.from_bytes(data[at + 12:at + 15], "big") not in NETWORKS:
                return self.wrong(data)
            kind, inner, proto = VXLAN_, at + 16, b"\x65\x58"
        else:
            return "XDP_PASS", None
        need = {b"\x65\x58": 14, b"\x08\x00": 20, b"\x86\xdd": 40}.get(proto)
        if not takes >> kind & 1 or need is None or len(data) < inner + need:
            return self.wrong(data)
        self.count(kind, data)
        if proto != b"\x65\x58":
            return "XDP_PASS", data[:12] + proto + data[inner:]
        frame = data[inner:]
        tagged = frame[12:14] == b"\x81\x00" and len(frame) >= 18
        return "XDP_PASS", frame[:12] + frame[16:] if tagged else frame


def inside(**fields):
    """A frame in a tunnel. Addresses that are left out would be those of the machine this runs on."""
    return Ether(src="02:aa:00:00:00:01", dst="02:aa:00:00:00:02", **fields)


def example():
    end = End()
    inner4 = ip4(src="10.1.1.1", dst="10.2.2.2") / tcp("PA") / text(77)
    inner6 = ip6() / udp() / text(33)
    frame = inside() / inner4
    under = {"": ether, "VLAN tag, ": lambda: ether() / Dot1Q(vlan=7), "two VLAN tags, ": lambda: ether() / Dot1Q(vlan=7) / Dot1Q(vlan=8),
             "802.1ad tag, ": lambda: ether() / Dot1AD(vlan=7)}

    def vxlan(vni, **fields):
        return UDP(sport=5555, dport=4789, chksum=0) / VXLAN(vni=vni, flags=8, **fields)

    for frame_ in traffic.ordinary():
        end.add(frame_.what, frame_.data)
    tunnels = {
        "IPIP": inner4, "SIT": inner6,
        "GRE": GRE() / inner4, "GRE, IPv6": GRE(proto=0x86dd) / inner6,
        "GRE with key": GRE(key_present=1, key=5) / inner4,
        "GRE with checksum": GRE(chksum_present=1) / inner4,
        "GRE with sequence number": GRE(seqnum_present=1, seqence_number=9) / inner6,
        "GRE with all three": GRE(chksum_present=1, key_present=1, key=1, seqnum_present=1, seqence_number=2) / inner4,
        "GRE, Ethernet": GRE(proto=0x6558) / frame,
        "GRE, tagged Ethernet": GRE(proto=0x6558, key_present=1, key=1) / inside() / Dot1Q(vlan=3) / inner6,
        "GRE, ARP": GRE(proto=0x0806) / text(28),
        "GRE with routing": GRE(routing_present=1) / inner4,
        "GRE, version 1": GRE(version=1, proto=0x880b) / text(30),
        "VXLAN": vxlan(1) / frame, "VXLAN, last network": vxlan(0xffffff) / frame, "VXLAN, reserved bits": vxlan(0x123456, reserved2=0x55) / frame,
        "VXLAN, unknown network": vxlan(2) / frame,
        "VXLAN without number": UDP(sport=5555, dport=4789) / VXLAN(vni=1, flags=0) / frame,
        "VXLAN, tagged": vxlan(1) / inside() / Dot1Q(vlan=33) / inner4,
        "VXLAN, two tags": vxlan(1) / inside() / Dot1Q(vlan=33) / Dot1Q(vlan=34) / inner4,
        "VXLAN, ARP": vxlan(1) / inside(type=0x0806) / text(28),
        "another port": UDP(sport=4789, dport=4790) / VXLAN(vni=1, flags=8) / frame,
        "ping": ICMP(type=8, id=1), "TCP": tcp("S"),
    }
    protocol = {"IPIP": 4, "SIT": 41}
    for name, layers in tunnels.items():
        for what, outside in under.items():
            for dst in (ALL, "192.0.2.3", "192.0.2.4"):
                net = ip4(src="198.51.100.1", dst=dst, proto=protocol[name]) if name in protocol else ip4(src="198.51.100.1", dst=dst)
                if what and dst != ALL:
                    continue
                end.add(f"{what}{name} to {dst}", outside() / net / layers)
        number = {"proto": protocol[name]} if name in protocol else {}
        end.add(f"{name} behind options", ether() / ip4(dst=ALL, options=[IPOption_NOP()] * 20, **number) / layers)
        whole = ether() / ip4(dst=ALL, **number) / layers
        for length, data in traffic.Frame(name, whole).cuts() if name in CUT else []:
            end.add(f"{name}, {length} bytes", data)
    end.add("IPIP fragment", ether() / ip4(dst=ALL, proto=4, flags="MF") / inner4)
    end.add("IPIP with nothing in it", ether() / ip4(dst=ALL, proto=4))
    end.add("IPIP longest frame", traffic.fill(ether() / ip4(dst=ALL, proto=4) / ip4()))
    end.add("VXLAN longest frame", traffic.fill(ether() / ip4(dst=ALL) / vxlan(1) / inside() / Dot1Q(vlan=1)))
    for length in range(14, 72):
        end.add(f"VXLAN, tagged, {length} bytes", bytes(ether() / ip4(dst=ALL) / vxlan(1) / inside() / Dot1Q(vlan=1) / ip4())[:length])
    for flags in range(0, 256, 16):
        end.add(f"GRE flags {flags:#x}", ether() / ip4(dst=ALL, proto=47) / Raw(bytes([flags, 0, 8, 0])) / text(12) / ip4() / udp())
    for what, data in traffic.hostile() + traffic.bare_headers():
        end.add(what, data)
        if data[12:14] == b"\x08\x00" and len(data) >= 34:
            end.add(f"{what}, to the tunnel's end", data[:30] + inet_aton(ALL) + data[34:])
    maps = {"endpoints": {inet_aton(address): struct.pack("<I", mask) for address, mask in ENDPOINTS.items()},
            "networks": {struct.pack("<I", number): bytes(4) for number in NETWORKS}}
    return traffic.Example(end.packets, runts="XDP_PASS", maps_in=maps, maps_out={
        **maps, "counts": {struct.pack("<I", n): [struct.pack("<QQ", *count)] for n, count in enumerate(end.counts)}})
