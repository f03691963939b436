# SPDX-License-Identifier: Apache-2.0
"""map_entry: the first and last entry, beside them, between, and misaligned."""
import cover
from bench import Bench, clocks, cocotb, mask


@cocotb.test()
async def entries(dut):
    tb = Bench(dut, clock=False)
    seen = cover.point("place", [("inside", False), ("inside", True), ("outside", False)])
    for _ in range(clocks(2000)):
        first = 8 * tb.rng.randrange(1 << tb.rng.randrange(1, 29))
        last = min(first + 8 * tb.rng.randrange(1 << tb.rng.randrange(1, 20)), mask(32) & ~7)
        entry = tb.rng.choice([first, last, first - 8, last + 8, first - 1, last + 1, tb.rng.randrange(first, last + 8), tb.rng.getrandbits(32)])
        entry = (entry ^ tb.rng.choice([0, 0, 1, 4])) & mask(32)
        tb.set(entry=entry, first=first, last=last)
        await tb.settle()
        inside = first <= entry <= last
        tb.check("ok", int(inside and entry % 8 == 0), f"{entry:#x} in {first:#x} .. {last:#x}")
        seen.hit(("inside" if inside else "outside", inside and entry % 8 == 0))
