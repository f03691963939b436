# SPDX-License-Identifier: Apache-2.0
import ipaddress
import struct

import traffic
from traffic import (ICMP, IP, Dot1Q, Ether, IPOption_NOP, ether, ip4, ip6, tcp, text, udp)

INSIDE, OTHER_INSIDE, OUTSIDE = "10.1.2.3", "10.255.255.255", "198.51.100.20"
TCP_, UDP_ = 6, 17


class Conversation:
    """One flow, named from inside as the program's key does."""

    def __init__(self, protocol, inside, outside, inside_port, outside_port):
        self.key = (ipaddress.IPv4Address(inside).packed + ipaddress.IPv4Address(outside).packed
                    + struct.pack(">HHB3x", inside_port, outside_port, protocol))
        self.protocol = protocol
        self.addresses = inside, outside
        self.ports = inside_port, outside_port

    def packet(self, outward, tcp_flags="A", size=20, **ip_fields):
        (src, dst), (sport, dport) = [pair if outward else pair[::-1]
                                      for pair in (self.addresses, self.ports)]
        above = tcp(tcp_flags, sport, dport) if self.protocol == TCP_ else udp(sport, dport)
        return ether() / ip4(src=src, dst=dst, **ip_fields) / above / text(size)


class Log:
    """The packets so far, and the flows that are open after them."""

    def __init__(self):
        self.packets = []
        self.flows = {}

    def passes(self, what, layers):
        self.packets.append(traffic.Packet(bytes(layers), "XDP_PASS", what))

    def drops(self, what, layers):
        self.packets.append(traffic.Packet(bytes(layers), "XDP_DROP", what))

    def counted(self, what, conversation, layers):
        """A packet that opens the conversation's flow or belongs to it."""
        self.passes(what, layers)
        flow = self.flows.setdefault(conversation.key, [0, 0])
        flow[0] += 1
        flow[1] += len(bytes(layers))

    def closes(self, what, conversation, layers):
        self.passes(what, layers)
        del self.flows[conversation.key]


def tcp_session(log):
    web = Conversation(TCP_, INSIDE, OUTSIDE, 40001, 443)
    log.drops("answer before anybody asked", web.packet(False, "SA", 0))
    log.counted("SYN from inside opens", web, web.packet(True, "S", 0))
    log.counted("SYN ACK comes back", web, web.packet(False, "SA", 0))
    log.counted("ACK", web, web.packet(True, "A", 0))
    log.counted("request", web, web.packet(True, "PA", 300))
    log.counted("answer, longest frame", web, web.packet(False, "PA", 1460))
    log.counted("answer with IP options", web,
                web.packet(False, "PA", 8, options=[IPOption_NOP()] * 40))
    log.counted("FIN from outside does not close", web, web.packet(False, "FA", 0))
    log.counted("last ACK", web, web.packet(True, "A", 0))
    return web


def neighbours(log, web):
    """Packets that differ from an open flow in one thing."""
    for what, stranger in (
            ("other outside address", Conversation(TCP_, INSIDE, "198.51.100.21", 40001, 443)),
            ("other inside address", Conversation(TCP_, "10.1.2.4", OUTSIDE, 40001, 443)),
            ("other outside port", Conversation(TCP_, INSIDE, OUTSIDE, 40001, 444)),
            ("other inside port", Conversation(TCP_, INSIDE, OUTSIDE, 40002, 443)),
            ("ports exchanged", Conversation(TCP_, INSIDE, OUTSIDE, 443, 40001)),
            ("UDP on the same ports", Conversation(UDP_, INSIDE, OUTSIDE, 40001, 443))):
        log.drops(f"from outside: {what}", stranger.packet(False))
    log.drops("from outside to outside", Conversation(TCP_, "11.1.2.3", OUTSIDE, 40001, 443)
              .packet(False))
    log.drops("from the address below the inside network",
              Conversation(TCP_, OUTSIDE, "9.255.255.255", 443, 40001).packet(False))
    log.drops("from the address above the inside network",
              Conversation(TCP_, OUTSIDE, "11.0.0.0", 443, 40001).packet(False))
    log.counted("the open flow is still open", web, web.packet(False))


