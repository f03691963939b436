# SPDX-License-Identifier: Apache-2.0
"""pkt_parse: tags, L3 header, where L4 begins and L3 ends, TCP or UDP; two clocks behind a frame's first row."""
import cover
import packets
from bench import Bench, Pipe, clocks, cocotb

TAGS, IP4, IP6 = (0x8100, 0x88a8), 0x0800, 0x86dd


def parse(row):
    """What hw/spec/fabric.md says of a first row, but for the frame's length."""
    at, tags = 12, 0
    kind = int.from_bytes(row[at:at + 2], "big")
    while kind in TAGS and tags < 2:
        tags, at = tags + 1, at + 4
        kind = int.from_bytes(row[at:at + 2], "big")
    l3 = at + 2
    version, ihl = row[l3] >> 4, row[l3] & 15
    what = {"tags": tags, "ip4": int(kind == IP4 and version == 4 and ihl >= 5), "ip6": int(kind == IP6 and version == 6)}
    if what["ip4"]:
        fragment = int.from_bytes(row[l3 + 6:l3 + 8], "big") & 0x3fff
        what.update(plain=int(ihl == 5), l4=l3 + 4 * ihl, end=l3 + int.from_bytes(row[l3 + 2:l3 + 4], "big"),
                    addr=int.from_bytes(row[l3 + 12:l3 + 20], "big"), proto=row[l3 + 9] if not fragment else None)
    elif what["ip6"]:
        what.update(plain=0, l4=l3 + 40, end=l3 + 40 + int.from_bytes(row[l3 + 4:l3 + 6], "big"),
                    addr=int.from_bytes(row[l3 + 8:l3 + 40], "big"), proto=row[l3 + 6])
    what["header"] = int.from_bytes(row[l3:l3 + 20], "big")
    return what


def first_row(rng):
    """Of a scapy packet, with one more tag, options, fragments and broken bytes now and then."""
    row = bytearray(packets.packet(rng, length=64))
    for _ in range(rng.choice([0, 0, 1, 2])):
        row[12:12] = rng.choice([b"\x81\x00", b"\x88\xa8"]) + bytes([0, rng.randrange(256)])
    l3 = parse(row)["tags"] * 4 + 14
    if rng.chance(4):
        row[l3] = rng.choice([0x45, 0x46, 0x4f, 0x44, 0x65, 0x60, 0x55])
    if rng.chance(4):
        row[l3 + 6:l3 + 8] = rng.choice([b"\x20\x00", b"\x00\x01", b"\x40\x00", b"\x80\x00"])
    if rng.chance(3):
        row[l3 + 9] = row[l3 + 6] = rng.choice([6, 6, 17, 58])
    if rng.chance(3):
        row[rng.randrange(64)] = rng.getrandbits(8)
    return bytes(row[:64])


@cocotb.test()
async def parses(dut):
    tb = Bench(dut)
    kinds = cover.cross("L3, tags, L4", ["ip4", "ip6"], range(3), ["tcp", "udp", "other"])
    fragments = cover.flags("a fragment")
    options = cover.flags("options")
    neither = cover.point("neither", range(3))
    s3, want = Pipe(1), None
    for _ in range(clocks(2500)):
        first = want is None or tb.rng.chance(3)
        if first:
            row = first_row(tb.rng)
            want = parse(row)
        at_s3 = s3.step(want)
        await tb.step(s1_first=int(first), s1_data=int.from_bytes(row, "little") if first else tb.rng.getrandbits(512))
        tb.check("s2_ip4", want["header"])
        if want["ip4"] or want["ip6"]:
            tb.check("s2_l4", want["l4"])
            tb.check("s2_end", want["end"])
        if at_s3 is None:
            continue
        tb.check("s3_ip4", at_s3["ip4"])
        tb.check("s3_ip6", at_s3["ip6"])
        tb.check("s3_tags", [0, 1, 2][at_s3["tags"]])
        if not at_s3["ip4"] and not at_s3["ip6"]:
            neither.hit(at_s3["tags"])
            continue
        proto = at_s3["proto"]
        tb.check("s3_plain", at_s3["plain"])
        tb.check("s3_tcp", int(proto == 6))
        tb.check("s3_udp", int(proto == 17))
        tb.check("s3_l4", at_s3["l4"])
        tb.check("s3_end", at_s3["end"])
        got = tb.get("s3_addr")
        assert at_s3["addr"] == (got >> 192 if at_s3["ip4"] else got), f"clock {tb.clocks}: addresses {got:#x}"
        kinds.hit(("ip4" if at_s3["ip4"] else "ip6", at_s3["tags"], {6: "tcp", 17: "udp"}.get(proto, "other")))
        if at_s3["ip4"]:
            fragments.hit(proto is None)
            options.hit(not at_s3["plain"])
