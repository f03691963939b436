# SPDX-License-Identifier: Apache-2.0
"""pkt_slots: a tile is open, a clock later, when it is on, has an idle context that may be used, and room for a longest frame."""
import cover
from bench import Bench, clocks, cocotb, mask, parameter
from spec import CONSTS

VARIANTS = [{"Threads": 16, "TW": 4}, {"Threads": 2, "TW": 1}]
FRAME_ROWS = CONSTS["FRAME_MAX"] // CONSTS["BEAT_BYTES"]
ROOM = CONSTS["ROW_FIFO"] - FRAME_ROWS


@cocotb.test()
async def opens(dut):
    tb = Bench(dut)
    threads = parameter(dut, "Threads")
    closed = cover.point("open, or closed because", ["open", "off", "no context", "no room", "a row is taken"])
    await tb.reset(row=0, first=0, left=0, free=0)
    idle, rows, busy, left_of_frame, is_open, thread, last = mask(threads), 0, [], 0, False, 0, -1
    below, on, drain = mask(threads), 1, 2
    for n in range(clocks(4000)):
        if n % 100 == 0:
            below = mask(tb.rng.choice([threads, 1, tb.rng.randrange(threads + 1)]))
            on, drain = int(not tb.rng.chance(5)), tb.rng.choice([1, 2, 8])
        tb.check("idle", idle)
        tb.check("open", int(is_open))
        if is_open:
            tb.check("thread", thread)
        # A frame begins when the tile is open; its rows follow without a gap.
        first = left_of_frame == 0 and is_open and not tb.rng.chance(4)
        if first:
            left_of_frame = tb.rng.choice([1, 2, FRAME_ROWS])
        row = left_of_frame > 0
        left = rows > 0 and tb.rng.chance(drain)
        free = bool(busy) and tb.rng.chance(3)
        which = tb.rng.choice(busy) if free else 0
        usable = (idle | int(free) << which) & below
        reason = ("off" if not on else "no context" if not usable else "no room" if rows > ROOM else "a row is taken" if row else "open")
        values = {"free_thread": which} if free else {}
        await tb.step(on=on, below=below, row=int(row), first=int(first), left=int(left), free=int(free), **values)
        closed.hit(reason)
        if free:
            busy.remove(which)
            idle |= 1 << which
        if first:
            busy.append(thread)
            idle &= ~(1 << thread)
            last = thread
        is_open = reason == "open"
        want = usable & ~mask(last + 1) or usable
        thread = (want & -want).bit_length() - 1 if want else 0
        rows += int(row) - int(left)
        left_of_frame -= int(row)
