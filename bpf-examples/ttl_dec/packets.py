# SPDX-License-Identifier: Apache-2.0
import struct

import traffic
from traffic import IP, Dot1Q, Ether, IPOption_NOP, IPv6, ether, ip4, ip6, tcp, text, udp


def ttl(layers):
    first = layers.payload
    return first.ttl if isinstance(first, IP) else first.hlim


def next_hop(layers):
    """The frame built anew with one hop less: its checksum is computed, not adjusted."""
    hop = layers.copy()
    if isinstance(hop.payload, IP):
        hop.payload.ttl -= 1
    else:
        hop.payload.hlim -= 1
    return bytes(hop)


def checksum(data):
    return struct.unpack_from(">H", data, 24)[0]


def ip4_with_next_checksum(wanted, **fields):
    """An IPv4 frame whose checksum one hop later is the wanted value."""
    base = next_hop(ether() / ip4(id=0, **fields) / udp() / text(18))
    # One's complement: taking the difference away from the sum is adding it to the identification.
    ident = (checksum(base) - wanted) % 0xffff
    frame = ether() / ip4(id=ident, **fields) / udp() / text(18)
    assert checksum(next_hop(frame)) == wanted
    return frame


def example():
    packets = []

    def sent(what, layers, length=None, pad=0):
        packets.append(traffic.Packet(bytes(layers).ljust(pad, b"\0")[:length], "XDP_TX", what,
                                      next_hop(layers).ljust(pad, b"\0")[:length]))

    def stays(verdict, what, data):
        packets.append(traffic.Packet(data, verdict, what))

    for frame in traffic.ordinary():
        if frame.protocol is None:
            stays("XDP_PASS", f"{frame.what}: not IP", frame.data)
        elif ttl(frame.layers) <= 1:
            stays("XDP_DROP", f"{frame.what}: at its end", frame.data)
        else:
            sent(frame.what, frame.layers, pad=frame.pad)

    for hops in (2, 3, 16, 127, 128, 129, 254, 255):
        sent(f"IPv4, TTL {hops}", ether() / ip4(ttl=hops) / tcp())
        sent(f"IPv6, hop limit {hops}", ether() / ip6(hlim=hops) / tcp())
    for hops in (0, 1):
        stays("XDP_DROP", f"IPv4, TTL {hops}, TCP", bytes(ether() / ip4(ttl=hops) / tcp()))
        stays("XDP_DROP", f"IPv6, hop limit {hops}, TCP", bytes(ether() / ip6(hlim=hops) / tcp()))

    # The sum carries, or wraps, at these. Zero must come out as zero: RFC 1141 gave 0xffff there.
    for wanted in (0x0000, 0x0001, 0x00ff, 0x0100, 0x0101, 0x7fff, 0x8000, 0xfeff, 0xff00, 0xfffe):
        for hops in (2, 64, 255):
            sent(f"IPv4, TTL {hops}, checksum {wanted:#06x} after it",
                 ip4_with_next_checksum(wanted, ttl=hops))
    sent("IPv4 with options", ether() / ip4(options=[IPOption_NOP()] * 40) / udp() / text(20))

    # A checksum that was wrong stays wrong by the same amount: 0x0100 is added to it.
    wrong = bytes(ether() / ip4(chksum=0x1111) / udp() / text(18))
    packets.append(traffic.Packet(wrong, "XDP_TX", "IPv4 with a wrong checksum",
                                  wrong[:22] + b"\x3f" + wrong[23:24] + b"\x12\x11" + wrong[26:]))

    for what, data in traffic.bare_headers():
        stays("XDP_PASS", f"{what}: no whole IP header", data)
    for what, layers, need in (("IPv4", ether() / ip4() / udp() / text(1), 34),
                               ("IPv6", ether() / ip6() / udp() / text(1), 54)):
        for length, data in traffic.Frame(what, layers).cuts():
            if length < need:
                stays("XDP_PASS", f"{what}, {length} bytes: no whole IP header", data)
            else:
                sent(f"{what}, {length} bytes", layers, length)
    stays("XDP_PASS", "VLAN tag, TTL 1 behind it",
          bytes(ether() / Dot1Q(vlan=7) / ip4(ttl=1) / udp()))
    return traffic.Example(packets, runts="XDP_PASS")
