# SPDX-License-Identifier: Apache-2.0
"""pkt_write: rows of the bus go to the packet buffer in halves, in order; the last half starts the thread."""
from collections import deque

import cover
from bench import Bench, clocks, cocotb, mask
from spec import CONSTS

FIRST, HALF, DEPTH = CONSTS["HEADROOM"] // CONSTS["ROW_BYTES"], CONSTS["ROW_BYTES"], CONSTS["ROW_FIFO"]
FIELDS = ["last", "data", "place", "thread", "len", "port", "queue"]


def frame(rng):
    """Rows of a frame whose length is often at the edge of a half or of a row."""
    length = rng.choice([1, 31, 32, 33, 63, 64, 65, 96, 97, 128, rng.randrange(1, CONSTS["FRAME_MAX"] + 1)])
    rows = (length + 63) // 64
    side = [rng.randrange(16), length, rng.randrange(2), rng.getrandbits(8)]
    return [(int(i + 1 == rows), rng.getrandbits(512), i, *side) for i in range(rows)]


@cocotb.test()
async def writes(dut):
    tb = Bench(dut)
    ends = cover.cross("half of the last row, rows", ["lower", "upper"], ["one", "more"])
    waits = cover.cross("somebody else's, half", [False, True], ["lower", "upper"])
    fills = cover.point("rows waiting", ["none", "one", "more", "full"])
    await tb.reset(valid=0, busy=0)
    queue, coming, upper, left = deque(), [], 0, 0
    for n in range(clocks(12000)):
        if n % 250 == 0:
            idle, busier = tb.rng.choice([1, 2, 6]), tb.rng.choice([0, 0, 2, 8])
        fills.hit(["none", "one", "more"][min(len(queue), 2)] if len(queue) < DEPTH else "full")
        if not coming:
            coming = frame(tb.rng)
        push = len(queue) < DEPTH and tb.rng.randrange(idle) == 0
        busy = int(busier > 0 and tb.rng.randrange(10) < busier)
        tb.set_all(valid=int(push), busy=busy, **(dict(zip(FIELDS, coming[0])) if push else {}))
        await tb.settle()
        tb.check("left", left)
        write = bool(queue) and not busy
        tb.check("write", int(write))
        tb.check("wait", int(bool(queue) and busy))
        left = 0
        if queue:
            waits.hit((bool(busy), "upper" if upper else "lower"))
        if write:
            last, data, place, thread, length, port, number = queue[0]
            tb.check("thread", thread)
            tb.check("row", FIRST + 2 * place + upper)
            tb.check("data", data >> 8 * HALF * upper & mask(8 * HALF))
            done = upper or (last and 0 < length % 64 <= HALF)
            tb.check("start", int(done and last))
            if done and last:
                ends.hit(("upper" if upper else "lower", "more" if place else "one"))
                tb.check("len", length)
                tb.check("port", port)
                tb.check("queue", number)
            left, upper = int(done), int(not done)
            if done:
                queue.popleft()
        else:
            tb.check("start", 0)
        if push:
            queue.append(coming.pop(0))
        await tb.edge()
        await tb.settle()
