# SPDX-License-Identifier: Apache-2.0
"""The traffic that every example is shown, and what the examples' packets.py are written with.

Nothing here knows a program: a Frame says what was built, an example says what becomes of it.
"""
import dataclasses
import logging
import typing

logging.getLogger("scapy").setLevel(logging.ERROR)

# pylint: disable=wrong-import-position
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption, IPOption_NOP, IPOption_RR
from scapy.layers.inet6 import (ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6ND_NS,
                                ICMPv6NDOptSrcLLAddr, IPv6, IPv6ExtHdrDestOpt,
                                IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting)
from scapy.layers.ipsec import AH
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether
from scapy.packet import Packet as Layer, Raw

MAC_A, MAC_B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
IP_A, IP_B = "192.0.2.10", "198.51.100.20"
IP6_A, IP6_B = "2001:db8:a::10", "2001:db8:b::20"
SHORTEST, LONGEST = 60, 1514  # Ethernet without its frame check sequence


@dataclasses.dataclass(frozen=True)
class Frame:
    """A frame and what its author put in it."""
    what: str
    layers: Layer
    net: typing.Optional[str] = None  # "IPv4" or "IPv6", under whatever VLAN tags
    transport: typing.Optional[str] = None  # "TCP", "UDP", "other", or "fragment": no ports
    pad: int = 0  # zeros up to this length

    @property
    def data(self):
        return bytes(self.layers).ljust(self.pad, b"\0")

    @property
    def tagged(self):
        return isinstance(self.layers.payload, (Dot1Q, Dot1AD))

    @property
    def protocol(self):
        """The protocol number an untagged IP header carries, or None."""
        first = self.layers.payload
        if isinstance(first, IP):
            return bytes(first)[9]
        return bytes(first)[6] if isinstance(first, IPv6) else None

    def cuts(self):
        """(length, bytes) of the frame cut at the end of each header, a byte less and one more."""
        lengths, end, layer = set(), 0, self.layers
        while layer and not isinstance(layer, Raw):
            end += len(layer) - len(layer.payload)
            lengths |= {end - 1, end, end + 1}
            layer = layer.payload
        return [(n, self.data[:n]) for n in sorted(lengths) if 14 <= n <= len(self.data)]


@dataclasses.dataclass(frozen=True)
class Packet:
    """One line of an example: a frame and what the program must do with it."""
    data: bytes
    verdict: str
    why: str
    left: typing.Optional[bytes] = None  # the frame afterwards, where the program changes it
    gap_us: int = 1000  # time since the packet before


@dataclasses.dataclass(frozen=True)
class Example:
    packets: list
    runts: str  # the verdict on a frame that ends inside the Ethernet header
    maps_in: typing.Optional[dict] = None  # {map: {key bytes: value bytes}}
    maps_out: typing.Optional[dict] = None  # after in.pcap
    note: str = ""  # for the head of expect.txt


def ether(**fields):
    return Ether(**{"src": MAC_A, "dst": MAC_B, **fields})


def ip4(**fields):
    return IP(**{"src": IP_A, "dst": IP_B, "id": 0x1234, "ttl": 64, **fields})


def ip6(**fields):
    return IPv6(**{"src": IP6_A, "dst": IP6_B, "hlim": 64, "fl": 0, **fields})


def udp(sport=40000, dport=4789):
    return UDP(sport=sport, dport=dport)


def tcp(flags="A", sport=40001, dport=443, **fields):
    return TCP(**{"sport": sport, "dport": dport, "flags": flags, "seq": 0x11223344,
                  "ack": 0x55667788, "window": 0x2000, **fields})


def text(length):
    """Payload of which every byte differs from its neighbours."""
    return Raw(bytes((7 * i + 3) & 0xff for i in range(length)))


def fill(layers):
    """The layers with payload up to the longest frame."""
    return layers / text(LONGEST - len(layers))


