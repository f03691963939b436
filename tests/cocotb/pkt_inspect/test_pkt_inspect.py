# SPDX-License-Identifier: Apache-2.0
"""pkt_inspect: rows go by a clock later, and five after the last one hash, queue and checksum flags, by "pkt_inspect" of fabric.md."""
from collections import deque

import cover
from bench import Bench, clocks, cocotb, mask
from packets import IP, TCP, UDP, Dot1AD, Dot1Q, Ether, IPOption_Router_Alert, IPv6, Raw, packet

STAGES = 6
RSS_CLOCKS = 257
IP4, IP6, IP_GOOD, IP_BAD, TCP_FLAG, UDP_FLAG, L4_GOOD, L4_BAD = (1 << bit for bit in range(8))
KINDS = ["any", "ip4 options", "ip4 fragment", "ip6", "tags", "sum off", "sum absent", "damaged", "cut"]


def frame(rng, kind):
    """A packet as bytes; damaged ones are hard to come by otherwise."""
    ether = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    addresses = {"src": "10.0.%d.1" % rng.randrange(256), "dst": "10.1.0.%d" % rng.randrange(256)}
    ports = {"sport": rng.randrange(1, 65536), "dport": rng.randrange(1, 65536)}
    body = Raw(bytes(rng.getrandbits(8) for _ in range(rng.choice([0, 1, rng.randrange(200), rng.randrange(1300)]))))
    l4 = rng.choice([TCP, UDP])(**ports)
    if kind == "ip4 options":
        return bytes(ether / IP(options=[IPOption_Router_Alert()] * rng.randrange(1, 9), **addresses) / l4 / body)
    if kind == "ip4 fragment":
        return bytes(ether / IP(flags=rng.choice(["MF", 0]), frag=rng.randrange(2), **addresses) / l4 / body)
    if kind == "ip6":
        return bytes(ether / IPv6(src="fd00::%x" % rng.randrange(1, 65536), dst="fd00::2") / l4 / body)
    if kind == "tags":
        tags = rng.choice([Dot1Q(vlan=5), Dot1AD(vlan=6) / Dot1Q(vlan=7), Dot1Q(vlan=1) / Dot1Q(vlan=2) / Dot1Q(vlan=3)])
        return bytes(ether / tags / rng.choice([IP(**addresses), IPv6(src="fd00::1", dst="fd00::3")]) / l4 / body)
    if kind == "sum off":
        return bytes(ether / IP(**addresses) / type(l4)(chksum=rng.randrange(1, 65536), **ports) / body)
    if kind == "sum absent":
        return bytes(ether / IP(**addresses) / UDP(chksum=0, **ports) / body)
    data = bytearray(packet(rng))
    if kind == "damaged":
        for _ in range(rng.randrange(1, 3)):
            data[rng.randrange(12, min(54, len(data)))] = rng.getrandbits(8)
    elif kind == "cut":
        del data[rng.randrange(1, len(data)):]
    return bytes(data)


def total(data):
    data = data + b"\0" * (len(data) % 2)
    value = sum(int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data), 2))
    while value >> 16:
        value = (value & 0xffff) + (value >> 16)
    return value


