# SPDX-License-Identifier: Apache-2.0
"""VLAN sub-interfaces of the device `wire` in user space, for a kernel without 802.1Q.

vlan.py NAME=TAGS...   a TAP device for each NAME; TAGS in hex, as they stand in the frame
"""
import fcntl
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454ca, 0x0002, 0x1000
SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 263, 8, 23
TP_STATUS_VLAN_VALID = 1 << 4
ETH_P_ALL = 3
MACS = 12  # bytes before the tags


def open_tap(name):
    tap = open("/dev/net/tun", "r+b", buffering=0)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return tap


def receive(wire):
    """A frame as it was on the wire: the kernel hands the outermost tag over beside it."""
    frame, control, _, _ = wire.recvmsg(2048, 256)
    for _, _, data in control:
        status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", data)
        if status & TP_STATUS_VLAN_VALID:
            frame = frame[:MACS] + struct.pack(">HH", tpid, tci) + frame[MACS:]
    return frame


def main(devices):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    wire.bind(("wire", ETH_P_ALL))
    wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    wire.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    taps = {open_tap(name): bytes.fromhex(tags) for name, tags in
            (device.split("=") for device in devices)}
    print("ready", flush=True)
    while True:
        for source in select.select([wire, *taps], [], [])[0]:
            if source is wire:
                frame = receive(wire)
                for tap, tags in taps.items():
                    if frame[MACS:MACS + len(tags)] == tags:
                        tap.write(frame[:MACS] + frame[MACS + len(tags):])
            else:
                frame = source.read(2048)
                wire.send(frame[:MACS] + taps[source] + frame[MACS:])


main(sys.argv[1:])
