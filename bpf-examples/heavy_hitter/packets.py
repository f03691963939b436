# SPDX-License-Identifier: Apache-2.0
import struct

import traffic
from traffic import Dot1Q, ether, ip4, ip6, tcp, text, udp

COLUMNS, THRESHOLD = 512, 8
SEEDS = (0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f)


def column(source, seed):
    value = seed
    for word in struct.unpack("<4I", source):
        value = (value ^ word) * seed & 0xffffffff
        value ^= value >> 15
    return value % COLUMNS


def example():
    packets, hitters = [], {}
    sketch = [[0] * COLUMNS for _ in SEEDS]

    def add(what, layers):
        data = bytes(layers)
        packets.append(traffic.Packet(data, "XDP_PASS", what))
        if data[12:14] == b"\x08\x00" and len(data) >= 34:
            source = bytes(10) + b"\xff\xff" + data[26:30]
        elif data[12:14] == b"\x86\xdd" and len(data) >= 54:
            source = data[22:38]
        else:
            return
        estimate = 1 << 32
        for row, seed in zip(sketch, SEEDS):
            row[column(source, seed)] += 1
            estimate = min(estimate, row[column(source, seed)])
        if estimate < THRESHOLD:
            return
        hitter = hitters.setdefault(source, [0, 0, 0, 0])
        hitter[0] += 1
        hitter[1] += len(data)
        hitter[2] = estimate

    for n in range(60):
        add(f"small source {n}", ether() / ip4(src=f"10.0.{n}.{n * 3}") / udp() / text(n))
        add(f"heavy source {n}", ether() / ip4(src="203.0.113.66") / tcp("A") / text(10 * n))
        if n % 3 == 0:
            add(f"heavy IPv6 source {n}", ether() / ip6(src="2001:db8:bad::1") / udp() / text(n))
            add(f"small IPv6 source {n}", ether() / ip6(src=f"2001:db8::{n + 1:x}") / udp() / text(n))
    for n in range(THRESHOLD):
        add(f"reaches the threshold with the last, {n}", ether() / ip4(src="203.0.113.67") / udp())
        add(f"one short of it, {n}" if n else "the other", ether() / ip4(src="203.0.113.68" if n else "203.0.113.69") / udp())
    for frame in traffic.ordinary():
        add(frame.what, frame.data)
    add("VLAN tag", ether() / Dot1Q(vlan=5) / ip4() / udp())
    for what, data in traffic.hostile() + traffic.bare_headers():
        add(what, data)
    return traffic.Example(packets, runts="XDP_PASS", maps_out={
        "sketches": {bytes(4): [b"".join(struct.pack(f"<{COLUMNS}I", *row) for row in sketch)]},
        "hitters": {source: struct.pack("<QQII", *hitter) for source, hitter in hitters.items()}})
