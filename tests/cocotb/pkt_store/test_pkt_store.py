# SPDX-License-Identifier: Apache-2.0
"""pkt_store: committed rows come out in order, two clocks after their commit at the earliest; rows taken back never do."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Width": 16, "Rows": 8}, {"Width": 600, "Rows": 64}]


@cocotb.test()
async def keeps_whole_frames(dut):
    tb = Bench(dut)
    width, rows = parameter(dut, "Width"), parameter(dut, "Rows")
    small = rows == 8
    ends = cover.cross("a frame ends, how full, rows of it", ["commit", "rollback"], ["full", "not"], ["one", "more"])
    heads = cover.point("taken", ["the only row", "a row of several", "nothing there"])
    await tb.reset(write=0, commit=0, rollback=0, take=0)
    stored, frame, shown, slow = [], [], False, 2       # committed rows, rows since the last commit
    for n in range(clocks(4000)):
        if n % 200 == 0:
            slow = tb.rng.choice([1, 2, 5])
        used = len(stored) + len(frame)
        tb.check("used", used)
        tb.check("valid", int(shown))
        if shown:
            tb.check("row", stored[0])
        take = shown and tb.rng.chance(slow)
        write = used < rows and not tb.rng.chance(4)
        row = tb.rng.getrandbits(width)
        commit = write and tb.rng.chance(4)
        # Back out, when nothing is committed: with this row or without one.
        rollback = not commit and bool(frame or write) and (tb.rng.chance(8) or (not write and len(frame) == rows))
        now = len(stored)
        await tb.step(write=int(write), row=row, commit=int(commit), rollback=int(rollback), take=int(take))
        heads.hit("nothing there" if not take else "the only row" if len(stored) == 1 else "a row of several")
        if take:
            stored.pop(0)
        shown = now - int(take) > 0
        if write:
            frame.append(row)
        if (commit or rollback) and small:
            ends.hit(("commit" if commit else "rollback", "full" if used + int(write) == rows else "not",
                      "one" if len(frame) == 1 else "more"))
        if commit:
            stored += frame
        if commit or rollback:
            frame = []
