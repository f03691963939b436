# SPDX-License-Identifier: Apache-2.0
import struct

from scapy.utils import inet_aton
from scapy.pton_ntop import inet_pton

import traffic
from traffic import IP, Dot1Q, Ether, IPv6, Raw, ether, ip4, ip6, mac, tcp, text, udp

RING, SERVICES, SERVERS = 251, 4, 32
GATEWAY, OWN = "02:00:00:00:00:fe", "02:00:00:00:00:01"
OWN4, OWN6 = "172.16.0.1", "2001:db8:ffff::1"
WEB, DNS, WEB6, EMPTY = "203.0.113.10", "203.0.113.53", "2001:db8:c::10", "203.0.113.99"
AF_INET6 = 10


def addr(address):
    return inet_pton(AF_INET6, address) if ":" in address else inet_aton(address) + bytes(12)


# Number in servers: address. 9 is a server that has been taken out.
REALS = {1: "10.1.0.1", 2: "10.1.0.2", 3: "10.1.0.3", 4: "2001:db8:f::4", 5: "2001:db8:f::5"}
SERVICE = {(WEB, 443, 6): 0, (DNS, 53, 17): 1, (WEB6, 443, 6): 2, (EMPTY, 80, 6): 3}
RINGS = {0: (1, 2, 3, 4), 1: (1, 2), 2: (4, 5, 4), 3: (9,)}


def ring(service):
    """Maglev's table: each server fills its own permutation's next free place in turn."""
    reals = RINGS[service]
    orders = [[(7 * (real + n) + (3 + real) * place) % RING for place in range(RING)] for n, real in enumerate(reals)]
    table = [None] * RING
    at = [0] * len(reals)
    for turn in range(RING):
        n = turn % len(reals)
        while table[orders[n][at[n]]] is not None:
            at[n] += 1
        table[orders[n][at[n]]] = reals[n]
    return table


def hash_of(src, ports, protocol):
    def rotate(x, by):
        return (x << by | x >> (32 - by)) & 0xffffffff

    value = protocol
    sport, dport = struct.unpack("<HH", ports)
    words = struct.unpack("<4I", src)
    for word in (sport << 16 | dport, *(words if any(words[1:]) else words[:1])):
        value ^= rotate(word * 0xcc9e2d51 & 0xffffffff, 15) * 0x1b873593 & 0xffffffff
        value = (rotate(value, 13) * 5 + 0xe6546b64) & 0xffffffff
    value ^= value >> 16
    value = value * 0x85ebca6b & 0xffffffff
    return value ^ value >> 13


class Balancer:
    def __init__(self):
        self.connections, self.counts, self.packets = {}, [[0, 0, 0] for _ in range(SERVICES)], []
        self.rings = [ring(n) for n in range(SERVICES)]

    def add(self, what, data):
        verdict, left = self.balance(data)
        self.packets.append(traffic.Packet(data, verdict, what, left))

    def balance(self, data):
        kind, ip = data[12:14], data[14:]
        if kind == b"\x08\x00":
            if len(ip) < 20 or ip[0] != 0x45 or int.from_bytes(ip[6:8], "big") & 0x3fff:
                return "XDP_PASS", None
            family, protocol, src, dst, l4 = 4, ip[9], ip[12:16] + bytes(12), ip[16:20] + bytes(12), ip[20:]
            length = int.from_bytes(ip[2:4], "big")
        elif kind == b"\x86\xdd":
            if len(ip) < 40 or ip[0] >> 4 != 6:
                return "XDP_PASS", None
            family, protocol, src, dst, l4 = 6, ip[6], ip[8:24], ip[24:40], ip[40:]
            length = int.from_bytes(ip[4:6], "big") + 40
        else:
            return "XDP_PASS", None
        if len(l4) < {6: 20, 17: 8}.get(protocol, 1 << 20) or not length:
            return "XDP_PASS", None
        opens = protocol == 6 and l4[13] & 0x12 == 2
        service = next((n for (a, port, p), n in SERVICE.items()
                        if (addr(a), port, p) == (dst, int.from_bytes(l4[2:4], "big"), protocol)), None)
        if service is None:
            return "XDP_PASS", None
        count = self.counts[service]
        count[0] += 1
        count[1] += length
        flow = src + dst + l4[:4] + bytes([protocol, family, 0, 0])
        real = None if opens else self.connections.get(flow)
        if real is None:
            real = self.rings[service][hash_of(src, l4[:4], protocol) % RING]
            if real not in REALS:
                return "XDP_DROP", None
            count[2] += 1
            self.connections[flow] = real
        to = REALS[real]
        if ":" in to:
            head = Ether(dst=GATEWAY, src=OWN, type=0x86dd) / IPv6(src=OWN6, dst=to, hlim=64, nh=41 if family == 6 else 4,
                                                                 plen=length & 0xffff)
        else:
            head = Ether(dst=GATEWAY, src=OWN, type=0x800) / IP(src=OWN4, dst=to, ttl=64, id=0, proto=4, len=length + 20 & 0xffff)
        return "XDP_TX", bytes(head) + data[14:]


