# SPDX-License-Identifier: Apache-2.0
"""Wires to other processes and to interfaces of the machine; those to captures, TAPs and other ports are in test_pmd.py and test_port.py."""
import collections
import os
import socket
import struct
import subprocess
import time

from cases import SOON, check, frames, run_cases
from testpmd import B, TIMEOUT, Testpmd

REAL = "bpf-examples/real/real.pcap"
SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING, ETH_P_ALL, VLAN_VALID, SO_RCVBUFFORCE = 263, 8, 23, 3, 1 << 4, 33


def connect(path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(TIMEOUT)
    s.connect(path)
    return s


def sock(tmp):
    """A process at the end of a socket gets back, changed by the program, what it sends; it goes, and another one comes; messages that are no frames are counted."""
    path = tmp + "/wire"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.bind(path)  # nobody listens there any more
    t = Testpmd("wire=sock:%s,xdp_prog=%s/examples/mac_swap.o" % (path, B))
    t.do("set fwd rxonly")
    t.do("start")
    for turn in range(2):
        with connect(path) as s:
            for frame in frames(REAL)[100 * turn:100 * turn + 100]:
                s.send(frame)
                back = s.recv(65536)
                if not check(back == frame[6:12] + frame[:6] + frame[12:], "turn %d: %s came back for %s" % (turn, back.hex(), frame.hex())):
                    break
    with connect(path) as s:
        for size in (1, 13, 1537, 9000, 60000):
            s.send(b"\x02" * size)
        s.send(frames(REAL)[0])
        check(len(s.recv(65536)) == len(frames(REAL)[0]), "a frame behind messages that are none")
        s.send(b"")
    x = t.xstats()
    check(x["xdp_offload_drop_packets"] == 2 and x["wire0_rx_long_packets"] == 3 and x["wire0_rx_packets"] == 203, "%s" % {k: x[k] for k in x if k.startswith("wire0")})
    said = t.do("port attach net_nicjit1,wire=sock:" + path)
    check("somebody else listens" in said, "a second one that listens: " + said)
    with connect(path) as s:
        s.send(frames(REAL)[1])
        check(len(s.recv(65536)) == len(frames(REAL)[1]), "after a second one that listens")
    check(t.quit() == 0, "testpmd ends with an error")
    check(not os.path.exists(path), "the socket is left behind")


def paths(tmp):
    """What a wire names and is no wire stays as it is, and is said."""
    for name in ("file", "capture"):
        with open(REAL, "rb") as f, open(tmp + "/" + name, "wb") as to:
            to.write(f.read())
    os.symlink(tmp + "/capture", tmp + "/other")
    os.mkfifo(tmp + "/fifo")
    t = Testpmd("wire=loop")
    for wire, says in (("sock:" + tmp + "/file", "nothing can be listened to"), ("link:" + tmp + "/file", "there is no socket at that path"), ("sock:", "1 to 107"), ("link:", "1 to 107"),
                       ("sock:/" + "x" * 108, "1 to 107"), ("pcap:{0}/capture:{0}/other".format(tmp), "would overwrite"), ("pcap:" + REAL + ":/nowhere/out", "/nowhere/out"), ("gen:64x", "60 to 1514"),
                       ("gen:-64", "60 to 1514"), ("if:nicjit-nothing-0", "1 to 15 characters"), ("if:njnothing", "there is no such interface"), ("if:", "1 to 15 characters"),
                       ("tap:" + "x" * 16, "1 to 15 characters"), ("tap:", "1 to 15 characters"), ("", "needs a value")):
        said = t.do("port attach net_nicjit1,wire=" + wire)
        check(says in said and "is attached" not in said, "%s: %s" % (wire, said))
    for command in ("load", "routes"):
        before = time.monotonic()
        check("is no file" in str(t.ask("/nicjit/%s,0,%s/fifo" % (command, tmp))) and time.monotonic() - before < SOON, command + " of a pipe")
    check(t.quit() == 0, "testpmd ends with an error")
    for name in ("file", "capture"):
        check(frames(tmp + "/" + name) == frames(REAL), name + " is not what it was")


def receive(s):
    """A frame, with the VLAN tag that the kernel hands over beside it."""
    frame, beside, _, _ = s.recvmsg(65536, 64)
    for level, kind, data in beside:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", data)
            if status & VLAN_VALID:
                return frame[:12] + struct.pack(">HH", tpid, tci) + frame[12:]
    return frame


def interface(tmp):
    """An interface of the machine: frames cross either way as they are, VLAN tags too."""
    if os.getuid():
        print("note: no interfaces to be had without root")
        return
    a, b = "njwa%d" % (os.getpid() % 10000), "njwb%d" % (os.getpid() % 10000)
    subprocess.run(["ip", "link", "add", a, "mtu", "1600", "type", "veth", "peer", "name", b, "mtu", "1600"], check=True)
    try:
        for name in (a, b):
            subprocess.run(["ip", "link", "set", name, "addrgenmode", "none", "up"], check=True)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as s:
            s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
            s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
            s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
            s.bind((b, ETH_P_ALL))
            s.settimeout(TIMEOUT)
            t = Testpmd("wire=if:" + a, more=["--vdev=net_pcap0,rx_pcap=%s,tx_pcap=%s/out.pcap" % (REAL, tmp)], options=["--txd=1024"])
            t.do("start")
            got = [receive(s) for _ in frames(REAL)]
            check(collections.Counter(got) == collections.Counter(frames(REAL)), "not the frames that were sent")
            for n, frame in enumerate(frames(REAL)):
                s.send(frame)
                if n % 50 == 49:  # the interface's buffer ends somewhere
                    t.settled(lambda: t.xstats()["wire0_rx_packets"], n + 1)
            t.settled(lambda: t.xstats(1)["tx_good_packets"], len(frames(REAL)))
            check(t.xstats()["wire0_rx_packets"] == len(frames(REAL)), "its own frames came back: %d" % t.xstats()["wire0_rx_packets"])
            check(t.quit() == 0, "testpmd ends with an error")
        check(collections.Counter(frames(tmp + "/out.pcap")) == collections.Counter(frames(REAL)), "not the frames that came")
    finally:
        subprocess.run(["ip", "link", "del", a])


if __name__ == "__main__":
    run_cases([("sock", sock), ("paths", paths), ("interface", interface)])