def ordinary():
    """Well-formed traffic of many kinds."""
    echo = ICMP(type=8, id=0x77, seq=1)
    rr_option = IPOption_RR(length=39, pointer=4, routers=["0.0.0.0"] * 9)
    return [
        Frame("UDP, padded to the shortest frame", ether() / ip4() / udp() / text(10),
              "IPv4", "UDP", SHORTEST),
        Frame("UDP without data or padding", ether() / ip4() / udp(), "IPv4", "UDP"),
        Frame("UDP without checksum",
              ether() / ip4() / UDP(sport=40000, dport=5353, chksum=0) / text(64), "IPv4", "UDP"),
        Frame("UDP, longest frame", fill(ether() / ip4() / udp()), "IPv4", "UDP"),
        Frame("UDP, one byte below the longest frame",
              ether() / ip4() / udp() / text(LONGEST - 43), "IPv4", "UDP"),
        Frame("DHCP discover, broadcast",
              ether(dst="ff:ff:ff:ff:ff:ff") / ip4(src="0.0.0.0", dst="255.255.255.255")
              / udp(68, 67) / text(240), "IPv4", "UDP"),
        Frame("UDP multicast, TTL 1",
              ether(dst="01:00:5e:00:00:fb") / ip4(dst="224.0.0.251", ttl=1) / udp(5353, 5353)
              / text(30), "IPv4", "UDP"),
        Frame("TCP SYN with options",
              ether() / ip4(flags="DF") / tcp("S", ack=0, options=[
                  ("MSS", 1460), ("SAckOK", b""), ("NOP", None), ("WScale", 7)]),
              "IPv4", "TCP"),
        Frame("TCP SYN ACK, other way",
              ether(src=MAC_B, dst=MAC_A) / ip4(src=IP_B, dst=IP_A) / tcp("SA", 443, 40001),
              "IPv4", "TCP"),
        Frame("TCP ACK, padded", ether() / ip4() / tcp("A"), "IPv4", "TCP", SHORTEST),
        Frame("TCP data, longest frame", fill(ether() / ip4() / tcp("PA")), "IPv4", "TCP"),
        Frame("TCP FIN", ether() / ip4() / tcp("FA"), "IPv4", "TCP", SHORTEST),
        Frame("TCP reset", ether() / ip4() / tcp("R", ack=0), "IPv4", "TCP", SHORTEST),
        Frame("ICMP echo request", ether() / ip4() / echo / text(56), "IPv4", "other"),
        Frame("ICMP echo reply, TTL 255",
              ether(src=MAC_B, dst=MAC_A) / ip4(src=IP_B, dst=IP_A, ttl=255)
              / ICMP(type=0, id=0x77, seq=1) / text(56), "IPv4", "other"),
        Frame("ICMP unreachable with the packet it answers",
              ether() / ip4(tos=0xc0) / ICMP(type=3, code=3) / ip4(src=IP_B, dst=IP_A) / udp(),
              "IPv4", "other"),
        Frame("IGMP report with router alert option",
              ether(dst="01:00:5e:00:00:16")
              / ip4(dst="224.0.0.22", ttl=1, proto=2, options=IPOption(b"\x94\x04\x00\x00"))
              / Raw(bytes.fromhex("2200f9020000000104000000e00000fb")), "IPv4", "other"),
        Frame("UDP behind one word of IP options",
              ether() / ip4(options=[IPOption_NOP()] * 4) / udp() / text(20), "IPv4", "UDP"),
        Frame("TCP behind 40 bytes of IP options",
              ether() / ip4(options=[rr_option, IPOption_NOP()]) / tcp("PA") / text(20),
              "IPv4", "TCP"),
        Frame("UDP, first fragment",
              ether() / ip4(flags="MF", proto=17)
              / UDP(sport=40000, dport=4789, len=3008, chksum=0) / text(1472), "IPv4", "UDP"),
        Frame("UDP, middle fragment",
              ether() / ip4(flags="MF", frag=185, proto=17) / text(1480), "IPv4", "fragment"),
        Frame("UDP, last fragment, padded",
              ether() / ip4(frag=370, proto=17) / text(8), "IPv4", "fragment", SHORTEST),
        Frame("GRE", ether() / ip4(proto=47) / Raw(b"\0\0\x08\0") / ip4() / udp(), "IPv4", "other"),
        Frame("ESP", ether() / ip4(proto=50) / text(48), "IPv4", "other"),
        Frame("SCTP", ether() / ip4(proto=132) / text(32), "IPv4", "other"),
        Frame("IPv4 in IPv4", ether() / ip4() / ip4() / tcp("A"), "IPv4", "other"),
        Frame("IPv6 in IPv4", ether() / ip4(proto=41) / ip6() / udp(), "IPv4", "other"),
        Frame("IPv4, protocol 0", ether() / ip4(proto=0) / text(26), "IPv4", "other"),
        Frame("IPv4, protocol 255", ether() / ip4(proto=255) / text(26), "IPv4", "other"),
        Frame("IPv4, TTL 2", ether() / ip4(ttl=2) / udp() / text(18), "IPv4", "UDP"),
        Frame("IPv4, TTL 0", ether() / ip4(ttl=0) / udp() / text(18), "IPv4", "UDP"),
        Frame("ARP request", ether(dst="ff:ff:ff:ff:ff:ff")
              / ARP(op=1, hwsrc=MAC_A, psrc=IP_A, hwdst="00:00:00:00:00:00", pdst=IP_B)),
        Frame("ARP reply, padded", ether(src=MAC_B, dst=MAC_A)
              / ARP(op=2, hwsrc=MAC_B, psrc=IP_B, hwdst=MAC_A, pdst=IP_A), pad=SHORTEST),
        Frame("UDP over IPv6", ether() / ip6() / udp() / text(40), "IPv6", "UDP"),
        Frame("UDP over IPv6, longest frame", fill(ether() / ip6() / udp()), "IPv6", "UDP"),
        Frame("TCP SYN over IPv6", ether() / ip6(fl=0xbeef5) / tcp("S", ack=0), "IPv6", "TCP"),
        Frame("TCP data over IPv6, longest frame", fill(ether() / ip6() / tcp("PA")),
              "IPv6", "TCP"),
        Frame("ICMPv6 echo request",
              ether() / ip6() / ICMPv6EchoRequest(id=0x77, seq=1, data=b"abcdefgh"),
              "IPv6", "other"),
        Frame("ICMPv6 echo reply, hop limit 255",
              ether(src=MAC_B, dst=MAC_A) / ip6(src=IP6_B, dst=IP6_A, hlim=255)
              / ICMPv6EchoReply(id=0x77, seq=1, data=b"abcdefgh"), "IPv6", "other"),
        Frame("neighbour solicitation",
              ether(dst="33:33:ff:00:00:20") / ip6(dst="ff02::1:ff00:20", hlim=255)
              / ICMPv6ND_NS(tgt=IP6_B) / ICMPv6NDOptSrcLLAddr(lladdr=MAC_A), "IPv6", "other"),
        Frame("UDP behind a hop-by-hop header",
              ether() / ip6() / IPv6ExtHdrHopByHop() / udp() / text(20), "IPv6", "UDP"),
        Frame("TCP behind destination options and a routing header",
              ether() / ip6() / IPv6ExtHdrDestOpt() / IPv6ExtHdrRouting(addresses=[IP6_A, IP6_B])
              / tcp("PA") / text(20), "IPv6", "TCP"),
        Frame("UDP, first IPv6 fragment",
              ether() / ip6() / IPv6ExtHdrFragment(id=0xabcd, m=1, offset=0)
              / UDP(sport=40000, dport=4789, len=2008, chksum=0x1111) / text(1000), "IPv6", "UDP"),
        Frame("UDP, last IPv6 fragment",
              ether() / ip6() / IPv6ExtHdrFragment(id=0xabcd, m=0, offset=126, nh=17) / text(1000),
              "IPv6", "fragment"),
        Frame("UDP behind an authentication header",
              ether() / ip6() / AH(nh=17, payloadlen=4, spi=0x100, seq=1, icv=bytes(range(12)))
              / udp() / text(20), "IPv6", "UDP"),
        Frame("IPv6 without next header", ether() / ip6(nh=59), "IPv6", "other"),
        Frame("IPv6, hop limit 1", ether() / ip6(hlim=1) / udp() / text(4), "IPv6", "UDP"),
        Frame("IPv6, hop limit 2", ether() / ip6(hlim=2) / udp() / text(4), "IPv6", "UDP"),
        Frame("IPv6, hop limit 0", ether() / ip6(hlim=0) / udp() / text(4), "IPv6", "UDP"),
        Frame("IPv4 in IPv6", ether() / ip6(nh=4) / ip4() / udp(), "IPv6", "other"),
        Frame("VLAN, UDP", ether() / Dot1Q(vlan=100) / ip4() / udp() / text(20), "IPv4", "UDP"),
        Frame("VLAN with priority, TCP",
              ether() / Dot1Q(prio=7, id=1, vlan=4094) / ip4() / tcp("A"), "IPv4", "TCP"),
        Frame("VLAN, ARP", ether(dst="ff:ff:ff:ff:ff:ff") / Dot1Q(vlan=100)
              / ARP(op=1, hwsrc=MAC_A, psrc=IP_A, hwdst="00:00:00:00:00:00", pdst=IP_B),
              pad=SHORTEST),
        Frame("VLAN, TCP over IPv6", ether() / Dot1Q(vlan=100) / ip6() / tcp("A"), "IPv6", "TCP"),
        Frame("VLAN, ICMP", ether() / Dot1Q(vlan=100) / ip4() / echo / text(32), "IPv4", "other"),
        Frame("VLAN, UDP, longest frame", fill(ether() / Dot1Q(vlan=100) / ip4() / udp()),
              "IPv4", "UDP"),
        Frame("QinQ, TCP", ether() / Dot1AD(vlan=200) / Dot1Q(vlan=100) / ip4() / tcp("PA")
              / text(9), "IPv4", "TCP"),
        Frame("QinQ, UDP over IPv6",
              ether() / Dot1AD(vlan=200) / Dot1Q(vlan=100) / ip6() / udp() / text(9),
              "IPv6", "UDP"),
        Frame("two 802.1Q tags, UDP",
              ether() / Dot1Q(vlan=200) / Dot1Q(vlan=100) / ip4() / udp() / text(9),
              "IPv4", "UDP"),
        Frame("one 802.1ad tag, UDP", ether() / Dot1AD(vlan=200) / ip4() / udp() / text(9),
              "IPv4", "UDP"),
        Frame("802.3 length field, spanning tree",
              ether(dst="01:80:c2:00:00:00", type=38) / Raw(bytes.fromhex("424203") + bytes(35)),
              pad=SHORTEST),
        Frame("LLDP", ether(dst="01:80:c2:00:00:0e", type=0x88cc) / text(50)),
        Frame("MPLS", ether(type=0x8847) / Raw(b"\x00\x01\x01\x40") / ip4() / udp()),
        Frame("PPPoE session", ether(type=0x8864) / text(46)),
        Frame("experimental EtherType", ether(type=0x88b5) / text(46)),
        Frame("EtherType 0xffff, longest frame", fill(ether(type=0xffff))),
    ]