def example():
    lb = Balancer()

    def web(what, sport, flags="A", client="198.51.100.7", **fields):
        lb.add(what, bytes(ether() / ip4(src=client, dst=WEB, **fields) / tcp(flags, sport, 443) / text(sport % 50)))

    for frame in traffic.ordinary():
        lb.add(frame.what, frame.data)
    for n in range(24):
        web(f"connection {n} opens", 40000 + n, "S")
        web(f"connection {n} goes on", 40000 + n)
    for n in range(12):
        web(f"connection {n} still goes there", 40000 + n, "PA")
    web("nobody has seen it open: by the ring", 41000)
    web("and from then on by the table", 41000, "FA")
    web("SYN ACK opens nothing", 41001, "SA")
    for n in range(20):
        lb.add(f"question {n}", bytes(ether() / ip4(src=f"198.51.100.{n}", dst=DNS) / udp(5000 + n % 3, 53) / text(n)))
    for n in range(20):
        lb.add(f"IPv6 connection {n}", bytes(ether() / ip6(src=f"2001:db8:5::{n:x}", dst=WEB6) / tcp("S" if n % 3 else "A", 50000 + n, 443)
                                             / text(n)))
    lb.add("a service without servers", bytes(ether() / ip4(dst=EMPTY) / tcp("S", dport=80)))
    web("options", 40000, options=[traffic.IPOption_NOP()] * 4)
    web("fragment", 40000, flags="A", frag=5)
    web("first fragment", 40000, **{"id": 7, "frag": 0, "ttl": 1})
    web("bad version", 40000, version=5)
    lb.add("other port", bytes(ether() / ip4(dst=WEB) / tcp("S", dport=80)))
    lb.add("other protocol", bytes(ether() / ip4(dst=WEB) / udp(dport=443)))
    lb.add("ping", bytes(ether() / ip4(dst=WEB) / traffic.ICMP(type=8, id=1, seq=1)))
    lb.add("VLAN tag", bytes(ether() / Dot1Q(vlan=5) / ip4(dst=WEB) / tcp("S", dport=443)))
    lb.add("IPv6 with a hop-by-hop header", bytes(ether() / ip6(dst=WEB6) / traffic.IPv6ExtHdrHopByHop() / tcp("S", dport=443)))
    lb.add("says it is empty", bytes(ether() / ip4(dst=WEB, len=0) / tcp("S", dport=443)))
    lb.add("says it is 65535 bytes", bytes(ether() / ip4(dst=WEB, len=65535) / tcp("S", dport=443)))
    lb.add("IPv6 says it is empty", bytes(ether() / ip6(dst=WEB6, plen=0) / tcp("S", dport=443)))
    lb.add("IPv6 says it is 65535 bytes", bytes(ether() / ip6(dst=WEB6, plen=65535) / tcp("S", dport=443)))
    for what, layers in (("TCP", ether() / ip4(dst=WEB) / tcp("S", dport=443) / text(1)),
                         ("UDP", ether() / ip4(dst=DNS) / udp(dport=53) / text(1)),
                         ("TCP over IPv6", ether() / ip6(dst=WEB6) / tcp("S", dport=443) / text(1))):
        for length in range(14, len(layers)):
            lb.add(f"{what}, {length} bytes", bytes(layers)[:length])
    lb.add("longest frame", bytes(traffic.fill(ether() / ip4(dst=WEB) / tcp("A", dport=443))))
    lb.add("longest frame over IPv6", bytes(traffic.fill(ether() / ip6(dst=WEB6) / tcp("A", dport=443))))
    for what, data in traffic.hostile() + traffic.bare_headers():
        lb.add(what, data)
    lb.add("noise behind a bare type", bytes(ether(type=0x800) / Raw(bytes(range(40)))))

    maps = {
        "services": {addr(a) + struct.pack(">HBB", port, protocol, 6 if ":" in a else 4): struct.pack("<I", n)
                     for (a, port, protocol), n in SERVICE.items()},
        "rings": {struct.pack("<I", n * RING + slot): struct.pack("<I", real) for n in range(SERVICES) for slot, real in enumerate(lb.rings[n])},
        "servers": {struct.pack("<I", n): addr(REALS[n]) + struct.pack("<I", 6 if ":" in REALS[n] else 4) if n in REALS else bytes(20)
                    for n in range(SERVERS)},
        "gateways": {bytes(4): mac(GATEWAY) + mac(OWN) + inet_aton(OWN4) + addr(OWN6)},
    }
    return traffic.Example(lb.packets, runts="XDP_PASS", maps_in=maps, maps_out={
        **maps, "connections": {flow: struct.pack("<I", real) for flow, real in lb.connections.items()},
        "counts": {struct.pack("<I", n): [struct.pack("<QQQ", *count)] for n, count in enumerate(lb.counts)}})
