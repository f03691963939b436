#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""packets.py KIND SIZE OUT.pcap OUT.json [COUNT]: a bench's packets and what the host puts into the maps before them.

The packets are UDP over IPv4 in 16 flows, one after the other, SIZE bytes each as the program sees them; every lookup hits.
"""
import json
import struct
import sys

FLOWS = 16
ETHER = bytes.fromhex("020000000001") + bytes.fromhex("020000000002") + b"\x08\x00"
SERVICE, SERVICE_PORT, UDP = bytes([10, 0, 0, 1]), 53, 17
PORT = 1  # interface that redirects go to
AF_INET = 2


def source(flow):
    return bytes([198, 18, 0, flow]), 1024 + flow


def checksum(header):
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def frame(flow, size):
    address, port = source(flow)
    length = size - len(ETHER)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, length, 1, 0, 64, UDP, 0, address, SERVICE)
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    udp = struct.pack(">HHHH", port, SERVICE_PORT, length - 20, 0)
    return (ETHER + ip + udp).ljust(size, b"\0")


def entries(pairs):
    return [{"key": key.hex(), "value": value.hex()} for key, value in pairs]


def number(value, width=4):
    return value.to_bytes(width, "little")


def lookup(width):
    keys = {frame(flow, 64)[30 - width:30] for flow in range(FLOWS)}
    return {"table": entries((key, number(1, 8)) for key in sorted(keys))}


def firewall():
    keys = (source(f)[0] + SERVICE + struct.pack(">HH", source(f)[1], SERVICE_PORT) + number(UDP) for f in range(FLOWS))
    return {"flows": entries((key, number(1)) for key in keys)}


def balancer():
    key = SERVICE + struct.pack(">H", SERVICE_PORT) + number(UDP, 2)
    servers = [(number(i), bytes([10, 1, 0, i]) + bytes([2, 0, 0, 0, 1, i, 0, 0])) for i in range(16)]
    return {"services": entries([(key, number(0, 24))]),
            "ring": entries((number(i), number(i * 7 % 16)) for i in range(256)),
            "servers": entries(servers)}


def rxq(action, options):
    return {"config_map": entries([(number(0), number(action) + number(PORT) + number(options))])}


def router():
    """No exact match; a route to 10.0.0.0/24 whose address is in the ARP table."""
    route = SERVICE + bytes(4) + number(0x030000000002, 8) + number(PORT) + bytes(12)
    return {"lpm_map": entries([(number(24) + SERVICE[:3] + b"\0", route)]),
            "arp_table": entries([(SERVICE, number(0x040000000002, 8))]),
            "tx_port": entries([(number(PORT), number(PORT))])}


def tunnel():
    vip = SERVICE.ljust(16, b"\0") + struct.pack(">H", SERVICE_PORT) + number(AF_INET, 2) + number(UDP)
    ends = bytes([10, 2, 0, 1]).ljust(16, b"\0") + bytes([10, 2, 0, 2]).ljust(16, b"\0")
    return {"vip2tnl": entries([(vip, ends + number(AF_INET, 2) + bytes.fromhex("020000000004"))])}


MAPS = {
    "plain": dict,
    "lookup1": lambda: lookup(1), "lookup2": lambda: lookup(2), "lookup4": lambda: lookup(4),
    "lookup8": lambda: lookup(8), "lookup16": lambda: lookup(16),
    "lookup_array": lambda: {"table": []},
    "firewall": firewall,
    "firewall_ports": lambda: firewall() | {"ports": entries((number(i), number(PORT)) for i in range(2))},
    "balancer": balancer,
    "rxq_drop": lambda: rxq(1, 0), "rxq_tx": lambda: rxq(3, 2),
    "router": router,
    "tunnel": tunnel,
    "redirect_map": lambda: {"tx_port_native": entries([(number(0), number(PORT) + number(0))])},
}


def main():
    if len(sys.argv) not in (5, 6) or sys.argv[1] not in MAPS:
        sys.exit(f"usage: packets.py {{{','.join(MAPS)}}} SIZE OUT.pcap OUT.json [COUNT]")
    size, count = int(sys.argv[2]), int((sys.argv[5:] or [FLOWS])[0])
    with open(sys.argv[3], "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        packets = [struct.pack("<IIII", 1_700_000_000, flow, size, size) + frame(flow, size) for flow in range(FLOWS)]
        for n in range(count):
            out.write(packets[n % FLOWS])
    with open(sys.argv[4], "w", encoding="utf-8") as out:
        json.dump(MAPS[sys.argv[1]](), out, indent=1)


if __name__ == "__main__":
    main()
