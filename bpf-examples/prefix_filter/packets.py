# SPDX-License-Identifier: Apache-2.0
import ipaddress
import struct

import traffic
from traffic import Dot1AD, Dot1Q, ether, ip4, ip6, tcp, text, udp

ALLOW, DENY = 0, 1
RULES = {"192.0.2.0/24": (ALLOW, 1), "192.0.2.64/26": (DENY, 2), "192.0.2.66/32": (ALLOW, 3), "10.0.0.0/8": (ALLOW, 4),
         "10.128.0.0/9": (DENY, 5), "10.130.0.0/16": (ALLOW, 6), "198.51.100.0/25": (ALLOW, 7), "0.0.0.0/32": (ALLOW, 8),
         "2001:db8::/32": (ALLOW, 33), "2001:db8:bad::/48": (DENY, 34), "2001:db8:bad:1::/64": (ALLOW, 35),
         "2001:db8:bad:1::9/128": (DENY, 36), "fe80::/10": (ALLOW, 37), "::/127": (DENY, 99)}


class Filter:
    def __init__(self):
        self.packets, self.hits, self.neighbours = [], [0] * 64, {}

    def add(self, what, layers):
        data = bytes(layers)
        self.packets.append(traffic.Packet(data, self.verdict(data), what))

    def verdict(self, data):
        at, tags, vlan = 12, 0, b"\0\0"
        while tags < 2 and data[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
            if len(data) < at + 6:
                return "XDP_DROP"
            vlan = bytes([data[at + 2] & 15, data[at + 3]])
            at, tags = at + 4, tags + 1
        kind, at = data[at:at + 2], at + 2
        if kind == b"\x08\x00":
            if len(data) < at + 20:
                return "XDP_DROP"
            source = ipaddress.ip_address(data[at + 12:at + 16])
        elif kind == b"\x86\xdd":
            if len(data) < at + 40:
                return "XDP_DROP"
            source = ipaddress.ip_address(data[at + 8:at + 24])
        else:
            return "XDP_PASS"
        fits = [net for net in map(ipaddress.ip_network, RULES) if net.version == source.version and source in net]
        if not fits:
            return "XDP_DROP"
        action, number = RULES[str(max(fits, key=lambda net: net.prefixlen))]
        if number < len(self.hits):
            self.hits[number] += 1
        if action == DENY:
            return "XDP_DROP"
        who = struct.pack("<I", source.max_prefixlen) + source.packed.ljust(16, b"\0")
        packets = self.neighbours[who][1] if who in self.neighbours else 0
        self.neighbours[who] = (data[6:12] + vlan, packets + 1)
        return "XDP_PASS"


def example():
    filter_ = Filter()
    add = filter_.add
    for frame in traffic.ordinary():
        add(frame.what, frame.data)
    for source in ("192.0.2.1", "192.0.2.63", "192.0.2.64", "192.0.2.65", "192.0.2.66", "192.0.2.127", "192.0.2.128", "192.0.3.0", "192.0.1.255",
                   "10.0.0.0", "10.127.255.255", "10.128.0.0", "10.130.1.2", "10.131.0.0", "11.0.0.0", "198.51.100.127", "198.51.100.128", "0.0.0.0",
                   "255.255.255.255", "2001:db8::1", "2001:db8:bad::1", "2001:db8:bad:1::8", "2001:db8:bad:1::9", "2001:db8:bad:2::", "fe80::1",
                   "febf::1", "fec0::1", "::", "::1", "::2", "2001:db9::"):
        net = ip6(src=source) if ":" in source else ip4(src=source)
        for what, below in (("", ether()), ("VLAN tag, ", ether() / Dot1Q(prio=5, vlan=100)), ("QinQ, ", ether() / Dot1AD(vlan=9) / Dot1Q(vlan=10)),
                            ("three tags, ", ether() / Dot1AD(vlan=9) / Dot1Q(vlan=10) / Dot1Q(vlan=11))):
            add(f"{what}{source}", below / net / tcp() / text(3))
    for n in range(8):
        add(f"a neighbour moves {n}", ether(src=f"02:00:00:00:{n // 2:02x}:77") / ip4(src="10.5.5.5") / udp())
        add(f"its address, IPv6 {n}", ether(src="02:00:00:00:00:77") / Dot1Q(vlan=n // 3) / ip6(src="fe80::77") / udp())
    for what, layers in (("IPv4", ether() / ip4(src="10.1.1.1") / udp()), ("IPv6", ether() / ip6() / udp()),
                         ("tagged IPv4", ether() / Dot1Q(vlan=4) / ip4(src="10.1.1.1") / udp()),
                         ("QinQ IPv6", ether() / Dot1AD(vlan=4) / Dot1Q(vlan=5) / ip6() / udp())):
        for length in range(14, len(layers)):
            add(f"{what}, {length} bytes", bytes(layers)[:length])
    for what, data in traffic.hostile() + traffic.bare_headers():
        add(what, data)
    rules = {"rules4": {}, "rules6": {}}
    for network, rule in RULES.items():
        net = ipaddress.ip_network(network)
        rules[f"rules{net.version}"][struct.pack("<I", net.prefixlen) + net.network_address.packed] = struct.pack("<II", *rule)
    return traffic.Example(filter_.packets, runts="XDP_DROP", maps_in=rules, maps_out={
        **rules, "hits": {struct.pack("<I", n): [struct.pack("<Q", hits)] for n, hits in enumerate(filter_.hits)},
        "neighbours": {who: seen + struct.pack("<Q", packets) for who, (seen, packets) in filter_.neighbours.items()}})
