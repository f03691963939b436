# SPDX-License-Identifier: Apache-2.0
"""pkt_route: each frame goes whole to the port, the ports or the host it is for, is dropped whole for one cause, or waits where nothing may be lost."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter

VARIANTS = [{"Ports": 2, "Queues": 4}, {"Ports": 1, "Queues": 4}, {"Ports": 4, "Queues": 16}]
PASS, TX, REDIRECT = 2, 3, 4
NOBODY, PORT_FULL, HOST_FULL = 5, 6, 7
HOST = "host"


def packet(rng, ports, queues, ifindexes):
    size = rng.choice([1, 1, 2, 5])
    target = rng.choice([0, 1 << 31 | rng.randrange(2 * queues), 3 << 30 | rng.getrandbits(30), rng.choice(ifindexes), rng.getrandbits(32)])
    ret = rng.choice([PASS, TX, REDIRECT, REDIRECT, 1])
    report = int(rng.chance(6))
    common = {"ret": ret, "target": target, "report": report, "port": rng.randrange(ports), "queue": rng.randrange(queues),
              "len": 64 * size - rng.randrange(64), "number": rng.getrandbits(32), "hash": rng.getrandbits(32), "flags": rng.getrandbits(8),
              "time": rng.getrandbits(64), "rows": int(report or PASS <= ret <= REDIRECT)}
    if not common["rows"]:
        size = 1
    given, row = [], 0
    while row < size:
        two = int(row + 2 <= size and rng.chance(2))
        given.append(dict(common, first=int(row == 0), last=int(row + two == size - 1), two=two, data=rng.getrandbits(1024)))
        row += 1 + two
    return given


def destination(row, queues, ifindexes):
    """HOST, or the ports by bit."""
    own = 1 << row["port"]
    if row["report"] or row["ret"] == TX:
        return own
    if row["ret"] == PASS:
        return HOST
    if row["target"] >> 30 == 3:
        return row["target"] & mask(len(ifindexes)) & ~(own if row["target"] >> 29 & 1 else 0)
    if row["target"] >> 31:
        return HOST if row["target"] & 0xff < queues else 0
    return 1 << ifindexes.index(row["target"]) if row["target"] and row["target"] in ifindexes else 0


@cocotb.test()
async def routes(dut):
    tb = Bench(dut)
    ports, queues = parameter(dut, "Ports"), parameter(dut, "Queues")
    fates = cover.point("fate", ["port", "ports", HOST, "nowhere", "port full", "one of several full", "host full", "waits for a port", "waits for the host", "no rows"])
    await tb.reset(valid=0)
    held, rows, accepted, indexes = None, [], 0, [0] * ports
    for n in range(clocks(4000)):
        if n % 400 == 0:
            lossless, host_lossless, gaps, full = tb.rng.getrandbits(ports), tb.rng.randrange(2), tb.rng.choice([1, 3]), tb.rng.choice([2, 9])
        if not rows and held is None:
            indexes = [tb.rng.choice([0, tb.rng.randrange(1, 6), tb.rng.getrandbits(31)]) for _ in range(ports)]
        if not rows:
            rows = packet(tb.rng, ports, queues, indexes)
        room = sum(int(not tb.rng.chance(full)) << p for p in range(ports))
        host_room = int(not tb.rng.chance(full))
        offered = int(gaps == 1 or not tb.rng.chance(gaps))
        inputs = {k: v for k, v in rows[0].items()} if offered else {}
        tb.set_all(valid=offered, room=room, host_room=host_room, lossless=lossless, host_lossless=host_lossless,
                   ifindexes=sum(v << 32 * p for p, v in enumerate(indexes)), **inputs)
        await tb.settle()
        move, write, host_write, lost = 1, 0, 0, 0
        tb.check("valid", int(held is not None))
        if held is not None:
            row, to = held
            if not row["rows"]:
                fates.hit("no rows")
            else:
                if row["first"]:
                    full_at = int(not host_room) if to == HOST else to & ~room
                    must = full_at & (host_lossless if to == HOST else lossless)
                    move, accepted = int(not must), 0 if must else (host_room if to == HOST else to & room)
                    if to == 0:
                        lost = NOBODY
                        fates.hit("nowhere")
                    elif must:
                        fates.hit("waits for the host" if to == HOST else "waits for a port")
                    elif full_at:
                        fates.hit("host full" if to == HOST else "one of several full" if accepted else "port full")
                        lost = HOST_FULL if to == HOST else PORT_FULL
                    else:
                        fates.hit(HOST if to == HOST else "ports" if to & (to - 1) else "port")
                if move:
                    host_write, write = (accepted, 0) if to == HOST else (0, accepted)
            tb.check("last", row["last"])
            tb.check("bytes", row["len"] % 64 if row["last"] and row["len"] % 64 else 64)
            tb.check("redirect", int(row["ret"] == REDIRECT))
            tb.check("queue", row["target"] & 0xff if row["ret"] == REDIRECT else row["queue"])
            for name in ("data", "two", "len", "port", "number", "hash", "flags", "time"):
                tb.check(name, row[name])
        tb.check("move", move)
        tb.check("write", write)
        tb.check("host_write", host_write)
        tb.check("lost", lost)
        if lost == PORT_FULL:
            tb.check("lost_port", held[1] & ~room)
        await tb.edge()
        await tb.settle()
        if move:
            held = None
            if offered:
                row = rows.pop(0)
                if row["first"]:
                    target = destination(row, queues, indexes)
                held = (row, target)
