# SPDX-License-Identifier: Apache-2.0
import ipaddress
import struct

import traffic
from traffic import Dot1Q, ether, ip4, ip6, tcp, text, udp

BUCKETS, SECOND = 64, 1_000_000_000
START_NS = 1_700_000_000 * SECOND  # packets.START_US
NETWORKS = {"203.0.113.0/24": 1, "203.0.113.128/25": 2, "203.0.113.200/32": 3, "198.51.100.0/24": 4, "2001:db8:5::/48": 2,
            "2001:db8:5:8000::/49": 5, "2001:db8:6::1/128": 4, "192.0.2.64/26": 6, "192.0.2.250/32": 63}
RATES = {1: (1000, 500), 2: (100_000, 3000), 3: (0, 0), 4: (2_000_000, 1514), 5: (10, 60), 6: (1 << 33, 1 << 40)}
NOTE = "The program reads the clock: these verdicts are those of a clock that follows the\ntimestamps of in.pcap."


class Limiter:
    def __init__(self):
        self.buckets = [[*RATES.get(n, (0, 0)), 0, 0, 0, 0] for n in range(BUCKETS)]
        self.packets, self.now = [], START_NS

    def add(self, what, layers, gap_us=1000):
        data = bytes(layers)
        self.now += gap_us * 1000
        self.packets.append(traffic.Packet(data, self.verdict(data), what, gap_us=gap_us))

    def verdict(self, data):
        if data[12:14] == b"\x08\x00" and len(data) >= 34:
            source = ipaddress.ip_address(data[26:30])
        elif data[12:14] == b"\x86\xdd" and len(data) >= 54:
            source = ipaddress.ip_address(data[22:38])
        else:
            return "XDP_PASS"
        fits = [net for net in map(ipaddress.ip_network, NETWORKS) if net.version == source.version and source in net]
        if not fits:
            return "XDP_PASS"
        bucket = self.buckets[NETWORKS[str(max(fits, key=lambda net: net.prefixlen))]]
        rate, burst, _, filled, _, _ = bucket
        since = min(self.now - filled, 10 * SECOND)
        if since > 1_000_000:
            bucket[2] = min(burst, bucket[2] + since // 1000 * rate // 1_000_000)
            bucket[3] = self.now
        if bucket[2] < len(data):
            bucket[5] += 1
            return "XDP_DROP"
        bucket[2] -= len(data)
        bucket[4] += 1
        return "XDP_PASS"


def key(network):
    net = ipaddress.ip_network(network)
    return struct.pack("<I", net.prefixlen) + net.network_address.packed


def example():
    limiter = Limiter()

    def from4(source, size, what, gap_us=1000):
        limiter.add(f"{source} {what}", ether() / ip4(src=source) / udp() / text(size), gap_us)

    for frame in traffic.ordinary():
        limiter.add(frame.what, frame.data)
    for n in range(12):
        from4("203.0.113.7", 58, f"packet {n} of a burst", 10)
    for gap in (900, 1000, 1001, 50_000, 100_000, 200_000, 1_000_000, 9_999_999, 10_000_000, 10_000_001, 60_000_000):
        from4("203.0.113.7", 58, f"after {gap} us", gap)
    for n in range(40):
        from4(f"203.0.113.{128 + n}", 100 + n, f"the longer prefix has its own bucket, {n}", 300 * n)
        if n % 4 == 0:
            limiter.add(f"IPv6 in the same bucket, {n}", ether() / ip6(src=f"2001:db8:5::{n}") / tcp("A") / text(200), 100)
    for n in range(3):
        from4("203.0.113.200", n, "a network without rate", 2_000_000)
    for n in range(20):
        from4("198.51.100.1", 1400, f"long frames {n}", 100 * n)
        limiter.add(f"one address of IPv6 {n}", ether() / ip6(src="2001:db8:6::1") / udp() / text(50 * n), 20)
    for n in range(6):
        limiter.add(f"10 bytes a second {n}", ether() / ip6(src="2001:db8:5:8000::9") / text(0), 2_500_000)
    for n in range(4):
        from4("192.0.2.70", 1000, "much faster than the wire", 5_000_000 * n)
    for n in range(2):
        from4("192.0.2.250", 10, "the last bucket is empty")
        from4("192.0.2.128", 10, "just above a prefix")
        from4("192.0.2.127", 10, "the last of a prefix")
    limiter.add("IPv6 of no prefix", ether() / ip6(src="2001:db8:7::1") / udp())
    limiter.add("VLAN tag: nobody looks", ether() / Dot1Q(vlan=9) / ip4(src="203.0.113.200") / udp())
    for what, layers in (("IPv4", ether() / ip4(src="203.0.113.9") / udp()), ("IPv6", ether() / ip6(src="2001:db8:5::9") / udp())):
        for length in range(14, len(layers)):
            limiter.add(f"{what}, {length} bytes", bytes(layers)[:length], 20_000)
    for what, data in traffic.hostile() + traffic.bare_headers():
        limiter.add(what, data)
    prefixes = {"prefixes4": {}, "prefixes6": {}}
    for network, bucket in NETWORKS.items():
        prefixes["prefixes6" if ":" in network else "prefixes4"][key(network)] = struct.pack("<I", bucket)
    return traffic.Example(limiter.packets, runts="XDP_PASS", note=NOTE, maps_in={
        **prefixes, "buckets": {struct.pack("<I", n): struct.pack("<6Q8x", *pair, 0, 0, 0, 0) for n, pair in RATES.items()}})
