# SPDX-License-Identifier: Apache-2.0
import traffic
from traffic import Ether


def swapped(layers):
    """The same frame built with the addresses exchanged."""
    other = layers.copy()
    other[Ether].src, other[Ether].dst = layers[Ether].dst, layers[Ether].src
    return bytes(other)


def example():
    packets = []

    def add(what, data, left):
        packets.append(traffic.Packet(data, "XDP_TX", what, left))

    for frame in traffic.ordinary():
        add(frame.what, frame.data, swapped(frame.layers).ljust(frame.pad, b"\0"))
    for source, dest in (("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"),
                         ("01:23:45:67:89:ab", "fe:dc:ba:98:76:54"),
                         (traffic.MAC_A, traffic.MAC_A)):
        layers = traffic.ether(src=source, dst=dest, type=0x88b5) / traffic.text(46)
        add(f"from {source} to {dest}", bytes(layers), swapped(layers))
    frame = traffic.named("TCP SYN with options")
    for length, data in frame.cuts():
        add(f"TCP, {length} bytes of it", data, swapped(frame.layers)[:length])
    return traffic.Example(packets, runts="XDP_DROP")