def named(what):
    """The one ordinary frame of that description."""
    return next(f for f in ordinary() if f.what == what)


def bare_headers():
    """(what, bytes) of Ethernet headers alone, for the EtherTypes that matter."""
    types = {"IPv4": 0x0800, "IPv6": 0x86dd, "ARP": 0x0806, "802.1Q": 0x8100, "802.1ad": 0x88a8}
    return [(f"Ethernet header alone, type {name}", bytes(ether(type=value)))
            for name, value in types.items()]


def hostile():
    """(what, bytes) of frames that end where they should not, or say of themselves what is not so."""
    whole = ("TCP SYN with options", "ICMP echo request", "TCP behind 40 bytes of IP options", "ARP request", "UDP over IPv6",
             "UDP behind a hop-by-hop header", "VLAN, UDP", "QinQ, TCP")
    frames = [(f"{what}, {length} bytes of it", data) for what in whole for length, data in named(what).cuts()]
    for what, layers in (
            ("IPv4 type, version 6", ether() / ip4(version=6) / udp() / text(21)),
            ("IPv6 type, version 4", ether() / ip6(version=4) / tcp() / text(21)),
            ("IPv4, header length 4", ether() / ip4(ihl=4) / tcp()),
            ("IPv4, header length 0", ether() / ip4(ihl=0) / udp() / text(9)),
            ("IPv4, header length 15 and no options", ether() / ip4(ihl=15) / udp() / text(1)),
            ("IPv4, total length 0", ether() / ip4(len=0) / udp() / text(7)),
            ("IPv4, total length beyond the frame", ether() / ip4(len=0xffff) / tcp() / text(7)),
            ("IPv6, payload length 0", ether() / ip6(plen=0) / udp() / text(7)),
            ("IPv6, payload length beyond the frame", ether() / ip6(plen=0xffff) / tcp() / text(7)),
            ("UDP, length 0", ether() / ip4() / UDP(sport=1, dport=2, len=0, chksum=0xffff) / text(5)),
            ("TCP, header length 0", ether() / ip4() / tcp(dataofs=0) / text(5)),
            ("TCP, header length 15 and no options", ether() / ip6() / tcp(dataofs=15) / text(5)),
            ("all flags of TCP", ether() / ip4() / tcp("FSRPAUEC") / text(1)),
            ("no flags of TCP", ether() / ip4() / tcp("") / text(1)),
            ("IPv4, evil bit and don't fragment", ether() / ip4(flags="evil+DF") / udp() / text(1)),
            ("largest fragment offset", ether() / ip4(frag=0x1fff, proto=17) / text(11)),
            ("three VLAN tags", ether() / Dot1Q(vlan=1) / Dot1Q(vlan=2) / Dot1Q(vlan=3) / ip4() / udp() / text(3)),
            ("from and to one address", ether() / ip4(src=IP_B) / udp(7, 7) / text(3))):
        frames.append((what, bytes(layers)))
    return frames


def mac(address):
    return bytes.fromhex(address.replace(":", ""))


def runts(verdict):
    """Every length below an Ethernet header. A frame has at least one byte: a port can carry no less."""
    whole = named("UDP without data or padding").data
    return [Packet(whole[:n], verdict, f"{n} bytes of an Ethernet header") for n in range(1, 14)]
