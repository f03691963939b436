# SPDX-License-Identifier: Apache-2.0
"""pkt_write: rows of the bus go to the packet buffer in halves, in order; the last half starts the thread, a lower one a clock later."""
from collections import deque

import cover
from bench import Bench, clocks, cocotb, mask
from spec import CONSTS

FIRST, HALF, DEPTH = CONSTS["HEADROOM"] // CONSTS["ROW_BYTES"], CONSTS["ROW_BYTES"], CONSTS["ROW_FIFO"]
FIELDS = ["last", "data", "place", "thread", "len", "port"]


def frame(rng):
    """Rows of a frame whose length is often at the edge of a half or of a row."""
    length = rng.choice([1, 31, 32, 33, 63, 64, 65, 96, 97, 128, rng.randrange(1, CONSTS["FRAME_MAX"] + 1)])
    rows = (length + 63) // 64
    side = [rng.randrange(16), length, rng.randrange(2)]
    return [(int(i + 1 == rows), rng.getrandbits(512), i, *side) for i in range(rows)]


@cocotb.test()
async def writes(dut):
    tb = Bench(dut)
    ends = cover.cross("half of the last row, rows", ["lower", "upper"], ["one", "more"])
    waits = cover.cross("somebody else's, half", [False, True], ["lower", "upper"])
    fills = cover.point("rows waiting", ["none", "one", "more", "full"])
    await tb.reset(valid=0, busy=0, asked=0)
    stands = cover.flags("the thread's last packet is still to be read")
    queue, coming, upper, left, late = deque(), [], 0, 0, None
    for n in range(clocks(12000)):
        if n % 250 == 0:
            idle, busier = tb.rng.choice([1, 2, 6]), tb.rng.choice([0, 0, 2, 8])
        fills.hit(["none", "one", "more"][min(len(queue), 2)] if len(queue) < DEPTH else "full")
        if not coming:
            coming = frame(tb.rng)
        push = len(queue) < DEPTH and tb.rng.randrange(idle) == 0
        busy = int(busier > 0 and tb.rng.randrange(10) < busier)
        asked = tb.rng.getrandbits(16) & tb.rng.getrandbits(16) & tb.rng.getrandbits(16) if busier else 0
        tb.set_all(valid=int(push), busy=busy, asked=asked, **(dict(zip(FIELDS, coming[0])) if push else {}))
        await tb.settle()
        tb.check("left", left)
        here = bool(queue) and asked >> queue[0][3] & 1
        stands.hit(bool(here))
        write = bool(queue) and not busy and not here
        tb.check("write", int(write))
        tb.check("wait", int(bool(queue) and not write))
        left, starts, late = 0, late, None
        if queue:
            waits.hit((bool(busy), "upper" if upper else "lower"))
        if write:
            last, data, place, thread, length, port = queue[0]
            tb.check("thread", thread)
            tb.check("row", FIRST + 2 * place + upper)
            tb.check("data", data >> 8 * HALF * upper & mask(8 * HALF))
            done = upper or (last and 0 < length % 64 <= HALF)
            if done and last:
                ends.hit(("upper" if upper else "lower", "more" if place else "one"))
                if upper:
                    assert starts is None
                    starts = thread, length, port
                else:
                    late = thread, length, port
            left, upper = int(done), int(not done)
            if done:
                queue.popleft()
        tb.check("start", int(starts is not None))
        if starts:
            for name, want in zip(("start_thread", "len", "port"), starts):
                tb.check(name, want)
        if push:
            queue.append(coming.pop(0))
        await tb.edge()
        await tb.settle()
