# SPDX-License-Identifier: Apache-2.0
import struct

from scapy.utils import inet_aton, inet_pton
import socket

import traffic
from traffic import IP, TCP, Dot1Q, Ether, IPOption_NOP, IPv6, ether, ip4, ip6, tcp, text

SERVICES = (22, 443)
START_US, MINUTE = 1_700_000_000_000_000, 60_000_000
SIZES = {4: (536, 1300, 1440, 1460), 6: (1220, 1420, 1440, 8940)}
RESULTS = OTHERS, ANSWERED, ACCEPTED, KNOWN, REFUSED, CLOSED = range(6)
NOTE = "Cookies follow the clock and the keys of simulated NICs: these are those of the timestamps of in.pcap."


def siphash(key, data):
    """SipHash-2-4."""
    mask = (1 << 64) - 1
    k = struct.unpack("<2Q", key)
    v = [k[0] ^ 0x736f6d6570736575, k[1] ^ 0x646f72616e646f6d, k[0] ^ 0x6c7967656e657261, k[1] ^ 0x7465646279746573]

    def mix(a, b, turn, swap):
        v[a] = (v[a] + v[b]) & mask
        v[b] = ((v[b] << turn | v[b] >> (64 - turn)) & mask) ^ v[a]
        if swap:
            v[a] = (v[a] << 32 | v[a] >> 32) & mask

    def rounds(n):
        for _ in range(n):
            mix(0, 1, 13, True)
            mix(2, 3, 16, False)
            mix(0, 3, 21, False)
            mix(2, 1, 17, True)

    whole = data + bytes(7 - len(data) % 8) + bytes([len(data) & 0xff])
    for (word,) in struct.iter_unpack("<Q", whole):
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xff
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def minute(time_us):
    """Linux counts minutes from 5 minutes before 2^32 ticks of 4 ms."""
    return (time_us // 4000 + (1 << 32) - 300 * 250) // 15000


def hashed(flow, number, count):
    source, dest, sport, dport = flow
    data = source + dest + struct.pack(">HH", sport, dport) + struct.pack("<I", count)
    return siphash(bytes(range(16 * number, 16 * number + 16)), data) & 0xffffffff


def cookie(flow, seq, size, now):
    """The cookie, and the segment size that it stands for."""
    table = SIZES[4 if len(flow[0]) == 4 else 6]
    index = max(n for n in range(4) if n == 0 or size >= table[n])
    hidden = (hashed(flow, 1, minute(now)) + index) & 0xffffff
    return (hashed(flow, 0, 0) + seq + (minute(now) << 24) + hidden) & 0xffffffff, table[index]


def address(ip):
    return inet_aton(ip) if "." in ip else inet_pton(socket.AF_INET6, ip)


class Writer:
    """Packets, and what the guard knows."""

    def __init__(self):
        self.packets, self.now, self.flows = [], START_US, {}
        self.results = [0] * len(RESULTS)

    def add(self, verdict, what, data, result=None, left=None, gap_us=1000):
        self.now += gap_us
        if result is not None:
            self.results[result] += 1
        self.packets.append(traffic.Packet(bytes(data), "XDP_" + verdict, what, left, gap_us))

    def other(self, what, data):
        self.add("PASS", what, data)


class Client:
    """One connection to a guarded port."""

    def __init__(self, out, source="203.0.113.9", dest="198.51.100.20", sport=40001, dport=443):
        self.out, self.ends, self.ports = out, (source, dest), (sport, dport)
        self.flow = (address(source), address(dest), sport, dport)
        self.key = b"".join(a.ljust(16, b"\0") for a in self.flow[:2]) + struct.pack(">HH", sport, dport)

    def frame(self, flags, **fields):
        make = ip4 if "." in self.ends[0] else ip6
        net = make(src=self.ends[0], dst=self.ends[1])
        return ether() / net / tcp(flags, self.ports[0], self.ports[1], **fields)

    def syn(self, what, options=(("MSS", 1460),), size=1460, seq=0x11223344, pad=0, gap_us=1000, **fields):
        data = bytes(self.frame("S", seq=seq, ack=0, options=list(options), **fields)).ljust(pad, b"\0")
        value, size = cookie(self.flow, seq, size, self.out.now + gap_us)
        back = TCP(sport=self.ports[1], dport=self.ports[0], seq=value, ack=(seq + 1) & 0xffffffff, flags="SA", window=65535, options=[("MSS", size)])
        if "." in self.ends[0]:
            net = IP(src=self.ends[1], dst=self.ends[0], id=0, flags="DF", ttl=64)
        else:
            net = IPv6(src=self.ends[1], dst=self.ends[0], hlim=64)
        eth = Ether(data[:14])
        self.out.add("TX", f"SYN, {what}: answered", data, ANSWERED, bytes(Ether(src=eth.dst, dst=eth.src) / net / back), gap_us)
        return value

    def accept(self, what, value, seq=0x11223345, flags="A", **fields):
        self.out.flows[self.key] = 1
        self.out.add("PASS", f"{what}: accepted", self.frame(flags, seq=seq, ack=(value + 1) & 0xffffffff, **fields), ACCEPTED)

    def known(self, what, flags="PA", **fields):
        self.out.flows[self.key] += 1
        self.out.add("PASS", f"{what}: known", self.frame(flags, **fields), KNOWN)

    def close(self, what):
        del self.out.flows[self.key]
        self.out.add("PASS", f"{what}: forgotten", self.frame("R"), CLOSED)

    def refuse(self, what, flags="A", gap_us=1000, **fields):
        self.out.add("DROP", f"{what}: refused", self.frame(flags, **fields), REFUSED, gap_us=gap_us)


def guarded(data):
    """Whether hostile or ordinary traffic is TCP to a guarded port, by its bytes."""
    if len(data) >= 54 and data[12:14] == b"\x08\x00":
        whole = data[14] & 15 == 5 and data[23] == 6 and not int.from_bytes(data[20:22], "big") & 0x3fff
        return whole and int.from_bytes(data[36:38], "big") in SERVICES, 34
    if len(data) >= 74 and data[12:14] == b"\x86\xdd":
        return data[20] == 6 and int.from_bytes(data[56:58], "big") in SERVICES, 54
    return False, 0


def add_foreign(out, what, data):
    """Segments that nobody was let through for; SYNs among them are built by Client."""
    is_ours, at = guarded(data)
    if is_ours and data[at + 13] & 0x17 == 2:
        return
    if is_ours:
        out.add("DROP", f"{what}: refused", data, REFUSED)
        return
    tcp4 = len(data) >= 54 and data[12:14] == b"\x08\x00" and data[14] & 15 == 5 and data[23] == 6 and not int.from_bytes(data[20:22], "big") & 0x3fff
    tcp6 = len(data) >= 74 and data[12:14] == b"\x86\xdd" and data[20] == 6
    out.add("PASS", f"{what}: not guarded", data, OTHERS if tcp4 or tcp6 else None)


def connections(out):
    for number, ends in enumerate((("203.0.113.9", "198.51.100.20"), ("2001:db8:c::9", "2001:db8:b::20"))):
        one = Client(out, *ends)
        value = one.syn("a size of 1460")
        one.accept("its cookie", value)
        for n in range(3):
            one.known(f"data {n}", seq=0x11223345 + n)
        one.known("FIN", "FA")
        one.close("reset")
        one.refuse("data after that", "PA", ack=1)
        one.accept("the cookie again", value)
        two = Client(out, *ends, sport=40002, dport=22)
        one.known("a segment with another acknowledgement", ack=77)
        two.refuse("no cookie before", ack=value + 1, seq=0x11223345)
        for bit in range(2, 32):  # one or two more or less is the cookie of another size
            two.refuse(f"cookie with bit {bit} wrong", seq=0x11223345,
                       ack=((cookie(two.flow, 0x11223344, 1460, out.now)[0] ^ 1 << bit) + 1) & 0xffffffff)
        value = two.syn("no options", options=(), size=SIZES[6 if number else 4][0], seq=0xffffffff, pad=60)
        two.accept("with the acknowledgement of data", value, seq=0, flags="PA")
        for size in (1, 535, 536, 537, 1219, 1220, 1299, 1300, 1301, 1419, 1420, 1439, 1440, 1459, 1460, 8939, 8940, 65535):
            client = Client(out, *ends, sport=size)
            client.accept(f"size {size}", client.syn(f"a size of {size}", options=[("MSS", size)], size=size))
        syns = {
            "size 0 is none": ([("MSS", 0)], SIZES[6 if number else 4][0]),
            "the last size counts": ([("MSS", 1460), ("MSS", 1300)], 1300),
            "no size of 0 behind one": ([("MSS", 1440), ("MSS", 0)], 1440),
            "behind others": ([("NOP", None), ("SAckOK", b""), ("NOP", None), ("WScale", 7), ("Timestamp", (1, 0)), ("MSS", 1440)], 1440),
            "40 bytes of options": ([("Timestamp", (1, 0))] * 3 + [("NOP", None)] * 6 + [("MSS", 1300)], 1300),
            "nothing but padding": ([("NOP", None)] * 40, SIZES[6 if number else 4][0]),
            "an end before it": ([("NOP", None), ("EOL", None), ("MSS", 1460)], SIZES[6 if number else 4][0]),
        }
        for port, (what, (options, size)) in enumerate(syns.items()):
            client = Client(out, *ends, sport=2000 + port)
            client.accept(what, client.syn(what, options=options, size=size))
        client = Client(out, *ends, sport=3000)
        for flags in ("SA", "SR", "SF", "SRA", "SFPU"):
            if set(flags) & set("ARF"):
                client.refuse(f"flags {flags}", flags)
        client.accept("SYN with PSH and URG", client.syn("with PSH and URG", urgptr=9))
        for flags in ("F", "R", "", "P", "RA"):
            Client(out, *ends, sport=3001).refuse(f"flags {flags or 'none'} of nobody", flags)


def old_cookies(out):
    one = Client(out, sport=5000)
    value = one.syn("to be acknowledged late", gap_us=MINUTE - (out.now - START_US) % MINUTE)
    two = Client(out, "2001:db8::1", "2001:db8::2", sport=5000)
    out.add("PASS", "time goes by", ether() / ip4() / text(20), gap_us=MINUTE // 2)
    late = two.syn("half a minute later")
    out.add("PASS", "time goes by", ether() / ip4() / text(20), gap_us=MINUTE * 3 // 4)
    two.accept("a cookie of the minute before", late)
    out.add("PASS", "time goes by", ether() / ip4() / text(20), gap_us=MINUTE)
    one.refuse("a cookie two minutes old", ack=(value + 1) & 0xffffffff, seq=0x11223345)
    two.known("who was let through stays")


def lengths(out):
    client = Client(out, sport=6000)
    whole = bytes(client.frame("S", seq=1, ack=0, options=[("MSS", 1460), ("SAckOK", b""), ("NOP", None), ("WScale", 7)]))
    for length in range(34, len(whole)):
        if length < 54:
            out.other(f"a SYN, {length} bytes of it", whole[:length])
        else:
            out.add("DROP", f"a SYN, {length} bytes of it: refused", whole[:length], REFUSED)
    for words in range(5):
        data = bytearray(whole)
        data[46] = words << 4
        out.add("DROP", f"a SYN with a header of {words} words: refused", bytes(data), REFUSED)
    client.syn("padded", pad=100)
    out.other("VLAN tag", ether() / Dot1Q(vlan=5) / ip4() / tcp("S"))
    out.other("IP options", ether() / ip4(options=[IPOption_NOP()] * 4) / tcp("S"))
    out.other("first fragment", ether() / ip4(flags="MF") / tcp("S"))
    out.add("PASS", "another port", ether() / ip4() / tcp("S", dport=80), OTHERS)
    out.add("PASS", "from a guarded port", ether() / ip4() / tcp("SA", 443, 40001), OTHERS)


def example():
    out = Writer()
    connections(out)
    old_cookies(out)
    lengths(out)
    for frame in traffic.ordinary():
        add_foreign(out, frame.what, frame.data)
    for what, data in traffic.hostile() + traffic.bare_headers():
        add_foreign(out, what, data)
    services = {struct.pack(">H", port): bytes(4) for port in SERVICES}
    results = {struct.pack("<I", n): [struct.pack("<Q", out.results[n])] for n in RESULTS}
    return traffic.Example(out.packets, runts="XDP_PASS", maps_in={"services": services},
                           maps_out={"services": services, "flows": {key: struct.pack("<Q", n) for key, n in out.flows.items()}, "results": results},
                           note=NOTE)
