# SPDX-License-Identifier: Apache-2.0
import traffic
from traffic import ICMP, Dot1Q, Ether, ether, ip4, tcp, text, udp

BURST, SECOND = 16, 1_000_000
NOTE = "The program reads the clock: these verdicts are those of a clock that follows the\n" \
       "timestamps of in.pcap."


def example():
    packets = []

    def add(verdict, what, data, gap_us=1000):
        packets.append(traffic.Packet(bytes(data), verdict, what, gap_us=gap_us))

    def ipv4(source, above=None):
        return ether() / ip4(src=source) / (above or udp()) / text(18)

    def burst(source, count, what):
        for n in range(count):
            add("XDP_PASS", f"{source} {what} {n + 1} of {count}", ipv4(source), gap_us=100)

    flood = "203.0.113.1"
    burst(flood, BURST, "first burst,")  # its first packet starts its clock
    for n in range(4):
        add("XDP_DROP", f"{flood} bucket empty", ipv4(flood), gap_us=100)
    burst("203.0.113.2", 3, "has a bucket of its own,")

    # Since the flood's first packet: the rest of the burst, the drops, the other source.
    elapsed = (BURST - 1) * 100 + 4 * 100 + 3 * 100
    add("XDP_DROP", f"{flood} 1 us before its first token is back", ipv4(flood),
        SECOND - elapsed - 1)
    add("XDP_PASS", f"{flood} a second after its first packet: one token", ipv4(flood), 1)
    add("XDP_DROP", f"{flood} and no second one", ipv4(flood), 1)
    add("XDP_PASS", f"{flood} 1.5 s later: one token, half a second kept", ipv4(flood),
        SECOND * 3 // 2)
    add("XDP_DROP", f"{flood} none yet", ipv4(flood), SECOND // 2 - 3)
    add("XDP_PASS", f"{flood} the kept half second counts", ipv4(flood), 2)
    add("XDP_DROP", f"{flood} empty again", ipv4(flood), 1)
    for n in range(3):
        add("XDP_PASS", f"{flood} 3 s later: token {n + 1} of 3", ipv4(flood),
            3 * SECOND if n == 0 else 1)
    add("XDP_DROP", f"{flood} and no fourth", ipv4(flood), 1)

    # 13 tokens were left to the quiet source, and many seconds give it 3 more, not one above 16.
    add("XDP_PASS", "203.0.113.2 after a minute: 1 of 16", ipv4("203.0.113.2"), 60 * SECOND)
    burst("203.0.113.2", BURST - 1, "full bucket, then")
    add("XDP_DROP", "203.0.113.2 no more than the burst is saved up", ipv4("203.0.113.2"), 100)

    mixed = "192.0.2.99"
    kinds = [udp(), tcp("S"), tcp("A"), ICMP(type=8, id=1, seq=1)]
    for n in range(BURST):
        add("XDP_PASS", f"{mixed} any protocol, {n + 1} of {BURST}",
            ipv4(mixed, kinds[n % len(kinds)]))
    add("XDP_DROP", f"{mixed} UDP, bucket empty", ipv4(mixed))
    add("XDP_DROP", f"{mixed} TCP, bucket empty", ipv4(mixed, tcp("S")))
    add("XDP_DROP", f"{mixed} longest frame", traffic.fill(ether() / ip4(src=mixed) / udp()))
    add("XDP_DROP", f"{mixed} fragment", ether() / ip4(src=mixed, frag=185, proto=17) / text(30))
    whole = bytes(ipv4(mixed))
    for length in (14, 15, 33):
        add("XDP_PASS", f"{mixed} {length} bytes: no whole IPv4 header", whole[:length])
    for length in (34, 35, 41, 42, 43):
        add("XDP_DROP", f"{mixed} {length} bytes", whole[:length])
    add("XDP_PASS", f"{mixed} under a VLAN tag, where nobody looks",
        ether() / Dot1Q(vlan=9) / ip4(src=mixed) / udp() / text(18))
    add("XDP_PASS", f"to {mixed} from another source", ether() / ip4(dst=mixed) / udp() / text(18))

    for n in range(1, 9):
        add("XDP_PASS", f"new source 198.51.100.{n}", ipv4(f"198.51.100.{n}"))
    for frame in traffic.ordinary():
        if frame.layers[Ether].type != 0x0800:
            add("XDP_PASS", f"{frame.what}: not IPv4", frame.data)
    for what, data in traffic.bare_headers():
        add("XDP_PASS", what, data)
    return traffic.Example(packets, runts="XDP_PASS", note=NOTE)