def toeplitz(key, data):
    value = 0
    for i in range(8 * len(data)):
        if data[i // 8] >> 7 - i % 8 & 1:
            value ^= key >> 320 - 32 - i & mask(32)
    return value


def inspect(data, key):
    """Hash and flags."""
    def word(at):
        return int.from_bytes(data[at:at + 2].ljust(2, b"\0"), "big")

    l3 = 14
    while l3 < 22 and word(l3 - 2) in (0x8100, 0x88a8) and len(data) >= l3:
        l3 += 4
    kind, first = word(l3 - 2), data[l3] if len(data) > l3 else 0
    head = 4 * (first & 15)
    ip4 = kind == 0x800 and first >> 4 == 4 and head >= 20 and len(data) >= l3 + head
    ip6 = kind == 0x86dd and first >> 4 == 6 and len(data) >= l3 + 40
    if not ip4 and not ip6:
        return 0, 0
    flags = IP4 if ip4 else IP6
    if ip4 and head == 20:
        flags |= IP_GOOD if total(data[l3:l3 + 20]) == 0xffff else IP_BAD
    addresses = data[l3 + 12:l3 + 20] if ip4 else data[l3 + 8:l3 + 40]
    l4, end = (l3 + head, l3 + word(l3 + 2)) if ip4 else (l3 + 40, l3 + 40 + word(l3 + 4))
    protocol = data[l3 + 9] if ip4 else data[l3 + 6]
    whole = ip6 or not word(l3 + 6) & 0x3fff
    least = {6: 20, 17: 8}.get(protocol)
    if not whole or least is None or not l4 + least <= end <= len(data):
        return toeplitz(key, addresses), flags
    flags |= TCP_FLAG if protocol == 6 else UDP_FLAG
    if protocol == 6 or (word(l4 + 4) == end - l4 and word(l4 + 6)):
        pseudo = addresses + (protocol + end - l4).to_bytes(4, "big")
        flags |= L4_GOOD if total(pseudo + data[l4:end]) == 0xffff else L4_BAD
    return toeplitz(key, addresses + data[l4:l4 + 4]), flags


@cocotb.test()
async def looks(dut):
    tb = Bench(dut)
    kinds = cover.point("kind", KINDS)
    found = cover.point("flag", ["ip4", "ip6", "IP good", "IP bad", "tcp", "udp", "L4 good", "L4 bad"])
    gaps = cover.point("from frame to frame", ["at once", "a gap"])
    sizes = cover.point("rows", ["one", "two", "more"])
    hashed = cover.point("hashed", ["not yet", "with the first key", "with another"])
    key, table = tb.rng.getrandbits(320), [tb.rng.getrandbits(8) for _ in range(128)]
    await tb.reset(valid=0, key=key, hard_rst=1)
    pipe = deque([None] * STAGES)
    coming, last_gap, made, tables = [], True, 0, "not yet"
    while made < clocks(400) or coming or any(pipe):
        # From the first frames on, and in the middle of the run, until the key's tables are made.
        if not coming and (made == 5 and tables == "not yet" or made == clocks(200) and tables == "with the first key"):
            if tables != "not yet":
                key = tb.rng.getrandbits(320)
                await tb.step(valid=0, key=tb.rng.getrandbits(320), key_we=1, hard_rst=0)
            for _ in range(RSS_CLOCKS):
                await tb.step(valid=0, key=key, key_we=0, hard_rst=0)
            pipe = deque([None] * STAGES)
            tables = "with another" if tables != "not yet" else "with the first key"
        if not coming and made < clocks(400) and not tb.rng.chance(3):
            kind = tb.rng.choice(KINDS)
            kinds.hit(kind)
            gaps.hit("a gap" if last_gap else "at once")
            data = frame(tb.rng, kind)[:1536]
            value, flags = inspect(data, key if tables != "not yet" else 0)
            hashed.hit(tables)
            for bit, name in enumerate(found.bins):
                if flags >> bit & 1:
                    found.hit(name)
            rows = (len(data) + 63) // 64
            sizes.hit(["one", "two", "more"][min(rows, 3) - 1])
            side = {"tile": tb.rng.randrange(2), "thread": tb.rng.randrange(16), "port": tb.rng.randrange(2), "number": tb.rng.getrandbits(32)}
            for i in range(rows):
                row = int.from_bytes(data[64 * i:64 * i + 64], "little")
                # Behind a frame's end its row may hold anything.
                row |= tb.rng.getrandbits(512) & ~mask(min(512, 8 * (len(data) - 64 * i))) & mask(512)
                coming.append(({"first": int(i == 0), "last": int(i + 1 == rows), "data": row, "place": i, **side},
                               {"len": len(data), "time": tb.rng.getrandbits(64)}, {"hash": value, "flags": flags, "queue": table[value & 127]}))
            made += 1
        last_gap = not coming
        item = coming.pop(0) if coming else None
        values = {"valid": int(item is not None), "key": key, "key_we": 0, "hard_rst": 0}
        if item:
            values.update(item[0])
            if item[0]["last"]:
                values.update(item[1])
        tb.set_all(**values)
        await tb.settle()
        entry = getattr(dut, "entry_o").value
        tb.set(queue=table[int(entry)] if entry.is_resolvable else 0)
        await tb.settle()
        await tb.edge()
        await tb.settle()
        pipe.append(item)
        out = pipe[-STAGES]
        if len(pipe) > STAGES:
            pipe.popleft()
        tb.check("valid", int(item is not None))
        if item:
            for name in ("last", "data", "place", "tile", "thread", "port"):
                tb.check(name, item[0][name])
            if item[0]["last"]:
                tb.check("len", item[1]["len"])
        ended = out is not None and out[0]["last"]
        tb.check("meta_valid", int(ended))
        if ended:
            for name in ("tile", "thread", "port"):
                tb.check("meta_" + name, out[0][name])
            for name, want in {"number": out[0]["number"], "time": out[1]["time"], **out[2]}.items():
                tb.check(name, want)
