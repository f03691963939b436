#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Frames through live wires: a TAP interface, then a veth pair, at a NIC that swaps addresses and sends back.
usage: live.py NICSIM MAC_SWAP.fw; exit 77 when this machine does not allow it."""
import os
import signal
import socket
import subprocess
import sys
import time

TYPE = 0x88B5
PATIENCE = 300  # seconds
FRAMES = [bytes.fromhex("020000000001020000000002") + TYPE.to_bytes(2, "big") + bytes([i]) * size for i, size in enumerate((46, 100, 1400))]


def swapped(frame):
    return frame[6:12] + frame[0:6] + frame[12:]


def exchange(interface, p):
    """Each is sent until it comes back: at first the NIC may not be there, or its interface not be up. So others may come back late, and again."""
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(TYPE))
    s.bind((interface, 0))
    s.settimeout(1)
    for frame in FRAMES:
        got, end = b"", time.monotonic() + PATIENCE
        while got != swapped(frame):
            if time.monotonic() > end or p.poll() is not None:
                sys.exit("%s: %s does not come back" % (interface, frame.hex()))
            try:
                s.send(frame)
                got, address = s.recvfrom(2000)
                while address[2] == socket.PACKET_OUTGOING:
                    got, address = s.recvfrom(2000)
            except OSError:
                time.sleep(0.1)
                continue
            if got not in map(swapped, FRAMES):
                sys.exit("%s: %s came back as %s" % (interface, frame.hex(), got.hex()))


def run(nicsim, fw, wire, interface):
    p = subprocess.Popen([nicsim, "--fw", fw, "--model", "iss", "--wire", wire, "--json"], stdout=subprocess.PIPE, text=True)
    end = time.monotonic() + PATIENCE
    while not os.path.exists("/sys/class/net/" + interface) and p.poll() is None and time.monotonic() < end:
        time.sleep(0.1)
    try:
        exchange(interface, p)
    finally:
        p.send_signal(signal.SIGINT)
        report = p.communicate()[0]
    if p.returncode or '"packets"' not in report:
        sys.exit("nicsim ended with %d: %s" % (p.returncode, report))


def main():
    nicsim, fw = sys.argv[1:]
    pair = "nicsim-a", "nicsim-b"
    if os.geteuid() or not os.access("/dev/net/tun", os.W_OK) or subprocess.call(
            ["ip", "link", "add", pair[0], "type", "veth", "peer", "name", pair[1]], stderr=subprocess.DEVNULL):
        sys.exit(77)
    try:
        for name in pair:
            subprocess.check_call(["ip", "link", "set", name, "up"])
        run(nicsim, fw, "if:" + pair[0], pair[1])
        run(nicsim, fw, "tap:nicsim-t", "nicsim-t")
    finally:
        subprocess.call(["ip", "link", "del", pair[0]])


main()
