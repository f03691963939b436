# SPDX-License-Identifier: Apache-2.0
import struct

import traffic
from traffic import Dot1Q, IPOption_NOP, ether, ip4, ip6, tcp, text, udp

HIDDEN, KNOCKS = 22, (7000, 8000, 9000)


class Guard:
    def __init__(self):
        self.packets, self.sources = [], {}

    def add(self, what, layers):
        data = bytes(layers)
        self.packets.append(traffic.Packet(data, self.verdict(data), what))

    def verdict(self, data):
        if data[12:14] == b"\x08\x00":
            if len(data) < 34 or data[14] & 15 < 5 or int.from_bytes(data[20:22], "big") & 0x1fff:
                return "XDP_PASS"
            source, protocol, l4 = data[26:30] + bytes(12), data[23], data[14 + 4 * (data[14] & 15):]
        elif data[12:14] == b"\x86\xdd":
            if len(data) < 54:
                return "XDP_PASS"
            source, protocol, l4 = data[22:38], data[20], data[54:]
        else:
            return "XDP_PASS"
        if protocol not in (6, 17) or len(l4) < (20 if protocol == 6 else 8):
            return "XDP_PASS"
        opens = protocol == 17 or l4[13] & 0x12 == 2
        port = int.from_bytes(l4[2:4], "big")
        known = self.sources.get(source)
        if opens and port in KNOCKS:
            if known is None and port == KNOCKS[0]:
                self.sources[source] = [1, 0]
            elif known is not None and known[0] < len(KNOCKS):
                known[0] = known[0] + 1 if port == KNOCKS[known[0]] else int(port == KNOCKS[0])
            return "XDP_DROP"
        if protocol != 6 or port != HIDDEN:
            return "XDP_PASS"
        if known is not None and known[0] == len(KNOCKS):
            return "XDP_PASS"
        if known is not None:
            known[1] += 1
        return "XDP_DROP"


def example():
    guard = Guard()

    def knock(source, port, flags="S", **fields):
        net = ip6(src=source) if ":" in source else ip4(src=source, **fields)
        guard.add(f"{source} {flags or 'UDP'} to {port}", ether() / net / (tcp(flags, dport=port) if flags else udp(dport=port)) / text(3))

    for frame in traffic.ordinary():
        guard.add(frame.what, frame.data)
    for source in ("198.51.100.1", "2001:db8:1::1"):
        knock(source, HIDDEN)
        for port in KNOCKS:
            knock(source, port)
            knock(source, HIDDEN)
        for flags in ("A", "PA", "FA", "R"):
            knock(source, HIDDEN, flags)
        knock(source, 7000)
        knock(source, HIDDEN)
    for n, ports in enumerate(((7000, 9000, 8000), (7000, 7000, 8000, 9000), (8000, 9000), (7000, 8000, 7000, 8000, 9000), (9000, 8000, 7000),
                               (7000, 8000, 8000, 9000), (7000, 8000), (7000,), (7000, 8000, 9000, 9000, 7000))):
        for port in ports:
            knock(f"198.51.100.{10 + n}", port)
        knock(f"198.51.100.{10 + n}", HIDDEN)
        knock(f"198.51.100.{10 + n}", 80)
    for port in KNOCKS:
        knock("198.51.100.30", port, "")
        knock("198.51.100.31", port, "SA")
        knock("198.51.100.32", port, options=[IPOption_NOP()] * 40)
        knock("198.51.100.33", port, **{"frag": 3})
    for last in range(30, 34):
        knock(f"198.51.100.{last}", HIDDEN)
        knock(f"198.51.100.{last}", HIDDEN, "")
    knock("198.51.100.34", 7000)
    guard.add("VLAN tag", ether() / Dot1Q(vlan=5) / ip4() / tcp("S", dport=HIDDEN))
    for what, layers in (("TCP", ether() / ip4(src="198.51.100.40") / tcp("S", dport=7000)),
                         ("UDP", ether() / ip4(src="198.51.100.41") / udp(dport=7000)),
                         ("TCP over IPv6", ether() / ip6(src="2001:db8:1::2") / tcp("S", dport=7000)),
                         ("TCP behind options", ether() / ip4(src="198.51.100.42", options=[IPOption_NOP()] * 12) / tcp("S", dport=7000)),
                         ("hidden", ether() / ip4(src="198.51.100.43") / tcp("S", dport=HIDDEN))):
        for length in range(14, len(layers) + 1):
            guard.add(f"{what}, {length} bytes", bytes(layers)[:length])
    for what, data in traffic.hostile() + traffic.bare_headers():
        guard.add(what, data)
    return traffic.Example(guard.packets, runts="XDP_PASS", maps_out={
        "sources": {source: struct.pack("<II", *progress) for source, progress in guard.sources.items()}})
