# SPDX-License-Identifier: Apache-2.0
import struct

from scapy.layers.dns import DNS, DNSQR, DNSRROPT
from scapy.utils import inet_aton

import traffic
from traffic import IP, UDP, Dot1Q, Ether, IPOption_NOP, Raw, ether, ip4, ip6, tcp, text

NAME_MAX = 64
ANSWER = 16
RECORDS = {"www.example.com": ("192.0.2.80", 300), "a.b": ("192.0.2.1", 0), "mail.example.org": ("203.0.113.25", 86400),
           "x" * 60: ("192.0.2.60", 60), "tie-1.example.net": ("255.255.255.255", 0xffffffff)}


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


TABLE = {wire(name).ljust(NAME_MAX, b"\0"): record for name, record in RECORDS.items()}


def query(name, qtype=1, qclass=1, port=5300, dst="192.0.2.53", number=0x1d1d, more=None, **fields):
    dns = DNS(id=number, rd=1, qd=DNSQR(qname=name, qtype=qtype, qclass=qclass), ar=more, **fields)
    return ether() / ip4(src="198.51.100.9", dst=dst) / UDP(sport=port, dport=53) / dns


def answer_to(data):
    """The answer, built anew, or None where the host has to answer."""
    if len(data) < 54 or data[12:14] != b"\x08\x00" or data[14] & 15 != 5 or data[23] != 17:
        return None
    if int.from_bytes(data[20:22], "big") & 0x3fff or data[36:38] != b"\0\x35":
        return None
    number, flags, questions, answers, authorities = struct.unpack(">5H", data[42:52])
    if flags & 0xfa00 or (questions, answers, authorities) != (1, 0, 0):
        return None
    end = data.find(b"\0", 54, 54 + NAME_MAX)
    if end < 0 or data[end + 1:end + 5] != b"\0\1\0\1":
        return None
    name = bytes(c + 32 if 65 <= c <= 90 else c for c in data[54:end]).ljust(NAME_MAX, b"\0")
    if name not in TABLE:
        return None
    address, ttl = TABLE[name]
    question = data[54:end + 5]
    dns = struct.pack(">6H", number, 0x8400 | flags & 0x100, 1, 1, 0, 0) + question + struct.pack(">HHHIH", 0xc00c, 1, 1, ttl, 4) \
        + inet_aton(address)
    eth, ip = Ether(data[:14]), IP(data[14:34])
    udp = UDP(sport=53, dport=int.from_bytes(data[34:36], "big")) / Raw(dns)
    version = data[14] >> 4
    frame = bytearray(bytes(Ether(src=eth.dst, dst=eth.src, type=0x800) / IP(src=ip.dst, dst=ip.src, id=0, ttl=64) / udp))
    if version != 4:  # whoever lies about the version is answered in kind
        frame[14] = data[14]
        frame[24:26] = b"\0\0"
        total = sum(struct.unpack(">10H", frame[14:34]))
        total = (total & 0xffff) + (total >> 16)
        frame[24:26] = (~(total + (total >> 16)) & 0xffff).to_bytes(2, "big")
    return bytes(frame)


