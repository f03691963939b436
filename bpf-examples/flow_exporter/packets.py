# SPDX-License-Identifier: Apache-2.0
import struct

import traffic
from traffic import Dot1Q, ether, ip4, ip6, tcp, text, udp

NOTE = "The host has asked for every packet; the records are compared with those that the kernel sends."


def dissect(data):
    """The flow's key and TCP flags."""
    src = dst = bytes(16)
    ports, protocol, tos, flags, at = bytes(4), 0, 0, 0, None
    if data[12:14] == b"\x08\x00" and len(data) >= 34:
        src, dst = data[26:30] + bytes(12), data[30:34] + bytes(12)
        protocol, tos = data[23], data[15]
        if not int.from_bytes(data[20:22], "big") & 0x1fff and data[14] & 15 >= 5:
            at = 14 + 4 * (data[14] & 15)
    elif data[12:14] == b"\x86\xdd" and len(data) >= 54:
        src, dst, protocol, at = data[22:38], data[38:54], data[20], 54
        tos = int.from_bytes(data[14:16], "big") >> 4 & 0xff
    if at and protocol in (6, 17) and len(data) >= at + 8:
        ports = data[at:at + 4]
        flags = data[at + 13] if protocol == 6 and len(data) >= at + 20 else 0
    return src + dst + ports + data[13:11:-1] + bytes([protocol, tos]), flags


def example():
    packets, flows = [], {}

    def add(what, layers):
        data = bytes(layers)
        packets.append(traffic.Packet(data, "XDP_PASS", what))
        key, flags = dissect(data)
        usage = flows.setdefault(key, [0, 0, 0, 0])
        usage[0] += 1
        usage[1] += len(data)
        usage[2] |= flags
        usage[3] = max(usage[3], len(data))

    for frame in traffic.ordinary():
        add(frame.what, frame.data)
    for n, flags in enumerate(("S", "A", "PA", "PA", "A", "FA", "A", "R")):
        add(f"a connection's packet {n}", ether() / ip4() / tcp(flags, 1234, 80) / text(100 * n))
        add(f"the other way {n}", ether() / ip4(src=traffic.IP_B, dst=traffic.IP_A) / tcp(flags, 80, 1234) / text(7 * n))
        add(f"over IPv6 {n}", ether() / ip6(tc=n * 33, fl=n) / tcp(flags, 1234, 80) / text(n))
    for n in range(20):
        add(f"flow {n}", ether() / ip4(tos=n) / udp(n, 53) / text(n))
    for length in (50, 54, 55, 56, 63, 64, 65, 66, 127, 128, 129):
        add(f"{length} bytes", bytes(ether() / ip4() / udp(5, 5) / text(200))[:length])
    add("VLAN tag", ether() / Dot1Q(vlan=5) / ip4() / udp())
    for what, data in traffic.hostile() + traffic.bare_headers():
        add(what, data)
    settings = {"settings": {bytes(4): struct.pack("<II", 0xffffffff, 1)}}
    return traffic.Example(packets, runts="XDP_PASS", note=NOTE, maps_in=settings, maps_out={
        **settings, "flows": {key: [struct.pack("<QQII", *usage)] for key, usage in flows.items()},
        "lost": {struct.pack("<I", n): [bytes(8)] for n in range(2)}})
