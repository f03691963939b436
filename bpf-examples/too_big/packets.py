# SPDX-License-Identifier: Apache-2.0
import traffic
from traffic import ICMP, IP, Dot1Q, Ether, IPOption_NOP, Raw, ether, ip4, tcp, text, udp

MTU, QUOTED = 1280, 28


def answer(data):
    """"Fragmentation needed", built anew, with the packet's first bytes in it."""
    eth, inner = Ether(data[:14]), IP(data[14:34])
    return bytes(Ether(src=eth.dst, dst=eth.src, type=0x800)
                 / IP(src=inner.dst, dst=inner.src, id=0, ttl=64)
                 / ICMP(type=3, code=4, nexthopmtu=MTU) / Raw(data[14:14 + QUOTED]))


def example():
    packets = []

    def add(what, data):
        header = data[14:34]
        too_big = (len(header) == 20 and data[12:14] == b"\x08\x00" and header[0] == 0x45
                   and int.from_bytes(header[2:4], "big") > MTU and header[6] & 0x40 and len(data) >= 14 + QUOTED)
        packets.append(traffic.Packet(data, "XDP_TX", f"{what}: answered", answer(data)) if too_big
                       else traffic.Packet(data, "XDP_PASS", what))

    for frame in traffic.ordinary():
        add(frame.what, frame.data)
    for length in (MTU - 1, MTU, MTU + 1, 1400, 1500):
        add(f"{length} bytes, may not be fragmented", bytes(ether() / ip4(flags="DF") / tcp("PA") / text(length - 40)))
        add(f"{length} bytes, may be", bytes(ether() / ip4() / tcp("PA") / text(length - 40)))
    add("UDP without checksum, too long", bytes(ether() / ip4(flags="DF") / udp(dport=0xffff) / text(1472)))
    add("with options", bytes(ether() / ip4(flags="DF", options=[IPOption_NOP()] * 4) / udp() / text(1460)))
    add("says more than there is", bytes(ether() / ip4(flags="DF", len=1500) / udp() / text(1)))
    add("says more than there is, and ends early", bytes(ether() / ip4(flags="DF", len=1500) / udp())[:41])
    add("VLAN tag", bytes(ether() / Dot1Q(vlan=5) / ip4(flags="DF") / tcp("PA") / text(1400)))
    for what, data in traffic.bare_headers():
        add(what, data)
    answered = sum(packet.verdict == "XDP_TX" for packet in packets)
    return traffic.Example(packets, runts="XDP_PASS", maps_out={"answered": {bytes(4): answered.to_bytes(8, "little")}})