def more_flows(log):
    dns = Conversation(UDP_, INSIDE, OUTSIDE, 50000, 53)
    log.drops("UDP from outside, no flow", dns.packet(False))
    log.counted("UDP query opens", dns, dns.packet(True, size=30))
    log.counted("UDP answer", dns, dns.packet(False, size=200))
    log.counted("second answer", dns, dns.packet(False, size=0))
    log.drops("TCP on the ports of a UDP flow",
              Conversation(TCP_, INSIDE, OUTSIDE, 50000, 53).packet(False))

    last = Conversation(UDP_, OTHER_INSIDE, OUTSIDE, 1, 65535)
    log.counted("last inside address, extreme ports", last, last.packet(True))
    log.counted("and its answer", last, last.packet(False))
    first = Conversation(UDP_, "10.0.0.0", OUTSIDE, 0, 0)
    log.counted("first inside address, ports 0", first, first.packet(True))
    log.counted("and its answer", first, first.packet(False))

    between = Conversation(TCP_, INSIDE, OTHER_INSIDE, 40003, 22)
    log.counted("between two inside hosts: from inside, so it opens", between,
                between.packet(True, "S", 0))
    back = Conversation(TCP_, OTHER_INSIDE, INSIDE, 22, 40003)
    log.counted("its answer is from inside too, and opens a flow of its own", back,
                back.packet(True, "SA", 0))

    for port in range(40100, 40108):
        flow = Conversation(TCP_, INSIDE, OUTSIDE, port, 80)
        log.counted(f"SYN from port {port}", flow, flow.packet(True, "S", 0))
    for port in range(40100, 40108, 2):
        flow = Conversation(TCP_, INSIDE, OUTSIDE, port, 80)
        log.counted(f"SYN ACK to port {port}", flow, flow.packet(False, "SA", 0))


def resets(log):
    for port, outward, who in ((40100, True, "inside"), (40102, False, "outside")):
        flow = Conversation(TCP_, INSIDE, OUTSIDE, port, 80)
        log.closes(f"reset from {who} closes port {port}", flow, flow.packet(outward, "RA", 0))
        log.drops("after the reset nothing comes in", flow.packet(False))
        log.drops("a reset neither", flow.packet(False, "R", 0))
        log.passes("a reset from inside passes and opens nothing", flow.packet(True, "R", 0))
        log.drops("as the next packet shows", flow.packet(False))
    again = Conversation(TCP_, INSIDE, OUTSIDE, 40100, 80)
    log.counted("SYN opens the port anew, counted from one", again, again.packet(True, "S", 0))
    log.counted("SYN ACK", again, again.packet(False, "SA", 0))


def never(log, web):
    """What is dropped whoever sends it."""
    for what, fields in (("first", {"flags": "MF"}), ("last", {"frag": 185})):
        log.drops(f"{what} fragment from inside", web.packet(True, **fields))
        log.drops(f"{what} fragment from outside", web.packet(False, **fields))
    log.counted("don't-fragment is not a fragment", web, web.packet(True, flags="DF"))
    log.drops("IP version 5", web.packet(True, version=5))
    log.drops("IP header length 4", web.packet(True, ihl=4))
    log.drops("IP header length 0", web.packet(True, ihl=0))
    log.drops("ICMP from inside", ether() / ip4(src=INSIDE, dst=OUTSIDE)
              / ICMP(type=8, id=1, seq=1) / text(56))
    log.drops("GRE from inside", ether() / ip4(src=INSIDE, dst=OUTSIDE, proto=47) / text(40))
    log.drops("IPv6", ether() / ip6() / tcp("S"))
    log.drops("open flow under a VLAN tag",
              ether() / Dot1Q(vlan=5) / web.packet(False)[IP])


def example():
    log = Log()
    web = tcp_session(log)
    neighbours(log, web)
    more_flows(log)
    resets(log)
    never(log, web)

    for frame in traffic.ordinary():
        if frame.layers[Ether].type == 0x0806:
            log.passes(frame.what, frame.data)
        else:
            log.drops(f"{frame.what}: outside's, or not TCP or UDP over IPv4", frame.data)
    for what, data in traffic.bare_headers():
        (log.passes if "ARP" in what else log.drops)(what, data)

    for what, protocol, size, need in (("TCP", TCP_, 2, 54), ("UDP", UDP_, 2, 38)):
        cut = Conversation(protocol, INSIDE, OUTSIDE, 40200, 80)
        for length in (15, 33, 34, 35, 37, 38, 39, 41, 42, 43, 53, 54, 55):
            data = bytes(cut.packet(True, size=size + 12))[:length]
            if length < need:
                log.drops(f"{what} from inside, {length} bytes: ports or header missing", data)
            else:
                log.counted(f"{what} from inside, {length} bytes", cut, data)
    options = Conversation(TCP_, INSIDE, OUTSIDE, 40201, 80)
    whole = bytes(options.packet(True, size=2, options=[IPOption_NOP()] * 40))
    log.drops("TCP behind options, a byte short", whole[:93])
    log.counted("TCP behind options, just enough", options, whole[:94])
    log.drops("header length 15, the frame ends before", bytes(options.packet(True, ihl=15))[:60])

    return traffic.Example(log.packets, runts="XDP_DROP", maps_out={
        "flows": {key: struct.pack("<QQ", *flow) for key, flow in log.flows.items()}})
