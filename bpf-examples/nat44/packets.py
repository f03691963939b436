# SPDX-License-Identifier: Apache-2.0
import struct

import traffic
from traffic import ICMP, IP, Dot1Q, IPOption_NOP, Raw, ether, ip4, tcp, text, udp

OUTSIDE = bytes([203, 0, 113, 1])
OUT, IN, ERROR_IN, NO_MAPPING, NO_PORT, FRAGMENTS, COUNTERS = range(7)
FIRST, PORTS, PROBES = 32768, 16384, 8
FAR = "198.51.100.20"


def swap_words(check, before, after):
    """RFC 1624, equation 3, over the words that change."""
    for n in range(0, len(before), 2):
        total = (~check & 0xffff) + (~int.from_bytes(before[n:n + 2], "big") & 0xffff) + int.from_bytes(after[n:n + 2], "big")
        total = (total & 0xffff) + (total >> 16)
        check = ~(total + (total >> 16)) & 0xffff
    return check


class Nat:
    def __init__(self):
        self.outward, self.inward, self.counters, self.packets = {}, {}, [0] * COUNTERS, []

    def add(self, what, layers):
        data = bytes(layers)
        frame = bytearray(data)
        verdict = self.translate(frame)
        self.packets.append(traffic.Packet(data, verdict, what, bytes(frame) if frame != data else None))
        return bytes(frame)

    @staticmethod
    def change(frame, checks, at, value, udp_check=None):
        """Puts value at a place, and into the checksums that cover it."""
        before = bytes(frame[at:at + len(value)])
        for check in checks:
            new = swap_words(int.from_bytes(frame[check:check + 2], "big"), before, value)
            frame[check:check + 2] = new.to_bytes(2, "big")
        frame[at:at + len(value)] = value

    def port_for(self, inside):
        hash_ = (int.from_bytes(inside[:4], "big") ^ int.from_bytes(inside[4:6], "big") << 11) * 0x9e3779b1 & 0xffffffff
        for n in range(PROBES):
            port = int.from_bytes(inside[4:6], "big")
            if n or not FIRST <= port < FIRST + PORTS:
                port = FIRST + ((hash_ >> 8) + n) % PORTS
            outside = OUTSIDE + port.to_bytes(2, "big") + inside[6:]
            if outside not in self.inward:
                self.inward[outside] = inside
                self.outward[inside] = outside[4:6]
                return outside[4:6]
        return None

    def translate(self, frame):
        if len(frame) < 34 or frame[12:14] != b"\x08\x00" or frame[14] & 15 < 5:
            return "XDP_PASS"
        from_inside = frame[26] == 10 and frame[30] != 10
        if not from_inside and frame[30:34] != OUTSIDE:
            return "XDP_PASS"
        if int.from_bytes(frame[20:22], "big") & 0x3fff:
            self.counters[FRAGMENTS] += 1
            return "XDP_DROP"
        l4, protocol, check = 14 + 4 * (frame[14] & 15), frame[23], None
        if protocol in (6, 17):
            if len(frame) < l4 + (20 if protocol == 6 else 8):
                return "XDP_DROP"
            port, check = l4 if from_inside else l4 + 2, l4 + (16 if protocol == 6 else 6)
            if protocol == 17 and frame[check:check + 2] == b"\0\0":
                check = None
        elif protocol == 1:
            if len(frame) < l4 + 8:
                return "XDP_DROP"
            if not from_inside and frame[l4] in (3, 11):
                return self.error(frame, l4)
            if frame[l4] != (8 if from_inside else 0):
                return "XDP_PASS"
            port, check = l4 + 4, l4 + 2
        else:
            return "XDP_DROP" if from_inside else "XDP_PASS"
        at = 26 if from_inside else 30
        key = bytes(frame[at:at + 4] + frame[port:port + 2]) + bytes([protocol, 0])
        if from_inside:
            new_port, new_addr = self.outward.get(key) or self.port_for(key), OUTSIDE
            if new_port is None:
                self.counters[NO_PORT] += 1
                return "XDP_DROP"
        else:
            if key not in self.inward:
                self.counters[NO_MAPPING] += 1
                return "XDP_PASS"
            new_addr, new_port = self.inward[key][:4], self.inward[key][4:6]
        self.counters[OUT if from_inside else IN] += 1
        covered = [check] if check else []
        self.change(frame, covered, port, new_port)
        self.change(frame, [24] + (covered if protocol != 1 else []), at, new_addr)
        if protocol == 17 and check and frame[check:check + 2] == b"\0\0":
            frame[check:check + 2] = b"\xff\xff"
        return "XDP_PASS"

    def error(self, frame, icmp):
        quoted = icmp + 8
        if len(frame) < quoted + 28 or frame[quoted] & 15 != 5 or frame[quoted + 9] not in (6, 17):
            return "XDP_PASS"
        key = bytes(frame[quoted + 12:quoted + 16] + frame[quoted + 20:quoted + 22]) + bytes([frame[quoted + 9], 0])
        if key not in self.inward:
            self.counters[NO_MAPPING] += 1
            return "XDP_PASS"
        self.counters[ERROR_IN] += 1
        inside = self.inward[key]
        check = bytes(frame[quoted + 10:quoted + 12])
        inner = swap_words(int.from_bytes(check, "big"), key[:4], inside[:4]).to_bytes(2, "big")
        self.change(frame, [icmp + 2], quoted + 10, inner)
        self.change(frame, [icmp + 2], quoted + 12, inside[:4])
        self.change(frame, [icmp + 2], quoted + 20, inside[4:6])
        self.change(frame, [24], 30, inside[:4])
        return "XDP_PASS"


