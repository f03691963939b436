# SPDX-License-Identifier: Apache-2.0
"""What the cases have in common: counting checks, frames, and how a port is set up."""
import pathlib, struct, time

PATIENCE = 30.0  # seconds for what must come, on a machine that has other things to do
MOMENT = 0.15
passed = failed = 0


def check(name, good, said=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print(f"FAIL: {name}\n    " + str(said).replace("\n", "\n    "), flush=True)


def capture(path):
    """Frames of a pcap file."""
    data, at, frames = pathlib.Path(path).read_bytes(), 24, []
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        frames.append(data[at + 16:at + 16 + size])
        at += 16 + size
    return frames


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packet(protocol, payload, number=0, source=9):
    """From 10.0.0.9 to 10.0.0.1, the address of eth0 where it has one."""
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number, 0, 64, protocol, 0, bytes([10, 0, 0, source]), bytes([10, 0, 0, 1]))
    return b"\x02\0\0\0\0\x01" + b"\x02\0\0\0\0\x09" + b"\x08\0" + ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + payload


def ping(i, series=77, source=9):
    icmp = struct.pack(">BBHHH", 8, 0, 0, series, i) + bytes(40)
    return packet(1, icmp[:2] + struct.pack(">H", checksum(icmp)) + icmp[4:], i, source)


def replies(frames, series=77):
    """The numbers of the pings of a series that frames answer. Others are there as well: a stack asks and says again what nobody has answered."""
    return [struct.unpack_from(">H", f, 40)[0] for f in frames if f[12:15] == b"\x08\0\x45" and f[23] == 1 and f[34:36] == b"\0\0" and f[38:40] == struct.pack(">H", series)]


def pseudo_header(ip):
    """What checksums of TCP and UDP begin with."""
    return ip[12:20] + struct.pack(">HH", ip[9], len(ip) - 20)


def syn(port, source, sequence=1, ack=0, flags=2):
    """The first segment of a connection, or another one; two of 536 bytes may answer it."""
    tcp = struct.pack(">HHIIBBHHH", source, port, sequence, ack, 0x50, flags, 2 * 536, 0, 0)
    return packet(6, tcp[:16] + struct.pack(">H", checksum(pseudo_header(packet(6, tcp)[14:]) + tcp)) + tcp[18:]) + bytes(6)


AWAIT = "await() { for i in $(seq 600); do eval \"$1\" && return; usleep 100000; done; return 1; }"


def start(guest):
    guest.ok(AWAIT)
    guest.ok("insmod /files/nicjit.ko")
    guest.ok("for m in act_mirred cls_bpf cls_matchall sch_ingress; do insmod /files/$m.ko 2>/dev/null; done; true")
    guest.ok("echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6")  # whenever a port gets it: it asks for routers and addresses
    guest.ok("ip link set eth0 address 02:00:00:00:00:01; ip link set eth0 up; ip link set eth1 up")
    guest.ok("ethtool -K eth0 gro off")


def listed(frames):
    return f"{len(frames)} frames\n" + "\n".join(f.hex() for f in frames)


def soon(value, wanted):
    """What a value is when it is one that is wanted, or at the end."""
    end = time.monotonic() + PATIENCE
    while not wanted(now := value()) and time.monotonic() < end:
        time.sleep(0.05)
    return now


def settle(guest, port, expected, wanted=lambda frame: True, patience=PATIENCE):
    """Frames that leave by a port: once so many have come that are wanted, a moment shows whether there are more."""
    got, missing = [], expected
    while True:
        more = guest.take(port, 1, seconds=patience if missing > 0 else MOMENT)
        if not more:
            return got
        got += more
        missing -= bool(wanted(more[0]))


def outcome(guest, frames, expected=(0, 0)):
    """What becomes of frames: those that are passed, and those that are sent back."""
    settle(guest, 0, 0), settle(guest, 1, 0)
    guest.send(0, frames)
    return settle(guest, 1, expected[0]), settle(guest, 0, expected[1])


def passing(guest):
    """Port 0 is up and leads to port 1, as modes() expects it."""
    guest.ok("ip link set eth0 up; tc qdisc add dev eth0 clsact && tc filter add dev eth0 ingress matchall action mirred egress redirect dev eth1")
    settle(guest, 1, 0)
    guest.send(0, [ping(i) for i in range(10)])
    return len(guest.take(1, 10, PATIENCE)) == 10


def quiet(guest, after):
    said = guest.splats()
    check(f"nothing bad in the kernel's log after: {after}", not said, said)
