# SPDX-License-Identifier: Apache-2.0
"""pkt_sum: one's complement sum over addresses, L4 bytes and the pseudo header, row by row; 0xffff is good."""
import cover
from bench import Bench, Pipe, clocks, cocotb
from packets import IP, TCP, UDP, Dot1AD, Dot1Q, Ether, IPOption_Router_Alert, IPv6, Raw


def fold(total):
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def words(data):
    data = bytes(data) + b"\0" * (len(data) % 2)
    return sum(int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data), 2))


class Frame:
    """A packet with a right checksum, and sometimes one bit of it changed; where L4 and L3 lie is said apart."""

    def __init__(self, rng):
        self.ip6, self.tags, tcp = rng.chance(2), rng.randrange(3), rng.chance(2)
        payload = bytes(rng.getrandbits(8) for _ in range(rng.choice([0, 1, 5, rng.randrange(120), rng.randrange(1400)])))
        ports = {"sport": rng.randrange(1, 65536), "dport": rng.randrange(1, 65536)}
        options = [IPOption_Router_Alert()] * rng.choice([0, 1, 10])
        ip = IPv6(src="fd00::%x" % rng.randrange(65536), dst="fd00::2") if self.ip6 else \
            IP(src="10.0.%d.1" % rng.randrange(256), dst="10.1.0.1", options=options)
        ether = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
        for tag in [Dot1AD(vlan=1), Dot1Q(vlan=2)][:self.tags]:
            ether = ether / tag
        frame = bytearray(bytes(ether / ip / (TCP(**ports) if tcp else UDP(**ports)) / Raw(payload)))
        l3 = 14 + 4 * self.tags
        self.l4 = l3 + (40 if self.ip6 else 4 * (frame[l3] & 15))
        self.end = len(frame)
        self.pseudo = (6 if tcp else 17) + self.end - self.l4
        frame += bytes(rng.getrandbits(8) for _ in range(rng.choice([0, 0, 1, 30, max(0, 64 - len(frame))])))
        self.broken = rng.chance(2)
        if self.broken:
            frame[rng.randrange(self.l4, self.end)] ^= 1 << rng.randrange(8)
        addresses = frame[l3 + 8:l3 + 40] if self.ip6 else frame[l3 + 12:l3 + 20]
        self.good = int(fold(words(addresses) + words(frame[self.l4:self.end]) + self.pseudo) == 0xffff)
        assert self.good != self.broken
        self.rows = [int.from_bytes(frame[i:i + 64], "little") for i in range(0, len(frame), 64)]


@cocotb.test()
async def sums(dut):
    tb = Bench(dut)
    kinds = cover.cross("L3, tags, good", ["ip4", "ip6"], range(3), [0, 1])
    ends = cover.point("L3 ends", ["in the first row", "in a later row", "at a row's end", "at an odd byte"])
    second = cover.flags("L4 begins in the second row")
    s3, s6 = Pipe(1), Pipe(3)
    for _ in range(clocks(500)):
        frame = Frame(tb.rng)
        kinds.hit(("ip6" if frame.ip6 else "ip4", frame.tags, frame.good))
        ends.hit("in the first row" if frame.end < 64 else "at a row's end" if frame.end % 64 == 0 else
                 "at an odd byte" if frame.end % 2 else "in a later row")
        second.hit(frame.l4 >= 64)
        for place in range(len(frame.rows) + (0 if tb.rng.chance(2) else tb.rng.randrange(3))):
            inputs, row = {}, None
            if place < len(frame.rows):
                row = (frame, place)
                inputs = {"s2_place": place, "s2_l4": frame.l4, "s2_end": frame.end}
            at_s3 = s3.step(row)
            if at_s3:
                of, number = at_s3
                inputs.update(s3_first=int(number == 0), s3_data=of.rows[number], s3_ip4=int(not of.ip6), s3_ip6=int(of.ip6),
                              s3_tags=[0, 1, 2][of.tags], s3_pseudo=of.pseudo)
            at_s6 = s6.step(at_s3)
            tb.set_all(**inputs)
            await tb.settle()
            if at_s6 and at_s6[1] == len(at_s6[0].rows) - 1:
                tb.check("s6_good", at_s6[0].good)
            await tb.edge()
