# SPDX-License-Identifier: Apache-2.0
import struct

import traffic
from traffic import ether, ip4, ip6, tcp, text, udp

NOT_IP, TRUNCATED, ENTRIES = 256, 257, 258


def example():
    packets = []
    counts = [[0, 0] for _ in range(ENTRIES)]

    def add(what, data, entry):
        name = {NOT_IP: "not IP", TRUNCATED: "truncated"}.get(entry, f"protocol {entry}")
        packets.append(traffic.Packet(data, "XDP_PASS", f"{what}: {name}"))
        counts[entry][0] += 1
        counts[entry][1] += len(data)

    for frame in traffic.ordinary():
        add(frame.what, frame.data, NOT_IP if frame.protocol is None else frame.protocol)

    for what, data in traffic.bare_headers():
        add(what, data, TRUNCATED if "IPv" in what else NOT_IP)
    for what, need in (("TCP SYN with options", 34), ("UDP behind one word of IP options", 34),
                       ("UDP behind a hop-by-hop header", 54)):
        frame = traffic.named(what)
        for length, data in frame.cuts():
            add(f"{what}, {length} bytes of it", data,
                frame.protocol if length >= need else TRUNCATED)
    for what in ("ARP request", "VLAN, UDP"):
        for length, data in traffic.named(what).cuts():
            add(f"{what}, {length} bytes of it", data, NOT_IP)

    # The number counts as it stands, whatever else the header says.
    add("IPv4 type, version 6", bytes(ether() / ip4(version=6) / udp() / text(20)), 17)
    add("IPv4, header length 4", bytes(ether() / ip4(ihl=4) / tcp()), 6)
    add("IPv4 header behind the IPv6 type: its flags are in the place of the next header",
        bytes(ether(type=0x86dd) / ip4(flags="DF") / udp() / text(40)), 0x40)
    add("IPv6, hop-by-hop without the header", bytes(ether() / ip6(nh=0)), 0)
    for protocol in (1, 6, 17, 58, 89, 103, 112, 128, 254):
        add(f"IPv4 header alone, protocol {protocol}", bytes(ether() / ip4(proto=protocol)),
            protocol)
        add(f"IPv6 header alone, next header {protocol}",
            bytes(ether() / ip6(nh=protocol)), protocol)

    return traffic.Example(packets, runts="XDP_PASS", maps_out={
        "counts": {struct.pack("<I", entry): struct.pack("<QQ", *count)
                   for entry, count in enumerate(counts)}})