def answered(frame, above, size=9):
    """An answer to a translated frame, from where that went."""
    return ether() / ip4(src=FAR, dst=IP(frame[14:34]).src) / above / text(size)


def ports_of(frame):
    at = 14 + 4 * (frame[14] & 15)
    return struct.unpack(">HH", frame[at:at + 4])


def example():
    nat = Nat()

    def inside(what, above, src="10.1.2.3", **fields):
        return nat.add(what, ether() / ip4(src=src, dst=FAR, **fields) / above / text(11))

    for frame in traffic.ordinary():
        nat.add(frame.what, frame.layers if not frame.pad else frame.data)
    for n in range(12):
        out = inside(f"UDP out, port {1000 + n}", udp(1000 + n, 53))
        sport, dport = ports_of(out)
        nat.add("its answer", answered(out, udp(dport, sport)))
        inside("again: the same mapping", udp(1000 + n, 123))
    for n in range(6):
        inside(f"the same port for {n}: the first keeps it", udp(33000, 53), src=f"10.9.9.{n + 1}")
    for n in range(12):
        out = inside(f"TCP SYN out, port {40000 + n}", tcp("S", 40000 + n, 443, ack=0, options=[("MSS", 1460)]), src=f"10.0.{n}.1")
        sport, dport = ports_of(out)
        nat.add("SYN ACK", answered(out, tcp("SA", dport, sport), 0))
        nat.add("data, with options", ether() / ip4(src=FAR, dst=IP(out[14:34]).src, options=[IPOption_NOP()] * 8)
                / tcp("PA", dport, sport) / text(33))
        inside("ACK", tcp("A", 40000 + n, 443), src=f"10.0.{n}.1")
    inside("UDP without checksum", bare_udp(50000))
    out = inside("UDP of odd length", udp(50001, 53) / Raw(b"x"))
    nat.add("an answer without checksum", answered(out, bare_udp(53, ports_of(out)[0])))
    for n in range(0, 4):  # a checksum that comes out as 0 is written as 0xffff
        source = ip4(src="10.1.2.3", dst=FAR)
        probe = bytearray(nat.add(f"UDP, to have a mapping {n}", ether() / source / udp(50100 + n, 53) / Raw(bytes(2))))
        left = int.from_bytes(probe[40:42], "big")
        original = bytes(ether() / source / udp(50100 + n, 53) / Raw(bytes(2)))
        first = int.from_bytes(original[40:42], "big")
        wanted = (left + n) & 0xffff
        frame = bytearray(original)
        frame[42:44] = wanted.to_bytes(2, "big")
        total = first + (~wanted & 0xffff)
        frame[40:42] = ((total & 0xffff) + (total >> 16)).to_bytes(2, "big")
        nat.add(f"UDP, checksum near 0: {n}", bytes(frame))
    for n in range(4):
        out = inside(f"echo request {n}", ICMP(type=8, id=70 + n, seq=n))
        nat.add("echo reply", answered(out, ICMP(type=0, id=int.from_bytes(out[38:40], "big"), seq=n)))
        nat.add("echo request from outside", answered(out, ICMP(type=8, id=int.from_bytes(out[38:40], "big"), seq=n)))
    for kind, code in ((3, 1), (3, 3), (3, 4), (11, 0), (5, 0)):
        for above in (udp(1003, 53), tcp("S", 40003, 443)):
            src = "10.1.2.3" if above.name == "UDP" else "10.0.3.1"
            out = inside("a packet that meets an error", above, src=src)
            nat.add(f"ICMP {kind}/{code} about {above.name}", ether() / ip4(src="192.0.2.254", dst=IP(out[14:34]).src)
                    / ICMP(type=kind, code=code, unused=0) / Raw(out[14:42 + 8]))
            whole = bytes(ether() / ip4(src="192.0.2.254", dst=IP(out[14:34]).src) / ICMP(type=kind, code=code) / Raw(out[14:42]))
            for length in (41, 42, 61, 62, 65, 69):
                nat.add(f"ICMP {kind}/{code}, {length} bytes", whole[:length])
    quoted = bytes(ip4(src="203.0.113.1", dst=FAR) / udp(1, 2))
    nat.add("an error about what nobody sent", ether() / ip4(src=FAR, dst="203.0.113.1") / ICMP(type=3, code=3) / Raw(quoted))
    nat.add("an error about an echo", ether() / ip4(src=FAR, dst="203.0.113.1") / ICMP(type=3, code=1)
            / ip4(src="203.0.113.1", dst=FAR) / ICMP(type=8, id=70))
    nat.add("an error about options", ether() / ip4(src=FAR, dst="203.0.113.1") / ICMP(type=3, code=1)
            / ip4(src="203.0.113.1", dst=FAR, options=[IPOption_NOP()] * 4) / udp(1, 2))
    inside("redirect from inside", ICMP(type=5, code=1))
    inside("GRE from inside", Raw(bytes(8)), proto=47)
    inside("fragment from inside", udp(1000, 53), flags="MF")
    nat.add("fragment from outside", ether() / ip4(src=FAR, dst="203.0.113.1", frag=9, proto=17) / text(40))
    nat.add("between two inside hosts", ether() / ip4(src="10.1.1.1", dst="10.2.2.2") / udp())
    nat.add("from inside to the outside address itself", ether() / ip4(src="10.1.1.1", dst="203.0.113.1") / udp(1000, 1000))
    nat.add("to the outside address, nobody's port", ether() / ip4(src=FAR, dst="203.0.113.1") / udp(53, 9))
    nat.add("to the outside address, ESP", ether() / ip4(src=FAR, dst="203.0.113.1", proto=50) / text(20))
    nat.add("VLAN tag", ether() / Dot1Q(vlan=5) / ip4(src="10.1.2.3") / udp())
    nat.add("evil bit", ether() / ip4(src="10.1.2.3", dst=FAR, flags="evil") / udp(1000, 53))
    nat.add("header length 4", ether() / ip4(src="10.1.2.3", dst=FAR, ihl=4) / udp(1000, 53))
    for what, layers in (("UDP", ether() / ip4(src="10.1.2.3", dst=FAR) / udp(1000, 53) / text(1)),
                         ("TCP", ether() / ip4(src="10.1.2.3", dst=FAR) / tcp("A", 1000, 53) / text(1)),
                         ("echo", ether() / ip4(src="10.1.2.3", dst=FAR) / ICMP(type=8, id=9) / text(1)),
                         ("TCP behind options", ether() / ip4(src="10.1.2.3", dst=FAR, options=[IPOption_NOP()] * 12) / tcp("A", 7, 7))):
        for length, data in traffic.Frame(what, layers).cuts():
            nat.add(f"{what}, {length} bytes", data)
    for what, data in traffic.hostile() + traffic.bare_headers():
        nat.add(what, data)
        if data[12:14] == b"\x08\x00" and len(data) >= 34:
            nat.add(f"{what}, from inside", data[:26] + b"\x0a\x07\x07\x07" + data[30:])
    return traffic.Example(nat.packets, runts="XDP_PASS", maps_out={
        "outward": nat.outward, "inward": nat.inward,
        "counters": {struct.pack("<I", n): struct.pack("<Q", value) for n, value in enumerate(nat.counters)}})


def bare_udp(sport, dport=53):
    return traffic.UDP(sport=sport, dport=dport, chksum=0)
