# SPDX-License-Identifier: Apache-2.0
"""pkt_host: whole frames come out as they went in, each row with its meta; room is promised for a longest frame."""
from collections import deque

import cover
from bench import Bench, clocks, cocotb
from rows import two_rows
from spec import CONSTS

VARIANTS = [{"Meta": 8}, {"Meta": 300}]
ROWS, FRAME_ROWS = CONSTS["STORE_ROWS"], CONSTS["LEN_MAX"] // CONSTS["BEAT_BYTES"]


@cocotb.test()
async def keeps(dut):
    tb = Bench(dut)
    width = tb.widths["meta"]
    rooms = cover.cross("room, the host takes", [False, True], [False, True])
    sizes = cover.point("frame", ["one row", "some", "longest"])
    empties = cover.flags("empty")
    pairs = cover.point("rows that come at once", [1, 2])
    await tb.reset(write=0, ready=0)
    stored, written, coming, shown = deque(), [], [], False
    for n in range(clocks(8000)):
        if n % 400 == 0:
            slow, rate = tb.rng.choice([1, 2, 10]), tb.rng.choice([1, 1, 4])
        still = n % 4000 >= 2200
        used = len(stored) + len(written)
        room = used <= ROWS - FRAME_ROWS
        ready = int(not still and tb.rng.randrange(slow) == 0)
        # A frame begins only when a longest one has room.
        if not coming and room and tb.rng.randrange(rate) == 0:
            size = tb.rng.choice([1, 1, tb.rng.randrange(2, FRAME_ROWS), FRAME_ROWS])
            sizes.hit("one row" if size == 1 else "longest" if size == FRAME_ROWS else "some")
            meta = tb.rng.getrandbits(width)
            coming = [(tb.rng.getrandbits(512), int(i + 1 == size), 64 if i + 1 < size else tb.rng.randrange(1, 65), meta) for i in range(size)]
        write = bool(coming) and not tb.rng.chance(5)
        pair = coming[:2 if tb.rng.chance(2) else 1] if write else []
        tb.set_all(write=int(write), ready=ready, **(two_rows(tb.rng, pair) | {"meta": pair[0][3]} if write else {}))
        await tb.settle()
        tb.check("room", int(room))
        tb.check("empty", int(used == 0))
        tb.check("valid", int(shown))
        rooms.hit((room, bool(shown and ready)))
        empties.hit(used == 0)
        before = len(stored)
        if shown:
            for name, want in zip(("data", "last", "bytes", "meta"), stored[0]):
                tb.check(name, want)
            if ready:
                stored.popleft()
        # A row that is committed in a clock is shown two later.
        shown = before > before - len(stored)
        if write:
            pairs.hit(len(pair))
            written += pair
            coming = coming[len(pair):]
            if written[-1][1]:
                stored.extend(written)
                written = []
        await tb.edge()
        await tb.settle()
