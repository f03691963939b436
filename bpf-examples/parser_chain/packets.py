# SPDX-License-Identifier: Apache-2.0
import traffic
from traffic import ether, ip4, ip6, tcp, text, udp

IP4, IP6, TCP, UDP = range(4)


def walk(data, counts):
    """The verdict, and the headers on the way to it."""
    if data[12:14] == b"\x08\x00":
        header, at = data[14:34], 14 + 4 * (data[14] & 15 if len(data) > 14 else 0)
        if len(header) < 20 or header[0] & 15 < 5 or int.from_bytes(header[6:8], "big") & 0x1fff:
            return "XDP_PASS"
        counts[IP4] += 1
        protocol = header[9]
    elif data[12:14] == b"\x86\xdd":
        header, at = data[14:54], 54
        if len(header) < 40:
            return "XDP_PASS"
        counts[IP6] += 1
        protocol = header[6]
    else:
        return "XDP_PASS"
    if protocol == 6 and len(data) >= at + 20:
        counts[TCP] += 1
        return "XDP_DROP" if data[at + 13] & 0x12 == 0x02 else "XDP_PASS"
    if protocol == 17 and len(data) >= at + 8:
        counts[UDP] += 1
        return "XDP_DROP" if data[at + 2:at + 4] == (5353).to_bytes(2, "big") else "XDP_PASS"
    return "XDP_PASS"


def example():
    packets, counts = [], [0] * 4

    def add(what, data):
        packets.append(traffic.Packet(data, walk(data, counts), what))

    for frame in traffic.ordinary():
        add(frame.what, frame.data)
    add("mDNS over IPv6", bytes(ether() / ip6() / udp(dport=5353) / text(20)))
    add("SYN over IPv6", bytes(ether() / ip6() / tcp("S")))
    add("SYN ACK", bytes(ether() / ip4() / tcp("SA")))
    for what, data in traffic.bare_headers():
        add(what, data)
    for frame in (traffic.Frame("TCP", ether() / ip4() / tcp("S") / text(1)), traffic.Frame("UDP", ether() / ip6() / udp(dport=5353) / text(1))):
        for length, data in frame.cuts():
            add(f"{frame.what}, {length} bytes", data)
    return traffic.Example(packets, runts="XDP_PASS",
                           note="The counts are in headers; the slots of parsers stay as the program declares them.")