def example():
    packets = []

    def add(what, layers):
        data = bytes(layers)
        left = answer_to(data)
        packets.append(traffic.Packet(data, "XDP_TX" if left else "XDP_PASS", what, left))

    for frame in traffic.ordinary():
        add(frame.what, frame.data)
    for name in RECORDS:
        add(f"{name}", query(name))
        add(f"{name} in capitals", query(name.upper()))
        add(f"{name}, with EDNS", query(name, more=DNSRROPT(rclass=4096)))
        add(f"{name}, padded", bytes(query(name)).ljust(traffic.SHORTEST + 40, b"\0"))
    for n in range(30):
        add(f"number {n * 2179}", query("www.example.com" if n % 2 else "WwW.eXaMpLe.CoM", port=1024 + 997 * n, number=n * 2179 & 0xffff))
    for what, name in (("unknown", "www.example.net"), ("longer", "www.example.com.au"), ("shorter", "example.com"), ("root", "."),
                       ("digits", "1.2.3.4"), ("63 bytes", "y" * 61), ("64 bytes", "y" * 62), ("65 bytes", "y" * 63),
                       ("long", "z" * 63 + "." + "z" * 63), ("deep", ".".join("abcdefghijklmnopqrstuvwxyz0123456789"))):
        add(f"{what}: the host answers", query(name))
    add("AAAA", query("www.example.com", qtype=28))
    add("MX", query("www.example.com", qtype=15))
    add("Chaos", query("www.example.com", qclass=3))
    add("an answer", query("www.example.com", qr=1))
    add("an update", query("www.example.com", opcode=5))
    add("truncated", query("www.example.com", tc=1))
    add("no recursion wanted", bytes(query("www.example.com"))[:44] + b"\0\0" + bytes(query("www.example.com"))[46:])
    add("checking disabled, authentic", bytes(query("www.example.com"))[:44] + b"\1\x30" + bytes(query("www.example.com"))[46:])
    add("authoritative asked for", bytes(query("www.example.com"))[:44] + b"\5\0" + bytes(query("www.example.com"))[46:])
    for at in (46, 48, 50):
        whole = bytearray(bytes(query("www.example.com")))
        whole[at + 1] += 1
        add(f"count at byte {at} one higher", bytes(whole))
    add("additional counted, not there", bytes(query("www.example.com"))[:53] + b"\7" + bytes(query("www.example.com"))[54:])
    add("a pointer as name", bytes(query("www.example.com"))[:54] + b"\xc0\x0c\0\1\0\1")
    add("TCP", ether() / ip4() / tcp("PA", dport=53) / Raw(bytes(query("a.b"))[42:]))
    add("over IPv6", ether() / ip6() / UDP(sport=5, dport=53) / Raw(bytes(query("a.b"))[42:]))
    add("VLAN tag", ether() / Dot1Q(vlan=5) / ip4() / UDP(sport=5, dport=53) / Raw(bytes(query("a.b"))[42:]))
    add("options", ether() / ip4(options=[IPOption_NOP()] * 4) / UDP(sport=5, dport=53) / Raw(bytes(query("a.b"))[42:]))
    add("first fragment", ether() / ip4(flags="MF") / UDP(sport=5, dport=53) / Raw(bytes(query("a.b"))[42:]))
    add("version 7", ether() / ip4(version=7) / UDP(sport=5, dport=53) / Raw(bytes(query("a.b"))[42:]))
    add("don't fragment, TOS, TTL 1", ether() / ip4(flags="DF", tos=0xb8, ttl=1) / UDP(sport=5, dport=53) / Raw(bytes(query("a.b"))[42:]))
    add("to port 54", ether() / ip4() / UDP(sport=5, dport=54) / Raw(bytes(query("a.b"))[42:]))
    add("longest frame: all behind the question goes", traffic.fill(ether() / ip4() / UDP(sport=5, dport=53) / Raw(bytes(query("a.b"))[42:])))
    add("noise", ether() / ip4() / UDP(sport=5, dport=53) / text(60))
    for name in ("a.b", "www.example.com", "x" * 60):
        whole = bytes(query(name))
        for length in range(34, len(whole)):
            add(f"{name}, {length} bytes", whole[:length])
    for what, data in traffic.hostile() + traffic.bare_headers():
        add(what, data)
    answered = sum(packet.verdict == "XDP_TX" for packet in packets)
    records = {name: inet_aton(address) + struct.pack("<I", ttl) for name, (address, ttl) in TABLE.items()}
    return traffic.Example(packets, runts="XDP_PASS", maps_in={"records": records},
                           maps_out={"records": records, "answered": {bytes(4): [struct.pack("<Q", answered)]}})
