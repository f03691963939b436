# SPDX-License-Identifier: Apache-2.0
import socket

import traffic
from traffic import IP, IP_B, MAC_A, MAC_B, Dot1Q, Ether, ether, ip4, mac, tcp, text, udp

LOCAL, REMOTE = "203.0.113.1", "203.0.113.2"
NEXT_HOP, FROM = "02:00:00:00:00:fe", "02:00:00:00:00:01"
NETWORK = "198.51.100.0"  # of IP_B


def outer(data, tos=None):
    """What a frame becomes on its way into the tunnel."""
    inner = IP(data[14:34])
    header = IP(src=LOCAL, dst=REMOTE, ttl=64, proto=4, id=0, len=inner.len + 20,
                tos=inner.tos if tos is None else tos)
    return bytes(Ether(dst=NEXT_HOP, src=FROM, type=0x800)) + bytes(header) + data[14:]


def example():
    packets = []
    for frame in traffic.ordinary():
        data = frame.data
        is_ip = data[12:14] == b"\x08\x00"
        if is_ip and data[30:33] == socket.inet_aton(NETWORK)[:3] and len(data) + 20 <= 1792:
            packets.append(traffic.Packet(data, "XDP_TX", f"{frame.what}: into the tunnel", outer(data)))
        else:
            packets.append(traffic.Packet(data, "XDP_PASS", f"{frame.what}: the host's"))
    for tos in (0, 0xb8, 0xff):
        data = bytes(ether() / ip4(tos=tos) / udp() / text(100))
        packets.append(traffic.Packet(data, "XDP_TX", f"TOS {tos:#x} goes to the outer header", outer(data)))

    inner = ip4(src=IP_B, dst="192.0.2.77") / tcp("PA") / text(333)
    through = ether() / IP(src=REMOTE, dst=LOCAL, ttl=61, proto=4) / inner
    packets.append(traffic.Packet(bytes(through), "XDP_PASS", "out of the tunnel", bytes(ether() / inner)))
    short = ether() / IP(src=REMOTE, dst=LOCAL, proto=4)
    packets.append(traffic.Packet(bytes(short), "XDP_PASS", "out of the tunnel, with nothing in it",
                                  bytes(Ether(src=MAC_A, dst=MAC_B, type=0x800))))
    other = ether() / IP(src=REMOTE, dst="203.0.113.9", proto=4) / inner
    packets.append(traffic.Packet(bytes(other), "XDP_PASS", "another's tunnel"))
    packets.append(traffic.Packet(bytes(ether() / Dot1Q(vlan=5) / ip4() / udp()), "XDP_PASS", "VLAN tag"))
    for what, data in traffic.bare_headers():
        packets.append(traffic.Packet(data, "XDP_PASS", f"{what}: no whole IP header"))

    addresses = socket.inet_aton(LOCAL) + socket.inet_aton(REMOTE)
    maps = {
        "tunnels": {socket.inet_aton(NETWORK): addresses + mac(NEXT_HOP) + mac(FROM)},
        "own_addresses": {socket.inet_aton(LOCAL): bytes(4)},
    }
    return traffic.Example(packets, runts="XDP_PASS", maps_in=maps, maps_out=maps)
