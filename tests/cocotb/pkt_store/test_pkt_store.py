# SPDX-License-Identifier: Apache-2.0
"""pkt_store: committed rows come out in order, two clocks after their commit at the earliest; rows taken back never do; one or two come in
a clock."""
import cover
from bench import Bench, clocks, cocotb, parameter

VARIANTS = [{"Width": 16, "Rows": 8}, {"Width": 600, "Rows": 64}, {"Width": 16, "Rows": 8, "Two": 1}, {"Width": 600, "Rows": 64, "Two": 1}]


@cocotb.test()
async def keeps_whole_frames(dut):
    tb = Bench(dut)
    width, rows = parameter(dut, "Width"), parameter(dut, "Rows")
    small, pairs = rows == 8, parameter(dut, "Two")
    ends = cover.cross("a frame ends, how full, rows of it", ["commit", "rollback"], ["full", "not"], ["one", "more"])
    writes = cover.cross("rows written at once, the first at an odd place", [1, 2], [0, 1]) if pairs else None
    heads = cover.point("taken", ["the only row", "a row of several", "nothing there"])
    await tb.reset(write=0, commit=0, rollback=0, take=0)
    stored, frame, shown, slow, place = [], [], False, 2, 0       # committed rows, rows since the last commit; where the next one goes
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
        new = [tb.rng.getrandbits(width) for _ in range(2 if pairs and used + 2 <= rows and tb.rng.chance(2) else 1)]
        commit = write and tb.rng.chance(4)
        # Back out, when nothing is committed: with this row or without one.
        rollback = not commit and bool(frame or write) and (tb.rng.chance(8) or (not write and len(frame) == rows))
        now = len(stored)
        extra = {"two": len(new) - 1, **({"more": new[1]} if len(new) == 2 else {})} if pairs else {}
        await tb.step(write=int(write), row=new[0], **extra, commit=int(commit), rollback=int(rollback), take=int(take))
        heads.hit("nothing there" if not take else "the only row" if len(stored) == 1 else "a row of several")
        if take:
            stored.pop(0)
        shown = now - int(take) > 0
        if write:
            frame += new
            if pairs:
                writes.hit((len(new), place % 2))
        place += len(new) if write else 0
        if (commit or rollback) and small:
            ends.hit(("commit" if commit else "rollback", "full" if used + len(new) * int(write) == rows else "not",
                      "one" if len(frame) == 1 else "more"))
        if commit:
            stored += frame
        if rollback:
            place -= len(frame)
        if commit or rollback:
            frame = []
