# SPDX-License-Identifier: Apache-2.0
"""Packets from scapy, as bytes."""
import logging

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
from scapy.all import ARP, ICMP, IP, TCP, UDP, Dot1AD, Dot1Q, Ether, IPOption_Router_Alert, IPv6, Raw  # noqa: E402,F401 pylint: disable=no-name-in-module,unused-import

KINDS = ["arp", "ipv4_udp", "ipv4_tcp", "ipv4_icmp", "ipv6_udp", "vlan"]


def packet(rng, kind=None, length=None):
    """A packet of a kind, padded or cut to a length."""
    ether = Ether(src="02:00:00:00:00:%02x" % rng.randrange(256), dst="02:00:00:00:01:%02x" % rng.randrange(256))
    ipv4 = IP(src="10.0.%d.%d" % (rng.randrange(256), rng.randrange(256)), dst="10.1.0.1", ttl=rng.randrange(1, 256))
    udp = UDP(sport=rng.randrange(1, 65536), dport=rng.choice([53, 80, 443, 4789]))
    layers = {
        "arp": lambda: ether / ARP(psrc="10.0.0.1", pdst="10.1.0.1"),
        "ipv4_udp": lambda: ether / ipv4 / udp,
        "ipv4_tcp": lambda: ether / ipv4 / TCP(sport=rng.randrange(1, 65536), dport=80, flags=rng.choice(["S", "A", "FA"])),
        "ipv4_icmp": lambda: ether / ipv4 / ICMP(),
        "ipv6_udp": lambda: ether / IPv6(src="fd00::1", dst="fd00::2") / udp,
        "vlan": lambda: ether / Dot1Q(vlan=rng.randrange(1, 4095)) / ipv4 / udp,
    }[kind or rng.choice(KINDS)]()
    data = bytes(layers / Raw(bytes(rng.getrandbits(8) for _ in range(rng.randrange(64)))))
    if length is None:
        length = max(60, len(data))
    return data[:length] + bytes(rng.getrandbits(8) for _ in range(length - len(data)))


def length(rng, longest=1536):
    """A length that is often at an edge of rows or of the limits."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.choice([1, 2, 14, 59, 60, 64, longest - 1, longest])
    if kind == 1:
        return min(longest, max(1, 32 * rng.randrange(1, longest // 32 + 1) + rng.randrange(-1, 2)))
    return rng.randrange(1, 257 if kind == 2 else longest + 1)
