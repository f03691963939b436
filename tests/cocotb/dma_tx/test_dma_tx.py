# SPDX-License-Identifier: Apache-2.0
"""dma_tx: a frame's descriptors become bursts that end at 4 KiB; a frame begins only when its rows can be promised; what can't be is skipped."""
import cover
from bench import Bench, clocks, cocotb, parameter
from spec import CONSTS

VARIANTS = [{"Queues": 4, "Ports": 2}, {"Queues": 2, "Ports": 3}]
FRAME, SEGMENTS, PAGE = CONSTS["FRAME_MAX"], CONSTS["TX_SEGMENTS"], 4096


def frame_of(rng, ports):
    """Descriptors (addr, len, eop, port), sometimes such that can't be."""
    kind = rng.choice(["good"] * 6 + ["no port", "another port", "empty", "too long", "too many"])
    count = SEGMENTS + 2 if kind == "too many" else rng.choice([1, 1, 2, 3, 16])
    port, left, frame = rng.randrange(ports), rng.choice([60, 64, FRAME, rng.randrange(count, FRAME + 1)]), []
    for i in range(count):
        size = left if i + 1 == count and kind != "too many" else max(1, min(left - (count - i - 1), rng.randrange(1, 200)))
        addr = rng.getrandbits(50) << 12 | rng.choice([rng.randrange(PAGE), PAGE - rng.randrange(1, 200), 64 * rng.randrange(64)])
        frame.append([addr, size, int(i + 1 == count), port])
        left -= size
    wrong = rng.choice(frame)
    if kind == "no port":
        wrong[3] = rng.choice([ports, 255])
    elif kind == "another port":
        wrong[3] = (port + 1) % ports
    elif kind == "empty":
        wrong[1] = 0
    elif kind == "too long":
        wrong[1] = rng.choice([FRAME + 1, 65535])
    return frame


class Walk:
    """What is asked for next, descriptor by descriptor."""

    def __init__(self, ports):
        self.ports = ports
        self.end()

    def end(self):
        self.queue, self.port, self.total, self.segments, self.promised, self.rest, self.skips = None, None, 0, 0, 0, None, False

    def expect(self, desc):
        """(what the request must be, descriptor used?)"""
        addr, size, eop, port = desc
        if self.skips:
            return {"rows": 0, "abort": 0, "done": 1, "eop": 0}, "skipped"
        if self.rest:
            start, size = self.rest
            return {"line": start >> 6, "rows": (size + 63) // 64, "start": 0, "bytes": size, "eop": eop, "abort": 0, "done": 1, "port": self.port,
                    "promised": self.promised}, "second part"
        legal = 0 < size <= FRAME and self.total + size <= FRAME and self.segments < SEGMENTS and \
            (port < self.ports if self.port is None else port == self.port)
        if not legal:
            return {"rows": 0, "abort": 1, "done": 1, "eop": 0}, "illegal"
        head = min(size, PAGE - addr % PAGE)
        if self.port is None:
            self.promised = (size + 63) // 64 if eop else FRAME // 64
        return {"line": addr >> 6, "rows": (addr % 64 + head + 63) // 64, "start": addr % 64, "bytes": head, "eop": int(eop and head == size),
                "abort": 0, "done": int(head == size), "port": port, "promised": self.promised}, "whole" if head == size else "first part"

    def step(self, desc, what):
        addr, size, eop, port = desc
        if what in ("whole", "first part"):
            self.port, self.total, self.segments = port, self.total + size, self.segments + 1
            head = PAGE - addr % PAGE
            self.rest = (addr + head, size - head) if what == "first part" else None
        elif what == "second part":
            self.rest = None
        elif what == "illegal":
            self.skips = True
        if eop and what != "first part":
            self.end()


@cocotb.test()
async def walks(dut):
    tb = Bench(dut)
    queues, ports = parameter(dut, "Queues"), parameter(dut, "Ports")
    kinds = cover.point("descriptor", ["whole", "first part", "second part", "illegal", "skipped"])
    lost = cover.flags("the ring goes off in a frame")
    rooms = cover.flags("no room for the frame")
    await tb.reset(stop=0, on=0, have=0, req_ready=0, room=0)
    rings, on, walk, idle = [[] for _ in range(queues)], [True] * queues, Walk(ports), 0
    room, csum = [128] * ports, None
    for n in range(clocks(8000)):
        for ring in rings:
            if len(ring) < 4 and tb.rng.chance(4):
                ring += frame_of(tb.rng, ports)
        for q in range(queues):
            if tb.rng.chance(600 if on[q] else 5):
                on[q] = not on[q]
                rings[q] = rings[q] if on[q] else []
        if n % 50 == 0:
            room = [tb.rng.choice([128, 128, 24, 5, 0]) for _ in range(ports)]
        have = [on[q] and bool(rings[q]) and (walk.queue == q or not tb.rng.chance(3)) for q in range(queues)]
        tb.set_all(stop=0, on=sum(o << q for q, o in enumerate(on)), have=sum(h << q for q, h in enumerate(have)),
                   room=sum(r << 8 * p for p, r in enumerate(room)), req_ready=int(not tb.rng.chance(3)), desc=0)
        await tb.settle()
        queue = tb.get("queue")
        desc = rings[queue][0] if rings[queue] else [0, 0, 0, 0]
        word = desc[0] | desc[1] << 64 | desc[2] << 80 | desc[3] << 88 | tb.rng.getrandbits(32) << 96 | tb.rng.getrandbits(7) << 81
        tb.set(desc=word)
        await tb.settle()
        go = tb.get("req_valid") and tb.last["req_ready"]
        take, promise, bad = tb.get("take"), tb.get("promise"), tb.get("bad")
        if tb.get("req_valid"):
            tb.check("req_queue", queue)
            idle = 0
            assert walk.queue in (None, queue), f"clock {tb.clocks}: queue {queue} in a frame of {walk.queue}"
        else:
            idle += any(have)
            idle = 0 if any(r < 24 for r in room) else idle
            assert idle < 60, f"clock {tb.clocks}: nothing is asked for"
        if go and not on[queue]:
            tb.check("req_abort", 1)
            tb.check("req_rows", 0)
            tb.check("req_done", 0)
            tb.check("take", 0)
            walk.end()
            lost.hit(True)
        elif go:
            begins = walk.queue is None
            want, what = walk.expect(desc)
            for field, value in want.items():
                tb.check(f"req_{field}", value, f"{what} {desc}")
            if begins:      # the frame's first descriptor says it for all
                csum = (word >> 81 & 1) << 22 | (word >> 112 & 2047) << 11 | word >> 96 & 2047
            if want["rows"]:
                tb.check("req_csum", csum)
            tb.check("bad", int(what == "illegal"))
            tb.check("take", want["done"])
            starts = begins and what in ("whole", "first part")
            tb.check("promise", int(starts))
            if starts:
                tb.check("promise_rows", want["promised"])
                assert room[desc[3]] >= want["promised"], f"clock {tb.clocks}: {want['promised']} rows promised of {room[desc[3]]}"
            kinds.hit(what)
            lost.hit(False)
            walk.queue = queue
            walk.step(desc, what)
            if want["done"]:
                rings[queue].pop(0)
        else:
            assert not (take or promise or bad), f"clock {tb.clocks}: something is done without a request"
        if walk.queue is not None and not on[walk.queue] and walk.skips:
            walk.end()
        rooms.hit(walk.queue is None and any(have) and min(room) == 0)
        await tb.edge()
