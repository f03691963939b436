# SPDX-License-Identifier: Apache-2.0
import ipaddress

import traffic
from traffic import IP, ICMP, IP6_A, IP_A, Dot1Q, ether, ip4, ip6, tcp, text, udp

MTU, LINK = 1400, "02:00:00:00:00:f1"
NEAR, FAR = "02:00:00:00:00:f2", "02:00:00:00:00:f3"
# As in host.sh, whose own addresses are the host's. Behind a MAC there is the way on; None: nobody answers there.
ROUTES = {
    "198.51.100.0/22": NEAR, "198.51.101.0/24": FAR, "198.51.102.0/24": "drop", "198.51.103.0/25": "drop", "10.9.0.0/16": FAR,
    "10.9.2.0/24": None, "203.0.113.0/24": None, "203.0.113.1/32": "host", "203.0.113.255/32": "host", "203.0.113.2/32": NEAR,
    "203.0.113.3/32": FAR, "127.0.0.0/8": "host",
    "2001:db8:8::/45": NEAR, "2001:db8:b:1::/64": FAR, "2001:db8:b:2::/64": "drop", "2001:db8:9:2::/64": None,
    "2001:db8:f::/64": None, "2001:db8:f::1/128": "host", "2001:db8:f::2/128": NEAR, "2001:db8:f::3/128": FAR,
}
TABLE = {ipaddress.ip_network(net): way for net, way in ROUTES.items()}


def way_to(text_of_address):
    address = ipaddress.ip_address(text_of_address)
    nets = [net for net in TABLE if net.version == address.version and address in net]
    return TABLE[max(nets, key=lambda net: net.prefixlen)] if nets else "host"


def hops(layers):
    return layers.payload.ttl if isinstance(layers.payload, IP) else layers.payload.hlim


def length_of(layers):
    data = bytes(layers)
    return int.from_bytes(data[16:18], "big") if isinstance(layers.payload, IP) else int.from_bytes(data[18:20], "big") + 40


def sent_on(layers, mac):
    """The frame built anew, its checksum computed and not adjusted."""
    hop = layers.copy()
    hop.src, hop.dst = LINK, mac
    if isinstance(hop.payload, IP):
        hop.payload.ttl -= 1
    else:
        hop.payload.hlim -= 1
    return bytes(hop)


def routed(what, layers, length=None, pad=0):
    data, way = bytes(layers).ljust(pad, b"\0")[:length], way_to(layers.payload.dst)
    if hops(layers) <= 1:
        return traffic.Packet(data, "XDP_PASS", f"{what}: at its end")
    if way == "drop":
        return traffic.Packet(data, "XDP_DROP", f"{what}: thrown away")
    if way == "host":
        return traffic.Packet(data, "XDP_PASS", f"{what}: the host's, or nobody's")
    if length_of(layers) > MTU:
        return traffic.Packet(data, "XDP_PASS", f"{what}: too long for the link")
    if way is None:
        return traffic.Packet(data, "XDP_PASS", f"{what}: its neighbour is not known")
    return traffic.Packet(data, "XDP_REDIRECT", f"{what}: sent on", sent_on(layers, way).ljust(pad, b"\0")[:length])


def example():
    packets = []

    def stays(what, data):
        packets.append(traffic.Packet(data, "XDP_PASS", what))

    for frame in traffic.ordinary():
        if frame.protocol is None:
            stays(f"{frame.what}: not IP", frame.data)
        else:
            packets.append(routed(frame.what, frame.layers, pad=frame.pad))
    for dst in ("198.51.100.0", "198.51.100.255", "198.51.101.0", "198.51.101.255", "198.51.102.1", "198.51.103.1", "198.51.103.127",
                "198.51.103.128", "198.51.99.255", "198.51.104.0", "10.9.0.1", "10.9.2.1", "10.9.3.0", "10.8.255.255", "203.0.113.1",
                "203.0.113.2", "203.0.113.3", "203.0.113.4", "203.0.113.255", "127.0.0.1", IP_A):
        packets.append(routed(f"IPv4 to {dst}", ether() / ip4(dst=dst) / tcp()))
    for dst in ("2001:db8:8::", "2001:db8:f:ffff::1", "2001:db8:10::", "2001:db8:7::1", "2001:db8:b:1::5", "2001:db8:b:2::5", "2001:db8:9:2::2",
                "2001:db8:9::1", "2001:db8:f::1", "2001:db8:f::2", "2001:db8:f::3", "2001:db8:f::4", "::1", "fe80::1", "ff02::1", IP6_A):
        packets.append(routed(f"IPv6 to {dst}", ether() / ip6(dst=dst) / tcp()))
    for size in (MTU - 1, MTU, MTU + 1):
        packets.append(routed(f"IPv4, {size} bytes", ether() / ip4() / udp() / text(size - 28)))
        packets.append(routed(f"IPv6, {size} bytes", ether() / ip6() / udp() / text(size - 48)))
    for ttl in (0, 1, 2, 3, 128, 255):
        packets.append(routed(f"IPv4, TTL {ttl}", ether() / ip4(ttl=ttl) / ICMP()))
        packets.append(routed(f"IPv6, hop limit {ttl}", ether() / ip6(hlim=ttl) / tcp()))
    stays("IPv6 from a link's own address", bytes(ether() / ip6(src="fe80::9") / tcp()))
    for what, data in traffic.bare_headers():
        stays(f"{what}: no whole IP header", data)
    for what, layers, need in (("IPv4", ether() / ip4() / udp() / text(1), 34), ("IPv6", ether() / ip6() / udp() / text(1), 54)):
        for length, data in traffic.Frame(what, layers).cuts():
            if length < need:
                stays(f"{what}, {length} bytes: no whole IP header", data)
            else:
                packets.append(routed(f"{what}, {length} bytes", layers, length))
    stays("VLAN tag", bytes(ether() / Dot1Q(vlan=7) / ip4() / udp()))
    return traffic.Example(packets, runts="XDP_PASS")
