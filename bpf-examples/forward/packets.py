# SPDX-License-Identifier: Apache-2.0
import struct

import traffic
from traffic import MAC_A, MAC_B, Dot1Q, ether, ip4, text, udp

PORT, EMPTY, BEYOND = 1, 3, 9
GONE = "02:00:00:00:00:0c"
STATIONS = {(MAC_B, 0): PORT, (MAC_A, 0): EMPTY, (MAC_B, 100): PORT, (GONE, 0): BEYOND}


def key(station):
    return bytes.fromhex(station[0].replace(":", "")) + struct.pack("<H", station[1])


def verdict(data):
    if len(data) < 18:
        return "XDP_DROP", "shorter than any frame"
    vlan = int.from_bytes(data[14:16], "big") & 0xfff if data[12:14] == b"\x81\x00" else 0
    port = {key(station): port for station, port in STATIONS.items()}.get(data[:6] + struct.pack("<H", vlan))
    if port is None:
        return "XDP_PASS", "nobody's, or everybody's"
    return ("XDP_REDIRECT", "to its port") if port == PORT else ("XDP_DROP", "its port is not there")


def example():
    packets = []

    def add(what, data):
        result, why = verdict(data)
        packets.append(traffic.Packet(data, result, f"{what}: {why}"))

    for frame in traffic.ordinary():
        add(frame.what, frame.data)
    add("station of a port beyond the end", bytes(ether(dst=GONE) / ip4() / udp() / text(20)))
    add("VLAN that is not set up", bytes(ether() / Dot1Q(vlan=200) / ip4() / udp() / text(20)))
    for what, data in traffic.bare_headers():
        add(what, data)
    for length in (14, 15, 17, 18, 19):
        add(f"{length} bytes", bytes(ether() / ip4() / udp())[:length])
    maps = {"stations": {key(station): struct.pack("<I", port) for station, port in STATIONS.items()},
            "ports": {struct.pack("<I", PORT): struct.pack("<I", 1)}}
    return traffic.Example(packets, runts="XDP_DROP", maps_in=maps, maps_out=maps)
