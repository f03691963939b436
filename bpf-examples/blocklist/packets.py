# SPDX-License-Identifier: Apache-2.0
import ipaddress
import struct

import traffic
from traffic import ICMP, Dot1Q, Ether, IP, ether, ip4, ip6, tcp, text, udp

# The host's list; one entry has counted before.
LISTED = {"203.0.113.1": (0, 0), "203.0.113.2": (0, 0), "203.0.113.255": (7, 700),
          "0.0.0.0": (0, 0), "255.255.255.255": (0, 0), "10.0.0.1": (0, 0),
          "1.0.0.10": (0, 0), "203.0.113.200": (0, 0)}


def key(address):
    return ipaddress.IPv4Address(address).packed


def example():
    packets = []
    counts = {address: list(count) for address, count in LISTED.items()}

    def passes(what, data):
        packets.append(traffic.Packet(data, "XDP_PASS", what))

    def drops(what, data, address):
        packets.append(traffic.Packet(data, "XDP_DROP", f"{what} from {address}, listed"))
        counts[address][0] += 1
        counts[address][1] += len(data)

    def ipv4(address, *above):
        layers = ether() / ip4(src=address)
        for layer in above:
            layers /= layer
        return bytes(layers)

    for frame in traffic.ordinary():
        address = frame.layers[IP].src if frame.layers[Ether].type == 0x0800 else None
        if address in LISTED:
            drops(frame.what, frame.data, address)
        else:
            passes(frame.what, frame.data)

    for address in ("203.0.113.1", "203.0.113.2", "203.0.113.255", "0.0.0.0", "255.255.255.255",
                    "10.0.0.1", "1.0.0.10"):
        drops("UDP", ipv4(address, udp(), text(18)), address)
        drops("TCP SYN", ipv4(address, tcp("S", ack=0)), address)
    drops("ICMP", ipv4("203.0.113.1", ICMP(type=8, id=1, seq=1), text(56)), "203.0.113.1")
    drops("longest frame", bytes(traffic.fill(ether() / ip4(src="203.0.113.2") / tcp())),
          "203.0.113.2")
    drops("fragment", bytes(ether() / ip4(src="203.0.113.2", frag=185, proto=17) / text(64)),
          "203.0.113.2")
    for _ in range(5):
        drops("again UDP", ipv4("203.0.113.1", udp(), text(1)), "203.0.113.1")

    for address in ("203.0.113.0", "203.0.113.3", "203.0.113.254", "203.0.112.1", "204.0.113.1",
                    "0.0.0.1", "255.255.255.254", "10.0.0.2", "1.113.0.203"):
        passes(f"UDP from {address}, next to a listed one", ipv4(address, udp(), text(18)))
    passes("UDP to a listed address", bytes(ether() / ip4(dst="203.0.113.1") / udp() / text(18)))
    passes("UDP from a listed address under a VLAN tag, which nobody looks behind",
           bytes(ether() / Dot1Q(vlan=5) / ip4(src="203.0.113.1") / udp() / text(18)))
    passes("IPv6 with a listed address in the place where IPv4 has its own",
           bytes(ether() / ip6(src="2001:db8::cb00:7101:0:0") / udp() / text(18)))

    for what, data in traffic.bare_headers():
        passes(what, data)
    frame = traffic.Frame("UDP", ether() / ip4(src="203.0.113.1") / udp() / text(1))
    for length, data in frame.cuts():
        if length < 34:
            passes(f"UDP from 203.0.113.1, {length} bytes of it: no whole header", data)
        else:
            drops(f"{length} bytes of UDP", data, "203.0.113.1")

    def entries(table):
        return {"blocklist": {key(a): struct.pack("<QQ", *count) for a, count in table.items()}}

    return traffic.Example(packets, runts="XDP_PASS", maps_in=entries(LISTED),
                           maps_out=entries(counts))
