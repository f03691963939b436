#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""packets.py OUT.pcap [SEED [COUNT]]: frames that ask lookup.c for routes: one question for each of host.sh's, and so many by chance."""
import ipaddress
import random
import struct
import sys

DIRECT, OUTPUT, SKIP_NEIGH, TBID, SRC, MARK = 1, 2, 4, 8, 16, 32
INET, INET6 = 2, 10
TO4 = ("10.1.0.2", "10.1.0.3", "10.1.0.1", "10.1.0.255", "10.2.0.2", "10.2.0.3", "10.2.0.9", "10.7.0.5", "10.7.255.255", "127.0.0.1", "127.5.5.5",
       "192.168.1.1", "192.168.5.7", "192.168.6.1", "192.168.7.1", "192.168.8.1", "192.168.9.1", "172.16.0.1", "172.16.1.1", "172.16.2.1",
       "172.16.3.1", "172.16.5.1", "172.16.6.1", "172.16.7.1", "172.16.8.1", "172.20.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.0", "8.8.8.8",
       "192.168.0.0", "192.168.255.255", "10.2.0.77", "192.168.5.255", "192.168.10.1")
TO6 = ("2001:db8:1::2", "2001:db8:1::1", "2001:db8:1::", "2001:db8:1::77", "2001:db8:2::2", "2001:db8:8::1", "2001:db8:8:1::1", "2001:db8:8:2::1",
       "2001:db8:8:3::1", "2001:db8:9::1", "2001:db8:9:1::1", "2001:db8:9:2::1", "2001:db8:9:3::1", "2001:db8:20::1", "fe80::1", "ff02::1", "::1",
       "::", "2001:4860::1", "fec0::1", "fe00::1", "::2", "100::1", "2001:db8:1:0:5::9", "2001:db8:1:0:5:6::9")
LINKS = (1, 2, 3, 7, 12, 99, 0)
FLAGS = (0, DIRECT, SKIP_NEIGH, DIRECT | TBID, TBID, SRC, SRC | SKIP_NEIGH, MARK, DIRECT | SKIP_NEIGH, 64, 1 << 31, DIRECT | TBID | SRC)
LENGTHS = (0, 60, 1280, 1281, 1290, 1300, 1301, 1400, 1401, 1500, 1501, 65535)


def question(family, flags, ifindex, to, source, length, table):
    wide = 16 if family == INET6 else 4
    params = struct.pack("<BBHHHII16s16sI12s", family, 6, 0x1234, 0x5678, length, ifindex, 0, source[:wide].ljust(16, b"\xa5"),
                         to[:wide].ljust(16, b"\x5a"), table, bytes(range(0x60, 0x6c)))
    return struct.pack("<14sHIiQ", b"\x02" * 14, flags % 8 if length % 2 else 7, flags, -1, 0) + params


def address(text):
    return ipaddress.ip_address(text).packed


def near(rng, texts):
    """One of them, or one beside it."""
    addr = bytearray(address(rng.choice(texts)))
    if rng.random() < 0.4:
        addr[rng.randrange(len(addr))] ^= 1 << rng.randrange(8)
    return bytes(addr)


def questions(rng, count):
    for to in TO4:
        yield question(INET, 0, 2, address(to), address("10.1.0.5"), 60, 0)
        yield question(INET, DIRECT, 2, address(to), address("10.1.0.5"), 60, 0)
    for to in TO6:
        yield question(INET6, 0, 2, address(to), address("2001:db8:1::5"), 60, 0)
        yield question(INET6, DIRECT, 2, address(to), address("2001:db8:1::5"), 60, 0)
    for _ in range(count):
        family = rng.choice((INET, INET6, INET, INET6, INET, INET6, 0, 3))
        texts = TO6 if family == INET6 else TO4
        source = near(rng, texts) if rng.random() < 0.3 else address("2001:db8:1::5" if family == INET6 else "10.1.0.5")
        yield question(family, rng.choice(FLAGS) if rng.random() < 0.9 else rng.randrange(128) & ~OUTPUT, rng.choice(LINKS) if rng.random() < 0.4 else 2,
                       near(rng, texts), source, rng.choice(LENGTHS), rng.choice((0, 100, 253, 254, 255, 7)))


def main():
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    with open(sys.argv[1], "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for frame in questions(rng, int(sys.argv[3]) if len(sys.argv) > 3 else 2000):
            out.write(struct.pack("<IIII", 1700000000, 0, len(frame), len(frame)) + frame)


main()
